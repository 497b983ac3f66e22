"""Which documents of a file are meant (S1-3, S1-9, S1-17, S4-1 … S4-4)."""

import datetime as dt

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pytest

from invoice_rules.columns import Typed
from invoice_rules.errors import CannotRun
from invoice_rules.fields import DATE_TYPE, YES_NO_TYPE, Option, RuleSet, code, date, text, yes_no
from invoice_rules.fields.filters import among, since, unless_blank, unless_yes, until
from invoice_rules.filtering import choose, filters_of, known_filters
from invoice_rules.problems import Severity, filled
from invoice_rules.table import TEXT

RULES = RuleSet(
    name="test.filters",
    title="Invoices",
    schema=pandera.DataFrameSchema(
        {"id": code("Invoice ID"), "date": date("Invoice date"), "division": text("Division"), "sent": text("Sent on"), "void": yes_no("Void")}
    ),
    key="id",
    options=(
        Option("other", "Another", ("a", "b")),
        since("date", "S1-3"),
        until("date", "S1-3"),
        among("divisions", "Only these", "division", "S4-1"),
        among("ids", "Only these", "id", "S4-1"),
        unless_blank("processed", "Those sent", "sent", "S4-3"),
        unless_yes("voids", "Void ones", "void", "S1-9"),
    ),
)


def documents(dates=("2026-01-01", "2026-01-31", "2026-02-01", None), unread=None, **columns):
    rows = {"date": pd.array([None if day is None else dt.date.fromisoformat(day) for day in dates], dtype=DATE_TYPE)}
    kinds = {"void": YES_NO_TYPE}
    rows |= {name: pd.array(list(values), dtype=kinds.get(name, TEXT)) for name, values in columns.items()}
    return Typed(pd.DataFrame(rows), unread or {}, ())


def told(findings):
    return [filled(found.rule.message, {"document": "invoice", "title": RULES.fields[found.field].title if found.field else "", **found.facts}) for found in findings]


def kept(settings, given=None):
    keep, findings = choose(given or documents(), RULES, settings)
    assert all(found.rule.severity == Severity.NOTICE for found in findings)
    return keep.tolist(), told(findings)


def test_without_settings_everything_is_meant():
    """S4-4"""
    assert kept({}) == ([True] * 4, [])
    assert [option.name for option in filters_of(RULES)] == ["from", "to", "divisions", "ids", "processed", "voids"]


def test_both_ends_of_a_range_are_included_and_a_blank_date_stays():
    """S1-3, S4-4: what is blank is told as such; it is not left out in silence."""
    keep, said = kept({"from": "2026-01-31", "to": "2026-01-31"})
    assert keep == [False, True, False, True]
    assert said == ["1 invoice is left out: Invoice date is before 31 Jan 2026.", "1 invoice is left out: Invoice date is after 31 Jan 2026."]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"from": "2026-02-01", "to": "2026-01-31"}, "ends on 31 Jan 2026, before it begins on 1 Feb 2026"),
        ({"from": "01/31/2026"}, 'from is "01/31/2026", which is not a day'),
        ({"to": "2026-02-30"}, "not a day"),
        ({"ids": " , "}, "names nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused(settings, says):
    """S1-3: from after to is an error."""
    with pytest.raises(CannotRun, match=says.replace("(", r"\(")):
        known_filters(RULES, settings)


def test_a_range_of_one_day_is_one():
    known_filters(RULES, {"from": "2026-01-31", "to": "2026-01-31"})


def test_filters_are_combined_with_and_and_each_counts_what_it_left_out():
    """S4-1"""
    given = documents(division=["North", "south", "SOUTH", "South"], id=["1", "2", "3", "4"])
    keep, said = kept({"divisions": "South, East", "ids": "2,4,9"}, given)
    assert keep == [False, True, False, True]
    assert said == [
        "1 invoice is left out: Division is not South or East.",
        'No invoice has the Division "East".',
        "1 invoice is left out: Invoice ID is not 2 or 4 or 9.",
        'No invoice has the Invoice ID "9".',
    ]


def test_a_field_that_the_file_does_not_have_leaves_nothing_out():
    assert kept({"divisions": "South"}) == ([True] * 4, [])


def test_a_cell_that_was_not_understood_keeps_its_document():
    given = documents(dates=[None, "2026-01-01"], unread={"date": np.array([True, False])}, sent=[None, None])
    assert kept({"from": "2026-01-02"}, given)[0] == [True, False]


def test_what_is_filled_is_left_out_until_it_is_asked_for():
    """S4-3"""
    given = documents(sent=["2026-01-05", None, None, "x"])
    keep, said = kept({}, given)
    assert keep == [False, True, True, False]
    assert said == ["2 invoices are left out: Sent on is filled in (include them with processed=include)."]
    assert kept({"processed": "include"}, given) == ([True] * 4, [])


def test_what_says_yes_is_left_out_until_it_is_asked_for():
    """S1-9"""
    given = documents(void=[True, False, None, False])
    assert kept({}, given) == ([False, True, True, True], ["1 invoice is left out: Void says yes (include them with voids=include)."])
    assert kept({"voids": "include"}, given)[0] == [True] * 4


def test_where_nothing_is_chosen_it_is_said():
    """S1-17"""
    keep, said = kept({"from": "2030-01-01"}, documents(dates=["2026-01-01"] * 2))
    assert keep == [False] * 2 and said[-1] == "Nothing to import: the setting from leaves out every invoice of the file."
    _, said = kept({"from": "2026-01-02"}, documents(dates=["2026-01-01", "2026-01-03"], void=[False, True]))
    assert said[-1] == "Nothing to import: the settings from and voids leave out every invoice of the file."
