"""Which rows go back to the sender: all rows of each rejected invoice (X-2), with their problems."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from invoice_rules.marks import Note, notes
from invoice_rules.results import Outcome, Plan, Report


@dataclass(frozen=True)
class Rejected:
    """`invoices`: boolean mask over the invoices; `rows`: positions of their rows, rising; `notes`: the problems of these rows."""

    report: Report
    invoices: np.ndarray
    rows: np.ndarray
    notes: Sequence[Note]

    @property
    def mask(self) -> np.ndarray:
        """(rows of the table,) bool."""
        return self.invoices[self.report.invoice]


def rejected(report: Report, plan: Plan | None = None) -> Rejected | None:
    """What the plan rejects, without one what the report keeps out; None when nothing is."""
    invoices = ~report.ready if plan is None else plan.outcomes == Outcome.REJECTED
    if not invoices.any():
        return None
    mask = invoices[report.invoice]
    return Rejected(report, invoices, np.flatnonzero(mask), notes(report, mask))
