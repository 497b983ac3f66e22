"""`wizard`: the steps asked one by one; b goes back and keeps every choice (S0-1, S0-24)."""

import pytest

from invoice_rules import rule_sets
from tests.cli.conftest import HEAD, row

RECEIVABLES, SPECTRA = (str(list(rule_sets()).index(name) + 1) for name in ("paystand.receivables", "spectra.invoices"))


@pytest.fixture
def ask(answers, store):
    """Answer the wizard's questions."""
    return lambda *lines, file=None: answers("wizard", *([file] if file else []), "--store", store, lines=lines)


def test_a_file_goes_in_step_by_step(ask, run, write, store):
    file = write(row(1), row(2, due="120.00"))
    done = ask(RECEIVABLES, str(file), "", "", "", "", "y", "")
    assert done.code == 1
    for step in ("Step 1 of 5: Choose the file", "Step 2 of 5: Match columns", "Step 3 of 5: Settings", "Step 4 of 5: Check", "Step 5 of 5: Confirm"):
        assert step in done.err
    assert "Import 1 invoice (USD 100.00) into main?" in done.err
    assert "1 created, 1 rejected" in done.words
    assert len(run("invoices", "--store", store, "--json").json) == 1


def test_back_keeps_every_choice(ask, write):  # S0-24
    file = write(row(1), head=HEAD.replace("Amount due", "Something"))
    there = (RECEIVABLES, "", "4", "Something", "", "4", "comma")
    done = ask(*there, "b", "b", "", "", "4", "point", "", "", "y", "", file=file)
    assert done.code == 0
    assert "you said so" in done.out
    assert done.out.count("comma") >= 2


def test_a_missing_value_is_asked_for(ask, write):  # S3-15
    file = write(row(1), head=HEAD.replace("Canceled", "Flag"))
    done = ask(RECEIVABLES, "", "", "", "1", "no", "", "", "y", "", file=file)
    assert "Canceled has neither a column nor a value for the whole file." in done.err
    assert done.code == 0


def test_answers_that_fit_nothing_are_asked_again(ask, write):
    file = write(row(1))
    done = ask("9", RECEIVABLES, "x", "", "77", "3", "Betrag", "", "x", "", "zz", "", "maybe", "y", "", file=file)
    assert done.code == 0
    assert '"9" is not one of the numbers' in done.err
    assert "'Betrag'" in done.err
    assert '"maybe" is not among the answers.' in done.err


def test_a_value_of_one_letter_stays_as_it_was_typed(ask, home):  # S2-10
    file = home / "ar.csv"
    head = "Company_Code,GL_Date,Batch_Code,Customer_Code,Invoice_Or_Transaction,Invoice_Date,Line_Extension,GL_Account,Taxable_Flag"
    file.write_text(f"{head}\nABC,05/24/2026,B,7,1,05/24/2026,9.00,204200,N\n", encoding="utf-8")
    spectrum = str(list(rule_sets()).index("spectrum.invoices") + 1)
    for typed in ("I", "i", "C"):
        done = ask(spectrum, "", "", "1", typed, "", "Q", file=file)
        assert "Step 4 of 5: Check" in done.err and "Choose I or C" not in done.err


def test_stopping_writes_nothing(ask, run, write, store):
    for lines in (("q",), (RECEIVABLES, "q"), (RECEIVABLES, "", "", "", "", "n")):
        assert ask(*lines, file=write(row(1))).code == 1
    assert run("history", "--store", store, "--json").json == []


def test_nobody_answering_is_told(run, write, store):
    done = run("wizard", write(row(1)), "--store", store, input="")
    assert done.code == 2
    assert "nobody is at a terminal" in done.err


def test_a_mapping_can_be_kept_for_the_next_file(ask, run, write, store):
    file = write(row(1), head=HEAD.replace("Amount due", "Something"))
    ask(RECEIVABLES, "", "4", "Something", "", "", "", "y", "default", file=file)
    assert run("check", file, "--rules", "paystand.receivables", "--store", store).code == 0


def test_holds_and_fixes_are_settled_on_the_way(ask, run, write, store):
    ask(RECEIVABLES, "", "", "", "", "y", "", file=write(row(1, due="40.00")))
    done = ask(RECEIVABLES, "", "", "", "f", "", "y", "y", "", file=write(row(1, due="60.00", canceled="N")))
    assert done.code == 0
    assert run("invoices", "--store", store, "--json").json[0]["balance"] == "60.00"


SALES = "1042,5001,01/15/2012,Reorder,8.00\n1042,5002,01/16/2012,Reorder,9.00\n"
LETTERS = [part for name, letter in zip(("clientNumber", "invoiceNumber", "invoiceDate", "invoiceType", "amount"), "ABCDE", strict=True) for part in ("--map", f"{name}={letter}")]


@pytest.fixture
def studio(run, store, home):
    """A studio with one client, and a file without headings."""
    (home / "clients.csv").write_text("Client number,Last name\n1042,Miller\n", encoding="utf-8")
    assert run("import", "clients.csv", "--rules", "spectra.clients", "--yes", "--store", store).code == 0
    file = home / "sales.txt"
    file.write_text(SALES, encoding="utf-8")
    return file


def test_a_template_is_picked_from_the_list_and_then_the_file(ask, run, store, studio):  # S0-2, S0-3, S0-8, S0-22
    saved = run("map", studio, "--rules", "spectra.invoices", "--header", "none", *LETTERS, "--set", "description=Old sale", "--save", "weekly", "--store", store)
    assert saved.code == 0 and "Quantity" not in saved.out
    shown = run("mapping", "show", "weekly", "--store", store)
    assert "made from text files (CSV) without headings" in shown.words and "Old sale" in shown.out
    described = run("mapping", "show", "weekly", "--store", store, "--json").json[0]
    assert (described["kind"], described["header"], described["settings"]) == ("csv", "none", {"description": "Old sale", "rowMode": "single"})
    after_all = str(len(rule_sets()) + 1)
    done = ask(after_all, str(studio), "", "", "", "", "y")
    assert done.code == 0, done.err
    assert 'as saved in "weekly", for Spectra invoices' in done.out and "2 created" in done.words


def test_several_rows_an_invoice_are_chosen_before_the_columns(ask, studio):  # S0-4
    done = ask(SPECTRA, "2", "q", file=studio)
    assert "a row is a whole invoice" in done.words
    assert "Line amount" in ask(SPECTRA, "2", "", "q", file=studio).out
    assert "Line amount" not in ask(SPECTRA, "2", "m", "", "q", file=studio).out


def test_a_template_is_replaced_only_with_a_yes(ask, answers, run, store, studio, monkeypatch):  # S0-23
    options = ("map", studio, "--rules", "spectra.invoices", "--header", "none", *LETTERS, "--store", store)
    assert run(*options, "--save", "weekly").code == 0
    same = run(*options, "--save", "weekly")
    assert same.code == 0 and "version 1" in same.out
    refused = answers(*options, "--set", "description=Old", "--save", "weekly", lines=("n",))
    assert refused.code == 2 and "is there already, version 1" in refused.err
    run("import", studio, "--mapping", "weekly", "--set", "description=New", "--yes", "--store", store)
    kept = run("mapping", "show", "weekly", "--store", store, "--json").json[0]
    assert (kept["version"], kept["settings"]) == (1, {"rowMode": "single"})
    agreed = answers(*options, "--set", "description=Old", "--save", "weekly", lines=("y",))
    assert agreed.code == 0 and "version 2" in agreed.out
    assert run(*options, "--save", "weekly", "--yes").code == 0


def test_without_anybody_to_ask_a_template_stays(run, store, studio):  # S0-23
    options = ("map", studio, "--rules", "spectra.invoices", "--header", "none", *LETTERS, "--store", store, "--save", "weekly")
    run(*options)
    done = run(*options, "--set", "description=Old")
    assert done.code == 2 and "--yes" in done.err
    assert run("mapping", "show", "weekly", "--store", store, "--json").json[0]["version"] == 1
