"""Where the invoices of a sheet end: blank columns, hidden rows and names without cells are no trap."""

from types import SimpleNamespace

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName

from addin import finding
from tests.addin.test_surface import book_of, found

GREY = PatternFill("solid", fgColor="00DDDDDD")


def tall(rows: int) -> openpyxl.Workbook:
    """Headings and so many rows, the last three of them hidden."""
    book = openpyxl.Workbook()
    for at in range(1, rows + 2):
        book.active.append([f"INV-{at}", at])
    for row in range(rows - 1, rows + 2):
        book.active.row_dimensions[row].hidden = True
    return book


def test_columns_that_are_only_formatted_are_no_data(engine, open_book):
    book = book_of((3, 2))
    for cell in ("D1", "H3", "T4"):
        book.active[cell].fill = GREY
    assert found(open_book(book).sheets[0])[1:4] == (2, 6, 3)


def test_a_column_without_heading_counts_where_something_stands_far_down(double, open_book_far_down):
    assert found(open_book_far_down.sheets[0])[3] == 5


@pytest.fixture
def open_book_far_down(double, tmp_path):
    book = book_of((1, 1))
    book.active["E200"] = '=IF(A200="","",A200)'  # which shows nothing, and is the user's own all the same
    book.active["K3"].fill = GREY
    book.save(tmp_path / "far.xlsx")
    return double.books.open(tmp_path / "far.xlsx")


def test_a_name_that_lost_its_cells_is_passed_over(engine, open_book):
    book = book_of((1, 1))
    book.defined_names["ir_data"] = DefinedName("ir_data", attr_text="Sheet!#REF!")
    assert found(open_book(book).sheets[0]) == (1, 1, 4, 2, None, "")


def test_a_copied_sheet_has_its_own_named_range(engine, open_book):
    book = book_of((1, 1), (10, 1))
    copied = book.copy_worksheet(book.active)
    copied.title = "Copy"
    book.defined_names["ir_data"] = DefinedName("ir_data", attr_text="Sheet!$A$10:$B$12")
    copied.defined_names["ir_data"] = DefinedName("ir_data", attr_text="Copy!$A$1:$B$4")
    opened = open_book(book)
    assert [found(opened.sheets[name])[:5] for name in ("Sheet", "Copy")] == [(10, 1, 12, 2, 10), (1, 1, 4, 2, 1)]


def test_the_last_rows_of_a_tall_sheet_count_though_a_filter_hides_them(engine, open_book, monkeypatch):
    monkeypatch.setattr(finding, "_TALL", 10)
    area = finding.find(open_book(tall(20)).sheets[0])
    assert area.bottom == 21
    assert finding.hidden_rows(area) == [19, 20, 21]


def test_hidden_rows_of_a_sheet_formatted_to_its_end_are_found_in_blocks(double, open_book_to_the_end, monkeypatch):
    read = []
    typed = finding.typed
    monkeypatch.setattr(finding, "typed", lambda area: read.append(area.range.size) or typed(area))
    assert finding.find(open_book_to_the_end.sheets[0]).bottom == 21
    assert sum(read) < 1_000


@pytest.fixture
def open_book_to_the_end(double, tmp_path):
    book = tall(20)
    book.active["A1048576"].fill = GREY
    book.active.row_dimensions[900_000].hidden = True
    book.save(tmp_path / "end.xlsx")
    return double.books.open(tmp_path / "end.xlsx")


@pytest.mark.parametrize("says", [True, False, None])
def test_excel_on_windows_is_asked_once_whether_rows_are_hidden(monkeypatch, says):
    """xlwings asks it row by row there: 20,001 calls for 10,000 rows."""
    excel = SimpleNamespace(engine=SimpleNamespace(name="excel"))
    cells = SimpleNamespace(sheet=SimpleNamespace(book=SimpleNamespace(app=excel)), api=SimpleNamespace(EntireRow=SimpleNamespace(Hidden=says)))
    monkeypatch.setattr(finding.sys, "platform", "win32")
    assert finding.rows_hidden(cells) is says
