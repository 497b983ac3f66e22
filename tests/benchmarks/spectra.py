"""Spectra invoices in several rows each, with clients, price items, tax rates and sales reps on file: lines of invented sales.

`write` makes the file; `Lists` is what is on file. One line in fifty has something wrong.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from invoice_rules.fields import DATE_TYPE, MONEY_TYPE, NUMBER_TYPE, YES_NO_TYPE
from invoice_rules.references import kind
from invoice_rules.results import Entity
from invoice_rules.table import TEXT

CLIENTS, ITEMS, REPS, STATUSES, METHODS = 20_000, 500, 40, 6, 4
LINES_AN_INVOICE = 10
RATES = {"State 6.5": "6.5", "City 8.25": "8.25", "None": "0"}
TYPES = ("Session Fee", "Initial Order", "Reorder", "Credit Memo", "Estimate")
_DTYPES = {"money": MONEY_TYPE, "date": DATE_TYPE, "yes_no": YES_NO_TYPE, "number": NUMBER_TYPE, "percent": NUMBER_TYPE}


class Lists:
    """What is on file: a context of examining without a store."""

    entity = Entity()

    def __init__(self) -> None:
        items = [f"ITEM-{n:03}" for n in range(ITEMS)]
        self._columns = {
            "clients": {"clientNumber": [f"C{n:05}" for n in range(CLIENTS)], "email": [f"c{n}@mail.example" for n in range(CLIENTS)], "sessionNumbers": [f"S{n:05}" for n in range(CLIENTS)]},
            "priceListItems": {"item": items, "name": [f"Print {n}" for n in range(ITEMS)]},
            "taxCodes": {"taxCode": list(RATES), "rate": list(RATES.values())},
            "salesReps": {"salesRep": [f"Rep {n}" for n in range(REPS)]},
            "invoiceStatuses": {"status": [f"Status {n}" for n in range(STATUSES)]},
            "paymentMethods": {"method": [f"Method {n}" for n in range(METHODS)]},
        }
        self._frames: dict[str, pd.DataFrame] = {}

    def reference(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            given = self._columns.get(name, {})
            rows = len(next(iter(given.values()), []))
            self._frames[name] = pd.DataFrame({field: _typed(given.get(field, [None] * rows), known.kind) for field, known in kind(name).fields.items()})
        return self._frames[name]

    def existing(self, rules, keys):
        return pd.DataFrame({"record.status": [], "version": []}, index=pd.Index([], dtype="str", name="key"))

    def existing_in_parts(self, rules, keys, look):
        return [look(self.existing(rules, keys))]

    def same_number(self, rules, customers, numbers, names=None):
        return pd.DataFrame({"at": [], "key": []})

    def same_amount(self, rules, customers, amounts):
        return pd.DataFrame({"customer": [], "amount": [], "currency": [], "number": [], "date": []})

    def customers(self, rules, ids):
        return pd.DataFrame({"name": [], "complete": []}, index=pd.Index([], dtype="str", name="customer"))


def _typed(values: list, known: str) -> pd.Series:
    dtype = _DTYPES.get(known, TEXT)
    text = pa.array(values, pa.large_string())
    return pd.Series(pd.array(text if dtype == TEXT else text.cast(dtype.pyarrow_dtype), dtype=dtype))


def write(path: Path, lines: int) -> Path:
    """A CSV of so many lines: the header of an invoice on each of them, as a shop's export has it."""
    chance = np.random.default_rng(11)
    invoices = lines // LINES_AN_INVOICE
    of = np.repeat(np.arange(invoices), LINES_AN_INVOICE)
    head = _headers(chance, invoices)
    quantity, price = chance.integers(1, 9, lines), chance.integers(100, 20_000, lines)
    item = np.char.add("item-", np.char.zfill(chance.integers(0, ITEMS, lines).astype(str), 3))
    wrong = chance.random(lines) < 0.02
    kind_of = chance.integers(0, 4, lines)
    item = np.where(wrong & (kind_of == 0), "no such item", item)
    discount = np.where(chance.random(lines) < 0.1, "0.50", "")
    amount = np.char.mod("%d", quantity * price - np.where(discount == "0.50", 50, 0))
    columns = {name: values[of] for name, values in head.items()}
    columns |= {
        "Price list item": item,
        "Item description": np.char.add("Print of ", item),
        "Quantity": np.where(wrong & (kind_of == 1), "many", quantity.astype(str)),
        "Unit price": np.where(wrong & (kind_of == 2), "", _money(price)),
        "Line amount": np.where(wrong & (kind_of == 3), "1.00", _decimals(amount)),
        "Taxable": np.where(chance.random(lines) < 0.2, "no", "yes"),
        "Discount": discount,
    }
    pyarrow.csv.write_csv(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), path)
    return path


def _headers(chance: np.random.Generator, invoices: int) -> dict[str, np.ndarray]:
    number = np.arange(invoices)
    client = np.char.zfill(chance.integers(0, CLIENTS, invoices).astype(str), 5)
    days = np.datetime64("2026-01-01") + chance.integers(0, 300, invoices)
    unknown = chance.random(invoices) < 0.005
    return {
        "Client number": np.where(unknown, "C99999x", np.char.add("c", client)),
        "Invoice number": np.char.add("W", np.char.zfill(number.astype(str), 7)),
        "Invoice date": _american(days),
        "Type": np.asarray(TYPES)[chance.choice(5, invoices, p=[0.1, 0.5, 0.3, 0.05, 0.05])],
        "Description": np.char.add("Order ", number.astype(str)),
        "Status": np.char.add("Status ", chance.integers(0, STATUSES, invoices).astype(str)),
        "Sales rep": np.char.add("rep ", chance.integers(0, REPS, invoices).astype(str)),
        "Payment due date": _american(days + 30),
        "Tax rate": np.asarray(list(RATES))[chance.integers(0, 3, invoices)],
        "Amount paid": np.where(chance.random(invoices) < 0.3, "0.50", ""),
        "Payment method": np.char.add("Method ", chance.integers(0, METHODS, invoices).astype(str)),
    }


def _american(days: np.ndarray) -> np.ndarray:
    text = np.datetime_as_string(days, unit="D").astype("U10")
    parts = pd.Series(text).str
    return (parts[5:7] + "/" + parts[8:10] + "/" + parts[0:4]).to_numpy(str)


def _money(cents: np.ndarray) -> np.ndarray:
    return _decimals(np.char.mod("%d", cents))


def _decimals(cents: np.ndarray) -> np.ndarray:
    """Whole cents as text with a point: 1250 -> 12.50."""
    text = pd.Series(cents).str.zfill(3).str
    return (text[:-2] + "." + text[-2:]).to_numpy(str)
