"""Currencies of ISO 4217 and how an amount of minor units is written (X-17)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from iso4217 import Currency

from invoice_rules.problems import Rule
from invoice_rules.values.columns import Fault, Parsed, blank, holds_any, nulled_text, spread

CURRENCY = Rule("currency", "{title} says {value}, which is not the code of a currency. Write a code of three letters, such as USD.", "X-17", "A code of ISO 4217, such as USD.")
UNMAPPED = Rule("currency-unmapped", "{title} says {value}, which is not in the currency map on file, and is not the code of a currency. Correct it, or add it to the map: reference import {map} FILE.", "S4-20", "A currency is in the map, or a code of ISO 4217.")
SHOWN = Rule("shown-currency", "{value} is shown in {shown} in the sheet, and amounts here are in {own}. Give the currency of the file or of the row, or ask the sender for the amount in {own}.", "X-17", "A sheet does not show an amount in another currency than its own.")
HEADED = Rule("shown-currency", "{value} stands under a heading that names {shown}, and amounts here are in {own}. Give the currency of the file or of the row, or correct the heading.", "X-17")
RULES = (CURRENCY, UNMAPPED, SHOWN)

DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "BRL", "CLP", "COP", "ARS"))
"""Currencies whose amounts may carry a $."""

FOREIGN = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₪": "ILS", "฿": "THB", "₫": "VND"}

_OWN = {**{symbol: frozenset((code,)) for symbol, code in FOREIGN.items()}, "¥": frozenset(("JPY", "CNY")), "$": DOLLARS}


def named_by_symbol(text: str) -> str:
    """The currency whose symbol stands first in a text, its code or, where several share the symbol, the symbol; $ tells none.

    >>> named_by_symbol("1.200 €"), named_by_symbol("¥ 5"), named_by_symbol("$5")
    ('EUR', '¥', '')
    """
    sign = next((sign for sign in text if sign in FOREIGN), "")
    return FOREIGN[sign] if sign and len(_OWN[sign]) == 1 else sign


def headed_alike(parsed: Parsed, named: str, currency: pa.Array | str) -> Parsed:
    """Amounts without those under a heading that names another currency than theirs, by its code or symbol; '' names none.

    >>> headed_alike(Parsed(pa.array([1, 2])), "$", pa.array(["CAD", "EUR"])).values.to_pylist()
    [1, None]
    """
    if not named or (isinstance(currency, str) and currency in _OWN.get(named, {named})):
        return parsed
    return shown_alike(parsed, {named: np.arange(len(parsed.values))}, currency, HEADED)


def shown_alike(parsed: Parsed, shown: Mapping[str, np.ndarray], currency: pa.Array | str, rule: Rule = SHOWN) -> Parsed:
    """Amounts without those that a sheet shows in another currency than theirs. `shown`: code or symbol -> positions of cells that are shown with it.

    >>> shown_alike(Parsed(pa.array([1, 2])), {"EUR": np.array([1])}, "USD").values.to_pylist()
    [1, None]
    """
    valid, wrong = parsed.values.is_valid().to_numpy(zero_copy_only=False), np.zeros(len(parsed.values), bool)
    found: list[Fault] = []
    for sign, at in shown.items():
        codes = np.array([currency] * len(at) if isinstance(currency, str) else currency.take(pa.array(at)).to_pylist(), object)
        for own in sorted({code for code in codes.tolist() if code} - _OWN.get(sign, {sign})):
            other = at[valid[at] & (codes == own)]
            wrong[other] = True
            found += [Fault(rule, other, partial(_shown, sign, own))] if len(other) else []
    if not found:
        return parsed
    kept = [replace(fault, at=fault.at[~wrong[fault.at]]) for fault in parsed.faults]
    return Parsed(pc.if_else(pa.array(wrong), None, parsed.values), (*(fault for fault in kept if len(fault.at)), *found))


def _shown(sign: str, own: str, _value: str) -> Mapping[str, object]:
    return {"shown": sign, "own": own}


def symbols_of(currency: str) -> str:
    """The symbols that amounts of a currency may carry.

    >>> symbols_of("GBP"), symbols_of("CAD"), symbols_of("CHF")
    ('£', '$', '')
    """
    return "".join(symbol for symbol, codes in _OWN.items() if currency in codes)


def without_symbols(text: pa.Array, currency: pa.Array | str, dollars: bool = False) -> pa.Array:
    """Amounts without the symbol of their own currency, one code or one a row, before or behind the digits; any other symbol stays (S3-8).

    A $ is taken off only where `dollars` says so, for amounts are read with it.

    >>> without_symbols(pa.array(["£200.00", "-£ 5", "7 £", "€5", "£"]), "GBP").to_pylist()
    ['200.00', '-5', '7', '€5', '£']
    """
    for symbol, codes in _OWN.items():
        if (symbol == "$" and not dollars) or not holds_any(text, symbol):
            continue
        own = currency in codes if isinstance(currency, str) else pc.is_in(currency, pa.array(sorted(codes), currency.type))
        sign = re.escape(symbol)
        bare = pc.replace_substring_regex(text, rf"^([-( ]*){sign}\s*([^{sign}]*[0-9-][^{sign}]*)$", r"\1\2")
        bare = pc.replace_substring_regex(bare, rf"^([^{sign}]*[0-9])\s*{sign}\s*([-)]*)$", r"\1\2")
        text = pc.if_else(own, bare, text)
    return text


@cache
def decimals_of(currency: str) -> int:
    """Decimals of a currency's minor unit.

    >>> decimals_of("USD"), decimals_of("JPY"), decimals_of("BHD")
    (2, 0, 3)
    """
    exponent = Currency(currency.upper()).exponent
    return 2 if exponent is None else exponent


@cache
def is_currency(code: str) -> bool:
    """Whether ISO 4217 has this code, in any case, and amounts of it have a minor unit that we can keep exactly.

    >>> is_currency("usd"), is_currency("XXX"), is_currency("dollars")
    (True, False, False)
    """
    try:
        return Currency(code.upper()).exponent is not None
    except ValueError:
        return False


def show_money(minor: int, currency: str = "USD") -> str:
    """Minor units as people write them, without the currency.

    >>> show_money(120000), show_money(-5), show_money(1200, "JPY"), show_money(1234567, "BHD")
    ('1,200.00', '-0.05', '1,200', '1,234.567')
    """
    decimals = decimals_of(currency)
    whole, part = divmod(abs(int(minor)), 10**decimals)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")


def with_commas(amount: str | Decimal | None) -> str:
    """A plain decimal number as people read it; '' for none.

    >>> with_commas("1234.50"), with_commas(None)
    ('1,234.50', '')
    """
    return "" if amount is None else f"{Decimal(amount):,}"


def parse_currency(text: pa.Array, map: str = "") -> Parsed:
    """Codes of ISO 4217 in capitals; `map` names the reference list that says what other words stand for.

    >>> parse_currency(pa.array(["usd", "dollars", ""])).values.to_pylist()
    ['USD', None, None]
    """
    code = pc.utf8_upper(text)
    (known,) = spread(code, lambda distinct: [np.array([is_currency(value) for value in distinct.to_pylist()], bool)])
    wrong = np.flatnonzero(~known & ~blank(text))
    return Parsed(nulled_text(code, ~known), (Fault(UNMAPPED, wrong, lambda _: {"map": map}) if map else Fault(CURRENCY, wrong),) if len(wrong) else ())
