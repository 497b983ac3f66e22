"""The first schema: every table, and the triggers that keep history append-only. Frozen: later changes are later steps."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
metadata = sa.MetaData()


def _whole(column: str) -> sa.CheckConstraint:
    """SQLite would take any type: amounts are whole numbers or nothing."""
    return sa.CheckConstraint(f"typeof({column}) IN ('integer', 'null')", name=f"whole_{column}").ddl_if(dialect="sqlite")


def _record() -> list[sa.Column]:
    """What invoices and customers have in common. `created` and `changed` are batch numbers."""
    return [
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("entity", sa.Integer, nullable=False),
        sa.Column("rules", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("in_force", sa.SmallInteger, nullable=False),
    ]


def _one_in_force(name: str, *columns: str) -> sa.Index:
    """Keys are unique among the records in force, by the database itself (X-18)."""
    force = sa.text("in_force = 1")
    return sa.Index(name, *columns, unique=True, sqlite_where=force, postgresql_where=force)


meta = sa.Table("meta", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))

entities = sa.Table(
    "entities",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("currency", sa.Text, nullable=False, server_default=""),
    sa.Column("environment", sa.Text, sa.CheckConstraint("environment IN ('live', 'test')", name="live_or_test"), nullable=False),
    sa.Column("closed_until", sa.Text),
    sa.Column("revision", BIG, nullable=False),
)

rule_sets = sa.Table(
    "rule_sets", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text, nullable=False, unique=True)
)

invoices = sa.Table(
    "invoices",
    metadata,
    *_record(),
    *[sa.Column(name, sa.Text) for name in ("number", "customer", "customer_name", "email", "date", "due_date", "currency")],
    sa.Column("amount", sa.BigInteger),
    sa.Column("balance", sa.BigInteger),
    sa.Column("status", sa.Text),
    sa.Column("sent", sa.Text),
    _whole("amount"),
    _whole("balance"),
    _one_in_force("one_invoice", "entity", "rules", "key"),
)

lines = sa.Table(
    "lines",
    metadata,
    sa.Column("invoice", BIG, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("amount", sa.BigInteger),
    sa.Column("details", sa.Text, nullable=False),
    _whole("amount"),
)

customers = sa.Table(
    "customers",
    metadata,
    *_record(),
    *[sa.Column(name, sa.Text) for name in ("name", "email", "contact")],
    sa.Column("complete", sa.SmallInteger, nullable=False),
    _one_in_force("one_customer", "entity", "rules", "key"),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("rules", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, sa.ForeignKey("batches.number"), unique=True),
    sa.Column("receipt", sa.Text, nullable=False),
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.Integer),
    sa.Column("outcome", sa.SmallInteger, nullable=False),
    sa.Column("invoice", BIG),
    sa.Column("customer", BIG),
    sa.Column("key", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("before", sa.Text),
    sqlite_with_rowid=False,
)
_had_before = sa.text("before IS NOT NULL")
sa.Index("invoice_images", outcomes.c.invoice, outcomes.c.version, sqlite_where=_had_before, postgresql_where=_had_before)
sa.Index("customer_images", outcomes.c.customer, outcomes.c.version, sqlite_where=_had_before, postgresql_where=_had_before)

problems = sa.Table(
    "problems",
    metadata,
    sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.Integer),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("cell", "field", "rule", "severity", "value", "message")],
)

mappings = sa.Table(
    "mappings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("rules", "name")],
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.SmallInteger, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("content", "at", "user")],
    sa.UniqueConstraint("entity", "rules", "name", "version", name="one_mapping_version"),
    sa.Index(
        "one_active_mapping", "entity", "rules", "name", unique=True, sqlite_where=sa.text("active = 1"), postgresql_where=sa.text("active = 1")
    ),
)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("rules", "sender")],
    sa.Column("version", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("content", "at", "user")],
    sa.UniqueConstraint("entity", "rules", "sender", "version", name="one_corrections_version"),
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("batch", sa.Integer),
    sa.Column("payload", sa.Text, nullable=False),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("batch", "kind", "state", "at", "user", "rules", "source", "process", "reason")],
)

_UNTOUCHABLE = ("batches", "history", "attempts")
_KEPT = (*_UNTOUCHABLE, "outcomes", "problems", "invoices", "customers")
_PURGING = "EXISTS (SELECT 1 FROM meta WHERE name = 'purging')"
_SAME_OUTCOME = " AND ".join(f"NEW.{c} IS {{same}} OLD.{c}" for c in ("batch", "seq", '"row"', "outcome", "invoice", "customer", "key", "version"))
_SAME_PROBLEM = " AND ".join(f"NEW.{c} IS {{same}} OLD.{c}" for c in ("batch", "seq", '"row"', "cell", "field", "rule", "severity"))
_BLANKED = {
    "outcomes": _SAME_OUTCOME + " AND OLD.before IS NOT NULL AND NEW.before LIKE 'sha256:%'",
    "problems": _SAME_PROBLEM + " AND NEW.value = '' AND NEW.message LIKE 'sha256:%'",
}


def upgrade() -> None:
    bind = op.get_bind()
    metadata.create_all(bind)
    (_sqlite if bind.dialect.name == "sqlite" else _postgresql)()


def _sqlite() -> None:
    for table in _KEPT:
        _refuse_sqlite(table, "DELETE", "")
    for table in _UNTOUCHABLE:
        _refuse_sqlite(table, "UPDATE", "")
    for table, blanked in _BLANKED.items():
        _refuse_sqlite(table, "UPDATE", f"WHEN NOT ({_PURGING} AND {blanked.format(same='')})")


def _refuse_sqlite(table: str, act: str, when: str) -> None:
    raises = f"SELECT RAISE(ABORT, '{table} are never changed or deleted')"
    op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {when} BEGIN {raises}; END")


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION kept_for_ever() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% are never changed or deleted', TG_TABLE_NAME; END $$"
    )
    for table in _KEPT:
        _refuse_postgresql(table, "DELETE", "")
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION kept_for_ever()")
    for table in _UNTOUCHABLE:
        _refuse_postgresql(table, "UPDATE", "")
    for table, blanked in _BLANKED.items():
        _blanked_postgresql(table, blanked.format(same="NOT DISTINCT FROM"))


def _refuse_postgresql(table: str, act: str, when: str) -> None:
    op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION kept_for_ever()")


def _blanked_postgresql(table: str, blanked: str) -> None:
    """A trigger's WHEN may not hold a subquery there: the function asks."""
    op.execute(
        f"CREATE FUNCTION {table}_only_purged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {_PURGING} AND {blanked} THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION '{table} are never changed or deleted'; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_only_purged()")
