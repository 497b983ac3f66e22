"""The documents in force as a table again, as a file could have them: to judge them anew by other rules."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.fields import Field, RuleSet
from invoice_rules.results import exact
from invoice_rules.store import entities
from invoice_rules.store.frames import arrow
from invoice_rules.store.opening import Store
from invoice_rules.store.records import Records, as_typed, read_details, read_lines
from invoice_rules.table import TEXT

BATCH, CURRENCY = "record.batch", "record.currency"


def kept(store: Store, rules: RuleSet) -> pd.DataFrame:
    """Every document of the rule set in force, by key: a row each, or one for each of its lines, with its fields repeated.

    Columns: the fields that the store keeps, under their names, texts blank and the rest None where there is no value; `record.batch`, the
    batch that wrote the document last; `record.currency`. Amounts are exact and, on credits, above zero again, as files have them (S0-30).
    """
    records = Records(rules)
    with store.reading() as connection:
        entity, _ = entities.entity(connection, store.entity.name)
        number, table = entities.number_of(connection, records.owner), records.table
        own = [table.c[name] for name in records.columns]
        currency = table.c.currency if "currency" in table.c else sa.literal(rules.currency).label("currency")
        wanted = sa.select(*own, *([currency] if "currency" not in records.columns else []), table.c.changed, table.c.details)
        here = sa.and_(table.c.entity == entity, table.c.rules == number, table.c.in_force == sa.literal_column("1"))
        found = arrow(connection, wanted.where(here).order_by(table.c.key))
    return _as_file(found, records)


def _as_file(found: pa.Table, records: Records) -> pd.DataFrame:
    details = found.column("details").combine_chunks()
    codes = pc.fill_null(found.column("currency").combine_chunks(), records.rules.currency)
    columns = {field: found.column(column).combine_chunks() for column, field in records.columns.items()}
    columns |= read_details(details, {name: records.rules.fields[name] for name in records.rest})
    columns = as_typed(columns, records.rules)
    cells = {name: _cells(values, records.rules.fields[name], codes) for name, values in columns.items()}
    whole = {BATCH: found.column("changed").to_pylist(), CURRENCY: codes.to_pylist()}
    if not records.rules.lined:
        return _frame({**cells, **whole})
    owners, lines = read_lines(details, records.line_fields)
    bare = np.setdiff1d(np.arange(len(details)), owners)
    at = np.argsort(np.r_[owners, bare], kind="stable")
    take = np.r_[owners, bare][at]
    codes_of_lines = codes.take(pa.array(owners))
    padded = {name: [*_cells(values, records.line_fields[name], codes_of_lines), *[""] * len(bare)] for name, values in lines.items()}
    headers = {name: [values[n] for n in take] for name, values in {**cells, **whole}.items()}
    return _frame({**headers, **{name: [values[n] for n in at] for name, values in padded.items()}})


def _frame(columns: Mapping[str, list[object]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()}).astype({BATCH: "int64", CURRENCY: TEXT})


def _cells(values: pa.Array, field: Field, codes: pa.Array) -> list[object]:
    """Each value as a cell of a workbook has it: dates and exact numbers; the rest is text."""
    plain = values.to_pylist()
    if field.kind == "money":
        return [None if value is None else Decimal(exact(value, code)) for value, code in zip(plain, codes.to_pylist(), strict=True)]
    if field.kind == "date":
        return [dt.date.fromisoformat(value) if isinstance(value, str) else value for value in plain]
    if field.kind == "yes_no":
        return ["" if value is None else "yes" if value in (True, 1, "true") else "no" for value in plain]
    if field.kind in ("number", "percent"):
        return [None if value is None else _number(value) for value in plain]
    return ["" if value is None else str(value) for value in plain]


def _number(value: Decimal) -> Decimal:
    """Without the zeros that only the store adds."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
