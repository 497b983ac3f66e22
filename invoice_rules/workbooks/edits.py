"""What is to be changed in a sheet: the tints of cells, and a column of ours beside the table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.marks import Tint
from invoice_rules.table import column_letter

LAST_COLUMN = 16_383
"""The last one that a sheet has, counted from 0."""

Styles = Callable[[int, Tint], int]
"""The number of a style like that of this number, in this tint."""


@dataclass(frozen=True)
class Beside:
    """A column of ours: for each of these rows the content of its cell as XML text, and which of the looks it has."""

    numbers: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    texts: pa.LargeStringArray = field(default_factory=lambda: pa.array([], pa.large_string()))
    looks: Sequence[Tint | None] = (None,)
    which: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    @cached_property
    def rows(self) -> Mapping[int, int]:
        """Row number -> position here."""
        return {number: at for at, number in enumerate(self.numbers.tolist())}

    def cells(self, keep: np.ndarray, column: int, styles: Styles) -> pa.LargeBinaryArray:
        """The cells of the rows that a boolean mask keeps."""
        openings = [f'" s="{styles(0, look) if look else 0}" t="inlineStr"><is><t xml:space="preserve">' for look in self.looks]
        opened = pa.array(openings, pa.large_string()).take(pa.array(self.which[keep]))
        numbers = pa.array(self.numbers[keep]).cast(pa.large_string())
        first, last, none = (pa.scalar(text, pa.large_string()) for text in (f'<c r="{column_letter(column)}', "</t></is></c>", ""))
        return pc.binary_join_element_wise(first, numbers, opened, self.texts.filter(pa.array(keep)), last, none).cast(pa.large_binary())


@dataclass(frozen=True)
class Edits:
    """`tints`: row number -> (column from 0, tint), rising; `beside`: a column of ours at `column`; in `like_left` rows it has the
    style of the cell at its left. Rows and columns are those of the sheet."""

    tints: Mapping[int, Sequence[tuple[int, Tint]]]
    beside: Beside = field(default_factory=Beside)
    column: int = 0
    width: float = 0
    like_left: frozenset[int] = frozenset()


class Taken(Exception):
    """The column that was to be ours holds something; `free` is the first one behind all cells that do."""

    def __init__(self, free: int):
        super().__init__(f"column {free} is free")
        self.free = free
