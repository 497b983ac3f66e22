"""Logging in from a notebook at a login server that none of us wrote: the link, the way back, the pasted address, and the choice by name (S4-5, S4-6)."""

import threading
from collections.abc import Iterator

import pytest

from invoice_rules import connectors
from invoice_rules.connectors import tokens
from invoice_rules.notebook import Connections
from tests.connectors.oidc import Browser, Oidc, oidc
from tests.connectors.servers import free_port
from tests.connectors.wiremock import answer, asked
from tests.notebook.connecting import Page
from tests.notebook.states import everything_kept

pytestmark = pytest.mark.xdist_group("wiremock")

ORGANISATIONS = [{"id": f"c-{n}", "tenantId": f"t-{n}", "tenantType": "ORGANISATION", "tenantName": name} for n, name in enumerate(("Demo Company", "Miller Studio"))]


class Away(Browser):
    """A browser on another computer: it is sent to an address that it cannot reach, and shows it."""

    def _follow(self, session, answer):
        found = super()._follow(session, answer)
        if self.ended_at:
            session.get = lambda url, **given: found
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


@pytest.fixture
def page(server, wiremock, tmp_path, monkeypatch):
    """The widget at a login to Xero, the link shown."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    wiremock.stub(asked("GET", "/connections"), answer(200, ORGANISATIONS))
    made = Page(Connections())
    assert made.panel.wait()
    made.back = f"http://127.0.0.1:{free_port()}/callback"
    made.panel.secrets.value = "file"
    made.panel.further.value = f"login={server.url}, api={wiremock.url}, redirect={made.back}"
    made.panel.connects[2].click()
    made.gives("Client id", "xero")
    made.asks("link")
    return made


def test_the_login_opens_by_a_link_and_the_organisation_is_chosen_by_name(page):
    assert page.question.link.startswith("http://127.0.0.1:") and "paste it here" in page.question.told
    threading.Thread(target=Browser(page.back).open, args=(page.question.link,)).start()
    page.asks("choice", "Which organisation in Xero?")
    assert page.question.options == ["Demo Company", "Miller Studio"] and page.question.link == ""
    page.says(1, "choice")
    assert page.panel.wait() and page.panel.band.notes == ["Miller Studio in Xero is connected."]
    assert connectors.connections.connection("xero").account == "t-1"
    refresh, _ = tokens.kept_login("file", "xero")
    kept = everything_kept(page.panel)
    assert refresh and refresh not in kept and "code_challenge" not in kept


def test_where_the_browser_cannot_come_back_its_address_is_pasted(page):
    browser = Away(page.back)
    browser.open(page.question.link)
    assert browser.ended_at.startswith(page.back)
    page.says("  " + browser.ended_at)
    page.asks("choice", "Which organisation in Xero?")
    page.says(0, "choice")
    assert page.panel.wait() and page.panel.band.notes == ["Demo Company in Xero is connected."]
    assert "code=" not in everything_kept(page.panel)


@pytest.mark.parametrize("address", ["https://elsewhere.example/callback?code=1&state=2", "what?"])
def test_an_address_of_somewhere_else_ends_the_login(page, address):
    page.says(address)
    assert page.panel.wait() and "is not the address" in page.panel.band.messages[0]
    assert connectors.connections.connections() == []


def test_stop_ends_the_waiting_for_the_browser(page):
    page.panel.stop.click()
    assert page.panel.wait(5) and page.panel.band.messages == ["Stopped by you. Nothing was written."]
    assert page.question.kind == "" and connectors.connections.connections() == []


def test_a_login_that_is_cancelled_in_the_browser_keeps_nothing(page):  # S4-5
    threading.Thread(target=Browser(page.back, cancels=True).open, args=(page.question.link,)).start()
    assert page.panel.wait(20) and "cancelled" in page.panel.band.messages[0]
    assert connectors.connections.connections() == []


def test_quickbooks_comes_back_by_a_pasted_address(page, server, wiremock):
    page.panel.stop.click()
    assert page.panel.wait()
    found = {"QueryResponse": {"CompanyInfo": [{"CompanyName": "Sandbox Company_US_1", "Id": "1"}], "maxResults": 1}}
    wiremock.stub(asked("GET", "~/v3/company/9130350000000001/.*"), answer(200, found))
    back = "https://books.example/done"
    page.panel.further.value = f"login={server.url}, api={wiremock.url}, redirect={back}, scopes=com.intuit.quickbooks.accounting"
    page.panel.connects[0].click()
    page.gives("Client id", "intuit")
    page.gives("Client secret", "PLANTED-SECRET-of-the-app", "secret")
    page.asks("link")
    browser = Browser(back)
    browser.open(page.question.link)
    page.says(f"{browser.ended_at}&realmId=9130350000000001")
    page.asks("choice", "Read invoices of this QuickBooks company?")
    page.says(0, "choice")
    assert page.panel.wait() and page.panel.band.notes[-1] == "Sandbox Company_US_1 in QuickBooks is connected."
    assert "PLANTED-SECRET" not in everything_kept(page.panel)
