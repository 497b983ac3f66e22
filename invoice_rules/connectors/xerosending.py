"""`XeroDestination`: invoices of Autotask go to one organisation in Xero, as drafts unless it wants them approved (S4-5 … S4-21).

An item of an answer is ours where it has our number; it arrived only where it has an identifier and no error. What Xero refuses is told in its words;
where its total differs from ours, both are told and nothing is marked.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from invoice_rules.connectors.contacts import Company, Contacts, Match
from invoice_rules.connectors.exactjson import loads
from invoice_rules.connectors.failures import words
from invoice_rules.connectors.xero import CREDIT_NOTES, IDENTIFIERS, INVOICES, Contact, Row, Xero, found_in, rows_of
from invoice_rules.connectors.xeroanswers import compared, result_of, taken, unknown
from invoice_rules.connectors.xerodocuments import UNSENT, Wishes, called, kind_of, kind_sent, number_of, number_sent, request, room_of
from invoice_rules.connectors.xerojudging import Facts, Verdict, clashes, verdict
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer, Document, Entry, Found, Result, State

if TYPE_CHECKING:
    from invoice_rules.connectors.connections import Connection
    from invoice_rules.connectors.http import Session
    from invoice_rules.store.ledger import Ledger

QUIET = 120.0
"""Seconds after which Xero is done with a request, answered or not: longer than our own time limit."""

LARGEST = 3_000_000
"""Bytes of a request; Xero takes three and a half million."""

CHANGEABLE = ("DRAFT", "SUBMITTED")
"""Statuses of what we may still change there (S4-18)."""

FRESH = dt.timedelta(minutes=1)
"""So long what the organisation said about itself and its contacts is not asked again."""


class XeroDestination:
    """One organisation in Xero. `approved`: invoices are approved at once; `account` is that of lines which name none."""

    name, title, rules = "xero", "Xero", "autotask.invoices"
    batch, askable = 50, True
    unsent = UNSENT

    def __init__(self, client: Xero, tenant_title: str = "", *, approved: bool = False, account: str = "", quiet: float = QUIET) -> None:
        self.client, self.tenant, self.tenant_title = client, client.tenant, tenant_title
        self.approved, self.account, self.quiet = approved, account, quiet
        self._contacts: Contacts | None = None
        self._links: Mapping[str, str] = {}
        self._facts: tuple[dt.datetime, Facts] | None = None
        self._matched: dict[str, dt.datetime] = {}
        self._seen: dict[str, Contact | None] = {}

    @classmethod
    def of(cls, connection: "Connection", session: "Session") -> "XeroDestination":
        """The organisation of a connection, with its settings approved (yes), account, quiet (seconds) and api."""
        settings = connection.settings
        client = Xero(session, connection.account, settings.get("api", ""), connection.title)
        quiet = float(settings.get("quiet") or QUIET)
        return cls(client, connection.title, approved=settings.get("approved") == "yes", account=settings.get("account", ""), quiet=quiet)

    def contacts(self, ledger: "Ledger") -> Contacts:
        """The contacts of this organisation, for the companies of a ledger."""
        if self._contacts is None or self._contacts.ledger is not ledger:
            self._contacts, self._matched = Contacts(ledger, self.client), {}
        return self._contacts

    # before anything leaves

    def judge(self, documents: Sequence[Document], ledger: "Ledger") -> tuple[dict[int, Verdict], dict[int, str]]:
        """Checks all companies first (S4-7), then each invoice; one whose company has no contact waits, the others may go (S4-14)."""
        if not documents:
            return {}, {}
        facts = self._known_facts(ledger)
        missing = self._companies(documents, ledger)
        taken = clashes(documents, ledger)
        found = {document.entry.id: verdict(document, facts, taken, missing.get(_company(document), "")) for document in documents}
        closed = dict(self._closed([document for document in documents if document.entry.remote and found[document.entry.id][0] is State.READY]))
        return found | closed, {document.entry.id: number_of(document) for document in documents}

    def _known_facts(self, ledger: "Ledger") -> Facts:
        now = self.session.clock.now()
        if self._facts is None or now - self._facts[0] > FRESH:
            self._facts = now, Facts.of(self.client, ledger.store, self.approved, self.account)
        return self._facts[1]

    def _companies(self, documents: Sequence[Document], ledger: "Ledger") -> dict[str, str]:
        """Company -> why it has no contact, of those that have none; the contacts of the others are kept for the requests."""
        contacts, now = self.contacts(ledger), self.session.clock.now()
        fresh = {company for company, at in self._matched.items() if now - at <= FRESH}
        asked = [Company(_company(document), str(document.fields.get("companyName") or _company(document))) for document in documents]
        checked = contacts.check(company for company in asked if company.id not in fresh)
        self._matched |= {one.company.id: now for one in checked if one.match is Match.MATCHED}
        self._links = contacts.links()
        return {one.company.id: one.note for one in checked if one.match is not Match.MATCHED}

    def _closed(self, documents: Iterable[Document]) -> Iterator[tuple[int, Verdict]]:
        """Those that are to be changed in Xero and cannot be any more (S4-18)."""
        for document in documents:
            there = self.client.one(kind_of(document), document.entry.remote)
            if there is None:
                yield document.entry.id, (State.REJECTED, self._not_there(document))
            elif there.status not in CHANGEABLE:
                yield document.entry.id, (State.REJECTED, f"In Xero it is {there.status.lower()} by now; only a draft can be changed. Change it there, or send a new one.")

    def _not_there(self, document: Document) -> str:
        """Why what is to be changed is not found: it is gone, or its total was on the other side of zero when it was sent (S4-21)."""
        kind = kind_of(document)
        other = INVOICES if kind == CREDIT_NOTES else CREDIT_NOTES
        if self.client.one(other, document.entry.remote) is None:
            return "It is no longer in Xero, so there is nothing to change. Send it as a new one."
        return f"In Xero it is {called(other)}, and by now it is {called(kind)}: Xero does not turn one into the other. Delete the one there, and send this as a new one."

    def group(self, documents: Sequence[Document]) -> list[list[Document]]:
        """Those of one kind together, new ones apart from changes, up to `batch` and not too large for Xero."""
        return [part for kind in dict.fromkeys(map(_kind, documents)) for part in self._parts([one for one in documents if _kind(one) == kind])]

    def _parts(self, alike: Iterable[Document]) -> Iterator[list[Document]]:
        some: list[Document] = []
        size = 0
        for document in alike:
            more = room_of(document)
            if some and (len(some) >= self.batch or size + more > LARGEST):
                yield some
                some, size = [], 0
            some, size = [*some, document], size + more
        yield some

    def body(self, documents: Sequence[Document]) -> bytes:
        """Exact JSON; the same documents and contacts give the same bytes."""
        return request(documents, self._known(documents), self._facts[1].wishes if self._facts else Wishes(self.approved, self.account))

    def _known(self, documents: Iterable[Document]) -> Mapping[str, str]:
        """Company -> contact; raises CannotRun where one was never found."""
        companies = {_company(document) for document in documents}
        if not companies <= set(self._links) and self._contacts is not None:
            self._links = self._contacts.links()
        if missing := sorted(companies - set(self._links)):
            raise CannotRun(f"Company {missing[0]} has no contact in Xero yet. Check the customers first.")
        return self._links

    # the request

    @property
    def session(self) -> "Session":
        """Where its requests leave."""
        return self.client.session

    def send(self, body: bytes, key: str) -> Answer:
        """PUT for new ones, POST for changes: the body tells which."""
        asked = loads(body)
        kind = INVOICES if INVOICES in asked else CREDIT_NOTES
        return self.client.send(kind, body, key, change=IDENTIFIERS[kind] in asked[kind][0])

    def results(self, answer: Answer, documents: Sequence[Document]) -> dict[int, Result]:
        """What the answer says about each, found by its number, or by its identifier where it was a change."""
        said = self._by_rows(answer, documents)
        if answer.status >= 400 and len(documents) == 1 and (whole := taken(documents[0], words(answer).removeprefix(": "))):
            return {one: whole if result.state is not State.REJECTED and not result.number else result for one, result in said.items()}
        return said

    def _by_rows(self, answer: Answer, documents: Sequence[Document]) -> dict[int, Result]:
        rows = rows_of(answer, kind_of(documents[0])) if documents else None
        if rows is None:
            return {document.entry.id: unknown("Xero's answer could not be read.") for document in documents}
        named = _by_name(kind_of(documents[0]), rows)
        mine = {document.entry.id: named.get((document.entry.remote or number_of(document)).casefold(), []) for document in documents}
        return {document.entry.id: result_of(document, mine[document.entry.id], answer.status, self._sent_to(document)) for document in documents}

    # afterwards

    def look(self, entries: Sequence[Entry], documents: Sequence[Document]) -> dict[int, Result]:
        """What Xero has by the numbers that were sent: ours where number, reference, contact, currency and total are (S4-17, S4-19)."""
        asked = {entry.id for entry in entries}
        meant = [document for document in documents if document.entry.id in asked]
        self._seen = {}
        found: dict[int, Result] = {}
        for kind in (INVOICES, CREDIT_NOTES):
            new = [document for document in meant if kind_sent(document.entry) == kind and not document.entry.remote]
            there = self.client.found(kind, map(number_sent, new)) if new else []
            found |= {document.entry.id: self._looked(document, there) for document in new}
        return found | {document.entry.id: self._looked_at_change(document) for document in meant if document.entry.remote}

    def _looked(self, document: Document, there: Sequence[Found]) -> Result:
        number = number_sent(document)
        same = [found for found in there if found.number.casefold() == number.casefold()]
        if not same:
            return Result(State.READY, "Xero does not have it.")
        if len(same) > 1:
            return Result(State.CONFLICT, f"Xero has {len(same)} by the number {number}. Keep the right one there.", "", same[0].number)
        return compared(document, same[0], self._same_contact(document, same[0]))

    def _looked_at_change(self, document: Document) -> Result:
        """A change goes again as long as it can be made: it makes no second one, and what we see there does not tell whether all of it arrived."""
        there = self.client.one(kind_sent(document.entry), document.entry.remote)
        if there is None:
            return Result(State.CONFLICT, "It is no longer in Xero.", document.entry.remote)
        if there.status not in CHANGEABLE:
            return Result(State.CONFLICT, f"In Xero it is {there.status.lower()} by now, and whether the change arrived before that is not known.", there.remote)
        return Result(State.READY, "Xero has it. Whether the change arrived is not known, so it is made once more.")

    def _same_contact(self, document: Document, found: Found) -> bool:
        """Whether it is for the company's contact: the one that we know, which may have been merged since, else the one that has the company's number."""
        ours = self._sent_to(document)
        if ours == found.customer or not found.customer:
            return True
        if ours and self._contacts is not None:
            return self._contacts.same(ours, found.customer)
        if found.customer not in self._seen:
            self._seen[found.customer] = self.client.contact(found.customer)
        there = self._seen[found.customer]
        return there is not None and there.number in ("", _company(document))

    def _sent_to(self, document: Document) -> str:
        return self._links.get(_company(document), "")


def _by_name(kind: str, rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Items by number and by identifier, upper and lower case aside."""
    named: dict[str, list[Row]] = {}
    for row in rows:
        found = found_in(kind, row)
        for name in {found.number.casefold(), found.remote.casefold()}:
            named.setdefault(name, []).append(row)
    return named


def _company(document: Document) -> str:
    return str(document.fields["companyId"])


def _kind(document: Document) -> tuple[str, bool]:
    return kind_of(document), bool(document.entry.remote)
