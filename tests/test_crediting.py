"""The sign of credits, and types that a setting replaces (S0-16, S0-30); Spectra's own cases are in tests/rulesets/test_spectra.py."""

import datetime as dt

from invoice_rules.crediting import signed
from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.rulesets import rule_set
from invoice_rules.store import commit, invoices, open_store

INVOICES, CLIENTS = rule_set("spectra.invoices"), rule_set("spectra.clients")
SALES = b"Client number,Invoice number,Invoice date,Type,Amount\n1042,1,01/15/2012,Credit Memo,30.00\n1042,2,01/15/2012,Reorder,5.00\n"


def report(context=None, **settings):
    return examine(("sales.csv", SALES), INVOICES, settings=settings, context=context, today=dt.date(2012, 6, 30))


def test_only_credits_change_their_sign():
    """S0-30: and a second time nothing."""
    rows = report().rows
    assert rows["amount"].tolist() == [-3000, 500] and rows["openBalance"].tolist() == [-3000, 500]
    assert signed(rows, INVOICES).equals(rows)


def test_rules_without_credits_are_left_alone():
    rows = report().rows
    assert signed(rows, CLIENTS) is rows


def test_a_replaced_credit_goes_in_once_somebody_says_yes(tmp_path):
    """S0-16, X-19: the yes is kept with the batch, and receivables are what the message said."""
    store = open_store(tmp_path / "store.sqlite")
    commit(plan(examine(("c.csv", b"Client number,Last name\n1042,Miller\n"), CLIENTS, context=store.context()), store, user="ada"))
    held = report(store.context(), invoiceType="Session Fee")
    assert commit(plan(held, store, user="ada")).counts["rejected"] == 1
    assert invoices(store)["key"].tolist() == ["2"]
    again = report(store.context(), invoiceType="Session Fee")
    receipt = commit(plan(again, store, accept=("type-replaced",), user="ada"))
    assert receipt.counts["created"] == 1
    assert dict(zip(invoices(store)["key"], invoices(store)["balance"], strict=True)) == {"1": 3000, "2": 500}


def test_a_setting_without_a_column_replaces_nothing():
    """S0-16"""
    bare = examine(("s.csv", SALES.replace(b"Type", b"Kind of thing")), INVOICES, settings={"invoiceType": "Reorder"}, today=dt.date(2012, 6, 30))
    assert not [problem for problem in bare.problems if problem.rule in ("type-replaced", "setting-overwrites")]
