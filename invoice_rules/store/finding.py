"""What the ledger finds among the stored invoices: new ones, changed ones, those that were taken back, and those that shall go once more.

Set-based: the database compares; only rows that are new or differ come here. Source: behaviours S4-3, S4-17, S4-18, X-10, X-18.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.results import BEFORE, THERE, State, exact
from invoice_rules.store import chain, entities
from invoice_rules.store.differing import differing
from invoice_rules.store.outbox import Change, Moves, Row, parts
from invoice_rules.store.tables import entities as books
from invoice_rules.store.tables import invoices, outbox, outbox_history

RESENDS = ("skip", "update", "new")
CHANGED = "The invoice on file was changed after it was sent"
TAKEN_BACK = "The import that brought it was taken back"
_HEADER = ("number", "customer", "customer_name", "email", "date", "due_date", "currency", "amount", "balance")
_READ = ("id", "key", "version", *_HEADER, "details")
_UNDECIDED = (State.SENDING.value, State.UNKNOWN.value)
_THERE = [state.value for state in THERE]
_KNOWN = [state.value for state in (*THERE, State.CONFLICT)]
_BEFORE = [state.value for state in BEFORE]


@dataclass(frozen=True)
class Finding:
    """One look at the stored invoices of a rule set, and what follows from it in the ledger. `resend`: key -> skip, update or new.

    `unsent` are the fields that the target does not get: what was sent is not changed where one of them is.
    """

    moves: Moves
    rules: RuleSet
    resend: Mapping[str, str]
    unsent: Collection[str] = ()

    def run(self) -> int:
        """Brings the ledger up to date; how many entries are new. Raises CannotRun where an invoice cannot go once more."""
        wrong = sorted(set(self.resend.values()) - set(RESENDS))
        if wrong:
            raise CannotRun(f"An invoice can be resent as {', '.join(RESENDS[:-1])} or {RESENDS[-1]}, not as {wrong[0]}. Nothing was sent.")
        if not self.number:
            self._refuse_unknown(())
            return 0
        self._gone()
        self._changed()
        new = self._new() + self._again()
        self._elsewhere()
        return new

    @cached_property
    def number(self) -> int:
        """What stands for the rule set in the store; 0 where it holds no invoice of it."""
        return entities.number_of(self.moves.connection, self.rules.name)

    @property
    def marked_note(self) -> str:
        return f"{self.rules.name.split('.')[0].title()} has it marked as processed"

    @property
    def _here(self) -> sa.ColumnElement[bool]:
        """Invoices of these books and this rule set that are in force."""
        return sa.and_(invoices.c.entity == self.moves.entity, invoices.c.rules == self.number, invoices.c.in_force == sa.literal_column("1"))

    @property
    def _latest(self) -> sa.ColumnElement[bool]:
        """Entries of this target and rule set that no later generation replaces; where an earlier one goes again (`Ledger.gone`), that one."""
        other = outbox.alias("other")
        same = [other.c[name] == outbox.c[name] for name in ("entity", "destination", "tenant", "rules", "key")]
        waits = outbox.c.state.in_(_BEFORE)
        last = sa.or_(waits, ~sa.exists().where(*same, other.c.generation > outbox.c.generation))
        first = ~sa.exists().where(*same, other.c.generation < outbox.c.generation, other.c.state.in_(_BEFORE))
        return sa.and_(self.moves.target, outbox.c.rules == self.number, last, first)

    @property
    def _left(self) -> sa.ColumnElement[bool]:
        """Entries that have left, where each later one was left out: what the target has of the invoice."""
        other = outbox.alias("later")
        same = [other.c[name] == outbox.c[name] for name in ("entity", "destination", "tenant", "rules", "key")]
        later = sa.exists().where(*same, other.c.generation > outbox.c.generation, other.c.state != State.SKIPPED.value)
        return sa.and_(self.moves.target, outbox.c.rules == self.number, outbox.c.state.not_in(_BEFORE), ~later)

    def _gone(self) -> None:
        """What is not in force any more, and has not left yet, stays here."""
        there = sa.exists().where(invoices.c.key == outbox.c.key, self._here)
        rows = self.moves.select(outbox.c.rules == self.number, outbox.c.state.in_(_BEFORE), ~there)
        self.moves.change([(row, {"state": State.SKIPPED.value, "note": TAKEN_BACK}) for row in rows if row["note"] != TAKEN_BACK])

    def _changed(self) -> None:
        """What was stored anew since the ledger looked last."""
        differs = sa.or_(invoices.c.id != outbox.c.invoice, invoices.c.version != outbox.c.version, outbox.c.note == TAKEN_BACK, outbox.c.content == "")
        joined = outbox.join(invoices, sa.and_(invoices.c.key == outbox.c.key, self._here))
        both = sa.select(outbox, *[invoices.c[name].label(f"now_{name}") for name in _READ]).select_from(joined)
        wanted = both.where(sa.or_(self._latest, self._left), differs, outbox.c.state.not_in(_UNDECIDED)).order_by(outbox.c.id)
        changes = []
        for found in self.moves.connection.execute(wanted).mappings():
            row = {column.name: found[column.name] for column in outbox.c}
            changes.append(self._change(row, {name: found[f"now_{name}"] for name in _READ}))
        self.moves.change(changes)

    def _change(self, row: Row, now: Row) -> Change:
        held = self._held(now)
        same = row["content"] in ("", held["content"])  # blank: a person has looked at it as it is
        if row["state"] in _BEFORE:
            return row, {**held, **self._anew(row, now, same), "send": row["send"] if same else None}
        seen = {name: held[name] for name in ("invoice", "version", "content")}
        other = {} if same or row["key"] in self.resend else self._other(row, now)
        if other is not None and not other:
            looked_at = {} if self.resend.get(row["key"], "skip") != "skip" else seen  # what goes once more may yet be left out
            return row, {**looked_at, **({"state": self._sent_as(row), "note": ""} if _only_changed(row) else {})}
        if row["state"] == State.CONFLICT:
            return row, {}
        return row, {"state": State.CONFLICT.value, "note": CHANGED + self._told(row, held, other or {})}

    def _other(self, row: Row, now: Row) -> dict[str, str] | None:
        """Field -> title of what differs of what the target got; None where nobody knows any more what differs."""
        found = differing(self.moves.connection, self.rules, row, now)
        return found and {name: title for name, title in found.items() if name not in self.unsent}

    def _told(self, row: Row, held: Row, other: Mapping[str, str]) -> str:
        """What was changed, to follow that it was."""
        was, then = (exact(total, row["currency"]) if row["currency"] else str(total) for total in (row["total"], held["total"]))
        said = [f"the total was {was} and is {then} now"] if was != then else []
        titles = [title for name, title in other.items() if not said or name != self.rules.role("amount")]
        said += [f"{', '.join(titles)} {'differs' if len(titles) == 1 else 'differ'} from what was sent"] if titles else []
        return f": {'; '.join(said)}" if said else ""

    def _sent_as(self, row: Row) -> str:
        """Where one was before it was found to be changed: sent, about to be marked, or done (S4-16)."""
        line = outbox_history.c
        wanted = sa.select(line.before).where(line.entry == row["id"], line.after == State.CONFLICT.value, line.before.in_(_THERE))
        return self.moves.connection.execute(wanted.order_by(line.id.desc()).limit(1)).scalar() or State.SENT.value

    def _anew(self, row: Row, now: Row, same: bool) -> Row:
        """The state of one that has not left yet; what a person left out stays out."""
        ours = row["state"] == State.SKIPPED and row["note"] in (TAKEN_BACK, self.marked_note)
        if self._marked(now) and row["key"] not in self.resend and (ours or row["state"] != State.SKIPPED):
            return {"state": State.SKIPPED.value, "note": self.marked_note}
        if ours or not (same or row["state"] == State.SKIPPED):
            return {"state": State.FOUND.value, "note": ""}
        return {}

    def _new(self) -> int:
        """Invoices that the ledger does not have yet."""
        known = sa.exists().where(self.moves.target, outbox.c.rules == invoices.c.rules, outbox.c.key == invoices.c.key)
        wanted = sa.select(*[invoices.c[name] for name in _READ]).where(self._here, ~known).order_by(invoices.c.date, invoices.c.key)
        found = [dict(row) for row in self.moves.connection.execute(wanted).mappings()]
        self.moves.add([{**self._entry(row), "generation": 1, "remote": ""} for row in found])
        return len(found)

    def _entry(self, now: Row) -> Row:
        skipped = self._marked(now) and self.resend.get(now["key"], "skip") == "skip"
        state, note = (State.SKIPPED, self.marked_note) if skipped else (State.FOUND, "")
        blank = {"send": None, "mark": "", "attempts": 0, "left_at": "", "number": ""}
        return {**blank, **self._held(now), "rules": self.number, "key": now["key"], "state": state.value, "note": note}

    def _held(self, now: Row) -> Row:
        """What an entry holds of the stored invoice."""
        texts = {name: now[name] or "" for name in ("customer", "customer_name", "currency")}
        currency = texts["currency"] or self.rules.currency or ""
        held = {"invoice": now["id"], "version": now["version"], "date": now["date"], "total": now["amount"] or 0}
        return {**texts, **held, "currency": currency, "content": self._content(now)}

    def _content(self, now: Row) -> str:
        """The hash of all that concerns the target: when the source was marked is none of its business."""
        details = json.loads(now["details"])
        details.pop(self.rules.role("marked"), None)
        return chain.digest(chain.canonical([*[now[name] for name in _HEADER], details]))

    def _marked(self, now: Row) -> bool:
        """Whether the source has it marked as processed (S4-3)."""
        field = self.rules.role("marked")
        return bool(field and json.loads(now["details"]).get(field))

    # ---- once more (S4-18)

    def _again(self) -> int:
        """Invoices that a person wants to send once more; those that never left are merely found again."""
        if not self.resend:
            return 0
        rows = {row["key"]: row for row in self.moves.select(self._latest)}
        self._refuse_unknown(rows)
        chosen = [rows[key] for key, how in self.resend.items() if how != "skip"]
        self.moves.change([(row, self._waiting(row)) for row in chosen if row["state"] in _BEFORE and row["note"] != TAKEN_BACK])
        left = {row["key"]: row for row in chosen if row["state"] not in _BEFORE}
        for row in left.values():
            self._refuse(row)
        made = [self._next(left[now["key"]], now) for now in self._stored(list(left))]
        self.moves.add(made)
        return len(made)

    def _refuse_unknown(self, known: Collection[str]) -> None:
        for key in self.resend:
            if key not in known:
                raise CannotRun(f"{unknown_key(key)} Nothing was sent.")

    def _refuse(self, row: Row) -> None:
        if row["state"] in _UNDECIDED:
            raise CannotRun(f"Invoice {row['key']} was sent already, and whether it arrived is not known yet. Settle that first. Nothing was sent.")

    def _waiting(self, row: Row) -> Row:
        """The new values of an entry that has not left: in again where it was left out, and of the kind that is asked for now."""
        wanted = self._there(row) if self.resend[row["key"]] == "update" else {"remote": "", "number": ""}
        again = {"state": State.FOUND.value, "note": ""}
        if row["generation"] > 1 and wanted["remote"] != row["remote"]:
            return {**again, **wanted, "send": None}
        return again if row["state"] == State.SKIPPED else {}

    def _there(self, row: Row) -> Row:
        """The target's own identifier and number of an invoice that is to be updated. Raises CannotRun where nobody knows them."""
        known = row
        if row["state"] in _BEFORE:
            earlier = self.moves.select(outbox.c.rules == self.number, outbox.c.key == row["key"], outbox.c.generation < row["generation"])
            known = max(earlier, key=lambda one: int(one["generation"]), default=row)
        if known["state"] not in _KNOWN or not known["remote"]:
            raise CannotRun(f"Invoice {row['key']} cannot be updated: which one it is there is not known. Look at it there first. Nothing was sent.")
        return {"remote": known["remote"], "number": known["number"]}

    def _next(self, row: Row, now: Row) -> Row:
        """The entry of the next generation."""
        same = self._there(row) if self.resend[row["key"]] == "update" else {"remote": ""}
        return {**self._entry(now), "state": State.FOUND.value, "note": "", "generation": row["generation"] + 1, **same}

    def _stored(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        wanted = sa.select(*[invoices.c[name] for name in _READ]).where(self._here)
        asked = [wanted.where(invoices.c.key.in_(part)) for part in parts(keys)]
        return [dict(row) for select in asked for row in self.moves.connection.execute(select).mappings()]

    def _elsewhere(self) -> None:
        """What another entity's books sent to the same target already."""
        other = outbox.alias("other")
        same = [other.c[name] == outbox.c[name] for name in ("destination", "tenant", "rules", "key", "generation")]
        joined = outbox.join(other, sa.and_(*same, other.c.entity != outbox.c.entity, other.c.state.not_in(_BEFORE))).join(books, books.c.id == other.c.entity)
        waiting = sa.and_(outbox.c.rules == self.number, outbox.c.state.in_(_BEFORE), outbox.c.state != State.SKIPPED.value)
        wanted = sa.select(outbox.c.id, books.c.name).select_from(joined).where(self.moves.target, waiting)
        names = {row.id: row.name for row in self.moves.connection.execute(wanted)}
        note = "The books of {} sent an invoice of this number there already"
        self.moves.change([(row, {"state": State.CONFLICT.value, "note": note.format(names[row["id"]])}) for row in self.moves.rows(names)])


def unknown_key(key: str) -> str:
    """No invoice goes by this key, a sentence (S4-2)."""
    return f'No invoice has the key "{key}" in the ledger. It lists the keys; an invoice number is not one.'


def _only_changed(row: Row) -> bool:
    """In conflict for no other reason than that the invoice on file was changed after it was sent."""
    return row["state"] == State.CONFLICT and row["note"].startswith(CHANGED)
