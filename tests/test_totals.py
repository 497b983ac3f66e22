"""Control totals: what was declared, or stood in a total row, against what the file holds (X-8, X-22)."""

import dataclasses
import datetime as dt

import pytest

from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from invoice_rules.results import Expected
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


def test_amounts_of_an_unknown_currency_are_listed_apart():
    rows = [receivable(number, currency=code, amount="1,000.00") for number, code in enumerate(("EUR", "ZZZ"))]
    report = checked(*rows, expected=Expected(2, {"EUR": 100_000}))
    told = [p.message for p in report.problems if p.rule == "control-unread"]
    assert told[0] == "1 cell of Amount could not be read and is not in the total."
