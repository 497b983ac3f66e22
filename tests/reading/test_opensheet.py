"""Cells of an open sheet: the same text, kinds and rows as the saved file gives (X-1)."""

import datetime as dt

import openpyxl
import pytest

from invoice_rules import CannotRun, OpenSheet, examine, read
from invoice_rules.table import Kind


def opened(path, sheet: str) -> OpenSheet:
    """What a spreadsheet program would hand over, taken from the file by openpyxl."""
    book = openpyxl.load_workbook(path, data_only=True)
    cells = book[sheet]
    rows = [[float(value) if type(value) is int else value for value in row] for row in cells.iter_rows(values_only=True)]
    formats = [(cell.column - 1, cell.row - 1, cell.row - 1, cell.number_format) for row in cells.iter_rows() for cell in row if cell.value is not None]
    hidden = [row for row, its in cells.row_dimensions.items() if its.hidden]
    return OpenSheet(path.name, sheet, rows, hidden=hidden, formats=formats, from_1904=book.epoch.year == 1904)


@pytest.mark.parametrize("name", ["numbers", "dates", "everything", "currencies"])
def test_text_kinds_and_rows_are_those_of_the_file(tmp_path, name):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Invoices"
    for row in ROWS[name]:
        sheet.append([value for value, _ in row])
        for cell, (_, code) in zip(sheet[sheet.max_row], row, strict=True):
            cell.number_format = code
    sheet.row_dimensions[3].hidden = True
    path = tmp_path / f"{name}.xlsx"
    book.save(path)
    file, live = read(path), read(opened(path, "Invoices"))
    assert live.headings == file.headings
    assert live.frame.to_dict() == file.frame.to_dict()
    assert {at: kinds.tolist() for at, kinds in live.kinds.items()} == {at: kinds.tolist() for at, kinds in file.kinds.items()}
    assert [_currencies(live), _currencies(file)] == [CURRENCIES.get(name, {})] * 2
    assert live.hidden.tolist() == file.hidden.tolist()
    assert (live.origin.header_row, live.origin.first_column) == (file.origin.header_row, file.origin.first_column)


def _currencies(table):
    return {(at, sign): places.tolist() for at in range(len(table.headings)) for sign, places in table.shown_in(at).items()}


CURRENCIES = {"currencies": {(1, "EUR"): [0, 1], (1, "GBP"): [2]}}


def cells(*values, code="General"):
    return [(value, code) for value in values]


HEAD = cells("Number", "Amount", "Rate")
ROWS = {
    "numbers": [HEAD, cells("INV-1", 1000.5, 0.1), cells("INV-2", 4.72e15, 1e-7), [*cells("INV-3"), (123, "00000"), (0.075, "0.0%")], cells("", 128861.32999999998, -3)],
    "dates": [HEAD, [*cells("a"), (dt.datetime(2026, 11, 21), "yyyy-mm-dd"), (dt.datetime(2026, 11, 21, 14, 2), "yyyy-mm-dd hh:mm")], cells("b", True, "#N/A"), cells("c", False, "x")],
    "currencies": [HEAD, *[[("INV", "General"), (5.5, code), (2.0, '"$"0.00')] for code in ("[$€-2] 0.00", "0.00 [$EUR]", '"£"0.00', "0.00")]],
    "everything": [cells("A report", None, None), HEAD, cells("00123", "1,200.00", " x "), cells("№ 7", "=x", "2026-01-02"), cells("n", 2, "ü")],
}


def test_a_sheet_may_begin_anywhere():
    table = read(OpenSheet("Book.xlsx", "May", [["Number", "Amount"], ["INV-1", 2.0], ["INV-2", 3.0]], row=7, column=3))
    assert table.frame.index.tolist() == [8, 9]
    assert table.origin.address(9, 1) == "E9"
    assert table.kind_at(0, 1) == Kind.NUMBER


def test_columns_of_the_add_in_feed_no_field():
    rows = [["Invoice number", "Status", "Import status", "Marks", "Record", "Batch"], ["INV-1", "x", "OK", "", "INV-1", 3.0]]
    table = read(OpenSheet("Book.xlsx", "May", rows))
    report = examine(table, "paystand.receivables")
    assert not {2, 3, 4, 5} & {column for column in report.mapping.fields.values() if column is not None}
    assert "Import status" not in " ".join(problem.message for problem in report.problems)


def test_the_same_cells_have_the_same_digest_whatever_the_file_is_called():
    rows = [["Number", "Amount"], ["INV-1", 2.0]]
    one, other = read(OpenSheet("a.xlsx", "S", rows)), read(OpenSheet("b.xlsx", "T", rows, row=4))
    assert one.origin.sha256 == other.origin.sha256
    assert read(OpenSheet("a.xlsx", "S", [rows[0], ["INV-1", "2"]])).origin.sha256 != one.origin.sha256


@pytest.mark.parametrize("rows", [[], [[]], [[None, None], [None, ""]]])
def test_a_blank_sheet_says_so(rows):
    with pytest.raises(CannotRun, match='Sheet "May" of Book.xlsx has no cells with content'):
        read(OpenSheet("Book.xlsx", "May", rows))
