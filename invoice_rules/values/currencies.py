"""Currencies of ISO 4217 and how an amount of minor units is written (X-17)."""

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from iso4217 import Currency

from invoice_rules.problems import Rule
from invoice_rules.values.columns import Fault, Parsed, blank, holds_any, nulled_text, spread

CURRENCY = Rule("currency", "{title} says {value}, which is not the code of a currency. Write a code of three letters, such as USD.", "X-17", "A code of ISO 4217, such as USD.")
RULES = (CURRENCY,)

DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "BRL", "CLP", "COP", "ARS"))
"""Currencies whose amounts may carry a $."""

FOREIGN = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₪": "ILS", "฿": "THB", "₫": "VND"}

_OWN = {**{symbol: frozenset((code,)) for symbol, code in FOREIGN.items()}, "¥": frozenset(("JPY", "CNY")), "$": DOLLARS}


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


def parse_currency(text: pa.Array) -> Parsed:
    """Codes of ISO 4217 in capitals.

    >>> parse_currency(pa.array(["usd", "dollars", ""])).values.to_pylist()
    ['USD', None, None]
    """
    code = pc.utf8_upper(text)
    (known,) = spread(code, lambda distinct: [np.array([is_currency(value) for value in distinct.to_pylist()], bool)])
    wrong = np.flatnonzero(~known & ~blank(text))
    return Parsed(nulled_text(code, ~known), (Fault(CURRENCY, wrong),) if len(wrong) else ())
