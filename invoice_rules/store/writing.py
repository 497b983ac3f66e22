"""Blocks of documents into a store: new ones at once, changed ones staged, imaged, updated. One statement a step, no row loops.

Which records a file's documents are was found when it was checked, and holds: the books are still at that revision, and locked.
"""

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
from invoice_rules.store.doings import owner
from invoice_rules.store.images import image
from invoice_rules.store.tables import BIG, arrivals, outcomes

_PLANS = ("enable_hashjoin", "enable_mergejoin")
_CREATED, _UPDATED = int(Outcome.CREATED), int(Outcome.UPDATED)
_FOUND_BY = ("key", "in_force")
_STAGED = 10_000
"""Records that are staged before they are updated: each time costs as much as some hundreds of them."""
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
        self._staged = 0
        self._tune("off")

    def close(self) -> None:
        """Update what is staged yet. Back to the planner's own choices; the stage goes with the transaction or is dropped here."""
        for step in self._unstaged():
            step()
        if self.next_id > self.first_id:
            came = {"batch": self.batch, "records": self.table.name, "first": self.first_id, "last": self.next_id - 1}
            self.connection.execute(arrivals.insert().values(came))
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
        columns = [sa.Column("seq", sa.Integer, primary_key=not self._server, autoincrement=False), sa.Column("row", sa.Integer), sa.Column("id", BIG)]
        columns += [sa.Column(name, kind) for name, kind in kinds.items()]
        return sa.Table(f"stage_{self.table.name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"])

    def steps(self, block: pa.Table) -> list[Step]:
        """What stores one block of `Documents`, to be done in this order.

        Blocks come in their order; the steps of the next one may be made while those of this one are done.
        """
        outcome = block.column("outcome")
        new, changed = pc.equal(outcome, _CREATED), pc.equal(outcome, _UPDATED)
        left = block.filter(pc.invert(pc.or_(new, changed)))
        return [*self._created(block.filter(new)), *self._changed(block.filter(changed)), *self._left(left)]

    def _created(self, block: pa.Table) -> list[Step]:
        """New records; a key that is taken after all stops everything."""
        ids = pa.array(np.arange(self.next_id, self.next_id + block.num_rows))
        self.next_id += block.num_rows
        records = block.select(["seq", "row", *(name for name in self.document if name != "in_force")]).append_column("id", ids)
        return inserts(self.connection, self.table, records, self._fixed)

    def _changed(self, block: pa.Table) -> list[Step]:
        """Records that get other values: staged, their images kept, updated."""
        self._staged += block.num_rows
        staged = inserts(self.connection, self.stage, block.select([c.name for c in self.stage.columns]), {})
        return [*staged, *(self._unstaged() if self._staged >= _STAGED else ())]

    def _unstaged(self) -> list[Step]:
        """What brings the staged records into the table, and empties the stage."""
        if not self._staged:
            return []
        self._staged = 0
        emptied = f"{'TRUNCATE' if self._server else 'DELETE FROM'} {self.stage.name}"
        return [*(partial(self.connection.execute, step) for step in (self._images, self._update)), partial(self.connection.exec_driver_sql, emptied)]

    def _left(self, block: pa.Table) -> list[Step]:
        """What changes nothing: the outcome names the record, or the key where there is none."""
        keys = pc.if_else(pc.is_null(block.column("id")), block.column("key"), pa.scalar(None, pa.large_string()))
        told = block.select(["seq", "row", "outcome"]).append_column(owner(self.table), block.column("id")).append_column("key", keys)
        return inserts(self.connection, outcomes, told, {"batch": self.batch})

    @cached_property
    def _images(self) -> sa.Insert:
        """The outcomes of updates, with the image before, in the order in which they were staged."""
        here, stage = self.table.c, self.stage.c
        head = [sa.literal(self.batch), stage.seq, stage.row, sa.literal(_UPDATED), stage.id, here.version + 1]
        wanted = sa.select(*head, image(self.connection.dialect.name, self.table)).select_from(self.stage.join(self.table, here.id == stage.id))
        return outcomes.insert().from_select(["batch", "seq", "row", "outcome", owner(self.table), "version", "before"], wanted)

    @property
    def _fixed(self) -> dict[str, int]:
        """What is the same in every new record; PostgreSQL knows by itself what is the same in every batch."""
        always = {} if self._server else {"version": 1, "in_force": 1}
        return {"entity": self.entity, "rules": self.rules, "created": self.batch, "changed": self.batch, **always}

    @cached_property
    def _update(self) -> sa.Update:
        """The new values of records that are there; what they were found by stays."""
        stage = self.stage.c
        changes = {name: stage[name] for name in self.document if name not in _FOUND_BY}
        values = {**changes, "changed": self.batch, "version": self.table.c.version + 1}
        return self.table.update().where(self.table.c.id == stage.id).values(values)


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
