"""What stands beside the rows after an import that was done, and after one that was not."""

from typing import Any

import pytest
from openpyxl.worksheet.table import Table

from tests.addin import cases
from tests.addin.desk import RULES, Desk, workbook, wrong


@pytest.fixture
def imported(open_desk, tmp_path) -> Desk:
    """A desk whose four right invoices were imported."""
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("import_invoices", answers=[{}, True])
    return desk


@pytest.mark.parametrize("answers", [[None], [{"expect-count": "7"}], [{}]])
def test_an_import_that_does_not_happen_leaves_what_stands_beside_the_rows(imported, answers):
    before = imported.rows()
    imported.press("import_invoices", answers=answers)
    assert imported.rows() == before
    assert imported.column("Batch")[:2] == [1.0, None]


@pytest.mark.parametrize(("button", "answers"), [("import_invoices", [None]), ("import_invoices", [{}, False]), ("apply_fixes", [False])])
def test_what_does_not_happen_leaves_it_there_though_the_user_wrote_behind_it(imported, button, answers):
    imported.sheet["D3"].value, imported.sheet["I3"].value = (10.0, "no") if button == "import_invoices" else (5000.0, "Y")
    imported.sheet["P1:P2"].options(transpose=True).value = ["Remark", "ask Ada"]
    before = imported.rows()
    imported.press(button, answers=answers)
    assert imported.rows() == before


def test_problems_and_columns_do_not_tell_of_our_columns_before_the_users(imported):
    imported.sheet["P1:P2"].options(transpose=True).value = ["Remark", "ask Ada"]
    for button in ("problems", "map_columns"):
        imported.book.sheets["Invoices"].activate()
        imported.press(button)
        shown = str(imported.rows())
        assert "Import status" not in shown
        assert "'Batch'" not in shown


def test_no_leaves_what_stands_beside_the_rows(imported):
    imported.sheet["D3"].value, imported.sheet["I3"].value = 10.0, "no"
    before = imported.rows()
    imported.press("import_invoices", answers=[{}, False])
    assert imported.rows() == before
    imported.press("import_invoices", answers=[{}, True])
    assert imported.column("Batch")[:4] == [None, 2.0, None, None]
    assert [text.split(":")[0] for text in imported.column("Import status")][:4] == ["Unchanged", "Created", "Unchanged", "Not imported"]
    assert not imported.sheet["D3"].note


def test_refused_totals_say_once_that_nothing_was_imported(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path))
    told = desk.press("import_invoices", answers=[{"expect-count": "7", "expect-total": "6,000.00"}])
    assert told.count("Nothing was imported.") == 1


def test_marks_of_the_other_table_go_and_that_is_told(open_desk, tmp_path):
    rows = cases.rows_of(RULES)

    def below(sheet: Any) -> None:
        for at, row in enumerate(rows):
            for column, value in enumerate(row, 1):
                sheet.cell(12 + at, column, f"{value}b" if at and column <= 2 else value)
        sheet.add_table(Table(displayName="Second", ref=f"A12:{sheet.cell(18, len(rows[0])).coordinate}"))

    desk = open_desk(workbook(tmp_path, cases.in_a_table, below))
    told = "The marks of the other table on this sheet were replaced."
    for first, button, answers in (("A2", "import_invoices", [{}, True]), ("A13", "import_invoices", [{}, True]), ("A2", "validate", [])):
        desk.sheet[first].select()
        desk.press(button, answers=answers)
        assert (told in desk.status_bar) == (first != "A2" or button == "validate")
        assert str(desk.rows()).count("Import status") == 1
