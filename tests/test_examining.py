"""One examination: each rule on the cell that breaks it, and nothing else (S3, X-4, X-5)."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pytest
from pandera.errors import SchemaErrors

from invoice_rules.checking import Schema
from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.mapping import match
from invoice_rules.problems import Finding, Rule, Severity
from invoice_rules.results import Corrections, Entity, Expected
from invoice_rules.rulesets import rule_set
from invoice_rules.table import Kind
from tests.contexts import Empty
from tests.making import CUSTOMERS, GOOD_CUSTOMER, RECEIVABLES, mapped, receivable, table

TODAY = dt.date(2026, 11, 21)


def checked(*rows, rules=RECEIVABLES, kinds=None, **how):
    made = table(rows, kinds)
    return examine(made, rules, mapped(made.headings, rules), today=TODAY, **how)


def found(report, least=Severity.NOTICE):
    return [(p.row, p.field, p.rule) for p in report.problems.at_least(least)]


def test_a_good_row_has_no_problem():
    report = checked(receivable())
    assert list(report.problems) == []
    assert report.summary() == "The invoice is ready."
    assert report.totals() == {"USD": {"amount": 100000, "amountDue": 25000}}


LONG_40, LONG_50 = "X" * 41, "X y" * 17
BROKEN = [
    ("S3-6", "invoiceId", "", "required"),
    ("S3-6", "invoiceNumber", " ", "required"),
    ("S3-6", "amount", "", "required"),
    ("S3-6", "amountDue", "", "required"),
    ("S3-6", "customerName", '""', "required"),
    ("S3-6", "extCustomerId", "\u00a0", "required"),
    ("S3-6", "date", "", "required"),
    ("S3-6", "dateDue", "", "required"),
    ("S3-6", "isCanceled", "", "required"),
    ("S3-6", "contactEmail", "", "required"),
    ("S3-7", "invoiceId", LONG_40, "max-length"),
    ("S3-7", "invoiceNumber", LONG_40, "max-length"),
    ("S3-7", "extCustomerId", LONG_40, "max-length"),
    ("S3-7", "customerName", LONG_50, "max-length"),
    ("S3-5", "invoiceId", "=1+1", "content"),
    ("S3-5", "customerName", "+Miller", "content"),
    ("S3-5", "customerName", "@Miller", "content"),
    ("S3-5", "customerName", "-Miller", "content"),
    ("S3-5", "customerName", "\uff1dMiller", "content"),
    ("S3-5", "customerName", "Miller -- Studio", "content"),
    ("S3-5", "customerName", "Miller =CMD|' /C calc'!A0", "content"),
    ("S3-5", "customerName", "Miller =sum(A1)", "content"),
    ("S3-5", "extCustomerId", "x=VLookup(1)", "content"),
    ("S3-8", "amount", "one thousand", "money"),
    ("S3-8", "amount", "10,00.00", "money"),
    ("S3-8", "amount", "1.000,00", "money"),
    ("S3-8", "amount", "€1,000.00", "money"),
    ("S3-8", "amount", "1000 EUR", "money"),
    ("S3-8", "amount", "1E5", "money"),
    ("S3-8", "amount", "1,000.00.00", "money"),
    ("S3-8", "amount", "(1,000.00", "money"),
    ("S3-8", "amount", "12345678901234", "money"),
    ("X-17", "amount", "1000.005", "decimals"),
    ("S3-10", "amountDue", "1000.01", "within-amount"),
    ("S3-11", "date", "2026-10-31", "date"),
    ("S3-11", "date", "10/31/26", "date"),
    ("S3-11", "date", "02/30/2026", "date"),
    ("S3-11", "date", "10-31/2026", "date"),
    ("S3-11", "date", "soon", "date"),
    ("S3-11", "dateDue", "31.10.2026", "date"),
    ("S3-12", "isCanceled", "Y", "yes-no"),
    ("S3-12", "isCanceled", "perhaps", "yes-no"),
    ("S3-13", "contactEmail", "ap@acme", "email"),
    ("S3-13", "contactEmail", "a@b.co;;x", "email"),
    ("S3-13", "contactEmail", ";".join(f"a{n}@b.co" for n in range(7)), "email-count"),
    ("X-3", "invoiceId", "4.72E+15", "lost-digits"),
    ("X-3", "invoiceId", "INV\u200b1", "control-characters"),
    ("S3-28", "invoiceId", "INV\u00ad1", "control-characters"),
]


@pytest.mark.parametrize(("spec", "field", "value", "rule"), BROKEN, ids=[f"{s}-{f}-{v[:12]}" for s, f, v, _ in BROKEN])
def test_one_broken_cell_gives_its_one_rule(spec, field, value, rule):
    report = checked(receivable(), receivable(1, **{field: value}))
    assert found(report, Severity.WARNING) == [(3, field, rule)]
    problem = report.problems.at_least(Severity.WARNING)[0]
    assert problem.severity is Severity.ERROR
    assert problem.value == value
    assert "{" not in problem.message and problem.message.endswith((".", "?"))
    assert (report.accepted, report.rejected) == (1, 1)


def test_an_amount_that_the_sheet_shows_in_another_currency_is_an_error():  # X-17, S3-8
    rows = [receivable(at, amount="1000", amountDue="1000", currency=code) for at, code in enumerate(["", "USD", "EUR", "GBP", "JPY", "CNY"])]
    made = table(rows, {"amount": [Kind.NUMBER] * 6})
    signs = {"EUR": np.array([2, 4]), "GBP": np.array([3, 5]), "¥": np.array([6, 7])}
    made = dataclasses.replace(made, currencies={made.headings.index("amount"): signs})
    report = examine(made, RECEIVABLES, mapped(made.headings), today=TODAY)
    assert found(report, Severity.WARNING) == [(row, "amount", "shown-currency") for row in (2, 3)]
    assert report.problems.at_least(Severity.WARNING)[0].message == (
        '"1000" is shown in EUR in the sheet, and amounts here are in USD. '
        "Give the currency of the file or of the row, or ask the sender for the amount in USD."
    )
    euros = examine(made, RECEIVABLES, mapped(made.headings), {"currency": "EUR"}, today=TODAY)
    assert found(euros, Severity.WARNING) == [(3, "amount", "shown-currency")]


def headed(rows, headings, rules=RECEIVABLES, **how):
    """The rows under other headings, for some of their fields."""
    made = table(rows)
    fields = mapped(made.headings, rules)
    return examine(dataclasses.replace(made, headings=tuple(headings.get(name, name) for name in made.headings)), rules, fields, today=TODAY, **how)


def test_an_amount_under_a_heading_of_another_currency_is_an_error():
    rows = [receivable(at, amount="1000.00", currency=code) for at, code in enumerate(["", "EUR", "CAD"])]
    report = headed(rows, {"amount": "Amount (EUR)", "amountDue": "Amount due ($)"})
    assert found(report, Severity.WARNING) == [(2, "amount", "shown-currency"), (3, "amountDue", "shown-currency"), (4, "amount", "shown-currency")]
    assert report.problems.at_least(Severity.WARNING)[0].message == (
        '"1000.00" stands under a heading that names EUR, and amounts here are in USD. '
        "Give the currency of the file or of the row, or correct the heading."
    )


@pytest.mark.parametrize(
    ("heading", "currency"),
    [("Amount (USD)", "USD"), ("Amount ($)", "USD"), ("Amount ($)", "AUD"), ("Amount (US$)", "USD"), ("Amount (EUR)", "EUR"), ("Amount €", "EUR"), ("Amount (¥)", "CNY"), ("TOTAL (ALL)", "USD")],
)
def test_a_heading_may_name_the_currency_of_its_amounts(heading, currency):
    report = headed([receivable(amount="1000.00")], {"amount": heading}, settings={"currency": currency})
    assert found(report, Severity.WARNING) == []
    assert report.totals() == {currency: {"amount": 100000, "amountDue": 25000}}


def test_an_amount_that_is_set_for_the_file_stands_under_no_heading():  # X-17, S0-16
    report = headed([receivable()], {"amount": "Amount (EUR)"}, settings={"amount": "1000.00"})
    assert found(report, Severity.WARNING) == []


def test_of_columns_that_fit_equally_well_one_is_chosen():
    headings = {"amount": "Amount (old)", "isCanceled": "Amount (corrected)", "contactEmail": "Currency (old)", "currency": "Currency (new)"}
    made = table([receivable(amount="1000.00", isCanceled="1200.00", currency="USD", contactEmail="EUR")])
    made = dataclasses.replace(made, headings=tuple(headings.get(name, name) for name in made.headings))
    settings = {"isCanceled": "no", "contactEmail": "ap@miller.co"}
    report = examine(made, RECEIVABLES, None, settings, today=TODAY)
    assert [(p.field, p.rule, p.severity, p.message) for p in report.problems.at_least(Severity.WARNING)] == [
        ("amount", "unmapped", Severity.ERROR, 'Amount has no column: "Amount (old)" and "Amount (corrected)" fit equally well. Choose one of them.'),
        (
            "currency",
            "rival-columns",
            Severity.HOLD,
            'Currency has no column: "Currency (old)" and "Currency (new)" fit equally well. Choose one of them. A yes leaves it without a column.',
        ),
    ]
    chosen = match(made.headings, RECEIVABLES, made, given={"amount": "Amount (corrected)", "currency": "Currency (new)"})
    assert found(examine(made, RECEIVABLES, chosen, settings, today=TODAY), Severity.WARNING) == []
    given = {**settings, "amount": "1000.00", "currency": "USD"}
    assert found(examine(made, RECEIVABLES, None, given, today=TODAY), Severity.WARNING) == []


def test_amounts_that_are_counted_in_cents_are_told():
    report = headed([receivable(amount="100000", amountDue="100000")], {"amount": "Amount (in cents)", "customerName": "Customer (k)"})
    assert [(p.field, p.rule, p.severity) for p in report.problems.at_least(Severity.WARNING)] == [("amount", "sized-column", Severity.WARNING)]
    assert report.problems.at_least(Severity.WARNING)[0].message == (
        'Amount is read from the column "Amount (in cents)", whose heading counts in cents, thousands or the like. '
        "Its amounts are read as they stand. Check that this is right, or ask the sender for whole amounts."
    )


NAMED_DAY_FIRST = {"date": "Date (DD/MM/YYYY)", "dateDue": "Due date (TT.MM.JJJJ)"}


def test_a_heading_that_names_the_other_order_makes_ambiguous_dates_errors():  # X-12, S3-11
    rows = [receivable(date="03/04/2026", dateDue="05/06/2026"), receivable(1, date="03/03/2026", dateDue="06/06/2026")]
    report = headed(rows, NAMED_DAY_FIRST)
    assert found(report, Severity.WARNING) == [(2, "date", "date-order"), (2, "dateDue", "date-order")]
    assert report.problems.at_least(Severity.WARNING)[0].message == (
        '"03/04/2026" can be read two ways, and the heading "Date (DD/MM/YYYY)" shows that this column writes day first. '
        "Choose that for the whole column, or correct the dates."
    )
    turned = headed(rows, NAMED_DAY_FIRST, settings={"date.order": "day-first", "dateDue.order": "day-first"})
    assert found(turned, Severity.WARNING) == []
    assert turned.rows["date"].tolist() == [dt.date(2026, 4, 3), dt.date(2026, 3, 3)]
    kept = headed(rows, NAMED_DAY_FIRST, settings={"date.order": "month-first", "dateDue.order": "month-first"})
    assert found(kept, Severity.WARNING) == []


@pytest.mark.parametrize("heading", ["Date (MM/DD/YYYY)", "Date m/d/y", "Date (YYYY-MM-DD)", "Date"])
def test_a_heading_that_names_no_other_order_says_nothing(heading):
    assert found(headed([receivable(date="03/04/2026")], {"date": heading}), Severity.WARNING) == []


def test_cells_prove_more_than_their_heading():
    rows = [receivable(date="03/04/2026"), receivable(1, date="03/31/2026")]
    assert found(headed(rows, {"date": "Date (DD/MM/YYYY)"}), Severity.WARNING) == []


def test_a_heading_decides_the_order_where_the_rule_set_names_none():
    rules = rule_set("autotask.invoices")
    rows = [{"invoiceDate": "03/04/2026", "dueDate": "05/06/2026"}]
    for heading, month in (("Invoice date (dd/mm/yyyy)", 4), ("Invoice date (mm/dd/yyyy)", 3)):
        report = headed(rows, {"invoiceDate": heading}, rules)
        assert "date-order" not in {rule for _, field, rule in found(report) if field == "invoiceDate"}
        assert report.rows["invoiceDate"].iat[0].month == month
        assert ("dueDate", "date-order-of-others") in {(field, rule) for _, field, rule in found(report)}
        assert report.rows["dueDate"].iat[0].month == month + 2


def test_an_identifier_that_became_a_date_is_an_error():
    kinds = {"invoiceId": [Kind.TEXT, Kind.DATE, Kind.DATE]}
    report = checked(receivable(), *[receivable(at, invoiceId="2026-01-02") for at in (1, 2)], kinds=kinds)
    assert found(report, Severity.WARNING) == [(3, "invoiceId", "lost-form"), (4, "invoiceId", "lost-form")]
    assert report.problems.at_least(Severity.WARNING)[0].message.startswith(
        "Invoice ID arrived as the date 2026-01-02: a spreadsheet has turned it into one, and what was typed is lost."
    )


FINE = [
    ("S3-4", "customerName", '  "Miller Studio" '),
    ("S3-5", "customerName", "O'Brien"),
    ("S3-5", "invoiceId", "INV-001-A"),
    ("S3-8", "amount", "$ 1,000.00"),
    ("S3-8", "amount", "1000"),
    ("S3-8", "amount", "1000.5"),
    ("S3-11", "date", "1-2-2026"),
    ("S3-11", "date", "01.02.2026"),
    ("S3-12", "isCanceled", "FALSE"),
    ("S3-13", "contactEmail", "a@b.co, c@d.co ;; e@f.co"),
    ("X-21", "amountDue", "$ -"),
    ("S3-7", "invoiceId", "X" * 40),
]


@pytest.mark.parametrize(("spec", "field", "value"), FINE)
def test_what_the_documents_allow_passes(spec, field, value):
    assert found(checked(receivable(), receivable(1, **{field: value}))) == []


WARNED = [
    ("S3-9", {"amount": "0", "amountDue": "0"}, "amount", "zero-amount"),
    ("S3-11", {"dateDue": "10/30/2026"}, "dateDue", "due-before-date"),
    ("X-24", {"date": "10/31/2016", "dateDue": "10/31/2026"}, "date", "far-date"),
    ("X-24", {"dateDue": "12/01/2027"}, "dateDue", "far-date"),
    ("S3-30", {"customerName": "Test Customer"}, "customerName", "demo-data"),
    ("S3-30", {"contactEmail": "jo@example.com"}, "contactEmail", "demo-data"),
]


@pytest.mark.parametrize(("spec", "cells", "field", "rule"), WARNED)
def test_warnings_let_the_invoice_in(spec, cells, field, rule):
    report = checked(receivable(), receivable(1, **cells))
    assert found(report) == [(3, field, rule)]
    assert report.problems[0].severity is Severity.WARNING
    assert report.accepted == 2


def test_demo_data_is_only_told_in_live_books():  # S3-30
    test_books = Empty(Entity(environment="test"))
    assert found(checked(receivable(customerName="Test Customer"), context=test_books), Severity.WARNING) == []


def test_all_failures_of_a_row_are_told_at_once():  # S3-31, X-5
    report = checked(receivable(invoiceId="", amount="x", date="y", isCanceled="z", contactEmail="w"))
    assert [rule for _, _, rule in found(report)] == ["required", "money", "date", "yes-no", "email"]
    assert [p.cell for p in report.problems] == ["A2", "C2", "G2", "I2", "J2"]


def test_a_cell_that_was_not_understood_gets_no_second_complaint():
    report = checked(receivable(amount="x", amountDue="5000"))
    assert found(report) == [(2, "amount", "money")]


def test_twice_the_same_id_is_an_error_on_both():  # S3-28, X-9
    report = checked(receivable(), receivable(1), receivable(2, invoiceId="INV-1001"))
    assert found(report, Severity.ERROR) == [(2, "invoiceId", "duplicate"), (4, "invoiceId", "duplicate")]
    assert report.problems[0].message == "Invoice ID INV-1001 is also on row 4. Each invoice may appear once in a file."


def test_near_duplicates_warn():
    twin = receivable(1, invoiceNumber="1O01", extCustomerId="C-4711", date="11/02/2026")
    report = checked(receivable(), twin)
    assert found(report) == [(2, "invoiceNumber", "near-duplicate"), (3, "invoiceNumber", "near-duplicate")]
    assert report.problems[1].message == (
        "1O01 looks like 1001 on row 2: same customer, same amount, dates 2 days apart. Check that it is not entered twice."
    )
    far = receivable(1, invoiceNumber="1O01", extCustomerId="C-4711", date="11/12/2026")
    assert found(checked(receivable(), far)) == []


def test_the_same_number_of_one_customer_under_two_ids_waits_for_a_yes():  # S3-21
    report = checked(receivable(), receivable(1, invoiceNumber="1001", extCustomerId="C-4711", amount="700", date="01/05/2026"))
    assert found(report) == [(2, "invoiceNumber", "number-again"), (3, "invoiceNumber", "number-again")]
    assert report.problems[0].severity is Severity.HOLD
    assert report.accepted == 0


def test_one_customer_with_two_names_is_an_error():  # S3-29
    report = checked(receivable(), receivable(1, extCustomerId="C-4711", customerName="Miler Studio"))
    assert found(report) == [(2, "customerName", "two-names"), (3, "customerName", "two-names")]
    case_only = receivable(1, extCustomerId="C-4711", customerName="MILLER  studio")
    assert found(checked(receivable(), case_only)) == []


def test_negative_amounts_are_read_and_refused():  # X-21, S3-9
    for typed in ("-5.00", "(5.00)", "5.00-", "5.00 CR", "$(5.00)", "-$5.00"):
        report = checked(receivable(amountDue=typed))
        assert found(report) == [(2, "amountDue", "not-negative")], typed
        assert report.problems[0].message == "Amount due is -5.00, below zero. Amounts must be 0 or more."


def test_binary_noise_is_rounded_and_told():
    report = checked(receivable(amount="36788.399999999994"))
    assert found(report) == [(2, "amount", "binary-noise")]
    assert report.rows["amount"].iloc[0] == 3678840
    assert '"36788.399999999994" was read as 36,788.40' in report.problems[0].message


def test_signs_inside_text_are_told_once_a_column():  # S3-5
    report = checked(*(receivable(n, customerName=f'Mil"ler + {n}') for n in range(3)))
    assert found(report) == [(None, "customerName", "content-inside")]
    assert "3 cells" in report.problems[0].message


def test_the_strict_option_takes_the_literal_list():  # S3-5
    report = checked(receivable(customerName="O'Brien"), settings={"content": "strict"})
    assert (2, "customerName", "content-strict") in found(report)


def test_a_column_that_proves_day_first_leaves_no_date_to_guess():  # X-12, S3-11
    report = checked(receivable(date="05/06/2026"), receivable(1, date="26/06/2026"), receivable(2, date="06/06/2026"))
    assert found(report, Severity.ERROR) == [(2, "date", "date-order"), (3, "date", "date")]
    problem = report.problems[0]
    assert 'row 3 ("26/06/2026") shows that this column writes day first' in problem.message
    assert problem.fix.value == "06/05/2026"
    fixed = checked(receivable(date="05/06/2026"), receivable(1, date="26/06/2026"), settings={"date.order": "day-first"})
    assert found(fixed) == []
    assert fixed.rows["date"].tolist() == [dt.date(2026, 6, 5), dt.date(2026, 6, 26)]


def test_safe_fixes_can_be_applied_in_bulk_and_are_told():
    rows = [receivable(isCanceled="Y"), receivable(1, isCanceled="n"), receivable(2, isCanceled="canceled")]
    report = checked(*rows, apply_fixes=True)
    assert found(report) == [(None, "isCanceled", "corrected"), (None, "isCanceled", "corrected"), (4, "isCanceled", "yes-no")]
    assert report.rows["isCanceled"].tolist()[:2] == [True, False]
    assert report.problems[2].fix.value == "yes" and not report.problems[2].fix.safe  # a hint is never applied


def test_saved_corrections_are_replayed():
    saved = Corrections({("isCanceled", "open"): "no"}, {"date.order": "day-first"}, "Hollis", 3)
    report = checked(receivable(isCanceled="open", date="31/10/2026"), corrections=saved)
    assert found(report) == [(None, "isCanceled", "corrected")]
    assert report.corrections.version == 3


def test_control_totals_block_and_show_both_figures():
    expected = Expected(3, {"USD": 220000})
    report = checked(receivable(), receivable(1), expected=expected)
    (problem,) = report.blocked
    assert problem.message == (
        "3 invoices, USD 2,200.00 declared; the file holds 2 invoices, USD 2,000.00: 1 invoice and USD 200.00 missing. "
        "Find the difference, or correct the declared figures; nothing goes in until they agree."
    )
    assert report.accepted == 0
    assert checked(receivable(), receivable(1), expected=Expected(2, {"USD": 200000})).blocked == []


def test_control_totals_count_rejected_rows_and_list_unreadable_amounts():
    report = checked(receivable(), receivable(1, amount="x"), expected=Expected(2, {"USD": 100000}))
    assert report.blocked == []
    assert ("control-unread", "notice") in [(p.rule, str(p.severity)) for p in report.problems]


def test_currencies_are_never_mixed():
    rows = [receivable(currency=""), receivable(1, currency="jpy", amount="1000", amountDue="0"), receivable(2, currency="BHD", amount="1.234", amountDue="1")]
    report = checked(*rows)
    assert report.totals() == {
        "BHD": {"amount": 1234, "amountDue": 1000},
        "JPY": {"amount": 1000, "amountDue": 0},
        "USD": {"amount": 100000, "amountDue": 25000},
    }
    assert found(checked(receivable(currency="JPY", amount="1000.50", amountDue="5"))) == [(2, "amount", "decimals")]


def test_a_currency_with_no_decimals_takes_none():
    report = checked(receivable(amount="1000.50", amountDue="0"), settings={"currency": "JPY"})
    assert found(report) == [(2, "amount", "decimals")]
    report = checked(receivable(amount="$1000", amountDue="0"), settings={"currency": "EUR"})
    assert found(report) == [(2, "amount", "money")]
    report = checked(receivable(currency="dollars"))
    assert found(report) == [(2, "currency", "currency")]


def test_settings_fill_fields_and_say_so():
    row = {name: cell for name, cell in receivable().items() if name not in ("amountDue", "isCanceled")}
    report = checked(row, settings={"amountDue": "{amount}", "isCanceled": "no"})
    assert found(report) == []
    assert report.rows["amountDue"].tolist() == [100000]
    assert [(fill.field, fill.source, fill.value) for fill in report.fills] == [("isCanceled", "setting", "no"), ("amountDue", "setting", "{amount}")]


def test_a_setting_that_replaces_cells_tells_how_many():
    report = checked(receivable(), receivable(1, isCanceled="yes"), settings={"isCanceled": "no"})
    assert "1 cell of Canceled" in report.problems[0].message
    assert report.fills[0].overwritten == 1


def test_settings_that_do_not_exist_are_refused():
    for settings in ({"amont": "5"}, {"date.order": "sideways"}, {"currency": "dollars"}, {"content": "loose"}, {"amount": "{amont}"}, {"amount": "{amountDue}{0}"}):
        with pytest.raises(CannotRun):
            checked(receivable(), settings=settings)


def test_an_unmapped_required_field_is_told_once():  # S3-17, S3-15
    rows = [{k: v for k, v in receivable(n).items() if k != "contactEmail"} for n in range(3)]
    report = checked(*rows)
    assert found(report) == [(None, "contactEmail", "unmapped")]
    assert report.accepted == 0 and report.blocked


def test_excel_cells_keep_their_kind():  # S3-12, S3-11, X-3, X-4
    row = receivable(isCanceled="TRUE", date="2026-10-31", amount="1000.5", dateDue="44776", customerName="#N/A", invoiceNumber="1001")
    kinds = {
        "isCanceled": [Kind.YES_NO],
        "date": [Kind.DATE],
        "amount": [Kind.NUMBER],
        "dateDue": [Kind.NUMBER],
        "customerName": [Kind.ERROR],
        "invoiceNumber": [Kind.NUMBER],
    }
    report = checked(row, kinds=kinds)
    assert found(report) == [(2, "customerName", "cell-error"), (2, "dateDue", "date")]
    assert report.rows["date"].iloc[0] == dt.date(2026, 10, 31)
    assert "3 Aug 2022" in report.problems[1].message and report.problems[1].fix.value == "08/03/2022"


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"])
def test_a_spreadsheets_error_in_a_text_file_is_one(error):
    report = checked(receivable(customerName=error, extCustomerId=error, amount=error, contactEmail="#N/A Ltd"), receivable(invoiceId="2", customerName="#1 Supplies"))
    errors = {(p.field, p.rule) for p in report.problems if p.row == 2}
    assert errors == {("customerName", "cell-error"), ("extCustomerId", "cell-error"), ("amount", "cell-error"), ("contactEmail", "email")}
    assert not [p for p in report.problems if p.row == 3 and p.field == "customerName"]


def test_status_follows_amount_due_and_canceled():  # S3-24, S3-25
    rows = [receivable(), receivable(1, amountDue="0"), receivable(2, amountDue="0", isCanceled="yes")]
    assert checked(*rows).rows["record.status"].tolist() == ["Open", "Paid", "Canceled"]


def test_customers_have_their_own_rules():  # S3-14, S3-33
    good = {**GOOD_CUSTOMER}
    assert found(checked(good, rules=CUSTOMERS)) == []
    for field in good:
        assert found(checked({**good, field: ""}, rules=CUSTOMERS)) == [(2, field, "required")]
    assert found(checked({**good, "contactFullName": "y" * 51}, rules=CUSTOMERS)) == [(2, "contactFullName", "max-length")]
    assert found(checked(good, good, rules=CUSTOMERS)) == [(2, "extCustomerId", "duplicate"), (3, "extCustomerId", "duplicate")]


def test_rows_hidden_by_a_filter_are_told_and_can_be_left_out():
    made = table([receivable(), receivable(1, amount="x"), receivable(2)])
    made = dataclasses.replace(made, hidden=np.array([False, True, False]))
    report = examine(made, RECEIVABLES, mapped(made.headings), today=TODAY)
    assert ("hidden-rows", "notice") in [(p.rule, str(p.severity)) for p in report.problems]
    assert report.invoices == 3
    visible = examine(made, RECEIVABLES, mapped(made.headings), {"rows": "visible"}, today=TODAY)
    assert visible.invoices == 2 and visible.rows.index.tolist() == [2, 4]
    assert [(str(p.severity), p.message) for p in visible.problems] == [("notice", "Row 3 is hidden in the sheet and left out, as chosen.")]
    assert visible.hidden == 1 and visible.also_named.to_dict() == {3: "INV-1002"} and report.also_named is None


def test_a_ragged_row_has_that_one_problem():
    made = table([receivable(), receivable(1, amount="x", contactEmail="")])
    cells = Rule("cells", "Row {row} has 9 cells under 10 headings.", "X-22")
    made = dataclasses.replace(made, findings=(Finding(cells, at=np.array([1]), facts={"row": 3}),))
    assert found(examine(made, RECEIVABLES, mapped(made.headings), today=TODAY)) == [(3, "", "cells")]


def test_a_left_out_total_row_that_differs_is_a_hold():
    made = table([receivable(), receivable(1)])
    cells = ("", "Total", "$2,100.00", "500.00", "", "", "", "", "", "")
    report = examine(dataclasses.replace(made, totals={5: cells}), RECEIVABLES, mapped(made.headings), today=TODAY)
    (problem,) = report.blocked
    assert problem.severity is Severity.HOLD and problem.field == "amount"
    assert "The total row 5 says Amount 2,100.00; the rows add up to 2,000.00, 100.00 apart." in problem.message


def test_nothing_is_changed_in_place():
    made = table([receivable(isCanceled="Y")])
    before = made.frame.copy(deep=True)
    examine(made, RECEIVABLES, mapped(made.headings), today=TODAY, apply_fixes=True)
    assert made.frame.equals(before)


def test_hidden_rows_are_told_once_and_some_row_must_be_visible():
    made = dataclasses.replace(table([receivable(), receivable(1)]), hidden=np.array([True, True]))
    report = examine(made, RECEIVABLES, mapped(made.headings), today=TODAY)
    assert [p.message.split(".")[0] for p in report.problems] == ["2 rows are hidden in the sheet and checked like the others"]
    with pytest.raises(CannotRun, match="All rows of october.csv are hidden"):
        examine(made, RECEIVABLES, mapped(made.headings), {"rows": "visible"}, today=TODAY)


def test_an_address_that_is_none_is_no_demo_data_besides():  # X-4, S3-30
    assert found(checked(receivable(contactEmail="test@"))) == [(2, "contactEmail", "email")]
    assert found(checked(receivable(contactEmail="test@miller.co"))) == [(2, "contactEmail", "demo-data")]


def test_the_currency_setting_is_for_rows_that_name_none():
    rows = [receivable(number, amount="1200", amountDue="0", currency=code) for number, code in enumerate(("JPY", ""))]
    report = checked(*rows, settings={"currency": "EUR"})
    assert report.totals() == {"EUR": {"amount": 120000, "amountDue": 0}, "JPY": {"amount": 1200, "amountDue": 0}}
    assert list(report.problems) == []


def test_one_invoice_with_a_warning_is_not_counted_twice():
    assert checked(receivable(dateDue="10/01/2026")).summary() == "The invoice is ready, with warnings."


def test_a_correction_looks_at_what_the_file_says():
    swapped = Corrections({("customerName", "A"): "B", ("customerName", "B"): "C"})
    report = checked(receivable(customerName="A"), receivable(1, customerName="B"), corrections=swapped)
    assert report.rows["customerName"].tolist() == ["B", "C"]


def test_failures_are_taken_from_masks_and_pandera_stays_as_it_is_for_others():
    frame = pd.DataFrame({"a": [1, 2, 3]})
    odd = pandera.Check(lambda values: values % 2 == 1)
    with pytest.raises(SchemaErrors) as ours:
        Schema({}, checks=[pandera.Check(lambda rows: rows["a"] % 2 == 1)]).validate(frame, lazy=True)
    assert ours.value.failure_cases is None
    assert [error.check_output.tolist() for error in ours.value.schema_errors] == [[True, False, True]]
    with pytest.raises(SchemaErrors) as theirs:
        pandera.DataFrameSchema({"a": pandera.Column(int, odd)}).validate(frame, lazy=True)
    assert theirs.value.failure_cases["failure_case"].tolist() == [2]
