"""What the stages hand on: `Mapping`, `Report`, `Plan`, `Receipt`, and `Context`, the read-only view that a store gives.

All are frozen and carry no behaviour but showing themselves: `to_frame()`, `summary()` and an HTML form for notebooks.
"""

import dataclasses
import datetime as dt
import enum
import html
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.problems import Fill, Problem, Problems, Severity, plural
from invoice_rules.table import Table


@dataclass(frozen=True)
class Match:
    """Which column feeds one field, how that was found, and how sure it is (0 to 1)."""

    column: int | None
    heading: str = ""
    how: str = ""
    score: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Mapping:
    """Columns to fields of one rule set (X-13), with the settings saved along. `how` is given, saved, exact, title, synonym or similar."""

    rules: str
    matches: Dict[str, Match]
    headings: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    settings: Dict[str, str] = dataclasses.field(default_factory=dict)
    name: str = ""
    version: int = 0

    @property
    def fields(self) -> dict[str, int | None]:
        """Field -> 0-based column, None where nothing feeds it."""
        return {field: match.column for field, match in self.matches.items()}

    @property
    def unused(self) -> tuple[int, ...]:
        """Columns that feed no field."""
        used = set(self.fields.values())
        return tuple(column for column in range(len(self.headings)) if column not in used)

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields with neither a column nor a setting."""
        return tuple(f for f in self.required if self.fields.get(f) is None and f not in self.settings)

    def to_frame(self) -> pd.DataFrame:
        """One row a field: field, column, heading, how, score, why."""
        rows = [(f, m.column, m.heading, m.how, m.score, m.why) for f, m in self.matches.items()]
        return pd.DataFrame(rows, columns=["field", "column", "heading", "how", "score", "why"]).astype({"column": "Int64"})

    def summary(self) -> str:
        fed = sum(match.column is not None for match in self.matches.values())
        still = f"; still to map: {', '.join(self.missing)}" if self.missing else ""
        return f"{fed} of {plural(len(self.matches), 'field')} have a column{still}."

    def _repr_html_(self) -> str:
        return _html(self.summary(), self.to_frame())


@dataclass(frozen=True)
class Entity:
    """Whose books these are (X-18), with the settings that rules look at. `revision` rises with every change of its books."""

    name: str = "main"
    title: str = ""
    currency: str = ""
    environment: str = "live"
    closed_until: dt.date | None = None
    revision: int = 0


@dataclass(frozen=True)
class Corrections:
    """What a sender's data needs every month (X-14): cell texts to replace by field, and column settings. Never amounts, dates or keys."""

    values: Dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    settings: Dict[str, str] = dataclasses.field(default_factory=dict)
    sender: str = ""
    version: int = 0


@dataclass(frozen=True)
class Expected:
    """Declared control totals (X-8): how many invoices, and their total in minor units by currency; None: not declared."""

    count: int | None = None
    totals: Dict[str, int] = dataclasses.field(default_factory=dict)
    due: Dict[str, int] = dataclasses.field(default_factory=dict)


class Context(Protocol):
    """What examining may know of the store. Frames hold the fields of the rule set, typed as `Report.rows` has them."""

    @property
    def entity(self) -> Entity: ...

    def existing(self, rules: Any, keys: pa.Array) -> pd.DataFrame:
        """The records in force with these keys. Index: key; columns: the fields that the store keeps, `status`, `version`."""
        ...

    def same_number(self, rules: Any, customers: pa.Array, numbers: pa.Array) -> pd.DataFrame:
        """Records in force that share a (customer, number) pair: columns at (position in the arrays), key."""
        ...

    def same_amount(self, rules: Any, customers: pa.Array, amounts: pa.Array) -> pd.DataFrame:
        """Records in force that share a (customer, amount) pair: columns at, key, number, date, currency."""
        ...

    def customers(self, rules: Any, ids: pa.Array) -> pd.DataFrame:
        """Customers on file. Index: customer id; columns: name, complete."""
        ...


@dataclass(frozen=True)
class Known:
    """What the store has of the rows that it knows: `at` are their positions, `was` the stored records, `changed` what differs."""

    at: np.ndarray
    was: pd.DataFrame
    changed: Dict[str, np.ndarray]

    @property
    def differs(self) -> np.ndarray:
        """(len(at),) bool: rows of which any field differs."""
        return np.logical_or.reduce([*self.changed.values(), np.zeros(len(self.at), bool)])


@dataclass(frozen=True)
class Report:
    """An examined file. `rows` are its typed rows (index: the user's row numbers; columns: fields, `currency`, `status`).

    `invoice` gives each row's invoice as a code 0…n-1, in order of appearance. `known` is None without a store.
    """

    table: Table
    rules: Any
    mapping: Mapping
    rows: pd.DataFrame
    invoice: np.ndarray
    problems: Problems
    settings: Dict[str, str] = dataclasses.field(default_factory=dict)
    entity: Entity = Entity()
    sender: str = ""
    fills: tuple[Fill, ...] = ()
    known: Known | None = None
    expected: Expected = Expected()
    corrections: Corrections = Corrections()
    new_customers: pd.DataFrame | None = None

    @cached_property
    def blocked(self) -> list[Problem]:
        """Errors and holds about the file itself, which keep everything out until they are settled."""
        return self.problems.about_file(Severity.HOLD)

    @cached_property
    def worst(self) -> np.ndarray:
        """(invoices,) int8: the highest severity of each invoice's rows, 0 for none (X-2)."""
        worst = np.zeros(self.invoices, np.int8)
        np.maximum.at(worst, self.invoice, self.problems.worst(len(self.rows)))
        return worst

    @property
    def invoices(self) -> int:
        return int(self.invoice.max()) + 1 if len(self.invoice) else 0

    @cached_property
    def first(self) -> np.ndarray:
        """(invoices,) int64: the position of each invoice's first row."""
        return np.unique(self.invoice, return_index=True)[1]

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
        heads = self.rows.iloc[self.first if keep is None else self.first[keep]]
        fields = [name for name in (self.rules.role("amount"), self.rules.role("balance")) if name and name in heads]
        sums: dict[str, dict[str, int]] = {}
        for code in sorted(heads["currency"].dropna().unique()) if len(fields) else []:
            of_code = heads[heads["currency"] == code]
            sums[code] = {name: int(of_code[name].sum() or 0) for name in fields}
        return sums

    def to_frame(self) -> pd.DataFrame:
        """One row a problem; see `Problems.to_frame`."""
        return self.problems.to_frame()

    def summary(self) -> str:
        """The sentence that leads every report."""
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
        return opening + (f", {warned:,} of them with warnings." if warned else ".")

    def _repr_html_(self) -> str:
        return _html(self.summary(), self.problems.counts())


def amounts(report: Report, keep: np.ndarray | None = None) -> str:
    """' (USD 1,204.00, EUR 3.00)': totals of the amount field as text, '' where the rule set has none."""
    from invoice_rules.values import show_money

    field = report.rules.role("amount")
    sums = [f"{code} {show_money(total[field], code)}" for code, total in report.totals(keep).items() if field in total]
    return f" ({', '.join(sums)})" if sums else ""


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
        from invoice_rules.planning import differences

        return differences(self)

    def to_frame(self) -> pd.DataFrame:
        """One row an invoice: row, key, outcome."""
        heads = self.report.rows.iloc[self.report.first]
        outcomes = [str(Outcome(code)) for code in self.outcomes]
        return pd.DataFrame({"row": heads.index, "key": heads[self.report.rules.key].to_numpy(), "outcome": outcomes})

    def summary(self) -> str:
        noun = self.report.rules.document
        counts = [f"{self.count(o):,} {word}" for o, word in _PLANNED.items() if self.count(o)]
        return f"Of {plural(len(self.outcomes), noun)}: {', '.join(counts) or 'none'}."

    def _repr_html_(self) -> str:
        return _html(self.summary(), self.differences())


_PLANNED = {
    Outcome.CREATED: "to create",
    Outcome.UPDATED: "to update",
    Outcome.UNCHANGED: "unchanged",
    Outcome.SKIPPED: "to skip",
    Outcome.REJECTED: "to reject",
}


@dataclass(frozen=True)
class Receipt:
    """The evidence of one batch (X-7): plain data, as stored. Amounts are text with the currency's decimals."""

    batch: str
    number: int
    kind: str
    state: str
    at: str
    user: str
    entity: str
    rules: str
    rules_version: str
    source: str
    sha256: str
    mapping: str
    counts: Dict[str, int]
    totals: Dict[str, Dict[str, Dict[str, str]]]
    head: str
    reason: str = ""
    sender: str = ""
    store: str = ""
    details: Dict[str, Any] = dataclasses.field(default_factory=dict)
    outcomes: pd.DataFrame | None = dataclasses.field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "outcomes"}

    def to_frame(self) -> pd.DataFrame:
        """One row an invoice of the batch: row, key, outcome, and what changed."""
        return pd.DataFrame(columns=["row", "key", "outcome"]) if self.outcomes is None else self.outcomes

    def summary(self) -> str:
        counts = ", ".join(f"{count:,} {word}" for word, count in self.counts.items() if count) or "nothing to do"
        return f"Batch {self.number} of {self.entity}, {self.at[:16].replace('T', ' ')}: {counts}."

    def _repr_html_(self) -> str:
        return _html(self.summary(), self.to_frame().head(200))


def exact(minor: int, currency: str) -> str:
    """Minor units as a plain decimal number: '1234.50'."""
    from invoice_rules.values import decimals_of

    return str(Decimal(int(minor)).scaleb(-decimals_of(currency)))


def _html(summary: str, frame: pd.DataFrame) -> str:
    return f"<p>{html.escape(summary)}</p>{frame.to_html(index=False, escape=True, max_rows=200, border=0)}"


def by_invoice(codes: Sequence[int]) -> np.ndarray:
    """Codes of any kind to 0…n-1 in order of first appearance."""
    return pd.factorize(np.asarray(codes))[0].astype(np.int64)
