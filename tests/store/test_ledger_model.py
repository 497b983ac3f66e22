"""Random days of sending against a plain dict, and a service that loses answers and is late: never twice, never forgotten (S2-43, S4-17, S4-19)."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from invoice_rules.results import BEFORE, THERE, Result, Send, State
from invoice_rules.store import Store, check, open_store
from tests.store.making import imported, rows_of
from tests.store.sending import OK, RULES, Clock, Service, approve, ledger, yes

QUIET = 120
COUNT = 8
SEEDS = st.integers(0, 2**32)
"""What a step does by chance: every outcome as often as any other."""
OUTCOMES = ("yes", "refused", "lost before", "lost after", "late", "died before", "died after")


class Days(RuleBasedStateMachine):
    """`model`: entry -> where it is; `fresh`: entries whose invoice is stored anew since the ledger looked; `left` and `last`: entry -> when, and in
    which request, it left last, unless it is to go in a new one."""

    made: Store

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.open()
        self.clock = Clock()
        self.service = Service(self.clock)
        self.requests: list[Send] = []
        self.amount = 1_000
        imported(self.store, rows_of(range(COUNT)))
        self.ledger = ledger(self.store, self.clock)
        self.ledger.find(RULES)
        approve(self.ledger)
        self.model = {entry.id: State.READY for entry in self.ledger.entries()}
        self.fresh: set[int] = set()
        self.seen: set[int] = set()
        self.left: dict[int, float] = {}
        self.last: dict[int, int | None] = dict.fromkeys(self.model)

    def open(self) -> Store:
        return open_store(Path(self.folder.name) / "s.sqlite")

    def teardown(self) -> None:
        self.finish()
        assert check(self.store) == []
        self.folder.cleanup()

    @rule(seed=SEEDS)
    def something_else(self, seed: int) -> None:
        """What happens less often: in the books, by a person, in the source, or that another program goes on."""
        chance = random.Random(seed)
        number, some = chance.randint(1, COUNT), set(chance.sample(range(1, COUNT + 1), 2))
        acts = (
            lambda: self.an_invoice_changes(number),
            lambda: self.a_person_leaves_one_out_or_lets_it_go_on(number, out=chance.random() < 0.5),
            self.a_person_accepts_what_differs,
            lambda: self.mark(some),
            self.another_program_goes_on,
        )
        chance.choice(acts)()

    # ---- the books and the preview

    def an_invoice_changes(self, number: int) -> None:
        self.amount += 1
        imported(self.store, rows_of([number - 1], amount=f"{self.amount}.00"))
        self.fresh.add(number)

    @rule()
    def prepare(self) -> None:
        self.ledger.find(RULES)
        approve(self.ledger)
        for number, state in self.model.items():
            if state in THERE and number in self.fresh - self.seen:
                self.model[number] = State.CONFLICT
            elif state in BEFORE and state != State.SKIPPED and (number in self.fresh or state == State.FOUND):
                self.last[number] = self.last[number] if state == State.READY and number not in self.fresh else None
                self.model[number] = State.READY
            if self.model[number] in BEFORE or number in self.seen:
                self.fresh.discard(number)
        self.seen -= {number for number, state in self.model.items() if state not in (State.SENDING, State.UNKNOWN)}

    def a_person_leaves_one_out_or_lets_it_go_on(self, number: int, out: bool) -> None:
        if out:
            self.ledger.skip([number], "No")
            if self.model[number] in BEFORE:
                self.model[number], self.last[number] = State.SKIPPED, None
        else:
            self.ledger.release([number])
            if self.model[number] == State.SKIPPED:
                self.model[number] = State.FOUND

    # ---- sending

    @rule(seed=SEEDS)
    def send_some(self, seed: int) -> None:
        """Mostly what is ready, now and then what is not."""
        chance = random.Random(seed)
        waiting = sorted(number for number, state in self.model.items() if state == State.READY)
        among = waiting if waiting and chance.random() < 0.8 else list(self.model)
        self.send(set(chance.sample(among, chance.randint(1, min(3, len(among))))), chance.choice(OUTCOMES))

    def send(self, ids: set[int], outcome: str) -> None:
        made = self.ledger.begin(sorted(ids), f"key-{len(self.requests)}", f"{len(self.requests)}".encode())
        if made is None:
            assert not all(self.model[number] == State.READY for number in ids) or ids & self.fresh
            return
        assert all(self.model[number] == State.READY for number in ids) and not ids & self.fresh
        self.requests.append(made)
        self._leaves(made, outcome)

    @precondition(lambda self: self.requests)
    @rule(seed=SEEDS)
    def send_the_same_once_more(self, seed: int) -> None:
        chance = random.Random(seed)
        for send in self.requests:
            made = self.ledger.resend(send.id)
            assert (made is None) == any((self.model[n], self.last[n]) != (State.READY, send.id) or n in self.fresh for n in send.entries)
            if made is not None:
                assert made == send
                self._leaves(made, chance.choice(OUTCOMES))

    def _leaves(self, send: Send, outcome: str) -> None:
        """The request leaves; the service does with it, and tells of it, what the outcome says."""
        state = State.SENDING
        if outcome in ("yes", "lost after", "died after"):
            self.service.takes(send)
        if outcome == "late":
            self.service.takes(send, late=QUIET - 1)
        if outcome == "yes":
            self.ledger.answered(send.id, yes(send.entries), OK)
            state = State.SENT
        elif outcome == "refused":
            self.ledger.answered(send.id, dict.fromkeys(send.entries, Result(State.REJECTED, "No")), OK)
            state = State.REJECTED
        elif outcome.startswith("lost") or outcome == "late":
            self.ledger.lost(send.id, "No answer came in time")
            state = State.UNKNOWN
        self.model |= dict.fromkeys(send.entries, state)
        self.last |= dict.fromkeys(send.entries, send.id)
        self.left |= dict.fromkeys(send.entries, self.clock.at.timestamp())

    @precondition(lambda self: self.service.invoices)
    @rule(seed=SEEDS)
    def a_late_answer(self, seed: int) -> None:
        """What the service took, it may say at any time, and more than once; mostly it says what nobody knows yet."""
        there = {key for _, key in self.service.invoices}
        took = [send for send in self.requests if send.key in there]
        unheard = [send for send in took if any(self.model[number] not in (*THERE, State.CONFLICT) for number in send.entries)]
        send = random.Random(seed).choice(unheard or took)
        self.ledger.answered(send.id, yes(send.entries), OK)
        for number in send.entries:
            if self.model[number] not in (*THERE, State.CONFLICT):
                self.model[number] = State.SENT

    def time_passes(self, seconds: int) -> None:
        self.clock.turn(seconds)
        self.service.arrive()

    @rule(seed=SEEDS)
    def ask(self, seed: int = 0) -> None:
        self.time_passes(random.Random(seed).choice([0, QUIET - 1, QUIET, QUIET]))
        entries = self.ledger.overdue(QUIET)
        old = {number for number, at in self.left.items() if self.clock.at.timestamp() - at >= QUIET}
        assert {entry.id for entry in entries} == {number for number in old if self.model[number] in (State.SENDING, State.UNKNOWN)}
        results = self.service.has(entries)
        self.ledger.settled(results)
        self.model |= {number: result.state for number, result in results.items()}

    def a_person_accepts_what_differs(self) -> None:
        self.ledger.settled({number: Result(State.SENT) for number, state in self.model.items() if state == State.CONFLICT})
        for number, state in self.model.items():
            if state == State.CONFLICT:
                self.model[number] = State.SENT
                self.seen.add(number)

    def mark(self, ids: set[int]) -> None:
        """All are about to be marked, and these are."""
        marking = self.ledger.mark(list(self.model), str(self.clock.at))
        assert {entry.id for entry in marking} == {number for number, state in self.model.items() if state in (State.SENT, State.MARKING)}
        self.ledger.marked(ids)
        self.model |= {entry.id: State.DONE if entry.id in ids else State.MARKING for entry in marking}

    def another_program_goes_on(self) -> None:
        self.ledger = ledger(open_store(self.store.address.path), self.clock)

    # ---- what always holds

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        assert {entry.id: entry.state for entry in self.ledger.entries()} == self.model

    @invariant()
    def nothing_is_there_twice_and_nothing_is_said_to_be_there_that_is_not(self) -> None:
        there = [number for number, _ in self.service.invoices]
        assert len(there) == len(set(there))
        assert {number for number, state in self.model.items() if state in THERE} <= set(there)
        assert not [number for number in there if self.model[number] in BEFORE]

    def finish(self) -> None:
        """Recovery: whatever happened, in the end all are there, once, and marked."""
        for number in range(1, COUNT + 1):
            self.a_person_leaves_one_out_or_lets_it_go_on(number, out=False)
        for _ in range(3):
            self.time_passes(QUIET)
            self.ask()
            self.prepare()
            self.a_person_accepts_what_differs()
            waiting = {number for number, state in self.model.items() if state == State.REJECTED}
            self.ledger.judge(dict.fromkeys(waiting, (State.READY, "")))
            self.model |= dict.fromkeys(waiting, State.READY)
            for number in [number for number, state in self.model.items() if state == State.READY]:
                self.send({number}, "yes")
        self.mark(set(self.model))
        assert set(self.model.values()) == {State.DONE}
        self.the_ledger_is_the_model()
        assert sorted(number for number, _ in self.service.invoices) == sorted(self.model)


@pytest.mark.parametrize("days", [12, pytest.param(400, marks=pytest.mark.nightly)])
def test_the_ledger_does_what_a_plain_model_does(days):
    _run(Days, days, 40)


def test_the_same_on_a_server(server):
    template = server.database()
    open_store(template)

    class OnServer(Days):
        def open(self) -> Store:
            self.url = server.database(like=template)
            return open_store(self.url)

        def another_program_goes_on(self) -> None:
            self.ledger = ledger(open_store(self.url), self.clock)

        def teardown(self) -> None:
            super().teardown()
            server.drop(self.url)

    _run(OnServer, 2, 40)


def _run(machine: type[Days], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)),
    )
