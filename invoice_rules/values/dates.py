"""Dates: text -> date32, with one order for a whole column and the evidence for it (X-12, S3-11)."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Fix, Rule, Severity, quoted
from invoice_rules.table import Kind
from invoice_rules.values.columns import Fault, Parsed, blank, encoded, matches

DATE_ORDERS = {"month-first": "month/day/year", "day-first": "day/month/year", "year-first": "year-month-day"}
"""The orders that a column of dates can have, as settings name them and as messages say them."""

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
MIDNIGHT = r"(?:[ T]0?0:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?| 12:00(?::00)? ?[Aa][Mm])"
"""A time of day that says no more than the day."""
_NUMERIC = re.compile(rf"([0-9]{{1,4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,4}}){MIDNIGHT}?")
_LIKE_NUMERIC = r"^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"
_LIKE_DATE = rf"{_LIKE_NUMERIC}|^[0-9]{{5}}$|^[0-9]{{1,2}}[- /.]?[A-Za-z]{{3,9}}|^[A-Za-z]{{3,9}}\.? [0-9]{{1,2}}"
"""What begins like a date or is a day number: all other texts are no dates, which is told at the speed of a pattern."""
_NAMED = re.compile(r"([0-9]{1,2})[- /.]?([A-Za-z]{3,9})\.?[- /.,]*([0-9]{2,4})|([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")
_SERIALS = (32_874, 73_415)
"""Excel's day numbers of 1 Jan 1990 and 31 Dec 2100: only these are offered as dates."""
_YEARS = range(1900, 2101)
_FROM_1904 = 1_462
"""How many days later the same number is where days count from 1904."""

_SAYS = "A real date; the order of day and month is one for the whole column."
DATE = Rule("date", "{value} is not a date. Write it as {order}, such as {sample}.", "S3-11", _SAYS)
NO_MONTH = Rule("date", "{value} is not a date here: dates are {order}, and there is no month {month}. If the file writes {other} first, choose that for the whole column.", "S3-11")
NO_DAY = Rule("date", "{value} is not a date: {month} {year} has no day {day}.", "S3-11")
TWO_DIGITS = Rule("date", "{value} has a year of two digits. Write all four, such as {sample}.", "S3-11")
OTHER_ORDER = Rule("date", "{value} is written {written}; dates here are {order}. Write {hint}, or choose that order for the whole column.", "S3-11")
SERIAL = Rule("date", "{value} is a number; as Excel's day number it would be {shown}. Format the cell as a date, or write the date.", "S3-11")
FAR = Rule("date", "{value} is in the year {year}. Correct the year.", "S3-11")
AMBIGUOUS = Rule("date-order", "{value} can be read two ways, and {evidence} shows that this column writes {other} first. Choose that for the whole column, or correct the dates.", "X-12", "Where one value fits only the other order, the ambiguous ones of its column are not guessed.")
UNDECIDED = Rule("date-order", "Every date of this column can be read day first and month first. A yes reads them as month/day/year; else choose the order of the whole column. It is remembered for the sender.", "X-12", severity=Severity.HOLD)
RULES = (DATE, AMBIGUOUS)


@dataclass(frozen=True)
class _Reading:
    """One distinct text: its date under the column's order, why not, and what it would be the other way."""

    date: dt.date | None = None
    rule: Rule | None = None
    swapped: dt.date | None = None


_NO_DATE = _Reading(rule=DATE)


def parse_dates(
    text: pa.Array, kinds: np.ndarray | None = None, order: str = "month-first", named: bool = False,
    row: Callable[[int], int] = lambda at: at + 1, from_1904: bool = False, heading: str = "",
) -> Parsed:  # fmt: skip
    """Dates to date32. `kinds` tells real date cells; `named` allows month names; `row` gives the row number for evidence.

    `from_1904`: day numbers of the book count from 1904. `heading` is one that names the other order, which is evidence where no cell is.

    >>> parse_dates(pa.array(["1/31/2026", "01.02.2026", "02/30/2026"])).values.to_pylist()
    [datetime.date(2026, 1, 31), datetime.date(2026, 1, 2), None]
    """
    distinct = encoded(text)
    rows = distinct.indices.to_numpy(zero_copy_only=False)
    real = np.zeros(len(text), bool) if kinds is None else kinds == Kind.DATE
    readings = _readings(distinct.dictionary, order, named, from_1904)
    days = np.array([_days(reading.date) for reading in readings] or [0], np.int64)[rows]
    read = np.array([reading.date is not None for reading in readings], bool)[rows]
    if real.any():
        _read_cells(distinct.dictionary.to_pylist(), rows, real, days, read)
    faults = _faults(readings, rows, ~real & ~blank(text), order, from_1904)
    proof = _evidence(readings, rows, real)
    if (proof is not None or heading) and order in ("month-first", "day-first"):
        two_ways = np.array([r.date is not None and r.swapped is not None and r.date != r.swapped for r in readings], bool)[rows] & ~real
        if two_ways.any():
            evidence = f"the heading {quoted(heading)}" if proof is None else f"row {row(proof):,} ({quoted(text[proof].as_py())})"
            faults.append(_ambiguous(np.flatnonzero(two_ways), evidence, order))
            read &= ~two_ways
    return Parsed(pa.array(days.astype("datetime64[D]"), pa.date32(), mask=~read), tuple(faults))


def _readings(distinct: pa.Array, order: str, named: bool, from_1904: bool) -> list[_Reading]:
    """Each distinct text under one order."""
    readings = [_NO_DATE] * len(distinct)
    like = np.flatnonzero(matches(distinct, _LIKE_DATE))
    for at, value in zip(like.tolist(), distinct.take(pa.array(like)).to_pylist(), strict=True):
        readings[at] = _read(value, order, named, from_1904)
    return readings


def date_order(text: pa.Array, kinds: np.ndarray | None = None) -> str:
    """The order that a column's values prove: month-first, day-first, year-first; '' where nothing decides, `both` where they differ.

    The year is first where no more dates have it elsewhere, or these prove nothing.

    >>> date_order(pa.array(["26/06/2026", "1/2/2026"])), date_order(pa.array(["1/2/2026"]))
    ('day-first', '')
    """
    shapes = _shapes(text, kinds)
    others = [match for match in shapes if len(match[1]) < 4]
    day = any(int(match[1]) > 12 for match in others)
    month = any(int(match[3]) > 12 for match in others)
    if len(others) < len(shapes) and (2 * len(others) <= len(shapes) or not (day or month)):
        return "year-first"
    return "both" if day and month else "day-first" if day else "month-first" if month else ""


def samples_of(text: pa.Array, kinds: np.ndarray | None = None) -> list[int]:
    """The positions of texts that prove what `date_order` says of the column: the first with a day in its first place, in its second, and with the year first.

    >>> samples_of(pa.array(["1/2/2026", "26/6/2026", "27/6/2026", "2026-06-28"]))
    [1, 3]
    """
    found: dict[str, str] = {}
    for match in _shapes(text, kinds):
        which = "year" if len(match[1]) == 4 else "day" if int(match[1]) > 12 else "month" if int(match[3]) > 12 else ""
        found |= {which: match[0]} if which and which not in found else {}
    return sorted(int(pc.index(text, value).as_py()) for value in found.values())


def two_ways(text: pa.Array, kinds: np.ndarray | None = None, short: bool = False) -> bool:
    """Whether a date of the column is one day read month first and another read day first; `short` admits years of two digits.

    >>> two_ways(pa.array(["03/04/2026"])), two_ways(pa.array(["11/11/2026"])), two_ways(pa.array(["03/04/26"]))
    (True, False, False)
    """
    years = (2, 4) if short else (4,)
    dates = [(int(match[1]), int(match[3])) for match in _shapes(text, kinds) if len(match[4]) in years]
    return any(first != second and 1 <= first <= 12 and 1 <= second <= 12 for first, second in dates)


def _shapes(text: pa.Array, kinds: np.ndarray | None) -> list[re.Match[str]]:
    """The distinct texts of digits that are written like a date, real date cells aside."""
    real = np.zeros(len(text), bool) if kinds is None else kinds == Kind.DATE
    values = text.filter(pa.array(~real & matches(text, _LIKE_NUMERIC))).unique().to_pylist()
    return [match for value in values if (match := _NUMERIC.fullmatch(value))]


def show_date(date: dt.date) -> str:
    """A date in our own sentences and sheets.

    >>> show_date(dt.date(2026, 11, 21))
    '21 Nov 2026'
    """
    return f"{date.day} {_MONTHS[date.month - 1][:3]} {date.year}"


def _days(date: dt.date | None) -> int:
    return 0 if date is None else date.toordinal() - 719_163


def _read_cells(distinct: Sequence[str], rows: np.ndarray, real: np.ndarray, days: np.ndarray, read: np.ndarray) -> None:
    """Real date cells, which arrive as 2026-11-21 with or without a time of day."""
    dates = [_cell_date(value) for value in distinct]
    days[real] = np.array([_days(date) for date in dates], np.int64)[rows[real]]
    read[real] = np.array([date is not None for date in dates], bool)[rows[real]]


def _cell_date(value: str) -> dt.date | None:
    """A real date cell's text; texts of the same column may look like one and be none, such as 2026-02-30."""
    match = re.match(r"([0-9]{4})-([0-9][0-9])-([0-9][0-9])", value)
    return _date(*map(int, match.groups())) if match else None


def _read(value: str, order: str, named: bool, from_1904: bool = False) -> _Reading:
    """One text under one order."""
    if named and (spelled := _spelled(value)):
        return _Reading(spelled) if spelled.year in _YEARS else _Reading(rule=FAR)
    match = _NUMERIC.fullmatch(value)
    if not match:
        return _Reading(rule=SERIAL if as_serial(value, from_1904) else OTHER_ORDER if _spelled(value) else DATE)
    first, second, third = match[1], match[3], match[4]
    if len(first) == 4 or order == "year-first":
        return _year_first(first, second, third, order)
    if len(first) > 2 or len(third) not in (2, 4):
        return _NO_DATE
    if len(third) == 2:
        return _Reading(rule=TWO_DIGITS)
    month, day = (first, second) if order == "month-first" else (second, first)
    return _checked(int(third), int(month), int(day))


def _checked(year: int, month: int, day: int) -> _Reading:
    date, swapped = _date(year, month, day), _date(year, day, month)
    if year not in _YEARS:
        return _Reading(rule=FAR)
    rule = None if date else NO_MONTH if not 1 <= month <= 12 and swapped else NO_DAY if 1 <= month <= 12 else DATE
    return _Reading(date, rule, swapped)


def _year_first(first: str, second: str, third: str, order: str) -> _Reading:
    if len(first) != 4 or len(third) > 2 or order != "year-first":
        return _Reading(rule=FAR if len(first) == 4 and int(first) not in _YEARS else OTHER_ORDER if len(first) == 4 or len(third) == 4 else DATE)
    reading = _checked(int(first), int(second), int(third))
    return _Reading(reading.date, reading.rule)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _spelled(value: str) -> dt.date | None:
    """A date with the month's name: 03-Nov-2012, 3 November 2012, Nov 3, 2012."""
    match = _NAMED.fullmatch(value)
    if not match:
        return None
    day, name, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    month = next((n for n, full in enumerate(_MONTHS, 1) if full.lower().startswith(name.lower())), 0)
    return _date(int(year), month, int(day)) if len(year) == 4 else None


def as_serial(value: str, from_1904: bool = False) -> dt.date | None:
    """The date of which five digits are Excel's day number, in a book whose days count from 1904 another one.

    >>> as_serial("44883"), as_serial("44883", from_1904=True)
    (datetime.date(2022, 11, 18), datetime.date(2026, 11, 19))
    """
    if not re.fullmatch(r"[0-9]{5}", value):
        return None
    number = int(value) + (_FROM_1904 if from_1904 else 0)
    return dt.date(1899, 12, 30) + dt.timedelta(days=number) if _SERIALS[0] <= number <= _SERIALS[1] else None


_REASONS = (DATE, NO_MONTH, NO_DAY, TWO_DIGITS, OTHER_ORDER, SERIAL, FAR)
_CODES = {id(rule): code for code, rule in enumerate(_REASONS)}


def _faults(readings: Sequence[_Reading], rows: np.ndarray, judged: np.ndarray, order: str, from_1904: bool) -> list[Fault]:
    codes = np.array([-1 if r.rule is None else _CODES[id(r.rule)] for r in readings] or [-1], np.int8)[rows]
    codes[~judged] = -1
    return [
        Fault(rule, np.flatnonzero(codes == code), lambda value: _facts(value, order, from_1904), lambda value: _fix(value, order, from_1904))
        for code, rule in enumerate(_REASONS)
        if (codes == code).any()
    ]


def _evidence(readings: Sequence[_Reading], rows: np.ndarray, real: np.ndarray) -> int | None:
    """The first position whose value fits only the other order."""
    only = np.array([r.date is None and r.swapped is not None for r in readings] or [False], bool)[rows] & ~real
    return int(only.argmax()) if only.any() else None


def _ambiguous(at: np.ndarray, evidence: str, order: str) -> Fault:
    facts = {"evidence": evidence, "other": _other(order)}
    return Fault(AMBIGUOUS, at, lambda _: facts, lambda value: _swapped_fix(value, order))


def _other(order: str) -> str:
    return "day" if order == "month-first" else "month"


def _facts(value: str, order: str, from_1904: bool) -> Mapping[str, object]:
    """The slots of the messages above, for one value as typed."""
    sample = {"month-first": "11/30/2026", "day-first": "30/11/2026", "year-first": "2026-11-30"}[order]
    facts = {"order": DATE_ORDERS[order], "sample": sample, "other": _other(order), "written": "with the month's name"}
    if serial := as_serial(value, from_1904):
        return {**facts, "shown": show_date(serial)}
    facts["hint"] = fix.value if (fix := _fix(value, order, from_1904)) else "it so"
    match = _NUMERIC.fullmatch(value)
    if not match:
        return {**facts, "year": spelled.year} if (spelled := _spelled(value)) else facts
    parts = [match[1], match[3], match[4]]
    if len(match[1]) == 4:
        facts["written"] = "year first"
    elif order == "year-first":
        facts["written"] = "with the year last"
    year, month, day = parts if len(match[1]) == 4 else (parts[2], *((parts[0], parts[1]) if order == "month-first" else (parts[1], parts[0])))
    name = _MONTHS[int(month) - 1] if 1 <= int(month) <= 12 else month
    return {**facts, "year": int(year), "month": name if 1 <= int(month) <= 12 else int(month), "day": int(day)}


def _fix(value: str, order: str, from_1904: bool) -> Fix | None:
    """The same date in the column's order, where the value has only one reading; a hint where it is a guess."""
    match = _NUMERIC.fullmatch(value)
    date = _spelled(value) or (_date(int(match[1]), int(match[3]), int(match[4])) if match and len(match[1]) == 4 else None)
    if date:
        return Fix(_written(date, order), safe=True) if date.year in _YEARS else None
    serial = as_serial(value, from_1904)
    return Fix(_written(serial, order)) if serial else _swapped_fix(value, order)


def _swapped_fix(value: str, order: str) -> Fix | None:
    """The date as the other order reads it, written in this one: a hint, for the whole column at once; none where others read it differently."""
    read = {_read(value, other, False).date for other in ("month-first", "day-first") if other != order} - {None}
    swapped = read.pop() if len(read) == 1 else None
    return Fix(_written(swapped, order), says=f"{_written(swapped, order)}, if the whole column is turned round") if swapped else None


def _written(date: dt.date, order: str) -> str:
    return date.strftime({"month-first": "%m/%d/%Y", "day-first": "%d/%m/%Y", "year-first": "%Y-%m-%d"}[order])
