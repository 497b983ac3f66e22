"""What the engine of sending asks of a service: `Destination`, which takes invoices, and `Source`, which keeps a mark for what was processed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from invoice_rules.results import Answer, Document, Entry, Result, State

if TYPE_CHECKING:
    from invoice_rules.store.ledger import Ledger

Verdicts = Mapping[int, tuple[State, str]]
"""Entry -> the state that it may have before sending (READY, NEEDS_MAPPING, HELD, REJECTED), and why."""

Progress = Callable[[int, int, str], None]
"""Hears how many of how many are done, and what is being done, in words."""


class Destination(Protocol):
    """A service that takes invoices: one organisation, company or realm of it.

    `name` is what the ledger calls the service (xero), `title` what people call it, `tenant` the organisation's identifier and `tenant_title` its
    name. It takes invoices of the rule set `rules`, at most `batch` a request. After `quiet` seconds a request that it has not answered is over
    for it. `askable`: it can say whether it has an invoice. `unsent`: fields of an invoice that it does not get.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def rules(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def tenant_title(self) -> str: ...
    @property
    def batch(self) -> int: ...
    @property
    def quiet(self) -> float: ...
    @property
    def askable(self) -> bool: ...
    @property
    def unsent(self) -> Collection[str]: ...

    def judge(self, documents: Sequence[Document], ledger: "Ledger") -> tuple[Verdicts, Mapping[int, str]]:
        """May each be sent, and if not why; and the numbers that they shall have there. Nothing is changed anywhere."""

    def group(self, documents: Sequence[Document]) -> Sequence[Sequence[Document]]:
        """Which may share a request, each at most `batch`, in the given order."""

    def body(self, documents: Sequence[Document]) -> bytes:
        """The very bytes of a request; the same documents give the same bytes."""

    def send(self, body: bytes, key: str) -> Answer:
        """Send once under this idempotency key. Raises Lost, Refused, NotReached or LoggedOut."""

    def results(self, answer: Answer, documents: Sequence[Document]) -> Mapping[int, Result]:
        """What an answer says about each: SENT, REJECTED, CONFLICT; READY where nothing was done, only because of others; UNKNOWN where it says nothing plainly,
        with a number where it says that it has that number already, so that somebody has to look.

        Never raises for what a service may answer.
        """

    def look(self, entries: Sequence[Entry], documents: Sequence[Document]) -> Mapping[int, Result]:
        """Ask what it has: SENT, READY (it is not there) or CONFLICT; those left out stay as they are."""


class Source(Protocol):
    """Where invoices come from, where it keeps a mark for what was processed."""

    def mark(self, entries: Sequence[Entry], value: str) -> Iterable[tuple[int, str]]:
        """Write the value into these invoices; entry and "" where it is done, else why it is not, one at a time. Repeating it does no harm.

        Raises CannotRun or Lost where going on makes no sense; what was given before is done.
        """
