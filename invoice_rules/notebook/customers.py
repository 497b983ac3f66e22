"""Customers that have no contact at the target yet: created or mapped by a person, once a company (S4-7 … S4-13)."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from invoice_rules import CannotRun, connectors, plural
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.actions import ActionTable, Line
from invoice_rules.notebook.worker import Progress

if TYPE_CHECKING:
    from invoice_rules.notebook.sending import Sending

MOST = 50
_HEADINGS = ("Customer", "Company ID", "Invoices", "Total", "Why")
_PLAIN = "has no contact in Xero yet"
_CREATE, _PERSON, _MAP = "create", "person:", "map:"


class CustomersBox:
    """A row a company: what it is to become there, and whether that is kept for the next time. Nothing is chosen by itself, not even an equal name."""

    def __init__(self, around: "Sending"):
        self._around, guard = around, around.guard
        self._waiting: dict[str, Any] = {}
        self._people: dict[str, Sequence[Any]] = {}
        self._more: list[Any] = []
        self._entries: dict[str, list[Any]] = {}
        self.says = pages.html()
        self.table = ActionTable(guard, "Customers without a contact", _HEADINGS, changed=self._named, right=["Invoices", "Total"], choose="What it is there", ticks="Save mapping")
        self.words = controls.text("Find other contacts", guard, lambda _: None, "a name, or a part of it")
        self.find = controls.button("Find", guard, lambda: around.act("find contacts", self._find))
        self.apply = controls.button("Map customers", guard, lambda: around.act("map customers", self._apply), main=True)
        self.buttons = [self.find, self.apply]
        head = widgets.HTML(html.heading("Customers without a contact"))
        self.box = widgets.VBox([head, self.says, self.table, controls.row(self.words, self.find), controls.row(self.apply)])
        self.clear()

    def clear(self) -> None:
        """Nobody is waiting."""
        self._waiting, self._more = {}, []
        controls.show(self.box, False)

    def settle(self) -> None:
        """Whether there is anything to press."""
        self._named()

    def show(self, entries: Iterable[Any], progress: Progress) -> None:
        """The companies of those that need mapping, with what may be meant; asked of the service now."""
        self._entries = {}
        for entry in entries:
            if entry.state == "needs mapping" and entry.customer:
                self._entries.setdefault(entry.customer, []).append(entry)
        self._more = []
        if not self._entries:
            self.clear()
            return
        progress.say("Looking for the customers")
        asked = [connectors.desk.customers.Company(id, same[0].customer_name or id) for id, same in list(self._entries.items())[:MOST]]
        checked = self._contacts(progress).check(asked, suggest=True)
        self._waiting = {one.company.id: one for one in checked if one.contact is None}
        self._people = _people(self._around.engine(progress), self._waiting, progress)
        self._draw()

    def _contacts(self, progress: Progress) -> Any:
        return connectors.desk.customers.contacts(self._around.engine(progress))

    def _draw(self) -> None:
        plain = all(_PLAIN in one.note for one in self._waiting.values())
        self.table.show((self._line(one) for one in self._waiting.values()), hidden=("Why",) if plain else ())
        count = len(self._entries)
        more = f" The first {MOST} are shown; the others come when these are done." if count > MOST else ""
        has = "has" if count == 1 else "have"
        says = f"{plural(count, 'customer')} {has} no contact there yet, so {'its' if count == 1 else 'their'} invoices wait. An equal name alone does not decide: say what each is.{more}"
        self.says.value = html.paragraph(says)
        controls.show(self.box, bool(self._waiting))
        self._named()

    def _line(self, one: Any) -> Line:
        company = one.company
        same = self._entries[company.id]
        cells = [company.name, company.id, f"{len(same):,}", connectors.desk.totals(same), one.note]
        blocked = str(one.match) == "conflict"
        choices, chosen = self._choices(one), self.table.chosen.get(company.id, "")
        chosen = chosen if chosen in dict(choices) else ""
        return Line(company.id, cells, {4: "bad"} if blocked else {}, choices=choices, choice=chosen, tick=self.table.ticked.get(company.id, True))

    def _choices(self, one: Any) -> list[tuple[str, str]]:
        """Nothing yet, a new contact, alone or with a person of the company, and the contacts that may be meant."""
        made = [("", "Choose …"), (_CREATE, f'Create "{one.company.name}"')]
        made += [(f"{_PERSON}{at}", f'Create "{one.company.name}" with {_person(person)}') for at, person in enumerate(self._people.get(one.company.id, ()))]
        known = {contact.id: contact for contact in (*one.suggestions, *self._more)}
        return made + [(f"{_MAP}{contact.id}", f'Map to "{contact.name}"' + (f", {contact.email}" if contact.email else "")) for contact in known.values()]

    def _named(self) -> None:
        """The button says how many it would map."""
        chosen = sum(bool(key) for key in self.table.chosen.values())
        self.apply.description = f"Map {plural(chosen, 'customer')}" if chosen else "Map customers"
        self.apply.disabled = not chosen

    def _find(self, progress: Progress) -> None:
        words = self.words.value.strip()
        if not words:
            raise CannotRun("Say which name to look for.")
        progress.say(f"Looking for {words}")
        found = [one for one in self._contacts(progress).client.search(words) if not one.number]
        self._more = found
        self._draw()
        says = f"{plural(len(found), 'contact')} found; choose from them above." if found else f'No contact without a company has "{words}" in its name.'
        self._around.band.note(says)

    def _apply(self, progress: Progress) -> None:
        """Do what was chosen, company by company; one that cannot be done does not keep the others from it."""
        contacts = self._contacts(progress)
        chosen = [(id, key) for id, key in self.table.chosen.items() if key]
        for done, (id, key) in enumerate(chosen, 1):
            progress(done, len(chosen), "Mapping customers:")
            one, save = self._waiting[id], self.table.ticked.get(id, True)
            try:
                if key.startswith(_MAP):
                    contacts.map(one.company, key.removeprefix(_MAP), save=save)
                else:
                    contacts.create(one.company, self._person_of(id, key), save=save)
            except CannotRun as cannot:
                self._around.band.tell(str(cannot))
        self._around.prepare(progress)

    def _person_of(self, id: str, key: str) -> Any:
        if not key.startswith(_PERSON):
            return None
        person = self._people[id][int(key.removeprefix(_PERSON))]
        return connectors.desk.customers.Person(person.first_name, person.last_name, person.email)


def _people(engine: Any, companies: Iterable[str], progress: Progress) -> dict[str, Sequence[Any]]:
    """Company -> its people in the Autotask that the invoices come from, where that is known; who cannot be asked about has none to offer (S4-10)."""
    found: dict[str, Sequence[Any]] = {}
    for company in companies:
        progress.check()
        try:
            found[company] = [one for one in connectors.desk.customers.people(engine, company) if one.name or one.email]
        except CannotRun:
            return found
    return found


def _person(person: Any) -> str:
    return ", ".join(filter(None, (person.name, person.email)))
