"""The few members of Excel's own object model that the add-in asks for beside xlwings: `range.api.Locked` and so on."""

from types import SimpleNamespace
from typing import Any

from addin.engines.calc.filters import filter_mode, has_autofilter, plain_filter, plain_filter_area
from addin.engines.calc.values import read_serials
from addin.engines.cells import ExcelError, NotSupported


class _Api:
    """Names what is missing instead of an AttributeError."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NotSupported(f"{type(self).__name__[:-3]}.api.{name} is not there with LibreOffice Calc.")


class RangeApi(_Api):
    """`range.api`; `cells` is UNO's own object."""

    def __init__(self, cells: Any) -> None:
        self._range = cells

    @property
    def cells(self) -> Any:
        return self._range.xl

    @property
    def Locked(self) -> bool | None:
        """Whether protection holds for the cells; None where only for some."""
        return self._range.locked

    @Locked.setter
    def Locked(self, value: bool) -> None:
        self._range.locked = value

    @property
    def Value2(self) -> Any:
        """The values with dates as serial numbers."""
        return read_serials(self._range)

    def AutoFilter(self) -> None:
        """Put the arrows of a filter on the first row of these cells."""
        plain_filter(self._range.sheet, self._range.areas[0])


class SheetApi(_Api):
    """`sheet.api`; `sh` is UNO's own object."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    @property
    def sh(self) -> Any:
        return self._sheet.sh

    @property
    def ProtectContents(self) -> bool:
        """Whether the sheet is protected."""
        return bool(self._sheet.sh.isProtected())

    @property
    def FilterMode(self) -> bool:
        """Whether a filter hides rows right now."""
        return filter_mode(self._sheet)

    @property
    def AutoFilterMode(self) -> bool:
        """Whether the sheet shows the arrows of a filter."""
        return has_autofilter(self._sheet)

    @AutoFilterMode.setter
    def AutoFilterMode(self, shown: bool) -> None:
        if shown:
            raise ExcelError("AutoFilterMode can only be switched off.")
        plain_filter(self._sheet, None)

    @property
    def AutoFilter(self) -> Any:
        """The filter that belongs to no table, of which the add-in asks where it is: `AutoFilter.Range.Address`."""
        area = plain_filter_area(self._sheet)
        return None if area is None else SimpleNamespace(Range=SimpleNamespace(Address=self._sheet.cells_at(area).address))

    def Protect(self, Password: str = "") -> None:
        """Protect the sheet."""
        self._sheet.sh.protect(Password)

    def Unprotect(self, Password: str = "") -> None:
        """Take the protection away."""
        self._sheet.sh.unprotect(Password)


class BookApi(_Api):
    """`book.api`; `doc` is UNO's own object."""

    def __init__(self, book: Any) -> None:
        self._book = book

    @property
    def doc(self) -> Any:
        return self._book.doc

    @property
    def Date1904(self) -> bool:
        """Whether days count from 1904."""
        return bool(self._book.date1904)

    @property
    def ProtectStructure(self) -> bool:
        """Whether sheets can neither be added nor taken away."""
        return bool(self._book.doc.isProtected())

    @property
    def ReadOnly(self) -> bool:
        """Whether the book was opened for reading only."""
        return bool(self._book.doc.isReadonly())
