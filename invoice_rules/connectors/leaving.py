"""Requests that leave, one at a time: written down before the first byte, and afterwards only what the service plainly said.

What is known after a request decides: an answer about each invoice is kept; a plain refusal of the whole lets them be ready again; anything else
leaves the outcome unknown, and nothing of it goes a second time before somebody has looked. Source: behaviours S2-44, S4-17, S4-19.
"""

import datetime as dt
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from invoice_rules.connectors.failures import KeptOut, LoggedOut, Lost, Refused
from invoice_rules.connectors.protocols import Destination
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer, Document, Result, Send, State

if TYPE_CHECKING:
    from invoice_rules.connectors.clock import Clock
    from invoice_rules.store.ledger import Ledger

LATEST = 30.0
"""Seconds after which a request that was written down leaves only if nobody else has taken it for given up, and then as if it were new."""

MOST_LOST = 3
"""Requests in a row without an answer, after which no more are sent."""

_ABOUT_THEM = (400, 413, 422)
"""Statuses that refuse what was in the request; other refusals would meet the next request just as well."""

_UNSURE = (408, 409, 425)
"""Statuses that do not say that nothing was done: the first try of the same request may still be at work."""

_SAID = (State.SENT, State.REJECTED, State.CONFLICT, State.UNKNOWN, State.READY)

Group = Sequence[Document]


class Stopped(Exception):
    """No more is to be sent now. The text says why; what was not sent is ready still."""

    def __init__(self, sentence: str, logged_out: bool = False) -> None:
        super().__init__(sentence)
        self.logged_out = logged_out


class TakenOver(Exception):
    """Somebody else took this request for given up, before its first byte had left: it is theirs now."""


class Leaving:
    """Sends groups of documents and writes down what came of them; `dealt_with(count)` hears how many more are done with for now."""

    def __init__(self, ledger: "Ledger", destination: Destination, clock: "Clock", dealt_with: Callable[[int], None]) -> None:
        self.ledger, self.destination, self.clock, self.dealt_with = ledger, destination, clock, dealt_with
        self._lost = 0
        self._kept_out: list[KeptOut] = []

    def send(self, groups: Sequence[Group]) -> None:
        """Send these groups in their order. Raises Stopped."""
        waiting = deque(groups)
        while waiting:
            waiting.extendleft(reversed(self._first_time(self._let_in(waiting.popleft()))))

    def over(self) -> None:
        """All groups had their turn. Raises Stopped where some are ready still, since the service does not let us in for them."""
        if self._kept_out:
            raise Stopped(" ".join(str(error) for error in self._kept_out), logged_out=True)

    def repeat(self, request: int, documents: Group) -> bool:
        """Send the identical bytes of an earlier request under its key once more, where these are all that was in it and nothing changed since."""
        earlier = self.ledger.request(request)
        here = {document.entry.id: document for document in documents}
        if len(self._let_in(documents)) < len(documents):
            return True
        if set(earlier.entries) != set(here):
            return False
        ordered = [here[entry] for entry in earlier.entries]
        if self.destination.body(ordered) != earlier.body:
            return False
        begun = self.clock.now()
        send = self.ledger.resend(request)
        if send is None:
            return False
        self.send(self._leave(send, ordered, begun))
        return True

    def _let_in(self, documents: Group) -> Group:
        """Those of a group that are no part of what we were not let in for; the others stay ready."""
        rest = [document for document in documents if not any(error.part(document) for error in self._kept_out)]
        self.dealt_with(len(documents) - len(rest))
        return rest

    def _first_time(self, documents: Group) -> Sequence[Group]:
        """Send one group as a new request; gives groups that are to be tried in its place."""
        if not documents:
            return ()
        begun = self.clock.now()
        send = self.ledger.begin([document.entry.id for document in documents], str(uuid.uuid4()), self.destination.body(documents))
        if send is None:
            return self._not_taken(documents)
        return self._leave(send, documents, begun)

    def _not_taken(self, documents: Group) -> Sequence[Group]:
        """Some of a group are not ready any more, since somebody else took them: the rest of it."""
        ready = {entry.id for entry in self.ledger.entries(State.READY, keys=[document.entry.key for document in documents])}
        rest = [document for document in documents if document.entry.id in ready]
        if len(rest) == len(documents):
            rest = []
        self.dealt_with(len(documents) - len(rest))
        return [rest] if rest else []

    def _leave(self, send: Send, documents: Group, begun: dt.datetime) -> Sequence[Group]:
        """Let the bytes of a request leave, and write down what came of it; gives groups that are to be tried in its place."""
        try:
            with self._watched(send, begun):
                answer = self.destination.send(send.body, send.key)
        except TakenOver:
            self.dealt_with(len(documents))
            return ()
        except Lost as error:
            self._lose(send, documents, str(error), error.answer)
            return ()
        except Refused as error:
            return self._refused(send, documents, error)
        except KeptOut as error:
            self._untouched(send, documents, None)
            self._kept_out.append(error)
            self.dealt_with(len(documents))
            return ()
        except CannotRun as error:
            self._untouched(send, documents, None)
            raise Stopped(str(error), isinstance(error, LoggedOut)) from error
        except BaseException:
            self.ledger.lost(send.id, f"The sending was interrupted before {self.destination.title} answered.")
            raise
        return self._answered(send, documents, answer)

    @contextmanager
    def _watched(self, send: Send, begun: dt.datetime) -> Iterator[None]:
        """Before the first byte leaves, and again after each wait on the way: is it still ours to send? This computer may have slept meanwhile."""
        fresh = begun

        def before() -> None:
            nonlocal fresh
            now = self.clock.now()
            if (now - fresh).total_seconds() > min(LATEST, self.destination.quiet / 4):
                if not self.ledger.renew(send.id):
                    raise TakenOver
                fresh = self.clock.now()

        session = getattr(self.destination, "session", None)
        if session is not None:
            session.before = before
        try:
            before()
            yield
        finally:
            if session is not None:
                session.before = None

    def _answered(self, send: Send, documents: Group, answer: Answer) -> Sequence[Group]:
        """The service dealt with the request: what it says about each invoice counts, and only that. Those that only others kept out are tried again."""
        said = self._said(send, documents, answer)
        silent = Result(State.UNKNOWN, f"{self.destination.title} answered, but not whether it took this one.")
        given = {entry: result for entry, result in said.items() if result.state in _SAID}
        results = {document.entry.id: given.get(document.entry.id, silent) for document in documents}
        self.ledger.answered(send.id, results, answer)
        self._lost = 0
        again = [document for document in documents if results[document.entry.id].state is State.READY]
        again = again if len(again) < len(documents) else []
        self.dealt_with(len(documents) - len(again))
        return [again] if again else []

    def _refused(self, send: Send, documents: Group, error: Refused) -> Sequence[Group]:
        """The whole request was refused. Those to blame are set aside where the answer names them; else halves of it are tried, down to each alone."""
        if error.status in _UNSURE:
            self._lose(send, documents, str(error), error.answer)
            return ()
        if error.status not in _ABOUT_THEM:
            self._untouched(send, documents, error.answer)
            raise Stopped(str(error)) from error
        blamed = {entry: result for entry, result in self._said(send, documents, error.answer).items() if _blames(result)}
        if not blamed and len(documents) == 1:
            blamed = {documents[0].entry.id: Result(State.REJECTED, str(error))}
        rest = [document for document in documents if document.entry.id not in blamed]
        self.ledger.answered(send.id, {**blamed, **{document.entry.id: Result(State.READY) for document in rest}}, error.answer)
        self._lost = 0
        self.dealt_with(len(documents) - len(rest))
        middle = 0 if blamed else len(rest) // 2
        return [half for half in (rest[:middle], rest[middle:]) if half]

    def _said(self, send: Send, documents: Group, answer: Answer) -> dict[int, Result]:
        """What the answer says about these documents. Should reading it fail, the outcome is unknown and the answer kept."""
        try:
            said = self.destination.results(answer, documents)
        except BaseException:
            self.ledger.lost(send.id, f"What {self.destination.title} answered could not be read.", answer)
            raise
        meant = {document.entry.id for document in documents}
        return {entry: result for entry, result in said.items() if entry in meant}

    def _untouched(self, send: Send, documents: Group, answer: Answer | None) -> None:
        """The service did nothing, or was not reached: all are ready as before."""
        self.ledger.answered(send.id, {document.entry.id: Result(State.READY) for document in documents}, answer or Answer(0))

    def _lose(self, send: Send, documents: Group, why: str, answer: Answer | None) -> None:
        """Nobody knows whether the service took it. Raises Stopped where it was silent several times in a row."""
        self.ledger.lost(send.id, why, answer)
        self._lost += 1
        self.dealt_with(len(documents))
        if self._lost >= MOST_LOST:
            raise Stopped(f"{self.destination.title} gave no answer {MOST_LOST} times in a row. What was not sent yet is ready still; try again later.")


def _blames(result: Result) -> bool:
    """Whether a refusal of the whole speaks of this one: it is refused itself, or the service has its number already, perhaps from us."""
    return result.state is State.REJECTED or (result.state is State.UNKNOWN and bool(result.number))
