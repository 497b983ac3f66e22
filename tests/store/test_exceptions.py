"""Stopped by an exception at any statement, in a process that goes on, such as a notebook: nothing is left of it (promises 1 to 3, 9)."""

import datetime as dt

import pytest
import sqlalchemy as sa

from invoice_rules.store import check, commit, history, open_store, undo
from tests.store.making import imported, on_file, planned, rows_of

ACTS = {
    "import": lambda store, say: commit(planned(store, rows_of(range(20, 60), amountDue="100.00")), say),
    "undo": lambda store, say: undo(2, store),
    "settings": lambda store, say: store.set_entity(closed_until="2020-01-31"),
    "purge": lambda store, say: store.purge(_long_ago()),
}


def _long_ago() -> dt.date:
    return dt.date.today() - dt.timedelta(days=70)


class Stop:
    """Raises at the so many-th statement, or the so many-th COMMIT before it is done, of one connection after another."""

    def __init__(self, store, error: type[BaseException], at: int):
        self.store, self.error, self.at, self.seen = store, error, at, 0

    def __enter__(self):
        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(self.store.engine, event, self.count)
        return self

    def __exit__(self, *_: object) -> None:
        for event in ("before_cursor_execute", "commit"):
            sa.event.remove(self.store.engine, event, self.count)

    def count(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise self.error


def books(store) -> tuple:
    """All that an act may change: receivables, settings, and how many batches there are."""
    return on_file(store), store.entity.closed_until, len(history(store).dropna(subset="number"))


def filled(url):
    """Two imports, the second of them to be undone."""
    store = open_store(url, patience=5)
    imported(store, rows_of(range(30)))
    imported(store, rows_of(range(10), amountDue="120.00"))
    return store


# a named cursor that was not begun yet when the exception came is left to the connection, which is closed
pytestmark = pytest.mark.filterwarnings("ignore:.*ServerCursor.* was deleted while still open:ResourceWarning")

NIGHTLY = [pytest.param(1, error, marks=pytest.mark.nightly) for error in (KeyboardInterrupt, MemoryError)]


@pytest.mark.parametrize(("every", "error"), [(11, KeyboardInterrupt), *NIGHTLY])
@pytest.mark.parametrize("act", ["import", "undo", *[pytest.param(name, marks=pytest.mark.nightly) for name in ("settings", "purge")]])
def test_an_exception_at_a_statement(act, error, every, url, tmp_path):
    store, twin = filled(url), filled(tmp_path / "twin.sqlite")
    ACTS[act](twin, lambda *_: None)
    before, after, at, ended = books(store), books(twin), 1, False
    while not ended:
        with Stop(store, error, at) as stop:
            try:
                ACTS[act](store, lambda *_: None)
                ended = stop.seen < at
            except error:
                pass
        now = books(store)
        assert now == after or (now == before and not ended)
        assert check(store) == []
        assert not (history(store)["state"] == "running").any()
        if now != before:
            break
        at += every
    assert at > 3 and now == after != before
    assert imported(store, rows_of(range(70, 75))).counts["created"] == 5
