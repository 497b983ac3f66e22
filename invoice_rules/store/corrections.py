"""What is put right in a sender's data every month (X-14): versioned for each rule set and sender."""

import json
from collections.abc import Iterator

import sqlalchemy as sa

from invoice_rules.corrections import lasting, passing
from invoice_rules.errors import CannotRun
from invoice_rules.results import Corrections
from invoice_rules.rulesets import rule_sets
from invoice_rules.store import chain, roles
from invoice_rules.store.entities import entity, user_name
from invoice_rules.store.tables import corrections as table
from invoice_rules.store.tables import entities
from invoice_rules.store.times import now


def save(connection: sa.Connection, name_of_entity: str, rules: str, wanted: Corrections, user: str | None) -> Corrections:
    """See `Store.save_corrections`."""
    number, _ = entity(connection, name_of_entity)
    roles.require(connection, number, roles.IMPORTER, "Saving corrections")
    _refuse_passing(wanted, rules)
    text = chain.canonical({"values": sorted([*pair, new] for pair, new in wanted.values.items()), "settings": dict(wanted.settings)})
    latest = _latest(connection, number, rules, wanted.sender)
    if latest is not None and latest.content == text:
        return _made(latest)
    version = latest.version + 1 if latest is not None else 1
    values = {"entity": number, "rules": rules, "sender": wanted.sender, "version": version, "content": text, "at": now(), "user": user_name(user)}
    connection.execute(table.insert().values(**values))
    told = {"entity": name_of_entity, "rules": rules, "sender": chain.hidden(wanted.sender), "version": version}
    chain.append(connection, "corrections", {**told, "at": values["at"], "user": chain.hidden(str(values["user"])), "content": chain.hidden(text)})
    return find(connection, name_of_entity, rules, wanted.sender)


def find(connection: sa.Connection, name_of_entity: str, rules: str, sender: str) -> Corrections:
    number, _ = entity(connection, name_of_entity)
    latest = _latest(connection, number, rules, sender)
    return Corrections(sender=sender) if latest is None else _replayed(_made(latest), rules)


def _refuse_passing(wanted: Corrections, rules: str) -> None:
    known = rule_sets().get(rules)
    if known is not None and (names := passing(wanted, known)):
        titles = ", ".join(known.fields[name].title for name in names)
        raise CannotRun(f"Corrections of amounts, dates and keys are not saved, for they differ from file to file: {titles}. Put them right in the file. Nothing was written.")


def _replayed(saved: Corrections, rules: str) -> Corrections:
    """Without what older versions of the program saved of amounts, dates and keys."""
    known = rule_sets().get(rules)
    return saved if known is None else lasting(saved, known)


def wrong(connection: sa.Connection) -> Iterator[str]:
    """What is wrong with the saved corrections, a sentence each: every version is as the history tells (X-14)."""
    key, record = ("entity", "rules", "sender", "version"), ("at", "user", "content")
    lines = chain.told(connection, "corrections", ("version", int))
    told = {tuple(line.get(part) for part in key): tuple(line.get(part) for part in record) for line in lines}
    joined = sa.select(table, entities.c.name.label("whose")).join(entities, entities.c.id == table.c.entity).order_by(table.c.id)
    rows = connection.execute(joined).all()
    there = {(row.whose, row.rules, chain.hidden(row.sender), row.version): (row.at, chain.hidden(row.user), chain.hidden(row.content)) for row in rows}
    return chain.differences(told, there, lambda key: f"Version {key[3]} of a sender's corrections for {key[1]}", "version of corrections", "versions of corrections")


def _latest(connection: sa.Connection, number: int, rules: str, sender: str) -> sa.Row | None:
    mine = sa.and_(table.c.entity == number, table.c.rules == rules, table.c.sender == sender)
    return connection.execute(sa.select(table).where(mine).order_by(table.c.version.desc()).limit(1)).first()


def _made(row: sa.Row) -> Corrections:
    kept = json.loads(row.content)
    return Corrections({(f, old): new for f, old, new in kept["values"]}, kept["settings"], row.sender, row.version)
