"""What LibreOffice runs when a button of the extension is pressed: it finds the installed package and hands the command on.

This file lies in the extension and is run by LibreOffice's own Python, before anything of ours can be imported. Where the package is stands in
`python.json` beside it, written when the extension is installed; a document has no say in it. Whatever goes wrong is shown, with the log's path.
"""

import datetime as dt
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

SERVICE = "org.invoicerules.Command"
TITLE = "Invoice Rules"
AGAIN = "Close LibreOffice, run `invoice-rules addin install` in a terminal, and open it again."


class NotInstalled(Exception):
    """The package that belongs to this extension cannot be used. The text is for the user."""


def trigger(context: Any, name: str) -> None:
    """Run a command of `addin.commands`; never raises, never ends without a word."""
    try:
        first = "addin.calc.running" not in sys.modules
        word = said(context, f"{TITLE} is starting …") if first else None
        try:
            enter(site())
            from addin.calc import running
        finally:
            if word is not None:
                word.end()
        running.run(context, name)
    except NotInstalled as missing:
        tell(context, str(missing))
    except BaseException as error:  # noqa: BLE001 # nothing may reach LibreOffice, which would show nothing at all
        tell(context, f"Something went wrong that should not have ({type(error).__name__}).\nThe details are in {keep(error)}.\nWhere it happens again: {AGAIN}")


def site() -> dict[str, Any]:
    """Where the package is: `python`, the version it was installed with; `paths`, where its modules are; `log`, the folder for details."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("python.json").read_text(encoding="utf-8"))
    return found


def enter(found: dict[str, Any]) -> None:
    """Let Python find the package: before what the system has of the same name, behind Python's own library. Raises NotInstalled."""
    ours = ".".join(map(str, sys.version_info[:2]))
    if found["python"] != ours:
        raise NotInstalled(f"{TITLE} was installed with Python {found['python']}, but this LibreOffice has Python {ours}. Install it with Python {ours}, then: {AGAIN}")
    gone = [path for path in found["paths"] if not Path(path).is_dir()]
    if gone:
        raise NotInstalled(f"{TITLE} is no longer in {gone[0]}. {AGAIN}")
    missing = [path for path in found["paths"] if path not in sys.path]
    at = next((place for place, path in enumerate(sys.path) if path.endswith(("site-packages", "dist-packages"))), len(sys.path))
    sys.path[at:at] = missing


def keep(error: BaseException) -> str:
    """Write what happened to a file and give its path."""
    for folder in _log_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"problem-{dt.datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
            file.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
            return str(file)
        except OSError:
            continue
    return "no file: no folder could be written to"


def _log_folders() -> list[Path]:
    try:
        return [Path(site()["log"]), Path(tempfile.gettempdir())]
    except (OSError, ValueError, KeyError):
        return [Path(tempfile.gettempdir())]


def said(context: Any, text: str) -> Any:
    """A word in the status bar of the window in front, before anything slow begins; `.end()` takes it away. None without a window."""
    frame = _frame(context)
    indicator = frame.createStatusIndicator() if frame is not None else None
    if indicator is not None:
        indicator.start(text, 0)
    return indicator


def tell(context: Any, text: str) -> None:
    """Show a message until it is read."""
    import uno

    frame = _frame(context)
    toolkit = context.ServiceManager.createInstanceWithContext("com.sun.star.awt.Toolkit", context)
    kind = uno.Enum("com.sun.star.awt.MessageBoxType", "ERRORBOX")
    toolkit.createMessageBox(frame.ContainerWindow if frame is not None else None, kind, 1, TITLE, text).execute()


def _frame(context: Any) -> Any:
    return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).getCurrentFrame()


def getComponentFactory(name: str, manager: Any, key: Any) -> Any:  # LibreOffice asks for it by this name
    """What LibreOffice makes a `Command` with; the module can be read without LibreOffice, so its classes are made here."""
    import unohelper
    from com.sun.star.task import XJobExecutor

    class Command(unohelper.Base, XJobExecutor):
        """The service behind `service:org.invoicerules.Command?validate`."""

        def __init__(self, context: Any, *_: Any):
            self.context = context

        def trigger(self, name: str) -> None:
            trigger(self.context, name)

    helper = unohelper.ImplementationHelper()
    helper.addImplementation(Command, SERVICE, (SERVICE,))
    return helper.getComponentFactory(name, key, manager)
