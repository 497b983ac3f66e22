"""The history as people read it: every batch, and every attempt that left none, with its reason (X-15)."""

import json

import pandas as pd
import sqlalchemy as sa

from invoice_rules.results.receipt import reopened
from invoice_rules.store import entities
from invoice_rules.store.attempts import alive
from invoice_rules.store.opening import Store
from invoice_rules.store.tables import attempts, batches

_COUNTS = ("created", "updated", "unchanged", "skipped", "rejected", "closed", "withdrawn", "restored")
COLUMNS = ("number", "batch", "at", "kind", "state", "user", "source", "rules", *_COUNTS, "reason")


def history(store: Store) -> pd.DataFrame:
    """One row a batch or failed attempt of the entity, the latest first: number, batch, at, kind, state, user, source, rules, counts, reason.

    `state` is finished, undone, failed, interrupted or running; only batches have a number.
    """
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        rows = [*_batches(connection, number), *_attempts(connection, number)]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "order"]).sort_values("order", ascending=False, kind="stable", ignore_index=True)
    return frame[list(COLUMNS)].astype({"number": "Int64", **dict.fromkeys(_COUNTS, "int64")})


def _batches(connection: sa.Connection, entity: int) -> list[dict[str, object]]:
    undone = dict(connection.execute(sa.select(batches.c.undoes, batches.c.number).where(batches.c.undoes.is_not(None))).all())
    began = dict(connection.execute(sa.select(attempts.c.batch, sa.func.min(attempts.c.seq)).group_by(attempts.c.batch)).all())
    rows = []
    for row in connection.execute(sa.select(batches).where(batches.c.entity == entity)):
        receipt = json.loads(row.receipt)
        counts = {"closed": receipt["details"].get("closed", 0), **receipt["counts"]}
        by = undone.get(row.number)
        reason = f"Undone by batch {by}." if by else f"Undoes batch {': '.join(filter(None, [str(row.undoes), reopened(receipt['details'])]))}." if row.undoes else ""
        shared = {"at": row.at, "kind": row.kind, "user": row.user, "source": row.source, "rules": row.rules, "reason": reason, "order": began.get(row.id, 0)}
        rows.append({"number": row.number, "batch": row.id, "state": "undone" if by else "finished", **{n: counts.get(n, 0) for n in _COUNTS}, **shared})
    return rows


def _attempts(connection: sa.Connection, entity: int) -> list[dict[str, object]]:
    """The last word on each attempt that left no batch."""
    left: sa.Select = sa.select(sa.literal_column("1")).where(batches.c.id == attempts.c.batch)
    wanted = sa.select(attempts).where(attempts.c.entity == entity, ~sa.exists(left)).order_by(attempts.c.seq)
    last = {row.batch: row for row in connection.execute(wanted)}
    rows = []
    for row in last.values():
        state, reason = row.state, row.reason
        if state == "started":
            state = "running" if alive(row.batch, row.process) else "interrupted"
            reason = "" if state == "running" else "The program ended before the import was finished. Nothing was written; import the file again."
        shared = {name: getattr(row, name) for name in ("batch", "at", "kind", "user", "source", "rules")}
        rows.append({"number": None, "state": state, "reason": reason, "order": row.seq, **dict.fromkeys(_COUNTS, 0), **shared})
    return rows
