"""addin/engines/double: where Excel would refuse, or do something else than the caller meant, the double says so."""

import datetime as dt
import time
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
import xlwings as xw
from openpyxl.styles import Protection
from openpyxl.worksheet.table import Table

from addin.engines.cells import ERROR_CODES, ExcelError, NotSupported
from addin.engines.double import activate
from addin.engines.script import Unanswered
from tests.addin.conftest import invoices_workbook


@pytest.fixture
def opened(double, tmp_path):
    """Opens a workbook of openpyxl in the double."""

    def open_(workbook: openpyxl.Workbook) -> xw.Book:
        workbook.save(tmp_path / "book.xlsx")
        return double.books.open(tmp_path / "book.xlsx")

    return open_


@pytest.fixture
def sheet(double):
    return double.books.add().sheets[0]


@pytest.fixture
def invoices(opened):
    return opened(invoices_workbook())


# What is typed


@pytest.mark.parametrize(
    ("text", "value", "number_format"),
    [
        ("00123", 123.0, "General"),
        (" 12 ", 12.0, "General"),
        ("1,234", 1234.0, "#,##0"),
        ("$5", 5.0, "$#,##0"),
        ("(7.50)", -7.5, "General"),
        ("12.5%", 0.125, "0.00%"),
        ("1/2", dt.datetime(dt.date.today().year, 1, 2), "d-mmm"),
        ("1-2-3", dt.datetime(2003, 1, 2), "m/d/yyyy"),
        ("2026-01-05", dt.datetime(2026, 1, 5), "m/d/yyyy"),
        ("1/5/2026 14:30", dt.datetime(2026, 1, 5, 14, 30), "m/d/yyyy h:mm"),
        ("5 Jan 2026", dt.datetime(2026, 1, 5), "d-mmm-yy"),
        ("Mar 2026", dt.datetime(2026, 3, 1), "mmm-yy"),
        ("true", True, "General"),
        ("INV-1", "INV-1", "General"),
        ("13/13/2026", "13/13/2026", "General"),
        ("1,23", "1,23", "General"),
        ("1 2", "1 2", "General"),
        ("12:75", "12:75", "General"),
    ],
)
def test_typed_text_becomes_what_excel_makes_of_it(sheet, text, value, number_format):
    sheet["A1"].value = text
    assert (sheet["A1"].value, sheet["A1"].number_format) == (value, number_format)


def test_a_time_is_part_of_a_day(sheet):
    sheet["A1"].value = "12:30"
    assert sheet["A1"].number_format == "h:mm"
    assert sheet["A1"].api.Value2 == pytest.approx(12.5 / 24)


def test_a_cell_of_text_takes_everything_as_text(sheet):
    sheet["A1:A5"].number_format = "@"
    sheet["A1:A5"].value = [["1/2"], [12.0], [True], [dt.datetime(2026, 1, 5)], ["=A1"]]
    assert sheet["A1:A5"].value == ["1/2", "12", "TRUE", "1/5/2026", "=A1"]


def test_a_minus_sign_starts_a_formula(sheet):
    sheet["A1"].value = "-B1"
    assert sheet["A1"].formula == "=-B1"


@pytest.mark.parametrize("text", ["@home", "=SUM(A1", "=SUM(A1;B1)", '="open', "=" + "1+" * 4100 + "1", "x" * 32_768, "bell\x07"])
def test_text_that_excel_refuses(sheet, text):
    with pytest.raises(ExcelError):
        sheet["A1"].value = text
    assert sheet["A1"].formula == ""


@pytest.mark.parametrize("value", [Decimal("1.23"), {1}, dt.time(12), object()])
def test_a_value_that_no_cell_takes(sheet, value):
    with pytest.raises(TypeError):
        sheet["A1"].value = value


@pytest.mark.parametrize("value", [float("inf"), dt.datetime(1899, 12, 30), b"bytes"])
def test_a_raw_value_that_no_cell_takes(sheet, value):
    with pytest.raises(ExcelError):
        sheet["A1"].raw_value = value


def test_an_error_is_its_number(sheet):
    sheet["A1"].value = "#n/a"
    assert sheet["A1"].raw_value == ERROR_CODES["#N/A"]


def test_a_newer_error_stays_a_number(sheet):
    """xlwings knows the errors of Excel 2007 alone: https://github.com/xlwings/xlwings, `cell_errors` in _xlwindows.py."""
    sheet["A1:B1"].value = ["#SPILL!", "#REF!"]
    assert sheet["A1:B1"].options(err_to_str=True).value == [ERROR_CODES["#SPILL!"], "#REF!"]


def test_an_apostrophe_is_kept_by_saving(sheet, tmp_path):
    sheet["A1"].value = "'=not a formula"
    sheet.book.save(tmp_path / "kept.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "kept.xlsx").active["A1"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=not a formula", "s", True)
    sheet["A1"].value = "plain"
    assert not sheet["A1"].impl._cell().quotePrefix


# Formulas


def test_a_formula_that_was_never_calculated_has_no_value(sheet):
    sheet["A1"].value = "=1+1"
    with pytest.raises(NotSupported, match="Sheet1!A1"):
        _ = sheet["A1"].value
    sheet.impl.grid.results[1, 1] = 2.0
    assert sheet["A1"].value == 2.0
    sheet["A1"].value = "text"
    assert sheet["A1"].value == "text"


def test_results_are_those_that_were_saved(double, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "results.xlsx") as workbook:
        cells = workbook.add_worksheet()
        cells.write_formula("A1", "=1+1", None, 2)
        cells.write_formula("A2", "=1/0", None, "#DIV/0!")
        cells.write_formula("A3", '="a"', None, "a")
    sheet = double.books.open(tmp_path / "results.xlsx").sheets[0]
    assert sheet["A1:A3"].options(err_to_str=True).value == [2.0, "#DIV/0!", "a"]
    sheet["1:1"].insert("down")
    assert sheet["A2"].value == 2.0


def test_a_result_that_only_looks_like_an_error_is_text(double, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "results.xlsx") as workbook:
        workbook.add_worksheet().write_formula("A1", '="#"&"N/A"', None, "#N/A!")
    assert double.books.open(tmp_path / "results.xlsx").sheets[0]["A1"].value == "#N/A!"


# Writing in bulk


def test_ten_thousand_rows_are_quick(sheet):
    rows = [[f"INV-{n}", "Customer", dt.datetime(2026, 1, 1), n * 1.5, True, None, "text", "a@b.c", 0.0, "x", "EUR", n] for n in range(10_000)]
    start = time.process_time()
    sheet["A1:L10000"].raw_value = rows
    written = time.process_time()
    read = sheet["A1:L10000"].raw_value
    assert read[9_999][:4] == ("INV-9999", "Customer", dt.datetime(2026, 1, 1), 14_998.5)
    assert written - start < 3
    assert time.process_time() - written < 3


@pytest.mark.parametrize("rows", [[["a"]], [["a", "b"], ["c"]], [["a", "b"]] * 3])
def test_rows_that_do_not_fit_are_refused(sheet, rows):
    with pytest.raises(ExcelError, match="do not fit"):
        sheet["A1:B2"].raw_value = rows


def test_reading_leaves_the_sheet_as_it_was(sheet):
    _ = sheet["A1:Z99"].value, sheet["A1:Z99"].number_format, sheet["A1"].color, sheet["A1"].note
    assert sheet.used_range.address == "$A$1"


def test_rows_are_not_written_across_filtered_ones(opened):
    workbook = openpyxl.Workbook()
    for row in (["Region"], ["East"], ["West"], ["East"]):
        workbook.active.append(row)
    workbook.active.auto_filter.ref = "A1:A4"
    workbook.active.auto_filter.add_filter_column(0, ["East"])
    workbook.active.row_dimensions[3].hidden = True
    sheet = opened(workbook).sheets[0]
    with pytest.raises(ExcelError, match="filter hides"):
        sheet["B2"].value = [["a"], ["b"], ["c"]]
    sheet["B2"].value = "one cell may be"
    sheet.api.ShowAllData()
    sheet["B2"].value = [["a"], ["b"], ["c"]]
    assert sheet["B2:B4"].value == ["a", "b", "c"]


def test_rows_hidden_by_hand_take_values(sheet):
    sheet["2:2"].rows.hidden = True
    sheet["A1"].value = [["a"], ["b"], ["c"]]
    assert sheet["A1:A3"].value == ["a", "b", "c"]


def test_a_cell_under_a_merged_one_drops_what_it_is_given(sheet):
    sheet["A1:B1"].merge()
    sheet["A1:B2"].value = [["a", "b"], ["c", "d"]]
    assert sheet["A1:B2"].value == [["a", None], ["c", "d"]]
    assert sheet["A1:B2"].merge_cells is None


# Protection


def test_a_protected_sheet_refuses_more_than_values(sheet):
    sheet["A1"].value = "locked"
    sheet["B1"].api.Locked = False
    sheet.api.Protect()
    for refused in (
        lambda: setattr(sheet["B1"], "color", (1, 2, 3)),
        lambda: sheet["B1"].add_note("x"),
        lambda: sheet["A:A"].insert("right"),
        lambda: setattr(sheet["A:A"], "column_width", 5),
        sheet["A1"].clear_contents,
        lambda: sheet["B1"].conditional_formats.add_custom("=ir_bad", fill_color=(1, 2, 3)),
        lambda: sheet["B1"].data_validation.set_list(["a"]),
        lambda: sheet["B1"].add_hyperlink("https://example.com"),
        lambda: sheet["A1:A2"].rows.autofit() or setattr(sheet["1:1"], "row_height", 9),
    ):
        with pytest.raises(ExcelError):
            refused()
    sheet["B1"].value = "free"
    sheet.api.Unprotect()
    sheet["A1"].value = "changed"
    assert sheet["A1:B1"].value == ["changed", "free"]


def test_a_password_is_asked_for(sheet):
    sheet.api.Protect("secret")
    with pytest.raises(ExcelError, match="password"):
        sheet.api.Unprotect("wrong")
    sheet.api.Unprotect("secret")
    assert sheet.api.ProtectContents is False


def test_columns_may_be_unlocked(opened):
    workbook = openpyxl.Workbook()
    workbook.active.column_dimensions["B"].protection = Protection(locked=False)
    workbook.active.protection.sheet = True
    sheet = opened(workbook).sheets[0]
    sheet["B1:B3"].value = [[1], [2], [3]]
    with pytest.raises(ExcelError, match=r"A\$1 is locked"):
        sheet["A1:B1"].value = [["x", "y"]]


def test_protected_structure_keeps_its_sheets(opened):
    workbook = openpyxl.Workbook()
    workbook.security = openpyxl.workbook.protection.WorkbookProtection(lockStructure=True)
    book = opened(workbook)
    for refused in (lambda: book.sheets.add("Problems"), lambda: setattr(book.sheets[0], "name", "x")):
        with pytest.raises(ExcelError, match="structure"):
            refused()


# Names, sheets, tables


@pytest.mark.parametrize("name", ["A1", "R1C1", "r", "C", "two words", "1st", "a-b", "", "x" * 256, "XFD1048576"])
def test_a_name_that_is_none(invoices, name):
    with pytest.raises(ExcelError):
        invoices.names.add(name, "=Invoices!$A$1")


@pytest.mark.parametrize("name", ["ir_bad_amountDue", "_x", "Total.2026", "ÄÖ", "INV"])
def test_a_name_that_is_one(invoices, name):
    if name == "INV":
        with pytest.raises(ExcelError):
            invoices.names.add("INV1", "=Invoices!$A$1")
    invoices.names.add(name, "=Invoices!$A$1")
    assert name in invoices.names


def test_a_name_counts_from_no_cell(invoices):
    with pytest.raises(ExcelError, match=r"\$L1 would count from the active cell"):
        invoices.names.add("ir_bad", "=Invoices!$L1")
    with pytest.raises(ExcelError, match="which sheet"):
        invoices.names.add("ir_bad", "=$L$1")


def test_text_for_a_name_is_a_constant(invoices):
    invoices.names.add("rate", "0.2")
    assert invoices.names["rate"].refers_to == '="0.2"'
    with pytest.raises(ExcelError, match="refers to no cells"):
        _ = invoices.names["rate"].refers_to_range


def test_a_table_and_a_name_are_not_called_alike(invoices):
    with pytest.raises(ExcelError, match="something else"):
        invoices.names.add("TBLINVOICES", "=Invoices!$A$1")
    with pytest.raises(ExcelError, match="something else"):
        invoices.sheets[0].tables["tblInvoices"].name = "inv_data"


@pytest.mark.parametrize("name", ["History", "'quoted'", "", "x" * 32])
def test_a_sheets_name_that_is_none(invoices, name):
    before = len(invoices.sheets)
    with pytest.raises((ExcelError, ValueError)):
        invoices.sheets.add("Fine").name = name
    with pytest.raises((ExcelError, ValueError)):
        invoices.sheets.add(name or "Fine")
    assert len(invoices.sheets) == before + 1


def test_one_sheet_stays_visible(invoices):
    for refused in (lambda: setattr(invoices.sheets[0], "visible", False), invoices.sheets[0].delete):
        with pytest.raises(ExcelError, match="at least one sheet"):
            refused()


def test_visible_is_excels_number(invoices):
    other = invoices.sheets.add("Lists")
    other.visible = 2
    assert (other.visible, invoices.sheets["Invoices"].visible) == (2, -1)
    with pytest.raises(ExcelError, match="hidden"):
        other.activate()


def test_a_sheet_that_goes_leaves_broken_references(invoices):
    other = invoices.sheets.add("Sums")
    other["A1"].value = "=Invoices!A1"
    invoices.sheets["Invoices"].delete()
    assert other["A1"].formula == "=#REF!"
    assert invoices.names["inv_data"].refers_to == "=#REF!"


def test_only_cells_of_the_active_sheet_are_selected(invoices):
    invoices.sheets.add("Problems")
    with pytest.raises(ExcelError, match="not active"):
        invoices.sheets["Invoices"]["A1"].select()


def test_a_tables_headings_and_rows_are_written_apart(invoices):
    sheet = invoices.sheets[0]
    with pytest.raises(ExcelError, match="tblInvoices"):
        sheet["A1"].value = [["No.", "Name"], ["1", "x"]]
    sheet["A1"].value = ["No.", "Name"]
    assert [column.name for column in sheet.tables[0].columns] == ["No.", "Name", "Date", "Amount", "Paid"]


def test_headings_stay_unique_text(invoices, tmp_path):
    sheet = invoices.sheets[0]
    sheet["A1:C1"].value = ["Paid", None, 2026]
    assert sheet["A1:E1"].value == ["Paid", "Column2", "2026", "Amount", "Paid2"]
    invoices.save(tmp_path / "headings.xlsx")
    kept = openpyxl.load_workbook(tmp_path / "headings.xlsx")["Invoices"].tables["tblInvoices"]
    assert [column.name for column in kept.tableColumns] == ["Paid", "Column2", "2026", "Amount", "Paid2"]


def test_a_column_that_comes_into_a_table_gets_a_heading(invoices):
    sheet = invoices.sheets[0]
    sheet["C:C"].insert("right")
    assert sheet["A1:F1"].value == ["Number", "Customer", "Column1", "Date", "Amount", "Paid"]
    sheet["B:C"].delete()
    assert [column.name for column in sheet.tables[0].columns] == ["Number", "Date", "Amount", "Paid"]


def test_tables_are_added_and_do_not_meet(invoices):
    sheet = invoices.sheets.add("Problems")
    sheet["A1"].value = [["Row", "Cell", "Row"], [1, "A1", 2]]
    table = sheet.tables.add(sheet["A1:C2"], name="tblProblems")
    assert sheet["A1:C1"].value == ["Row", "Cell", "Row2"]
    assert table.show_autofilter is True
    for refused in (lambda: sheet.tables.add(sheet["B2:D5"]), lambda: table.resize(sheet["A2:C9"])):
        with pytest.raises(ExcelError):
            refused()


def test_totals_need_a_free_row(invoices):
    sheet = invoices.sheets[0]
    sheet["A8"].value = "in the way"
    with pytest.raises(ExcelError, match="no free row"):
        sheet.tables[0].show_totals = True
    sheet["A8"].clear_contents()
    sheet.tables[0].show_totals = True
    assert sheet.tables[0].totals_row_range.address == "$A$8:$E$8"


# Rules


def test_a_rule_counts_from_no_cell(sheet):
    with pytest.raises(ExcelError, match="active cell"):
        sheet["A1:A9"].conditional_formats.add_custom('=$D2="Late"', fill_color=(1, 2, 3))
    with pytest.raises(ExcelError, match="active cell"):
        sheet["A1:A9"].data_validation.set_custom("=A1>0")


def test_clearing_rules_leaves_them_elsewhere(sheet, tmp_path):
    sheet["A1:C9"].conditional_formats.add_custom("=ir_bad", fill_color=(255, 199, 206))
    sheet["B2:B3"].conditional_formats.clear()
    sheet.book.save(tmp_path / "rules.xlsx")
    (kept,) = openpyxl.load_workbook(tmp_path / "rules.xlsx").active.conditional_formatting
    assert set(str(kept.sqref).split()) == {"A1:C1", "A4:C9", "A2:A3", "C2:C3"}


def test_a_list_of_more_than_255_characters_is_refused(sheet):
    with pytest.raises(ExcelError, match="255"):
        sheet["A1"].impl.data_validation.set_list(["x" * 100, "y" * 100, "z" * 100], True)


def test_a_deleted_rule_is_gone(sheet):
    rule = sheet["A1:A9"].conditional_formats.add_custom("=ir_bad", fill_color=(1, 2, 3))
    rule.delete()
    with pytest.raises(ExcelError, match="deleted before"):
        rule.delete()


# Rows and columns


def test_only_whole_rows_and_columns_move(sheet):
    with pytest.raises(NotSupported, match=r"Range.insert\(\) of \$A\$1"):
        sheet["A1"].insert("right")


def test_everything_moves_with_its_cells(opened):
    workbook = openpyxl.Workbook()
    cells = workbook.active
    cells.title = "Data"
    cells["C3"] = "x"
    cells["E1"] = "=SUM(A1:C3,$C$3)+Data!C:C+Other!C3"
    cells.merge_cells("C5:D5")
    cells.column_dimensions["C"].width = 33
    cells.row_dimensions[3].height = 44
    cells["C3"].hyperlink = "https://example.com"
    cells.auto_filter.ref = "A1:C9"
    for column, heading in enumerate("abc", 1):
        cells.cell(20, column, heading)
    cells.add_table(Table(displayName="T", ref="A20:C22"))
    workbook.create_sheet("Other")["A1"] = "=Data!C3"
    book = opened(workbook)
    sheet = book.sheets["Data"]
    sheet["B:B"].insert("right")
    sheet["2:3"].insert("down")
    assert sheet["D5"].value == "x"
    assert sheet["F1"].formula == "=SUM(A1:D5,$D$5)+Data!D:D+Other!C3"
    assert book.sheets["Other"]["A1"].formula == "=Data!D5"
    assert sheet["D7"].merge_area.address == "$D$7:$E$7"
    assert sheet["D1"].column_width == pytest.approx(32.29, abs=0.01)
    assert sheet["A5"].row_height == 44
    assert sheet["D5"].hyperlink == "https://example.com"
    assert sheet.impl.ws.auto_filter.ref == "A1:D11"
    assert sheet.tables["T"].range.address == "$A$22:$D$24"
    sheet["D:D"].delete()
    assert book.sheets["Other"]["A1"].formula == "=Data!#REF!"
    assert sheet["E1"].formula == "=SUM(A1:C5,#REF!)+Data!#REF!+Other!C3"


# Application


def test_the_same_engine_each_time(double):
    assert activate() == xw.engines.active or activate().impl is xw.engines.active.impl
    assert sum(engine.name == "double" for engine in xw.engines) == 1


def test_a_book_that_is_open_is_not_opened_twice(invoices, double):
    assert double.books.open(invoices.fullname) == invoices
    assert len(double.books) == 1


def test_the_book_before_becomes_active_again(double):
    first, second = double.books.add(), double.books.add()
    assert double.books.active == second
    second.close()
    assert double.books.active == first
    first.close()
    assert double.selection is None


@pytest.mark.parametrize(
    ("answers", "ask"),
    [
        ([], lambda app: app.alert("Sure?", buttons="yes_no")),
        (["ok"], lambda app: app.alert("Sure?", buttons="yes_no")),
        ([], lambda app: app.impl.form("t", "x", [("a", "A", "", ())])),
        (["yes"], lambda app: app.impl.form("t", "x", [("a", "A", "", ())])),
        ([{"b": "1"}], lambda app: app.impl.form("t", "x", [("a", "A", "", ())])),
        ([{"a": "3"}], lambda app: app.impl.form("t", "x", [("a", "A", "1", ("1", "2"))])),
    ],
)
def test_a_dialog_without_a_fitting_answer_is_an_error(double, answers, ask):
    double.impl.answers = answers
    with pytest.raises(Unanswered):
        ask(double)


def test_telling_needs_no_answer(double):
    assert double.alert("Three rows are ready.", "Validate") == "ok"
    assert [(said.title, said.text, said.answer) for said in double.impl.log] == [("Validate", "Three rows are ready.", "ok")]


def test_a_form_keeps_what_is_not_filled_in(double):
    double.impl.answers = [{"user": "Ada"}]
    assert double.impl.form("Settings", "", [("user", "Name", "", ()), ("store", "Store", "books", ())]) == {"user": "Ada", "store": "books"}


def test_settings_have_their_values(double):
    with pytest.raises(ExcelError, match="while a workbook is open"):
        double.calculation = "manual"
    double.books.add()
    with pytest.raises(ExcelError, match="semiautomatic"):
        double.calculation = "never"


def test_panes_are_frozen_through_the_window(sheet, tmp_path):
    window = sheet.book.app.api.ActiveWindow
    window.SplitRow, window.SplitColumn, window.FreezePanes = 1, 2, True
    sheet.book.save(tmp_path / "frozen.xlsx")
    assert openpyxl.load_workbook(tmp_path / "frozen.xlsx").active.freeze_panes == "C2"
    window.FreezePanes = False
    assert window.FreezePanes is False


@pytest.mark.parametrize(
    ("call", "ask"),
    [
        ("Sheet.charts", lambda sheet: sheet.charts),
        ("Sheet.freeze_panes", lambda sheet: sheet.freeze_panes.freeze_at("A1")),
        ("Range.sort", lambda sheet: sheet["A1:B2"].sort(1)),
        ("Range.find", lambda sheet: sheet["A1:B2"].find("x")),
        ("Range.copy", lambda sheet: sheet["A1"].copy()),
        ("Range.name", lambda sheet: sheet["A1"].name),
        ("Range.api.Interior", lambda sheet: sheet["A1"].api.Interior),
        ("Sheet.api.Shapes", lambda sheet: sheet.api.Shapes),
        ("Book.api.Path", lambda sheet: sheet.book.impl.api.Path),
        ("App.api.Ready", lambda sheet: sheet.book.app.api.Ready),
        ("Window.Zoom", lambda sheet: sheet.book.app.api.ActiveWindow.Zoom),
        ("App.run", lambda sheet: sheet.book.macro("x").run()),
        ("Book.to_pdf", lambda sheet: sheet.book.impl.to_pdf("x", "standard")),
        ("Books.open", lambda sheet: sheet.book.app.books.open(__file__, read_only=True)),
    ],
)
def test_a_call_that_is_not_there_is_named(sheet, call, ask):
    with pytest.raises(NotImplementedError) as refusal:
        ask(sheet)
    assert call in str(refusal.value)


@pytest.mark.parametrize("name", ["book.xls", "book.ods", "no/such/folder/book.xlsx"])
def test_a_book_is_saved_where_it_can_be(sheet, tmp_path, name):
    with pytest.raises(ExcelError):
        sheet.book.save(tmp_path / name)


def test_ctrl_up_passes_over_hidden_rows(opened):
    book = openpyxl.Workbook()
    for row in range(1, 11):
        book.active.append([row])
    for row in (5, 9, 10):
        book.active.row_dimensions[row].hidden = True
    sheet = opened(book).sheets[0]
    assert sheet["A1048576"].end("up").row == 8
    assert sheet["A8"].end("up").row == 1
    assert sheet["A1"].end("down").row == 8
