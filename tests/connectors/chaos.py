"""Autotask to Xero in processes that are killed at any moment, on lines that break: what is there twice, missing or not marked in the end?

Xero is localstack-xero behind its own description (xeroserver.py), which keeps whatever it is sent as often as it is sent; Autotask is WireMock, whose
journal has every mark. A trial kills up to four processes, then lets others work in peace until nothing is left to do.
"""

import datetime as dt
import json
import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from invoice_rules.connectors.autotask import Autotask, AutotaskMarker
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.failures import Lost
from invoice_rules.connectors.http import Session
from invoice_rules.connectors.sending import Sending
from invoice_rules.connectors.xero import Xero
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.errors import CannotRun
from invoice_rules.results import Entry, State
from invoice_rules.store import open_store
from tests.connectors import autotaskdata
from tests.connectors.scripted import autotask_invoice, import_invoices
from tests.connectors.wiremock import EMPTY, RESET, WireMock, answer, asked
from tests.connectors.xerocases import Bearer
from tests.connectors.xeroserver import TENANT, Fault, XeroServer
from tests.store.children import Child, Say

QUIET = 120.0
COUNT, BATCH = 12, 3
WORDS = ("PREPARED", "LEAVING", "LEAVING", "LEFT", "LEFT", "KEPT", "MARKING", "MARKED")
"""After which word of a process the moment is chosen."""

BROKEN = (
    {"close": "drop"}, {"close": "reset"}, {"close": "half"}, {"status": 500}, {"body": "<html>Bad gateway</html>"}, {"status": 503, "body": "", "commit": False},
    {"close": "drop", "commit": False}, {"status": 429, "commit": False, "headers": {"Retry-After": "7"}}, {"body": '{"Invoices": []}'}, {"after": 0.02},
)  # fmt: skip
"""What may happen to a request that creates invoices: taken or not, and the answer lost in some way."""


class Later(Clock):
    """The clock of a process that starts so many seconds later; nobody waits in truth."""

    def __init__(self, seconds: float = 0):
        self.ahead = seconds

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(seconds=self.ahead)

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds


@dataclass(frozen=True)
class Outcome:
    """What a trial ended with: how many processes it killed, and numbers that are there twice, not there, or not marked in Autotask."""

    kills: int
    twice: tuple[str, ...]
    missing: tuple[str, ...]
    unmarked: tuple[str, ...]
    states: Counter[State]

    @property
    def good(self) -> bool:
        return not (self.twice or self.missing or self.unmarked) and set(self.states) <= {State.DONE}


class Chaos:
    """A Xero and an Autotask, and books with invoices and a credit note that are on their way from one to the other."""

    def __init__(self, folder: Path, xero: XeroServer, wiremock: WireMock, count: int = COUNT, batch: int = BATCH):
        self.folder, self.xero, self.wiremock, self.batch = folder, xero, wiremock, batch
        self.invoices = [autotask_invoice(number) for number in range(1, count)] + [_credit(count)]
        self.base = folder / "base.sqlite"
        import_invoices(open_store(self.base), self.invoices)
        self.file = folder / "store.sqlite"
        self.done = folder / "done.json"
        self.ahead = 0.0

    def fresh(self) -> None:
        """Nothing was sent yet, and every company has its contact."""
        self.xero.reset()
        for company in range(3):
            self.xero.contact(f"Company {company}", ContactNumber=str(500 + company))
        self.wiremock.clear()
        unmarked = [autotaskdata.invoice(int(str(one["invoiceId"])), int(str(one["companyId"]))) for one in self.invoices]
        self.wiremock.stub(asked("POST", autotaskdata.path("Invoices") + "/query"), answer(body=autotaskdata.page(unmarked)))
        self.wiremock.stub(asked("PATCH", autotaskdata.path("Invoices")), _PATCHED)
        shutil.copy(self.base, self.file)
        self.done.unlink(missing_ok=True)
        self.ahead = 0.0

    # what a process does

    def session(self, clock: Clock, **more) -> Session:
        """Requests to the Xero."""
        return Session([self.xero.url], auth=Bearer(), clock=clock, name="Xero", **more)

    def sending(self, clock: Clock, say: Say = lambda line: None, session: Session | None = None) -> Sending:
        """The engine as a new process has it."""
        destination = Telling(Xero(session or self.session(clock), TENANT, self.xero.url), "Demo Company", account="200", quiet=QUIET)
        destination.batch, destination.say = self.batch, say
        autotask = TellingAutotask(Session([self.wiremock.url], auth=Bearer(), clock=clock, name="Autotask"), self.wiremock.url + autotaskdata.ROOT)
        autotask.say = say
        return Sending(open_store(self.file), destination, AutotaskMarker(autotask), clock=clock, progress=lambda done, total, words: say(f"KEPT {done} {words}"))

    def work(self, say: Say) -> None:
        """What a person starts: look into what was left, check, send, mark."""
        sending = self.sending(Later(self.ahead), say)
        sending.settle()
        sending.prepare()
        say("PREPARED")
        sending.send()
        sending.mark()

    def naive(self, say: Say) -> None:
        """What many programs do instead: send what is not written down as done, then write it down."""
        sending = self.sending(Later(self.ahead), say)
        sending.prepare()
        done = json.loads(self.done.read_text()) if self.done.exists() else []
        entries = [entry for entry in sending.ledger.entries() if entry.key not in done]
        for group in sending.destination.group(sending.ledger.documents(entries)):
            with _tolerant():
                sending.destination.send(sending.destination.body(group), f"key {group[0].entry.key}")
                list(sending.source.mark([document.entry for document in group], "2026-11-22T10:00:00Z"))
                done += [document.entry.key for document in group]
                written = self.done.with_suffix(".new")  # a kill must not leave half of it
                written.write_text(json.dumps(done))
                written.replace(self.done)

    # a trial

    def trial(self, seed: int, act: Callable[[Say], None] | None = None) -> Outcome:
        """Break lines, kill up to four processes at moments of this seed, then let others work until nothing changes any more."""
        dice, act = random.Random(seed), act or self.work
        self.fresh()
        self.break_lines(dice)
        kills = sum(self.killed(dice, act) for _ in range(dice.choice((2, 3, 3, 4))))
        self.recover(act)
        return self.outcome(kills)

    def break_lines(self, dice: random.Random) -> None:
        """Two trials of three have answers that get lost, on the way to Xero or to Autotask."""
        if dice.random() < 0.67:
            self.xero.faults = [Fault("PUT", path, skip=dice.randrange(4), times=dice.choice((1, 1, 2)), **dice.choice(BROKEN)) for path in ("/Invoices", "/CreditNotes")]
        if dice.random() < 0.33:
            number = dice.choice(self.invoices)["invoiceId"]
            broken = answer(fault=dice.choice((EMPTY, RESET)))
            self.wiremock.scenario("mark", asked("PATCH", autotaskdata.path("Invoices"), body=[f"$[?(@.id == {number})]"]), broken, _PATCHED, priority=1)

    def killed(self, dice: random.Random, act: Callable[[Say], None]) -> bool:
        """A process that is killed a few milliseconds after it said some word for some time; whether it was still there."""
        child, word = Child(act), dice.choice(WORDS)
        if all(child.until(word) for _ in range(1 if word == "PREPARED" else dice.randrange(1, 5))):
            time.sleep(dice.random() * 0.012)
        child.kill()
        child.end()
        self.peace()
        assert act != self.work or self.marked() <= self.there().keys(), "an invoice was marked that Xero has not"
        return child.ended_by == signal.SIGKILL

    def recover(self, act: Callable[[Say], None]) -> None:
        """Processes that nobody kills, each after the quiet period, until everything is done; at most five, of those that know no ledger two."""
        for _ in range(5 if act == self.work else 2):
            child = Child(act)
            lines = child.end()
            assert lines[-1] == "DONE", lines[-1]
            self.peace()
            if act == self.work and {entry.state for entry in self.entries()} == {State.DONE}:
                return

    def peace(self) -> None:
        """Wait until Xero has dealt with all that came, and let the quiet period pass on the clocks of the processes."""
        requests.get(f"{self.xero.url}/_admin/received", timeout=10).raise_for_status()  # what was waiting to be let in is in
        end = time.monotonic() + 20
        while any("process_request_thread" in thread.name for thread in threading.enumerate()):
            assert time.monotonic() < end, "Xero is not done with what came"
            time.sleep(0.002)
        self.ahead += QUIET + 60

    def entries(self) -> list[Entry]:
        return open_store(self.file).ledger("xero", TENANT).entries()

    def there(self) -> Counter[str]:
        """Number -> how often Xero has it."""
        state = self.xero.state()
        return Counter([one["InvoiceNumber"] for one in state["invoices"]] + [one["CreditNoteNumber"] for one in state["creditNotes"]])

    def marked(self) -> set[str]:
        """The numbers of what is marked in Autotask; each has one value, however often it was written."""
        marks = {(mark["id"], mark["webServiceDate"]) for mark in (request.json() for request in self.wiremock.requests("PATCH"))}
        numbers = [f"INV-{own - 1000}" for own, _ in marks]
        assert len(set(numbers)) == len(numbers) or self.done.exists(), "an invoice was marked with two values"
        return set(numbers)

    def outcome(self, kills: int = 0) -> Outcome:
        """What is there now, compared with what was to be sent."""
        there, wanted = self.there(), [str(one["invoiceNumber"]) for one in self.invoices]
        assert set(there) <= set(wanted), "there are numbers that nobody sent"
        twice = tuple(number for number, count in there.items() if count > 1)
        missing, unmarked = (tuple(number for number in wanted if number not in known) for known in (there, self.marked()))
        return Outcome(kills, twice, missing, unmarked, Counter(entry.state for entry in self.entries()))


class Telling(XeroDestination):
    """Xero, with a word to the parent before and after each request."""

    say: Say

    def send(self, body, key):
        self.say("LEAVING")
        answer = super().send(body, key)
        self.say("LEFT")
        return answer


class TellingAutotask(Autotask):
    """Autotask, with a word before and after each mark."""

    say: Say

    def patch(self, entity, changes):
        self.say("MARKING")
        super().patch(entity, changes)
        self.say("MARKED")


_PATCHED = {"status": 200, "body": '{"itemId": {{jsonPath request.body "$.id"}} }', "transformers": ["response-template"]}


def _credit(number: int) -> dict[str, object]:
    made = autotask_invoice(number)
    line = {**made["billingItems"][0], "quantity": "-1", "lineAmount": f"-{made['total']}"}
    return {**made, "total": f"-{made['total']}", "billingItems": [line]}


@contextmanager
def _tolerant() -> Iterator[None]:
    try:
        yield
    except (Lost, CannotRun):
        return


def environment(folder: Path) -> None:
    """What another computer has instead: its own settings, and so its own locks."""
    os.environ["INVOICE_RULES_CONFIG"] = str(folder)
