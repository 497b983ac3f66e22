"""Customers of invoices that are to be sent, and their contacts in Xero, as front ends check, create and map them (S4-7 … S4-13)."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from invoice_rules.connectors.autotask import AutotaskContact
from invoice_rules.connectors.contacts import Checked, Company, Contacts, Match, Person, answered
from invoice_rules.connectors.targets import autotask_of
from invoice_rules.connectors.xero import Contact
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.errors import CannotRun
from invoice_rules.problems import plural
from invoice_rules.results import BEFORE, State

if TYPE_CHECKING:
    from invoice_rules.connectors.sending import Sending

__all__ = ["Checked", "Company", "Contact", "Match", "Person", "check", "choices", "companies", "contacts", "create", "forget", "map_to", "open_ones", "people"]

_NAMED = 5


def contacts(sending: "Sending") -> Contacts:
    """The contacts of a target; raises CannotRun for one that has none of its own."""
    if not isinstance(sending.destination, XeroDestination):
        raise CannotRun(f"{sending.destination.title} takes customers by their code, so there is nothing to map.")
    return sending.destination.contacts(sending.ledger)


def companies(sending: "Sending") -> list[Company]:
    """The companies of all invoices that have not left yet, by name."""
    sending.ledger.find(sending.destination.rules)
    waiting = [entry for entry in sending.ledger.entries(*BEFORE) if entry.state is not State.SKIPPED]
    names = {entry.customer: entry.customer_name or entry.customer for entry in waiting}
    return sorted((Company(id, name) for id, name in names.items()), key=lambda one: (one.name.casefold(), one.id))


def check(sending: "Sending", suggest: bool = False) -> list[Checked]:
    """How each of these companies stands, asked of Xero now (S4-7)."""
    return contacts(sending).check(companies(sending), suggest)


def open_ones(sending: "Sending") -> list[Checked]:
    """Those without a contact, with contacts that may be meant."""
    return [one for one in check(sending, suggest=True) if one.match is not Match.MATCHED]


def choices(sending: "Sending", words: str) -> list[Contact]:
    """Contacts that these words may mean: the one of this identifier or exact name, else all that hold the words."""
    exact, like = _looked_for(sending, words)
    return exact or like


def map_to(sending: "Sending", company: str, words: str, *, save: bool = True) -> Contact:
    """Link a company with the one contact of this very name or identifier (S4-8, S4-9, S4-11). Raises CannotRun where none or several have it."""
    exact, like = _looked_for(sending, words)
    if len(exact) != 1:
        raise CannotRun(_unclear(words, sending.place, exact, like))
    return contacts(sending).map(_company(sending, company), exact[0].id, save=save)


def _looked_for(sending: "Sending", words: str) -> tuple[list[Contact], list[Contact]]:
    """The contacts of this identifier or this very name, upper and lower case and spaces aside; and all that hold the words."""
    client = contacts(sending).client
    known = client.contact(words) if _identifier(words) else None
    if known is not None:
        return [known], []
    like = client.search(" ".join(words.split()))
    return [one for one in like if _folded(one.name) == _folded(words)], like


def _unclear(words: str, place: str, exact: Sequence[Contact], like: Sequence[Contact]) -> str:
    """Why a contact cannot be told from these words, with what was found."""
    if not like:
        return f'No contact in {place} is called "{words}".'
    named = ", ".join(f'"{one.name}" ({one.id})' if exact else f'"{one.name}"' for one in (exact or like)[:_NAMED])
    how = "Write the identifier of one." if exact else "Write a name in full, or its identifier."
    return f'{plural(len(exact or like), "contact")} in {place} may be meant by "{words}": {named}. {how}'


def create(sending: "Sending", company: str, *, name: str = "", person: str | AutotaskContact = "", save: bool = True) -> Contact:
    """A new contact named after the company, with the name and e-mail of a person at it in Autotask where one is named (S4-10)."""
    one = _company(sending, company)
    if one.name == one.id and not name:
        raise CannotRun(f"No invoice that is to be sent is for company {company}, so its name is not known here. Give the new contact a name.")
    return contacts(sending).create(one, _person(sending, company, person), name=name, save=save)


def forget(sending: "Sending", company: str) -> str:
    """Takes a company's link away, here and in the number field of its contact; gives the contact's name. Raises CannotRun where there is none."""
    there = contacts(sending)
    link = sending.ledger.contact(company)
    if link is None:
        raise CannotRun(f"Company {company} is linked with no contact in {sending.place}.")
    contact = there.client.contact(link.contact)
    if contact is not None and contact.number == company:
        with answered(f'"{contact.name}" has the number {company} still', "Take the link away again: repeating it does no harm."):
            there.client.number_contact(contact.id, "", str(uuid.uuid4()))
    sending.ledger.unlink(company)
    return link.name


def people(sending: "Sending", company: str) -> list[AutotaskContact]:
    """The active contacts of a company in the Autotask whose invoices go there, the primary one first (S4-10). Raises CannotRun where none is known."""
    return autotask_of(sending).contacts(company)


def _person(sending: "Sending", company: str, person: str | AutotaskContact) -> Person | None:
    if not person:
        return None
    if isinstance(person, str):
        known = people(sending, company)
        found = [one for one in known if one.name.casefold() == person.strip().casefold()]
        if len(found) != 1:
            there = ", ".join(one.name for one in known) or "none"
            raise CannotRun(f'{"Several contacts" if found else "No contact"} of company {company} in Autotask {"are" if found else "is"} called "{person}". There: {there}.')
        person = found[0]
    return Person(person.first_name, person.last_name, person.email)


def _company(sending: "Sending", id: str) -> Company:
    return next((one for one in companies(sending) if one.id == id), Company(id, id))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _identifier(words: str) -> bool:
    try:
        uuid.UUID(words)
    except ValueError:
        return False
    return True
