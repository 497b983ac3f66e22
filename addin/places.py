"""Where marks are in a workbook: defined names that move with the cells, whatever the user inserts, deletes or sorts.

`ir_marks_N` is the block of our columns on one sheet, `ir_state_N` how the sheet was before, `ir_at_N_C` the cells of its column C, and
`ir_bad_N_C`, `ir_warn_N_C`, `ir_row_N` and `ir_rowwarn_N` the conditions of the tints.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import xlwings as xw

from addin import surface
from addin.surface import Area

_OURS = re.compile(r"(?:.*!)?ir_(marks|state|at|bad|warn|row|rowwarn)_(\d+)(?:_(\d+))?$")


class Place(NamedTuple):
    """Where the marks of a sheet are: their number in the workbook, and the block of our columns with its heading row."""

    number: int
    block: xw.Range


def place_of(sheet: xw.Sheet) -> Place | None:
    """The marks that the sheet has; names that lost their cells are taken away."""
    for name in list(sheet.book.names):
        found = _OURS.match(name.name)
        if found and found[1] == "marks":
            block = cells_of(name)
            if block is None:
                forget(sheet.book, int(found[2]))
            elif block.sheet.name == sheet.name:
                return Place(int(found[2]), block)
    return None


def cells_of(name: xw.Name) -> xw.Range | None:
    """The cells that a defined name stands for; None where they were deleted."""
    try:
        return name.refers_to_range
    except Exception:  # noqa: BLE001 # every program raises its own where a name says #REF!
        return None


def area_of(sheet: xw.Sheet) -> Area:
    """The invoices of the sheet, without our own columns."""
    area, place = surface.find(sheet), place_of(sheet)
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
    """What a sheet was like: the widths that our columns had, the table and the filter that were made wider ("" where none was)."""

    widths: list[float]
    table: str = ""
    filtered: str = ""


def keep_state(book: xw.Book, number: int, widths: Sequence[float | None], table: str, filtered: str) -> None:
    """Write down what the sheet is like before it is marked."""
    text = "|".join([",".join(f"{width or 0:g}" for width in widths), table, filtered])
    add_name(book, f"ir_state_{number}", f'="{text}"')


def state_of(book: xw.Book, number: int) -> State:
    """What the sheet was like before it was marked."""
    name = f"ir_state_{number}"
    if not book.names.contains(name):
        return State([])
    widths, table, filtered = str(book.names[name].refers_to).lstrip("=").strip('"').split("|")
    return State([float(width) for width in widths.split(",")], table, filtered)


def forget(book: xw.Book, number: int) -> None:
    """Delete the names of one sheet's marks."""
    for name in [its for its in book.names if (found := _OURS.match(its.name)) and int(found[2]) == number]:
        name.delete()


def marked_cells(sheet: xw.Sheet) -> list[tuple[int, int, str]]:
    """(row, column, what the status says) of every tinted cell, in reading order, as the sheet stands now; rows without one of their own
    at the status."""
    place = place_of(sheet)
    if place is None:
        return []
    columns = _columns(sheet.book, place.number)
    found = place.block.options(ndim=2, err_to_str=True).value
    cells = []
    for at, (status, codes, *_) in enumerate(found):
        row = place.block.row + at
        its = sorted(columns[int(which)] for which in re.findall(r"[|!](\d+)[|!]", str(codes or "")) if int(which) in columns)
        if str(codes or "")[:1] in ("E", "W"):
            cells += [(row, column, str(status or "")) for column in its or [place.block.column]]
    return cells


def _columns(book: xw.Book, number: int) -> dict[int, int]:
    """Place in the marks -> column of the sheet today, wherever the user moved it."""
    found = [(its, match) for its in book.names if (match := _OURS.match(its.name)) and match[1] == "at" and int(match[2]) == number]
    cells = {int(match[3]): cells_of(name) for name, match in found}
    return {which: block.column for which, block in cells.items() if block is not None}


def free_number(book: xw.Book) -> int:
    """The first number that no marks of the workbook have."""
    taken = {int(found[2]) for name in book.names if (found := _OURS.match(name.name))}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)
