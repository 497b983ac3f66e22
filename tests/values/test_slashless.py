"""Dates without slashes (S0-19)."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from invoice_rules.table import Kind
from invoice_rules.values import parse_slashless


def dates(*texts, **how):
    return parse_slashless(pa.array(texts, pa.large_string()), **how)


def test_real_date_cells_are_left_alone():
    kinds = np.array([Kind.DATE, Kind.TEXT])
    assert dates("2012-01-02", "010312", kinds=kinds).values.to_pylist() == [dt.date(2012, 1, 2), dt.date(2012, 1, 3)]


@pytest.mark.parametrize(("typed", "year"), [("010100", 2000), ("010169", 2069), ("010170", 1970), ("010199", 1999), ("1/1/70", 1970), ("1.1.69", 2069)])
def test_years_of_two_digits(typed, year):
    assert dates(typed).values.to_pylist() == [dt.date(year, 1, 1)]


@pytest.mark.parametrize("typed", ["3-Nov-26", "03-Nov-26", "3 November 26", "Nov 3, 26", "11/3/26 0:00", "11/3/26 12:00:00 AM", "11/03/2026 12:00:00 AM"])
def test_months_by_name_and_midnights_take_two_digits_too(typed):  # S0-19
    assert dates(typed).values.to_pylist() == [dt.date(2026, 11, 3)]


def test_eight_digits_with_the_year_first_are_told_as_such():  # S0-19, X-12
    parsed = dates("20261130")
    (fault,) = parsed.faults
    assert parsed.values.to_pylist() == [None] and fault.facts("20261130") | {"written": "year first", "hint": "11/30/2026"} == fault.facts("20261130")
    assert fault.fix("20261130").value == "11/30/2026" and "is written {written}" in fault.rule.message
    assert dates("20261130", order="year-first").values.to_pylist() == [dt.date(2026, 11, 30)]


def test_eight_digits_that_are_a_day_first_date_are_one():  # S0-19
    assert dates("20122012", order="day-first").values.to_pylist() == [dt.date(2012, 12, 20)]


def test_blank_cells_are_nobodys_business():
    parsed = dates("", "010112")
    assert parsed.values.to_pylist() == [None, dt.date(2012, 1, 1)] and parsed.faults == ()


@pytest.mark.parametrize("other", ["010212", "999999"])
def test_six_digits_elsewhere_are_the_evidence(other):
    assert dates("10112", other).values.to_pylist()[0] == dt.date(2012, 1, 1)


@pytest.mark.parametrize("other", ["01012012", "1/2/12", "2012-01-02", "", "01021"])
def test_anything_else_is_none(other):
    parsed = dates("10112", other)
    assert parsed.values.to_pylist()[0] is None and any("five digits" in fault.rule.message and 0 in fault.at for fault in parsed.faults)


def test_the_user_may_say_so():
    assert dates("10112", padded=True).values.to_pylist() == [dt.date(2012, 1, 1)]
    assert dates("10212", order="day-first", padded=True).values.to_pylist() == [dt.date(2012, 2, 1)]


def test_a_year_first_column_has_no_digits_alone():
    assert dates("2012-01-02", "010312", order="year-first").values.to_pylist() == [dt.date(2012, 1, 2), None]


def test_facts_and_fixes_are_about_what_was_typed():
    (fault,) = dates("023012").faults
    assert fault.facts("023012") == {**fault.facts("023012"), "month": "February", "year": 2012, "day": 30}
    parsed = dates("41275", "99999", "45678")
    by_rule = {fault.rule.message.split(".")[0]: fault.at.tolist() for fault in parsed.faults}
    assert sorted(by_rule.values()) == [[0], [1], [2]]
