"""A folder of files: found, judged like on the command line, told in a table, and ended with the right code."""

import pytest

from invoice_rules import CannotRun, Outcome, open_store, samples, trouble
from invoice_rules.notebook import Batch, books
from invoice_rules.notebook import batch as batches
from invoice_rules.notebook.finding import found_files
from tests.cli.conftest import HEAD, home, row, run  # noqa: F401 # fixtures

RULES = "paystand.receivables"


@pytest.fixture
def inbox(tmp_path):
    """A folder with a good file, one with a mistake, one that cannot be read, and what is no file to import."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    write = lambda name, *rows: (folder / name).write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")  # noqa: E731 # three words, used four times
    write("10 good.csv", row(1), row(2))
    write("9 bad.csv", row(3), row(4, due="120.00"))
    write("2026 - to fix 2026-11-21 14.02.xlsx", row(9))
    write("~$10 good.csv", row(9))
    (folder / "11 empty.csv").write_text("")
    (folder / "notes.md").write_text("no invoices")
    return folder


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "books.sqlite")


def test_files_are_found_in_the_order_of_their_names(inbox):
    names = ["9 bad.csv", "10 good.csv", "11 empty.csv"]
    assert [path.name for path in found_files(inbox)] == names
    assert [path.name for path in found_files(str(inbox / "*.csv"))] == names
    assert [path.name for path in found_files([inbox / "10 good.csv", inbox])] == ["10 good.csv", "9 bad.csv", "11 empty.csv"]
    assert found_files(inbox / "2026 - to fix 2026-11-21 14.02.xlsx"), "a file that is named counts whatever it is"
    assert found_files("nowhere.csv")[0].name == "nowhere.csv", "and is told to be missing when it is read"
    with pytest.raises(CannotRun, match="No file to import"):
        found_files(str(inbox / "*.pdf"))


def test_a_failing_file_does_not_stop_the_others(inbox, store):
    batch = Batch(inbox, RULES, store=store)
    assert "nobody is asked" in repr(batch.check()).casefold()
    shown = repr(batch.run())
    assert [result.state for result in batch.results] == ["Partly imported", "Imported", "Not imported"]
    assert "3 created and 0 updated from 3 files. 2 files need a look." in shown
    assert "11 empty.csv is empty" in shown
    (workbook,) = [result.workbook for result in batch.results if result.workbook]
    assert workbook.parent == inbox
    assert str(workbook) in shown
    assert [one.code for one in batch.results] == [1, 0, 2]
    assert batch.exit_code == 2
    with pytest.raises(SystemExit) as ended:
        batch.finish()
    assert "2 files need a look" in str(ended.value)
    assert "need a look" in repr(Batch.finish(_lenient(batch)))


def _lenient(batch):
    batch.strict = False
    return batch


def test_everything_went_in(inbox, store):
    batch = Batch(inbox / "10 good.csv", RULES, store=store)
    batch.run()
    assert batch.exit_code == 0
    assert "Everything went in." in repr(batch.finish())
    again = Batch(inbox / "10 good.csv", RULES, store=store)
    again.run()
    assert again.results[0].state == "Nothing new"


def test_the_same_as_the_command_line(inbox, tmp_path, run):  # noqa: F811 # X-1
    files = [*found_files(inbox)[:2], *samples.build_samples(tmp_path / "samples")]
    told = run("import", *files, "--rules", RULES, "--store", tmp_path / "cli.sqlite", "--yes", "--json")
    batch = Batch(files, RULES, store=tmp_path / "notebook.sqlite")
    batch.run()
    assert batch.exit_code == told.code == 1
    for one, by_command in zip(batch.results, told.json, strict=True):
        assert {str(outcome): count for outcome, count in one.counts.items()} == {str(outcome): by_command[str(outcome)] for outcome in Outcome}
        assert one.receipt.batch != by_command["batch"]
    assert [r.receipt.totals for r in batch.results] == [open_store(tmp_path / "cli.sqlite").receipt(number).totals for number in range(1, len(files) + 1)]


def test_holds_wait_unless_accepted(store, tmp_path):
    def rise(due: str, **options):
        file = tmp_path / "may.csv"
        file.write_text(f"{HEAD}\n{row(1, due=due)}\n", encoding="utf-8")
        batch = Batch(file, RULES, store=store, **options)
        return batch, repr(batch.run())

    rise("10.00")
    waiting, shown = rise("60.00")
    assert 'To accept it, add "rising-due" to accept.' in shown
    assert waiting.exit_code == 1
    accepted, _ = rise("60.00", accept="rising-due")
    assert accepted.exit_code == 0
    assert accepted.results[0].receipt.details["accepted_holds"] == ["rising-due"]
    with pytest.raises(CannotRun, match='"rising-deu" is no hold of'):
        rise("70.00", accept="rising-deu")


def test_a_dry_run_writes_nothing(inbox, store):
    batch = Batch(inbox, RULES, store=store, dry_run=True)
    shown = repr(batch.check())
    assert "2 files of 3 can be imported. Nothing is written yet." in shown
    assert "Of 2 invoices: 2 to create." in shown
    assert "nothing was written" in repr(batch.run())
    assert batch.exit_code == 2
    with pytest.raises(SystemExit, match=r"This was a dry run: nothing was written\. 2 files need a look\."):
        batch.finish()
    assert "dry run" in repr(Batch.finish(_lenient(batch)))
    assert store.invoices().empty


@pytest.mark.parametrize(("name", "code"), [("10 good.csv", 0), ("9 bad.csv", 1), ("8 worse.csv", 1), ("11 empty.csv", 2)])
def test_a_dry_run_ends_like_that_of_the_command_line(inbox, tmp_path, run, name, code):  # noqa: F811 # X-1
    (inbox / "8 worse.csv").write_text(f"{HEAD}\n{row(5, due='120.00')}\n", encoding="utf-8")
    told = run("import", inbox / name, "--rules", RULES, "--store", tmp_path / "cli.sqlite", "--dry-run")
    batch = Batch(inbox / name, RULES, store=tmp_path / "notebook.sqlite", dry_run=True, strict=False)
    assert batch.exit_code == 0, "nothing was looked at yet"
    batch.run()
    assert batch.exit_code == told.code == code
    assert ("needs a look" in repr(batch.finish())) == bool(code)
    can = "1 file" if name in ("10 good.csv", "9 bad.csv") else "0 files"
    assert f"{can} of 1 can be imported." in repr(batch.check())


def test_somebody_is_asked_and_may_say_no(inbox, store, monkeypatch):
    said = iter(["no", "yes"])
    monkeypatch.setattr(books, "attended", lambda: True)
    monkeypatch.setattr(books, "asked", lambda question: next(said))
    batch = Batch(inbox, RULES, store=store)
    assert "can be imported" in repr(batch.check())
    assert "Nothing was imported." in repr(batch.run())
    assert store.invoices().empty
    batch.run()
    assert len(store.invoices()) == 3
    assert "need a look" in repr(batch.finish()), "whoever watches gets no failed cell"


def test_our_own_mistake_costs_one_file(inbox, store, monkeypatch):
    def broken(wizard):
        raise ZeroDivisionError

    monkeypatch.setattr(batches, "_committed", broken)
    monkeypatch.setattr(trouble, "unexpected", lambda error, argv: f"kept: {type(error).__name__}")
    batch = Batch(inbox / "10 good.csv", RULES, store=store)
    assert "kept: ZeroDivisionError" in repr(batch.run())
    assert batch.exit_code == 2


def test_what_is_asked_for_must_be_there(inbox, store):
    with pytest.raises(CannotRun, match="Which rules apply"):
        Batch(inbox, store=store)
    with pytest.raises(CannotRun, match='no mapping named "march"'):
        Batch(inbox, mapping="march", store=store)
    with pytest.raises(CannotRun, match="nobody.rules"):
        Batch(inbox, "nobody.rules", store=store)


def test_a_saved_mapping_brings_its_rules(inbox, store):
    from invoice_rules.wizard import Choices, Wizard, template

    wizard = Wizard(Choices(source=inbox / "10 good.csv", rules=RULES), store=store)
    store.save_mapping(template(wizard), "march")
    batch = Batch(inbox / "10 good.csv", mapping="march", store=store)
    batch.run()
    assert batch.results[0].receipt.mapping == "march version 1"


def test_file_content_is_text(store, tmp_path):
    file = tmp_path / "<img src=x onerror=alert(1)>.csv"
    file.write_text(f'{HEAD}\n{row(1, name="<script>alert(1)</script>", due="<b>9</b>")}\n', encoding="utf-8")
    batch = Batch(file, RULES, store=store)
    page = batch.run()._repr_html_()
    assert "<img" not in page and "<script" not in page and "<b>" not in page
    assert "&lt;img" in page
