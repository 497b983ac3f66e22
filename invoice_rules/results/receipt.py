"""The evidence of a batch (X-7)."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from invoice_rules.problems import plural
from invoice_rules.results.showing import as_html
from invoice_rules.values import decimals_of

NOT_READABLE = "not readable"
"""What stands in place of a currency where nothing that was counted has an amount that could be read."""


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
        happened = {**self.counts, "closed": self.details.get("closed", 0)}
        told = [f"{count:,} {word}" for word, count in happened.items() if count]
        counts = ", ".join(filter(None, [*told, reopened(self.details), staying(self.details)])) or "nothing to do"
        at = dt.datetime.fromisoformat(self.at).astimezone()
        return f"Batch {self.number} of {self.entity}, {at.day} {at:%b %Y, %H:%M}: {counts}."

    def tally(self, names: Iterable[str]) -> list[tuple[str, str, str, Dict[str, str]]]:
        """A row for each of these outcomes and currency: outcome ('' in its further rows), count, currency, field → amount (X-7, X-8, X-20).

        An outcome of which no amount could be read has a row that says so in place of the currency, so that its count is not missed.
        """
        counts = {"file": sum(self.counts.values()), **{name: self.details.get(name) for name in ("closed", "reopened")}, **self.counts}
        found: list[tuple[str, str, str, Dict[str, str]]] = []
        for name in (name for name in names if name in self.totals):
            count = counts.get(name)
            of_code = self.totals[name] or ({NOT_READABLE: {}} if count else {})
            first = (name, "" if count is None else f"{count:,}")
            found += [(*(("", "") if place else first), code, sums) for place, (code, sums) in enumerate(of_code.items())]
        return found

    def unread(self) -> str:
        """How many invoices no total can count, as a sentence (X-8); '' where there are none."""
        count = self.details.get("unreadable") or 0
        return f"{count:,} of them {'has' if count == 1 else 'have'} no amount or no currency that can be read, and {'is' if count == 1 else 'are'} in no total." if count else ""

    def _repr_html_(self) -> str:
        return as_html(self.summary(), self.to_frame().head(200))


def reopened(details: Dict[str, Any]) -> str:
    """What the undo of a complete list made open again (X-10, X-20).

    >>> reopened({"reopened": 5}), reopened({})
    ('5 closed invoices reopened', '')
    """
    return f"{plural(details['reopened'], 'closed invoice')} reopened" if details.get("reopened") else ""


def staying(details: Dict[str, Any]) -> str:
    """The customers that an undo had to leave, for something else uses or changed them (X-10, S3-29).

    >>> staying({"staying": {"customers": 2, "first": ["C-1", "C-2"]}}), staying({"staying": {"customers": 31, "first": ["C-1"]}}), staying({})
    ('2 customers stay (C-1, C-2)', '31 customers stay (C-1 and 30 more)', '')
    """
    if not (told := details.get("staying")):
        return ""
    count, first = told["customers"], told["first"]
    more = f" and {count - len(first):,} more" if count > len(first) else ""
    return f"{plural(count, 'customer')} {'stays' if count == 1 else 'stay'} ({', '.join(first)}{more})"


def exact(minor: int, currency: str) -> str:
    """Minor units as a plain decimal number: '1234.50'."""
    return str(Decimal(int(minor)).scaleb(-decimals_of(currency)))
