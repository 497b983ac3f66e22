"""Connections to a store: how transactions begin, how long a lock is waited for, and what a database's refusal means.

SQLite: rollback journal and synchronous=EXTRA (told means kept, even when power fails); what is purged is overwritten; the driver opens no transactions by
itself, because it would leave schema changes outside them; writers say BEGIN IMMEDIATE, so that none fails half way.
PostgreSQL: one advisory lock a store orders the writers, for the chain of the history is one. Writers must see what was
committed while they waited (READ COMMITTED), readers one and the same state throughout (REPEATABLE READ), and COMMIT must wait
for the disk, whatever the server or the user has as a default.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from invoice_rules.about import installing
from invoice_rules.errors import CannotRun
from invoice_rules.store.addresses import Address

PATIENCE = 30.0
"""Seconds for which a writer waits for another one."""

_LOCK = 0x1BF0_1CE5
_CACHE_KIB = 24 * 1024
_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_WRITE = (
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; "
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'; "
    f"SELECT pg_advisory_xact_lock({_LOCK})"
)


def engine(address: Address, patience: float = PATIENCE) -> sa.Engine:
    """An engine whose `begin` follows the rules above; connections are opened when needed and closed after."""
    return _sqlite(address, patience) if address.path else _postgresql(address, patience)


def _sqlite(address: Address, patience: float) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(str(address.path), timeout=patience, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("synchronous=EXTRA", "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY", f"cache_size=-{_CACHE_KIB}"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    made = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool, hide_parameters=True)

    @sa.event.listens_for(made, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")

    return made


def _postgresql(address: Address, patience: float) -> sa.Engine:
    secrets = {name: value for name, value in address.url.query.items() if "password" in name.lower()}
    settings = f"-c lock_timeout={int(patience * 1000)} -c TimeZone=UTC -c client_min_messages=warning"
    try:
        options = {"options": settings, "connect_timeout": 15, **secrets}
        made = sa.create_engine(address.url.difference_update_query(secrets), poolclass=sa.NullPool, connect_args=options, hide_parameters=True)
    except ImportError as error:
        raise CannotRun(f"A PostgreSQL store needs the package psycopg. Run: {installing('postgres')}, or use a SQLite file.") from error

    @sa.event.listens_for(made, "begin")
    def begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("write")
        if write is not None:
            connection.exec_driver_sql(_WRITE if write else _READ)

    return made


@contextmanager
def telling(label: str) -> Iterator[None]:
    """Turns what a database refuses into CannotRun with a sentence for people; our own bugs pass as they are."""
    try:
        yield
    except _refusals() as error:
        sentence = _sentence(getattr(error, "orig", error), label)
        if sentence is None:
            raise
        raise CannotRun(f"{sentence} Nothing was written.") from error
    except OSError as error:
        if error.errno is None:
            raise
        raise CannotRun(f"The store {label} could not be used: {error.strerror}. Nothing was written.") from error


def _refusals() -> tuple[type[Exception], ...]:
    """What databases raise: through SQLAlchemy, or of themselves where rows go to their drivers directly."""
    psycopg = sys.modules.get("psycopg")
    return (sa.exc.DBAPIError, sqlite3.Error, *([psycopg.Error] if psycopg else []))


@contextmanager
def reading(made: sa.Engine, label: str) -> Iterator[sa.Connection]:
    """A connection that only reads, in one transaction."""
    with telling(label), made.connect().execution_options(write=False) as connection, connection.begin():
        yield connection


@contextmanager
def writing(made: sa.Engine, label: str) -> Iterator[sa.Connection]:
    """A connection in a transaction that no other writer shares; commits at the end, or leaves nothing."""
    with telling(label), made.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


_SQLITE = {
    "SQLITE_BUSY": "The store {label} is in use by another import. Try again in a moment.",
    "SQLITE_LOCKED": "The store {label} is in use by another import. Try again in a moment.",
    "SQLITE_FULL": "The disk that holds the store {label} is full. Make room and try again.",
    "SQLITE_READONLY": "The store {label} may not be written. Ask for the right to change the file and its folder, or choose another store.",
    "SQLITE_CANTOPEN": "The store {label} could not be opened. Check that its folder exists and that you may write there.",
    "SQLITE_PERM": "The store {label} may not be opened. Ask for the right to change the file and its folder.",
    "SQLITE_IOERR": "The disk that holds the store {label} reported a failure. Check the disk, then run `store check`.",
    "SQLITE_NOTADB": "{label} is not a store of invoice-rules: it is no SQLite file. Choose another path.",
    "SQLITE_CORRUPT": "The store {label} is damaged. Restore a backup, or run `store check` to see what is left.",
}
_POSTGRESQL = {
    "55P03": "The store {label} is in use by another import. Try again in a moment.",
    "40P01": "The store {label} is in use by another import. Try again in a moment.",
    "40001": "The store {label} is in use by another import. Try again in a moment.",
    "57014": "The database {label} stopped the work because it took longer than its administrator allows. Ask for more time, or import a smaller file.",
    "25P03": "The database {label} closed the connection because it was idle for longer than its administrator allows. Try again.",
    "25006": "The database {label} is read-only at the moment. Try again later, or choose another store.",
    "42501": "You may not change the store {label}. Ask its administrator for the right to do so.",
    "53100": "The disk of the database {label} is full. Its administrator has to make room.",
    "53200": "The database {label} ran out of memory. Try again later, or import a smaller file.",
    "53300": "The database {label} has too many connections at the moment. Try again in a moment.",
    "57P01": "The database server of {label} was stopped. Try again when it runs.",
    "57P03": "The database server of {label} is just starting. Try again in a moment.",
    "28P01": "The database {label} did not accept the password. Correct it in the store's address.",
    "28000": "The database {label} did not let you in. Check the user in the store's address.",
    "3D000": "There is no database {label}. Create it first, or correct the store's address.",
}


def _sentence(error: Any, label: str) -> str | None:
    """What the database's own error means; None for one that only a bug can cause."""
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "") or ""
        found = next((says for code, says in _SQLITE.items() if name.startswith(code)), None)
        return found and found.format(label=label)
    found = _POSTGRESQL.get(getattr(error, "sqlstate", None) or "")
    if found:
        return found.format(label=label)
    lost = type(error).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError", "AdminShutdown", "CrashShutdown")
    known = {code: says for code, says in _POSTGRESQL.items() if code in ("28P01", "3D000", "28000", "57P03")}
    hints = {"password authentication failed": "28P01", "no password supplied": "28P01", "does not exist": "3D000", "starting up": "57P03"}
    text = str(error)
    hint = next((code for words, code in hints.items() if words in text), None)
    if lost and hint:
        return known[hint].format(label=label)
    return f"The database server of {label} did not answer. Check that it runs and that this computer can reach it." if lost else None
