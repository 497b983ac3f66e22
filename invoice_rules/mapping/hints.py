"""What a heading says besides whose column it is: the currency of its amounts, their size, the order of its dates (X-12, X-13, X-17)."""

import re
import unicodedata
from functools import lru_cache

from invoice_rules.fields import Field
from invoice_rules.mapping.words import LONGEST, plain
from invoice_rules.values import is_currency, named_by_symbol

_SIZES = frozenset("cent cents pence thousand thousands tausend tsd k 000 1000 mio mill million millions mn mm bn billion billions lakh lakhs crore crores minor".split())
_MONEY = r"(?:eur|usd|gbp|chf|cad|aud|€|\$|£)"
_SIZED = re.compile(rf"(?<![^\W_])[tkm]{_MONEY}(?![^\W_])|{_MONEY}(?:[tkm]|mn|bn)(?![^\W_])", re.IGNORECASE)  # TEUR, k€, $m

_SPELLED = {"euro": "EUR", "euros": "EUR"}
_DOLLAR = re.compile(r"(?<![^\W_])([a-z]{0,2})\$", re.IGNORECASE)
_DOLLARS = {"us": "USD", "ca": "CAD", "c": "CAD", "au": "AUD", "a": "AUD", "nz": "NZD", "hk": "HKD", "s": "SGD", "r": "BRL"}
_WORDS = frozenset("all top try cup pen gel mop sos mad bob cop ang bam che".split())
"""Codes of currencies that are words too: they count in capitals and in parentheses alone."""
_IN_PARENTHESES = re.compile(r"[(\[{]\s*(?!ALL|TOP)([A-Z]{3})\s*[)\]}]")

_DAY, _MONTH, _YEAR = r"(?:dd?|tt?|jj?|gg?|day)", r"(?:m{1,4}|month)", r"(?:yyyy|yy?|jjjj|jj|aaaa|aa|year)"
_ORDERS = {
    order: re.compile(rf"(?<![^\W_])(?:{first}([-/._ ]?){second}\1{_YEAR}(?![^\W_])|(?<![-/.]){first}[-/.]{second}(?![-/.]?[^\W_]))", re.IGNORECASE)
    for order, first, second in (("day-first", _DAY, _MONTH), ("month-first", _MONTH, _DAY))
}


@lru_cache(maxsize=1024)
def sized(heading: str) -> bool:
    """Whether the heading says that its amounts are counted in cents, thousands or the like.

    >>> sized("Amount (in cents)"), sized("Total (TEUR)"), sized("Amount ($000)"), sized("Amount (EUR)")
    (True, True, True, False)
    """
    return not _SIZES.isdisjoint(plain(heading)) or _SIZED.search(heading[:LONGEST]) is not None


def miscounted(field: Field, heading: str) -> bool:
    """Whether the field holds money, which is read in whole units, and the heading counts it otherwise."""
    return (field.kind == "money" or field.role == "price") and sized(heading)


def currency_named(heading: str) -> str:
    """The currency that the heading names: its code or, where several share the symbol, the symbol; '' where it names none, or several.

    >>> currency_named("Amount (EUR)"), currency_named("total_gbp"), currency_named("Total in €"), currency_named("Amount ($)"), currency_named("Amount")
    ('EUR', 'GBP', 'EUR', '$', '')
    """
    text, words = unicodedata.normalize("NFKC", heading[:LONGEST]), plain(heading)
    found = {word.upper() for word in words if len(word) == 3 and word not in _WORDS and is_currency(word)}
    found |= {code for code in _IN_PARENTHESES.findall(text) if is_currency(code)}
    found |= {_SPELLED[word] for word in words if word in _SPELLED} | ({symbol} if (symbol := named_by_symbol(text)) else set())
    found |= {_DOLLARS.get(land.lower(), "$") for land in _DOLLAR.findall(text)}
    found = found - {"$"} or found
    return found.pop() if len(found) == 1 else ""


def order_named(heading: str) -> str:
    """The order of dates that the heading names, day-first or month-first; '' where it names none, or both.

    >>> order_named("Date (DD/MM/YYYY)"), order_named("Datum TT.MM.JJJJ"), order_named("Due (m/d)"), order_named("Date (YYYY-MM-DD)")
    ('day-first', 'day-first', 'month-first', '')
    """
    found = [order for order, pattern in _ORDERS.items() if pattern.search(heading[:LONGEST])]
    return found[0] if len(found) == 1 else ""
