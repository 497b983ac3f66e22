"""`import`, `receipt`, `history`, `undo`, `invoices`: a file goes in once, and everything about it can be found again."""

import csv
import os
import shlex
import sys

import openpyxl
import pytest

import invoice_rules
from invoice_rules.cli import tables
from tests.cli.conftest import RULES, row
from tests.cli.test_check import ibm


@pytest.fixture
def load(run, store):
    """Import files with a yes."""
    return lambda *args: run("import", *args, *RULES, "--store", store, "--yes")


def test_all_in_ends_with_0_and_prints_the_receipt(load, write):
    done = load(write(row(1), row(2, amount="20.50")))
    assert done.code == 0
    assert "Of 2 invoices: 2 to create." in done.words
    assert "2 created" in done.words
    assert "Created 2 USD 120.50 120.50" in done.words
    assert "History head" in done.out


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_the_name_of_a_file_need_not_be_utf_8(load, write, home):
    file = write(row(1), row(2, due="120.00")).rename(home / os.fsdecode(b"caf\xe9.csv"))
    done = load(file)
    assert done.code == 1 and "caf\ufffd.csv" in done.words
    assert [path.name[:14] for path in home.glob("* - to fix *.xlsx")] == ["caf\ufffd - to fix "[:14]]


def test_what_stays_out_comes_back_in_a_workbook_that_can_be_fixed_and_imported(load, write, home):  # S0-25, S0-26, X-16
    done = load(write(row(1), row(2, due="120.00")))
    assert done.code == 1
    (workbook,) = home.glob("may - to fix *.xlsx")
    assert str(workbook) in done.out
    book = openpyxl.load_workbook(workbook)
    sheet = book.worksheets[0]
    (heading,) = [cell for line in sheet.iter_rows() for cell in line if cell.value == "Amount due"]
    sheet.cell(heading.row + 1, heading.column).value = 100
    book.save(workbook)
    assert load(workbook).code == 0


def test_the_workbook_goes_on_with_the_same_columns_values_and_fixes(load, run, write, store, home):  # S0-25, X-5
    head = ",".join(["Ref", "Invoice number", "Amount", "Amount due", "Customer name", "Customer ID", "Date", "Due date", "Canceled", "Contact e-mail"])
    options = ("--map", "invoiceId=Ref", "--fix", "--header", "1", "--expect-count=2", "--expect-total", "200.00", "--open-items-complete")
    done = load(write(row(1), row(2, due="120.00", canceled="N"), head=head), *options)
    (workbook,) = home.glob("may - to fix *.xlsx")
    (said,) = [line for line in done.out.splitlines() if line.startswith("  invoice-rules import")]
    book = openpyxl.load_workbook(workbook)
    book.worksheets[0]["D2"] = 100
    book.save(workbook)
    again = run(*shlex.split(said)[1:])
    assert again.code == 0, again.out
    assert {one["key"]: one["balance"] for one in run("invoices", "--store", store, "--json").json} == {"I-1": "100.00", "I-2": "100.00"}


def test_importing_again_changes_nothing(load, run, write, store):  # S3-22
    file = write(row(1), row(2))
    load(file)
    again = load(file)
    assert again.code == 0
    assert "Of 2 invoices: 2 unchanged." in again.words
    assert len(run("invoices", "--store", store, "--json").json) == 2


def test_updates_show_each_field_before_and_after(load, write):  # S3-22, S3-23
    load(write(row(1), row(2)))
    done = load(write(row(1, due="0.00"), row(2, due_date="12/24/2026")))
    assert "2 I-1 Amount due 100.00 0.00" in done.words
    assert "2 I-1 Status Open Paid" in done.words
    assert "3 I-2 Due date 2 Dec 2026 24 Dec 2026" in done.words


def test_json_has_exactly_the_documented_keys(load, write):
    done = load(write(row(1), row(2, due="120.00")), "--json")
    (found,) = done.json
    shared = ["format", "file", "rules", "entity", "store", "rows", "invoices", "accepted", "rejected", "totals", "mapping", "filled"]
    assert list(found) == [*shared, "batch", "created", "updated", "unchanged", "skipped", "error_workbook", "problems"]
    assert (found["accepted"], found["rejected"], found["created"], found["updated"], found["unchanged"], found["skipped"]) == (1, 1, 1, 0, 0, 0)
    assert found["error_workbook"].endswith(".xlsx")
    assert len(found["batch"]) == 32
    assert (done.code, done.err) == (1, "")


def test_a_dry_run_writes_nothing(run, write, store, home):
    done = run("import", write(row(1), row(2, due="120.00")), *RULES, "--store", store, "--dry-run")
    assert done.code == 1
    assert "This was a dry run: nothing was written." in done.words
    assert not list(home.glob("*to fix*"))
    assert run("history", "--store", store, "--json").json == []
    (found,) = run("import", "may.csv", *RULES, "--store", store, "--dry-run", "--json").json
    assert (found["batch"], found["created"], found["error_workbook"]) == (None, 1, None)


def test_a_dry_run_leaves_no_store_where_there_is_none(run, write, empty_store, home):
    file = write(row(1), row(2, due="120.00"))
    dry = ("import", file, *RULES, "--dry-run")
    alike = run(*dry, "--store", empty_store).out
    before = sorted(home.rglob("*"))
    for named in ((), ("--store", "new/books.sqlite"), ("--store", f"sqlite:///{home}/books.sqlite")):
        assert run(*dry, *named).out == alike
        (found,) = run(*dry, *named, "--json").json
        assert (found["store"], found["batch"], found["created"]) == (None, None, 1)
        assert run(*dry, *named, "--entity", "shop").code == 2
        assert sorted(home.rglob("*")) == before
    assert run("history").code == 2
    assert run("import", file, *RULES, "--yes", "--store", "new/books.sqlite", "--json").json[0]["store"].endswith("books.sqlite")


def test_all_or_nothing(load, write):
    (found,) = load(write(row(1), row(2, due="120.00")), "--all-or-nothing", "--json").json
    assert (found["accepted"], found["rejected"]) == (0, 2)


def test_holds_wait_for_a_name_where_nobody_is_asked(load, write):  # X-19, S3-25
    load(write(row(1, due="40.00")))
    raised = write(row(1, due="60.00"))
    held = load(raised)
    assert held.code == 1
    assert "waits for a yes" in held.words and "--accept rising-due takes in 1 row" in held.words
    assert 'Nothing in this file waits for "reopened".' in load(raised, "--accept", "reopened").err
    assert load(raised, "--accept", "rising-due").code == 0


def test_a_hold_that_there_is_not_is_refused_before_anything_is_written(load, write, run, store):
    for wrong in ("rising-deu", "amount-due"):
        done = load(write(row(1)), "--accept", wrong)
        assert done.code == 2 and f'"{wrong}" is no hold of Paystand receivables. Write one of: closed-books, ' in " ".join(done.err.split()) and "rising-due" in done.err
    assert run("history", "--store", store, "--json").json == []


def test_holds_are_accepted_by_somebody_at_the_terminal(load, answers, write, store):
    load(write(row(1, due="40.00")))
    raised = write(row(1, due="60.00"))
    refused = answers("import", raised, *RULES, "--store", store, lines=("n", "n"))
    assert refused.code == 1
    assert "Nothing was imported." in refused.out
    done = answers("import", raised, *RULES, "--store", store, lines=("y", "y"))
    assert "Amount due would rise from 40.00 to 60.00." in done.words
    assert "Import 1 invoice (USD 100.00) into main?" in done.err
    assert done.code == 0


def test_a_no_imports_nothing(answers, run, write, store):
    done = answers("import", write(row(1)), *RULES, "--store", store, lines=("n",))
    assert done.code == 1
    assert run("invoices", "--store", store, "--json").json == []


def test_control_totals_stop_the_import(load, run, write, store, home):
    done = load(write(row(1)), "--expect-total", "200.00")
    assert done.code == 1
    assert "USD 100.00 missing" in done.words and "Settle what is said about the whole file" in done.words
    assert "USD 50.00 more than declared" in load(write(row(1)), "--expect-total", "50.00").words
    assert not list(home.glob("*to fix*"))
    assert run("invoices", "--store", store, "--json").json == []


def test_absent_open_items_are_listed_and_closed_on_request(load, answers, run, write, store):
    load(write(row(1), row(2), row(3)))
    rest = write(row(1))
    listed = load(rest, "--open-items-complete")
    assert "2 open invoices on file are absent from this file:" in listed.words
    assert "I-3 1003 C-1 100.00 USD" in listed.words
    done = answers("import", rest, *RULES, "--store", store, "--open-items-complete", lines=("y", "y"))
    assert done.code == 0
    assert "Close 2 absent invoices as Paid?" in done.err
    assert "Close 2 open invoices as Paid?" in done.err
    assert [one["key"] for one in run("invoices", "--status", "paid", "--store", store, "--json").json] == ["I-2", "I-3"]
    assert "= open now" in done.out
    assert "1 unchanged, 2 closed." in done.words
    assert "2 closed" in run("history", "--store", store).words
    back = run("undo", 3, "--store", store, "--yes").words
    assert "2 closed invoices reopened" in back and "Reopened 2 USD 200.00 200.00" in back
    assert "Undoes batch 3: 2 closed invoices reopened." in run("history", "--store", store).words
    load(rest, "--open-items-complete", "--close-absent")
    load(write(row(5)))
    assert "Of 1 invoice: 1 unchanged. 1 absent invoice to close as Paid." in load(rest, "--open-items-complete", "--close-absent", "--dry-run").words


@pytest.mark.parametrize("more", [(), ("--close-absent",), ("--dry-run",)])
def test_a_complete_list_is_one_file(load, run, write, store, more):
    done = load(write(row(1), name="east.csv"), write(row(2), name="west.csv"), "--open-items-complete", *more)
    assert done.code == 2 and "A complete list of open items is one file. Put the files together" in done.err
    assert run("invoices", "--store", store, "--json").json == []


@pytest.mark.parametrize("options", [("--remember",), ("--close-absent",)])
def test_options_that_need_another_are_told(load, write, options):
    done = load(write(row(1)), *options)
    assert done.code == 2
    assert "Add --" in done.err


def test_corrections_are_remembered_for_the_sender(load, run, write, store):
    load(write(row(1, canceled="N")), "--fix", "--sender", "Miller", "--remember")
    replayed = run("check", write(row(2, canceled="N")), *RULES, "--store", store, "--sender", "Miller")
    assert replayed.code == 0
    assert run("check", "may.csv", *RULES, "--store", store).code == 1


def test_an_outrun_plan_is_made_again(load, write, monkeypatch):
    from invoice_rules.store import commit

    calls = []

    def outran(plan, progress=None):
        calls.append(plan.id)
        if len(calls) < 3:
            raise invoice_rules.Outrun("Somebody changed these books.")
        return commit(plan, progress)

    monkeypatch.setattr("invoice_rules.store.commit", outran)
    done = load(write(row(1)))
    assert done.code == 0
    assert len(set(calls)) == 3
    assert "the plan is made again" in done.err


def test_a_file_that_cannot_be_read_does_not_stop_the_others(load, write, home):
    (home / "empty.csv").write_bytes(b"")
    done = load("empty.csv", write(row(1)), "--json")
    assert done.code == 2
    assert ["error" in found for found in done.json] == [True, False]


def test_the_receipt_can_be_found_and_proved_later(load, run, write, store):
    file = write(row(1))
    load(file)
    shown = run("receipt", 1, "--verify", "--rows", "--store", store)
    assert shown.code == 0
    assert "2 I-1 created" in shown.words
    assert "differs" not in shown.out
    file.write_text("something else")
    changed = run("receipt", 1, "--verify", "--store", store, "--json")
    assert changed.code == 1
    assert {proof["what"]: proof["agrees"] for proof in changed.json[0]["verified"]}["file"] is False
    file.unlink()
    gone = run("receipt", 1, "--verify", "--store", store)
    assert gone.code == 0
    assert "not compared" in gone.words and "any more and was not compared. Name where it lies now." in gone.words
    assert run("receipt", 1, "--verify", "--file", file, "--store", store).code == 1


def test_undo_takes_an_import_back(load, run, write, store):
    load(write(row(1)))
    assert run("undo", 1, "--store", store).code == 2
    undone = run("undo", 1, "--store", store, "--yes")
    assert (undone.code, run("invoices", "--store", store, "--json").json) == (0, [])
    assert "Undone by batch 2." in run("history", "--store", store).words
    assert [one["number"] for one in run("history", "--store", store, "--json").json] == [2, 1]
    again = run("undo", 1, "--store", store, "--yes")
    assert again.code == 2
    assert "Traceback" not in again.err


def test_invoices_are_filtered_and_written(load, run, write, store, home):
    load(write(row(1), row(2, due="0.00"), row(3, date="11/09/2026", amount="1234.50", customer="C-2", name="=1")))
    load(write(row(3, date="11/09/2026", amount="1234.50", customer="C-2", name="Other Shop")))

    def keys(*options):
        return [one["key"] for one in run("invoices", *options, "--store", store, "--json").json]

    assert keys() == ["I-1", "I-2", "I-3"]
    assert (keys("--status", "paid"), keys("--customer", "C-2"), keys("--from", "2026-11-03"), keys("--to", "2026-11-03")) == (["I-2"], ["I-3"], ["I-3"], ["I-1", "I-2"])
    assert keys("--text", "other shop") == ["I-3"]
    assert "I-3 1003 Other Shop 9 Nov 2026 2 Dec 2026 1,234.50 1,234.50 USD Open" in run("invoices", "--store", store).words
    (one,) = run("invoices", "--text", "1003", "--store", store, "--json").json
    assert (one["amount"], one["date"]) == ("1234.50", "2026-11-09")
    for name in ("all.csv", "all.xlsx", "all.json"):
        assert run("invoices", "--out", name, "--store", store).code == 0
    with (home / "all.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert [line["Amount"] for line in csv.DictReader(lines)] == ["100.00", "100.00", "1234.50"]
    assert openpyxl.load_workbook(home / "all.xlsx").active.max_row == 4
    for wrong in (("--out", "all.pdf"), ("--status", "opne"), ("--rules", "paystand"), ("--from", "31/12/2026")):
        assert run("invoices", *wrong, "--store", store).code == 2


def test_a_long_list_looks_as_if_it_were_drawn_whole(load, run, write, store, monkeypatch):
    """Whatever comes late: names, long numbers, amounts, days of two digits."""
    days = {"date": "11/02/2026", "due_date": "12/02/2026"}
    rows = [row(number, **days) for number in range(100, 140)]
    rows += [row(200, date="11/12/2026", due_date="12/12/2026"), row(201, id="I-201-20261112"), row(202, name="Crane & Daughters of the Quay", customer="C-2")]
    assert load(write(*rows, row(203, name="漢字漢字", customer="C-3"), row(204, amount="7654321.00"))).code == 0
    for command in (("invoices", "--all"), ("receipt", 1, "--rows")):
        monkeypatch.setattr(tables, "FIRST", 1_000)
        wanted = run(*command, "--store", store).out
        monkeypatch.setattr(tables, "FIRST", 3)
        assert run(*command, "--store", store).out == wanted


def test_the_receivables_of_ibm_twice(run, store, shared_data, tmp_path):  # S3-22
    file = next((shared_data / "invoices" / "ibm_ar").glob("*.csv"))
    command = ["import", file, *ibm(), "--store", store, "--yes", "--json"]
    (first,), (second,) = run(*command).json, run(*command).json
    assert (first["created"], first["totals"]["USD"]["amount"], first["rejected"]) == (2466, "147703.18", 0)
    assert (second["created"], second["updated"], second["unchanged"], second["error_workbook"]) == (0, 0, 2466, None)
