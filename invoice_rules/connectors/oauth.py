"""The login server of a service: where the browser is sent, and codes and refresh tokens exchanged for tokens (OAuth 2, by Authlib)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client.oauth2_session import OAuth2Auth, OAuth2ClientAuth
from authlib.oauth2.client import OAuth2Client

from invoice_rules.connectors.failures import LoggedOut, NotReached, reason
from invoice_rules.connectors.http import Session
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_ENDED = ("invalid_grant", "interaction_required", "login_required", "consent_required")
_UNKNOWN_APP = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True)
class Tokens:
    """What a login gives: secrets, and for how many seconds each is good (0 where the service does not say)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False, default="")
    seconds: int = 0
    refresh_seconds: int = 0


class _Client(OAuth2Client):
    """Authlib's client on a session of ours."""

    client_auth_class = OAuth2ClientAuth
    token_auth_class = OAuth2Auth
    oauth_error_class = OAuthError


class LoginServer:
    """One app at the login server of a service. `session` may speak to its addresses; `secret` is "" for an app that has none.

    `lasts` is for how many seconds a refresh token is good where the server does not say.
    """

    def __init__(self, session: Session, client_id: str, secret: str, *, authorize: str = "", token: str, revoke: str = "", lasts: int = 0) -> None:
        self._session, self._id, self._secret = session, client_id, secret
        self._authorize, self._token, self._revoke, self._lasts = authorize, token, revoke, lasts

    def __repr__(self) -> str:
        return f"LoginServer({self._token!r})"

    def hidden(self) -> tuple[str, ...]:
        """The app's secret, if it has one."""
        return (self._secret,) if self._secret else ()

    def begin(self, redirect: str, scopes: str, verifier: str = "") -> tuple[str, str]:
        """(address for the browser, state that must come back). A verifier makes it PKCE."""
        address, state = self._client(redirect, scopes).create_authorization_url(self._authorize, code_verifier=verifier or None)
        return str(address), str(state)

    def finish(self, redirect: str, came_back: str, state: str, verifier: str = "") -> Tokens:
        """Tokens for the address that the browser came back to; raises CannotRun where it is not the answer to our question."""
        more = {"code_verifier": verifier} if verifier else {}
        client = self._client(redirect)
        return self._tokens(lambda: client.fetch_token(self._token, authorization_response=came_back, state=state, **more))

    def refresh(self, refresh: str) -> Tokens:
        """New tokens; raises LoggedOut where the refresh token is worth nothing any more."""
        return self._tokens(lambda: self._client().refresh_token(self._token, refresh_token=refresh))

    def credentials(self, scopes: str) -> Tokens:
        """A token for the app itself, without a person (client credentials)."""
        return self._tokens(lambda: self._client("", scopes).fetch_token(self._token, grant_type="client_credentials"))

    def end(self, refresh: str, *, as_json: bool = False) -> None:
        """Make a refresh token worthless. Intuit wants the question as JSON."""
        if as_json:
            self._answered(lambda: self._session.post(self._revoke, data=json.dumps({"token": refresh}), headers=_JSON, auth=(self._id, self._secret)))
        else:
            self._answered(lambda: self._client().revoke_token(self._revoke, token=refresh, token_type_hint="refresh_token"))

    def _client(self, redirect: str = "", scopes: str = "") -> Any:
        method = "client_secret_basic" if self._secret else "none"
        return _Client(
            self._session,
            client_id=self._id,
            client_secret=self._secret or None,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            redirect_uri=redirect or None,
            scope=scopes or None,
            code_challenge_method="S256",
        )

    def _tokens(self, ask: Callable[[], Any]) -> Tokens:
        got = self._answered(ask)
        access = got.get("access_token") if isinstance(got, dict) else None
        if not access or not isinstance(access, str):
            raise self._odd()
        rest = got.get("x_refresh_token_expires_in") or got.get("refresh_expires_in")
        return Tokens(access, str(got.get("refresh_token") or ""), _whole(got.get("expires_in")), _whole(rest) or self._lasts)

    def _answered(self, ask: Callable[[], Any]) -> Any:
        """What the login server gives; every way in which it may fail becomes a sentence without secrets."""
        name = self._session.name
        try:
            return ask()
        except OAuthError as error:
            raise self._no(str(error.error or "")) from None
        except AuthlibBaseError:
            raise CannotRun(f"What came back is not the answer to this login at {name}. Nothing was kept; start again.") from None
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            raise NotReached(f"The login server of {name} has a problem ({status}). Try again later.", Answer(status)) from None
        except requests.RequestException as error:
            raise NotReached(f"The login server of {name} could not be asked: {reason(error)}. Try again later.", Answer(0)) from None
        except (ValueError, TypeError):
            raise self._odd() from None

    def _no(self, code: str) -> CannotRun:
        name, login = self._session.name, self._session.login
        if code in _ENDED:
            return LoggedOut(f"The login at {name} has ended: it was taken back, not used for long, or used by a copy. Log in again: {login}")
        if code in _UNKNOWN_APP:
            return LoggedOut(f"{name} does not accept this client id or client secret. Copy them from your app there and log in again: {login}")
        if code in ("access_denied", "cancelled"):
            return CannotRun(f"The login at {name} was cancelled. Nothing was sent, and nothing was kept.")
        shown = "".join(letter for letter in code if letter.isalnum() or letter in "_-")[:60]
        return CannotRun(f"{name} did not let us in ({shown or 'without a reason'}). Check the client id, scopes and redirect address of your app there.")

    def _odd(self) -> NotReached:
        return NotReached(f"The login server of {self._session.name} gave an answer that cannot be understood. Try again later.", Answer(0))


def _whole(value: Any) -> int:
    """Seconds; 0 for what is no number."""
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return 0
