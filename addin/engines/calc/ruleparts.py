"""The parts of conditional formats: entries, the cells they are limited to, and the cell styles that tint."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from addin.engines.calc.grammar import to_calc
from addin.engines.calc.loading import enum, properties, uno
from addin.engines.calc.looks import number_of
from addin.engines.calc.values import area_of, cell_address
from addin.engines.cells import NotSupported
from addin.engines.geometry import Area

CONDITION = 0
PREFIX = "Invoice Rules"


def constant(name: str) -> int:
    return int(uno().getConstantByName(f"com.sun.star.sheet.ConditionFormatOperator.{name}"))


class Entry(NamedTuple):
    """One rule as Calc wants it: the formulas in Calc's spelling, the cell style that tints."""

    operator: str
    formula1: str
    formula2: str
    style: str


def areas_of(found: Any) -> list[Area]:
    """The cells of a conditional format."""
    return [area_of(each) for each in found.Range.RangeAddresses]


def make_on(xl: Any, cells: Any, rule: Entry) -> None:
    """Give cells without rules this one; `xl` is UNO's object for them."""
    entries = cells.sheet.book.entries
    entries.clear()
    values = {"Formula1": rule.formula1, "Formula2": rule.formula2, "StyleName": rule.style, "SourcePosition": cell_address(cells.sheet.index - 1, cells.row, cells.column)}
    kind = "FORMULA" if rule.operator == "EXPRESSION" else rule.operator
    entries.addNew(properties(Operator=enum(f"sheet.ConditionOperator.{kind}"), **values))
    xl.ConditionalFormat = entries


def add_entry(found: Any, its: list[Area], rule: Entry, areas: tuple[Area, ...]) -> None:
    """Add the rule to a conditional format, of the cells `its`, that some of `areas` have already."""
    whole = all(any(area.meet(mine) == area for mine in areas) for area in its)
    if not whole and rule.operator != "EXPRESSION":
        raise NotSupported("LibreOffice Calc: a rule by value cannot share some cells with another rule; use a formula.")
    count = found.getCount()
    found.createEntry(CONDITION, count)
    entry = found.getByIndex(count)
    entry.Operator = constant(rule.operator)
    entry.Formula1 = rule.formula1 if whole else guarded(rule.formula1, areas)
    entry.Formula2, entry.StyleName = rule.formula2, rule.style


def guarded(formula: str, areas: tuple[Area, ...]) -> str:
    """A formula that counts in these cells only.

    >>> guarded("wrong", (Area(2, 4, 7, 4),))
    'IF((ROW()>=2)*(ROW()<=7)*(COLUMN()>=4)*(COLUMN()<=4)>0;wrong;0)'
    """
    places = [f"(ROW()>={area.top})*(ROW()<={area.bottom})*(COLUMN()>={area.left})*(COLUMN()<={area.right})" for area in areas]
    return f"IF({'+'.join(places)}>0;{formula};0)"


def unguarded(formula: str) -> str:
    """The formula without the cells that it is limited to.

    >>> unguarded(guarded("wrong", (Area(2, 4, 7, 4),))), unguarded("A1>0")
    ('wrong', 'A1>0')
    """
    found = re.fullmatch(r"IF\(\(ROW\(\)>=[^;,]*>0[;,](.*)[;,]0\)", formula)
    return found[1] if found else formula


def without(areas: list[Area], gone: tuple[Area, ...]) -> list[Area]:
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


def bare(formula: str) -> str:
    return to_calc(formula.removeprefix("="))


def style_for(book: Any, spec: dict[str, Any]) -> str:
    """The name of the cell style with these looks; made where the document has none. Only what is given is set, so the rest shows through."""
    fill, ink = number_of(spec.get("fill_color")), number_of(spec.get("font_color"))
    wanted = {"CellBackColor": fill if fill >= 0 else None, "CharColor": ink if ink >= 0 else None, "CharWeight": 150.0 if spec.get("font_bold") else None}
    parts = [f"{value:06X}" for value in (fill, ink) if value >= 0] + ["bold"] * bool(spec.get("font_bold"))
    name = " ".join([PREFIX, *parts])
    styles = book.styles
    if not styles.hasByName(name):
        if any(sheet.sh.isProtected() for sheet in book.sheets):
            return _alike(styles, wanted)
        style = book.doc.createInstance("com.sun.star.style.CellStyle")
        styles.insertByName(name, style)
        for property_name, value in wanted.items():
            if value is not None:
                style.setPropertyValue(property_name, value)
    return name


def _alike(styles: Any, wanted: Mapping[str, Any]) -> str:
    """A style of the document with these colours: Calc makes none while any sheet is protected. Without one the rule has no look; words stand beside it."""
    colours = {name: value for name, value in wanted.items() if name != "CharWeight" and value is not None}
    every = (name for name in styles.ElementNames if all(styles.getByName(name).getPropertyValue(its) == value for its, value in colours.items()))
    return next(every, "Default")


def drop_style(book: Any, name: str) -> None:
    if name.startswith(PREFIX) and name not in _styles_in_use(book) and book.styles.hasByName(name):
        book.styles.removeByName(name)


def _styles_in_use(book: Any) -> set[str]:
    formats = [found for sheet in book.sheets for found in sheet.sh.ConditionalFormats.getConditionalFormats()]
    entries = [found.getByIndex(place) for found in formats for place in range(found.getCount())]
    return {entry.StyleName for entry in entries if entry.getType() == CONDITION}
