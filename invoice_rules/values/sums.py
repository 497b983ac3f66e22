"""Sums of amounts as Python's own integers, which cannot overflow: a column of int64 may add up to more than 64 bits (X-3, X-17)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.table import text_array
from invoice_rules.values.columns import codes_of, encoded


def exact_sum(amounts: pa.Array | pa.ChunkedArray | pd.Series) -> int:
    """The sum of an int64 column in minor units, blank cells counting nothing.

    >>> exact_sum(pa.array([2**62, 2**62, 2**62, None])) == 3 * 2**62
    True
    """
    array = pa.array(amounts, pa.int64(), from_pandas=True) if isinstance(amounts, pd.Series) else amounts
    values = np.asarray(pc.fill_null(array, 0), np.int64)
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def sums_by_currency(rows: pd.DataFrame, fields: Sequence[str]) -> dict[str, dict[str, int]]:
    """Currency -> {field: exact sum in minor units} over typed rows; rows without a currency are left out (X-17)."""
    named = [name for name in fields if name in rows]
    if not named or "currency" not in rows:
        return {}
    currency = text_array(rows["currency"])
    codes, known = codes_of(currency), encoded(currency).dictionary.to_pylist()
    sums: dict[str, dict[str, int]] = {}
    for place in sorted(np.unique(codes[codes >= 0]).tolist(), key=known.__getitem__):
        mask = codes == place
        sums[known[place]] = {name: exact_sum(rows[name] if mask.all() else rows[name][mask]) for name in named}
    return sums
