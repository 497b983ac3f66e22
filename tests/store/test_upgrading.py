"""A filled store and the step to a next schema: killed, out of disk, raced for; as before or as after, never between (promise 15).

A next step is made here, of all that a step may do: a new column with values, a table made anew, an index, a trigger. It runs
through the same machinery. And a store of each earlier schema is made with the steps of its time, filled, and brought up to date.
"""

import secrets
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store import Store, backup, check, commit, open_store, opening, undo, upgrading
from invoice_rules.store.doings import doings
from invoice_rules.store.tables import SCHEMA, meta
from tests.store import faults
from tests.store.children import all_of
from tests.store.making import imported, on_file, planned, rows_of

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

NEXT = SCHEMA + 1
STEP = '''
"""For tests: what is paid, a table of problems with another column, an index."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "4"


def upgrade():
    op.add_column("invoices", sa.Column("paid", sa.BigInteger))
    op.execute("UPDATE invoices SET paid = amount - balance")
    op.create_index("paid_invoices", "invoices", ["paid"])
    op.execute("CREATE TABLE problems_new AS SELECT problems.*, 'import' AS stage FROM problems")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE problems")
    else:
        op.execute("DROP TABLE problems CASCADE")
    op.execute("ALTER TABLE problems_new RENAME TO problems")
    op.execute("CREATE TABLE payments (invoice INTEGER PRIMARY KEY, paid BIGINT NOT NULL)")
    op.execute("INSERT INTO payments SELECT id, paid FROM invoices WHERE paid > 0")
'''


@pytest.fixture
def next_version(monkeypatch, tmp_path):
    """From now on this program is the next version, which knows one schema more."""

    def arrive() -> None:
        steps = tmp_path / "steps"
        shutil.copytree(upgrading.STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
        (steps / "versions" / "step_9999_test.py").write_text(STEP)
        monkeypatch.setattr(upgrading, "STEPS", steps)
        for module in (upgrading, opening):
            monkeypatch.setattr(module, "SCHEMA", NEXT)

    return arrive


def filled(url) -> Store:
    """Three imports; the log has problems."""
    store = open_store(url)
    imported(store, rows_of(range(250)))
    imported(store, [*rows_of(range(200, 300), amountDue="100.00"), *rows_of([500], amount="x")])
    imported(store, rows_of(range(20), amountDue="0"))
    return store


def upgraded(store: Store) -> bool:
    """Whether the store has the new schema; that it has it wholly or not at all."""
    with store.reading() as connection:
        found = connection.execute(sa.select(meta.c.value).where(meta.c.name == "schema")).scalar_one()
        there = sa.inspect(connection)
        paid = "paid" in {column["name"] for column in there.get_columns("invoices")}
        stage = "stage" in {column["name"] for column in there.get_columns("problems")}
        index = "paid_invoices" in {named["name"] for named in there.get_indexes("invoices")}
        assert {paid, stage, index, there.has_table("payments")} == {found == str(NEXT)}
        assert not there.has_table("problems_new")
        if found == str(NEXT):
            assert connection.exec_driver_sql("SELECT count(*) FROM invoices WHERE paid = amount - balance").scalar() == 300
            assert connection.exec_driver_sql("SELECT sum(paid) FROM payments").scalar() == connection.exec_driver_sql("SELECT sum(paid) FROM invoices").scalar()
            assert connection.exec_driver_sql("SELECT count(*) FROM problems WHERE stage = 'import'").scalar() == 1
    return bool(found == str(NEXT))


def goes_on(store: Store) -> None:
    """After the step all is there as before, old batches can be undone and new ones made."""
    assert upgraded(store)
    assert undo(3, store).counts["restored"] == 20
    assert imported(store, rows_of(range(20), amountDue="0")).counts["updated"] == 20
    assert check(store) == []


def test_a_filled_store_is_brought_up_to_date(url, next_version):
    old = filled(url)
    books = on_file(old)
    next_version()
    made = open_store(url)
    assert on_file(made) == books
    assert made.upgrade() == 0
    goes_on(made)


def test_a_backup_of_the_old_store_comes_along_later(tmp_path, next_version):
    old = filled(tmp_path / "store.sqlite")
    copy = backup(old, tmp_path / "copy.sqlite")
    next_version()
    open_store(tmp_path / "store.sqlite")
    assert on_file(open_store(copy)) == on_file(old)
    goes_on(open_store(copy))


def test_a_step_that_fails_leaves_the_old_store(url, next_version):
    store = filled(url)
    next_version()
    with (upgrading.STEPS / "versions" / "step_9999_test.py").open("a") as step:
        step.write("    op.execute('INSERT INTO payments SELECT * FROM payments')\n    op.execute('no SQL at all')\n")
    with pytest.raises(sa.exc.DBAPIError):
        open_store(url)
    assert not upgraded(store)
    assert check(store) == []


def test_an_old_program_that_was_open_meanwhile_writes_no_more(url, next_version, monkeypatch):
    """It knows the old schema alone, and what it planned before does no harm after."""
    old = filled(url)
    ready = planned(old, rows_of([700]))
    next_version()
    books = on_file(open_store(url))
    monkeypatch.undo()
    for act in (lambda: commit(ready), lambda: undo(3, old), lambda: old.set_entity(title="Studio"), lambda: open_store(url)):
        with pytest.raises(CannotRun, match="newer version of invoice-rules.*Nothing was written"):
            act()
    assert on_file(old) == books
    assert check(old) == []


def test_several_programs_at_once_make_one_step(url, next_version):
    store = filled(url)
    books = on_file(store)
    next_version()
    with all_of(*[lambda say: say(f"STEPS {len(on_file(open_store(url)))}")] * 4) as children:
        assert [child.end() for child in children] == [["STEPS 300", "DONE"]] * 4
    assert on_file(store) == books
    goes_on(open_store(url))


class Upgrade:
    """A filled store of the old schema, put back before every fault."""

    def __init__(self, folder: Path):
        self.base, self.path = folder / "base.sqlite", folder / "store.sqlite"
        self.books = on_file(filled(self.base))

    def fresh(self) -> None:
        self.path.with_name(self.path.name + "-journal").unlink(missing_ok=True)
        shutil.copy(self.base, self.path)

    def act(self) -> None:
        open_store(self.path)

    def points(self, every: int) -> list[tuple[str, int]]:
        self.fresh()
        calls = faults.calls_of(self.act, self.path)
        assert len(calls) > 20
        return [*calls[::every], *calls[-3:]]

    def held(self, told: str) -> None:
        """Old or new; the next start finishes it, and nothing is lost."""
        with closing(sqlite3.connect(self.path)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            found = raw.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()[0]
        assert told != "DONE" or found == str(NEXT)
        store = open_store(self.path)
        assert upgraded(store)
        assert on_file(store) == self.books
        assert check(store) == []


EVERY = [pytest.param(10, id="every tenth call"), pytest.param(1, id="every call", marks=pytest.mark.nightly)]


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("fault", ["killed", "EIO", "ENOSPC"])
def test_a_step_broken_off_at_the_system_calls(fault, every, tmp_path, next_version):
    if missing := faults.strace_missing():
        pytest.skip(missing)
    scene = Upgrade(tmp_path)
    next_version()
    broken = 0
    for call, turn in scene.points(every if fault == "killed" or every == 1 else 3 * every):
        scene.fresh()
        told, ended = faults.killed(scene.act, call, turn) if fault == "killed" else faults.refused(scene.act, call, turn, fault)
        broken += ended == signal.SIGKILL or told.startswith("ERROR")
        scene.held(told)
    assert broken > 2
    goes_on(open_store(scene.path))


def of_schema(number: int, url: object, like: Store, monkeypatch, folder: Path) -> Store:
    """An older store as it lay on the disk then: made with the steps of its time, with the same content as far as it had tables for it."""
    steps = folder / f"steps {number}"
    later = [f"step_{step:04d}_*" for step in range(number + 1, SCHEMA + 1)]
    shutil.copytree(upgrading.STEPS, steps, ignore=shutil.ignore_patterns("__pycache__", *later))
    with monkeypatch.context() as then:
        then.setattr(upgrading, "STEPS", steps)
        for module in (upgrading, opening):
            then.setattr(module, "SCHEMA", number)
        old = open_store(url)
    with like.reading() as source, old.engine.begin() as target:
        tables = sa.MetaData()
        tables.reflect(target)
        kept = [table for table in tables.sorted_tables if table.name != "alembic_version" and sa.inspect(source).has_table(table.name)]
        if target.dialect.name == "postgresql":
            target.exec_driver_sql("SET LOCAL session_replication_role = replica")  # nobody has the roles yet that are copied
        for table in reversed(kept):
            target.execute(table.delete())
        for table in kept:
            rows = [dict(row) for row in source.execute(sa.select(doings if table.name == "outcomes" and number < 4 else table)).mappings()]
            if rows:
                target.execute(table.insert(), rows)
            if rows and target.dialect.name == "postgresql" and (key := next(iter(table.primary_key)).name) in ("id", "seq"):
                target.exec_driver_sql(f"SELECT setval(name, {len(rows)}) FROM pg_get_serial_sequence('{table.name}', '{key}') AS name WHERE name IS NOT NULL")
        target.execute(meta.update().where(meta.c.name == "schema").values(value=str(number)))
    return old


@pytest.mark.parametrize("number", range(1, SCHEMA))
def test_a_store_of_every_earlier_schema_is_brought_up_to_date(number, url, tmp_path, monkeypatch):
    new = filled(tmp_path / "new.sqlite")
    old = of_schema(number, url, new, monkeypatch, tmp_path)
    with old.reading() as connection:
        assert (sa.inspect(connection).has_table("lines"), sa.inspect(connection).has_table("outbox")) == (number == 1, number > 2)
    made = open_store(url)
    assert on_file(made) == on_file(new)
    with made.reading() as connection:
        assert (sa.inspect(connection).has_table("lines"), sa.inspect(connection).has_table("outbox")) == (False, True)
        assert upgrading.number(connection) == SCHEMA
    assert check(made) == []
    assert undo(3, made).counts["restored"] == 20
    assert made.grant("nobody" if made.address.path else "postgres", "administrator")
    assert check(made) == []


def test_users_of_a_server_may_do_what_their_role_allows_after_the_step(server, tmp_path, monkeypatch):
    """The tables of a step are theirs as soon as it is taken."""
    url, user = server.database(), "ida_" + secrets.token_hex(4)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'canary-password'")
    new = filled(tmp_path / "new.sqlite")
    new.grant(user, "importer")
    of_schema(SCHEMA - 1, url, new, monkeypatch, tmp_path)
    open_store(url)
    made = open_store(url.replace("postgres:", f"{user}:")).ledger("xero", "demo")
    assert made.find("paystand.receivables") == 300
    assert check(open_store(url)) == []
