"""For each system that is not Paystand an invented sender's documents, mistakes and all, with the reference lists that they need.

They lie in a folder a system beside this file: `invoices.json`, and a CSV a list, called by its kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from invoice_rules.errors import CannotRun
from invoice_rules.rulesets import rule_sets

DOCUMENTS = "invoices"


@dataclass(frozen=True)
class SystemSample:
    """The written files: the documents, and kind of reference list -> its file."""

    documents: Path
    lists: dict[str, Path]


def systems() -> tuple[str, ...]:
    """The systems of which there are samples."""
    return tuple(system for system in dict.fromkeys(name.split(".")[0] for name in rule_sets()) if any(_files(system)))


def build_system(system: str, folder: Path | str) -> SystemSample:
    """Write a system's sample files into a folder, which is made where it is missing; earlier ones of the same names are replaced.

    Raises CannotRun for a system of which there are none.
    """
    if system not in systems():
        raise CannotRun(f"There are no sample files of {system}. There are some of {', '.join(systems())}.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = {Path(name).stem: folder / name for name, _ in _files(system)}
    for name, content in _files(system):
        (folder / name).write_bytes(content)
    return SystemSample(written.pop(DOCUMENTS), written)


def _files(system: str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each sample file of a system."""
    here = files(__package__) / system
    if here.is_dir():
        yield from ((found.name, found.read_bytes()) for found in sorted(here.iterdir(), key=lambda found: found.name) if found.is_file())
