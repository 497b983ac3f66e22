"""Ledgers with invoices in them, a clock that the test turns, and a service that takes invoices as badly as services do."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.references import kind
from invoice_rules.results import Answer, Entry, Receipt, Result, Send, State
from invoice_rules.rulesets import rule_set
from invoice_rules.store import Ledger, Store, commit, preview_list, save_lists
from tests.store.making import imported, rows_of

RULES = "paystand.receivables"
OK = Answer(200, b'{"Status": "OK"}')


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.at = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


def ledger(store: Store, clock: Clock | None = None, tenant: str = "demo", **options: Any) -> Ledger:
    return store.ledger("xero", tenant, clock=clock or Clock(), **{"user": "ada", **options})


def found(store: Store, count: int = 3, clock: Clock | None = None) -> tuple[Ledger, list[int]]:
    """So many receivables, imported and found; (ledger, numbers of the entries)."""
    imported(store, rows_of(range(count)))
    made = ledger(store, clock)
    assert made.find(RULES) == count
    return made, [entry.id for entry in made.entries()]


def ready(store: Store, count: int = 3, clock: Clock | None = None) -> tuple[Ledger, list[int]]:
    """The same, judged to be ready."""
    made, ids = found(store, count, clock)
    approve(made)
    return made, ids


def autotask(store: Store, documents: Sequence[Mapping[str, Any]]) -> Receipt:
    """Invoices of Autotask with their `lines` into a store, also those that it has marked; they are updated where they are there."""
    rules = dataclasses.replace(rule_set("autotask.invoices"), existing="update")
    currencies = examine(("currencies.csv", b"From,To\nUSD,USD\n"), kind("currencyMap"), context=store.context())
    save_lists([preview_list(currencies, store)], store)
    content = json.dumps(list(documents)).encode()
    report = examine(("autotask.json", content), rules, settings={"currency": "USD", "processed": "include"}, context=store.context())
    made = commit(plan(report, store, user="ada"))
    assert made.counts["rejected"] == 0, list(report.problems)
    return made


def approve(made: Ledger) -> None:
    """All that have not left are ready, their number that of the invoice."""
    entries = made.entries(State.FOUND)
    made.judge({entry.id: (State.READY, "") for entry in entries}, {entry.id: f"N-{entry.key}" for entry in entries})


def begun(store: Store, count: int = 3, clock: Clock | None = None, key: str = "key-1") -> tuple[Ledger, list[int], Send]:
    """The same, written down as one request that is about to leave."""
    made, ids = ready(store, count, clock)
    send = made.begin(ids, key, b"the body")
    assert send is not None
    return made, ids, send


def sent(store: Store, count: int = 3, clock: Clock | None = None) -> tuple[Ledger, list[int]]:
    """The same, and the service said yes."""
    made, ids, send = begun(store, count, clock)
    made.answered(send.id, yes(ids), OK)
    return made, ids


def yes(ids: Iterable[int]) -> dict[int, Result]:
    return {number: Result(State.SENT, remote=f"remote-{number}") for number in ids}


def states(made: Ledger) -> dict[int, State]:
    """entry -> where it is."""
    return {entry.id: entry.state for entry in made.entries()}


def of(made: Ledger, number: int) -> Entry:
    return next(entry for entry in made.entries() if entry.id == number)


def notes(made: Ledger, number: int) -> list[tuple[str, str, str]]:
    """(from, to, note) of all that happened to an entry."""
    return [(line["from"], line["to"], line["note"]) for line in made.raw(number)]


@dataclass
class Service:
    """A service that takes every request but may lose the answer, or be late; like Xero it does not look at numbers for us.

    A request that is on its way arrives `late` seconds after it left, though the answer is given up before. `invoices` are (entry, key) in order.
    """

    clock: Clock
    invoices: list[tuple[int, str]] = field(default_factory=list)
    coming: list[tuple[dt.datetime, Send]] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)

    def takes(self, send: Send, late: float = 0) -> None:
        """A request leaves for it."""
        assert self.keys.setdefault(send.key, send.body) == send.body, "another body under the same key"
        self.coming.append((self.clock.at + dt.timedelta(seconds=late), send))
        self.arrive()

    def arrive(self) -> None:
        """What is on its way and has had its time is there."""
        due = [send for at, send in self.coming if at <= self.clock.at]
        self.coming = [(at, send) for at, send in self.coming if at > self.clock.at]
        for send in due:
            self.invoices += [(number, send.key) for number in send.entries]

    def has(self, entries: Sequence[Entry]) -> dict[int, Result]:
        """What it says when it is asked."""
        self.arrive()
        there = {number for number, _ in self.invoices}
        return {entry.id: Result(State.SENT, remote=f"remote-{entry.id}") if entry.id in there else Result(State.READY) for entry in entries}
