"""What every parser shares: a column of text in, a `Parsed` column out, judged by distinct values where they repeat."""

from collections.abc import Callable, Mapping, Sequence
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
    """Trim these characters at both ends (S3-4); an all-clean column comes back as it is.

    >>> clean(pa.array([' 12 ', '"Acme"']), ' "').to_pylist()
    ['12', 'Acme']
    """
    if around.isascii():
        return pc.ascii_trim(text, around)
    edge = "".join(f"\\x{{{ord(c):x}}}" for c in around)
    needed = pc.match_substring_regex(text, f"^[{edge}]|[{edge}]$")
    return pc.utf8_trim(text, around) if pc.any(needed).as_py() else text


def blank(text: pa.Array) -> np.ndarray:
    """(rows,) bool: cells with nothing in them."""
    return pc.equal(pc.binary_length(text), 0).to_numpy(zero_copy_only=False)


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
    encoded = array.dictionary_encode()
    rows = encoded.indices.to_numpy(zero_copy_only=False)
    return tuple(np.asarray(answer)[rows] for answer in judge(encoded.dictionary))


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
