"""Sending to Spectrum killed at any moment, with answers that get lost: nothing is entered twice, nothing goes again unless a person said that it is not there.

WireMock takes each number once, as Spectrum does, and its journal tells what came; a person who looks there says the truth (S2-42, S2-44).
"""

import datetime as dt
import random
import shutil
import time
from collections import Counter

import pytest

from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.sending import Sending
from invoice_rules.connectors.spectrum import PATH
from invoice_rules.results import State
from invoice_rules.store import check, open_store
from tests.connectors.spectrumdata import GOOD, destination, invoice
from tests.connectors.wiremock import EMPTY, FAULTS, RESET, answer, asked
from tests.store.children import Child

pytestmark = [pytest.mark.xdist_group("wiremock"), pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]
NUMBERS = [f"N{n}" for n in range(8)]
TAKEN, REFUSING = answer(400, {"error_code": "I", "desc": "Duplicate invoice number", "column": "Invoice_Or_Transaction"}), answer(503, "busy")
SLOWEST = 0.04


class Later(Clock):
    """The time when it is quiet."""

    def now(self):
        return super().now() + dt.timedelta(hours=1)


class Scene:
    """Books with eight invoices of two companies, and a Spectrum that takes some, loses the answers of some, and fails before it takes others."""

    def __init__(self, server, folder, seed):
        self.server, self.folder = server, folder
        self.chance, self.seen = random.Random(seed), Counter()
        self.fresh()

    def fresh(self):
        """Everything anew: books, journal, and what will happen to whom."""
        self.url = shutil.copy(self.folder / "store.sqlite", self.folder / f"{self.seen['rounds']}.sqlite")
        self.server.clear()
        self.came, self.words, self.first = Counter(), Counter(), {}
        for number in NUMBERS:
            delay = self.chance.random() * SLOWEST
            takes = {"delay": delay} | ({"fault": self.chance.choice(FAULTS)} if self.chance.random() < 0.25 else {})
            first = answer(200, GOOD["jsonBody"], **takes)
            fails = [self.chance.choice((REFUSING, answer(fault=EMPTY), answer(fault=RESET)))] if self.chance.random() < 0.2 else []
            self.first[number] = len(fails) + 1
            self.server.scenario(number, asked("POST", PATH, body=[f"$.arInvoices[?(@.Invoice_Or_Transaction == '{number}')]"]), *fails, first, TAKEN)

    def sending(self, clock=None, said=None):
        made = destination(self.server.url)
        if said:
            plain = made.send
            made.send = lambda body, key: (said("LEAVES"), plain(body, key), said("BACK"))[1]
        return Sending(open_store(self.url), made, clock=clock)

    def run(self, said):
        """What a person starts: see what is open, look, and send."""
        sending = self.sending(said=said)
        said("BEGINS")
        sending.settle()
        sending.prepare()
        said("PREPARED")
        said(f"ENDS {sending.send().stopped}")

    def posts(self):
        """Number -> how often it came, once nothing more comes."""
        before = -1
        while before != (now := self.server.count("POST", PATH)):
            before = now
            time.sleep(2 * SLOWEST)
        return Counter(one["Invoice_Or_Transaction"] for request in self.server.requests("POST", PATH) for one in request.json()["arInvoices"])

    def killed(self):
        """A run that is killed: at its beginning, in its preparation, or about a request on its way."""
        steps = 2 + 2 * sum(1 for number in NUMBERS if self.came[number] <= self.words[number])
        child = Child(self.run)
        for _ in range(self.chance.randint(1, steps)):
            child.until("")
        time.sleep(self.chance.random() * SLOWEST)
        child.kill()
        lines = child.end()
        assert not [line for line in lines if line.startswith("ERROR")], lines
        self.seen["killed" if child.ended_by else "over"] += 1
        self.held_to_it()

    def held_to_it(self):
        """Nothing came again that a person had not sent back, and nothing came again that was taken."""
        posts = self.came = self.posts()
        assert not {number: posts[number] for number in NUMBERS if posts[number] > 1 + self.words[number]}, (posts, self.words)
        assert not {number: posts[number] for number in NUMBERS if posts[number] > self.first[number]}, (posts, self.first)

    def looked(self):
        """A person looks in Spectrum for whatever is in doubt, and says what is there."""
        sending, posts = self.sending(clock=Later()), self.posts()
        sending.settle()
        for entry in sending.ledger.entries(State.UNKNOWN):
            there = posts[entry.number] >= self.first[entry.number]
            assert sending.answer(entry.key, there=there).state is (State.SENT if there else State.READY)
            self.words[entry.number] += not there
            self.seen["there" if there else "not there"] += 1
        assert not sending.ledger.entries(State.CONFLICT)

    def recovered(self):
        """Runs that nobody kills, and a person's word, until all is done: each is there, once."""
        sending, left = self.sending(), len(NUMBERS)
        while len(sending.ledger.entries(State.SENT)) < len(NUMBERS):
            assert (left := left - 1), {entry.number: entry.state for entry in sending.ledger.entries()}
            self.looked()
            sending.prepare()
            sending.send()
        assert {entry.number: entry.state for entry in sending.ledger.entries()} == dict.fromkeys(NUMBERS, State.SENT)
        assert self.posts() == {number: self.first[number] for number in NUMBERS} and not check(sending.store)
        self.seen["rounds"] += 1


@pytest.mark.parametrize("kills", [24, pytest.param(200, marks=pytest.mark.nightly)])
def test_killed_at_random_with_lost_answers(kills, books, wiremock, tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    books(*(invoice(number, {"Line_Extension": "5.00"}, Company_Code="ABC" if at % 2 else "DEF") for at, number in enumerate(NUMBERS)))
    scene = Scene(wiremock, tmp_path, seed=kills)
    while scene.seen["killed"] < kills:
        scene.killed()
        if all(scene.came[number] >= first for number, first in scene.first.items()) or scene.chance.random() < 0.1:
            scene.recovered()
            scene.fresh()
        elif scene.chance.random() < 0.3:
            scene.looked()
    scene.recovered()
    assert scene.seen["there"] > kills // 10 and scene.seen["not there"] and scene.seen["rounds"] > 2, scene.seen
    print(dict(scene.seen))


def test_two_that_send_at_once_send_each_invoice_once(books, wiremock, tmp_path, monkeypatch):
    """S2-42: two windows, two processes, one click each."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    books(*(invoice(number, {"Line_Extension": "5.00"}) for number in NUMBERS))
    scene = Scene(wiremock, tmp_path, seed=3)
    wiremock.clear()
    wiremock.stub(asked("POST", PATH), answer(200, GOOD["jsonBody"], delay=SLOWEST))
    children = [Child(scene.run) for _ in range(3)]
    assert [child.end()[-1] for child in children] == ["DONE"] * 3
    assert scene.posts() == dict.fromkeys(NUMBERS, 1)
