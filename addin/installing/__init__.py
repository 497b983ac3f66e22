"""Install the add-in for the spreadsheet program of this system, take it out again, or only build its file."""

from dataclasses import dataclass, replace
from pathlib import Path

from addin import config, lists
from addin.installing import calc, excel, packages, record
from addin.installing.machine import LINUX, Machine


@dataclass(frozen=True)
class Installed:
    """What was done, in sentences, and what the user has to do now; `file`: the add-in's own file or folder, None where there is none."""

    done: list[str]
    next: list[str]
    file: Path | None = None


def install(machine: Machine, store: str | None = None) -> Installed:
    """Build the add-in for this Python and put it where the spreadsheet program loads it.

    `store` is kept as the store that the buttons use; None leaves what was chosen before. Raises CannotRun with what to do where that cannot be.
    """
    packages.must_be_there(machine)
    if store is not None:
        config.save(replace(config.load(), store=store if "://" in store else str(Path(store).expanduser().absolute())))
    file, script = (calc if machine.system == LINUX else excel).install(machine)
    record.keep(machine, file, script)
    lists.refresh(config.load(), [entry.id for entry in lists.entries("mapping")])
    place = "LibreOffice Calc" if machine.system == LINUX else "Excel"
    said = [f"Invoice Rules is installed in {place}: {file}", f"The lists of rule sets and mappings are in {lists.lists_file()}"]
    return Installed(said, (calc if machine.system == LINUX else excel).next_steps(machine), file)


def remove(machine: Machine) -> Installed:
    """Undo `install`. Books, settings and logs stay. Raises CannotRun where the program is open, or holds on to the file."""
    gone = (calc if machine.system == LINUX else excel).remove(machine)
    for file in (lists.lists_file(), record.file()):
        file.unlink(missing_ok=True)
    if not gone:
        return Installed(["Invoice Rules was not installed. Nothing was changed."], [])
    return Installed([f"Removed: {one}" for one in gone], ["Your books and settings stay as they are."])


def build(machine: Machine, target: Path) -> Installed:
    """Write the add-in's file and install nothing: an .xlam for Excel, an .oxt for LibreOffice, as the name ends. Raises CannotRun for another ending."""
    packages.must_be_there(machine)
    if target.suffix.lower() == ".oxt":
        file, steps = calc.build(machine, target), ["Close LibreOffice and open this file with it: the extension manager asks whether to add it."]
    else:
        file, steps = excel.build(machine, target), excel.steps_with(machine, target)
    return Installed([f"Written: {file}"], steps, file)
