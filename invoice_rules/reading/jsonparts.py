"""The rows of a large list of records, laid out some records at a time, so that few of them are there as objects."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.errors import CannotRun
from invoice_rules.problems import plural
from invoice_rules.reading.grid import Grid
from invoice_rules.reading.jsoncells import texts_of
from invoice_rules.reading.unnesting import Column, Naming, Record, Rows, unnested

SPARE_CELLS = 5_000_000
"""Cells that records may lack, beyond one for each byte of the text."""
SPARE_BYTES = 150_000_000
"""Bytes that the cells of records may take when they are repeated on their lines, beyond eight for each byte of the text."""
_CELL = 9


@dataclass(frozen=True)
class Laid:
    """`record` and `line`: as in `Rows`."""

    columns: tuple[Column, ...]
    grid: Grid
    record: np.ndarray | None
    line: np.ndarray | None


def laid_out(parts: Iterable[Sequence[Record]], nested: Sequence[str], size: int, name: str) -> Laid:
    """The rows of all parts of a list, in their order; `size`: bytes of the text. Raises CannotRun."""
    laying = _Laying(nested, size, name)
    for records in parts:
        laying.add(records)
    return laying.done()


class _Laying:
    def __init__(self, nested: Sequence[str], size: int, name: str):
        self._nested, self._size, self._name = nested, size, name
        self._naming = Naming(name)
        self._texts: dict[Column, dict[int, pa.LargeStringArray]] = defaultdict(dict)
        self._kinds: dict[Column, dict[int, np.ndarray]] = defaultdict(dict)
        self._record: list[np.ndarray] = []
        self._line: list[np.ndarray] = []
        self._rows: list[int] = []
        self._records = self._bytes = 0
        self._lines = False

    def add(self, records: Sequence[Record]) -> None:
        rows, at = unnested(records, self._nested, self._name, self._naming), len(self._rows)
        self._rows.append(len(rows))
        self._lines |= rows.record is not None
        own = np.arange(len(rows)) if rows.record is None else rows.record
        self._record.append(self._records + own)
        self._line.append(np.full(len(rows), -1, np.int64) if rows.line is None else rows.line)
        self._records += len(records)
        self._check_cells(rows)
        for column in rows.columns:
            if column.within and rows.record is None:
                continue  # these records have no lines
            texts, kinds = texts_of(rows.values(column), column.flat)
            if not column.within:
                self._check_bytes(rows, int(np.dot(np.asarray(pc.binary_length(texts), np.int64), np.bincount(own, minlength=len(records)))))
                texts, kinds = (texts, kinds) if rows.record is None else (texts.take(pa.array(own)), kinds[own])
            self._texts[column][at], self._kinds[column][at] = texts, kinds

    def _check_cells(self, rows: Rows) -> None:
        """Those of records are counted before they are repeated."""
        own = sum(1 for column in rows.columns if not column.within)
        if own * self._records + (len(rows.columns) - own) * sum(self._rows) > self._size + SPARE_CELLS:
            names, held = plural(len(rows.columns), "name"), sum(self._rows)
            raise CannotRun(f"{self._name} has {names}, and nearly all of its {held:,} records hold none of them. Ask for the file again.")

    def _check_bytes(self, rows: Rows, more: int) -> None:
        """A column of records has a cell on every row, those that were before it too."""
        self._bytes += more
        cells = sum(1 for column in rows.columns if not column.within) * sum(self._rows)
        if self._lines and self._bytes + cells * _CELL > SPARE_BYTES + 8 * self._size:
            raise CannotRun(f"{self._name} has so many lines under records so large that it cannot be laid out as rows. Ask for it in several files.")

    def done(self) -> Laid:
        """Raises ValueError where what is a list of lines in one part is a cell in another: which it is shows in all records together."""
        columns = self._naming.columns()
        if len(self._rows) > 1 and any(not column.within and column.path[0] in self._naming.lists for column in columns):
            raise ValueError(self._name)
        texts, kinds = [], {}
        for at, column in enumerate(columns):
            its, own = self._texts.pop(column), self._kinds.pop(column)
            texts.append(pa.concat_arrays([its.get(part, _blank(count)) for part, count in enumerate(self._rows)]))
            kinds[at] = np.concatenate([own.get(part, np.zeros(count, np.int8)) for part, count in enumerate(self._rows)])
        grid = Grid(texts, np.arange(1, sum(self._rows) + 1, dtype=np.int64), kinds)
        record, line = (np.concatenate(its) if self._lines else None for its in (self._record, self._line))
        return Laid(columns, grid, record, line)


def _blank(count: int) -> pa.LargeStringArray:
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(np.zeros(count + 1, np.int64)), pa.py_buffer(b""))
