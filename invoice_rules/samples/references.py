"""The lists of an invented construction company, and the invoice that Spectrum's own page shows, which goes in with them (S2-1, S2-45)."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pandas as pd

from invoice_rules.workbooks import replaced, tables_workbook

REFERENCES, INVOICE = "Reference lists.xlsx", "Spectrum invoice.json"

_Cell = str | Decimal | dt.date | None
_MAY = dt.date(2018, 5, 1)
_LISTS: dict[str, tuple[str, Sequence[tuple[_Cell, ...]]]] = {
    "Companies": (
        "Company; Name; VAT; Cost centers; A/R from; A/R to; Same period; A/R account; G/L account; VAT code",
        [("ABC", "Hollis & Crane Construction", "no", "yes", _MAY, dt.date(2018, 6, 30), "no", "112000", "401000", None)],
    ),
    "Customers": (
        "Customer; Name; Terms; Salesperson; Sales tax code; Taxable; Cost centers",
        [
            ("007Cor", "007 Corporation", "1", "JP", "OHIO", "N", "100, 101"),
            ("HARBOR", "Harbor Light Inn", "2", "AM", "OHIO", "Y", None),
            ("STATE", "State Building Office", "No Default", None, "EXEMPT", "N", None),
        ],
    ),
    "Jobs": ("Job; Name; Customer; Tax class; VAT code", [("J-100", "Harbor Light Inn, west wing", "HARBOR", "CUYAHOGA", None)]),
    "Contracts": (
        "Job; Customer; Terms; Salesperson; Sales tax code; Retention percent; Taxable; G/L account; Cost center",
        [("J-100", "HARBOR", "2", "JP", None, Decimal(10), "Y", "402000", "102")],
    ),
    "Terms": ("Terms; Name; Days", [("1", "30 days net", Decimal(30)), ("2", "10 days net", Decimal(10))]),
    "Salespersons": ("Salesperson; Name", [("AM", "Ann Marsh"), ("JP", "Jo Parker")]),
    "Tax codes": ("Tax code; Name", [("CUYAHOGA", "Cuyahoga County"), ("EXEMPT", "Exempt"), ("OHIO", "State of Ohio")]),
    "Tax rates": (
        "Tax code; From; Rate",
        [
            ("CUYAHOGA", dt.date(2014, 10, 1), Decimal(8)),
            ("EXEMPT", dt.date(2000, 1, 1), Decimal(0)),
            ("OHIO", dt.date(2005, 7, 1), Decimal("5.5")),
            ("OHIO", dt.date(2013, 9, 1), Decimal("5.75")),
        ],
    ),
    "VAT codes": ("VAT code; Name; Rate", [("V20", "Standard rate", Decimal(20)), ("V5", "Reduced rate", Decimal(5))]),
    "G-L accounts": (
        "Account; Name; Type; Cost centers",
        [
            ("112000", "Accounts receivable", "asset", None),
            ("204200", "Customer deposits", "liability", "100"),
            ("401000", "Contract revenue", "income", None),
            ("402000", "Renovation revenue", "income", "100, 102"),
            ("501000", "Materials on jobs", "direct cost", None),
        ],
    ),
    "Cost centers": ("Cost center; Name", [("100", "Workshop"), ("101", "Office"), ("102", "Building sites")]),
}


def build_reference_samples(folder: Path | str) -> Path:
    """Write the lists as one workbook with a sheet for each kind, and the invoice beside it; earlier ones are replaced. Gives the workbook.

    `reference import all` takes the workbook; then the invoice goes in with every code looked up and every blank filled. Raises CannotRun.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    replaced(folder / INVOICE, lambda part: _copied(part, sample_invoice()))
    frames = {name: pd.DataFrame(list(rows), columns=headings.split("; "), dtype=object) for name, (headings, rows) in _LISTS.items()}
    return tables_workbook(frames, folder / REFERENCES, "Reference lists")


def sample_invoice() -> bytes:
    """The invoice of six lines that the service's page shows, as JSON."""
    return (files(__package__) / "spectrum.json").read_bytes()


def _copied(part: Path, content: bytes) -> None:
    part.write_bytes(content)
