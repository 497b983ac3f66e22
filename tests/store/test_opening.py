"""Where stores are, how they open, and what they say when they cannot (promises 13 and 15; X-18)."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from invoice_rules.errors import CannotRun
from invoice_rules.folders import STORE_VARIABLE
from invoice_rules.store import addresses, commit, history, open_store, upgrading
from invoice_rules.store.tables import SCHEMA, meta, metadata
from tests.store.making import imported, on_file, planned, rows_of


def test_the_steps_make_the_tables_that_the_program_knows(store):  # promise 15
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": lambda name, kind, _: name != "alembic_version"})
        assert [change for change in compare_metadata(context, metadata) if change[0] != "remove_table"] == []


def test_an_up_to_date_store_opens_without_the_migration_machinery(lite):
    path = lite().address.path
    code = f"import sys; from invoice_rules.store import open_store; open_store({str(path)!r}); assert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_newer_schema_is_refused(store, url):  # promise 15
    with store.writing() as connection:
        connection.execute(meta.update().where(meta.c.name == "schema").values(value=str(SCHEMA + 1)))
    with pytest.raises(CannotRun, match="newer version of invoice-rules.*Nothing was written"):
        open_store(url)


def test_a_migration_that_fails_leaves_nothing(url, monkeypatch):  # promise 15
    def broken(connection):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "_first_rows", broken)
        with pytest.raises(RuntimeError):
            open_store(url)
    made = open_store(url)
    assert made.entity.name == "main"


def test_somebody_elses_database_is_left_alone(url):
    made = open_store(url)
    other = sa.create_engine(made.address.url)
    with other.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
        if other.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TABLE meta")
        else:
            connection.exec_driver_sql("ALTER TABLE meta RENAME TO moved")
    other.dispose()
    with pytest.raises(CannotRun, match="other tables and no store"):
        open_store(url)


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 500)
    with pytest.raises(CannotRun, match="no SQLite file"):
        open_store(tmp_path / "letter.txt")


def test_the_settings_that_power_cuts_need(lite):  # promise 2
    with lite().reading() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert asked == {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1}


def test_the_default_is_the_environments_else_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path / "mine.sqlite"))
    assert addresses.address().path == tmp_path / "mine.sqlite"
    monkeypatch.delenv(STORE_VARIABLE)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / name)
    assert addresses.address().path == tmp_path / "invoice-rules" / "store.sqlite"


@pytest.mark.parametrize("given", ["{path}", "sqlite:///{path}"])
def test_paths_and_urls(given, tmp_path):
    made = open_store(given.format(path=tmp_path / "some folder" / "books.sqlite"))
    assert made.address.path == tmp_path / "some folder" / "books.sqlite"


@pytest.mark.parametrize("name", ["o d?d/x.db", "x.db?mode=ro", "x.db?"])
def test_a_question_mark_never_ends_the_name_of_a_file(name, tmp_path):
    with pytest.raises(CannotRun, match="takes nothing behind a question mark. .* write %3F for it, or give the path alone"):
        addresses.address(f"sqlite:///{tmp_path / name}")
    assert addresses.address(f"sqlite:///{tmp_path / name}".replace("?", "%3F")).path == addresses.address(str(tmp_path / name)).path == tmp_path / name
    assert list(tmp_path.iterdir()) == []


def test_other_signs_of_an_address_belong_to_the_name(tmp_path):
    assert addresses.address(f"sqlite:///{tmp_path}/a#b&c=d;é.db").path == tmp_path / "a#b&c=d;é.db"


def test_a_password_is_never_shown():  # promise 13
    given = "postgresql://ada:s3cret@db.example:5432/books?sslpassword=s3cret"
    found = addresses.address(given)
    assert "s3cret" not in found.label
    assert found.label == "postgresql://ada@db.example:5432/books"
    assert found.url.password == "s3cret"


def test_a_server_that_is_not_there_says_so_without_the_password():  # promise 13
    with pytest.raises(CannotRun, match="did not answer.*Nothing was written") as caught:
        open_store("postgresql://ada:s3cret@127.0.0.1:1/books")
    assert "s3cret" not in str(caught.value)


def test_a_wrong_password_and_a_wrong_database(server):  # promise 13
    url = server.database()
    with pytest.raises(CannotRun, match="did not accept the password") as caught:
        open_store(url.replace("canary-password", "wrong-password"))
    assert "wrong-password" not in str(caught.value)
    with pytest.raises(CannotRun, match="There is no database"):
        open_store(url.replace("store_", "nothing_"))


@pytest.mark.parametrize("url", ["mysql://ada@db/books", "sqlite:///:memory:", "postgresql://ada@db"])
def test_other_addresses_are_refused(url):
    with pytest.raises(CannotRun):
        addresses.address(url)


def test_an_unknown_entity_is_named_with_those_that_there_are(url):
    open_store(url).add_entity("studio")
    with pytest.raises(CannotRun, match="no entity named 'acme'.*main, studio"):
        open_store(url, "acme")


def test_network_drives_are_refused_unless_forced(tmp_path, monkeypatch):
    monkeypatch.setattr(addresses, "network_drive", lambda path: "cifs")
    with pytest.raises(CannotRun, match="network drive"):
        open_store(tmp_path / "far.sqlite")
    assert open_store(tmp_path / "far.sqlite", force=True).entity.name == "main"


def test_the_kernels_list_of_mounts_is_read(tmp_path):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:40 / /mnt/team\\040share rw - cifs //server/team rw\n3 2 8:2 / /mnt/team\\040share/local rw - xfs /dev/sdb rw\n"
    )
    kinds = {path: addresses._linux(Path(path), mounts) for path in ("/home/ada", "/mnt/team share/books", "/mnt/team share/local/books")}
    assert kinds == {"/home/ada": "", "/mnt/team share/books": "cifs", "/mnt/team share/local/books": ""}


def test_a_store_that_may_not_be_written(lite):
    """A superuser may write every file, so the connection itself is told not to."""
    made = lite()
    ready = planned(made, rows_of(range(2)))
    sa.event.listen(made.engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only=ON"))
    with pytest.raises(CannotRun, match="may not be written.*Nothing was written"):
        commit(ready)


def test_a_full_disk_leaves_the_store_as_it_was(lite):  # promise 1
    made = lite()
    imported(made, rows_of(range(3)))
    ready = planned(made, rows_of(range(3, 3_000)))
    pages = _pages(made)
    sa.event.listen(made.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + 10}"))
    with pytest.raises(CannotRun, match="is full. Make room and try again. Nothing was written"):
        commit(ready)
    again = lite()
    assert len(on_file(again)) == 3
    assert history(again)["state"].tolist()[0] == "failed"
    assert again.check() == []
    assert imported(again, rows_of(range(3, 6))).counts["created"] == 3


def _pages(store) -> int:
    with store.reading() as connection:
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar())
