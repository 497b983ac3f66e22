"""`mapping`, `entity`, `store`, `demo`: what the store keeps besides invoices, and its care."""

import shutil

import pytest

from invoice_rules.folders import missing_store
from tests.cli.conftest import HEAD, RULES, row


@pytest.fixture
def at(run, store):
    """Call a command on the test's own store."""
    return lambda *args: run(*args, "--store", store)


def test_a_mapping_is_saved_and_used_again(at, write):  # S3-15, S3-16
    other = HEAD.replace("Amount due", "Something").replace("Canceled", "Flag")
    file = write(row(1), head=other)
    saved = at("map", file, *RULES, "--map", "amountDue=Something", "--set", "isCanceled=no", "--save", "miller")
    assert saved.code == 0
    assert 'Saved as "miller", version 1.' in saved.out
    assert at("check", file, *RULES).code == 1
    used = at("check", file, "--mapping", "miller", "--json")
    assert (used.code, used.json[0]["mapping"]["amountDue"]["how"], used.json[0]["mapping"]["isCanceled"]["how"]) == (0, "saved", "setting")
    assert "miller" in at("mapping", "list").out
    assert "Something" in at("mapping", "show", "miller").out
    assert at("mapping", "show", "miller", "--json").json[0]["mapping"]["amountDue"] == "Something"
    assert at("mapping", "delete", "miller").code == 2
    assert at("mapping", "delete", "miller", "--yes").code == 0
    assert at("mapping", "list", "--json").json == []


def test_the_default_mapping_needs_no_name(at, write):  # S3-16
    file = write(row(1), head=HEAD.replace("Amount due", "Something"))
    at("map", file, *RULES, "--map", "amountDue=Something", "--save", "default")
    assert at("check", file, *RULES).code == 0
    assert "default" in at("mapping", "list").out


def test_entities_keep_their_books_apart(at, write):
    assert at("entity", "add", "shop", "--title", "The Shop", "--currency", "eur").code == 0
    (found,) = at("import", write(row(1)), *RULES, "--yes", "--entity", "shop", "--json").json
    assert (found["entity"], found["totals"]) == ("shop", {"EUR": {"amount": "100.00", "amountDue": "100.00"}})
    assert at("invoices", "--json").json == []
    assert len(at("invoices", "--json", "--entity", "shop").json) == 1
    changed = at("entity", "set", "shop", "--closed-until", "2026-11-30", "--environment", "test", "--json").json
    assert (changed[0]["closed_until"], changed[0]["environment"]) == ("2026-11-30", "test")
    assert at("entity", "set", "shop", "--reopen", "--json").json[0]["closed_until"] is None
    assert [one["name"] for one in at("entity", "list", "--json").json] == ["main", "shop"]
    assert "The Shop" in at("entity", "list").out
    assert at("invoices", "--entity", "nobody").code == 2
    assert "Write a day of the calendar" in at("entity", "set", "shop", "--closed-until", "31/12/2026").err


def test_closed_books_are_closed(at, write):
    at("entity", "set", "main", "--closed-until", "2026-11-30")
    assert at("import", write(row(1)), *RULES, "--yes").code == 1


def test_the_store_is_made_checked_copied_and_purged(at, run, write, store, home):  # S3-20
    assert run("store", "upgrade", "--store", "new/new.sqlite").code == 0
    assert (home / "new" / "new.sqlite").is_file()
    assert at("store", "upgrade", "--json").json[0]["store"] == store
    at("import", write(row(1)), *RULES, "--yes")
    assert "Nothing is wrong" in at("store", "check").out
    assert at("store", "check", "--json").json[0]["problems"] == []
    assert at("store", "backup", "copy.sqlite").code == 0
    assert len(run("invoices", "--store", "copy.sqlite", "--json").json) == 1
    assert at("store", "backup", "copy.sqlite").code == 2
    assert at("store", "purge", "--older-than", 10, "--yes").code == 2
    assert at("store", "purge", "--older-than", 60).code == 2
    assert at("store", "purge", "--older-than", 60, "--yes").code == 0


def test_a_damaged_history_is_told(at, write, store):
    import sqlite3

    at("import", write(row(1)), *RULES, "--yes")
    with sqlite3.connect(store) as database:
        database.execute("UPDATE invoices SET amount = 1")
    database.close()
    wrong = at("store", "check")
    assert wrong.code == 1
    assert "Keep a copy" in wrong.out


def test_a_store_that_is_a_missing_file_is_known_without_opening_it(home):
    (home / "there.sqlite").write_bytes(b"")
    assert [missing_store(url) for url in (None, "not.sqlite", f"sqlite:///{home}/not.sqlite")] == [True, True, True]
    assert [missing_store(url) for url in ("there.sqlite", f"sqlite:///{home}/there.sqlite", "postgresql://ada@host/books")] == [False, False, False]


def test_a_folder_is_no_store(run, write, home):
    (home / "books").mkdir()
    for command in (("history",), ("check", write(row(1)), *RULES), ("import", "may.csv", *RULES, "--yes"), ("import", "may.csv", *RULES, "--dry-run")):
        for named in ("books", f"sqlite:///{home}/books"):
            done = run(*command, "--store", named)
            assert done.code == 2 and "books is a folder, and a store is a file. Name the file too, such as" in " ".join(done.err.split())
    assert "such as books/store.sqlite." in run("history", "--store", "books").err.replace("\\", "/")
    (home / "books" / "shop.sqlite").write_bytes(b"")
    assert "such as books/shop.sqlite." in run("history", "--store", "books").err.replace("\\", "/")


def test_the_demonstration_works_twice(run, home):
    first = run("demo", "demo")
    assert first.code == 0
    assert "What changes" in first.out
    assert "unchanged" in first.out
    (october, november) = run("demo", "demo", "--json").json
    assert (october["created"] > 20, october["rejected"] >= 10) == (True, True)
    assert min(november["created"], november["updated"], november["unchanged"]) > 0
    assert len(list((home / "demo").glob("*to fix*.xlsx"))) == 4
    listed = run("invoices", "--store", "demo/demo.sqlite", "--json").json
    assert len(listed) == len({one["key"] for one in listed}) == october["created"] + november["created"]
    shutil.rmtree(home / "demo")
