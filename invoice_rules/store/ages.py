"""What is open, by how long it has been due: the aging table of accounts receivable (S1-9, S0-30, X-17)."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.alike import folded
from invoice_rules.problems import plural
from invoice_rules.rulesets import rule_sets
from invoice_rules.store import entities, listing
from invoice_rules.store.opening import Store
from invoice_rules.store.tables import customers, invoices
from invoice_rules.store.tables import rule_sets as owners
from invoice_rules.table import TEXT
from invoice_rules.values import show_date, show_money

BUCKETS = {"current": (None, 0), "1–30": (0, 30), "31–60": (30, 60), "61–90": (60, 90), "over 90": (90, None)}
"""Days past due, more than the first and at most the second; current is what is not due yet."""
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
    found = _open(store, day, rules, customer)
    later = found["later"] == 1
    owed = _by_customer(found[~later])
    on_file = _names(store) if (owed["customer_name"] == "").any() else {}
    known = (on_file.get(who, "") for who in zip(owed["system"], owed["customer"], strict=True))
    owed = owed.assign(customer_name=[name or its for name, its in zip(owed["customer_name"], known, strict=True)])
    owed.attrs[_LATER] = _said_of_later(found[later], day)
    return owed


def left_out(owed: pd.DataFrame) -> str:
    """What a table of `aging` leaves out because it is dated after its day, as a sentence; '' where that is nothing."""
    return str(owed.attrs.get(_LATER, ""))


def _open(store: Store, day: dt.date, rules: str | None, customer: str | None) -> pd.DataFrame:
    """The receivables with a balance, added up by the database: one row a rule set, customer, name and currency, those dated after the day apart."""
    due, its = sa.func.coalesce(invoices.c.due_date, invoices.c.date), invoices.c.balance
    keys = {
        "rules": owners.c.name,
        "customer": sa.func.coalesce(invoices.c.customer, ""),
        "customer_name": sa.func.coalesce(invoices.c.customer_name, ""),
        "currency": sa.func.coalesce(invoices.c.currency, ""),
        "later": sa.case((invoices.c.date > day.isoformat(), 1), else_=0),
    }
    sums: dict[str, sa.ColumnElement[int]] = {name: sa.func.sum(sa.case((_past_due(due, day, *days), its), else_=0)) for name, days in BUCKETS.items()}
    sums |= {"total": sa.func.sum(its), "count": sa.func.count(its)}
    latest = sa.func.max(sa.func.coalesce(invoices.c.date, "") + " " + invoices.c.key).label("latest")
    columns = [*(its.label(name) for name, its in keys.items()), *(sa.cast(its, sa.BigInteger).label(name) for name, its in sums.items()), latest]
    receivable = [sa.and_(owners.c.name == name, invoices.c.status.in_(its.receivable)) for name, its in rule_sets().items() if its.receivable]
    wanted = listing.chosen(columns, rules=rules, customer=customer).where(sa.or_(*receivable), its != 0).group_by(*keys.values())
    return listing.read(store, wanted).to_pandas(types_mapper={pa.large_string(): TEXT}.get)


def _past_due(due: sa.ColumnElement[str], day: dt.date, more_than: int | None, at_most: int | None) -> sa.ColumnElement[bool]:
    """Whether a date is so many days before the day; what has no date at all is not due yet."""
    if more_than is None:
        return sa.or_(due.is_(None), due >= day.isoformat())
    latest = due < (day - dt.timedelta(more_than)).isoformat()
    return latest if at_most is None else sa.and_(latest, due >= (day - dt.timedelta(at_most)).isoformat())


def _said_of_later(found: pd.DataFrame, day: dt.date) -> str:
    sums, count = found.groupby("currency")["total"].sum(), int(found["count"].sum())
    totals = ", ".join(f"{code} {show_money(int(minor), str(code))}" for code, minor in sums.items())
    return f"{plural(count, 'open invoice')} dated after {show_date(day)} {'is' if count == 1 else 'are'} left out ({totals})." if count else ""


def _by_customer(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of each customer and currency added up, under the name of the latest invoice that has one."""
    shown = found.sort_values("latest", kind="stable").assign(system=found["rules"].str.split(".").str[0])
    forms = {name: folded(name) for name in shown.loc[shown["customer"] == "", "customer_name"].unique()}
    shown["folded"] = ["" if key else forms[name] for key, name in zip(shown["customer"], shown["customer_name"], strict=True)]
    named = shown[shown["customer_name"] != ""].drop_duplicates(_WHO, keep="last").set_index(_WHO)["customer_name"].to_dict()
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
