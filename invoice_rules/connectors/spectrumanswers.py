"""What Spectrum's answers say. The vendor shows SOAP alone and leaves the JSON form open, so JSON, XML and plain text are read, in whatever shape.

Its rows have an `error_code` (A aborted, I invalid, M missing, W warning, S successful, G good; blank is no error), a `desc` and a `column`.
Only what is said in so many words counts, and only where nothing beside it says otherwise; the rest is not understood (S2-44).
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from invoice_rules.connectors.spectrumwords import counted, fine, identifies, listed, naming, otherwise, plain, remark
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
_DECIDES = frozenset((*_CODE, *_WORDS, *_ABOUT, *_SUCCESS, *_STATE))
_ERRORS = ("error", "errors", "errorlist", "messages", "fault", "exception", "detail", "details", "reason")
_REPEATED = ("arinvoices", "invoicedetails")
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
    def doubtful(self) -> bool:
        """Whether it has no code of an error, and may speak of one all the same: a yes names at most what was entered."""
        if self.code in (GOOD, SUCCESSFUL):
            return not (naming(self.words) and identifies(self.column))
        return self.code == NO_ERROR and bool(self.column or (self.words and not fine(self.words)))

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
    """What could be read in an answer: its rows, whether it says as a whole that all went well (None: it does not say), words that stand beside,
    how many it says were entered, and the invoices that it names."""

    rows: tuple[Said, ...] = ()
    success: bool | None = None
    text: str = ""
    beside: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it plainly says yes, and nothing in it says otherwise."""
        codes = {row.code for row in self.rows}
        if self.success is False or not codes <= {GOOD, SUCCESSFUL, NO_ERROR, WARNING} or any(row.doubtful for row in self.rows):
            return False
        if any(otherwise(said) for said in (*self.beside, *(row.words for row in self.rows if not fine(row.words)))):
            return False
        return bool(codes & {GOOD, SUCCESSFUL}) or (not self.beside and (self.success is True or NO_ERROR in codes))

    @property
    def refused(self) -> bool:
        """Whether the request was turned away as a whole: every row says so."""
        return bool(self.rows) and all(row.code == ABORTED for row in self.rows)

    def about(self, number: str, numbers: Collection[str]) -> "Reading":
        """What is said about one invoice: rows that name it in a field of its own. The others are nobody's, unless only one was sent and no other is named.

        A yes to the whole is one to each only where no row speaks against it; none is where another number of them was entered, or another one is named.
        """
        if any(count != len(numbers) for count in self.counts):
            return replace(self, success=False)
        others = {one.casefold() for one in self.named} - {one.casefold() for one in numbers}
        if len(numbers) == 1 and not others:
            return self
        mine = tuple(row for row in self.rows if row.about.casefold() == number.casefold())
        against = any(row.doubtful or row.code not in (GOOD, SUCCESSFUL, WARNING, NO_ERROR) for row in self.rows)
        return Reading(mine, None if against or others else self.success, self.text, self.beside)


def read(answer: Answer) -> Reading:
    """Read an answer, whatever it is. Never raises."""
    if len(answer.body) > LARGEST:
        return Reading(text="a very long text")
    text = answer.body.decode("utf-8-sig", errors="replace").strip()
    try:
        found = list(_walk(_parsed(text), "", speaks=True))
    except RecursionError:
        return Reading(text=words(text))
    rows, verdicts, beside, counts, named = (tuple(one for kind, one in found if kind == wanted) for wanted in ("row", "all", "beside", "count", "named"))
    return Reading(rows, all(verdicts) if verdicts else None, words(text), beside, counts, named)


def words(text: object) -> str:
    """A text of the service on one line, cut where it is very long, without its last full stop."""
    joined = " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
    return joined.rstrip(".") if len(joined) <= _LONGEST else joined[:_LONGEST] + "…"


def _parsed(text: str) -> Any:
    """The tree of a text: JSON as it is, XML as objects and lists; a text that is neither stays one."""
    if text.startswith("<"):
        return _xml(text)
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=_pairs)
    except ValueError:
        return text


def _pairs(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object with all that it says, also where a name comes twice: the later one has a name of its own, which `plain` takes off again."""
    made: dict[str, Any] = {}
    for name, inner in pairs:
        made[name if name not in made else f"{name} {len(made)}"] = inner
    return made


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


def _walk(value: Any, about: str, speaks: bool, repeats: bool = False) -> Iterator[tuple[str, Any]]:
    """("row", Said), ("all", yes or no), ("beside", words), ("count", number) and ("named", invoice) of a tree, outermost first.

    `about` is the invoice that it stands under; texts count only where Spectrum `speaks`, not where it `repeats` what it was sent."""
    if isinstance(value, dict):
        named, twice = _by_name(value)
        about = _text(named, _ABOUT) or about
        row = None if twice else _row(named, about)
        if twice:
            yield "all", False
        if row:
            yield "row", row
        yield from (("named", one) for one in filter(None, (_text(named, [name]) for name in _ABOUT)))
        if not repeats:
            yield from _own(named, row)
        for name, inner in named.items():
            again = repeats or name in _REPEATED
            yield from _walk(inner, about, name in _STATE and not again, again)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, about, speaks, repeats)
    elif isinstance(value, str) and speaks and value.strip():
        yield from _plain(value.strip(), about)


def _by_name(value: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """An object by its names as they are compared, and whether it says two things under one name that decides."""
    named: dict[str, Any] = {}
    twice = False
    for name, inner in value.items():
        of = plain(name)
        twice = twice or (of in _DECIDES and of in named and named[of] != inner)
        named[of] = inner
    return named, twice


def _row(named: dict[str, Any], about: str) -> Said | None:
    """The row that an object with a code is."""
    if not any(name in named and not isinstance(named[name], dict | list) for name in _CODE):
        return None
    told = dict.fromkeys(filter(None, (_text(named, [name]) for name in _WORDS)))
    return Said(_code(named[_CODE[0]]), words("; ".join(told)), _text(named, _COLUMN), about)


def _own(named: dict[str, Any], row: Said | None) -> Iterator[tuple[str, Any]]:
    """What an object says of the whole: a verdict where it speaks of success, and the words that stand beside."""
    for name in _SUCCESS:
        if isinstance(named.get(name), bool):
            yield "all", named[name]
    for name in _STATE:
        if isinstance(named.get(name), str) and named[name].strip(" .").lower() in ("error", "failed", "failure"):
            yield "all", False
    for name in _ERRORS if row else (*_ERRORS, *_WORDS):
        for said in _loose(named.get(name)):
            yield from _beside(said)
    heard = (*_ERRORS, *_WORDS, *(_CODE if row else ()), *(_COLUMN if row else ()))
    for name, inner in named.items():
        if name not in heard and not (name in _SUCCESS and isinstance(inner, bool)):
            yield from _unheard(name, inner)


def _unheard(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a value says that stands under another name, and each of a list; a list of invoices without any counts none."""
    if value == [] and listed(name):
        yield "count", 0
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, dict | list) or (name in _STATE and isinstance(one, str)):
            continue  # looked into, or heard as a text
        if (count := counted(name, one)) is not None:
            yield "count", count
        elif said := remark(name, one):
            yield "beside", words(said)


def _loose(value: Any) -> Iterator[str]:
    """The texts in a value that stand in no row."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and _row({plain(name): one for name, one in value.items()}, ""):
        return
    for one in inner:
        yield from _loose(one)
    if not isinstance(value, dict | list) and value:
        yield str(value)


def _beside(text: str) -> Iterator[tuple[str, str]]:
    """Words that are no code and no verdict, unless they only say that all is well."""
    said = words(text)
    if said and not fine(said):
        yield "beside", said


def _plain(text: str, about: str) -> Iterator[tuple[str, Any]]:
    """What a text says: "Success" alone, XML inside, or lines such as `error_code: I, desc: …, column: …`."""
    if text.startswith("<") and not isinstance(inner := _xml(text), str):
        yield from _walk(inner, about, speaks=False)
    elif text.strip(' ."').lower() in _SUCCESS:
        yield "all", True
    else:
        found = list(filter(None, map(_PLAIN.search, text.splitlines()[:200])))
        for one in found:
            yield "row", Said(_code(one["code"]), words((one["words"] or "").strip(" ,;|\"'")), one["column"] or "", about)
        if not found:
            yield from _beside(text)


def _code(value: Any) -> str:
    """A code as one letter, blank for no error; anything else stays as it is, and is not understood."""
    text = "" if value is None else str(value).strip().upper()
    return _WHOLE.get(text, text)


def _text(named: dict[str, Any], names: Iterable[str]) -> str:
    """The first of these that holds a text or a number; "" for none."""
    return next((str(named[name]).strip() for name in names if isinstance(named.get(name), str | Decimal) and str(named[name]).strip()), "")
