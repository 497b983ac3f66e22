"""What every parser shares: a column of text in, a `Parsed` column out, judged by distinct values where they repeat."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Fix, Rule
from invoice_rules.values.memory import give_back

SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff\u3000"
"""What is trimmed around every value: Excel and web pages leave no-break spaces, files a byte order mark."""
_SHARED = 512
"""A value is shared by many rows where one row in so many has it."""
_MANY = 1 << 20
"""Distinct values beyond which looking one up costs more than judging it."""


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

    def valid(self) -> np.ndarray:
        """(rows,) bool: cells that were read."""
        return self.values.is_valid().to_numpy(zero_copy_only=False)

    def first(self, rows: int) -> "Parsed":
        """The first cells alone."""
        if rows == len(self.values):
            return self
        faults = (replace(fault, at=fault.at[fault.at < rows]) for fault in self.faults)
        return Parsed(self.values.slice(0, rows), tuple(fault for fault in faults if len(fault.at)))

    def without(self, fault: Fault) -> "Parsed":
        """The cells of a fault not read for another reason than what they look like."""
        taken = np.zeros(len(self.values), bool)
        taken[fault.at] = True
        return Parsed(pc.if_else(pa.array(taken), None, self.values), (*self.faults, fault))


def clean(text: pa.Array, around: str = SPACES) -> pa.Array:
    """Trim these characters at both ends (S3-4).

    >>> clean(pa.array([' 12 ', '"Acme"']), ' "').to_pylist()
    ['12', 'Acme']
    """
    ends = np.isin(np.arange(256), np.frombuffer(around.encode(), np.uint8))
    if not (ends & bytes_in(text)).any() or not (ends[first_bytes(text)].any() or ends[last_bytes(text)].any()):
        return text
    if is_ascii(text):
        return pc.ascii_trim(text, "".join(c for c in around if c.isascii()))
    return pc.utf8_trim(text, around)


def content(array: pa.Array) -> np.ndarray:
    """All bytes of a text column as uint8, one after the other, no copy."""
    offsets, data = offsets_of(array), array.buffers()[2]
    if data is None or not len(array):
        return np.empty(0, np.uint8)
    return np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def offsets_of(array: pa.Array) -> np.ndarray:
    """(rows + 1,) where each cell's bytes begin and end."""
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    return np.frombuffer(array.buffers()[1], width)[array.offset : array.offset + len(array) + 1]


def is_ascii(array: pa.Array) -> bool:
    """Whether a text column holds plain ASCII alone, told from its bytes at memory speed."""
    return not bytes_in(array)[128:].any()


def bytes_in(array: pa.Array) -> np.ndarray:
    """(256,) bool: which bytes stand anywhere in the column."""
    return _once("bytes", array, lambda: _bytes_in(content(array)))


def _bytes_in(held: np.ndarray) -> np.ndarray:
    met, rest = np.zeros(256, bool), held.tobytes()
    while rest:
        some = bytes(set(rest[:8192]))
        met[list(some)] = True
        rest = rest.translate(None, some)
    return met


def holds_any(array: pa.Array, *pieces: str) -> bool:
    """Whether any of these pieces stands anywhere in the column; a quick no saves a pattern on every row."""
    met = bytes_in(array)
    possible = [piece.encode() for piece in pieces if met[list(piece.encode())].all()]
    if not possible or any(len(piece) == 1 for piece in possible):
        return bool(possible)
    held = content(array).tobytes()
    return any(piece in held for piece in possible)


def first_bytes(array: pa.Array) -> np.ndarray:
    """(rows,) uint8: each cell's first byte, 0 where it is blank or null."""
    return _bytes_at(array, offsets_of(array)[:-1])


def last_bytes(array: pa.Array, before: int = 0) -> np.ndarray:
    """(rows,) uint8: each cell's last byte, or the one so many `before` it, 0 where it is blank or null; of a shorter cell it means nothing."""
    return _bytes_at(array, np.maximum(offsets_of(array)[1:] - 1 - before, 0))


def _bytes_at(array: pa.Array, places: np.ndarray) -> np.ndarray:
    data = array.buffers()[2]
    if data is None or not len(array) or not data.size:
        return np.zeros(len(array), np.uint8)
    held = np.frombuffer(data, np.uint8)
    found = held[np.minimum(places, len(held) - 1)]
    found[blank(array)] = 0
    return found


def lengths(array: pa.Array) -> np.ndarray:
    """(rows,) int64: each cell's length in characters (S2-39), 0 for null."""
    if is_ascii(array) and not array.null_count:
        return np.diff(offsets_of(array)).astype(np.int64)
    return pc.fill_null(pc.utf8_length(array), 0).to_numpy(zero_copy_only=False).astype(np.int64)


_memo: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar("memo", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """While this lasts, each column is looked through once for its bytes and its distinct values, however many rules ask."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)
        give_back()


def _once(what: str, array: pa.Array, work: Callable[[], Any]) -> Any:
    """The answer of `work`, which depends only on the text of the cells, blank or not understood ones too."""
    memo, (_, offsets, data) = _memo.get(), array.buffers()
    if memo is None:
        return work()
    key = (what, array.offset, len(array), offsets.address, data.address if data else 0)
    if key not in memo:
        memo[key] = (array, work())  # the array is kept: another one could be given its address
    return memo[key][1]


def encoded(array: pa.Array) -> pa.DictionaryArray:
    """The column as codes into its distinct values."""
    bare = array
    if array.null_count:
        bare = pa.Array.from_buffers(array.type, len(array), [None, *array.buffers()[1:]], offset=array.offset)
    codes = _once("distinct", bare, bare.dictionary_encode)
    if not array.null_count:
        return codes
    return pa.DictionaryArray.from_arrays(pc.if_else(pc.is_valid(array), codes.indices, None), codes.dictionary)


def codes_of(array: pa.Array) -> np.ndarray:
    """(rows,) int64: equal values have equal codes, places in the dictionary of `encoded`; -1 for null."""
    return pc.fill_null(encoded(array).indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def blank(text: pa.Array) -> np.ndarray:
    """(rows,) bool: cells with nothing in them."""
    return np.diff(offsets_of(text)) == 0


def repeats(array: pa.Array, sample: int = 4096) -> bool:
    """Whether the column holds far fewer distinct values than rows, and no more than a dictionary is quick for, as far as a sample of its rows tells.

    Of n values drawn from d distinct ones about n² / 2d meet one that was drawn before. Values that many rows share, as blanks, are left out of
    that: the others may each stand once all the same.
    """
    if len(array) <= sample:
        return True
    drawn = array.take(pa.array(np.linspace(0, len(array) - 1, sample).astype(np.int64)))
    counts = drawn.value_counts().field("counts").to_numpy()
    rare = counts[counts < sample // _SHARED]
    n = int(rare.sum())
    met = n - len(rare)
    distinct = min(n**2 / (2 * met) if met else np.inf, len(array) * n / sample)
    return distinct < min(len(array) / 4, _MANY)


def places(values: pa.Array, among: pa.Array) -> np.ndarray:
    """(rows,) int64: where each value first stands among the others, -1 for nowhere and for null.

    >>> places(pa.array(["b", None, "x"]), pa.array(["a", "b"])).tolist()
    [1, -1, -1]
    """
    at = pc.index_in(values, value_set=among.cast(values.type), skip_nulls=True)
    return pc.fill_null(at, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def spread(array: pa.Array, judge: Callable[[pa.Array], Sequence[np.ndarray]]) -> tuple[np.ndarray, ...]:
    """Judge the distinct values of a column and spread each answer over its rows; the answer is False for null.

    >>> [a.tolist() for a in spread(pa.array(["a", "b", None, "a"]), lambda u: [pc.equal(u, "a").to_numpy(zero_copy_only=False)])]
    [[True, False, False, True]]
    """
    if not repeats(array):
        held = array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else True
        return tuple(np.asarray(answer, bool) & held for answer in judge(array))
    rows = codes_of(array)
    return tuple(np.append(answer, False)[rows] for answer in judge(encoded(array).dictionary))


def matches(array: pa.Array, pattern: str) -> np.ndarray:
    """(rows,) bool: cells in which the (RE2) pattern is found."""
    return pc.match_substring_regex(array, pattern).fill_null(False).to_numpy(zero_copy_only=False)


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
