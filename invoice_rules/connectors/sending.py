"""Sending invoices of the store to a service, so that each arrives once: `Sending`, which knows no service but what `Destination` says of one.

    sending = Sending(store, destination, source, progress=show)
    sending.settle()      # ask about what was left open last time
    sending.prepare()     # find and judge: the preview, of which nothing leaves
    sending.send()        # one request after the other
    sending.mark()        # tell the source which ones were sent

Whatever ends it, a later call goes on from what the ledger holds. Source: behaviours S2-42 … S2-44, S4-7, S4-14 … S4-19.
"""

import datetime as dt
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_rules.connectors.alone import alone
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.failures import LoggedOut, Lost
from invoice_rules.connectors.known import connections
from invoice_rules.connectors.leaving import Leaving, Stopped
from invoice_rules.connectors.oncemore import OnceMore
from invoice_rules.connectors.pacing import Told
from invoice_rules.connectors.protocols import Destination, Progress, Source, Verdicts
from invoice_rules.connectors.summaries import Count, Overview, Summary, not_as_shown, stored
from invoice_rules.errors import CannotRun
from invoice_rules.results import Entry, Result, State

if TYPE_CHECKING:
    from invoice_rules.store.ledger import Ledger
    from invoice_rules.store.opening import Store

ELSEWHERE = "It was sent to "
"""How the note begins of an entry which is held because another organisation has the invoice."""

_JUDGED = (State.FOUND, State.NEEDS_MAPPING, State.HELD, State.REJECTED, State.READY)
_OPEN = (State.UNKNOWN, State.SENDING)
_LEARNED = (State.SENT, State.READY, State.CONFLICT)
_NONE = (None, "")
_PAGE = 2_000
_REQUESTS = 20
_MARKS = 25


class Sending:
    """The way of invoices from the store to one organisation of a service, and of the mark back to their source.

    `told(sentence, seconds)` hears of waits, `progress(done, total, words)` how far it is. Nothing is asked of any service before the first call.
    """

    def __init__(
        self,
        store: "Store",
        destination: Destination,
        source: Source | None = None,
        *,
        clock: Clock | None = None,
        told: Told | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.store, self.destination, self.source = store, destination, source
        self.clock, self._progress = clock or Clock(), progress
        self._shown: dict[int, tuple[int, int]] = {}
        session = getattr(destination, "session", None)
        if told and session is not None:
            session.told = told

    @cached_property
    def ledger(self) -> "Ledger":
        """The store's ledger for this target."""
        return self.store.ledger(self.destination.name, self.destination.tenant, clock=self.clock, unsent=self.destination.unsent)

    @cached_property
    def _once_more(self) -> OnceMore:
        return OnceMore(self.ledger)

    @property
    def place(self) -> str:
        """`Demo Company in Xero`."""
        return f"{self.destination.tenant_title or self.destination.tenant} in {self.destination.title}"

    def prepare(self, resend: Mapping[str, str] | None = None, seen: Collection[str] = ()) -> Overview:
        """Find what is new in the store and judge everything that has not left: the preview. Nothing leaves, the service is only asked.

        `resend` says of invoices that were sent or processed before whether to skip, update or send them as new ones (S4-18). What an earlier call
        named there, and this one does not, is left out again. One that `settle` has just found to be there does not go once more, unless it is in `seen`:
        whoever asks knows that it arrived. What another organisation of the service has is held until a person releases it. Raises CannotRun.
        """
        arrived = self._once_more.older(resend or {}, seen)
        self._once_more.find(self.destination.rules, {key: how for key, how in (resend or {}).items() if key not in arrived})
        entries = self._once_more.allowed(self.ledger.entries(*_JUDGED))
        elsewhere = self._sent_elsewhere()
        self._show(0, len(entries), "Checking")
        for done, page in _pages(entries, _PAGE):
            verdicts, numbers = self._judged(page)
            self.ledger.judge({**verdicts, **self._held(page, verdicts, elsewhere)}, numbers)
            self._show(done, len(entries), "Checking")
        shown = tuple(self.ledger.entries())
        self._shown = {entry.id: stored(entry) for entry in shown}
        return Overview(shown, arrived)

    def _judged(self, page: Sequence[Entry]) -> tuple[Mapping[int, tuple[State, str]], Mapping[int, str]]:
        try:
            return self.destination.judge(self.ledger.documents(page), self.ledger)
        except Lost as error:
            raise CannotRun(f"{error} Nothing was sent.") from error

    def _sent_elsewhere(self) -> Mapping[int, str]:
        from invoice_rules.store.elsewhere import sent_elsewhere  # the database is loaded when it is needed

        return sent_elsewhere(self.ledger, self.destination.rules)

    def _held(self, page: Sequence[Entry], verdicts: Verdicts, elsewhere: Mapping[int, str]) -> dict[int, tuple[State, str]]:
        """What could go, but that another organisation has it."""
        titles = {one.account: one.title for one in connections() if one.system == self.destination.name} if elsewhere else {}
        note = ELSEWHERE + "{} in {} already. Release it (ledger release KEY) if it is to go here too."
        held = [entry.id for entry in page if entry.id in elsewhere and entry.key not in self._once_more.named and verdicts.get(entry.id, _NONE)[0] is State.READY]
        return {entry: (State.HELD, note.format(titles.get(elsewhere[entry]) or elsewhere[entry], self.destination.title)) for entry in held}

    def withdraw(self) -> None:
        """What `prepare` was told to send once more is not sent after all: it is left out again, as it was before."""
        self._once_more.withdraw()

    def send(self, keys: Collection[str] | None = None) -> Summary:
        """Send what is ready, all of it or these keys. What fails stays behind with the reason, the rest goes (S4-19).

        Only what the last `prepare` of this object showed goes, as it was shown; what was stored anew since, or came in, stays ready (S4-6, S4-7).
        Once more goes only what the last `prepare` of this object was asked for, and to a second organisation only what a person released.
        An interrupt leaves everything in a clear state: what was on its way has an unknown outcome, the rest is ready.
        """
        with self._alone() as free:
            if not free:
                return self._elsewhere()
            self.ledger.find(self.destination.rules)
            elsewhere = self._sent_elsewhere()
            ready = [entry for entry in self._of(keys, State.READY) if self._once_more.may_go(entry)]
            entries = [entry for entry in ready if entry.id not in elsewhere or entry.key in self._once_more.named]
            anew = [entry for entry in self._of(keys, State.FOUND) if entry.id in self._shown]
            other = {entry.id: entry for entry in (*entries, *anew) if self._shown.get(entry.id) != stored(entry)}
            stopped, logged_out = "", False
            try:
                self._send([entry for entry in entries if entry.id not in other])
            except Stopped as error:
                stopped, logged_out = str(error), error.logged_out
            except CannotRun as error:
                stopped, logged_out = str(error), isinstance(error, LoggedOut)
        return self._summary([*entries, *other.values()], " ".join(filter(None, (stopped, not_as_shown(list(other.values()))))), logged_out)

    def _send(self, entries: Sequence[Entry]) -> None:
        """Requests that were sent once without arriving first, each as it was; then the others in full requests."""
        count = Count(len(entries), f"Sending to {self.place}", self._show)
        leaving = Leaving(self.ledger, self.destination, self.clock, count.more)
        fresh = [entry for entry in entries if entry.send is None]
        for request, parts in _by_request(entries).items():
            if not leaving.repeat(request, self.ledger.documents(parts)):
                fresh += parts
        for _, page in _pages(sorted(fresh, key=_order), self.destination.batch * _REQUESTS):
            leaving.send(self.destination.group(self.ledger.documents(page)))
        leaving.over()

    def settle(self, keys: Collection[str] | None = None) -> Summary:
        """Ask the service about what is open, once it is quiet there: is it there, or not? Then it is sent, ready again, or differs (conflict).

        Nothing is sent. Where the service cannot be asked, a person has to say it: `answer`.
        """
        with self._alone() as free:
            if not free:
                return self._elsewhere()
            due = [entry for entry in self.ledger.overdue(self.destination.quiet) if keys is None or entry.key in keys]
            entries = self._of(keys, *_OPEN)
            stopped, logged_out = "", False
            try:
                self._ask(due if self.destination.askable else [])
            except (CannotRun, Lost) as error:
                stopped, logged_out = str(error), isinstance(error, LoggedOut)
        done = self._summary(entries, stopped, logged_out, due=due)
        self._once_more.looked(done.entries)
        return done

    def _ask(self, entries: Sequence[Entry]) -> None:
        for done, page in _pages(entries, self.destination.batch):
            found = self.destination.look(page, self.ledger.documents(page))
            meant = {entry.id for entry in page}
            self.ledger.settled({entry: result for entry, result in found.items() if entry in meant and result.state in _LEARNED})
            self._show(done, len(entries), f"Asking {self.destination.title}")

    def answer(self, invoice: str | Entry, there: bool, remote: str = "") -> Entry:
        """A person's word about an invoice of unknown outcome where the service cannot be asked: it is there, or it is not (S2-44).

        `invoice` is its entry, or its key for the latest. Also that one which differs is there and right. Raises CannotRun where nothing is open, or it is too early.
        """
        with self._alone() as free:
            if not free:
                raise CannotRun(self._elsewhere().stopped)
            due = {entry.id for entry in self.ledger.overdue(self.destination.quiet)}
            entry = self._open(invoice, there)
            if entry.id not in due and (not there or entry.state is State.SENDING):
                raise CannotRun(f"Invoice {entry.key} was on its way a moment ago, and may still arrive. Look again in {self._rest([entry]):.0f} seconds.")
            self.ledger.settled({entry.id: Result(State.SENT, "A person saw it there.", remote) if there else Result(State.READY, "A person did not find it there.")})
            return next(one for one in self.ledger.entries(keys=[entry.key]) if one.id == entry.id)

    def _open(self, invoice: str | Entry, there: bool) -> Entry:
        """The entry that waits for a person's word."""
        states, key = (*_OPEN, State.CONFLICT) if there else _OPEN, invoice if isinstance(invoice, str) else invoice.key
        found = [one for one in self.ledger.entries(*states, keys=[key]) if isinstance(invoice, str) or one.id == invoice.id]
        if not found:
            raise CannotRun(f"The outcome of invoice {key} is not in question with {self.place}. Nothing was changed.")
        if self.destination.askable and found[-1].state is not State.CONFLICT:
            raise CannotRun(f"{self.destination.title} itself can say whether it has invoice {key}. Send again: it is asked first.")
        return found[-1]

    def mark(self, keys: Collection[str] | None = None) -> Summary:
        """Mark in the source what is confirmed sent, and nothing else (S4-16). Each keeps its first value, so that repeating it does no harm.

        Whether to ask first is the caller's business (S4-15). What could not be marked stays sent, with the reason in `failed` and its note.
        """
        entries = self._of(keys, State.SENT, State.MARKING) if self.source else []
        value = self.clock.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        failed: dict[int, str] = {}
        try:
            for done, page in _pages(entries, _MARKS):
                self._mark(self.ledger.mark([entry.id for entry in page], value), failed)
                self._show(done, len(entries), "Marking as processed")
        except (CannotRun, Lost) as error:
            return self._summary(entries, str(error), isinstance(error, LoggedOut), failed)
        return self._summary(entries, failed=failed)

    def _mark(self, entries: Sequence[Entry], failed: dict[int, str]) -> None:
        """Mark these; those that could not be are added to `failed`, with the reason. What is known of each before an end stays so."""
        assert self.source
        done: list[int] = []
        known = {entry.id for entry in entries}
        try:
            for value in dict.fromkeys(entry.mark for entry in entries):
                for entry, why in self.source.mark([entry for entry in entries if entry.mark == value], value):
                    if why:
                        failed[entry] = why
                    else:
                        done.append(entry)
        finally:
            self.ledger.marked(done, {entry: why for entry, why in failed.items() if entry in known})

    def standing(self, *states: State) -> list[Entry]:
        """Every entry of this target, or those in these states; `telling.next_step` says what to do about one."""
        return self.ledger.entries(*states)

    def _of(self, keys: Collection[str] | None, *states: State) -> list[Entry]:
        return self.ledger.entries(*states) if keys is None else self.ledger.entries(*states, keys=list(keys)) if keys else []

    def _summary(
        self, entries: Sequence[Entry], stopped: str = "", logged_out: bool = False, failed: Mapping[int, str] | None = None, due: Sequence[Entry] = ()
    ) -> Summary:
        """The entries as they are now. It is quiet already about those that are `due`."""
        meant, quiet = {entry.id for entry in entries}, {entry.id for entry in due}
        now = tuple(entry for entry in self.ledger.entries() if entry.id in meant) if meant else ()
        rest = self._rest([entry for entry in now if entry.state in _OPEN and entry.id not in quiet])
        return Summary(now, stopped, logged_out, failed or {}, rest)

    def _rest(self, entries: Sequence[Entry]) -> float:
        """Seconds until it is quiet about all of these."""
        ages = [(self.clock.now() - dt.datetime.fromisoformat(entry.at)).total_seconds() for entry in entries]
        return max([0.0, *(math.ceil(self.destination.quiet - age) for age in ages)])

    def _elsewhere(self) -> Summary:
        return Summary(stopped=f"Invoices are being sent to {self.place} in another window just now. When it is done they show here as sent.")

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        with alone(self.destination.name, self.destination.tenant) as free:
            yield free

    def _show(self, done: int, total: int, words: str) -> None:
        if self._progress:
            self._progress(done, total, words)


def _by_request(entries: Sequence[Entry]) -> dict[int, list[Entry]]:
    """Entries that were in a request before, by that request."""
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.send is not None:
            found.setdefault(entry.send, []).append(entry)
    return found


def _order(entry: Entry) -> tuple[str, str]:
    return str(entry.date or ""), entry.key


def _pages(entries: Sequence[Entry], size: int) -> Iterator[tuple[int, Sequence[Entry]]]:
    """Pages of so many, each with how many are done after it."""
    for start in range(0, len(entries), size):
        page = entries[start : start + size]
        yield start + len(page), page
