"""A DataFrame as a source: its values become text cells under its column names, its rows are numbered 2, 3, …"""

import hashlib
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.errors import CannotRun
from invoice_rules.reading.assembling import COLUMNS, assembled
from invoice_rules.reading.child import number
from invoice_rules.reading.grid import Grid, text_column
from invoice_rules.reading.headings import Telling, double_headings
from invoice_rules.table import Kind, Origin, Table, text_array

_MIDNIGHT = "00:00:00"


def read_frame(frame: pd.DataFrame, telling: Telling) -> Table:
    """The frame as a table; missing values are blank. Raises CannotRun for a frame without rows or with over 512 columns."""
    if not len(frame.columns):
        raise CannotRun("The frame has no columns. Give one with a column for each field.")
    if not len(frame):
        raise CannotRun("The frame has headings and no rows under them.")
    if len(frame.columns) > COLUMNS:
        raise CannotRun(f"The frame has {len(frame.columns):,} columns; up to {COLUMNS} are read. Leave out those that are not needed.")
    headings = tuple(" ".join(_heading(name).split()) for name in frame.columns)
    cells = [_cells(frame.iloc[:, at]) for at in range(len(headings))]
    columns = [column for column, _ in cells]
    kinds = {at: kinds for at, (_, kinds) in enumerate(cells) if kinds is not None}
    origin = Origin("frame", sha256=_digest(headings, columns), size=sum(column.nbytes for column in columns), header_row=1)
    grid = Grid(columns, np.arange(2, 2 + len(frame), dtype=np.int64), kinds)
    return assembled(grid, headings, origin, double_headings(headings, 0), telling)


def _heading(name: object) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _digest(headings: tuple[str, ...], columns: list[pa.LargeStringArray]) -> str:
    """SHA-256 over headings and cells: the same cells give the same digest."""
    digest = hashlib.sha256("\x1f".join(headings).encode("utf-8", "replace"))
    for column in columns:
        digest.update(pa.concat_arrays([column]).cast(pa.large_binary()).buffers()[2] or b"")
        digest.update(pc.binary_length(column).to_numpy(zero_copy_only=False).tobytes())
    return digest.hexdigest()


def _cells(series: pd.Series) -> tuple[pa.LargeStringArray, np.ndarray | None]:
    """(texts, kinds or None where all is text) of one column."""
    kind = series.dtype
    if isinstance(kind, pd.StringDtype):
        array = pc.fill_null(text_array(series), "")
        return (array, None) if array.offset == 0 else (pa.concat_arrays([array]), None)
    if isinstance(kind, pd.CategoricalDtype):
        return _cells(series.astype(kind.categories.dtype))
    made = [_cell(value) for value in series.astype(object)]
    return text_column([text for text, _ in made]), np.array([its for _, its in made], np.int8)


def _cell(value: object) -> tuple[str, int]:
    """The text of one value, as a workbook would show it, and its kind."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8"), Kind.TEXT
    if value is None or value is pd.NaT or value is pd.NA:
        return "", Kind.TEXT
    if isinstance(value, bool | np.bool_):
        return ("TRUE" if value else "FALSE"), Kind.YES_NO
    if isinstance(value, int | np.integer):
        return _whole(int(value)), Kind.NUMBER
    if isinstance(value, float | np.floating):
        return _float(float(value))
    if isinstance(value, Decimal):
        return (format(value, "f") if value.is_finite() and abs(value.adjusted()) < 400 else str(value)), Kind.NUMBER
    if isinstance(value, datetime):
        text = value.isoformat(" ", "seconds")[:19]
        return (text[:10] if text.endswith(_MIDNIGHT) else text), Kind.DATE
    if isinstance(value, date):
        return value.isoformat(), Kind.DATE
    return str(value).encode("utf-8", "replace").decode("utf-8"), Kind.TEXT


def _whole(value: int) -> str:
    """Whole numbers of a frame are exact however long they are, so all their digits are shown."""
    return str(value) if abs(value) < 10**400 else "#NUM!"


def _float(value: float) -> tuple[str, int]:
    if value != value:
        return "", Kind.TEXT
    return (number(value), Kind.NUMBER) if abs(value) != float("inf") else ("#NUM!", Kind.ERROR)
