"""Reference lists and roles; the unused table of lines goes. On PostgreSQL the server itself holds users to their roles. Frozen."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STANDING = sa.text("until IS NULL")
_REFUSED = "{table} are never changed or deleted"
_SAME = " AND ".join(f'NEW."{c}" IS {{same}} OLD."{c}"' for c in ("id", "entity", "kind", "key", "details", "version", "since"))
_ENDED = f"OLD.until IS NULL AND NEW.until IS NOT NULL AND {_SAME}"


def upgrade() -> None:
    op.drop_table("lines")
    _tables()
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _entity() -> sa.Column:
    return sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False)


def _tables() -> None:
    number = sa.Column("number", sa.Integer, primary_key=True, autoincrement=False)
    op.create_table("reference_changes", number, _entity(), *_texts("kind", "at", "user", "source", "sha256", "counts"))
    op.create_table(
        "reference_entries",
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("entity", sa.Integer, nullable=False),
        *_texts("kind", "key", "details"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer),
    )
    op.create_index("one_entry", "reference_entries", ["entity", "kind", "key"], unique=True, sqlite_where=STANDING, postgresql_where=STANDING)
    id_ = sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
    op.create_table("roles", id_, _entity(), *_texts("user", "role", "at", "granted_by"))


def _sqlite() -> None:
    for table, acts in {"reference_changes": "UPDATE DELETE", "roles": "UPDATE DELETE", "reference_entries": "DELETE"}.items():
        for act in acts.split():
            _refuse(table, act, "")
    _refuse("reference_entries", "UPDATE", f"WHEN NOT ({_ENDED.format(same='')})")


def _refuse(table: str, act: str, when: str) -> None:
    raises = f"SELECT RAISE(ABORT, '{_REFUSED.format(table=table)}')"
    op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {when} BEGIN {raises}; END")


# ---- PostgreSQL: what is kept for ever, and what users of the database may do by their roles

VIEWED = (
    "meta", "entities", "rule_sets", "invoices", "customers", "batches", "outcomes", "problems", "mappings", "corrections", "history", "attempts",
    "reference_changes", "reference_entries", "roles", "alembic_version",
)  # fmt: skip
IMPORTED = ", ".join(table for table in VIEWED if table not in ("meta", "entities", "roles", "alembic_version"))
COUNTED = "entities_id_seq, mappings_id_seq, corrections_id_seq, attempts_seq_seq"
RIGHTS = {
    1: (f"SELECT ON {', '.join(VIEWED)}",),
    2: (
        f"INSERT ON {IMPORTED}",
        "UPDATE ON invoices, customers",
        "UPDATE (active) ON mappings",
        "UPDATE (until) ON reference_entries",
        "UPDATE (value) ON meta",
        "UPDATE (revision) ON entities",
        f"USAGE ON SEQUENCE {COUNTED}",
    ),
    3: (
        "INSERT, DELETE ON meta",
        "INSERT, UPDATE ON entities",
        "INSERT ON roles",
        "UPDATE (before) ON outcomes",
        "UPDATE (value, message) ON problems",
    ),
}
"""What each level (viewer, importer, administrator) has beside what the levels below have."""

_ROLE_IN = """
CREATE FUNCTION role_in(books integer) RETURNS text LANGUAGE sql STABLE SET search_path = {path} AS $$
    WITH last AS (SELECT DISTINCT ON ("user") "user" AS who, role FROM roles WHERE entity = books ORDER BY "user", id DESC)
    SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM last WHERE role <> '') THEN 'administrator'
                ELSE coalesce((SELECT role FROM last WHERE who = session_user::text), '') END
$$
"""
_NEEDED = """
CREATE FUNCTION needs_role() RETURNS trigger LANGUAGE plpgsql SET search_path = {path} AS $$
DECLARE
    line jsonb := to_jsonb(NEW);
    ladder text[] := ARRAY['viewer', 'importer', 'administrator'];
    needed text := 'importer';
    held text;
BEGIN
    IF TG_TABLE_NAME = 'roles' OR (TG_TABLE_NAME = 'mappings' AND line->>'name' = '') OR (TG_TABLE_NAME = 'batches' AND line->>'kind' = 'purge')
        THEN needed := 'administrator'; END IF;
    IF TG_TABLE_NAME = 'entities' THEN
        line := line || jsonb_build_object('entity', line->'id');
        IF line - 'revision' - 'entity' <> to_jsonb(OLD) - 'revision' THEN needed := 'administrator'; END IF;
    END IF;
    held := role_in((line->>'entity')::integer);
    IF coalesce(array_position(ladder, held), 0) < array_position(ladder, needed) THEN
        RAISE EXCEPTION '% needs the role %', TG_TABLE_NAME, needed USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
_META = """
CREATE FUNCTION only_the_end() RETURNS trigger LANGUAGE plpgsql SET search_path = {path} AS $$
BEGIN
    IF NOT has_table_privilege(session_user, 'roles', 'INSERT') THEN
        RAISE EXCEPTION 'meta needs the role administrator' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
_RIGHTS = """
CREATE FUNCTION rights_as_recorded(who text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {path} AS $$
DECLARE level integer;
BEGIN
    IF who = current_user THEN RETURN; END IF;
    SELECT coalesce(max(array_position(ARRAY['viewer', 'importer', 'administrator'], role)), 0) INTO level
        FROM roles a WHERE "user" = who AND NOT EXISTS (SELECT 1 FROM roles b WHERE b.entity = a.entity AND b."user" = who AND b.id > a.id);
    EXECUTE format('REVOKE ALL ON {viewed} FROM %I', who);
    EXECUTE format('REVOKE ALL ON SEQUENCE {counted} FROM %I', who);
    {granted}
END $$
"""
_GUARDED = {"batches": "INSERT", "reference_changes": "INSERT", "corrections": "INSERT", "mappings": "INSERT OR UPDATE", "roles": "INSERT", "entities": "UPDATE"}


def _postgresql() -> None:
    bind = op.get_bind()
    path = f"{bind.dialect.identifier_preparer.quote(bind.scalar(sa.text('SELECT current_schema()')))}, pg_temp"
    for table in ("reference_changes", "roles", "reference_entries"):
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION kept_for_ever()")
        _refuse_row(table, "DELETE", "")
    for table in ("reference_changes", "roles"):
        _refuse_row(table, "UPDATE", "")
    _refuse_row("reference_entries", "UPDATE", f"WHEN (NOT ({_ENDED.format(same='NOT DISTINCT FROM')}))")
    granted = "\n    ".join(f"IF level >= {level} THEN EXECUTE format('GRANT {right} TO %I', who); END IF;" for level, rights in RIGHTS.items() for right in rights)
    for function in (_ROLE_IN, _NEEDED, _META, _RIGHTS):
        bind.exec_driver_sql(function.format(path=path, viewed=", ".join(VIEWED), counted=COUNTED, granted=granted).replace("%", "%%"))
    for table, acts in _GUARDED.items():
        op.execute(f"CREATE TRIGGER {table}_by_role BEFORE {acts} ON {table} FOR EACH ROW EXECUTE FUNCTION needs_role()")
    op.execute("CREATE TRIGGER meta_by_role BEFORE UPDATE ON meta FOR EACH ROW WHEN (OLD.name <> 'end of history') EXECUTE FUNCTION only_the_end()")


def _refuse_row(table: str, act: str, when: str) -> None:
    op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION kept_for_ever()")
