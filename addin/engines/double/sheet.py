"""Sheets of the double."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from openpyxl.worksheet.protection import SheetProtection
from openpyxl.worksheet.worksheet import Worksheet
from xlwings import base_classes

from addin.engines.cells import ExcelError, NotSupported, missing_calls_say_so
from addin.engines.double.grid import Grid
from addin.engines.double.guards import filtered_rows, filters_of, refuse_sheet_name
from addin.engines.double.moving import follow
from addin.engines.double.names import Names, places
from addin.engines.double.notes import Note, notes_of
from addin.engines.double.range import DOUBLE, Range
from addin.engines.double.references import renamed, rewritten
from addin.engines.double.rules import placed
from addin.engines.double.tables import Table, Tables
from addin.engines.geometry import SHEET, Area, address, column_number, parse_area, parse_areas

STATES = {"visible": -1, "hidden": 0, "veryHidden": 2}


class SheetApi:
    """The part of Excel's own Worksheet object that the add-in uses."""

    def __init__(self, sheet: "Sheet") -> None:
        self._sheet = sheet

    @property
    def ProtectContents(self) -> bool:
        """Whether the sheet is protected."""
        return bool(self._sheet.ws.protection.sheet)

    @property
    def AutoFilterMode(self) -> bool:
        """Whether the sheet has a filter of its own; those of tables do not count."""
        return bool(self._sheet.ws.auto_filter.ref)

    @AutoFilterMode.setter
    def AutoFilterMode(self, shown: bool) -> None:
        if shown or self.FilterMode:
            raise ExcelError("AutoFilterMode can only be switched off, here only while no row is filtered out.")
        self._sheet.ws.auto_filter.ref = None

    @property
    def AutoFilter(self) -> Any:
        """The filter, of which the double knows where it is: `AutoFilter.Range.Address`."""
        reference = self._sheet.ws.auto_filter.ref
        return SimpleNamespace(Range=SimpleNamespace(Address=self._sheet.range(reference).address)) if reference else None

    @property
    def FilterMode(self) -> bool:
        """Whether a filter hides rows right now."""
        return bool(filtered_rows(self._sheet.ws))

    def Protect(self, Password: str = "") -> None:
        """Protect the sheet; what may still be done is as Excel has it when nothing is ticked."""
        self._sheet.ws.protection = SheetProtection(sheet=True, objects=True, scenarios=True)
        if Password:
            self._sheet.ws.protection.password = Password

    def Unprotect(self, Password: str = "") -> None:
        """Take the protection away; ExcelError for a wrong password."""
        wanted = self._sheet.ws.protection.password
        if wanted and wanted != SheetProtection(password=Password).password:
            raise ExcelError(f"This is not the password of {self._sheet.name}.")
        self._sheet.ws.protection = SheetProtection()

    def ShowAllData(self) -> None:
        """Show every row again; ExcelError where no filter hides one."""
        if not self.FilterMode:
            raise ExcelError(f"ShowAllData: nothing is filtered on {self._sheet.name}.")
        for one in filters_of(self._sheet.ws):
            self._sheet.range_of(parse_area(one.ref)).autofilter.clear()

    def __getattr__(self, name: str) -> Any:
        raise NotSupported(f"Sheet.api.{name} is not there with {DOUBLE}.")


@missing_calls_say_so(DOUBLE)
class Sheet(base_classes.Sheet):
    """One worksheet."""

    def __init__(self, book: Any, grid: Grid) -> None:
        self._book = book
        self.grid = grid

    @property
    def ws(self) -> Worksheet:
        return self.grid.ws

    @property
    def api(self) -> SheetApi:
        return SheetApi(self)

    @property
    def book(self) -> Any:
        return self._book

    @property
    def name(self) -> str:
        return self.ws.title

    @name.setter
    def name(self, name: str) -> None:
        others = [ws.title for ws in self.book.wb.worksheets if ws is not self.ws]
        refuse_sheet_name(name, others)
        self.book.refuse_locked_structure()
        self._follow(name)
        self.ws.title = name

    def _follow(self, new: str | None) -> None:
        """Let formulas, rules and names follow this sheet's new name, or its end."""
        change = renamed(self.name, new)
        for ws in self.book.wb.worksheets:
            follow(ws, change)
            for _, rule in placed(ws):
                rule.formula = [rewritten("=" + one, change)[1:] for one in rule.formula]
        for held_in in (self.book.wb.defined_names, *(ws.defined_names for ws in self.book.wb.worksheets)):
            for name in held_in.values():
                name.attr_text = rewritten("=" + name.attr_text, change)[1:]

    @property
    def index(self) -> int:
        return self.book.wb.worksheets.index(self.ws) + 1

    @property
    def visible(self) -> int:
        """-1 visible, 0 hidden, 2 hidden so that users cannot show it: the numbers that Excel gives, so compare with 0 or -1."""
        return STATES[self.ws.sheet_state]

    @visible.setter
    def visible(self, value: int) -> None:
        state = "visible" if value is True else next(name for name, number in STATES.items() if number == int(value))
        if state != "visible":
            self._refuse_last_visible("hidden")
        self.ws.sheet_state = state

    def _refuse_last_visible(self, what: str) -> None:
        if not any(ws.sheet_state == "visible" for ws in self.book.wb.worksheets if ws is not self.ws):
            raise ExcelError(f"A workbook shows at least one sheet: {self.name} cannot be {what}.")

    def activate(self) -> None:
        """Show the sheet; ExcelError where it is hidden."""
        if self.ws.sheet_state != "visible":
            raise ExcelError(f"{self.name} is hidden: it cannot be activated.")
        self.book.wb.active = self.ws
        for ws in self.book.wb.worksheets:
            ws.sheet_view.tabSelected = ws is self.ws

    select = activate

    def delete(self) -> None:
        """Delete the sheet; what refers to it becomes #REF!. ExcelError for the last visible one."""
        self._refuse_last_visible("deleted")
        self.book.refuse_locked_structure()
        was_active = self.book.wb.active is self.ws
        self._follow(None)
        self.book.wb.remove(self.ws)
        if was_active:
            next(sheet for sheet in self.book.sheets if sheet.ws.sheet_state == "visible").activate()

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        return Range.of(self, arg1, arg2)

    def range_of(self, *areas: Area) -> Range:
        """The Range of these areas."""
        return Range(self, areas)

    def areas_of_name(self, name: str) -> tuple[Area, ...] | None:
        """The cells of this sheet that a table (its rows) or a defined name means; None where there is no such name here."""
        if name in self.tables:
            body = self.tables(name).data_body_range
            return body and body.areas
        for held_in in (self.ws.defined_names, self.book.wb.defined_names):
            found = next((one for key, one in held_in.items() if key.lower() == name.lower()), None)
            if found and (cells := places(found.attr_text)) and all(sheet.lower() == self.name.lower() for sheet, _ in cells):
                return tuple(area for _, area in cells)
        return None

    @property
    def cells(self) -> Range:
        return self.range_of(SHEET)

    @property
    def used_range(self) -> Range:
        return self.range_of(self.grid.used())

    @property
    def tables(self) -> Tables:
        return Tables(self)

    def table_of(self, name: str) -> Table | None:
        return self.tables(name) if name in self.tables else None

    @property
    def names(self) -> Names:
        return Names(self.book, self)

    @property
    def notes(self) -> list[Note]:
        return notes_of(self)

    def autofit(self, axis: str | None = None) -> None:
        self.used_range.autofit(axis)

    def clear(self) -> None:
        self.used_range.clear()

    def clear_contents(self) -> None:
        self.used_range.clear_contents()

    def clear_formats(self) -> None:
        self.used_range.clear_formats()

    @property
    def show_gridlines(self) -> bool:
        return self.ws.sheet_view.showGridLines is not False

    @show_gridlines.setter
    def show_gridlines(self, shown: bool) -> None:
        self.ws.sheet_view.showGridLines = shown

    def row_is_hidden(self, row: int) -> bool:
        """Whether a row is hidden, by a filter or otherwise."""
        return row in self.ws.row_dimensions and bool(self.ws.row_dimensions[row].hidden)

    def hidden_columns(self) -> set[int]:
        """The numbers of hidden columns."""
        hidden = [(one.min or column_number(key), one.max or column_number(key), one.hidden) for key, one in self.ws.column_dimensions.items()]
        return {number for first, last, is_hidden in hidden if is_hidden for number in range(first, last + 1)}

    @property
    def selection(self) -> Range:
        """What is selected on the sheet."""
        chosen = self.ws.sheet_view.selection
        return self.range_of(*parse_areas(str(chosen[-1].sqref).replace(" ", ",")) if chosen else [Area(1, 1, 1, 1)])

    def select_areas(self, areas: tuple[Area, ...]) -> None:
        """Make these the selection; the first cell of the first area is the active one."""
        chosen = self.ws.sheet_view.selection[-1]
        chosen.sqref = address(areas, False, False).replace(",", " ")
        chosen.activeCell = address([areas[0]._replace(bottom=areas[0].top, right=areas[0].left)], False, False)


@missing_calls_say_so(DOUBLE)
class Sheets(base_classes.Sheets):
    """The worksheets of a workbook, by number from 1 or by name."""

    def __init__(self, book: Any) -> None:
        self.book = book

    @property
    def active(self) -> Sheet:
        return self.book.sheet_of(self.book.wb.active)

    def __call__(self, key: int | str) -> Sheet:
        for number, sheet in enumerate(self, 1):
            if key == number or (isinstance(key, str) and sheet.name.lower() == key.lower()):
                return sheet
        raise ExcelError(f"{self.book.name} has no sheet {key!r}.")

    def __len__(self) -> int:
        return len(self.book.wb.worksheets)

    def __iter__(self) -> Iterator[Sheet]:
        return (self.book.sheet_of(ws) for ws in self.book.wb.worksheets)

    def __contains__(self, name: Any) -> bool:
        return isinstance(name, str) and any(sheet.name.lower() == name.lower() for sheet in self)

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """A new sheet, which becomes the active one; without a place it comes before the active sheet, as in Excel."""
        self.book.refuse_locked_structure()
        taken = [sheet.name for sheet in self]
        title = name or next(free for n in range(1, len(taken) + 2) if (free := f"Sheet{n}").lower() not in map(str.lower, taken))
        refuse_sheet_name(title, taken)
        position = after.index if after else (before or self.active).index - 1
        sheet = self.book.sheet_of(self.book.wb.create_sheet(title, position))
        sheet.activate()
        return sheet
