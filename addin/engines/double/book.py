"""Workbooks of the double: files opened, changed and saved by openpyxl."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from xlwings import base_classes

from addin.engines.cells import ExcelError, NotSupported, missing_calls_say_so
from addin.engines.double.grid import Grid
from addin.engines.double.names import Names
from addin.engines.double.range import DOUBLE, Range
from addin.engines.double.sheet import Sheet, Sheets
from addin.engines.double.tables import XlsxTable

FORMATS = (".xlsx", ".xlsm", ".xltx", ".xltm")


class BookApi:
    """The part of Excel's own Workbook object that the add-in uses."""

    def __init__(self, book: "Book") -> None:
        self._book = book

    @property
    def Date1904(self) -> bool:
        """Whether days count from 1904 in this workbook."""
        return self._book.wb.epoch == CALENDAR_MAC_1904

    @property
    def ProtectStructure(self) -> bool:
        """Whether sheets can neither be added nor taken away."""
        return bool(self._book.wb.security and self._book.wb.security.lockStructure)

    def __getattr__(self, name: str) -> Any:
        raise NotSupported(f"Book.api.{name} is not there with {DOUBLE}.")


@missing_calls_say_so(DOUBLE)
class Book(base_classes.Book):
    """One workbook. `path` is its file, None before it was saved."""

    def __init__(self, app: Any, wb: openpyxl.Workbook, title: str, path: Path | None = None) -> None:
        self._app = app
        self.wb = wb
        self.title = title
        self.path = path
        self._grids: dict[int, Grid] = {}

    @classmethod
    def opened(cls, app: Any, path: Path) -> "Book":
        """The workbook of a file; results of formulas are those saved in it. ExcelError where it is none that openpyxl reads."""
        if path.suffix.lower() not in FORMATS:
            raise ExcelError(f"The double opens {', '.join(FORMATS)} only, not {path.name}.")
        book = cls(app, openpyxl.load_workbook(path, keep_vba=path.suffix.lower() in (".xlsm", ".xltm")), path.name, path)
        if any(cell.data_type == "f" for ws in book.wb.worksheets for cell in ws._cells.values()):
            results = Book(app, openpyxl.load_workbook(path, data_only=True), path.name)
            for sheet, saved in zip(book.sheets, results.sheets, strict=True):
                sheet.grid.results = _results(sheet.grid, saved.grid)
        return book

    @property
    def api(self) -> BookApi:
        return BookApi(self)

    @property
    def app(self) -> Any:
        return self._app

    @property
    def name(self) -> str:
        return self.path.name if self.path else self.title

    @property
    def fullname(self) -> str:
        return str(self.path) if self.path else self.title

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self)

    def sheet_of(self, ws: Worksheet) -> Sheet:
        """The sheet of one of openpyxl's."""
        if id(ws) not in self._grids:
            self._grids[id(ws)] = Grid(ws, {})
        return Sheet(self, self._grids[id(ws)])

    def range_of_name(self, name: str) -> Range | None:
        """The cells that a defined name or a table means, on whichever sheet they are."""
        for sheet in self.sheets:
            areas = sheet.areas_of_name(name)
            if areas is not None:
                return sheet.range_of(*areas)
        return None

    def tables(self) -> Iterator[XlsxTable]:
        """openpyxl's tables of all sheets."""
        return (table for ws in self.wb.worksheets for table in ws.tables.values())

    def next_table_id(self) -> int:
        return max((table.id for table in self.tables()), default=0) + 1

    def free_table_name(self) -> str:
        taken = {table.displayName.lower() for table in self.tables()}
        return next(name for number in range(1, len(taken) + 2) if (name := f"Table{number}").lower() not in taken)

    def refuse_taken(self, name: str, but: Any = None, but_names: bool = False) -> None:
        """ExcelError where a table or a defined name of the workbook, other than `but`, is called so."""
        names = [] if but_names else [one for one in self.wb.defined_names.values() if one is not but]
        taken = [one.name for one in names] + [table.displayName for table in self.tables() if table is not but]
        if name.lower() in map(str.lower, taken):
            raise ExcelError(f"{name} is the name of something else in this workbook.")

    def refuse_locked_structure(self) -> None:
        """ExcelError where sheets of this workbook may not come, go or be renamed."""
        if self.wb.security is not None and self.wb.security.lockStructure:
            raise ExcelError(f"The structure of {self.name} is protected: its sheets stay as they are.")

    def activate(self) -> None:
        self.app.books.make_active(self)

    def close(self) -> None:
        self.app.books.remove(self)

    def save(self, path: Any = None, password: str | None = None) -> None:
        """Save as .xlsx or .xlsm; without a path where it lies already, or under its title in the working folder."""
        if password is not None:
            raise NotSupported(f"Book.save(password=) is not there with {DOUBLE}.")
        target = Path(path).resolve() if path else self.path or Path(f"{self.title}.xlsx").resolve()
        if target.suffix.lower() not in FORMATS:
            raise ExcelError(f"The double saves {', '.join(FORMATS)} only, not {target.name}.")
        if not target.parent.is_dir():
            raise ExcelError(f"There is no folder {target.parent}.")
        self.wb.save(target)
        self.path = target


def _results(grid: Grid, saved: Grid) -> dict[tuple[int, int], Any]:
    """What formulas came to when the file was saved; those that were never calculated are left out."""
    formulas = [key for key, cell in grid.cells.items() if cell.data_type == "f"]
    return {key: saved.value(*key) for key in formulas if saved.filled(*key)}
