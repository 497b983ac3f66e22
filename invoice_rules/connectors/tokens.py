"""What proves to a service who asks: `Bearer` (a login in the browser), `Credentials` (an app's own token), `Basic` and `Headers`.

A refresh token is used once: under a lock that holds between programs it is read anew, exchanged, and the next one kept durably before the access token
is used. Access tokens lie in memory, and sealed for other programs of this user. Source: behaviour S4-5.
"""

import base64
import datetime as dt
import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress

import requests

from invoice_rules.connectors import private, sealed, secrets
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.failures import LoggedOut
from invoice_rules.connectors.http import Auth
from invoice_rules.connectors.oauth import LoginServer, Tokens
from invoice_rules.connectors.sealed import Token
from invoice_rules.errors import CannotRun

REFRESH = "refresh token"
"""What the refresh token is called among the secrets of a connection."""

_USUAL = 300
_EARLY = 60.0


def until(tokens: Tokens, clock: Clock) -> dt.datetime:
    """The moment from which on an access token is not used any more: a minute before it ends, or a tenth of its life."""
    seconds = tokens.seconds or _USUAL
    return clock.now() + dt.timedelta(seconds=seconds - min(_EARLY, seconds / 10))


def keep_login(where: str, connection: str, tokens: Tokens, clock: Clock) -> None:
    """Keep the refresh token of a login durably, with the day that it is good until. Small, for Windows keeps 1,280 characters."""
    end = (clock.now() + dt.timedelta(seconds=tokens.refresh_seconds)).isoformat(timespec="seconds") if tokens.refresh_seconds else ""
    secrets.keep(where, connection, REFRESH, json.dumps({"token": tokens.refresh, "until": end}))


def kept_login(where: str, connection: str) -> tuple[str, str]:
    """(refresh token, until when it is good as ISO 8601 or ""); ("", "") where there is none."""
    try:
        said = json.loads(secrets.find(where, connection, REFRESH) or "{}")
        return str(said.get("token") or ""), str(said.get("until") or "")
    except (AttributeError, ValueError):
        return "", ""


class _Holding(Auth):
    """Puts an access token into each request; gets one where there is none that is good."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._token: Token | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is None or not self._good(self._token):
            self._token = self._next(refused="")
        request.headers["Authorization"] = f"Bearer {self._token.value}"
        return request

    def renew(self) -> bool:
        """The service refused the token though it should be good: get another one."""
        self._token = self._next(refused=self._token.value if self._token else "")
        return True

    def hidden(self) -> tuple[str, ...]:
        return (self._token.value,) if self._token else ()

    def _good(self, token: Token) -> bool:
        return self._clock.now() < token.until

    @abstractmethod
    def _next(self, refused: str) -> Token:
        """A token that is good and is not the refused one."""


class Bearer(_Holding):
    """The login of a person. `name` is the connection's, `where` the place of its secrets, `login` the command that logs in again."""

    def __init__(self, name: str, where: str, server: LoginServer, clock: Clock, *, title: str, login: str) -> None:
        super().__init__(clock)
        self._name, self._where, self._server, self._title, self._login = name, where, server, title, login
        self._seen: tuple[str, ...] = ()

    def hidden(self) -> tuple[str, ...]:
        return (*super().hidden(), *self._server.hidden(), *self._seen)

    def _next(self, refused: str) -> Token:
        """A token that another program got meanwhile, else a new one."""
        with private.locked(f"token {self._name}"):
            refresh, _ = kept_login(self._where, self._name)
            if not refresh:
                raise LoggedOut(f"The login at {self._title} is not there any more. Log in again: {self._login}")
            self._seen = (refresh,)
            shared = sealed.opened(self._name, refresh)
            if shared and shared.value != refused and self._good(shared):
                return shared
            return self._exchange(refresh)

    def _exchange(self, refresh: str) -> Token:
        got = self._server.refresh(refresh)
        if got.refresh and got.refresh != refresh:
            self._seen = (refresh, got.refresh)
            keep_login(self._where, self._name, got, self._clock)
        token = Token(got.access, until(got, self._clock))
        with suppress(CannotRun):  # other programs then get a token of their own
            sealed.seal(self._name, got.refresh or refresh, token)
        return token


class Credentials(_Holding):
    """The token of an app that logs in by itself, kept in memory alone."""

    def __init__(self, server: LoginServer, scopes: str, clock: Clock) -> None:
        super().__init__(clock)
        self._server, self._scopes = server, scopes

    def hidden(self) -> tuple[str, ...]:
        return (*super().hidden(), *self._server.hidden())

    def _next(self, refused: str) -> Token:
        got = self._server.credentials(self._scopes)
        return Token(got.access, until(got, self._clock))


class Fixed(_Holding):
    """The token of a login that is not kept yet."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        super().__init__(clock)
        self._token = Token(tokens.access, until(tokens, clock))

    def renew(self) -> bool:
        """There is no other one."""
        return False

    def _next(self, refused: str) -> Token:
        raise LoggedOut("The login took too long. Nothing was kept; start again.")


class Basic(Auth):
    """User and password with every request. `users` are those that have this password, all for none; the first is taken unless `of` names another."""

    def __init__(self, users: Sequence[str], password: str, user: str = "") -> None:
        self._users, self._password, self._user = users, password, user or next(iter(users), "")

    def of(self, company: str) -> "Basic":
        """The company's own login, however its code is written (S2-38)."""
        user = next((one for one in self._users if one.casefold() == company.casefold()), "" if self._users else company)
        if not user:
            raise CannotRun(f'Company "{company}" is not one of this connection ({", ".join(self._users)}). Connect it too.')
        return Basic(self._users, self._password, user)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "Basic " + self._both()
        return request

    def hidden(self) -> tuple[str, ...]:
        return (self._password, self._both())

    def _both(self) -> str:
        return base64.b64encode(f"{self._user}:{self._password}".encode()).decode()


class Headers(Auth):
    """Headers with every request, of which those named in `secret` are secrets."""

    def __init__(self, headers: Mapping[str, str], secret: tuple[str, ...]) -> None:
        self._headers, self._secret = dict(headers), secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request

    def hidden(self) -> tuple[str, ...]:
        return tuple(self._headers[name] for name in self._secret)
