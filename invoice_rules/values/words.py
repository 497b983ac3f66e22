"""Yes/no (S3-12) and lists of e-mail addresses (S3-13)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from unicodedata import is_normalized

import numpy as np
import pyarrow as pa
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from invoice_rules.problems import Fix, Rule, quoted
from invoice_rules.values.columns import Fault, Parsed, blank, matches, nulled, nulled_text, spread

YES_NO = Rule("yes-no", "{title} says {value}. Write yes, no, true or false.", "S3-12", "yes, no, true or false, in any case.")
EMAIL = Rule("email", "{which} {address}, {why}", "S3-13", "Each address is a valid e-mail address.")
EMAILS = Rule("email-count", "{count} addresses stand here; up to {most} are allowed. Remove {over}.", "S3-13", "One to six addresses, divided by comma or semicolon.")
RULES = (YES_NO, EMAIL, EMAILS)

_WORDS = {"yes": True, "true": True, "no": False, "false": False}
_SAFE = {"y": "yes", "t": "true", "n": "no", "f": "false"}
_HINTS = {"1": "yes", "x": "yes", "canceled": "yes", "cancelled": "yes", "void": "yes", "voided": "yes", "0": "no", "open": "no", "paid": "no", "active": "no"}
# What surely is an address, judged at the speed of a pattern; parts are kept short enough for every length limit of an address.
_ATOM = r"[A-Za-z0-9_][A-Za-z0-9_+\-]{0,19}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9]|-[A-Za-z0-9]){0,30}"
_SURE = rf"{_ATOM}(?:\.{_ATOM}){{0,2}}@(?:{_LABEL}\.){{1,3}}(?:[A-Za-z]{{2,3}}|[A-Za-z]{{6}}|info|shop|name)"
# What an address of ASCII letters is, neither more nor less; labels with xn-- hold other letters and are judged as such.
_DOT_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+(?:\.[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+)*+"
_HOST_LABEL = r"(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ASCII = re.compile(rf"{_DOT_ATOM}@(?:{_HOST_LABEL}\.)+(?!(?:{'|'.join(name for name in SPECIAL_USE_DOMAIN_NAMES if name != 'test')})$){_HOST_LABEL}(?<=[A-Za-z])", re.IGNORECASE)
_PUNYCODE = re.compile(r"@(?:.*\.)?xn--", re.IGNORECASE)
# Names and domains that surely are right: letters and digits of any writing before the @, those of Western Europe behind it.
_NAME = re.compile(r"[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*+")
_WESTERN = {ord(letter): "a" for letter in "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"}
_JUDGED = 200_000
"""Characters of the other names and domains of a column that are judged one by one; an address beyond them is told, not taken for right."""
_PLACES = ("The address", "The first address", "The second address", "The third address", "The fourth address", "The fifth address", "The sixth address")


def parse_yes_no(text: pa.Array, kinds: np.ndarray | None = None) -> Parsed:
    """yes/no/true/false in any case to bool; Excel's own booleans come as TRUE and FALSE.

    >>> parse_yes_no(pa.array(["Yes", "FALSE", "Y", ""])).values.to_pylist()
    [True, False, None, None]
    """

    def judge(distinct: pa.Array) -> list[np.ndarray]:
        words = [_WORDS.get(word.lower()) for word in distinct.to_pylist()]
        return [np.array([word is True for word in words], bool), np.array([word is not None for word in words], bool)]

    value, read = spread(text, judge)
    wrong = np.flatnonzero(~read & ~blank(text))
    faults = (Fault(YES_NO, wrong, fix=_yes_no_fix),) if len(wrong) else ()
    return Parsed(nulled(value, read, pa.bool_()), faults)


def _yes_no_fix(value: str) -> Fix | None:
    word = value.strip().lower()
    if word in _SAFE:
        return Fix(_SAFE[word], safe=True)
    return Fix(_HINTS[word]) if word in _HINTS else None


def parse_emails(text: pa.Array, most: int = 6) -> Parsed:
    """Lists of e-mail addresses; the text stays as typed, faults name the addresses that are wrong.

    >>> [len(fault.at) for fault in parse_emails(pa.array(["a@acme.com; b@acme.com", "ap@acme", ""])).faults]
    [1]
    """
    sure, = spread(text, lambda distinct: [matches(distinct, _sure_list(most))])
    doubtful = np.flatnonzero(~sure & ~blank(text))
    if not len(doubtful):
        return Parsed(nulled_text(text, blank(text)))
    bad, many = spread(text.take(pa.array(doubtful)), lambda distinct: _judge_lists(distinct.to_pylist(), most))
    faults = []
    if many.any():
        faults.append(Fault(EMAILS, doubtful[many], lambda value: _count_facts(value, most)))
    if bad.any():
        faults.append(Fault(EMAIL, doubtful[bad], _address_facts))
    unread = blank(text)
    unread[doubtful[bad | many]] = True
    return Parsed(nulled_text(text, unread), tuple(faults))


def _sure_list(most: int) -> str:
    return rf"^{_SURE}(?: *[,;] *{_SURE}){{0,{most - 1}}}$"


def split_emails(value: str) -> list[str]:
    """The addresses of one cell; blanks between separators are ignored (S3-13).

    >>> split_emails("a@acme.com,; b@acme.com")
    ['a@acme.com', 'b@acme.com']
    """
    return [part for part in (part.strip() for part in re.split(r"[,;]", value)) if part]


def _judge_lists(values: list[str], most: int) -> list[np.ndarray]:
    parts, wrong = [split_emails(value) for value in values], _Wrong()
    bad = [not addresses or any(map(wrong, addresses)) for addresses in parts]
    return [np.array(bad, bool), np.array([len(addresses) > most for addresses in parts], bool)]


class _Wrong:
    """Whether an address is wrong, as `_why_wrong` tells it: plain ones by a pattern, others by their name and their domain, each judged once."""

    def __init__(self) -> None:
        self._parts: dict[str, bool] = {}
        self._left = _JUDGED

    def __call__(self, address: str) -> bool:
        if len(address) > 254:
            return True
        if address.isascii() and not _PUNYCODE.search(address):
            return not _ASCII.fullmatch(address)
        name, _, domain = address.rpartition("@")
        long = len(address) > 60 or not is_normalized("NFKC", address)  # else it is within 254 bytes however it is written
        if long or not name or not domain or re.search(r'[\s"<>@]', name):
            return self._judged(address)
        wrong_name = not _NAME.fullmatch(name) and self._judged(f"{name}@a.co")
        return wrong_name or (not _is_western(domain) and self._judged(f"a@{domain}"))

    def _judged(self, address: str) -> bool:
        if address not in self._parts:
            if self._left < 0:
                return True
            self._left -= len(address)
            self._parts[address] = bool(_why_wrong(address))
        return self._parts[address]


def _is_western(domain: str) -> bool:
    return len(domain) <= 30 and bool(_ASCII.fullmatch(f"a@{domain.translate(_WESTERN)}"))


@lru_cache(maxsize=65_536)
def _why_wrong(address: str) -> str:
    """'' for a valid address, else the reason as the end of a sentence."""
    name, at, domain = address.rpartition("@")
    if not at:
        return "has no @ sign."
    if len(address) > 320:
        return "is far too long for an address."
    if "." not in domain:
        return "has no domain ending such as .com."
    if not name:
        return "has nothing before the @ sign."
    if (named := re.fullmatch(r"[^<>]*<\s*([^<>\s]+)\s*>", address)) and not _why_wrong(named[1]):
        return f"has more than the address. Write {named[1]} alone."
    if any(c.isspace() for c in address):
        return "has a blank inside it. Divide addresses by a comma or a semicolon."
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return "is not an e-mail address: " + _in_our_words(str(error))
    return ""


def _in_our_words(reason: str) -> str:
    plain = re.sub(r"^(The email address |The part after the @-sign |The part before the @-sign |An email address )", "it ", reason)
    return plain[:1].lower() + plain[1:] if plain.startswith("It") else plain


def _address_facts(value: str) -> Mapping[str, object]:
    addresses = split_emails(value)
    wrong = [(place, address, why) for place, address in enumerate(addresses, 1) if (why := _why_wrong(address))]
    if not addresses:
        return {"which": "There is no address in", "address": quoted(value), "why": "only separators."}
    if not wrong:
        return {"which": "The address", "address": quoted(value), "why": "was not looked at: the column has too many different addresses in foreign letters. Divide the file."}
    place, address, why = wrong[0]
    which = _PLACES[0] if len(addresses) == 1 else _PLACES[place] if place < len(_PLACES) else f"Address {place}"
    others = "" if len(wrong) == 1 else " Also wrong: " + ", ".join(quoted(a) for _, a, _ in wrong[1:7]) + "."
    return {"which": which + ",", "address": quoted(address), "why": why + others}


def _count_facts(value: str, most: int) -> Mapping[str, object]:
    count = len(split_emails(value))
    return {"count": count, "most": most, "over": f"{count - most} of them"}


