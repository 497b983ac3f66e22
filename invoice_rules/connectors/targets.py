"""The targets of sending: the connections that take invoices, and one of them opened (S4-6, S4-15)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_rules.connectors import connections, telling
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.sending import Sending
from invoice_rules.connectors.systems import SYSTEMS
from invoice_rules.errors import CannotRun
from invoice_rules.results import Entry

if TYPE_CHECKING:
    from invoice_rules.connectors.autotask import Autotask, AutotaskMarker
    from invoice_rules.connectors.connections import Connection
    from invoice_rules.connectors.http import Session
    from invoice_rules.connectors.pacing import Told
    from invoice_rules.connectors.protocols import Destination, Progress
    from invoice_rules.store import Store

RECEIVE = ("xero", "spectrum")
"""Systems that invoices can be sent to."""

SETTINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "approved": (("xero",), ("yes", "no")),
    "mark": (("xero",), ("ask", "always", "never")),
    "account": (("xero",), ()),
    "source": (("xero",), ()),
    "batch": (("spectrum",), ()),
}
"""Setting -> the services that have it, and the words that it may be, where not all may.

approved (S4-21): invoices are approved at once; mark (S4-15): mark what was sent as processed; account: that of lines which name none; source: the
connection to the Autotask that they come from; batch: how many invoices share a request.
"""


def targets() -> list["Connection"]:
    """The connections that invoices can be sent to."""
    return [one for one in connections.connections() if one.system in RECEIVE]


def target(name: str = "", system: str = "") -> "Connection":
    """The connection of this name, or of this organisation or system where that is the only one; the only one for "".

    `system` is what was named in place of a connection: a service, of which there must be one alone, whatever that one is called (S4-6). Raises
    CannotRun with those that there are.
    """
    known, said = targets(), (name or system).strip()
    wanted = said.casefold()
    any_of = not name and wanted in RECEIVE
    found = [one for one in known if one.system == wanted] if any_of else connections.called(said, known) if said else known
    if len(found) == 1:
        return found[0]
    if not known or (not found and wanted in RECEIVE):
        which = SYSTEMS[wanted].title if wanted in RECEIVE else ""
        raise CannotRun(f"{which} is not connected yet. Connect it first." if which else "Nothing that takes invoices is connected yet. Connect Xero or Spectrum first.")
    listed = "; ".join(f"{one.name} ({_titled(one)})" for one in found or known)
    raise CannotRun(f"Several are connected: {listed}. Say which by its name." if found else f'Nothing is connected by the name "{said}". There is: {listed}.')


def connected(entry: Entry) -> "Connection | None":
    """The connection that an entry goes by; None where its organisation is connected no more."""
    return next((one for one in targets() if (one.system, one.account) == (entry.destination, entry.tenant)), None)


def place(connection: "Connection") -> str:
    """`Demo Company in Xero`; where two organisations have that title, `Demo Company in Xero (xero:Demo Company)`."""
    alike = [one for one in targets() if one.name != connection.name and _titled(one).casefold() == _titled(connection).casefold()]
    return f"{_titled(connection)} ({connection.name})" if alike else _titled(connection)


def _titled(connection: "Connection") -> str:
    return f"{connection.title or connection.account} in {SYSTEMS[connection.system].title}"


def place_of(entry: Entry) -> str:
    """The same for an entry, whose connection may be gone."""
    found = connected(entry)
    return place(found) if found else f"{entry.tenant} in {telling.service(entry)}" if entry.tenant else telling.service(entry)


def configure(name: str, **settings: str) -> "Connection":
    """Changes how a connection works: `SETTINGS` says what there is; "" takes one away. Raises CannotRun for what makes no sense."""
    one = connections.connection(name)
    for key, value in settings.items():
        services, words = SETTINGS[key]
        if one.system not in services:
            raise CannotRun(f"A connection to {SYSTEMS[one.system].title} has no setting {key}. Nothing was changed.")
        if value and words and value not in words:
            raise CannotRun(f'The setting {key} cannot be "{value}". Write {", ".join(words[:-1])} or {words[-1]}. Nothing was changed.')
        if value and key == "batch" and not (value.isdecimal() and int(value)):
            raise CannotRun(f'The setting batch cannot be "{value}". Write a whole number above zero. Nothing was changed.')
    if source := settings.get("source"):
        settings["source"] = _of("autotask", source).name
    return connections.change(one.name, **{key: value or None for key, value in settings.items()})


def _of(system: str, name: str) -> "Connection":
    one = connections.connection(name)
    if one.system != system:
        raise CannotRun(f'"{name}" is a connection to {SYSTEMS[one.system].title}, not to {SYSTEMS[system].title}. Nothing was changed.')
    return one


def opened(store: "Store", connection: "Connection | str", *, told: "Told | None" = None, progress: "Progress | None" = None, clock: Clock | None = None) -> "Sending":
    """The engine of sending to a target, with Autotask as the source to mark where it is connected. Asks nothing of any service yet."""
    found = target(connection) if isinstance(connection, str) else connection
    session = connections.session(found, told=told, clock=clock)
    source = _autotask(found, told, clock) if found.system == "xero" else None
    return Sending(store, _DESTINATIONS[found.system](found, session), source, told=told, progress=progress, clock=clock)


def _xero(connection: "Connection", session: "Session") -> "Destination":
    from invoice_rules.connectors.xerosending import XeroDestination

    return XeroDestination.of(connection, session)


def _spectrum(connection: "Connection", session: "Session") -> "Destination":
    from invoice_rules.connectors.spectrum import SpectrumDestination

    return SpectrumDestination.of(connection, session)


_DESTINATIONS = {"xero": _xero, "spectrum": _spectrum}


class _Autotask:
    """Autotask as the place of the mark; it is logged in to when it is first asked, so that its absence keeps nothing from being sent."""

    def __init__(self, connection: "Connection", told: "Told | None", clock: Clock | None) -> None:
        self._connection, self._told, self._clock = connection, told, clock

    @cached_property
    def service(self) -> "Autotask":
        """Questions and changes to this database."""
        from invoice_rules.connectors.autotask import Autotask

        session = connections.session(self._connection, told=self._told, clock=self._clock)
        return Autotask(session, connections.address(self._connection))

    @cached_property
    def marker(self) -> "AutotaskMarker":
        """What marks, and keeps notes of what it found."""
        from invoice_rules.connectors.autotask import AutotaskMarker

        return AutotaskMarker(self.service)

    def mark(self, entries: Sequence[Entry], value: str) -> Iterator[tuple[int, str]]:
        """See `AutotaskMarker.mark`."""
        return self.marker.mark(entries, value)


def _autotask(connection: "Connection", told: "Told | None", clock: Clock | None) -> _Autotask | None:
    known = _sources(connection)
    return _Autotask(known[0], told, clock) if len(known) == 1 else None


def _sources(connection: "Connection") -> list["Connection"]:
    """The Autotask whose invoices go there: the one that the setting `source` names, else all that are connected."""
    named = connection.settings.get("source", "")
    return [one for one in connections.connections() if one.system == "autotask" and named in ("", one.name)]


def no_marks(connection: "Connection") -> str:
    """Why what is sent there cannot be marked in Autotask, a sentence; "" where it can (S4-15)."""
    known = _sources(connection)
    if not known:
        return "Autotask is not connected, so nothing can be marked there. Connect it first."
    names = ", ".join(one.name for one in known)
    return "" if len(known) == 1 else f"Several databases of Autotask are connected ({names}). Say whose invoices go to {place(connection)}: the setting source."


def mark_question(entries: Iterable[Entry]) -> str:
    """The question before marking, with the database of Autotask that is marked in (S4-15); "" where none is to be marked."""
    waiting = telling.unmarked(entries)
    sent_to = {(entry.destination, entry.tenant) for entry in waiting}
    known = [source for one in targets() if (one.system, one.account) in sent_to for source in _sources(one)]
    return telling.mark_question(waiting, ", ".join(dict.fromkeys(one.title or one.account for one in known)))


def autotask_of(sending: "Sending") -> "Autotask":
    """The Autotask whose invoices go there, and no other. Raises CannotRun where it is not known."""
    if not isinstance(sending.source, _Autotask):
        raise CannotRun(f"Which Autotask the invoices for {sending.place} come from is not known. Connect it, or say which it is with the setting source.")
    return sending.source.service


def marks_at(sending: "Sending") -> bool:
    """Whether what is sent can be marked where it comes from."""
    return sending.source is not None


def mark_notes(sending: "Sending") -> list[str]:
    """What was found while marking, such as the mark of somebody else."""
    return list(sending.source.marker.notes.values()) if isinstance(sending.source, _Autotask) and "marker" in vars(sending.source) else []
