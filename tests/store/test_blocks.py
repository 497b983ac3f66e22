"""A file is stored in blocks; where one ends must not be seen in anything that is stored (issue: bounded memory, promise 5)."""

import json

import pytest
import sqlalchemy as sa

from invoice_rules.store import Store, check, evidence, open_store
from invoice_rules.store.documents import Documents
from invoice_rules.store.tables import customers, history, invoices, outcomes
from tests.making import receivable
from tests.store.making import imported, rows_of

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


@pytest.mark.parametrize("size", [1, 7, ROWS - 1])
def test_blocks_of_any_size_store_the_same(store, tmp_path, monkeypatch, size):
    whole = _stored(open_store(tmp_path / "whole.sqlite"))
    assert whole[1] == {"created": 24, "updated": 12, "unchanged": 12, "skipped": 0, "rejected": 12}
    blocks = Documents.blocks
    monkeypatch.setattr(Documents, "blocks", lambda self: blocks(self, size))
    monkeypatch.setattr(evidence, "_PART", size)
    assert _stored(store) == whole


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
