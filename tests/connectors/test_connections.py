"""Connections: made by a login, chosen by name, listed, changed and ended. Nothing is kept of a login that is not finished (S4-5, S4-6)."""

import datetime as dt
import json
import shutil
import threading
from collections.abc import Iterator

import pytest

from invoice_rules import CannotRun, connectors
from invoice_rules.connectors import connections, known, oauth, secrets, tokens
from invoice_rules.connectors.asking import Cancelled
from invoice_rules.connectors.http import Session
from invoice_rules.connectors.known import Connection
from tests.connectors.faking import FakeClock
from tests.connectors.oidc import Browser, Oidc, oidc
from tests.connectors.person import Person, files
from tests.connectors.servers import free_port
from tests.connectors.wiremock import WireMock, answer, asked

pytestmark = pytest.mark.xdist_group("wiremock")

ORGANISATIONS = [
    {"id": "c-1", "tenantId": "t-1", "tenantType": "ORGANISATION", "tenantName": "Demo Company"},
    {"id": "c-2", "tenantId": "t-2", "tenantType": "ORGANISATION", "tenantName": "Miller Studio"},
    {"id": "c-3", "tenantId": "t-3", "tenantType": "ORGANISATION", "tenantName": "Demo Company"},
    {"id": "c-4", "tenantId": "t-4", "tenantType": "PRACTICE", "tenantName": "Advisers"},
]


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config"


def to_xero(server: Oidc, wiremock: WireMock, *, chooses: str = "Miller Studio", cancels: bool = False, name: str = "xero", **more: str) -> tuple[Connection, Person]:
    wiremock.stub(asked("GET", "/connections"), answer(200, ORGANISATIONS))
    wiremock.stub(asked("DELETE", "~/connections/.*"), answer(204))
    back = f"http://127.0.0.1:{free_port()}/callback"
    person = Person(Browser(back, cancels), texts=["xero"], chooses=chooses)
    try:
        return connections.connect(name, person, secrets="file", login=server.url, api=wiremock.url, redirect=back, **more), person
    except CannotRun as stopped:
        stopped.person = person
        raise


def worth_nothing(server: Oidc, refresh: str) -> bool:
    one = oauth.LoginServer(Session([server.url]), "xero", "", token=f"{server.url}/token")
    try:
        one.refresh(refresh)
    except CannotRun:
        return True
    return False


def test_xero_is_connected_to_the_organisation_that_was_chosen(server, wiremock, config):
    one, person = to_xero(server, wiremock)
    assert (one.name, one.account, one.title, one.secrets) == ("xero", "t-2", "Miller Studio", "file")
    assert person.offered == ["Demo Company (t-1)", "Miller Studio", "Demo Company (t-3)"]
    assert person.heard[0] == "Client id of your app at Xero"
    assert "scope=offline_access+accounting.invoices" in person.heard[1] or "scope=offline_access%20accounting.invoices" in person.heard[1]
    assert connections.connections() == [one]
    assert connectors.connection("miller studio") == connectors.connection("XERO") == one
    before = server.granted()
    wiremock.forget()
    wiremock.stub(asked("GET", "/api.xro/2.0/Organisation"), answer(200, {}))
    connections.session(one).read("GET", f"{connections.address(one)}/api.xro/2.0/Organisation")
    (request,) = wiremock.requests()
    assert request.headers["xero-tenant-id"] == "t-2"
    assert request.headers["authorization"].startswith("Bearer ")
    assert server.granted() == before  # the token of the login is still good
    listed = json.loads((config / "connections.json").read_text(encoding="utf-8"))
    assert listed["connections"][0]["settings"]["client_id"] == "xero"
    refresh, until = tokens.kept_login("file", "xero")
    assert 59 <= (dt.datetime.fromisoformat(until) - dt.datetime.now(dt.UTC)).days <= 60
    assert [name for name, content in files(config).items() if refresh.encode() in content] == ["secrets.json"]


def test_a_second_organisation_has_a_name_of_its_own_and_asks_for_no_client_id(server, wiremock):
    to_xero(server, wiremock)
    second, person = to_xero(server, wiremock, chooses="Demo Company (t-1)")
    third, _ = to_xero(server, wiremock, chooses="Demo Company (t-3)")
    assert (second.name, third.name) == ("xero:Demo Company", "xero:Demo Company (t-3)")
    assert "Client id of your app at Xero" not in person.heard
    with pytest.raises(CannotRun, match=r"There are several: xero:Demo Company; xero:Demo Company \(t-3\)\. Say which by its name\."):
        connections.connection("Demo Company ")
    assert connections.connection("xero:demo company").account == "t-1"
    assert second.login == 'invoice-rules connect "xero:Demo Company"'


def test_logging_in_again_keeps_name_and_settings(server, wiremock):
    to_xero(server, wiremock)
    connections.change("xero", approved="yes", mark="always")
    old = tokens.kept_login("file", "xero")[0]
    again, _ = to_xero(server, wiremock, name="xero")
    assert (again.name, again.settings["approved"], again.settings["mark"]) == ("xero", "yes", "always")
    assert tokens.kept_login("file", "xero")[0] != old
    assert len(connections.connections()) == 1


STOPS = {"in the browser": {"cancels": True}, "at the organisation": {"chooses": "none of them"}}


@pytest.mark.parametrize("stop", STOPS)
def test_a_cancelled_login_sends_nothing_and_keeps_nothing(server, wiremock, config, stop):
    with pytest.raises(Cancelled, match="The login at Xero was cancelled. Nothing was sent, and nothing was kept."):
        to_xero(server, wiremock, **STOPS[stop])
    assert files(config) == {}
    assert not [one for one in wiremock.requests() if one.method != "GET"]
    assert wiremock.count("GET", "/connections") == ("chooses" in STOPS[stop])


def test_tokens_of_a_login_that_was_given_up_are_worth_nothing(server, wiremock, monkeypatch):
    seen = []
    monkeypatch.setattr(oauth.LoginServer, "finish", lambda self, *given, finish=oauth.LoginServer.finish: seen.append(finish(self, *given)) or seen[-1])
    with pytest.raises(Cancelled):
        to_xero(server, wiremock, chooses="none of them")
    assert worth_nothing(server, seen[-1].refresh)
    one, _ = to_xero(server, wiremock)
    with pytest.raises(Cancelled):
        to_xero(server, wiremock, chooses="none of them")
    assert not worth_nothing(server, seen[-1].refresh), "Xero would have ended the first connection, too"
    assert connections.connection("xero") == one


def test_no_organisation_was_allowed(server, wiremock, config):
    wiremock.stub(asked("GET", "/connections"), answer(200, ORGANISATIONS[3:]), priority=1)
    with pytest.raises(CannotRun, match="but to no organisation"):
        to_xero(server, wiremock)
    assert files(config) == {}


def test_a_keyring_that_is_not_there_is_told_before_anybody_logs_in(server, wiremock, config, monkeypatch):
    import keyring
    from keyring.backends import fail

    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    with pytest.raises(CannotRun, match="--secrets file"):
        connections.connect("xero", Person(), login=server.url)
    assert not config.exists()


def test_ctrl_c_stops_a_login(server, monkeypatch):
    class Interrupted(Person):
        def text(self, prompt: str) -> str:
            raise KeyboardInterrupt

    for name in known.SYSTEMS:
        with pytest.raises(Cancelled):
            connections.connect(name, Interrupted(), secrets="file", login=server.url)
        with pytest.raises(Cancelled):
            connections.connect(name, Person(texts=[""], secrets=[""]), secrets="file", login=server.url)


def test_only_addresses_that_nobody_can_listen_to(server):
    for given in ({"api": "http://sandbox.example"}, {"login": "http://login.example"}, {"api": "https://ada:x@sandbox.example"}, {"api": "https://a.example/?x"}):
        with pytest.raises(CannotRun):
            connections.connect("xero", Person(texts=["xero"]), secrets="file", **given)
    with pytest.raises(CannotRun, match="must begin with https://"):
        connections.connect("xero", Person(texts=["xero"]), secrets="file", login=server.url, redirect="http://books.example/done")
    with pytest.raises(CannotRun, match=r"There are: quickbooks, autotask, xero, spectrum\."):
        connections.connect("sage", Person())


def test_a_login_server_that_points_elsewhere_is_refused(wiremock):
    pointing = {"authorization_endpoint": "https://evil.example/auth", "token_endpoint": f"{wiremock.url}/token"}
    for found in (pointing, {**pointing, "authorization_endpoint": f"{wiremock.url}/a", "revocation_endpoint": "https://evil.example/"}, {}):
        wiremock.stub(asked("GET", "/.well-known/openid-configuration"), answer(200, found))
        with pytest.raises(CannotRun, match="does not say where one logs in"):
            connections.connect("xero", Person(texts=["xero"]), secrets="file", login=wiremock.url)


# ---- QuickBooks


class Paster(Person):
    """Pastes the address with the company that was chosen at Intuit."""

    realm = "&realmId=9130350000000001"

    def pasted(self) -> str:
        return super().pasted() + self.realm


def to_quickbooks(server: Oidc, wiremock: WireMock, person: Person | None = None, company: str = "Sandbox Company_US_1", **more: str) -> Connection:
    found = {"QueryResponse": {"CompanyInfo": [{"CompanyName": company, "Id": "1"}], "maxResults": 1}}
    wiremock.stub(asked("GET", "~/v3/company/9130350000000001/.*"), answer(200, found))
    back = "https://books.example/done"
    person = person or Paster(Browser(back), texts=["intuit"], secrets=["PLANTED-SECRET-of-the-app"], chooses=company)
    return connections.connect("quickbooks", person, secrets="file", login=server.url, api=wiremock.url, redirect=back, scopes="com.intuit.quickbooks.accounting", **more)


def test_quickbooks_is_connected_by_pasting_the_address(server, wiremock, config):
    one = to_quickbooks(server, wiremock)
    assert (one.name, one.account, one.title) == ("quickbooks", "9130350000000001", "Sandbox Company_US_1")
    assert secrets.find("file", "quickbooks", "client secret") == "PLANTED-SECRET-of-the-app"
    assert b"PLANTED" not in (config / "connections.json").read_bytes()
    before = server.granted()
    (config / "tokens").joinpath(next((config / "tokens").iterdir()).name).unlink()
    connections.session(one).read("GET", f"{connections.address(one)}/v3/company/9130350000000001/query", params={"query": "x"})
    assert server.granted() == before + 1


def test_a_company_that_was_renamed_stays_the_company_file_that_it_was(server, wiremock, config):
    """S1-11: imported history is known by it, so nothing of it comes in a second time."""
    to_quickbooks(server, wiremock)
    again = to_quickbooks(server, wiremock, company="Renamed Ltd")
    assert (again.name, again.title) == ("quickbooks", "Sandbox Company_US_1")


def test_quickbooks_without_a_company_or_with_a_no(server, wiremock, config):
    given = {"texts": ["intuit"], "secrets": ["PLANTED-SECRET-of-the-app"]}
    browser = Browser("https://books.example/done")
    with pytest.raises(CannotRun, match="did not say which company"):
        to_quickbooks(server, wiremock, Person(browser, **given))
    with pytest.raises(Cancelled):
        to_quickbooks(server, wiremock, Paster(Browser("https://books.example/done"), **given, chooses="another"))
    assert files(config) == {}


def test_quickbooks_wants_the_page_of_intuit_for_real_companies(monkeypatch):
    person = Person(Browser(""), texts=["client"], secrets=["secret"])
    person.open_browser = person.heard.append
    with pytest.raises(Cancelled):
        connections.connect("quickbooks", person, secrets="file")
    assert "OAuth2Playground%2FRedirectUrl" in person.heard[-1]
    assert person.heard[-1].startswith("https://appcenter.intuit.com/connect/oauth2?")


# ---- Autotask


def to_autotask(wiremock: WireMock, *, url: str = "", **more: object) -> Connection:
    zone = {"zoneName": "America East 2", "url": url or f"{wiremock.url}/zone5/", "webUrl": "https://ww5.autotask.net/", "ci": 7077}
    wiremock.stub(asked("GET", "/V1.0/zoneInformation", queryParameters={"user": {"equalTo": "api@miller.example"}}), answer(200, zone))
    wiremock.stub(asked("GET", "/V1.0/zoneInformation"), answer(500, {"errors": ["Unknown user"]}), priority=9)
    keys = {"ApiIntegrationCode": "PLANTED-SECRET-code", "Secret": "PLANTED-SECRET-key", "UserName": "api@miller.example"}
    own = {"items": [{"id": 0, "companyName": "Miller Managed Services"}], "pageDetails": {"count": 1, "nextPageUrl": None}}
    wiremock.stub(asked("POST", "/zone5/V1.0/Companies/query", headers=keys), answer(200, own))
    wiremock.stub(asked("POST", "/zone5/V1.0/Companies/query"), answer(401, {"errors": ["no"]}), priority=9)
    person = Person(texts=[str(more.get("user", "api@miller.example"))], secrets=["PLANTED-SECRET-code", str(more.get("key", "PLANTED-SECRET-key"))])
    return connections.connect("autotask", person, secrets="file", login=wiremock.url)


def test_autotask_is_connected_in_its_zone(wiremock, config):
    one = to_autotask(wiremock)
    assert (one.name, one.account, one.title) == ("autotask", "7077", "Miller Managed Services")
    assert (one.settings["api"], one.settings["zone"], one.settings["user"]) == (f"{wiremock.url}/zone5", "America East 2", "api@miller.example")
    assert b"PLANTED" not in (config / "connections.json").read_bytes()
    (lookup,) = wiremock.requests("GET")
    assert not {"secret", "apiintegrationcode", "authorization"} & set(lookup.headers)
    connections.session(one).read("POST", f"{connections.address(one)}/V1.0/Companies/query", data=b"{}")
    assert wiremock.requests("POST")[-1].headers["secret"] == "PLANTED-SECRET-key"


def test_autotask_refusals(wiremock, config):
    with pytest.raises(CannotRun, match='Autotask knows no API user "nobody"'):
        to_autotask(wiremock, user="nobody")
    with pytest.raises(CannotRun, match="does not accept this user name, integration code and secret"):
        to_autotask(wiremock, key="wrong-key")
    with pytest.raises(CannotRun, match="named a server that is not Autotask's"):
        to_autotask(wiremock, url="https://autotask.net.evil.example/")
    assert files(config) == {}


# ---- Spectrum


def to_spectrum(wiremock: WireMock, *, secret: str = "PLANTED-SECRET-id", **more: str | None) -> tuple[Connection, Person]:
    person = Person(texts=[wiremock.secure, "01, 02"], secrets=[secret])
    return connections.connect("spectrum", person, **{"secrets": "file", "ca_file": str(wiremock.certificates.authority), **more}), person


def test_spectrum_is_connected_with_its_own_certificate(wiremock, config):
    wiremock.stub(asked("GET", "/"), answer(404))
    wiremock.stub(asked("POST", "/customer/invoice", user=("02", "PLANTED-SECRET-id")), answer(200, {"ok": True}))
    one, person = to_spectrum(wiremock)
    host = wiremock.secure.removeprefix("https://")
    assert (one.account, one.title, connections.companies(one)) == (host, host, ["01", "02"])
    assert "shows with the first invoice" in person.heard[-1]
    talk = connections.session(one, company="02")
    assert talk.write("POST", f"{wiremock.secure}/customer/invoice", body=b"{}", headers={}).status == 200
    with pytest.raises(CannotRun, match='Company "09" is not one of this connection'):
        talk.speak_for("09")
    assert b"PLANTED" not in (config / "connections.json").read_bytes()


def test_a_certificate_that_nobody_vouches_for_is_refused(wiremock, config):
    for ca_file in (None, str(wiremock.certificates.stranger)):
        with pytest.raises(CannotRun, match="its certificate is not one that this computer trusts"):
            to_spectrum(wiremock, ca_file=ca_file)
    config.parent.joinpath("odd.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(CannotRun, match="odd.pem is not the certificate of an authority"):
        to_spectrum(wiremock, ca_file=str(config.parent / "odd.pem"))
    with pytest.raises(CannotRun, match=r"There is no file .+no-such.pem"):
        to_spectrum(wiremock, ca_file="no-such.pem")
    assert files(config) == {}
    assert wiremock.requests() == []


def test_a_certificate_is_found_from_every_folder(wiremock, config, monkeypatch):
    """It is named from the folder in which one connects, and kept by its whole path."""
    folder = config.parent / "certificates"
    folder.mkdir()
    shutil.copy(wiremock.certificates.authority, folder / "own.pem")
    monkeypatch.chdir(folder)
    one, _ = to_spectrum(wiremock, ca_file="own.pem")
    assert one.settings["ca_file"] == str(folder / "own.pem")
    monkeypatch.chdir(config.parent)
    assert connections.session(known.connection(one.name), company="02").verify == str(folder / "own.pem")


def test_spectrum_with_an_app_of_its_own(wiremock, server, config):
    wiremock.stub(asked("POST", "/connect/token"), answer(200, proxy=server.url))
    wiremock.stub(asked("POST", "/customer/invoice"), answer(200, {"ok": True}))
    token = f"{server.url}/token"
    given = {"client_id": "spectrum", "token_address": token, "companies": "01", "api": wiremock.url, "secrets": "file"}
    with pytest.raises(CannotRun, match="client id or client secret"):
        connections.connect("spectrum", Person(secrets=["wrong"]), **given)
    one = connections.connect("spectrum", Person(secrets=["PLANTED-SECRET-of-spectrum"]), **given)
    assert connections.session(one).write("POST", f"{wiremock.url}/customer/invoice", body=b"{}", headers={}).status == 200
    assert wiremock.requests("POST", "/customer/invoice")[-1].headers["authorization"].startswith("Bearer ")


# ---- ending


def test_disconnecting_from_xero_ends_it_there_and_forgets_it_here(server, wiremock, config):
    to_xero(server, wiremock)
    refresh = tokens.kept_login("file", "xero")[0]
    assert connections.disconnect("Miller Studio") == []
    assert [one.url for one in wiremock.requests("DELETE")] == ["/connections/c-2"]
    assert worth_nothing(server, refresh)
    assert connections.connections() == []
    assert {name: json.loads(content) for name, content in files(config).items()} == {"connections.json": {"format": 1, "connections": []}, "secrets.json": {}}


def test_another_organisation_of_the_same_app_stays_connected(server, wiremock):
    to_xero(server, wiremock)
    to_xero(server, wiremock, chooses="Demo Company (t-1)")
    assert connections.disconnect("xero") == []
    (left,) = connections.connections()
    (secrets_left,) = [tokens.kept_login("file", left.name)[0]]
    assert not worth_nothing(server, secrets_left)
    assert wiremock.count("DELETE", "/connections/c-2") == 1


def test_a_service_that_cannot_be_told_is_forgotten_all_the_same(server, wiremock, config):
    to_xero(server, wiremock)
    connections.change("xero", api=f"http://127.0.0.1:{free_port()}")
    assert connections.disconnect("xero", clock=FakeClock(dt.datetime.now(dt.UTC))) == ["Xero could not be told. Take Invoice Rules off the list of connected apps there."]
    assert connections.connections() == []
    assert json.loads((config / "secrets.json").read_bytes()) == {}
    to_autotask(wiremock)
    assert connections.disconnect("autotask") == []
    to_quickbooks(server, wiremock)
    assert connections.disconnect("quickbooks") == []
    assert json.loads((config / "secrets.json").read_bytes()) == {}


# ---- the list


def saved(name: str, **settings: str) -> Connection:
    one = Connection(name, name.partition(":")[0], f"account of {name}", f"Title of {name}", settings, "file")
    known.save(one)
    return one


def test_the_list_says_what_is_missing():
    with pytest.raises(CannotRun, match="Xero is not connected yet. Connect it: invoice-rules connect xero"):
        connections.connection("xero")
    with pytest.raises(CannotRun, match='There is no connection "books"'):
        connections.connection("books")
    saved("xero:Demo")
    saved("xero:Other")
    with pytest.raises(CannotRun, match="There are several: xero:Demo"):
        connections.connection("xero")
    assert connections.connection("title of xero:other").name == "xero:Other"


def test_settings_are_changed_and_taken_away_but_hold_no_secrets():
    saved("xero", client_id="x")
    assert connections.change("xero", approved="yes", quiet="5").settings == {"client_id": "x", "approved": "yes", "quiet": "5"}
    assert connections.change("xero", quiet=None).settings == connections.connection("xero").settings == {"client_id": "x", "approved": "yes"}
    for name in ("client_secret", "Password", "refresh_token", "Authorization_ID"):
        with pytest.raises(CannotRun, match="is a secret"):
            connections.change("xero", **{name: "PLANTED-SECRET"})


def test_many_at_once_lose_nothing():
    saved("xero")
    threads = [threading.Thread(target=lambda number=number: connections.change("xero", **{f"s{number}": "1"})) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(connections.connection("xero").settings) == 8


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1}', '{"format": 1, "connections": [{}]}', '{"format": 2, "connections": []}', '{"format": 1, "connections": 3}'])
def test_a_list_that_cannot_be_understood_is_told(config, text):
    config.mkdir()
    known.connections_file().write_text(text, encoding="utf-8")
    with pytest.raises(CannotRun, match=r"connections\.json"):
        connections.connections()
