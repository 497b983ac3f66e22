"""What the same books sent to another organisation of the same service, which nobody means to happen twice by chance (S4-6, S4-17)."""

from collections.abc import Callable

import sqlalchemy as sa

from invoice_rules.results import BEFORE, State
from invoice_rules.store import entities
from invoice_rules.store.ledger import Ledger
from invoice_rules.store.outbox import of_target, parts
from invoice_rules.store.tables import outbox, outbox_history, rule_sets

RELEASED = "Released by a person"
"""The note in the history by which a release is known; it holds, whatever becomes of the entry."""

_BEFORE = [state.value for state in BEFORE]


def sent_elsewhere(ledger: Ledger, rules: str) -> dict[int, str]:
    """Entries that never left for this target -> the other organisation that the same invoice was sent to, unless a person released them since."""
    other = outbox.alias("other")
    same = [other.c[name] == outbox.c[name] for name in ("entity", "destination", "rules", "key")]
    sent = sa.and_(*same, other.c.tenant != outbox.c.tenant, other.c.generation == 1, other.c.state.not_in(_BEFORE))
    joined = outbox.join(rule_sets, sa.and_(rule_sets.c.id == outbox.c.rules, rule_sets.c.name == rules)).join(other, sent)
    waiting = sa.and_(outbox.c.state.in_(_BEFORE), outbox.c.state != State.SKIPPED.value, outbox.c.attempts == 0)
    with ledger.store.reading() as connection:
        number, _ = entities.entity(connection, ledger.store.entity.name)
        here = of_target(number, ledger.destination, ledger.tenant)
        wanted = sa.select(outbox.c.id, other.c.id.label("other"), other.c.tenant).select_from(joined).where(here, waiting)
        found = connection.execute(wanted).all()
        left = _lines(connection, {row.other for row in found}, outbox_history.c.after == State.SENDING.value, sa.func.min)
        released = _lines(connection, {row.id for row in found}, outbox_history.c.note == RELEASED, sa.func.max)
    return {row.id: row.tenant for row in found if released.get(row.id, 0) <= left.get(row.other, 0)}


def _lines(connection: sa.Connection, entries: set[int], which: sa.ColumnElement[bool], pick: Callable[[sa.Column], sa.ColumnElement[int]]) -> dict[int, int]:
    """Entry -> the number of its first, or last, such line in the history; 0 stands for none."""
    wanted = sa.select(outbox_history.c.entry, pick(outbox_history.c.id)).where(which).group_by(outbox_history.c.entry)
    asked = [wanted.where(outbox_history.c.entry.in_(part)) for part in parts(entries)]
    return {entry: line for select in asked for entry, line in connection.execute(select)}
