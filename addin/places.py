"""Where marks are in a workbook: defined names that move with the cells, whatever the user inserts, deletes or sorts.

`ir_marks_N` is the block of our columns on one sheet, `ir_state_N` how the sheet was before, `ir_at_N_C` the cells of its column C, and
`ir_bad_N_C`, `ir_warn_N_C`, `ir_row_N`, `ir_rowwarn_N` and `ir_head_N` the conditions of the tints. They are names of the workbook. Where the user copies a
marked sheet, Excel gives the copy names of its own, of the same numbers: what one of the two sheets has is no business of the other.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import xlwings as xw

from addin import finding
from addin.finding import Area, cells_of
from invoice_rules import MARK_HEADINGS

_OURS = re.compile(r"(?:(.*)!)?ir_(marks|state|at|bad|warn|row|rowwarn|head)_(\d+)(?:_(\d+))?$")


class Place(NamedTuple):
    """Where the marks of a sheet are: their number in the workbook (0 where there are no names), the block of our columns with its heading row, and
    the sheet as its own names are called, "" where they are the workbook's."""

    number: int
    block: xw.Range
    scope: str = ""


def _ours(book: xw.Book) -> Iterator[tuple[xw.Name, str, str, int, str]]:
    """(name, scope, kind, number, column) of every name of ours."""
    for name in list(book.names):
        if found := _OURS.match(name.name):
            yield name, found[1] or "", found[2], int(found[3]), found[4] or ""


def place_of(sheet: xw.Sheet) -> Place | None:
    """The marks that the sheet has; names that lost their cells are taken away."""
    for name, scope, kind, number, _ in _ours(sheet.book):
        if kind == "marks":
            block = cells_of(name)
            if block is None:
                forget(sheet.book, number, scope)
            elif block.sheet.name == sheet.name:
                return Place(number, block, scope)
    return None


def stray(area: Area) -> Place | None:
    """Our columns where the sheet has no names for them, as a copy may have none: known by their headings, to the last status."""
    for row, cells in enumerate(finding.typed(area._replace(bottom=min(area.bottom, area.top + finding.GLANCE))), area.top):
        for column in range(len(cells) - 1):
            if tuple(cells[column : column + 2]) == MARK_HEADINGS[:2]:
                width = 4 if tuple(cells[column : column + 4]) == MARK_HEADINGS else 2
                return Place(0, _with_status(area, row, area.left + column, width))
    return None


def _with_status(area: Area, row: int, column: int, width: int) -> xw.Range:
    texts = area.sheet.range((row, column), (area.bottom, column)).options(ndim=1, err_to_str=True).value
    last = max(at for at, text in enumerate(texts) if isinstance(text, str))
    return area.sheet.range((row, column), (row + last, column + width - 1))


def area_of(sheet: xw.Sheet, place: Place | None) -> Area:
    """The invoices of the sheet, without our own columns, which stand at this place."""
    area = finding.find(sheet)
    place = place or stray(area)
    if place is None:
        return area
    first, last = place.block.column, place.block.column + place.block.shape[1] - 1
    return area._replace(right=first - 1) if area.left < first <= area.right <= last else area


def absolute(block: xw.Range) -> str:
    """A block as formulas write it, sheet and all."""
    return f"{quoted(block.sheet.name)}!{block.get_address(True, True)}"


def quoted(sheet: str) -> str:
    """A sheet's name as formulas write it.

    >>> quoted("May's")
    "'May''s'"
    """
    return "'" + sheet.replace("'", "''") + "'"


def add_name(book: xw.Book, name: str, formula: str) -> str:
    """Add a defined name, hidden from the name manager where the program can; gives its name."""
    made = book.names.add(name, formula)
    if book.app.engine.name != "calc":  # which has no hidden names
        with suppress(Exception):  # a name that shows is no harm
            made.api.Visible = False
    return name


class State(NamedTuple):
    """What a sheet was like: the widths that our columns had, which of them were hidden, the filter that was made wider ("" where none was)."""

    widths: Sequence[float | None] = ()
    hidden: Sequence[bool] = ()
    filtered: str = ""


def keep_state(book: xw.Book, number: int, state: State) -> None:
    """Write down what the sheet is like before it is marked."""
    widths, hidden = (f"{width or 0:g}" for width in state.widths), ("hidden" if its else "shown" for its in state.hidden)
    add_name(book, f"ir_state_{number}", f'="{",".join(widths)}|{",".join(hidden)}|{state.filtered}"')


def state_of(book: xw.Book, place: Place) -> State:
    """What the sheet was like before it was marked; a copy was like the sheet that it is one of."""
    found = {scope: name for name, scope, kind, number, _ in _ours(book) if kind == "state" and number == place.number}
    name = found.get(place.scope) or found.get("")
    if name is None:
        return State()
    widths, hidden, filtered = str(name.refers_to).lstrip("=").strip('"').split("|")
    return State([float(width) for width in widths.split(",")], [its == "hidden" for its in hidden.split(",")], filtered)


def forget(book: xw.Book, number: int, scope: str = "") -> None:
    """Delete the names of one sheet's marks; how it was stays known as long as a copy of the sheet has marks of this number."""
    found = [(name, its, kind) for name, its, kind, of, _ in _ours(book) if of == number]
    copied = any(kind == "marks" and its != scope for _, its, kind in found)
    for name, its, kind in found:
        if its == scope and not (kind == "state" and copied) or kind == "state" and not copied:
            name.delete()


def marked_cells(sheet: xw.Sheet) -> list[tuple[int, int, str]]:
    """(row, column, what the status says) of every tinted cell, in reading order, as the sheet stands now; rows without one of their own
    at the status. Where the user deleted the status or the codes, nothing is marked."""
    place = place_of(sheet)
    if place is None:
        return []
    found = place.block.options(ndim=2, err_to_str=True).value
    if not _whole(found[0]):
        return []
    columns = _columns(sheet.book, place)
    cells = []
    for at, (status, codes, *_) in enumerate(found):
        row = place.block.row + at
        its = sorted(columns[int(which)] for which in re.findall(r"[|!](\d+)[|!]", str(codes or "")) if int(which) in columns)
        if str(codes or "")[:1] in ("E", "W"):
            cells += [(row, column, str(status or "")) for column in its or [place.block.column]]
    return cells


def _whole(first: Sequence[Any]) -> bool:
    """Whether the status and the codes are the first columns of ours, as the first row tells: their headings, or no headings at all."""
    return len(first) >= 2 and not any(cell in MARK_HEADINGS and cell != heading for cell, heading in zip(first[:2], MARK_HEADINGS[:2], strict=True))


def _columns(book: xw.Book, place: Place) -> dict[int, int]:
    """Place in the marks -> column of the sheet today, wherever the user moved it."""
    cells = {int(at): cells_of(name) for name, scope, kind, number, at in _ours(book) if kind == "at" and (scope, number) == (place.scope, place.number)}
    return {which: block.column for which, block in cells.items() if block is not None}


def free_number(book: xw.Book) -> int:
    """The first number that no marks of the workbook have."""
    taken = {number for _, _, _, number, _ in _ours(book)}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)
