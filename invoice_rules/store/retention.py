"""`purge`: old values emptied, an administrator's recorded act (S3-20). Their hashes stay, and the chain still verifies."""

import datetime as dt
import uuid
from collections.abc import Callable

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.results import Receipt
from invoice_rules.store import chain, entities, roles
from invoice_rules.store.attempts import Attempt
from invoice_rules.store.committing import enter, next_batch, settled
from invoice_rules.store.evidence import metadata_version
from invoice_rules.store.images import PURGED, Digest
from invoice_rules.store.opening import Store
from invoice_rules.store.tables import batches, meta, outcomes, problems
from invoice_rules.store.times import days_ago

LEAST_DAYS = 60
RETENTION_DAYS = 3653
"""Ten years: inside it images and outcomes are never taken, unless the store's administrator names another period."""
_PART = 5_000


def purge(store: Store, older_than_days: int, user: str | None = None, *, retention_days: int = RETENTION_DAYS) -> Receipt:
    """Empties the log of imports older than so many days (60 at least), and images older than the retention period.

    Receipts, outcomes and hashes stay. Gives the receipt of the batch that records it. Raises CannotRun for fewer than 60 days.
    """
    if min(older_than_days, retention_days) < LEAST_DAYS:
        raise CannotRun(f"Details of imports are kept for {LEAST_DAYS} days at least. Choose {LEAST_DAYS} days or more. Nothing was purged.")
    entity = store.entity.name
    with store.reading() as connection:
        _require_role(connection, entity)
    attempt = Attempt(uuid.uuid4().hex, "purge", entities.user_name(user))
    return settled(store, attempt, lambda connection: _purge(connection, entity, attempt, older_than_days, max(older_than_days, retention_days)))


def purge_before(store: Store, before: dt.date, user: str | None = None, *, retention_days: int = RETENTION_DAYS) -> Receipt:
    """The same for everything before a day."""
    return purge(store, (dt.datetime.now(dt.UTC).date() - before).days, user, retention_days=retention_days)


def _purge(connection: sa.Connection, name: str, attempt: Attempt, log_days: int, image_days: int) -> None:
    number = _require_role(connection, name)
    connection.execute(meta.insert().values(name="purging", value=attempt.batch))
    logs = _older(connection, number, log_days)
    images = _older(connection, number, image_days)
    emptied = {"problems": _empty_log(connection, logs), "values": _empty_images(connection, images)}
    connection.execute(meta.delete().where(meta.c.name == "purging"))
    details = {"older_than_days": log_days, "retention_days": image_days, "batches": images, "logs": logs, "program": metadata_version()}
    content = {"state": "finished", "entity": name, "rules_version": "", "mapping": "", "sender": "", "counts": emptied, "totals": {}, "details": details}
    row = {"id": attempt.batch, "kind": "purge", "user": attempt.user, "undoes": None, "rules": "", "source": "", "sha256": ""}
    enter(connection, number, next_batch(connection), {**row, "receipt": chain.canonical(content)}, Digest().hexdigest())


def _require_role(connection: sa.Connection, name: str) -> int:
    number, _ = entities.entity(connection, name)
    roles.require(connection, number, roles.ADMINISTRATOR, "Purging")
    return number


def _older(connection: sa.Connection, entity: int, days: int) -> list[int]:
    wanted = sa.select(batches.c.number).where(batches.c.entity == entity, batches.c.kind != "purge", batches.c.at < days_ago(days))
    return list(connection.execute(wanted.order_by(batches.c.number)).scalars())


def _empty_log(connection: sa.Connection, numbers: list[int]) -> int:
    def hide(row: sa.Row) -> dict[str, str]:
        return {"value": "", "message": chain.hidden(chain.canonical([row.value, row.message]))}

    return sum(_replace(connection, problems, number, (problems.c.message, problems.c.value), hide) for number in numbers)


def _empty_images(connection: sa.Connection, numbers: list[int]) -> int:
    return sum(_replace(connection, outcomes, number, (outcomes.c.before,), lambda row: {"before": chain.hidden(row.before)}) for number in numbers)


def _replace(connection: sa.Connection, table: sa.Table, batch: int, kept: tuple[sa.Column, ...], hide: Callable[[sa.Row], dict[str, str]]) -> int:
    """Put what `hide` gives in the place of what a batch kept, a part of its rows at a time; the first column of `kept` tells whether that is done."""
    count, last, told = 0, -1, kept[0]
    mine = sa.and_(table.c.batch == batch, told.is_not(None), ~told.startswith(PURGED, autoescape=True))
    part = sa.select(table.c.seq, *kept).where(mine).order_by(table.c.seq).limit(_PART)
    while rows := connection.execute(part.where(table.c.seq > last)).all():
        hidden = [{"b_seq": row.seq, **hide(row)} for row in rows]
        values: dict[str, sa.BindParameter] = {column.name: sa.bindparam(column.name) for column in kept}
        connection.execute(table.update().where(table.c.batch == batch, table.c.seq == sa.bindparam("b_seq")).values(values), hidden)
        count, last = count + len(rows), rows[-1].seq
    return count
