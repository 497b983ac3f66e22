"""Quantities, percentages and exact products (X-3, X-21, X-25, S2-15, S2-36)."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_rules.examining import examine
from invoice_rules.fields import half_of_last_digit, percent_of, priced, share_of
from invoice_rules.problems import Severity
from invoice_rules.values.numbers import decimals_of_raw, parse_number, parse_percent, plain_length, products, raw_decimals, rounded

NUMBERS = st.decimals(min_value=-(10**11), max_value=10**11, places=6, allow_nan=False)


def text(*values):
    return pa.array(values, pa.large_string())


def series(*values, kind=None):
    return pd.Series(pd.array(pa.array(values, kind or pa.int64()), dtype=pd.ArrowDtype(kind or pa.int64())))


def decimals(*values):
    return series(*[None if value is None else Decimal(value) for value in values], kind=pa.decimal128(18, 6))


def rules(parsed):
    return {fault.rule.id: fault.at.tolist() for fault in parsed.faults}


@given(st.lists(NUMBERS, max_size=20))
def test_what_is_written_is_what_is_read(numbers):
    parsed = parse_number(text(*[f"{number:f}" for number in numbers]))
    assert parsed.values.to_pylist() == numbers and not parsed.faults


@pytest.mark.parametrize(
    ("typed", "read"),
    [("12", "12"), ("-3.5", "-3.5"), ("1,200.25", "1200.25"), ("(4)", "-4"), ("4-", "-4"), (".5", "0.5"), ("5.", "5"), ("+7", "7"), ("0.1234560", "0.123456")],
)  # fmt: skip
def test_how_numbers_may_be_written(typed, read):
    parsed = parse_number(text(typed))
    assert parsed.values.to_pylist() == [Decimal(read).quantize(Decimal("0.000001"))] and not parsed.faults


def test_a_dash_for_no_cents_is_no_minus():
    """X-21: 1200.- is twelve hundred for some."""
    assert parse_number(text("1200.-", "5.50-", "5-")).values.to_pylist() == [None, Decimal("-5.5"), Decimal(-5)]


@pytest.mark.parametrize("typed", ["abc", "1,2", "0,500", "--1", "(-1)", "1.2.3", "1e5", "٣", "$5", "1" * 13, "."])
def test_what_is_no_number(typed):
    parsed = parse_number(text(typed))
    assert parsed.values.to_pylist() == [None] and list(rules(parsed)) == ["number"]


def test_blank_is_nobodys_business_here():
    assert parse_number(text("", "1")).faults == ()


def test_more_decimals_than_allowed_are_never_rounded():
    parsed = parse_number(text("1.5", "2", "0.1234567"), decimals=0)
    assert [v is None for v in parsed.values.to_pylist()] == [True, False, True] and rules(parsed) == {"number": [0, 2]}


def test_noise_of_a_computers_arithmetic_is_told():
    parsed = parse_number(text("36788.399999999994"))
    assert parsed.values.to_pylist() == [Decimal("36788.400000")] and rules(parsed) == {"binary-noise": [0]}


def test_a_decimal_comma():
    assert parse_number(text("1.200,5"), mark="comma").values.to_pylist() == [Decimal("1200.500000")]


def test_of_a_column_with_a_decimal_comma_cells_that_are_numbers_have_a_point():
    parsed = parse_number(text("12,50", "0.125", "3", "12.50", "0.500"), mark="comma", real=np.array([False, True, True, False, False]))
    assert [str(value) for value in parsed.values.to_pylist()] == ["12.500000", "0.125000", "3.000000", "None", "None"] and rules(parsed) == {"number": [3, 4]}


def test_percentages_as_typed_and_as_a_sheet_shows_them():
    parsed = parse_percent(text("10.5", "8 %", "0.105", "0"), np.array([False, False, True, False]))
    assert [str(v) for v in parsed.values.to_pylist()] == ["10.500000", "8.000000", "10.500000", "0.000000"] and rules(parsed) == {"percent-cell": [2]}


@given(st.lists(st.integers(-(10**17), 10**17), max_size=20))
def test_millionths_become_decimals_and_back(raw):
    values = np.array(raw, np.int64)
    assert raw_decimals(decimals_of_raw(values)).tolist() == raw


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_halves_go_away_from_zero(dividend, divisor):
    exact = Decimal(dividend) / Decimal(divisor)
    made = int(rounded(np.array([dividend]), divisor)[0])
    assert abs(Decimal(made) - exact) <= Decimal("0.5") and (2 * dividend % divisor or abs(made) >= abs(exact))


@pytest.mark.parametrize(("raw", "length"), [(0, 1), (5, 4), (50, 3), (100, 1), (46775, 6), (-100, 2), (999_999_999_999, 13), (10**12, 11)])
def test_lengths_of_plain_numbers(raw, length):
    assert plain_length(np.array([raw]), 2).tolist() == [length] == [len(format(Decimal(raw).scaleb(-2).normalize(), "f"))]


def test_products_beyond_64_bits_are_exact_or_too_large():
    big = decimals("900000000000", "2")
    assert products(big, big, 10**12).tolist() == [10**18, 4] and products(big, decimals("-900000000000", "2"), 10**12)[0] == -(10**18)
    assert products(decimals("1000000", None), decimals("1000000", "1"), 10**10)[0] == 10**14


def test_prices_taxes_and_shares():
    usd = pd.Series(["USD", "USD", "JPY"], dtype="str")
    assert priced(decimals("2", "3", "3"), decimals("0.125", "1.005", "1.5"), usd).tolist() == [25, 302, 5]
    assert percent_of(series(10_05, 333), decimals("6.5", "50")).tolist() == [65, 167]
    share = share_of(series(1, 1), series(3, 0), 3)
    assert share[0] == Decimal("33.333") and pd.isna(share[1])
    assert half_of_last_digit(decimals("10.5", "10", "0.25")).tolist() == [Decimal("0.05"), Decimal("0.5"), Decimal("0.005")]


@pytest.mark.parametrize("value", ["9" * 1_200_000, "0." + "0" * 1_200_000 + "1", "0" * 1_200_000 + "1"], ids=["whole", "part", "zeros"])
def test_numbers_of_endless_digits_are_none(value):
    parsed = parse_number(text(value, "1.5"))
    assert parsed.values.to_pylist() == [None, Decimal("1.5")] and [fault.at.tolist() for fault in parsed.faults] == [[0]]


@pytest.mark.parametrize(
    ("lines", "field"),
    [("999999999999,999999999999,\n7,1,5,", "lineAmount"), ("100000000000,100000000,", "lineAmount"), ("1,1,9999999999999.99" + "\n7,1,1,9999999999999.99" * 200, "amount")],
)
def test_amounts_worked_out_beyond_any_amount_are_errors_and_never_nothing(lines, field):
    report = examine(("f.csv", f"invoiceNumber,quantity,unitPrice,lineAmount\n7,{lines}\n".encode()), "spectra.invoices", settings={"rowMode": "multi"})
    assert (problem := next(problem for problem in report.problems if problem.rule == "money")).field == field
    assert problem.severity == Severity.ERROR and "larger than any amount can be" in problem.message
    assert report.rows["amount"].isna().all()
