"""Tables with other text in some cells: what else is known of them stays."""

import numpy as np
import pytest

from invoice_rules import CannotRun
from invoice_rules.table import Kind
from tests.making import receivable, table


@pytest.fixture
def rows():
    return table([receivable(), receivable(1)], {"amount": [Kind.NUMBER, Kind.NUMBER]})


def test_other_cells_and_the_table_itself_stay_as_they_are(rows):
    made = rows.with_cells({(3, 2): "12.50"})
    assert [made.shown(at, 2) for at in (0, 1)] == ["$1,000.00", "12.50"]
    assert [rows.shown(at, 2) for at in (0, 1)] == ["$1,000.00", "$1,000.00"]
    assert made.frame.dtypes.tolist() == rows.frame.dtypes.tolist()


def test_a_replaced_cell_is_text_and_what_the_file_says_is_remembered(rows):
    made = rows.with_cells({(3, 2): "12.50"}).with_cells({(3, 2): "13.00", (2, 0): ""})
    assert (made.kind_at(0, 2), made.kind_at(1, 2)) == (Kind.NUMBER, Kind.TEXT)
    assert made.edited == {(3, 2): "$1,000.00", (2, 0): "INV-1001"}
    assert made.source == "october.csv (2 cells edited)"
    assert made.only(np.array([True, False])).shown(0, 0) == ""


def test_no_cells_change_nothing(rows):
    made = rows.with_cells({})
    assert (made.frame.equals(rows.frame), made.source) == (True, "october.csv")


@pytest.mark.parametrize("cell", [(4, 0), (2, 10), (2, -1)])
def test_a_cell_that_is_not_there_is_refused(rows, cell):
    with pytest.raises(CannotRun, match=r"october\.csv has no cell"):
        rows.with_cells({cell: "x"})
