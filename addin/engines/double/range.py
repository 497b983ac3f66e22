"""The Range of the double: values and formulas in bulk, and what is done to cells."""

from collections.abc import Sequence
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.hyperlink import Hyperlink

from addin.engines.cells import ExcelError, NotSupported, missing_calls_say_so, rows_to_write, to_serial, unpacked
from addin.engines.double import moving
from addin.engines.double.filters import AutoFilter
from addin.engines.double.formats import Formats
from addin.engines.double.grid import Grid
from addin.engines.double.guards import refuse_filtered, refuse_locked, refuse_protected
from addin.engines.double.notes import Note, add_note
from addin.engines.double.references import Shift, check_formula
from addin.engines.double.rules import ConditionalFormats
from addin.engines.double.tables import Table, refuse_across_headers, settle_headers
from addin.engines.double.typing_in import put
from addin.engines.double.validations import DataValidation
from addin.engines.geometry import MAX_COLUMNS, MAX_ROWS, Area, address, parse_area, runs
from addin.engines.ranges import BaseRange

DOUBLE = "the openpyxl double"


class RangeApi:
    """The part of Excel's own Range object that the add-in uses."""

    def __init__(self, parent: "Range") -> None:
        self._range = parent

    @property
    def Locked(self) -> bool | None:
        """Whether the cells are locked; None where they differ."""
        return self._range.locked

    @Locked.setter
    def Locked(self, locked: bool) -> None:
        self._range.locked = locked

    @property
    def Value2(self) -> Any:
        """The values with dates as serial days."""
        grid = self._range.sheet.grid
        rows = self._range.rows_of_values()
        return unpacked([[to_serial(one, grid.date1904) if hasattr(one, "year") else one for one in row] for row in rows])

    def AutoFilter(self) -> None:
        """Put the arrows of a filter on the first row of these cells."""
        self._range.sheet.ws.auto_filter.ref = self._range.get_address(False, False, False)

    def __getattr__(self, name: str) -> Any:
        raise NotSupported(f"Range.api.{name} is not there with {DOUBLE}.")


@missing_calls_say_so(DOUBLE)
class Range(Formats, BaseRange):
    """Areas of a sheet of the double."""

    @property
    def api(self) -> RangeApi:
        return RangeApi(self)

    @property
    def grid(self) -> Grid:
        return self.sheet.grid

    def edges(self) -> Area:
        return self.grid.edges()

    def filled(self, row: int, column: int) -> bool:
        return self.grid.filled(row, column)

    def _cell(self) -> Any:
        return self.grid.cell(self.row, self.column)

    def _read(self, read: Any, empty: Any) -> list[Any]:
        """What `read(row, column)` gives for each cell of the first area; rows below everything that is filled share one row of `empty`."""
        area, width = self.area, self.shape[1]
        last = min(area.bottom, self.grid.edges().bottom)
        right = min(area.right, self.grid.edges().right)
        rest = [empty] * (area.right - max(right, area.left - 1))
        columns = range(area.left, right + 1)
        rows = [[read(row, column) for column in columns] + rest for row in range(area.top, last + 1)]
        return rows + [[empty] * width] * (area.shape[0] - len(rows))

    def rows_of_values(self) -> list[Any]:
        """The values of the first area, row by row."""
        return self._read(self.grid.value, None)

    @property
    def raw_value(self) -> Any:
        return unpacked(self.rows_of_values()) if len(self) else None

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        rows, filled = rows_to_write(value, self.shape)
        self._write(rows, filled)

    @property
    def formula(self) -> Any:
        return unpacked(self._read(self.grid.formula, ""))

    @formula.setter
    def formula(self, value: Any) -> None:
        self.raw_value = value

    def _write(self, rows: Sequence[Sequence[Any]], filled: bool) -> None:
        if not filled and len(self.areas) > 1:
            raise ExcelError(f"Rows of values go into one area, not into {self.address}.")
        if not filled and any(len(row) != self.shape[1] for row in rows) or len(rows) != self.shape[0]:
            raise ExcelError(f"{len(rows)} rows of values do not fit into {self.address}: Excel would fill the rest with #N/A or drop some.")
        refuse_locked(self.grid, self.areas)
        for area in self.areas:
            refuse_filtered(self.grid, area)
            refuse_across_headers(self.grid, area)
            self._write_area(area, [[rows[0][0]] * area.shape[1]] * area.shape[0] if filled else rows, filled)

    def _write_area(self, area: Area, rows: Sequence[Sequence[Any]], filled: bool) -> None:
        grid, origin = self.grid, address([area._replace(bottom=area.top, right=area.left)], False, False)
        formula = rows[0][0] if filled and isinstance(rows[0][0], str) and rows[0][0][:1] == "=" and area.size > 1 else None
        cells = grid.make(area)
        for row, values in enumerate(rows, area.top):
            for column, value in enumerate(values, area.left):
                cell = cells[row, column]
                if type(cell) is MergedCell:
                    continue
                if formula is not None:
                    check_formula(formula)
                    value = Translator(formula, origin=origin).translate_formula(cell.coordinate)
                put(grid, cell, value)
        grid.touch()
        settle_headers(grid, area)

    def clear_contents(self) -> None:
        """Empty the cells; formats and notes stay, table headings become Column1 and so on."""
        refuse_locked(self.grid, self.areas)
        for area in self.areas:
            for key, cell in self.grid.cells.items():
                if area.holds(*key) and type(cell) is not MergedCell:
                    put(self.grid, cell, None)
                    cell.hyperlink = None
            self.grid.touch()
            settle_headers(self.grid, area)

    def clear_formats(self) -> None:
        self._restyle(lambda cell: setattr(cell, "style", "Normal"))
        self.conditional_formats.clear()

    def clear(self) -> None:
        """Empty the cells and take formats, notes and conditional formats away."""
        self.clear_contents()
        for area in self.areas:
            for key, cell in self.grid.cells.items():
                if area.holds(*key) and type(cell) is not MergedCell:
                    cell.comment = None
        self.clear_formats()

    @property
    def merge_cells(self) -> bool | None:
        """True where all cells are merged ones, None where some are."""
        merged = [found for one in self.sheet.ws.merged_cells.ranges if (found := self.area.meet(parse_area(one.coord)))]
        return None if 0 < sum(one.size for one in merged) < self.area.size else bool(merged)

    @property
    def merge_area(self) -> "Range":
        if len(self) > 1:
            raise ExcelError("merge_area is that of a single cell.")
        areas = (parse_area(one.coord) for one in self.sheet.ws.merged_cells.ranges)
        return self.sheet.range_of(next((area for area in areas if area.holds(self.row, self.column)), self.area))

    def merge(self, across: bool = False) -> None:
        rows = [self.area._replace(top=row, bottom=row) for row in range(self.area.top, self.area.bottom + 1)]
        for area in rows if across else [self.area]:
            moving.merge(self.grid, area)

    def unmerge(self) -> None:
        refuse_protected(self.grid, "", "taking merged cells apart")
        for one in list(self.sheet.ws.merged_cells.ranges):
            if self.area.meet(parse_area(one.coord)):
                self.sheet.ws.unmerge_cells(one.coord)

    @property
    def note(self) -> Note | None:
        cell = self.grid.cells.get((self.row, self.column))
        return Note(self.sheet, cell) if cell is not None and cell.comment is not None else None

    def add_note(self, text: str) -> Note:
        if len(self) > 1:
            raise ExcelError(f"A note is put on one cell, not on {self.address}.")
        return add_note(self.sheet, self._cell(), text)

    @property
    def hyperlink(self) -> str:
        """Where the cell's link leads; "#" and an address for a place in this workbook. ExcelError where there is none."""
        link = getattr(self.grid.cells.get((self.row, self.column)), "hyperlink", None)
        if link is None:
            raise ExcelError("The cell doesn't seem to contain a hyperlink!")
        return (link.target or "") + (f"#{link.location}" if link.location else "")

    def add_hyperlink(self, address: str, text_to_display: str | None = None, screen_tip: str | None = None) -> None:
        """A link with its text. ExcelError where the address has more than 2,079 characters or the tip more than 255."""
        refuse_protected(self.grid, "insertHyperlinks", "adding links")
        if len(address) > 2079 or len(screen_tip or "") > 255:
            raise ExcelError("A link has up to 2,079 characters, its tip up to 255.")
        cell = self._cell()
        if text_to_display is not None:
            self._write([[text_to_display]], False)
        target, _, place = address.partition("#")
        cell._hyperlink = Hyperlink(ref=cell.coordinate, target=target or None, location=place or None, tooltip=screen_tip)
        if cell._hyperlink not in self.sheet.ws._hyperlinks:
            self.sheet.ws._hyperlinks.append(cell._hyperlink)

    def select(self) -> None:
        """Select the cells; ExcelError where their sheet is not the active one."""
        if self.sheet.book.wb.active is not self.sheet.ws or self.sheet.book.app.books.active is not self.sheet.book:
            raise ExcelError(f"Select works on the active sheet only; {self.sheet.name} is not active.")
        self.sheet.select_areas(self.areas)

    @property
    def table(self) -> Table | None:
        return next((one for one in self.sheet.tables if one.area.holds(self.row, self.column)), None)

    @property
    def conditional_formats(self) -> ConditionalFormats:
        return ConditionalFormats(self)

    @property
    def data_validation(self) -> DataValidation:
        return DataValidation(self)

    @property
    def autofilter(self) -> AutoFilter:
        return AutoFilter(self)

    def get_special_cells(self, cell_type: str, value_type: str | None = None) -> list["Range"]:
        """The visible parts of the range, one Range each; no other kind of cells."""
        if cell_type != "visible" or value_type is not None:
            raise NotSupported(f"Range.get_special_cells({cell_type!r}) is not there with {DOUBLE}.")
        area, hidden = self.area, self.sheet.hidden_columns()
        rows = runs(row for row in range(area.top, area.bottom + 1) if not self.sheet.row_is_hidden(row))
        columns = runs(column for column in range(area.left, area.right + 1) if column not in hidden)
        return [self.sheet.range_of(Area(top, left, bottom, right)) for top, bottom in rows for left, right in columns]

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        self._move(1, "insert")

    def delete(self, shift: str | None = None) -> None:
        self._move(-1, "delete")

    def _move(self, sign: int, call: str) -> None:
        whole_rows, whole_columns = self.shape[1] == MAX_COLUMNS, self.shape[0] == MAX_ROWS
        if whole_rows == whole_columns or len(self.areas) > 1:
            raise NotSupported(f"Range.{call}() of {self.address}: {DOUBLE} moves whole rows or whole columns only.")
        at, count = (self.row, self.shape[0]) if whole_rows else (self.column, self.shape[1])
        moving.move(self.sheet.book, self.grid, Shift(self.sheet.name, whole_rows, at, sign * count))
