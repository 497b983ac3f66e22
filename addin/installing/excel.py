"""The add-in in Excel on Windows and macOS: a file in the folder that Excel loads add-ins from, and on macOS a script that may start Python."""

import os
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from addin.installing import record
from addin.installing.machine import MACOS, WINDOWS, Machine
from invoice_rules import CannotRun

KEPT_APART = "This Python comes from the Microsoft Store, and Windows keeps the files that it writes where Excel does not look. Install Python from python.org and Invoice Rules with it, then run there: invoice-rules addin install"


def build(machine: Machine, target: Path) -> Path:
    """Write the .xlam for this machine's Python. Raises CannotRun where the name does not end so, or the file cannot be written."""
    if target.suffix.lower() != ".xlam":
        raise CannotRun(f'"{target.name}" is no name for an add-in. End it in .xlam for Excel, or in .oxt for LibreOffice.')
    from addin.ribbon import build as ribbon

    try:
        return ribbon.build(target, python=str(machine.python))
    except OSError as refused:
        raise CannotRun(f"{target} cannot be written ({refused.strerror}). Close all windows of Excel, then try again.") from refused


def steps_with(machine: Machine, file: Path) -> list[str]:
    """What a user does and allows in Excel, once, with an add-in that was only built."""
    from addin.ribbon.build import what_to_trust

    return what_to_trust(file, str(machine.python), machine.system == MACOS)


def addin_file(machine: Machine) -> Path:
    """Where the add-in stands once it is installed."""
    from addin.ribbon.build import NAME

    return machine.excel_start / NAME


def install(machine: Machine) -> tuple[Path, str]:
    """Put the add-in, and on macOS the script, where Excel looks for them; the add-in's path, and that of the script where it is ours ("" else).

    Raises CannotRun where the system puts the add-in elsewhere.
    """
    file = build(machine, addin_file(machine))
    if kept_apart(machine, file):
        file.unlink()
        raise CannotRun(KEPT_APART)
    return file, put_script(machine) if machine.system == MACOS else ""


def kept_apart(machine: Machine, file: Path) -> bool:
    """Windows: whether the file is a copy for this Python alone, as programs of the Microsoft Store have them; they see it under its usual name."""
    real = Path(os.path.realpath(file))
    return machine.system == WINDOWS and real != file and "LocalCache" in real.parts


def script_file(machine: Machine) -> Path:
    """macOS: the script by which Excel starts Python; it belongs to one version of xlwings."""
    return machine.excel_scripts / f"xlwings-{version('xlwings')}.applescript"


def put_script(machine: Machine) -> str:
    """Copy xlwings' script, as `xlwings runpython install` does, in place of an earlier one of ours.

    Gives its path; "" where it was there before, for then it is the user's. Raises CannotRun where it cannot be written.
    """
    target, ours = script_file(machine), record.read().get("script", "")
    if target.is_file() and ours != str(target):
        return ""
    found = find_spec("xlwings")
    assert found is not None and found.origin is not None, "xlwings is one of our requirements"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(Path(found.origin).with_name(target.name).read_bytes())
    except OSError as refused:
        raise CannotRun(f"{target} cannot be written ({refused.strerror}). Start Excel once, so that it makes this folder, quit it, and try again.") from refused
    if ours and ours != str(target):
        Path(ours).unlink(missing_ok=True)
    return str(target)


def remove(machine: Machine) -> list[str]:
    """Take out what `install` put in; what was removed. Raises CannotRun where Excel holds on to it."""
    gone = []
    script = record.read().get("script")
    for file in (addin_file(machine), *([Path(script)] if script else [])):
        try:
            file.unlink()
            gone.append(str(file))
        except FileNotFoundError:
            continue
        except OSError as refused:
            raise CannotRun(f"{file} cannot be removed ({refused.strerror}). Close all windows of Excel, then try again.") from refused
    return gone


def next_steps(machine: Machine) -> list[str]:
    """What to do and to trust now."""
    if machine.system == WINDOWS:
        trusted = "File > Options > Trust Center > Trust Center Settings > Trusted Locations"
        return [
            "Close all windows of Excel and start it again: the tab Invoice Rules is in the ribbon.",
            f"If the tab is missing, look at {trusted}. Excel trusts {machine.excel_start} unless somebody took it out; then add it again, without its subfolders.",
            "If Excel says that it blocked a macro: right-click the file in that folder, choose Properties, and tick Unblock.",
            "Macros in your clients' workbooks can stay off, and so can \"Trust access to the VBA project object model\": Invoice Rules needs neither.",
        ]
    return [
        "Quit Excel with Cmd+Q and start it again: the tab Invoice Rules is in the ribbon. Choose Enable Macros where Excel asks about this add-in.",
        "At the first click macOS asks whether Python may control Microsoft Excel: choose OK. It can be changed in System Settings > Privacy & Security > Automation.",
        "Macros in your clients' workbooks can stay off: Invoice Rules does not need them.",
    ]
