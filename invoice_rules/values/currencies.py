"""Currencies of ISO 4217 and how an amount of minor units is written (X-17)."""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from iso4217 import Currency

from invoice_rules.problems import Rule
from invoice_rules.values.columns import Fault, Parsed, blank, nulled_text, spread

CURRENCY = Rule("currency", "{title} says {value}, which is not the code of a currency. Write a code of three letters, such as USD.", "X-17", "A code of ISO 4217, such as USD.")
RULES = (CURRENCY,)

DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "BRL", "CLP", "COP", "ARS"))
"""Currencies whose amounts may carry a $."""

FOREIGN = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₪": "ILS", "฿": "THB", "₫": "VND"}


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
