"""Tokens, at a login server that none of us wrote: PKCE, rotation, what a second use does, revocation, several programs at once, and a sudden end."""

import datetime as dt
import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from invoice_rules import CannotRun
from invoice_rules.connectors import connections, login, oauth, private, sealed, secrets, tokens
from invoice_rules.connectors.asking import Cancelled
from invoice_rules.connectors.failures import LoggedOut, NotReached
from invoice_rules.connectors.http import Session
from invoice_rules.connectors.oauth import LoginServer
from tests.connectors.faking import FakeClock, answering, hang_up, reply, reset
from tests.connectors.oidc import Browser, Oidc, oidc
from tests.connectors.person import SCOPES, Person, files, saved_xero
from tests.connectors.programs import Programs, programs
from tests.connectors.servers import free_port

pytestmark = pytest.mark.xdist_group("oidc")


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config"


def redirect() -> str:
    return f"http://127.0.0.1:{free_port()}/callback"


def at(server: Oidc | str, client: str = "xero", secret: str = "") -> LoginServer:
    url = getattr(server, "url", server)
    talk = Session([url], name="Xero", login="invoice-rules connect xero")
    return LoginServer(talk, client, secret, authorize=f"{url}/auth", token=f"{url}/token", revoke=f"{url}/token/revocation")


def logged_in(server: Oidc) -> oauth.Tokens:
    back = redirect()
    got, _ = login.log_in(at(server), Person(Browser(back)), title="Xero", redirect=back, scopes=SCOPES, pkce=True)
    return got


def test_a_login_gives_tokens_and_thanks(server):
    back = redirect()
    person = Person(Browser(back))
    got, said = login.log_in(at(server), person, title="Xero", redirect=back, scopes=SCOPES, pkce=True)
    assert got.access
    assert got.refresh
    assert got.seconds == 600
    assert said["code"]
    assert person.pasted().startswith(back)
    assert "You can close this window" in person.browser.page
    assert "code_challenge_method=S256" in person.heard[0]
    assert got.access not in repr(got)
    assert got.refresh not in repr(got)


def test_a_cancelled_login_is_cancelled(server):
    back = redirect()
    with pytest.raises(Cancelled, match="The login at Xero was cancelled. Nothing was sent, and nothing was kept."):
        login.log_in(at(server), Person(Browser(back, cancels=True)), title="Xero", redirect=back, scopes=SCOPES, pkce=True)


def test_an_app_that_the_service_does_not_know(server):
    with pytest.raises(LoggedOut, match="does not accept this client id"):
        at(server, "nobody").finish("http://127.0.0.1/callback", "http://127.0.0.1/callback?code=x&state=s", "s", "v" * 50)


def begun(server: Oidc) -> tuple[LoginServer, str, str, str]:
    """A login up to the redirect: server, redirect address, address that came back, state."""
    back, one = "http://127.0.0.1:1/callback", at(server)
    address, state = one.begin(back, SCOPES, "v" * 50)
    browser = Browser(back)
    with pytest.raises(OSError, match="127.0.0.1"):
        browser.open(address)
    return one, back, browser.ended_at, state


def test_the_code_is_worth_nothing_without_the_verifier(server):
    one, back, came_back, state = begun(server)
    with pytest.raises(CannotRun):
        one.finish(back, came_back, state, "w" * 50)


def test_the_code_is_taken_once(server):
    one, back, came_back, state = begun(server)
    got = one.finish(back, came_back, state, "v" * 50)
    with pytest.raises(CannotRun):
        one.finish(back, came_back, state, "v" * 50)
    with pytest.raises(LoggedOut):
        one.refresh(got.refresh)


def test_an_answer_to_another_login_is_refused(server):
    one, back, came_back, _ = begun(server)
    with pytest.raises(CannotRun, match="is not the answer to this login"):
        one.finish(back, came_back, "another-state", "v" * 50)


class Typist(Person):
    """Pastes what the test says."""

    def __init__(self, pastes: str) -> None:
        super().__init__()
        self.pastes = pastes

    def open_browser(self, url: str) -> None:
        self.heard.append(url)

    def pasted(self) -> str:
        return self.pastes


PASTES = {
    "": Cancelled,
    "https://books.example/done?code=abc&state=another": CannotRun,
    "https://books.example/done?code=abc": CannotRun,
    "https://books.example/done": CannotRun,
    "https://evil.example/done?code=abc&state=s": CannotRun,
    "no address": CannotRun,
    "https://books.example/done?state=%ff&code=1": CannotRun,
}


@pytest.mark.parametrize("pastes", PASTES)
def test_a_pasted_address_must_be_the_answer(server, pastes):
    with pytest.raises(PASTES[pastes]) as refused:
        login.log_in(at(server), Typist(pastes), title="QuickBooks", redirect="https://books.example/done", scopes=SCOPES, pkce=False)
    assert type(refused.value) is PASTES[pastes]


def test_a_pasted_address_works_for_an_app_with_a_secret(server):
    browser = Browser("https://books.example/done")
    person = Person(browser)
    one = at(server, "intuit", "PLANTED-SECRET-of-the-app")
    got, _ = login.log_in(one, person, title="QuickBooks", redirect=browser.redirect, scopes=SCOPES, pkce=False)
    assert "code_challenge" not in person.heard[1]
    assert one.refresh(got.refresh).access
    with pytest.raises(LoggedOut, match="does not accept this client id or client secret"):
        at(server, "intuit", "wrong").refresh(got.refresh)


def test_an_app_of_its_own_gets_a_token_without_a_person(server):
    one = tokens.Credentials(at(server, "spectrum", "PLANTED-SECRET-of-spectrum"), "spectrumapi", FakeClock())
    with answering(reply(200)) as raw:
        Session([raw.url], auth=one).read("GET", raw.url)
        assert raw.requests[0].count(b"Bearer ") == 1


def test_strangers_at_the_door_are_turned_away_and_the_login_goes_on(server):
    back = redirect()

    class Crowd(Browser):
        def open(self, url: str) -> None:
            strangers = [f"{back}?code=stolen&state=guess", f"{back}?error=access_denied", back, back.replace("callback", "favicon.ico")]
            self.seen = [requests.get(one, timeout=5) for one in strangers]
            super().open(url)

    import requests

    crowd = Crowd(back)
    got, _ = login.log_in(at(server), Person(crowd), title="Xero", redirect=back, scopes=SCOPES, pkce=True)
    assert got.refresh
    assert [(one.status_code, "This page is not for you" in one.text) for one in crowd.seen] == [(404, True)] * 4
    assert crowd.seen[0].headers["Cache-Control"] == "no-store"


def test_a_taken_address_is_told(server):
    with answering(reply(200)) as raw, pytest.raises(CannotRun, match="Another program uses the address"):
        login.log_in(at(server), Person(), title="Xero", redirect=f"{raw.url}/callback", scopes=SCOPES, pkce=True)


def test_nobody_logs_in(server, monkeypatch):
    monkeypatch.setattr(login, "LONGEST", 0.2)
    monkeypatch.setattr(login, "_STEP", 0.1)
    with pytest.raises(CannotRun, match="Nobody logged in at Xero"):
        login.log_in(at(server), Typist(""), title="Xero", redirect=redirect(), scopes=SCOPES, pkce=True)


# ---- refreshing


def test_a_token_that_is_over_is_refreshed_and_the_next_one_kept_before_it_is_used(server, config, monkeypatch):
    got = logged_in(server)
    one = saved_xero(server, server.url, got)
    order = []
    monkeypatch.setattr(secrets, "keep", lambda *given, keep=secrets.keep: order.append("kept") or keep(*given))
    clock = FakeClock(dt.datetime.now(dt.UTC))
    talk = connections.session(one, clock=clock)
    talk.hooks["response"].append(lambda *_, **__: order.append("asked"))
    before = server.granted()
    for _ in range(3):
        assert talk.read("GET", f"{server.url}/me").status == 200
    assert server.granted() == before + 1
    clock.sleep(599)
    assert talk.read("GET", f"{server.url}/me").status == 200
    assert server.granted() == before + 2
    assert order == ["kept", "asked", "asked", "asked", "kept", "asked"]
    assert tokens.kept_login("file", "xero")[0] != got.refresh


def test_access_tokens_lie_in_no_file_and_refresh_tokens_only_where_secrets_are(server, config):
    one = saved_xero(server, server.url, logged_in(server))
    talk = connections.session(one)
    talk.read("GET", f"{server.url}/me")
    refresh, access = tokens.kept_login("file", "xero")[0], talk.proof.hidden()[0]
    found = files(config)
    assert [name for name, content in found.items() if refresh.encode() in content] == ["secrets.json"]
    assert not [name for name, content in found.items() if access.encode() in content]
    assert {oct((config / name).stat().st_mode & 0o777) for name in found} == {"0o600"}
    assert access not in repr(talk.proof) + repr(talk) + repr(sealed.opened("xero", refresh))


def test_a_token_that_the_service_refuses_is_replaced_once(server):
    one = saved_xero(server, server.url, logged_in(server))
    talk = connections.session(one)
    talk.read("GET", f"{server.url}/me")
    before = server.granted()
    with answering(reply(401), reply(200)) as raw:
        connections.change("xero", api=raw.url)
        moved = connections.session(connections.connection("xero"))
        assert moved.read("GET", raw.url).status == 200
        bearers = [next(line for line in request.split(b"\r\n") if b"Bearer" in line) for request in raw.requests]
        assert len(set(bearers)) == 2
    assert server.granted() == before + 1


def test_a_refresh_token_that_is_used_twice_ends_the_login(server):
    """The server takes it for theft; the newest one is then worth nothing either."""
    got = logged_in(server)
    one = saved_xero(server, server.url, got)
    at(server).refresh(got.refresh)
    with pytest.raises(LoggedOut, match=r"The login at Xero has ended: .* Log in again: invoice-rules connect xero"):
        connections.session(one).read("GET", f"{server.url}/me")


def test_a_login_that_was_taken_back_says_what_to_do(server):
    got = logged_in(server)
    one = saved_xero(server, server.url, got)
    at(server).end(got.refresh)
    with pytest.raises(LoggedOut, match="Log in again: invoice-rules connect xero"):
        connections.session(one).write("PUT", f"{server.url}/me", body=b"", headers={})
    secrets.forget("file", "xero", tokens.REFRESH)
    with pytest.raises(LoggedOut, match="The login at Xero is not there any more"):
        connections.session(one).read("GET", f"{server.url}/me")


TROUBLE = {
    "gone": (reset,),
    "silent": (hang_up,),
    "down": (reply(503, "<html>"),),
    "garbage": (reply(200, "<html>"),),
    "a list": (reply(200, "[]"),),
    "no token": (reply(200, "{}"),),
    "busy": (reply(429, "slow down"),),
    "sent elsewhere": (reply(302, b"", Location="http://127.0.0.1:1/"),),
}


@pytest.mark.parametrize("answers", TROUBLE.values(), ids=TROUBLE)
def test_trouble_at_the_login_server_is_no_logout_and_the_next_try_works(server, answers):
    got = logged_in(server)
    one = saved_xero(server, server.url, got)
    with answering(*answers) as raw, answering(reply(200)) as service:
        connections.change("xero", token_address=f"{raw.url}/token", authorize_address=f"{raw.url}/auth", revoke_address=f"{raw.url}/r", api=service.url)
        with pytest.raises(NotReached, match="login server of Xero"):
            connections.session(connections.connection("xero")).write("PUT", service.url, body=b"x", headers={})
        assert not service.requests
    assert connections.session(one).read("GET", f"{server.url}/me").status == 200


def test_what_the_login_server_says_is_not_repeated_word_for_word(server):
    saved_xero(server, server.url, logged_in(server))
    said = json.dumps({"error": "odd <b>PLANTED SECRET</b>", "error_description": "PLANTED-SECRET"})
    with answering(reply(400, said)) as raw:
        connections.change("xero", token_address=f"{raw.url}/token")
        with pytest.raises(CannotRun) as refused:
            connections.session(connections.connection("xero")).read("GET", f"{server.url}/me")
    assert "PLANTED-SECRET" not in str(refused.value)
    assert "<b>" not in str(refused.value)


# ---- several programs at once


@pytest.fixture(scope="module")
def several() -> Iterator[Programs]:
    with programs() as ready:
        yield ready


@pytest.mark.skipif(not hasattr(os, "fork"), reason="programs are forked")
def test_programs_at_once_refresh_once_between_them_and_all_work(server, several, config):
    saved_xero(server, server.url, logged_in(server))
    granted, refused = server.granted(), server.refused()
    assert several.at_once(config, 4) == [(0, "200")] * 4
    assert (server.granted(), server.refused()) == (granted + 1, refused)
    assert several.at_once(config, 1) == [(0, "200")]
    assert server.granted() == granted + 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="programs are forked")
def test_programs_at_once_whose_token_ends_again_and_again(several, config):
    with oidc(seconds=1) as hasty:
        saved_xero(hasty, hasty.url, logged_in(hasty))
        for _ in range(3):
            assert several.at_once(config, 4) == [(0, "200")] * 4
            threading.Event().wait(1)
        assert hasty.refused() == 0
        assert 3 <= hasty.granted() <= 12


def test_threads_at_once_refresh_once(server):
    one = saved_xero(server, server.url, logged_in(server))
    before, seen = server.granted(), []
    talks = [connections.session(one) for _ in range(4)]
    threads = [threading.Thread(target=lambda talk=talk: seen.append(talk.read("GET", f"{server.url}/me").status)) for talk in talks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 4
    assert server.granted() == before + 1


DEATHS = {
    "before it asks": ("opening.LoginServer.refresh = die", 1, "200"),
    "after the next token is kept": ("sealed.seal = die", 1, "200"),
    "before it uses the token": ("http.Session._once = die_with_a_token", 0, "200"),
    "before the next token is kept": ("secrets.keep = die", 0, "LoggedOut: The login at Xero has ended"),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="programs are forked")
@pytest.mark.parametrize("death", DEATHS)
def test_a_program_that_is_killed_leaves_a_login_that_works(server, several, config, death):
    """But where it dies with the only copy of the next refresh token: then a plain word to log in again is all that is left."""
    before_it_starts, refreshes, seen = DEATHS[death]
    saved_xero(server, server.url, logged_in(server))
    assert several.at_once(config, 1, before_it_starts) == [(-signal.SIGKILL, "")]
    granted = server.granted()
    ((code, said),) = several.at_once(config, 1)
    assert (code, said[: len(seen)]) == (0, seen)
    assert server.granted() == granted + refreshes


def test_another_program_that_never_ends_is_not_waited_for_for_ever(config, monkeypatch):
    saved = saved_xero(Oidc("http://127.0.0.1:1", None), "http://127.0.0.1:1", oauth.Tokens("access", "refresh"))
    monkeypatch.setattr(private, "PATIENCE", 0.1)
    with private.locked("token xero"), ThreadPoolExecutor() as others:
        waiting = others.submit(connections.session(saved).read, "GET", "http://127.0.0.1:1/me")
        with pytest.raises(CannotRun, match="Another program has been busy"):
            waiting.result()
