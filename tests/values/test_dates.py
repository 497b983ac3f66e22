"""Dates: one order a column, with evidence; real dates only (S3-11, X-12, X-24)."""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_rules.problems import filled, quoted
from invoice_rules.table import Kind
from invoice_rules.values import date_order, dates, parse_dates
from invoice_rules.values.dates import two_ways


def read(*texts, **how):
    return parse_dates(pa.array(texts, pa.large_string()), **how).values.to_pylist()


def column(*texts):
    return pa.array(texts, pa.large_string())


DAY = dt.date(2026, 1, 31)


@pytest.mark.parametrize("text", ["01/31/2026", "1/31/2026", "01-31-2026", "01.31.2026", "1.31.2026", "01/31/2026 00:00:00", "01/31/2026 12:00:00 AM", "1/31/2026 12:00 am"])
def test_month_first(text):  # S3-11
    assert read(text) == [DAY]


@pytest.mark.parametrize("text", ["31/01/2026", "1/31/26", "01-31/2026", "2026-01-31", "02/29/2026", "00/10/2026", "1/31/0026", "1/31/20266", "31 Jan 2026", "Jan 31", "soon", "46053", "01/31/2026 14:02", "01/31/2026 12:00:00 PM", "01/31/2026 1:00:00 AM"])
def test_not_month_first(text):  # S3-11
    assert read(text) == [None]


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-01-31T00:00:00", DAY), ("2026-01-31T00:00:00Z", DAY), ("2026-01-31T00:00:00.000+00:00", DAY), ("2026-01-31T14:02:00Z", None), ("2026-01-31T00:00:00+02:00", None)],
)
def test_midnight_of_services_is_a_day_and_other_times_are_none(text, day):
    assert read(text, order="year-first") == [day]


def test_a_text_that_looks_like_a_date_cell_and_is_none():  # S3-11
    kinds = np.array([Kind.DATE, Kind.TEXT, Kind.TEXT])
    assert read("2026-01-31", "2026-02-30", "2026-99-01", kinds=kinds) == [DAY, None, None]


def test_other_orders_where_they_are_chosen():
    assert read("31/01/2026", order="day-first") == [DAY]
    assert read("2026-01-31", "2026/1/31", order="year-first") == [DAY, DAY]
    assert read("31-Jan-2026", "31 January 2026", "Jan 31, 2026", named=True) == [DAY] * 3


def test_the_order_is_proven_by_the_column():
    assert date_order(column("05/06/2026", "26/06/2026")) == "day-first"
    assert date_order(column("05/06/2026", "06/26/2026")) == "month-first"
    assert date_order(column("05/06/2026")) == ""
    assert date_order(column("2026-01-31")) == "year-first"
    assert date_order(column("26/06/2026", "06/26/2026")) == "both"


def test_a_column_is_in_doubt_where_day_and_month_could_change_places():
    assert two_ways(column("11/11/2026", "03/04/2026")) and two_ways(column("3/4/26"), short=True)
    assert not two_ways(column("11/11/2026", "05/05/2026", "5/05/2026")) and not two_ways(column("03/04/26"))
    assert not two_ways(column("2026-03-04", "", "11/30/2026 12:00:00 AM", "03/04/2026 14:05"))
    assert not two_ways(column("03/04/2026"), np.array([Kind.DATE]))


def test_no_row_is_guessed_against_the_evidence():
    parsed = parse_dates(column("05/06/2026", "26/06/2026", "05/05/2026", "12/31/2026"))
    assert parsed.values.to_pylist() == [None, None, dt.date(2026, 5, 5), dt.date(2026, 12, 31)]


def test_real_date_cells_need_no_order():
    kinds = np.array([Kind.DATE, Kind.DATE, Kind.TEXT])
    assert read("2026-01-31", "2026-01-31 14:02:00", "01/31/2026", kinds=kinds) == [DAY] * 3


@given(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), min_size=1), st.sampled_from("-/."), st.sampled_from(["month-first", "day-first", "year-first"]))
def test_written_dates_are_read_back(dates, mark, order):
    form = {"month-first": "%m{0}%d{0}%Y", "day-first": "%d{0}%m{0}%Y", "year-first": "%Y{0}%m{0}%d"}[order].format(mark)
    assert read(*[f"{date:{form}}" for date in dates], order=order) == dates


def test_dates_that_lenient_readers_guess_are_told(shared_data):
    """Strings of other projects' test suites: a date or one fault each, never an exception."""
    lines = (shared_data / "strings" / "dates_dateparser_dateutil.jsonl").read_text().strip().split("\n")
    texts = [text for line in lines for text in _texts(json.loads(line))]
    assert len(texts) > 100
    parsed = parse_dates(column(*[text.strip() for text in texts]))
    faulty = sum(len(fault.at) for fault in parsed.faults)
    blank = sum(not text.strip() for text in texts)
    assert faulty + blank + len(parsed.values) - parsed.values.null_count == len(texts)


def _texts(line):
    return [value for value in (line.values() if isinstance(line, dict) else [line]) if isinstance(value, str)]


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["2026-02-05", "31/12/2025", "01/02/2026"], "day-first"),
        (["2026-02-05", "12/31/2025", "01/02/2026"], "month-first"),
        (["2026-02-05", "2026-02-06", "31/12/2025", "01/02/2026"], "year-first"),
        (["2026-02-05", "03/04/2026", "01/02/2026"], "year-first"),
    ],
)
def test_one_date_with_its_year_first_does_not_decide_against_the_others(texts, order):
    assert date_order(column(*texts)) == order


def message(text, order, **how):
    (fault,) = parse_dates(column(text), order=order, **how).faults
    said = filled(fault.rule.message, {"value": quoted(text), **fault.facts(text)})
    assert "{" not in said
    return said, fault.fix(text)


@pytest.mark.parametrize(
    ("text", "order", "says", "fix"),
    [
        ("31/12/2025", "year-first", "Write 2025-12-31, or choose", "2025-12-31"),
        ("01/02/2026", "year-first", "dates here are year-month-day. Write it so, or choose", None),
        ("2026-02-05", "day-first", "Write 05/02/2026, or choose", "05/02/2026"),
        ("2026-02-30", "day-first", "dates here are day/month/year. Write it so, or choose", None),
    ],
)
def test_no_date_is_proposed_that_is_not_known(text, order, says, fix):
    said, proposed = message(text, order)
    assert says in said and (proposed.value if proposed else None) == fix


def test_day_numbers_of_a_book_that_counts_from_1904():  # S3-11
    assert message("44883", "month-first")[0].startswith('"44883" is a number; as Excel\'s day number it would be 18 Nov 2022.')
    said, fix = message("44883", "month-first", from_1904=True)
    assert "it would be 19 Nov 2026." in said and fix.value == "11/19/2026"
    assert message("73000", "month-first", from_1904=True)[0].startswith('"73000" is not a date.')


DATELIKE = st.text(st.sampled_from("0123456789/-.: TNovz"), max_size=11) | st.sampled_from(["3-Nov-2026", "November 3, 2026", "nov. 3 2026", "2026-01-31 00:00", "44883", "31.1.2026", "0001-01-01"])


@given(st.lists(DATELIKE, max_size=5), st.sampled_from(sorted(dates.DATE_ORDERS)), st.booleans())
def test_the_pattern_lets_every_text_pass_that_is_more_than_no_date(texts, order, named):  # S3-11
    assert dates._readings(column(*texts), order, named, False) == [dates._read(text, order, named) for text in texts]


def test_texts_that_are_no_dates_are_not_read_one_by_one(monkeypatch):
    monkeypatch.setattr(dates, "_read", None)
    assert read(*(f"{at} x" for at in range(1000))) == [None] * 1000


@pytest.mark.parametrize(("text", "named", "words"), [("0001-01-01", False, "in the year 1."), ("1899-12-31", True, "in the year 1899."), ("9999-12-31", True, "in the year 9999."), ("1-Jan-0099", False, "Write it so"), ("1-Jan-0099", True, "in the year 99.")])
def test_no_fix_leads_to_a_year_that_is_refused(text, named, words):
    for order in ("month-first", "day-first"):
        (fault,) = parse_dates(column(text), order=order, named=named).faults
        assert fault.fix(text) is None and words in filled(fault.rule.message, {"value": quoted(text), **fault.facts(text)})
