"""Conditional formats. Each rule of ours is a conditional format of its own, so that the user's stay as they are.

Calc tints through cell styles; a rule's style is made from its colours and goes when its last rule goes.
"""

from collections.abc import Iterator
from typing import Any

from xlwings import base_classes

from addin.engines.calc.grammar import to_calc, to_excel
from addin.engines.calc.loading import uno
from addin.engines.calc.looks import number_of, rgb
from addin.engines.calc.values import area_of
from addin.engines.calc.writing import writing_to
from addin.engines.cells import missing_calls_say_so
from addin.engines.geometry import Area

CONDITION = 0
PREFIX = "Invoice Rules"
KINDS = {1: "color_scale", 2: "data_bar", 3: "icon_set"}
OPERATORS = {
    "equal_to": "EQUAL",
    "not_equal_to": "NOT_EQUAL",
    "greater_than": "GREATER",
    "less_than": "LESS",
    "greater_than_or_equal": "GREATER_EQUAL",
    "less_than_or_equal": "LESS_EQUAL",
    "between": "BETWEEN",
    "not_between": "NOT_BETWEEN",
}


def _constant(name: str) -> int:
    return int(uno().getConstantByName(f"com.sun.star.sheet.ConditionFormatOperator.{name}"))


@missing_calls_say_so("LibreOffice Calc")
class ConditionalFormats(base_classes.ConditionalFormats):
    """The rules that apply to a range, wholly or in part."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    @property
    def api(self) -> Any:
        return self._cells.sheet.sh.ConditionalFormats

    @property
    def parent(self) -> Any:
        return self._cells

    def _all(self) -> list["ConditionalFormat"]:
        return [ConditionalFormat(self._cells.sheet, found.ID, place) for found in self._touching() for place in range(found.getCount())]

    def _touching(self) -> list[Any]:
        """UNO's conditional formats here: ours first, the latest before the others, as in Excel; then those of the user."""
        met = [found for found in self.api.getConditionalFormats() if self._meets(found)]
        ours = [found for found in met if _is_ours(found)]
        return [*sorted(ours, key=lambda found: -found.ID), *(found for found in met if not _is_ours(found))]

    def _meets(self, found: Any) -> bool:
        areas = [area_of(each) for each in found.Range.RangeAddresses]
        return any(mine.meet(theirs) for mine in self._cells.areas for theirs in areas)

    def __iter__(self) -> Iterator["ConditionalFormat"]:
        return iter(self._all())

    def __len__(self) -> int:
        return sum(found.getCount() for found in self._touching())

    def __call__(self, key: int) -> "ConditionalFormat":
        return self._all()[key - 1]

    def __contains__(self, key: int) -> bool:
        return 1 <= key <= len(self)

    def add_custom(self, spec: dict[str, Any]) -> "ConditionalFormat":
        """A rule by formula; `spec` is what xlwings made of the arguments."""
        return self._add(spec, "EXPRESSION", spec["formula"], "")

    def add_cell_value(self, spec: dict[str, Any]) -> "ConditionalFormat":
        """A rule by comparison of the cell's own value."""
        return self._add(spec, OPERATORS[spec["operator"]], spec["formula1"], spec["formula2"] or "")

    def _add(self, spec: dict[str, Any], operator: str, first: str, second: str) -> "ConditionalFormat":
        cells = self._cells
        with writing_to(cells):
            ranges = cells.sheet.book.doc.createInstance("com.sun.star.sheet.SheetCellRanges")
            ranges.addRangeAddresses(cells.addresses, False)
            number = self.api.createByRange(ranges)
            rule = ConditionalFormat(cells.sheet, number, 0)
            rule.found.createEntry(CONDITION, 0)
            entry = rule.api
            entry.Operator = _constant(operator)
            entry.Formula1, entry.Formula2 = _bare(first), _bare(second)
            entry.StyleName = style_for(cells.sheet.book.doc, spec)
        return rule

    def clear(self) -> None:
        """Take away every rule that applies here; a rule that reaches further goes on applying there."""
        sheet = self._cells.sheet
        for found in self._touching():
            rest = _without([area_of(each) for each in found.Range.RangeAddresses], self._cells.areas)
            if rest:
                with writing_to(self._cells):
                    ranges = sheet.book.doc.createInstance("com.sun.star.sheet.SheetCellRanges")
                    ranges.addRangeAddresses(type(self._cells)(sheet, rest).addresses, False)
                    found.Range = ranges
                continue
            for place in reversed(range(found.getCount())):
                ConditionalFormat(sheet, found.ID, place).delete()


def _is_ours(found: Any) -> bool:
    entry = found.getByIndex(0)
    return entry.getType() == CONDITION and entry.StyleName.startswith(PREFIX)


def _without(areas: list[Area], gone: tuple[Area, ...]) -> list[Area]:
    """What is left of areas without others."""
    for hole in gone:
        areas = [piece for area in areas for piece in _pieces(area, hole)]
    return areas


def _pieces(area: Area, hole: Area) -> list[Area]:
    both = area.meet(hole)
    if both is None:
        return [area]
    found = [
        area._replace(bottom=both.top - 1),
        area._replace(top=both.bottom + 1),
        both._replace(left=area.left, right=both.left - 1),
        both._replace(left=both.right + 1, right=area.right),
    ]
    return [piece for piece in found if piece.top <= piece.bottom and piece.left <= piece.right]


def _bare(formula: str) -> str:
    return to_calc(formula.removeprefix("="))


@missing_calls_say_so("LibreOffice Calc")
class ConditionalFormat(base_classes.ConditionalFormat):
    """One rule: the conditional format of this number on the sheet, and its place in it."""

    def __init__(self, sheet: Any, number: int, place: int) -> None:
        self._sheet, self._number, self._place = sheet, number, place

    @property
    def found(self) -> Any:
        """UNO's conditional format, which may hold several rules for the same cells."""
        return next(each for each in self._sheet.sh.ConditionalFormats.getConditionalFormats() if self._number == each.ID)

    @property
    def api(self) -> Any:
        return self.found.getByIndex(self._place)

    @property
    def type(self) -> str:
        entry = self.api
        kind = entry.getType()
        if kind != CONDITION:
            return KINDS.get(kind, "unknown")
        return "custom" if entry.Operator == _constant("EXPRESSION") else "cell_value"

    @property
    def formula(self) -> str | None:
        """The formula of a custom rule, in Excel's spelling."""
        return "=" + to_excel(self.api.Formula1) if self.type == "custom" else None

    @property
    def operator(self) -> str | None:
        entry = self.api
        return next((mine for mine, theirs in OPERATORS.items() if entry.getType() == CONDITION and _constant(theirs) == entry.Operator), None)

    @property
    def formula1(self) -> str | None:
        return to_excel(self.api.Formula1) if self.type == "cell_value" else None

    @property
    def formula2(self) -> str | None:
        return to_excel(self.api.Formula2) or None if self.type == "cell_value" else None

    @property
    def stop_if_true(self) -> bool | None:
        """Calc always stops at the first rule that fits within one conditional format."""
        return False if self.type in ("custom", "cell_value") else None

    def _style(self) -> Any:
        entry = self.api
        if entry.getType() != CONDITION or not entry.StyleName:
            return None
        return self._sheet.book.doc.StyleFamilies.getByName("CellStyles").getByName(entry.StyleName)

    @property
    def fill_color(self) -> tuple[int, int, int] | None:
        style = self._style()
        return rgb(style.CellBackColor) if style else None

    @property
    def font_color(self) -> tuple[int, int, int] | None:
        style = self._style()
        return rgb(style.CharColor) if style else None

    @property
    def font_bold(self) -> bool | None:
        style = self._style()
        return style.CharWeight >= 150 if style else None

    @property
    def font_italic(self) -> bool | None:
        style = self._style()
        return style.CharPosture.value == "ITALIC" if style else None

    def delete(self) -> None:
        """Take the rule away from all cells, and its style where no other rule uses it."""
        entry = self.api
        style = entry.StyleName if entry.getType() == CONDITION else ""
        found = self.found
        with writing_to(self._sheet.cells_at(area_of(found.Range.RangeAddresses[0]))):
            if found.getCount() > 1:
                found.removeByIndex(self._place)
            else:
                self._sheet.sh.ConditionalFormats.removeByID(self._number)
            _drop_style(self._sheet.book.doc, style)


def style_for(doc: Any, spec: dict[str, Any]) -> str:
    """The name of the cell style with these looks; made where the document has none. Only what is given is set, so the rest shows through."""
    fill, ink = number_of(spec.get("fill_color")), number_of(spec.get("font_color"))
    wanted = {"CellBackColor": fill if fill >= 0 else None, "CharColor": ink if ink >= 0 else None, "CharWeight": 150.0 if spec.get("font_bold") else None}
    parts = [f"{value:06X}" for value in (fill, ink) if value >= 0] + ["bold"] * bool(spec.get("font_bold"))
    name = " ".join([PREFIX, *parts])
    styles = doc.StyleFamilies.getByName("CellStyles")
    if not styles.hasByName(name):
        style = doc.createInstance("com.sun.star.style.CellStyle")
        styles.insertByName(name, style)
        for property_name, value in wanted.items():
            if value is not None:
                style.setPropertyValue(property_name, value)
    return name


def _drop_style(doc: Any, name: str) -> None:
    if name.startswith(PREFIX) and name not in _styles_in_use(doc):
        styles = doc.StyleFamilies.getByName("CellStyles")
        if styles.hasByName(name):
            styles.removeByName(name)


def _styles_in_use(doc: Any) -> set[str]:
    sheets = doc.Sheets
    formats = [found for index in range(sheets.Count) for found in sheets.getByIndex(index).ConditionalFormats.getConditionalFormats()]
    entries = [found.getByIndex(place) for found in formats for place in range(found.getCount())]
    return {entry.StyleName for entry in entries if entry.getType() == CONDITION}
