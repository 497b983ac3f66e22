"""Sheets of our own in the user's workbook: problems, preview, history, columns. Each is made anew, and Clear marks takes them away."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

import xlwings as xw

from addin import finding, places, surface
from invoice_rules import CannotRun, OpenSheet, marks

TITLES = {"problems": "IR Problems", "preview": "IR Preview", "history": "IR History", "columns": "IR Columns", "ledger": "IR Ledger"}
MOST = 100_000
"""Rows of a listing."""
_WIDEST = 90
_TEMPLATE_ROWS = 120
_INSIDE = {"columns": ("ir_columns", "ir_values", "ir_columns_rules")}
"""Names of cells on such a sheet, which go with it."""


class Column(NamedTuple):
    """A column of a listing: heading, width in characters, whether it holds numbers, and text that may be longer than 255 characters."""

    heading: str
    width: int
    number: bool = False
    long: bool = False


def sheet_of(book: xw.Book, kind: str) -> xw.Sheet | None:
    """Our sheet of this kind, wherever the user moved it or however he calls it now."""
    name = f"ir_sheet_{kind}"
    cell = finding.cells_of(book.names[name]) if book.names.contains(name) else None
    return None if cell is None else cell.sheet


def source_of(sheet: xw.Sheet) -> xw.Sheet:
    """The sheet with the invoices: this one, or the one that it was made for if it is ours."""
    names = {name.name: name for name in sheet.book.names}
    for kind in TITLES:
        its, source = (finding.cells_of(names[name]) if name in names else None for name in (f"ir_sheet_{kind}", f"ir_for_{kind}"))
        if its is not None and source is not None and its.sheet.name == sheet.name:
            return source.sheet
    return sheet


def is_of_template(sheet: xw.Sheet) -> bool:
    """Whether this is a sheet of a template that holds no invoices, such as its cover: each has a mark in its first cell."""
    return OpenSheet.TEMPLATE in [its.name for its in sheet.book.sheets] and str(sheet.range("A1").value).startswith("ir_")


def data_of(sheet: xw.Sheet) -> xw.Sheet:
    """The sheet with the invoices of a template where this is another one of it; else this. Raises CannotRun where it cannot be told which one that is."""
    if not is_of_template(sheet):
        return sheet
    said = sheet.book.sheets[OpenSheet.TEMPLATE].range((1, 1), (_TEMPLATE_ROWS, 2)).options(ndim=2, err_to_str=True).value
    named = next((value for key, value in said if key == "sheet"), "")
    data = [its for its in sheet.book.sheets if not is_of_template(its) and source_of(its).name == its.name]
    found = next((its for its in data if its.name == named), data[0] if len(data) == 1 else None)
    if found is None:
        raise CannotRun(f'Sheet "{sheet.name}" of the template holds no invoices. Go to the sheet with the invoices, then press the button again.')
    return found


def made(kind: str, source: xw.Sheet, fill: Callable[[xw.Sheet], int]) -> xw.Sheet:
    """A sheet of ours for this sheet, in place of an earlier one, filled and shown. `fill` gives how many rows stay in sight."""
    book = source.book
    surface.must_take_sheets(book)
    remove(book, kind)
    taken = {its.name.casefold() for its in book.sheets}
    names = [TITLES[kind], *(f"{TITLES[kind]} ({number})" for number in range(2, len(taken) + 3))]
    sheet = book.sheets.add(next(name for name in names if name.casefold() not in taken), after=source)
    with surface.quiet(book.app):
        book.names.add(f"ir_sheet_{kind}", f"={places.quoted(sheet.name)}!$AD$1")
        book.names.add(f"ir_for_{kind}", f"={places.quoted(source.name)}!$A$1")
        headings = fill(sheet)
    if headings:
        surface.freeze(sheet, headings)
    sheet.activate()
    sheet.range("A1").select()
    return sheet


def remove(book: xw.Book, kind: str) -> None:
    """Take our sheet of this kind out of the workbook, if it is there."""
    sheet = sheet_of(book, kind)
    if sheet is not None:
        surface.must_take_sheets(book)
    for name in (f"ir_sheet_{kind}", f"ir_for_{kind}", *_INSIDE.get(kind, ())):
        if book.names.contains(name):
            book.names[name].delete()
    if sheet is not None and len(book.sheets) > 1:
        app, asks = book.app, book.app.display_alerts
        app.display_alerts = False
        try:
            sheet.delete()
        finally:
            app.display_alerts = asks


def heading(sheet: xw.Sheet, title: str, *lines: str) -> int:
    """A title with sentences under it, from A1 on; gives the next free row, one left blank."""
    sheet.show_gridlines = False
    sheet.range("A1").value = title
    sheet.range("A1").font.bold = True
    sheet.range("A1").font.size = 14
    sheet.range("A1").font.color = f"#{marks.REQUIRED_HEADING.fill}"
    for at, line in enumerate(lines, 2):
        sheet.range((at, 1)).value = surface.row_texts([line])[0]
        sheet.range((at, 1)).font.color = "#595959"
    return len(lines) + 3


def listing(sheet: xw.Sheet, top: int, columns: Sequence[Column], rows: Iterable[Sequence[Any]], count: int = 0) -> int:
    """A table from this row on, in one bulk write: headings, texts that cannot become formulas (X-16), numbers right; gives the row below it.

    A sheet holds no more than a million rows, and nobody reads them: of `count` rows the first are listed, and how many more there are.
    """
    rows = list(islice(rows, MOST))
    width, last, more = len(columns), top + len(rows), count - len(rows)
    for at, column in enumerate(columns, 1):
        cells = sheet.range((top, at), (max(last, top + 1), at))
        cells.column_width = min(column.width, _WIDEST)
        cells.vertical_alignment = "top"
        if column.number:
            sheet.range((top + 1, at), (max(last, top + 1), at)).number_format = "#,##0.00"
            cells.horizontal_alignment = "right"
        elif not column.long:
            cells.number_format = "@"
        else:
            cells.wrap_text = True
    heads = sheet.range((top, 1), (top, width))
    heads.value = [column.heading for column in columns]
    heads.color, heads.font.bold = f"#{marks.REQUIRED_HEADING.fill}", True
    heads.font.color = f"#{marks.REQUIRED_HEADING.color}"
    if rows:
        body = sheet.range((top + 1, 1), (last, width))
        body.options(ndim=2).value = [_cells(row, columns) for row in rows]
    if more > 0:
        sheet.range((last + 1, 1)).value = f"… and {more:,} more"
    return last + 1 + (more > 0)


def _cells(row: Sequence[Any], columns: Sequence[Column]) -> list[Any]:
    return [surface.row_texts([str(cell)])[0] if column.long and cell is not None else cell for cell, column in zip(row, columns, strict=True)]
