"""What the store knows of a file's rows: updates, holds, customers, closed books (S3-21 … S3-32, X-9, X-24)."""

import dataclasses
import datetime as dt

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from invoice_rules import comparing
from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from invoice_rules.results import Entity
from tests.contexts import Books, Empty
from tests.making import RECEIVABLES, mapped, receivable, table
from tests.test_examining import checked, found


def books(*rows, entity=Entity(), customers=None):
    return Books(checked(*rows), entity, customers)


def again(row, before=None, entity=Entity(), **how):
    """The same receivable once more, against books that hold it as it was."""
    return checked(row, context=books(before or receivable(), entity=entity), **how)


def changes(report):
    return {field: mask.tolist() for field, mask in report.known.changed.items() if mask.any()}


def test_the_same_row_again_changes_nothing():  # S3-22
    report = again(receivable())
    assert found(report) == [] and changes(report) == {} and not report.known.differs.any()


def test_matched_on_the_id_never_on_the_number():  # S3-21
    report = again(receivable(invoiceId="INV-7", amount="999.00"))
    assert found(report) == [(2, "invoiceNumber", "number-again")]
    assert report.problems[0].severity is Severity.HOLD and report.accepted == 0
    assert "invoice INV-1001, on file" in report.problems[0].message


def test_amount_due_and_due_date_update_freely():  # S3-23
    report = again(receivable(amountDue="100.00", dateDue="12/24/2026"))
    assert found(report) == []
    assert changes(report) == {"amountDue": [True], "dateDue": [True]}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("invoiceNumber", "1002", 'Invoice number changes from "1001" to "1002".'),
        ("amount", "1,500.00", "Amount changes from 1,000.00 to 1,500.00."),
        ("date", "10/30/2026", "Date changes from 31 Oct 2026 to 30 Oct 2026."),
        ("contactEmail", "new@miller.co", 'Contact e-mail changes from "ap@miller.co" to "new@miller.co".'),
    ],
)
def test_other_fields_update_with_a_warning(field, value, words):  # S3-23
    report = again(receivable(**{field: value}))
    assert found(report) == [(2, field, "changed")]
    assert report.problems[0].message == words and report.accepted == 1


def test_a_changed_customer_is_an_error():  # S3-23
    report = again(receivable(extCustomerId="C-9"))
    assert (2, "extCustomerId", "changed-fixed") in found(report) and report.accepted == 0


def test_amount_due_zero_pays_and_canceled_wins():  # S3-24, S3-25
    report = again(receivable(amountDue="0"))
    assert found(report) == [] and changes(report) == {"amountDue": [True], "record.status": [True]}
    assert report.rows["record.status"].iloc[0] == "Paid"
    assert again(receivable(amountDue="0", isCanceled="yes")).rows["record.status"].iloc[0] == "Canceled"


def test_a_rising_amount_due_waits_for_a_yes():  # S3-25
    report = again(receivable(amountDue="300.00"))
    assert found(report) == [(2, "amountDue", "rising-due")]
    assert report.problems[0].message == "Amount due would rise from 250.00 to 300.00. Confirm it, or correct the amount due."
    assert report.problems[0].severity is Severity.HOLD


@pytest.mark.parametrize("before", [receivable(amountDue="0"), receivable(isCanceled="yes")])
def test_opening_a_closed_one_waits_for_a_yes(before):  # S3-25
    report = again(receivable(), before)
    assert "reopened" in [rule for _, _, rule in found(report)] and report.accepted == 0


def test_a_blank_required_cell_never_erases():  # S3-32
    report = again(receivable(contactEmail=""))
    assert found(report) == [(2, "contactEmail", "required")] and report.accepted == 0


def test_amount_zero_warns_only_on_creation():  # S3-9
    zero = receivable(amount="0", amountDue="0")
    assert found(checked(zero, context=Empty()), Severity.WARNING) == [(2, "amount", "zero-amount")]
    assert found(again(zero, zero)) == []


def test_near_duplicates_of_what_is_on_file_warn():
    report = again(receivable(1, invoiceNumber="I001", extCustomerId="C-4711", date="11/05/2026"))
    assert found(report, Severity.WARNING) == [(2, "invoiceNumber", "near-duplicate")]
    assert "I001 looks like 1001 on file already" in report.problems.at_least(Severity.WARNING)[0].message


def test_rows_without_their_id_are_not_looked_for_among_what_is_on_file():  # X-9, S3-6
    look_alike = receivable(1, invoiceNumber="I001", extCustomerId="C-4711", date="11/05/2026")
    assert ("invoiceId", "required") in [(field, rule) for _, field, rule in found(again(look_alike | {"invoiceId": ""}), Severity.WARNING)]
    del look_alike["invoiceId"]
    assert found(again(look_alike, receivable()), Severity.WARNING) == [(None, "invoiceId", "unmapped")]


def test_unknown_customers_are_created_or_refused():  # S3-29
    report = checked(receivable(), receivable(1), context=Empty())
    assert found(report) == [(None, "extCustomerId", "new-customers")]
    assert report.new_customers.index.tolist() == ["C-4711", "C-4712"]
    assert report.new_customers["name"].tolist() == ["Miller Studio", "Miller Studio"]
    strict = checked(receivable(), context=Empty(), settings={"customers": "must-exist"})
    assert found(strict) == [(2, "extCustomerId", "unknown-customer")] and strict.accepted == 0


def test_the_stored_name_of_a_customer_stays():  # S3-29
    context = books(receivable(), customers={"C-4711": "Miller & Daughters"})
    report = checked(receivable(1, extCustomerId="C-4711", amount="900"), context=context)
    assert found(report) == [(2, "customerName", "name-stays")]
    assert report.problems[0].severity is Severity.WARNING
    same = books(receivable(), customers={"C-4711": "MILLER  studio"})
    assert found(checked(receivable(1, extCustomerId="C-4711", amount="900"), context=same)) == []


YEN = {"amount": "5000", "amountDue": "5000"}


@pytest.mark.parametrize("silent", [{}, {"currency": ""}])
def test_a_file_without_currencies_leaves_the_stored_ones(silent):  # X-17, S3-22
    report = again(receivable(**YEN, **silent), receivable(**YEN, currency="JPY"))
    assert found(report) == [] and changes(report) == {}
    assert report.rows[["amount", "currency"]].to_numpy().tolist() == [[5000, "JPY"]]
    risen = again(receivable(amount="5000", amountDue="6000", **silent), receivable(**YEN, currency="JPY"))
    assert "more than" in risen.problems[0].message
    parts = again(receivable(amount="60.50", amountDue="60", **silent), receivable(**YEN, currency="JPY"))
    assert (2, "amount", "decimals") in found(parts) and "more decimals than JPY has" in parts.problems[0].message


def test_only_known_documents_have_a_stored_currency():
    rows = [receivable(1, currency=""), receivable(**YEN, currency="")]
    report = checked(*rows, context=books(receivable(**YEN, currency="JPY")))
    assert report.rows["currency"].tolist() == ["USD", "JPY"] and report.rows["amount"].tolist() == [100000, 5000]


def test_a_currency_that_the_file_names_or_a_setting_gives_changes_it_and_is_told():  # S3-23
    before = receivable(currency="EUR")
    assert (2, "currency", "changed") in found(again(receivable(currency="USD"), before))
    assert (2, "currency", "changed") in found(again(receivable(currency=""), before, settings={"currency": "USD"}))


def test_what_was_stored_is_shown_in_its_own_currency():  # X-17, S3-25
    report = again(receivable(amount="80.00", amountDue="80.00", currency="USD"), receivable(**YEN, currency="JPY"))
    (rising,) = [p.message for p in report.problems if p.rule == "rising-due"]
    assert "from 5,000 to 80.00" in rising


def test_closed_books_protect_the_currency():
    closed = Entity(closed_until=dt.date(2026, 10, 31))
    assert (2, "date", "closed-books") in found(again(receivable(currency="EUR"), entity=closed))


def test_closed_books():
    closed = Entity(closed_until=dt.date(2026, 10, 31))
    assert found(again(receivable(), entity=closed)) == []  # unchanged rows touch nothing
    assert found(again(receivable(dateDue="12/24/2026"), entity=closed)) == []
    assert found(again(receivable(amountDue="0"), entity=closed)) == [(2, "date", "closed-books")]
    new = checked(receivable(1, date="10/31/2026"), receivable(2, date="11/01/2026"), context=Empty(closed))
    assert found(new, Severity.ERROR) == [(2, "date", "closed-books")]
    assert "closed until 31 Oct 2026" in new.problems.at_least(Severity.ERROR)[0].message


def test_books_that_only_create_refuse_what_is_on_file():  # S0-29
    once = dataclasses.replace(RECEIVABLES, existing="error")
    made = table([receivable()])
    report = examine(made, once, mapped(made.headings), context=books(receivable()))
    assert found(report, Severity.ERROR) == [(2, "invoiceId", "exists")]


@pytest.mark.parametrize(
    ("before", "now", "dated"),
    [
        ({}, {"date": "11/15/2026", "amount": "1200.00"}, "31 Oct 2026"),  # out of the closed books, with another amount
        ({"date": "11/05/2026"}, {"date": "10/15/2026"}, "15 Oct 2026"),  # into them
    ],
)
def test_a_new_date_is_no_way_round_closed_books(before, now, dated):
    report = again(receivable(**{**before, **now}), receivable(**before), entity=Entity(closed_until=dt.date(2026, 10, 31)))
    (problem,) = report.problems.at_least(Severity.ERROR)
    assert (problem.rule, problem.field) == ("closed-books", "date")
    assert problem.message == f"The books are closed until 31 Oct 2026; this would change an invoice dated {dated}. Ask an administrator, or correct the date."


def test_a_number_that_two_invoices_on_file_share_was_settled_when_they_came():  # S3-21, S3-22
    twins = [receivable(), receivable(1, invoiceNumber="1001", extCustomerId="C-4711", amount="700")]
    report = checked(*twins, context=books(*twins))
    assert found(report, Severity.HOLD) == [] and not report.known.differs.any()


def test_a_number_again_is_told_once_in_the_file_and_in_the_store():  # S3-21, X-4
    report = checked(receivable(), receivable(1, invoiceNumber="1001", extCustomerId="C-4711", amount="700"), context=books(receivable()))
    assert found(report, Severity.HOLD) == [(3, "invoiceNumber", "number-again")]


@pytest.mark.parametrize("canceled", ["Y", ""])
def test_an_unread_cell_reopens_nothing(canceled):  # X-4, S3-25
    report = again(receivable(isCanceled=canceled), receivable(isCanceled="yes"))
    assert [(p.field, p.severity) for p in report.problems] == [("isCanceled", Severity.ERROR)]
    assert found(again(receivable(), receivable(isCanceled="yes")), Severity.HOLD) == [(2, "amountDue", "reopened")]


class InParts(Books):
    """Books that hand out their records so many at a time, the last ones first."""

    size = 1

    def existing_in_parts(self, rules, keys, look):
        found = self.existing(rules, keys)
        return [look(found.iloc[max(0, end - self.size) : end]) for end in range(len(found), 0, -self.size)] or [look(found)]


def _varied(again: bool) -> list[dict[str, str]]:
    """Receivables that stay, change in one field or in several, lose a cell, are named twice or come anew."""
    kinds = [{}, {"amountDue": "0"}, {"amount": "1500.00", "date": "10/30/2026"}, {"contactEmail": ""}, {"amountDue": "900.00", "extCustomerId": "C-9"}]
    rows = [receivable(number, **(kinds[number % len(kinds)] if again else {"amountDue": "0"} if number % 3 == 0 else {})) for number in range(23)]
    return [*rows[4:], *rows[:6]] if again else rows[:-3]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_in_parts_of_any_size_the_same_is_found(monkeypatch, size):  # issue: bounded memory
    before = checked(*_varied(again=False))
    whole = checked(*_varied(again=True), context=Books(before))
    monkeypatch.setattr(InParts, "size", size)
    monkeypatch.setattr(comparing, "_PART", size)
    parts = checked(*_varied(again=True), context=InParts(before))
    assert whole.known.differs.any() and {problem.rule for problem in whole.problems} >= {"changed", "changed-fixed", "rising-due", "reopened"}
    assert parts.known.at.tolist() == whole.known.at.tolist()
    assert {name: mask.tolist() for name, mask in parts.known.changed.items()} == {name: mask.tolist() for name, mask in whole.known.changed.items()}
    assert_frame_equal(parts.known.was.frame(), whole.known.was.frame())
    assert parts.problems.to_frame().equals(whole.problems.to_frame())


def test_what_was_stored_is_what_was_stored():  # S3-22
    before = checked(*_varied(again=False))
    known = checked(*_varied(again=True), context=Books(before)).known
    keys = known.was.take("invoiceId").to_pylist()
    stored = before.rows.set_index("invoiceId", drop=False).loc[keys].reset_index(drop=True)
    was = known.was.frame(stored.columns)
    assert list(was) and {name: was[name].tolist() for name in was} == {name: stored[name].tolist() for name in was}
    odd = known.was.take("amountDue", np.array([3, -1, 0])).to_pylist()
    assert odd == [stored["amountDue"].iloc[3], None, stored["amountDue"].iloc[0]]
    some = np.arange(len(known.at)) % 3 == 1
    assert_frame_equal(known.only(some).was.frame(), known.was.frame(of=np.flatnonzero(some)))


def test_of_what_the_file_says_as_well_nothing_is_kept():  # issue: bounded memory
    report = checked(*_varied(again=False), context=books(*_varied(again=False)))
    kept = {name: len(values) for name, (_, values) in report.known.was.own.items() if len(values)}
    assert len(report.known.at) == 20 and kept == {}
    assert list(report.known.was.more) == ["version"]
