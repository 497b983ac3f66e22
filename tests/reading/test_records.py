"""The fast and the careful reader of delimited text give the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.reading.dialect import Dialect
from invoice_rules.reading.records import careful_records, fast_records, well_quoted

CELL = st.text(st.sampled_from(list('ab1 "\n\r,;é')), max_size=4)
WRITTEN = st.one_of(CELL, CELL.map(lambda cell: '"' + cell.replace('"', '""') + '"'))
ROW = st.lists(WRITTEN, min_size=1, max_size=4).map(",".join)
FILE = st.tuples(st.lists(ROW, max_size=12), st.sampled_from(["\n", "\r\n", "\r"])).map(lambda made: made[1].join(made[0]))


def same(left, right) -> None:
    assert [column.to_pylist() for column in left.columns] == [column.to_pylist() for column in right.columns]
    assert np.array_equal(left.rows, right.rows) and dict(left.ragged) == dict(right.ragged)


@settings(max_examples=600, deadline=None)
@given(FILE, st.integers(2, 4))
def test_both_readers_agree(text, width):
    data = text.encode()
    fast = fast_records(data, Dialect(), width, 2)
    if fast is not None:
        same(fast, careful_records(data, Dialect(), width, 2, "a.csv"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_they_agree_across_blocks(end):
    """Ragged rows, blank rows and quoted line breaks, 20 MB and more so that the text is cut into blocks."""
    rows = []
    for at in range(250_000):
        rows.append(f'{at},"Customer, {at}{end if at % 7 else ""}x",{at / 100:.2f},padding of some length to fill the block up')
        rows += ["", "1,2", "1,2,3,4,5"] if at % 50_000 == 9 else []
    data = end.join(rows).encode()
    assert len(data) > 1 << 24
    fast = fast_records(data, Dialect(), 4, 2)
    assert fast is not None
    same(fast, careful_records(data, Dialect(), 4, 2, "a.csv"))
    assert len(fast.ragged) == 10


def test_a_record_of_one_blank_cell_is_a_blank_row():
    """X-22: it has no cells too few, however it is quoted, and takes no room among the rows that have."""
    data = b'""\n"  "\n1,2,3\n\n \n1,2\n'
    for grid in (fast_records(data, Dialect(), 3, 2), careful_records(data, Dialect(), 3, 2, "a.csv")):
        assert list(grid.ragged) == [7] and grid.rows.tolist() == [2, 3, 4, 5, 6, 7]
        assert [column.to_pylist() for column in grid.columns] == [["", "", "1", "", "", "1"], ["", "", "2", "", "", "2"], ["", "", "3", "", "", ""]]


@pytest.mark.parametrize(
    ("text", "well"),
    [
        ('a,"b"\n"c""d",""\n', True),
        ('a"b,c', False),
        ('"ab"c,d', False),
        ('"x,"y",z', False),
        ('"open', False),
        ('"a","b\n"', True),
        ('"""a"""', True),
    ],
)
def test_well_quoted(text, well):
    assert well_quoted(text.encode(), b",") is well
