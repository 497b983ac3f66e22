"""Random histories of import, update, undo, send and purge against a plain model: a dict of dicts (X-10)."""

import datetime as dt
import tempfile
import uuid
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from invoice_rules.errors import CannotRun
from invoice_rules.planning import plan
from invoice_rules.results import State
from invoice_rules.store import check, commit, open_store, purge, retention, undo
from invoice_rules.store.tables import customers
from invoice_rules.table import TEXT
from tests.store.making import on_file, typed_report, typed_rows
from tests.store.sending import OK, RULES, approve, ledger, yes

_NAMES = st.integers(0, 4)
_FILES = st.dictionaries(_NAMES, st.integers(0, 3), min_size=1, max_size=4)


def _frame(file: dict[int, int]) -> pd.DataFrame:
    """The file as typed rows: the amount is always 9, the due amount is the file's; some invoices have the same customer."""
    frame = pd.concat([typed_rows([9], start=number) for number in file], ignore_index=True)
    due = pd.Series(list(file.values()), dtype=frame["amountDue"].dtype)
    whose = pd.Series([_customer(number) for number in file], dtype=TEXT)
    return frame.assign(extCustomerId=whose, customerName=whose, amountDue=due, status=due.eq(0).map({True: "Paid", False: "Open"}).astype(TEXT))


def _customer(number: int) -> str:
    return f"C-{number % 2}"


class Histories(RuleBasedStateMachine):
    """`books`: number -> (due, times changed); `customers`: the batch that created each; `batches`: number of the batch -> what it changed, with what was before."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(Path(self.folder.name) / "s.sqlite")
        self.books: dict[int, tuple[int, int]] = {}
        self.customers: dict[str, int] = {}
        self.batches: dict[int, dict[int, tuple[tuple[int, int] | None, int]]] = {}
        self.sent: set[int] = set()
        self.purged: set[int] = set()
        self.stamp, self.count = 0, 0

    def teardown(self) -> None:
        assert check(self.store) == []
        self.folder.cleanup()

    @rule(file=_FILES)
    def import_a_file(self, file: dict[int, int]) -> None:
        made = commit(plan(typed_report(self.store, _frame(file)), self.store))
        changed = {}
        for number, due in file.items():
            old = self.books.get(number)
            if old is None or old[0] != due:
                self.stamp += 1
                changed[number] = (old, self.stamp)
                self.books[number] = (due, self.stamp)
                self.sent -= {number} if old is None else set()
        assert made.counts["created"] + made.counts["updated"] == len(changed), made.counts
        self.count += 1
        assert made.number == self.count
        self.batches[made.number] = changed
        for number in changed:
            self.customers.setdefault(_customer(number), made.number)

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def undo_a_batch(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(sorted(self.batches)))
        changed = self.batches[batch]
        allowed = all(self.books.get(n, (0, 0))[1] == stamp and n not in self.sent for n, (_, stamp) in changed.items())
        allowed = allowed and not (batch in self.purged and any(old for old, _ in changed.values()))
        try:
            undo(batch, self.store)
        except CannotRun:
            assert not allowed
            return
        assert allowed
        self.count += 1
        del self.batches[batch]
        for number, (old, _) in changed.items():
            if old is None:
                del self.books[number]
            else:
                self.books[number] = old
        used = {_customer(number) for number in self.books}
        self.customers = {name: made for name, made in self.customers.items() if made in self.batches or name in used}

    @precondition(lambda self: self.books)
    @rule(data=st.data())
    def send_one_on(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.books)))
        made = ledger(self.store)
        made.find(RULES)
        approve(made)
        ids = [entry.id for entry in made.entries(State.READY, keys=[f"INV-{number:08d}"])]
        if ids:
            made.answered(made.begin(ids, uuid.uuid4().hex, b"").id, yes(ids), OK)
        self.sent.add(number)

    @precondition(lambda self: self.batches and not self.purged)
    @rule()
    def purge_all(self) -> None:
        real, was = dt.datetime.now(dt.UTC), retention.days_ago
        retention.days_ago = lambda days: (real + dt.timedelta(days=4_000 - days)).isoformat(timespec="seconds")
        try:
            purge(self.store, 60)
        finally:
            retention.days_ago = was
        self.count += 1
        self.purged = set(self.batches)

    @invariant()
    def the_store_is_the_model(self) -> None:
        held = {int(key[4:]): balance for key, (balance,) in on_file(self.store, "balance").items()}
        assert held == {number: due for number, (due, _) in self.books.items()}
        with self.store.reading() as connection:
            assert set(connection.execute(sa.select(customers.c.key).where(customers.c.in_force == 1)).scalars()) == set(self.customers)


@pytest.mark.parametrize("histories", [25, pytest.param(400, marks=pytest.mark.nightly)])
def test_the_store_does_what_a_plain_model_does(histories):
    run_state_machine_as_test(
        Histories,
        settings=settings(max_examples=histories, stateful_step_count=7, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)),
    )
