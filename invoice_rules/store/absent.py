"""A file declared to be the entity's complete list of open items (X-20): what it does not name, and what closing that means."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.fields import STATUS
from invoice_rules.results import Outcome, Plan, Report
from invoice_rules.store import entities, sums
from invoice_rules.store.chain import canonical
from invoice_rules.store.documents import Documents
from invoice_rules.store.frames import arrow
from invoice_rules.store.images import Digest, after_images, image, next_seq
from invoice_rules.store.tables import invoices, outcomes
from invoice_rules.table import TEXT
from invoice_rules.values import exact_sum

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store

CLOSED = 5
"""The outcome of an invoice that was closed because a complete list did not name it."""
_SHOWN = ("key", "number", "customer", "balance", "currency")
_ASK = 20_000


def absent_invoices(report: Report, store: "Store") -> pd.DataFrame:
    """Open invoices of the entity and rule set that the file does not name: key, number, customer, balance (minor units), currency."""
    with store.reading() as connection:
        number, _ = entities.entity(connection, report.entity.name)
        rules = entities.number_of(connection, report.rules.name)
        found = arrow(connection, sa.select(*[invoices.c[name] for name in _SHOWN]).where(_open(number, rules)))
    named = pc.unique(report.rules.keys(report.rows))
    rest = found.filter(pc.invert(pc.is_in(found.column("key"), named))).sort_by("key")
    return rest.to_pandas(types_mapper={pa.large_string(): TEXT, pa.int64(): pd.ArrowDtype(pa.int64())}.get)


def _open(entity: int, rules: int) -> sa.ColumnElement[bool]:
    force = invoices.c.in_force == sa.literal_column("1")
    return sa.and_(invoices.c.entity == entity, invoices.c.rules == rules, force, invoices.c.status == "Open")


def open_totals(connection: sa.Connection, entity: int, plan: Plan) -> dict[str, int]:
    """Currency -> balance of everything open now; nothing where the file is no complete list."""
    if not plan.open_items_complete:
        return {}
    rules = entities.number_of(connection, plan.report.rules.name)
    wanted = sa.select().select_from(invoices).where(_open(entity, rules))
    return {code: total for code, (total,) in sums.by_currency(connection, [invoices.c.balance], invoices.c.currency, wanted).items()}


def close(connection: sa.Connection, plan: Plan, entity: int, batch: int, digest: Digest) -> pd.DataFrame:
    """Closes as Paid what the user agreed to close; returns those invoices."""
    if not plan.close_absent or plan.absent is None or not len(plan.absent):
        return pd.DataFrame(columns=list(_SHOWN))
    rules = entities.number_of(connection, plan.report.rules.name)
    first = next_seq(connection, batch)
    for keys in _parts(plan.absent["key"].tolist()):
        connection.execute(_outcomes(connection.dialect.name, entity, rules, batch, next_seq(connection, batch), keys))
    mine = sa.select(outcomes.c.invoice).where(outcomes.c.batch == batch, outcomes.c.outcome == CLOSED)
    paid = {"status": "Paid", "balance": 0, "version": invoices.c.version + 1, "changed": batch}
    connection.execute(invoices.update().where(invoices.c.id.in_(mine)).values(paid))
    done = next_seq(connection, batch) - first
    if done != len(plan.absent):
        raise RuntimeError(f"{done} invoices were closed where the plan says {len(plan.absent)}")
    for block, _ in after_images(connection, batch, invoices, first):
        digest.add("invoices", block)
    return plan.absent


def _parts(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _ASK):
        yield keys[start : start + _ASK]


def _outcomes(dialect: str, entity: int, rules: int, batch: int, seq: int, keys: list[str]) -> sa.Insert:
    if dialect == "sqlite":
        listed: Any = sa.select(sa.func.json_each(canonical(keys)).table_valued("value").c.value)
    else:
        listed = sa.select(sa.func.unnest(sa.cast(keys, sa.ARRAY(sa.Text))).column_valued())
    place = sa.func.row_number().over(order_by=invoices.c.id) + (seq - 1)
    values = [sa.literal(batch), place, sa.literal(CLOSED), invoices.c.id, invoices.c.version + 1, image(dialect, invoices)]
    wanted = sa.select(*values).where(_open(entity, rules), invoices.c.key.in_(listed))
    return outcomes.insert().from_select(["batch", "seq", "outcome", "invoice", "version", "before"], wanted)


def movement(
    connection: sa.Connection, entity: int, plan: Plan, opening: dict[str, int], documents: Documents, closed: pd.DataFrame
) -> dict[str, dict[str, int]]:
    """Opening + new ± changed − closed = closing, by currency. The closing is the database's own sum; a difference stops the import."""
    if not plan.open_items_complete:
        return {}
    created, updated = (pa.array(plan.outcomes == o) for o in (Outcome.CREATED, Outcome.UPDATED))
    now, before = _open_balances(_now(documents)), _open_balances(_was(documents))
    new, after, until = _sums(now, created), _sums(now, updated), _sums(before, updated)
    codes = sorted({*opening, *new, *after, *until})
    changed = {code: after.get(code, 0) - until.get(code, 0) for code in codes}
    gone = {code: exact_sum(closed["balance"][closed["currency"] == code]) for code in codes}
    closing = open_totals(connection, entity, plan)
    for code in codes:
        if opening.get(code, 0) + new.get(code, 0) + changed[code] - gone[code] != closing.get(code, 0):
            raise RuntimeError(f"the open items of {code} do not add up")
    parts = {"opening": opening, "new": new, "changed": changed, "closed": gone, "closing": closing}
    return {name: {code: part.get(code, 0) for code in codes} for name, part in parts.items()}


def _now(documents: Documents) -> dict[str, pa.Array]:
    return {column: documents.column(column) for column in ("status", "balance", "currency")}


def _was(documents: Documents) -> dict[str, pa.Array]:
    fields = {"status": STATUS, "balance": documents.records.columns["balance"], "currency": documents.records.columns.get("currency", "currency")}
    return {column: documents.was(name) for column, name in fields.items()}


def _open_balances(columns: dict[str, pa.Array]) -> tuple[pa.Array, pa.Array]:
    """(currency, balance), the balance 0 unless the invoice is open."""
    is_open = pc.fill_null(pc.equal(columns["status"], "Open"), False)
    return pc.fill_null(columns["currency"], ""), pc.if_else(is_open, pc.fill_null(columns["balance"], 0), 0)


def _sums(balances: tuple[pa.Array, pa.Array], keep: pa.Array) -> dict[str, int]:
    codes, amounts = (array.filter(keep) for array in balances)
    return {code: exact_sum(amounts.filter(pc.equal(codes, code))) for code in pc.unique(codes).to_pylist()}
