"""One suite for every spreadsheet that the add-in runs in: the same call gives the same result in the double, in Calc and in Excel.

Where an engine truly differs the test names it in `differs`, with the reason; what a test leaves out for it is then no gap in the suite.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwings as xw
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from xlwings import XlwingsError

from tests.addin.conftest import HEADINGS, OpenBook, invoices_workbook

REFUSALS = (XlwingsError, ValueError)
RED, GREEN = (255, 199, 206), (198, 239, 206)


@pytest.fixture
def differs(engine: str, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`differs("calc", "why")`: with that engine the test must fail, for that reason; once it passes, the mark has to go."""

    def expect(name: str, reason: str) -> None:
        if engine == name:
            request.applymarker(pytest.mark.xfail(strict=True, reason=f"{name} differs: {reason}"))

    return expect


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[xw.Book], openpyxl.Workbook]:
    """Saves a book under another name and reads the file with openpyxl."""

    def save(book: xw.Book) -> openpyxl.Workbook:
        file = tmp_path / "saved.xlsx"
        book.save(str(file))
        return openpyxl.load_workbook(file)

    return save


# Values


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Harbour Ltd", "Harbour Ltd"),
        ("müller & söhne — 1€", "müller & söhne — 1€"),
        ("two\nlines", "two\nlines"),
        (12.5, 12.5),
        (7, 7.0),
        (-0.01, -0.01),
        (1e15, 1e15),
        (True, True),
        (False, False),
        (None, None),
        ("", None),
        (dt.datetime(2026, 1, 31), dt.datetime(2026, 1, 31)),
        (dt.datetime(2026, 1, 31, 13, 30), dt.datetime(2026, 1, 31, 13, 30)),
        (dt.date(2024, 2, 29), dt.datetime(2024, 2, 29)),
        (float("nan"), None),
    ],
)
def test_a_value_comes_back(sheet, written, read):
    sheet["B2"].value = written
    found = sheet["B2"].value
    assert found == read
    assert type(found) is type(read)


def test_a_number_format_of_text_keeps_what_looks_like_a_number(sheet):
    sheet["A1:A4"].number_format = "@"
    sheet["A1"].value = [["00123"], ["2026-01-05"], ["=1+1"], ["5%"]]
    assert sheet["A1:A4"].value == ["00123", "2026-01-05", "=1+1", "5%"]


def test_an_apostrophe_keeps_what_looks_like_a_number(sheet):
    sheet["A1"].value = "'00123"
    assert sheet["A1"].value == "00123"


@pytest.mark.parametrize(("text", "number"), [("00123", 123.0), ("1,234.50", 1234.5), ("5%", 0.05), ("1e3", 1000.0), ("-7", -7.0)])
def test_text_that_looks_like_a_number_becomes_one(sheet, differs, text, number):
    differs("calc", "UNO writes text as text; the surface formats text columns before it writes")
    sheet["A1"].value = text
    assert sheet["A1"].value == number


def test_text_that_looks_like_a_date_becomes_one(sheet, differs):
    differs("calc", "UNO writes text as text; the surface formats text columns before it writes")
    sheet["A1"].value = "1/31/2026"
    assert sheet["A1"].value == dt.datetime(2026, 1, 31)


def test_a_date_that_is_none_stays_text(sheet):
    sheet["A1"].value = "02/30/2026"
    assert sheet["A1"].value == "02/30/2026"


def test_rows_and_columns_come_back_in_their_shapes(sheet):
    sheet["A1"].value = [["a", 1], ["b", 2], ["c", None]]
    assert sheet["A1:B3"].value == [["a", 1.0], ["b", 2.0], ["c", None]]
    assert sheet["A1:B1"].value == ["a", 1.0]
    assert sheet["A1:A3"].value == ["a", "b", "c"]
    assert sheet["A1"].options(ndim=2).value == [["a"]]
    assert sheet["A1:B3"].options(ndim=2, empty="").value[2] == ["c", ""]


def test_one_value_fills_a_range(sheet):
    sheet["A1:B3"].value = "same"
    assert sheet["A1:B3"].value == [["same", "same"]] * 3


def test_raw_values_go_both_ways_in_bulk(sheet):
    rows = [[f"INV-{n}", float(n), n % 2 == 0, None] for n in range(1, 301)]
    sheet["A1:D300"].raw_value = rows
    assert [list(row) for row in sheet["A1:D300"].raw_value] == rows


def test_dates_come_back_in_bulk(sheet):
    days = [dt.datetime(2026, 1, 1) + dt.timedelta(days=n) for n in range(50)]
    sheet["C1"].options(transpose=True).value = days
    assert sheet["C1:C50"].value == days


def test_days_count_from_1904_where_the_book_says_so(open_book: OpenBook):
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active["A1"] = dt.datetime(2026, 1, 31)
    book = open_book(workbook)
    assert book.impl.api.Date1904 is True
    assert book.sheets[0]["A1"].value == dt.datetime(2026, 1, 31)
    assert book.sheets[0]["A1"].api.Value2 == 46053 - 1462
    book.sheets[0]["A2"].value = dt.datetime(2026, 2, 1)
    assert book.sheets[0]["A2"].value == dt.datetime(2026, 2, 1)


def test_days_count_from_1900_otherwise(sheet):
    sheet["A1"].value = dt.datetime(2026, 1, 31)
    assert sheet.book.impl.api.Date1904 is False
    assert sheet["A1"].api.Value2 == 46053


def test_error_cells_have_their_text_or_are_blank(open_book: OpenBook):
    workbook = openpyxl.Workbook()
    workbook.active["A1"], workbook.active["A2"] = "#N/A", "#DIV/0!"
    sheet = open_book(workbook).sheets[0]
    assert sheet["A1:A2"].value == [None, None]
    assert sheet["A1:A2"].options(err_to_str=True).value == ["#N/A", "#DIV/0!"]


def test_a_whole_column_may_be_read(sheet):
    sheet["B1"].value = [["x"], ["y"]]
    assert sheet["B:B"].shape == (1_048_576, 1)
    assert sheet["B:B"].address == "$B:$B"
    assert sheet["B1:B2"].value == ["x", "y"]


# Formulas


def test_a_formula_keeps_its_text(sheet):
    sheet["A1"].value = [[1], [2]]
    sheet["A3"].formula = "=SUM(A1:A2,10)"
    assert sheet["A3"].formula == "=SUM(A1:A2,10)"
    assert sheet["A1"].formula == "1"
    assert sheet["B1"].formula == ""


def test_text_with_an_equals_sign_is_a_formula(sheet):
    sheet["A1"].value = "=LEN($C$1)"
    assert sheet["A1"].formula == "=LEN($C$1)"


def test_one_formula_fills_a_range_row_by_row(sheet):
    sheet["B1:B3"].formula = "=A1*2"
    assert [cell.formula for cell in sheet["B1:B3"]] == ["=A1*2", "=A2*2", "=A3*2"]


def test_a_formula_is_calculated(sheet, differs):
    differs("double", "openpyxl does not calculate")
    sheet["A1"].value = [[1], [2]]
    sheet["A3"].value = "=SUM(A1:A2,10)"
    assert sheet["A3"].value == 13.0


def test_formulas_come_back_as_rows(sheet):
    sheet["A1"].value = [["x", 1.5], ["=$D$1", True]]
    assert [list(row) for row in sheet["A1:B2"].formula] == [["x", "1.5"], ["=$D$1", "TRUE"]]


# Ranges


def test_ranges_know_where_they_are(sheet):
    cells = sheet["B2:D5"]
    assert (cells.row, cells.column, cells.shape, cells.size, cells.count) == (2, 2, (4, 3), 12, 12)
    assert cells.address == "$B$2:$D$5"
    assert cells.get_address(False, False) == "B2:D5"
    assert sheet.range((2, 2), (5, 4)) == cells
    assert cells.last_cell.address == "$D$5"
    assert cells[0, 0].address == "$B$2"
    assert cells[1:, -1].address == "$D$3:$D$5"
    assert cells.offset(1, 1).resize(1, 2).address == "$C$3:$D$3"
    assert cells(2, 3).address == "$D$3"
    assert cells(4).address == "$B$3"


def test_an_address_may_name_its_sheet(invoices):
    found = invoices.sheets[0]["B2"].get_address(include_sheetname=True)
    assert found.replace("'", "") == "Invoices!$B$2"  # xlwings quotes the sheet where the book's name holds a space


def test_a_union_is_formatted_as_one(sheet):
    union = sheet.range("B2,D4:E5")
    union.color = RED
    assert union.address == "$B$2,$D$4:$E$5"
    assert [sheet[cell].color for cell in ("B2", "D4", "E5", "C3", "E6")] == [RED, RED, RED, None, None]
    union.color = None
    assert sheet["E5"].color is None


def test_an_address_of_more_than_255_characters_is_refused(sheet):
    with pytest.raises(REFUSALS):
        sheet.range(",".join(f"A{row}" for row in range(1000, 1060))).color = RED


def test_an_address_of_255_characters_is_taken(sheet):
    address = ",".join(f"A{row}" for row in range(1000, 1042))
    sheet.range(address).color = RED
    assert len(address) <= 255
    assert sheet["A1041"].color == RED


def test_what_is_neither_address_nor_name_is_refused(sheet):
    with pytest.raises(REFUSALS):
        _ = sheet["no_such_name"].address


def test_expand_finds_the_block(invoices):
    sheet = invoices.sheets[0]
    assert sheet["A1"].expand().address == "$A$1:$E$7"
    assert sheet["A1"].expand("down").address == "$A$1:$A$7"
    assert sheet["A1"].expand("right").address == "$A$1:$E$1"


def test_current_region_is_the_block_around(invoices):
    sheet = invoices.sheets[0]
    sheet["G9"].value = "apart"
    assert sheet["C4"].current_region.address == "$A$1:$E$7"
    assert sheet["G9"].current_region.address == "$G$9"


def test_end_jumps_as_ctrl_and_arrow_do(invoices):
    sheet = invoices.sheets[0]
    sheet["A20"].value = "below"
    assert sheet["A1"].end("down").row == 7
    assert sheet["A7"].end("down").row == 20
    assert sheet["A20"].end("down").row == 1_048_576
    assert sheet["A1048576"].end("up").row == 20
    assert sheet["A1"].end("right").column == 5


def test_the_used_range_holds_every_filled_cell(sheet):
    sheet["B3"].value = 1
    sheet["D7"].value = 2
    assert sheet.used_range.address == "$B$3:$D$7"


def test_cells_are_the_whole_sheet(sheet):
    assert sheet.cells.shape == (1_048_576, 16_384)


# Formats


def test_number_formats_are_none_where_they_differ(sheet):
    sheet["A1:A2"].number_format = "0.00"
    assert sheet["A1:A2"].number_format == "0.00"
    sheet["A2"].number_format = "@"
    assert sheet["A1:A2"].number_format is None
    assert sheet["C1"].number_format == "General"


def test_a_date_format_turns_numbers_into_dates(sheet):
    sheet["A1"].value = 46053
    sheet["A1"].number_format = "yyyy-mm-dd"
    assert sheet["A1"].value == dt.datetime(2026, 1, 31)
    sheet["A1"].number_format = "0"
    assert sheet["A1"].value == 46053.0


def test_a_whole_column_may_be_formatted_before_it_is_filled(sheet):
    sheet["C:C"].number_format = "@"
    sheet["C5"].value = "007"
    assert sheet["C5"].value == "007"


def test_fonts(sheet):
    font = sheet["A1:B1"].font
    font.bold, font.italic, font.size, font.name, font.color = True, True, 14, "Arial", (31, 56, 100)
    found = sheet["B1"].font
    assert (found.bold, found.italic, found.size, found.name, found.color) == (True, True, 14, "Arial", (31, 56, 100))
    sheet["B1"].font.bold = False
    assert sheet["A1:B1"].font.bold is None
    assert sheet["A1:B1"].font.italic is True


def test_wrapping_and_alignment(sheet):
    cells = sheet["A1:B2"]
    cells.wrap_text = True
    cells.horizontal_alignment, cells.vertical_alignment = "center", "top"
    assert (cells.wrap_text, cells.horizontal_alignment, cells.vertical_alignment) == (True, "center", "top")
    assert sheet["C1"].wrap_text is False
    assert sheet["C1"].horizontal_alignment == "general"


def test_widths_and_heights(sheet):
    sheet["B:C"].column_width = 25
    assert sheet["B:C"].column_width == pytest.approx(25, abs=0.3)
    sheet["A2:A3"].row_height = 30
    assert sheet["A2"].row_height == pytest.approx(30, abs=0.3)
    sheet["C:C"].column_width = 10
    assert sheet["B:C"].column_width is None


def test_autofit_widens_to_the_longest_text(sheet):
    sheet["A1"].value = "a heading that is a good deal wider than the column"
    before = sheet["A1"].column_width
    sheet["A:A"].columns.autofit()
    assert sheet["A1"].column_width > before + 10


def test_hidden_rows_and_columns(sheet):
    sheet["3:4"].rows.hidden = True
    assert sheet["3:4"].rows.hidden is True
    assert sheet["2:4"].rows.hidden is None
    assert sheet["5:6"].rows.hidden is False
    sheet["B:B"].columns.hidden = True
    assert sheet["B:B"].columns.hidden is True
    assert sheet["A:B"].columns.hidden is None


def test_visible_cells_leave_hidden_rows_out(sheet):
    sheet["A1"].value = [[n] for n in range(1, 7)]
    sheet["3:4"].rows.hidden = True
    assert [area.address for area in sheet["A1:A6"].get_special_cells("visible")] == ["$A$1:$A$2", "$A$5:$A$6"]


def test_clearing_contents_leaves_the_looks(sheet):
    sheet["A1:B2"].value, sheet["A1:B2"].color = 1, RED
    sheet["A1:B2"].clear_contents()
    assert (sheet["A1"].value, sheet["A1"].color) == (None, RED)


def test_clearing_formats_leaves_the_contents(sheet):
    sheet["A1"].value, sheet["A1"].color = 1, RED
    sheet["A1"].clear_formats()
    assert (sheet["A1"].value, sheet["A1"].color) == (1.0, None)


def test_clearing_takes_all(sheet):
    sheet["A1"].value, sheet["A1"].color = 1, RED
    sheet["A1"].clear()
    assert (sheet["A1"].value, sheet["A1"].color) == (None, None)


def test_a_merged_cell_has_its_value_at_the_start(open_book: OpenBook):
    workbook = openpyxl.Workbook()
    workbook.active["B2"] = "title"
    workbook.active.merge_cells("B2:D3")
    sheet = open_book(workbook).sheets[0]
    assert sheet["B2"].merge_cells is True
    assert sheet["C3"].merge_cells is True
    assert sheet["A1"].merge_cells is False
    assert sheet["C3"].merge_area.address == "$B$2:$D$3"
    assert sheet["A1"].merge_area.address == "$A$1"
    assert sheet["B2:C2"].value == ["title", None]


# Notes, links, selection


def test_a_note_is_added_changed_and_deleted(sheet):
    sheet["B3"].add_note("Amount is missing.")
    assert sheet["B3"].note.text == "Amount is missing."
    sheet["B3"].note.text = "Date is missing."
    assert sheet["B3"].note.text == "Date is missing."
    sheet["B3"].note.delete()
    assert sheet["B3"].note is None


def test_a_second_note_is_refused(sheet):
    sheet["B3"].add_note("first")
    with pytest.raises(REFUSALS):
        sheet["B3"].add_note("second")
    assert sheet["B3"].note.text == "first"


def test_the_notes_of_a_sheet(sheet):
    for cell in ("A5", "B2"):
        sheet[cell].add_note(f"note of {cell}")
    assert sorted((note.location.address, note.text) for note in sheet.notes) == [("$A$5", "note of A5"), ("$B$2", "note of B2")]


def test_a_link_to_a_page(sheet):
    sheet["A1"].add_hyperlink("https://example.com/guide", "Guide", "Opens the guide")
    assert sheet["A1"].value == "Guide"
    assert sheet["A1"].hyperlink.rstrip("/") == "https://example.com/guide"


def test_a_link_to_a_cell_survives_saving(invoices, saved):
    sheet = invoices.sheets.add("Problems", after=invoices.sheets[0])
    sheet["A1"].add_hyperlink("#'Invoices'!A5", "Row 5", "Go to the cell")
    assert sheet["A1"].value == "Row 5"
    link = saved(invoices)["Problems"]["A1"].hyperlink
    assert (link.location or link.target).lstrip("#").replace("'", "").replace("$", "") == "Invoices!A5"


def test_what_is_selected_is_the_selection(invoices):
    sheet = invoices.sheets[0]
    sheet.activate()
    sheet["B2:C3"].select()
    assert invoices.app.selection.address == "$B$2:$C$3"


# Rows and columns that come and go


def test_columns_are_inserted(sheet):
    sheet["A1"].value = [["a", "b", "c"], [1, 2, "=B2*2"]]
    sheet["B:B"].insert("right")
    assert sheet["A1:D1"].value == ["a", None, "b", "c"]
    assert sheet["D2"].formula == "=C2*2"


def test_columns_are_deleted(sheet):
    sheet["A1"].value = [["a", "b", "c"], [1, 2, 3]]
    sheet["B:B"].delete()
    assert sheet["A1:C2"].value == [["a", "c", None], [1.0, 3.0, None]]


def test_rows_are_inserted_and_deleted(sheet):
    sheet["A1"].value = [["a"], ["b"], ["c"]]
    sheet["2:3"].insert("down")
    assert sheet["A1:A5"].value == ["a", None, None, "b", "c"]
    sheet["1:3"].delete()
    assert sheet["A1:A2"].value == ["b", "c"]


def test_formats_notes_and_widths_move_with_their_column(sheet):
    sheet["B1"].value, sheet["B1"].color = "b", RED
    sheet["B1"].add_note("stays with b")
    sheet["B:B"].column_width = 30
    sheet["A:A"].insert("right")
    assert (sheet["C1"].value, sheet["C1"].color, sheet["C1"].note.text) == ("b", RED, "stays with b")
    assert sheet["C1"].column_width == pytest.approx(30, abs=0.3)
    assert sheet["B1"].note is None


def test_a_table_moves_with_its_columns(invoices):
    sheet = invoices.sheets[0]
    sheet["A:A"].insert("right")
    assert sheet.tables["tblInvoices"].range.address == "$B$1:$F$7"


def test_names_move_with_their_cells(invoices):
    invoices.sheets[0]["1:2"].insert("down")
    assert invoices.names["inv_data"].refers_to_range.address == "$A$4:$E$9"


# Names


def test_a_name_means_cells(invoices):
    assert "inv_data" in invoices.names
    assert "nothing" not in invoices.names
    assert invoices.names["inv_data"].refers_to == "=Invoices!$A$2:$E$7"
    assert invoices.names["inv_data"].refers_to_range.address == "$A$2:$E$7"
    assert invoices.sheets[0]["inv_data"].address == "$A$2:$E$7"


def test_names_are_added_and_deleted(invoices):
    invoices.names.add("ir_status", "=Invoices!$G:$G")
    assert sorted(name.name for name in invoices.names if name.name in ("inv_data", "ir_status")) == ["inv_data", "ir_status"]
    assert invoices.names["ir_status"].refers_to_range.address == "$G:$G"
    invoices.names["ir_status"].delete()
    assert "ir_status" not in invoices.names


def test_a_name_may_be_a_formula(invoices, saved):
    formula = '=ISNUMBER(SEARCH("|amountDue|",INDEX(Invoices!$L:$L,ROW())))'
    invoices.names.add("ir_bad_amountDue", formula)
    assert invoices.names["ir_bad_amountDue"].refers_to.replace(" ", "").upper().startswith("=ISNUMBER(SEARCH(")
    assert "|amountDue|" in saved(invoices).defined_names["ir_bad_amountDue"].attr_text


# Conditional formats


def test_a_rule_by_name_is_added_and_survives_saving(invoices, saved):
    sheet = invoices.sheets[0]
    invoices.names.add("ir_bad_amountDue", '=ISNUMBER(SEARCH("|amountDue|",INDEX(Invoices!$L:$L,ROW())))')
    sheet["D2:D7"].conditional_formats.add_custom("=ir_bad_amountDue", fill_color=RED, font_color=(156, 0, 6), font_bold=True)
    rule = sheet["D2:D7"].conditional_formats[0]
    assert (rule.type, rule.formula, rule.fill_color) == ("custom", "=ir_bad_amountDue", RED)
    kept = [(str(one.sqref), rule) for one in saved(invoices)["Invoices"].conditional_formatting for rule in one.rules]
    assert [(cells, rule.formula[0]) for cells, rule in kept] == [("D2:D7", "ir_bad_amountDue")]
    assert kept[0][1].dxf.fill.bgColor.rgb[-6:] == "FFC7CE"


def test_rules_are_those_that_meet_the_range(sheet):
    sheet["A1:A9"].conditional_formats.add_custom("=ISBLANK($F$1)", fill_color=RED)
    sheet["C1:C9"].conditional_formats.add_custom("=ISBLANK($F$2)", fill_color=GREEN)
    assert [rule.formula for rule in sheet["C5"].conditional_formats] == ["=ISBLANK($F$2)"]
    assert len(sheet["A1:C9"].conditional_formats) == 2
    assert len(sheet["B1:B9"].conditional_formats) == 0


def test_the_latest_rule_comes_first(sheet):
    cells = sheet["A1:A9"]
    cells.conditional_formats.add_custom("=ISBLANK($F$1)", fill_color=RED)
    cells.conditional_formats.add_custom("=ISBLANK($F$2)", fill_color=GREEN)
    assert [rule.formula for rule in cells.conditional_formats] == ["=ISBLANK($F$2)", "=ISBLANK($F$1)"]


def test_one_rule_is_deleted_and_the_users_stay(open_book: OpenBook):
    workbook = openpyxl.Workbook()
    fill = PatternFill("solid", bgColor="FFFFEB9C")
    workbook.active.conditional_formatting.add("A1:A9", CellIsRule("greaterThan", formula=["5"], fill=fill))
    workbook.active.conditional_formatting.add("A1:A9", FormulaRule(formula=["ISBLANK($F$1)"], fill=fill))
    cells = open_book(workbook).sheets[0]["A1:A9"]
    cells.conditional_formats.add_custom("=ISBLANK($F$2)", fill_color=RED)
    ours = next(rule for rule in cells.conditional_formats if rule.formula == "=ISBLANK($F$2)")
    ours.delete()
    assert [(rule.type, rule.formula) for rule in cells.conditional_formats] == [("cell_value", None), ("custom", "=ISBLANK($F$1)")]


# Validation


def test_a_list_to_choose_from(sheet, saved):
    sheet["B2:B5"].data_validation.set_list(["spectra", "harbour"])
    assert sheet["B2:B5"].data_validation.type == "list"
    assert sheet["D2"].data_validation.type == "none"
    kept = saved(sheet.book).active.data_validations.dataValidation
    assert [(str(one.sqref), one.formula1.replace(";", ",")) for one in kept] == [("B2:B5", '"spectra,harbour"')]


def test_validation_is_deleted(open_book: OpenBook):
    workbook = openpyxl.Workbook()
    rule = DataValidation(type="list", formula1='"a,b"')
    rule.add("B2:B5")
    workbook.active.add_data_validation(rule)
    cells = open_book(workbook).sheets[0]["B2:B5"]
    assert cells.data_validation.type == "list"
    cells.data_validation.delete()
    assert cells.data_validation.type == "none"


# Tables


def test_a_table_knows_its_parts(invoices):
    table = invoices.sheets[0].tables["tblInvoices"]
    assert (table.name, table.display_name) == ("tblInvoices", "tblInvoices")
    assert table.range.address == "$A$1:$E$7"
    assert table.header_row_range.value == HEADINGS
    assert table.data_body_range.address == "$A$2:$E$7"
    assert table.show_totals is False
    assert table.totals_row_range is None
    assert [column.name for column in table.columns] == HEADINGS


def test_a_cell_knows_its_table(invoices):
    sheet = invoices.sheets[0]
    assert sheet["C4"].table.name == "tblInvoices"
    assert sheet["H4"].table is None
    assert len(sheet.tables) == 1
    assert "tblInvoices" in sheet.tables


def test_a_table_is_resized(invoices):
    sheet = invoices.sheets[0]
    sheet["F1"].value = "Import Status"
    sheet.tables["tblInvoices"].resize(sheet["A1:F7"])
    assert sheet.tables["tblInvoices"].range.address == "$A$1:$F$7"
    assert [column.name for column in sheet.tables["tblInvoices"].columns][-1] == "Import Status"


def test_a_table_is_kept_by_saving(invoices, saved):
    table = saved(invoices)["Invoices"].tables["tblInvoices"]
    assert table.ref == "A1:E7"
    assert [column.name for column in table.tableColumns] == HEADINGS


def test_a_heading_stays_text(invoices, differs):
    differs("calc", "a database range has no rule for its headings")
    sheet = invoices.sheets[0]
    sheet["E1"].value = 2026
    assert sheet["E1"].value == "2026"
    sheet["E1"].value = "Customer"
    assert sheet["E1"].value == "Customer2"


def test_a_totals_row(open_book: OpenBook):
    workbook = invoices_workbook()
    table = workbook.active.tables["tblInvoices"]
    workbook.active["A8"] = "Total"
    table.ref, table.totalsRowCount = "A1:E8", 1
    found = open_book(workbook).sheets[0].tables["tblInvoices"]
    assert found.show_totals is True
    assert found.data_body_range.address == "$A$2:$E$7"
    assert found.totals_row_range.address == "$A$8:$E$8"


# Filters


def filtered() -> openpyxl.Workbook:
    """A filter on A1:B5 that hides rows 3 and 4."""
    workbook = openpyxl.Workbook()
    cells = workbook.active
    for row in (["Region", "Amount"], ["East", 1], ["West", 2], ["West", 3], ["East", 4]):
        cells.append(row)
    cells.auto_filter.ref = "A1:B5"
    cells.auto_filter.add_filter_column(0, ["East"])
    for row in (3, 4):
        cells.row_dimensions[row].hidden = True
    return workbook


def test_filter_mode_tells_that_rows_are_filtered_out(open_book: OpenBook):
    sheet = open_book(filtered()).sheets[0]
    assert bool(sheet.api.AutoFilterMode) is True
    assert bool(sheet.api.FilterMode) is True
    assert [area.address for area in sheet["A1:A5"].get_special_cells("visible")] == ["$A$1:$A$2", "$A$5"]


def test_no_filter_no_filter_mode(sheet):
    sheet["A1"].value = [["a"], ["b"]]
    sheet["2:2"].rows.hidden = True
    assert bool(sheet.api.AutoFilterMode) is False
    assert bool(sheet.api.FilterMode) is False


def test_a_filter_is_applied_and_cleared(sheet):
    sheet["A1"].value = [["Region", "Amount"], ["East", 1], ["West", 2], ["North", 3]]
    cells = sheet["A1:B4"]
    cells.autofilter.apply_values(1, ["East", "North"])
    assert bool(sheet.api.FilterMode) is True
    assert sheet["3:3"].rows.hidden is True
    assert [one.type for one in cells.autofilter.criteria] == ["values", "none"]
    assert list(cells.autofilter.criteria[0].values) == ["East", "North"]
    cells.autofilter.clear()
    assert bool(sheet.api.FilterMode) is False
    assert sheet["3:3"].rows.hidden is False


# Protection


def protected() -> openpyxl.Workbook:
    """A protected sheet; only column B is unlocked."""
    workbook = openpyxl.Workbook()
    cells = workbook.active
    for row in range(1, 6):
        cells.cell(row, 1, "locked")
        cells.cell(row, 2, "free").protection = Protection(locked=False)
    cells.protection.sheet = True
    return workbook


def test_protection_is_seen(open_book: OpenBook):
    sheet = open_book(protected()).sheets[0]
    assert bool(sheet.api.ProtectContents) is True
    assert sheet["A1"].api.Locked is True
    assert sheet["B1:B5"].api.Locked is False
    assert sheet["A1:B1"].api.Locked is None


def test_an_unprotected_sheet_says_so(sheet):
    assert bool(sheet.api.ProtectContents) is False
    assert sheet["A1"].api.Locked is True


def test_a_locked_cell_takes_no_value(open_book: OpenBook):
    sheet = open_book(protected()).sheets[0]
    with pytest.raises(REFUSALS):
        sheet["A1"].value = "changed"
    with pytest.raises(REFUSALS):
        sheet["A1:B2"].value = [["x", "y"], ["x", "y"]]
    assert sheet["A1:B1"].value == ["locked", "free"]


def test_an_unlocked_cell_takes_one(open_book: OpenBook):
    sheet = open_book(protected()).sheets[0]
    sheet["B1:B2"].value = [["x"], ["y"]]
    assert sheet["B1:B2"].value == ["x", "y"]


# Sheets and books


def test_sheets_are_found_by_name_and_number(invoices):
    assert [sheet.name for sheet in invoices.sheets] == ["Invoices"]
    assert invoices.sheets[0] == invoices.sheets["Invoices"] == invoices.sheets(1)
    assert invoices.sheets["invoices"].index == 1
    assert len(invoices.sheets) == 1
    assert invoices.sheets.active.name == "Invoices"


def test_sheets_are_added_where_they_are_wanted(invoices):
    invoices.sheets.add("Problems", after=invoices.sheets[0])
    invoices.sheets.add("Preview", before=invoices.sheets["Problems"])
    assert [sheet.name for sheet in invoices.sheets] == ["Invoices", "Preview", "Problems"]
    assert invoices.sheets.active.name == "Preview"
    invoices.sheets["Problems"].delete()
    assert [sheet.name for sheet in invoices.sheets] == ["Invoices", "Preview"]


def test_a_sheet_is_not_added_twice(invoices):
    with pytest.raises(REFUSALS):
        invoices.sheets.add("INVOICES")


@pytest.mark.parametrize("name", ["a" * 32, "a/b", "a:b", "[x]", "what?", "all*"])
def test_a_sheets_name_has_limits(sheet, name):
    before = sheet.name
    with pytest.raises(REFUSALS):
        sheet.name = name
    assert sheet.name == before


def test_a_sheet_is_renamed_and_formulas_follow(invoices):
    other = invoices.sheets.add("Sums", after=invoices.sheets[0])
    other["A1"].formula = "=SUM(Invoices!D2:D7)"
    invoices.sheets["Invoices"].name = "New bills"
    assert other["A1"].formula == "=SUM('New bills'!D2:D7)"
    assert invoices.names["inv_data"].refers_to == "='New bills'!$A$2:$E$7"


def test_a_sheet_is_hidden_and_shown(invoices):
    other = invoices.sheets.add("Lists", after=invoices.sheets[0])
    other.visible = False
    assert not other.visible
    other.visible = True
    assert other.visible


def test_gridlines(sheet):
    assert sheet.show_gridlines is True
    sheet.show_gridlines = False
    assert sheet.show_gridlines is False


def test_books_are_found_by_name(invoices):
    app = invoices.app
    assert app.books[invoices.name] == invoices
    assert app.books.active == invoices
    assert invoices in list(app.books)
    assert Path(invoices.fullname).name == invoices.name


def test_a_book_is_the_caller(invoices, monkeypatch):
    monkeypatch.setattr(xw.Book, "_mock_caller", None, raising=False)
    invoices.set_mock_caller()
    assert xw.Book.caller() == invoices


def test_what_was_written_is_in_the_saved_file(invoices, saved):
    sheet = invoices.sheets[0]
    sheet["F1"].value = [["Import Status"], ["Ready"], ["Not ready"]]
    sheet["F2:F3"].color = GREEN
    sheet["F3"].add_note("Amount is missing.")
    cells = saved(invoices)["Invoices"]
    assert [cells[f"F{row}"].value for row in (1, 2, 3)] == ["Import Status", "Ready", "Not ready"]
    assert (cells["A2"].value, cells["A2"].number_format) == ("00001", "@")
    assert cells["C2"].value == dt.datetime(2026, 1, 1)
    assert cells["F2"].fill.fgColor.rgb[-6:] == "C6EFCE"
    assert cells["F3"].comment.text.strip() == "Amount is missing."


def test_a_saved_book_goes_by_its_new_name(invoices, tmp_path):
    invoices.save(str(tmp_path / "renamed.xlsx"))
    assert invoices.name == "renamed.xlsx"
    assert Path(invoices.fullname) == tmp_path / "renamed.xlsx"


# The application


def test_the_status_bar_shows_a_text_and_is_given_back(engine_book):
    app = engine_book.app
    app.status_bar = "Checking 200 rows"
    assert app.status_bar == "Checking 200 rows"
    app.status_bar = False
    assert not app.status_bar or isinstance(app.status_bar, bool)


def test_settings_are_put_back(engine_book):
    app = engine_book.app
    with app.properties(screen_updating=False, enable_events=False, display_alerts=False, calculation="manual"):
        assert (app.screen_updating, app.calculation) == (False, "manual")
    assert (bool(app.screen_updating), app.calculation) == (True, "automatic")


def test_the_application_says_who_it_is(engine_book, engine):
    app = engine_book.app
    assert app.engine.name == engine
    assert app.version.major >= 7
    assert isinstance(app.pid, int)
    app.activate()


@pytest.fixture
def scripted(engine_book, engine) -> xw.App:
    """An application whose dialogs a script answers."""
    if engine == "excel":
        pytest.skip("Excel's own dialogs want a person")
    engine_book.app.impl.answers = []
    return engine_book.app


def test_an_alert_gives_the_answer_of_the_script(scripted):
    scripted.impl.answers = ["no", "cancel"]
    assert scripted.alert("Import 12 invoices?", "Import", "yes_no") == "no"
    assert scripted.alert("Import 12 invoices?", "Import", "ok_cancel", mode="critical") == "cancel"
    assert len(scripted.impl.log) == 2
    assert "Import 12 invoices?" in str(scripted.impl.log[0])


def test_a_question_without_an_answer_is_an_error(scripted):
    with pytest.raises(AssertionError):
        scripted.alert("Import 12 invoices?", "Import", "yes_no")


def test_a_form_gives_what_was_filled_in(scripted):
    fields = [("user", "Your name", "", ()), ("store", "Store", "books", ("books", "other"))]
    scripted.impl.answers = [{"user": "Ada", "store": "other"}, None]
    assert scripted.impl.form("Settings", "Where invoices are kept.", fields) == {"user": "Ada", "store": "other"}
    assert scripted.impl.form("Settings", "Where invoices are kept.", fields) is None


def test_a_call_that_is_not_there_says_which(sheet, differs):
    differs("excel", "Excel has them all")
    with pytest.raises(NotImplementedError, match="Range.autofill"):
        sheet["A1"].autofill(sheet["A1:A3"])
    with pytest.raises(NotImplementedError, match="Sheet.charts"):
        _ = sheet.charts


def test_a_column_of_a_table_goes_with_its_cells(invoices):
    sheet = invoices.sheets[0]
    sheet["C9"].value = "below"
    sheet.tables["tblInvoices"].columns[1].delete()
    assert sheet.tables["tblInvoices"].range.address == "$A$1:$D$7"
    assert sheet["A1:D1"].value == ["Number", "Date", "Amount", "Paid"]
    assert sheet["E1:E7"].value == [None] * 7
    assert sheet["C9"].value == "below"
