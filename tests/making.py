"""Rows and tables made by hand, for tests of the engine that need no file."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from invoice_rules.results import Mapping, Match
from invoice_rules.rulesets import rule_set
from invoice_rules.table import TEXT, Kind, Origin, Table

RECEIVABLES = rule_set("paystand.receivables")
CUSTOMERS = rule_set("paystand.customers")

GOOD = {
    "invoiceId": "INV-1001",
    "invoiceNumber": "1001",
    "amount": "$1,000.00",
    "amountDue": "250.00",
    "customerName": "Miller Studio",
    "extCustomerId": "C-4711",
    "date": "10/31/2026",
    "dateDue": "11/30/2026",
    "isCanceled": "no",
    "contactEmail": "ap@miller.co",
}
GOOD_CUSTOMER = {"extCustomerId": "C-4711", "customerName": "Miller Studio", "contactEmail": "ap@miller.co", "contactFullName": "Ada Miller"}


def receivable(number: int = 0, **cells: str) -> dict[str, str]:
    """A row that keeps every rule, its keys made different by `number`; cells may be replaced."""
    own = {"invoiceId": f"INV-{1001 + number}", "invoiceNumber": str(1001 + number), "extCustomerId": f"C-{4711 + number}"}
    return {**GOOD, **own, **cells}


def table(rows: Sequence[Dict[str, str]], kinds: Dict[str, Sequence[Kind]] | None = None, name: str = "october.csv") -> Table:
    """A table as reading makes it: headings in row 1, data from row 2."""
    headings = tuple(rows[0])
    columns = {place: pd.Series([row[heading] for row in rows], dtype=TEXT) for place, heading in enumerate(headings)}
    frame = pd.DataFrame(columns).set_axis(pd.RangeIndex(2, 2 + len(rows)))
    held = {headings.index(name): np.array(kind, np.int8) for name, kind in (kinds or {}).items()}
    return Table(frame, headings, Origin(name, "csv", sha256="0" * 64, header_row=1), held)


def mapped(headings: Sequence[str], rules=RECEIVABLES) -> Mapping:
    """Every heading to the field of the same name."""
    place = {heading: column for column, heading in enumerate(headings)}
    matches = {name: Match(place.get(name), name if name in place else "", "exact", 1.0) for name in rules.fields}
    return Mapping(rules.name, matches, tuple(headings), rules.required)
