"""A Calc that is used as a person would: a real mouse clicks the buttons of the toolbar, a real keyboard answers the dialogs.

Where the buttons are is asked of the accessibility tree, which screen readers use too, so that no place on the screen is written down here.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from addin.calc.layout import TOOLBAR, toolbar
from addin.commands import TAB
from addin.engines.calc.loading import failure
from invoice_rules.cli import app
from tests.addin.office import Office, visible_office, wait_for

_QUIET = {
    "/org.openoffice.Setup/Office": {"ooSetupInstCompleted": "true", "LastCompatibilityCheckID": "", "ooSetupLastVersion": ""},
    "/org.openoffice.Office.Common/Misc": {"ShowTipOfTheDay": "false", "FirstRun": "false", "CrashReport": "false"},
    "/org.openoffice.Office.Jobs/Jobs/org.openoffice.Office.Jobs:Job['UpdateCheck']/Arguments": {"AutoCheckEnabled": "false"},
}
"""What a new profile would show or ask by itself."""

_DIALOG, _ALERT = 12, 1
"""Roles of windows in the accessibility tree."""


def command(*arguments: object) -> str:
    """Run `invoice-rules` as a user would; what it printed. Fails where it does not end with 0."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def make_quiet(profile: Path) -> None:
    """Switch off what LibreOffice would show in a new profile: tips, the first run, the search for updates."""
    items = [
        f'<item oor:path="{path.replace(chr(39), "&apos;")}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, settings in _QUIET.items()
        for name, value in settings.items()
        if value
    ]
    (profile / "user").mkdir(parents=True)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n'
    (profile / "user" / "registrymodifications.xcu").write_text(head + "\n".join(items) + "\n</oor:items>\n", encoding="utf-8")


@dataclass
class Calc:
    """A visible Calc with the extension. `shots` is the folder of its pictures; `times`, also kept there, says how many seconds each click took."""

    office: Office
    shots: Path
    times: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._context = self.office.context()
        self._clicked = "", time.monotonic()
        self.desktop = self._service("com.sun.star.frame.Desktop")
        self.toolkit = self._service("com.sun.star.awt.Toolkit")

    def _service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)

    @contextmanager
    def open(self, file: Path) -> Iterator[Any]:
        """A workbook in a window of its own; closed without saving at the end."""
        document = self.desktop.loadComponentFromURL(file.as_uri(), "_blank", 0, ())
        window = document.CurrentController.Frame.ContainerWindow
        window.toFront()
        try:
            yield document
        finally:
            for _ in range(5):
                if not self.dialog():
                    break
                self.answer("Escape")
            self._close(document)

    def _close(self, document: Any) -> None:
        """Close without saving. What UNO raises cannot pass through a context manager, so it is told in plain words."""
        try:
            document.setModified(False)
            document.close(True)
        except failure("uno.Exception") as refused:
            pytest.fail(f"the workbook does not close: {refused.Message}")

    def click(self, name: str, document: Any) -> None:
        """Click the button of this command."""
        title = next(entry.title for entry in toolbar() if entry.name == name)
        place = wait_for(lambda: self._buttons(document).get(title), f"there is no button {title}")
        self._clicked = name, time.monotonic()
        self.office.xdotool("mousemove", str(place[0]), str(place[1]), "click", "1")

    def _buttons(self, document: Any) -> dict[str, tuple[int, int]]:
        """Label of each button -> its middle on the screen."""
        bar = document.CurrentController.Frame.LayoutManager.getElement(f"private:resource/toolbar/addon_{TOOLBAR}")
        if bar is None:
            return {}
        context = bar.getRealInterface().getAccessibleContext()
        every = [context.getAccessibleChild(place).getAccessibleContext() for place in range(context.getAccessibleChildCount())]
        places = [(one.getAccessibleName(), one.getLocationOnScreen(), one.getSize()) for one in every]
        return {name: (at.X + size.Width // 2, at.Y + size.Height // 2) for name, at, size in places if name}

    def dialog(self) -> str:
        """All that the dialog in front says, "" where there is none."""
        windows = [self.toolkit.getTopWindow(place) for place in range(self.toolkit.getTopWindowCount())]
        return next(filter(None, map(_said, windows)), "")

    def until(self, what: Callable[[], Any], why: str) -> Any:
        """Wait for this, and give it; fails with `why`, or at once where Calc says that something went wrong."""
        return wait_for(lambda: what() or self._trouble(), why)

    def _trouble(self) -> None:
        said = self.dialog()
        if "Something went wrong" in said:
            pytest.fail(said)

    def asks(self, words: str) -> str:
        """Wait for a dialog that says these words, and give all that it says."""
        return str(self.until(lambda: words in (said := self.dialog()) and said, f'no dialog says "{words}"'))

    def answer(self, *keys: str) -> None:
        """Press keys that close the dialog in front, and wait until it is gone."""
        before = self.dialog()
        wait_for(lambda: _said(self.toolkit.getActiveTopWindow()), f"the dialog does not hear keys: {before}", 30)
        self.office.xdotool("key", "--delay", "60", *keys)
        wait_for(lambda: self.dialog() != before, f"the dialog stays: {before}", 30)

    def shot(self, name: str, shows: Callable[[Path], bool] = Path.is_file) -> Path:
        """Keep a picture of the screen; the time since the click is the time of its effect. Waits until it shows what it must: Calc paints when it is idle."""
        clicked, since = self._clicked
        self.times.setdefault(clicked, time.monotonic() - since)
        file = self.shots / f"{name}.png"
        wait_for(lambda: self._settle() or shows(self.office.picture(file)), f"the picture {name} does not show what it must")
        return file

    def _settle(self) -> None:
        """Let the screen be painted: two pictures in a row are the same."""
        before = b""
        for _ in range(20):
            now = self.office.picture(self.shots / ".now.png").read_bytes()
            if now == before:
                break
            before = now
            time.sleep(0.1)
        (self.shots / ".now.png").unlink()


def _said(window: Any) -> str:
    """All that a dialog of ours says, "" where this is none."""
    context = window.getAccessibleContext() if window is not None else None
    ours = context is not None and context.getAccessibleRole() in (_DIALOG, _ALERT) and TAB in context.getAccessibleName()
    return "\n".join(_texts(context)) if ours else ""


def _texts(context: Any) -> Iterator[str]:
    """What a window and all in it are called."""
    yield context.getAccessibleName()
    for place in range(min(context.getAccessibleChildCount(), 60)):
        yield from _texts(context.getAccessibleChild(place).getAccessibleContext())


@contextmanager
def clicked_calc(folder: Path, size: str = "1366x768") -> Iterator[Calc]:
    """A Calc in which the real command installed the extension; INVOICE_RULES_SHOTS names another folder for its pictures."""
    shots = Path(os.environ.get("INVOICE_RULES_SHOTS") or folder / "shots")
    shots.mkdir(parents=True, exist_ok=True)

    def prepare(profile: Path) -> None:
        make_quiet(profile)
        command("addin", "install", "--profile", profile)

    with pytest.MonkeyPatch.context() as patched:
        for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patched.setenv(name, str(folder / "home"))
        patched.setenv("INVOICE_RULES_CONFIG", str(folder / "settings"))
        patched.delenv("INVOICE_RULES_STORE", raising=False)
        with visible_office(size, prepare=prepare) as office:
            calc = Calc(office, shots)
            yield calc
            (shots / "times.txt").write_text("".join(f"{seconds:6.1f} s  {name}\n" for name, seconds in calc.times.items()), encoding="utf-8")
