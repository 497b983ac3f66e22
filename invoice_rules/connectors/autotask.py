"""Autotask's REST interface: queries over all pages, counts, single records, contacts of a company, and the mark that an invoice was processed."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from invoice_rules.connectors.exactjson import parsed
from invoice_rules.connectors.failures import LoggedOut, Lost, NotReached, Refused
from invoice_rules.connectors.leaving import MOST_LOST
from invoice_rules.errors import CannotRun
from invoice_rules.results import Entry

if TYPE_CHECKING:
    from invoice_rules.connectors.http import Session

Row = dict[str, Any]
Condition = dict[str, Any]
Tick = Callable[[int, int], None]
"""Called with how many are done and how many there are."""

PAGE = 500
"""The most records that Autotask gives at once, and the most values of one condition."""

ALL: Condition = {"op": "gte", "field": "id", "value": 0}
"""Autotask wants a condition; this one holds for every record."""

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_TOO_MANY = 429
_SAME = dt.timedelta(seconds=2)


def where(field: str, op: str, value: Any = None) -> Condition:
    """A condition of a query, such as `where("id", "in", [1, 2])`; `exist` and `notExist` take no value."""
    return {"op": op, "field": field} if value is None else {"op": op, "field": field, "value": value}


class Autotask:
    """One Autotask database. `zone` is the address of its zone, such as https://webservices5.autotask.net/ATServicesRest."""

    def __init__(self, session: "Session", zone: str) -> None:
        self._session = session
        self.told = session.told
        address = zone.rstrip("/")
        self._base = address if address.lower().endswith("/v1.0") else f"{address}/V1.0"

    def query(self, entity: str, *conditions: Condition, tick: Tick | None = None) -> list[Row]:
        """All records that meet every condition, over all pages, by id."""
        body = json.dumps({"MaxRecords": PAGE, "filter": list(conditions or (ALL,))}).encode()
        found: dict[int, Row] = {}
        url, seen = f"{self._base}/{entity}/query", set[str]()
        while url:
            seen.add(url)
            # the next page too is asked for with POST and the same conditions: GET is refused there (WYRE-AI/autotask-mcp#170)
            answer = parsed(self._session.read("POST", url, data=body, headers=_JSON), "Autotask")
            rows = _items(answer)
            found |= {int(row["id"]): row for row in rows if row.get("id") is not None}
            if tick:
                tick(len(found), len(found))
            url = self._next(answer, seen)
        return [found[number] for number in sorted(found)]

    def among(self, entity: str, field: str, values: Iterable[int], portion: int = PAGE) -> list[Row]:
        """All records whose field has one of the values, asked for in portions."""
        wanted = sorted(set(values))
        rows: list[Row] = []
        for at in range(0, len(wanted), portion):
            rows += self.query(entity, where(field, "in", wanted[at : at + portion]))
        return rows

    def count(self, entity: str, *conditions: Condition) -> int:
        """How many records meet every condition."""
        body = json.dumps({"filter": list(conditions or (ALL,))}).encode()
        answer = parsed(self._session.read("POST", f"{self._base}/{entity}/query/count", data=body, headers=_JSON), "Autotask")
        total = answer.get("queryCount")
        if not isinstance(total, int):
            raise CannotRun("Autotask did not say how many there are. Try again later.")
        return total

    def patch(self, entity: str, changes: Mapping[str, Any]) -> None:
        """Change fields of one record; `changes` holds its id. Raises Refused, LoggedOut or Lost; an answer that names another record is Lost too."""
        answer = self._session.write("PATCH", f"{self._base}/{entity}", body=json.dumps(dict(changes)).encode(), headers=_JSON)
        try:
            named = parsed(answer, "Autotask").get("itemId")
        except CannotRun as unread:
            raise Lost(str(unread), answer) from None
        if named != changes["id"]:
            raise Lost("Autotask did not confirm which record it changed.", answer)

    def contacts(self, company: int | str) -> list["AutotaskContact"]:
        """The active contacts of a company, the primary one first (S4-10)."""
        rows = self.query("Contacts", where("companyID", "eq", whole_number(company, "company")), where("isActive", "eq", 1))
        made = [AutotaskContact(str(row["id"]), _text(row, "firstName"), _text(row, "lastName"), _text(row, "emailAddress"), bool(row.get("primaryContact"))) for row in rows]
        return sorted(made, key=lambda one: (not one.primary, one.last_name.casefold(), one.first_name.casefold()))

    def _next(self, answer: Row, seen: set[str]) -> str:
        """The address of the next page; "" after the last. It must lie on the same server, and be a new one."""
        details = answer.get("pageDetails")
        url = str(details.get("nextPageUrl") or "") if isinstance(details, dict) else ""
        if not url:
            return ""
        if urlsplit(url)[:2] != urlsplit(self._base)[:2] or url in seen:
            raise CannotRun("Autotask named a next page that cannot be right. Nothing was fetched; try again later.")
        return url


@dataclass(frozen=True)
class AutotaskContact:
    """A person at a company, who may be taken over into a new contact (S4-10)."""

    id: str
    first_name: str
    last_name: str
    email: str
    primary: bool = False

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class AutotaskMarker:
    """Marks invoices as processed in Autotask, once the target has them (S4-15, S4-16). A mark of somebody else stays; `notes` says so, by entry.

    An id is an invoice in each database of Autotask: one of another company than was sent to is not marked.
    """

    def __init__(self, service: Autotask) -> None:
        self._service = service
        self.notes: dict[int, str] = {}

    def mark(self, entries: Sequence[Entry], value: str) -> Iterator[tuple[int, str]]:
        """Entry id and "" where the invoice is marked, else why not, one at a time. `value` is the moment to write, ISO 8601; repeating it does no harm.

        Raises CannotRun where the next one would fare no better: Autotask does not let us in, takes no more for now, or is not
        reached; Lost where no answer comes several times in a row.
        """
        unfit = {entry.id: why for entry in entries if (why := _unfit(entry))}
        yield from unfit.items()
        fit = [entry for entry in entries if entry.id not in unfit]
        stored = {int(row["id"]): row for row in self._service.among("Invoices", "id", [int(entry.key) for entry in fit])}
        lost = 0
        for entry in fit:
            try:
                why, lost = self._mark(entry, stored.get(int(entry.key)), entry.mark or value), 0
            except (CannotRun, Lost) as failed:
                lost = lost + 1 if isinstance(failed, Lost) and failed.answer is None else 0
                if _ends(failed) or lost >= MOST_LOST:
                    raise
                why = f"{failed} Mark it again."
            yield entry.id, why

    def _mark(self, entry: Entry, stored: Row | None, value: str) -> str:
        if stored is None:
            return f"Autotask does not show invoice {entry.key} to us any more."
        if (company := str(stored.get("companyID"))) != entry.customer:
            return _of_another(entry, company)
        there = str(stored.get("webServiceDate") or "")
        if not there:
            self._service.patch("Invoices", {"id": int(entry.key), "webServiceDate": value})
        elif not any(_same(there, mark) for mark in (value, *entry.marks)):
            self._note(entry, there)
        return ""

    def _note(self, entry: Entry, there: str) -> None:
        note = f"Autotask had invoice {entry.key} marked as processed already, on {there[:10]}. That mark stays; check that nobody else sends these invoices too."
        self.notes[entry.id] = note
        if self._service.told:
            self._service.told(note, 0)


def _ends(failed: Exception) -> bool:
    """Whether the next invoice would fare no better than this one."""
    return isinstance(failed, (LoggedOut, NotReached)) or (isinstance(failed, Refused) and failed.status == _TOO_MANY)


def _of_another(entry: Entry, company: str) -> str:
    """Each Autotask counts for itself: the same id is an invoice of somebody else in another database."""
    ours = f"{entry.customer_name} (company {entry.customer})" if entry.customer_name else f"company {entry.customer}"
    said = f"In the Autotask that is asked, invoice {entry.key} belongs to company {company}, and the one that was sent to {ours}"
    return f"{said}: it comes from another database. Nothing was marked. Say with the setting source which Autotask it comes from, then mark it again."


def _unfit(entry: Entry) -> str:
    """Why an entry cannot be an invoice of Autotask; "" where it can."""
    try:
        whole_number(entry.key, "invoice")
    except CannotRun as wrong:
        return str(wrong)
    return ""


def whole_number(value: int | str, what: str) -> int:
    """An id of Autotask, which is not the number that customers see (S4-2). Raises CannotRun for anything else."""
    text = str(value).strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise CannotRun(f'"{text[:40]}" is not the id of an Autotask {what}: that is a whole number, and not the number that customers see.')
    return int(text)


def _same(one: str, other: str) -> bool:
    """Whether two texts mean the same moment; Autotask writes it in its own way."""
    try:
        first, second = (dt.datetime.fromisoformat(text) for text in (one, other))
    except ValueError:
        return one == other
    aware = [moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC) for moment in (first, second)]
    return abs(aware[0] - aware[1]) < _SAME


def _items(answer: Row) -> list[Row]:
    items = answer.get("items")
    if not isinstance(items, list):
        raise CannotRun("Autotask gave an answer without a list. Try again later.")
    return [row for row in items if isinstance(row, dict)]


def _text(row: Row, name: str) -> str:
    return str(row.get(name) or "").strip()
