"""Spectrum as a place where invoices go: `SpectrumDestination`, its Customer Invoice Entry, where they wait until a person updates them (S2-43).

Spectrum takes invoices and says nothing about them later: what has no plain answer is for a person to look up (S2-44). A number is taken once for each
company, and nothing there is ever changed by us (S2-42). A request is for one company, whose code is the user name of the login; the
Authorization ID is its password and goes nowhere else (S2-2). Source: behaviours S2-1 … S2-3, S2-36 … S2-44.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from invoice_rules.connectors import exactjson, spectruminvoices
from invoice_rules.connectors.failures import KeptOut, LoggedOut, Lost, NotReached, Refused
from invoice_rules.connectors.http import WRITE, Session
from invoice_rules.connectors.opening import address, companies
from invoice_rules.connectors.spectrumanswers import GOOD, INVALID, MISSING, NO_ERROR, SUCCESSFUL, WARNING, Reading, Said, read
from invoice_rules.connectors.spectruminvoices import BATCH, COMPANY, NUMBER, company, number, text
from invoice_rules.errors import CannotRun
from invoice_rules.results import BEFORE, Answer, Document, Entry, Result, State
from invoice_rules.rulesets import rule_set

if TYPE_CHECKING:
    from invoice_rules.connectors.known import Connection
    from invoice_rules.connectors.protocols import Verdicts
    from invoice_rules.store.ledger import Ledger

PATH = "/customer/invoice"
QUIET = 120.0
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}

_LIVES = 5 / 6
"""The part of the quiet time that a request may last: what is looked for after it is not on its way any more."""

_TOLD = (400, 409, 422)
"""Statuses under which an answer may say what is wrong with an invoice; the other refusals are about the request, and nothing was done."""

_TAKING = (State.READY, *(state for state in State if state not in BEFORE))
"""States in which an invoice takes its number."""

_WHERE = "Customer Invoice Entry"
_BARE = {MISSING: "is missing", INVALID: "is not valid", NO_ERROR: "is named without a code", GOOD: "is right"}
_EXPIRED = "Spectrum says that the time of this request was over. Nothing was entered; send it again, and it goes as a new request."


@dataclass
class SpectrumDestination:
    """One server of Spectrum. `companies` are those that it may be sent invoices of, all for none; `batch` is how many share a request."""

    session: Session = field(repr=False)
    url: str
    tenant: str
    tenant_title: str = ""
    companies: tuple[str, ...] = ()
    batch: int = 1
    quiet: float = QUIET
    name: str = "spectrum"
    title: str = "Spectrum"
    rules: str = spectruminvoices.RULES
    askable: bool = False
    unsent: tuple[str, ...] = ()

    @classmethod
    def of(cls, connection: "Connection", session: Session) -> "SpectrumDestination":
        """As a connection has it; its settings batch and quiet are numbers, of invoices and seconds. Raises CannotRun for those that make no sense.

        The tenant is the server, not its companies: one may come to a connection, and what was sent before must stay known.
        """
        many, quiet = _positive(connection.settings, "batch", "1"), _positive(connection.settings, "quiet", str(QUIET))
        return cls(session, address(connection), connection.account, connection.title, tuple(companies(connection)), int(many), quiet)

    # ---- before it leaves

    def judge(self, documents: Sequence[Document], ledger: "Ledger") -> "tuple[Verdicts, Mapping[int, str]]":
        """READY, or why not; and the number of each: its own, with -2 and so on for one that goes once more as a new one (S4-18)."""
        numbers = {one.entry.id: _numbered(one) for one in documents}
        taken = {_same(*_of_key(entry)): entry.id for entry in ledger.entries(*_TAKING)}
        verdicts: dict[int, tuple[State, str]] = {}
        for one in documents:
            mine = _same(company(one), numbers[one.entry.id])
            why = self._why_not(one, numbers[one.entry.id], taken.setdefault(mine, one.entry.id) != one.entry.id)
            verdicts[one.entry.id] = why or (State.READY, "")
        return verdicts, numbers

    def _why_not(self, document: Document, given: str, taken: bool) -> tuple[State, str] | None:
        """What keeps an invoice back, None where it may go."""
        if self.companies and company(document).casefold() not in (one.casefold() for one in self.companies):
            return State.HELD, f"Company {company(document)} is not one of this connection ({', '.join(self.companies)}). Connect to Spectrum for it too."
        if document.entry.remote:
            return State.REJECTED, "Spectrum takes no changes to an invoice that it has. Change it there, or send it as a new one."
        if taken:
            return State.REJECTED, f"Number {given} went to company {company(document)} before. Spectrum takes a number once: give this invoice another one."
        faults = _too_long(document, given) or spectruminvoices.faults(_with_number(document, given))
        return (State.REJECTED, " ".join(faults)) if faults else None

    def group(self, documents: Sequence[Document]) -> list[list[Document]]:
        """Requests of one company each, of at most `batch` invoices, in the given order."""
        ordered = sorted(documents, key=company)
        groups = [list(same) for _, same in groupby(ordered, company)]
        return [same[start : start + self.batch] for same in groups for start in range(0, len(same), self.batch)]

    def body(self, documents: Sequence[Document]) -> bytes:
        """The JSON of a request; the same documents give the same bytes."""
        return spectruminvoices.body(documents, self.tenant)

    # ---- leaving

    def send(self, body: bytes, key: str) -> Answer:
        """Post once. `key` stays with us: Spectrum knows no idempotency keys. Raises Lost, Refused, NotReached, LoggedOut or CannotRun, with what to do."""
        sent = exactjson.loads(body)["arInvoices"]
        of = sent[0][COMPANY]
        self.session.speak_for(of)
        try:
            answer = self.session.write("POST", self.url + PATH, body=body, headers=HEADERS, timeout=min(WRITE, self.quiet * _LIVES))
        except NotReached:
            raise
        except LoggedOut as error:
            raise self._no_entrance(of) from error
        except Lost as error:
            raise Lost(f"{error} {_look(sent)}", error.answer) from error
        except Refused as error:
            answer = self._told(error, of)
        reading = read(answer)
        if reading.refused and not any(row.expired for row in reading.rows):
            raise self._aborted(reading, of)
        return answer

    def _told(self, error: Refused, of: str) -> Answer:
        """The answer of a refusal that may say what is wrong with the invoices; other refusals are raised again."""
        if error.status == 403:
            raise self._no_entrance(of) from error
        if error.status in _TOLD:
            return error.answer
        if error.status == 404:
            raise Refused(f"The server has no {PATH}. Is the address of Spectrum right, and its service for customer invoices switched on?", error.answer) from error
        raise error

    def _aborted(self, reading: Reading, of: str) -> CannotRun:
        """What is raised where Spectrum turned the whole request away."""
        said = _said(reading.rows)
        if any(row.column == "Authorization_ID" or "authori" in row.words.lower() for row in reading.rows):
            return self._no_entrance(of, f"{said} ")
        return CannotRun(f"Spectrum broke off, and entered nothing. {said}".rstrip())

    def _no_entrance(self, of: str, said: str = "") -> KeptOut:
        """What is raised where one company has no entrance; the others have their own (S4-19)."""
        return KeptOut(
            f"Spectrum does not let us in for company {of}. {said}Look in its Data Exchange Installation: the Authorization ID must be active, and allow this "
            f"company and the service for customer invoices. Then log in again: {self.session.login}",
            lambda document: company(document).casefold() == of.casefold(),
        )

    def results(self, answer: Answer, documents: Sequence[Document]) -> dict[int, Result]:
        """What the answer says about each: only plain words count (S2-44)."""
        reading, numbers = read(answer), [number(one) for one in documents]
        good = 200 <= answer.status < 300
        return {one.entry.id: _result(reading.about(number(one), numbers), one, good, answer.status, len(numbers) == 1) for one in documents}

    def look(self, entries: Sequence[Entry], documents: Sequence[Document]) -> dict[int, Result]:
        """Spectrum cannot be asked: a person says whether it is there."""
        return {}


def _result(reading: Reading, document: Document, good: bool, status: int, alone: bool) -> Result:
    rows = reading.rows
    codes, refusals = {row.code for row in rows}, [row for row in rows if row.refuses]
    if alone and any(row.expired for row in rows) and not codes & {GOOD, SUCCESSFUL}:
        return Result(State.REJECTED, _EXPIRED)
    if refusals and not codes - {INVALID, MISSING, WARNING, NO_ERROR} and reading.success is not True:
        return _conflict(refusals, document) if any(row.taken for row in refusals) else Result(State.REJECTED, f"Spectrum refused it. {_said(refusals)}")
    if good and reading.accepted:
        return _entered(rows, document)
    heard = _said(rows) or (f'It answered with {status}: "{reading.text}".' if reading.text else f"It answered with {status} and no word.")
    return Result(State.UNKNOWN, f"Spectrum says neither yes nor no in so many words. {heard} {_look_for(text(document, BATCH), number(document))}")


def _entered(rows: Sequence[Said], document: Document) -> Result:
    """It is in Customer Invoice Entry; what Spectrum warns of is kept (S2-43)."""
    batch, remarks = text(document, BATCH), [row for row in rows if row.words]
    warned = f" Spectrum remarks: {_said(remarks)}" if remarks else ""
    return Result(State.SENT, f"Entered, not posted: it waits in {_WHERE}, batch {batch}, to be updated there.{warned}", f"{company(document)}/{batch}/{number(document)}", number(document))


def _conflict(refusals: Sequence[Said], document: Document) -> Result:
    """Spectrum has the number. Whether that is this invoice, only a person can see; to send it under another number could double it."""
    again = "It may be this invoice, from the time before." if document.entry.attempts else "Somebody may have entered it there."
    return Result(State.CONFLICT, f"Spectrum has number {number(document)} already. {again} {_look_for(text(document, BATCH), number(document))} {_said(refusals)}")


def _said(rows: Sequence[Said]) -> str:
    """What rows say, each with the title of the element that it is about."""
    titles = rule_set(spectruminvoices.RULES).fields
    told = []
    for row in rows:
        title = titles[row.column].title if row.column in titles else row.column
        if row.words:
            told.append(f"{title}: {row.words}." if title else f"{row.words}.")
        elif title or row.code:
            told.append(f"{title or 'A value'} {_BARE.get(row.code, f'has the code {row.code}')}.")
    return " ".join(dict.fromkeys(told))


def _look(sent: Sequence[Mapping[str, Any]]) -> str:
    """Where a person finds the invoices of a request."""
    return " ".join(_look_for(batch, ", ".join(str(one[NUMBER]) for one in same)) for batch, same in groupby(sent, key=lambda one: one[BATCH]))


def _look_for(batch: str, numbers: str) -> str:
    return f"Check {_WHERE}, batch {batch}, number {numbers}."


def _numbered(document: Document) -> str:
    """The invoice's own number, with its generation where it goes as a new one."""
    own, generation = text(document, NUMBER), document.entry.generation
    return own if generation == 1 else f"{own}-{generation}"


def _too_long(document: Document, given: str) -> list[str]:
    """Where only the end that we put to the number of one that goes as a new one makes it too long: what can be done, which is not to shorten it."""
    own, most = text(document, NUMBER), rule_set(spectruminvoices.RULES).fields[NUMBER].max or 0
    if given == own or not len(own) <= most < len(given):
        return []
    said = f"As a new one it would be number {given}, which has {len(given)} characters; Spectrum keeps {most}."
    return [f"{said} If it was deleted there, say so (ledger not-there KEY): it goes again under its own number. Else enter the second one there by hand."]


def _with_number(document: Document, given: str) -> Document:
    return replace(document, entry=replace(document.entry, number=given))


def _of_key(entry: Entry) -> tuple[str, str]:
    """(company, number) of an entry, which its key is made of."""
    of, _, own = re.sub(r"\\(.)", lambda found: "\0" if found[1] == "/" else found[1], entry.key).partition("/")
    return of.replace("\0", "/"), entry.number or own.replace("\0", "/")


def _same(of: str, given: str) -> tuple[str, str]:
    """What two invoices may not share."""
    return of.casefold(), given.casefold()


def _positive(settings: Mapping[str, str], name: str, usual: str) -> float:
    """A number above zero among the settings."""
    said = settings.get(name) or usual
    try:
        value = float(said)
    except ValueError:
        value = 0.0
    if value > 0 and (name != "batch" or value.is_integer()):
        return value
    raise CannotRun(f'The setting {name} of the connection to Spectrum is "{said}". It must be a {"whole " if name == "batch" else ""}number above zero.')
