"""Notes: one a cell."""

from typing import Any

from openpyxl.comments import Comment
from xlwings import base_classes

from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.double.guards import refuse_protected
from addin.engines.geometry import Area


@missing_calls_say_so("the openpyxl double")
class Note(base_classes.Note):
    """The note of a cell."""

    def __init__(self, sheet: Any, cell: Any) -> None:
        self.sheet = sheet
        self.cell = cell

    def _comment(self) -> Comment:
        if self.cell.comment is None:
            raise ExcelError(f"The note of {self.cell.coordinate} was deleted.")
        return self.cell.comment

    @property
    def text(self) -> str:
        return self._comment().text

    @text.setter
    def text(self, text: str) -> None:
        refuse_protected(self.sheet.grid, "objects", "changing notes")
        self.cell.comment = Comment(text, self._comment().author)

    @property
    def author(self) -> str:
        return self._comment().author or ""

    @property
    def location(self) -> Any:
        return self.sheet.range_of(Area(self.cell.row, self.cell.column, self.cell.row, self.cell.column))

    def delete(self) -> None:
        refuse_protected(self.sheet.grid, "objects", "deleting notes")
        self._comment()
        self.cell.comment = None


def add_note(sheet: Any, cell: Any, text: str) -> Note:
    """A note on a cell; ExcelError where there is one."""
    refuse_protected(sheet.grid, "objects", "adding notes")
    if cell.comment is not None:
        raise ExcelError(f"{cell.coordinate} has a note already.")
    cell.comment = Comment(text, "")
    return Note(sheet, cell)


def notes_of(sheet: Any) -> list[Note]:
    """The notes of a sheet, row by row."""
    return [Note(sheet, cell) for _, cell in sorted(sheet.grid.cells.items(), key=lambda item: item[0]) if cell.comment is not None]
