"""The invoices on file, filtered, as a frame, or how many they are."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.fields import DATE_TYPE, MONEY_TYPE, RuleSet
from invoice_rules.rulesets import rule_set
from invoice_rules.store import entities
from invoice_rules.store.frames import arrow
from invoice_rules.store.opening import Store
from invoice_rules.store.records import Records, read_details, series_of
from invoice_rules.store.tables import invoices as table
from invoice_rules.store.tables import rule_sets
from invoice_rules.table import TEXT
from invoice_rules.values import CellWriter

_TEXTS = ("key", "number", "customer", "customer_name", "email")
FIELD = "field."
"""What the columns of wanted fields begin with: a field may be called like a column of the list, and be something else."""
_SHOWN = (*_TEXTS, "date", "due_date", "currency", "amount", "balance", "status")


class Filters(TypedDict, total=False):
    """Which invoices are meant; None is every one.

    `customer` is an id, or the name of one without an id; `since` and `until` are days of the invoice date, both included; `search` is looked for in ids,
    numbers, names and addresses; `named` is an id or a number, letter by letter.
    """

    status: str | Sequence[str] | None
    customer: str | None
    rules: str | None
    since: dt.date | None
    until: dt.date | None
    search: str | None
    named: str | None


def invoices(store: Store, *, limit: int | None = None, fields: Mapping[str, str | None] | None = None, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Invoices in force, by date and key: rules, key, number, customer, …, amount and balance in minor units of `currency`, status.

    At most `limit` of those that the `Filters` choose.
    `fields` are header fields of the rule set to show as text, each in a column `field.NAME`; those with a value keep only the invoices in which they say it,
    without regard to case (S0-33).
    """
    columns = [rule_sets.c.name.label("rules"), *[table.c[name] for name in _SHOWN], table.c.changed.label("batch"), *([table.c.details] if fields else [])]
    found = read(store, chosen(columns, **filters).order_by(table.c.date, table.c.key).limit(limit))
    frame = found.to_pandas(types_mapper={pa.large_string(): TEXT, pa.int64(): MONEY_TYPE}.get)
    for name in ("date", "due_date"):
        frame[name] = pd.array(found.column(name).cast(pa.date32()), dtype=DATE_TYPE)
    frame = frame.drop(columns="details", errors="ignore").astype({"batch": "int64"})
    rules = filters.get("rules")
    return _with_fields(frame, found, rule_set(rules), fields) if rules and fields else frame


def count(store: Store, **filters: Unpack[Filters]) -> int:
    """How many invoices in force the `Filters` choose."""
    return int(read(store, chosen([sa.func.count(table.c.id).label("count")], **filters)).column("count")[0].as_py())


def chosen(columns: Sequence[sa.ColumnElement[Any]], **filters: Unpack[Filters]) -> sa.Select:
    """These columns of the invoices in force that the `Filters` choose. Raises TypeError for a filter that there is not: it must not choose everything."""
    if unknown := filters.keys() - Filters.__annotations__.keys():
        raise TypeError(f"invoices are not chosen by {', '.join(sorted(unknown))}, but by {', '.join(Filters.__annotations__)}")
    status, customer, rules = filters.get("status"), filters.get("customer"), filters.get("rules")
    since, until, search, named = filters.get("since"), filters.get("until"), filters.get("search"), filters.get("named")
    statuses = [status] if isinstance(status, str) else list(status or ())
    conditions = [
        table.c.in_force == sa.literal_column("1"),
        table.c.status.in_(statuses) if statuses else None,
        sa.or_(table.c.customer == customer, sa.and_(table.c.customer.is_(None), table.c.customer_name == customer)) if customer else None,
        rule_sets.c.name == rules if rules else None,
        table.c.date >= since.isoformat() if since else None,
        table.c.date <= until.isoformat() if until else None,
        sa.or_(*[table.c[name].icontains(search, autoescape=True) for name in _TEXTS]) if search else None,
        sa.or_(table.c.key == named, table.c.number == named) if named is not None else None,
    ]
    return sa.select(*columns).select_from(table.join(rule_sets, rule_sets.c.id == table.c.rules)).where(*[c for c in conditions if c is not None])


def read(store: Store, wanted: sa.Select) -> pa.Table:
    """What a query of `chosen` finds among the invoices of the entity."""
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        return arrow(connection, wanted.where(table.c.entity == number))


def _with_fields(frame: pd.DataFrame, found: pa.Table, rules: RuleSet, fields: Mapping[str, str | None]) -> pd.DataFrame:
    """With these fields of the rule set as text, and only the rows in which they say what is asked for."""
    records = Records(rules)
    own = {field: column for column, field in records.columns.items()}
    rest = read_details(found.column("details").combine_chunks(), {name: rules.fields[name] for name in records.rest if name in fields})
    arrays = {**rest, **{name: found.column(own[name]) for name in fields if own.get(name) in found.column_names}}
    typed = {name: series_of(array, rules.fields[name]) for name, array in arrays.items()}
    show = CellWriter(pd.DataFrame({**typed, "currency": frame["currency"]}))
    for name in fields:
        frame[FIELD + name] = pd.array([show(name, at) if name in typed else "" for at in range(len(found))], dtype=TEXT)
    keep = [frame[FIELD + name].str.casefold() == wanted.strip().casefold() for name, wanted in fields.items() if wanted is not None]
    return frame[np.logical_and.reduce(keep)].reset_index(drop=True) if keep else frame
