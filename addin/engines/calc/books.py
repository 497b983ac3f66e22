"""Open workbooks, which Calc calls documents."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from xlwings import base_classes

from addin.engines.calc.api import BookApi
from addin.engines.calc.loading import failure, properties, uno
from addin.engines.calc.names import Names
from addin.engines.calc.numberformats import NumberFormats
from addin.engines.calc.sheets import Sheets
from addin.engines.calc.values import area_of
from addin.engines.cells import ExcelError, missing_calls_say_so

SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
NEVER_RUN_MACROS = NO_UPDATE_OF_LINKS = 0
FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".csv": "Text - txt - csv (StarCalc)",
}


class Books(base_classes.Books):
    """The spreadsheets open in one Calc, by number from 1 or by name."""

    def __init__(self, app: Any) -> None:
        self.app = app

    @property
    def api(self) -> Any:
        return self.app.desktop.Components

    def _documents(self) -> Iterator[Any]:
        every = self.api.createEnumeration()
        while every.hasMoreElements():
            found = every.nextElement()
            if found.supportsService(SPREADSHEET):
                yield found

    @property
    def active(self) -> "Book | None":
        """The book whose window was used last."""
        current = self.app.desktop.getCurrentComponent()
        if current is not None and current.supportsService(SPREADSHEET):
            return Book(self.app, current)
        return next(iter(self), None)

    def __call__(self, key: int | str) -> "Book":
        books = list(self)
        if isinstance(key, int):
            if not 1 <= key <= len(books):
                raise IndexError(f"There are {len(books)} workbooks open; there is no workbook {key}.")
            return books[key - 1]
        found = next((book for book in books if key.lower() in (book.name.lower(), book.fullname.lower())), None)
        if found is None:
            raise KeyError(key)
        return found

    def __len__(self) -> int:
        return sum(1 for _ in self._documents())

    def __iter__(self) -> Iterator["Book"]:
        return (Book(self.app, document) for document in self._documents())

    def __contains__(self, key: int | str) -> bool:
        try:
            return self(key) is not None
        except (KeyError, IndexError):
            return False

    def add(self) -> "Book":
        """A new, empty workbook."""
        return Book(self.app, self.app.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ()))

    def open(self, fullname: str, update_links: Any = None, read_only: bool | None = None, format: Any = None, password: str | None = None, *_unused: Any) -> "Book":
        """Open a file. Its macros never run and its links are not followed: it may be anyone's."""
        options: dict[str, Any] = {"MacroExecutionMode": NEVER_RUN_MACROS, "UpdateDocMode": NO_UPDATE_OF_LINKS, "ReadOnly": bool(read_only)}
        if password:
            options["Password"] = password
        url = uno().systemPathToFileUrl(str(Path(fullname).resolve()))
        document = self.app.desktop.loadComponentFromURL(url, "_blank", 0, properties(**options))
        if document is None or not document.supportsService(SPREADSHEET):
            raise ExcelError(f"LibreOffice Calc cannot open {fullname}.")
        return Book(self.app, document)


@missing_calls_say_so("LibreOffice Calc")
class Book(base_classes.Book):
    """One workbook; `doc` is UNO's own object."""

    def __init__(self, app: Any, doc: Any) -> None:
        self._app, self.doc = app, doc

    @property
    def api(self) -> BookApi:
        return BookApi(self)

    @property
    def app(self) -> Any:
        return self._app

    @cached_property
    def uid(self) -> str:
        """What tells this document from others of the same Calc."""
        return self.doc.RuntimeUID

    @property
    def formats(self) -> NumberFormats:
        """Its number formats, looked up once in its life."""
        known = self._app.formats
        if self.uid not in known:
            known[self.uid] = NumberFormats(self.doc)
        return known[self.uid]

    @property
    def fullname(self) -> str:
        """Path and name; the title where it was never saved."""
        url = self.doc.getURL()
        if not url:
            return self.doc.Title
        return uno().fileUrlToSystemPath(url) if url.startswith("file:") else url

    @property
    def name(self) -> str:
        url = self.doc.getURL()
        return Path(self.fullname).name if url.startswith("file:") else url.rpartition("/")[2] or self.doc.Title

    @cached_property
    def date1904(self) -> bool:
        """Whether days count from 1904."""
        return bool(self.doc.NullDate.Year == 1904)

    @cached_property
    def named(self) -> Any:
        """UNO's collection of the names of the workbook."""
        return self.doc.NamedRanges

    @cached_property
    def sheet_list(self) -> Any:
        """UNO's collection of the sheets."""
        return self.doc.Sheets

    @cached_property
    def entries(self) -> Any:
        """Entries of a conditional format to be filled and given to cells: UNO hands out copies, and to make one takes it longer than to fill it."""
        return self.sheet_list.getByIndex(0).getCellByPosition(0, 0).ConditionalFormat

    @cached_property
    def styles(self) -> Any:
        """UNO's collection of the cell styles."""
        return self.doc.StyleFamilies.getByName("CellStyles")

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self)

    def range_of_name(self, name: str) -> Any:
        """The cells of a table or a name of any sheet; None where there is none."""
        for sheet in self.sheets:
            areas = sheet.areas_of_name(name)
            if areas is not None:
                return sheet.range(*[(area.top, area.left, *area.shape) for area in areas][:1])
        return None

    def activate(self) -> None:
        """Bring its window to the front."""
        frame = self.doc.getCurrentController().getFrame()
        frame.activate()
        frame.getContainerWindow().toFront()

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save in place, or under another name, which the book then has. The ending of the name says the format."""
        if path is None and self.doc.hasLocation():
            self._store(self.doc.store, self.fullname)
            return
        target = Path(path or f"{self.name}.xlsx").resolve()
        kind = FILTERS.get(target.suffix.lower())
        if kind is None:
            raise ExcelError(f"A workbook cannot be saved as {target.suffix or 'a file without an ending'}: {target.name}. Use .xlsx or .ods.")
        options = {"FilterName": kind} | ({"Password": password} if password else {})
        self._store(lambda: self.doc.storeAsURL(uno().systemPathToFileUrl(str(target)), properties(**options)), str(target))

    def _store(self, store: Any, where: str) -> None:
        try:
            store()
        except failure("io.IOException") as error:
            raise ExcelError(f"The workbook could not be saved as {where}. Is it open elsewhere, or read-only?") from error

    def to_pdf(self, path: str, quality: Any = None) -> None:
        """Print all sheets into a PDF file."""
        self.doc.storeToURL(uno().systemPathToFileUrl(str(Path(path).resolve())), properties(FilterName="calc_pdf_Export"))

    def close(self) -> None:
        """Close without saving."""
        self._app.formats.pop(self.uid, None)
        self.doc.setModified(False)
        self.doc.close(True)

    def range_from(self, found: Any) -> Any:
        """A CellRangeAddress of UNO, or several of one sheet, as a range."""
        addresses = found if isinstance(found, tuple) else (found,)
        sheet = self.sheets(addresses[0].Sheet + 1)
        return type(sheet.cells)(sheet, [area_of(each) for each in addresses])
