"""Calc itself: its windows, what it is set to, and how it talks to its user."""

from collections.abc import Iterator
from typing import Any

from xlwings import base_classes

from addin.engines import script
from addin.engines.calc import dialogs
from addin.engines.calc.books import Books
from addin.engines.calc.loading import connect, failure, properties, uno
from addin.engines.calc.numberformats import NumberFormats
from addin.engines.calc.writing import Quiet
from addin.engines.cells import NotSupported, missing_calls_say_so


class Apps(base_classes.Apps):
    """The Calcs that are connected; the one connected last is the active one."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self._apps: list[App] = []

    def connect(self, ctx: Any = None, url: str | None = None) -> "App":
        """Attach to the Calc that runs this Python (`ctx`), or to one that listens (`url`)."""
        self._apps = [app for app in self._apps if app.alive()]
        app = next((app for app in self._apps if app.url == url and url is not None), None) or App(self, ctx or connect(url or ""), url)
        self._apps = [app, *(other for other in self._apps if other is not app)]
        return app

    def add(self, spec: Any = None, add_book: Any = None, xl: Any = None, visible: Any = None) -> "App":
        """Not here: the user starts LibreOffice."""
        raise NotSupported("LibreOffice is started by its user, then addin.engines.calc.activate() attaches to it.")

    def keys(self) -> list[int]:
        return [app.pid for app in self._apps]

    def __iter__(self) -> Iterator["App"]:
        return iter(self._apps)

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> "App":
        found = next((app for app in self._apps if app.pid == pid), None)
        if found is None:
            raise KeyError(pid)
        return found

    @staticmethod
    def cleanup() -> None:
        """Nothing is left behind: LibreOffice is not ours to stop."""

    def forget(self, app: "App") -> None:
        """Let go of a Calc that ended."""
        self._apps = [other for other in self._apps if other is not app]


@missing_calls_say_so("LibreOffice Calc")
class App(base_classes.App):
    """One Calc. With `answers` set, nobody is asked: each question takes the next answer, and `log` keeps both (`addin.engines.script`)."""

    def __init__(self, apps: Apps, ctx: Any, url: str | None) -> None:
        self._apps, self.ctx, self.url = apps, ctx, url
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.formats: dict[str, NumberFormats] = {}
        self.quiet = Quiet()
        self.answers: list[Any] | None = None
        self.log: list[script.Said] = []
        self._indicator: Any = None
        self._status: str | bool = False
        self._settings: dict[str, Any] = {"display_alerts": True, "enable_events": True, "interactive": True}

    def service(self, name: str) -> Any:
        """A service of this office."""
        return self.ctx.ServiceManager.createInstanceWithContext(name, self.ctx)

    def alive(self) -> bool:
        """Whether it still answers."""
        try:
            return self.desktop.Components is not None
        except (failure("lang.DisposedException"), failure("uno.RuntimeException")):
            return False

    @property
    def engine(self) -> Any:
        return self._apps.engine

    @property
    def api(self) -> Any:
        return self.desktop

    @property
    def pid(self) -> int:
        """A number that tells this Calc from others."""
        return id(self) & 0x7FFFFFFF

    @property
    def version(self) -> str:
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        where = properties(nodepath="/org.openoffice.Setup/Product")
        return provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", where).getByName("ooSetupVersion")

    @property
    def books(self) -> Books:
        return Books(self)

    @property
    def visible(self) -> bool:
        """Whether the active window can be seen; setting it shows or hides all windows."""
        frame = self.desktop.getCurrentFrame()
        return frame is not None and bool(frame.getContainerWindow().isVisible())

    @visible.setter
    def visible(self, value: bool) -> None:
        for book in self.books:
            book.doc.getCurrentController().getFrame().getContainerWindow().setVisible(bool(value))

    def activate(self, steal_focus: bool = False) -> None:
        """Bring the active window to the front."""
        frame = self.desktop.getCurrentFrame()
        if frame is not None:
            frame.getContainerWindow().toFront()

    @property
    def selection(self) -> Any:
        """The cells that are selected; None where something else is, or nothing."""
        book = self.books.active
        found = None if book is None else book.doc.getCurrentController().getSelection()
        if found is None:
            return None
        if found.supportsService("com.sun.star.sheet.SheetCellRanges"):
            return book.range_from(found.getRangeAddresses()) if book else None
        return book.range_from(found.getRangeAddress()) if book and hasattr(found, "getRangeAddress") else None

    @property
    def screen_updating(self) -> bool:
        """False stops drawing, and makes all that is written until True one stretch that Undo does not see (see `writing`)."""
        return not self.quiet.on

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        if value and self.quiet.on:
            self.quiet.end()
        elif not value and not self.quiet.on:
            self.quiet.start(self.books)

    @property
    def calculation(self) -> str:
        """Whether formulas of the active book are calculated at once: "automatic" or "manual". Here each book has a setting of its own."""
        book = self.books.active
        return "manual" if book is not None and not book.doc.isAutomaticCalculationEnabled() else "automatic"

    @calculation.setter
    def calculation(self, value: str) -> None:
        book = self.books.active
        if book is not None:
            book.doc.enableAutomaticCalculation(value == "automatic")

    def calculate(self) -> None:
        """Calculate all formulas anew."""
        for book in self.books:
            book.doc.calculateAll()

    @property
    def display_alerts(self) -> bool:
        """Kept and given back; Calc asks programs nothing."""
        return self._settings["display_alerts"]

    @display_alerts.setter
    def display_alerts(self, value: bool) -> None:
        self._settings["display_alerts"] = value

    @property
    def enable_events(self) -> bool:
        """Kept and given back; Calc's events are those of the user's own macros, which stay as they are."""
        return self._settings["enable_events"]

    @enable_events.setter
    def enable_events(self, value: bool) -> None:
        self._settings["enable_events"] = value

    @property
    def interactive(self) -> bool:
        """Kept and given back."""
        return self._settings["interactive"]

    @interactive.setter
    def interactive(self, value: bool) -> None:
        self._settings["interactive"] = value

    @property
    def status_bar(self) -> str | bool:
        """The text on the status bar; False where Calc has it."""
        return self._status

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        text = value if isinstance(value, str) else ""
        if self._indicator is not None:
            self._indicator.end()
            self._indicator = None
        frame = self.desktop.getCurrentFrame() if text else None
        if frame is not None:
            self._indicator = frame.createStatusIndicator()
            self._indicator.start(text, 0)
        self._status = text or False

    def alert(self, prompt: str, title: str | None = None, buttons: str = "ok", mode: str | None = None, callback: Any = None) -> str:
        """Tell or ask something; gives the button in lower case."""
        if self.answers is not None:
            return script.alert(self.answers, self.log, prompt, title or "", buttons, mode)
        return dialogs.message(self, prompt, title or "", buttons, mode)

    def form(self, title: str, text: str, fields: Any) -> dict[str, str] | None:
        """Ask for several texts at once. `fields` are (name, label, value, choices); gives {name: text}, or None where it was cancelled."""
        if self.answers is not None:
            return script.form(self.answers, self.log, title, text, fields)
        return dialogs.form(self, title, text, [dialogs.Field(*field) for field in fields])

    def quit(self) -> None:
        """Ask Calc to end; it may refuse while something is open that was not saved."""
        try:
            self.desktop.terminate()
        except failure("lang.DisposedException"):
            uno().getComponentContext()
        self._apps.forget(self)
