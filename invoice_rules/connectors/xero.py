"""Xero's accounting service, as far as invoices need it: organisations, what one is set to, contacts, invoices and credit notes.

What is read is read leniently: names that are missing or of another kind count as blank, unknown words pass. Amounts are Decimals. Invoices are created
with PUT and changed with POST by their identifier, never by number. Source: Xero's OpenAPI description 16, developer.xero.com.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from invoice_rules.connectors.exactjson import dumps, loads, parsed
from invoice_rules.connectors.failures import LoggedOut, Refused
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer, Found

if TYPE_CHECKING:
    from invoice_rules.connectors.http import Session

API = "https://api.xero.com"
INVOICES, CREDIT_NOTES = "Invoices", "CreditNotes"
NUMBERS = {INVOICES: "InvoiceNumber", CREDIT_NOTES: "CreditNoteNumber"}
IDENTIFIERS = {INVOICES: "InvoiceID", CREDIT_NOTES: "CreditNoteID"}

NOTHING = "00000000-0000-0000-0000-000000000000"
_PAGE, _CONTACTS = 100, 1000
_AT_ONCE, _LENGTH = 40, 1500
_MOST_PAGES = 10_000
_NO_ENTRANCE = (b"AuthenticationUnsuccessful", b"AuthorizationUnsuccessful")

Row = dict[str, Any]


@dataclass(frozen=True)
class Organisation:
    """What an organisation is set to. `locked` is the last day of its locked books."""

    name: str
    currency: str
    locked: dt.date | None = None


@dataclass(frozen=True)
class Contact:
    """A contact. `number` is the field that only programs fill, where the company of the source stands; `merged` the contact that it went into."""

    id: str
    name: str
    number: str = ""
    email: str = ""
    active: bool = True
    merged: str = ""


def organisations(session: "Session", api: str = "") -> dict[str, str]:
    """Identifier -> name of the organisations that this login may speak to; practices are left out."""
    rows = loads(session.read("GET", f"{(api or API).rstrip('/')}/connections", headers={"Accept": "application/json"}).body)
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {_text(row, "tenantId"): _text(row, "tenantName") for row in known if _text(row, "tenantId") and row.get("tenantType", "ORGANISATION") == "ORGANISATION"}


class Xero:
    """One organisation in Xero. `title` is what it is called in messages."""

    def __init__(self, session: "Session", tenant: str, api: str = "", title: str = "") -> None:
        self.session, self.tenant, self.title = session, tenant, title
        self._base = f"{(api or API).rstrip('/')}/api.xro/2.0"
        self._headers = {"xero-tenant-id": tenant, "Accept": "application/json"}

    # settings

    def organisation(self) -> Organisation:
        """Name, base currency, and the later one of its lock dates."""
        row = next(iter(self._rows("Organisations", "/Organisation")), None)
        if row is None:
            raise CannotRun("Xero did not say how the organisation is set up. Try again later.")
        locks = [day for name in ("PeriodLockDate", "EndOfYearLockDate") if (day := date_of(row.get(name)))]
        return Organisation(_text(row, "Name"), _text(row, "BaseCurrency"), max(locks, default=None))

    def accounts(self) -> frozenset[str]:
        """Codes of the accounts in use."""
        return frozenset(_text(row, "Code") for row in self._rows("Accounts", "/Accounts") if _text(row, "Status") != "ARCHIVED") - {""}

    def tax_rates(self) -> dict[str, Decimal | None]:
        """Tax type -> its rate in percent, None where Xero does not say."""
        return {_text(row, "TaxType"): amount_of(row.get("EffectiveRate")) for row in self._rows("TaxRates", "/TaxRates") if _text(row, "Status") != "DELETED"}

    def currencies(self) -> frozenset[str]:
        """Codes of the currencies that the organisation has."""
        return frozenset(_text(row, "Code") for row in self._rows("Currencies", "/Currencies")) - {""}

    # contacts

    def contact(self, identifier: str) -> Contact | None:
        """The contact of this identifier or number, archived and merged ones too."""
        try:
            return next(iter(map(_contact, self._rows("Contacts", f"/Contacts/{quote(identifier, safe='')}"))), None)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def contacts(self, ids: Sequence[str] = ()) -> Iterator[Contact]:
        """All contacts, or those of these identifiers, archived and merged ones too."""
        for some in _chunks(ids, _LENGTH) if ids else [()]:
            params = {"IDs": ",".join(some)} if some else {}
            yield from map(_contact, self._pages("Contacts", {**params, "includeArchived": "true", "pageSize": str(_CONTACTS)}, _CONTACTS))

    def search(self, words: str) -> list[Contact]:
        """Active contacts that have these words in a name, number or e-mail: the first hundred."""
        rows = self._rows("Contacts", "/Contacts", {"searchTerm": words, "page": "1"})
        return [contact for contact in map(_contact, rows) if contact.active]

    def named(self, name: str) -> list[Contact]:
        """Active contacts of this very name, upper and lower case aside; all of them, since a new one of the name would be written over the old."""
        asked = {"searchTerm": name} if set(name) & set('"\\') else {"where": f'Name=="{name}"'}
        found = map(_contact, self._pages("Contacts", {**asked, "pageSize": str(_CONTACTS)}, _CONTACTS))
        return [contact for contact in found if contact.active and contact.name.strip().casefold() == name.strip().casefold()]

    def create_contact(self, name: str, key: str, **fields: str) -> Contact:
        """A new contact; blank fields are left out. Never for a name that is there: ask first. `key` is the idempotency key."""
        body = {"Contacts": [{"Name": name, **{field: value for field, value in fields.items() if value}}]}
        return self._written(self._write("PUT", "/Contacts", dumps(body).encode(), key))

    def number_contact(self, contact: str, number: str, key: str) -> Contact:
        """Write the number field of a contact."""
        body = {"Contacts": [{"ContactID": contact, "ContactNumber": number}]}
        return self._written(self._write("POST", f"/Contacts/{contact}", dumps(body).encode(), key))

    def _written(self, answer: Answer) -> Contact:
        rows = _of(parsed(answer, "Xero"), "Contacts")
        if len(rows) != 1 or errors_of(rows[0]) or not _text(rows[0], "ContactID"):
            said = "; ".join(errors_of(rows[0])) if rows else ""
            raise CannotRun(f"Xero did not take the contact{': ' + said if said else ''}.")
        return _contact(rows[0])

    # invoices and credit notes

    def found(self, kind: str, numbers: Iterable[str]) -> list[Found]:
        """Invoices or credit notes of customers that have one of these numbers, whatever their status."""
        wanted = list(dict.fromkeys(numbers))
        plain = [number for number in wanted if kind == INVOICES and "," not in number]
        asked = [{"InvoiceNumbers": ",".join(some)} for some in _chunks(plain, _LENGTH)]
        others = [number for number in wanted if number not in set(plain)]
        asked += [{"where": " OR ".join(f'{NUMBERS[kind]}=="{number}"' for number in some)} for some in _chunks(others, _LENGTH, len(NUMBERS[kind]) + 8)]
        rows = (row for params in asked for row in self._pages(kind, params, _PAGE))
        folded = {number.casefold() for number in wanted}
        known = {found.remote: found for row in rows if not _text(row, "Type").startswith("ACCPAY") and (found := found_in(kind, row)).number.casefold() in folded}
        return list(known.values())

    def one(self, kind: str, identifier: str) -> Found | None:
        """The invoice or credit note of this identifier."""
        try:
            rows = self._rows(kind, f"/{kind}/{quote(identifier, safe='')}")
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return found_in(kind, rows[0]) if rows else None

    def send(self, kind: str, body: bytes, key: str, change: bool = False) -> Answer:
        """Create with PUT, or change those whose identifiers are in the body with POST; the answer speaks of each by itself."""
        return self._write("POST" if change else "PUT", f"/{kind}", body, key, {"summarizeErrors": "false", "unitdp": "4"})

    # requests

    def _write(self, method: str, path: str, body: bytes, key: str, params: Mapping[str, str] | None = None) -> Answer:
        headers = {**self._headers, "Content-Type": "application/json", "Idempotency-Key": key}
        with self._entering():
            return self.session.write(method, self._base + path, body=body, headers=headers, params=params)

    def _read(self, path: str, params: Mapping[str, str] | None) -> dict[str, Any]:
        with self._entering():
            return parsed(self.session.read("GET", self._base + path, params=params, headers=self._headers), "Xero")

    @contextmanager
    def _entering(self) -> Iterator[None]:
        """Raises LoggedOut where the login is good, and this organisation is not connected with it any more: nothing was done."""
        try:
            yield
        except Refused as refused:
            if refused.status != 403 or not any(word in refused.body for word in _NO_ENTRANCE):
                raise
            name = f"The organisation {self.title}" if self.title else "This organisation"
            raise LoggedOut(f"{name} is not connected with this app in Xero any more. Connect it again: {self.session.login}") from refused

    def _rows(self, name: str, path: str, params: Mapping[str, str] | None = None) -> list[Row]:
        return _of(self._read(path, params), name)

    def _pages(self, name: str, params: Mapping[str, str], size: int) -> Iterator[Row]:
        """The rows of all pages. A page that holds fewer than were asked for is the last, unless Xero says how many there are."""
        for page in range(1, _MOST_PAGES):
            answer = self._read(f"/{name}", {**params, "page": str(page)})
            rows = _of(answer, name)
            yield from rows
            pages = answer.get("pagination", {}).get("pageCount") if isinstance(answer.get("pagination"), dict) else None
            if not rows or (page >= pages if isinstance(pages, int) else len(rows) < size):
                return
        raise CannotRun("Xero's list does not end. Try again later.")


# what an answer says


def date_of(value: Any) -> dt.date | None:
    """The day of /Date(1573755038314+0000)/ or 2019-11-14T18:10:38; None for anything else.

    >>> date_of("/Date(1573755038314+0000)/"), date_of("2019-11-14T00:00:00"), date_of("soon")
    (datetime.date(2019, 11, 14), datetime.date(2019, 11, 14), None)
    """
    if stamp := re.fullmatch(r"/Date\((-?\d{1,14})(?:[+-]\d{4})?\)/", str(value)):
        with suppress(OverflowError):
            return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=int(stamp[1]))).date()
        return None
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def amount_of(value: Any) -> Decimal | None:
    """A number of an answer, exact; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        made = Decimal(value)
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


def found_in(kind: str, row: Mapping[str, Any]) -> Found:
    """An invoice or credit note of an answer."""
    contact = row.get("Contact")
    return Found(
        remote=_text(row, IDENTIFIERS[kind]),
        number=_text(row, NUMBERS[kind]),
        reference=_text(row, "Reference"),
        customer=_text(contact, "ContactID") if isinstance(contact, dict) else "",
        currency=_text(row, "CurrencyCode"),
        total=amount_of(row.get("Total")),
        status=_text(row, "Status"),
    )


def errors_of(row: Mapping[str, Any], name: str = "ValidationErrors") -> list[str]:
    """What Xero says against an item, in its words."""
    said = row.get(name)
    texts = [_text(error, "Message") or "no reason was given" for error in said if isinstance(error, dict)] if isinstance(said, list) else []
    return list(dict.fromkeys(" ".join(text.split()).rstrip(".") for text in texts))


def rows_of(answer: Answer, kind: str) -> list[Row] | None:
    """The items of an answer to sending; None where it cannot be read."""
    try:
        made = loads(answer.body)
    except ValueError:
        return None
    rows = made.get(kind, made.get("Elements")) if isinstance(made, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


def _contact(row: Mapping[str, Any]) -> Contact:
    merged = _text(row, "MergedToContactID")
    active = _text(row, "ContactStatus") in ("", "ACTIVE") and merged in ("", NOTHING)
    return Contact(_text(row, "ContactID"), _text(row, "Name"), _text(row, "ContactNumber").strip(), _text(row, "EmailAddress"), active, "" if merged == NOTHING else merged)


def _of(answer: Mapping[str, Any], name: str) -> list[Row]:
    rows = answer.get(name)
    if not isinstance(rows, list):
        raise CannotRun("Xero gave an answer without a result. Try again later.")
    return [row for row in rows if isinstance(row, dict)]


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _chunks(values: Sequence[str], longest: int, more: int = 1) -> Iterator[list[str]]:
    """Parts of a list that fit into an address; `more` is what each value takes besides itself."""
    some: list[str] = []
    for value in values:
        if some and (len(some) >= _AT_ONCE or sum(len(quote(one)) + more for one in [*some, value]) > longest):
            yield some
            some = []
        some.append(value)
    if some:
        yield some
