"""What is on file as a file again: judged anew it is what it was, for the documents of every system."""

import pytest
from typer.testing import CliRunner

from invoice_rules import examine, open_store, rule_set, undo
from invoice_rules.cli import app
from invoice_rules.samples.systems import SETTINGS
from invoice_rules.store import kept
from invoice_rules.store.kept import BATCH, CURRENCY
from tests.store.making import imported, rows_of


def test_values_come_back_as_a_workbook_has_them(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    imported(store, rows_of([1], amount="1,234.50", amountDue="0.10", isCanceled="no", date="10/31/2026"))
    (one,) = kept(store, rule_set("paystand.receivables")).to_dict("records")
    assert (str(one["amount"]), str(one["amountDue"]), one["isCanceled"], one["date"].isoformat(), one[BATCH], one[CURRENCY]) == ("1234.50", "0.10", "no", "2026-10-31", 1, "USD")
    assert not len(kept(store, rule_set("autotask.invoices")))


def test_what_is_out_of_force_is_not_among_them(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    imported(store, rows_of(range(2)))
    undo(1, store)
    assert not len(kept(store, rule_set("paystand.receivables")))


@pytest.mark.parametrize("rules", SETTINGS)
def test_documents_with_lines_are_the_same_again(tmp_path, rules):
    """Every document of the sample with all its lines; no rule finds in it what the import did not let pass."""
    CliRunner().invoke(app, ["demo", str(tmp_path), "--system", rules.split(".")[0]], catch_exceptions=False)
    store = open_store(tmp_path / "demo.sqlite")
    frame = kept(store, rule_set(rules))
    on_file = store.invoices(rules)
    assert len(frame)
    settings = {"currency": "USD", **SETTINGS[rules]} if "currency" not in rule_set(rules).fields else SETTINGS[rules]
    report = examine(frame.drop(columns=[BATCH, CURRENCY]), rules, None, settings)
    assert set(report.rules.keys(report.rows).to_pylist()) == set(on_file["key"])
    amount = rule_set(rules).role("amount")
    assert report.rows[amount].sum() == on_file["amount"].sum(), "credits count below zero again (S0-30)"
