"""Currencies of ISO 4217 and how an amount of minor units is written (X-17)."""

from functools import cache

from iso4217 import Currency

SYMBOLS = {"$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "BRL", "CLP", "COP", "ARS")}
"""Symbols that an amount may carry, with the currencies that they can stand for."""

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
