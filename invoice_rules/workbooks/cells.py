"""Columns of cells as the XML of a sheet: text, numbers, dates and yes/no. There is no code here that could write a formula (X-16).

A column at a time in Arrow, because one object a cell costs forty seconds for 100,000 rows; and text such as `=cmd|…` stays
what it is: text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.table import Kind, column_letter

LONGEST = 32_767
"""Characters that a cell of a spreadsheet can hold."""

_CHUNK = 20_000
_LINE_HEIGHT = 15.0
_MOST_LINES = 27
_UNSEEN = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]"
_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?$"
_FIRST_DAY = pd.Timestamp("1900-03-01")
_EPOCH = pd.Timestamp("1899-12-30")


@dataclass(frozen=True)
class Look:
    """How a cell looks. Colours are RRGGBB; `format` is a number format, `@` for text."""

    color: str = "000000"
    fill: str = ""
    bold: bool = False
    italic: bool = False
    wrap: bool = False
    across: str = ""
    format: str = "General"
    size: int = 11
    line: str = ""


@dataclass(frozen=True)
class Cells:
    """One column of a sheet's body: its texts, what each is (`Kind`, absent: all text), and which of the looks each has."""

    texts: pa.Array
    looks: Sequence[Look] = (Look(),)
    kinds: np.ndarray | None = None
    which: np.ndarray | None = None


def safe_text(text: str) -> str:
    """Text that a cell can hold: invisible control characters become visible signs, what is too long is cut and says so.

    >>> safe_text("A\\x00B"), len(safe_text("x" * 40_000)) <= LONGEST
    ('A\u2400B', True)
    """
    shown = re.sub(_UNSEEN, lambda m: chr(0x2400 + min(ord(m[0]), 0x26)), text)
    if len(shown) <= LONGEST // 2 or len(shown.encode("utf-16-le")) <= 2 * LONGEST:
        return shown
    note = f" … (cut here: the text has {len(text):,} characters)"
    kept = shown.encode("utf-16-le")[: 2 * (LONGEST - len(note))].decode("utf-16-le", "ignore")
    return kept + note


Styles = Callable[[Look], int]
"""The workbook's number of a look."""


def rows_xml(columns: Sequence[Cells], first: int, widths: Sequence[float], styles: Styles) -> Iterator[memoryview]:
    """The `<row>` elements of columns of cells, from row number `first` on, some thousand at a time."""
    count = len(columns[0].texts) if columns else 0
    for start in range(0, count, _CHUNK):
        yield _chunk([_part(cells, start, min(_CHUNK, count - start)) for cells in columns], first + start, widths, styles)


def _chunk(columns: Sequence[Cells], first: int, widths: Sequence[float], styles: Styles) -> memoryview:
    """Some rows, as the bytes of one Arrow array: its text lies there already joined."""
    count = len(columns[0].texts)
    numbers = pa.array(np.arange(first, first + count)).cast(pa.large_string())
    xml = [_column(position, cells, numbers, styles) for position, cells in enumerate(columns)]
    rows = _joined('<row r="', numbers, '" ht="', pa.array(_heights(columns, widths)).cast(pa.large_string()), '">', *xml, "</row>")
    return memoryview(rows.buffers()[2])[: pc.sum(pc.binary_length(rows)).as_py()]


def _heights(columns: Sequence[Cells], widths: Sequence[float]) -> np.ndarray:
    """(rows,) height in points: room for the longest wrapped text and the largest letters."""
    lines = np.ones(len(columns[0].texts))
    size = np.full(len(lines), 11.0)
    for position, cells in enumerate(columns):
        which = np.zeros(len(lines), np.int64) if cells.which is None else cells.which
        size = np.maximum(size, np.array([look.size for look in cells.looks])[which])
        wraps = np.array([look.wrap for look in cells.looks])[which]
        if wraps.any() and position < len(widths):
            breaks = pc.count_substring(cells.texts, "\n").to_numpy(zero_copy_only=False)
            long = pc.utf8_length(cells.texts).to_numpy(zero_copy_only=False)
            lines = np.maximum(lines, np.where(wraps, breaks + np.ceil(long / (widths[position] * 1.08)), 1))
    return np.round(np.minimum(lines, _MOST_LINES) * _LINE_HEIGHT * np.where(size > 11, size / 10.5, 1), 1)


def _part(cells: Cells, start: int, count: int) -> Cells:
    kinds = None if cells.kinds is None else cells.kinds[start : start + count]
    which = None if cells.which is None else cells.which[start : start + count]
    return Cells(cells.texts.slice(start, count), cells.looks, kinds, which)


def _column(position: int, cells: Cells, numbers: pa.Array, styles: Styles) -> pa.Array:
    """One `<c>` element a row."""
    texts = pa.array(cells.texts, pa.large_string()) if not isinstance(cells.texts, pa.LargeStringArray) else cells.texts
    content, how = _contents(texts, cells.kinds)
    which = np.zeros(len(texts), np.int64) if cells.which is None else cells.which.astype(np.int64)
    openings = [f'" s="{styles(look)}"{opening}' for look in cells.looks for opening in _OPENINGS]
    opened = pa.array(openings, pa.large_string()).take(pa.array(which * len(_OPENINGS) + how))
    closed = pa.array(_CLOSINGS, pa.large_string()).take(pa.array(how))
    return _joined(f'<c r="{column_letter(position)}', numbers, opened, content, closed)


def _joined(*parts: str | pa.Array) -> pa.Array:
    """Text and columns of text, one after the other."""
    large = [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*large, pa.scalar("", pa.large_string()))


_OPENINGS = ("/>", ' t="inlineStr"><is><t xml:space="preserve">', "><v>", ' t="b"><v>')
_CLOSINGS = ("", "</t></is></c>", "</v></c>", "</v></c>")
_BLANK, _TEXT, _VALUE, _BOOLEAN = range(4)


def _contents(texts: pa.Array, kinds: np.ndarray | None) -> tuple[pa.Array, np.ndarray]:
    """What stands between a cell's tags, and how it is written. What does not read as its kind stays text."""
    how = np.where(pc.equal(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False), _BLANK, _TEXT)
    if kinds is None or not (kinds != Kind.TEXT).any():
        return escaped(texts), how
    number = np.isin(kinds, (Kind.NUMBER, Kind.PERCENT)) & pc.match_substring_regex(texts, _NUMBER).to_numpy(zero_copy_only=False)
    yes_no = (kinds == Kind.YES_NO) & pc.is_in(texts, pa.array(["TRUE", "FALSE"], texts.type)).to_numpy(zero_copy_only=False)
    days, dated = _serials(texts, kinds == Kind.DATE)
    how[number | dated], how[yes_no] = _VALUE, _BOOLEAN
    truth = pc.if_else(pc.equal(texts, "TRUE"), "1", "0").cast(texts.type)
    content = pc.if_else(pa.array(yes_no), truth, pc.if_else(pa.array(dated), days, escaped(texts)))
    return content, how


def _serials(texts: pa.Array, dates: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Dates as the day numbers of a spreadsheet; before March 1900 it has no right ones."""
    if not dates.any():
        return texts, dates
    encoded = texts.filter(pa.array(dates)).dictionary_encode()
    moments = pd.to_datetime(pd.Series(encoded.dictionary.to_pylist(), dtype=object), format="ISO8601", errors="coerce")
    serials = [f"{(moment - _EPOCH) / pd.Timedelta(days=1):.10g}" if moment >= _FIRST_DAY else None for moment in moments]
    known = pa.array(serials, pa.large_string()).take(encoded.indices)
    days = np.full(len(texts), None, object)
    days[dates] = known.to_numpy(zero_copy_only=False)
    array = pa.array(days, pa.large_string())
    return array, array.is_valid().to_numpy(zero_copy_only=False)


def escaped(texts: pa.Array) -> pa.Array:
    """Text as XML holds it; what a cell cannot hold is replaced or cut, as `safe_text` does."""
    odd = pc.match_substring_regex(texts, _UNSEEN + "|_x[0-9A-Fa-f]{4}_|\\r")
    odd = pc.or_(odd, pc.greater(pc.utf8_length(texts), LONGEST // 2)) if len(texts) else odd
    if pc.any(odd).as_py():
        at = pc.indices_nonzero(odd)
        texts = pc.replace_with_mask(texts, odd, pa.array([_kept(text) for text in texts.take(at).to_pylist()], texts.type))
    if pc.any(pc.match_substring_regex(texts, "[&<>]")).as_py():
        for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            texts = pc.replace_substring(texts, plain, entity)
    return pc.replace_substring(texts, "\r", "&#13;") if pc.any(odd).as_py() else texts


def _kept(text: str) -> str:
    """Safe text in which `_x0041_`, which a spreadsheet would read as the sign with that code, stays as it was typed."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", safe_text(text))
