"""Records with lists of lines -> rows: what a record says stands on each of its rows, what a line says under `Line.Amount`.

Objects inside records and lines are flattened with dots (`CustomerRef.name`). A record without lines is one row. Other lists stay
what they are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from invoice_rules.errors import CannotRun
from invoice_rules.reading.assembling import COLUMNS, LONGEST_HEADING
from invoice_rules.reading.headings import folded

Record = dict[str, object]
Path = tuple[str, ...]
_NOTHING: Record = {}
_OBJECTS = 4 * COLUMNS
"""Objects inside records that are taken apart, told apart by their names."""
_SHAPES = 1_000
"""Names that records without objects have, one after the other, of which it is kept that they were met."""


@dataclass(frozen=True)
class Column:
    """The names that lead to a cell from its record or, where `within` names a list of lines, from its line."""

    path: Path
    within: str = ""

    def __str__(self) -> str:
        return ".".join([self.within, *self.path] if self.within else self.path)

    @property
    def flat(self) -> bool:
        """Whether objects here are taken apart; an endless name is kept from growing."""
        return len(str(self)) <= LONGEST_HEADING


@dataclass(frozen=True)
class Rows:
    """`record` and `line`: the place of each row's record and of its line, -1 for none; None where no record has lines.

    `parts`: the line of each row, with the name of its list.
    """

    columns: tuple[Column, ...]
    records: Sequence[Record]
    parts: Sequence[tuple[str, Record]] = ()
    record: np.ndarray | None = None
    line: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.records) if self.record is None else len(self.record)

    @property
    def cells(self) -> int:
        """How many cells there are before those of records are repeated."""
        own = sum(1 for column in self.columns if not column.within)
        return own * len(self.records) + (len(self.columns) - own) * len(self)

    def values(self, column: Column) -> list[object]:
        """What the records, or the lines, hold of a column; None where they do not have it."""
        *outer, last = column.path
        holders = self._inside(column.within)
        for name in outer:
            found = [holder.get(name) for holder in holders]
            holders = [its if isinstance(its, dict) else _NOTHING for its in found]
        return [holder.get(last) for holder in holders]

    def _inside(self, within: str) -> Sequence[Record]:
        """The records, or the lines of this list with nothing in the place of others."""
        return [part if name == within else _NOTHING for name, part in self.parts] if within else self.records


def unnested(records: Sequence[Record], nested: Sequence[str], name: str, naming: "Naming") -> Rows:
    """Lay records out as rows; their names join those of `naming`. Raises CannotRun for lines that are no objects and for more than 512 different names."""
    held = [nested_in(record, nested) for record in records]
    if not any(held):
        return Rows(naming.joined(records, held, ()), records)
    parts: list[tuple[str, Record]] = []
    places: list[int] = []
    counts = np.ones(len(records), np.int64)
    for at, (record, within) in enumerate(zip(records, held, strict=True)):
        lines = record.get(within) if within else None
        if isinstance(lines, list) and lines:
            parts += [(within, _line(line, at, within, place, name)) for place, line in enumerate(lines)]
            places += range(len(lines))
            counts[at] = len(lines)
        else:
            parts.append((within, lines if isinstance(lines, dict) else {}))
            places.append(-1)
    of = np.repeat(np.arange(len(records)), counts)
    return Rows(naming.joined(records, held, parts), records, parts, of, np.array(places, np.int64))


def nested_in(record: Record, nested: Sequence[str]) -> str:
    """The name of the record's list of lines, as the record writes it; '' where it has none."""
    if not nested:
        return ""
    wanted = _folded(tuple(nested))
    return next((key for key, value in record.items() if isinstance(value, list | dict) and folded(key) in wanted and _holds_lines(value)), "")


@cache
def _folded(nested: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(folded, nested))


def _holds_lines(value: list | Record) -> bool:
    """One object alone is a line too, as some systems write a list of one."""
    return isinstance(value, dict) or not value or any(isinstance(line, dict) for line in value)


def _line(line: object, record: int, within: str, place: int, name: str) -> Record:
    if not isinstance(line, dict):
        raise CannotRun(f'{name}: element {place + 1:,} of "{within[:60]}" in record {record + 1:,} is not an object with names and values.')
    return line


def names(records: Sequence[Record], nested: Sequence[str]) -> list[str]:
    """What the columns of some records and their lines would be called; of endlessly many, some."""
    own = _Names("")
    found: list[Column] = []
    for record in records:
        within = nested_in(record, nested)
        own.take(record, within)
        lines = _Names(within)
        for line in _lines_of(record, within)[: len(records)]:
            lines.take(line if isinstance(line, dict) else {})
        found += lines.columns
    return [str(column) for column in (*own.columns, *found)]


def _lines_of(record: Record, within: str) -> list:
    lines = record.get(within) if within else []
    return lines if isinstance(lines, list) else [lines]


class Naming:
    """The columns of records, then those of their lines, in order of appearance."""

    def __init__(self, name: str):
        self._name, self._own = name, _Names("")
        self._inside: dict[str, _Names] = {}

    def joined(self, records: Sequence[Record], held: Sequence[str], parts: Sequence[tuple[str, Record]]) -> tuple[Column, ...]:
        """All columns so far, with those of these records and lines. Raises CannotRun for more than 512."""
        for record, within in zip(records, held, strict=True):
            self._own.take(record, within)
        for within in dict.fromkeys(held):
            if within:
                self._inside.setdefault(within, _Names(within))
        for within, line in parts:
            if within:
                self._inside[within].take(line)
        if len(self.columns()) > COLUMNS or any(names.full for names in (self._own, *self._inside.values())):
            raise CannotRun(f"{self._name} has more than {COLUMNS} different names; no more are read. Leave out those that are not needed.")
        return self.columns()

    @property
    def lists(self) -> Collection[str]:
        """The names that lists of lines had so far."""
        return self._inside.keys()

    def columns(self) -> tuple[Column, ...]:
        return tuple(column for names in (self._own, *self._inside.values()) for column in names.columns)


class _Names:
    """The columns met so far; after very many no more are taken."""

    def __init__(self, within: str):
        self.columns: list[Column] = []
        self.full = False
        self._within = within
        self._objects = 0
        self._shapes: set[tuple[str, ...]] = set()
        self._top = self._object(())

    def take(self, record: Record, but: str = "") -> None:
        """Add the names of one record, except that of its list of lines."""
        if self.full:
            return
        shape = (but, *record)
        if dict in map(type, record.values()):
            self._take(record, self._top, but or None)
        elif shape not in self._shapes:
            self._take(record, self._top, but or None)
            if len(self._shapes) < _SHAPES:
                self._shapes.add(shape)

    def _take(self, record: Record, here: "_Object", but: str | None = None) -> None:
        cells, inner = here.cells, here.inner
        for name, value in record.items():
            if name == but:
                continue
            if isinstance(value, dict):
                if name not in inner:
                    inner[name] = self._object((*here.path, name))
                if inner[name].flat:
                    self._take(value, inner[name])
                    continue
            if name not in cells:
                cells.add(name)
                self.columns.append(Column((*here.path, name), self._within))
                self.full |= len(self.columns) > COLUMNS
            if self.full:
                return

    def _object(self, path: Path) -> "_Object":
        self._objects += 1
        self.full |= self._objects > _OBJECTS
        return _Object(path, Column(path, self._within).flat)


class _Object:
    """The names met in one object: cells, and objects inside."""

    __slots__ = ("cells", "flat", "inner", "path")

    def __init__(self, path: Path, flat: bool):
        self.path, self.flat = path, flat
        self.cells: set[str] = set()
        self.inner: dict[str, _Object] = {}
