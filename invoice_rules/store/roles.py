"""Roles: who may look, import and administer in an entity (S1-1, S3-16, X-24). Nobody is held to one before the first is given.

A SQLite store goes by the account of the operating system, which is as far as a file can be guarded; on PostgreSQL the user of the
database counts, and the server itself refuses what a role does not allow. What is recorded is never changed, and chained.
"""

import os
import sys
from collections.abc import Iterator

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store import chain
from invoice_rules.store.tables import entities, roles
from invoice_rules.store.times import now

VIEWER, IMPORTER, ADMINISTRATOR = "viewer", "importer", "administrator"
LADDER = (VIEWER, IMPORTER, ADMINISTRATOR)
"""Each may do what the ones before it may."""

_NAMED = 5


def account() -> str:
    """The account under which this program runs, as the operating system knows it, whatever the environment says."""
    if sys.platform == "win32":
        import ctypes

        buffer = ctypes.create_unicode_buffer(257)
        ctypes.windll.advapi32.GetUserNameW(buffer, ctypes.byref(ctypes.c_ulong(257)))
        return buffer.value
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def who(connection: sa.Connection) -> str:
    """Whose rights count here: the user of the database, or of this computer for a file."""
    if connection.dialect.name == "sqlite":
        return account()
    return str(connection.exec_driver_sql("SELECT session_user").scalar_one())


def recorded(connection: sa.Connection, entity: int) -> dict[str, str]:
    """User -> role in an entity, by name; empty where roles play no part."""
    found = {row.user: row.role for row in connection.execute(sa.select(roles).where(roles.c.entity == entity).order_by(roles.c.id))}
    return {user: found[user] for user in sorted(found) if found[user]}


def role_of(connection: sa.Connection, entity: int, user: str | None = None) -> str:
    """The role of a user, by default of whoever asks: administrator where none are recorded, "" for a user without one."""
    known = recorded(connection, entity)
    return known.get(user or who(connection), "") if known else ADMINISTRATOR


def allows(held: str, needed: str) -> bool:
    """Whether a role is enough."""
    return held in LADDER and LADDER.index(held) >= LADDER.index(needed)


def require(connection: sa.Connection, entity: int, needed: str, act: str) -> None:
    """Raises CannotRun, naming the role that is needed and who can give it, unless whoever asks has it. `act`: "Importing"."""
    known = recorded(connection, entity)
    if not known or not needed:
        return
    user = who(connection)
    held = known.get(user, "")
    if not allows(held, needed):
        name = connection.execute(sa.select(entities.c.name).where(entities.c.id == entity)).scalar_one()
        raise CannotRun(f"{act} needs the role {needed} in {name}, and {user} {_has(held)}. {_can_give(known)} Nothing was written.")


def _has(held: str) -> str:
    return f"is {'an' if held[0] in 'aeiou' else 'a'} {held}" if held else "has no role there"


def _can_give(known: dict[str, str]) -> str:
    givers = [user for user, role in known.items() if role == ADMINISTRATOR]
    more = f" and {len(givers) - _NAMED} more" if len(givers) > _NAMED else ""
    return f"{', '.join(givers[:_NAMED])}{more} can give it."


def grant(connection: sa.Connection, entity: int, user: str, role: str) -> dict[str, str]:
    """Gives a user a role in place of an earlier one; see `Store.grant`. Returns the roles as they are then."""
    require(connection, entity, ADMINISTRATOR, "Giving roles")
    user, known, giver = user.strip(), recorded(connection, entity), who(connection)
    if role not in LADDER:
        raise CannotRun(f'There is no role "{role}". Choose {", ".join(LADDER[:-1])} or {LADDER[-1]}. Nothing was written.')
    _refuse_unknown(connection, user)
    if known.get(user) == role:
        return known
    if not known and (user, role) != (giver, ADMINISTRATOR):
        _record(connection, entity, giver, ADMINISTRATOR, giver)
    known = recorded(connection, entity)
    _refuse_last(known, user, role)
    _record(connection, entity, user, role, giver)
    return recorded(connection, entity)


def revoke(connection: sa.Connection, entity: int, user: str) -> dict[str, str]:
    """Takes a user's role away; see `Store.revoke`. Returns the roles as they are then."""
    require(connection, entity, ADMINISTRATOR, "Taking roles away")
    known = recorded(connection, entity)
    if user not in known:
        there = ", ".join(known) if known else "nobody has one"
        raise CannotRun(f"{user} has no role in these books; there {'is' if len(known) == 1 else 'are'}: {there}. Nothing was written.")
    if len(known) > 1:
        _refuse_last(known, user, "")
    _record(connection, entity, user, "", who(connection))
    return {name: role for name, role in known.items() if name != user}  # not asked again: who gave up a role may not look any more


def _refuse_unknown(connection: sa.Connection, user: str) -> None:
    if not user:
        raise CannotRun("The user has no name. Write the name under which the person logs in. Nothing was written.")
    if connection.dialect.name == "sqlite":
        return
    if connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :user"), {"user": user}).first() is None:
        raise CannotRun(f"The database has no user named {user}. Its administrator has to add one first. Nothing was written.")


def _refuse_last(known: dict[str, str], user: str, role: str) -> None:
    """Somebody must be able to give roles."""
    others = [name for name, held in known.items() if held == ADMINISTRATOR and name != user]
    if known.get(user) == ADMINISTRATOR and role != ADMINISTRATOR and not others:
        raise CannotRun(f"{user} is the only administrator of these books. Make somebody else an administrator first. Nothing was written.")


def _record(connection: sa.Connection, entity: int, user: str, role: str, giver: str) -> None:
    number = int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(roles.c.id), 0))).scalar_one()) + 1
    row = {"id": number, "entity": entity, "user": user, "role": role, "at": now(), "granted_by": giver}
    connection.execute(roles.insert().values(**row))
    chain.append(connection, "role", {"number": number, "role": role, "record": _hash(row)})
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("SELECT rights_as_recorded(:user)"), {"user": user})


def _hash(row: dict[str, object]) -> str:
    return chain.digest(chain.canonical(row))


def wrong(connection: sa.Connection) -> Iterator[str]:
    """What is wrong with the roles, a sentence each: every line is told of by the history as it stands there."""
    told = {line["number"]: line.get("record") for line in chain.told(connection, "role")}
    there = {row["id"]: _hash(dict(row)) for row in connection.execute(sa.select(roles)).mappings()}
    return chain.differences(told, there, "Line {} of the roles".format, "line of the roles", "lines of the roles")
