"""Secrets and people's data that must not turn up where they do not belong (promises 13 and 14; S3-20)."""

import datetime as dt
import json
import sqlite3
import subprocess
import traceback
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from invoice_rules import trouble
from invoice_rules.cli import app
from invoice_rules.errors import CannotRun
from invoice_rules.store import Store, backup, check, commit, history, open_store, purge, receipt, retention, undo, verify_receipt
from tests.store.making import imported, on_file, planned, rows_of, written_file

PASSWORD, TOKEN = "canary-password", "sk_live_c4n4ry51e6"
PERSON = ("Canary Jane Doe", "jane.canary@doe.example")


def everything(store: Store) -> str:
    """Every cell of every table."""
    with store.reading() as connection:
        tables = sa.inspect(connection).get_table_names()
        return repr([connection.exec_driver_sql(f'SELECT * FROM "{table}"').all() for table in tables])


def shown(store: Store) -> str:
    """Everything by which a store and what it gives show themselves."""
    made = receipt(1, store)
    things = [store, store.address, store.engine, store.url, store.label, store.context(), store.entity, made, made.to_dict(), made.summary()]
    return " ".join([*[f"{thing!r} {thing}" for thing in things], history(store).to_string(), made.to_frame().to_string(), json.dumps(made.to_dict(), default=str)])


@pytest.mark.parametrize("place", ["{url}", "{bare}?password={password}", "{url}?sslpassword={password}"])
def test_a_password_stays_in_the_address(place, server, tmp_path, monkeypatch):  # promise 13
    url = server.database()
    assert PASSWORD in url
    given = place.format(url=url, bare=url.replace(f":{PASSWORD}@", "@"), password=PASSWORD)
    store = open_store(given)
    imported(store, rows_of(range(3)))
    undo(1, store)
    assert PASSWORD not in shown(store)
    assert PASSWORD not in everything(store)
    commands: list[str] = []

    def copy(words: list[str], **_: object) -> subprocess.CompletedProcess:
        commands.extend(words)
        Path(next(word for word in words if word.startswith("--file="))[7:]).write_bytes(b"a copy")
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr("invoice_rules.store.backups.subprocess.run", copy)
    monkeypatch.setattr("invoice_rules.store.backups.shutil.which", lambda name: f"/somewhere/{name}")
    backup(store, tmp_path / "copy.dump")
    assert commands and PASSWORD not in " ".join(commands)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{PASSWORD}@127.0.0.1:1/books",
        f"postgresql://127.0.0.1:1/books?user=ada&password={PASSWORD}",
        f"postgresql://ada:{PASSWORD}@/",
        f"mysql://ada:{PASSWORD}@db/books",
        f"postgresql://ada:{PASSWORD}@db:port/books",
    ],
)
def test_an_address_that_fails_keeps_its_password(url):  # promise 13
    with pytest.raises(CannotRun) as caught:
        open_store(url)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def _run(*words: str) -> str:
    """All that a command prints."""
    result = CliRunner().invoke(app, list(words))
    return result.stdout + result.stderr


def test_the_command_line_never_prints_a_password(server, tmp_path, monkeypatch):  # promise 13
    url = server.database()
    file = written_file(tmp_path / "october.csv", range(5))
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(trouble, "log_folder", lambda: tmp_path / "log")
    said = _run("import", str(file), "--rules", "paystand.receivables", "--yes", "--store", url)
    assert "5" in said
    for command in (["history"], ["receipt", "1"], ["invoices"], ["config"], ["store", "check"], ["store", "upgrade"], ["entity", "list"], ["undo", "1", "--yes"]):
        for form in ([], ["--json"]):
            said += _run(*command, *form, "--store", url)
    monkeypatch.setattr("invoice_rules.store.proofs.check", _breaks)
    monkeypatch.setattr("invoice_rules.store.check", _breaks)
    for given in (url, f"{url}?sslpassword={PASSWORD}", url.replace("postgres:", ":")):
        said += _run("store", "check", "--store", given)
    logs = [path.read_text() for path in (tmp_path / "log").glob("*.log")]
    assert any("moon" in text for text in logs)
    assert PASSWORD not in said + "".join(logs)


def _breaks(*_: object) -> None:
    raise RuntimeError("the moon is out")


def test_a_token_among_the_settings_is_refused_and_not_repeated(store):  # promise 13
    for name in ("token", "api_key", "Authorization", "password"):
        with pytest.raises(CannotRun, match="There is no setting") as caught:
            imported(store, rows_of([0]), settings={name: TOKEN})
        assert TOKEN not in str(caught.value)
    assert TOKEN not in everything(store)


def test_what_our_own_mistakes_say_quotes_no_row(store, monkeypatch):  # promise 14
    """The line that says why an import failed is kept for ever, and errors of databases like to quote what they were given."""
    ready = planned(store, rows_of(range(3), customerName=PERSON[0], contactEmail=PERSON[1]))
    imported(store, rows_of(range(1), customerName=PERSON[0], contactEmail=PERSON[1]))
    with store.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE entities SET revision = {ready.revision}")  # as if two had been given the same books
    with pytest.raises((sa.exc.IntegrityError, sqlite3.IntegrityError, psycopg.IntegrityError)) as caught:
        commit(ready)
    text = "".join(traceback.format_exception(caught.value))
    assert not [word for word in PERSON if word in text], text
    told = history(store).iloc[0]
    assert told["state"] == "failed"
    assert told["reason"] in [f"Stopped by {name}. Nothing was written." for name in ("IntegrityError", "UniqueViolation")]


@pytest.fixture
def years_later(monkeypatch):
    def pass_days(days: int) -> None:
        real = dt.datetime.now(dt.UTC)
        monkeypatch.setattr(retention, "days_ago", lambda n: (real + dt.timedelta(days=days - n)).isoformat(timespec="seconds"))

    return pass_days


def _bytes(store: Store) -> bytes:
    """The store's file as anybody who gets hold of it can read it."""
    path = store.address.path
    assert path is not None and not Path(f"{path}-journal").exists()
    return path.read_bytes()


def test_what_was_purged_is_not_in_the_file_any_more(lite, years_later):  # promise 14, S3-20
    """The log after 60 days, earlier values after the retention period: not even in the gaps that the database left."""
    store = lite()
    imported(store, rows_of(range(40), customerName=PERSON[0], contactEmail=PERSON[1]))
    imported(store, [*rows_of(range(40), customerName="Somebody Else", contactEmail="ap@else.example"), *rows_of([90], contactEmail="late canary at doe")])
    with store.writing() as connection:  # the customers too are somebody else's by now
        connection.exec_driver_sql("UPDATE customers SET name = 'Somebody Else', email = 'ap@else.example'")
    assert b"late canary at doe" in _bytes(store) and PERSON[1].encode() in _bytes(store)
    years_later(61)
    purge(store, 60)
    assert b"late canary" not in _bytes(store) and PERSON[1].encode() in _bytes(store)
    years_later(4_000)
    purge(store, 60)
    left = _bytes(store)
    assert not [word for word in PERSON if word.encode() in left]
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def test_after_a_purge_the_chain_and_the_receipts_still_hold(store, years_later):  # promises 10 and 14
    first = imported(store, rows_of(range(20)))
    second = imported(store, [*rows_of(range(10), amountDue="0"), *rows_of([90], contactEmail="late canary at doe")])
    kept = [receipt(made.batch, store) for made in (first, second)]
    years_later(4_000)
    purge(store, 60, "ada")
    assert "late canary" not in everything(store)
    assert [receipt(made.batch, store) for made in kept] == kept
    assert check(store) == []
    assert [says for number in (1, 2, 3) for _, fits, says in verify_receipt(number, store) if not fits] == []
    assert imported(store, rows_of(range(20), amountDue="0")).counts["updated"] == 10
    assert len(on_file(store)) == 20
    assert check(store) == []


def test_an_import_of_another_person_leaves_no_trace_of_who_was_not_let_in(lite, years_later):  # promise 14
    """A customer of a rejected row is in the log alone, and goes with it."""
    store = lite()
    imported(store, [*rows_of([0]), *rows_of([1], customerName=PERSON[0], contactEmail="jane at doe", extCustomerId="C-9")])
    years_later(61)
    purge(store, 60)
    assert not [word for word in (PERSON[0], "jane at doe") if word.encode() in _bytes(store)]
