"""Where the invoices of a sheet are, and what of its cells matters."""

import datetime as dt

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from addin import finding, places, surface
from invoice_rules import CannotRun, read
from tests.addin import cases

ROWS = [["Number", "Amount"], ["INV-1", 10.0], ["INV-2", 20.0], ["INV-3", 30.0]]


def book_of(*blocks: tuple[int, int], tables: bool = False) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    for number, (top, left) in enumerate(blocks, 1):
        for at, row in enumerate(ROWS):
            for column, value in enumerate(row):
                sheet.cell(top + at, left + column, value)
        if tables:
            corner = sheet.cell(top, left).coordinate + ":" + sheet.cell(top + 3, left + 1).coordinate
            sheet.add_table(Table(displayName=f"Table{number}", ref=corner))
    return book


def found(sheet) -> tuple:
    return tuple(finding.find(sheet)[1:7])


def test_everything_on_the_sheet(engine, open_book):
    assert found(open_book(book_of((3, 2))).sheets[0]) == (3, 2, 6, 3, None, "")


def test_the_only_table_and_the_rows_typed_below_it(engine, open_book):
    book = book_of((2, 2), tables=True)
    book.active["A20"] = "a note far away"
    book.active["B6"], book.active["C6"] = "INV-4", 40.0
    assert found(open_book(book).sheets[0]) == (2, 2, 6, 3, 2, "Table1")


def test_the_table_with_the_selected_cell(engine, open_book):
    sheet = open_book(book_of((1, 1), (1, 5), tables=True)).sheets[0]
    sheet.range("F3").select()
    assert found(sheet) == (1, 5, 4, 6, 1, "Table2")
    sheet.range("D9").select()
    with pytest.raises(CannotRun, match="several tables: Table1, Table2. Select a cell of the one with the invoices"):
        finding.find(sheet)


def test_the_named_range_before_all(engine, open_book):
    book = book_of((1, 1), (10, 1))
    book.defined_names["ir_data"] = DefinedName("ir_data", attr_text="Sheet!$A$10:$B$12")
    assert found(open_book(book).sheets[0]) == (10, 1, 12, 2, 10, "")


def test_hidden_rows_are_known_whoever_hides_them(engine, open_book):
    book = book_of((1, 1))
    book.active.row_dimensions[3].hidden = True
    sheet = open_book(book).sheets[0]
    assert finding.hidden_rows(finding.find(sheet)) == [3]
    assert read(surface.read(finding.find(sheet))).hidden.tolist() == [False, True, False]


def test_hidden_rows_beside_a_hidden_first_column(engine, open_book):
    book = book_of((1, 1))
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["A"].hidden = True
    assert finding.hidden_rows(finding.find(open_book(book).sheets[0])) == [3]


def test_number_formats_that_change_what_is_read(engine, open_book):
    book = openpyxl.Workbook()
    for row, (value, code) in enumerate([("Number", "General"), (123.0, "00000"), (0.19, "0%"), (1234.5, '"$"#,##0.00'), (7.0, "General")], 1):
        book.active.cell(row, 1, value).number_format = code
    table = read(surface.read(finding.find(open_book(book).sheets[0])), header=1)
    assert [table.shown(at, 0) for at in range(4)] == ["00123", "0.19", "1234.5", "7"]


def test_dates_errors_and_yes_or_no(engine, open_book):
    book = openpyxl.Workbook()
    for column, value in enumerate([dt.datetime(2026, 11, 21), True, "#N/A", "00123", None, "x"], 1):
        book.active.cell(1, column, f"H{column}")
        book.active.cell(2, column, value)
    book.active["A2"].number_format = "yyyy-mm-dd"
    cells = surface.read(finding.find(open_book(book).sheets[0])).cells[1]
    assert list(cells) == [dt.datetime(2026, 11, 21), True, "#N/A", "00123", None, "x"]


def test_our_own_columns_are_not_data(engine, open_book, monkeypatch, tmp_path):
    from addin import checking, config
    from addin.session import Session

    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path))
    monkeypatch.setenv("INVOICE_RULES_STORE", str(tmp_path / "none.sqlite"))
    rules = "paystand.receivables"
    book = open_book(cases.plain(cases.rows_of(rules)))
    before = read(surface.read(places.area_of(book.sheets[0], places.place_of(book.sheets[0]))))
    checking.validate(Session(book, config.Config(rules=rules)))
    after = read(surface.read(places.area_of(book.sheets[0], places.place_of(book.sheets[0]))))
    assert after.origin.sha256 == before.origin.sha256
    assert after.headings == before.headings
