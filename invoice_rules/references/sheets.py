"""Reference lists as sheets: which sheet of a workbook holds which list, and a list as people read it."""

import re
from decimal import Decimal
from typing import Any

import pandas as pd

from invoice_rules.fields import RuleSet
from invoice_rules.reading import sheet_names
from invoice_rules.references.found import kind, owned
from invoice_rules.results import exact


def sheets_of(source: Any) -> tuple[dict[str, str], list[str]]:
    """({name of a list: its sheet}, sheets that are no list) of a workbook whose sheets are called as the lists are, by name or title."""
    found: dict[str, str] = {}
    others = []
    for sheet in sheet_names(source):
        try:
            rules = kind(re.sub(r"\W", "", sheet))
        except LookupError:
            rules = None
        if rules is not None and rules.name in owned() and rules.name not in found:
            found[rules.name] = sheet
        else:
            others.append(sheet)
    return {name: found[name] for name in owned() if name in found}, others


def as_sheet(entries: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """Entries with the titles of their fields as headings; amounts as exact decimals of their currency, other numbers without idle zeros."""
    codes = entries["currency"] if "currency" in entries else [rules.currency] * len(entries)
    columns: dict[str, Any] = {}
    for name, field in rules.fields.items():
        if name not in entries:
            continue
        values = entries[name]
        if field.kind == "money":
            values = pd.Series([_amount(value, code) for value, code in zip(values, codes, strict=True)], dtype=object)
        elif field.kind in ("number", "percent"):
            values = pd.Series([None if pd.isna(value) else _plain(value) for value in values], dtype=object)
        columns[field.title] = values.array
    return pd.DataFrame(columns)


def _amount(value: Any, code: Any) -> Decimal | None:
    return None if pd.isna(value) or pd.isna(code) else Decimal(exact(int(value), str(code)))


def _plain(value: Decimal) -> Decimal:
    """10.500000 -> 10.5, 10.000000 -> 10.

    >>> _plain(Decimal("10.500000")), _plain(Decimal("30.000000"))
    (Decimal('10.5'), Decimal('30'))
    """
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
