"""Notes on cells, which Calc calls comments.

Asking Calc for one cell's note takes milliseconds, so which cells have one is asked once for a sheet, and remembered during a stretch of writes
(`writing.Quiet`), when nobody else changes the sheet.
"""

from typing import Any

from xlwings import base_classes

from addin.engines.calc.values import area_of, cell_address
from addin.engines.calc.writing import writing, writing_to
from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.geometry import Area

ANNOTATIONS = 8


@missing_calls_say_so("LibreOffice Calc")
class Note(base_classes.Note):
    """The note of one cell."""

    def __init__(self, cell: Any) -> None:
        self._cell = cell

    @property
    def api(self) -> Any:
        """UNO's own object."""
        return self._cell.cell.getAnnotation()

    @property
    def text(self) -> str:
        return self.api.getString()

    @text.setter
    def text(self, value: str) -> None:
        with writing(self._cell.sheet.book):
            self.api.setString(value)

    @property
    def author(self) -> str:
        return self.api.getAuthor()

    @property
    def location(self) -> Any:
        """The cell it is on."""
        return self._cell

    def delete(self) -> None:
        """Take the note off its cell; the cell stays as it is."""
        with writing_to(self._cell):
            self._cell.first.clearContents(ANNOTATIONS)
        noted(self._cell.sheet).discard((self._cell.row, self._cell.column))


def notes_of(sheet: Any) -> list[Note]:
    """All notes of a sheet, row by row."""
    return [Note(sheet.cells_at(Area(row, column, row, column))) for row, column in sorted(noted(sheet))]


def note_of(cells: Any) -> Note | None:
    """The note of the first cell."""
    place = (cells.row, cells.column)
    return Note(cells.sheet.cells_at(Area(*place, *place))) if place in noted(cells.sheet) else None


def add_note(cells: Any, text: str) -> Note:
    """Put a note on the first cell; ExcelError where it has one."""
    place, sheet = (cells.row, cells.column), cells.sheet
    if place in noted(sheet):
        raise ExcelError(f"The cell {cells.address} has a note already.")
    with writing_to(cells):
        sheet.annotations.insertNew(cell_address(sheet.index - 1, *place), text)
    noted(sheet).add(place)
    return Note(sheet.cells_at(Area(*place, *place)))


def noted(sheet: Any) -> set[tuple[int, int]]:
    """(row, column) of the cells that have a note."""
    quiet = sheet.book.app.quiet
    if not quiet.on:
        return _asked(sheet)
    key = (sheet.book.uid, sheet.index)
    if key not in quiet.noted:
        quiet.noted[key] = _asked(sheet)
    return quiet.noted[key]


def _asked(sheet: Any) -> set[tuple[int, int]]:
    found = sheet.sh.queryContentCells(ANNOTATIONS).RangeAddresses
    return {cell for each in found for cell in area_of(each).cells()}
