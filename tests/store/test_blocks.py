"""A file is stored in blocks; where one ends must not be seen in anything that is stored (issue: bounded memory, promise 5)."""

import json

import pyarrow as pa
import pytest
import sqlalchemy as sa

from invoice_rules import comparing
from invoice_rules.fields import RECORD
from invoice_rules.store import Store, check, context, evidence, frames, open_store
from invoice_rules.store.documents import Documents
from invoice_rules.store.tables import customers, history, invoices, outcomes
from tests.making import RECEIVABLES, receivable
from tests.store.making import imported, planned, rows_of

ROWS = 60


def _mixed() -> list[dict[str, str]]:
    """Created, updated, unchanged and rejected rows in turn, of customers that share rows in several blocks."""
    rows = []
    for number in range(ROWS):
        kind = number % 5
        cells = {1: {"amountDue": "0"}, 3: {"amount": "x"}}.get(kind, {})
        rows.append(receivable(number, extCustomerId=f"C-{number % 7}", customerName=f"Miller {number % 7}", **cells))
    return rows


def _before() -> list[dict[str, str]]:
    known = [number for number in range(ROWS) if number % 5 in (1, 2)]
    return [receivable(number, extCustomerId=f"C-{number % 7}", customerName=f"Miller {number % 7}") for number in known]


def _everything(store: Store) -> dict[str, list[tuple]]:
    with store.reading() as connection:
        found = {table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))] for table in (invoices, customers, outcomes)}
        payloads = connection.execute(sa.select(history.c.payload).where(history.c.kind == "import").order_by(history.c.seq)).scalars()
        found["outcomes"] = [(*row[:-1], row[-1] and json.loads(row[-1])) for row in found["outcomes"]]  # each database spaces JSON in its way
        return {**found, "digests": [(json.loads(payload)["values"],) for payload in payloads]}


def _stored(store: Store) -> tuple[dict, dict, dict]:
    imported(store, _before())
    made = imported(store, _mixed())
    assert check(store) == []
    return _everything(store), dict(made.counts), dict(made.totals)


def _planned(store: Store) -> dict[str, object]:
    """All that a plan says: outcomes, differences, problems, what the store has of the rows."""
    again = [{**row, "amountDue": "100.00", "date": "10/30/2026"} if number % 3 else row for number, row in enumerate(_mixed())]
    made = planned(store, [*again[7:], *again[:20]])
    known = made.report.known
    assert known is not None
    return {
        "outcomes": made.outcomes.tolist(),
        "differences": made.differences().to_dict("records"),
        "first": made.differences(5).to_dict("records"),
        "changes": made.changes,
        "problems": [problem.to_dict() for problem in made.report.problems],
        "known": known.at.tolist(),
        "was": known.was.frame().drop(columns=RECORD).to_dict("records"),
    }


@pytest.mark.parametrize("size", [1, 7, ROWS - 1])
def test_blocks_of_any_size_store_the_same(store, tmp_path, monkeypatch, size):
    whole = _stored(open_store(tmp_path / "whole.sqlite"))
    assert whole[1] == {"created": 24, "updated": 12, "unchanged": 12, "skipped": 0, "rejected": 12}
    blocks = Documents.blocks
    monkeypatch.setattr(Documents, "blocks", lambda self: blocks(self, size))
    monkeypatch.setattr(evidence, "_PART", size)
    assert _stored(store) == whole


@pytest.mark.parametrize("size", [1, 7])
def test_a_plan_made_in_portions_of_any_size_is_the_same(store, tmp_path, monkeypatch, size):
    one = open_store(tmp_path / "whole.sqlite")
    whole = [_stored(one), _planned(one)]
    monkeypatch.setattr(context, "_KEPT", 0)
    monkeypatch.setattr(frames, "_PART", size)
    monkeypatch.setattr(frames, "_PARTS", 1)
    monkeypatch.setattr(frames, "_COPIED", 100 * size)
    monkeypatch.setattr(comparing, "_PART", size)
    assert [_stored(store), _planned(store)] == whole
    assert whole[1]["changes"] > 5 and len({problem["rule"] for problem in whole[1]["problems"]}) > 3


def test_portions_are_asked_for_and_let_go(store, monkeypatch):
    imported(store, rows_of(range(9)))
    monkeypatch.setattr(context, "_KEPT", 0)
    monkeypatch.setattr(frames, "_PART", 2)
    monkeypatch.setattr(frames, "_PARTS", 1)
    monkeypatch.setattr(frames, "_COPIED", 100)
    keys = pa.array([row["invoiceId"] for row in rows_of(range(7))], pa.large_string())
    view = store.context()
    sizes = view.existing_in_parts(RECEIVABLES, keys, len)
    assert sum(sizes) == 9 and max(sizes) <= 2 and not view._whole
    assert sorted(view.existing(RECEIVABLES, keys).index) == keys.to_pylist()


def test_an_exception_while_portions_come_leaves_the_store_free(store, monkeypatch):
    imported(store, rows_of(range(9)))
    monkeypatch.setattr(context, "_KEPT", 0)
    monkeypatch.setattr(frames, "_PART", 2)
    monkeypatch.setattr(frames, "_PARTS", 1)
    keys = pa.array([row["invoiceId"] for row in rows_of(range(7))], pa.large_string())

    def broken(_):
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more") as held:
        store.context().existing_in_parts(RECEIVABLES, keys, broken)
    assert dict(imported(store, rows_of(range(9, 12))).counts)["created"] == 3 and held.tb is not None


def test_an_exception_while_the_next_block_is_made_leaves_nothing(store, monkeypatch):  # promise 1
    imported(store, rows_of(range(3)))
    before = _everything(store)
    blocks = Documents.blocks

    def broken(self):
        for at, block in enumerate(blocks(self, 5)):
            if at == 3:
                raise RuntimeError("no more blocks")
            yield block

    monkeypatch.setattr(Documents, "blocks", broken)
    with pytest.raises(RuntimeError, match="no more blocks"):
        imported(store, rows_of(range(40)))
    assert _everything(store) == before
    assert check(store) == []
