"""A copy of the sender's own workbook with its wrong cells tinted and a status beside each row; everything else stays as it was.

The numbers of styles are put straight into the sheet, and the styles into the list of styles; all other parts are copied as they
lie in the file. Opening and saving the workbook with a library would cost forty times as long, and whatever that library does not
know of: charts, macros, slicers, signatures.
"""

import zipfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa

from invoice_rules.errors import CannotRun
from invoice_rules.marks import BAD, NEUTRAL, Tint, marks, severities, status_texts
from invoice_rules.problems import Severity, quoted
from invoice_rules.reading.collecting import uncollected
from invoice_rules.reading.guards import MEGABYTE, Parts, blocks, checked
from invoice_rules.reading.source import Source, opened
from invoice_rules.results import Report
from invoice_rules.table import OUR_HEADINGS, Origin
from invoice_rules.workbooks import commenting
from invoice_rules.workbooks.cells import escaped
from invoice_rules.workbooks.edits import LAST_COLUMN, Beside, Edits, Taken
from invoice_rules.workbooks.packing import Content, repacked
from invoice_rules.workbooks.patching import Patch
from invoice_rules.workbooks.placing import replaced
from invoice_rules.workbooks.restyling import Styles

MOST_NOTES = 200
"""Marked cells that get a note each; where there are more, the status alone tells."""
_STYLES = "xl/styles.xml"
_WIDTH = 44.0


def mark_workbook(report: Report, target: Path | str, source: Path | str | None = None) -> Path:
    """Write a copy of the workbook that was checked, its wrong cells marked, in place of an earlier file of that name; returns where.

    `source` is the workbook where it no longer lies where it was read. Number formats, fonts, borders, formulas and notes stay; a
    marked cell has the fill and colour of its worst problem, and the column right of the table, "Status", says what is wrong with
    the row. Only .xlsx and .xlsm can be marked. Raises CannotRun.
    """
    target, origin = Path(target), report.table.origin
    _no_secrets(report)
    file = _file(origin, target, source)
    parts = checked(file.data, origin.name)
    sheet, styles = _part(parts, parts.paths.get(origin.sheet, "")), _part(parts, _STYLES)
    if parts.kind != "xlsx" or sheet is None:
        raise _other_kind(origin)
    if styles is None:
        raise CannotRun(f"The cells of {origin.name} cannot be marked: it has no styles. Open it in Excel and save it, then try again.")
    found = Styles(_content(parts, styles), origin.name)
    patch = Patch(_content(parts, sheet), origin.name, found)
    with uncollected():
        new = _with_notes(report, parts, sheet, patch, _edits(report))
    new[styles] = [found.xml()]
    return replaced(target, lambda path: _write(file.data, parts, new, path))


def _no_secrets(report: Report) -> None:
    """A copy would hold what belongs in no workbook (S2-2)."""
    found = next((found for found in report.problems.findings if found.rule.id == "secret" and found.column is not None), None)
    if found is not None and found.column is not None:
        heading = quoted(report.table.headings[found.column])
        raise CannotRun(f'The column {heading} of {report.table.origin.name} holds a password of the connection, and a copy would hold it too. Take it out of the file, then mark it.')


def _write(data: bytes, parts: Parts, new: Mapping[str, Content], path: Path) -> None:
    try:
        repacked(data, parts.archive, new, path)
    except zipfile.BadZipFile as error:
        raise CannotRun(f"{parts.name} is damaged: a part of it cannot be copied. Open it in Excel and save it again.") from error


def _file(origin: Origin, target: Path, source: Path | str | None) -> Source:
    """The bytes that were checked, and no others."""
    path = Path(source) if source is not None else origin.path
    if origin.kind != "workbook":
        raise _other_kind(origin)
    if path is None:
        raise CannotRun(f"{origin.name} was not read from a file, so there is nothing to make a marked copy of.")
    if target.suffix.lower() != path.suffix.lower():
        raise CannotRun(f"A marked copy of {path.name} is a {path.suffix} file too. Give it a name that ends in {path.suffix}.")
    if target.exists() and path.exists() and target.samefile(path):
        raise CannotRun(f"{path} would be written over. Give the marked copy another name.")
    file = opened(path, origin.size / MEGABYTE + 1, None)
    if sha256(file.data).hexdigest() != origin.sha256:
        raise CannotRun(f"{path.name} is no longer the file that was checked. Check it again, then mark it.")
    return file


def _other_kind(origin: Origin) -> CannotRun:
    return CannotRun(
        f"The cells of {origin.name} cannot be marked, for it is no .xlsx or .xlsm workbook. Importing it gives a workbook of the rows to fix, with their reasons."
    )


def _part(parts: Parts, path: str) -> str | None:
    """A part's name as it is written in the zip."""
    return next((name for name in parts.archive.namelist() if path and name.lower() == path.lower()), None)


def _content(parts: Parts, name: str) -> bytes:
    return b"".join(blocks(parts, parts.archive.getinfo(name)))


def _edits(report: Report) -> Edits:
    """The tints of cells, and the status of every row beside the table's last column."""
    origin, numbers = report.table.origin, report.table.frame.index.to_numpy()
    grid = severities(report, np.arange(len(numbers)))
    at, columns = np.nonzero(grid >= Severity.WARNING)
    looks = map((NEUTRAL, BAD).__getitem__, (grid[at, columns] == Severity.ERROR).tolist())
    cells = list(zip((columns + origin.first_column).tolist(), looks, strict=True))
    rows, starts = np.unique(at, return_index=True)
    tints = {row: cells[start:end] for row, start, end in zip(numbers[rows].tolist(), starts.tolist(), [*starts[1:].tolist(), len(cells)], strict=True)}
    return Edits(tints, _beside(report), origin.first_column + len(report.table.headings), _WIDTH, frozenset(_heading_row(report)))


def _beside(report: Report) -> Beside:
    """The status of every row, under a heading of its own; a row with something wrong has it in the colour of the worst."""
    numbers = report.table.frame.index.to_numpy()
    worst = report.problems.worst(len(numbers))
    which = np.select([worst == Severity.ERROR, worst >= Severity.WARNING], [1, 2], 0)
    texts = [*(_heading(report) for _ in _heading_row(report)), *status_texts(report)]
    above = len(texts) - len(numbers)
    return Beside(
        np.concatenate([_heading_row(report), numbers]).astype(np.int64),
        escaped(pa.array(texts, pa.large_string())),
        (None, Tint(BAD.color, ""), Tint(NEUTRAL.color, "")),
        np.concatenate([np.zeros(above, np.int64), which]),
    )


def _heading_row(report: Report) -> list[int]:
    row = report.table.origin.header_row
    return [] if row is None else [row]


def _heading(report: Report) -> str:
    own = OUR_HEADINGS[1]
    return f"{own} (check)" if own.casefold() in {heading.casefold() for heading in report.table.headings} else own


def _with_notes(report: Report, parts: Parts, sheet: str, patch: Patch, edits: Edits) -> dict[str, Content]:
    """The sheet, and where few cells are marked and the sheet has no notes of its own, a note for each of them."""
    new: dict[str, bytes] = {}
    tail = b""
    marked = sum(map(len, edits.tints.values()))
    links, types = (_part(parts, path) or path for path in commenting.wanted(sheet))
    if 0 < marked <= MOST_NOTES and not patch.has("legacyDrawing"):
        old = {name: _content(parts, name) for name in (links, types) if name in parts.archive.namelist()}
        if made := commenting.noted(_notes(report), links, types, old, parts.archive.namelist()):
            new, tail = made
    pieces = _patched(patch, edits, tail)
    return {**{name: [content] for name, content in new.items()}, sheet: pieces}


def _patched(patch: Patch, edits: Edits, tail: bytes) -> list[bytes | memoryview]:
    """The sheet; where the column that was to be ours is not free, the first one behind all cells is, or none."""
    try:
        return list(patch.pieces(edits, tail))
    except Taken as taken:
        free = taken.free
    with suppress(Taken):  # a second time only in a sheet whose cells say one address and stand at another
        if free <= LAST_COLUMN:
            return list(patch.pieces(Edits(edits.tints, edits.beside, free, edits.width, edits.like_left), tail))
    return list(patch.pieces(Edits(edits.tints), tail))


def _notes(report: Report) -> list[commenting.Note]:
    """What is wrong with each marked cell, whole sentences, a line each."""
    first = report.table.origin.first_column
    return [(int(its.row), first + int(its.column), its.message) for its in marks(report).itertuples()]
