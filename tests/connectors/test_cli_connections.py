"""`connect`, `connections` and `disconnect`, as somebody at a terminal uses them."""

import json
import re
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator

import pytest

from invoice_rules.connectors import connections, known, tokens
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.oauth import Tokens
from tests.cli.conftest import answers, home, run  # noqa: F401  # fixtures
from tests.connectors.oidc import Browser, Oidc, oidc
from tests.connectors.servers import ROOT, free_port
from tests.connectors.wiremock import WireMock, answer, asked

pytestmark = pytest.mark.xdist_group("wiremock")

PLANTED = "PLANTED-SECRET"
ORGANISATIONS = [
    {"id": "c-1", "tenantId": "t-1", "tenantType": "ORGANISATION", "tenantName": "Demo Company"},
    {"id": "c-2", "tenantId": "t-2", "tenantType": "ORGANISATION", "tenantName": "Miller Studio"},
]


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def xero(server: Oidc, wiremock: WireMock, monkeypatch):
    """The options that lead to the counterparts, and a browser that opens by itself."""
    wiremock.stub(asked("GET", "/connections"), answer(200, ORGANISATIONS))
    wiremock.stub(asked("DELETE", "~/connections/.*"), answer(204))
    back = f"http://127.0.0.1:{free_port()}/callback"
    going = []

    def opens(url: str) -> bool:
        going.append(threading.Thread(target=Browser(back).open, args=(url,)))
        going[-1].start()
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    return ("--login", server.url, "--api", wiremock.url, "--redirect", back, "--secrets", "file")


def test_somebody_connects_lists_and_disconnects(answers, run, xero, wiremock):  # noqa: F811  # fixtures
    done = answers("connect", "xero", *xero, lines=("xero", "2"))
    assert done.code == 0, done.err
    assert 'Connected to Miller Studio in Xero. Its name here is "xero".' in done.words
    assert "Only your account may read that file, but whoever gets at it can act for you." in done.words
    asked_for = " ".join(done.err.split())
    for part in ("Client id of your app at Xero:", "Your browser opens. If it does not, open this address:", "1 Demo Company 2 Miller Studio", "Its number:"):
        assert part in asked_for
    (one,) = run("connections", "--json").json
    assert (one["name"], one["system"], one["account"], one["title"], one["secrets"]) == ("xero", "xero", "t-2", "Miller Studio", "file")
    assert one["settings"]["client_id"] == "xero"
    listed = run("connections")
    assert re.search(r"xero\s+Xero\s+Miller Studio\s+file", listed.out)
    kept = answers("disconnect", "xero", lines=("n",))
    assert kept.code == 2
    assert "Log out of Miller Studio in Xero?" in kept.err
    gone = run("disconnect", "miller studio", "--yes", "--json")
    assert gone.json == [{"format": 1, "disconnected": "xero", "left": []}]
    assert "Nothing is connected yet" in run("connections").words
    assert run("connections", "--json").json == []
    assert wiremock.count("DELETE", "/connections/c-2") == 1


@pytest.mark.parametrize(("lines", "said"), [((), "The login at Xero was cancelled"), (("", ""), "was cancelled. Nothing was sent, and nothing was kept."), (("xero", ""), "was cancelled"), (("xero", "7"), '"7" is not one of the numbers')])
def test_somebody_stops(answers, xero, config, lines, said):  # noqa: F811  # fixtures
    done = answers("connect", "xero", *xero, lines=lines)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert not list(config.rglob("*.json"))


def test_nobody_at_the_terminal(run, xero, config):  # noqa: F811  # fixtures
    for args in (("connect", "xero", *xero), ("connect", "xero", "--client-id", "xero", *xero), ("connect", "autotask", "--secrets", "file", "--json")):
        done = run(*args)
        assert done.code == 2
        assert "a login needs somebody to answer" in " ".join(done.err.split())
    assert not list(config.rglob("*.json"))


def test_secrets_are_asked_for_and_not_shown(answers, run, wiremock, config):  # noqa: F811  # fixtures
    zone = {"zoneName": "Zone 5", "url": f"{wiremock.url}/zone5/", "ci": 7077}
    wiremock.stub(asked("GET", "/V1.0/zoneInformation"), answer(200, zone))
    wiremock.stub(asked("POST", "/zone5/V1.0/Companies/query"), answer(200, {"items": [{"id": 0, "companyName": "Miller"}], "pageDetails": {}}))
    done = answers("connect", "autotask", "--user", "api@miller.example", "--login", wiremock.url, "--secrets", "file", lines=(f"{PLANTED}-code", f"{PLANTED}-key"))
    assert done.code == 0, done.err
    assert "Integration code (tracking identifier) (not shown):" in done.err
    assert "Connected to Miller in Autotask." in done.words
    assert PLANTED not in done.out + done.err + run("connections").out + run("connections", "--json").out
    assert PLANTED in (config / "secrets.json").read_text(encoding="utf-8")


def test_a_paste_instead_of_this_computer(answers, server, wiremock, monkeypatch):  # noqa: F811  # fixtures
    """The browser runs elsewhere: its last address is pasted."""
    wiremock.stub(asked("GET", "/connections"), answer(200, ORGANISATIONS))
    back = "http://127.0.0.1:1/callback"
    ended = []

    def opens(url: str) -> bool:
        browser = Browser(back)
        with pytest.raises(OSError, match="127.0.0.1"):
            browser.open(url)
        ended.append(browser.ended_at)
        return False

    monkeypatch.setattr(webbrowser, "open", opens)
    monkeypatch.setattr("invoice_rules.cli.connections.Terminal.pasted", lambda self: ended[0])
    done = answers("connect", "xero", "--login", server.url, "--api", wiremock.url, "--redirect", back, "--secrets", "file", "--paste", lines=("xero", "1"))
    assert done.code == 0, done.err
    assert "copy its whole address" in " ".join(done.err.split())
    assert connections.connection("xero").account == "t-1"


def test_the_list_says_until_when_a_login_is_good(run):  # noqa: F811  # fixtures
    known.save(Connection("quickbooks", "quickbooks", "1", "Books\x1b[31m & Co", {}, "file"))
    tokens.keep_login("file", "quickbooks", Tokens("a", "r", 3600, 8_726_400), Clock())
    shown = run("connections").out
    assert re.search(r"quickbooks\s+QuickBooks\s+Books·\[31m & Co\s+file\s+\d{1,2} [A-Z][a-z]{2} 20\d\d", shown)


def test_a_missing_extra_is_told(home):  # noqa: F811  # fixtures
    script = "import sys; sys.modules['keyring'] = None; from invoice_rules.cli import main; main(['connections'])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2
    assert f'Connections need more parts. Run: {sys.executable} -m pip install "invoice-rules[connect]"' in " ".join(done.stderr.split())


def test_ending_a_connection_wants_a_yes(run):  # noqa: F811  # fixtures
    known.save(Connection("xero", "xero", "t-1", "Demo Company", {}, "file"))
    refused = run("disconnect", "xero")
    assert refused.code == 2
    assert "Add --yes" in refused.err
    assert connections.connection("xero").title == "Demo Company"


def test_what_cannot_run_is_told(run):  # noqa: F811  # fixtures
    for args, said in {
        ("connect", "sage"): 'There is no connection to "sage". There are: quickbooks, autotask, xero, spectrum.',
        ("connect", "xero", "--secrets", "here"): '"keyring" or "file", not in "here"',
        ("connect", "xero", "--secrets", "file", "--api", "http://sandbox.example"): "must begin with https://",
        ("disconnect", "xero"): "Xero is not connected yet. Connect it: invoice-rules connect xero",
    }.items():
        done = run(*args)
        assert done.code == 2
        assert said in " ".join(done.err.split())
        (failed,) = json.loads(run(*args, "--json").out)
        assert said in failed["error"]
