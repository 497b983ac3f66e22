"""Created records tell themselves where they stood in their batch, in place of a row of outcomes each; the batch keeps their ids. Frozen."""

import sqlalchemy as sa
from alembic import op

from invoice_rules.store.migrations.versions import step_0002_references as second
from invoice_rules.store.migrations.versions import step_0003_sending as before

revision = "4"
down_revision = "3"

RECORDS = ("invoices", "customers")
VIEWED = (*before.VIEWED, "arrivals")
RIGHTS = {**before.RIGHTS, 1: (f"SELECT ON {', '.join(VIEWED)}",), 2: (*before.RIGHTS[2], "INSERT ON arrivals")}


def upgrade() -> None:
    for table in RECORDS:
        for name in ("seq", "row"):
            op.add_column(table, sa.Column(name, sa.Integer))
    of_batch: list[sa.Column] = [sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False), sa.Column("records", sa.Text, primary_key=True)]
    op.create_table("arrivals", *of_batch, *[sa.Column(name, before.BIG, nullable=False) for name in ("first", "last")])
    (_sqlite if op.get_bind().dialect.name == "sqlite" else _postgresql)()


def _sqlite() -> None:
    for act in ("DELETE", "UPDATE"):
        before._refuse_sqlite("arrivals", act, "")
    for table in RECORDS:
        raises = f"SELECT RAISE(ABORT, 'where {table} came from is never changed')"  # noqa: S608 # our own names
        op.execute(f'CREATE TRIGGER {table}_came_so BEFORE UPDATE OF seq, "row" ON {table} BEGIN {raises}; END')


def _postgresql() -> None:
    bind = op.get_bind()
    path = f"{bind.dialect.identifier_preparer.quote(bind.scalar(sa.text('SELECT current_schema()')))}, pg_temp"
    op.execute("CREATE TRIGGER arrivals_no_truncate BEFORE TRUNCATE ON arrivals EXECUTE FUNCTION kept_for_ever()")
    for act in ("DELETE", "UPDATE"):
        before._refuse_postgresql("arrivals", act, "")
    for table in RECORDS:
        op.execute(f'CREATE TRIGGER {table}_came_so BEFORE UPDATE OF seq, "row" ON {table} FOR EACH ROW EXECUTE FUNCTION kept_for_ever()')
        op.execute(f"ALTER TABLE {table} ALTER version SET DEFAULT 1, ALTER in_force SET DEFAULT 1")
    granted = "\n    ".join(f"IF level >= {level} THEN EXECUTE format('GRANT {right} TO %I', who); END IF;" for level, rights in RIGHTS.items() for right in rights)
    function = second._RIGHTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    bind.exec_driver_sql(function.format(path=path, viewed=", ".join(VIEWED), counted=second.COUNTED, granted=granted).replace("%", "%%"))
    recorded = 'SELECT DISTINCT "user" AS name FROM roles WHERE "user" IN (SELECT rolname FROM pg_roles)'
    op.execute(f"SELECT rights_as_recorded(name) FROM ({recorded}) AS known")  # noqa: S608 # our own query
