"""Connections to services, as Settings offers them: log in, log in again, log out (S4-5, S4-6)."""

from collections.abc import Callable

from addin.asking import Asked
from addin.dialogs import Field
from addin.session import Session
from invoice_rules import CannotRun, connectors

KEEP = "leave as they are"
_SERVICES = {"QuickBooks": "quickbooks", "Autotask": "autotask", "Xero": "xero", "Spectrum": "spectrum"}


def field() -> Field | None:
    """What Settings asks about connections; None where the parts that they need are not installed."""
    try:
        known = connectors.connections.connections()
    except CannotRun:
        return None
    names = ", ".join(one.name for one in known) or "none yet"
    return Field("connections", f"Connections: {names}", KEEP, tuple(_choices()))


def _choices() -> dict[str, Callable[[Session], str]]:
    """What may be chosen, and what it does; each gives the sentence to end with."""
    known = connectors.connections.connections()
    again = {f"log in again: {one.name}": _connecting(one.name) for one in known}
    gone = {f"log out: {one.name}": _leaving(one.name) for one in known}
    return {KEEP: lambda _: "", **{f"connect {title}": _connecting(name) for title, name in _SERVICES.items()}, **again, **gone}


def change(session: Session, chosen: str) -> str:
    """Do what was chosen; gives what came of it, "" for nothing."""
    return _choices()[chosen](session)


def _connecting(name: str) -> Callable[[Session], str]:
    def connect(session: Session) -> str:
        made = connectors.connections.connect(name, Asked(session))
        return f"connected to {made.title or made.account} in {made.service}."

    return connect


def _leaving(name: str) -> Callable[[Session], str]:
    def leave(session: Session) -> str:
        one = connectors.connections.connection(name)
        if not session.dialogs.confirm(f"Log out of {one.title or one.account} in {one.service}? What was sent stays in the ledger."):
            return ""
        return " ".join([f"logged out of {one.name}.", *connectors.connections.disconnect(name)])

    return leave


def must_choose(session: Session, found: list[str], question: str) -> str | None:
    """The name of one of several connections; the only one without asking; None where the user cancelled."""
    if len(found) == 1:
        return found[0]
    answer = session.dialogs.form(question, [Field("connection", "Connection", found[0], tuple(found))])
    return None if answer is None else answer["connection"]
