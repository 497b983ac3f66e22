"""Sums that no number of rows can make wrong (X-3, X-17)."""

import pandas as pd
import pyarrow as pa

from invoice_rules.fields import MONEY_TYPE
from invoice_rules.table import TEXT
from invoice_rules.values import exact_sum, sums_by_currency

MOST = 999_999_999_999_999  # 9,999,999,999,999.99, the largest amount


def test_sums_beyond_64_bits_are_exact():
    many = pa.array([MOST] * 20_000)
    assert exact_sum(many) == MOST * 20_000 > 2**64
    assert exact_sum(pa.chunked_array([many, pa.array([-1, None])])) == MOST * 20_000 - 1
    assert exact_sum(pd.Series([MOST, None, -MOST - 7], dtype=MONEY_TYPE)) == -7
    assert exact_sum(pa.array([], pa.int64())) == 0


def test_currencies_are_never_mixed():
    amounts = pd.Series([MOST, 5, 7, None], dtype=MONEY_TYPE)
    rows = pd.DataFrame({"amount": amounts, "currency": pd.Series(["USD", "JPY", None, "JPY"], dtype=TEXT)})
    assert sums_by_currency(rows, ("amount", "amountDue")) == {"JPY": {"amount": 5}, "USD": {"amount": MOST}}
    assert sums_by_currency(rows, ("amountDue",)) == {} == sums_by_currency(rows[["amount"]], ("amount",))
