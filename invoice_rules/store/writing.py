"""Blocks of documents into a store: new ones at once, known ones staged, imaged, updated. One statement a step, no row loops."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.results import Outcome
from invoice_rules.store.binary import as_binary
from invoice_rules.store.images import image
from invoice_rules.store.tables import BIG, outcomes

_PLANS = ("enable_hashjoin", "enable_mergejoin")
_CREATED, _UPDATED = int(Outcome.CREATED), int(Outcome.UPDATED)
_FOUND_BY = ("key", "in_force")
_KNOWN = (int(Outcome.UPDATED), int(Outcome.UNCHANGED), int(Outcome.SKIPPED))
_BOUND = 900
"""Values bound to one statement; older SQLite takes no more than 999."""

Step = Callable[[], object]


@dataclass
class Writer:
    """Writes blocks of one table (invoices or customers) for one batch, in the caller's transaction."""

    connection: sa.Connection
    table: sa.Table
    document: tuple[str, ...]
    entity: int
    rules: int
    batch: int

    def __post_init__(self) -> None:
        self.first_id = self.next_id = int(self.connection.execute(sa.select(sa.func.coalesce(sa.func.max(self.table.c.id), 0))).scalar_one()) + 1
        self.stage.create(self.connection)
        self._tune("off")

    def close(self) -> None:
        """Back to the planner's own choices; the stage goes with the transaction or is dropped here."""
        self.stage.drop(self.connection)
        self._tune("on")

    def _tune(self, state: str) -> None:
        """A block of 10,000 meets a table of millions: PostgreSQL must look records up, not read them all for every block."""
        if self._server:
            for name in _PLANS:
                self.connection.exec_driver_sql(f"SET LOCAL {name} = {state}")

    @property
    def _server(self) -> bool:
        return self.connection.dialect.name == "postgresql"

    @cached_property
    def stage(self) -> sa.Table:
        kinds = {name: self.table.c[name].type for name in self.document}
        columns = [sa.Column("seq", sa.Integer, primary_key=not self._server, autoincrement=False)]
        columns += [sa.Column("row", sa.Integer), sa.Column("outcome", sa.SmallInteger), sa.Column("id", BIG)]
        columns += [sa.Column(name, kind) for name, kind in kinds.items()]
        return sa.Table(f"stage_{self.table.name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"])

    def steps(self, block: pa.Table) -> list[Step]:
        """What stores one block, to be done in this order: seq, row, outcome, key and the document's columns, null unless created or updated.

        Blocks come in their order; the steps of the next one may be made while those of this one are done.
        """
        block = self._numbered(block)
        known = pc.is_in(block.column("outcome"), pa.array(_KNOWN, pa.int64()))
        staged = self._staged(block.filter(known).select([c.name for c in self.stage.columns])) if pc.any(known).as_py() else []
        return [*staged, *self._unknown(block.filter(pc.invert(known)))]

    def _numbered(self, block: pa.Table) -> pa.Table:
        """With the ids of the records that are new."""
        created = block.column("outcome").to_numpy() == _CREATED
        ids = np.zeros(block.num_rows, np.int64)
        ids[created] = np.arange(self.next_id, self.next_id + created.sum())
        self.next_id += int(created.sum())
        return block.append_column("id", pa.array(ids, mask=~created))

    def _unknown(self, block: pa.Table) -> list[Step]:
        """What needs nothing of the store goes into its tables at once; a key that is taken after all stops everything."""
        new = pc.equal(block.column("outcome"), _CREATED)
        created, out = block.filter(new), block.filter(pc.invert(new))
        told = created.select(["seq", "row", "id"]).rename_columns(["seq", "row", self._record])
        return [
            *inserts(self.connection, self.table, created.drop_columns(["seq", "row", "outcome", "in_force"]), {**self._fixed, "in_force": 1}),
            *inserts(self.connection, outcomes, told, {"batch": self.batch, "outcome": _CREATED, "version": 1}),
            *inserts(self.connection, outcomes, out.select(["seq", "row", "outcome", "key"]), {"batch": self.batch}),
        ]

    def _staged(self, block: pa.Table) -> list[Step]:
        """What the store knows is looked up there, imaged and updated."""
        updated = pc.any(pc.equal(block.column("outcome"), _UPDATED)).as_py()
        wanted = (self._find, self._outcomes, *((self._images, self._update) if updated else ()))
        emptied = f"{'TRUNCATE' if self._server else 'DELETE FROM'} {self.stage.name}"
        asked = [partial(self.connection.execute, step) for step in wanted]
        return [*inserts(self.connection, self.stage, block, {}), *asked, partial(self.connection.exec_driver_sql, emptied)]

    @cached_property
    def _find(self) -> sa.Update:
        """The records in force that the file's known keys mean."""
        here, stage = self.table.c, self.stage.c
        same = sa.and_(here.entity == self.entity, here.rules == self.rules, here.key == stage.key, here.in_force == sa.literal_column("1"))
        return self.stage.update().where(stage.outcome.in_(_KNOWN)).values(id=sa.select(here.id).where(same).scalar_subquery())

    @cached_property
    def _outcomes(self) -> sa.Insert:
        """What becomes of each document that is on file and is not updated."""
        stage = self.stage.c
        return self._told(sa.select(*self._head, sa.case((stage.id.is_(None), stage.key)), sa.null(), sa.null()).where(stage.outcome != _UPDATED))

    @cached_property
    def _images(self) -> sa.Insert:
        """The same for updates, with the image before."""
        here, stage = self.table.c, self.stage.c
        joined = self.stage.join(self.table, here.id == stage.id)
        wanted = sa.select(*self._head, sa.null(), here.version + 1, image(self.connection.dialect.name, self.table))
        return self._told(wanted.select_from(joined).where(stage.outcome == _UPDATED))

    @property
    def _head(self) -> list[sa.ColumnElement]:
        stage = self.stage.c
        return [sa.literal(self.batch), stage.seq, stage.row, stage.outcome, stage.id]

    @property
    def _fixed(self) -> dict[str, int]:
        """What is the same in every new record."""
        return {"entity": self.entity, "rules": self.rules, "version": 1, "created": self.batch, "changed": self.batch}

    @property
    def _record(self) -> str:
        """The column of an outcome that names its record."""
        return "customer" if self.table.name == "customers" else "invoice"

    def _told(self, wanted: sa.Select) -> sa.Insert:
        return outcomes.insert().from_select(["batch", "seq", "row", "outcome", self._record, "key", "version", "before"], wanted.order_by(self.stage.c.seq))

    @cached_property
    def _update(self) -> sa.Update:
        """The new values of records that are there; what they were found by stays."""
        stage = self.stage.c
        changes = {name: stage[name] for name in self.document if name not in _FOUND_BY}
        mine = sa.and_(stage.outcome == _UPDATED, self.table.c.id == stage.id)
        return self.table.update().where(mine).values({**changes, "changed": self.batch, "version": self.table.c.version + 1})


def inserts(connection: sa.Connection, table: sa.Table, block: pa.Table, fixed: dict[str, int]) -> list[Step]:
    """What puts rows into a table, with values that are the same in each."""
    block = block.select([name for name in block.column_names if block.column(name).null_count < block.num_rows])
    if not block.num_rows:
        return []
    if connection.dialect.name == "postgresql":
        return [partial(_copy, connection, table, *as_binary(block, table, fixed))]
    return [partial(_executemany, connection, table, block, fixed)]


def _copy(connection: sa.Connection, table: sa.Table, names: list[str], rows: list[bytes | memoryview]) -> None:
    raw: Any = connection.connection.cursor()
    columns = ", ".join(f'"{name}"' for name in names)
    with raw, raw.copy(f"COPY {table.name} ({columns}) FROM STDIN (FORMAT binary)") as copy:
        for part in rows:
            copy.write(part)


def _executemany(connection: sa.Connection, table: sa.Table, block: pa.Table, fixed: dict[str, int]) -> None:
    """Some dozens of rows a statement: SQLite lets go of the interpreter after each, and other threads come between."""
    values: dict[str, Any] = {name: sa.bindparam(name) for name in block.column_names}
    values |= {name: sa.literal_column(str(value)) for name, value in fixed.items()}
    insert: Any = table.insert().inline().values(values).compile(dialect=connection.dialect)
    head, _, row = str(insert).partition(" VALUES ")
    cells = _by_row([plain_list(block.column(name)) for name in insert.positiontup])
    width = len(insert.positiontup)
    size = _BOUND // width
    whole = block.num_rows // size * size * width
    raw: Any = connection.connection.cursor()
    with closing(raw):
        raw.executemany(f"{head} VALUES {', '.join([row] * size)}", _cut(cells[:whole], size * width))
        raw.executemany(str(insert), _cut(cells[whole:], width))


def _by_row(columns: list[list[Any]]) -> list[Any]:
    """The cells of all columns, row after row."""
    cells: list[Any] = [None] * (len(columns) * len(columns[0]))
    for place, column in enumerate(columns):
        cells[place :: len(columns)] = column
    return cells


def _cut(cells: list[Any], size: int) -> Iterator[list[Any]]:
    return (cells[at : at + size] for at in range(0, len(cells), size))


def plain_list(column: pa.ChunkedArray) -> list[Any]:
    """A column as Python values; whole numbers never by way of a float."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not array.null_count or not pa.types.is_integer(array.type):
        return array.to_numpy(zero_copy_only=False).tolist()
    values = pc.fill_null(array, 0).to_numpy(zero_copy_only=False).tolist()
    for at in np.flatnonzero(pc.is_null(array).to_numpy(zero_copy_only=False)).tolist():
        values[at] = None
    return values
