"""`connect` and `disconnect`: nothing is kept before a login is finished, and nothing is left after one is ended (S4-5, S4-6)."""

from contextlib import suppress
from pathlib import Path

from invoice_rules.connectors import private, sealed, secrets
from invoice_rules.connectors.addresses import base
from invoice_rules.connectors.asking import Ask, Cancelled
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.drafts import ENDPOINTS, Draft, Made, end_login, shares_app
from invoice_rules.connectors.exactjson import loads
from invoice_rules.connectors.failures import LoggedOut, Lost
from invoice_rules.connectors.known import Connection, connection, connections, name_for, refuse_secrets, remove, save
from invoice_rules.connectors.opening import AUTHORIZATION, CLIENT_SECRET, CODE, KEY, address, login_server, session
from invoice_rules.connectors.sealed import Token
from invoice_rules.connectors.systems import SYSTEMS, System, system
from invoice_rules.connectors.tokens import REFRESH, keep_login, kept_login, until
from invoice_rules.connectors.ways import WAYS
from invoice_rules.errors import CannotRun

_ADDRESSES = ("api", "login")
_OF_APP = ("client_id", "scopes", "redirect", "login", "ca_file", "user", "companies", "paste", *ENDPOINTS)
"""Settings that a second login takes over from the first one, unless they are named."""

_SECRETS = (REFRESH, CLIENT_SECRET, CODE, KEY, AUTHORIZATION)


def connect(name: str, ask: Ask, *, clock: Clock | None = None, **given: str | None) -> Connection:
    """Log in to a service (quickbooks, autotask, xero, spectrum), or again by the name of a connection, and keep the connection.

    `given` is secrets (keyring or file) and settings: client_id, scopes, api, login, redirect, ca_file, user, companies, paste. Raises Cancelled where the
    person does not go on, CannotRun where it does not work; then nothing was kept.
    """
    settings = {key: value for key, value in given.items() if value}
    old, service = _meant(name)
    where = settings.pop("secrets", old.secrets if old else secrets.KEYRING)
    refuse_secrets(settings)
    secrets.ready(where)
    settings |= {key: base(settings[key]) for key in _ADDRESSES if key in settings} | _own_authority(settings)
    clock = clock or Clock()
    draft = Draft(service, _before(old, settings), ask, f"invoice-rules connect {name}", clock)
    try:
        made = WAYS[service.name](draft)
    except (KeyboardInterrupt, EOFError):
        raise Cancelled(service.title) from None
    return _keep(service, made, where, clock)


def disconnect(name: str, *, clock: Clock | None = None) -> list[str]:
    """End a connection: at the service, as far as it can be asked, and here in any case. Gives what is left to do there, in sentences."""
    one = connection(name)
    left = []
    try:
        _end(one, clock or Clock())
    except (CannotRun, Lost, ValueError) as error:
        if not isinstance(error, LoggedOut):
            left = [f"{one.service} could not be told. Take Invoice Rules off the list of connected apps there."]
    with private.locked(f"token {one.name}"):
        secrets.forget(one.secrets, one.name, *_SECRETS)
        sealed.throw_away(one.name)
        remove(one.name)
    return left


def _meant(name: str) -> tuple[Connection | None, System]:
    """The connection that is logged in to again, or the first of its service, whose app is used again; and the service."""
    known = connections()
    found = next((one for one in known if one.name.casefold() == name.casefold()), None)
    found = found or next((one for one in known if one.system == name), None)
    return found, system(found.system if found else name.casefold())


def _own_authority(given: dict[str, str]) -> dict[str, str]:
    """The file of a certificate authority by its whole path, which means the same in every folder. Raises CannotRun where it is not there."""
    if "ca_file" not in given:
        return {}
    file = Path(given["ca_file"]).absolute()
    if not file.is_file():
        raise CannotRun(f"There is no file {file}. Name the certificate of the server's own authority, as PEM. Nothing was kept.")
    return {"ca_file": str(file)}


def _before(old: Connection | None, given: dict[str, str]) -> dict[str, str]:
    """What is known before anybody is asked. The zone of Autotask is looked up anew, and so are endpoints of another login server."""
    taken = {key: value for key, value in (old.settings if old else {}).items() if key in _OF_APP}
    if "login" in given or "api" in given:
        taken = {key: value for key, value in taken.items() if key not in ENDPOINTS}
    if old and old.system != "autotask" and "api" in old.settings:
        taken["api"] = old.settings["api"]
    return {**taken, **given}


def _keep(service: System, made: Made, where: str, clock: Clock) -> Connection:
    """Secrets first, then the connection: what is listed works."""
    if made.tokens and not made.tokens.refresh:
        raise CannotRun(f"{service.title} gave no refresh token. Ask for offline access too (scope offline_access). Nothing was kept.")
    name = name_for(service.name, made.account, made.title)
    before = next((one for one in connections() if one.name == name), None)
    settings = {**(before.settings if before else {}), **{key: value for key, value in made.settings.items() if value}}
    title = before.title if before and service.name == "quickbooks" else made.title  # S1-11: the company file, which is part of what was imported
    one = Connection(name, service.name, made.account, title, settings, where)
    for what, value in made.secrets.items():
        secrets.keep(where, name, what, value)
    if made.tokens:
        keep_login(where, name, made.tokens, clock)
        sealed.seal(name, made.tokens.refresh, Token(made.tokens.access, until(made.tokens, clock)))
    save(one)
    if before and before.secrets != where:
        with suppress(CannotRun):
            secrets.forget(before.secrets, name, *_SECRETS)
    return one


def _end(one: Connection, clock: Clock) -> None:
    """Xero: the organisation is taken off the app. Xero and QuickBooks: the login is ended, unless another connection needs its app."""
    refresh, _ = kept_login(one.secrets, one.name)
    if not refresh:
        return
    if one.system == "xero":
        _take_off(one, clock)
        refresh, _ = kept_login(one.secrets, one.name)
    if not (one.system == "xero" and shares_app(one, but=one.name)):
        secret = secrets.find(one.secrets, one.name, CLIENT_SECRET) if SYSTEMS[one.system].secret else ""
        end_login(login_server(one, secret, clock), one, refresh)


def _take_off(one: Connection, clock: Clock) -> None:
    talk = session(one, clock=clock)
    found = loads(talk.read("GET", f"{address(one)}/connections", headers={"Accept": "application/json"}).body)
    for row in found if isinstance(found, list) else []:
        if row.get("tenantId") == one.account:
            talk.write("DELETE", f"{address(one)}/connections/{row['id']}", body=b"", headers={})
