"""Which contact of a service a company is: one company, one contact, for each entity and organisation (S4-8 … S4-13)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store import entities
from invoice_rules.store.opening import Store
from invoice_rules.store.outbox import Moves, plain
from invoice_rules.store.tables import contact_links

_STANDING = contact_links.c.until.is_(None)


@dataclass(frozen=True)
class ContactLink:
    """A company of the source, and the contact that it is in the service: its identifier there and its name. `at`: since when, ISO 8601 in UTC."""

    company: str
    contact: str
    name: str
    at: str


@dataclass
class Contacts:
    """The part of a ledger that knows contacts. Links that are not saved hold for this object alone (S4-11)."""

    store: Store
    destination: str
    tenant: str
    moving: Callable[[str], AbstractContextManager[Moves]]
    passing: dict[str, ContactLink] = field(default_factory=dict)

    def all(self) -> list[ContactLink]:
        """The links that hold, by company."""
        with self.store.reading() as connection:
            number, _ = entities.entity(connection, self.store.entity.name)
            rows = connection.execute(sa.select(contact_links).where(self._mine(number), _STANDING)).mappings()
            found = {row["company"]: ContactLink(row["company"], row["contact"], row["name"], row["at"]) for row in rows}
        return [link for _, link in sorted({**found, **self.passing}.items())]

    def link(self, company: str, contact: str, name: str, saved: bool) -> ContactLink:
        """Links a company with a contact in place of an earlier one. Raises CannotRun for a contact that another company has."""
        company, contact, name = plain(company), plain(contact), plain(name)
        with self.moving("Linking customers with contacts") as moves:
            known = self._standing(moves)
            holder = next((row["company"] for row in known.values() if row["contact"] == contact and row["company"] != company), None)
            holder = holder or next((held.company for held in self.passing.values() if held.contact == contact and held.company != company), None)
            if holder is not None:
                raise CannotRun(f"Contact {name or contact} is company {holder} already. A contact belongs to one company; choose another contact. Nothing was written.")
            made = ContactLink(company, contact, name, moves.at)
            row = known.get(company)
            if saved and row and (row["contact"], row["name"]) == (contact, name):
                made = ContactLink(company, contact, name, row["at"])
            elif saved:
                self._end(moves, row)
                self._add(moves, made)
        self.passing.pop(company, None)
        if not saved:
            self.passing[company] = made
        return made

    def unlink(self, company: str) -> bool:
        """Ends a company's link; False where there was none."""
        passing = self.passing.pop(company, None)
        with self.moving("Unlinking customers") as moves:
            row = self._standing(moves).get(company)
            self._end(moves, row)
        return passing is not None or row is not None

    def _mine(self, number: int) -> sa.ColumnElement[bool]:
        table = contact_links.c
        return sa.and_(table.entity == number, table.destination == self.destination, table.tenant == self.tenant)

    def _standing(self, moves: Moves) -> dict[str, sa.RowMapping]:
        rows = moves.connection.execute(sa.select(contact_links).where(self._mine(moves.entity), _STANDING)).mappings()
        return {row["company"]: row for row in rows}

    def _end(self, moves: Moves, row: sa.RowMapping | None) -> None:
        if row is None:
            return
        ended = {"until": moves.at, "ended_by": moves.user}
        moves.connection.execute(contact_links.update().where(contact_links.c.id == row["id"]).values(ended))
        moves.linking({**row, **ended})

    def _add(self, moves: Moves, link: ContactLink) -> None:
        last = moves.connection.execute(sa.select(sa.func.coalesce(sa.func.max(contact_links.c.id), 0))).scalar_one()
        row = {"id": last + 1, "entity": moves.entity, "destination": self.destination, "tenant": self.tenant, "user": moves.user}
        row |= {"company": link.company, "contact": link.contact, "name": link.name, "at": link.at, "until": None, "ended_by": None}
        moves.connection.execute(contact_links.insert().values(**row))
        moves.linking(row)
