"""Which contact in Xero belongs to which company: by the contact's number field, never by its name (S4-7 … S4-13).

A link that is saved stands in the store and in the number field; one for this run is known to this ledger object alone. A contact that was archived
or merged is asked about again, and the one that it was merged into is offered.
"""

import enum
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_rules.connectors.failures import Lost, Refused
from invoice_rules.connectors.xero import Contact
from invoice_rules.errors import CannotRun

if TYPE_CHECKING:
    from invoice_rules.connectors.xero import Xero
    from invoice_rules.store.ledger import Ledger

_FEW = 10
"""So many companies are asked about one by one; for more the whole list is read, a thousand at a time."""

_HOPS = 10


class Match(enum.StrEnum):
    """How a company stands."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Company:
    """A customer in Autotask: its id and its name."""

    id: str
    name: str


@dataclass(frozen=True)
class Person:
    """The Autotask contact whose name and e-mail a new Xero contact gets (S4-10)."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Checked:
    """A company, its contact where it has one, else why not and what to do, and contacts that may be meant."""

    company: Company
    match: Match
    contact: Contact | None = None
    note: str = ""
    suggestions: tuple[Contact, ...] = ()


@contextmanager
def answered(doubt: str, then: str) -> Iterator[None]:
    """Raises CannotRun where an answer of Xero is lost on the way: what is in doubt then, and what to do."""
    try:
        yield
    except Lost as error:
        raise CannotRun(f"Xero did not answer, so whether {doubt} is not known. {then}") from error


class Contacts:
    """The contacts of one organisation, for the companies of one store."""

    def __init__(self, ledger: "Ledger", client: "Xero") -> None:
        self.ledger, self.client = ledger, client

    def check(self, companies: Iterable[Company], suggest: bool = False) -> list[Checked]:
        """How each company stands, asked of Xero now. A match by number is remembered in the ledger. `suggest` looks for contacts of a like name."""
        asked = list({company.id: company for company in companies}.values())
        if not asked:
            return []
        known = _Known(self.client, [company.id for company in asked], self.links())
        found = [self._checked(company, known) for company in asked]
        return [self._with_suggestions(one) if suggest and one.match is Match.UNMATCHED else one for one in found]

    def links(self) -> dict[str, str]:
        """Company -> identifier of its contact, as it is known here."""
        return {link.company: link.contact for link in self.ledger.contacts()}

    def create(self, company: Company, person: Person | None = None, *, name: str = "", save: bool = True) -> Contact:
        """A new contact named after the company, with a person's name and e-mail (S4-9, S4-10). Raises CannotRun where there is one already."""
        before = self._free(company)
        called = (name or company.name).strip()
        if same := self.client.named(called):
            raise CannotRun(f'Xero has a contact named "{same[0].name}" already{_numbered(same[0])}. Map {company.name} to it, or give the new contact another name.')
        who = person or Person()
        fields = {"FirstName": who.first_name, "LastName": who.last_name, "EmailAddress": who.email, "ContactNumber": company.id if save else ""}
        with answered("the contact was made", "Check the customers again: it may be there."):
            self._given_up(before, save)
            made = self.client.create_contact(called, str(uuid.uuid4()), **fields)
        self.ledger.link(company.id, made.id, made.name, save)
        return made

    def map(self, company: Company, contact: str, *, save: bool = True) -> Contact:
        """Link a company to a contact that is there (S4-9, S4-11): written into its number field and the ledger, or for this run only."""
        there = self.client.contact(contact)
        if there is None:
            raise CannotRun("This contact is no longer in Xero. Choose another.")
        if not there.active:
            raise CannotRun(f'The contact "{there.name}" is archived in Xero or merged into another. Choose another.')
        if there.number not in ("", company.id):
            raise CannotRun(f'The contact "{there.name}" belongs to company {there.number} already. A contact belongs to one company; choose another.')
        before = self._free(company, but=there.id)
        _untaken(company, there, self.links())
        if save and there.number != company.id:
            with answered(f'"{there.name}" has the number of {company.name} now', "Check the customers again: it may be mapped."):
                self._given_up(before, save)
                there = self.client.number_contact(there.id, company.id, str(uuid.uuid4()))
        self.ledger.link(company.id, there.id, there.name, save)
        return there

    def suggestions(self, company: Company) -> tuple[Contact, ...]:
        """Active contacts of a like name that belong to no other company. A person has to say whether one is meant (S4-8)."""
        taken = {contact for other, contact in self.links().items() if other != company.id}
        words = max(company.name.replace(",", " ").split() or [""], key=len)
        found = self.client.search(company.name) or (self.client.search(words) if len(words) > 3 else [])
        return tuple(one for one in found if one.number in ("", company.id) and one.id not in taken)

    # inside

    def _checked(self, company: Company, known: "_Known") -> Checked:
        numbered = known.numbered(company.id)
        if len(numbered) > 1:
            names = " and ".join(f'"{one.name}"' for one in numbered)
            return Checked(company, Match.CONFLICT, None, f"{names} in Xero both have the number {company.id} of {company.name}. Merge them in Xero, or archive one.")
        linked = known.linked(company.id)
        if linked is not None and linked.active:
            return self._against(company, linked, numbered)
        if numbered:
            return self._remembered(company, numbered[0], known)
        return self._missing(company, known)

    def _against(self, company: Company, linked: Contact, numbered: Sequence[Contact]) -> Checked:
        """The contact that we know, against what its number field says, and who else has that number."""
        if linked.number not in ("", company.id):
            return Checked(company, Match.CONFLICT, None, f'"{linked.name}" in Xero, which {company.name} was mapped to, now has the number of company {linked.number}. Map {company.name} anew.')
        if numbered and numbered[0].id != linked.id:
            return Checked(company, Match.CONFLICT, None, f'{company.name} is mapped to "{linked.name}", but in Xero "{numbered[0].name}" has its number {company.id}. Map it anew.')
        return Checked(company, Match.MATCHED, linked)

    def _remembered(self, company: Company, contact: Contact, known: "_Known") -> Checked:
        try:
            _untaken(company, contact, known.links)
        except CannotRun as taken:
            return Checked(company, Match.CONFLICT, None, str(taken))
        self.ledger.link(company.id, contact.id, contact.name)
        known.links[company.id] = contact.id
        return Checked(company, Match.MATCHED, contact)

    def _missing(self, company: Company, known: "_Known") -> Checked:
        """No contact, or one that is no longer in use: a person is asked, once a company (S4-9, S4-12)."""
        gone = known.linked(company.id) or known.unused(company.id)
        if gone is None and known.was_linked(company.id):
            return Checked(company, Match.UNMATCHED, None, f"The contact of {company.name} is no longer in Xero. Create one, or map it to another.")
        if gone is None:
            return Checked(company, Match.UNMATCHED, None, f"{company.name} (company {company.id}) has no contact in Xero yet. Create one, or map it to one that is there.")
        target = self._follow(gone)
        if target is None:
            return Checked(company, Match.UNMATCHED, None, f'"{gone.name}", the contact of {company.name}, was archived in Xero. Create one, or map it to another.')
        note = f'"{gone.name}", the contact of {company.name}, was merged into "{target.name}" in Xero. Map it to that one, or to another.'
        return Checked(company, Match.UNMATCHED, None, note, (target,))

    def _follow(self, contact: Contact) -> Contact | None:
        """The contact in use that this one was merged into, however often."""
        one: Contact | None = contact
        for _ in range(_HOPS):
            if one is None or not one.merged:
                break
            one = self.client.contact(one.merged)
        return one if one is not None and one.active else None

    def same(self, one: str, other: str) -> bool:
        """Whether two identifiers are of one contact, which may have been merged since."""
        if one == other:
            return True
        gone = self.client.contact(one)
        target = self._follow(gone) if gone is not None else None
        return target is not None and target.id == other

    def _with_suggestions(self, one: Checked) -> Checked:
        more = [contact for contact in self.suggestions(one.company) if contact.id not in {known.id for known in one.suggestions}]
        return Checked(one.company, one.match, one.contact, one.note, (*one.suggestions, *more))

    def _free(self, company: Company, but: str = "") -> Contact | None:
        """The contact that has the company's number and is no longer in use; raises CannotRun where another one in use has it (S4-13)."""
        there = self.client.contact(company.id)
        if there is None or there.number != company.id or there.id == but:
            return None
        if there.active:
            raise CannotRun(f'"{there.name}" in Xero has the number {company.id} of {company.name} already. Check the customers again.')
        return there

    def _given_up(self, before: Contact | None, save: bool) -> None:
        """Take the number from a contact that is no longer in use, as far as Xero lets us: it takes a number once."""
        if before is not None and save:
            with suppress(Refused):
                self.client.number_contact(before.id, "", str(uuid.uuid4()))


def _untaken(company: Company, contact: Contact, links: Mapping[str, str]) -> None:
    """Raises CannotRun where the contact is that of another company here (S4-13)."""
    other = next((key for key, linked in links.items() if linked == contact.id and key != company.id), "")
    if other:
        raise CannotRun(f'The contact "{contact.name}" belongs to company {other} already. A contact belongs to one company; choose another for {company.name}.')


class _Known:
    """What Xero has about some companies: the contacts that they are linked to, and those that have their numbers."""

    def __init__(self, client: "Xero", companies: Sequence[str], links: dict[str, str]) -> None:
        self.links = links
        self._mine = {company: links[company] for company in companies if company in links}
        listed = list(client.contacts()) if len(companies) > _FEW else self._asked(client, companies)
        self._by_id = {contact.id: contact for contact in listed}

    def _asked(self, client: "Xero", companies: Sequence[str]) -> list[Contact]:
        linked = list(client.contacts(list(self._mine.values()))) if self._mine else []
        settled = {contact.number for contact in linked if contact.active and self._mine.get(contact.number) == contact.id}
        return linked + [found for company in companies if company not in settled and (found := client.contact(company)) is not None]

    def linked(self, company: str) -> Contact | None:
        return self._by_id.get(self._mine.get(company, ""))

    def was_linked(self, company: str) -> bool:
        return company in self._mine

    def numbered(self, company: str) -> list[Contact]:
        """Contacts in use that have the company's number."""
        return [contact for contact in self._by_id.values() if contact.number == company and contact.active]

    def unused(self, company: str) -> Contact | None:
        """One that has its number and is no longer in use."""
        return next((contact for contact in self._by_id.values() if contact.number == company and not contact.active), None)


def _numbered(contact: Contact) -> str:
    return f", with the number of company {contact.number}" if contact.number else ""
