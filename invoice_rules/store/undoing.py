"""`undo`: a batch that takes another one back (X-10). All of it or nothing, and never over what came after.

What the batch created goes out of force, its key free again; what it changed gets its earlier values from the images. Refused,
with every invoice and reason, where something changed since, was sent on, or lies in closed books.
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence

import pandas as pd
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.problems import plural
from invoice_rules.results import Entity, Receipt, State
from invoice_rules.store import chain, entities, roles, sums
from invoice_rules.store.attempts import Attempt
from invoice_rules.store.committing import enter, next_batch, settled
from invoice_rules.store.doings import TABLES, doings, owner
from invoice_rules.store.evidence import as_text, metadata_version
from invoice_rules.store.images import PURGED, Digest, after_images, image, imaged, next_seq
from invoice_rules.store.opening import Store
from invoice_rules.store.receipts import WORDS, find_batch
from invoice_rules.store.tables import batches, customers, invoices, outbox, outcomes, rule_sets
from invoice_rules.values import show_date

WITHDRAWN, RESTORED = 6, 7
_NAMED = 20


class CannotUndo(CannotRun):
    """The batch stays as it is. `reasons`: one row a record in the way, with its key and why."""

    def __init__(self, batch: int, reasons: pd.DataFrame):
        self.reasons = reasons
        shown = "; ".join(f"{row.key} {row.reason}" for row in reasons.head(_NAMED).itertuples())
        more = f"; and {len(reasons) - _NAMED:,} more" if len(reasons) > _NAMED else ""
        super().__init__(f"Batch {batch} cannot be undone, because of {plural(len(reasons), 'record')}: {shown}{more}. Nothing was changed.")


def undo(batch: str | int, store: Store, *, user: str | None = None) -> Receipt:
    """Takes a batch back, by its number, id or a beginning of it; gives the receipt of the batch that did so.

    Raises CannotUndo with every record in the way, CannotRun for batches that cannot be undone at all.
    """
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        row = find_batch(connection, number, batch)
        _require_role(connection, number, row, entities.user_name(user))
    attempt = Attempt(uuid.uuid4().hex, "undo", entities.user_name(user), row.rules, row.source)
    return settled(store, attempt, lambda connection: _undo(connection, store.entity.name, row, attempt))


def _undo(connection: sa.Connection, name: str, row: sa.Row, attempt: Attempt) -> None:
    number, entity = entities.entity(connection, name)
    _require_role(connection, number, row, attempt.user)
    _refuse_kind(connection, row)
    _refuse_purged(connection, row)
    reasons = pd.DataFrame([*_invoices_in_the_way(connection, row.number, entity), *_customers_in_the_way(connection, row)], columns=["key", "reason"])
    if len(reasons):
        raise CannotUndo(row.number, reasons)
    batch, kept = next_batch(connection), json.loads(row.receipt)
    _take_back(connection, row.number, batch, invoices, sa.true())
    _take_back(connection, row.number, batch, customers, _customers_to_take(connection, row))
    _take_left_over(connection, row, batch)
    digest = Digest()
    for table in TABLES:
        for block, _ in after_images(connection, batch, table):
            digest.add(table.name, block)
    count, totals = _reopened(connection, batch, kept["details"].get("total_fields", []))
    details = {"undoes": row.number, "undoes_batch": row.id, "besides": _counted(connection, batch, False), "program": metadata_version()}
    details |= {"reopened": count} if count else {}
    details |= _staying(connection, row)
    counts = {"withdrawn": 0, "restored": 0, **_counted(connection, batch, True)}
    content = {**{k: kept[k] for k in ("entity", "rules_version", "mapping", "sender")}, "state": "finished", "counts": counts, "totals": totals, "details": details}
    enter(
        connection,
        number,
        batch,
        {
            "id": attempt.batch,
            "kind": "undo",
            "user": attempt.user,
            "undoes": row.number,
            "rules": row.rules,
            "source": row.source,
            "sha256": row.sha256,
            "receipt": chain.canonical(content),
        },
        digest.hexdigest(),
    )


def _require_role(connection: sa.Connection, entity: int, row: sa.Row, user: str) -> None:
    """Importers take back what they imported themselves, administrators everything."""
    own = row.user in (user, roles.who(connection))
    roles.require(connection, entity, roles.IMPORTER if own else roles.ADMINISTRATOR, "Undoing" if own else f"Undoing what {row.user} imported")


def _counted(connection: sa.Connection, batch: int, of_file: bool) -> dict[str, int]:
    """How many records went out of force and were restored: those of the file, or those that came besides."""
    mine = sa.and_(outcomes.c.batch == batch, outcomes.c.row.is_not(None) if of_file else outcomes.c.row.is_(None))
    rows = connection.execute(sa.select(outcomes.c.outcome, sa.func.count()).where(mine).group_by(outcomes.c.outcome))
    return {WORDS[outcome]: count for outcome, count in rows}


def _reopened(connection: sa.Connection, batch: int, fields: Sequence[str]) -> tuple[int, dict[str, dict[str, dict[str, str]]]]:
    """How many invoices that a complete list closed are open again (X-20), and their totals by currency."""
    mine = sa.and_(outcomes.c.batch == batch, outcomes.c.row.is_(None), outcomes.c.outcome == RESTORED, outcomes.c.invoice.is_not(None))
    count = connection.execute(sa.select(sa.func.count()).select_from(outcomes).where(mine)).scalar_one()
    wanted = sa.select().select_from(invoices).where(invoices.c.id.in_(sa.select(outcomes.c.invoice).where(mine)))
    found = sums.by_currency(connection, [invoices.c.amount, invoices.c.balance], invoices.c.currency, wanted) if count else {}
    totals = {code: dict(zip(fields, minor, strict=False)) for code, minor in found.items()}
    return count, {"reopened": as_text(totals)} if totals else {}


def _refuse_kind(connection: sa.Connection, row: sa.Row) -> None:
    if row.kind != "import":
        raise CannotRun(f"Batch {row.number} is {'an undo' if row.kind == 'undo' else 'a ' + row.kind} itself. Import the file again instead. Nothing was changed.")
    undone = connection.execute(sa.select(batches.c.number).where(batches.c.undoes == row.number)).scalar()
    if undone:
        raise CannotRun(f"Batch {row.number} was undone already, by batch {undone}. Nothing was changed.")


def _refuse_purged(connection: sa.Connection, row: sa.Row) -> None:
    purged = outcomes.c.before.startswith(PURGED, autoescape=True)
    if connection.execute(sa.select(outcomes.c.seq).where(outcomes.c.batch == row.number, purged).limit(1)).first() is None:
        return
    purges = connection.execute(sa.select(batches.c.at, batches.c.receipt).where(batches.c.kind == "purge").order_by(batches.c.number))
    at = next((at for at, receipt in purges if row.number in json.loads(receipt)["details"]["batches"]), "")
    when = f" on {show_date(dt.date.fromisoformat(at[:10]))}" if at else ""
    raise CannotRun(f"Batch {row.number} cannot be undone: its earlier values were purged{when}. Nothing was changed.")


def _touched(batch: int, table: sa.Table) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    return doings.join(table, table.c.id == doings.c[owner(table)]), sa.and_(doings.c.batch == batch, doings.c.version.is_not(None))


def _changed_since(table: sa.Table, version: sa.ColumnElement[int] = doings.c.version, besides: int = 0) -> sa.ScalarSelect:
    """The last batch that changed a record after the one looked at, or after this version, and still holds; NULL where there is none.

    Changes that were taken back leave the record as it was: a later batch and its undo are not in the way, nor is the one that is taken back now.
    "+ 0" keeps PostgreSQL, while it has not counted a new batch yet, from looking through all of that batch for each record.
    """
    later, by, back = outcomes.alias("later"), batches.alias("by"), batches.alias("back")
    after = sa.and_(later.c[owner(table)] == table.c.id, later.c.before.is_not(None), later.c.version > version)
    holds = sa.and_(by.c.kind != "undo", by.c.number != besides, ~sa.exists().where(back.c.undoes == by.c.number))
    found = sa.select(sa.func.max(by.c.number)).select_from(later.join(by, by.c.number == later.c.batch + 0)).where(after, holds)
    return found.correlate(table, doings).scalar_subquery()


def _invoices_in_the_way(connection: sa.Connection, batch: int, entity: Entity) -> Iterable[tuple[str, str]]:
    joined, mine = _touched(batch, invoices)
    until = entity.closed_until.isoformat() if entity.closed_until else ""
    since = _changed_since(invoices)
    left, back = _undecided(), _date_before(connection, batch)
    bad = sa.or_(since.is_not(None), invoices.c.sent.is_not(None), left.is_not(None), invoices.c.date <= until, back <= until)
    wanted = sa.select(invoices.c.key, since.label("since"), invoices.c.sent, left.label("left_at"), invoices.c.date, back.label("back"), doings.c.seq)
    found = wanted.select_from(joined).where(mine, bad).subquery()
    told = sa.select(found, batches.c.at).outerjoin(batches, batches.c.number == found.c.since)
    for row in connection.execute(told.order_by(found.c.seq)):
        if row.since is not None:
            yield row.key, f"was changed by batch {row.since}{_on(row.at)}"
        elif row.sent is not None:
            yield row.key, f"was sent{_on(row.sent)}"
        elif row.left_at is not None:
            yield row.key, f"was sent{_on(row.left_at)}, and whether it arrived is not settled yet"
        else:
            dated = f"is dated {_day(row.date)}" if row.date and row.date <= until else f"would be dated {_day(row.back)} again"
            yield row.key, f"{dated}, and the books are closed until {_day(until)}"


def _date_before(connection: sa.Connection, batch: int) -> sa.ColumnElement[str]:
    """The date that an invoice would get back (X-24); NULL where it came with the batch."""
    earlier = imaged(connection.dialect.name, doings.c.before, invoices)["date"]
    return sa.case((sa.and_(doings.c.batch == batch, doings.c.before.is_not(None)), earlier))


def _undecided() -> sa.ScalarSelect:
    """When an invoice left for a service that may have it; NULL where none may."""
    maybe = outbox.c.state.in_([State.SENDING.value, State.UNKNOWN.value, State.CONFLICT.value])
    left = sa.select(sa.func.max(outbox.c.left_at)).where(outbox.c.invoice == invoices.c.id, outbox.c.attempts > 0, maybe)
    return left.correlate(invoices).scalar_subquery()


def _day(date: str) -> str:
    return show_date(dt.date.fromisoformat(date))


def _on(at: str | None) -> str:
    try:
        return f" on {_day((at or '')[:10])}"
    except ValueError:
        return ""


def _customers_in_the_way(connection: sa.Connection, batch: sa.Row) -> Iterable[tuple[str, str]]:
    """Customers of a customer file: changed since, or created by it and used by invoices."""
    joined, mine = _touched(batch.number, customers)
    used = customers.c.key.in_(_in_use(connection, batch))
    since = _changed_since(customers)
    bad = sa.or_(since.is_not(None), sa.and_(doings.c.before.is_(None), used))
    wanted = sa.select(customers.c.key, since.label("since"))
    for row in connection.execute(wanted.select_from(joined).where(mine, doings.c.row.is_not(None), bad).order_by(doings.c.seq)):
        yield row.key, f"was changed by batch {row.since}" if row.since is not None else "has invoices on file"


def _in_use(connection: sa.Connection, row: sa.Row) -> sa.Select:
    """The customers that invoices in force of the batch's system name."""
    system = row.rules.split(".")[0] + "."
    names = connection.execute(sa.select(rule_sets.c.id, rule_sets.c.name)).all()
    mine = [number for number, name in names if name.startswith(system)]
    in_force = invoices.c.in_force == sa.literal_column("1")
    return sa.select(invoices.c.customer).where(invoices.c.entity == row.entity, invoices.c.rules.in_(mine), in_force, invoices.c.customer.is_not(None))


def _customers_to_take(connection: sa.Connection, row: sa.Row) -> sa.ColumnElement[bool]:
    """Customers that came with invoices go with them, unless something else uses them or changed them since."""
    unchanged = _changed_since(customers).is_(None)
    unused = customers.c.key.not_in(_in_use(connection, row))
    return sa.or_(doings.c.row.is_not(None), sa.and_(unchanged, unused))


def _take_left_over(connection: sa.Connection, row: sa.Row, batch: int) -> None:
    """Customers that came with batches taken back earlier go as well, once nothing in force uses them or changed them (X-10, S3-29)."""
    undone = sa.select(batches.c.undoes).where(batches.c.undoes.is_not(None))
    unchanged = _changed_since(customers, sa.literal(1), row.number).is_(None)
    mine = sa.and_(_in_these_books(connection, row), customers.c.created.in_(undone), unchanged, customers.c.key.not_in(_in_use(connection, row)))
    first = next_seq(connection, batch)
    place = sa.func.row_number().over(order_by=customers.c.id) + (first - 1)
    values = [sa.literal(batch), place, sa.literal(WITHDRAWN), customers.c.id, customers.c.version + 1, image(connection.dialect.name, customers)]
    connection.execute(outcomes.insert().from_select(["batch", "seq", "outcome", "customer", "version", "before"], sa.select(*values).where(mine)))
    _withdraw(connection, batch, customers, outcomes.c.customer, first)


def _in_these_books(connection: sa.Connection, row: sa.Row) -> sa.ColumnElement[bool]:
    """The customers in force of the batch's system."""
    system = entities.number_of(connection, row.rules.split(".")[0])
    return sa.and_(customers.c.entity == row.entity, customers.c.rules == system, customers.c.in_force == sa.literal_column("1"))


def _staying(connection: sa.Connection, row: sa.Row) -> dict[str, object]:
    """The customers that came with the batch and stay for something else: how many, and the first of them."""
    mine = sa.and_(_in_these_books(connection, row), customers.c.created == row.number)
    count = connection.execute(sa.select(sa.func.count()).select_from(customers).where(mine)).scalar_one()
    first = connection.execute(sa.select(customers.c.key).where(mine).order_by(customers.c.id).limit(_NAMED)).scalars()
    return {"staying": {"customers": count, "first": list(first)}} if count else {}


def _take_back(connection: sa.Connection, old: int, batch: int, table: sa.Table, wanted: sa.ColumnElement[bool]) -> None:
    """The outcomes of the undo, in the places that they had, then the records themselves."""
    dialect = connection.dialect.name
    joined, mine = _touched(old, table)
    record = outcomes.c[owner(table)]
    outcome = sa.case((doings.c.before.is_(None), WITHDRAWN), else_=RESTORED)
    values = [sa.literal(batch), doings.c.seq, doings.c.row, outcome, doings.c[owner(table)], table.c.version + 1, image(dialect, table)]
    names = ["batch", "seq", "row", "outcome", record.name, "version", "before"]
    connection.execute(outcomes.insert().from_select(names, sa.select(*values).select_from(joined).where(mine, wanted)))
    _withdraw(connection, batch, table, record, 0)
    _restore(connection, old, batch, table, record)


def _withdraw(connection: sa.Connection, batch: int, table: sa.Table, record: sa.Column, first: int) -> None:
    """Out of force what the outcomes of the undo, from this one on, say is withdrawn."""
    mine = sa.select(record).where(outcomes.c.batch == batch, outcomes.c.seq >= first, outcomes.c.outcome == WITHDRAWN, record.is_not(None))
    connection.execute(table.update().where(table.c.id.in_(mine)).values(in_force=0, version=table.c.version + 1, changed=batch))


def _restore(connection: sa.Connection, old: int, batch: int, table: sa.Table, record: sa.Column) -> None:
    values = imaged(connection.dialect.name, outcomes.c.before, table)
    fits = sa.and_(outcomes.c.batch == old, record == table.c.id, outcomes.c.before.is_not(None))
    connection.execute(table.update().where(fits).values({**values, "version": table.c.version + 1, "changed": batch}))
