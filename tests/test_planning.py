"""Planning: each invoice gets one outcome, and nothing is written (X-2, X-6, X-19, X-20)."""

import numpy as np
import pytest

from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.examining import examine
from invoice_rules.planning import acceptable, known_holds, plan
from invoice_rules.problems import Severity
from invoice_rules.results import Expected, Outcome, showing
from invoice_rules.results import plan as results_plan
from invoice_rules.rulesets import rule_sets
from invoice_rules.store import open_store
from invoice_rules.values import CellWriter
from tests import documents
from tests.making import mapped, table
from tests.store.making import imported, on_file, planned, rows_of, typed_report, typed_rows


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "store.sqlite")


def _words(found) -> list[str]:
    return [str(Outcome(code)) for code in found.outcomes]


def test_each_invoice_gets_its_outcome(store):  # X-6, S3-22
    imported(store, rows_of([0, 1]))
    found = planned(store, [*rows_of([0]), *rows_of([1], amountDue="0"), *rows_of([2]), *rows_of([3], amount="x")])
    assert _words(found) == ["unchanged", "updated", "created", "rejected"]
    assert found.summary() == "Of 4 invoices: 1 to create, 1 to update, 1 unchanged, 1 to reject."
    assert found.differences()[["key", "title", "before", "after"]].values.tolist() == [
        ["INV-1002", "Amount due", "250.00", "0.00"],
        ["INV-1002", "Status", "Open", "Paid"],
    ]
    assert len(on_file(store)) == 2


def test_a_hold_waits_until_its_kind_is_accepted(store):  # X-19, S3-25
    imported(store, rows_of([0]))
    rising = rows_of([0], amountDue="900.00")
    assert _words(planned(store, rising)) == ["rejected"]
    found = planned(store, rising, accept=("rising-due", "no-such-hold"))
    assert (_words(found), found.accepted_holds) == (["updated"], ("rising-due",))


def test_every_hold_that_a_rule_declares_can_be_accepted_by_name():
    declared = {id for id, same in documents.declared_rules().items() if any(rule.severity == Severity.HOLD for rule in same)}
    named = {rules.name: set(acceptable(rules)) for rules in rule_sets().values()}
    assert set().union(*named.values()) == declared | {"closed-books"}
    assert "rising-due" in named["paystand.receivables"] and "rising-due" not in named["spectra.invoices"]
    assert "number-again" not in named["quickbooks.history"]  # refused there, whoever says yes (S1-11)
    with pytest.raises(CannotRun, match=r'"money" is no hold of Paystand receivables. Write one of: closed-books, date-order'):
        known_holds(("rising-due", "money"), rule_sets()["paystand.receivables"])


def test_one_accepted_hold_of_two_is_not_enough(store):
    imported(store, rows_of([0], amountDue="0"))
    reopened = rows_of([0], amountDue="900.00")
    assert _words(planned(store, reopened, accept=("rising-due",))) == ["rejected"]
    assert _words(planned(store, reopened, accept=("rising-due", "reopened"))) == ["updated"]


def test_something_about_the_file_keeps_all_out(store):
    read = table(rows_of([0, 1]))
    report = examine(read, "paystand.receivables", mapped(read.headings), None, store.context(), expected=Expected(count=3))
    assert report.blocked
    assert _words(plan(report, store)) == ["rejected", "rejected"]
    assert not plan(report, store, close_absent=True).close_absent


def test_all_or_nothing(store):
    rows = [*rows_of([0]), *rows_of([1], amount="x")]
    assert _words(planned(store, rows)) == ["created", "rejected"]
    assert _words(planned(store, rows, all_or_nothing=True)) == ["rejected", "rejected"]


def test_a_report_made_without_the_store_is_refused(store):
    read = table(rows_of([0]))
    with pytest.raises(CannotRun, match="without looking at the store"):
        plan(examine(read, "paystand.receivables", mapped(read.headings)), store)


def test_a_report_for_other_books_is_refused(store, tmp_path):
    store.add_entity("studio")
    studio = open_store(tmp_path / "store.sqlite", "studio")
    with pytest.raises(CannotRun, match="checked for main, and the store is open for studio"):
        plan(typed_report(store, typed_rows([5])), studio)


def test_books_that_changed_while_the_file_was_checked(store):
    report = typed_report(store, typed_rows([5]))
    imported(store, rows_of([0]))
    with pytest.raises(Outrun):
        plan(report, store)


def test_what_a_complete_list_does_not_name(store):
    imported(store, rows_of(range(3)))
    found = planned(store, [*rows_of([0]), *rows_of([1], amount="x")], open_items_complete=True)
    assert found.absent[["key", "balance", "currency"]].values.tolist() == [["INV-1003", 25_000, "USD"]]
    assert planned(store, rows_of([0])).absent is None


def test_every_plan_has_an_id_of_its_own_and_a_user(store):
    first, second = planned(store, rows_of([0])), planned(store, rows_of([0]), user=None)
    assert first.id != second.id and len(first.id) == 32
    assert first.user == "ada" and second.user
    assert isinstance(first.outcomes, np.ndarray)


def test_closed_books_pass_only_by_an_administrator_and_the_receipt_says_so(store, monkeypatch):
    from invoice_rules.store import commit

    store.set_entity(closed_until="2026-12-31")
    refused = planned(store, rows_of([0]))
    assert _words(refused) == ["rejected"] and refused.accepted_holds == ()
    passed = planned(store, rows_of([0]), accept=["closed-books"])
    assert _words(passed) == ["created"] and passed.accepted_holds == ("closed-books",)
    assert commit(passed).details["accepted_holds"] == ["closed-books"]
    store.grant("somebody else", "importer")
    monkeypatch.setattr("invoice_rules.store.roles.who", lambda connection: "somebody else")
    with pytest.raises(CannotRun, match="needs the role administrator"):
        planned(store, rows_of([1]), accept=["closed-books"])
    assert _words(planned(store, rows_of([1]))) == ["rejected"]


def test_an_error_of_another_kind_is_never_accepted(store):
    assert _words(planned(store, rows_of([0], amount="x"), accept=["money", "closed-books"])) == ["rejected"]


def test_a_rule_set_may_want_all_or_nothing_by_default(store):  # S1-15
    from dataclasses import replace

    from tests.making import RECEIVABLES

    whole = replace(RECEIVABLES, all_or_nothing=True)
    rows = [*rows_of([0]), *rows_of([1], amount="x")]
    assert _words(planned(store, rows, whole)) == ["rejected", "rejected"]
    assert _words(planned(store, rows, whole, all_or_nothing=False)) == ["created", "rejected"]
    assert _words(planned(store, rows)) == ["created", "rejected"]


def test_differences_are_made_for_what_is_shown_alone(store, monkeypatch):  # S3-22, issue: bounded memory
    imported(store, rows_of(range(40)))
    found = planned(store, [*rows_of(range(10)), *rows_of(range(10, 40), amountDue="0"), *rows_of(range(40, 45))])
    every = found.differences()
    written = []
    write = CellWriter.__call__
    monkeypatch.setattr(CellWriter, "__call__", lambda self, field, at: written.append(field) or write(self, field, at))
    assert (found.changes, len(every), written) == (60, 60, [])  # the amount due and the status of 30
    assert found.differences(7).equals(every.head(7))
    assert len(written) == 7 * 2 * 3  # of seven invoices: key, before, after of both fields


def test_a_notebook_shows_both_ends_of_many_differences(store, monkeypatch):
    imported(store, rows_of(range(30)))
    found = planned(store, rows_of(range(30), amountDue="0"))
    monkeypatch.setattr(showing, "SHOWN", 10)
    monkeypatch.setattr(results_plan, "SHOWN", 10)
    assert found._repr_html_() == showing.as_html(found.summary(), found.differences())
    nothing = planned(store, rows_of(range(30)))
    assert "30 unchanged" in nothing._repr_html_() and nothing._repr_html_() == showing.as_html(nothing.summary(), nothing.differences())
