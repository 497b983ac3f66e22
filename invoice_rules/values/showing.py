"""Typed cells as people write them, in messages, plans and lists."""

import numpy as np
import pandas as pd

from invoice_rules.values.currencies import show_money
from invoice_rules.values.dates import show_date


def show_cell(rows: pd.DataFrame, field: str, at: int) -> str:
    """One typed cell as messages show it: 1,200.00 or 21 Nov 2026; '' where it is blank."""
    value = rows[field].iat[at]
    if pd.isna(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        code = rows["currency"].iat[at] if "currency" in rows else "USD"
        return show_money(int(value), code if isinstance(code, str) else "USD")
    return value if isinstance(value, str) else show_date(value)
