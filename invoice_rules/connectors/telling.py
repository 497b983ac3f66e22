"""What people read about sending: how things stand, what to do next, and the question before anything leaves. The same in every front end.

Sentences name no button and no command: each front end adds its own. Source: behaviours S2-43, S4-6, S4-14 … S4-17, S4-21.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_rules.connectors.systems import SYSTEMS
from invoice_rules.problems import plural
from invoice_rules.results import THERE, TWICE, Entry, State, exact
from invoice_rules.values import show_money

if TYPE_CHECKING:
    import pandas as pd

MARKED_IN = {"autotask.invoices": "Autotask"}
"""Rule sets whose source keeps a mark for what was processed (S4-16), and the source's name."""

KEPT_BACK = (State.NEEDS_MAPPING, State.HELD, State.REJECTED)
"""Nothing of it has left, and somebody has to do something first."""

OPEN = (State.UNKNOWN, State.CONFLICT, State.SENDING)
"""It has left, or may have, and nobody knows yet how it stands there."""

_WAITING = (*KEPT_BACK, State.UNKNOWN, State.CONFLICT)

ENDED = (State.DONE, State.REPLACED)
"""Nothing more happens to it."""

ORDER = (*OPEN, *KEPT_BACK, State.MARKING, State.SENT, State.READY, State.FOUND, State.SKIPPED, State.REPLACED, State.DONE)
"""What needs a person first."""

_WORDS = {
    State.FOUND: "not checked yet",
    State.NEEDS_MAPPING: "needs mapping",
    State.SKIPPED: "left out",
    State.SENDING: "being sent",
    State.UNKNOWN: "outcome unknown",
    State.CONFLICT: "differs",
    State.MARKING: "being marked",
}

_NEXT = {
    State.FOUND: "It is checked when invoices are sent next.",
    State.NEEDS_MAPPING: "Say what belongs to what, then send again.",
    State.HELD: "Settle what keeps it back, then send again: it is checked anew.",
    State.REJECTED: "Correct what is wrong, here or there, then send again: it is checked anew.",
    State.READY: "It goes with the next sending.",
    State.SENDING: "It may be on its way this minute. If nothing is being sent, send again: it is looked into first.",
    State.CONFLICT: "Look at both. Say that it is there where the one in {service} is right as it stands; else send this one as a new one.",
    State.MARKING: "Mark again: it was interrupted, and repeating it does no harm.",
}


def word(entry: Entry) -> str:
    """The state of an entry as people call it: `sent, not marked`, `outcome unknown`; in Spectrum `staged` (S2-43)."""
    if entry.state is State.SENT:
        return "sent, not marked" if entry.rules in MARKED_IN else "staged" if entry.destination == "spectrum" else "sent"
    if not_marked(entry):
        return "not marked"
    if entry.state is State.CONFLICT and entry.note.startswith(TWICE):
        return "there twice"
    return _WORDS.get(entry.state, str(entry.state))


def several(said: str, count: int) -> str:
    """The word of a state after a number.

    >>> several("differs", 1), several("differs", 2), several("held", 2)
    ('differs', 'differ', 'held')
    """
    return said if count == 1 else {"differs": "differ", "needs mapping": "need mapping"}.get(said, said)


def service(entry: Entry) -> str:
    """Xero, Spectrum."""
    return SYSTEMS[entry.destination].title if entry.destination in SYSTEMS else entry.destination


def next_step(entry: Entry) -> str:
    """What there is to do about an entry, a sentence; "" where nothing is."""
    if entry.state is State.UNKNOWN:
        return _of_unknown(entry)
    if entry.state is State.SENT:
        return f"Mark it in {MARKED_IN[entry.rules]}." if entry.rules in MARKED_IN else ""
    if not_marked(entry):
        return "See why it was not marked, settle that, then mark it again."
    if word(entry) == "there twice":
        return "Delete one of the two there, then say that it is there."
    return _NEXT.get(entry.state, "").format(service=service(entry))


def not_marked(entry: Entry) -> bool:
    """Whether the source was asked to mark it, and did not; the note says why (S4-16, S4-19)."""
    return entry.state is State.MARKING and bool(entry.note)


def _of_unknown(entry: Entry) -> str:
    """Xero can be asked whether it has it; Spectrum cannot, so a person has to look there (S2-44)."""
    if entry.destination == "spectrum":
        return "Look for its number under Customer Invoice Entry in Spectrum, then say whether it is there or not."
    return f"Send again: {service(entry)} is asked first whether it has it, and it goes once more only if not."


def totals(entries: Iterable[Entry]) -> str:
    """`AUD 45,678.00, NZD 3.00`; "" for no entries (X-17)."""
    return ", ".join(f"{code} {show_money(minor, code)}".strip() for code, minor in _sums(entries).items())


def exact_totals(entries: Iterable[Entry]) -> dict[str, str]:
    """The same for programs: {"AUD": "45678.00"}."""
    return {code: exact(minor, code) for code, minor in _sums(entries).items()}


def _sums(entries: Iterable[Entry]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for entry in entries:
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.total
    return dict(sorted(sums.items()))


def counted(entries: Iterable[Entry]) -> str:
    """`121 invoices and 2 credit notes`: what is below zero goes as a credit note (S4-21)."""
    below = [entry.total < 0 for entry in entries]
    credits, bills = sum(below), len(below) - sum(below)
    parts = [plural(bills, "invoice")] if bills or not credits else []
    return " and ".join(parts + ([plural(credits, "credit note")] if credits else []))


@dataclass(frozen=True)
class Line:
    """Entries that stand alike: same state, same reason. `says` is the reason, "" where none is needed."""

    state: State
    word: str
    says: str
    entries: tuple[Entry, ...]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.entries)

    @property
    def totals(self) -> str:
        """What they add up to, by currency."""
        return totals(self.entries)

    @property
    def keys(self) -> tuple[str, ...]:
        """Their keys in the source."""
        return tuple(entry.key for entry in self.entries)


def lines(entries: Iterable[Entry]) -> list[Line]:
    """What is ready first, then by state and reason, the most frequent first. What was finished or replaced earlier is not listed."""
    found: dict[tuple[State, str, str], list[Entry]] = {}
    for entry in entries:
        if entry.state not in ENDED:
            found.setdefault((entry.state, word(entry), entry.note), []).append(entry)
    made = [Line(*of, tuple(same)) for of, same in found.items()]
    return sorted(made, key=lambda line: (line.state is not State.READY, ORDER.index(line.state), -line.count, line.says))


def ready(entries: Iterable[Entry]) -> list[Entry]:
    """Those that the next sending takes."""
    return [entry for entry in entries if entry.state is State.READY]


def kept_back(entries: Iterable[Entry]) -> list[Entry]:
    """Those that wait for somebody: kept back before they left, unknown, or different there."""
    return [entry for entry in entries if entry.state in _WAITING]


def unmarked(entries: Iterable[Entry]) -> list[Entry]:
    """Those that the target has and the source has no mark for yet (S4-16)."""
    return [entry for entry in entries if entry.state in (State.SENT, State.MARKING) and entry.rules in MARKED_IN]


def summary(entries: Iterable[Entry]) -> str:
    """`7 of 130 invoices stay back. 123 (AUD 45,678.00) are ready.`"""
    listed = [entry for entry in entries if entry.state in (State.READY, *KEPT_BACK)]
    going, staying = ready(listed), len(listed) - len(ready(listed))
    if not listed:
        return "There is nothing to send."
    if not going:
        return f"{plural(staying, 'invoice')} {'stays' if staying == 1 else 'stay'} back. None is ready."
    if not staying:
        return f"{counted(going)} ({totals(going)}) {'is' if len(going) == 1 else 'are'} ready."
    of = f"{staying:,} of {plural(len(listed), 'invoice')} {'stays' if staying == 1 else 'stay'} back."
    return f"{of} {len(going):,} ({totals(going)}) {'is' if len(going) == 1 else 'are'} ready."


def question(entries: Iterable[Entry], place: str, system: str, settings: Mapping[str, str]) -> str:
    """The last question before anything leaves, with count, total and target (S4-6, S4-21); "" where nothing is ready."""
    going = ready(entries)
    if not going:
        return ""
    one = len(going) == 1
    end = f"as {'a draft' if one else 'drafts'}"
    if system == "spectrum":
        end = f"as {'a staged entry' if one else 'staged entries'}"
    elif settings.get("approved") == "yes":
        end = f"and approve {'it' if one else 'them'} there"
    return f"Send {counted(going)} ({totals(going)}) to {place} {end}?"


def mark_question(entries: Iterable[Entry], whose: str = "") -> str:
    """`Mark 123 invoices as processed in Autotask (Our Company)?` (S4-15); "" where none is to be marked."""
    waiting = unmarked(entries)
    where = f" ({whose})" if whose else ""
    return f"Mark {plural(len(waiting), 'invoice')} as processed in {MARKED_IN[waiting[0].rules]}{where}?" if waiting else ""


def arrived(entries: Iterable[Entry]) -> list[Entry]:
    """Those that the target has."""
    return [entry for entry in entries if entry.state in THERE]


def settled(entries: Iterable[Entry]) -> str:
    """What was found out about invoices of an unknown outcome: `1 invoice (AUD 100.00) is there. 2 are not there and go again.`"""
    listed = list(entries)
    there = arrived(listed)
    said = [f"{counted(there)} ({totals(there)}) {'is' if len(there) == 1 else 'are'} there."] if there else []
    return " ".join(said + _told(listed, _SETTLED)) or "Nothing was left open."


def not_again(keys: Sequence[str]) -> str:
    """`Invoice 1001 arrived last time and is not sent once more.` "" for none (S4-18)."""
    if not keys:
        return ""
    one, named = len(keys) == 1, ", ".join(keys)
    again = "Ask for it again if it is to go once more." if one else "Ask for them again if they are to go once more."
    return f"{'Invoice' if one else 'Invoices'} {named} arrived last time, so {'it is' if one else 'they are'} not sent once more. {again}"


def outcome(entries: Iterable[Entry]) -> str:
    """After sending, of the entries that were meant to go: `120 invoices (AUD 45,000.00) sent. 2 have an unknown outcome. 1 was refused.`"""
    listed = list(entries)
    there = arrived(listed)
    nothing = "Nothing is known to be sent." if any(entry.state in (State.UNKNOWN, State.SENDING) for entry in listed) else "Nothing was sent."
    return " ".join([f"{counted(there)} ({totals(there)}) sent." if there else nothing, *_told(listed, _OUTCOMES)])


_Endings = tuple[tuple[tuple[State, ...], str, str], ...]
_OUTCOMES: _Endings = (
    ((State.UNKNOWN, State.SENDING), "has an unknown outcome", "have an unknown outcome"),
    ((State.CONFLICT,), "differs from what is there", "differ from what is there"),
    ((State.REJECTED,), "was refused", "were refused"),
    ((State.HELD, State.NEEDS_MAPPING), "is kept back", "are kept back"),
    ((State.READY, State.FOUND), "was not tried", "were not tried"),
)
_SETTLED: _Endings = (
    ((State.READY,), "is not there and goes again", "are not there and go again"),
    ((State.CONFLICT,), "differs from what is there", "differ from what is there"),
    ((State.UNKNOWN, State.SENDING), "is still unknown", "are still unknown"),
)


def _told(entries: Sequence[Entry], endings: _Endings) -> list[str]:
    counts = [(sum(entry.state in states for entry in entries), one, many) for states, one, many in endings]
    return [f"{count:,} {one if count == 1 else many}." for count, one, many in counts if count]


def needs_person(entries: Iterable[Entry]) -> str:
    """`3 need you: 1 outcome unknown, 2 differs.` What cannot go on by itself; "" where all can."""
    waiting = [entry for entry in entries if entry.state in _WAITING or not_marked(entry)]
    if not waiting:
        return ""
    words: dict[str, int] = {}
    for entry in sorted(waiting, key=lambda one: ORDER.index(one.state)):
        words[word(entry)] = words.get(word(entry), 0) + 1
    told = ", ".join(f"{count:,} {several(said, count)}" for said, count in words.items())
    return f"{plural(len(waiting), 'invoice')} {'needs' if len(waiting) == 1 else 'need'} you: {told}."


COLUMNS = (
    *("key", "number", "customer", "customer_name", "date", "currency", "total", "destination", "tenant"),
    *("state", "word", "says", "next", "remote", "generation", "at"),
)
"""What `row` and `rows` tell of an entry."""


def row(entry: Entry) -> dict[str, object]:
    """An entry as front ends list it; the total exact, as text with all decimals of its currency."""
    found = {name: getattr(entry, name, None) for name in COLUMNS}
    said = {"total": exact(entry.total, entry.currency), "state": str(entry.state), "word": word(entry), "says": entry.note, "next": next_step(entry)}
    return {**found, **said}


def rows(entries: Iterable[Entry]) -> "pd.DataFrame":
    """The standing view as a frame, one entry a row, what needs a person first."""
    import pandas as pd

    ordered = sorted(entries, key=lambda entry: (ORDER.index(entry.state), str(entry.date or ""), entry.key))
    return pd.DataFrame([row(entry) for entry in ordered], columns=list(COLUMNS)).astype(object)
