"""The hash of a batch's values stands in chains that exist: it never changes its form (promise 10)."""

import hashlib

import pyarrow as pa
import pytest

from invoice_rules.store.images import Digest
from invoice_rules.store.records import DOCUMENT

TEXT = pa.large_string()
NUMBERS = ("seq", "row", "outcome", "version", "amount", "balance", "complete", "in_force")


def block(table: str, *rows: dict) -> pa.Table:
    names = ["seq", "row", "outcome", "version", "key", *DOCUMENT[table][1:]]
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.int64() if name in NUMBERS else TEXT) for name in names})


def digest(*blocks: tuple[str, pa.Table]) -> str:
    made = Digest()
    for table, its in blocks:
        made.add(table, its)
    return made.hexdigest()


def written(*lines: str) -> str:
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def both(invoices: str, customers: str) -> str:
    return hashlib.sha256((invoices + customers).encode()).hexdigest()


NEW = {"seq": 0, "row": 2, "outcome": 0, "version": 1, "key": "café", "details": "{}", "amount": -5, "in_force": 1}
OUT = {"seq": 1, "row": 3, "outcome": 4, "key": "b"}
NEW_LINE = "\x1f".join(["0", "2", "0", "1", "café", *[{"details": "{}", "amount": "-5", "in_force": "1"}.get(name, "\x00") for name in DOCUMENT["invoices"][1:]]])
OUT_LINE = "\x1f".join(["1", "3", "4", "\x00", "b", *["\x00"] * (len(DOCUMENT["invoices"]) - 1)])


def test_a_line_a_document_with_nothing_for_null():
    assert digest(("invoices", block("invoices", NEW, OUT))) == both(written(NEW_LINE, OUT_LINE), written())


def test_where_a_block_ends_is_not_seen():
    rows = block("invoices", OUT, NEW, OUT, NEW)
    parts = [("invoices", rows.slice(0, 1)), ("invoices", rows.slice(1, 0)), ("invoices", rows.slice(1))]
    assert digest(*parts) == both(written(OUT_LINE, NEW_LINE, OUT_LINE, NEW_LINE), written())


def test_a_column_that_is_missing_counts_as_null():
    assert digest(("invoices", block("invoices", OUT).drop_columns(["in_force", "email"]))) == both(written(OUT_LINE), written())


def test_customers_are_apart_from_rows_that_stayed_out():
    customer = {"seq": 5, "row": 6, "outcome": 0, "version": 1, "key": "c", "name": "A", "complete": 1}
    line = "\x1f".join(["5", "6", "0", "1", "c", *[{"name": "A", "complete": "1"}.get(name, "\x00") for name in DOCUMENT["customers"][1:]]])
    assert digest(("customers", block("customers", OUT, customer))) == both(written(OUT_LINE), written(line))


@pytest.mark.parametrize("rows", [1, 2_000])
def test_a_block_that_cannot_be_hashed_leaves_no_hash(rows):
    """Large blocks are hashed in a thread of their own; what goes wrong there must not end in a hash of less."""

    def hashed() -> str:
        made = Digest()
        made.add("invoices", block("invoices", *[NEW] * rows).append_column("seq", pa.array([1] * rows, pa.int64())))
        return made.hexdigest()

    with pytest.raises(KeyError, match="seq"):
        hashed()


def test_blocks_are_hashed_in_their_order_whatever_their_size():
    small, large = (("invoices", block("invoices", *[{**NEW, "seq": at} for at in range(start, start + rows)])) for start, rows in ((0, 3), (3, 2_500)))
    last = "invoices", block("invoices", {**NEW, "seq": 2_503})
    whole = "invoices", pa.concat_tables([small[1], large[1], last[1]])
    assert digest(small, large, last) == digest(whole)
