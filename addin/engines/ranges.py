"""The Range that both engines of the add-in build on: one or more areas of a sheet, and everything about them that is geometry alone."""

from typing import Any, Self

from xlwings import base_classes

from addin.engines.cells import ExcelError
from addin.engines.geometry import SHEET, Area, address, column_letters, end_of, parse_areas, quoted, region_of, split_sheet


class BaseRange(base_classes.Range):
    """Areas of a sheet. Row, column and shape are those of the first area; `len` counts the cells of all.

    A subclass answers `edges()` and `filled()`. Its sheet (the engine's, not xlwings') has `name`, `book`, `areas_of_name(name)` (areas of a
    table's or a named range's cells on this sheet, None where there is no such name), `row_is_hidden(row)` and, for a name of another sheet,
    `book.range_of_name(name)`.
    """

    has_array = False
    limit = SHEET

    def __init__(self, sheet: Any, areas: tuple[Area, ...] | list[Area]) -> None:
        self.sheet = sheet
        self.areas = tuple(areas)
        self.options: dict[str, Any] = {}

    @classmethod
    def of(cls, sheet: Any, first: Any, second: Any = None) -> Self:
        """What `sheet.range(first, second)` means. Each is an address, a name, (row, column), (row, column, height, width) or a Range.

        ExcelError where a text is neither an address nor a name, or is too long.
        """
        if second is None and isinstance(first, str):
            return cls._of_text(sheet, first)
        start, stop = cls._one(sheet, first), cls._one(sheet, first if second is None else second)
        return cls(sheet, [start if second is None else start.around(stop)])

    @classmethod
    def _of_text(cls, sheet: Any, text: str) -> Self:
        elsewhere, rest = split_sheet(text)
        if elsewhere and elsewhere.lower() != sheet.name.lower():
            raise ExcelError(f"{text} is not on the sheet {sheet.name}.")
        try:
            return cls(sheet, parse_areas(rest))
        except ValueError:
            areas = sheet.areas_of_name(rest)
        if areas is not None:
            return cls(sheet, areas)
        if (found := sheet.book.range_of_name(rest)) is not None:
            return found
        raise ExcelError(f"{text!r} is neither an address nor a name in this workbook.")

    @classmethod
    def _one(cls, sheet: Any, part: Any) -> Area:
        if isinstance(part, BaseRange):
            return part.area
        if hasattr(part, "impl"):
            return part.impl.area
        if isinstance(part, str):
            return cls._of_text(sheet, part).area
        top, left, height, width = (*part, 1, 1) if len(part) == 2 else part
        area = Area(top, left, top + height - 1, left + width - 1)
        if top < 1 or left < 1 or area.bottom > cls.limit.bottom or area.right > cls.limit.right:
            raise ExcelError(f"Row {top}, column {left} and {height} x {width} cells from there do not all lie on a sheet.")
        return area

    def edges(self) -> Area:
        """The smallest area of the sheet outside of which no cell is filled."""
        raise NotImplementedError

    def filled(self, row: int, column: int) -> bool:
        """Whether something stands in this cell of the sheet."""
        raise NotImplementedError

    @property
    def area(self) -> Area:
        return self.areas[0]

    @property
    def row(self) -> int:
        return self.area.top

    @property
    def column(self) -> int:
        return self.area.left

    @property
    def shape(self) -> tuple[int, int]:
        return self.area.shape

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return (self.sheet.name, self.row, self.column, *self.shape)

    @property
    def arg1_input(self) -> str:
        """What xlwings asks for in `group()`: the address."""
        return self.address

    def __len__(self) -> int:
        return sum(area.size for area in self.areas)

    @property
    def address(self) -> str:
        return self.get_address(True, True, False)

    def get_address(self, row_absolute: bool = True, col_absolute: bool = True, external: bool = False) -> str:
        """The address of all areas; `external` puts the book and the sheet before it, as `[Book1]Sheet1!$A$1`."""
        if not all(area.size for area in self.areas):
            return f"${column_letters(self.column)}${self.row}{{{self.shape[0]}x{self.shape[1]}}}"
        cells = address(self.areas, row_absolute, col_absolute)
        if not external:
            return cells
        place = f"[{self.sheet.book.name}]{self.sheet.name}"
        plain = quoted(self.sheet.name)[0] != "'" and not set(self.sheet.book.name) & set(" '-()&+,;=")
        return f"{place}!{cells}" if plain else f"'{place.replace(chr(39), chr(39) * 2)}'!{cells}"

    def __call__(self, first: int, second: int | None = None) -> Self:
        """The cell at (row, column) of the first area, or the nth, counted row by row; both may leave the area, not the sheet."""
        if second is None:
            down, right = divmod(first - 1, self.shape[1])
            first, second = down + 1, right + 1
        return type(self)(self.sheet, [self._one(self.sheet, (self.row + first - 1, self.column + second - 1))])

    def end(self, direction: str) -> Self:
        """Where Ctrl+Arrow lands from the first cell; like Excel's, it passes over hidden rows."""
        row, column = end_of((self.row, self.column), direction, self.filled, self.edges(), self.limit, self.sheet.row_is_hidden)
        return type(self)(self.sheet, [Area(row, column, row, column)])

    @property
    def current_region(self) -> Self:
        """The block of filled cells around this range."""
        return type(self)(self.sheet, [region_of(self.area, self.filled, self.edges())])
