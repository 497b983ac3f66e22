"""What every reader hands over before headings, blank rows and total rows are told apart: columns of text with row numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.values.columns import first_bytes, offsets_of

LOOKED_AT = 200
"""Characters of a heading, a number or a label; a longer cell is none of them, and its blanks could keep a pattern busy for hours."""


@dataclass(frozen=True, slots=True)
class Ragged:
    """A row with too many or too few cells: how many it has, and what stands beyond the last heading."""

    cells: int
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """`columns`: text of one length, never null; `rows`: int64 row numbers as the user sees them; `ragged`: row number -> Ragged; `currencies` as in `Table`."""

    columns: list[pa.LargeStringArray]
    rows: np.ndarray
    kinds: Mapping[int, np.ndarray] = field(default_factory=dict)
    hidden: np.ndarray | None = None
    ragged: Mapping[int, Ragged] = field(default_factory=dict)
    currencies: Mapping[int, Mapping[str, np.ndarray]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self, at: int) -> tuple[str, ...]:
        """The texts of one row."""
        return tuple(column[at].as_py() for column in self.columns)

    def head(self, most: int) -> list[tuple[str, ...]]:
        """The first rows as tuples of text."""
        return list(zip(*(column.slice(0, most).to_pylist() for column in self.columns), strict=True))

    def below(self, start: int) -> "Grid":
        """The rows from position `start` on, no copy."""
        return Grid(
            [column.slice(start) for column in self.columns],
            self.rows[start:],
            {at: kinds[start:] for at, kinds in self.kinds.items()},
            None if self.hidden is None else self.hidden[start:],
            self.ragged,
            self.currencies,
        )

    def where(self, keep: np.ndarray) -> "Grid":
        """The rows that a boolean mask keeps."""
        if keep.all():
            return self
        mask = pa.array(keep)
        return Grid(
            [column.filter(mask) for column in self.columns],
            self.rows[keep],
            {at: kinds[keep] for at, kinds in self.kinds.items()},
            None if self.hidden is None else self.hidden[keep],
            self.ragged,
            self.currencies,
        )

    def filled(self) -> np.ndarray:
        """(rows,) int16: cells of each row that hold more than white space."""
        counts = np.zeros(len(self), np.int16)
        for column in self.columns:
            counts += filled(column)
        return counts


def filled(column: pa.LargeStringArray) -> np.ndarray:
    """(rows,) bool: cells that hold more than white space."""
    some = np.diff(offsets_of(column)) > 0
    doubtful = np.flatnonzero(some & _MAY_BE_SPACE[first_bytes(column)])
    if len(doubtful):
        some[doubtful] = pc.not_equal(pc.utf8_trim_whitespace(column.take(pa.array(doubtful))), "").to_numpy(zero_copy_only=False)
    return some


_MAY_BE_SPACE = np.isin(np.arange(256), [*range(33), *{character.encode()[0] for character in "\u0085\u1680\u2000\u3000"}])
"""(256,) bool: the bytes with which a white space of any script may begin."""


def text_column(cells: Iterable[str]) -> pa.LargeStringArray:
    """Texts as one Arrow column."""
    return pa.array(cells, pa.large_string())


def padded(cells: Sequence[str], width: int) -> list[str]:
    """The cells cut or filled up with blanks to `width`."""
    return [*cells[:width], *[""] * (width - len(cells))]
