"""References inside formulas: what they become when rows or columns come and go, and when a sheet is renamed or deleted."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError

from addin.engines.cells import FORMULA_LIMIT, ExcelError
from addin.engines.geometry import MAX_COLUMNS, MAX_ROWS, Area, column_letters, parse_area, quoted, split_sheet

_PARTS = re.compile(r"^(\$?)([A-Za-z]{0,3})(\$?)(\d*)$")


@dataclass(frozen=True)
class Shift:
    """Rows (or columns) that come (count > 0) before `at`, or go (count < 0) from `at` on, on one sheet."""

    sheet: str
    rows: bool
    at: int
    count: int

    def number(self, number: int) -> int | None:
        """Where a row (or column) lies afterwards; None where it is gone."""
        if number < self.at:
            return number
        return None if number < self.at - self.count else number + self.count

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """Where a run of rows (or columns) lies afterwards; None where all of it is gone."""
        if self.count > 0:
            return first + self.count * (first >= self.at), last + self.count * (last >= self.at)
        end = self.at - self.count
        if first >= self.at and last < end:
            return None
        new_first = first if first < self.at else max(first, end) + self.count
        new_last = last if last < self.at else (self.at - 1 if last < end else last + self.count)
        return new_first, new_last

    def area(self, area: Area) -> Area | None:
        """Where an area lies afterwards; whole columns stay whole when rows move."""
        if self.rows:
            if area.whole_columns:
                return area
            rows = self.span(area.top, area.bottom)
            return rows and area._replace(top=rows[0], bottom=min(rows[1], MAX_ROWS))
        if area.whole_rows:
            return area
        columns = self.span(area.left, area.right)
        return columns and area._replace(left=columns[0], right=min(columns[1], MAX_COLUMNS))

    def reference(self, text: str, home: str) -> str:
        """A reference of a formula that stands on the sheet `home`."""
        sheet, rest = split_sheet(text)
        if (sheet or home).lower() != self.sheet.lower():
            return text
        try:
            area = parse_area(rest)
        except ValueError:
            return text
        moved = self.area(area)
        return (text[: len(text) - len(rest)]) + (_spelled(moved, rest) if moved else "#REF!")


def _spelled(area: Area, like: str) -> str:
    """An area with the dollar signs of the reference that it replaces."""
    first, _, last = like.partition(":")
    ends = [_end(first, area.top, area.left)]
    if last:
        ends.append(_end(last, area.bottom, area.right))
    return ":".join(ends)


def _end(like: str, row: int, column: int) -> str:
    found = _PARTS.match(like)
    if found is None:
        raise ValueError(like)
    dollar, letters, other, digits = found.groups()
    if not letters:
        return f"{dollar or other}{row}"
    return f"{dollar}{column_letters(column)}" + (f"{other}{row}" if digits else "")


def rewritten(formula: str, change: Callable[[str], str]) -> str:
    """The formula with each of its references (and names) as `change` gives it back."""
    tokens = Tokenizer(formula)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            token.value = change(token.value)
    return tokens.render()


def renamed(old: str, new: str | None) -> Callable[[str], str]:
    """The change of a reference when the sheet `old` is called `new`, or is deleted (None)."""

    def change(reference: str) -> str:
        sheet, rest = split_sheet(reference)
        if sheet.lower() != old.lower():
            return reference
        return f"{quoted(new)}!{rest}" if new else "#REF!"

    return change


def check_formula(formula: str) -> None:
    """ExcelError where Excel would not take the formula: too long, a bracket or quote left open, semicolons between arguments."""
    if len(formula) > FORMULA_LIMIT:
        raise ExcelError(f"A formula has up to {FORMULA_LIMIT:,} characters; this one has {len(formula):,}.")
    try:
        tokens = Tokenizer(formula).items
    except (TokenizerError, IndexError) as broken:
        raise ExcelError(f"Excel does not understand the formula {formula[:60]}") from broken
    depth = 0
    for token in tokens:
        depth += (token.subtype == Token.OPEN) - (token.subtype == Token.CLOSE)
        in_array = token.type == Token.SEP and token.value == ";" and "{" in formula
        if token.type == Token.SEP and token.value == ";" and not in_array:
            raise ExcelError(f"Excel wants commas between arguments here, whatever the user's language: {formula[:60]}")
    if depth:
        raise ExcelError(f"A bracket is left open in the formula {formula[:60]}")


def relative_references(formula: str) -> list[str]:
    """References of a formula that are not wholly absolute.

    >>> relative_references("=SUM($A$1:B2,Data!$L:$L,Total)")
    ['$A$1:B2']
    """
    tokens = [token.value for token in Tokenizer(formula).items if token.type == Token.OPERAND and token.subtype == Token.RANGE]
    return [token for token in tokens if _is_relative(split_sheet(token)[1])]


def _is_relative(reference: str) -> bool:
    try:
        parse_area(reference)
    except ValueError:
        return False
    return any(_missing_dollar(end) for end in reference.split(":"))


def _missing_dollar(end: str) -> bool:
    found = _PARTS.match(end)
    if found is None:
        return False
    dollar, letters, other, digits = found.groups()
    if not letters:
        return not (dollar or other)
    return not dollar or bool(digits and not other)
