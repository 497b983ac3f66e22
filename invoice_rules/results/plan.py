"""What an import would do, invoice by invoice."""

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from invoice_rules.problems import plural
from invoice_rules.results.report import Report
from invoice_rules.results.showing import as_html
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

    def differences(self) -> pd.DataFrame:
        """One row a changed field of an updated invoice: row, key, field, title, before, after (as people read them)."""
        lines: list[tuple] = []
        known, rules, rows = self.report.known, self.report.rules, self.report.rows
        if known is not None:
            going = self.outcomes[known.at] == Outcome.UPDATED
            before, after = CellWriter(known.was), CellWriter(rows)
            for name, changed in known.changed.items():
                title = rules.fields[name].title if name in rules.fields else name.partition(".")[2].capitalize()
                for n in (changed & going).nonzero()[0].tolist():
                    at = int(known.at[n])
                    lines.append((int(rows.index[at]), after(rules.key, at), name, title, before(name, n), after(name, at)))
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
        return as_html(self.summary(), self.differences())


_PLANNED = {
    Outcome.CREATED: "to create",
    Outcome.UPDATED: "to update",
    Outcome.UNCHANGED: "unchanged",
    Outcome.SKIPPED: "to skip",
    Outcome.REJECTED: "to reject",
}
