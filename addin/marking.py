"""Marks on an open sheet: a status column, and tints by conditional formats that follow their rows wherever they are sorted to.

Beside the data stand two columns: "Import status" with words, and a hidden one, "Marks", with the places of the wrong cells of each row:
`E|3||5|!7!` is a row with errors in the columns 3 and 5 and a warning in column 7. A rule a column looks its place up there, through a
defined name without relative references, separators or words of a language. What the user has (fills, formats, notes, validations) stays.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import xlwings as xw

from addin import clearing, finding, places, surface
from addin.clearing import NOTE
from addin.finding import Area
from addin.places import Place, State
from invoice_rules import MARK_HEADINGS, CannotRun, Report, Severity, marks

MOST_NOTES = 200
_WIDTHS = (16, 8, 18, 8)
_WIDEST = 80
_LAST_COLUMN = 16_384
_AGAIN = "so marks will not follow when you sort: press Validate again afterwards."


def show(area: Area, report: Report) -> Place:
    """Mark the sheet with what the report found; gives where the marks are. Those of an earlier run are replaced.

    Raises CannotRun where the sheet is protected or has no room.
    """
    surface.must_be_writable(area.sheet)
    hidden = finding.hidden_rows(area)
    surface.must_not_be_too_filtered(area, hidden)
    area, gone = _without_earlier(area)
    first, last = _span(area, report)
    place = _make_room(area, first, last)
    rows = report.table.frame.index.to_numpy()
    grid = np.delete(marks.severities(report, np.arange(len(rows))), gone, axis=1)
    worst = report.problems.worst(len(rows))
    columns = (marks.status_texts(report), _codes(grid, worst))
    headings = MARK_HEADINGS[:2] if report.table.origin.header_row is not None else (None, None)
    written = [spread(surface.row_texts(texts), rows, first, heading) for texts, heading in zip(columns, headings, strict=True)]
    surface.write_columns(area.sheet, place.block.column, first, written, hidden)
    _look(place, report.table.origin.header_row is not None, columns[0])
    _tint(area, place, grid, int(rows[0]), int(rows[-1]))
    marked = int((grid >= Severity.WARNING).sum())
    if 0 < marked <= MOST_NOTES:
        _note(area, report, gone)
    return place


def _without_earlier(area: Area) -> tuple[Area, list[int]]:
    """Take the marks of an earlier run away; gives the area without them, and the places in it of their columns whose cells went."""
    ours, went = {its.column for its in area.ours}, clearing.clear(area.sheet)
    gone = [column - area.left for column in went if column in ours]
    return area._replace(right=area.right - len(gone), ours=()), gone


def spread(values: Sequence[Any], rows: np.ndarray, first: int, heading: str | None = None) -> list[Any]:
    """Values of the table's rows as cells below each other from row `first` on, the heading on top where there is one."""
    cells: list[Any] = [None] * (int(rows[-1]) - first + 1)
    for row, value in zip(rows.tolist(), values, strict=True):
        cells[row - first] = value
    return [heading, *cells[1:]] if heading is not None else cells


def _span(area: Area, report: Report) -> tuple[int, int]:
    """The first and last row of our columns: the headings, where there are any, to the last row of data."""
    rows = report.table.frame.index
    header = report.table.origin.header_row
    return (int(rows[0]) if header is None else header), int(rows[-1])


def _make_room(area: Area, first: int, last: int) -> Place:
    """Our columns right of the data; a table grows by them, so that they are sorted with it."""
    sheet, column, table = area.sheet, area.right + 1, area.table
    if not _free(area, min(first, area.top), max(last, area.bottom)):
        column, table = finding.filled(sheet).right + 1, ""
    if column + len(MARK_HEADINGS) > _LAST_COLUMN:
        raise CannotRun(f'Sheet "{sheet.name}" has no free column at its right for the status. Delete columns that are not needed, then try again.')
    widths, hidden = _sizes(sheet, column)
    number = places.free_number(sheet.book)
    block = sheet.range((first, column), (last, column + 1))
    columns = places.keep_block(number, block)
    if table:
        clearing.resize(sheet, table, column + 1)
    filtered = "" if table or column != area.right + 1 else surface.widen_filter(area, column + len(MARK_HEADINGS) - 1)
    places.keep_state(sheet.book, number, State(widths, hidden, filtered))
    return Place(number, block, columns=columns)


def _free(area: Area, first: int, last: int) -> bool:
    """Whether our columns fit right beside the data, and nothing of the user's is in the one that is hidden, far above or below."""
    there, column = finding.filled(area.sheet), area.right + 1
    if there.right < column:
        return True
    beside = Area(area.sheet, first, column, last, column + len(MARK_HEADINGS) - 1)
    return finding.is_blank(beside) and finding.is_blank(there._replace(left=column + 1, right=column + 1))


def _sizes(sheet: xw.Sheet, column: int) -> tuple[list[float | None], list[bool]]:
    """How wide the columns are that become ours, and which of them the user had hidden; that of the status is shown."""
    widths: list[float | None] = []
    hidden: list[bool] = []
    for at in range(len(MARK_HEADINGS)):
        cell = sheet.range((1, column + at))
        width = cell.column_width
        hidden.append(width == 0)
        if hidden[-1]:
            cell.columns.hidden = False
            width = cell.column_width
            cell.columns.hidden = at > 0
        widths.append(width)
    return widths, hidden


def apart(area: Area, place: Place) -> str:
    """What keeps the marks from following their rows when the user sorts, as a sentence; "" where they do."""
    if area.table and clearing.table_around(place) is not None:
        return ""
    if place.block.column != area.right + 1:
        return f"Other cells stand right of the data, and the status behind them, {_AGAIN}"
    return "" if surface.filter_reaches(area.sheet, place.block.column + 1) else f"The filter does not reach to the status, {_AGAIN}"


def _codes(grid: np.ndarray, worst: np.ndarray) -> list[str]:
    """What the hidden column says of each row."""
    codes = np.select([worst == Severity.ERROR, worst >= Severity.WARNING], ["E", "W"], "").astype(object)
    rows, columns = np.nonzero(grid >= Severity.WARNING)
    for row, column, severity in zip(rows.tolist(), columns.tolist(), grid[rows, columns].tolist(), strict=True):
        sign = "|" if severity == Severity.ERROR else "!"
        codes[row] += f"{sign}{column}{sign}"
    return codes.tolist()


def _look(place: Place, headed: bool, texts: Sequence[str]) -> None:
    """Our columns: as wide as their texts, within reason, the second one hidden."""
    widen(place, texts)
    if headed:
        row, column = place.block.row, place.block.column
        places.add_name(place.block.sheet.book, _head(place), f"=ROW({places.absolute(place.block.sheet.range((row, column)))})>0")
        _tint_heading(place, column)
    place.block.sheet.range((1, place.block.column + 1)).columns.hidden = True


def _head(place: Place) -> str:
    return f"ir_head_{place.number}"


def _tint_heading(place: Place, column: int) -> None:
    """Two headings of ours from this column on, by a rule too: the look that the user gave these cells stays below it."""
    row, tint = place.block.row, marks.OPTIONAL_HEADING
    heading = place.block.sheet.range((row, column), (row, column + 1))
    heading.conditional_formats.add_custom(f"={_head(place)}", fill_color=f"#{tint.fill}", font_color=f"#{tint.color}", font_bold=True)


def widen(place: Place, texts: Sequence[str]) -> None:
    """Make the status as wide as its texts, within reason."""
    place.block.sheet.range((1, place.block.column)).column_width = min(max([_WIDTHS[0], *map(len, texts)]), _WIDEST)


def _tint(area: Area, place: Place, grid: np.ndarray, first: int, last: int) -> None:
    """One rule a column that has something wrong, and one for the status; errors before warnings."""
    sheet, number = area.sheet, place.number
    codes = f"INDEX({places.quoted(sheet.name)}!${_letters(place.block.column + 1)}:${_letters(place.block.column + 1)},ROW())"
    status = sheet.range((first, place.block.column), (last, place.block.column))
    for kind, letter, tint in (("rowwarn", "W", marks.NEUTRAL), ("row", "E", marks.BAD)):
        name = places.add_name(sheet.book, f"ir_{kind}_{number}", f'=LEFT({codes},1)="{letter}"')
        status.conditional_formats.add_custom(f"={name}", font_color=f"#{tint.color}")
    for column in np.flatnonzero((grid >= Severity.WARNING).any(axis=0)).tolist():
        cells = sheet.range((first, area.left + column), (last, area.left + column))
        places.add_name(sheet.book, f"ir_at_{number}_{column}", "=" + places.absolute(cells))
        for kind, sign, weights, tint in (("warn", "!", (Severity.WARNING, Severity.HOLD), marks.NEUTRAL), ("bad", "|", (Severity.ERROR,), marks.BAD)):
            if np.isin(grid[:, column], weights).any():
                name = places.add_name(sheet.book, f"ir_{kind}_{number}_{column}", f'=ISNUMBER(FIND("{sign}{column}{sign}",{codes}))')
                cells.conditional_formats.add_custom(f"={name}", font_color=f"#{tint.color}", fill_color=f"#{tint.fill}")


def _letters(column: int) -> str:
    return xw.utils.col_name(column)


def _note(area: Area, report: Report, gone: Sequence[int]) -> None:
    """A note for each tinted cell that has none of its own; columns behind those that are gone moved up."""
    for mark in marks.marks(report).itertuples():
        cell = area.sheet.range((int(mark.row), area.left + int(mark.column) - sum(its < mark.column for its in gone)))
        with suppress(Exception):  # a cell with a comment thread takes no note; its status tells
            if cell.note is None:
                cell.add_note(NOTE + mark.message)


def add_outcomes(area: Area, place: Place, columns: Sequence[Sequence[Any]], first: int, hidden: Sequence[int]) -> None:
    """Put the record and the batch of each row beside its status; the columns are lists from row `first` on, headings included."""
    sheet, column = area.sheet, place.block.column + 2
    block = sheet.range((place.block.row, place.block.column), (place.block.row + place.block.shape[0] - 1, column + 1))
    table = clearing.table_around(place)
    if table is not None and clearing.right_of(table) == column - 1:
        clearing.resize(sheet, table.name, column + 1)
    sheet.range((1, column), (1, column + 1)).columns.hidden = False
    last = first + len(columns[0]) - 1
    cells = sheet.range((min(first + 1, last), column), (last, column))
    with surface.formats_kept(cells):
        surface.write_columns(sheet, column, first, [surface.kept_as_texts(cells, columns[0]), *columns[1:]], hidden)
    for at in range(len(columns)):
        sheet.range((1, column + at)).column_width = _WIDTHS[2 + at]
    places.keep_block(place.number, block)
    if sheet.book.names.contains(_head(place)):
        _tint_heading(place, column)


def note_heading(place: Place, text: str) -> None:
    """How it stands, as a note on the heading of the status."""
    cell = place.block.sheet.range((place.block.row, place.block.column))
    if cell.note is None:
        cell.add_note(NOTE + text)
