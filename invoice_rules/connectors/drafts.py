"""A connection while it is being made: what was given, what is asked of the person, and the talk with the service before anything is kept."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from invoice_rules.connectors.addresses import base, is_loopback, place
from invoice_rules.connectors.asking import Ask, Cancelled
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.exactjson import parsed
from invoice_rules.connectors.http import Auth, Session
from invoice_rules.connectors.known import Connection, connections
from invoice_rules.connectors.login import log_in
from invoice_rules.connectors.oauth import LoginServer, Tokens
from invoice_rules.connectors.opening import login_server
from invoice_rules.connectors.systems import REDIRECT, System, address
from invoice_rules.errors import CannotRun

ENDPOINTS = ("authorize_address", "token_address", "revoke_address")
_DISCOVERED = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")


@dataclass(frozen=True)
class Made:
    """What a login found: the organisation, the settings to keep, its secrets by name, and the tokens where there are some."""

    account: str
    title: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: Tokens | None = field(default=None, repr=False)


@dataclass
class Draft:
    """One connection that is being made. `settings` are those that are known so far."""

    system: System
    settings: dict[str, str]
    ask: Ask
    login: str
    clock: Clock

    def text(self, name: str, prompt: str) -> str:
        """The setting of this name, asked for where it is not known."""
        if not self.settings.get(name):
            self.settings[name] = self._said(self.ask.text(prompt))
        return self.settings[name]

    def secret(self, prompt: str) -> str:
        """A secret, asked for each time."""
        return self._said(self.ask.secret(prompt))

    def choose(self, title: str, options: Mapping[str, str]) -> str:
        """The key of the option that the person chose, even of a single one; equal names are told apart by their keys."""
        names = list(options.values())
        shown = [name if names.count(name) == 1 else f"{name} ({key})" for key, name in options.items()]
        place = self.ask.choose(title, shown)
        if not 0 <= place < len(shown):
            raise Cancelled(self.system.title)
        return list(options)[place]

    def session(self, auth: Auth, *, at: str = "") -> Session:
        """A talk with the service before anything is kept."""
        where = at or address(self.system.name, self.settings, "api")
        return Session([where], ca_file=self.settings.get("ca_file", ""), clock=self.clock, auth=auth, name=self.system.title, login=self.login)

    def server(self, secret: str) -> LoginServer:
        """The login server, its addresses looked up where the setting `login` names another one."""
        if self.settings.get("login"):
            self.settings |= self._endpoints(base(self.settings["login"]))
        return login_server(self.unsaved(), secret, self.clock)

    def unsaved(self) -> Connection:
        """The connection as it is so far."""
        return Connection(self.system.name, self.system.name, "", "", self.settings)

    def log_in(self, server: LoginServer, *, pkce: bool, redirect: str = REDIRECT) -> tuple[Tokens, dict[str, str]]:
        """The login in the browser, and what else came back."""
        back = self.settings.setdefault("redirect", redirect)
        if not back.startswith("https://") and not is_loopback(back):
            raise CannotRun(f"The redirect address {back} must begin with https://, or be one of this computer such as {REDIRECT}.")
        scopes = self.settings.get("scopes") or self.system.scopes
        return log_in(server, self.ask, title=self.system.title, redirect=back, scopes=scopes, pkce=pkce, paste=bool(self.settings.get("paste")))

    def give_back(self, server: LoginServer, tokens: Tokens) -> None:
        """Make tokens worthless that are not kept. Not where another connection has the same app: the service would end that one too."""
        if tokens.refresh and not shares_app(self.unsaved(), but=""):
            with suppress(CannotRun):  # they end by themselves, and nobody has them
                end_login(server, self.unsaved(), tokens.refresh)

    def _endpoints(self, login: str) -> dict[str, str]:
        found = parsed(self.session(Auth(), at=login).read("GET", f"{login}/.well-known/openid-configuration"), self.system.title)
        given = [str(found.get(name) or "") for name in _DISCOVERED]
        if not all(given[:2]) or any(one and place(one) != place(login) for one in given):
            raise CannotRun(f"The login server at {login} does not say where one logs in. Check its address.")
        return dict(zip(ENDPOINTS, given, strict=True))

    def _said(self, text: str) -> str:
        if not text.strip():
            raise Cancelled(self.system.title)
        return text.strip()


def shares_app(one: Connection, but: str) -> bool:
    """Whether a kept connection logs in with the same app of the same service, but for the one of this name."""
    app = one.settings.get("client_id")
    return any(other.name != but and (other.system, other.settings.get("client_id")) == (one.system, app) for other in connections())


def end_login(server: LoginServer, one: Connection, refresh: str) -> None:
    """Tell the service that a refresh token is worth nothing any more."""
    if address(one.system, one.settings, "revoke"):
        server.end(refresh, as_json=one.system == "quickbooks" and not one.settings.get("revoke_address"))
