"""What an update does to a collection or AutoPay plan (S3-27)."""

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.references import kind
from invoice_rules.store import commit, open_store, preview_list, save_lists
from tests.making import RECEIVABLES, mapped, receivable, table

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def store(tmp_path):
    """A receivable on file, charged by a plan in two days."""
    store = open_store(tmp_path / "books.sqlite")
    commit(plan(examined(store, receivable()), store))
    charge = pd.DataFrame({"invoiceId": ["INV-1001"], "plan": ["AutoPay"], "chargeDate": ["2026-11-24"]})
    save_lists([preview_list(examine(charge, kind("plans"), context=store.context()), store)], store)
    return open_store(tmp_path / "books.sqlite")


def examined(store, row, **settings):
    made = table([row])
    return examine(made, RECEIVABLES, mapped(made.headings), settings, store.context(), today=TODAY)


def told(report):
    return [(problem.rule, problem.message) for problem in report.problems if problem.rule.startswith("plan-")]


def test_a_change_of_amount_due_shortly_before_the_charge_asks_for_a_review(store):
    (one,) = told(examined(store, receivable(amountDue="100.00")))
    assert one == ("plan-review", "The plan AutoPay charges this invoice on 24 Nov 2026, 2 days from now, and amount due changes: the plan is to be reviewed.")


def test_the_number_of_days_is_a_setting(store):
    assert [rule for rule, _ in told(examined(store, receivable(dateDue="12/15/2026"), planDays="1"))] == ["plan-kept"]
    assert [rule for rule, _ in told(examined(store, receivable(dateDue="12/15/2026"), planDays="2"))] == ["plan-review"]
    with pytest.raises(Exception, match="no whole number"):
        examined(store, receivable(), planDays="soon")


def test_a_close_cancels_the_plan_and_any_other_change_keeps_it(store):
    assert [rule for rule, _ in told(examined(store, receivable(amountDue="0")))] == ["plan-canceled"]
    assert [rule for rule, _ in told(examined(store, receivable(isCanceled="yes")))] == ["plan-canceled"]
    assert [rule for rule, _ in told(examined(store, receivable(contactEmail="new@miller.co")))] == ["plan-kept"]


def test_nothing_is_told_of_what_does_not_change_or_has_no_plan(store):
    assert told(examined(store, receivable())) == [] == told(examined(store, receivable(5)))


def test_nothing_is_told_of_a_charge_in_the_past(store):
    late = examine(table([receivable(amountDue="100.00")]), RECEIVABLES, mapped(table([receivable()]).headings), {}, store.context(), today=dt.date(2026, 11, 25))
    assert told(late) == []


def test_nothing_is_told_of_what_stays_out(store):
    assert told(examined(store, receivable(amountDue="0", contactEmail="bad"))) == []
    held = examined(store, receivable(amountDue="900.00"))
    assert [rule for rule, _ in told(held)] == ["plan-review"]  # it may go in yet
    assert told(plan(held, store).report) == []
    assert [rule for rule, _ in told(plan(held, store, accept=["rising-due"]).report)] == ["plan-review"]


def test_what_is_closed_because_a_list_does_not_name_it_leaves_its_plan(store, monkeypatch):
    monkeypatch.setattr("invoice_rules.planning.dt", SimpleNamespace(date=SimpleNamespace(today=lambda: TODAY)))
    report = examined(store, receivable(5))
    assert told(plan(report, store, open_items_complete=True).report) == []
    closing = plan(report, store, close_absent=True)
    said = "The plan AutoPay would charge invoice INV-1001 on 24 Nov 2026; the file does not name it and it is closed, so the plan is canceled."
    assert told(closing.report) == [("plan-canceled-absent", said)]
    assert [one["count"] for one in commit(closing).details["problems"] if one["rule"] == "plan-canceled-absent"] == [1]


def test_the_receipt_tells_it(store):
    done = commit(plan(examined(store, receivable(amountDue="100.00")), store))
    assert [one["count"] for one in done.details["problems"] if one["rule"] == "plan-review"] == [1]
