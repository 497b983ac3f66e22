"""What is open, by how long it has been due: the aging table of accounts receivable (S1-9, S0-30, X-17)."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.rulesets import rule_sets
from invoice_rules.store import entities
from invoice_rules.store.listing import invoices
from invoice_rules.store.opening import Store
from invoice_rules.store.tables import customers

BUCKETS = ("current", "1–30", "31–60", "61–90", "over 90")
"""Days past due; current is what is not due yet."""
_ENDS = np.array([0, 30, 60, 90])


def aging(store: Store, *, as_of: dt.date | None = None, rules: str | None = None, customer: str | None = None) -> pd.DataFrame:
    """One row a customer and currency: customer, customer_name, currency, the buckets and total, in minor units, by customer and currency.

    Counted are the balances of documents in force whose status is a receivable of their rule set, credits below zero; drafts, estimates, staged and void
    ones are no receivables. Days count from the due date, where there is none from the invoice date, to `as_of` (today).
    """
    found = invoices(store, rules=rules, customer=customer)
    owed = by_customer(found[_receivable(found) & (found["balance"].fillna(0) != 0)], as_of or dt.date.today())
    on_file = _names(store) if (owed["customer_name"] == "").any() else {}
    return owed.assign(customer_name=[name or on_file.get(key, "") for key, name in zip(owed["customer"], owed["customer_name"], strict=True)])


def by_customer(found: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """See `aging`; of these invoices."""
    late = _days_late(found, as_of)
    bucket = np.searchsorted(_ENDS, late, "left")
    balances = found["balance"].astype("int64").to_numpy()
    shown = pd.DataFrame({name: np.where(bucket == place, balances, 0) for place, name in enumerate(BUCKETS)})
    shown["total"] = balances
    for name in ("customer", "customer_name", "currency"):
        shown[name] = found[name].fillna("").to_numpy()
    names = shown.loc[shown["customer_name"] != ""].groupby("customer")["customer_name"].last()
    summed = shown.groupby(["customer", "currency"], as_index=False)[[*BUCKETS, "total"]].sum()
    summed.insert(1, "customer_name", [names.get(key, "") for key in summed["customer"]])
    return summed


def _names(store: Store) -> dict[str, str]:
    """Customer id -> name of the customers in force."""
    wanted = sa.select(customers.c.key, customers.c.name).where(customers.c.in_force == sa.literal_column("1"), customers.c.name.is_not(None))
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        return {row.key: row.name for row in connection.execute(wanted.where(customers.c.entity == number))}


def _receivable(found: pd.DataFrame) -> np.ndarray:
    """(rows,) bool: the status counts as a receivable by the rules of the document."""
    counts = {(name, status) for name, rules in rule_sets().items() for status in rules.receivable}
    return np.fromiter((pair in counts for pair in zip(found["rules"], found["status"], strict=True)), bool, len(found))


def _days_late(found: pd.DataFrame, as_of: dt.date) -> np.ndarray:
    due, date = (pa.array(found[name], pa.date32(), from_pandas=True) for name in ("due_date", "date"))
    since = pc.fill_null(pc.coalesce(due, date).cast(pa.int32()), (as_of - dt.date(1970, 1, 1)).days)
    return (as_of - dt.date(1970, 1, 1)).days - since.to_numpy(zero_copy_only=False)
