"""The rows of the ledger: how they are read, and the one way in which they move.

Every move is told by a line of `outbox_history`, with who, when and why, the hash of the row as it is then, and the hash of the line before it,
so that `store check` finds what somebody changed outside invoice-rules.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from invoice_rules.results import BEFORE, Entry, State
from invoice_rules.store import chain, entities, roles
from invoice_rules.store.tables import invoices, meta, outbox, outbox_history, rule_sets, sends

Row = dict[str, Any]
"""A row of `outbox`, by column."""
Change = tuple[Row, Row]
"""A row as it is, and the values that it gets."""

Made = TypeVar("Made")

END = meta.c.name == "end of ledger"
NOTE = 2_000
"""Characters of a note that are kept."""
ANSWER = 64 * 1024
"""Bytes of an answer that are kept."""
_BOUND = 900
_BEFORE = [state.value for state in BEFORE]
_CHAINED = tuple(c.name for c in outbox_history.c if c.name != "hash")
_MOVED = tuple(c.name for c in outbox.c if c.name not in ("id", "entity", "destination", "tenant", "rules", "key", "generation"))
_SAME = tuple(each.name for each in fields(Entry) if each.name in outbox.c and each.name not in ("entity", "rules", "state", "date"))
"""What an entry calls by the name of the column."""


class Clock(Protocol):
    """Where the time comes from: this moment, aware of its zone."""

    def now(self) -> dt.datetime: ...


def moment(clock: Clock | None) -> dt.datetime:
    """This moment in UTC, by the clock, or by the computer's own where there is none."""
    return (clock.now() if clock else dt.datetime.now(dt.UTC)).astimezone(dt.UTC)


def written(when: dt.datetime) -> str:
    """A moment as the ledger keeps it, so that texts compare as moments do: 2026-11-21T14:02:05.125+00:00."""
    return when.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def plain(text: str, limit: int = NOTE) -> str:
    """Text of a service or a person as both databases can hold it."""
    return text[:limit].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def parts(values: Iterable[Made]) -> Iterator[list[Made]]:
    """The values in lists that one statement can bind."""
    known = list(values)
    return (known[start : start + _BOUND] for start in range(0, len(known), _BOUND))


def of_target(entity: int, destination: str, tenant: str) -> sa.ColumnElement[bool]:
    """The entries of an entity for one target; an empty name stands for all."""
    named = ((outbox.c.destination, destination), (outbox.c.tenant, tenant))
    return sa.and_(outbox.c.entity == entity, *[column == name for column, name in named if name])


def listed(connection: sa.Connection, entity: str, wanted: sa.ColumnElement[bool], ids: Iterable[int] | None = None) -> list[Entry]:
    """The rows that are wanted as entries, by date and key. `entity` is its name."""
    joined = sa.select(outbox, rule_sets.c.name.label("rule_set")).join(rule_sets, rule_sets.c.id == outbox.c.rules).where(wanted)
    asked = [joined] if ids is None else [joined.where(outbox.c.id.in_(part)) for part in parts(ids)]
    return in_order([_entry(row, entity) for select in asked for row in connection.execute(select).mappings()])


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By date and key, then as they were made."""
    return sorted(entries, key=lambda entry: (str(entry.date or ""), entry.key, entry.generation, entry.id))


def _entry(row: Mapping[Any, Any], entity: str) -> Entry:
    day = dt.date.fromisoformat(row["date"]) if row["date"] else None
    return Entry(entity=entity, rules=row["rule_set"], state=State(row["state"]), date=day, **{name: row[name] for name in _SAME})


@dataclass(frozen=True)
class Moves:
    """What is done to the ledger of one target in one transaction, by one person at one moment."""

    connection: sa.Connection
    entity: int
    destination: str
    tenant: str
    at: str
    user: str
    _lines: list[Row] = field(default_factory=list)

    @property
    def target(self) -> sa.ColumnElement[bool]:
        return of_target(self.entity, self.destination, self.tenant)

    def require(self, act: str) -> None:
        """Sending needs the role importer (S1-1)."""
        roles.require(self.connection, self.entity, roles.IMPORTER, act)

    def rows(self, ids: Iterable[int], *states: State) -> list[Row]:
        """The entries of this target with these numbers, in their order; of some states, or of all."""
        wanted = list(dict.fromkeys(ids))
        asked = [sa.select(outbox).where(outbox.c.id.in_(part)) for part in parts(wanted)]
        found = {row["id"]: dict(row) for select in asked for row in self.connection.execute(select).mappings() if self._mine(row)}
        return [found[number] for number in wanted if number in found and (not states or found[number]["state"] in states)]

    def _mine(self, row: Mapping[Any, Any]) -> bool:
        return bool((row["entity"], row["destination"], row["tenant"]) == (self.entity, self.destination, self.tenant))

    def select(self, *conditions: sa.ColumnElement[bool]) -> list[Row]:
        """The entries of this target that fulfil the conditions, by their number."""
        return [dict(row) for row in self.connection.execute(sa.select(outbox).where(self.target, *conditions).order_by(outbox.c.id)).mappings()]

    def marks(self, rows: Sequence[Row]) -> dict[int, tuple[str, ...]]:
        """Entry -> the marks of all generations of its invoice."""
        found: dict[tuple[int, str], tuple[str, ...]] = {}
        for part in parts({row["key"] for row in rows}):
            for row in self.select(outbox.c.key.in_(part), outbox.c.mark != ""):
                same = (row["rules"], row["key"])
                found[same] = (*found.get(same, ()), row["mark"])
        return {row["id"]: found.get((row["rules"], row["key"]), ()) for row in rows}

    def sendable(self, ids: Sequence[int], given: Mapping[int, tuple[int, int]]) -> list[Row] | None:
        """The rows in this order where all of them may leave now, else None: READY, the stored invoice still the one that was read, and not on
        its way from another entity's books. `given` is entry -> (stored invoice, version) that its document was read for.
        """
        rows = self.rows(ids, State.READY)
        if len(rows) != len(ids) or not rows:
            return None
        versions: dict[int, int] = {}
        for part in parts(row["invoice"] for row in rows):
            current = sa.select(invoices.c.id, invoices.c.version).where(invoices.c.id.in_(part), invoices.c.in_force == 1)
            versions |= {row.id: row.version for row in self.connection.execute(current)}
        meant = {row["id"]: (row["invoice"], row["version"]) for row in rows}
        fits = all(versions.get(invoice) == version and given.get(entry, meant[entry]) == meant[entry] for entry, (invoice, version) in meant.items())
        return rows if fits and not self._elsewhere(rows) else None

    def _elsewhere(self, rows: Sequence[Row]) -> bool:
        """Whether another entity's books have sent one of these to the same target, or are about to."""
        others = sa.and_(outbox.c.destination == self.destination, outbox.c.tenant == self.tenant, outbox.c.entity != self.entity, outbox.c.state.not_in(_BEFORE))
        mine = {(row["rules"], row["key"], row["generation"]) for row in rows}
        keys = [row["key"] for row in rows]
        asked = [sa.select(outbox.c.rules, outbox.c.key, outbox.c.generation).where(outbox.c.key.in_(part), others) for part in parts(keys)]
        return any(tuple(row) in mine for select in asked for row in self.connection.execute(select))

    def add(self, rows: Sequence[Row]) -> None:
        """New entries; `rows` have every column but id, entity, destination, tenant and at."""
        if not rows:
            return
        first = _next(self.connection, outbox)
        here = {"entity": self.entity, "destination": self.destination, "tenant": self.tenant, "at": self.at}
        made = [{**row, **here, "id": first + at} for at, row in enumerate(rows)]
        self.connection.execute(outbox.insert(), made)
        self._lines.extend({"entry": row["id"], "send": None, "before": "", "after": row["state"], "note": row["note"], "record": record(row)} for row in made)

    def change(self, changes: Sequence[Change], note: str | None = None) -> int:
        """Gives rows new values and tells of it; a row whose state is another than the caller saw stops everything.

        `note` is for the history alone, where it is not the row's own.
        """
        made = [(old, {**old, **new}) for old, new in changes]
        made = [(old, {**new, "at": self.at if new["state"] != old["state"] else old["at"]}) for old, new in made if new != old]
        for state, names, rows in _alike(made):
            self._update(state, names, rows)
        for old, new in made:
            line = {"entry": new["id"], "send": new["send"], "before": old["state"], "after": new["state"], "record": record(new)}
            self._lines.append({**line, "note": new["note"] if note is None else note})
        return len(made)

    def _update(self, state: str, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Rows of one state that get new values in the same columns; where the values are the same too, by one statement a part."""
        equal = all(row[name] == rows[0][name] for row in rows for name in names)
        seen = outbox.c.state == state
        if equal:
            values: dict[str, Any] = {name: rows[0][name] for name in names}
            each = [outbox.update().where(outbox.c.id.in_(part), seen).values(values) for part in parts(row["id"] for row in rows)]
            count = sum(self.connection.execute(update).rowcount for update in each)
        else:
            one = outbox.update().where(outbox.c.id == sa.bindparam("b_id"), seen).values({name: sa.bindparam(name) for name in names})
            count = self.connection.execute(one, [{"b_id": row["id"], **{name: row[name] for name in names}} for row in rows]).rowcount
        if count != len(rows):
            raise RuntimeError(f"{count} of {len(rows)} entries of the ledger moved")

    def request(self, key: str, body: bytes, entries: Sequence[int]) -> int:
        """Writes down a request before it leaves; its number."""
        number = _next(self.connection, sends)
        row: Row = {"id": number, "entity": self.entity, "destination": self.destination, "tenant": self.tenant, "key": key}
        row |= {"body": body, "sha256": hashlib.sha256(body).hexdigest(), "entries": json.dumps(list(entries)), "at": self.at, "user": self.user}
        self.connection.execute(sends.insert().values(**row))
        self._lines.append({"entry": None, "send": number, "before": "", "after": "", "note": "Request", "record": record(row)})
        return number

    def answer(self, send: int, note: str, answer: str | None) -> None:
        """Keeps what a service answered to a request."""
        row = self.connection.execute(sa.select(sends).where(sends.c.id == send)).mappings().one()
        self._lines.append({"entry": None, "send": send, "before": "", "after": "", "note": plain(note), "answer": answer, "record": record(row)})

    def linking(self, row: Row) -> None:
        """A company was linked with a contact, or a link ended; `row` is that of `contact_links` afterwards."""
        self._lines.append({"entry": None, "send": None, "before": "", "after": "", "note": linked(row), "record": record(row)})

    def stamp(self, rows: Sequence[Row]) -> None:
        """The stored invoices were sent: from the first time on they say so, and cannot be taken back (X-10)."""
        for part in parts(row["invoice"] for row in rows):
            unsent = sa.and_(invoices.c.id.in_(part), invoices.c.sent.is_(None))
            self.connection.execute(invoices.update().where(unsent).values(sent=self.at))

    def tell(self) -> None:
        """Writes down what was done, at the end of the transaction: lines of the ledger's history, each with the hash of the one before."""
        if not self._lines:
            return
        number, last = end(self.connection)
        made = []
        for line in self._lines:
            number += 1
            row = {"answer": None, **line, "id": number, "entity": self.entity, "at": self.at, "user": self.user}
            last = line_hash(last, row)
            made.append({**row, "hash": last})
        self.connection.execute(outbox_history.insert(), made)
        self.connection.execute(meta.update().where(END).values(value=f"{number} {last}"))


def _alike(changes: Sequence[Change]) -> list[tuple[str, tuple[str, ...], list[Row]]]:
    """(state until now, columns that change, rows as they shall be) for all rows that are alike in both."""
    found: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    for old, new in changes:
        names = tuple(name for name in _MOVED if new[name] != old[name])
        found.setdefault((old["state"], names), []).append(new)
    return [(state, names, rows) for (state, names), rows in found.items()]


def _next(connection: sa.Connection, table: sa.Table) -> int:
    """The next number of a table; the write lock makes it ours."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()) + 1


def end(connection: sa.Connection) -> tuple[int, str]:
    """(number, hash) of the last line of the ledger's history."""
    last = connection.execute(sa.select(outbox_history.c.id, outbox_history.c.hash).order_by(outbox_history.c.id.desc()).limit(1)).first()
    return (last.id, last.hash) if last else (0, chain.START)


def line_hash(before: str, row: Mapping[Any, Any]) -> str:
    """The hash of a line of the ledger's history, with that of the line before."""
    return chain.digest(chain.canonical([before, *[row[name] for name in _CHAINED]]))


def record(row: Mapping[Any, Any]) -> str:
    """The hash of a row of `outbox`, `contact_links` or `sends`; of a body its own hash stands for it."""
    return chain.digest(chain.canonical([row[name] for name in sorted(row) if name != "body"]))


def linked(row: Mapping[Any, Any]) -> str:
    """How the history calls a link of a company and a contact."""
    return f"Contact {row['id']}"


def moves(connection: sa.Connection, entity: str, destination: str, tenant: str, at: str, user: str | None) -> Moves:
    """Moves for the named entity. Raises CannotRun where there is none, or where whoever asks may not send."""
    number, _ = entities.entity(connection, entity)
    return Moves(connection, number, destination, tenant, at, entities.user_name(user))
