"""Quantities, prices and percentages: text -> decimal128(18, 6), exactly; and exact products of them in minor units (X-3, X-25)."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Rule, Severity
from invoice_rules.values.columns import Fault, Parsed, blank, matches, nulled
from invoice_rules.values.decimalmarks import FIRST, exchanged, pointed
from invoice_rules.values.money import NOISE

SCALE = 6
NUMBER = pa.decimal128(18, SCALE)
TOO_LARGE = 10**17
"""Minor units that no amount has: its digits are fewer."""
_FULL = 10**18
"""What a product stands for that is as much or more."""
_LONGEST = 400
_PLAIN = r"^-?[0-9]{1,12}(?:\.[0-9]{1,6})?$"
_DRESSED = re.compile(rf"(?P<open>\()?(?P<sign>[-+])?(?P<whole>{FIRST}(?:,[0-9]{{3}})+|[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<tail>-)?(?P<close>\))?")

NOT_NUMBER = Rule("number", "{value} is not a number. Write digits with a decimal point, such as 12.5.", "X-4", "A number: digits, thousands commas in threes, a decimal point.")
COMMA_NUMBER = Rule("number", "{value} is not a number. This column has a decimal comma: write digits as in 12,5.", "X-4")
NUMBER_DECIMALS = Rule("number", "{value} has more than {most} decimals. Numbers are never rounded for you: correct it.", "X-4")
PERCENT_CELL = Rule("percent-cell", "{value} is shown as a percentage in the sheet and was read as {read}, that is {read} %.", "S2-15", "A cell that a sheet shows as 10.5 % is read as 10.5.", Severity.NOTICE)
RULES = (NOT_NUMBER, PERCENT_CELL)
"""The rule on noise of a computer's arithmetic is that of amounts."""


def parse_number(text: pa.Array, decimals: int = SCALE, mark: str = "point", real: np.ndarray | None = None) -> Parsed:
    """Numbers with up to `decimals` decimals to decimal128(18, 6); more of them are an error, never rounded.

    `real` tells the cells of a column with a decimal comma that are numbers, which have a point.

    >>> [str(v) for v in parse_number(pa.array(["12.5", "1,200", "(3)", "x"])).values.to_pylist()]
    ['12.500000', '1200.000000', '-3.000000', 'None']
    """
    distinct = (pointed(text, real) if mark == "comma" else text).dictionary_encode()
    raw, state = _read_distinct(distinct.dictionary, decimals)
    rows = distinct.indices.to_numpy(zero_copy_only=False)
    states = state[rows]
    wrong = COMMA_NUMBER if mark == "comma" else NOT_NUMBER
    found = [(wrong, (states == _BAD) & ~blank(text)), (NUMBER_DECIMALS, states == _FINE), (NOISE, states == _NOISY)]
    facts: dict[Rule, Callable[[str], Mapping[str, object]]] = {
        NUMBER_DECIMALS: lambda _: {"most": decimals},
        NOISE: lambda value: {"read": show_number(_exact(value)[0] or _exact(exchanged(value))[0] or Decimal(0))},
    }
    faults = [Fault(rule, np.flatnonzero(mask), facts.get(rule)) for rule, mask in found if mask.any()]
    return Parsed(decimals_of_raw(raw[rows], (states == _READ) | (states == _NOISY)), tuple(faults))


_READ, _NOISY, _FINE, _BAD = range(4)
_ROUGH = Context(prec=15, rounding=ROUND_HALF_EVEN)


def _read_distinct(values: pa.Array, decimals: int) -> tuple[np.ndarray, np.ndarray]:
    """(millionths, how each was read) of distinct texts: plain ones by Arrow, the others one by one."""
    raw, state = np.zeros(len(values), np.int64), np.full(len(values), _BAD, np.int8)
    plain = matches(values, _PLAIN)
    raw[plain] = raw_decimals(values.filter(pa.array(plain)).cast(NUMBER))
    state[plain] = _READ
    for at in np.flatnonzero(~plain).tolist():
        amount, noisy = _exact(values[at].as_py())
        if amount is not None and abs(amount) < 10**12:
            scaled = amount.scaleb(SCALE)
            raw[at] = int(scaled)
            state[at] = _FINE if scaled != scaled.to_integral_value() else _NOISY if noisy else _READ
    state[(state != _BAD) & (raw % 10 ** (SCALE - decimals) != 0)] = _FINE
    return raw, state


def _exact(value: str) -> tuple[Decimal | None, bool]:
    """The number that a text says, and whether it lost digits that are noise of a computer's arithmetic (X-21); endless ones are none."""
    found = _DRESSED.fullmatch(value.strip()) if len(value) <= _LONGEST else None
    if not found or not (found["whole"] or found["part"]) or bool(found["open"]) != bool(found["close"]):
        return None, False
    if found["tail"] and found["part"] == "":  # 1200.- is 1200 for some, for others -1200
        return None, False
    minus = [bool(found["open"]), found["sign"] == "-", bool(found["tail"])]
    amount = Decimal(f"{found['whole'].replace(',', '') or '0'}.{found['part'] or '0'}")
    rough = _ROUGH.plus(amount) if len(amount.normalize().as_tuple().digits) > 15 else amount
    return (None, False) if sum(minus) > 1 else (-rough if any(minus) else rough, rough != amount)


def parse_percent(text: pa.Array, shown_as_percent: np.ndarray | None = None, mark: str = "point", real: np.ndarray | None = None) -> Parsed:
    """Percentages: 10.5, 10.5 % and a sheet's percent cell 0.105 are all 10.5; the last is told (S2-15).

    >>> [str(v) for v in parse_percent(pa.array(["10.5", "8 %", "0.105"]), np.array([False, False, True])).values.to_pylist()]
    ['10.500000', '8.000000', '10.500000']
    """
    bare = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, r"%\s*$", ""))
    parsed = parse_number(bare, SCALE, mark, real)
    if shown_as_percent is None or not shown_as_percent.any():
        return parsed
    cells = shown_as_percent & ~pc.match_substring(text, "%").to_numpy(zero_copy_only=False)
    raw, valid = raw_decimals(parsed.values), parsed.values.is_valid().to_numpy(zero_copy_only=False)
    raw = np.where(cells, raw * 100, raw)
    told = Fault(PERCENT_CELL, np.flatnonzero(cells & valid), _as_percent)
    return Parsed(decimals_of_raw(raw, valid), (*parsed.faults, *([told] if len(told.at) else [])))


def _as_percent(value: str) -> Mapping[str, object]:
    return {"read": show_number(Decimal(value.replace(",", "")) * 100)}


def show_number(value: Decimal) -> str:
    """A number as people write it: without zeros at its end.

    >>> show_number(Decimal("12.500000")), show_number(Decimal("100.000000"))
    ('12.5', '100')
    """
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of_raw(raw: np.ndarray, valid: np.ndarray | None = None) -> pa.Array:
    """int64 millionths as decimal128(18, 6)."""
    words = np.empty((len(raw), 2), np.int64)
    words[:, 0], words[:, 1] = raw, raw >> 63
    mask = None if valid is None or valid.all() else pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(NUMBER, len(raw), [mask, pa.py_buffer(words)])


def raw_decimals(array: pa.Array) -> np.ndarray:
    """decimal128(18, 6) as int64 millionths; what stands at a null means nothing."""
    words = np.frombuffer(array.buffers()[1], np.int64)
    return words[2 * array.offset : 2 * (array.offset + len(array)) : 2]


def rounded(dividend: np.ndarray, divisor: np.ndarray | int) -> np.ndarray:
    """The quotient of whole numbers, halves away from zero (X-25); `divisor` is positive."""
    half = np.abs(dividend) + divisor // 2
    return np.sign(dividend) * (half // divisor)


def products(first: pd.Series, second: pd.Series, divisor: np.ndarray | int) -> pd.Series:
    """first × second ÷ divisor, exact and rounded half away from zero; both hold whole numbers or decimal128(18, 6) millionths. Null where one is.

    What is beyond 10**18 either way is that: TOO_LARGE for any amount, and never taken for nothing.
    """
    (a, a_valid), (b, b_valid) = raw_values(first), raw_values(second)
    valid = a_valid & b_valid
    if float(np.abs(a, where=valid, out=np.zeros_like(a)).max(initial=0)) * float(np.abs(b, where=valid, out=np.zeros_like(b)).max(initial=0)) < 2**62:
        made = rounded(a * b, divisor)
    else:  # beyond 64 bits: Python's own integers
        made = np.clip(rounded(a.astype(object) * b.astype(object), divisor), -_FULL, _FULL)
    return pd.Series(pd.array(nulled(made.astype(np.int64), valid, pa.int64()), dtype=pd.ArrowDtype(pa.int64())), index=first.index)


def raw_values(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Amounts (minor units), numbers (millionths) or yes (1) and no as whole numbers, 0 where blank, and which are not."""
    array = pa.array(values, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_decimal(array.type):
        return np.where(valid, raw_decimals(array), 0), valid
    return pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), valid


def plain_length(raw: np.ndarray, decimals: int) -> np.ndarray:
    """Characters of plain numbers, point and minus included (S2-36), of values in units of 10 ** -decimals.

    >>> plain_length(np.array([46775, 2000, -50, 0]), 2).tolist()
    [6, 2, 4, 1]
    """
    size = np.abs(raw)
    whole, part = size // 10**decimals, size % 10**decimals
    digits = np.searchsorted(np.array([10**n for n in range(1, 19)], np.int64), whole, "right") + 1
    after = np.zeros(len(raw), np.int64)
    for place in range(decimals):
        after = np.where((after == 0) & (part % 10 ** (place + 1) != 0), decimals - place, after)
    return digits + np.where(after > 0, after + 1, 0) + (raw < 0)
