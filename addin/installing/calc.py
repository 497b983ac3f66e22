"""The add-in in LibreOffice Calc on Linux: an extension of the user's own profile."""

import tempfile
from pathlib import Path

from addin.calc import profile
from addin.installing.machine import Machine, python_of
from invoice_rules import CannotRun, folders

NO_OFFICE = "LibreOffice Calc was not found. Install it, on Debian and Ubuntu with: sudo apt install libreoffice-calc python3-uno"
NO_PYTHON = "This LibreOffice cannot run Python yet. On Debian and Ubuntu: sudo apt install python3-uno"


def build(machine: Machine, target: Path) -> Path:
    """Write the .oxt for this machine's Python. Raises CannotRun where the file cannot be written."""
    from addin.calc.build import build as extension

    return extension(target, machine.package_folders, machine.python_version, folders.log_folder())


def install(machine: Machine) -> tuple[Path, str]:
    """Put the extension into the profile; its folder there, and "" for no script beside it. Raises CannotRun where LibreOffice is missing, open, or runs another Python."""
    from addin.calc import extension

    program = _ready(machine)
    with tempfile.TemporaryDirectory() as folder:
        extension.add(build(machine, Path(folder) / "invoice-rules.oxt"), program, machine.profile)
    installed = profile.installed(machine.office_profile)
    if installed is None:
        raise CannotRun(f"LibreOffice took the extension, but it is not in {machine.office_profile}. Name LibreOffice's profile with --profile.")
    return installed, ""


def remove(machine: Machine) -> list[str]:
    """Take the extension out; what was removed. Raises CannotRun where LibreOffice is missing or open."""
    if profile.installed(machine.office_profile) is None:
        return []
    from addin.calc import extension

    extension.remove(_closed(machine), machine.profile)
    return [f"the extension of LibreOffice in {machine.office_profile}"]


def _ready(machine: Machine) -> Path:
    """The program folder of a LibreOffice that is closed and runs this Python."""
    program = _closed(machine)
    theirs = python_of(program)
    if theirs is None:
        raise CannotRun(NO_PYTHON)
    if theirs != machine.python_version:
        raise CannotRun(another_python(theirs, machine.python_version))
    return program


def another_python(theirs: str, ours: str) -> str:
    """What to do where LibreOffice runs another Python than the package was installed with."""
    return (
        f"LibreOffice runs Python {theirs}, but Invoice Rules is installed with Python {ours}, and its parts only work with the Python they were made for. "
        f"Install it once more with Python {theirs}: python{theirs} -m venv ~/invoice-rules, then in the project's folder "
        "~/invoice-rules/bin/pip install '.[excel]', then ~/invoice-rules/bin/invoice-rules addin install"
    )


def _closed(machine: Machine) -> Path:
    """The program folder of a LibreOffice that is not open."""
    program = machine.office
    if program is None:
        raise CannotRun(NO_OFFICE)
    if profile.is_running(machine.office_profile, machine.profile is None):
        raise CannotRun("LibreOffice is open. Save your work, close all its windows, then try again.")
    return program


def next_steps(machine: Machine) -> list[str]:
    """What to do now."""
    return [
        "Open LibreOffice Calc: Invoice Rules is in the menu, and has a toolbar of its own (View > Toolbars > Invoice Rules).",
        "The first click after each start takes some seconds, while Python starts; the status bar says so.",
        "Macro security can stay as it is: Invoice Rules needs no macros in your clients' workbooks.",
    ]
