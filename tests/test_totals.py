"""Control totals: what was declared, or stood in a total row, against what the file holds (X-8, X-22)."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.problems import Finding, Severity
from invoice_rules.reading.assembling import CELLS
from invoice_rules.results import Expected
from invoice_rules.totals import expected_totals
from tests.making import RECEIVABLES, mapped, receivable, table

MOST = "9,999,999,999,999.99"


def checked(*rows, totals=None, **how):
    made = table(rows)
    cells = {row: tuple(figures.get(name, "") for name in made.headings) for row, figures in (totals or {}).items()}
    keep = [at for at in range(len(made)) if at + 2 not in cells]
    made = dataclasses.replace(made, frame=made.frame.iloc[keep], totals=cells)
    return examine(made, RECEIVABLES, mapped(made.headings), today=dt.date(2026, 11, 21), **how)


def holds(report):
    return [(p.field, p.message.split(". ")[0]) for p in report.blocked if p.severity is Severity.HOLD]


def test_totals_beyond_64_bits():
    rows = [receivable(number, amount=MOST, amountDue=MOST) for number in range(9_300)]
    exact = 999_999_999_999_999 * len(rows)
    assert exact > 2**63
    report = checked(*rows, expected=Expected(len(rows), {"USD": exact}, {"USD": exact}))
    assert report.totals() == {"USD": {"amount": exact, "amountDue": exact}}
    assert report.blocked == []
    (problem,) = checked(*rows, expected=Expected(None, {"USD": exact + 1})).blocked
    assert "92,999,999,999,999,907.00" in problem.message and "USD 0.01 missing" in problem.message


@pytest.mark.parametrize("text", ["300,30", "1.300,30", "all"])
def test_an_expected_total_with_a_misplaced_comma_is_refused(text):  # X-8, S3-8
    with pytest.raises(CannotRun, match="Write it as USD=1,200.00"):
        expected_totals(None, {"USD": text})


def test_expected_totals_are_written_as_amounts_are():  # X-8, S3-8
    assert expected_totals("1,200", {"usd": "$1,200.50", "EUR": "(5.10)"}) == Expected(1200, {"USD": 120050, "EUR": -510})
    with pytest.raises(CannotRun, match="not a whole number"):
        expected_totals("3,0", None)


SUBTOTALS = {4: {"amount": "2,000.00", "amountDue": "500"}, 6: {"amount": "1,000.00", "amountDue": "250"}}
FIVE = [receivable(number) for number in range(6)]


@pytest.mark.parametrize("last", [{}, {7: {"amount": "3,000.00", "amountDue": "750"}}])
def test_subtotals_tie_to_their_own_rows(last):
    report = checked(*FIVE[: 5 + len(last)], totals={**SUBTOTALS, **last})
    assert report.accepted == 3 and report.blocked == []


def test_a_subtotal_that_differs_is_a_hold_although_the_grand_total_ties():
    totals = {4: {"amount": "2,100.00"}, 6: {"amount": "1,000.00"}, 7: {"amount": "3,000.00"}}
    assert holds(checked(*FIVE, totals=totals)) == [
        ("amount", "The total row 4 says Amount 2,100.00; the rows above it add up to 2,000.00, 100.00 apart")
    ]


def test_total_rows_are_read_with_the_decimal_mark_of_their_column():
    rows = [receivable(number, amount="1.000,50") for number in range(3)]
    settings = {"amount.decimal": "comma"}
    assert holds(checked(*rows, totals={4: {"amount": "2.001,00"}}, settings=settings)) == []
    (hold,) = holds(checked(*rows, totals={4: {"amount": "2.002,00"}}, settings=settings))
    assert hold[1].endswith("says Amount 2,002.00; the rows add up to 2,001.00, 1.00 apart")


def of_text(text, rules="spectra.invoices", expected=None, **settings):
    return examine(("file.csv", text.encode()), rules, settings=settings, expected=expected, today=dt.date(2026, 11, 22))


SPECTRA = "clientNumber;invoiceNumber;invoiceDate;invoiceType;amount\n1042;1;15.11.2026;Reorder;1.200,50\n1042;2;15.11.2026;{};300,00\nTotal;;;;{}\n"


@pytest.mark.parametrize(("total", "ties"), [("1.500,50", True), ("1500.50", True), ("9.999,99", False)])
def test_a_mark_that_the_column_proves_is_that_of_its_total_row(total, ties):
    assert (holds(of_text(SPECTRA.format("Reorder", total))) == []) is ties


@pytest.mark.parametrize(("total", "ties"), [("900,50", True), ("1.500,50", True), ("1.200,50", False)])
def test_a_total_row_adds_credits_up_with_their_sign_or_without(total, ties):  # S0-30, X-22
    assert (holds(of_text(SPECTRA.format("Credit Memo", total))) == []) is ties


LINES = {
    "spectra.invoices": "clientNumber,invoiceNumber,invoiceDate,invoiceType,quantity,unitPrice,lineAmount\n"
    "1042,1,11/15/2026,Reorder,2,25.00,50.00\n1042,1,11/15/2026,Reorder,1,30.00,{}\nTotal,,,,,,{}\n",
    "spectrum.invoices": "Company_Code,Customer_Code,Invoice_Or_Transaction,Transaction_Type,Invoice_Date,Detail_Description,Line_Extension\n"
    "ABC,007Cor,1,I,05/24/2026,An item,50.00\nABC,007Cor,1,I,05/24/2026,Other,{}\n,,,,,Total,{}\n",
    "quickbooks.history": "quickbooksId,companyFile,customerName,project,invoiceDate,lineDescription,lineAmount\n"
    "1,Hollis,Bill,P-1,03/24/2026,Trees,50.00\n1,,,,,Rocks,{}\nTotal,,,,,,{}\n",
}


@pytest.mark.parametrize("rules", LINES)
def test_a_total_of_lines_ties_to_the_lines(rules):
    how = {"rowMode": "multi"} if rules == "spectra.invoices" else {}
    assert holds(of_text(LINES[rules].format("30.00", "80.00"), rules, **how)) == []
    (hold,) = holds(of_text(LINES[rules].format("30.00", "999.00"), rules, **how))
    assert hold[1].endswith("says Line amount 999.00; the rows add up to 80.00, 919.00 apart")


def test_a_total_row_may_carry_the_symbol_of_the_currency():  # X-22, S3-8
    text = "clientNumber,invoiceNumber,invoiceDate,invoiceType,amount\n1042,1,11/15/2026,Reorder,£200.00\n1042,2,11/15/2026,Reorder,£30.00\nTotal,,,,{}\n"
    assert holds(of_text(text.format("£230.00"), currency="GBP")) == []
    assert len(holds(of_text(text.format("£231.00"), currency="GBP"))) == 1


def test_a_total_of_lines_counts_those_that_are_worked_out():
    assert holds(of_text(LINES["spectra.invoices"].format("", "80.00"), rowMode="multi")) == []


AUTOTASK = (
    "invoiceId,companyId,companyName,invoiceDate,total,webServiceDate,quantity,rate,lineAmount\n"
    "1,5,Acme,10/31/2026,100.00,,1,60,60.00\n1,5,Acme,10/31/2026,100.00,,1,40,40.00\n2,6,Bolt,10/31/2026,50.00,2026-11-01,1,50,50.00\nTotal,,,,{},,,,{}\n"
)


@pytest.mark.parametrize(("total", "lines", "ties"), [("150.00", "150.00", True), ("250.00", "150.00", True), ("100.00", "150.00", False), ("150.00", "100.00", False)])
def test_total_rows_tie_to_the_whole_file_whatever_is_left_out(total, lines, ties):  # X-22, S4-3
    report = of_text(AUTOTASK.format(total, lines), "autotask.invoices")
    assert report.invoices == 1 and (holds(report) == []) is ties


def test_declared_totals_count_what_is_left_out():  # X-8, S4-3
    declared = Expected(2, {"USD": 15_000})
    assert of_text(AUTOTASK.format("150.00", "150.00"), "autotask.invoices", declared).blocked == []
    (problem,) = of_text(AUTOTASK.format("150.00", "150.00"), "autotask.invoices", Expected(1, {"USD": 10_000})).blocked
    assert "2 invoices, USD 150.00" in problem.message


def test_amounts_of_an_unknown_currency_are_listed_apart():
    rows = [receivable(number, currency=code, amount="1,000.00") for number, code in enumerate(("EUR", "ZZZ"))]
    report = checked(*rows, expected=Expected(2, {"EUR": 100_000}))
    told = [p.message for p in report.problems if p.rule == "control-unread"]
    assert told[0] == "1 cell of Amount could not be read and is not in the total."


def shifted(*rows, at, **how):
    """The rows; that at this position has a cell too many, so that its figures are those of other columns."""
    made = table(rows)
    beyond = Finding(CELLS, at=np.array([at]), facts={"row": at + 2, "cells": "11 cells", "headings": "10 headings", "what": ""})
    return examine(dataclasses.replace(made, findings=(beyond,)), RECEIVABLES, mapped(made.headings), today=dt.date(2026, 11, 21), **how)


def test_a_row_that_does_not_fit_under_the_headings_counts_in_no_total():
    rows = [receivable(0, amount="1001", amountDue="100.00"), receivable(1, amount="200.00", amountDue="200.00")]
    report = shifted(*rows, at=0, expected=expected_totals(2, {"USD": "300.00"}))
    assert report.totals() == {"USD": {"amount": 20_000, "amountDue": 20_000}}
    (problem,) = report.blocked
    assert "2 invoices, USD 300.00 declared; the file holds 2 invoices, USD 200.00: USD 100.00 missing" in problem.message
    told = [problem.message for problem in report.problems if problem.rule == "control-unread"]
    assert told == ["1 cell of Amount could not be read and is not in the total.", "1 cell of Amount due could not be read and is not in the total."]
    assert [problem.rule for problem in report.problems if problem.row == 2] == ["cells"]
