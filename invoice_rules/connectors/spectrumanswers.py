"""What Spectrum's answers say. The vendor shows SOAP alone and leaves the JSON form open, so JSON, XML and plain text are read, in whatever shape.

Its rows have an `error_code` (A aborted, I invalid, M missing, W warning, S successful, G good; blank is no error), a `desc` and a `column`.
Only what is said in so many words counts; the rest is not understood (S2-44).
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from invoice_rules.results import Answer

ABORTED, INVALID, MISSING, WARNING, SUCCESSFUL, GOOD, NO_ERROR = "A", "I", "M", "W", "S", "G", ""
LARGEST = 2_000_000
"""Bytes of the largest answer that is read; the longer ones are kept, not understood."""

_LONGEST = 240
_CODE = ("errorcode",)
_WORDS = ("desc", "errordesc", "description", "errordescription", "message", "errormessage")
_COLUMN = ("column", "errorcolumn")
_ABOUT = ("invoiceortransaction", "invoicenumber", "invoice", "transaction")
_SUCCESS = ("success", "successful")
_STATE = ("status", "result", "state", "response", "return", "returndata", "returnarray")
_WHOLE = {"ABORT": ABORTED, "INVALID": INVALID, "MISSING": MISSING, "WARNING": WARNING, "SUCCESS": SUCCESSFUL, "SUCCESSFUL": SUCCESSFUL, "GOOD": GOOD}
_WHOLE |= {"0": NO_ERROR, "NONE": NO_ERROR}
_PLAIN = re.compile(r"error[_ ]?code\W{1,4}(?P<code>[a-z]*)\b(?:.*?\bdesc(?:ription)?\W{1,4}(?P<words>.*?))?(?:[\W_]*\bcolumn\W{1,4}(?P<column>\w*).*)?$", re.IGNORECASE)
_TAKEN = re.compile(r"duplicat|not unique|must be unique|(invoice|transaction|number)\b.*\balready|already\b.*\b(invoice|transaction|number)", re.IGNORECASE)
_EXPIRED = re.compile(r"time[ -]?out has occurred", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """One row of an answer: its code, what it says, the element in error, and the number of the invoice that it names, if any."""

    code: str
    words: str = ""
    column: str = ""
    about: str = ""

    @property
    def refuses(self) -> bool:
        """Whether it says that the invoice was not taken."""
        return self.code in (INVALID, MISSING)

    @property
    def taken(self) -> bool:
        """Whether it says that Spectrum has this number already."""
        return self.refuses and bool(_TAKEN.search(f"{self.column.replace('_', ' ')} {self.words}"))

    @property
    def expired(self) -> bool:
        """Whether the GUID of the request was used before, and too long ago."""
        return bool(_EXPIRED.search(self.words))


@dataclass(frozen=True)
class Reading:
    """What could be read in an answer: its rows, and whether it says as a whole that all went well (None: it does not say)."""

    rows: tuple[Said, ...] = ()
    success: bool | None = None
    text: str = ""

    @property
    def refused(self) -> bool:
        """Whether the request was turned away as a whole: every row says so."""
        return bool(self.rows) and all(row.code == ABORTED for row in self.rows)

    def about(self, number: str, numbers: Collection[str]) -> "Reading":
        """What is said about one invoice of several: rows that name it. Without a name a row is nobody's, unless there is only one."""
        if len(numbers) == 1:
            return self
        mine = tuple(row for row in self.rows if _named(row, numbers) == {number})
        every = self.success if not any(row.refuses or row.code == ABORTED for row in self.rows) else None
        return Reading(mine, every, self.text)


def read(answer: Answer) -> Reading:
    """Read an answer, whatever it is. Never raises."""
    if len(answer.body) > LARGEST:
        return Reading(text="a very long text")
    text = answer.body.decode("utf-8-sig", errors="replace").strip()
    try:
        rows, verdicts = _rows(text)
    except RecursionError:
        return Reading(text=words(text))
    success = None if not verdicts else all(verdicts)
    return Reading(tuple(rows), success, words(text))


def words(text: object) -> str:
    """A text of the service on one line, cut where it is very long, without its last full stop."""
    joined = " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
    return joined.rstrip(".") if len(joined) <= _LONGEST else joined[:_LONGEST] + "…"


def _rows(text: str) -> tuple[list[Said], list[bool]]:
    """(rows, what it says of the whole: yes or no) of a text in JSON, XML or plain words."""
    rows: list[Said] = []
    verdicts: list[bool] = []
    for kind, found in _walk(_parsed(text), "", speaks=True):
        if kind == "row":
            rows.append(found)
        else:
            verdicts.append(found)
    return rows, verdicts


def _parsed(text: str) -> Any:
    """The tree of a text: JSON as it is, XML as objects and lists; a text that is neither stays one."""
    if text.startswith("<"):
        return _xml(text)
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return text


def _xml(text: str) -> Any:
    """XML as objects, without name spaces; the text where it is none, or brings definitions of its own."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return text
    try:
        return _object(ElementTree.fromstring(text.encode()))
    except ElementTree.ParseError:
        return text


def _object(node: ElementTree.Element) -> Any:
    if not len(node):
        return node.text or ""
    made: dict[str, Any] = {}
    for child in node:
        made.setdefault(child.tag.rpartition("}")[2], []).append(_object(child))
    return {name: inner if len(inner) > 1 else inner[0] for name, inner in made.items()}


def _walk(value: Any, about: str, speaks: bool) -> Iterator[tuple[str, Any]]:
    """("row", Said) and ("all", yes or no) of a tree, outermost first. `about` is the invoice that it stands under; texts count only where Spectrum `speaks`,
    not where it repeats what it was sent."""
    if isinstance(value, dict):
        named = {re.sub(r"[^a-z]", "", str(name).lower()): inner for name, inner in value.items()}
        about = _text(named, _ABOUT) or about
        yield from _own(named, about)
        for name, inner in named.items():
            yield from _walk(inner, about, name in _STATE)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, about, speaks)
    elif isinstance(value, str) and speaks and value.strip():
        yield from _plain(value.strip(), about)


def _own(named: dict[str, Any], about: str) -> Iterator[tuple[str, Any]]:
    """What an object says itself: a row where it has a code, a verdict where it speaks of success."""
    for name in _CODE:
        if name in named and not isinstance(named[name], dict | list):
            yield "row", Said(_code(named[name]), words(_text(named, _WORDS)), _text(named, _COLUMN), about)
    for name in _SUCCESS:
        if isinstance(named.get(name), bool):
            yield "all", named[name]
    for name in _STATE:
        if isinstance(named.get(name), str) and named[name].strip(" .").lower() in ("error", "failed", "failure"):
            yield "all", False


def _plain(text: str, about: str) -> Iterator[tuple[str, Any]]:
    """What a text says: "Success" alone, XML inside, or lines such as `error_code: I, desc: …, column: …`."""
    if text.startswith("<") and not isinstance(inner := _xml(text), str):
        yield from _walk(inner, about, speaks=False)
    elif text.strip(' ."').lower() in _SUCCESS:
        yield "all", True
    else:
        for found in filter(None, map(_PLAIN.search, text.splitlines()[:200])):
            yield "row", Said(_code(found["code"]), words((found["words"] or "").strip(" ,;|\"'")), found["column"] or "", about)


def _code(value: Any) -> str:
    """A code as one letter, blank for no error; anything else stays as it is, and is not understood."""
    text = "" if value is None else str(value).strip().upper()
    return _WHOLE.get(text, text)


def _text(named: dict[str, Any], names: Iterable[str]) -> str:
    """The first of these that holds a text or a number; "" for none."""
    return next((str(named[name]).strip() for name in names if isinstance(named.get(name), str | Decimal) and str(named[name]).strip()), "")


def _named(row: Said, numbers: Collection[str]) -> set[str]:
    """The invoices that a row is about: the one that it stands under, else those that its words name."""
    if row.about:
        return {number for number in numbers if number.casefold() == row.about.casefold()}
    return {number for number in numbers if re.search(rf"(?<![\w-]){re.escape(number)}(?![\w-])", row.words, re.IGNORECASE)}
