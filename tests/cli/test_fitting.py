"""One file against several systems at once (issue: which would take it)."""

import json

import pytest

from tests.cli.conftest import HEAD, row


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("\n".join([HEAD, row(1), row(2).replace(",1002,", ",00000000001002,")]) + "\n", encoding="utf-8")
    return path


def test_it_says_which_fit_and_what_keeps_it_from_the_others(run, file):
    done = run("check", file, "--rules", "paystand.receivables", "--rules", "spectrum.invoices", "--map", "Invoice_Or_Transaction=Invoice number")
    assert done.code == 1
    text = " ".join(done.out.split())
    assert "✓ fits Paystand receivables" in text and "✗ fails Spectrum invoices" in text
    assert "Invoice number 00000000001002 has 14 characters; 10 are allowed" in text and "(1 row, first row 3)" in text
    assert "No column for Company code" in text


def test_all_fit(run, file):
    done = run("check", file, "--rules", "paystand.receivables", "--rules", "paystand.receivables")
    assert done.code == 0 and "ready" in done.out  # the same one twice is one


def test_as_json_there_is_an_element_for_each(run, file):
    done = run("--json", "check", file, "--rules", "paystand.receivables", "--rules", "spectrum.invoices")
    made = json.loads(done.out)
    assert [(one["rules"], one["fits"]) for one in made] == [("paystand.receivables", True), ("spectrum.invoices", False)]


def test_values_and_columns_go_to_the_rule_sets_that_know_them(run, file):
    done = run("check", file, "--rules", "paystand.receivables", "--rules", "quickbooks.history", "--set", "companyFile=Main", "--set", "project=P")
    assert "Company file" not in done.out and "✓ fits Paystand" in done.out


@pytest.mark.parametrize("options", [("--set", "compnyFile=Main"), ("--map", "amont=Amount")])
def test_what_none_of_the_rule_sets_knows_is_refused(run, file, options):
    done = run("check", file, "--rules", "paystand.receivables", "--rules", "quickbooks.history", *options)
    text = " ".join(done.err.split())
    assert done.code == 2 and options[1].partition("=")[0] in text and "Paystand receivables or QuickBooks invoice history" in text


def test_a_file_that_cannot_be_read_is_told_for_each(run, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    done = run("check", tmp_path / "empty.csv", "--rules", "paystand.receivables", "--rules", "spectrum.invoices")
    assert done.code == 2 and done.err.count("empty") >= 2
