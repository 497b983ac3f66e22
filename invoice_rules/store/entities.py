"""Entities: whose books these are (X-18), with their settings; each change is a line of the history."""

import datetime as dt
import getpass
from collections.abc import Iterator
from collections.abc import Mapping as Dict

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.results import Entity
from invoice_rules.store import chain, roles
from invoice_rules.store.tables import entities, rule_sets
from invoice_rules.store.upgrading import FIRST, first_revision
from invoice_rules.values import is_currency

SETTINGS = ("title", "currency", "environment", "closed_until")
_UNSET = {"title": "", "currency": "", "environment": "live", "closed_until": None}


def user_name(user: str | None) -> str:
    """Who acts: as given, else the name under which the person logged in."""
    if user:
        return user
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def entity(connection: sa.Connection, name: str) -> tuple[int, Entity]:
    """The number and settings of an entity. Raises CannotRun with the names that there are."""
    row = connection.execute(sa.select(entities).where(entities.c.name == name)).mappings().first()
    if row is None:
        known = ", ".join(connection.execute(sa.select(entities.c.name).order_by(entities.c.name)).scalars())
        raise CannotRun(f"There is no entity named {name!r} in this store. There is: {known}. Add it with `entity add`. Nothing was written.")
    return row["id"], _made(row)


def all_entities(connection: sa.Connection) -> list[Entity]:
    return [_made(row) for row in connection.execute(sa.select(entities).order_by(entities.c.name)).mappings()]


def _made(row: sa.RowMapping) -> Entity:
    closed = row["closed_until"]
    return Entity(
        name=str(row["name"]),
        title=str(row["title"]),
        currency=str(row["currency"]),
        environment=str(row["environment"]),
        closed_until=dt.date.fromisoformat(str(closed)) if closed else None,
        revision=int(str(row["revision"])),
    )


def add(connection: sa.Connection, here: str, name: str, settings: Dict[str, object], user: str | None) -> Entity:
    """A new entity, added by an administrator of this one; see `Store.add_entity`."""
    roles.require(connection, entity(connection, here)[0], roles.ADMINISTRATOR, "Adding an entity")
    name = name.strip()
    if not name:
        raise CannotRun("The entity has no name. Give it one, such as the company's short name.")
    if connection.execute(sa.select(entities.c.id).where(entities.c.name == name)).first():
        raise CannotRun(f"There is an entity named {name!r} already. Change it with `entity set`, or choose another name.")
    values = _checked(settings)
    connection.execute(entities.insert().values(name=name, revision=first_revision(), **values))
    chain.append(connection, "entity", {"entity": name, "added": True, "user": chain.hidden(user_name(user)), **values})
    return entity(connection, name)[1]


def change(connection: sa.Connection, name: str, settings: Dict[str, object], user: str | None) -> Entity:
    """New settings for an entity; see `Store.set_entity`."""
    number, _ = entity(connection, name)
    roles.require(connection, number, roles.ADMINISTRATOR, "Changing the settings")
    values = _checked(settings)
    if values:
        connection.execute(entities.update().where(entities.c.id == number).values(**values))
        rise(connection, number)
        chain.append(connection, "entity", {"entity": name, "user": chain.hidden(user_name(user)), **values})
    return entity(connection, name)[1]


def wrong(connection: sa.Connection) -> Iterator[str]:
    """What is wrong with the entities, a sentence each: their settings are those that the history tells of (X-18, X-24)."""
    told = {FIRST: dict(_UNSET)}
    for line in chain.told(connection, "entity", ("entity", str)):
        told.setdefault(line["entity"], dict(_UNSET)).update({name: line[name] for name in SETTINGS if name in line})
    there = {row["name"]: {name: row[name] for name in SETTINGS} for row in connection.execute(sa.select(entities).order_by(entities.c.id)).mappings()}
    return chain.differences(told, there, "The record of the entity {} with its settings".format, "entity", "entities")


def _checked(settings: Dict[str, object]) -> dict[str, str | None]:
    """Settings as the table keeps them. Raises CannotRun for what no entity can have."""
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise CannotRun(f"An entity has no setting {', '.join(sorted(unknown))}. There are: {', '.join(SETTINGS)}.")
    values: dict[str, str | None] = {name: str(value or "") for name, value in settings.items() if name != "closed_until"}
    if values.get("currency") and not is_currency(str(values["currency"])):
        raise CannotRun(f"{values['currency']} is not the code of a currency. Write a code of three letters, such as USD.")
    if values.get("currency"):
        values["currency"] = str(values["currency"]).upper()
    if values.get("environment", "live") not in ("live", "test"):
        raise CannotRun(f"The environment is live or test, not {values['environment']}.")
    if "closed_until" in settings:
        values["closed_until"] = _date(settings["closed_until"])
    return values


def _date(value: object) -> str | None:
    if value in (None, ""):
        return None
    try:
        return (value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))).isoformat()
    except ValueError as error:
        raise CannotRun(f"{value} is not a date. Write the day until which the books are closed as 2026-11-30.") from error


def rise(connection: sa.Connection, number: int) -> None:
    """The books of an entity changed: plans made before are outrun (X-6)."""
    connection.execute(entities.update().where(entities.c.id == number).values(revision=entities.c.revision + 1))


def number_of(connection: sa.Connection, name: str, make: bool = False) -> int:
    """The number that stands for a rule set or system; 0 for one that the store has not met, unless it may be made."""
    found = connection.execute(sa.select(rule_sets.c.id).where(rule_sets.c.name == name)).scalar()
    if found is None and make:
        found = int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(rule_sets.c.id), 0))).scalar_one()) + 1
        connection.execute(rule_sets.insert().values(id=found, name=name))
    return int(found or 0)
