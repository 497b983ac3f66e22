"""Where the rows and cells of a sheet stand in its text, all at once: for sheets written as Excel and all common libraries write them."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.table import column_letter

_ENDS_NAME = np.isin(np.arange(256), list(b">/\t\r\n"))
_TAIL = len(b"</sheetData></worksheet>")
_TAG = len('<row r="')
_ADDRESS = re.compile(rb'<c r="([A-Z]{1,3})[0-9]')
_SPANS = b'" spans="'


@dataclass(frozen=True)
class Places:
    """One element a row, by rising row number: where its tag begins, where `</row>` stands (-1: its tag closes it), the column (from 0)
    of its last cell (-1: none), and where the last column that it says its cells reach stands in the text, from and to (-1: unsaid).

    What stands in the last bytes of the text is not looked at.
    """

    numbers: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    last: np.ndarray
    spans: np.ndarray
    spans_end: np.ndarray
    reach: np.ndarray

    @classmethod
    def of(cls, text: bytes) -> "Places | None":
        """None where rows or cells are written in any other way than `<row r="7"` and `<c r="B7"`, or a row stands there twice."""
        signs = np.frombuffer(text, np.uint8)
        tags = np.flatnonzero(signs[: max(0, len(signs) - _TAIL)] == ord("<"))
        second = signs[tags + 1]
        if (second == ord("!")).any() or (second == ord("?")).sum() > 1:
            return None
        cells, rows = _named(text, signs, tags[second == ord("c")], b"c"), _named(text, signs, tags[second == ord("r")], b"row")
        if cells is None or rows is None or not len(rows):
            return None
        closing = tags[second == ord("/")]
        closing = closing[_holds(signs, closing + 2, b"row>")]
        numbers, after = _digits(signs, rows + _TAG)
        ends = np.full(len(rows), -1)
        ends[np.searchsorted(rows, closing) - 1] = closing
        spans = _spans(signs, after)
        said = text.count(b' spans="')
        order = np.argsort(numbers, kind="stable")
        if (np.diff(numbers[order]) == 0).any() or said != (spans[0] >= 0).sum():
            return None
        return cls(*(part[order] for part in (numbers, rows, ends, _last(signs, cells, rows, ends), *spans)))

    def at(self, numbers: np.ndarray) -> np.ndarray:
        """The positions here of these row numbers, -1 for those that are not there."""
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[at] == numbers, at, -1)


def _last(signs: np.ndarray, cells: np.ndarray, rows: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The column of each row's last cell."""
    if not len(cells):
        return np.full(len(rows), -1)
    own = cells[np.maximum(np.searchsorted(cells, ends) - 1, 0)]
    return np.where((own > rows) & (own < ends), _letters(signs, own + len('<c r="')), 0) - 1


def _spans(signs: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(from, to, value) of the second number in `spans="1:10"` where it stands right behind the row's number; -1 elsewhere."""
    told = np.flatnonzero(_holds(signs, at, _SPANS))
    _, colon = _digits(signs, at[told] + len(_SPANS))
    last, to = _digits(signs, colon + 1)
    right = (signs[colon] == ord(":")) & (signs[to] == ord('"')) & (to > colon + 1)
    parts = []
    for values in (colon + 1, to, last):
        part = np.full(len(at), -1)
        part[told[right]] = values[right]
        parts.append(part)
    return parts[0], parts[1], parts[2]


def _holds(signs: np.ndarray, at: np.ndarray, word: bytes) -> np.ndarray:
    """Whether this word stands there; eight signs behind each place there are in any case."""
    first, rest = word[:8], word[8:]
    eight = np.ndarray((max(0, len(signs) - 7),), "<u8", signs, strides=(1,))
    found = eight[at] << np.uint64(64 - 8 * len(first)) == np.uint64(int.from_bytes(first.rjust(8, b"\0"), "little"))
    for step, sign in enumerate(rest, len(first)):
        found &= signs[at + step] == sign
    return found


def _named(text: bytes, signs: np.ndarray, tags: np.ndarray, name: bytes) -> np.ndarray | None:
    """The tags of this name; None where one of them does not begin with its address."""
    if len(name) > 1:
        tags = tags[_holds(signs, tags + 1, name)]
    after = signs[tags + 1 + len(name)]
    if _ENDS_NAME[after].any():
        return None
    tags = tags[after == ord(" ")]
    return tags if len(tags) == text.count(b'<%b r="' % name) else None


def _digits(signs: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the numbers of up to seven digits that stand there, where they end)."""
    numbers = np.zeros(len(at), np.int64)
    for _ in range(7):
        sign = signs[at].astype(np.int64)
        digit = (sign >= ord("0")) & (sign <= ord("9"))
        numbers = np.where(digit, numbers * 10 + sign - ord("0"), numbers)
        at = at + digit
    return numbers, at


def _letters(signs: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The columns, from 1, whose letters stand there."""
    columns = np.zeros(len(at), np.int64)
    for _ in range(3):
        sign = signs[at].astype(np.int64)
        letter = (sign >= ord("A")) & (sign <= ord("Z"))
        columns = np.where(letter, columns * 26 + sign - ord("A") + 1, columns)
        at = at + letter
    return columns


@lru_cache(16_384)
def letters_of(column: int) -> bytes:
    """The letters of a column, from 0."""
    return column_letter(column).encode()


def absent_cell(text: bytes, column: int, start: int, closed: int) -> int:
    """Where a cell that is not in a row belongs: before the first one right of it; -1 where that cannot be told."""
    while (start := text.find(b"<c ", start, closed)) >= 0:
        named = _ADDRESS.match(text, start)
        if named is None or (here := column_of(named[1])) == column:
            return -1
        if here > column:
            return start
        start += 1
    return closed


def column_of(letters: bytes) -> int:
    """The position of a column; the first one is 0.

    >>> column_of(b"A"), column_of(b"AA"), column_of(b"xfd")
    (0, 26, 16383)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


@dataclass(frozen=True)
class Splices:
    """From where to where, and what stands there instead."""

    starts: np.ndarray
    ends: np.ndarray
    new: pa.LargeBinaryArray

    @classmethod
    def of(cls, splices: "list[tuple[int, int, bytes]]") -> "Splices":
        starts, ends, new = zip(*splices, strict=True) if splices else ((), (), ())
        return cls(np.array(starts, np.int64), np.array(ends, np.int64), pa.array(new, pa.large_binary()))

    def __add__(self, other: "Splices") -> "Splices":
        return Splices(
            np.concatenate([self.starts, other.starts]), np.concatenate([self.ends, other.ends]), pa.concat_arrays([self.new, other.new])
        )

    def put_into(self, text: bytes, start: int, end: int) -> memoryview | None:
        """The text from `start` to `end` with all of them in their places; None where two overlap, or one lies outside."""
        order = np.lexsort((self.ends, self.starts))
        bounds = np.empty(2 * len(order) + 2, np.int64)
        bounds[0], bounds[-1] = start, end
        bounds[1:-1:2], bounds[2:-1:2] = self.starts[order], self.ends[order]
        if (np.diff(bounds) < 0).any():
            return None
        buffers = [None, pa.py_buffer(bounds), pa.py_buffer(text)]
        every = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)
        kept = every.take(pa.array(np.arange(0, len(bounds) - 1, 2)))
        new = pa.concat_arrays([self.new.take(pa.array(order)), pa.array([b""], pa.large_binary())])
        joined = pc.binary_join_element_wise(kept, new, pa.scalar(b"", pa.large_binary()))
        return memoryview(joined.buffers()[2])[: pc.sum(pc.binary_length(joined)).as_py()]
