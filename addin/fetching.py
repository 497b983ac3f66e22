"""Fetch invoices: what QuickBooks or Autotask has, as a workbook that is checked and imported like any other (S1-2 … S1-5, S4-1 … S4-4)."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import invoice_rules
from addin import connecting
from addin.dialogs import Field
from addin.session import Session
from invoice_rules import CannotRun, connectors, plural

_SOURCES = ("quickbooks", "autotask")


def fetch_invoices(session: Session) -> None:
    """Ask which invoices, fetch them into a file, and open them as a workbook with the rule set chosen that reads it."""
    names = [one.name for one in connectors.connections.connections() if one.system in _SOURCES]
    if not names:
        raise CannotRun("Neither QuickBooks nor Autotask is connected yet. Press Settings and choose under Connections which one to connect.")
    name = connecting.must_choose(session, names, "Where are the invoices to be fetched from?")
    answer = None if name is None else session.dialogs.form("Which invoices? Leave blank what does not matter; both days are included.", _fields(name))
    if name is None or answer is None:
        session.done("nothing was fetched.")
        return
    connection, criteria = connectors.connections.connection(name), _criteria(answer)
    session.say("Asking how many there are")
    if not criteria.narrow and not _agreed(session, connection, criteria):
        session.done("nothing was fetched.")
        return
    session.say("Fetching")
    books = session.store_if_any
    fetched = connectors.fetch(connection, criteria, confirmed=True, books=books and books.context(), told=lambda says, _: session.say(says))
    if fetched.path is None:
        session.done("nothing was fetched.")
        session.dialogs.tell("\n\n".join(fetched.notes))
        return
    _open(session, fetched.path, fetched.rules)
    session.done(f"{plural(fetched.count, 'invoice')} fetched, {fetched.totals}. Press Validate.")
    if fetched.notes:
        session.dialogs.tell("\n\n".join(fetched.notes))


def _fields(name: str) -> list[Field]:
    """What is asked: the days, then what only this service has."""
    days = [Field("since", "From (as 2026-01-31)"), Field("until", "To (as 2026-01-31)"), Field("ids", "Invoice ids, with commas; no numbers")]
    if connectors.connections.connection(name).system == "quickbooks":
        return [*days, Field("project", "Project of all of them")]
    return [*days, Field("division", "Division")]


def _criteria(said: Mapping[str, str]) -> Any:
    ids = tuple(part.strip() for part in said["ids"].split(",") if part.strip())
    return connectors.Criteria(_day(said["since"]), _day(said["until"]), said.get("project", ""), said.get("division", ""), ids)


def _day(said: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(said) if said else None
    except ValueError:
        raise CannotRun(f'"{said}" is not a day. Write it as 2026-01-31, then press Fetch invoices again.') from None


def _agreed(session: Session, connection: Any, criteria: Any) -> bool:
    """Without criteria everything unprocessed would come: the count first (S4-4)."""
    found = connectors.count(connection, criteria)
    return found == 0 or session.dialogs.confirm(f"Fetch all {plural(found, 'invoice')} that are not marked as processed?")


def _open(session: Session, path: Path, rules: str) -> None:
    """The fetched documents as a workbook beside their file, opened; what it holds is text, as the file has it."""
    table = invoice_rules.read(path, rules=invoice_rules.rule_set(rules))
    frame = table.frame.set_axis(list(table.headings), axis=1)
    book = invoice_rules.workbooks.table_workbook(frame, path.with_suffix(".xlsx"), "Invoices")
    session.choose(dataclasses.replace(session.config, rules=rules))
    session.app.books.open(str(book))
