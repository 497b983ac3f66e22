"""What is open, by how long it has been due: the aging table of accounts receivable (S1-9, S0-30, X-17)."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.alike import folded
from invoice_rules.problems import plural
from invoice_rules.rulesets import rule_sets
from invoice_rules.store import entities
from invoice_rules.store.listing import invoices
from invoice_rules.store.opening import Store
from invoice_rules.store.tables import customers
from invoice_rules.store.tables import rule_sets as owners
from invoice_rules.values import show_date, show_money

BUCKETS = ("current", "1–30", "31–60", "61–90", "over 90")
"""Days past due; current is what is not due yet."""
_ENDS = np.array([0, 30, 60, 90])
_LATER = "dated later"
_WHO = ["customer", "folded", "system"]


def aging(store: Store, *, as_of: dt.date | None = None, rules: str | None = None, customer: str | None = None) -> pd.DataFrame:
    """One row a customer and currency: customer, customer_name, currency, the buckets and total in minor units, and system, by customer and currency.

    A customer is an id of one system: the same id of another system is somebody else. Customers without an id are told apart by name, without regard to case.
    Counted are the balances of documents in force whose status is a receivable of their rule set, credits below zero; drafts, estimates, staged and void
    ones are no receivables. Days count from the due date, where there is none from the invoice date, to `as_of` (today). What is dated after that day
    is left out; `left_out` says it.
    """
    day = as_of or dt.date.today()
    found = invoices(store, rules=rules, customer=customer)
    found = found[_receivable(found) & (found["balance"].fillna(0) != 0)]
    later = _dated_after(found, day)
    owed = by_customer(found[~later], day)
    on_file = _names(store) if (owed["customer_name"] == "").any() else {}
    known = (on_file.get(who, "") for who in zip(owed["system"], owed["customer"], strict=True))
    owed = owed.assign(customer_name=[name or its for name, its in zip(owed["customer_name"], known, strict=True)])
    owed.attrs[_LATER] = _said_of_later(found[later], day)
    return owed


def left_out(owed: pd.DataFrame) -> str:
    """What a table of `aging` leaves out because it is dated after its day, as a sentence; '' where that is nothing."""
    return str(owed.attrs.get(_LATER, ""))


def _said_of_later(found: pd.DataFrame, day: dt.date) -> str:
    sums = found.groupby("currency")["balance"].sum()
    totals = ", ".join(f"{code} {show_money(int(minor), str(code))}" for code, minor in sums.items())
    are = "is" if len(found) == 1 else "are"
    return f"{plural(len(found), 'open invoice')} dated after {show_date(day)} {are} left out ({totals})." if len(found) else ""


def _dated_after(found: pd.DataFrame, day: dt.date) -> np.ndarray:
    """(rows,) bool: the invoice date is after the day."""
    return pc.fill_null(pc.greater(pa.array(found["date"], pa.date32(), from_pandas=True), pa.scalar(day)), False).to_numpy(zero_copy_only=False)


def by_customer(found: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """See `aging`; of these invoices."""
    late = _days_late(found, as_of)
    bucket = np.searchsorted(_ENDS, late, "left")
    balances = found["balance"].astype("int64").to_numpy()
    shown = pd.DataFrame({name: np.where(bucket == place, balances, 0) for place, name in enumerate(BUCKETS)})
    shown["total"] = balances
    for name in ("customer", "customer_name", "currency"):
        shown[name] = found[name].fillna("").to_numpy()
    shown["system"] = [str(rules).split(".")[0] for rules in found["rules"]]
    forms = {name: folded(name) for name in shown.loc[shown["customer"] == "", "customer_name"].unique()}
    shown["folded"] = ["" if key else forms[name] for key, name in zip(shown["customer"], shown["customer_name"], strict=True)]
    named = shown.loc[shown["customer_name"] != ""].groupby(_WHO)["customer_name"].last()
    summed = shown.groupby([*_WHO, "currency"], as_index=False)[[*BUCKETS, "total"]].sum()
    summed["customer_name"] = [named.get(who, "") for who in summed[_WHO].itertuples(index=False, name=None)]
    return summed[["customer", "customer_name", "currency", *BUCKETS, "total", "system"]]


def _names(store: Store) -> dict[tuple[str, str], str]:
    """(system, customer id) -> name of the customers in force."""
    joined = customers.join(owners, owners.c.id == customers.c.rules)
    wanted = sa.select(owners.c.name.label("system"), customers.c.key, customers.c.name).select_from(joined)
    wanted = wanted.where(customers.c.in_force == sa.literal_column("1"), customers.c.name.is_not(None))
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        return {(row.system, row.key): row.name for row in connection.execute(wanted.where(customers.c.entity == number))}


def _receivable(found: pd.DataFrame) -> np.ndarray:
    """(rows,) bool: the status counts as a receivable by the rules of the document."""
    counts = {(name, status) for name, rules in rule_sets().items() for status in rules.receivable}
    return np.fromiter((pair in counts for pair in zip(found["rules"], found["status"], strict=True)), bool, len(found))


def _days_late(found: pd.DataFrame, as_of: dt.date) -> np.ndarray:
    due, date = (pa.array(found[name], pa.date32(), from_pandas=True) for name in ("due_date", "date"))
    since = pc.fill_null(pc.coalesce(due, date).cast(pa.int32()), (as_of - dt.date(1970, 1, 1)).days)
    return (as_of - dt.date(1970, 1, 1)).days - since.to_numpy(zero_copy_only=False)
