"""Conditional formats. The user's stay as they are, and are again when ours go.

Calc knows two ways in. `range.ConditionalFormat` tints, but takes every other rule off the cells; `sheet.ConditionalFormats` leaves the others
alone, but what it makes anew is not shown before the file is saved and opened again. So cells without rules get one in the first way, and where
cells have one already ours becomes a further entry of it, limited to our cells (`guarded`). Both are one rule to the caller.

Calc tints through cell styles; a rule's style is made from its colours and goes when its last rule goes.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from xlwings import base_classes

from addin.engines.calc.comparisons import OPERATORS
from addin.engines.calc.grammar import to_excel
from addin.engines.calc.looks import rgb
from addin.engines.calc.ruleparts import (
    CONDITION,
    PREFIX,
    Entry,
    add_entry,
    areas_of,
    bare,
    constant,
    drop_style,
    make_on,
    style_for,
    unguarded,
    without,
)
from addin.engines.calc.writing import writing_to
from addin.engines.cells import missing_calls_say_so
from addin.engines.geometry import Area

KINDS = {1: "color_scale", 2: "data_bar", 3: "icon_set"}


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
        """Ours first, the latest before the others, as in Excel; then the user's. A rule in several parts is one."""
        parts = [ConditionalFormat(self._cells.sheet, each, place) for each in self._touching() for place in range(each.getCount())]
        found = [rule for rule in parts if not rule.spent]
        ours = {rule.identity: rule for rule in found if rule.ours}
        return [*reversed(ours.values()), *(rule for rule in found if not rule.ours)]

    def _touching(self) -> list[Any]:
        """UNO's conditional formats of these cells, the oldest first."""
        return [found for found, _ in self._met()]

    def _met(self) -> list[tuple[Any, list[Area]]]:
        """The same, with all the cells of each."""
        every = ((found, areas_of(found)) for found in self.api.getConditionalFormats())
        return [(found, areas) for found, areas in every if any(mine.meet(theirs) for mine in self._cells.areas for theirs in areas)]

    def __iter__(self) -> Iterator["ConditionalFormat"]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

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
            rule = Entry(operator, bare(first), bare(second), style_for(cells.sheet.book, spec))
            xl = cells.xl
            if xl.getPropertyState("ConditionalFormat").value == "DEFAULT_VALUE":  # no cell has a rule: one question, however many the sheet has
                make_on(xl, cells, rule)
                return Made(cells)
            there = self._met()
            for found, areas in there:
                add_entry(found, areas, rule, cells.areas)
            free = without(list(cells.areas), tuple(area for _, areas in there for area in areas))
            if free:
                rest = type(cells)(cells.sheet, free)
                make_on(rest.xl, rest, rule)
                return Made(rest)
        its = there[0][0]
        return ConditionalFormat(cells.sheet, its, its.getCount() - 1)

    def clear(self) -> None:
        """Take away every rule that applies here; a rule that reaches further goes on applying there."""
        with writing_to(self._cells):
            cells = self._cells.xl
            none = cells.ConditionalFormat
            none.clear()
            styles = [rule.api.StyleName for rule in self._all() if rule.ours]
            cells.ConditionalFormat = none
            for style in styles:
                drop_style(self._cells.sheet.book, style)


@missing_calls_say_so("LibreOffice Calc")
class ConditionalFormat(base_classes.ConditionalFormat):
    """One rule: its place in UNO's conditional format `found`, which may hold several for the same cells."""

    def __init__(self, sheet: Any, found: Any, place: int) -> None:
        self._sheet, self.found, self._place = sheet, found, place

    @cached_property
    def api(self) -> Any:
        return self.found.getByIndex(self._place)

    @cached_property
    def ours(self) -> bool:
        """Whether the add-in made it."""
        entry = self.api
        return entry.getType() == CONDITION and entry.StyleName.startswith(PREFIX)

    @property
    def spent(self) -> bool:
        """Whether it is one that could only be switched off."""
        entry = self.api
        return entry.getType() == CONDITION and (entry.Formula1, entry.StyleName) == ("0", "Default")

    @cached_property
    def identity(self) -> tuple[str, str, int]:
        """What the parts of one rule have in common."""
        entry = self.api
        return unguarded(entry.Formula1), entry.StyleName, entry.Operator

    @property
    def type(self) -> str:
        entry = self.api
        kind = entry.getType()
        if kind != CONDITION:
            return KINDS.get(kind, "unknown")
        return "custom" if entry.Operator == constant("EXPRESSION") else "cell_value"

    @property
    def formula(self) -> str | None:
        """The formula of a custom rule, in Excel's spelling."""
        return "=" + to_excel(unguarded(self.api.Formula1)) if self.type == "custom" else None

    @property
    def operator(self) -> str | None:
        entry = self.api
        return next((mine for mine, theirs in OPERATORS.items() if entry.getType() == CONDITION and constant(theirs) == entry.Operator), None)

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
        return self._sheet.book.styles.getByName(entry.StyleName)

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
        with writing_to(self._sheet.cells):
            if not self.ours:
                self._take_off()
                return
            parts = self._parts()
            while parts:
                parts[0]._take_off()
                parts = self._parts() if parts[1:] else []
            drop_style(self._sheet.book, self.identity[1])

    def _parts(self) -> list["ConditionalFormat"]:
        """All parts of the rule, looked for anew: taking one off gives the formats other numbers."""
        formats = self._sheet.sh.ConditionalFormats.getConditionalFormats()
        every = (ConditionalFormat(self._sheet, found, place) for found in formats for place in range(found.getCount()))
        return [part for part in every if part.api.getType() == CONDITION and part.identity == self.identity]

    def _take_off(self) -> None:
        """Remove this one part by way of its cells: a format that is removed by number leaves that on its cells, for the next one to be shown there.

        Calc 7 cannot remove one of several entries where formats overlap or hold bars and scales: there it stays, and is never true.
        """
        found = self.found
        cells = type(self._sheet.cells)(self._sheet, areas_of(found)).xl
        entries = cells.ConditionalFormat
        if found.getCount() == 1:
            entries.clear()
            cells.ConditionalFormat = entries
        elif entries.Count == found.getCount():
            entries.removeByIndex(self._place)
            cells.ConditionalFormat = entries
        else:
            entry = self.api
            entry.Operator, entry.Formula1, entry.StyleName = constant("EXPRESSION"), "0", "Default"


class Made(ConditionalFormat):
    """A rule just made on cells that had none. Calc's own object is looked for when it is needed, for that takes longer than making it."""

    def __init__(self, cells: Any) -> None:
        self._sheet, self._place = cells.sheet, 0
        self._cells = cells

    @cached_property
    def found(self) -> Any:
        return ConditionalFormats(self._cells)._touching()[0]
