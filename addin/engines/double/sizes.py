"""Widths of columns and heights of rows, and which of them are hidden."""

from collections.abc import Iterator
from copy import copy
from typing import Any

from xlwings import base_classes

from addin.engines.cells import ExcelError
from addin.engines.double.grid import Grid
from addin.engines.double.guards import refuse_protected
from addin.engines.geometry import Area, column_letters, column_number

PADDING = 0.7109375  # a width in the file counts the margins of Calibri 11, ColumnWidth does not
STANDARD_WIDTH, STANDARD_HEIGHT = 8.43, 15.0


def common(values: Iterator[Any]) -> Any:
    """The one value that all share; None where they differ."""
    first, *others = list(dict.fromkeys(values)) or [None]
    return None if others else first


def column_of(grid: Grid, number: int) -> Any:
    """The description of one column; one that described several is split first."""
    dimensions = grid.ws.column_dimensions
    for letters, found in list(dimensions.items()):
        first, last = found.min or column_number(letters), found.max or column_number(letters)
        if first < last and first <= number <= last:
            for each in range(first, last + 1):
                twin = copy(found)
                twin.index, twin.min, twin.max = column_letters(each), each, each
                twin._style = copy(found._style)
                dimensions[column_letters(each)] = twin
    found = dimensions[column_letters(number)]
    found.min = found.max = number
    return found


def description_of(grid: Grid, number: int) -> Any:
    """openpyxl's description of the column, to read; None where it has none."""
    for letters, found in grid.ws.column_dimensions.items():
        if (found.min or column_number(letters)) <= number <= (found.max or column_number(letters)):
            return found
    return None


class Sizes(base_classes.Range):
    """The part of a Range that is about rows and columns as wholes. It has `sheet.grid` and `areas`."""

    sheet: Any
    areas: tuple[Area, ...]

    def _columns(self) -> Iterator[int]:
        return (number for area in self.areas for number in range(area.left, area.right + 1))

    def _rows(self) -> Iterator[int]:
        return (number for area in self.areas for number in range(area.top, area.bottom + 1))

    @property
    def column_width(self) -> float | None:
        return common(_width(self.sheet.grid, number) for number in self._columns())

    @column_width.setter
    def column_width(self, value: float) -> None:
        refuse_protected(self.sheet.grid, "formatColumns", "changing column widths")
        if not 0 <= value <= 255:
            raise ExcelError(f"A column is 0 to 255 characters wide, not {value}.")
        for number in self._columns():
            column_of(self.sheet.grid, number).width = value + PADDING

    @property
    def row_height(self) -> float | None:
        heights = self.sheet.ws.row_dimensions
        standard = self.sheet.ws.sheet_format.defaultRowHeight or STANDARD_HEIGHT
        return common((heights[number].height if number in heights else None) or standard for number in self._rows())

    @row_height.setter
    def row_height(self, value: float) -> None:
        refuse_protected(self.sheet.grid, "formatRows", "changing row heights")
        if not 0 <= value <= 409.5:
            raise ExcelError(f"A row is 0 to 409.5 points high, not {value}.")
        for number in self._rows():
            self.sheet.ws.row_dimensions[number].height = value

    def autofit(self, axis: str | None = None) -> None:
        """Columns as wide as their longest line; heights stay, as openpyxl has no fonts to measure with."""
        refuse_protected(self.sheet.grid, "formatColumns", "changing column widths")
        for area in self.areas if axis in (None, "c", "columns") else ():
            seen = area.meet(self.sheet.grid.edges())
            if seen is not None:
                _fit_columns(self.sheet.grid, seen)

    @property
    def row_hidden(self) -> bool | None:
        heights = self.sheet.ws.row_dimensions
        return common(bool(number in heights and heights[number].hidden) for number in self._rows())

    @row_hidden.setter
    def row_hidden(self, hidden: bool) -> None:
        refuse_protected(self.sheet.grid, "formatRows", "hiding rows")
        for number in self._rows():
            self.sheet.ws.row_dimensions[number].hidden = hidden

    @property
    def column_hidden(self) -> bool | None:
        found = (description_of(self.sheet.grid, number) for number in self._columns())
        return common(one is not None and bool(one.hidden) for one in found)

    @column_hidden.setter
    def column_hidden(self, hidden: bool) -> None:
        refuse_protected(self.sheet.grid, "formatColumns", "hiding columns")
        for number in self._columns():
            column_of(self.sheet.grid, number).hidden = hidden


def _fit_columns(grid: Grid, area: Area) -> None:
    for number in range(area.left, area.right + 1):
        lines = [len(line) for row in range(area.top, area.bottom + 1) for line in grid.formula(row, number).splitlines()]
        if lines:
            column_of(grid, number).width = min(255, max(lines) + 1) + PADDING


def _width(grid: Grid, number: int) -> float:
    found = description_of(grid, number)
    if found is not None:
        return 0.0 if found.hidden else round(found.width - PADDING, 2)
    standard = grid.ws.sheet_format.defaultColWidth
    return round(standard - PADDING, 2) if standard else STANDARD_WIDTH
