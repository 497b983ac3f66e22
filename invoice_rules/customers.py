"""The customers of a file's invoices and those on file: names that differ, and customers that are not there yet (S3-29)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.alike import folded, forms_of
from invoice_rules.columns import Columns
from invoice_rules.fields import RuleSet
from invoice_rules.problems import Finding, Rule, Severity, plural, quoted
from invoice_rules.results import Context
from invoice_rules.table import TEXT, text_array
from invoice_rules.values.columns import codes_of, encoded, places

NAME_STAYS = Rule("name-stays", "Customer {customer} is on file as {other}. The customer keeps that name; only this invoice shows the other.", "S3-29", "A customer's stored name stays.", Severity.WARNING)
NEW_CUSTOMERS = Rule("new-customers", "{customers} not on file: each is created with the first of its invoices that goes in, and marked incomplete.", "S3-29", "Unknown customers are created where the setting allows it.", Severity.NOTICE)
UNKNOWN_CUSTOMER = Rule("unknown-customer", "No customer has the id {value}. Import the customer first, or correct the id.", "S3-29", "With the setting must-exist: the customer is on file.")
RULES = (NAME_STAYS, NEW_CUSTOMERS, UNKNOWN_CUSTOMER)


def about_customers(rows: pd.DataFrame, columns: Columns, context: Context, settings: Mapping[str, str]) -> list[Finding]:
    """Names that differ from the stored one, and customers that are not on file (S3-29)."""
    customer, name = columns.rules.role("customer"), columns.rules.role("customer_name")
    if customer == columns.rules.key or customer not in rows:
        return []
    ids = text_array(rows[customer])
    distinct, codes = encoded(ids).dictionary, codes_of(ids)
    stored = context.customers(columns.rules, distinct)
    place = np.append(places(distinct, text_array(stored.index.to_series())), -1)[codes]
    unknown = np.flatnonzero((place < 0) & (codes >= 0))
    found = [_unknown(rows[customer], codes, unknown, columns, settings)] if len(unknown) and _minded(columns.rules) else []
    if name in rows and len(stored):
        found.append(_names(rows, stored, place, customer, name))
    return found


def _unknown(ids: pd.Series, codes: np.ndarray, unknown: np.ndarray, columns: Columns, settings: Mapping[str, str]) -> Finding:
    if columns.rules.is_set("customers", "must-exist", settings):
        return Finding(UNKNOWN_CUSTOMER, str(ids.name), unknown)
    return Finding(NEW_CUSTOMERS, str(ids.name), facts={"customers": plural(len(np.unique(codes[unknown])), "customer")})


def _names(rows: pd.DataFrame, stored: pd.DataFrame, place: np.ndarray, customer: str, name: str) -> Finding:
    """Rows whose customer's stored name is another, beyond case and spaces."""
    names = text_array(rows[name])
    distinct = encoded(names).dictionary
    forms = forms_of(pa.concat_arrays([text_array(stored["name"].astype(TEXT)), distinct]), folded)
    old, new = np.append(forms[: len(stored)], -1)[place], np.append(forms[len(stored) :], -1)[codes_of(names)]
    wrong = np.flatnonzero((new >= 0) & (old >= 0) & (old != new))

    def facts(position: int, _: str) -> Mapping[str, object]:
        return {"customer": rows[customer].iat[position], "other": quoted(stored["name"].iat[place[position]])}

    return Finding(NAME_STAYS, name, wrong, facts)


def _minded(rules: RuleSet) -> bool:
    """Whether customers are made from invoices, or must be on file, as an option of the rule set says (S3-29)."""
    return any(option.name == "customers" for option in rules.options)


def new_customers(rows: pd.DataFrame, rules: RuleSet, context: Context) -> pd.DataFrame | None:
    """Customers to create (S3-29). Index: customer id; columns: name, email; the first row of each customer."""
    customer, name, email = (rules.role(role) for role in ("customer", "customer_name", "email"))
    if customer == rules.key or customer not in rows or not _minded(rules):
        return None
    ids = text_array(rows[customer])
    distinct, codes = encoded(ids).dictionary, codes_of(ids)
    first = np.full(len(distinct) + 1, -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    known = places(distinct, text_array(context.customers(rules, distinct).index.to_series()))
    at = np.sort(first[:-1][(known < 0) & (first[:-1] >= 0)])
    columns = {label: rows[field].iloc[at].to_numpy() if field in rows else None for label, field in (("name", name), ("email", email))}
    return pd.DataFrame(columns, index=pd.Index(rows[customer].iloc[at].to_numpy(), name="customer"))
