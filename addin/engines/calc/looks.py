"""How cells look: colours, fonts, number formats, alignment, widths, heights and what is hidden."""

from typing import Any

from xlwings import base_classes, utils

from addin.engines.calc.loading import enum
from addin.engines.calc.values import area_of
from addin.engines.calc.writing import writing_to
from addin.engines.cells import missing_calls_say_so
from addin.engines.geometry import MAX_COLUMNS, Area

MM_PER_POINT = 2540 / 72
MM_PER_PIXEL = 2540 / 96
CHARACTER, PADDING = 7, 5
HORIZONTAL = {
    "general": "STANDARD",
    "left": "LEFT",
    "center": "CENTER",
    "right": "RIGHT",
    "fill": "REPEAT",
    "justify": "BLOCK",
    "center_across_selection": "CENTER",
    "distributed": "BLOCK",
}
HORIZONTAL_BACK = {"STANDARD": "general", "LEFT": "left", "CENTER": "center", "RIGHT": "right", "REPEAT": "fill", "BLOCK": "justify"}
VERTICAL = {"top": 1, "center": 2, "bottom": 3, "justify": 4, "distributed": 4}
VERTICAL_BACK = {0: "bottom", 1: "top", 2: "center", 3: "bottom", 4: "justify"}


def rgb(number: int | None) -> tuple[int, int, int] | None:
    """UNO's 0xRRGGBB as xlwings' (red, green, blue); None for automatic.

    >>> rgb(0xFFC7CE), rgb(-1)
    ((255, 199, 206), None)
    """
    return None if number is None or number < 0 else ((number >> 16) & 255, (number >> 8) & 255, number & 255)


def number_of(color: Any) -> int:
    """A colour as xlwings takes it ((red, green, blue), "#ffc7ce", Excel's number, None) for UNO.

    >>> hex(number_of("#ffc7ce")), number_of(None)
    ('0xffc7ce', -1)
    """
    if color is None:
        return -1
    if isinstance(color, str):
        color = utils.hex_to_rgb(color)
    elif isinstance(color, int):
        color = utils.int_to_rgb(color)
    red, green, blue = color
    return int(red) << 16 | int(green) << 8 | int(blue)


class Looks(base_classes.Range):
    """The half of a range that is about looks; the other half gives `xl`, `first`, `areas`, `sheet`."""

    def _uniform(self: Any, name: str) -> Any:
        """A property that all cells share; None where they differ."""
        cells = self.xl
        return None if cells.getPropertyState(name).value == "AMBIGUOUS_VALUE" else cells.getPropertyValue(name)

    def _set(self: Any, name: str, value: Any) -> None:
        with writing_to(self):
            self.xl.setPropertyValue(name, value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        """The fill, None without or where cells differ."""
        return rgb(self._uniform("CellBackColor"))

    @color.setter
    def color(self, value: Any) -> None:
        self._set("CellBackColor", number_of(value))

    @property
    def number_format(self: Any) -> str | None:
        """The code as Excel writes it; None where cells differ."""
        key = self._uniform("NumberFormat")
        return None if key is None else self.sheet.book.formats.code(key)

    @number_format.setter
    def number_format(self: Any, value: str) -> None:
        self._set("NumberFormat", self.sheet.book.formats.key(value))

    def number_formats(self: Any) -> list[tuple[Area, str]]:
        """(area, code) for all cells of the first area at once, which Excel cannot tell."""
        return [(area, self.sheet.book.formats.code(key)) for areas, key in self.format_keys() for area in areas]

    def format_keys(self: Any) -> list[tuple[list[Area], int]]:
        """(areas, Calc's number of their format) for all cells of the first area, for `put_formats`."""
        groups = self.first.getUniqueCellFormatRanges()
        found = (groups.getByIndex(index) for index in range(groups.Count))
        return [([area_of(each) for each in its.RangeAddresses], its.NumberFormat) for its in found]

    def put_formats(self: Any, keys: list[tuple[list[Area], int]]) -> None:
        """Give the cells the number formats that they had: texts that look like numbers make Calc turn cells into text cells."""
        with writing_to(self):
            for areas, key in keys:
                type(self)(self.sheet, areas).xl.NumberFormat = key

    @property
    def font(self) -> "Font":
        return Font(self)

    @property
    def wrap_text(self) -> bool | None:
        return self._uniform("IsTextWrapped")

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self._set("IsTextWrapped", bool(value))

    @property
    def horizontal_alignment(self) -> str | None:
        found = self._uniform("HoriJustify")
        return None if found is None else HORIZONTAL_BACK[found.value]

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        self._set("HoriJustify", enum(f"table.CellHoriJustify.{HORIZONTAL[value]}"))

    @property
    def vertical_alignment(self) -> str | None:
        found = self._uniform("VertJustify")
        return None if found is None else VERTICAL_BACK[found]

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        self._set("VertJustify", VERTICAL[value])

    @property
    def column_width(self: Any) -> float | None:
        """In characters of the standard font, as in Excel; None where columns differ, 0 where hidden."""
        columns = _lines(self.first.Columns)
        if not any(column.IsVisible for column in columns):
            return 0.0
        width = _same(columns, "Width")
        return None if width is None else round(max(0.0, (width / MM_PER_PIXEL - PADDING) / CHARACTER), 2)

    @column_width.setter
    def column_width(self: Any, value: float) -> None:
        with writing_to(self):
            for each in self._each_area():
                each.Columns.Width = round((value * CHARACTER + PADDING) * MM_PER_PIXEL)

    @property
    def row_height(self: Any) -> float | None:
        """In points; None where rows differ, 0 where hidden."""
        if self.row_hidden:
            return 0.0
        height = _same(_lines(self.first.Rows), "Height")
        return None if height is None else round(height / MM_PER_POINT, 2)

    @row_height.setter
    def row_height(self: Any, value: float) -> None:
        with writing_to(self):
            for each in self._each_area():
                each.Rows.Height = round(value * MM_PER_POINT)

    @property
    def row_hidden(self: Any) -> bool | None:
        """Whether all rows are hidden, by hand or by a filter; None where only some are."""
        top, _, bottom, _ = self.area
        strip = self.sheet.sh.getCellRangeByPosition(0, top - 1, self.limit.right - 1, bottom - 1)
        seen: set[tuple[int, int]] = {(area_of(each).top, area_of(each).bottom) for each in strip.queryVisibleCells().RangeAddresses}
        return _hidden(sum(last - first + 1 for first, last in seen), bottom - top + 1)

    @row_hidden.setter
    def row_hidden(self: Any, value: bool) -> None:
        with writing_to(self):
            for each in self._each_area():
                each.Rows.IsVisible = not value

    @property
    def column_hidden(self: Any) -> bool | None:
        """Whether all columns are hidden; None where only some are."""
        columns = _lines(self.first.Columns, MAX_COLUMNS)
        return _hidden(sum(column.IsVisible for column in columns), len(columns))

    @column_hidden.setter
    def column_hidden(self: Any, value: bool) -> None:
        with writing_to(self):
            for each in self._each_area():
                each.Columns.IsVisible = not value

    def autofit(self: Any, axis: str | None = None) -> None:
        """Fit columns ("c"), rows ("r") or both to what stands in them."""
        with writing_to(self):
            for each in self._each_area():
                if axis in (None, "c", "columns"):
                    each.Columns.OptimalWidth = True
                if axis in (None, "r", "rows"):
                    each.Rows.OptimalHeight = True

    def _each_area(self: Any) -> list[Any]:
        return [type(self)(self.sheet, [area]).first for area in self.areas]


def _hidden(visible: int, all_of_them: int) -> bool | None:
    return False if visible == all_of_them else True if visible == 0 else None


def _lines(found: Any, most: int = 1024) -> list[Any]:
    """Rows or columns one by one; of very many the first ones, which tell enough about the others. A single one needs no object of its own."""
    return [found] if found.Count == 1 else [found.getByIndex(index) for index in range(min(found.Count, most))]


def _same(lines: list[Any], name: str) -> int | None:
    """A property of rows or columns, None where they differ."""
    found = lines[0].getPropertyValue(name)
    return found if all(each.getPropertyValue(name) == found for each in lines[1:]) else None


@missing_calls_say_so("LibreOffice Calc")
class Font(base_classes.Font):
    """The font of a range; each property is None where cells differ."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    @property
    def api(self) -> Any:
        return self._cells.xl

    def _get(self, name: str) -> Any:
        return self._cells._uniform(name)

    @property
    def bold(self) -> bool | None:
        found = self._get("CharWeight")
        return None if found is None else found >= 150

    @bold.setter
    def bold(self, value: bool) -> None:
        self._cells._set("CharWeight", 150.0 if value else 100.0)

    @property
    def italic(self) -> bool | None:
        found = self._get("CharPosture")
        return None if found is None else found.value == "ITALIC"

    @italic.setter
    def italic(self, value: bool) -> None:
        self._cells._set("CharPosture", enum(f"awt.FontSlant.{'ITALIC' if value else 'NONE'}"))

    @property
    def size(self) -> float | None:
        """In points."""
        return self._get("CharHeight")

    @size.setter
    def size(self, value: float) -> None:
        self._cells._set("CharHeight", float(value))

    @property
    def name(self) -> str | None:
        return self._get("CharFontName")

    @name.setter
    def name(self, value: str) -> None:
        self._cells._set("CharFontName", value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Automatic is black, as in Excel."""
        found = self._get("CharColor")
        return None if found is None else rgb(max(found, 0))

    @color.setter
    def color(self, value: Any) -> None:
        self._cells._set("CharColor", number_of(value))
