"""How cells look: number formats, fills, fonts, alignment and locks."""

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.styles.cell_style import StyleArray
from xlwings import base_classes, utils

from addin.engines.cells import NotSupported, from_serial, missing_calls_say_so, to_serial
from addin.engines.double.grid import Grid
from addin.engines.double.guards import refuse_protected
from addin.engines.double.sizes import Sizes, column_of, common
from addin.engines.geometry import Area

RGB = tuple[int, int, int]
_SHOWN_AS = {"mm-dd-yy": "m/d/yyyy", "m/d/yy h:mm": "m/d/yyyy h:mm"}
_STORED_AS = {shown: stored for stored, shown in _SHOWN_AS.items()}
_FROM_XLSX = {"centerContinuous": "center_across_selection", None: "general"}
_TO_XLSX: dict[str, str | None] = {"center_across_selection": "centerContinuous", "general": None}


def rgb(color: Any) -> RGB:
    """(red, green, blue) of a colour as xlwings takes it: a triple, "#rrggbb" or Excel's number."""
    if isinstance(color, str):
        color = utils.hex_to_rgb(color)
    return utils.int_to_rgb(color) if isinstance(color, int) else tuple(color)


def hexadecimal(color: Any) -> str:
    """A colour as openpyxl wants it, opaque: "FFRRGGBB"."""
    return "FF{:02X}{:02X}{:02X}".format(*rgb(color))


def rgb_of(color: Any) -> RGB | None:
    """The colour that openpyxl read; None where there is none, or where the theme decides."""
    if color is None or not isinstance(color.rgb, str):
        return None
    return utils.hex_to_rgb("#" + color.rgb[-6:])


def styles_in(grid: Grid, areas: tuple[Area, ...]) -> Iterator[Any]:
    """One cell of each format that occurs in the areas."""
    seen: set[tuple[int, ...]] = set()
    for area in areas:
        for cell in _cells_for_formats(grid, area):
            key = tuple(cell._style or ())
            if key not in seen:
                seen.add(key)
                yield cell


def _cells_for_formats(grid: Grid, area: Area) -> Iterator[Any]:
    """Cells to read formats from. Beyond what is used every cell has its column's format, so one row of it is enough."""
    used = grid.used()
    last = min(area.bottom, max(used.bottom, area.top) + 1)
    right = min(area.right, max(used.right, area.left) + 1)
    right = max(right, min(area.right, max((one.max for one in grid.formatted_columns()), default=0)))
    return (grid.look(*key) for key in Area(area.top, area.left, last, right).cells())


def restyle(grid: Grid, areas: tuple[Area, ...], change: Callable[[Any], None]) -> None:
    """Let `change` set a format on one cell of each format that occurs, and give every cell of that format the result."""
    refuse_protected(grid, "formatCells", "formatting cells")
    done: dict[tuple[int, ...], StyleArray] = {}

    def apply(target: Any) -> None:
        key = tuple(target._style or ())
        if key not in done:
            target._style = copy(target._style) if target._style is not None else StyleArray()
            change(target)
            done[key] = copy(target._style)
        else:
            target._style = copy(done[key])

    for area in areas:
        for target in _targets(grid, area):
            apply(target)
    grid.touch()


def _targets(grid: Grid, area: Area) -> Iterator[Any]:
    """The cells to format; of whole columns or rows those that exist, and the column or row itself."""
    if area.whole_columns:
        yield from (column_of(grid, number) for number in range(area.left, area.right + 1))
    elif area.whole_rows:
        yield from (grid.ws.row_dimensions[number] for number in range(area.top, area.bottom + 1))
    if area.whole_columns or area.whole_rows:
        yield from [cell for key, cell in grid.cells.items() if area.holds(*key)]
    else:
        yield from (grid.cell(*key) for key in area.cells())


def set_number_format(grid: Grid, areas: tuple[Area, ...], code: str) -> None:
    """Change the format; numbers become dates, or dates numbers, as they will be delivered from now on."""
    restyle(grid, areas, lambda cell: setattr(cell, "number_format", _STORED_AS.get(code, code)))
    for area in areas:
        clipped = area.meet(grid.edges())
        for key in clipped.cells() if clipped else ():
            cell = grid.cells.get(key)
            if cell is not None and cell.data_type in "nd" and cell.value is not None:
                _deliver_as_formatted(grid, cell)


def _deliver_as_formatted(grid: Grid, cell: Any) -> None:
    dated = grid.is_date(cell._style)
    if cell.data_type == "d" and not dated:
        cell._value, cell.data_type = to_serial(grid.value(cell.row, cell.column), grid.date1904), "n"
    elif cell.data_type == "n" and dated and cell._value >= 0:
        cell._value, cell.data_type = from_serial(cell._value, grid.date1904), "d"


class Formats(Sizes):
    """The part of a Range that is about looks. It has `sheet.grid` and `areas`."""

    def _common(self, read: Callable[[Any], Any]) -> Any:
        return common(map(read, styles_in(self.sheet.grid, self.areas)))

    def _restyle(self, change: Callable[[Any], None]) -> None:
        restyle(self.sheet.grid, self.areas, change)

    @property
    def number_format(self) -> str | None:
        return self._common(lambda cell: _SHOWN_AS.get(cell.number_format, cell.number_format))

    @number_format.setter
    def number_format(self, code: str) -> None:
        set_number_format(self.sheet.grid, self.areas, code)

    @property
    def color(self) -> RGB | None:
        fills = {None if cell.fill.fill_type != "solid" else rgb_of(cell.fill.fgColor) for cell in styles_in(self.sheet.grid, self.areas)}
        if len(fills) > 1:
            raise NotSupported("Range.color of cells with different fills: Excel gives no colour that can be relied on.")
        return fills.pop()

    @color.setter
    def color(self, color: Any) -> None:
        fill = PatternFill() if color is None else PatternFill("solid", fgColor=hexadecimal(color))
        self._restyle(lambda cell: setattr(cell, "fill", fill))

    @property
    def font(self) -> "RangeFont":
        return RangeFont(self)

    def _align(self, name: str, value: Any) -> None:
        def change(cell: Any) -> None:
            alignment = copy(cell.alignment) or Alignment()
            setattr(alignment, name, value)
            cell.alignment = alignment

        self._restyle(change)

    @property
    def wrap_text(self) -> bool | None:
        return self._common(lambda cell: bool(cell.alignment.wrap_text))

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self._align("wrap_text", value)

    @property
    def horizontal_alignment(self) -> str | None:
        return self._common(lambda cell: _FROM_XLSX.get(cell.alignment.horizontal, cell.alignment.horizontal))

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        self._align("horizontal", _TO_XLSX.get(value, value))

    @property
    def vertical_alignment(self) -> str | None:
        return self._common(lambda cell: cell.alignment.vertical or "bottom")

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        self._align("vertical", value)

    @property
    def locked(self) -> bool | None:
        """Excel's Locked: None where the cells differ."""
        return self._common(lambda cell: bool(cell.protection.locked))

    @locked.setter
    def locked(self, locked: bool) -> None:
        self._restyle(lambda cell: setattr(cell, "protection", Protection(locked=locked, hidden=cell.protection.hidden)))


@missing_calls_say_so("the openpyxl double")
class RangeFont(base_classes.Font):
    """The font of a range: each property is None where the cells differ."""

    def __init__(self, parent: Formats) -> None:
        self.parent = parent

    def _set(self, **values: Any) -> None:
        def change(cell: Any) -> None:
            kept = {name: getattr(cell.font, name) for name in ("name", "sz", "b", "i", "u", "strike", "color", "vertAlign", "family", "scheme")}
            cell.font = Font(**{**kept, **values})

        self.parent._restyle(change)

    @property
    def bold(self) -> bool | None:
        return self.parent._common(lambda cell: bool(cell.font.b))

    @bold.setter
    def bold(self, value: bool) -> None:
        self._set(b=bool(value))

    @property
    def italic(self) -> bool | None:
        return self.parent._common(lambda cell: bool(cell.font.i))

    @italic.setter
    def italic(self, value: bool) -> None:
        self._set(i=bool(value))

    @property
    def size(self) -> float | None:
        return self.parent._common(lambda cell: cell.font.sz)

    @size.setter
    def size(self, value: float) -> None:
        self._set(sz=value)

    @property
    def name(self) -> str | None:
        return self.parent._common(lambda cell: cell.font.name)

    @name.setter
    def name(self, value: str) -> None:
        self._set(name=value, scheme=None)

    @property
    def color(self) -> RGB | None:
        return self.parent._common(lambda cell: rgb_of(cell.font.color) or (0, 0, 0))

    @color.setter
    def color(self, color: Any) -> None:
        self._set(color=hexadecimal(color))
