"""How each service is connected: what is asked, the login, and the organisation, chosen by its name. Nothing is kept here (`connecting` does)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from invoice_rules.connectors.addresses import base, place
from invoice_rules.connectors.asking import Cancelled
from invoice_rules.connectors.autotask import Autotask, where
from invoice_rules.connectors.drafts import Draft, Made
from invoice_rules.connectors.exactjson import parsed
from invoice_rules.connectors.failures import LoggedOut, NotReached, Refused
from invoice_rules.connectors.http import Auth
from invoice_rules.connectors.oauth import LoginServer, Tokens
from invoice_rules.connectors.opening import AUTHORIZATION, CLIENT_SECRET, CODE, KEY, login_server
from invoice_rules.connectors.quickbooks import QuickBooks
from invoice_rules.connectors.systems import REDIRECT, SYSTEMS, address
from invoice_rules.connectors.tokens import Basic, Fixed, Headers
from invoice_rules.connectors.xero import organisations
from invoice_rules.errors import CannotRun

PLAYGROUND = "https://developer.intuit.com/v2/OAuth2Playground/RedirectUrl"
"""Where Intuit sends the browser of an app that has no page of its own; Intuit wants https for real companies."""


def xero(draft: Draft) -> Made:
    """Login with PKCE, without a secret; then the person chooses the organisation (S4-5, S4-6)."""
    draft.text("client_id", "Client id of your app at Xero")
    server = draft.server("")
    tokens, _ = draft.log_in(server, pkce=True)
    with _given_back(draft, server, tokens):
        found = organisations(draft.session(Fixed(tokens, draft.clock)), address("xero", draft.settings, "api"))
        if not found:
            raise CannotRun("Xero let you in, but to no organisation. Start again, and allow access to one. Nothing was kept.")
        chosen = draft.choose("Which organisation in Xero?", found)
        return Made(chosen, found[chosen], draft.settings, tokens=tokens)


def quickbooks(draft: Draft) -> Made:
    """Login with client id and secret; the company is the one that the person chose there, shown by its name."""
    draft.text("client_id", "Client id of your app at Intuit")
    secret = draft.secret("Client secret of your app at Intuit")
    server = draft.server(secret)
    api = address("quickbooks", draft.settings, "api")
    real = api == SYSTEMS["quickbooks"].api and not draft.settings.get("login")
    tokens, said = draft.log_in(server, pkce=False, redirect=PLAYGROUND if real else REDIRECT)
    with _given_back(draft, server, tokens):
        realm = said.get("realmId", "")
        if not realm.isdecimal():
            raise CannotRun("QuickBooks did not say which company you chose (realmId in the address). Start again, and copy the whole address. Nothing was kept.")
        title = QuickBooks(draft.session(Fixed(tokens, draft.clock)), realm, api).company() or realm
        if draft.ask.choose("Read invoices of this QuickBooks company?", [title]) != 0:
            raise Cancelled(draft.system.title)
        return Made(realm, title, draft.settings, {CLIENT_SECRET: secret}, tokens)


def autotask(draft: Draft) -> Made:
    """The zone of the user's database, then the keys, tried with a question about the own company."""
    user = draft.text("user", "User name of the API user in Autotask")
    code = draft.secret("Integration code (tracking identifier)")
    key = draft.secret("Secret (password) of the API user")
    if not draft.settings.get("api"):
        draft.settings |= _zone(draft, user)
    headers = {"UserName": user, "ApiIntegrationCode": code, "Secret": key}
    talk = draft.session(Headers(headers, ("ApiIntegrationCode", "Secret")))
    try:
        own = Autotask(talk, draft.settings["api"]).query("Companies", where("id", "eq", 0))
    except LoggedOut:
        raise CannotRun("Autotask does not accept this user name, integration code and secret together. Nothing was kept.") from None
    title = str(own[0].get("companyName") or "") if own else ""
    account = draft.settings.pop("database", "") or user.rpartition("@")[2].casefold()
    return Made(account, title or account, draft.settings, {CODE: code, KEY: key})


def _zone(draft: Draft, user: str) -> dict[str, str]:
    """Where the database of this user is; Autotask answers 500 for one that it does not know."""
    asked = base(draft.settings.get("login") or SYSTEMS["autotask"].api)
    try:
        said = parsed(draft.session(Auth(), at=asked).read("GET", f"{asked}/V1.0/zoneInformation", params={"user": user}), "Autotask")
    except NotReached:
        raise
    except Refused:
        raise CannotRun(f'Autotask knows no API user "{user}". Check the user name. Nothing was kept.') from None
    zone = base(str(said.get("url") or ""))
    if place(zone)[:2] != place(asked)[:2] and not place(zone)[1].endswith(".autotask.net"):
        raise CannotRun("Autotask named a server that is not Autotask's. Nothing was sent there, and nothing was kept.")
    return {"api": zone, "zone": str(said.get("zoneName") or ""), "database": str(said.get("ci") or "")}


def spectrum(draft: Draft) -> Made:
    """The server's address and its company codes; then the Authorization ID, or an app's own client id and secret."""
    api = draft.settings["api"] = base(draft.text("api", "Address of the Spectrum server, such as https://spectrum.example:8482"))
    draft.text("companies", "Company code (several with commas between)")
    parts = place(api)
    account, title = f"{parts[1]}:{parts[2]}", urlsplit(api).netloc
    if draft.settings.get("client_id"):
        return Made(account, title, draft.settings, {CLIENT_SECRET: _app(draft, api)})
    codes = [code.strip() for code in draft.settings["companies"].replace(";", ",").split(",") if code.strip()]
    given = draft.secret("Authorization ID")
    try:
        draft.session(Basic(codes, given)).read("GET", f"{api}/")
    except NotReached:
        raise
    except LoggedOut:
        draft.ask.tell("The server answers, but did not greet this company code and Authorization ID. If sending is refused, connect again.")
    except Refused:
        draft.ask.tell("The server answers. Whether the Authorization ID is right shows with the first invoice.")
    return Made(account, title, draft.settings, {AUTHORIZATION: given})


def _app(draft: Draft, api: str) -> str:
    """The client secret of an app that logs in by itself, tried at once."""
    secret = draft.secret("Client secret")
    draft.settings.setdefault("token_address", f"{base(draft.settings.get('login') or api)}/connect/token")
    login_server(draft.unsaved(), secret, draft.clock).credentials(draft.settings.get("scopes") or draft.system.scopes)
    return secret


@contextmanager
def _given_back(draft: Draft, server: LoginServer, tokens: Tokens) -> Iterator[None]:
    """Tokens of a login that is not finished are made worthless."""
    try:
        yield
    except BaseException:
        draft.give_back(server, tokens)
        raise


WAYS: dict[str, Callable[[Draft], Made]] = {"xero": xero, "quickbooks": quickbooks, "autotask": autotask, "spectrum": spectrum}
"""How each service is connected, by its name."""
