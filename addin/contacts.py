"""Customers without a contact in Xero: asked about once each before anything is sent (S4-7 … S4-13)."""

from typing import Any

from addin.dialogs import Field
from addin.session import Session
from invoice_rules import connectors

_LATER, _NEW, _OTHER = "decide later", "make a new contact", "another contact, by its name"
_SAVE = ("yes", "only this time")


def settled(session: Session, engine: Any, entries: Any) -> bool:
    """Ask about each company that has no contact; whether anything was settled. What is left open keeps its invoices back (S4-14)."""
    if engine.destination.name != "xero" or not any(entry.state == "needs mapping" for entry in entries):
        return False
    found = False
    for one in connectors.desk.customers.open_ones(engine):
        answer = _asked(session, one)
        if answer is None:
            break
        found |= _done(session, engine, one, answer)
    return found


def _asked(session: Session, one: Any) -> dict[str, str] | None:
    likely = [like.name for like in one.suggestions]
    text = f"{one.company.name} (company {one.company.id} in Autotask) has no contact in Xero yet.{f' {one.note}' if one.note else ''} Its invoices wait until it has one."
    fields = [
        Field("contact", "Which contact is it?", _LATER, (_LATER, *likely, _NEW, _OTHER)),
        Field("name", "Its name, where it is another"),
        Field("person", "For a new contact: name of a person in Autotask"),
        Field("save", "Save mapping", _SAVE[0], _SAVE),
    ]
    return session.dialogs.form(text, fields)


def _done(session: Session, engine: Any, one: Any, answer: dict[str, str]) -> bool:
    chosen, save = answer["contact"], answer["save"] == _SAVE[0]
    if chosen == _LATER:
        return False
    session.say(f"Linking {one.company.name}")
    if chosen == _NEW:
        connectors.desk.customers.create(engine, one.company.id, person=answer["person"], save=save)
    else:
        meant = {like.name: like.id for like in one.suggestions}
        connectors.desk.customers.map_to(engine, one.company.id, answer["name"] if chosen == _OTHER else meant[chosen], save=save)
    return True
