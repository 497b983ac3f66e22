"""Sums of amounts inside the database, exact on both: PostgreSQL's have no end; SQLite's would stop at 64 bits, so the halves are summed apart."""

from collections.abc import Sequence

import sqlalchemy as sa

_BITS: sa.ColumnElement[int] = sa.literal_column("32")
_LOW: sa.ColumnElement[int] = sa.literal_column("4294967295")


def by_currency(connection: sa.Connection, columns: Sequence[sa.ColumnElement], currency: sa.ColumnElement, wanted: sa.Select) -> dict[str, list[int]]:
    """Currency ('' for none) -> the sum of each column over the rows of `wanted`, which has FROM and WHERE but no columns."""
    codes = connection.execute(wanted.add_columns(sa.func.coalesce(currency, "")).distinct()).scalars().all()
    return {code: exactly(connection, columns, of_code(wanted, currency, code))[1:] for code in codes}  # grouping would sort all rows


def of_code(wanted: sa.Select, currency: sa.ColumnElement, code: str) -> sa.Select:
    """The rows of one currency; '' for those that have none."""
    return wanted.where(currency == code if code else sa.or_(currency.is_(None), currency == ""))


def exactly(connection: sa.Connection, columns: Sequence[sa.ColumnElement], wanted: sa.Select) -> list[int]:
    """[rows, the sum of each column] of `wanted`."""
    if connection.dialect.name == "postgresql":
        count, *sums = connection.execute(wanted.add_columns(sa.func.count(), *(sa.func.sum(column) for column in columns))).one()
        return [count, *(int(total or 0) for total in sums)]
    halves = [sa.func.sum(half) for column in columns for half in (column.op(">>")(_BITS), column.op("&")(_LOW))]
    count, *parts = connection.execute(wanted.add_columns(sa.func.count(), *halves)).one()
    return [count, *((int(parts[at] or 0) << 32) + int(parts[at + 1] or 0) for at in range(0, len(parts), 2))]
