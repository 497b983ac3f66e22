"""For each system that is not Paystand an invented sender's documents, mistakes and all, with the reference lists that they need.

They lie in a folder a system beside this file: `invoices.json` or `invoices.csv`, and a CSV a list, called by its kind. Spectrum's are made as a workbook.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from invoice_rules.errors import CannotRun
from invoice_rules.rulesets import rule_sets
from invoice_rules.samples.references import INVOICE, build_reference_samples

DOCUMENTS = "invoices"


SETTINGS: dict[str, dict[str, str]] = {
    "quickbooks.history": {"companyFile": "Hollis & Crane", "from": "2026-01-01"},
    "autotask.invoices": {},
    "spectra.invoices": {"rowMode": "multi"},
    "spectrum.invoices": {},
}
"""The rule set of each system's documents, and the values for the whole file that they need."""


@dataclass(frozen=True)
class SystemSample:
    """The written files: the documents with their rule set, and kind of reference list -> its file; all lists of one workbook are called `all`."""

    documents: Path
    lists: dict[str, Path]
    rules: str

    @property
    def settings(self) -> dict[str, str]:
        """Values for the whole file."""
        return SETTINGS[self.rules]


def systems() -> tuple[str, ...]:
    """The systems of which there are samples."""
    return tuple(name.split(".")[0] for name in SETTINGS if name in rule_sets())


def build_system(system: str, folder: Path | str) -> SystemSample:
    """Write a system's sample files into a folder, which is made where it is missing; earlier ones of the same names are replaced.

    Raises CannotRun for a system of which there are none.
    """
    if system not in systems():
        raise CannotRun(f"There are no sample files of {system}. There are some of {', '.join(systems())}.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rules = next(name for name in SETTINGS if name.startswith(f"{system}."))
    if system == "spectrum":
        lists = build_reference_samples(folder)
        return SystemSample(folder / INVOICE, {"all": lists}, rules)
    written = {Path(name).stem: folder / name for name, _ in _files(system)}
    for name, content in _files(system):
        (folder / name).write_bytes(content)
    return SystemSample(written.pop(DOCUMENTS), written, rules)


def _files(system: str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each sample file of a system."""
    here = files(__package__) / system
    if here.is_dir():
        yield from ((found.name, found.read_bytes()) for found in sorted(here.iterdir(), key=lambda found: found.name) if found.is_file())
