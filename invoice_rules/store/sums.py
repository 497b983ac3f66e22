"""Sums of amounts inside the database, exact on both: SQLite's would stop at 64 bits, so the halves are summed apart."""

from collections.abc import Sequence

import sqlalchemy as sa

_LOW = 0xFFFF_FFFF


def by_currency(connection: sa.Connection, columns: Sequence[sa.ColumnElement], currency: sa.ColumnElement, wanted: sa.Select) -> dict[str, list[int]]:
    """Currency ('' for none) -> the sum of each column over the rows of `wanted`, which has FROM and WHERE but no columns."""
    halves = [sa.func.sum(half) for column in columns for half in (column.op(">>")(32), column.op("&")(_LOW))]
    code = sa.func.coalesce(currency, "")
    rows = connection.execute(wanted.add_columns(code, *halves).group_by(code)).all()
    return {row[0]: [(int(row[at] or 0) << 32) + int(row[at + 1] or 0) for at in range(1, len(row), 2)] for row in rows}
