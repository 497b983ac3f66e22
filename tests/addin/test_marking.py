"""What the user has beside the data stays as it is: fills, formats, rules and validations of whole rows, under the marks and after them."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from tests.addin import cases
from tests.addin.desk import workbook, wrong


def decorated(sheet: Any) -> None:
    """Rows filled far beyond the data, a rule for everything, a validation and number formats where the marks will stand."""
    wrong(sheet)
    for column in range(1, 20):
        sheet.cell(1, column).fill, sheet.cell(1, column).font = PatternFill("solid", fgColor="FFFFFF00"), Font(bold=True, color="FF1F4E78")
        for row in (3, 5, 7):
            sheet.cell(row, column).fill = PatternFill("solid", fgColor="FFDDEBF7")
    sheet.conditional_formatting.add("A2:Z100", FormulaRule(formula=["MOD(ROW(),2)=0"], fill=PatternFill(bgColor="FFE2EFDA")))
    whole = DataValidation(type="whole", operator="between", formula1="1", formula2="9")
    whole.add("L2:O50")
    sheet.add_data_validation(whole)
    for cell in ("M3", "N3", "N4", "O3"):
        sheet[cell].number_format = "0.000"


def looks(path: Path) -> dict:
    """How every cell looks, blank ones too, with the rules and validations."""
    sheet = openpyxl.load_workbook(path).active
    cells = [cell for row in sheet["A1:T9"] for cell in row]
    told: dict = {cell.coordinate: (cell.value, cell.number_format, cell.fill.fgColor.rgb, cell.font.b, cell.font.color and cell.font.color.rgb) for cell in cells}
    told["rules"] = sorted((str(where.sqref), rule.type, tuple(rule.formula)) for where in sheet.conditional_formatting for rule in where.rules)
    told["validations"] = sorted((str(its.sqref), its.type, its.formula1, its.formula2) for its in sheet.data_validations.dataValidation)
    return told


@pytest.mark.parametrize("layout", [cases.plain, cases.in_a_table])
@pytest.mark.parametrize("steps", [[("validate", [])], [("import_invoices", [{}, True]), ("validate", [])], [("validate", []), ("import_invoices", [{}, True])]])
def test_what_whole_rows_look_like_stays_when_the_marks_go(open_desk, tmp_path, layout, steps):
    desk = open_desk(workbook(tmp_path, layout, decorated))
    before, after = tmp_path / "before.xlsx", tmp_path / "after.xlsx"
    desk.book.save(str(before))
    for button, answers in steps:
        desk.press(button, answers=answers)
        assert "Import status" in desk.rows()[0]
    desk.press("clear_marks")
    desk.book.save(str(after))
    assert looks(after) == looks(before)
    assert looks(before)["L3"][2] == "FFDDEBF7"


def test_the_headings_of_the_marks_are_told_by_a_rule_that_goes_with_them(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("import_invoices", answers=[{}, True])
    heading = desk.sheet["L1:O1"]
    assert heading.value == ["Import status", "Marks", "Record", "Batch"]
    for cell in ("L1", "O1"):
        assert [rule.formula for rule in desk.sheet[cell].conditional_formats] == ["=ir_head_1"]
    desk.press("clear_marks")
    assert not list(desk.sheet["A1:Z9"].conditional_formats)
    assert not [name.name for name in desk.book.names]


@pytest.mark.parametrize("formatted", ["General", "@"])
def test_records_stay_texts_beside_the_rows(open_desk, tmp_path, formatted):
    keys = ["00123", "1E5", "3-4", "TRUE"]

    def numbered(sheet: Any) -> None:
        for row, key in enumerate(keys, 2):
            sheet[f"A{row}"], sheet[f"A{row}"].number_format = key, "@"
        for row in range(1, 9):
            sheet[f"N{row}"].number_format = formatted

    desk = open_desk(workbook(tmp_path, change=numbered))
    desk.press("import_invoices", answers=[{}, True])
    assert desk.column("Record")[:4] == keys
    desk.press("clear_marks")
    assert desk.sheet["N2"].number_format == formatted


def _between(sheet: Any) -> None:
    """The user's own column between ours, as is natural to file what was imported."""
    sheet["N:N"].insert("right")
    sheet["N1"].value, sheet["N2"].value = "Paid on", "by Ada"


@pytest.mark.parametrize("layout", [cases.plain, cases.in_a_table])
@pytest.mark.parametrize("button", ["validate", "import_invoices", "clear_marks"])
def test_a_column_of_the_users_between_ours_stays(open_desk, tmp_path, layout, button):
    desk = open_desk(workbook(tmp_path, layout, wrong))
    desk.press("import_invoices", answers=[{}, True])
    _between(desk.sheet)
    desk.sheet["A1"].select()
    desk.press(button, answers=[{}] if button == "import_invoices" else [])
    assert desk.column("Paid on")[:2] == ["by Ada", None]
    headings = desk.rows()[0]
    assert headings.count("Import status") == (0 if button == "clear_marks" else 1)
    if button == "validate":
        at = headings.index("Paid on")
        assert headings[at:] == ["Paid on", "Import status", "Marks"]
        assert "when you sort" not in desk.status_bar
    if layout is cases.in_a_table:
        table = desk.sheet.tables[0]
        assert "Paid on" in table.header_row_range.value


def test_tints_follow_the_users_column_that_moved_up(open_desk, tmp_path):
    """Where our columns leave a table from between the user's, what is wrong behind them is marked where it stands then."""
    desk = open_desk(workbook(tmp_path, cases.in_a_table, wrong))
    desk.press("import_invoices", answers=[{}, True])
    desk.sheet["P:P"].insert("right")
    desk.sheet.tables[0].resize(desk.sheet["A1:P7"])
    desk.sheet["I1"].value = "Notes of Ada"
    desk.sheet["P1"].value = "Canceled"
    desk.sheet["P2:P7"].options(transpose=True).value = desk.sheet["I2:I7"].value
    desk.press("validate")
    assert desk.rows()[0][11:] == ["Canceled", "Import status", "Marks"]
    assert any("ir_bad" in rule.formula for rule in desk.sheet["L3"].conditional_formats)
    desk.press("next_problem")


def test_a_heading_of_ours_that_the_user_wrote_over_is_ours_all_the_same(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    before = desk.rows()
    desk.press("validate")
    desk.sheet["L1"].value = "How it stands"
    desk.press("clear_marks")
    assert desk.rows() == before
