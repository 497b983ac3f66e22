"""What a login asks of a person, whatever the front end: `Ask`. And `Cancelled`, for a person who does not go on."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from invoice_rules.errors import CannotRun


class Cancelled(CannotRun):
    """The person stopped: nothing was sent, and nothing was kept (S4-5)."""

    def __init__(self, title: str = "") -> None:
        where = f" at {title}" if title else ""
        super().__init__(f"The login{where} was cancelled. Nothing was sent, and nothing was kept.")


class Ask(Protocol):
    """Questions to the person who connects. Each may raise Cancelled or KeyboardInterrupt; an empty text, or a choice below 0, means the same."""

    def open_browser(self, url: str) -> None:
        """Open this address in the person's browser, and show it, for browsers that do not open."""

    def choose(self, title: str, options: Sequence[str]) -> int:
        """Which one, counted from 0."""

    def text(self, prompt: str) -> str:
        """A line that may be seen."""

    def secret(self, prompt: str) -> str:
        """A line that is not shown while it is typed."""

    def pasted(self) -> str:
        """The address that the browser ended at, pasted by the person."""

    def tell(self, sentence: str) -> None:
        """Something to know."""


@runtime_checkable
class Watched(Protocol):
    """An `Ask` of a front end where nobody can press Ctrl+C, or whose browser is on another computer than this program."""

    def waited(self) -> str:
        """Asked again and again while the login goes on in the browser: the address that the person pasted meanwhile, else "". May raise, which ends the login."""
