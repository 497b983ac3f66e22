"""Lists of what is on file for other programs, as JSON and as CSV: by columns and a part at a time, for there may be a million rows.

What is written is what a row at a time would be: amounts with the decimals of their currency, dates as 2026-11-21, and no cell that starts a formula (X-16).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.values import decimals_of
from invoice_rules.workbooks import replaced, table_csv
from invoice_rules.workbooks.cells import LONGEST
from invoice_rules.workbooks.listings import PREFIXED, guard

ROWS = 20_000
"""Rows of a part."""

_TEXT = pa.large_string()
_AS_IT_IS = r"^[ !#-\[\]-~]*$"
"""Text that JSON in plain ASCII holds as it is."""
_HARMLESS = r"^(?:[\p{L}\p{N}][^\x00-\x1f\x{7f}-\x{9f}\",\x{fffe}\x{ffff}]*)?$"
"""Text that begins no formula and needs no quotes in CSV: the usual. Everything else is judged by itself."""

Write = Callable[[Any], str]
"""Gives a value as JSON."""


def parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of a frame, some thousand at a time."""
    return (frame.iloc[at : at + ROWS] for at in range(0, len(frame), ROWS))


def exact_columns(frame: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """Amounts as exact decimal numbers of their row's currency, in place of minor units; None where one is unknown."""
    made = {}
    for name in names:
        values = np.full(len(frame), None, object)
        for at, amounts in _amounts(frame, name):
            values[at] = amounts.to_pylist()
        made[name] = pd.Series(values, index=frame.index, dtype=object)
    return frame.assign(**made)


def _amounts(frame: pd.DataFrame, name: str) -> Iterator[tuple[np.ndarray, pa.Array]]:
    """(positions, decimal128) of the amounts of each currency."""
    minor, codes = _array(frame[name], pa.int64()), _array(frame["currency"], _TEXT)
    for code in pc.unique(codes.drop_null()).to_pylist():
        places = decimals_of(code)
        known = pc.and_(minor.is_valid(), pc.fill_null(pc.equal(codes, code), False))
        unit = pa.scalar(Decimal(1).scaleb(-places), pa.decimal128(places + 1, places))
        yield known.to_numpy(zero_copy_only=False), pc.multiply(minor.filter(known).cast(pa.decimal128(19, 0)), unit)


def _written(frame: pd.DataFrame, name: str, exact: Collection[str]) -> pa.Array | None:
    """(rows,) text of a column of amounts, whole numbers or dates, null for none; None for a column of anything else."""
    kind = frame[name].dtype
    if name in exact:
        texts = np.full(len(frame), None, object)
        for at, amounts in _amounts(frame, name):
            texts[at] = amounts.cast(_TEXT).to_pylist()
        return pa.array(texts, _TEXT)
    if pd.api.types.is_integer_dtype(kind) or kind == pd.ArrowDtype(pa.date32()):
        return _array(frame[name]).cast(_TEXT)
    return None


def _array(values: pd.Series, kind: pa.DataType | None = None) -> pa.Array:
    """A column in one piece, null where it is blank."""
    array = pa.array(values, kind, from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def json_rows(frame: pd.DataFrame, write: Write, exact: Collection[str] = (), first: Mapping[str, Any] | None = None) -> list[str]:
    """Each row as a JSON object; blanks are null. `exact` names columns of minor units, `first` what every object begins with."""
    if not len(frame):
        return []
    begun = "".join(f"{write(name)}: {write(value)}, " for name, value in (first or {}).items())
    pieces: list[Any] = []
    for place, name in enumerate(frame.columns):
        pieces += [pa.scalar((", " if place else "{" + begun) + f"{write(name)}: ", _TEXT), _json_column(frame, name, write, exact)]
    rows = pc.binary_join_element_wise(*pieces, pa.scalar("}", _TEXT), pa.scalar("", _TEXT))
    return rows.to_pylist()


def _json_column(frame: pd.DataFrame, name: str, write: Write, exact: Collection[str]) -> pa.Array:
    values, texts = frame[name], _written(frame, name, exact)
    if isinstance(values.dtype, pd.StringDtype):
        texts = _array(values, _TEXT)
    if texts is None:
        return pa.array([write(None if _blank(value) else value) for value in values.tolist()], _TEXT)
    if pd.api.types.is_integer_dtype(values.dtype) and name not in exact:
        return pc.fill_null(texts, "null")
    usual = pc.fill_null(pc.match_substring_regex(texts, _AS_IT_IS), True)
    quoted = pc.binary_join_element_wise(pa.scalar('"', _TEXT), texts, pa.scalar('"', _TEXT), pa.scalar("", _TEXT))
    return pc.fill_null(_with(quoted, texts, usual, write), "null")


def _with(made: pa.Array, texts: pa.Array, usual: pa.Array, write: Write) -> pa.Array:
    """The same with what `write` makes of the texts that are not usual."""
    odd = pc.invert(usual)
    return pc.replace_with_mask(made, odd, pa.array([write(text) for text in texts.filter(odd).to_pylist()], _TEXT))


def _blank(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def write_json(frame: pd.DataFrame, path: Path, write: Write, exact: Collection[str] = (), first: Mapping[str, Any] | None = None) -> Path:
    """Write a frame as an array of objects, whole or not at all, in place of an earlier file of that name; see `json_rows`. Raises CannotRun."""

    def body(out: IO[str]) -> None:
        out.write("[")
        for place, part in enumerate(parts(frame)):
            out.write((", " if place else "") + ", ".join(json_rows(part, write, exact, first)))
        out.write("]\n")

    return replaced(path, lambda part: _into(part, body, "utf-8"))


def write_csv(frame: pd.DataFrame, path: Path, titles: Mapping[str, str], exact: Collection[str] = ()) -> Path:
    """Write a frame as CSV under these titles, as `workbooks.table_csv` does. `exact` names columns of minor units. Raises CannotRun."""
    if any(not isinstance(kind, pd.StringDtype) and _written(frame[:0], name, exact) is None for name, kind in frame.dtypes.items()) or frame.shape[1] < 2:
        return table_csv(exact_columns(frame, exact).rename(columns=dict(titles)), path)

    def body(out: IO[str]) -> None:
        headings = [guard(title) + (f" {PREFIXED}" if _starts(frame[name]) else "") for name, title in ((name, titles.get(name, name)) for name in frame)]
        out.write(",".join(map(_quoted, headings)) + "\r\n")
        for part in parts(frame):
            columns = [_csv_column(part, name, exact) for name in frame]
            rows = pc.binary_join_element_wise(*columns, pa.scalar(",", _TEXT))
            out.write("\r\n".join([*rows.to_pylist(), ""]))

    return replaced(path, lambda part: _into(part, body, "utf-8-sig", newline=""))


def _into(path: Path, body: Callable[[IO[str]], None], encoding: str, newline: str | None = None) -> None:
    with path.open("w", encoding=encoding, newline=newline) as out:
        body(out)


def _csv_column(frame: pd.DataFrame, name: str, exact: Collection[str]) -> pa.Array:
    texts = _written(frame, name, exact)
    if texts is not None:
        return pc.fill_null(texts, "")
    texts = pc.fill_null(_array(frame[name], _TEXT), "")
    usual = pc.and_(pc.match_substring_regex(texts, _HARMLESS), pc.less_equal(pc.utf8_length(texts), LONGEST // 2))
    return _with(texts, texts, usual, lambda text: _quoted(guard(text)))


def _quoted(text: str) -> str:
    """A cell of CSV, in quotes where it needs them."""
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text


def _starts(values: pd.Series) -> bool:
    """Whether a cell of a column of text would start a formula."""
    if not isinstance(values.dtype, pd.StringDtype):
        return False
    texts = pc.fill_null(_array(values, _TEXT), "")
    odd = pc.unique(texts.filter(pc.invert(pc.match_substring_regex(texts, r"^(?:[\p{L}\p{N}]|$)")))).to_pylist()
    return any(guard(text).startswith("'") and not text.startswith("'") for text in odd)
