"""Saved column mappings: kept by headings, so that they fit another file; versioned, one active for each name (S3-16)."""

import json
from collections.abc import Iterator

import sqlalchemy as sa

from invoice_rules.mapping import saved_form
from invoice_rules.results import Mapping, Match
from invoice_rules.store import chain, roles
from invoice_rules.store.entities import entity, user_name
from invoice_rules.store.tables import entities, mappings
from invoice_rules.store.times import now


def save(connection: sa.Connection, name_of_entity: str, mapping: Mapping, name: str | None, user: str | None) -> Mapping:
    """See `Store.save_mapping`; an equal one stays the version that it is."""
    number, _ = entity(connection, name_of_entity)
    name = mapping.name if name is None else name
    _require(connection, number, name)
    text = chain.canonical(saved_form(mapping))
    mine = _mine(number, mapping.rules, name)
    latest = connection.execute(sa.select(mappings).where(mine).order_by(mappings.c.version.desc()).limit(1)).first()
    if latest is not None and latest.active and latest.content == text:
        return _made(latest)
    version = latest.version + 1 if latest is not None else 1
    connection.execute(mappings.update().where(mine, mappings.c.active == 1).values(active=0))
    values = {"entity": number, "rules": mapping.rules, "name": name, "version": version, "active": 1, "content": text, "at": now(), "user": user_name(user)}
    connection.execute(mappings.insert().values(**values))
    chain.append(connection, "mapping", _told(name_of_entity, mapping.rules, name, version, user, content=chain.hidden(text)))
    saved = find(connection, name_of_entity, mapping.rules, name)
    assert saved is not None
    return saved


def find(connection: sa.Connection, name_of_entity: str, rules: str, name: str | None) -> Mapping | None:
    number, _ = entity(connection, name_of_entity)
    row = connection.execute(sa.select(mappings).where(_mine(number, rules, name or ""), mappings.c.active == 1)).first()
    return None if row is None else _made(row)


def active(connection: sa.Connection, name_of_entity: str) -> list[Mapping]:
    number, _ = entity(connection, name_of_entity)
    wanted = sa.select(mappings).where(mappings.c.entity == number, mappings.c.active == 1).order_by(mappings.c.rules, mappings.c.name)
    return [_made(row) for row in connection.execute(wanted)]


def delete(connection: sa.Connection, name_of_entity: str, rules: str, name: str | None, user: str | None) -> bool:
    number, _ = entity(connection, name_of_entity)
    _require(connection, number, name or "")
    mine = sa.and_(_mine(number, rules, name or ""), mappings.c.active == 1)
    version = connection.execute(sa.select(mappings.c.version).where(mine)).scalar()
    if version is None:
        return False
    connection.execute(mappings.update().where(mine).values(active=0))
    chain.append(connection, "mapping", _told(name_of_entity, rules, name or "", version, user, deleted=True))
    return True


def wrong(connection: sa.Connection) -> Iterator[str]:
    """What is wrong with the mappings, a sentence each: every version, and which of them is in use, is as the history tells (S3-16)."""
    told: dict[tuple, tuple] = {}
    used: dict[tuple, object] = {}
    for line in chain.told(connection, "mapping", ("version", int)):
        whose = tuple(line.get(part) for part in ("entity", "rules", "name"))
        used[whose] = None if line.get("deleted") else line["version"]
        if "content" in line:
            told[*whose, line["version"]] = (line.get("user"), line["content"])
    expected = {key: (*record, int(used[key[:3]] == key[3])) for key, record in told.items()}
    joined = sa.select(mappings, entities.c.name.label("whose")).join(entities, entities.c.id == mappings.c.entity).order_by(mappings.c.id)
    rows = connection.execute(joined).all()
    there = {(row.whose, row.rules, row.name, row.version): (chain.hidden(row.user), chain.hidden(row.content), row.active) for row in rows}
    return chain.differences(expected, there, lambda key: f"Version {key[3]} of the mapping {key[2] or 'in use'} of {key[1]}", "mapping", "mappings")


def _require(connection: sa.Connection, number: int, name: str) -> None:
    """Only an administrator changes the mapping that is used by itself; templates with a name are an importer's own business."""
    needed, act = (roles.IMPORTER, "Saving mappings") if name else (roles.ADMINISTRATOR, "Changing the active mapping")
    roles.require(connection, number, needed, act)


def _mine(number: int, rules: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(mappings.c.entity == number, mappings.c.rules == rules, mappings.c.name == name)


def _told(name_of_entity: str, rules: str, name: str, version: int, user: str | None, **more: object) -> dict[str, object]:
    who = chain.hidden(user_name(user))
    return {"entity": name_of_entity, "rules": rules, "name": name, "version": version, "at": now(), "user": who, **more}


def _made(row: sa.Row) -> Mapping:
    kept = json.loads(row.content)
    matches = {f: Match(None, heading or "", "saved", 1.0 if heading else 0.0) for f, heading in kept["fields"].items()}
    file = {part: kept[part] for part in ("kind", "header") if part in kept}
    return Mapping(row.rules, matches, settings=kept["settings"], name=row.name, version=row.version, **file)
