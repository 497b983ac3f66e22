"""`commit`: one plan becomes one batch, in one transaction, once (promises 1 to 5 and 10).

Lock, look whether the batch is there already, check that the books are still at the plan's revision, write block by block with
the images before, tie counts and totals to the plan, add the line to the history's chain, raise the revision, COMMIT. Whether
it worked is decided by reading the batch again, never by an exception: a COMMIT may fail and yet have happened.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.results import Outcome, Plan, Receipt
from invoice_rules.store import absent, chain, entities, evidence, problem_log, roles
from invoice_rules.store.attempts import Attempt, attempted, committed
from invoice_rules.store.documents import BLOCK, Documents, customer_block, new_customers
from invoice_rules.store.images import Digest
from invoice_rules.store.opening import Store
from invoice_rules.store.receipts import receipt
from invoice_rules.store.records import DOCUMENT, Records
from invoice_rules.store.tables import batches, customers, outcomes, problems
from invoice_rules.store.times import now
from invoice_rules.store.writing import Step, Writer, inserts
from invoice_rules.values.memory import give_back

Made = TypeVar("Made")
Progress = Callable[[int, int, str], None]
LOGGED = 20_000
"""Problems of rejected rows that a batch keeps in its log; the receipt counts all."""


def commit(plan: Plan, progress: Progress | None = None) -> Receipt:
    """Writes a plan and gives its receipt; the same plan again gives the same receipt and writes nothing.

    `progress(done, total, words)` is called for every block of 10,000 documents; an exception raised there stops the import
    and leaves nothing. Raises Outrun when the books changed since the plan was made, CannotRun when the store refuses.
    """
    store: Store = plan.store
    with store.reading() as connection:
        if committed(connection, plan.id):
            return receipt(plan.id, store)
        _require_role(connection, plan)
    attempt = Attempt(plan.id, "import", plan.user, plan.report.rules.name, plan.report.table.source)
    return settled(store, attempt, lambda connection: _Commit(plan, connection, progress or _silent).run())


def _require_role(connection: sa.Connection, plan: Plan) -> int:
    """The number of the plan's entity; raises CannotRun where whoever asks may not import there, or not by these rules (S1-1)."""
    rules = plan.report.rules
    number, _ = entities.entity(connection, plan.report.entity.name)
    roles.require(connection, number, rules.needs or roles.IMPORTER, f"Importing {rules.title}" if rules.needs else "Importing")
    return number


def settled(store: Store, attempt: Attempt, work: Callable[[sa.Connection], None]) -> Receipt:
    """Does the work of a batch in one transaction and reads its receipt; an error counts only if the batch is not there."""
    try:
        with attempted(store, attempt), store.writing() as connection:
            if not committed(connection, attempt.batch):
                work(connection)
    except Exception as error:
        if not _there(store, attempt.batch, error):
            raise
    finally:
        give_back(0)
    return receipt(attempt.batch, store)


def _there(store: Store, batch: str, error: Exception) -> bool:
    """Whether the batch is in the store after all. Raises CannotRun when nobody can tell."""
    try:
        with store.reading() as connection:
            return committed(connection, batch) is not None
    except CannotRun as again:
        raise CannotRun(
            f"The store {store.label} stopped answering, so it is not known whether the import is in. Look at the history when it answers: "
            f"batch {batch[:8]} is there if it was written. Importing the same file again does no harm."
        ) from (error or again)


def _silent(done: int, total: int, words: str) -> None:
    """Nobody watches."""


@dataclass
class _Commit:
    """The steps inside the transaction."""

    plan: Plan
    connection: sa.Connection
    progress: Progress
    digest: Digest = field(default_factory=Digest)

    def run(self) -> None:
        self.entity = self._same_books()
        self.batch = next_batch(self.connection)
        with ThreadPoolExecutor(1, "beside") as beside:
            self.needed = beside.submit(new_customers, self.plan)
            self.logged = beside.submit(problem_log.made, self.plan, self.batch, LOGGED)
            self._steps()

    def _steps(self) -> None:
        self.records = Records(self.plan.report.rules)
        self.documents = Documents(self.plan, self.records)
        opening = absent.open_totals(self.connection, self.entity, self.plan)
        created = self._write()
        closed = absent.close(self.connection, self.plan, self.entity, self.batch, self.next_seq, self.digest)
        self._reconcile()
        give_back()
        movement = absent.movement(self.connection, self.entity, self.plan, opening, self.documents, closed)
        rows, hashes = self.logged.result()
        self._log(rows)
        content = evidence.content(self.plan, self.documents, created, len(closed), movement)
        enter(self.connection, self.entity, self.batch, self._row(content), self.digest.hexdigest(), problems=hashes)

    def _same_books(self) -> int:
        """The number of the entity, if its books are still those of the plan."""
        number = _require_role(self.connection, self.plan)
        entity = entities.entity(self.connection, self.plan.report.entity.name)[1]
        if entity.revision != self.plan.revision:
            raise Outrun("Somebody changed these books after the preview was made. Nothing was written. Check the file again to see what is new.")
        return number

    def _writer(self, table: sa.Table, document: tuple[str, ...], owner: str) -> Writer:
        rules = entities.number_of(self.connection, owner, make=True)
        return Writer(self.connection, table, document, self.entity, rules, self.batch)

    def _write(self) -> list[str]:
        """All documents, then the customers that they need; returns the ids of those."""
        total, done = len(self.documents), 0
        writer = self._writer(self.records.table, self.records.stored, self.records.owner)
        self.progress(0, total, "Storing")
        for block, steps in ahead((block, writer.steps(block)) for block in self.documents.blocks()):
            self._store(writer, block, steps)
            done += block.num_rows
            self.progress(done, total, "Storing")
            if done % (5 * BLOCK) == 0:
                give_back()
        writer.close()
        give_back()
        self.next_seq, self.ids = total, range(writer.first_id, writer.next_id)
        return self._customers()

    def _store(self, writer: Writer, block: pa.Table, steps: Sequence[Step]) -> None:
        self.digest.add(writer.table.name, block)
        for step in steps:
            step()

    def _customers(self) -> list[str]:
        frame = self.needed.result()
        if not len(frame):
            return []
        writer = self._writer(customers, DOCUMENT["customers"], self.plan.report.rules.name.split(".")[0])
        block = customer_block(frame, self.next_seq)
        self._store(writer, block, writer.steps(block))
        writer.close()
        self.next_seq += len(frame)
        return [str(name) for name in frame.index]

    def _reconcile(self) -> None:
        """What the database holds must be what the plan says, to the cent, before anything is final (promise 5)."""
        told = [sa.func.count().filter(outcomes.c.outcome == int(o)) for o in Outcome]  # grouping would sort all rows, in memory
        mine = sa.and_(outcomes.c.batch == self.batch, outcomes.c.row.is_not(None))
        counted = list(self.connection.execute(sa.select(*told).where(mine)).one())
        planned = [0 if o == Outcome.CREATED else self.plan.count(o) for o in Outcome]
        if counted != planned:
            raise RuntimeError(f"the store counted {counted} where the plan says {planned}")
        wanted = evidence.written_totals(self.documents)
        stored = evidence.stored_totals(self.connection, self.records.table, self.batch, self.ids, wanted)
        if stored != wanted:
            raise RuntimeError(f"the store added up {stored} where the plan says {wanted}")

    def _log(self, rows: pa.Table) -> None:
        for step in inserts(self.connection, problems, rows, {}):
            step()

    def _row(self, content: dict[str, Any]) -> dict[str, Any]:
        origin = self.plan.report.table.origin
        named = {"rules": self.plan.report.rules.name, "source": evidence.clean(self.plan.report.table.source), "sha256": origin.sha256}
        return {"id": self.plan.id, "kind": "import", "user": self.plan.user, "undoes": None, **named, "receipt": chain.canonical(content)}


def ahead(blocks: Iterator[Made]) -> Iterator[Made]:
    """The same; the next one is made while the database works on this one."""
    with ThreadPoolExecutor(1, "blocks") as beside:
        coming = beside.submit(next, blocks, None)
        while (made := coming.result()) is not None:
            coming = beside.submit(next, blocks, None)
            yield made


def next_batch(connection: sa.Connection) -> int:
    """The number of the next batch; the write lock makes it ours."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(batches.c.number), 0))).scalar_one()) + 1


def enter(connection: sa.Connection, entity: int, batch: int, row: dict[str, Any], digest: str, **more: object) -> None:
    """The last steps of every batch: its row, its line in the chain, with what `more` it is to tell, and the entity's next revision."""
    row = {**row, "number": batch, "entity": entity, "at": now()}
    connection.execute(batches.insert().values(**row))
    chain.append(connection, row["kind"], {"number": batch, "record": record_hash(row), "values": digest, **more}, batch)
    entities.rise(connection, entity)


def record_hash(row: dict[str, Any]) -> str:
    """The hash of a batch's row, which the chain keeps."""
    return chain.digest(chain.canonical({name: row[name] for name in sorted(c.name for c in batches.c)}))
