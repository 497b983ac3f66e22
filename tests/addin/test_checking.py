"""The buttons that check, where the user changed our columns, hides rows, or has a workbook that takes nothing."""

import pytest

from addin import surface
from tests.addin import cases
from tests.addin.desk import workbook, wrong


@pytest.mark.parametrize("column", ["L:L", "M:M", "L:M", "L:O"])
@pytest.mark.parametrize("button", ["validate", "import_invoices"])
def test_marks_whose_columns_were_deleted_are_none(open_desk, tmp_path, column, button):
    desk = open_desk(workbook(tmp_path, change=wrong))
    before = desk.rows()
    desk.press(button, answers=[{}, True] if button == "import_invoices" else [])
    desk.sheet[column].delete()
    assert desk.press("next_problem") == "Nothing is marked on this sheet. Press Validate first."
    desk.press("validate")
    assert desk.rows()[0][len(before[0]) :] == ["Import status", "Marks"]
    desk.press("clear_marks")
    assert desk.rows() == before


@pytest.mark.parametrize("columns", ["L:L", "L:M", "L:O"])
def test_clear_marks_takes_the_rest_away_where_the_user_deleted_our_columns(open_desk, tmp_path, columns):
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("import_invoices", answers=[{}, True])
    assert desk.sheet["D3"].note is not None
    desk.sheet[columns].delete()
    desk.press("next_problem")
    desk.press("clear_marks")
    assert not list(desk.sheet.notes)
    assert not list(desk.sheet["A1:Z9"].conditional_formats)
    assert not [name.name for name in desk.book.names]


def test_next_problem_after_all_was_right_says_so(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path))
    assert desk.press("next_problem") == "Nothing is marked on this sheet. Press Validate first."
    desk.press("validate")
    assert desk.press("next_problem") == "There is no problem in the rows of this sheet."


def test_the_status_bar_does_not_stay_at_what_was_declined(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("apply_fixes", answers=[False])
    assert desk.status_bar == "Invoice Rules: nothing was corrected."
    desk.press("import_invoices", answers=[{}, True])
    desk.press("undo_last_import", answers=[False])
    assert desk.status_bar == "Invoice Rules: nothing was undone."
    desk.press("settings", answers=[None])
    assert desk.status_bar == "Invoice Rules: the settings were left as they were."


def hiding(*wrong_rows: int):
    """Rows 3, 5 and 6 are hidden; the amount due is too high in these."""

    def change(sheet) -> None:
        for row in wrong_rows:
            sheet[f"D{row}"] = 5000.0
        sheet["I3"], sheet["I4"] = "Y", "Y"

    return change


def test_next_problem_passes_over_rows_that_a_filter_hides(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, cases.filtered, hiding(3, 4)))
    desk.press("validate")
    desk.sheet["A1"].select()
    seen = []
    for _ in range(3):
        desk.press("next_problem")
        seen.append(desk.book.app.selection.address)
        assert desk.status_bar.endswith("(2 more problems are in rows that a filter hides)")
    assert seen == ["$D$4", "$I$4", "$D$4"]


def test_next_problem_says_that_all_are_hidden(open_desk, tmp_path):
    def hidden(sheet) -> None:
        hiding(3)(sheet)
        sheet["I3"] = sheet["I4"] = sheet["I2"].value

    desk = open_desk(workbook(tmp_path, cases.filtered, hidden))
    desk.press("validate")
    told = desk.press("next_problem")
    assert told == f"1 problem is in rows that a filter hides. Show all rows first ({surface.words(desk.book.app).filter}), then press Next problem again."


def test_corrections_in_hidden_rows_are_told_before_they_are_made(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, cases.filtered, hiding()))
    desk.press("apply_fixes", answers=[False])
    assert desk.asked[-1].endswith("Put 2 corrections into the cells? 1 of them is in rows that a filter hides.")


def test_corrections_are_put_into_their_own_cells(open_desk, tmp_path, engine):
    """Also over rows that are hidden; what looks like a date stays text, and a formula is left to the user."""

    def faulty(sheet) -> None:
        for row in (2, 3, 4, 6, 7):
            sheet[f"I{row}"] = "Y"
        sheet["I4"] = '=CONCATENATE("Y")' if engine == "calc" else "no"  # the double does not calculate
        sheet["G3"], sheet["G4"] = "2 Nov 2026", "November 3, 2026"

    desk = open_desk(workbook(tmp_path, cases.filtered, faulty))
    before = desk.rows()
    desk.press("apply_fixes", answers=[True])
    after = [row[: len(before[0])] for row in desk.rows()]
    changed = {(row, column): now for row, cells in enumerate(after, 1) for column, now in enumerate(cells, 1) if now != before[row - 1][column - 1]}
    assert changed == {(3, 7): "11/02/2026", (4, 7): "11/03/2026", **{(row, 9): "yes" for row in (2, 3, 6, 7)}}


def test_the_menus_named_are_those_of_the_program(open_desk, tmp_path, engine):
    def protect(sheet) -> None:
        sheet.protection.sheet = True

    told = open_desk(workbook(tmp_path, change=protect)).press("validate")
    menu = "Tools, Protect Sheet" if engine == "calc" else "Review, Unprotect Sheet"
    assert told.startswith(f'Sheet "Invoices" is protected, so nothing can be written on it. Take the protection off ({menu}), or press')
