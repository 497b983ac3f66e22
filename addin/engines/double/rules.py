"""Conditional formats: kept as openpyxl's rules, so that a saved workbook has them."""

from collections.abc import Iterator
from typing import Any

from openpyxl.formatting.formatting import ConditionalFormatting, ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.cell_range import MultiCellRange
from xlwings import base_classes

from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.double.formats import RGB, hexadecimal, rgb_of
from addin.engines.double.guards import refuse_protected
from addin.engines.double.references import check_formula, relative_references
from addin.engines.geometry import Area, address, parse_area

DOUBLE = "the openpyxl double"
TYPES = {"cellIs": "cell_value", "expression": "custom", "colorScale": "color_scale", "dataBar": "data_bar", "iconSet": "icon_set"}
OPERATORS = {
    "between": "between",
    "notBetween": "not_between",
    "equal": "equal_to",
    "notEqual": "not_equal_to",
    "greaterThan": "greater_than",
    "lessThan": "less_than",
    "greaterThanOrEqual": "greater_than_or_equal",
    "lessThanOrEqual": "less_than_or_equal",
}


def areas_of(sqref: MultiCellRange) -> list[Area]:
    """The areas that a rule of the file applies to."""
    return [parse_area(one.coord) for one in sqref.ranges]


def sqref_of(areas: list[Area]) -> MultiCellRange:
    """Areas as the file holds them."""
    return MultiCellRange(address(areas, False, False).replace(",", " "))


def placed(ws: Any) -> list[tuple[list[Area], Rule]]:
    """(areas, rule) of each conditional format of the sheet, in the order they apply."""
    found = [(areas_of(one.sqref), rule) for one in ws.conditional_formatting for rule in one.rules]
    return sorted(found, key=lambda pair: pair[1].priority)


def place(ws: Any, rules: list[tuple[list[Area], Rule]]) -> None:
    """Make these the conditional formats of the sheet, in this order; a rule without areas goes."""
    ws.conditional_formatting = ConditionalFormattingList()
    for priority, (areas, rule) in enumerate((pair for pair in rules if pair[0]), 1):
        rule.priority = priority
        ws.conditional_formatting.add(ConditionalFormatting(sqref_of(areas)), rule)


@missing_calls_say_so(DOUBLE)
class ConditionalFormat(base_classes.ConditionalFormat):
    """One rule, wherever it applies."""

    def __init__(self, sheet: Any, rule: Rule) -> None:
        self.sheet = sheet
        self.rule = rule

    @property
    def type(self) -> str:
        return TYPES.get(self.rule.type, "unknown")

    @property
    def stop_if_true(self) -> bool | None:
        return bool(self.rule.stopIfTrue) if self.type in ("cell_value", "custom") else None

    def _formula(self, number: int, kind: str) -> str | None:
        return "=" + self.rule.formula[number] if self.type == kind and len(self.rule.formula) > number else None

    @property
    def operator(self) -> str | None:
        return OPERATORS.get(self.rule.operator) if self.type == "cell_value" else None

    @property
    def formula(self) -> str | None:
        return self._formula(0, "custom")

    @property
    def formula1(self) -> str | None:
        return self._formula(0, "cell_value")

    @property
    def formula2(self) -> str | None:
        return self._formula(1, "cell_value")

    @property
    def fill_color(self) -> RGB | None:
        fill = self.rule.dxf and self.rule.dxf.fill
        return rgb_of(fill.bgColor) if fill else None

    @property
    def font_color(self) -> RGB | None:
        font = self.rule.dxf and self.rule.dxf.font
        return rgb_of(font.color) if font else None

    @property
    def font_bold(self) -> bool | None:
        font = self.rule.dxf and self.rule.dxf.font
        return font.b if font else None

    @property
    def font_italic(self) -> bool | None:
        font = self.rule.dxf and self.rule.dxf.font
        return font.i if font else None

    def delete(self) -> None:
        refuse_protected(self.sheet.grid, "formatCells", "changing conditional formats")
        left = [pair for pair in placed(self.sheet.ws) if pair[1] is not self.rule]
        if len(left) == len(placed(self.sheet.ws)):
            raise ExcelError("This conditional format was deleted before.")
        place(self.sheet.ws, left)


def _style(spec: dict[str, Any]) -> DifferentialStyle:
    """How a rule makes cells look."""
    color, fill = spec.get("font_color"), spec.get("fill_color")
    names = {"font_bold": "b", "font_italic": "i"}
    font = {names[name]: spec[name] for name in names if name in spec} | ({"color": hexadecimal(color)} if color else {})
    filled = PatternFill("solid", fgColor=hexadecimal(fill), bgColor=hexadecimal(fill)) if fill else None
    return DifferentialStyle(font=Font(**font) if font else None, fill=filled)


@missing_calls_say_so(DOUBLE)
class ConditionalFormats(base_classes.ConditionalFormats):
    """The rules that apply somewhere in a range; a new one comes first."""

    def __init__(self, parent: Any) -> None:
        self.range = parent
        self.ws = parent.sheet.ws

    def _all(self) -> list[ConditionalFormat]:
        return [ConditionalFormat(self.range.sheet, rule) for areas, rule in placed(self.ws) if self._meets(areas)]

    def _meets(self, areas: list[Area]) -> bool:
        return any(area.meet(mine) for area in areas for mine in self.range.areas)

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[ConditionalFormat]:
        return iter(self._all())

    def __call__(self, key: int) -> ConditionalFormat:
        return self._all()[key - 1]

    def add_custom(self, spec: dict[str, Any]) -> ConditionalFormat:
        """A rule with a formula. A relative reference counts from the active cell when it comes through COM, so it is refused: use a name."""
        refuse_protected(self.range.sheet.grid, "formatCells", "adding conditional formats")
        formula = spec["formula"]
        check_formula(formula)
        relative = relative_references(formula)
        if relative:
            raise ExcelError(f"{relative[0]} in the rule {formula} would count from the active cell: use a defined name.")
        rule = Rule("expression", dxf=_style(spec), formula=[formula[1:]], stopIfTrue=spec["stop_if_true"] or None)
        place(self.ws, [(list(self.range.areas), rule), *placed(self.ws)])
        return ConditionalFormat(self.range.sheet, rule)

    def clear(self) -> None:
        """Take the range out of every rule; what a rule tints elsewhere stays."""
        refuse_protected(self.range.sheet.grid, "formatCells", "changing conditional formats")
        rules = placed(self.ws)
        for hole in self.range.areas:
            rules = [([left for area in areas for left in area.without(hole)], rule) for areas, rule in rules]
        place(self.ws, rules)
