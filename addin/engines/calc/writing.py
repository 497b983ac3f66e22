"""What every write does around itself: refuse a protected sheet as Excel does, and keep Ctrl+Z from taking back half of it.

Calc records some writes of programs for Undo and forgets others: values written in bulk over empty cells stay when they are undone. So
nothing the add-in writes is recorded, and afterwards the document's undo list is emptied, as Excel does after a macro. Taking back is the add-in's
own business (Clear marks, Undo last import). Between `screen_updating = False` and `True` all writes are one such stretch, during which Calc also
stops drawing.
"""

from typing import Any

from addin.engines.calc.loading import failure
from addin.engines.cells import READ_ONLY, ExcelError


class Quiet:
    """The documents of an app that neither draw nor record for Undo just now."""

    def __init__(self) -> None:
        self._documents: dict[str, Any] = {}
        self._written: set[str] = set()
        self.noted: dict[tuple[str, int], set[tuple[int, int]]] = {}
        self.on = False

    def start(self, books: Any) -> None:
        """Stop drawing and recording in these books, until `end`."""
        self.on = True
        for book in books:
            book.doc.lockControllers()
            book.doc.UndoManager.lock()
            self._documents[book.uid] = book.doc

    def end(self) -> None:
        """Draw and record again; books that were written lose their undo list. A book closed meanwhile is none of our business."""
        documents, self._documents, self.on = self._documents, {}, False
        self.noted.clear()
        for uid, document in documents.items():
            try:
                document.UndoManager.unlock()
                if uid in self._written:
                    document.UndoManager.clear()
                document.unlockControllers()
            except (failure("uno.Exception"), AttributeError):
                continue
        self._written.clear()

    def holds(self, book: Any) -> bool:
        """Whether this book is quiet; if so it counts as written from now on."""
        if book.uid not in self._documents:
            return False
        if book.uid not in self._written:
            must_be_writable(book)
            self._written.add(book.uid)
        return True


def must_be_writable(book: Any) -> None:
    """ExcelError where the book is open for reading only: Calc would take formats, and no values."""
    if book.doc.isReadonly():
        raise ExcelError(READ_ONLY.format(book.name))


class writing:
    """One write to a book: nothing of it can be undone by Calc, and older steps neither, for they would meet other cells.

    What Calc refuses comes out as ExcelError. (A class, for UNO's exceptions do not survive the generators of contextlib.)
    """

    def __init__(self, book: Any) -> None:
        self._book = book
        self._manager: Any = None

    def __enter__(self) -> None:
        self._check()
        if not self._book.app.quiet.holds(self._book):
            must_be_writable(self._book)
            self._manager = self._book.doc.UndoManager
            self._manager.lock()

    def _check(self) -> None:
        """Whether this may be written at all; a book may."""

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if self._manager is not None:
            self._manager.unlock()
            self._manager.clear()
        if error is not None and isinstance(error, failure("uno.Exception")):
            raise ExcelError(f"LibreOffice Calc refused that: {getattr(error, 'Message', '') or type(error).__name__}") from None


class writing_to(writing):
    """One write to a range. ExcelError where the sheet is protected, unless only contents are written and all cells are unlocked."""

    def __init__(self, cells: Any, only_contents: bool = False) -> None:
        super().__init__(cells.sheet.book)
        self._cells, self._only_contents = cells, only_contents

    def _check(self) -> None:
        cells = self._cells
        if cells.sheet.sh.isProtected() and not (self._only_contents and cells.locked is False):
            raise ExcelError(f"The sheet {cells.sheet.name} is protected: {cells.address} cannot be changed.")
