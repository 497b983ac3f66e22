"""Which words and values in an answer of Spectrum say no more than that all is well, and which may say otherwise (S2-44)."""

import re
from functools import cache
from typing import Any

from invoice_rules.connectors.spectruminvoices import RULES
from invoice_rules.rulesets import rule_set

_ENTERED = r"(?:was |has been )?(?:successfully )?(?:added|entered|created)(?: successfully)?"
_FINE = re.compile(rf"success\w*|good|ok|none|no errors?|(?:record|invoice) {_ENTERED}", re.IGNORECASE)
_NAMED = re.compile(rf"(?:(?:document|invoice|transaction|batch|record|number|no|id)[ .:#_]*)*[a-z]{{0,4}}[-_/]?\d[\w/-]*(?: {_ENTERED})?", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\bnot\b.{0,20}\b(?:enter|add|creat|sav|tak|import|process|accept|found|on file|valid|allow|authori|set)|\b0 (?:record|invoice)|invalid|fail|error|refus|reject|abort|denied"
    r"|skip|ignor|duplicat|already|simulat|\btest\b",
    re.IGNORECASE,
)
_MISHAP = re.compile(r"error|fault|fail|invalid|reject|warn|skip|duplicat|ignor|missing|abort|refus|denied")
_COUNTED = re.compile(
    r"(?:(?:records?|invoices?|transactions?|rows?|number|count|total|of)*(?:enter|creat|process|add|import|accept|insert|affect|receiv)ed"
    r"|(?:record|invoice|row|total)?count)(?:records?|invoices?|count)?"
)
_LISTED = re.compile(r"(?:ar)?(?:invoices|records|transactions|documents|rows|results)")
_YES = ("ok", "valid", "isvalid", "success", "successful", "issuccess", "status", "result")
_STATUS = ("status", "statuscode", "httpstatus", "httpstatuscode")
_ASIDE = frozenset(
    (
        "id guid requestid responseid sessionid correlationid traceid transactionid documentid document documentnumber invoiceid invoiceortransaction invoicenumber "
        "invoice transaction time timestamp date datetime servertime duration elapsed version server service method"
    ).split()
)
"""Names of what tells requests and documents apart, or when and where it was: they say nothing of how it went."""


def plain(name: object) -> str:
    """A name as it is compared: letters alone, small ones."""
    return re.sub(r"[^a-z]", "", str(name).lower())


def fine(text: str) -> bool:
    """Whether a text says that all is well, and no more."""
    return bool(_FINE.fullmatch(text))


def naming(text: str) -> bool:
    """Whether a text that a yes brings along only names what was entered: Document 77."""
    return not text or fine(text) or bool(_NAMED.fullmatch(text))


def otherwise(text: str) -> bool:
    """Whether a text speaks against a yes."""
    return bool(_OTHERWISE.search(text))


def identifies(name: str) -> bool:
    """Whether an element, by its name, is one in which Spectrum says what it made."""
    return plain(name) in ("", *_ASIDE, *_ours())


def counted(name: str, value: Any) -> int | None:
    """How many were entered, where a value under this name counts that; -1 for what is no count. None where the name is another."""
    if not _COUNTED.fullmatch(name) or value is None or value is True:
        return None
    number = str(int(value) if isinstance(value, bool) else value).strip()
    return int(number) if re.fullmatch(r"\d{1,9}", number) else -1


def listed(name: str) -> bool:
    """Whether a list under this name holds what was entered."""
    return bool(_LISTED.fullmatch(name) or _COUNTED.fullmatch(name))


def remark(name: str, value: Any) -> str:
    """What a value says under a name that is not known; "" where it is harmless: blank, an identifier, a time, our own field, no mishap."""
    text = "" if value is None else str(value).strip()
    if not text or (name in _STATUS and text in ("200", "201")):
        return ""
    if isinstance(value, bool) or text.lower() in ("true", "false"):
        return _flag(name, text.lower() == "true")
    if text == "0" and _MISHAP.search(name):
        return ""
    if not otherwise(text) and (fine(text) or name in _ASIDE or name in _ours()):
        return ""
    return f"{name}: {text}"


def _flag(name: str, set_: bool) -> str:
    """What a yes or no says: harmless are no mishap, and yes to what means that all is well."""
    if _MISHAP.search(name):
        return name if set_ else ""
    if set_:
        return "" if name in _YES or _COUNTED.fullmatch(name) else name
    return f"not accepted: {name}"


@cache
def _ours() -> frozenset[str]:
    """The names of what we send, which an answer may repeat."""
    return frozenset(map(plain, rule_set(RULES).fields)) - {"status"}
