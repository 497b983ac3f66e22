"""The sheet of columns can always be made anew: when the data changed since, and for another rule set."""

import pytest

from addin import sheets
from tests.addin.desk import Desk, workbook

CHANGED = "The columns changed since sheet IR Columns was made. Press Map columns to make it anew."


@pytest.fixture
def mapped(open_desk, tmp_path) -> Desk:
    """A desk with the sheet of columns in front."""
    desk = open_desk(workbook(tmp_path))
    desk.press("map_columns")
    return desk


def fields(desk: Desk) -> dict[str, str]:
    """Heading -> the field it feeds."""
    return {row[1]: row[3] for row in desk.rows(desk.book.sheets[sheets.TITLES["columns"]]) if row[1] and row[3]}


@pytest.mark.parametrize("in_front", ["Invoices", "IR Columns"])
def test_a_sheet_that_fits_no_longer_is_made_anew(mapped, in_front):
    mapped.book.sheets["Invoices"]["L1:L2"].options(transpose=True).value = ["Extra", "x"]
    assert mapped.press("validate") == CHANGED
    mapped.book.sheets[in_front].activate()
    assert mapped.press("map_columns") == ""
    assert fields(mapped)["Extra"] == "(nothing)"
    mapped.press("validate")
    assert "Import status" in mapped.rows(mapped.book.sheets["Invoices"])[0]


def test_what_was_chosen_stays_where_the_sheet_still_fits(mapped):
    row = next(at for at, cells in enumerate(mapped.rows(), 1) if cells[1] == "Currency")
    mapped.sheet.range((row, 4)).value = "(nothing)"
    mapped.book.sheets["Invoices"].activate()
    mapped.press("map_columns")
    assert fields(mapped)["Currency"] == "(nothing)"


@pytest.mark.parametrize("in_front", ["Invoices", "IR Columns"])
def test_the_sheet_of_another_rule_set_counts_for_nothing(mapped, in_front):
    mapped.press("choose_rules", "spectra.invoices")
    mapped.book.sheets[in_front].activate()
    assert "no field of" not in mapped.press("validate")
    assert mapped.press("map_columns") == ""
    assert mapped.sheet.name == sheets.TITLES["columns"]
    assert fields(mapped)["Currency"] != "Currency *"


def test_its_names_go_with_it(mapped):
    assert mapped.book.names.contains("ir_columns_rules")
    mapped.press("clear_marks")
    assert not [name.name for name in mapped.book.names]
