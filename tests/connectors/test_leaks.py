"""Secrets show up nowhere but in the keyring and in the request to their own service. PLANTED-SECRET is planted in all of them, and looked for everywhere."""

import json
import logging
import traceback
from pathlib import Path

import keyring
import pytest

from invoice_rules import CannotRun, open_store, trouble
from invoice_rules.connectors import connections, desk, known, opening, sealed, secrets, tokens
from invoice_rules.connectors.drafts import Made
from invoice_rules.connectors.failures import Lost
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.oauth import LoginServer, Tokens
from invoice_rules.connectors.tokens import Basic, Headers
from tests.cli.conftest import home, run  # noqa: F401  # fixtures
from tests.connectors.faking import FakeClock
from tests.connectors.spectrumdata import invoice
from tests.connectors.test_secrets import Vault
from tests.connectors.wiremock import EMPTY, GARBAGE, RESET, WireMock, answer, asked

pytestmark = pytest.mark.xdist_group("wiremock")

PLANTED = "PLANTED-SECRET"
ECHO = "".join(f"{name}: {{{{request.headers.{name}}}}} " for name in ("Authorization", "Secret", "ApiIntegrationCode"))
SAYS = {"Message": ECHO, "errors": [ECHO], "Fault": {"Error": [{"Message": ECHO, "Detail": ECHO}]}}


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture(autouse=True)
def vault(monkeypatch) -> Vault:
    made = Vault()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    return made


@pytest.fixture(autouse=True)
def logs(caplog):
    """Everything that anybody logs."""
    caplog.set_level(logging.DEBUG)
    return caplog


def connected(wiremock: WireMock) -> dict[str, Connection]:
    """All four services, each with every secret planted."""
    got = {"access_token": f"{PLANTED}-access", "refresh_token": f"{PLANTED}-next", "expires_in": 600}
    wiremock.stub(asked("POST", "/token"), answer(200, got))
    app = {"client_id": "app", "token_address": f"{wiremock.url}/token", "authorize_address": f"{wiremock.url}/a", "revoke_address": f"{wiremock.url}/r"}
    settings = {"xero": app, "quickbooks": app, "autotask": {"user": "api@miller.example"}, "spectrum": {"companies": "ABC,DEF", "quiet": "1"}}
    for name, given in settings.items():
        known.save(Connection(name, name, f"account of {name}", f"Title of {name}", {**given, "api": wiremock.url, "pace": "0"}))
        for what in (opening.CLIENT_SECRET, opening.CODE, opening.KEY, opening.AUTHORIZATION):
            secrets.keep("keyring", name, what, f"{PLANTED}-{what.replace(' ', '-')}")
        tokens.keep_login("keyring", name, Tokens(PLANTED, f"{PLANTED}-refresh", 600, 6000), FakeClock())
    return {one.name: one for one in connections.connections()}


def echo(wiremock: WireMock, status: int) -> None:
    """Answer with all the secrets that came."""
    response = {**answer(status, SAYS, headers={"Set-Cookie": PLANTED, "WWW-Authenticate": PLANTED, "Content-Type": "application/json"}), "transformers": ["response-template"]}
    wiremock.stub(asked("ANY", "/echo"), response)


def shown(error: BaseException) -> str:
    """All that anybody can see of an error."""
    held = [repr(getattr(error, name, None)) for name in ("answer", "args", "status", "body")]
    return "".join([str(error), repr(error), *traceback.format_exception(error), *held])


def everything(folder: Path) -> bytes:
    """All files of a folder, names too."""
    return b"".join(str(path).encode() + path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("name", ["xero", "quickbooks", "autotask", "spectrum"])
def test_a_service_that_repeats_our_secrets_does_not_spread_them(wiremock, config, logs, name):
    one = connected(wiremock)[name]
    seen, ours = [], set()
    for status in (200, 400, 401, 403, 404, 408, 422, 500, 503):
        echo(wiremock, status)
        talk = connections.session(one, clock=FakeClock())
        for ask, more in ((talk.read, {}), (talk.write, {"body": b"{}", "headers": {}})):
            try:
                got = ask("POST", f"{wiremock.url}/echo", **more)
                assert b"Authorization" in got.body
                seen.append(repr(got))
            except (CannotRun, Lost) as error:
                seen.append(shown(error))
        seen.append(repr(talk) + repr(talk.proof) + repr(vars(talk)))
        ours |= set(talk.proof.hidden())
    for fault in (RESET, EMPTY, GARBAGE):
        wiremock.stub(asked("ANY", "/echo"), answer(fault=fault))
        with pytest.raises(Lost) as lost:
            connections.session(one).write("POST", f"{wiremock.url}/echo", body=b"{}", headers={})
        seen.append(shown(lost.value))
    sent = [request.headers for request in wiremock.requests("ANY", "/echo")]
    assert all(PLANTED in str(headers) or "Basic" in str(headers) for headers in sent), "the service itself must get them"
    assert len(ours) >= 2
    for secret in (PLANTED, *ours):
        assert secret not in "".join(seen) + logs.text
        assert secret.encode() not in everything(config)


def test_what_holds_secrets_shows_none(vault):
    clock = FakeClock()
    held = [
        Tokens(PLANTED, PLANTED),
        sealed.Token(PLANTED, clock.now()),
        Made("a", "t", {}, {"secret": PLANTED}, Tokens(PLANTED, PLANTED)),
        LoginServer(None, "client", PLANTED, token="https://a.example/token"),
        Basic(["01"], PLANTED),
        Headers({"Secret": PLANTED}, ("Secret",)),
        tokens.Fixed(Tokens(PLANTED), clock),
        tokens.Credentials(LoginServer(None, "client", PLANTED, token="x"), "scope", clock),
        tokens.Bearer("xero", "keyring", LoginServer(None, "client", PLANTED, token="x"), clock, title="Xero", login="x"),
    ]
    assert PLANTED not in "".join(f"{one!r}{one!s}{[one]}" for one in held)


def test_our_own_mistakes_leave_no_secrets_in_the_log(wiremock, home):  # noqa: F811  # fixtures
    for name, one in connected(wiremock).items():
        talk = connections.session(one)
        request = talk.prepare_request(__import__("requests").Request("POST", f"{wiremock.url}/x?code={PLANTED}", data=f"client_secret={PLANTED}&refresh_token={PLANTED}"))
        try:
            raise RuntimeError(f"{dict(request.headers)} {json.dumps(dict(request.headers))} {request.body} {request.url} Authorization_ID={PLANTED} Secret: {PLANTED}")
        except RuntimeError as error:
            said = trouble.unexpected(error, ["connect", name])
        assert PLANTED not in said
    (log,) = home.rglob("problem-*.log")
    text = log.read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert PLANTED not in text


def test_what_is_kept_of_sending_holds_no_secret(wiremock, books, home, config, run, logs):  # noqa: F811  # fixtures
    """Ledger, history, receipts, the store itself, and what the commands print."""
    one = connected(wiremock)["spectrum"]
    store = books(*(invoice(f"I{number}") for number in range(4)))
    said = {"returnArray": [{"error_code": "I", "desc": f"you said {ECHO}", "column": "Invoice_Or_Transaction"}]}
    responses = [{**answer(status, said), "transformers": ["response-template"]} for status in (200, 400, 500, 200)]
    wiremock.scenario("echo", asked("POST", "/customer/invoice"), *responses)
    sending = desk.opened(store, one)
    sending.prepare()
    told = [repr(sending.send()), repr(sending.standing())]
    for entry in sending.standing():
        told.append(repr(sending.ledger.raw(entry.id)))
    assert "you said" in "".join(told)
    place = next(path for path in home.rglob("store.sqlite"))
    store.engine.dispose()
    for command in (("history",), ("connections",), ("config",), ("invoices",)):
        for more in ((), ("--json",)):
            done = run(*command, *more, "--store", str(place))
            told += [done.out, done.err]
    receipts = [row["batch"] for row in run("history", "--json", "--store", str(place)).json if row.get("batch")]
    told += [run("receipt", receipt, "--json", "--store", str(place)).out for receipt in receipts]
    assert receipts
    assert wiremock.count("POST", "/customer/invoice") >= 4
    for secret in (PLANTED, *connections.session(one).proof.hidden()):
        assert secret not in "".join(told) + logs.text
        assert secret.encode() not in everything(home)
    assert open_store(place).entities()
