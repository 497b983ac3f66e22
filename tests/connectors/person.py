"""A person who connects: answers what a login asks, in a test's place, and hears what is told."""

import threading
from collections.abc import Sequence
from pathlib import Path

from invoice_rules.connectors import known, secrets, tokens
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.oauth import Tokens
from tests.connectors.oidc import Browser, Oidc

SCOPES = "openid offline_access accounting.invoices"


class Person:
    """Gives `secrets` and `texts` in their order, chooses by name, and goes through the pages with a browser. "" and a name that is not there mean that the person stops."""

    def __init__(self, browser: Browser | None = None, *, secrets: Sequence[str] = (), texts: Sequence[str] = (), chooses: str = "") -> None:
        self.browser, self.chooses = browser, chooses
        self._secrets, self._texts = list(secrets), list(texts)
        self.heard: list[str] = []
        self.offered: list[str] = []
        self._going: list[threading.Thread] = []

    def open_browser(self, url: str) -> None:
        self.heard.append(url)
        self._going.append(threading.Thread(target=self.browser.open, args=(url,)))
        self._going[-1].start()

    def choose(self, title: str, options: Sequence[str]) -> int:
        self.offered += options
        return options.index(self.chooses) if self.chooses in options else -1

    def text(self, prompt: str) -> str:
        self.heard.append(prompt)
        return self._texts.pop(0)

    def secret(self, prompt: str) -> str:
        self.heard.append(prompt)
        return self._secrets.pop(0)

    def pasted(self) -> str:
        for one in self._going:
            one.join(20)
        return self.browser.ended_at

    def tell(self, sentence: str) -> None:
        self.heard.append(sentence)


def files(folder: Path) -> dict[str, bytes]:
    """What lies in a folder: name -> content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def saved_xero(login: Oidc, api: str, got: Tokens, name: str = "xero") -> Connection:
    """A connection to Xero, kept as a login keeps it, with the secrets in a file."""
    places = {"authorize_address": f"{login.url}/auth", "token_address": f"{login.url}/token", "revoke_address": f"{login.url}/token/revocation"}
    made = Connection(name, "xero", f"tenant of {name}", "Demo Company", {"client_id": "xero", "api": api, "login": login.url, "scopes": SCOPES, **places}, secrets.FILE)
    tokens.keep_login(secrets.FILE, name, got, Clock())
    known.save(made)
    return made
