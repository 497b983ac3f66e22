"""The invoices on file, filtered, as a frame."""

import datetime as dt
from collections.abc import Mapping, Sequence

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


def invoices(
    store: Store,
    *,
    status: str | Sequence[str] | None = None,
    customer: str | None = None,
    rules: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    search: str | None = None,
    limit: int | None = None,
    fields: Mapping[str, str | None] | None = None,
) -> pd.DataFrame:
    """Invoices in force, by date and key: rules, key, number, customer, …, amount and balance in minor units of `currency`, status.

    `customer` is an id, or the name of one without an id; `since` and `until` are days of the invoice date, both included; `search` is looked for in ids,
    numbers, names and addresses.
    `fields` are header fields of `rules` to show as text, each in a column `field.NAME`; those with a value keep only the invoices in which they say it,
    without regard to case (S0-33).
    """
    wanted = sa.select(rule_sets.c.name.label("rules"), *[table.c[name] for name in _SHOWN], table.c.changed.label("batch"), *([table.c.details] if fields else []))
    wanted = wanted.select_from(table.join(rule_sets, rule_sets.c.id == table.c.rules)).where(table.c.in_force == sa.literal_column("1"))
    chosen = [status] if isinstance(status, str) else list(status or ())
    conditions = [
        table.c.status.in_(chosen) if chosen else None,
        sa.or_(table.c.customer == customer, sa.and_(table.c.customer.is_(None), table.c.customer_name == customer)) if customer else None,
        rule_sets.c.name == rules if rules else None,
        table.c.date >= since.isoformat() if since else None,
        table.c.date <= until.isoformat() if until else None,
        sa.or_(*[table.c[name].icontains(search, autoescape=True) for name in _TEXTS]) if search else None,
    ]
    wanted = wanted.where(*[c for c in conditions if c is not None]).order_by(table.c.date, table.c.key).limit(limit)
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        found = arrow(connection, wanted.where(table.c.entity == number))
    frame = found.to_pandas(types_mapper={pa.large_string(): TEXT, pa.int64(): MONEY_TYPE}.get)
    for name in ("date", "due_date"):
        frame[name] = pd.array(found.column(name).cast(pa.date32()), dtype=DATE_TYPE)
    frame = frame.drop(columns="details", errors="ignore").astype({"batch": "int64"})
    return _with_fields(frame, found, rule_set(rules), fields) if rules and fields else frame


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
