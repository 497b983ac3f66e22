"""Customers of invoices that are to be sent, and their contacts in Xero, as front ends check, create and map them (S4-7 … S4-13)."""

import uuid
from typing import TYPE_CHECKING

from invoice_rules.connectors.autotask import AutotaskContact
from invoice_rules.connectors.contacts import Checked, Company, Contacts, Match, Person, answered
from invoice_rules.connectors.targets import autotask_of
from invoice_rules.connectors.xero import Contact
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.errors import CannotRun
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
    there = contacts(sending)
    known = there.client.contact(words) if _identifier(words) else None
    found = [known] if known is not None else there.client.search(words)
    exact = [one for one in found if one.name.casefold() == words.strip().casefold()]
    return exact or found


def map_to(sending: "Sending", company: str, words: str, *, save: bool = True) -> Contact:
    """Link a company with the one contact of this name or identifier (S4-9, S4-11). Raises CannotRun where none or several are meant."""
    found = choices(sending, words)
    if len(found) != 1:
        named = ", ".join(f'"{one.name}"' for one in found[:_NAMED])
        several = f'{len(found):,} contacts in {sending.place} may be meant by "{words}": {named}. Write one name in full.'
        raise CannotRun(several if found else f'No contact in {sending.place} is called "{words}".')
    return contacts(sending).map(_company(sending, company), found[0].id, save=save)


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


def _identifier(words: str) -> bool:
    try:
        uuid.UUID(words)
    except ValueError:
        return False
    return True
