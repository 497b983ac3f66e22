"""Paystand's rules at their limits: what still passes, what just does not (S3-5 … S3-33)."""

import datetime as dt

import pandas as pd
import pytest

from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from tests.contexts import Books, Empty
from tests.making import CUSTOMERS, GOOD_CUSTOMER, RECEIVABLES, mapped, receivable, table

TODAY = dt.date(2026, 11, 21)
SIX = "; ".join(f"ap{n}@miller.co" for n in range(6))


def checked(*rows, rules=RECEIVABLES, **how):
    made = table(rows)
    return examine(made, rules, mapped(made.headings, rules), today=TODAY, **how)


def found(report):
    return [(p.field, p.rule, p.severity) for p in report.problems]


@pytest.mark.parametrize(("field", "most"), [("invoiceId", 40), ("invoiceNumber", 40), ("extCustomerId", 40), ("customerName", 50)])
def test_the_longest_text_passes_and_one_character_more_does_not(field, most):
    """S3-7"""
    assert found(checked(receivable(**{field: "X" * most}))) == []
    (problem,) = checked(receivable(**{field: "X" * (most + 1)})).problems
    assert (problem.rule, problem.severity) == ("max-length", Severity.ERROR)
    assert f"has {most + 1} characters; {most} are allowed" in problem.message


@pytest.mark.parametrize(("field", "most"), [("extCustomerId", 40), ("customerName", 50), ("contactFullName", 50)])
def test_the_longest_text_of_a_customer_passes_and_one_character_more_does_not(field, most):
    """S3-7, S3-33"""
    assert found(checked({**GOOD_CUSTOMER, field: "X" * most}, rules=CUSTOMERS)) == []
    assert found(checked({**GOOD_CUSTOMER, field: "X" * (most + 1)}, rules=CUSTOMERS)) == [(field, "max-length", Severity.ERROR)]


@pytest.mark.parametrize(("rules", "row"), [(RECEIVABLES, receivable()), (CUSTOMERS, GOOD_CUSTOMER)], ids=["receivables", "customers"])
def test_six_addresses_pass_and_seven_do_not(rules, row):
    """S3-13"""
    assert found(checked({**row, "contactEmail": SIX}, rules=rules)) == []
    assert found(checked({**row, "contactEmail": f"{SIX}; ap6@miller.co"}, rules=rules)) == [("contactEmail", "email-count", Severity.ERROR)]


@pytest.mark.parametrize("rules", [RECEIVABLES, CUSTOMERS], ids=["receivables", "customers"])
def test_which_fields_are_required(rules):
    """S3-6: all but the currency."""
    assert set(rules.fields) - set(rules.required) == ({"currency"} if rules is RECEIVABLES else set())


def test_amount_due_may_be_the_amount_and_not_a_cent_more():
    """S3-10"""
    assert found(checked(receivable(amount="10.00", amountDue="10.00"))) == []
    assert found(checked(receivable(amount="10.00", amountDue="10.01"))) == [("amountDue", "within-amount", Severity.ERROR)]


def test_the_due_date_may_be_the_invoice_date_and_a_day_before_it_is_told():
    """S3-11"""
    assert found(checked(receivable(date="10/31/2026", dateDue="10/31/2026"))) == []
    assert found(checked(receivable(date="10/31/2026", dateDue="10/30/2026"))) == [("dateDue", "due-before-date", Severity.WARNING)]


def test_an_amount_of_zero_is_told_and_one_cent_is_not():
    """S3-9"""
    assert found(checked(receivable(amount="0.01", amountDue="0.01"))) == []
    assert found(checked(receivable(amount="0", amountDue="0"))) == [("amount", "zero-amount", Severity.WARNING)]


@pytest.mark.parametrize(
    ("due", "canceled", "status"),
    [("0", "no", "Paid"), ("0.01", "no", "Open"), ("0", "yes", "Canceled"), ("5", "yes", "Canceled"), ("", "no", None), ("5", "", None), ("", "yes", None), ("0", "?", None)],
)
def test_the_status_follows_from_the_row(due, canceled, status):
    """S3-24: canceled wins over Paid. Where a cell is blank or was not understood, the status is unknown."""
    rows = checked(receivable(amountDue=due, isCanceled=canceled)).rows
    assert rows["record.status"].tolist() == [status] if status else rows["record.status"].isna().all()


def test_dates_are_read_month_first_and_in_no_other_order():
    """S3-11"""
    rows = checked(receivable(date="02/03/2026", dateDue="2.4.2026")).rows
    assert (rows["date"].iat[0], rows["dateDue"].iat[0]) == (dt.date(2026, 2, 3), dt.date(2026, 2, 4))
    assert found(checked(receivable(date="2026-10-01"))) == [("date", "date", Severity.ERROR)]


def test_amounts_have_a_decimal_point_even_where_all_have_a_comma():
    """S3-8"""
    problems = found(checked(receivable(amount="1000,00", amountDue="250,00")))
    assert problems == [("amount", "money", Severity.ERROR), ("amountDue", "money", Severity.ERROR)]


@pytest.mark.parametrize(("settings", "amount"), [({"amount.decimal": "point"}, 120), ({"amount.decimal": "comma"}, 120000), ({}, None)])
def test_an_amount_that_can_be_read_two_ways_is_told(settings, amount):
    """X-12, S3-8: 1.200 alone may be twelve hundred; the mark of the column may be given."""
    report = checked(receivable(amount="1.200", amountDue="0"), settings=settings)
    assert found(report) == ([] if settings else [("amount", "decimals", Severity.ERROR)])
    assert [None if pd.isna(one) else int(one) for one in report.rows["amount"]] == [amount]


def test_apostrophes_and_quotes_around_a_value_are_trimmed():
    """S3-4"""
    rows = checked(receivable(customerName="'Miller Studio'", invoiceId='"I-1"')).rows
    assert (rows["customerName"].iat[0], rows["invoiceId"].iat[0]) == ("Miller Studio", "I-1")


@pytest.mark.parametrize("field", ["invoiceId", "invoiceNumber", "customerName", "contactEmail"])
def test_which_fields_may_betray_demo_data(field):
    """S3-30"""
    value = "test@miller.co" if field == "contactEmail" else "Test 7"
    assert found(checked(receivable(**{field: value}))) == [(field, "demo-data", Severity.WARNING)]
    assert found(checked(receivable(extCustomerId="TEST-7"))) == []


def test_a_customer_is_created_unless_the_setting_wants_it_on_file():
    """S3-29: creating is the default."""
    told = checked(receivable(), context=Empty())
    assert [(p.rule, p.severity) for p in told.problems] == [("new-customers", Severity.NOTICE)]
    refused = checked(receivable(), context=Empty(), settings={"customers": "must-exist"})
    assert [(p.field, p.rule, p.severity) for p in refused.problems] == [("extCustomerId", "unknown-customer", Severity.ERROR)]


def test_what_the_rule_sets_declare_about_their_files():
    """S3-1, S3-28: CSV alone, ten megabytes; one row a record, found again by its id and updated."""
    for rules, key in ((RECEIVABLES, "invoiceId"), (CUSTOMERS, "extCustomerId")):
        assert (rules.files, rules.megabytes, rules.key, rules.existing, rules.currency) == ((".csv",), 10, key, "update", "USD")
        assert [name for name, rule in rules.rules if rule.id == "duplicate"] == [key]


def again(now, before):
    """The same receivable once more, against books that hold it as it was."""
    return checked(receivable(**now), context=Books(checked(receivable(**before))))


@pytest.mark.parametrize(("was", "now", "held"), [("250.00", "250.00", False), ("250.00", "249.99", False), ("250.00", "250.01", True), ("0.01", "0.02", True)])
def test_an_amount_due_that_rises_waits_for_a_yes(was, now, held):
    """S3-25"""
    assert found(again({"amountDue": now}, {"amountDue": was})) == ([("amountDue", "rising-due", Severity.HOLD)] if held else [])


OPEN, PAID, CANCELED, BOTH = {}, {"amountDue": "0"}, {"isCanceled": "yes"}, {"amountDue": "0", "isCanceled": "yes"}


@pytest.mark.parametrize(
    ("was", "now", "held"),
    [(OPEN, OPEN, False), (OPEN, PAID, False), (CANCELED, OPEN, True), (PAID, OPEN, True), (BOTH, PAID, False), (CANCELED, BOTH, False), (PAID, BOTH, False)],
)
def test_what_was_closed_stays_closed(was, now, held):
    """S3-25"""
    assert ("amountDue", "reopened", Severity.HOLD) in found(again(now, was)) or not held
    assert held or "reopened" not in [rule for _, rule, _ in found(again(now, was))]


def test_an_amount_of_zero_is_told_of_new_records_only():
    """S3-9"""
    zero = {"amount": "0", "amountDue": "0"}
    assert found(again(zero, zero)) == []


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [("amountDue", "1.00", ""), ("dateDue", "12/24/2026", ""), ("extCustomerId", "C-9", "changed-fixed")]
    + [(field, value, "changed") for field, value in (("invoiceNumber", "7"), ("amount", "999.00"), ("date", "10/30/2026"), ("contactEmail", "o@miller.co"), ("customerName", "Other"), ("isCanceled", "yes"))],
)
def test_what_may_change_freely_what_is_told_and_what_never_changes(field, value, rule):
    """S3-23"""
    told = [(name, which) for name, which, _ in found(again({field: value}, {})) if which.startswith("changed")]
    assert told == ([(field, rule)] if rule else [])
