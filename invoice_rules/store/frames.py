"""Rows of a query as Arrow columns: in parts on SQLite, by COPY on PostgreSQL, so that a million never become Python rows at once."""

import io
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

_PART = 5_000
_PARTS = 20
"""Parts of a portion: rows of SQLite are taken over some thousand at a time, and handed on by the hundred thousand."""
_COPIED = 1 << 24
"""Bytes of a copy that make a portion."""
_READ = 1 << 20
"""Bytes of a copy that are read at a time, unless a row is longer: no row may lie in three parts."""


def arrow(connection: sa.Connection, wanted: sa.Select) -> pa.Table:
    """The result of a query whose columns are text or whole numbers."""
    kinds = _kinds(wanted)
    return pa.concat_tables([pa.table({name: pa.array([], kind) for name, kind in kinds.items()}), *portions(connection, wanted)])


def portions(connection: sa.Connection, wanted: sa.Select) -> Generator[pa.Table]:
    """The same, some at a time: whoever keeps little of each holds little at once. The result is read while this goes on."""
    if connection.dialect.name == "postgresql":
        yield from _by_copy(connection, wanted, _kinds(wanted))
        return
    cursor: Any = connection.execute(wanted).cursor
    parts = (_part(rows, _kinds(wanted)) for rows in iter(lambda: cursor.fetchmany(_PART), []))
    with closing(cursor):
        while some := list(islice(parts, _PARTS)):
            yield _taken(some)


def _taken(parts: list[pa.Table]) -> pa.Table:
    """These as one; nobody else holds them any more while it is looked at."""
    whole = pa.concat_tables(parts)
    parts.clear()
    return whole


def _kinds(wanted: sa.Select) -> dict[str, pa.DataType]:
    return {str(c.key): _kind(c.type) for c in wanted.selected_columns}


def _kind(kind: sa.types.TypeEngine) -> pa.DataType:
    return pa.int64() if isinstance(kind, sa.Integer) else pa.large_string()


def _part(rows: Any, kinds: dict[str, pa.DataType]) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    return pa.table({name: pa.array(values, kind) for (name, kind), values in zip(kinds.items(), columns, strict=True)})


def _by_copy(connection: sa.Connection, wanted: sa.Select, kinds: dict[str, pa.DataType]) -> Iterator[pa.Table]:
    compiled = wanted.compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"render_postcompile": True})
    buffer, longest = io.BytesIO(), _READ
    cursor: Any = connection.connection.cursor()
    with cursor as raw, raw.copy(f"COPY ({compiled}) TO STDOUT (FORMAT csv)", compiled.params) as copy:
        for data in _arriving(raw.connection.pgconn, copy):
            longest = max(longest, buffer.write(data))
            if buffer.tell() >= _COPIED:
                yield _read(buffer, kinds, longest)
    if buffer.tell():
        yield _read(buffer, kinds, longest)


def _read(buffer: io.BytesIO, kinds: dict[str, pa.DataType], longest: int) -> pa.Table:
    """The rows in the buffer, which is empty then."""
    read = pa.csv.ReadOptions(column_names=list(kinds), block_size=longest)
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    convert = pa.csv.ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False)
    found = pa.csv.read_csv(pa.BufferReader(buffer.getvalue()), read, parse, convert)
    buffer.seek(0)
    buffer.truncate()
    return found


def _arriving(server: Any, copy: Any) -> Iterator[bytes]:
    """The rows of a copy, one after the other.

    `copy.read()` gets ready to wait for each row, and that costs more than the row: those that are here already are taken from libpq itself.
    """
    while row := copy.read():
        size = 1
        while size > 0:
            yield row
            size, row = server.get_copy_data(1)
        if size < 0:  # all are here; `copy` would have asked how it ended
            _ended(server)
            return


def _ended(server: Any) -> None:
    """The end of a copy, as the server tells it. Raises psycopg's error for what went wrong there."""
    from psycopg import errors, pq  # with the first store on PostgreSQL, not before

    told = server.get_result()
    while server.get_result() is not None:
        continue
    if told.status != pq.ExecStatus.COMMAND_OK:
        raise errors.error_from_result(told)
