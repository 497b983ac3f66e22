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


def test_stopping_writes_nothing(ask, run, write, store):
    for lines in (("q",), (RECEIVABLES, "q"), (RECEIVABLES, "", "", "", "", "n")):
        assert ask(*lines, file=write(row(1))).code == 1
    assert run("history", "--store", store, "--json").json == []


def test_nobody_answering_is_told(run, write, store):
    done = run("wizard", write(row(1)), "--store", store, input="")
    assert done.code == 2
    assert "Nobody answered." in done.err


def test_a_mapping_can_be_kept_for_the_next_file(ask, run, write, store):
    file = write(row(1), head=HEAD.replace("Amount due", "Something"))
    ask(RECEIVABLES, "", "4", "Something", "", "", "", "y", "default", file=file)
    assert run("check", file, "--rules", "paystand.receivables", "--store", store).code == 0


def test_holds_and_fixes_are_settled_on_the_way(ask, run, write, store):
    ask(RECEIVABLES, "", "", "", "", "y", "", file=write(row(1, due="40.00")))
    done = ask(RECEIVABLES, "", "", "", "f", "", "y", "y", "", file=write(row(1, due="60.00", canceled="N")))
    assert done.code == 0
    assert run("invoices", "--store", store, "--json").json[0]["balance"] == "60.00"
