"""What is wrong with the ledger of sending, a sentence each: its history, its entries against that history, its requests, and what is marked as sent."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from invoice_rules.problems import plural
from invoice_rules.results import THERE, State
from invoice_rules.store.chain import START
from invoice_rules.store.outbox import END, line_hash, linked, record
from invoice_rules.store.tables import contact_links, entities, invoices, meta, outbox, outbox_history, rule_sets, sends

_OUTSIDE = "somebody changed it outside invoice-rules"
_THERE = [state.value for state in THERE]
_LEFT = [state.value for state in (State.SENDING, State.UNKNOWN)]


def wrong(connection: sa.Connection) -> Iterator[str]:
    """Every way in which the ledger does not agree with itself or with the stored invoices; nothing where all is well."""
    told = _History(connection)
    yield from told.broken
    yield from _entries(connection, told)
    yield from _requests(connection, told)
    yield from _stamps(connection)
    yield from _links(connection, told)


class _History:
    """The ledger's history read once: what is broken in it, and the last line of each entry and request."""

    def __init__(self, connection: sa.Connection):
        self.broken: list[str] = []
        self.entries: dict[int, Mapping[Any, Any]] = {}
        self.sends: dict[int, Mapping[Any, Any]] = {}
        self.links: dict[str, str] = {}
        number, last = 0, START
        for row in connection.execute(sa.select(outbox_history).order_by(outbox_history.c.id)).mappings():
            number += 1
            if row["id"] != number or row["hash"] != line_hash(last, row):
                self.broken.append(f"Line {row['id']} of the ledger's history is not the one that was written: {_OUTSIDE}.")
            number, last = row["id"], row["hash"]
            self._follow(row)
        kept = connection.execute(sa.select(meta.c.value).where(END)).scalar()
        if kept != f"{number} {last}":
            self.broken.append(f"The ledger's history ends at line {number}, which is not where it ended when it was last written.")

    def _follow(self, row: Mapping[Any, Any]) -> None:
        if row["entry"] is None and row["send"] is None:
            self.links[row["note"]] = row["record"]
            return
        if row["entry"] is None:
            self.sends[row["send"]] = row
            return
        before = self.entries.get(row["entry"])
        if row["before"] != (before["after"] if before is not None else ""):
            self.broken.append(f"Line {row['id']} of the ledger's history does not follow the one before of entry {row['entry']}.")
        self.entries[row["entry"]] = row


def _entries(connection: sa.Connection, told: _History) -> Iterator[str]:
    there = {row["id"]: row for row in connection.execute(sa.select(outbox)).mappings()}
    for number, row in there.items():
        line = told.entries.get(number)
        if line is None or (line["after"], line["entity"], line["record"]) != (row["state"], row["entity"], record(row)):
            yield f"The ledger's entry of invoice {row['key']} is not the one that its history tells of: {_OUTSIDE}."
    if missing := set(told.entries) - set(there):
        yield f"The ledger's history tells of {plural(len(missing), 'invoice')} that {'is' if len(missing) == 1 else 'are'} not in the ledger any more."
    strays = sa.select(outbox.c.key).outerjoin(invoices, sa.and_(invoices.c.id == outbox.c.invoice, invoices.c.entity == outbox.c.entity))
    for table, column in ((entities, outbox.c.entity), (rule_sets, outbox.c.rules)):
        strays = strays.outerjoin(table, table.c.id == column)
    lost = sa.or_(invoices.c.key.is_distinct_from(outbox.c.key), invoices.c.rules.is_distinct_from(outbox.c.rules), entities.c.id.is_(None))
    for key in connection.execute(strays.where(lost).order_by(outbox.c.id)).scalars():
        yield f"The ledger's entry of invoice {key} belongs to no invoice on file."


def _requests(connection: sa.Connection, told: _History) -> Iterator[str]:
    """Requests are those that were written down, with the very bytes; whatever left is in one."""
    of: dict[int, set[int]] = {}
    for row in connection.execute(sa.select(sends)).mappings():
        line = told.sends.get(row["id"])
        same = line is not None and line["record"] == record({name: row[name] for name in row if name != "body"})
        if not same or hashlib.sha256(bytes(row["body"])).hexdigest() != row["sha256"]:
            yield f"Request {row['id']} of the ledger is not the one that was sent: {_OUTSIDE}."
        else:
            of[row["id"]] = set(json.loads(row["entries"]))
    if missing := set(told.sends) - set(of):
        yield f"The ledger's history tells of {plural(len(missing), 'request')} that {'is' if len(missing) == 1 else 'are'} not on file as sent."
    left = sa.select(outbox.c.id, outbox.c.key, outbox.c.send).where(sa.or_(outbox.c.send.is_not(None), outbox.c.state.in_(_LEFT))).order_by(outbox.c.id)
    for number, key, send in connection.execute(left):
        if number not in of.get(send, ()):
            yield f"The ledger has invoice {key} in a request that does not hold it."


def _stamps(connection: sa.Connection) -> Iterator[str]:
    """An invoice says that it was sent if, and only if, the ledger tells of it."""
    line = outbox_history.alias("line")
    told = sa.select(line.c.id).join(outbox, outbox.c.id == line.c.entry).where(outbox.c.invoice == invoices.c.id, line.c.after.in_(_THERE)).correlate(invoices)
    ever = sa.or_(invoices.c.sent.is_not(None), invoices.c.id.in_(sa.select(outbox.c.invoice)))
    known, same = told.exists(), told.where(line.c.at == invoices.c.sent).exists()
    for key, sent in connection.execute(sa.select(invoices.c.key, invoices.c.sent).where(ever, known != same).order_by(invoices.c.id)):
        yield f"Invoice {key} was sent, and does not say {'when' if sent else 'so'} any more: {_OUTSIDE}."
    for key in connection.execute(sa.select(invoices.c.key).where(invoices.c.sent.is_not(None), ~known).order_by(invoices.c.id)).scalars():
        yield f"Invoice {key} says that it was sent, and the ledger does not know of it: {_OUTSIDE}."


def _links(connection: sa.Connection, told: _History) -> Iterator[str]:
    """Companies are linked with the contacts that the history tells of."""
    there = {linked(row): row for row in connection.execute(sa.select(contact_links)).mappings()}
    for note, row in there.items():
        if told.links.get(note) != record(row):
            yield f"The contact of company {row['company']} is not the one that the ledger's history tells of: {_OUTSIDE}."
    if missing := set(told.links) - set(there):
        yield f"The ledger's history tells of {plural(len(missing), 'contact')} of companies that {'is' if len(missing) == 1 else 'are'} not on file."
