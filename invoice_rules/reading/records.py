"""The records of a delimited text below its headings: pyarrow for what is well formed, Python's csv for everything else.

Both give the same cells, row numbers and ragged rows. A row number counts records, blank ones too, as Excel shows the file; a
record with line breaks inside its quotes is one row.
"""

import csv
import io
import threading
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv

from invoice_rules.errors import CannotRun
from invoice_rules.reading.dialect import Dialect
from invoice_rules.reading.grid import Grid, Ragged, padded, text_column
from invoice_rules.values.memory import give_back

LONGEST_RECORD = 1 << 24
SPARE_CELLS = 5_000_000
"""Cells that short and blank records may have been filled up with, beyond one for each byte of the text."""
BLANK_CELLS = 10_000_000
"""Cells that a text may have most of whose cells are blank: fewer than three bytes for two of them, delimiters counted."""
RAGGED = 250_000
"""Records with too many or too few cells, at most; blank ones are none of them."""
_BLOCK_CELLS = 400_000
_SET_ASIDE, _LONG = 50_000, 100_000
_BLOCK_BYTES = 1 << 24
_limit = threading.Lock()


def records(data: bytes | memoryview, dialect: Dialect, width: int, first: int, name: str) -> Grid:
    """Every record of `data` (UTF-8) as `width` columns, numbered from `first`. Raises CannotRun."""
    cells = _lines(data) * width if dialect.plain and len(data) > 4096 else 0
    if _sparse(cells, len(data)) and not holds(data, b'"'):
        raise _blank(name)
    fast = 0 < cells <= len(data) + SPARE_CELLS and not _sparse(cells, len(data))
    found = fast_records(data, dialect, width, first) if fast else None
    return careful_records(data, dialect, width, first, name) if found is None else found


def fast_records(data: bytes | memoryview, dialect: Dialect, width: int, first: int) -> Grid | None:
    """The records by pyarrow; None where it might understand the text differently than `careful_records`."""
    quoted = holds(data, b'"')
    if quoted and not well_quoted(data, dialect.delimiter.encode()):
        return None
    try:
        table, bad = _arrow(data, dialect, width, quoted, threads=True)
        if bad:
            table, bad = _arrow(data, dialect, width, quoted, threads=False)
    except pa.ArrowInvalid:
        return None
    count, columns = len(table), table.columns
    del table
    if bad:
        return _with_ragged(columns, count, bad, dialect, first)
    return Grid(_whole(columns), np.arange(first, first + count, dtype=np.int64))


def _arrow(data: bytes | memoryview, dialect: Dialect, width: int, quoted: bool, threads: bool) -> tuple[pa.Table, list[tuple[int, str]]]:
    """(table of the whole rows, [(record from 0, its text)] of the others); the numbers are right with threads=False only."""
    bad: list[tuple[int, str]] = []

    def set_aside(row: pyarrow.csv.InvalidRow) -> str:
        bad.append((row.number - 1 if row.number else 0, row.text))
        if threads or len(bad) > _SET_ASIDE or len(row.text) > _LONG:
            return "error"  # start again, counting; or so many, or so long, that the careful reader does better
        return "skip"

    names = [str(at) for at in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(data),
            pyarrow.csv.ReadOptions(column_names=names, use_threads=threads, block_size=_BLOCK_BYTES),
            pyarrow.csv.ParseOptions(
                delimiter=dialect.delimiter, newlines_in_values=quoted, ignore_empty_lines=False, invalid_row_handler=set_aside
            ),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        if threads and bad:
            return pa.table({name: pa.array([], pa.large_string()) for name in names}), bad
        raise
    return table, bad


def _whole(columns: list[pa.ChunkedArray]) -> list[pa.LargeStringArray]:
    """Each column in one piece; the pieces are let go one column after the other, which halves the memory."""
    columns.reverse()
    whole = []
    while columns:
        whole.append(_one(columns.pop()))
        give_back(0)
    return whole


def _one(column: pa.ChunkedArray) -> pa.LargeStringArray:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _with_ragged(columns: list[pa.ChunkedArray], whole: int, bad: list[tuple[int, str]], dialect: Dialect, first: int) -> Grid:
    """Put the rows that were set aside back into their places."""
    width = len(columns)
    rows = [_told(next(csv.reader(io.StringIO(text, newline=""), **dialect.options(strict=False)), [])) for _, text in bad]
    at = np.array([number for number, _ in bad], np.int64)
    cells = list(zip(*(padded(row, width) for row in rows), strict=True))
    place = np.full(whole + len(at), -1)
    place[at] = whole + np.arange(len(at))
    place[place < 0] = np.arange(whole)
    columns = [
        pa.concat_arrays([*column.chunks, text_column(more)]).take(pa.array(place)) for column, more in zip(columns, cells, strict=True)
    ]
    ragged = {first + int(number): Ragged(len(row), tuple(row[width:])) for number, row in zip(at, rows, strict=True) if row}
    return Grid(columns, np.arange(first, first + whole + len(bad), dtype=np.int64), ragged=ragged)


def _told(row: list[str]) -> list[str]:
    """The cells of a record; none where it is one cell of blanks, as of a line with nothing on it."""
    return [] if len(row) == 1 and not row[0].strip() else row


def _lines(data: bytes | memoryview) -> int:
    """How many records there can be at most: line ends inside quotes count too."""
    signs = np.frombuffer(data, np.uint8)
    blocks = (signs[start : start + _BLOCK_BYTES] for start in range(0, len(signs), _BLOCK_BYTES))
    return 1 + sum(max(int(np.count_nonzero(block == ord(end))) for end in "\n\r") for block in blocks)


def _sparse(cells: int, size: int) -> bool:
    return cells > BLANK_CELLS and 2 * size < 3 * cells


def holds(data: bytes | memoryview, sign: bytes) -> bool:
    """Whether a byte stands in the data, block by block, since a view of bytes cannot be searched."""
    return any(sign in bytes(data[start : start + _BLOCK_BYTES]) for start in range(0, len(data), _BLOCK_BYTES))


def well_quoted(data: bytes | memoryview, delimiter: bytes) -> bool:
    """Whether every quote opens or closes a whole cell, or is one of two inside it; then all readers agree."""
    cells = np.frombuffer(data, np.uint8)
    edge = np.zeros(256, bool)
    edge[[ord('"'), ord("\n"), ord("\r"), delimiter[0]]] = True
    seen = 0
    for start in range(0, len(cells), _BLOCK_BYTES):
        at = np.flatnonzero(cells[start : start + _BLOCK_BYTES] == ord('"')) + start
        opening, closing = at[seen % 2 :: 2], at[(seen + 1) % 2 :: 2]
        before = edge[cells[np.maximum(opening - 1, 0)]] | (opening == 0)
        after = edge[cells[np.minimum(closing + 1, len(cells) - 1)]] | (closing == len(cells) - 1)
        if not (before.all() and after.all()):
            return False
        seen += len(at)
    return seen % 2 == 0


def careful_records(data: bytes | memoryview, dialect: Dialect, width: int, first: int, name: str) -> Grid:
    """The records by Python's csv, one by one.

    Raises CannotRun naming the row where a quote is opened and never closed, and where the cells could fill the memory.
    """
    blocks: list[list[pa.LargeStringArray]] = []
    block: list[list[str]] = []
    ragged: dict[int, Ragged] = {}
    count, rows_in_block, blank = 0, max(1, _BLOCK_CELLS // width), [""] * width
    for row in _strict(data, dialect, first, name):
        if len(row) != width:
            row = _told(row)
            if row:
                ragged[first + count] = Ragged(len(row), tuple(row[width:]))
            row = padded(row, width) if row else blank
        block.append(row)
        count += 1
        if len(block) == rows_in_block:
            _bounded(count * width, len(ragged), len(data), name)
            blocks.append([text_column(cells) for cells in zip(*block, strict=True)])
            block = []
    if block:
        _bounded(count * width, len(ragged), len(data), name)
        blocks.append([text_column(cells) for cells in zip(*block, strict=True)])
    columns = [pa.concat_arrays([part[at] for part in blocks]) if blocks else text_column([]) for at in range(width)]
    return Grid(columns, np.arange(first, first + count, dtype=np.int64), ragged=ragged)


def _bounded(cells: int, ragged: int, size: int, name: str) -> None:
    if cells > size + SPARE_CELLS or _sparse(cells, size):
        raise _blank(name)
    if ragged > RAGGED:
        raise CannotRun(
            f"{name} has more than {RAGGED:,} rows with more or fewer cells than its other rows. Check the delimiter and the headings, or ask for the file again."
        )


def _blank(name: str) -> CannotRun:
    return CannotRun(
        f"{name} has far more rows than its cells can fill: nearly all of them are blank or have other cells than there are headings. "
        "Check the delimiter and the headings, or ask for the file again."
    )


def _strict(data: bytes | memoryview, dialect: Dialect, first: int, name: str) -> Iterator[list[str]]:
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), **dialect.options(strict=True))
    count = 0
    while True:
        with _limit:  # the longest cell is a setting of the whole process
            before = csv.field_size_limit(LONGEST_RECORD)
            try:
                rows = [row for _, row in zip(range(1000), reader, strict=False)]
                fault = None
            except csv.Error as error:
                rows, fault = [], error
            finally:
                csv.field_size_limit(before)
        if fault is not None:
            raise _broken(data, dialect, first, name, fault)
        yield from rows
        count += len(rows)
        if len(rows) < 1000:
            return


def _broken(data: bytes | memoryview, dialect: Dialect, first: int, name: str, fault: csv.Error) -> CannotRun:
    """Find the row again, one by one, and say what is wrong with it."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), **dialect.options(strict=True))
    row = first
    with _limit:
        before = csv.field_size_limit(LONGEST_RECORD)
        try:
            for _ in reader:
                row += 1
        except csv.Error:
            pass
        finally:
            csv.field_size_limit(before)
    if "limit" in str(fault):
        return CannotRun(
            f"{name}: row {row:,} has a cell that is longer than {LONGEST_RECORD:,} characters. Probably a quote in it is opened and never closed."
        )
    return CannotRun(
        f"{name}: on row {row:,} a quote ({dialect.quote}) is opened and not closed where the cell ends, so it cannot be told which cells follow. "
        "Correct the quotes of that row, or ask the sender to export the file again."
    )
