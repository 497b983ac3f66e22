"""The project of a QuickBooks invoice: one for all, else QuickBooks' own, else the one that the list of projects has for its customer (S1-4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Projects:
    """`batch` is the project of all invoices, "" where each has its own; `listed` are entries of the list: project, name, customer.

    `names` are QuickBooks' names of its projects, by id. `guessed` counts the invoices that got their customer's only project.
    """

    batch: str = ""
    listed: Iterable[Mapping[str, str]] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    guessed: int = 0

    def __post_init__(self) -> None:
        self._keys: dict[str, set[str]] = {}
        self._of: dict[str, set[str]] = {}
        for entry in self.listed:
            key = entry.get("project") or ""
            for name in (key, entry.get("name") or ""):
                self._keys.setdefault(_folded(name), set()).add(key)
            self._of.setdefault(_folded(entry.get("customer") or ""), set()).add(key)
        for found in (self._keys, self._of):
            found.pop("", None)

    def of(self, invoice: Row) -> str:
        """The project of an invoice; "" where none is known, which the rules refuse (S1-12)."""
        if self.batch:
            return self.batch
        own, name = reference(invoice, "ProjectRef")
        called = name or self.names.get(own, "") or own
        if called:
            return self._listed(called) or called
        return self._of_customer(*reference(invoice, "CustomerRef"))

    def _listed(self, name: str) -> str:
        """The list's key of a project that is called like this there, in any case."""
        return _only(self._keys.get(_folded(name)))

    def _of_customer(self, customer: str, name: str) -> str:
        """QuickBooks writes the job of a customer as `Customer:Job`; else a customer with one project only."""
        job = self._listed(name.rpartition(":")[2]) if ":" in name else ""
        if job:
            return job
        found = _only(self._of.get(_folded(customer))) or _only(self._of.get(_folded(name)))
        self.guessed += bool(found)
        return found


def reference(row: Row, name: str) -> tuple[str, str]:
    """What a reference such as `{"value": "14", "name": "Alder"}` says: value and name."""
    its = row.get(name)
    return (str(its.get("value") or ""), str(its.get("name") or "").strip()) if isinstance(its, dict) else ("", "")


def _only(found: set[str] | None) -> str:
    return next(iter(found)) if found and len(found) == 1 else ""


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
