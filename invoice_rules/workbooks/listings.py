"""Listings for people and other programs: a frame as a workbook or as CSV. Neither can start a formula (X-16)."""

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.marks import REQUIRED_HEADING
from invoice_rules.table import Kind
from invoice_rules.workbooks.cells import Cells, Look, safe_text
from invoice_rules.workbooks.placing import replaced
from invoice_rules.workbooks.sheets import Sheet, write_sheets

_WIDEST = 60
_STARTS = re.compile(r"[\s\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n\x00]")
_AMOUNT = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")
PREFIXED = "(cells that start with = + - @ have ' before them)"
"""What the heading of a CSV column says in which a cell would have started a formula."""


def table_workbook(frame: pd.DataFrame, path: Path | str, title: str = "") -> Path:
    """Write a frame as a workbook of one sheet, in place of an earlier file of that name.

    Text stays text; numbers, `Decimal`, dates and yes/no are real ones. The index is left out. Raises CannotRun.
    """
    return tables_workbook({title: frame}, path, title)


def tables_workbook(frames: Mapping[str, pd.DataFrame], path: Path | str, title: str = "") -> Path:
    """Write frames as a workbook with a sheet each, named by their titles; see `table_workbook`."""
    sheets = [_sheet(frame, name) for name, frame in frames.items()]
    return replaced(Path(path), lambda part: write_sheets(sheets, part, title=title))


def _sheet(frame: pd.DataFrame, title: str) -> Sheet:
    columns = [_typed(frame.iloc[:, place]) for place in range(frame.shape[1])]
    body = [_cells(texts, kinds) for texts, kinds in columns]
    top = [[(str(name), Kind.TEXT, _heading(kinds)) for name, (_, kinds) in zip(frame.columns, columns, strict=True)]]
    widths = [
        float(min(max(_longest(texts), len(str(name))) * 1.1 + 3, _WIDEST)) for name, (texts, _) in zip(frame.columns, columns, strict=True)
    ]
    return Sheet(_sheet_name(title), top=top, body=body, widths=widths, header=1, filter=True, footer=title)


def _heading(kinds: np.ndarray | None) -> Look:
    across = "right" if kinds is not None and (kinds == Kind.NUMBER).any() else ""
    return Look(REQUIRED_HEADING.color, REQUIRED_HEADING.fill, bold=True, wrap=True, across=across)


def table_csv(frame: pd.DataFrame, path: Path | str) -> Path:
    """Write a frame as CSV (UTF-8 with a byte order mark, so that Excel reads it), in place of an earlier file of that name.

    A text cell that a spreadsheet would run gets an apostrophe before it, and the heading of its column says so (ASVS 1.2.10).
    Raises CannotRun.
    """
    out = io.StringIO()
    write = csv.writer(out)
    columns = [_guarded(frame.iloc[:, place]) for place in range(frame.shape[1])]
    write.writerow(
        [f"{guard(str(name))} {PREFIXED}" if some else guard(str(name)) for name, (_, some) in zip(frame.columns, columns, strict=True)]
    )
    write.writerows(zip(*(cells for cells, _ in columns), strict=True))
    return replaced(Path(path), lambda part: _write_text(part, out.getvalue()))


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8-sig"))


def guard(text: str) -> str:
    """Text that no spreadsheet takes for a formula when it opens a CSV file; an amount is none.

    >>> guard("=1+1"), guard("-5.00"), guard("@me"), guard("Acme")
    ("'=1+1", '-5.00', "'@me", 'Acme')
    """
    return f"'{safe_text(text)}" if _STARTS.match(text) and not _AMOUNT.fullmatch(text) else safe_text(text)


def _guarded(series: pd.Series) -> tuple[list[str], bool]:
    texts, kinds = _typed(series)
    if kinds is not None:
        return texts.to_pylist(), False
    cells = texts.to_pylist()
    safe = [guard(cell) for cell in cells]
    return safe, any(now.startswith("'") and not was.startswith("'") for now, was in zip(safe, cells, strict=True))


def _typed(series: pd.Series) -> tuple[pa.Array, np.ndarray | None]:
    """A column's texts, and what they are; blank for None and NaN."""
    if isinstance(series.dtype, pd.StringDtype):
        return pa.array(series.fillna("").astype(object), pa.large_string()), None
    pairs = [_cell(value) for value in series.astype(object)]
    kinds = np.array([kind for _, kind in pairs], np.int8)
    texts = pa.array([text for text, _ in pairs], pa.large_string())
    return texts, kinds if (kinds != Kind.TEXT).any() else None


def _cell(value: object) -> tuple[str, Kind]:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "", Kind.TEXT
    if isinstance(value, bool | np.bool_):
        return ("TRUE" if value else "FALSE"), Kind.YES_NO
    if isinstance(value, int | float | np.integer | np.floating | Decimal):
        return str(value), Kind.NUMBER
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat(), Kind.DATE
    return str(value), Kind.TEXT


def _cells(texts: pa.Array, kinds: np.ndarray | None) -> Cells:
    longest = _longest(texts) > _WIDEST
    looks = (Look(format="@", wrap=longest), Look(format=_number_format(texts), across="right"), Look(format="d mmm yyyy", across="left"))
    if kinds is None:
        return Cells(texts, looks[:1])
    return Cells(texts, looks, kinds, np.select([kinds == Kind.NUMBER, kinds == Kind.DATE], [1, 2], 0))


def _number_format(texts: pa.Array) -> str:
    """Amounts with their decimals and thousands commas; whole numbers plain."""
    decimals = pc.max(pc.utf8_length(pc.replace_substring_regex(texts, r"^[^.]*\.?", ""))).as_py() or 0
    return f"#,##0.{'0' * min(decimals, 4)}" if decimals else "General"


def _longest(texts: pa.Array) -> int:
    return pc.max(pc.utf8_length(texts)).as_py() or 0


def _sheet_name(title: str) -> str:
    """A name that a spreadsheet takes for a sheet."""
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "List"
