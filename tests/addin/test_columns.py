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
    mapped.book.sheets["Invoices"]["K1"].value = "Extra"
    assert mapped.press("validate") == CHANGED
    mapped.book.sheets[in_front].activate()
    assert mapped.press("map_columns") == ""
    assert "Extra" in [row[1] for row in mapped.rows()]
    mapped.book.sheets["Invoices"]["K1"].value = "Currency"
    mapped.book.sheets["Invoices"].activate()
    mapped.press("map_columns")
    mapped.press("validate")
    assert "Import status" in mapped.rows(mapped.book.sheets["Invoices"])[0]


def test_what_was_chosen_stays_where_the_sheet_still_fits(mapped):
    row = next(at for at, cells in enumerate(mapped.rows(), 1) if cells[1] == "Currency")
    mapped.sheet.range((row, 4)).value = "(nothing)"
    mapped.book.sheets["Invoices"].activate()
    mapped.press("map_columns")
    assert fields(mapped)["Currency"] == "(nothing)"


def choose(desk: Desk, heading: str, label: str) -> None:
    """Choose a field beside a heading."""
    sheet = desk.book.sheets[sheets.TITLES["columns"]]
    row = next(at for at, cells in enumerate(desk.rows(sheet), 1) if cells[1] == heading)
    sheet.range((row, 4)).value = label


def test_a_remark_behind_the_marks_leaves_the_columns_as_they_were_chosen(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=lambda sheet: sheet.__setitem__("C1", "Foo")))
    desk.press("map_columns")
    choose(desk, "Foo", "Amount *")
    desk.book.sheets["Invoices"].activate()
    desk.press("validate")
    desk.sheet["N1:N2"].options(transpose=True).value = ["Remark", "ask Ada"]
    assert desk.press("validate") == ""
    assert desk.rows()[0][-3:] == ["Remark", "Import status", "Marks"]
    desk.press("map_columns")
    assert (fields(desk)["Foo"], fields(desk)["Remark"]) == ("Amount *", "(nothing)")
    assert "Import status" not in fields(desk)


def test_what_still_stands_is_kept_when_the_sheet_is_made_anew(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=lambda sheet: sheet.__setitem__("C1", "Foo")))
    desk.press("map_columns")
    choose(desk, "Foo", "Amount *")
    desk.book.sheets["Invoices"].activate()
    desk.sheet["K1"].value = "Extra"
    desk.press("map_columns")
    assert fields(desk)["Foo"] == "Amount *"


def test_a_heading_that_stands_twice_by_now_is_asked_for_anew(mapped):
    mapped.book.sheets["Invoices"]["L1:L2"].options(transpose=True).value = ["Currency", "EUR"]
    assert mapped.press("validate") == CHANGED


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
