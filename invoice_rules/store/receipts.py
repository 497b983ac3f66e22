"""Receipts, made again from the store at any time (X-7), with what became of each document."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.fields import Field
from invoice_rules.results import Receipt
from invoice_rules.rulesets import rule_set
from invoice_rules.store import entities
from invoice_rules.store.filelines import said_of
from invoice_rules.store.filelines import told as lines_told
from invoice_rules.store.images import Change, changes
from invoice_rules.store.opening import Store
from invoice_rules.store.records import LINES, Records
from invoice_rules.store.tables import batches, customers, history, invoices
from invoice_rules.values import show_date, show_money

WORDS = {0: "created", 1: "updated", 2: "unchanged", 3: "skipped", 4: "rejected", 5: "closed", 6: "withdrawn", 7: "restored"}
"""What became of a document, as receipts say it."""


def find_batch(connection: sa.Connection, entity: int, batch: str | int) -> sa.Row:
    """A batch of the entity by its number, its id, or the beginning of the id. Raises CannotRun when none or several fit."""
    wanted, text = sa.select(batches).where(batches.c.entity == entity), str(batch).strip()
    if text.isdecimal() and len(text) < 10:
        found = connection.execute(wanted.where(batches.c.number == int(text))).all()
        if found:
            return found[0]
    found = connection.execute(wanted.where(batches.c.id.startswith(text, autoescape=True)).limit(2)).all() if len(text) >= 4 else []
    if len(found) == 1:
        return found[0]
    what = f"Several batches begin with {text}: write more of it" if found else f"There is no batch {text} in these books. The history lists them all"
    raise CannotRun(f"{what}.")


def receipt(batch: str | int, store: Store) -> Receipt:
    """The receipt of a batch, by its number, id, or a beginning of the id that only one has."""
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        row = find_batch(connection, number, batch)
        head = connection.execute(sa.select(history.c.hash).where(history.c.batch == row.number, history.c.kind == row.kind)).scalar() or ""
        undone = connection.execute(sa.select(batches.c.number).where(batches.c.undoes == row.number)).scalar()
    return _made(row, head, undone, store)


def receipts(store: Store) -> list[Receipt]:
    """The receipts of all batches of the entity, the earliest first; each as `receipt` gives it."""
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        rows = connection.execute(sa.select(batches).where(batches.c.entity == number).order_by(batches.c.number)).all()
        undone = {row.undoes: row.number for row in rows if row.undoes is not None}
        told = sa.select(history.c.batch, history.c.kind, history.c.hash).where(history.c.batch.is_not(None))
        heads = {(row.batch, row.kind): row.hash for row in connection.execute(told)}
    return [_made(row, heads.get((row.number, row.kind), ""), undone.get(row.number), store) for row in rows]


class StoredReceipt(Receipt):
    """A receipt that reads its outcomes from the store when somebody asks for them."""

    _from: Store

    def to_frame(self) -> pd.DataFrame:
        """One row an invoice: row, key, outcome, changes ('Amount due 500.00 → 0.00'); then what else the batch touched."""
        return outcome_frame(self._from, self.number, self.rules)


def _made(row: Any, head: str, undone: int | None, store: Store) -> Receipt:
    kept = json.loads(row.receipt)
    made = StoredReceipt(
        batch=row.id,
        number=row.number,
        kind=row.kind,
        state="undone" if undone else kept["state"],
        at=row.at,
        user=row.user,
        entity=kept["entity"],
        rules=row.rules,
        rules_version=kept["rules_version"],
        source=row.source,
        sha256=row.sha256,
        mapping=kept["mapping"],
        counts=_ordered(kept["counts"]),
        totals=_ordered(kept["totals"]),
        head=head,
        reason=f"Undone by batch {undone}." if undone else "",
        sender=kept["sender"],
        store=store.label,
        details=kept["details"],
    )
    object.__setattr__(made, "_from", store)
    return made


def _ordered(named: dict[str, Any]) -> dict[str, Any]:
    """In the order in which people read them."""
    order = ["file", *WORDS.values(), "stored", "opening", "new", "changed", "closed", "closing"]
    return {name: named[name] for name in sorted(named, key=lambda n: (order.index(n) if n in order else len(order), n))}


def outcome_frame(store: Store, batch: int, rules: str) -> pd.DataFrame:
    """See `StoredReceipt.to_frame`."""
    rows: list[tuple[int, int | None, str, str, str]] = []
    with store.reading() as connection:
        for table in (invoices, customers):
            say = _speaker(rules, table.name)
            for done in changes(connection, batch, table):
                rows.append((done.seq, done.row, done.key, WORDS[done.outcome], say(done)))
    frame = pd.DataFrame(sorted(rows), columns=["seq", "row", "key", "outcome", "changes"])
    return frame.drop(columns="seq").astype({"row": "Int64"})


def _speaker(rules: str, table: str) -> Callable[[Change], str]:
    """Says what changed in one document, with the titles of the rule set's fields."""
    try:
        records: Records | None = Records(rule_set(rules))
    except LookupError:
        records = None
    if records is None or records.table.name != table:
        return lambda done: ""
    names = {column: records.rules.fields[field] for column, field in records.columns.items() if field in records.rules.fields}
    rest = {name: records.rules.fields[name] for name in records.rest}

    def say(done: Change) -> str:
        if not done.before or not done.after:
            return ""
        was, code = (image.get("currency") or "USD" for image in (done.before, done.after))
        before, after = ({**image, **json.loads(image["details"])} for image in (done.before, done.after))
        pairs = [(field, before.get(name), after.get(name)) for name, field in (*names.items(), *rest.items())]
        told = [f"{field.title} {_shown(field, old, was)} → {_shown(field, new, code)}" for field, old, new in pairs if old != new or (was != code and old and field.kind == "money")]
        if before.get(LINES) != after.get(LINES):
            old, new = lines_told(said_of(before.get(LINES)), said_of(after.get(LINES)), records.rules.fields, was, code)
            told += [f"Lines {old or 'none'} → {new or 'none'}"] if old != new else []
        moved = before.get("status") != after.get("status")
        return ", ".join([*told, *([f"now {after['status']}"] if moved and after.get("status") else [])])

    return say


def _shown(field: Field, value: Any, currency: str) -> str:
    """A stored value as people read it."""
    if value is None:
        return "blank"
    if field.kind == "money":
        return show_money(value, currency)
    if field.kind == "date":
        return show_date(dt.date.fromisoformat(value))
    return ("yes" if value else "no") if field.kind == "yes_no" else str(value)
