"""The sheets of a book."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from xlwings import base_classes

from addin.engines.calc.api import SheetApi
from addin.engines.calc.loading import failure
from addin.engines.calc.names import Names
from addin.engines.calc.notes import Note, notes_of
from addin.engines.calc.range import Range
from addin.engines.calc.tables import Tables
from addin.engines.calc.values import area_of
from addin.engines.calc.writing import writing, writing_to
from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.geometry import SHEET, Area, address, parse_area, quoted

NAME_LIMIT = 31
FORBIDDEN = set("[]:*?/\\")


def check_sheet_name(name: str, taken: list[str]) -> None:
    """ExcelError where Excel would not take this name for a sheet; `taken` are the names of the other sheets."""
    if not name or len(name) > NAME_LIMIT:
        raise ExcelError(f"A sheet's name has 1 to {NAME_LIMIT} characters; {name!r} has {len(name)}.")
    if FORBIDDEN & set(name) or name[0] == "'" or name[-1] == "'" or name.lower() == "history":
        raise ExcelError(f"{name!r} cannot be a sheet's name: [ ] : * ? / \\ and apostrophes at its ends are not allowed, nor History.")
    if name.lower() in map(str.lower, taken):
        raise ExcelError(f"There is a sheet {name!r} in this workbook already.")


class Sheets(base_classes.Sheets):
    """The sheets of a book, by number from 1 or by name."""

    def __init__(self, book: Any) -> None:
        self._book = book

    @property
    def api(self) -> Any:
        return self._book.sheet_list

    @property
    def active(self) -> "Sheet":
        return Sheet(self._book, self._book.doc.getCurrentController().getActiveSheet())

    def __call__(self, key: int | str) -> "Sheet":
        sheets = self.api
        if isinstance(key, int):
            if not 1 <= key <= sheets.Count:
                raise IndexError(f"There are {sheets.Count} sheets; there is no sheet {key}.")
            return Sheet(self._book, sheets.getByIndex(key - 1))
        name = next((each for each in sheets.ElementNames if each.lower() == key.lower()), None)
        if name is None:
            raise KeyError(key)
        return Sheet(self._book, sheets.getByName(name))

    def __len__(self) -> int:
        return int(self.api.Count)

    def __iter__(self) -> Iterator["Sheet"]:
        sheets = self.api
        return (Sheet(self._book, sheets.getByIndex(index)) for index in range(sheets.Count))

    def __contains__(self, key: int | str) -> bool:
        return 1 <= key <= len(self) if isinstance(key, int) else key.lower() in map(str.lower, self.api.ElementNames)

    def add(self, before: Any = None, after: Any = None, name: str | None = None) -> "Sheet":
        """A new sheet, which becomes the active one; before the active sheet where no place is said."""
        names = list(self.api.ElementNames)
        place = before.index - 1 if before else after.index if after else self.active.index - 1
        name = name or next(f"Sheet{number}" for number in range(1, len(names) + 2) if f"Sheet{number}" not in names)
        check_sheet_name(name, names)
        with writing(self._book):
            self.api.insertNewByName(name, place)
        self._book.app.quiet.noted.clear()
        sheet = self(name)
        sheet.activate()
        return sheet


@missing_calls_say_so("LibreOffice Calc")
class Sheet(base_classes.Sheet):
    """One sheet; `sh` is UNO's own object."""

    limit = SHEET

    def __init__(self, book: Any, sh: Any) -> None:
        self._book, self.sh = book, sh

    @property
    def api(self) -> SheetApi:
        return SheetApi(self)

    @property
    def book(self) -> Any:
        return self._book

    @property
    def controller(self) -> Any:
        """The view of the book."""
        return self._book.doc.getCurrentController()

    @cached_property
    def annotations(self) -> Any:
        """UNO's collection of notes."""
        return self.sh.Annotations

    @property
    def name(self) -> str:
        return self.sh.Name

    @name.setter
    def name(self, value: str) -> None:
        now = self.name
        check_sheet_name(value, [each for each in self._book.doc.Sheets.ElementNames if each != now])
        with writing(self._book):
            self.sh.Name = value

    @property
    def index(self) -> int:
        """The place of the sheet, from 1."""
        return int(self.sh.RangeAddress.Sheet) + 1

    @property
    def visible(self) -> bool:
        return bool(self.sh.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        if not value and self._only_visible():
            raise ExcelError("The last visible sheet of a workbook cannot be hidden.")
        with writing(self._book):
            self.sh.IsVisible = bool(value)

    def _only_visible(self) -> bool:
        return not any(sheet.visible for sheet in self._book.sheets if sheet.index != self.index)

    def activate(self) -> None:
        """Show this sheet."""
        self.controller.setActiveSheet(self.sh)

    select = activate

    def delete(self) -> None:
        """Take the sheet away with all that stands on it."""
        if self._only_visible():
            raise ExcelError("The last visible sheet of a workbook cannot be deleted.")
        with writing(self._book):
            self._book.doc.Sheets.removeByName(self.name)
        self._book.app.quiet.noted.clear()

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """A range by address, union, name, (row, column) or two corners."""
        return Range.of(self, arg1, arg2)

    def cells_at(self, area: Area) -> Range:
        """The range of one area."""
        return Range(self, [area])

    @property
    def cells(self) -> Range:
        return self.cells_at(SHEET)

    @property
    def used_area(self) -> Area:
        """From the first to the last cell in use."""
        cursor = self.sh.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return area_of(cursor.RangeAddress)

    @property
    def used_range(self) -> Range:
        return self.cells_at(self.used_area)

    def reference(self, cells: Range) -> str:
        """Cells of this sheet as a formula names them."""
        return f"{quoted(self.name)}!{address(cells.areas)}"

    def areas_of_name(self, name: str) -> list[Area] | None:
        """The areas of a table or a name on this sheet; None where there is none here."""
        for table in self.tables:
            if table.name.lower() == name.lower():
                body = table.data_body_range
                return [body.area] if body else [table.range.area]
        found = [each.area_on(self) for each in self.names.all() if each.name.rpartition("!")[2].lower() == name.lower()]
        if not found:
            shared = Names(self._book)
            found = [shared(name).area_on(self)] if shared.contains(name) else []
        return [found[0]] if found and found[0] else None

    def autofit(self, axis: str | None = None) -> None:
        """Fit columns, rows or both of all that is in use."""
        self.used_range.autofit(axis)

    def clear(self) -> None:
        self.cells.clear()

    def clear_contents(self) -> None:
        self.cells.clear_contents()

    def clear_formats(self) -> None:
        self.cells.clear_formats()

    @property
    def notes(self) -> list[Note]:
        return notes_of(self)

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def names(self) -> Names:
        return Names(self._book, self)

    @property
    def freeze_panes(self) -> "FreezePanes":
        return FreezePanes(self)

    @property
    def show_gridlines(self) -> bool:
        """Whether the view shows lines between cells; Calc keeps that for the sheet that is shown."""
        with _shown(self):
            return bool(self.controller.ShowGrid)

    @show_gridlines.setter
    def show_gridlines(self, value: bool) -> None:
        with _shown(self):
            self.controller.ShowGrid = bool(value)


class _shown:
    """Show a sheet for as long as something asks its view."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._before = sheet, sheet.book.sheets.active

    def __enter__(self) -> None:
        if self._before.index != self._sheet.index:
            self._sheet.activate()

    def __exit__(self, *_unused: Any) -> None:
        if self._before.index != self._sheet.index:
            self._before.activate()


class FreezePanes:
    """Rows and columns that stay when the sheet is scrolled."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def freeze_at(self, frozen_range: str) -> None:
        """Keep the rows and columns of this address in view: "1:1" the first row, "A:A" the first column, "A1:B2" both."""
        area = parse_area(frozen_range)
        columns, rows = 0 if area.whole_rows else area.right, 0 if area.whole_columns else area.bottom
        self._freeze(columns, rows)

    def unfreeze(self) -> None:
        """Let everything scroll."""
        self._freeze(0, 0)

    def _freeze(self, columns: int, rows: int) -> None:
        with _shown(self._sheet), writing_to(self._sheet.cells_at(Area(1, 1, 1, 1))):
            try:
                self._sheet.controller.freezeAtPosition(columns, rows)
            except failure("uno.RuntimeException") as error:
                raise ExcelError(f"The panes of {self._sheet.name} cannot be frozen: {error}") from error
