"""Defined names of a book or of one sheet, with formulas in Excel's spelling."""

import re
from typing import Any

from xlwings import base_classes

from addin.engines.calc.grammar import names_its_sheets, to_calc, to_excel
from addin.engines.calc.loading import failure
from addin.engines.calc.values import area_of, cell_address
from addin.engines.calc.writing import writing
from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.geometry import Area, parse_area, quoted

ALLOWED = re.compile(r"^[^\W\d][\w.]*$|^_[\w.]*$")
NAME_LIMIT = 255


@missing_calls_say_so("LibreOffice Calc")
class Names(base_classes.Names):
    """The names of a book (with those of its sheets), or of one sheet."""

    def __init__(self, book: Any, sheet: Any = None) -> None:
        self._book, self._sheet = book, sheet

    @property
    def api(self) -> Any:
        """UNO's collection for names made here."""
        return _home(self._book, self._sheet)

    def all(self) -> list["Name"]:
        """Every name, ordered as Excel does."""
        return sorted([*self._shared(), *self._own()], key=lambda name: name.bare.lower())

    def _shared(self) -> list["Name"]:
        return [Name(self._book, None, each) for each in self._book.named.ElementNames] if self._sheet is None else []

    def _own(self) -> list["Name"]:
        sheets = self._book.sheets if self._sheet is None else [self._sheet]
        return [Name(self._book, sheet, each) for sheet in sheets for each in sheet.sh.NamedRanges.ElementNames]

    def _find(self, wanted: str) -> "Name | None":
        found = next((name for name in self._shared() if wanted.lower() == name.bare.lower()), None)
        return found or next((name for name in self._own() if wanted.lower() in (name.name.lower(), _plain(name.name).lower())), None)

    def __call__(self, key: int | str) -> "Name":
        if isinstance(key, int):
            return self.all()[key - 1]
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def contains(self, key: int | str) -> bool:
        return 1 <= key <= len(self) if isinstance(key, int) else self._find(key) is not None

    def __len__(self) -> int:
        return len(self.all())

    def snapshot(self) -> list[tuple[str, "Name"]]:
        """(name, handle) of each."""
        return [(name.name, name) for name in self.all()]

    def add(self, name: str, refers_to: str) -> "Name":
        """Define a name, or define it anew, as Excel does. `Sheet1!total` is a name of that sheet."""
        sheet_name, _, bare = name.rpartition("!")
        sheet = self._book.sheets(sheet_name.strip("'").replace("''", "'")) if sheet_name else self._sheet
        _check(bare)
        here = _home(self._book, sheet)
        content = to_calc(refers_to.removeprefix("="))
        spelled = next((each for each in here.ElementNames if each.lower() == bare.lower()), None)
        with writing(self._book):
            if spelled is not None:
                here.getByName(spelled).setContent(content)
            else:
                here.addNewByName(bare, content, cell_address(self._standing(sheet, refers_to), 1, 1), 0)
        return Name(self._book, sheet, spelled or bare)

    def _standing(self, sheet: Any, refers_to: str) -> int:
        """The sheet, from 0, that references without a sheet mean: that of the name, or the active one, which is asked where it matters."""
        return 0 if sheet is None and names_its_sheets(refers_to) else (sheet or self._book.sheets.active).index - 1


def _home(book: Any, sheet: Any) -> Any:
    """UNO's collection of the names of a book, or of one sheet."""
    return book.named if sheet is None else sheet.sh.NamedRanges


def _plain(name: str) -> str:
    """A name of a sheet without the quotes around the sheet."""
    sheet, mark, rest = name.rpartition("!")
    return f"{sheet.strip(chr(39)).replace(chr(39) * 2, chr(39))}{mark}{rest}"


def _check(name: str) -> None:
    try:
        parse_area(name)
    except ValueError:
        if ALLOWED.match(name) and len(name) <= NAME_LIMIT and name.lower() not in ("r", "c"):
            return
    raise ExcelError(f"{name!r} cannot be a name: names start with a letter, hold letters, digits, dots and underscores, and are no address.")


@missing_calls_say_so("LibreOffice Calc")
class Name(base_classes.Name):
    """One defined name; `sheet` is None where it is the book's."""

    def __init__(self, book: Any, sheet: Any, name: str) -> None:
        self._book, self._sheet, self.bare = book, sheet, name

    @property
    def api(self) -> Any:
        return _home(self._book, self._sheet).getByName(self.bare)

    @property
    def name(self) -> str:
        """The name; that of a sheet with the sheet before it."""
        return self.bare if self._sheet is None else f"{quoted(self._sheet.name)}!{self.bare}"

    @name.setter
    def name(self, value: str) -> None:
        _check(value)
        with writing(self._book):
            self.api.setName(value)
        self.bare = value

    @property
    def refers_to(self) -> str:
        return "=" + to_excel(self.api.getContent())

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        with writing(self._book):
            self.api.setContent(to_calc(value.removeprefix("=")))

    @property
    def refers_to_range(self) -> Any:
        """The cells it means; ExcelError where it is a formula or a constant."""
        found = self._cells()
        if found is None:
            raise ExcelError(f"The name {self.name} does not mean cells: {self.refers_to}")
        return self._book.sheets(found.Sheet + 1).cells_at(area_of(found))

    def _cells(self) -> Any:
        if "#REF!" in self.api.Content:  # of cells that were deleted Calc still tells where they were
            return None
        try:
            cells = self.api.getReferredCells()
        except failure("uno.RuntimeException"):
            return None
        return None if cells is None else cells.RangeAddress

    def area_on(self, sheet: Any) -> Area | None:
        """The cells it means on this sheet, None where it means others or none."""
        found = self._cells()
        return area_of(found) if found is not None and found.Sheet == sheet.index - 1 else None

    def delete(self) -> None:
        with writing(self._book):
            _home(self._book, self._sheet).removeByName(self.bare)
