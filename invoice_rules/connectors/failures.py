"""What can go wrong with a request, by what is known of it: `Refused` and `NotReached` (nothing was done), `LoggedOut`, `Lost` (nobody knows)."""

import json
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import requests
import urllib3

from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer, Document

_LONGEST = 300
_SAYING = ("message", "detail", "error_description", "errors", "error", "title")
_PLAIN = (
    (urllib3.exceptions.NameResolutionError, "its name is not known here (is this computer on the network?)"),
    (ssl.SSLCertVerificationError, "its certificate is not one that this computer trusts; where the server has its own, name the file with --ca-file"),
    (urllib3.exceptions.NewConnectionError, "nothing answers at its address"),
    (urllib3.exceptions.ConnectTimeoutError, "it did not pick up in time"),
    (urllib3.exceptions.ProxyError, "the proxy did not let us through"),
)
"""What happened before anything was sent, most particular first."""

_UNSENDABLE = (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL)


class Lost(Exception):
    """What came of a change is not known: no answer, a broken one, or a failure of the server. `answer` is what came, if anything."""

    def __init__(self, sentence: str, answer: Answer | None = None) -> None:
        super().__init__(sentence)
        self.answer = answer


class Refused(CannotRun):
    """The service plainly refused the whole request: nothing was done. `status` and `answer` are what it said."""

    def __init__(self, sentence: str, answer: Answer) -> None:
        super().__init__(sentence)
        self.answer = answer

    @property
    def status(self) -> int:
        """The HTTP status, 0 where there was no answer."""
        return self.answer.status

    @property
    def body(self) -> bytes:
        """The answer as it came."""
        return self.answer.body


class NotReached(Refused):
    """Nothing left this computer, or a question had no answer. Another time may do."""


class LoggedOut(CannotRun):
    """The service does not know us any more; the text names the command that logs in again."""


class KeptOut(LoggedOut):
    """The service does not let us in for one part of what is sent: nothing was done. `part` says of a document whether it belongs to it; others may go."""

    def __init__(self, sentence: str, part: Callable[[Document], bool]) -> None:
        super().__init__(sentence)
        self.part = part


def unsent(error: BaseException) -> bool:
    """Whether an error happened before a byte of the request left: then nothing was done."""
    return any(isinstance(one, tuple(kind for kind, _ in _PLAIN)) for one in _causes(error)) or isinstance(error, _UNSENDABLE)


def hopeless(error: BaseException) -> bool:
    """Whether asking once more would end alike: the server's certificate, or our own address, is not right."""
    return any(isinstance(one, (ssl.SSLCertVerificationError, *_UNSENDABLE)) for one in _causes(error))


def reason(error: BaseException) -> str:
    """What happened, for a sentence; never the address, which may hold secrets."""
    for one in _causes(error):
        for kind, text in _PLAIN:
            if isinstance(one, kind):
                return text
    if any(isinstance(one, (requests.Timeout, urllib3.exceptions.TimeoutError)) for one in _causes(error)):
        return "no answer came in time"
    return "the connection broke off"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it comes from: requests and urllib3 wrap each other's."""
    seen: list[BaseException] = []
    queue = [error]
    while queue:
        one = queue.pop(0)
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        yield one
        queue += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def words(answer: Answer) -> str:
    """What the service itself says, after a colon; "" where its answer says nothing that people can read."""
    try:
        text = "; ".join(dict.fromkeys(_said(json.loads(answer.body))))
    except (ValueError, RecursionError):
        return ""
    return f": {text[:_LONGEST]}{'…' if len(text) > _LONGEST else ''}" if text else ""


def _said(value: Any, wanted: bool = False) -> Iterator[str]:
    """The texts in a JSON answer that stand under a name such as Message or Detail, outermost first."""
    if isinstance(value, str) and wanted and value.strip():
        yield " ".join(value.split()).rstrip(".")
    elif isinstance(value, list):
        for one in value[:20]:
            yield from _said(one, wanted)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _said(inner, str(name).lower() in _SAYING)
