"""The cells that the child process sends become columns of text: numbers and dates a whole column at once, as `child.column` makes them one by one."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.reading.child import FIRST_YEAR, FROM_1900, LAST_YEAR, MOMENT, STORED, number
from invoice_rules.reading.grid import text_column
from invoice_rules.table import Kind

BUFFERS = 6
"""Buffers of a column, as `child.Column` has them."""
_FIRST, _LAST = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
_DIGITS = 15
_DAY = 86_400


def column_of(buffers: Sequence[bytes], base: int) -> tuple[pa.LargeStringArray, np.ndarray | None]:
    """(texts, int8 kinds or None where all is text) of one column; `base`: the day before the first, as `child` counts."""
    kinds, lengths, data, numbers, days, seconds = buffers
    texts = _texts(lengths, data)
    if not kinds:
        return texts, None
    its = np.frombuffer(kinds, np.int8).copy()
    stored, moments = its == STORED, its == MOMENT
    as_text, as_kind = number_texts(np.frombuffer(numbers))
    dated, of_dated = moment_texts(np.frombuffer(days, np.int32), np.frombuffer(seconds, np.int32), base)
    order = np.empty(len(its), np.int64)
    order[its < STORED] = np.arange(len(texts))
    order[stored] = len(texts) + np.arange(len(as_text))
    order[moments] = len(texts) + len(as_text) + np.arange(len(dated))
    its[stored], its[moments] = as_kind, of_dated
    parts = [part for part in (texts, as_text, dated) if len(part)]
    return (parts[0] if len(parts) == 1 else pa.concat_arrays(parts).take(pa.array(order))), its


def _texts(lengths: bytes, data: bytes) -> pa.LargeStringArray:
    sizes = np.frombuffer(lengths, np.int32)
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return pa.LargeStringArray.from_buffers(len(sizes), pa.py_buffer(offsets), pa.py_buffer(data))


def number_texts(values: np.ndarray) -> tuple[pa.LargeStringArray, np.ndarray]:
    """(texts, int8 kinds) of float64 numbers, as `child.number` writes them; what is none is an error."""
    finite = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        whole = (np.abs(values) < 1e15) & (values == np.trunc(values))
    texts = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.large_string())
    if not whole.all():
        texts = pc.replace_with_mask(texts, pa.array(~whole), _with_places(values[~whole]))
    return texts, np.where(finite, Kind.NUMBER, Kind.ERROR).astype(np.int8)


def _with_places(values: np.ndarray) -> pa.LargeStringArray:
    """The shortest digits that tell a number are its first 15 where they are no more; of the others each is written once."""
    texts = pa.array(values).cast(pa.large_string())
    signs = pc.binary_length(texts).to_numpy(zero_copy_only=False) - (values < 0) - 1  # without point
    long = (signs > _DIGITS) | pc.match_substring(texts, "e").to_numpy(zero_copy_only=False) | ~np.isfinite(values)
    if not long.any():
        return texts
    distinct, which = np.unique(values[long], return_inverse=True)
    written = text_column(number(value) if value - value == 0 else "#NUM!" for value in distinct.tolist())
    return pc.replace_with_mask(texts, pa.array(long), written.take(pa.array(which)))


def moment_texts(days: np.ndarray, seconds: np.ndarray, base: int) -> tuple[pa.LargeStringArray, np.ndarray]:
    """(texts, int8 kinds) of int32 days from 0001 and seconds of the day, as `child.day` writes them."""
    dated = (days >= _FIRST) & (days <= _LAST)
    texts = _spread(np.where(dated, days, _FIRST), lambda day: date.fromordinal(day).isoformat())
    if (timed := dated & (seconds > 0)).any():
        times = _spread(seconds[timed], lambda second: f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}")
        texts = pc.replace_with_mask(texts, pa.array(timed), pc.binary_join_element_wise(texts.filter(pa.array(timed)), times, pa.scalar(" ", pa.large_string())))
    kinds = np.full(len(days), Kind.DATE, np.int8)
    if not dated.all():
        numbers, kinds[~dated] = _as_stored(days[~dated] - base + seconds[~dated] / _DAY, base)
        texts = pc.replace_with_mask(texts, pa.array(~dated), numbers)
    return texts, kinds


def _as_stored(stored: np.ndarray, base: int) -> tuple[pa.LargeStringArray, np.ndarray]:
    """Days far off as the numbers that a sheet stores; Excel's 28 and 29 February 1900 arrive as one."""
    if base != FROM_1900:
        return number_texts(stored)
    texts, kinds = number_texts(np.where(stored >= 60, stored + 1, stored))
    if (doubtful := (stored >= 59) & (stored < 60)).any():
        both = [f"1900-02-28 ({number(day)} or {number(day + 1)})" for day in stored[doubtful].tolist()]
        texts = pc.replace_with_mask(texts, pa.array(doubtful), text_column(both))
        kinds[doubtful] = Kind.DATE
    return texts, kinds


def _spread(values: np.ndarray, text: Callable[[int], str]) -> pa.LargeStringArray:
    """The texts of whole numbers of which few differ, each made once."""
    distinct, which = np.unique(values, return_inverse=True)
    return text_column(map(text, distinct.tolist())).take(pa.array(which))
