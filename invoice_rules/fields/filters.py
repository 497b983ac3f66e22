"""Settings that choose which documents of a file are meant: a range of dates, some values, those not dealt with yet (S1-3, S4-1 … S4-4)."""

from dataclasses import dataclass

from invoice_rules.fields.declared import Option

LEAVE_OUT, INCLUDE = "leave-out", "include"


@dataclass(frozen=True)
class Filter(Option):
    """An option by whose value documents stay or are left out and counted; several are combined with *and*.

    `keeps` says which stay: "from" and "to" those whose `field` is on or after, on or before the day that is given, both included;
    "among" those whose field is one of the values that are given with commas between them; "blank" those whose field is blank and
    "not yes" those whose field does not say yes, unless the choice is to include all. A document whose field is unknown stays.
    """

    field: str = ""
    keeps: str = "among"


def since(field: str, spec: str) -> Filter:
    """The setting `from`: documents dated on or after a day."""
    return Filter("from", "Only those dated on or after this day, written as 2026-01-31", (), spec, field, "from")


def until(field: str, spec: str) -> Filter:
    """The setting `to`: documents dated on or before a day."""
    return Filter("to", "Only those dated on or before this day, written as 2026-01-31", (), spec, field, "to")


def among(name: str, title: str, field: str, spec: str) -> Filter:
    """Documents whose field is one of the values given."""
    return Filter(name, title, (), spec, field, "among")


def unless_blank(name: str, title: str, field: str, spec: str) -> Filter:
    """Documents whose field is filled are left out, unless they are asked for."""
    return Filter(name, title, (LEAVE_OUT, INCLUDE), spec, field, "blank")


def unless_yes(name: str, title: str, field: str, spec: str) -> Filter:
    """Documents whose field says yes are left out, unless they are asked for."""
    return Filter(name, title, (LEAVE_OUT, INCLUDE), spec, field, "not yes")
