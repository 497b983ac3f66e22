"""What every parser shares: a column of text in, a `Parsed` column out, judged by distinct values where they repeat."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Fix, Rule

SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff\u3000"
"""What is trimmed around every value: Excel and web pages leave no-break spaces, files a byte order mark."""


@dataclass(frozen=True)
class Fault:
    """A rule that these cells break; `facts` and `fix` are asked of a cell's text only when its message is shown."""

    rule: Rule
    at: np.ndarray
    facts: Callable[[str], Mapping[str, object]] | None = None
    fix: Callable[[str], Fix | None] | None = None


@dataclass(frozen=True)
class Parsed:
    """`values`: one typed value a cell, null where the cell is blank or was not understood."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()


def clean(text: pa.Array, around: str = SPACES) -> pa.Array:
    """Trim these characters at both ends (S3-4).

    >>> clean(pa.array([' 12 ', '"Acme"']), ' "').to_pylist()
    ['12', 'Acme']
    """
    if is_ascii(text):
        return pc.ascii_trim(text, "".join(c for c in around if c.isascii()))
    return pc.utf8_trim(text, around)


def content(array: pa.Array) -> np.ndarray:
    """All bytes of a text column as uint8, one after the other, no copy."""
    offsets, data = _offsets(array), array.buffers()[2]
    if data is None or not len(array):
        return np.empty(0, np.uint8)
    return np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def _offsets(array: pa.Array) -> np.ndarray:
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    return np.frombuffer(array.buffers()[1], width)[array.offset : array.offset + len(array) + 1]


def is_ascii(array: pa.Array) -> bool:
    """Whether a text column holds plain ASCII alone, told from its bytes at memory speed."""
    held = content(array)
    return not len(held) or int(held.max()) < 128


def holds_any(array: pa.Array, *pieces: str) -> bool:
    """Whether any of these pieces stands anywhere in the column; a quick no saves a pattern on every row."""
    held = content(array).tobytes()
    return any(piece.encode() in held for piece in pieces)


def first_bytes(array: pa.Array) -> np.ndarray:
    """(rows,) uint8: each cell's first byte, 0 where it is blank or null."""
    offsets, data = _offsets(array), array.buffers()[2]
    if data is None or not len(array) or not data.size:
        return np.zeros(len(array), np.uint8)
    held = np.frombuffer(data, np.uint8)
    return np.where(np.diff(offsets) > 0, held[np.minimum(offsets[:-1], len(held) - 1)], 0)


def lengths(array: pa.Array) -> np.ndarray:
    """(rows,) int64: each cell's length in characters (S2-39), 0 for null."""
    if is_ascii(array) and not array.null_count:
        return np.diff(_offsets(array)).astype(np.int64)
    return pc.fill_null(pc.utf8_length(array), 0).to_numpy(zero_copy_only=False).astype(np.int64)


_memo: ContextVar[dict[tuple[int, ...], tuple[pa.Array, pa.DictionaryArray]] | None] = ContextVar("encoded", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """While this lasts, each column is dictionary-encoded once, however many rules look at its distinct values."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def encoded(array: pa.Array) -> pa.DictionaryArray:
    """The column as codes into its distinct values."""
    memo, buffers = _memo.get(), array.buffers()
    if memo is None:
        return array.dictionary_encode()
    key = (array.offset, len(array), *(buffer.address if buffer else 0 for buffer in buffers))
    if key not in memo:
        memo[key] = (array, array.dictionary_encode())
    return memo[key][1]


def blank(text: pa.Array) -> np.ndarray:
    """(rows,) bool: cells with nothing in them."""
    return np.diff(_offsets(text)) == 0


def repeats(array: pa.Array, sample: int = 4096) -> bool:
    """Whether a sample from the column's start, middle and end holds few distinct values."""
    if len(array) <= sample:
        return True
    third = sample // 3
    parts = [array.slice(start, third) for start in (0, len(array) // 2, len(array) - third)]
    return pc.count_distinct(pa.concat_arrays(parts)).as_py() < sample // 2


def spread(array: pa.Array, judge: Callable[[pa.Array], Sequence[np.ndarray]]) -> tuple[np.ndarray, ...]:
    """Judge the distinct values of a column and spread each answer over its rows.

    >>> [a.tolist() for a in spread(pa.array(["a", "b", "a"]), lambda u: [pc.equal(u, "a").to_numpy(zero_copy_only=False)])]
    [[True, False, True]]
    """
    if not repeats(array):
        return tuple(np.asarray(answer) for answer in judge(array))
    codes = encoded(array)
    rows = codes.indices.to_numpy(zero_copy_only=False)
    return tuple(np.asarray(answer)[rows] for answer in judge(codes.dictionary))


def matches(array: pa.Array, pattern: str) -> np.ndarray:
    """(rows,) bool: cells in which the (RE2) pattern is found."""
    return pc.match_substring_regex(array, pattern).to_numpy(zero_copy_only=False)


def nulled(values: np.ndarray, keep: np.ndarray, kind: pa.DataType) -> pa.Array:
    """A typed Arrow array with null where `keep` is False."""
    return pa.array(values, kind, mask=~keep)


def nulled_text(array: pa.Array, null: np.ndarray) -> pa.Array:
    """Text with null where the mask is True; the text itself is not copied."""
    if not null.any():
        return array
    valid = pa.py_buffer(np.packbits(~null, bitorder="little").tobytes())
    _, offsets, data = array.buffers()
    if array.offset:
        return pc.if_else(pa.array(null), None, array)
    return pa.Array.from_buffers(array.type, len(array), [valid, offsets, data])
