"""`Ledger`: what is on its way to one service, so that no invoice is ever sent there twice (S2-42 … S2-44, S4-14 … S4-19).

Every method is one transaction: when it returns, what it did is on the disk. Entries move only from states that allow it, whoever else is at work;
`begin` and `resend` are the only ways to SENDING, and whoever gets a `Send` from them sends it, once. Only an explicit answer makes an entry SENT,
and such an answer is the truth even when it comes late. Writing needs the role importer.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from invoice_rules.results import BEFORE, Answer, Document, Entry, Result, Send, State
from invoice_rules.rulesets import rule_set
from invoice_rules.store import answering, entities, outbound
from invoice_rules.store.contacts import ContactLink, Contacts
from invoice_rules.store.finding import Finding
from invoice_rules.store.opening import Store
from invoice_rules.store.outbox import Change, Clock, Moves, Row, in_order, listed, moment, moves, of_target, parts, plain, written
from invoice_rules.store.tables import outbox, outbox_history, sends


class Ledger:
    """The ledger of one entity for one organisation of a service; see `Store.ledger`.

    `destination` is the service ("xero"), `tenant` the organisation there; with an empty tenant (or destination) it only lists, for all of them.
    `clock` has `now()`, a moment aware of its zone; `user` is who acts, by default whoever is logged in. Threads do not share a ledger.
    `unsent` are the fields of an invoice that the service does not get.
    """

    def __init__(self, store: Store, destination: str, tenant: str, *, clock: Clock | None = None, user: str | None = None, unsent: Collection[str] = ()):
        self.store, self.destination, self.tenant = store, destination, tenant
        self._clock, self._user, self._unsent = clock, user, unsent
        self._entity = store.entity.name
        self._given: dict[int, Entry] = {}
        self._read: dict[int, tuple[int, int]] = {}
        self._contacts = Contacts(store, destination, tenant, self._moving)

    def __repr__(self) -> str:
        return f"<Ledger {self._entity} to {self.destination} {self.tenant}>"

    # ---- looking

    def entries(self, *states: State, keys: Collection[str] = ()) -> list[Entry]:
        """The entries in these states (all where none is named), by date and key; only those of `keys` where there are any."""
        chosen = outbox.c.state.in_([state.value for state in states]) if states else sa.true()
        each = [sa.and_(chosen, outbox.c.key.in_(part)) for part in parts(keys)] if keys else [chosen]
        return in_order([entry for wanted in each for entry in self._listed(wanted)])

    def counts(self) -> dict[State, int]:
        """How many entries are in each state that has any."""
        with self.store.reading() as connection:
            wanted = sa.select(outbox.c.state, sa.func.count()).where(self._target(connection)).group_by(outbox.c.state)
            return {State(state): count for state, count in connection.execute(wanted)}

    def documents(self, entries: Sequence[Entry]) -> list[Document]:
        """The stored invoices of entries, exactly and in their order; `begin` refuses an entry whose invoice is stored anew meanwhile."""
        with self.store.reading() as connection:
            found = outbound.documents(connection, entries)
        self._read |= {document.entry.id: (document.entry.invoice, document.entry.version) for document in found}
        return found

    def request(self, send: int) -> Send:
        """A request as it was written down. Raises KeyError where there is none of this number."""
        with self.store.reading() as connection:
            return _send(connection, send)

    def raw(self, entry: int) -> list[dict[str, Any]]:
        """What happened to an entry, the earliest first: at, user, from, to, note, and `answer`, the text of what the service said, else None.

        Answers belong to a request, and so to all its entries; their lines have from and to blank.
        """
        table = outbox_history.c
        with self.store.reading() as connection:
            mine = sa.select(table.send).where(table.entry == entry, table.send.is_not(None))
            wanted = sa.or_(table.entry == entry, sa.and_(table.entry.is_(None), table.send.in_(mine)))
            rows = connection.execute(sa.select(outbox_history).where(wanted).order_by(table.id)).mappings()
            return [{"at": row["at"], "user": row["user"], "from": row["before"], "to": row["after"], "note": row["note"], "answer": row["answer"]} for row in rows]

    # ---- before it leaves

    def find(self, rules: str, *, resend: Mapping[str, str] | None = None) -> int:
        """Takes over the stored invoices in force of a rule set; how many entries are new, all of them FOUND.

        Changed ones that have not left are FOUND again, and those that are not in force any more SKIPPED; one that was changed after it was sent (in what is sent), or
        that another entity's books sent to the same target, is in CONFLICT. What the source has marked as processed is SKIPPED (S4-3).
        `resend` is key -> "skip" (as it is, also where it was changed), "new" (one entry more, of the next generation) or "update" (the same, with
        `remote` and `number` of the one before: the target's own invoice is to be changed); each call with "new" sends once more (S4-18).
        Raises CannotRun, with nothing done, for one whose outcome is unknown, and for an update of one that nobody can name.
        """
        with self._moving("Sending") as act:
            return Finding(act, rule_set(rules), dict(resend or {}), self._unsent).run()

    def judge(self, verdicts: Mapping[int, tuple[State, str]], numbers: Mapping[int, str] | None = None) -> None:
        """Entry -> (READY, NEEDS_MAPPING, HELD or REJECTED; why), and entry -> the number that the target shall give it.

        Only entries that have not left move, but for those that were SKIPPED, and those that were stored anew since this ledger gave them. One that waits to
        go out again as it is keeps its number; where its verdict is another, it will be a new request.
        """
        if wrong := {state for state, _ in verdicts.values()} - set(BEFORE):
            raise ValueError(f"nothing is judged to be {', '.join(wrong)}")
        with self._moving("Sending") as act:
            known = act.rows(verdicts, *[state for state in BEFORE if state != State.SKIPPED])
            act.change([self._judged(row, *verdicts[row["id"]], (numbers or {}).get(row["id"])) for row in known if self._current(row)])

    def _current(self, row: Row) -> bool:
        """Whether an entry is about the same stored invoice as when this ledger gave it; one that it never gave is."""
        return row["id"] not in self._given or self._given[row["id"]].version == row["version"]

    @staticmethod
    def _judged(row: Row, state: State, note: str, number: str | None) -> Change:
        again = row["state"] == State.READY == state and row["send"] is not None
        kept = row["number"] if again or number is None else plain(number)
        return row, {"state": state.value, "note": plain(note), "number": kept, "send": row["send"] if again else None}

    def skip(self, ids: Collection[int], why: str) -> None:
        """A person leaves these out, as far as they have not left yet."""
        with self._moving("Sending") as act:
            act.change([(row, {"state": State.SKIPPED.value, "note": plain(why), "send": None}) for row in act.rows(ids, *BEFORE)])

    def release(self, ids: Collection[int], note: str = "") -> None:
        """A person lets these go on: what was SKIPPED is FOUND again, to be judged."""
        with self._moving("Sending") as act:
            act.change([(row, {"state": State.FOUND.value, "note": plain(note)}) for row in act.rows(ids, State.SKIPPED)])

    # ---- sending

    def begin(self, ids: Sequence[int], key: str, body: bytes) -> Send | None:
        """These entries are about to leave in one request: READY -> SENDING for all of them, or for none and None.

        None: one of them is not READY any more, its invoice was changed or taken back since it was read, or another entity's books sent it. Prepare anew then.
        A key is good for one body: raises ValueError where it belongs to another request; with the same body it is a `resend`.
        """
        with self._moving("Sending") as act:
            known = act.connection.execute(sa.select(sends.c.id, sends.c.body, sends.c.entries).where(sends.c.key == key)).first()
            if known is not None and (bytes(known.body), json.loads(known.entries)) != (body, list(ids)):
                raise ValueError("this idempotency key belongs to another request")
            rows = act.sendable(ids, self._read)
            if rows is None or (known is not None and any(row["send"] != known.id for row in rows)):
                return None
            send = known.id if known is not None else act.request(key, body, list(ids))
            made = self._leaves(act, rows, send)
        self._forget(ids)
        return made

    def resend(self, send: int) -> Send | None:
        """A request that did not arrive goes once more, the same bytes under the same key: READY -> SENDING for all its entries.

        None where they are not all READY with this request any more, or their invoices were changed: those go in a new request, by `begin`.
        """
        with self._moving("Sending") as act:
            ids = _send(act.connection, send).entries
            rows = act.sendable(ids, {})
            if rows is None or any(row["send"] != send for row in rows):
                return None
            made = self._leaves(act, rows, send)
        self._forget(ids)
        return made

    def _forget(self, ids: Sequence[int]) -> None:
        """What this ledger gave is of before it left itself."""
        for number in ids:
            self._given.pop(number, None)

    @staticmethod
    def _leaves(act: Moves, rows: Sequence[Row], send: int) -> Send:
        values = {"state": State.SENDING.value, "note": "", "send": send, "left_at": act.at}
        act.change([(row, {**values, "attempts": row["attempts"] + 1}) for row in rows])
        return _send(act.connection, send)

    def renew(self, send: int) -> bool:
        """Before the same request leaves once more after a wait (429): its quiet period begins anew. False: it was given up meanwhile; do not send it."""
        with self._moving("Sending") as act:
            rows = act.rows(_send(act.connection, send).entries)
            if any((row["state"], row["send"]) != (State.SENDING, send) for row in rows):
                return False
            act.change([(row, {"left_at": act.at}) for row in rows], "Leaves after a wait")
            return True

    def answered(self, send: int, results: Mapping[int, Result], answer: Answer) -> None:
        """What the service answered: each entry goes where its result says; what the answer is silent about is UNKNOWN. The answer is kept (64 KB).

        READY is for what was plainly not done at all (401, or a refusal to take more calls). Also after it was given up, or was to be sent again, SENT counts: it is the truth.
        SENT with two identifiers, and what is told to be there and to differ, is CONFLICT; a refusal never takes back what is SENT.
        """
        with self._moving("Sending") as act:
            answering.answered(act, _send(act.connection, send), results, answer)

    def lost(self, send: int, why: str, answer: Answer | None = None) -> None:
        """No usable answer came: SENDING -> UNKNOWN. `why` is a sentence for people."""
        with self._moving("Sending") as act:
            answering.lost(act, _send(act.connection, send), why, answer)

    def overdue(self, quiet: float) -> list[Entry]:
        """The UNKNOWN entries whose request left more than `quiet` seconds ago, to be asked about; SENDING ones of that age (their program ended) become UNKNOWN."""
        with self._moving("Sending") as act:
            old = sa.and_(outbox.c.left_at <= written(moment(self._clock) - _seconds(quiet)), outbox.c.state == State.SENDING.value)
            note = "The program ended before it knew whether this arrived"
            act.change([(row, {"state": State.UNKNOWN.value, "note": note}) for row in act.select(old)])
        return self._listed(sa.and_(outbox.c.left_at <= written(moment(self._clock) - _seconds(quiet)), outbox.c.state == State.UNKNOWN.value))

    def settled(self, results: Mapping[int, Result]) -> None:
        """What the target, or a person, said about entries that were UNKNOWN: SENT, READY (it is not there) or CONFLICT; also of those in CONFLICT.

        READY keeps number and request, for `resend`; it counts only where the entry did not leave once more since this ledger gave it. SENT always counts.
        """
        with self._moving("Sending") as act:
            answering.settled(act, results, {number: entry.attempts for number, entry in self._given.items()})

    def gone(self, entry: int) -> None:
        """A person's word that one which was there (SENT, or in CONFLICT) is not any more: FOUND, to go in a new request under its own number (S2-42).

        Raises CannotRun where a later one of the same invoice has left.
        """
        with self._moving("Sending") as act:
            answering.gone(act, entry)

    # ---- marking in the source

    def mark(self, ids: Collection[int], value: str) -> list[Entry]:
        """SENT -> MARKING with a value that is fixed from now on, before the source is written; MARKING ones are given again with theirs, their note gone."""
        with self._moving("Sending") as act:
            rows = act.rows(ids, State.SENT, State.MARKING)
            act.change([(row, {"state": State.MARKING.value, "note": "", "mark": row["mark"] or plain(value)}) for row in rows])
            marks = act.marks(rows)
        return [replace(entry, marks=marks[entry.id]) for entry in self._listed(outbox.c.state == State.MARKING.value, list(marks))]

    def marked(self, ids: Collection[int], failed: Mapping[int, str] | None = None) -> None:
        """MARKING -> DONE: the source has the value. `failed` says of others why it has not, or may not have it: those stay, with that as their note."""
        why = failed or {}
        with self._moving("Sending") as act:
            act.change([(row, {"state": State.DONE.value, "note": ""}) for row in act.rows(ids, State.MARKING)])
            act.change([(row, {"note": plain(why[row["id"]])}) for row in act.rows(why, State.MARKING)])

    # ---- contacts

    def contact(self, company: str) -> ContactLink | None:
        """The contact that a company is, None where nobody said so."""
        return next((link for link in self.contacts() if link.company == company), None)

    def contacts(self) -> list[ContactLink]:
        """All links of this target, by company."""
        return self._contacts.all()

    def link(self, company: str, contact: str, name: str, saved: bool = True) -> ContactLink:
        """Says which contact a company is, in place of an earlier one; unsaved, for this ledger object alone (S4-11).

        Raises CannotRun for a contact that another company has (S4-13).
        """
        return self._contacts.link(company, contact, name, saved)

    def unlink(self, company: str) -> bool:
        """Takes a company's link away; False where there was none."""
        return self._contacts.unlink(company)

    # ---- the transaction

    @contextmanager
    def _moving(self, act: str) -> Iterator[Moves]:
        if not (self.destination and self.tenant):
            raise ValueError("only the ledger of one organisation of one service is written")
        with self.store.writing() as connection:
            made = moves(connection, self._entity, self.destination, self.tenant, written(moment(self._clock)), self._user)
            made.require(act)
            yield made
            made.tell()

    def _target(self, connection: sa.Connection) -> sa.ColumnElement[bool]:
        return of_target(entities.entity(connection, self._entity)[0], self.destination, self.tenant)

    def _listed(self, wanted: sa.ColumnElement[bool], ids: Collection[int] | None = None) -> list[Entry]:
        with self.store.reading() as connection:
            found = listed(connection, self._entity, sa.and_(self._target(connection), wanted), ids)
        self._given |= {entry.id: entry for entry in found}
        return found


def ledger_entries(store: Store, *, states: Collection[State] = (), destination: str = "") -> list[Entry]:
    """The standing view: the entity's entries for all targets, or for one service; by date and key. `states`: only those in them."""
    return Ledger(store, destination, "").entries(*states)


def _send(connection: sa.Connection, number: int) -> Send:
    row = connection.execute(sa.select(sends).where(sends.c.id == number)).first()
    if row is None:
        raise KeyError(f"there is no request {number}")
    return Send(row.id, row.key, bytes(row.body), tuple(json.loads(row.entries)), row.at)


def _seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)
