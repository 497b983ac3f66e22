"""Decimal marks: which one a column of amounts or numbers proves, and columns with a comma rewritten with a point (X-12)."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.values.columns import holds_any, last_bytes, matches

_SWAPPED = bytes.maketrans(b".,", b",.")
_EXCHANGED = str.maketrans(".,", ",.")
_BETWEEN = " '’\u00a0\u202f\u2009"
"""What stands between groups of three digits beside points, where the decimal mark is a comma."""

FIRST = "(?:[1-9]|[0-9]{2,3})"
"""The digits before the first mark between thousands: never a 0 alone, for 0,500 is not five hundred."""

_FITS_ONLY = (
    rf"^[^0-9]*(?:(?:[0-9]+|{FIRST}(?:[T{_BETWEEN}][0-9]{{3}})+)D[0-9]{{1,2}}|{FIRST}(?:T[0-9]{{3}})+D[0-9]+|{FIRST}(?:T[0-9]{{3}}){{2,}}|0D[0-9]+)[^0-9]*$"
)
_ONLY = {
    "point": _FITS_ONLY.replace("T", ",").replace("D", r"\."),
    "comma": _FITS_ONLY.replace("T", r"\.").replace("D", ","),
}
_SPACED = rf"^[^0-9]*[0-9]{{1,3}}(?:[{_BETWEEN}][0-9]{{3}})+(?:\.[0-9]*)?[^0-9]*$"
_BLOCK = 1 << 16


def decimal_mark(text: pa.Array, real: np.ndarray | None = None) -> str:
    """`comma` where the column proves a decimal comma (a value fits only that way, none only the other), `point` where it proves a point, else '' (X-12).

    Cells that are `real` numbers prove nothing.

    >>> [decimal_mark(pa.array(cells)) for cells in (["1.200,50", "3"], ["1,200.50", "3"], ["1.200", "3"])]
    ['comma', 'point', '']
    """
    return next((mark for mark in _ONLY if proof_of(text, mark, real) is not None), "")


def proof_of(text: pa.Array, mark: str, real: np.ndarray | None = None) -> int | None:
    """The first position whose text fits only this decimal mark, `point` or `comma`; the rest is not looked at, nor are `real` numbers (X-12).

    >>> proof_of(pa.array(["1.200", "12,50", "0.5"]), "comma"), proof_of(pa.array(["1,200", "30"]), "comma")
    (1, None)
    """
    for start in range(0, len(text) if holds_any(text, ",", ".") else 0, _BLOCK):
        found = matches(text.slice(start, _BLOCK), _ONLY[mark])
        if real is not None:
            found = found & ~real[start : start + _BLOCK]
        if found.any():
            return start + int(found.argmax())
    return None


def two_ways(text: pa.Array, mark: str) -> np.ndarray:
    """(rows,) bool: cells with one such mark and three digits behind it, which can be a decimal mark or one between thousands.

    >>> two_ways(pa.array(["1.200", "1.20", "1,200", "0.500"]), ".").tolist()
    [True, False, False, False]
    """
    found = np.zeros(len(text), bool)
    if holds_any(text, mark):
        at = np.flatnonzero(_three_behind(text, mark))
        found[at] = matches(text.take(pa.array(at)), rf"^[^0-9]*{FIRST}[{mark}][0-9]{{3}}[^0-9]*$")
    return found


def both_ways(value: str, mark: str) -> tuple[str, str]:
    """A cell of `two_ways` written so that it has one meaning in a column of this mark: with thousands, and with decimals.

    >>> both_ways("$1.200", "point"), both_ways("(1,125)", "comma")
    (('$1,200.00', '$1.20'), ('(1.125,00)', '(1,1250)'))
    """
    before, whole, part, behind = re.fullmatch(r"([^0-9]*)([0-9]+)[.,]([0-9]{3})([^0-9]*)", value).groups()  # type: ignore[union-attr] # it matches every cell of two_ways
    few = part.rstrip("0").ljust(2, "0")
    ways = f"{whole},{part}.00", f"{whole}.{few if len(few) < 3 else few + '0'}"
    thousands, decimals = (f"{before}{exchanged(way) if mark == 'comma' else way}{behind}" for way in ways)
    return thousands, decimals


def _three_behind(text: pa.Array, mark: str) -> np.ndarray:
    """(rows,) bool: cells with the mark three characters before their end, or another end than a digit; told from bytes, so few are left for a pattern."""
    last = last_bytes(text)
    return (last_bytes(text, 3) == ord(mark)) | (last != 0) & (last - np.uint8(48) > 9)


def swapped(text: pa.Array) -> pa.Array:
    """The cells with points and commas exchanged.

    >>> swapped(pa.array(["1.200,50", "12.50"])).to_pylist()
    ['1,200.50', '12,50']
    """
    valid, offsets, data = text.buffers()
    if data is None:
        return text
    return pa.Array.from_buffers(text.type, len(text), [valid, offsets, pa.py_buffer(data.to_pybytes().translate(_SWAPPED))], offset=text.offset)


def exchanged(value: str) -> str:
    """One value with points and commas exchanged."""
    return value.translate(_EXCHANGED)


def pointed(text: pa.Array, real: np.ndarray | None = None) -> pa.Array:
    """Cells of a column with a decimal comma as they are written with a point; those that are `real` numbers have one already.

    >>> pointed(pa.array(["1.200,50", "1 200,50", "12.50", "1200.5"]), np.array([False, False, False, True])).to_pylist()
    ['1,200.50', '1,200.50', '12,50', '1200.5']
    """
    read = swapped(text)
    if holds_any(read, *_BETWEEN):
        spaced = pa.array(matches(read, _SPACED))
        read = pc.if_else(spaced, pc.replace_substring_regex(read, rf"([0-9])[{_BETWEEN}]([0-9])", r"\1,\2"), read)
    return read if real is None or not real.any() else pc.if_else(pa.array(real), text, read)
