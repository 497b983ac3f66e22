"""Programs that send at the same time, and programs that are killed while they send: every invoice is there once, and known to be (S2-43, S4-17)."""

import os
import random
import signal
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from invoice_rules.results import Result, State
from invoice_rules.store import Ledger, check, open_store
from tests.store.children import Say, all_of
from tests.store.making import imported, rows_of
from tests.store.sending import OK, RULES, Clock, approve, ledger, ready, yes

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

COUNT = 12
QUIET = 120


def deliver(made: Ledger, service: Path, ids: list[int], say: Say, key: str = "") -> bool:
    """One request, if it may leave: the service appends what it takes to a file, one line an invoice."""
    send = made.begin(ids, key or uuid.uuid4().hex, str(ids).encode())
    if send is None:
        return False
    with service.open("a") as taken:
        taken.write("".join(f"{number} {send.key}\n" for number in send.entries))
    say(f"LEFT {send.id}")
    made.answered(send.id, yes(send.entries), OK)
    return True


def sends_all(url: str, service: Path, seed: int) -> Callable[[Say], None]:
    """One of several programs that all want to send the same invoices, a few at a time and each in its own order."""

    def act(say: Say) -> None:
        made, chance = open_store(url, patience=60).ledger("xero", "demo"), random.Random(seed)
        while waiting := [entry.id for entry in made.entries(State.READY)]:
            deliver(made, service, chance.sample(waiting, min(3, len(waiting))), say)

    return act


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.nightly)])
def test_four_programs_send_each_invoice_once(url, rounds, tmp_path):
    store = open_store(url)
    ready(store, COUNT * rounds)
    service = tmp_path / "service"
    with all_of(*[sends_all(url, service, seed) for seed in range(4)]) as programs:
        assert [program.end()[-1] for program in programs] == ["DONE"] * 4
    assert sorted(int(line.split()[0]) for line in service.read_text().splitlines()) == list(range(1, COUNT * rounds + 1))
    assert ledger(store).counts() == {State.SENT: COUNT * rounds}
    assert check(store) == []


def test_one_request_of_four_leaves(url, tmp_path):
    """All of them want the very same rows at the very same time."""
    store = open_store(url)
    _, ids = ready(store, 3)
    service = tmp_path / "service"
    acts = [lambda say, key=f"key-{n}": say(f"BEGUN {deliver(open_store(url, patience=60).ledger('xero', 'demo'), service, ids, say, key)}") for n in range(4)]
    with all_of(*acts) as programs:
        told = sorted(line for program in programs for line in program.end() if line.startswith("BEGUN"))
    assert told == ["BEGUN False"] * 3 + ["BEGUN True"]
    assert len(service.read_text().splitlines()) == 3


def a_day(url: str, service: Path, where: int) -> Callable[[Say], None]:
    """Find, judge, send in parts, mark; killed before the statement or the COMMIT that is told, 0 for never."""

    def act(say: Say) -> None:
        store, clock, passed = open_store(url), Clock(), iter(range(1, 10_000))

        def die(*_: object) -> None:
            if next(passed) == where:
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(store.engine, "before_cursor_execute", die)
        sa.event.listen(store.engine, "commit", die)
        run(ledger(store, clock), service, say)
        say(f"STEPS {next(passed) - 1}")

    return act


def run(made: Ledger, service: Path, say: Say) -> None:
    made.find(RULES)
    approve(made)
    waiting = [entry.id for entry in made.entries(State.READY)]
    for start in range(0, len(waiting), 4):
        deliver(made, service, waiting[start : start + 4], say)
    made.marked([entry.id for entry in made.mark([entry.id for entry in made.entries(State.SENT, State.MARKING)], "2026-11-22")])


def recovered(url: str, service: Path) -> Ledger:
    """The next start: after the quiet period the service is asked, then the day goes on."""
    store, clock = open_store(url), Clock()
    clock.turn(QUIET + 1)
    made = ledger(store, clock)
    there = taken(service)
    made.settled({entry.id: yes([entry.id])[entry.id] if entry.id in there else Result(State.READY) for entry in made.overdue(QUIET)})
    for send in {entry.send for entry in made.entries(State.READY)} - {None}:
        again = made.resend(send)
        assert again is not None
        with service.open("a") as file:
            file.write("".join(f"{number} {again.key}\n" for number in again.entries))
        made.answered(again.id, yes(again.entries), OK)
    run(made, service, lambda line: None)
    return made


def taken(service: Path) -> list[int]:
    """The entries that the service has, as often as it has them."""
    return [int(line.split()[0]) for line in service.read_text().splitlines()] if service.exists() else []


@pytest.mark.parametrize("kills", [6, pytest.param(200, marks=pytest.mark.nightly)])
def test_killed_anywhere_it_is_there_once_and_marked(kills, tmp_path, request):
    """Also between the commit of a request and its leaving, and between its arrival and the commit of the answer."""
    steps, seen = _steps(tmp_path), set()
    for turn, where in enumerate(random.Random(8).sample(range(2, steps), min(kills, steps - 2))):
        url, service = str(tmp_path / f"{turn}.sqlite"), tmp_path / f"service {turn}"
        imported(open_store(url), rows_of(range(COUNT)))
        with all_of(a_day(url, service, where)) as (program,):
            program.end()
        assert program.ended_by == signal.SIGKILL
        assert check(open_store(url)) == []
        seen |= set(open_store(url).ledger("xero", "demo").counts())
        made = recovered(url, service)
        assert sorted(taken(service)) == list(range(1, COUNT + 1)), (where, taken(service))
        assert made.counts() == {State.DONE: COUNT}
        assert check(made.store) == []
    assert State.SENDING in seen


def _steps(folder: Path) -> int:
    url = str(folder / "calibrate.sqlite")
    imported(open_store(url), rows_of(range(COUNT)))
    with all_of(a_day(url, folder / "calibrate", 0)) as (program,):
        told = program.end()
    return int(next(line for line in told if line.startswith("STEPS")).split()[1])


@pytest.mark.parametrize("where", [60, 90])
def test_killed_on_a_server(server, where, tmp_path):
    url, service = server.database(), tmp_path / "service"
    imported(open_store(url), rows_of(range(COUNT)))
    with all_of(a_day(url, service, where)) as (program,):
        program.end()
    assert program.ended_by == signal.SIGKILL
    made = recovered(url, service)
    assert sorted(taken(service)) == list(range(1, COUNT + 1))
    assert made.counts() == {State.DONE: COUNT}
    assert check(made.store) == []
