"""Where marks are in a workbook: defined names that move with the cells, whatever the user inserts, deletes or sorts.

`ir_marks_N` is the block of our columns on one sheet, `ir_own_N_W` each of them (the user may insert others between them), `ir_state_N` how
the sheet was before, `ir_at_N_C` the cells of its column C, and `ir_bad_N_C`, `ir_warn_N_C`, `ir_row_N`, `ir_rowwarn_N` and `ir_head_N` the
conditions of the tints. They are names of the workbook. Where the user copies a marked sheet, Excel gives the copy names of its own, of the
same numbers: what one of the two sheets has is no business of the other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import xlwings as xw

from addin import finding
from addin.finding import Area, cells_of
from invoice_rules import MARK_HEADINGS

_OURS = re.compile(r"(?:(.*)!)?ir_(marks|own|state|at|bad|warn|row|rowwarn|head)_(\d+)(?:_(\d+))?$")


class Place(NamedTuple):
    """Where the marks of a sheet are: their number in the workbook (0 where there are no names), the block of our columns with its heading row,
    the sheet as its own names are called, "" where they are the workbook's, and the cells of each column of ours that there still is, by its
    place in `MARK_HEADINGS`: the block may have columns of the user's between them."""

    number: int
    block: xw.Range
    scope: str = ""
    columns: Mapping[int, xw.Range] = {}


def _ours(book: xw.Book) -> Iterator[tuple[xw.Name, str, str, int, str]]:
    """(name, scope, kind, number, column) of every name of ours."""
    for name in list(iter(book.names)):  # without iter, xlwings asks for all names twice: once for their number
        if found := _OURS.match(name.name):
            yield name, found[1] or "", found[2], int(found[3]), found[4] or ""


def place_of(sheet: xw.Sheet) -> Place | None:
    """The marks that the sheet has; None where the user deleted all their columns."""
    for name, scope, kind, number, _ in _ours(sheet.book):
        block = cells_of(name) if kind == "marks" else None
        if block is not None and block.sheet.name == sheet.name:
            columns = _columns(sheet.book, "own", number, scope) or _headed(block)
            return Place(number, block, scope, columns) if columns else None
    return None


def forget_lost(book: xw.Book) -> None:
    """Take the names of marks away whose columns the user deleted."""
    for name, scope, kind, number, _ in _ours(book):
        if kind == "marks" and cells_of(name) is None:
            forget(book, number, scope)


def keep_block(number: int, block: xw.Range) -> dict[int, xw.Range]:
    """Write down which columns are ours; gives the cells of each."""
    book, columns = block.sheet.book, _split(block)
    known = {name.name: name for name in book.names}
    if its := known.get(f"ir_marks_{number}"):
        its.delete()
    book.names.add(f"ir_marks_{number}", "=" + absolute(block))
    for which, cells in columns.items():
        if f"ir_own_{number}_{which}" not in known:
            add_name(book, f"ir_own_{number}_{which}", "=" + absolute(cells))
    return columns


def _split(block: xw.Range) -> dict[int, xw.Range]:
    last = block.row + block.shape[0] - 1
    return {at: block.sheet.range((block.row, column), (last, column)) for at, column in enumerate(range(block.column, block.column + block.shape[1]))}


def _headed(block: xw.Range) -> dict[int, xw.Range]:
    """Our columns as their headings tell, where no names do."""
    return {MARK_HEADINGS.index(its): cells for cells in _split(block).values() if (its := cells[0].value) in MARK_HEADINGS}


def stray(area: Area) -> Place | None:
    """Our columns where the sheet has no names for them, as a copy may have none: known by their headings, to the last status."""
    for row, cells in enumerate(finding.typed(area._replace(bottom=min(area.bottom, area.top + finding.GLANCE))), area.top):
        for column in range(len(cells) - 1):
            if tuple(cells[column : column + 2]) == MARK_HEADINGS[:2]:
                width = 4 if tuple(cells[column : column + 4]) == MARK_HEADINGS else 2
                block = _with_status(area, row, area.left + column, width)
                return Place(0, block, columns=_split(block))
    return None


def _with_status(area: Area, row: int, column: int, width: int) -> xw.Range:
    texts = area.sheet.range((row, column), (area.bottom, column)).options(ndim=1, err_to_str=True).value
    last = max(at for at, text in enumerate(texts) if isinstance(text, str))
    return area.sheet.range((row, column), (row + last, column + width - 1))


def area_of(sheet: xw.Sheet, place: Place | None) -> Area:
    """The invoices of the sheet, without our own columns at its right; those with the user's own behind them count as blank."""
    area = finding.find(sheet)
    place = place or stray(area)
    if place is None or place.block.row > area.bottom or place.block.row + place.block.shape[0] <= area.top:
        return area
    ours = {its.column: its for its in place.columns.values()}
    right = area.right
    while right in ours and right > area.left:
        right -= 1
    return area._replace(right=right, ours=tuple(its for column, its in sorted(ours.items()) if area.left <= column <= right))


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
    if place is None or not whole(place):
        return []
    found = [place.columns[which].options(ndim=1, err_to_str=True).value for which in (0, 1)]
    columns = {which: its.column for which, its in _columns(sheet.book, "at", place.number, place.scope).items()}
    cells = []
    for row, (status, codes) in enumerate(zip(*found, strict=True), place.columns[0].row):
        its = sorted(columns[int(which)] for which in re.findall(r"[|!](\d+)[|!]", str(codes or "")) if int(which) in columns)
        if str(codes or "")[:1] in ("E", "W"):
            cells += [(row, column, str(status or "")) for column in its or [place.columns[0].column]]
    return cells


def whole(place: Place) -> bool:
    """Whether the status and the codes are both there still."""
    return {0, 1} <= set(place.columns)


def _columns(book: xw.Book, wanted: str, of: int, where: str) -> dict[int, xw.Range]:
    """Place in the marks -> its cells today, wherever the user moved them."""
    found = {int(at): cells_of(name) for name, scope, kind, number, at in _ours(book) if kind == wanted and (scope, number) == (where, of)}
    return {which: cells for which, cells in found.items() if cells is not None}


def free_number(book: xw.Book) -> int:
    """The first number that no marks of the workbook have."""
    taken = {number for _, _, _, number, _ in _ours(book)}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)
