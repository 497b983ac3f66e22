"""Grid -> Table: headings put over the columns, blank and total rows left out, ragged rows and overlong cells told."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, Rule, Severity, plural, quoted
from invoice_rules.reading.grid import Grid, Ragged, filled, text_column
from invoice_rules.reading.headings import HEAD, NONE, SKIPPED, Heading, Telling, double_headings, letters, wanted
from invoice_rules.reading.leftovers import leftovers
from invoice_rules.table import Origin, Table, text_series
from invoice_rules.values.columns import content, matches

CELLS = Rule("cells", "Row {row} has {cells} under {headings}. {what}", "X-22", "Each row has as many cells as there are headings.")
SWALLOWED = Rule(
    "rows-in-a-cell",
    "Row {row} seems to hold whole rows inside the quotes of one cell: {value}. Delete the quotes that do not belong there, or say yes if it is one text.",
    "X-22",
    "No cell of a text file holds the cells of other rows.",
    Severity.HOLD,
)
LONG_CELL = Rule(
    "long-cell",
    "This cell holds {length} characters; a cell may hold 32,767. Shorten it.",
    "X-22",
    "No cell holds more than 32,767 characters.",
)
COLUMNS = 512
LONGEST = 32_767
LONGEST_HEADING = 255
_BEFORE_COMMA, _BEHIND_COMMA = r"^[-$( ]*[0-9]{1,3}$", r"^[0-9]{3}(?:\.[0-9]+)?[-) ]*$"
_ROWS_THAT_SHOW = 5
"""Rows from which on a delimiter at the end of each is the exporter's way."""


def under_headings(grid: Grid, origin: Origin, header: str | int, known: frozenset[str], told: Sequence[Finding], telling: Telling) -> Table:
    """The table on a sheet, whose headings are looked for, or stand where `header` says. Raises CannotRun where nothing can be read."""
    where = f'Sheet "{origin.sheet}" of {origin.name}'
    if len(grid.columns) > COLUMNS:
        raise CannotRun(f"{where} has {len(grid.columns):,} columns; up to {COLUMNS} are read. Remove the columns that are not needed.")
    if not len(grid) or not any(filled(column).any() for column in grid.columns):
        raise CannotRun(f"{where} has no cells with content. Choose another sheet, or ask for the file again.")
    head = grid.head(HEAD)
    heading = wanted(header, head, grid.rows.tolist(), known, origin.name)
    headings, origin, more = headed(grid, heading, head, origin)
    return assembled(grid.below(heading.start), headings, origin, [*told, *more], telling)


def headed(grid: Grid, heading: Heading, head: Sequence[Sequence[str]], origin: Origin) -> tuple[tuple[str, ...], Origin, list[Finding]]:
    """(headings, origin with the row of headings, what is to be told about them)."""
    if heading.at is None:
        told = [Finding(NONE, facts={"name": origin.name, "row": int(grid.rows[heading.start])})]
        return letters(len(grid.columns), origin.first_column), origin, told
    row = int(grid.rows[heading.at])
    above = [cell.strip() for cells in head[: heading.at] for cell in cells if cell.strip()]
    shown = "; ".join(quoted(cell) for cell in above[:3]) + (f" and {plural(len(above) - 3, 'more cell')}" if len(above) > 3 else "")
    told = [Finding(SKIPPED, facts={"row": row, "above": shown})] if above else []
    headings = tuple(_cut(" ".join(cell.split())) for cell in head[heading.at])
    return headings, replace(origin, header_row=row), told + double_headings(headings, origin.first_column)


def _cut(heading: str) -> str:
    """A heading as it is, or its beginning where it is a whole text."""
    return heading if len(heading) <= LONGEST_HEADING else heading[: LONGEST_HEADING - 1] + "…"


def assembled(grid: Grid, headings: tuple[str, ...], origin: Origin, findings: Sequence[Finding], telling: Telling) -> Table:
    """The table below the headings. Raises CannotRun where it has no rows (S3-3) or more than 512 columns."""
    grid, headings = _trimmed(grid, headings)
    where = f'Sheet "{origin.sheet}" of {origin.name}' if origin.sheet else origin.name
    if len(headings) > COLUMNS:
        raise CannotRun(f"{where} has {len(headings):,} columns; up to {COLUMNS} are read. Remove the columns that are not needed.")
    left = leftovers(grid, *telling.columns(headings))
    if not left.keep.any():
        raise CannotRun(f"{where} has {_nothing(origin)}. Ask for the file again, or choose another sheet or row of headings.")
    totals, rows = left.totals, grid.where(left.keep)
    told = [*findings, *left.findings, *_ragged(rows, headings), *_swallowed(rows, origin.delimiter), *_long(rows)]
    index = pd.Index(rows.rows, dtype="int64")
    frame = pd.DataFrame({at: text_series(column, index) for at, column in enumerate(rows.columns)}, index=index, copy=False)
    kinds = {at: kinds for at, kinds in rows.kinds.items() if kinds.any()}
    return Table(frame, headings, origin, kinds, rows.hidden, tuple(told), totals, currencies=rows.currencies)


def _nothing(origin: Origin) -> str:
    return "only blank rows" if origin.header_row is None else f"headings on row {origin.header_row:,} and no rows under them"


def _trimmed(grid: Grid, headings: tuple[str, ...]) -> tuple[Grid, tuple[str, ...]]:
    """Without the last columns that have neither heading nor content."""
    width = len(headings)
    while width > 1 and not headings[width - 1] and not filled(grid.columns[width - 1]).any():
        width -= 1
    kinds = {at: kinds for at, kinds in grid.kinds.items() if at < width}
    return replace(grid, columns=grid.columns[:width], kinds=kinds), headings[:width]


def fitted(grid: Grid, width: int, most: int) -> Grid:
    """The grid under `width` headings: what stands beyond them is taken out of the columns and kept as ragged rows (X-22).

    Blank cells beyond them are no fault where the row of headings has `most` cells itself, or where nearly every row ends with them.
    """
    spare = grid.columns[width:]
    ragged = _beyond(grid, width)
    if spare and len(grid.columns) > most:
        filled_rows = np.flatnonzero(grid.filled() > 0)
        whole = filled_rows[~np.isin(grid.rows[filled_rows], list(ragged))]
        if _everywhere(len(filled_rows), sum(its.cells <= width for its in ragged.values())) and not _torn(grid, whole):
            most = len(grid.columns)
        else:
            blank = Ragged(len(grid.columns), ("",) * len(spare))
            ragged = dict.fromkeys(grid.rows[filled_rows].tolist(), blank) | dict(ragged)
    wrong = {row: its for row, its in ragged.items() if its.cells <= width or its.cells > most or any(cell.strip() for cell in its.beyond)}
    return replace(grid, columns=grid.columns[:width], ragged=wrong)


def _everywhere(rows: int, without: int) -> bool:
    """Whether a file's rows end with a delimiter more than its headings because its exporter writes it so; a few rows show nothing."""
    return rows >= _ROWS_THAT_SHOW and without * 10 <= rows


def _torn(grid: Grid, rows: np.ndarray) -> bool:
    """Whether all these rows may owe their cells too many to amounts without quotes: up to three digits, and exactly three in the next cell."""
    columns = [column.take(pa.array(rows)) for column in grid.columns]
    return any((matches(left, _BEFORE_COMMA) & matches(right, _BEHIND_COMMA)).all() for left, right in pairwise(columns))


def _beyond(grid: Grid, width: int) -> Mapping[int, Ragged]:
    """The rows with other than the usual number of cells, or with something in cells beyond `width`."""
    spare = grid.columns[width:]
    if not spare:
        return grid.ragged
    beyond = np.zeros(len(grid), bool)
    for column in spare:
        beyond |= filled(column)
    ragged: dict[int, Ragged] = {}
    first = int(grid.rows[0]) if len(grid) else 0
    for row, its in grid.ragged.items():
        cells = tuple(column[row - first].as_py() for column in spare[: max(0, its.cells - width)])
        ragged[row] = Ragged(its.cells, (*cells, *its.beyond))
    for at in np.flatnonzero(beyond):
        row = int(grid.rows[at])
        ragged.setdefault(row, Ragged(len(grid.columns), tuple(column[int(at)].as_py() for column in spare)))
    return ragged


def widened(grid: Grid, width: int) -> Grid:
    """The grid with blank columns added up to `width`."""
    blank = [text_column([""] * len(grid))] * (width - len(grid.columns))
    return replace(grid, columns=[*grid.columns, *blank])


def _ragged(grid: Grid, headings: tuple[str, ...]) -> list[Finding]:
    """One finding for all rows that do not fit under their headings."""
    needed = max((at for at, heading in enumerate(headings) if heading), default=-1) + 1
    wrong = {row: its for row, its in grid.ragged.items() if its.beyond or its.cells < needed}
    if not wrong:
        return []
    at = np.flatnonzero(np.isin(grid.rows, np.fromiter(wrong, np.int64, len(wrong))))
    if not len(at):
        return []

    def facts(position: int, _: str) -> Mapping[str, object]:
        row = int(grid.rows[position])
        its = wrong[row]
        return {"row": row, "cells": plural(its.cells, "cell"), "headings": plural(len(headings), "heading"), "what": _what(its)}

    return [Finding(CELLS, at=at, facts=facts)]


def misfits(findings: Iterable[Finding], rows: int) -> np.ndarray | None:
    """(rows,) bool: rows with too many or too few cells, whose cells may stand under other headings than their own (X-22); None: there are none."""
    at = [found.at for found in findings if found.rule.id == CELLS.id and found.at is not None]
    if not at:
        return None
    wrong = np.zeros(rows, bool)
    wrong[np.concatenate(at)] = True
    return wrong


def _what(its: Ragged) -> str:
    """What may be wrong with a row that has too many or too few cells."""
    extra = [cell for cell in its.beyond if cell.strip()]
    if extra:
        return f"Nothing stands above {', '.join(quoted(cell) for cell in extra[:3])}. Perhaps a text with a delimiter in it is not in quotes."
    if its.beyond:
        return "Perhaps an amount such as 1,200.00 or a text with a delimiter in it is not in quotes. If not, delete the delimiter at its end."
    return "Cells are missing at its end, or before. Fill the row up."


def _swallowed(grid: Grid, delimiter: str) -> list[Finding]:
    """Cells of a text file with a line break whose cells before and behind it would be those of whole rows."""
    found = []
    for column, cells in enumerate(grid.columns if delimiter else ()):
        held = content(cells).tobytes()
        if b"\n" in held or b"\r" in held:
            broken = np.flatnonzero(matches(cells, r"[\r\n]"))
            at = [int(row) for row in broken if _holds_rows(cells[int(row)].as_py(), delimiter, column, len(grid.columns))]
            if at:
                found.append(Finding(SWALLOWED, at=np.array(at), column=column, facts=lambda position, _: {"row": int(grid.rows[position])}))
    return found


def _holds_rows(cell: str, delimiter: str, column: int, columns: int) -> bool:
    """Whether a cell begins in its column of one row and ends in that of another, told by each line's delimiters; one before a blank is a comma of a text."""
    delimiters, lines = re.compile(rf"{re.escape(delimiter)}(?! )"), re.split(r"\r\n|\r|\n", cell)

    def count(line: str) -> int:
        return len(delimiters.findall(line)) if delimiter in line else 0

    return columns > 2 and (count(lines[0]), count(lines[-1])) == (columns - 1 - column, column) and all(count(line) in (0, columns - 1) for line in lines[1:-1])


def _long(grid: Grid) -> list[Finding]:
    found = []
    for at, column in enumerate(grid.columns):
        if (pc.max(pc.binary_length(column)).as_py() or 0) > LONGEST:
            long = np.flatnonzero(pc.greater(pc.utf8_length(column), LONGEST).to_numpy(zero_copy_only=False))
            if len(long):
                found.append(Finding(LONG_CELL, at=long, column=at, facts=lambda _, value: {"length": f"{len(value):,}"}))
    return found
