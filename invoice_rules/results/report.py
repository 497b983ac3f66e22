"""An examined file: its typed rows, its problems, and what is ready to go in."""

import dataclasses
from collections.abc import Collection
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from invoice_rules.problems import Fill, Problem, Problems, Severity, plural
from invoice_rules.results.books import Corrections, Entity, Expected
from invoice_rules.results.known import Known
from invoice_rules.results.mapping import Mapping
from invoice_rules.results.showing import as_html
from invoice_rules.table import Table
from invoice_rules.values import show_money, sums_by_currency


@dataclass(frozen=True)
class Report:
    """An examined file. `rows` has one typed row an invoice (index: the user's number of its first row; columns: fields, `currency`, `record.status`),
    `lines` one a line, with the fields of lines alone (index: the user's row numbers), None where invoices have none of their own.

    `invoice` gives the invoice of each row of the table, 0…n-1 in order of appearance. `known` is None without a store.
    `also_named` are keys of documents that the file names but `rows` has not, such as those that a filter leaves out (index: the user's number of the
    first row), None for none; `hidden` counts the rows left out because they are hidden in the sheet.
    """

    table: Table
    rules: Any
    mapping: Mapping
    rows: pd.DataFrame
    invoice: np.ndarray
    problems: Problems
    lines: pd.DataFrame | None = None
    settings: Dict[str, str] = dataclasses.field(default_factory=dict)
    entity: Entity = Entity()
    sender: str = ""
    fills: tuple[Fill, ...] = ()
    known: Known | None = None
    expected: Expected = Expected()
    corrections: Corrections = Corrections()
    new_customers: pd.DataFrame | None = None
    also_named: pd.Series | None = None
    hidden: int = 0

    @cached_property
    def blocked(self) -> list[Problem]:
        """Errors and holds about the file itself, which keep everything out until they are settled."""
        return self.problems.about_file(Severity.HOLD)

    def unsettled(self, accept: Collection[str]) -> list[Problem]:
        """Those of them that keep everything out even where these kinds of hold are accepted."""
        return [problem for problem in self.blocked if problem.severity >= Severity.ERROR or problem.rule not in accept]

    @cached_property
    def worst(self) -> np.ndarray:
        """(invoices,) int8: the highest severity of each invoice's rows, 0 for none (X-2)."""
        worst = np.zeros(self.invoices, np.int8)
        np.maximum.at(worst, self.invoice, self.problems.worst(len(self.invoice)))
        return worst

    @property
    def invoices(self) -> int:
        return len(self.rows)

    @cached_property
    def first(self) -> np.ndarray:
        """(invoices,) int64: the position of each invoice's first row in the table."""
        return np.unique(self.invoice, return_index=True)[1]

    @cached_property
    def line_invoice(self) -> np.ndarray:
        """(lines,) int64: the invoice of each line."""
        if self.lines is None:
            return np.empty(0, np.int64)
        return self.invoice[self.table.frame.index.get_indexer(self.lines.index)]

    @cached_property
    def ready(self) -> np.ndarray:
        """(invoices,) bool: nothing keeps it out."""
        return (self.worst < Severity.HOLD) & (not self.blocked)

    @property
    def accepted(self) -> int:
        return int(self.ready.sum())

    @property
    def rejected(self) -> int:
        return self.invoices - self.accepted

    def totals(self, keep: np.ndarray | None = None) -> dict[str, dict[str, int]]:
        """Currency -> {field: sum in minor units} over the amount and balance of all invoices, or of those in the mask."""
        heads = self.rows if keep is None else self.rows[keep]
        return sums_by_currency(heads, (self.rules.role("amount"), self.rules.role("balance")))

    def to_frame(self) -> pd.DataFrame:
        """One row a problem; see `Problems.to_frame`."""
        return self.problems.to_frame()

    def summary(self) -> str:
        """The sentence that leads every report."""
        if not self.invoices:
            return f"Nothing to import: no {self.rules.document} of the file is chosen."
        noun, warned = self.rules.document, int((self.ready & (self.worst == Severity.WARNING)).sum())
        if self.blocked:
            return f"Nothing can be imported yet: {plural(len(self.blocked), 'question')} about the file to settle first."
        held = int((self.worst == Severity.HOLD).sum())
        wrong = self.rejected - held
        if not self.rejected:
            opening = f"All {plural(self.invoices, noun)} are ready" if self.invoices != 1 else f"The {noun} is ready"
        else:
            parts = [f"{wrong:,} of {plural(self.invoices, noun)} {'has errors and stays' if wrong == 1 else 'have errors and stay'} out" if wrong else ""]
            parts += [f"{held:,} {'waits' if held == 1 else 'wait'} for a yes" if held else ""]
            opening = "; ".join(filter(None, parts)) + f". {self.accepted:,}{amounts(self, self.ready)} {'is' if self.accepted == 1 else 'are'} ready"
        of_them = "" if self.accepted == 1 else f", {warned:,} of them"
        return opening + (f"{of_them or ','} with warnings." if warned else ".")

    def _repr_html_(self) -> str:
        return as_html(self.summary(), self.problems.counts())


def amounts(report: Report, keep: np.ndarray | None = None) -> str:
    """' (USD 1,204.00, EUR 3.00)': totals of the amount field as text, '' where the rule set has none."""
    field = report.rules.role("amount")
    sums = [f"{code} {show_money(total[field], code)}" for code, total in report.totals(keep).items() if field in total]
    return f" ({', '.join(sums)})" if sums else ""
