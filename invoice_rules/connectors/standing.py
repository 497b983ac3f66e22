"""How all invoices stand at every target, from the ledger alone, and a person's word about one where nobody else can say (S2-44, S4-17)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from invoice_rules.connectors import telling
from invoice_rules.connectors.alone import alone
from invoice_rules.connectors.sending import ELSEWHERE, Sending
from invoice_rules.connectors.targets import RECEIVE, connected, opened, place_of, target, targets
from invoice_rules.errors import CannotRun
from invoice_rules.results import BEFORE, Entry, State
from invoice_rules.store import ledger_entries
from invoice_rules.store.elsewhere import RELEASED
from invoice_rules.store.finding import unknown_key

if TYPE_CHECKING:
    from invoice_rules.connectors.protocols import Destination
    from invoice_rules.store import Ledger, Store

STATES = tuple(str(state) for state in telling.ORDER)
"""The names of all states, what needs a person first."""

QUIET = 120.0
"""Seconds before a person may say of a target that is not connected any more that something is not there."""


_OPEN = (State.UNKNOWN, State.SENDING)
_GONE = (State.SENT, State.CONFLICT)
"""States of one that a service had, and that may be deleted there since."""


@dataclass(frozen=True)
class Group:
    """Entries of one target in one state. `next` is what to do about them, "" where nothing is."""

    place: str
    state: State
    word: str
    next: str
    entries: tuple[Entry, ...]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.entries)

    @property
    def totals(self) -> str:
        """What they add up to, by currency."""
        return telling.totals(self.entries)

    @property
    def says(self) -> str:
        """`3 need mapping`."""
        return f"{self.count:,} {telling.several(self.word, self.count)}"


def groups(entries: Iterable[Entry]) -> list[Group]:
    """By target, then by state, what needs a person first; inside by date and key."""
    found: dict[tuple[str, str, State, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.destination, entry.tenant, entry.state, telling.word(entry)), []).append(entry)
    ordered = sorted(found, key=lambda of: (of[0] != "xero", of[0], of[1], telling.ORDER.index(of[2]), of[3]))
    return [_group(sorted(found[of], key=lambda entry: (str(entry.date or ""), entry.key))) for of in ordered]


def _group(same: list[Entry]) -> Group:
    first = same[0]
    return Group(place_of(first), first.state, telling.word(first), telling.next_step(first), tuple(same))


def standing(store: "Store", *, states: Collection[str] = (), to: str = "", keys: Collection[str] = ()) -> list[Entry]:
    """How all invoices of the entity stand, at every target or at one (a connection, else a system). Asks the ledger, and no service."""
    wanted = tuple(State(state) for state in states)
    all_of = to in RECEIVE and all(one.name != to for one in targets())
    found = ledger_entries(store, states=wanted, destination=to if all_of else "")
    if to and not all_of:
        one = target(to)
        found = [entry for entry in found if (entry.destination, entry.tenant) == (one.system, one.account)]
    return [entry for entry in found if not keys or entry.key in keys]


def history(store: "Store", key: str, *, to: str = "") -> list[dict[str, Any]]:
    """All that happened to an invoice, the oldest first: `to`, `at`, `user`, `from`, `state`, `note`, and what the service answered."""
    return [{"target": place_of(entry), "generation": entry.generation, **told} for entry in _of(store, key, to) for told in _ledger(store, entry).raw(entry.id)]


def there(store: "Store", invoice: str | Entry, *, to: str = "", remote: str = "") -> Entry:
    """A person says that an invoice of an unknown outcome, or one that differs, is there and right: it counts as sent (S2-44).

    `invoice` is its key, or its entry. Raises CannotRun where that is no question, or the service itself can say.
    """
    entry = _one(store, invoice, to, (State.UNKNOWN, State.SENDING, State.CONFLICT), "Only an invoice of an unknown outcome, or one that differs, can be said to be there.")
    return _spoken_for(store, entry).answer(entry, True, remote)


def not_there(store: "Store", invoice: str | Entry, *, to: str = "", sure: bool = False) -> Entry:
    """A person says that an invoice of an unknown outcome is not there: the next sending takes it again, with the same number (S2-44).

    So does one that was staged in Spectrum and deleted there since, or differs there; whoever says that was asked `gone_question` before, and is `sure`.
    """
    entry = _missing(store, invoice, to)
    if entry.state not in _GONE:
        return _spoken_for(store, entry).answer(entry, False)
    if not sure:
        raise CannotRun(f"{_gone_question(entry)} Nothing was changed.")
    with alone(entry.destination, entry.tenant) as free:
        if not free:
            raise CannotRun(f"Invoices are being sent to {place_of(entry)} in another window just now. Nothing was changed; say it again when that is done.")
        _ledger(store, entry).gone(entry.id)
    return _now(store, entry)


def gone_question(store: "Store", invoice: str | Entry, *, to: str = "") -> str:
    """What is to be asked before an invoice is said not to be there that counts as being there; "" where nothing is."""
    entry = _missing(store, invoice, to)
    return _gone_question(entry) if entry.state in _GONE else ""


def _missing(store: "Store", invoice: str | Entry, to: str) -> Entry:
    """The entry that is said not to be there: one of unknown outcome, else one that Spectrum had, which nobody can ask."""
    key = invoice if isinstance(invoice, str) else invoice.key
    known = [entry for entry in _of(store, key, to) if isinstance(invoice, str) or entry.id == invoice.id]
    had = () if any(entry.state in _OPEN for entry in known) else _GONE
    only = "Only an invoice of an unknown outcome, or one that is in Spectrum, can be said not to be there."
    found = _one(store, invoice, to, (*_OPEN, *had), only)
    if found.state in _GONE and found.destination != "spectrum":
        raise CannotRun(f"{only} {key} is: {telling.word(found)}.")
    return found


def _gone_question(entry: Entry) -> str:
    return (
        f"Number {entry.number} counts as entered in {place_of(entry)}. Said not to be there, it goes again under the same number with the next sending. "
        "Did you look for it under Customer Invoice Entry and among the posted invoices, and is it in neither?"
    )


def skip(store: "Store", invoice: str | Entry, why: str = "", *, to: str = "") -> Entry:
    """Leave an invoice out that has not left, until it is released."""
    entry = _one(store, invoice, to, BEFORE, "Only an invoice that has not left can be left out.")
    _ledger(store, entry).skip([entry.id], why or "Left out by a person")
    return _now(store, entry)


def release(store: "Store", invoice: str | Entry, *, to: str = "") -> Entry:
    """Take back in what was left out, or let go as it is what the service refused, or what another organisation has (it is asked only once)."""
    only = "Only an invoice that was left out or refused can be taken back in."
    entry = _one(store, invoice, to, (State.SKIPPED, State.REJECTED, State.HELD), only)
    if entry.state is State.HELD and not entry.note.startswith(ELSEWHERE):
        raise CannotRun(f"{only} {entry.key} is: held. {telling.next_step(entry)}")
    if entry.generation > 1 and not entry.attempts:
        raise CannotRun(f"{entry.key} was sent before, and this would be once more. Ask for that when sending: to send it again as a new one, or to update what is there.")
    ledger = _ledger(store, entry)
    if entry.state is not State.SKIPPED:
        ledger.skip([entry.id], entry.note)
    ledger.release([entry.id], RELEASED)
    return _now(store, entry)


@dataclass(frozen=True)
class _NotAsked:
    """A target of which a person speaks: it cannot be asked, or is not connected any more."""

    name: str
    title: str
    tenant: str
    tenant_title: str
    rules: str
    quiet: float = QUIET
    askable: bool = False
    unsent: tuple[str, ...] = ()


def _spoken_for(store: "Store", entry: Entry) -> "Sending":
    """The engine for a person's word: the service is asked where it can be, and nothing is sent."""
    found = connected(entry)
    if found and entry.destination != "spectrum":
        return opened(store, found)
    settings = found.settings if found else {}
    there = _NotAsked(entry.destination, telling.service(entry), entry.tenant, found.title if found else entry.tenant, entry.rules, float(settings.get("quiet") or QUIET))
    return Sending(store, cast("Destination", there))


def _ledger(store: "Store", entry: Entry) -> "Ledger":
    return store.ledger(entry.destination, entry.tenant)


def _of(store: "Store", key: str, to: str) -> list[Entry]:
    found = standing(store, to=to, keys=(key,))
    if not found:
        raise CannotRun(unknown_key(key))
    return found


def _one(store: "Store", invoice: str | Entry, to: str, states: Collection[State], only: str) -> Entry:
    """The entry that is meant, as it is now; raises CannotRun where there is none that it can be, or several."""
    key = invoice if isinstance(invoice, str) else invoice.key
    found = [entry for entry in _of(store, key, to) if isinstance(invoice, str) or entry.id == invoice.id]
    fitting = [entry for entry in found if entry.state in states]
    if not fitting:
        raise CannotRun(f"{only} {key} is: {', '.join(sorted({telling.word(entry) for entry in found}))}.")
    if len({(entry.destination, entry.tenant) for entry in fitting}) > 1:
        raise CannotRun(f"{key} goes to {' and to '.join(sorted({place_of(entry) for entry in fitting}))}. Say which is meant by the connection's name.")
    return max(fitting, key=lambda entry: entry.generation)


def _now(store: "Store", entry: Entry) -> Entry:
    return next(one for one in standing(store, keys=(entry.key,)) if one.id == entry.id)
