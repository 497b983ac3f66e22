"""`purge`: old values emptied, an administrator's recorded act (S3-20). Their hashes stay, and the chain still verifies."""

import datetime as dt
import uuid

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
    count = 0
    for number in numbers:
        mine = sa.and_(problems.c.batch == number, ~problems.c.message.startswith(PURGED, autoescape=True))
        rows = connection.execute(sa.select(problems.c.seq, problems.c.value, problems.c.message).where(mine)).all()
        count += _replace(connection, problems, number, [{"b_seq": r.seq, "value": "", "message": chain.hidden(chain.canonical([r.value, r.message]))} for r in rows])
    return count


def _empty_images(connection: sa.Connection, numbers: list[int]) -> int:
    count = 0
    for number in numbers:
        mine = sa.and_(outcomes.c.batch == number, outcomes.c.before.is_not(None), ~outcomes.c.before.startswith(PURGED, autoescape=True))
        rows = connection.execute(sa.select(outcomes.c.seq, outcomes.c.before).where(mine)).all()
        count += _replace(connection, outcomes, number, [{"b_seq": r.seq, "before": chain.hidden(r.before)} for r in rows])
    return count


def _replace(connection: sa.Connection, table: sa.Table, batch: int, rows: list[dict[str, object]]) -> int:
    for start in range(0, len(rows), _PART):
        values: dict[str, sa.BindParameter] = {name: sa.bindparam(name) for name in rows[0] if name != "b_seq"}
        connection.execute(table.update().where(table.c.batch == batch, table.c.seq == sa.bindparam("b_seq")).values(values), rows[start : start + _PART])
    return len(rows)
