"""Builds the Excel add-in: VBA, ribbon, icons and the settings of this installation in one `.xlam`. The same input gives the same bytes.

The container with its VBA project is written by pyOpenVBA from a blank add-in that Excel saved; ribbon, icons and settings are added here.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from addin.ribbon.package import with_our_parts
from addin.ribbon.vba import SETTINGS_SHEET, modules
from invoice_rules import CannotRun

NAME = "Invoice Rules.xlam"
ISOLATED = "-I"  # no current folder, no PYTHONPATH, no user site: nothing beside a client's workbook can be imported
KEEPS_USER_SITE = "-E -P"  # the same, for a Python whose packages lie in the user's own folder

WHAT_TO_TRUST = (
    'Close Excel. Put "{name}" into a folder of its own that only you can write to. Where its Properties show a box Unblock, tick it.',
    "Start Excel: File > Options > Trust Center > Trust Center Settings > Trusted Locations > Add new location, and name that folder. Leave its subfolders out.",
    "File > Options > Add-ins > Manage: Excel Add-ins > Go > Browse, and choose the file. The tab Invoice Rules appears.",
    "It starts the Python at {python}, and works only where that is.",
    "Macros in your clients' workbooks stay off, and so does \"Trust access to the VBA project object model\": Invoice Rules needs neither.",
)
WHAT_TO_TRUST_ON_A_MAC = (
    "Run once in a terminal: xlwings runpython install. It puts the script in place by which Excel may start Python.",
    'Start Excel: Tools > Excel Add-ins > Browse, and choose "{name}". Choose Enable Macros where Excel asks about this add-in.',
    "Allow it where macOS asks whether Python may control Microsoft Excel, and where Excel asks for access to the list of rule sets.",
    "It starts the Python at {python}, and works only where that is.",
    "Macros in your clients' workbooks stay off: Invoice Rules does not need them. Worksheet functions work in Excel for Windows.",
)


def build(target: Path, *, python: str | None = None, lists: Path | None = None, options: str | None = None) -> Path:
    """Write the add-in to `target` (a file ending in .xlam, or a folder) and give its path.

    `python` is the full path of the interpreter that the buttons start (this one, where None; a Windows or a Mac path may be named on any
    machine), `lists` the file that fills the drop-downs, `options` the interpreter's own, found out where None. Raises CannotRun where the
    path cannot stand on a command line, that Python cannot load Invoice Rules, or the installed xlwings is not as expected.
    """
    interpreter = usable_path(python or sys.executable)
    file = target if target.suffix.lower() == ".xlam" else target / NAME
    settings = {
        "INTERPRETER": interpreter,
        "OPTIONS": options if options is not None else isolation(interpreter),
        "LISTS": str(lists or _lists_file()),
        "SHELL": str(PureWindowsPath(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "cmd.exe"),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(with_our_parts(_with_modules(modules()), settings, SETTINGS_SHEET))
    return file


def usable_path(python: str) -> str:
    """`python` itself, where it is a full path that no command line can misread. Raises CannotRun otherwise."""
    kind = PureWindowsPath if PureWindowsPath(python).drive else PurePosixPath
    path: PurePath = kind(python)
    if not path.is_absolute():
        raise CannotRun(f'"{python}" is not a full path. Name the Python to run with its folder, such as C:\\Tools\\invoice-rules\\Scripts\\python.exe.')
    troubling = sorted(set(python) & set("\"'|%\r\n\t;$`"))
    if troubling:
        raise CannotRun(f'The path of Python, {python}, holds the sign {troubling[0]}, which Excel cannot pass on. Install Invoice Rules in a folder without it.')
    return python


def isolation(python: str) -> str:
    """The options with which `python` loads Invoice Rules but nothing from its current folder.

    A Python of another machine cannot be asked and gets `-I`. Raises CannotRun where this one cannot load Invoice Rules.
    """
    if not Path(python).is_file():
        return ISOLATED
    for options in (ISOLATED, KEEPS_USER_SITE):
        ran = subprocess.run([python, *options.split(), "-c", "import addin.ribbon.starting"], capture_output=True, cwd=Path(python).parent, check=False)
        if ran.returncode == 0:
            return options
    raise CannotRun(f"The Python at {python} cannot load Invoice Rules, so no button would work. Install it there; in the project's folder: {python} -m pip install '.[excel]'")


def what_to_trust(file: Path, python: str, mac: bool = False) -> list[str]:
    """What a user does and allows in Excel, once, for an add-in that was built to `file`: sentences, in their order.

    `invoice-rules addin install` puts it where Excel trusts it already, and says less.
    """
    return [step.format(name=file.name, python=python) for step in (WHAT_TO_TRUST_ON_A_MAC if mac else WHAT_TO_TRUST)]


def _lists_file() -> Path:
    from addin.lists import lists_file

    return lists_file()


def _with_modules(sources: dict[str, str]) -> bytes:
    """A blank add-in with these standard modules, as pyOpenVBA writes it."""
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blank.xlam"
        with ExcelFile.create_new(path) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, source in sources.items():
                project.add_module(name, source.partition("\n")[2].replace("\n", "\r\n"))
            book.save()
        return path.read_bytes()
