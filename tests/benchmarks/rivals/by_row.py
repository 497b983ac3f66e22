"""The rules of Paystand receivables for one cell at a time, as the row-wise peers need them: each raises ValueError with the rule's name."""

import datetime as dt
import re
from collections.abc import Callable

AROUND = " \t\r\n\"'"
LONGEST = {"invoiceId": 40, "invoiceNumber": 40, "customerName": 50, "extCustomerId": 40}

_MONEY = re.compile(r"-?\$?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?")
_DATE = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")
BARRED = re.compile(r"^[=+\-@]|--|(?i:=cmd|=sum|=vlookup)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


def filled(value: str) -> str:
    """The trimmed cell, which must not be blank."""
    value = value.strip(AROUND)
    if not value:
        raise ValueError("required")
    return value


def words(most: int) -> Callable[[str], str]:
    """Text of at most so many characters that no spreadsheet would run."""

    def read(value: str) -> str:
        value = filled(value)
        if len(value) > most:
            raise ValueError("max-length")
        if BARRED.search(value):
            raise ValueError("content")
        return value

    return read


def cents(value: str) -> int:
    value = filled(value)
    if not _MONEY.fullmatch(value):
        raise ValueError("money")
    whole, _, part = value.replace("$", "").replace(",", "").partition(".")
    amount = int(whole + part.ljust(2, "0"))
    if amount < 0:
        raise ValueError("not-negative")
    return amount


def day(value: str) -> dt.date:
    match = _DATE.fullmatch(filled(value))
    if not match:
        raise ValueError("date")
    return dt.date(int(match[4]), int(match[1]), int(match[3]))


def yes_no(value: str) -> bool:
    known = _YES_NO.get(filled(value).lower())
    if known is None:
        raise ValueError("yes-no")
    return known


def emails(value: str) -> str:
    addresses = re.split("[,;]", filled(value))
    if len(addresses) > 6:
        raise ValueError("email-count")
    if not all(_EMAIL.fullmatch(address.strip()) for address in addresses):
        raise ValueError("email")
    return value.strip(AROUND)


READ: dict[str, Callable[[str], object]] = {
    "invoiceId": words(40),
    "invoiceNumber": words(40),
    "amount": cents,
    "amountDue": cents,
    "customerName": words(50),
    "extCustomerId": words(40),
    "date": day,
    "dateDue": day,
    "isCanceled": yes_no,
    "contactEmail": emails,
}
"""Column -> what reads one of its cells."""


def rules(name: str) -> dict[str, Callable[[str], bool]]:
    """The rules of a column as questions, one each, for peers that want to be told which rule a cell breaks; a blank cell breaks `required` alone."""
    if name in LONGEST:
        own: dict[str, Callable[[str], bool]] = {"max-length": lambda value: len(value) <= LONGEST[name], "content": lambda value: not BARRED.search(value)}
    elif name in ("amount", "amountDue"):
        own = {"money": lambda value: _passes(cents, value) or value.startswith("-"), "not-negative": lambda value: not value.startswith("-")}
    elif name == "contactEmail":
        own = {"email-count": lambda value: len(re.split("[,;]", value)) <= 6, "email": lambda value: _passes(emails, value)}
    else:
        own = {"yes-no" if name == "isCanceled" else "date": lambda value: _passes(READ[name], value)}
    return {"required": bool, **{rule: lambda value, holds=holds: not value or holds(value) for rule, holds in own.items()}}


def _passes(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True
