"""The packages that the add-in needs beside the engine, and what to do where one is missing."""

import re
from collections.abc import Iterator
from importlib import metadata

from addin.installing.machine import Machine
from invoice_rules import CannotRun, about


def must_be_there(machine: Machine) -> None:
    """Raises CannotRun where a package is missing or too old."""
    gone = missing()
    if gone:
        raise CannotRun(f"The add-in needs {', '.join(gone)}, which this Python does not have, or too old. Run: {remedy(machine)}")


def remedy(machine: Machine) -> str:
    """The command that installs all that is needed."""
    return about.installing("excel", str(machine.python))


def missing() -> list[str]:
    """Names of the packages that are missing or too old."""
    return [name for name, least in requirements() if not _has(name, least)]


def requirements() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and least version of what the package and its add-in need: `xlwings>=0.37.5; extra == "excel"` is ("xlwings", (0, 37, 5))."""
    for line in metadata.requires("invoice-rules") or []:
        requirement, _, condition = line.partition(";")
        if not condition or '"excel"' in condition.replace("'", '"'):
            name = re.match(r"[\w.-]+", requirement)
            least = re.search(r">=\s*([\d.]+)", requirement)
            if name:
                yield name[0], _numbers(least[1]) if least else ()


def _has(name: str, least: tuple[int, ...]) -> bool:
    try:
        return _numbers(metadata.version(name)) >= least
    except metadata.PackageNotFoundError:
        return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
