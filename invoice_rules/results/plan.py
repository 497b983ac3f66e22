"""What an import would do, invoice by invoice."""

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from invoice_rules.problems import plural
from invoice_rules.results.report import Report
from invoice_rules.results.showing import SHOWN, as_html
from invoice_rules.values import CellWriter


class Outcome(enum.IntEnum):
    """What becomes of one invoice."""

    CREATED = 0
    UPDATED = 1
    UNCHANGED = 2
    SKIPPED = 3
    REJECTED = 4

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Plan:
    """What an import would do, invoice by invoice; `id` becomes the batch's, so that committing twice does nothing twice."""

    id: str
    report: Report
    store: Any
    outcomes: np.ndarray
    revision: int
    accepted_holds: tuple[str, ...] = ()
    all_or_nothing: bool = False
    open_items_complete: bool = False
    close_absent: bool = False
    absent: pd.DataFrame | None = None
    user: str = ""

    def count(self, outcome: Outcome) -> int:
        return int((self.outcomes == outcome).sum())

    def differences(self, most: int | None = None) -> pd.DataFrame:
        """One row a changed field of an updated invoice: row, key, field, title, before, after (as people read them). All of them, or the first so many alone."""
        return self._told(self._changing[:most]).head(self.changes if most is None else most)

    @property
    def changes(self) -> int:
        """How many differences there are."""
        return sum(int(its.sum()) for its in self._going.values())

    @cached_property
    def _going(self) -> dict[str, np.ndarray]:
        """Field -> (known,) bool: where it changes in an invoice that is updated."""
        if (known := self.report.known) is None:
            return {}
        updated = self.outcomes[known.at] == Outcome.UPDATED
        return {name: changed & updated for name, changed in known.changed.items()}

    @property
    def _changing(self) -> np.ndarray:
        """The places among the known ones of invoices in which something changes, in the order of the file."""
        return np.flatnonzero(np.logical_or.reduce(list(self._going.values()))) if self._going else np.empty(0, np.int64)

    def _told(self, which: np.ndarray) -> pd.DataFrame:
        """The differences of these."""
        lines: list[tuple] = []
        known, rules, rows = self.report.known, self.report.rules, self.report.rows
        names = [name for name, its in self._going.items() if its[which].any()]
        if known is not None and names:
            before, after = CellWriter(known.was.frame({*names, "currency"}, which)), CellWriter(rows)
            for name in names:
                title = rules.fields[name].title if name in rules.fields else name.partition(".")[2].capitalize()
                for place in self._going[name][which].nonzero()[0].tolist():
                    at = int(known.at[which[place]])
                    lines.append((int(rows.index[at]), after(rules.key, at), name, title, before(name, place), after(name, at)))
        found = pd.DataFrame(lines, columns=["row", "key", "field", "title", "before", "after"])
        return found.sort_values("row", kind="stable", ignore_index=True)

    def to_frame(self) -> pd.DataFrame:
        """One row an invoice: row, key, outcome."""
        heads = self.report.rows
        outcomes = [str(Outcome(code)) for code in self.outcomes]
        keys = self.report.rules.keys(heads)
        return pd.DataFrame({"row": heads.index, "key": [None] * len(heads) if keys is None else keys.to_pylist(), "outcome": outcomes})

    def summary(self) -> str:
        noun = self.report.rules.document
        counts = [f"{self.count(o):,} {word}" for o, word in _PLANNED.items() if self.count(o)]
        absent = len(self.absent) if self.close_absent and self.absent is not None else 0
        closing = f" {plural(absent, f'absent {noun}')} to close as {self.report.rules.paid}." if absent else ""
        return f"Of {plural(len(self.outcomes), noun)}: {', '.join(counts) or 'none'}.{closing}"

    def _repr_html_(self) -> str:
        which = self._changing
        return as_html(self.summary(), self._told(np.unique(np.r_[which[: SHOWN + 1], which[-SHOWN:]])))  # both ends of a longer list


_PLANNED = {
    Outcome.CREATED: "to create",
    Outcome.UPDATED: "to update",
    Outcome.UNCHANGED: "unchanged",
    Outcome.SKIPPED: "to skip",
    Outcome.REJECTED: "to reject",
}
