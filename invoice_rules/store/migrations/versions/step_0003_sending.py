"""The ledger of sending: what is on its way to a service, the requests that left, and which contact a company is. Frozen."""

import sqlalchemy as sa
from alembic import op

from invoice_rules.store.migrations.versions import step_0002_references as before

revision = "3"
down_revision = "2"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STANDING = sa.text("until IS NULL")
START = "0 " + "0" * 64
END = f"INSERT INTO meta (name, value) SELECT 'end of ledger', '{START}' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'end of ledger')"  # noqa: S608 # our own constant
TARGET = ("destination", "tenant")
LINK = ("id", "entity", *TARGET, "company", "contact", "name", "at", "user")
OWN = ("id", "entity", *TARGET, "rules", "key", "generation")
_LINKED = " AND ".join(f'NEW."{c}" IS {{same}} OLD."{c}"' for c in LINK)
_ENDED = f"OLD.until IS NULL AND NEW.until IS NOT NULL AND {_LINKED}"
_OWNED = " AND ".join(f'NEW."{c}" IS {{same}} OLD."{c}"' for c in OWN)


def upgrade() -> None:
    _outbox()
    _others()
    op.execute(END)
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False)


def _id() -> sa.Column:
    return sa.Column("id", BIG, primary_key=True, autoincrement=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        _id(),
        _number("entity"),
        *_texts(*TARGET),
        _number("rules"),
        *_texts("key"),
        _number("generation"),
        sa.Column("invoice", BIG, nullable=False),
        _number("version"),
        *_texts("content", "state", "note", "number", "customer", "customer_name"),
        sa.Column("date", sa.Text),
        *_texts("currency"),
        sa.Column("total", sa.BigInteger, nullable=False),
        *_texts("remote"),
        sa.Column("send", BIG),
        *_texts("mark"),
        _number("attempts"),
        *_texts("at", "left_at"),
        sa.CheckConstraint("typeof(total) IN ('integer', 'null')", name="whole_total").ddl_if(dialect="sqlite"),
    )
    op.create_index("one_outbox_entry", "outbox", ["key", *TARGET, "rules", "generation", "entity"], unique=True)
    op.create_index("outbox_invoices", "outbox", ["invoice"])
    op.create_index("outbox_states", "outbox", ["entity", "state"])


def _others() -> None:
    key = sa.Column("key", sa.Text, nullable=False, unique=True)
    body = sa.Column("body", sa.LargeBinary, nullable=False)
    op.create_table("sends", _id(), _number("entity"), *_texts(*TARGET), key, body, *_texts("sha256", "entries", "at", "user"))
    of = [sa.Column(name, BIG) for name in ("entry", "send")]
    answer = sa.Column("answer", sa.Text)
    op.create_table("outbox_history", _id(), _number("entity"), *of, *_texts("at", "user", "before", "after", "note"), answer, *_texts("record", "hash"))
    op.create_index("outbox_history_entries", "outbox_history", ["entry"])
    op.create_index("outbox_history_sends", "outbox_history", ["send"])
    ended = [sa.Column(name, sa.Text) for name in ("until", "ended_by")]
    op.create_table("contact_links", _id(), _number("entity"), *_texts(*LINK[2:]), *ended)
    for name, column in (("one_company", "company"), ("one_contact", "contact")):
        op.create_index(name, "contact_links", ["entity", *TARGET, column], unique=True, sqlite_where=STANDING, postgresql_where=STANDING)


# ---- what is kept for ever: requests and moves as they are; of an entry whose it is; of a contact's link all but its end

KEPT = ("sends", "outbox_history", "outbox", "contact_links")


def _sqlite() -> None:
    for table in KEPT:
        _refuse_sqlite(table, "DELETE", "")
    for table in ("sends", "outbox_history"):
        _refuse_sqlite(table, "UPDATE", "")
    _refuse_sqlite("outbox", "UPDATE", f"WHEN NOT ({_OWNED.format(same='')})")
    _refuse_sqlite("contact_links", "UPDATE", f"WHEN NOT ({_ENDED.format(same='')})")


def _refuse_sqlite(table: str, act: str, when: str) -> None:
    raises = f"SELECT RAISE(ABORT, '{table} are never changed or deleted')"
    op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {when} BEGIN {raises}; END")


# ---- PostgreSQL: what users of the database may do by their roles, in the functions of the second step

VIEWED = (*before.VIEWED, *KEPT)
RIGHTS = {
    **before.RIGHTS,
    1: (f"SELECT ON {', '.join(VIEWED)}",),
    2: (
        *before.RIGHTS[2],
        "INSERT ON outbox, sends, outbox_history, contact_links",
        "UPDATE ON outbox",
        "UPDATE (until, ended_by) ON contact_links",
    ),
}
_NEEDED = """
CREATE FUNCTION sends_by_role() RETURNS trigger LANGUAGE plpgsql SET search_path = {path} AS $$
BEGIN
    IF role_in(NEW.entity) IN ('importer', 'administrator') THEN RETURN NEW; END IF;
    RAISE EXCEPTION '% needs the role importer', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
_GUARDED = {"outbox": "INSERT OR UPDATE", "sends": "INSERT", "outbox_history": "INSERT", "contact_links": "INSERT OR UPDATE"}


def _postgresql() -> None:
    bind = op.get_bind()
    path = f"{bind.dialect.identifier_preparer.quote(bind.scalar(sa.text('SELECT current_schema()')))}, pg_temp"
    for table in KEPT:
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION kept_for_ever()")
        _refuse_postgresql(table, "DELETE", "")
    for table in ("sends", "outbox_history"):
        _refuse_postgresql(table, "UPDATE", "")
    _refuse_postgresql("outbox", "UPDATE", f"WHEN (NOT ({_OWNED.format(same='NOT DISTINCT FROM')}))")
    _refuse_postgresql("contact_links", "UPDATE", f"WHEN (NOT ({_ENDED.format(same='NOT DISTINCT FROM')}))")
    bind.exec_driver_sql(_NEEDED.format(path=path).replace("%", "%%"))
    for table, acts in _GUARDED.items():
        op.execute(f"CREATE TRIGGER {table}_by_role BEFORE {acts} ON {table} FOR EACH ROW EXECUTE FUNCTION sends_by_role()")
    op.execute("DROP TRIGGER meta_by_role ON meta")
    ends = "OLD.name NOT IN ('end of history', 'end of ledger') OR NEW.name <> OLD.name"
    op.execute(f"CREATE TRIGGER meta_by_role BEFORE UPDATE ON meta FOR EACH ROW WHEN ({ends}) EXECUTE FUNCTION only_the_end()")
    granted = "\n    ".join(f"IF level >= {level} THEN EXECUTE format('GRANT {right} TO %I', who); END IF;" for level, rights in RIGHTS.items() for right in rights)
    function = before._RIGHTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    bind.exec_driver_sql(function.format(path=path, viewed=", ".join(VIEWED), counted=before.COUNTED, granted=granted).replace("%", "%%"))
    recorded = 'SELECT DISTINCT "user" AS name FROM roles WHERE "user" IN (SELECT rolname FROM pg_roles)'
    op.execute(f"SELECT rights_as_recorded(name) FROM ({recorded}) AS known")  # noqa: S608 # our own query


def _refuse_postgresql(table: str, act: str, when: str) -> None:
    op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION kept_for_ever()")
