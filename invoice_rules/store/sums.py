"""Sums of amounts inside the database, exact on both: SQLite's would stop at 64 bits, so the halves are summed apart."""

from collections.abc import Sequence

import sqlalchemy as sa

_BITS: sa.ColumnElement[int] = sa.literal_column("32")
_LOW: sa.ColumnElement[int] = sa.literal_column("4294967295")


def by_currency(connection: sa.Connection, columns: Sequence[sa.ColumnElement], currency: sa.ColumnElement, wanted: sa.Select) -> dict[str, list[int]]:
    """Currency ('' for none) -> the sum of each column over the rows of `wanted`, which has FROM and WHERE but no columns."""
    halves = [sa.func.sum(half) for column in columns for half in (column.op(">>")(_BITS), column.op("&")(_LOW))]
    found: dict[str, list[int]] = {}
    for code in connection.execute(wanted.add_columns(currency).distinct()).scalars().all():  # grouping would sort all rows
        parts = connection.execute(wanted.add_columns(*halves).where(currency.is_not_distinct_from(code))).one()
        exact = [(int(parts[at] or 0) << 32) + int(parts[at + 1] or 0) for at in range(0, len(parts), 2)]
        found[code or ""] = [a + b for a, b in zip(found.get(code or "", [0] * len(exact)), exact, strict=True)]
    return found
