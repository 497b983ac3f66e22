"""Fingerprints: 64 bits a value, by which equal values are looked for among millions at the speed of sorting numbers.

Different fingerprints prove different values; equal ones are only candidates, which the caller compares in full.
"""

import zlib

import numpy as np
import pyarrow as pa

from invoice_rules.values.columns import content, offsets_of

_BLOCK = 1 << 16
_LONG = 1 << 10
"""Bytes of a value that are looked at beside the others' of its block; of a longer one the rest is hashed by itself."""


def fingerprints(array: pa.Array) -> np.ndarray:
    """(rows,) uint64: a number made of each value's bytes. Equal values have equal ones; equal ones only suggest equal values.

    >>> a, b, c = fingerprints(pa.array(["INV-1", "INV-2", "INV-1"])).tolist()
    >>> a == c, a == b
    (True, False)
    """
    parts = [_block(array.slice(start, _BLOCK)) for start in range(0, len(array), _BLOCK)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _block(array: pa.Array) -> np.ndarray:
    """Eight bytes at a time, all rows at once, and what is left of the long ones."""
    offsets = offsets_of(array).astype(np.int64)
    held = np.append(content(array), np.zeros(8, np.uint8))
    words = np.ndarray((len(held) - 7,), "<u8", held, strides=(1,))
    left, start = np.diff(offsets), offsets[:-1] - offsets[0]
    found = left.astype(np.uint64)
    for row in np.flatnonzero(left > _LONG):
        found[row] = found[row] << np.uint64(32) | np.uint64(zlib.crc32(held[start[row] + _LONG : start[row] + left[row]].data))
    left = np.minimum(left, _LONG)
    at: np.ndarray | slice = slice(None)
    while len(left):
        word = words[start]
        short = left < 8
        word[short] &= (np.uint64(1) << (left[short] * 8).astype(np.uint64)) - np.uint64(1)
        found[at] = _mixed(found[at], word)
        more = np.flatnonzero(left > 8)
        at = more if isinstance(at, slice) else at[more]
        start, left = start[more] + 8, left[more] - 8
    return found


def _mixed(one: np.ndarray, other: np.ndarray | np.uint64) -> np.ndarray:
    mixed = (one * np.uint64(0x9E3779B97F4A7C15) ^ other) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(31))


def joint(*columns: np.ndarray) -> np.ndarray:
    """(rows,) uint64: the fingerprint of several columns together, each of whole numbers or fingerprints."""
    found = np.zeros(len(columns[0]), np.uint64)
    for start in range(0, len(found), _BLOCK):
        part = slice(start, start + _BLOCK)
        for column in columns:
            found[part] = _mixed(found[part], column[part].astype(np.uint64))
    return found


def met_again(prints: np.ndarray) -> np.ndarray:
    """Positions, rising, of the fingerprints that stand more than once: the candidates for equal values, usually few.

    >>> met_again(np.array([7, 8, 7, 9], np.uint64)).tolist()
    [0, 2]
    """
    line = np.sort(prints)
    twice = np.unique(line[1:][line[1:] == line[:-1]])
    if not len(twice):
        return np.empty(0, np.int64)
    perhaps = np.zeros(_BLOCK, bool)
    perhaps[twice % _BLOCK] = True
    at = np.flatnonzero(perhaps[prints % _BLOCK])
    place = np.minimum(np.searchsorted(twice, prints[at]), len(twice) - 1)
    return at[twice[place] == prints[at]]
