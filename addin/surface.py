"""The open workbook: one bulk read of its invoices, and careful writes beside them.

The user's cells, formats, formulas and filters are never touched: what is written goes into cells that were blank.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

import xlwings as xw

from addin.engines.cells import ERROR_TEXTS, READ_ONLY
from addin.finding import Area, hidden_rows
from addin.runs import runs_of, uniform
from invoice_rules import CannotRun, OpenSheet

_MOST_SINGLE = 5_000
_TEMPLATE_ROWS, _TEMPLATE_COLUMNS = 120, 4


class Words(NamedTuple):
    """Where a program has what its user needs to put right."""

    sheet: str = "Review, Unprotect Sheet"
    book: str = "Review, Protect Workbook"
    filter: str = "Data, Clear"


def words(app: xw.App) -> Words:
    """The menus of this program."""
    return Words("Tools, Protect Sheet", "Tools, Protect Spreadsheet Structure", "Data, AutoFilter") if app.engine.name == "calc" else Words()


def active_book() -> xw.Book:
    """The workbook in which the button was pressed. Raises CannotRun where none is open."""
    try:
        book = xw.Book.caller()
    except Exception as error:  # xlwings raises the plain class
        raise CannotRun("No workbook is open. Open the one with the invoices first.") from error
    if book.sheets.active is None:
        raise CannotRun("No sheet is shown. Go to the sheet with the invoices first.")
    return book


def read(area: Area) -> OpenSheet:
    """The cells of the area, one bulk read, with the number formats that matter and the rows that are hidden."""
    cells = _values(area)
    book = area.sheet.book
    from_1904 = bool(_told(book.api, "Date1904"))
    return OpenSheet(book.name, area.sheet.name, cells, area.top, area.left - 1, hidden_rows(area), _formats(area, cells), from_1904, _of_template(area.sheet))


def _of_template(sheet: xw.Sheet) -> dict[str, list[list[Any]]]:
    """The first rows of the other sheets where the workbook is a template of ours: what it says of itself, and the totals on its cover."""
    others = [other for other in sheet.book.sheets if other.name != sheet.name]
    if OpenSheet.TEMPLATE not in [other.name for other in others]:
        return {}
    return {other.name: other.range((1, 1), (_TEMPLATE_ROWS, _TEMPLATE_COLUMNS)).options(ndim=2, err_to_str=True, empty=None).value for other in others}


def _told(api: Any, name: str) -> Any:
    """What Excel's own object says; None where it has no such word, as AppleScript's has not on a Mac."""
    return getattr(api, name, None)


def _values(area: Area) -> list[list[Any]]:
    cells = area.range.options(ndim=2, err_to_str=True, empty=None).value
    kinds = set(map(type, chain.from_iterable(cells)))
    if int in kinds:  # errors newer than xlwings' list arrive as their numbers
        cells = [[ERROR_TEXTS.get(cell, float(cell)) if type(cell) is int else cell for cell in row] for row in cells]
    if Decimal in kinds:  # Excel cuts currency cells to four decimals here
        plain = area.range.api.Value2
        plain = plain if isinstance(plain, tuple) else ((plain,),)
        cells = [[float(plain[r][c]) if isinstance(cell, Decimal) else cell for c, cell in enumerate(row)] for r, row in enumerate(cells)]
    for its in area.ours:
        for row in cells[max(its.row - area.top, 0) : max(its.row + its.shape[0] - area.top, 0)]:
            row[its.column - area.left] = None
    return cells


def _formats(area: Area, cells: Sequence[Sequence[Any]]) -> list[tuple[int, int, int, str]]:
    """The number formats of cells that hold numbers: the only ones that may change what is read."""
    known = getattr(area.range.impl, "number_formats", None)
    if known is not None:  # Calc tells all of them at once
        found = [(its, code) for its, code in known() if code != "General"]
        return [(column - area.left, its.top - area.top, its.bottom - area.top, code) for its, code in found for column in range(its.left, its.right + 1)]
    return [part for column in range(area.right - area.left + 1) for part in _formats_below(area, column, cells)]


def _formats_below(area: Area, column: int, cells: Sequence[Sequence[Any]]) -> list[tuple[int, int, int, str]]:
    """The same of one column, found by asking for halves until each has one format."""
    numbers = [at for at, row in enumerate(cells) if type(row[column]) is float]
    if not numbers:
        return []

    def code(first: int, last: int) -> str | None:
        return area.sheet.range((area.top + first, area.left + column), (area.top + last, area.left + column)).number_format

    return [(column, first, last, code) for first, last, code in uniform(numbers[0], numbers[-1], code) if code != "General"]


def must_be_writable(sheet: xw.Sheet) -> None:
    """Raises CannotRun where the sheet is protected, or the workbook takes nothing."""
    _must_not_be_read_only(sheet.book)
    if _told(sheet.api, "ProtectContents"):
        menu = words(sheet.book.app).sheet
        raise CannotRun(f'Sheet "{sheet.name}" is protected, so nothing can be written on it. Take the protection off ({menu}), or press Problems for a list on a sheet of its own.')


def _must_not_be_read_only(book: xw.Book) -> None:
    """Raises CannotRun where Calc has the workbook open for reading only; Excel takes marks there, and asks for another name when it is saved."""
    if book.app.engine.name == "calc" and book.api.ReadOnly:
        raise CannotRun(READ_ONLY.format(book.name))


def must_take_sheets(book: xw.Book) -> None:
    """Raises CannotRun where no sheet can be added to the workbook, or taken away."""
    _must_not_be_read_only(book)
    if _told(book.api, "ProtectStructure"):
        menu = words(book.app).book
        raise CannotRun(f"The structure of {book.name} is protected, so that no sheet can be added to it or taken away. Take the protection off ({menu}), then try again.")


def must_not_be_too_filtered(area: Area, hidden: Sequence[int]) -> None:
    """Raises CannotRun where a filter hides so many rows that writing beside them would take minutes."""
    if len(hidden) > _MOST_SINGLE:
        menu = words(area.sheet.book.app).filter
        raise CannotRun(f'A filter hides {len(hidden):,} rows of sheet "{area.sheet.name}". Show all rows first ({menu}), then try again.')


def write_columns(sheet: xw.Sheet, column: int, top: int, columns: Sequence[Sequence[Any]], hidden: Sequence[int] = ()) -> None:
    """Write columns beside each other: the headings, then all cells below in one go, for Excel loses a table whose headings and rows are written at once.

    Where rows are hidden they are written run by run, for an array over hidden rows lands in the wrong ones.
    """
    sheet.range((top, column)).value = [values[0] for values in columns]
    if hidden:
        for at, values in enumerate(columns):
            write_cells(sheet, column + at, top + 1, values[1:], hidden)
    elif len(columns[0]) > 1:
        sheet.range((top + 1, column)).options(ndim=2).value = list(zip(*(values[1:] for values in columns), strict=True))


def write_cells(sheet: xw.Sheet, column: int, top: int, values: Sequence[Any], hidden: Sequence[int]) -> None:
    """Write cells below each other, run by run where rows are hidden."""
    out = set(hidden)
    for first, last, is_hidden in runs_of([top + at in out for at in range(len(values))]):
        if not is_hidden:
            sheet.range((top + first, column)).options(ndim=2).value = [[value] for value in values[first : last + 1]]
            continue
        for at in range(first, last + 1):
            sheet.range((top + at, column)).value = values[at]


def widen_filter(area: Area, right: int) -> str:
    """Let the filter above the data reach to this column, so that its arrows sort what stands there along; gives where it was before.

    A filter that hides rows now is left as it is, for its conditions could not all be set again: then "" is given, as without a filter.
    """
    if not may_move_filter(area.sheet) or area.sheet.api.AutoFilter is None:
        return ""
    was = str(area.sheet.api.AutoFilter.Range.Address)
    its = area.sheet.range(was)
    if not area.right <= its.column + its.shape[1] - 1 < right:
        return ""
    set_filter(area.sheet, area.sheet.range((its.row, its.column), (its.row + its.shape[0] - 1, right)).address)
    return was


def filter_reaches(sheet: xw.Sheet, column: int) -> bool:
    """Whether the arrows of a filter sort this column along; where there are none, nothing keeps it from being sorted."""
    if not _told(sheet.api, "AutoFilterMode") or sheet.api.AutoFilter is None:
        return True
    its = sheet.range(str(sheet.api.AutoFilter.Range.Address))
    return its.column + its.shape[1] > column


def may_move_filter(sheet: xw.Sheet) -> bool:
    """Whether the sheet has a filter that hides no rows now."""
    return bool(_told(sheet.api, "AutoFilterMode")) and not sheet.api.FilterMode


def set_filter(sheet: xw.Sheet, address: str) -> None:
    """Put the arrows of a filter on these cells, in place of those that are there."""
    sheet.api.AutoFilterMode = False
    sheet.range(address).api.AutoFilter()


def freeze(sheet: xw.Sheet, rows: int) -> None:
    """Keep the first rows of a sheet in sight."""
    sheet.activate()
    if sheet.book.app.engine.name == "calc":
        sheet.impl.freeze_panes.freeze_at(f"1:{rows}")
        return
    window = _told(sheet.book.app.api, "ActiveWindow")
    if window is not None:
        window.SplitColumn, window.SplitRow = 0, rows
        window.FreezePanes = True


@contextmanager
def quiet(app: xw.App) -> Iterator[None]:
    """No redrawing, no calculation and no events while we write; all as it was afterwards, whatever happens."""
    was = app.screen_updating, app.calculation, app.enable_events
    app.screen_updating, app.enable_events = False, False
    app.calculation = "manual"
    try:
        yield
    finally:
        app.calculation = was[1]
        app.screen_updating, app.enable_events = was[0], was[2]


def row_texts(values: Sequence[str]) -> list[str | None]:
    """Texts for cells that are not formatted as text: none of them is taken for a formula, and blank ones stay blank (X-16)."""
    return [("'" + text if text[:1] in "=+-@" else text) if text else None for text in values]


def kept_as_texts(cells: xw.Range, texts: Sequence[str | None]) -> list[str | None]:
    """Texts for these cells that stay texts, though they look like numbers or dates: by an apostrophe, which would show where cells are formatted as text."""
    return list(texts) if cells.number_format == "@" else [text and "'" + text for text in texts]


@contextmanager
def formats_kept(cells: xw.Range) -> Iterator[None]:
    """Number formats stay as they are while texts are written: Calc makes a cell a text cell where the text looks like a number."""
    known = getattr(cells.impl, "format_keys", None)
    keys = known() if known is not None else []
    yield
    if keys:
        cells.impl.put_formats(keys)
