"""The cells of an open sheet, as a spreadsheet program hands them over, become the same text that its saved file would give."""

import hashlib

import numpy as np
import pyarrow as pa

from invoice_rules.errors import CannotRun
from invoice_rules.reading import templates
from invoice_rules.reading.assembling import under_headings
from invoice_rules.reading.child import FROM_1900, FROM_1904
from invoice_rules.reading.child import column as texts_of
from invoice_rules.reading.grid import Grid, text_column
from invoice_rules.reading.headings import Telling
from invoice_rules.reading.numberformats import shown_by
from invoice_rules.reading.returned import is_ours, returned
from invoice_rules.table import Kind, OpenSheet, Origin, Table


def read_open_sheet(sheet: OpenSheet, header: str | int, known: frozenset[str], telling: Telling) -> Table:
    """The table on the sheet. Raises CannotRun where it has no rows or no headings where they were said to be."""
    width = max((len(row) for row in sheet.cells), default=0)
    if not width:
        raise CannotRun(f'Sheet "{sheet.sheet}" of {sheet.book} has no cells with content. Choose another sheet.')
    grid, digest = _grid(sheet, width)
    size = sum(column.nbytes for column in grid.columns)
    origin = Origin(sheet.book, "sheet", sha256=digest, size=size, sheet=sheet.sheet, first_column=sheet.column, from_1904=sheet.from_1904)
    heads = _heads(sheet)
    seen = templates.seen(heads, {}) if heads else None
    table = under_headings(grid, origin, header, (seen.known if seen else None) or known, [], telling)
    table = templates.table_of(seen, table) if seen else table
    return returned(table, next(filter(is_ours, heads.values()), ()))


def _heads(sheet: OpenSheet) -> dict[str, list[list[str]]]:
    """The first rows of the workbook's other sheets as text: what it says of a template, or of the file that its rows come from."""
    base = FROM_1904 if sheet.from_1904 else FROM_1900
    return {name: [texts_of(["" if cell is None else cell for cell in row], base)[0] for row in rows] for name, rows in sheet.others.items()}


def _grid(sheet: OpenSheet, width: int) -> tuple[Grid, str]:
    base = FROM_1904 if sheet.from_1904 else FROM_1900
    blanks = [""] * width
    rows = [["" if cell is None else cell for cell in row] + blanks[len(row) :] if None in row or len(row) < width else row for row in sheet.cells]
    columns: list[pa.LargeStringArray] = []
    kinds: dict[int, np.ndarray] = {}
    currencies: dict[int, dict[str, np.ndarray]] = {}
    numbers = np.arange(sheet.row, sheet.row + len(rows), dtype=np.int64)
    for at, cells in enumerate(zip(*rows, strict=True)):
        texts, its = texts_of(cells, base)
        kind = np.frombuffer(bytes(its), np.int8)
        areas = [area for area in sheet.formats if area[0] == at]
        currencies[at] = _currencies(kind, numbers, areas)
        texts, kind = _shown(texts, kind, areas)
        columns.append(_column(texts))
        if kind.any():
            kinds[at] = kind
    hidden = np.isin(numbers, np.fromiter(sheet.hidden, np.int64, len(sheet.hidden)))
    return Grid(columns, numbers, kinds, hidden if hidden.any() else None, currencies=currencies), _digest(columns, kinds)


def _column(texts: list[str]) -> pa.LargeStringArray:
    """The texts; half of a character, which a spreadsheet program may hand over, becomes a question mark."""
    try:
        return text_column(texts)
    except UnicodeEncodeError:
        return text_column(text.encode("utf-8", "replace").decode("utf-8") for text in texts)


def _shown(texts: list[str], kinds: np.ndarray, areas: list[tuple[int, int, int, str]]) -> tuple[list[str], np.ndarray]:
    """Percentages and padded numbers, by the number format of their cells."""
    for _, first, last, code in areas:
        shown = shown_by(code)
        if shown is None:
            continue
        at = first + np.flatnonzero(kinds[first : last + 1] == Kind.NUMBER)
        if shown.percent:
            kinds = kinds.copy()
            kinds[at] = Kind.PERCENT
        if shown.mask and len(at):
            for place, text in zip(at.tolist(), shown.texts(text_column(texts[place] for place in at.tolist())).to_pylist(), strict=True):
                texts[place] = text
    return texts, kinds


def _currencies(kinds: np.ndarray, rows: np.ndarray, areas: list[tuple[int, int, int, str]]) -> dict[str, np.ndarray]:
    """Currency -> row numbers of the numbers that are shown in it."""
    found: dict[str, list[np.ndarray]] = {}
    for _, first, last, code in areas:
        if (shown := shown_by(code)) and shown.currency:
            found.setdefault(shown.currency, []).append(rows[first : last + 1][kinds[first : last + 1] == Kind.NUMBER])
    return {sign: np.concatenate(parts) for sign, parts in found.items()}


def _digest(columns: list[pa.LargeStringArray], kinds: dict[int, np.ndarray]) -> str:
    """SHA-256 over the cells: the same cells give the same digest, whatever the file was called or how it was saved."""
    digest = hashlib.sha256()
    for at, column in enumerate(columns):
        for buffer in column.buffers()[1:]:
            digest.update(buffer or b"")
        digest.update(kinds[at].tobytes() if at in kinds else b"-")
    return digest.hexdigest()
