"""`session`: requests to the service of a connection, with all that proves who asks."""

import re

from invoice_rules.connectors import secrets, systems
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.failures import LoggedOut
from invoice_rules.connectors.http import Auth, Session
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.oauth import LoginServer
from invoice_rules.connectors.pacing import Pace, Told
from invoice_rules.connectors.tokens import Basic, Bearer, Credentials, Headers

CLIENT_SECRET, CODE, KEY, AUTHORIZATION = "client secret", "integration code", "secret", "authorization id"
"""What secrets are called among those of a connection."""

MINUTE = 60.0


def address(connection: Connection) -> str:
    """Where the service's interface is, without a / at its end: https://api.xero.com, or what was chosen instead."""
    return systems.address(connection.system, connection.settings, "api").rstrip("/")


def companies(connection: Connection) -> list[str]:
    """The company codes of a Spectrum connection."""
    return [code.strip() for code in re.split(r"[,;]", connection.settings.get("companies", "")) if code.strip()]


def session(connection: Connection, *, clock: Clock | None = None, told: Told | None = None, company: str = "") -> Session:
    """Requests to the service, its address in `address(connection)`. `company` is the company code that Spectrum is asked for, where there are several.

    Raises LoggedOut where its secrets are gone. Nothing is sent yet.
    """
    clock = clock or Clock()
    opened = Session(
        [address(connection)],
        ca_file=connection.settings.get("ca_file", ""),
        clock=clock,
        told=told,
        auth=_proof(connection, clock),
        name=connection.service,
        login=connection.login,
    )
    calls = int(connection.settings.get("pace") or systems.system(connection.system).per_minute)
    opened.pace = Pace(calls, MINUTE, clock) if calls else None
    if connection.system == "xero":
        opened.headers["Xero-Tenant-Id"] = connection.account
    if company:
        opened.speak_for(company)
    return opened


def login_server(connection: Connection, secret: str, clock: Clock) -> LoginServer:
    """Where the tokens of a connection come from."""
    places = {which: systems.address(connection.system, connection.settings, which) for which in ("authorize", "token", "revoke")}
    talk = Session(
        [place for place in places.values() if place],
        ca_file=connection.settings.get("ca_file", ""),
        clock=clock,
        name=connection.service,
        login=connection.login,
    )
    return LoginServer(talk, connection.settings.get("client_id", ""), secret, lasts=systems.system(connection.system).lasts, **places)


def _proof(connection: Connection, clock: Clock) -> Auth:
    if connection.system == "autotask":
        given = {"UserName": connection.settings.get("user", ""), "ApiIntegrationCode": kept(connection, CODE), "Secret": kept(connection, KEY)}
        return Headers(given, ("ApiIntegrationCode", "Secret"))
    if connection.system == "spectrum":
        return _spectrum(connection, clock)
    secret = kept(connection, CLIENT_SECRET) if systems.system(connection.system).secret else ""
    server = login_server(connection, secret, clock)
    return Bearer(connection.name, connection.secrets, server, clock, title=connection.service, login=connection.login)


def _spectrum(connection: Connection, clock: Clock) -> Auth:
    if connection.settings.get("client_id"):
        scopes = connection.settings.get("scopes") or systems.system("spectrum").scopes
        return Credentials(login_server(connection, kept(connection, CLIENT_SECRET), clock), scopes, clock)
    return Basic(companies(connection), kept(connection, AUTHORIZATION))


def kept(connection: Connection, what: str) -> str:
    """A secret of a connection; raises LoggedOut where it is gone."""
    found = secrets.find(connection.secrets, connection.name, what)
    if not found:
        raise LoggedOut(f"The {what} for {connection.service} is not there any more. Connect again: {connection.login}")
    return found
