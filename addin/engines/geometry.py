"""Where cells lie: A1 addresses, areas, unions, the end and the surroundings of a block.

Rows and columns count from 1, ends are included. What stands in the cells is in `addin.engines.cells`; the Range that both engines build on
is in `addin.engines.ranges`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from addin.engines.cells import ExcelError

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
ADDRESS_LIMIT = 255

_CELL = r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})"
_CELLS = re.compile(rf"^{_CELL}(?::{_CELL})?$")
_COLUMNS = re.compile(r"^\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})$")
_ROWS = re.compile(r"^\$?([1-9]\d{0,6}):\$?([1-9]\d{0,6})$")
_PLAIN_NAME = re.compile(r"^[^\W\d][\w.]*$")
DIRECTIONS = {"down": (1, 0), "d": (1, 0), "up": (-1, 0), "u": (-1, 0), "right": (0, 1), "r": (0, 1), "left": (0, -1), "l": (0, -1)}


class Area(NamedTuple):
    """A rectangle of cells; `bottom` and `right` belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top + 1, self.right - self.left + 1

    @property
    def size(self) -> int:
        return self.shape[0] * self.shape[1]

    @property
    def whole_columns(self) -> bool:
        return self.shape[0] == MAX_ROWS

    @property
    def whole_rows(self) -> bool:
        return self.shape[1] == MAX_COLUMNS

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def meet(self, other: "Area") -> "Area | None":
        """What both have in common.

        >>> Area(1, 1, 3, 3).meet(Area(2, 3, 9, 9))
        Area(top=2, left=3, bottom=3, right=3)
        """
        both = Area(max(self.top, other.top), max(self.left, other.left), min(self.bottom, other.bottom), min(self.right, other.right))
        return both if both.top <= both.bottom and both.left <= both.right else None

    def around(self, other: "Area") -> "Area":
        """The smallest rectangle that holds both."""
        return Area(min(self.top, other.top), min(self.left, other.left), max(self.bottom, other.bottom), max(self.right, other.right))

    def without(self, hole: "Area") -> "list[Area]":
        """What is left when the cells of `hole` are taken away.

        >>> Area(1, 1, 3, 3).without(Area(2, 2, 9, 2))
        [Area(top=1, left=1, bottom=1, right=3), Area(top=2, left=1, bottom=3, right=1), Area(top=2, left=3, bottom=3, right=3)]
        """
        both = self.meet(hole)
        if both is None:
            return [self]
        around = (
            self._replace(bottom=both.top - 1),
            self._replace(top=both.bottom + 1),
            Area(both.top, self.left, both.bottom, both.left - 1),
            Area(both.top, both.right + 1, both.bottom, self.right),
        )
        return [area for area in around if area.top <= area.bottom and area.left <= area.right]

    def cells(self) -> Iterator[tuple[int, int]]:
        """(row, column) of each cell, row by row."""
        return ((row, column) for row in range(self.top, self.bottom + 1) for column in range(self.left, self.right + 1))


SHEET = Area(1, 1, MAX_ROWS, MAX_COLUMNS)


def column_number(letters: str) -> int:
    """The number of a column.

    >>> column_number("A"), column_number("xfd")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


@lru_cache(maxsize=MAX_COLUMNS)
def column_letters(number: int) -> str:
    """The letters of a column.

    >>> column_letters(28), column_letters(16384)
    ('AB', 'XFD')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def parse_area(text: str) -> Area:
    """One rectangle of an A1 address; ValueError where the text is none, or leaves the sheet.

    >>> parse_area("$B$2:D4"), parse_area("C:C").shape
    (Area(top=2, left=2, bottom=4, right=4), (1048576, 1))
    """
    area = _area(text.strip())
    if area is None or area.bottom > MAX_ROWS or area.right > MAX_COLUMNS:
        raise ValueError(f"{text!r} is no address of cells.")
    return area


def _area(text: str) -> Area | None:
    if found := _CELLS.match(text):
        first = Area(int(found[2]), column_number(found[1]), int(found[2]), column_number(found[1]))
        return first.around(Area(int(found[4]), column_number(found[3]), int(found[4]), column_number(found[3]))) if found[3] else first
    if found := _COLUMNS.match(text):
        ends = sorted(map(column_number, found.groups()))
        return Area(1, ends[0], MAX_ROWS, ends[1])
    if found := _ROWS.match(text):
        ends = sorted(map(int, found.groups()))
        return Area(ends[0], 1, ends[1], MAX_COLUMNS)
    return None


def parse_areas(text: str) -> tuple[Area, ...]:
    """The rectangles of an address or a union of them; ExcelError where it is longer than Excel takes, ValueError where it is none.

    >>> parse_areas("B2,D4:E5")
    (Area(top=2, left=2, bottom=2, right=2), Area(top=4, left=4, bottom=5, right=5))
    """
    if len(text) > ADDRESS_LIMIT:
        raise ExcelError(f"Excel takes addresses of up to {ADDRESS_LIMIT} characters; this one has {len(text)}: {text[:40]}…")
    return tuple(map(parse_area, text.split(",")))


def address(areas: Iterable[Area], row_absolute: bool = True, column_absolute: bool = True) -> str:
    """Areas as an A1 address.

    >>> address([Area(2, 2, 2, 2), Area(1, 3, MAX_ROWS, 3)])
    '$B$2,$C:$C'
    """
    row, column = "$" * bool(row_absolute), "$" * bool(column_absolute)
    return ",".join(_address(area, row, column) for area in areas)


def _address(area: Area, row: str, column: str) -> str:
    left, right = f"{column}{column_letters(area.left)}", f"{column}{column_letters(area.right)}"
    if area.whole_columns:
        return f"{left}:{right}"
    if area.whole_rows:
        return f"{row}{area.top}:{row}{area.bottom}"
    first, last = f"{left}{row}{area.top}", f"{right}{row}{area.bottom}"
    return first if first == last else f"{first}:{last}"


def quoted(sheet: str) -> str:
    """A sheet's name as a formula spells it.

    >>> quoted("Data"), quoted("My sheet"), quoted("Bob's")
    ('Data', "'My sheet'", "'Bob''s'")
    """
    plain = _PLAIN_NAME.match(sheet) and not _area(sheet)
    return sheet if plain else "'" + sheet.replace("'", "''") + "'"


def split_sheet(text: str) -> tuple[str, str]:
    """(sheet, rest) of a reference; the sheet is "" where it names none.

    >>> split_sheet("'Bob''s'!$A$1"), split_sheet("A1")
    (("Bob's", '$A$1'), ('', 'A1'))
    """
    sheet, mark, rest = text.rpartition("!")
    if not mark:
        return "", text
    return (sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet), rest


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Rising numbers as (first, last) of each unbroken run.

    >>> runs([1, 2, 5, 6, 9])
    [(1, 2), (5, 6), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


Filled = Callable[[int, int], bool]
Hidden = Callable[[int], bool]


def end_of(start: tuple[int, int], direction: str, filled: Filled, edges: Area, limit: Area = SHEET, hidden: Hidden = lambda row: False) -> tuple[int, int]:
    """Where Ctrl+Arrow lands: the last filled cell of the block, else the next filled one, else the sheet's edge.

    `edges` is the smallest area outside of which nothing is filled; `limit` is the sheet. On its way up or down it passes over `hidden` rows.

    >>> end_of((9, 1), "up", lambda row, column: True, Area(1, 1, 5, 1)), end_of((9, 1), "up", lambda row, column: True, Area(1, 1, 5, 1), hidden=(4, 5).__contains__)
    ((5, 1), (3, 1))
    """
    down, right = DIRECTIONS[direction]

    def full(cell: tuple[int, int]) -> bool:
        return edges.holds(*cell) and filled(*cell)

    def ahead() -> Iterator[tuple[int, int]]:
        return (cell for cell in _beyond(start, down, right, edges) if not (down and hidden(cell[0])))

    block = list(takewhile(full, ahead())) if full(start) else []
    return block[-1] if block else next(filter(full, ahead()), _edge(start, direction, limit))


def _beyond(start: tuple[int, int], down: int, right: int, edges: Area) -> Iterator[tuple[int, int]]:
    row, column = start
    if down:
        rows = range(max(row + 1, edges.top), edges.bottom + 1) if down > 0 else range(min(row - 1, edges.bottom), edges.top - 1, -1)
        return ((each, column) for each in rows)
    columns = range(max(column + 1, edges.left), edges.right + 1) if right > 0 else range(min(column - 1, edges.right), edges.left - 1, -1)
    return ((row, each) for each in columns)


def _edge(start: tuple[int, int], direction: str, limit: Area) -> tuple[int, int]:
    row, column = start
    return {"d": (limit.bottom, column), "u": (1, column), "r": (row, limit.right), "l": (row, 1)}[direction[0]]


def region_of(area: Area, filled: Filled, edges: Area) -> Area:
    """The block around an area up to blank rows and columns (Ctrl+*); diagonal neighbours belong to it."""

    def any_filled(strip: Area) -> bool:
        seen = strip.meet(edges)
        return seen is not None and any(filled(*cell) for cell in seen.cells())

    while True:
        before = area
        for grow in _GROW:
            while (larger := grow(area)).meet(SHEET) == larger and any_filled(_new_strip(area, larger)):
                area = larger
        if area == before:
            return area


_GROW: tuple[Callable[[Area], Area], ...] = (
    lambda area: area._replace(bottom=area.bottom + 1),
    lambda area: area._replace(top=area.top - 1),
    lambda area: area._replace(right=area.right + 1),
    lambda area: area._replace(left=area.left - 1),
)


def _new_strip(area: Area, larger: Area) -> Area:
    """The row or column by which `larger` is larger, with the cells at its two corners; those may lie off the sheet."""
    if larger.shape[0] > area.shape[0]:
        row = larger.top if larger.top < area.top else larger.bottom
        return Area(row, area.left - 1, row, area.right + 1)
    column = larger.left if larger.left < area.left else larger.right
    return Area(area.top - 1, column, area.bottom + 1, column)
