"""`contacts`: which contact in Xero belongs to which company in Autotask, by number and never by name (S4-7 … S4-13)."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

import invoice_rules
from invoice_rules import connectors
from invoice_rules.cli import asking, output, records, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, line, out, say, tell, working
from invoice_rules.cli.waiting import Voice

contacts = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Which contact in Xero belongs to which company in Autotask.")
app.add_typer(contacts, name="contacts")

Company = Annotated[str, typer.Argument(metavar="COMPANY", help="The id of the company in Autotask, as `contacts check` shows it.")]
Contact = Annotated[str, typer.Argument(metavar="CONTACT", help="The contact in Xero: its name in full, or its identifier.")]
To = Annotated[str, typer.Option("--to", metavar="NAME", help="Which organisation, where several are connected; `connections` lists them.")]
Name = Annotated[str, typer.Option("--name", metavar="TEXT", help="What the new contact is called; by default as the company.")]
Person = Annotated[str, typer.Option("--contact", metavar="NAME", help="The person in Autotask whose first name, last name and e-mail it gets.")]


@contacts.command()
def check(ctx: typer.Context, to: To = "") -> None:
    """Check the companies of all invoices that are to be sent.

    Those without a contact are listed with contacts of a like name, of which you say whether one is meant. Ends with 1 where a company has none.
    """
    session: Session = ctx.obj
    engine = _opened(session, to)
    with working(f"Checking customers in {engine.place}"):
        found = connectors.desk.customers.check(engine, suggest=True)
    if session.json:
        with output.array(ctx) as writing:
            for one in found:
                writing.add(_element(one))
    else:
        _checked(found, engine.place)
    raise typer.Exit(int(any(one.match != "matched" for one in found)))


@contacts.command(name="list")
def list_(ctx: typer.Context, to: To = "") -> None:
    """List the companies whose contact is known here. No service is asked."""
    store = ctx.obj.existing_store()
    chosen = [connectors.desk.target(to)] if to else [one for one in connectors.desk.targets() if one.system == "xero"]
    found = [(connectors.desk.place(one), link) for one in chosen for link in store.ledger(one.system, one.account).contacts()]
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for place, link in found:
                writing.add({"to": place, "company": link.company, "contact": link.contact, "name": link.name, "at": link.at})
        return
    if not found:
        say("No company is linked with a contact yet. `invoice-rules contacts check` shows which are wanted.")
        return
    shown = showing.table(["Company", "Contact", "Where", "Since"], wide=["Contact", "Where"])
    for place, link in found:
        shown.add_row(*(Text(showing.plain(cell)) for cell in (link.company, link.name or link.contact, place, records.when(link.at))))
    out().print(shown)


@contacts.command(name="map")
def map_(ctx: typer.Context, company: Company, contact: Contact, to: To = "") -> None:
    """Say which contact a company is. It is kept here, and the company's id in the contact's number field."""
    engine = _opened(ctx.obj, to)
    _linked(ctx, engine, company, connectors.desk.customers.map_to(engine, company, contact))


@contacts.command()
def create(ctx: typer.Context, company: Company, name: Name = "", contact: Person = "", to: To = "") -> None:
    """Make a contact in Xero for a company."""
    engine = _opened(ctx.obj, to)
    _linked(ctx, engine, company, connectors.desk.customers.create(engine, company, name=name, person=contact))


@contacts.command()
def forget(ctx: typer.Context, company: Company, to: To = "") -> None:
    """Take the link of a company away, here and in the contact's number field; the contact itself stays."""
    engine = _opened(ctx.obj, to)
    name = connectors.desk.customers.forget(engine, company)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"to": engine.place, "company": company, "forgotten": name})
    else:
        say(f'Company {company} is no longer linked with "{name}" in {engine.place}.')


def _opened(session: Session, to: str) -> Any:
    return connectors.desk.opened(session.existing_store(), connectors.desk.target(to, "xero"), told=Voice().told)


def _linked(ctx: typer.Context, engine: Any, company: str, contact: Any) -> None:
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"to": engine.place, "company": company, "contact": contact.id, "name": contact.name})
    else:
        say(f'Company {company} is "{contact.name}" in {engine.place}.')


def _element(one: Any) -> dict[str, Any]:
    named = {"company": one.company.id, "name": one.company.name, "match": str(one.match), "note": one.note or None}
    contact = None if one.contact is None else {"id": one.contact.id, "name": one.contact.name}
    return {**named, "contact": contact, "suggestions": [{"id": like.id, "name": like.name, "email": like.email} for like in one.suggestions]}


def _checked(found: Sequence[Any], place: str) -> None:
    missing = [one for one in found if one.match != "matched"]
    if not found:
        say("No invoice waits to be sent, so there is no customer to check.")
        return
    shown = showing.table(["Company", "Name", "Contact"], wide=["Name", "Contact"])
    for one in found:
        has = Text(showing.plain(one.contact.name)) if one.contact else Text("none" if one.match == "unmatched" else "conflict", style="yellow")
        shown.add_row(showing.plain(one.company.id), Text(showing.plain(one.company.name)), has)
    out().print(shown)
    for one in missing:
        say("")
        say(one.note)
        for like in one.suggestions:
            line(f'  invoice-rules contacts map {one.company.id} {like.id}   "{like.name}"', style="dim")
        if one.match == "unmatched":
            line(f"  invoice-rules contacts create {one.company.id}", style="dim")
    say("")
    of = f"{len(missing):,} of {invoice_rules.plural(len(found), 'company')} {'has' if len(missing) == 1 else 'have'} no contact that may be used in {place}."
    say(of if missing else f"Every company has its contact in {place}.", style="bold")


# ---- while sending


def given(engine: Any, said: Iterable[tuple[str, str]], save: bool) -> list[tuple[str, str]]:
    """What the command line says about companies, for this run only or for good (S4-11); gives company and name of the contact."""
    return [(company, connectors.desk.customers.map_to(engine, company, contact, save=save).name) for company, contact in said]


def settle(engine: Any, entries: Iterable[Any]) -> bool:
    """Ask about each company that keeps its invoices back for want of a contact (S4-9); whether anything was settled."""
    if not any(entry.state == "needs mapping" for entry in entries) or engine.destination.name != "xero":
        return False
    missing = connectors.desk.customers.open_ones(engine)
    return sum(_ask(engine, one) for one in missing if one.match == "unmatched") > 0  # each is asked about


def _ask(engine: Any, one: Any) -> bool:
    """One company: create a contact, choose one, or leave it."""
    say("")
    say(one.note)
    listed = _listed(one.suggestions)
    while True:
        said = typer.prompt("A number, c to create one, part of a name to look for, or Enter to leave it", default="", show_default=False, err=True).strip()
        if not said:
            tell(f"The invoices of {one.company.name} stay back.")
            return False
        try:
            if not said.isdecimal() and said.casefold() != "c":
                listed = _found(engine, said)
            elif made := _answered(engine, one, said, listed):
                say(f'{one.company.name} is "{made.name}" in {engine.place}.')
                return True
        except invoice_rules.CannotRun as reason:
            tell(str(reason))


def _answered(engine: Any, one: Any, said: str, listed: Sequence[Any]) -> Any | None:
    """A contact created or chosen by its number; None where no contact has the number."""
    customers = connectors.desk.customers
    if said.casefold() == "c":
        return customers.create(engine, one.company.id, person=_person(engine, one.company), save=_save())
    if 0 < int(said) <= len(listed):
        return customers.map_to(engine, one.company.id, listed[int(said) - 1].id, save=_save())
    tell(f"No contact has the number {said} here.")
    return None


def _found(engine: Any, words: str) -> Sequence[Any]:
    found = _listed(connectors.desk.customers.choices(engine, words))
    if not found:
        tell(f'No contact in {engine.place} has "{words}" in its name.')
    return found


def _listed(contacts: Sequence[Any]) -> Sequence[Any]:
    """The same, shown with numbers to choose by."""
    for number, one in enumerate(contacts, 1):
        line(f"  {number}  {one.name}" + (f", {one.email}" if one.email else ""))
    return contacts


def _save() -> bool:
    return asking.yes("Remember this for next time?", default=True)


def _person(engine: Any, company: Any) -> Any:
    """The person in Autotask who goes with a new contact, "" for nobody or where Autotask cannot be asked (S4-10)."""
    try:
        known = connectors.desk.customers.people(engine, company.id)
    except invoice_rules.CannotRun as reason:
        tell(f"The contact gets no person: {reason}")
        return ""
    if not known:
        return ""
    _listed(known)
    said = typer.prompt("Whose name and e-mail shall it have? A number, or Enter for nobody's", default="", show_default=False, err=True).strip()
    return known[int(said) - 1] if said.isdecimal() and 0 < int(said) <= len(known) else ""
