"""Where the invoices of an open sheet are, and which of its rows are hidden."""

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import xlwings as xw

from addin.engines.geometry import MAX_ROWS, runs
from invoice_rules import CannotRun

DATA_NAME = "ir_data"
"""A defined name that says where the invoices are; templates have it."""
_TALL = 20_000
_BLOCK = 200_000
GLANCE = 60
"""Rows in which headings are looked for: titles above them are no longer than that."""


class Area(NamedTuple):
    """Where invoices are: sheet, first and last row and column from 1, the row of headings where a table or name tells it.

    `ours` are the cells of our own columns inside it, which count as blank.
    """

    sheet: xw.Sheet
    top: int
    left: int
    bottom: int
    right: int
    header: int | None = None
    table: str = ""
    ours: Sequence[xw.Range] = ()

    @property
    def range(self) -> xw.Range:
        return self.sheet.range((self.top, self.left), (self.bottom, self.right))


def find(sheet: xw.Sheet) -> Area:
    """The invoices of a sheet: the named range, the table, else everything on it, without blank columns at the right.

    All rows of a sheet count, whatever is selected (X-23). Raises CannotRun for a sheet without content.
    """
    named = _named(sheet)
    if named is not None:
        return named._replace(right=_last_column(named))
    used = _used(sheet)
    if used.bottom == used.top and used.left == used.right and used.range.value is None:
        raise CannotRun(f'Sheet "{sheet.name}" has no cells with content. Go to the sheet with the invoices first.')
    table = _table(sheet)
    if table is None:
        return used._replace(right=_last_column(used))
    its = _range(table)
    width = min(its.column + its.shape[1] - 1, used.right)
    return Area(sheet, its.row, its.column, _below(sheet, table, width, used.bottom), width, its.row, table.name)


def filled(sheet: xw.Sheet) -> Area:
    """From the first to the last cell with content."""
    used = _used(sheet)
    return used._replace(right=_last_column(used))


def _used(sheet: xw.Sheet) -> Area:
    """The used range of the sheet, which in Excel has cells that are only formatted, or were used once, too; a tall one to its last row with content."""
    its = sheet.used_range
    used = Area(sheet, its.row, its.column, its.row + its.shape[0] - 1, its.column + its.shape[1] - 1)
    return used._replace(bottom=_last_row(used))


def cells_of(name: xw.Name) -> xw.Range | None:
    """The cells that a defined name stands for; None where they were deleted."""
    try:
        return name.refers_to_range
    except Exception:  # noqa: BLE001 # every program raises its own where a name says #REF!
        return None


def _named(sheet: xw.Sheet) -> Area | None:
    """The named range on this sheet: the workbook's name, or the sheet's own, which a copy of a sheet has."""
    names = [name for name in sheet.book.names if name.name.rpartition("!")[2].lower() == DATA_NAME]
    its = next((cells for name in names if (cells := cells_of(name)) is not None and cells.sheet.name == sheet.name), None)
    return None if its is None else Area(sheet, its.row, its.column, its.row + its.shape[0] - 1, its.column + its.shape[1] - 1, its.row)


def _table(sheet: xw.Sheet) -> xw.main.Table | None:
    """The table that holds the selection, or the only one of the sheet."""
    tables = [table for table in sheet.tables if table.header_row_range is not None]
    if len(tables) < 2:
        return next(iter(tables), None)
    selected = sheet.book.app.selection if sheet.book.sheets.active.name == sheet.name else None
    for table in tables:
        its = _range(table)
        if selected is not None and its.row <= selected.row < its.row + its.shape[0] and its.column <= selected.column < its.column + its.shape[1]:
            return table
    names = ", ".join(table.name for table in tables)
    raise CannotRun(f'Sheet "{sheet.name}" has several tables: {names}. Select a cell of the one with the invoices, then try again.')


def _range(table: xw.main.Table) -> xw.Range:
    its = table.range
    if its is None:
        raise CannotRun(f"Table {table.name} has no cells. Remove it, or fill it in, then try again.")
    return its


def _below(sheet: xw.Sheet, table: xw.main.Table, right: int, bottom: int) -> int:
    """The last row of a table with the rows typed right below it, which belong to it though it did not grow."""
    its = _range(table)
    end = its.row + its.shape[0] - 1
    others = [row for other in sheet.tables if other.name != table.name and (row := _range(other).row) > end]
    bottom = min([bottom, *(row - 1 for row in others)])
    if bottom <= end:
        return end
    below = sheet.range((end + 1, its.column), (bottom, right)).options(ndim=2, err_to_str=True).value
    return end + next((at for at, cells in enumerate(below) if all(cell in (None, "") for cell in cells)), len(below))


def _last_row(area: Area) -> int:
    """The last row with content: a sheet that is formatted to its end has millions of blank cells in use.

    Ctrl+Up passes over hidden rows in Excel, so those further down are looked into.
    """
    if area.bottom - area.top <= _TALL:
        return area.bottom
    start = min(area.bottom + 1, MAX_ROWS)
    shown = max(area.top, *(area.sheet.range((start, column)).end("up").row for column in range(area.left, area.right + 1)))
    return max(shown, _last_hidden(area._replace(top=shown + 1))) if shown < area.bottom else shown


def _last_hidden(area: Area) -> int:
    """The last hidden row with content, looked for from the end in blocks; 0 where there is none."""
    height = max(1, _BLOCK // (area.right - area.left + 1))
    for first, last in reversed(runs(hidden_rows(area))):
        for end in range(last, first - 1, -height):
            block = area._replace(top=max(first, end - height + 1), bottom=end)
            rows = [at for at, cells in enumerate(typed(block)) if any(cells)]
            if rows:
                return block.top + rows[-1]
    return 0


def _last_column(area: Area) -> int:
    """The last column with a heading or a value; where its first rows have one, as mostly, no more is read."""
    if not is_blank(area._replace(left=area.right, bottom=min(area.bottom, area.top + GLANCE))):
        return area.right
    right, width, most = area.right, 1, max(1, _BLOCK // (area.bottom - area.top + 1))
    while right > area.left:
        left = max(area.left, right - width + 1)
        columns = [at for at, cells in enumerate(zip(*typed(area._replace(left=left, right=right)), strict=True)) if any(cells)]
        if columns:
            return left + columns[-1]
        right, width = left - 1, min(2 * width, most)
    return max(right, area.left)


def typed(area: Area) -> Sequence[Sequence[str]]:
    """What was typed into each cell: a formula that shows nothing is there too, as a value of "" would not tell. Calc spells TRUE as 1 here."""
    typed_in = getattr(area.range.impl, "typed_in", None)
    if typed_in is not None:  # without looking for booleans, which takes Calc long
        return typed_in()
    found = area.range.formula
    return found if isinstance(found, tuple | list) else [[found]]


def is_blank(area: Area) -> bool:
    """Whether nothing stands in these cells, not even a formula that shows nothing."""
    return not any(map(any, typed(area)))


def hidden_rows(area: Area) -> list[int]:
    """Numbers of the rows of the area that a filter or the user hides (X-23)."""
    if rows_hidden(area.range) is False:
        return []
    shown: set[int] = set()
    for column in range(area.left, area.right + 1):
        body = area.sheet.range((area.top, column), (area.bottom, column))
        if body.columns.hidden is False:
            for part in _visible(body):
                shown.update(range(part.row, part.row + part.shape[0]))
            break
    return [row for row in range(area.top, area.bottom + 1) if row not in shown]


def rows_hidden(cells: xw.Range) -> bool | None:
    """Whether the rows of these cells are hidden: all, none, or None where they differ.

    Excel on Windows is asked itself, in one question; xlwings would ask it row by row.
    """
    if sys.platform == "win32" and cells.sheet.book.app.engine.name == "excel":
        return cells.api.EntireRow.Hidden
    return cells.rows.hidden


def _visible(body: xw.Range) -> list[xw.Range]:
    try:
        found: Any = body.get_special_cells("visible")
    except Exception:  # noqa: BLE001 # Excel raises where no cell is visible
        return []
    return list(found) if isinstance(found, list | tuple) else [found]
