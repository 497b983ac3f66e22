"""What every write does around itself: refuse a protected sheet as Excel does, and keep Ctrl+Z from taking back half of it.

Calc records some writes of programs for Undo and forgets others: values written in bulk over empty cells stay when they are undone. So
nothing the add-in writes is recorded, and afterwards the document's undo list is emptied, as Excel does after a macro. Taking back is the add-in's
own business (Clear marks, Undo last import). Between `screen_updating = False` and `True` all writes are one such stretch, during which Calc also
stops drawing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from addin.engines.calc.loading import failure
from addin.engines.cells import ExcelError


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
            except (failure("lang.DisposedException"), failure("uno.RuntimeException")):
                continue
        self._written.clear()

    def holds(self, uid: str) -> bool:
        """Whether this document is quiet; if so it counts as written from now on."""
        if uid in self._documents:
            self._written.add(uid)
        return uid in self._documents


@contextmanager
def writing(book: Any) -> Iterator[None]:
    """One write to a book: nothing of it can be undone by Calc, and older steps neither, for they would meet other cells."""
    if book.app.quiet.holds(book.uid):
        yield
        return
    manager = book.doc.UndoManager
    manager.lock()
    try:
        yield
    finally:
        manager.unlock()
        manager.clear()


@contextmanager
def writing_to(cells: Any, only_contents: bool = False) -> Iterator[None]:
    """One write to a range. ExcelError where the sheet is protected, unless only contents are written and all cells are unlocked."""
    sheet = cells.sheet
    if sheet.sh.isProtected() and not (only_contents and cells.locked is False):
        raise ExcelError(f"The sheet {sheet.name} is protected: {cells.address} cannot be changed.")
    with writing(sheet.book):
        yield
