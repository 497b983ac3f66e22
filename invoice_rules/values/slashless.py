"""Dates typed without slashes, and years of two digits (S0-19): 010112 is 01/01/2012."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Fix, Rule
from invoice_rules.table import Kind
from invoice_rules.values.columns import Fault, Parsed, encoded
from invoice_rules.values.dates import MIDNIGHT, as_serial, parse_dates, show_date

FIVE_DIGITS = Rule(
    "date",
    "{value} has five digits. If a zero in front was lost, it is {shown}: say so for the whole column ({field}.padded=yes). {serial}Otherwise write the date with slashes.",
    "S0-19",
)

_SHORT_YEAR = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2([0-9]{{2}}){MIDNIGHT}?")
_SHORT_NAMED = re.compile(r"([0-9]{1,2}[- /.]?[A-Za-z]{3,9}\.?[- /.,]*|[A-Za-z]{3,9}\.? [0-9]{1,2},? )([0-9]{2})")
_YEAR_FIRST = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_FIVE = r"[0-9]{5}"


def parse_slashless(
    text: pa.Array,
    kinds: np.ndarray | None = None,
    order: str = "month-first",
    padded: bool = False,
    row: Callable[[int], int] = lambda at: at + 1,
    from_1904: bool = False,
) -> Parsed:
    """Dates to date32, those without slashes too: 010112 and 01012012 are 01/01/2012; two-digit years are 1970 to 2069.

    Five digits have lost a zero in front where other cells of the column have six, or where `padded` says so; else they may be Excel's
    day numbers, and are told.

    >>> parse_slashless(pa.array(["123126", "10112", "1/2/26"])).values.to_pylist()
    [datetime.date(2026, 12, 31), datetime.date(2012, 1, 1), datetime.date(2026, 1, 2)]
    """
    distinct = encoded(text)
    values = distinct.dictionary.to_pylist()
    real = np.zeros(len(text), bool) if kinds is None else kinds == Kind.DATE
    lost = padded or any(len(value) == 6 and value.isdecimal() for value in values)
    written = pa.array([_slashed(value, order, lost) for value in values], text.type)
    parsed = parse_dates(pc.if_else(pa.array(real), text, written.take(distinct.indices)), kinds, order, named=True, row=row, from_1904=from_1904)
    faults = [_of_typed(fault, lambda value: _slashed(value, order, lost)) for fault in parsed.faults]
    return replace(parsed, faults=tuple(faults) if lost else _five_digits(faults, text, order, from_1904))


def _slashed(value: str, order: str, lost: bool) -> str:
    if short := _SHORT_YEAR.fullmatch(value):
        return f"{short[1]}/{short[3]}/{_full_year(short[4])}"
    if named := _SHORT_NAMED.fullmatch(value):
        return named[1] + _full_year(named[2])
    if (year := _YEAR_FIRST.fullmatch(value)) and 1 <= int(year[2]) <= 12:
        return "-".join(year.groups())
    digits = value.zfill(6) if len(value) == 5 and lost else value
    if not digits.isascii() or not digits.isdecimal() or len(digits) not in (6, 8) or order == "year-first":
        return value
    return f"{digits[:2]}/{digits[2:4]}/{digits[4:] if len(digits) == 8 else _full_year(digits[4:])}"


def _full_year(year: str) -> str:
    return f"{'19' if int(year) >= 70 else '20'}{year}"


def _of_typed(fault: Fault, slashed: Callable[[str], str]) -> Fault:
    """A fault found in the written date, which is asked of what was typed."""
    facts, fix = fault.facts, fault.fix
    return replace(fault, facts=(lambda value: facts(slashed(value))) if facts else None, fix=(lambda value: fix(slashed(value))) if fix else None)


def _five_digits(faults: list[Fault], text: pa.Array, order: str, from_1904: bool) -> tuple[Fault, ...]:
    """The faults, with those of five digits that would be a date with a zero in front told as such."""
    distinct = encoded(text)
    bare = [re.fullmatch(_FIVE, value) is not None and _padded(value, order) is not None for value in distinct.dictionary.to_pylist()]
    five = np.array(bare or [False], bool)[distinct.indices.to_numpy(zero_copy_only=False)]
    told = []
    for fault in faults:
        maybe = five[fault.at]
        told += [replace(fault, at=fault.at[~maybe])] if not maybe.all() else []
        told += [Fault(FIVE_DIGITS, fault.at[maybe], lambda value: _shown(value, order, from_1904), _day_number(fault))] if maybe.any() else []
    return tuple(told)


def _padded(value: str, order: str) -> dt.date | None:
    return parse_dates(pa.array([_slashed(value, order, lost=True)]), None, order).values[0].as_py()


def _shown(value: str, order: str, from_1904: bool) -> Mapping[str, object]:
    """Both readings of five digits."""
    date, serial = _padded(value, order), as_serial(value, from_1904)
    return {"shown": show_date(date) if date else "", "serial": f"As Excel's day number it is {show_date(serial)}. " if serial else ""}


def _day_number(fault: Fault) -> Callable[[str], Fix | None] | None:
    """The fix of a fault, saying that it takes the digits for Excel's day number."""
    fix = fault.fix
    return None if fix is None else lambda value: (made := fix(value)) and replace(made, says=f"{made.value}, if it is Excel's day number")
