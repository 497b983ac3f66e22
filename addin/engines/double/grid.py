"""The cells of one sheet of an openpyxl workbook, read and made without walking the sheet."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from addin.engines.cells import ERROR_CODES, NotSupported, from_serial
from addin.engines.geometry import Area, column_number

TEXT_FORMAT = 49
Key = tuple[int, int]


class Grid:
    """One sheet. `results` holds what formulas came to when the file was saved; a formula written later has none."""

    def __init__(self, ws: Worksheet, results: dict[Key, Any]) -> None:
        self.ws = ws
        self.results = results
        self._edges: Area | None = None

    @property
    def cells(self) -> dict[Key, Any]:
        return self.ws._cells

    @cells.setter
    def cells(self, cells: dict[Key, Any]) -> None:
        self.ws._cells = cells

    @property
    def date1904(self) -> bool:
        return self.ws.parent.epoch == CALENDAR_MAC_1904

    def touch(self) -> None:
        """Forget what was worked out about the cells: one of them came, went or was emptied."""
        self._edges = None

    def close_up(self, area: Area) -> None:
        """Take the cells of an area away: those right of them, in the same rows, move left. What refers to them stays as it is."""
        kept: dict[Key, Any] = {}
        for (row, column), cell in self.cells.items():
            if area.top <= row <= area.bottom and column >= area.left:
                if column <= area.right:
                    continue
                cell.column = column = column - area.shape[1]
            kept[row, column] = cell
        self.cells = kept
        self.touch()

    def cell(self, row: int, column: int) -> Any:
        """The cell, made where there is none yet, with the format of its row or column."""
        found = self.cells.get((row, column))
        if found is None:
            style = self.default_style(row, column)
            found = self.cells[row, column] = Cell(self.ws, row, column, style_array=style)
            self._edges = None
        return found

    def make(self, area: Area) -> dict[Key, Any]:
        """Make the cells of an area that are not there yet; the cells of the sheet."""
        cells, ws = self.cells, self.ws
        columns = {column: one._style for one in self.formatted_columns() for column in range(max(one.min, area.left), min(one.max, area.right) + 1)}
        for row in range(area.top, area.bottom + 1):
            style = ws.row_dimensions[row]._style if row in ws.row_dimensions and ws.row_dimensions[row].has_style else None
            for column in range(area.left, area.right + 1):
                if (row, column) not in cells:
                    cells[row, column] = Cell(ws, row, column, style_array=style or columns.get(column))
        self._edges = None
        return cells

    def default_style(self, row: int, column: int) -> StyleArray | None:
        """The format of a cell that is not there: its row's, else its column's."""
        if row in self.ws.row_dimensions and self.ws.row_dimensions[row].has_style:
            return self.ws.row_dimensions[row]._style
        return next((one._style for one in self.formatted_columns() if one.min <= column <= one.max), None)

    def formatted_columns(self) -> Iterator[Any]:
        """openpyxl's descriptions of columns that have a format, with `min` and `max` set."""
        for letters, found in self.ws.column_dimensions.items():
            if found.has_style:
                if found.min is None:
                    found.min = found.max = column_number(letters)
                yield found

    def look(self, row: int, column: int) -> Any:
        """The cell to read a format from: the one there, or one that stands for an empty cell; it is not added to the sheet."""
        found = self.cells.get((row, column))
        return found if found is not None else Cell(self.ws, row, column, style_array=self.default_style(row, column))

    def filled(self, row: int, column: int) -> bool:
        cell = self.cells.get((row, column))
        return cell is not None and cell.value is not None

    def edges(self) -> Area:
        """The smallest area that holds every filled cell; A1 in an empty sheet."""
        if self._edges is None:
            self._edges = _around(key for key, cell in self.cells.items() if cell.value is not None)
        return self._edges

    def used(self) -> Area:
        """What Excel calls used: filled, formatted or with a note."""
        return _around(key for key, cell in self.cells.items() if cell.value is not None or cell.has_style or cell.comment)

    def value(self, row: int, column: int) -> Any:
        """What Excel's Value gives: None, str, float, bool, datetime, or the number of an error."""
        cell: Any = self.cells.get((row, column))
        if type(cell) is not Cell or cell._value is None:
            return None
        value = cell._value
        kind = cell.data_type
        if kind == "n":
            return float(value)
        if kind in ("s", "b"):
            return str(value) if isinstance(value, CellRichText) else value
        if kind == "e":
            return ERROR_CODES[value]
        return self._result(cell) if kind == "f" else self._moment(value)

    def _moment(self, value: Any) -> dt.datetime:
        if type(value) is dt.datetime:
            return value
        return from_serial(to_excel(value, self.ws.parent.epoch), self.date1904)

    def _result(self, cell: Any) -> Any:
        key = (cell.row, cell.column)
        if key not in self.results:
            where = f"{self.ws.title}!{cell.coordinate}"
            raise NotSupported(f"The double does not calculate: {where} holds {cell.value!r}, and no result was saved with it.")
        return self.results[key]

    def formula(self, row: int, column: int) -> str:
        """What Excel's Formula gives: the formula, or the constant as it would be typed."""
        cell = self.cells.get((row, column))
        if cell is None or cell.value is None:
            return ""
        if isinstance(cell.value, (ArrayFormula, DataTableFormula)):
            return getattr(cell.value, "text", None) or ""
        return cell.value if cell.data_type in "fse" else typed(cell.value, self.ws.parent.epoch)

    def is_date(self, style: StyleArray | None) -> bool:
        """Whether numbers in this format are shown, and delivered, as dates or times."""
        return style is not None and is_date_format(self.format_code(style))

    def format_code(self, style: StyleArray | None) -> str:
        number = style.numFmtId if style else 0
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return BUILTIN_FORMATS.get(number, "General")
        return self.ws.parent._number_formats[number - BUILTIN_FORMATS_MAX_SIZE]


def _around(keys: Iterator[Key]) -> Area:
    found = list(keys)
    if not found:
        return Area(1, 1, 1, 1)
    rows, columns = zip(*found, strict=True)
    return Area(min(rows), min(columns), max(rows), max(columns))


def typed(value: Any, epoch: dt.datetime) -> str:
    """A number, boolean or date as Formula gives it.

    >>> typed(203.0, CALENDAR_MAC_1904), typed(True, CALENDAR_MAC_1904), typed(0.1, CALENDAR_MAC_1904)
    ('203', 'TRUE', '0.1')
    """
    if isinstance(value, bool):
        return str(value).upper()
    number = to_excel(value, epoch) if isinstance(value, (dt.date, dt.time, dt.timedelta)) else value
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else f"{float(number):.15g}"
