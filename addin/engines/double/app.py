"""The application of the double: its workbooks, its settings, and dialogs that are answered by a script."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
from xlwings import base_classes

from addin.engines import script
from addin.engines.cells import Conversion, ExcelError, NotSupported, missing_calls_say_so
from addin.engines.double.book import Book
from addin.engines.double.range import DOUBLE, Range

MODES = (None, "info", "critical")
CALCULATIONS = ("automatic", "manual", "semiautomatic")
LONGEST_PROMPT, ERROR_VALUE = 255, -2146826273


class AppApi:
    """The part of Excel's own Application object that the add-in uses."""

    def __init__(self, app: "App") -> None:
        self._app = app

    @property
    def ActiveWindow(self) -> "Window":
        """The window of the active sheet."""
        return Window(self._app.books.active.sheets.active)

    def InputBox(self, Prompt: str, Title: str, Default: str, Type: int) -> str | bool | int:
        """A line, False where it is cancelled. A prompt of more than 255 characters is not shown: Excel returns Error 2015 at once."""
        if len(Prompt) > LONGEST_PROMPT:
            return ERROR_VALUE
        said = script.line(self._app.answers, self._app.log, Prompt, Title)
        return False if said is None else said

    def __getattr__(self, name: str) -> Any:
        raise NotSupported(f"App.api.{name} is not there with {DOUBLE}.")


class Window:
    """Freezing panes as Excel's own Window does: set SplitRow and SplitColumn, then FreezePanes. xlwings itself cannot, on Windows and macOS."""

    def __init__(self, sheet: Any) -> None:
        self.__dict__["_ws"] = sheet.ws

    def _split(self) -> tuple[int, int]:
        if "_pending" in self._ws.__dict__:
            return self._ws._pending
        pane = self._ws.sheet_view.pane
        return (int(pane.ySplit or 0), int(pane.xSplit or 0)) if pane else (0, 0)

    def __getattr__(self, name: str) -> Any:
        if name in ("SplitRow", "SplitColumn"):
            return self._split()[name == "SplitColumn"]
        if name == "FreezePanes":
            return self._ws.freeze_panes is not None
        raise NotSupported(f"Window.{name} is not there with {DOUBLE}.")

    def __setattr__(self, name: str, value: Any) -> None:
        row, column = self._split()
        if name in ("SplitRow", "SplitColumn"):
            self._ws._pending = (value, column) if name == "SplitRow" else (row, value)
        elif name == "FreezePanes":
            self._ws.freeze_panes = self._ws.cell(row + 1, column + 1) if value and (row or column) else None
        else:
            raise NotSupported(f"Window.{name} is not there with {DOUBLE}.")


@missing_calls_say_so(DOUBLE)
class App(base_classes.App):
    """One application.

    `answers` is the script: what `alert` and `form` give back, first to last: "yes" and the like, a dict of what is filled into a form (the
    rest stays as offered), None for a form that is cancelled. An alert with OK alone needs none. `log` is what was shown.
    """

    _numbers = count(1)
    version = "16.0"
    visible = True
    screen_updating = True
    display_alerts = True
    enable_events = True
    interactive = True
    status_bar: str | bool = False
    options: Mapping[str, Any] = {}

    def __init__(self, apps: "Apps") -> None:
        self.apps = apps
        self._pid = next(self._numbers)
        self._books = Books(self)
        self._calculation = "automatic"
        self.answers: list[Any] = []
        self.log: list[script.Said] = []

    @property
    def engine(self) -> "Engine":
        return self.apps.engine

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def api(self) -> AppApi:
        return AppApi(self)

    @property
    def books(self) -> "Books":
        return self._books

    @property
    def selection(self) -> Range | None:
        return self.books.active.sheets.active.selection if len(self.books) else None

    @property
    def calculation(self) -> str:
        return self._calculation

    @calculation.setter
    def calculation(self, value: str) -> None:
        if value not in CALCULATIONS:
            raise ExcelError(f"Calculation is one of {', '.join(CALCULATIONS)}, not {value!r}.")
        if not len(self.books):
            raise ExcelError("Excel sets the calculation while a workbook is open only.")
        self._calculation = value

    def activate(self, steal_focus: bool = False) -> None:
        """Nothing to bring to the front: the double has no window."""

    def calculate(self) -> None:
        """Nothing: the double has the results that were saved, and no others."""

    def alert(self, prompt: str, title: str | None, buttons: str | None, mode: str | None, callback: str | None = None) -> str:
        """The next answer of the script. Unanswered where there is none, or the dialog has no such button."""
        if buttons not in (None, *script.BUTTONS) or mode not in MODES:
            raise ExcelError(f"An alert has the buttons {', '.join(script.BUTTONS)}, and the mode info or critical, not {buttons!r} and {mode!r}.")
        return script.alert(self.answers, self.log, prompt, title or "", buttons or "ok", mode)

    def form(self, title: str, text: str, fields: Sequence[script.Field]) -> dict[str, str] | None:
        """The values of all fields, (name, label, value, choices) each, after the next answer of the script; None where that cancels."""
        return script.form(self.answers, self.log, title, text, fields)

    def quit(self) -> None:
        self.apps.remove(self)

    kill = quit


@missing_calls_say_so(DOUBLE)
class Books(base_classes.Books):
    """The open workbooks, by number from 1 or by name."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._open: list[Book] = []
        self._latest: list[Book] = []
        self._made = count(1)

    @property
    def active(self) -> Book:
        if not self._latest:
            raise ExcelError("No workbook is open.")
        return self._latest[-1]

    def __call__(self, key: int | str) -> Book:
        for number, book in enumerate(self._open, 1):
            if key == number or (isinstance(key, str) and book.name.lower() == key.lower()):
                return book
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Book]:
        return iter(list(self._open))

    def make_active(self, book: Book) -> None:
        """Let this be the active workbook."""
        self._latest = [one for one in self._latest if one is not book] + [book]

    def remove(self, book: Book) -> None:
        """Close a workbook; the one that was active before becomes active."""
        self._open.remove(book)
        self._latest.remove(book)

    def _opened(self, book: Book) -> Book:
        self._open.append(book)
        self.make_active(book)
        return book

    def add(self) -> Book:
        wb = openpyxl.Workbook()
        wb.worksheets[0].title = "Sheet1"
        return self._opened(Book(self.app, wb, f"Book{next(self._made)}"))

    def open(self, fullname: str, *arguments: Any, **named: Any) -> Book:
        """Open a file; its results of formulas are those that were saved. NotSupported with any further argument."""
        given = [one for one in (*arguments, *named.values()) if one is not None]
        if given:
            raise NotSupported(f"Books.open takes the file alone with {DOUBLE}, not {given}.")
        return self._opened(Book.opened(self.app, Path(fullname).resolve()))


@missing_calls_say_so(DOUBLE)
class Apps(base_classes.Apps):
    """The applications, the active one first."""

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self._apps: list[App] = []

    def add(self, spec: Any = None, add_book: bool | None = None, xl: Any = None, visible: bool | None = None) -> App:
        app = App(self)
        self._apps.insert(0, app)
        if add_book is not False:
            app.books.add()
        return app

    def remove(self, app: App) -> None:
        self._apps.remove(app)

    def keys(self) -> list[int]:
        return [app.pid for app in self._apps]

    def __iter__(self) -> Iterator[App]:
        return iter(list(self._apps))

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> App:
        return next(app for app in self._apps if app.pid == pid)

    @staticmethod
    def cleanup() -> None:
        """Nothing to clean up: the double starts no process."""


class Engine(Conversion):
    """xlwings' engine "double"."""

    name = "double"

    def __init__(self) -> None:
        self.apps = Apps(self)
