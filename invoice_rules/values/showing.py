"""Typed cells as people write them, in messages, plans and lists."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.values.currencies import show_money
from invoice_rules.values.dates import show_date
from invoice_rules.values.numbers import show_number


class CellWriter:
    """`show_cell` for many cells of the same rows: each column is taken out of the frame once."""

    def __init__(self, rows: pd.DataFrame):
        self._rows = rows
        self._columns: dict[str, pa.Array | pa.ChunkedArray] = {}

    def __call__(self, field: str, at: int) -> str:
        currency = _currency_of(field, self._rows)
        return _shown(self._cell(field, at), self._cell(currency, at) if currency in self._rows else "USD")

    def _cell(self, field: str, at: int) -> object:
        if field not in self._columns:
            self._columns[field] = pa.array(self._rows[field], from_pandas=True)
        return self._columns[field][at].as_py()


def show_cell(rows: pd.DataFrame, field: str, at: int) -> str:
    """One typed cell as messages show it: 1,200.00 or 21 Nov 2026; '' where it is blank."""
    return _shown(rows[field].iat[at], rows["currency"].iat[at] if "currency" in rows else "USD")


def _currency_of(field: str, rows: pd.DataFrame) -> str:
    """The column whose codes the amounts of a field have: what was stored has its own."""
    return "was.currency" if field.startswith("was.") and "was.currency" in rows else "currency"


def _shown(value: Any, code: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return show_number(value)
    if isinstance(value, int | np.integer):
        return show_money(int(value), code if isinstance(code, str) else "USD")
    return value if isinstance(value, str) else show_date(value)
