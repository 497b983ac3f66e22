"""Schemas: what a store has, and the atomic way to the one that this program writes. Alembic is imported only to make steps."""

import secrets
from pathlib import Path

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store.tables import SCHEMA, entities, meta

STEPS = Path(__file__).parent / "migrations"
"""The folder of the steps, one file each."""
FIRST = "main"
"""The entity that every store begins with."""


def schema(connection: sa.Connection, label: str) -> int:
    """The schema number of a store, 0 for an empty database. Raises CannotRun for somebody else's database."""
    inspector = sa.inspect(connection)
    names = set(inspector.get_table_names())
    if meta.name not in names:
        if names:
            raise CannotRun(f"{label} holds other tables and no store of invoice-rules. Choose an empty database or another path. Nothing was written.")
        return 0
    return number(connection)


def number(connection: sa.Connection) -> int:
    """What a store says that its schema is."""
    return int(connection.execute(sa.select(meta.c.value).where(meta.c.name == "schema")).scalar() or 0)


def refuse_newer(found: int, label: str) -> None:
    """An older program must not touch a newer store: it would not know what it breaks."""
    if found > SCHEMA:
        raise CannotRun(
            f"The store {label} was made by a newer version of invoice-rules (schema {found}; this version knows {SCHEMA}). "
            "Update invoice-rules on this computer. Nothing was written."
        )


def upgrade(connection: sa.Connection, label: str) -> int:
    """All missing steps inside the caller's transaction, so that a failure leaves the old schema. Returns how many ran."""
    found = schema(connection, label)
    refuse_newer(found, label)
    if found == SCHEMA:
        return 0
    _run_steps(connection)
    if not found:
        _first_rows(connection)
    connection.execute(meta.update().where(meta.c.name == "schema").values(value=str(SCHEMA)))
    return SCHEMA - found


def _run_steps(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _first_rows(connection: sa.Connection) -> None:
    """A new store knows its schema, its own id, and the entity of those who never think of one (X-18)."""
    connection.execute(meta.insert(), [{"name": "schema", "value": "0"}, {"name": "store", "value": secrets.token_hex(16)}])
    connection.execute(entities.insert().values(name=FIRST, environment="live", revision=first_revision()))


def first_revision() -> int:
    """Revisions start anywhere, so that a plan made against another store never fits by chance."""
    return secrets.randbelow(1 << 40)
