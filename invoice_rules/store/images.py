"""Images of records: as JSON before a change, as columns again for undo and proof, and the digest that the chain keeps."""

import hashlib
import heapq
import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from invoice_rules.results import Outcome
from invoice_rules.store.doings import came, created, owner
from invoice_rules.store.records import DOCUMENT, WHOLE
from invoice_rules.store.tables import arrivals, customers, outcomes

PURGED = "sha256:"
_HEAD = ("seq", "row", "outcome", "version")
_BATCH, _SEQ = sa.bindparam("of_batch", type_=sa.Integer), sa.bindparam("from_seq", type_=sa.Integer)
_FETCH = 20_000
_AHEAD = 2
"""Blocks that may wait to be hashed; more would only fill the memory."""
_SMALL = 2_000
"""Rows of a block that is hashed sooner than a thread starts."""


def image(dialect: str, table: sa.Table) -> sa.ColumnElement[str]:
    """SQL for the JSON image of a record: its document's columns by name.

    PostgreSQL's json_build_object would ask for the type of each value of each row; texts all at once take it a quarter of the time.
    """
    names = DOCUMENT[table.name]
    if dialect == "sqlite":
        return sa.func.json_object(*[part for name in names for part in (_quoted(name), table.c[name])])
    texts = [name for name in names if name not in WHOLE]
    spelled = sa.func.json_object(array([_quoted(name) for name in texts]), array([table.c[name] for name in texts]))
    numbers = [(_quoted(f'"{name}" : '), sa.func.coalesce(sa.cast(table.c[name], sa.Text), "null"), ", ") for name in names if name in WHOLE]
    return sa.func.concat("{", *[part for number in numbers for part in number], sa.func.substr(sa.cast(spelled, sa.Text), 2))


def _quoted(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text)


def imaged(dialect: str, before: sa.ColumnElement[str], table: sa.Table) -> dict[str, sa.ColumnElement]:
    """SQL for the columns of an image again."""
    if dialect == "sqlite":
        return {name: sa.func.json_extract(before, f"$.{name}") for name in DOCUMENT[table.name]}
    document = sa.cast(before, sa.JSON)
    return {name: sa.cast(document[name].as_string(), table.c[name].type) for name in DOCUMENT[table.name]}


def image_of_invoice(connection: sa.Connection, invoice: int, version: int) -> dict[str, Any] | None:
    """An earlier version of an invoice, from the change that ended it; None where there was none, or the image was purged."""
    ended = sa.and_(outcomes.c.invoice == invoice, outcomes.c.version == version + 1, outcomes.c.before.is_not(None))
    found = connection.execute(sa.select(outcomes.c.before).where(ended)).scalar()
    return None if found is None or found.startswith(PURGED) else dict(json.loads(found))


def next_seq(connection: sa.Connection, batch: int) -> int:
    """The place of the next outcome of a batch that is being written and creates nothing, as an undo."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(outcomes.c.seq) + 1, 0)).where(outcomes.c.batch == batch)).scalar_one())


class Digest:
    """The hash of everything that a batch did: its outcomes in order, with each document as it was stored.

    Made in a thread of its own, beside the database's work, where there is much of it.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "digest")
        self._waiting: deque[Future[None]] = deque()
        self._hashes = {"invoices": hashlib.sha256(), "customers": hashlib.sha256()}

    def add(self, table: str, block: pa.Table) -> None:
        """A block with seq, row, outcome, version, key and the document's columns (null unless it changed).

        Rows of a customer file that stayed out belong to no customer and are counted with the invoices.
        """
        if not self._waiting and block.num_rows < _SMALL:
            self._add(table, block)
            return
        self._waiting.append(self._pool.submit(self._add, table, block))
        if len(self._waiting) > _AHEAD:
            self._waiting.popleft().result()

    def _add(self, table: str, block: pa.Table) -> None:
        if table == "customers":
            out = pc.equal(block.column("outcome"), int(Outcome.REJECTED))
            self._update("invoices", block.filter(out))
            block = block.filter(pc.invert(out))
        self._update(table, block)

    def _update(self, table: str, block: pa.Table) -> None:
        names = ("seq", "row", "outcome", "version", "key", *DOCUMENT[table][1:])
        nothing = _text("\x00")
        texts = [_shown(block.column(name)) if name in block.column_names else nothing for name in names]
        if block.num_rows:
            texts[-1] = pc.binary_join_element_wise(texts[-1], _text("\n"), _text(""))
            self._hashes[table].update(_bytes(pc.binary_join_element_wise(*texts, _text("\x1f"))))

    def hexdigest(self) -> str:
        for waiting in self._waiting:
            waiting.result()
        self._pool.shutdown()
        return hashlib.sha256("".join(h.hexdigest() for h in self._hashes.values()).encode()).hexdigest()


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _shown(column: pa.ChunkedArray) -> pa.Array:
    return pc.fill_null(column.combine_chunks().cast(pa.large_string()), "\x00")


def _bytes(array: pa.Array | pa.ChunkedArray) -> memoryview:
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    offsets = pa.Array.from_buffers(pa.int64(), len(array) + 1, [None, array.buffers()[1]], offset=array.offset)
    return memoryview(array.buffers()[2] or b"")[offsets[0].as_py() : offsets[len(array)].as_py()]


def after_images(connection: sa.Connection, batch: int, table: sa.Table, first: int = 0) -> Iterator[tuple[pa.Table, int]]:
    """What a batch did to one table as blocks for `Digest`, from this `seq` on, and how many documents of each were purged meanwhile."""
    for rows in _fetched(connection, batch, table, first):
        purged = sum(row.next is not None and row.next.startswith(PURGED) for row in rows)
        yield _block(rows, table), purged


@cache
def _after(table: sa.Table) -> tuple[sa.Select, sa.Select]:
    """What a batch did besides creating, and what it created, each in order: with the record as it is now, and the image before its next change if any.

    Two statements, because both are in order as they lie; a database would sort a million rows to bring them together.
    """
    return _others(table), _new(table)


def _others(table: sa.Table) -> sa.Select:
    mine = outcomes.alias("mine")
    record = mine.c[owner(table)]
    of_table = record.is_not(None) if table is customers else mine.c.customer.is_(None)
    wanted = sa.select(*[mine.c[name] for name in _HEAD], sa.func.coalesce(mine.c.key, table.c.key).label("shown_key"), mine.c.before.label("was"))
    joined = _with_next(wanted, mine.outerjoin(table, table.c.id == record), table, record, mine.c.version)
    return joined.where(mine.c.batch == _BATCH, of_table, mine.c.seq >= _SEQ).order_by(mine.c.seq)


def _new(table: sa.Table) -> sa.Select:
    mine = created(table).selected_columns
    wanted = sa.select(*[mine[name] for name in _HEAD], table.c.key.label("shown_key"), mine["before"].label("was"))
    joined = _with_next(wanted, came(table, of_one_batch=True), table, table.c.id, sa.literal_column("1"))
    return joined.where(arrivals.c.batch == _BATCH, table.c.seq >= _SEQ).order_by(table.c.id)


def _with_next(wanted: sa.Select, mine: sa.FromClause, table: sa.Table, record: sa.ColumnElement, version: sa.ColumnElement[int]) -> sa.Select:
    later = outcomes.alias("later")
    next_one = sa.and_(later.c[owner(table)] == record, later.c.version == version + 1, later.c.before.is_not(None))
    now = [table.c[name].label(f"now_{name}") for name in DOCUMENT[table.name]]
    return wanted.add_columns(later.c.before.label("next"), *now).select_from(mine.outerjoin(later, next_one))


@dataclass(frozen=True)
class Change:
    """What a batch did to one document; images are None where there was none, it did not change, or they were purged."""

    seq: int
    row: int | None
    key: str
    outcome: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def changes(connection: sa.Connection, batch: int, table: sa.Table) -> Iterator[Change]:
    """Everything that a batch did to one table, in order."""
    names = DOCUMENT[table.name]
    for rows in _fetched(connection, batch, table):
        for row in rows:
            was = json.loads(row.was) if row.was and not row.was.startswith(PURGED) else None
            document = _document(row, names)
            after = dict(zip(names, document, strict=True)) if document[0] is not None else None
            yield Change(row.seq, row.row, row.shown_key or "", row.outcome, was, after)


def _fetched(connection: sa.Connection, batch: int, table: sa.Table, first: int = 0) -> Iterator[list[sa.Row]]:
    """What a batch did to one table, from this `seq` on and in its order, some thousand rows at a time."""
    with ExitStack() as opened:
        rows = heapq.merge(*map(opened.enter_context, _results(connection, _after(table), {"of_batch": batch, "from_seq": first})), key=attrgetter("seq"))
        while part := list(islice(rows, _FETCH)):
            yield part


def _results(connection: sa.Connection, wanted: Iterable[sa.Select], values: dict[str, int]) -> list[sa.CursorResult]:
    """The results of several statements, which are read side by side."""
    found: list[sa.CursorResult] = []
    try:
        for one in wanted:
            found.append(connection.execute(one, values, execution_options={"stream_results": True, "max_row_buffer": _FETCH}))
    except BaseException:
        found.clear()  # the connection may be closed by now, and SQLite's lock stays while a traceback still holds an open result
        raise
    return found


def _block(rows: list[sa.Row], table: sa.Table) -> pa.Table:
    names = DOCUMENT[table.name]
    documents = [_document(row, names) for row in rows]
    columns = {name: pa.array([getattr(row, name) for row in rows], pa.int64()) for name in ("seq", "row", "outcome", "version")}
    columns["key"] = pa.array([row.shown_key for row in rows], pa.large_string())
    for at, name in enumerate(names):
        if at:
            columns[name] = pa.array([d[at] for d in documents], pa.int64() if name in WHOLE else pa.large_string())
    return pa.table(columns)


def _document(row: sa.Row, names: tuple[str, ...]) -> list[object]:
    if row.version is None or (row.next is not None and row.next.startswith(PURGED)):
        return [None] * len(names)
    if row.next is None:
        return list(row[-len(names) :])
    image = json.loads(row.next)
    return [image[name] for name in names]
