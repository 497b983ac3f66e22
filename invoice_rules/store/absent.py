"""A file declared to be the entity's complete list of open items (X-20): what it does not name, and what closing that means."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.alike import row_list
from invoice_rules.comparing import doubtful
from invoice_rules.errors import CannotRun
from invoice_rules.fields import STATUS, RuleSet
from invoice_rules.problems import Severity, plural
from invoice_rules.results import Outcome, Plan, Report
from invoice_rules.store import entities, sums
from invoice_rules.store.chain import canonical
from invoice_rules.store.documents import Documents
from invoice_rules.store.frames import arrow
from invoice_rules.store.images import Digest, after_images, image
from invoice_rules.store.tables import invoices, outcomes
from invoice_rules.table import TEXT, text_array, text_series
from invoice_rules.values import exact_sum, show_date

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store

CLOSED = 5
"""The outcome of an invoice that was closed because a complete list did not name it."""
_SHOWN = ("key", "number", "customer", "balance", "currency", "date")
_ASK = 20_000
_NAMED = 5
OVERRIDE = "closed-books"
"""What an administrator accepts so that invoices in closed books are closed as well (X-24)."""


def absent_invoices(report: Report, store: "Store") -> pd.DataFrame | None:
    """Open invoices of the entity and rule set that the file does not name: key, number, customer, balance (minor units), currency, date (text).

    None where the file names none at all, for want of the column. Raises CannotRun for a rule set whose documents have no balance.
    """
    if not report.rules.role("balance"):
        raise CannotRun(f"{report.rules.title}: a {report.rules.document} has no balance here, so no file can be their complete list of open items. Import it without that.")
    named = _named(report)
    if named is None:
        return None
    with store.reading() as connection:
        number, _ = entities.entity(connection, report.entity.name)
        rules = entities.number_of(connection, report.rules.name)
        found = arrow(connection, sa.select(*[invoices.c[name] for name in _SHOWN]).where(_open(number, rules, report.rules)))
    rest = found.filter(pc.invert(pc.is_in(found.column("key"), pc.unique(text_array(named))))).sort_by("key")
    return rest.to_pandas(types_mapper={pa.large_string(): TEXT, pa.int64(): pd.ArrowDtype(pa.int64())}.get)


def _named(report: Report) -> pd.Series | None:
    """The key of each document that the file names, left out or not, by the user's number of its first row; None for want of the column."""
    keys = report.rules.keys(report.rows)
    if keys is None:
        return None
    mine = text_series(keys, report.rows.index)
    return mine if report.also_named is None else pd.concat([mine, report.also_named])


def may_close(report: Report, absent: pd.DataFrame | None, store: "Store", accept: Sequence[str]) -> tuple[str, ...]:
    """What had to be accepted so that these may be closed: nothing, or closed books (X-24).

    Raises CannotRun where a row without a key, or with one in doubt, may mean one of them (X-20), where nobody accepted closed books, or by whom may not.
    """
    _refuse_nameless(report, absent, accept)
    closed = report.entity.closed_until
    if absent is None or closed is None:
        return ()
    inside = absent[(absent["date"] <= closed.isoformat()).fillna(False).astype(bool)]
    if not len(inside):
        return ()
    if OVERRIDE not in accept:
        raise CannotRun(_in_closed_books(inside, closed, report.rules))
    if report.rules.closed_books == Severity.ERROR:
        store.require("administrator", "Closing invoices in closed books")
    return (OVERRIDE,)


def _refuse_nameless(report: Report, absent: pd.DataFrame | None, accept: Sequence[str]) -> None:
    title = report.rules.fields[report.rules.key].title
    otherwise = f"import it without closing the absent {report.rules.document}s."
    if absent is None:
        raise CannotRun(f"The file has no column for {title}, so nobody can tell what is absent from it. Choose the column, or {otherwise}")
    named = _named(report)
    nameless = set() if named is None else set(named.index[named.isna()].tolist())
    unsure = set(report.table.frame.index[doubtful(report.problems.findings, report.rules, len(report.table), accept)].tolist())
    if not nameless | unsure or not len(absent):
        return
    where, its = row_list(sorted(nameless | unsure), most=2 * _NAMED), "its" if len(nameless | unsure) == 1 else "their"
    without, advice = f"Without {title}", f"Fill in {its} {title}"
    if unsure - nameless:
        without, advice = f"With {title} in doubt", f"Put right or confirm what is told of {where}"
    raise CannotRun(f"{without}, {where} of the file may mean an open {report.rules.document} that would be closed as absent. {advice}, or {otherwise}")


def _in_closed_books(inside: pd.DataFrame, closed: dt.date, rules: RuleSet) -> str:
    keys = [str(key) for key in inside["key"].head(_NAMED)] + ([f"{len(inside) - _NAMED:,} more"] if len(inside) > _NAMED else [])
    who = "Ask an administrator to accept" if rules.closed_books == Severity.ERROR else "Accept"
    return (
        f"The books are closed until {show_date(closed)}, and {plural(len(inside), f'absent {rules.document}')} would be closed in them: {', '.join(keys)}. "
        f"{who} {OVERRIDE}, or import without closing the absent ones."
    )


def _open(entity: int, number: int, rules: RuleSet) -> sa.ColumnElement[bool]:
    force = invoices.c.in_force == sa.literal_column("1")
    return sa.and_(invoices.c.entity == entity, invoices.c.rules == number, force, invoices.c.status.in_(rules.receivable))


def open_totals(connection: sa.Connection, entity: int, plan: Plan) -> dict[str, int]:
    """Currency -> balance of everything open now; nothing where the file is no complete list."""
    if not plan.open_items_complete:
        return {}
    rules = entities.number_of(connection, plan.report.rules.name)
    wanted = sa.select().select_from(invoices).where(_open(entity, rules, plan.report.rules))
    return {code: total for code, (total,) in sums.by_currency(connection, [invoices.c.balance], invoices.c.currency, wanted).items()}


def close(connection: sa.Connection, plan: Plan, entity: int, batch: int, first: int, digest: Digest) -> pd.DataFrame:
    """Closes as paid what the user agreed to close, told from this place on; returns those invoices."""
    if not plan.close_absent or plan.absent is None or not len(plan.absent):
        return pd.DataFrame(columns=list(_SHOWN))
    rules = entities.number_of(connection, plan.report.rules.name)
    told = sa.and_(outcomes.c.batch == batch, outcomes.c.outcome == CLOSED)
    counted, done = sa.select(sa.func.count()).select_from(outcomes).where(told), 0
    for keys in _parts(plan.absent["key"].tolist()):
        connection.execute(_outcomes(connection.dialect.name, _open(entity, rules, plan.report.rules), batch, first + done, keys))
        done = connection.execute(counted).scalar_one()
    mine = sa.select(outcomes.c.invoice).where(told)
    paid = {"status": plan.report.rules.paid, "balance": 0, "version": invoices.c.version + 1, "changed": batch}
    connection.execute(invoices.update().where(invoices.c.id.in_(mine)).values(paid))
    if done != len(plan.absent):
        raise RuntimeError(f"{done} invoices were closed where the plan says {len(plan.absent)}")
    for block, _ in after_images(connection, batch, invoices, first):
        digest.add("invoices", block)
    return plan.absent


def _parts(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _ASK):
        yield keys[start : start + _ASK]


def _outcomes(dialect: str, is_open: sa.ColumnElement[bool], batch: int, seq: int, keys: list[str]) -> sa.Insert:
    if dialect == "sqlite":
        listed: Any = sa.select(sa.func.json_each(canonical(keys)).table_valued("value").c.value)
    else:
        listed = sa.select(sa.func.unnest(sa.cast(keys, sa.ARRAY(sa.Text))).column_valued())
    place = sa.func.row_number().over(order_by=invoices.c.id) + (seq - 1)
    values = [sa.literal(batch), place, sa.literal(CLOSED), invoices.c.id, invoices.c.version + 1, image(dialect, invoices)]
    wanted = sa.select(*values).where(is_open, invoices.c.key.in_(listed))
    return outcomes.insert().from_select(["batch", "seq", "outcome", "invoice", "version", "before"], wanted)


def movement(
    connection: sa.Connection, entity: int, plan: Plan, opening: dict[str, int], documents: Documents, closed: pd.DataFrame
) -> dict[str, dict[str, int]]:
    """Opening + new ± changed − closed = closing, by currency. The closing is the database's own sum; a difference stops the import."""
    if not plan.open_items_complete:
        return {}
    created, updated = (pa.array(plan.outcomes == o) for o in (Outcome.CREATED, Outcome.UPDATED))
    receivable = plan.report.rules.receivable
    now, before = _open_balances(_now(documents), receivable), _open_balances(_was(documents), receivable)
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


def _open_balances(columns: dict[str, pa.Array], receivable: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """(currency, balance), the balance 0 unless the invoice is open."""
    is_open = pc.is_in(columns["status"], pa.array(receivable, columns["status"].type))
    return pc.fill_null(columns["currency"], ""), pc.if_else(is_open, pc.fill_null(columns["balance"], 0), 0)


def _sums(balances: tuple[pa.Array, pa.Array], keep: pa.Array) -> dict[str, int]:
    codes, amounts = (array.filter(keep) for array in balances)
    return {code: exact_sum(amounts.filter(pc.equal(codes, code))) for code in pc.unique(codes).to_pylist()}
