"""Is this machine set up for the add-in: each thing that it needs, in plain words, with what to do where it is missing."""

import os
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from addin import lists
from addin.calc import profile
from addin.installing import calc, excel, packages, record
from addin.installing.machine import LINUX, MACOS, Machine, python_of
from invoice_rules import CannotRun, __version__, folders

_OLDEST = (3, 11)
_INSTALL = "Run: invoice-rules addin install"


class Finding(NamedTuple):
    """One thing that was looked at. `todo` says what to do, "" where nothing is."""

    what: str
    found: str
    todo: str = ""

    @property
    def ok(self) -> bool:
        return not self.todo


def examine(machine: Machine, store: Callable[[], Any]) -> list[Finding]:
    """Everything that the add-in needs, in the order in which to mend it. `store` opens the store, None where there is none yet.

    Without the right Python and packages nothing else can be told.
    """
    first = [_python(machine), _packages(machine)]
    if not all(one.ok for one in first):
        return first
    program = _calc if machine.system == LINUX else _excel
    return [*first, *program(machine), _fits(machine), _lists(), _store(store), _log()]


def _python(machine: Machine) -> Finding:
    found = f"{machine.python_version} ({machine.python})"
    return Finding("Python", found, "" if machine.version >= _OLDEST else "Install Python 3.11 or later, and Invoice Rules with it.")


def _packages(machine: Machine) -> Finding:
    wanted, gone = list(packages.requirements()), packages.missing()
    if gone:
        return Finding("Packages", f"missing or too old: {', '.join(gone)}", f"Run: {packages.remedy(machine)}")
    return Finding("Packages", f"Invoice Rules {__version__} and all {len(wanted)} that it needs")


def _excel(machine: Machine) -> Iterator[Finding]:
    program = machine.excel
    yield Finding("Excel", str(program or "not found in the usual places"), "" if program else "Install Microsoft Excel. Where it stands elsewhere and runs, this can be passed over.")
    file = excel.addin_file(machine)
    if excel.kept_apart(machine, file):
        yield Finding("Add-in", f"not in {file.parent}, but in {Path(os.path.realpath(file)).parent}", excel.KEPT_APART)
    else:
        yield Finding("Add-in", str(file) if file.is_file() else f"not in {file.parent}", "" if file.is_file() else _INSTALL)
    if machine.system == MACOS:
        script = excel.script_file(machine)
        yield Finding("Script", str(script) if script.is_file() else f"not in {script.parent}", "" if script.is_file() else _INSTALL)


def _calc(machine: Machine) -> Iterator[Finding]:
    program = machine.office
    if program is None:
        yield Finding("LibreOffice", "not found", calc.NO_OFFICE)
    else:
        yield Finding("LibreOffice", str(program))
        theirs, ours = python_of(program), machine.python_version
        yield Finding("Its Python", theirs or "none", calc.NO_PYTHON if theirs is None else "" if theirs == ours else calc.another_python(theirs, ours))
    folder = profile.installed(machine.office_profile)
    yield Finding("Add-in", str(folder) if folder else f"not in {machine.office_profile}", "" if folder else _INSTALL)


def _fits(machine: Machine) -> Finding:
    """Whether what is installed was made by this version, for this Python and this xlwings, and has not been changed since."""
    said = record.read()
    if not said:
        return Finding("Versions", "no record of an installation", _INSTALL)
    now = {"version": __version__, "xlwings": metadata.version("xlwings"), "python": str(machine.python)}
    names = {"version": "Invoice Rules", "xlwings": "xlwings", "python": "Python"}
    other = [f"{names[name]} was {said.get(name)} and is {value}" for name, value in now.items() if said.get(name) != value]
    if said.get("sha256") and record.digest(Path(said["file"])) not in ("", said["sha256"]):
        other.append("the file of the add-in was changed")
    if other:
        return Finding("Versions", f"since the add-in was installed: {'; '.join(other)}", _INSTALL)
    return Finding("Versions", f"the add-in is of version {__version__}, like the package")


def _lists() -> Finding:
    count = len(lists.entries("rules"))
    return Finding("Lists", f"{count} rule sets in {lists.lists_file()}" if count else f"no list in {lists.lists_file()}", "" if count else _INSTALL)


def _store(store: Callable[[], Any]) -> Finding:
    try:
        opened = store()
    except CannotRun as stopped:
        return Finding("Store", "cannot be opened", str(stopped))
    return Finding("Store", "there is none yet; the first import makes it" if opened is None else "can be opened")


def _log() -> Finding:
    folder = folders.log_folder()
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding("Log folder", str(folder))
    return Finding("Log folder", f"{folder} cannot be written to", f"Make {nearest} writable for yourself, so that details of problems can be kept.")
