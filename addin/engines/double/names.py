"""Defined names of a workbook and of its sheets."""

from typing import Any

from openpyxl.workbook.defined_name import DefinedName
from xlwings import base_classes

from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.double.guards import refuse_name
from addin.engines.double.references import check_formula, relative_references
from addin.engines.geometry import Area, parse_areas, split_sheet


def places(text: str) -> list[tuple[str, Area]] | None:
    """(sheet, area) of each part of what a name refers to, without "="; None where it is not cells alone."""
    try:
        return [(sheet, area) for sheet, cells in map(split_sheet, text.split(",")) for area in parse_areas(cells)]
    except (ValueError, ExcelError):
        return None


def _checked(refers_to: str) -> str:
    """What openpyxl stores for `refers_to`: formulas without "="; other text becomes a text constant, as in Excel."""
    if not refers_to.startswith("="):
        return '"' + refers_to.replace('"', '""') + '"'
    check_formula(refers_to)
    relative = relative_references(refers_to)
    if relative:
        raise ExcelError(f"In a name, {relative[0]} would count from the active cell: put a $ before its column and row.")
    if any(not sheet for sheet, _ in places(refers_to[1:]) or ()):
        raise ExcelError(f"In a name, say which sheet: {refers_to}")
    return refers_to[1:]


@missing_calls_say_so("the openpyxl double")
class Name(base_classes.Name):
    """A defined name; one of a sheet is called `Sheet1!Name`."""

    def __init__(self, book: Any, held_in: Any, found: DefinedName, sheet: str = "") -> None:
        self.book = book
        self.held_in = held_in
        self.found = found
        self.sheet = sheet

    @property
    def name(self) -> str:
        return f"{self.sheet}!{self.found.name}" if self.sheet else self.found.name

    @name.setter
    def name(self, name: str) -> None:
        refuse_name(name)
        self.book.refuse_taken(name, self.found)
        self.delete()
        self.found.name = name
        self.held_in.add(self.found)

    @property
    def refers_to(self) -> str:
        return "=" + self.found.attr_text

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.found.attr_text = _checked(value)

    @property
    def refers_to_range(self) -> Any:
        found = places(self.found.attr_text)
        if not found or not found[0][0]:
            raise ExcelError(f"{self.name} refers to no cells but to {self.refers_to}")
        sheet = self.book.sheets(found[0][0])
        return sheet.range_of(*(area for _, area in found))

    def delete(self) -> None:
        del self.held_in[self.found.name]


@missing_calls_say_so("the openpyxl double")
class Names(base_classes.Names):
    """Names of a sheet, or of a book with those of all its sheets; in the order of the alphabet."""

    def __init__(self, book: Any, sheet: Any = None) -> None:
        self.book = book
        self.sheet = sheet

    def _all(self) -> list[Name]:
        sheets = [self.sheet.ws] if self.sheet else self.book.wb.worksheets
        found = [Name(self.book, ws.defined_names, one, ws.title) for ws in sheets for one in ws.defined_names.values()]
        if not self.sheet:
            found += [Name(self.book, self.book.wb.defined_names, one) for one in self.book.wb.defined_names.values()]
        return sorted(found, key=lambda one: one.found.name.lower())

    def _find(self, key: str) -> Name | None:
        matching = [one for one in self._all() if key.lower() in (one.name.lower(), one.found.name.lower())]
        return min(matching, key=lambda one: bool(one.sheet), default=None)

    def __call__(self, key: int | str) -> Name:
        if isinstance(key, int):
            return self._all()[key - 1]
        found = self._find(key)
        if found is None:
            raise ExcelError(f"There is no name {key!r}.")
        return found

    def contains(self, key: int | str) -> bool:
        return self._find(key) is not None if isinstance(key, str) else 1 <= key <= len(self)

    def __len__(self) -> int:
        return len(self._all())

    def add(self, name: str, refers_to: str) -> Name:
        """A new name, or another meaning for one that is there. ExcelError for names and formulas that Excel refuses."""
        refuse_name(name)
        self.book.refuse_taken(name, but_names=True)
        text = _checked(refers_to)
        held_in = self.sheet.ws.defined_names if self.sheet else self.book.wb.defined_names
        key = next((known for known in held_in if known.lower() == name.lower()), name)
        if key in held_in:
            held_in[key].attr_text = text
        else:
            held_in.add(DefinedName(name, attr_text=text))
        return Name(self.book, held_in, held_in[key], self.sheet.name if self.sheet else "")
