"""Connecting, fetching and sending in a browser, at counterparts on loopback; what is typed as a secret is in no saved notebook (S4-5 … S4-17)."""

import shutil
from pathlib import Path

import nbformat
import pytest

from invoice_rules.connectors import known, opening, secrets, tokens
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.oauth import Tokens
from tests.connectors import autotaskdata, quickbooksdata
from tests.connectors.conftest import _wiremock, _xero, wiremock, xero  # noqa: F401  # fixtures
from tests.connectors.deskcases import PLANTED, books, invoice, marked, to_autotask, to_xero
from tests.connectors.wiremock import answer, asked
from tests.connectors.xeroserver import Fault
from tests.e2e import browsing
from tests.e2e.browsing import run_notebook, shoot, written

SAVE_WIDGETS = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"


@pytest.fixture
def config(lab, monkeypatch):
    """The folder of the kernels' user, in which this test writes connections; afterwards there are none."""
    folder = lab.folder.parent / ".config" / "invoice-rules"
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def to_quickbooks(server) -> None:
    """A connection to a counterpart of QuickBooks, its secrets in a file."""
    settings = {"api": server.url, "client_id": "app", "token_address": f"{server.url}/token"}
    known.save(known.Connection("quickbooks", "quickbooks", quickbooksdata.REALM, "Hollis & Crane", settings, "file"))
    secrets.keep("file", "quickbooks", opening.CLIENT_SECRET, PLANTED)
    tokens.keep_login("file", "quickbooks", Tokens("", PLANTED, 0, 8_640_000), Clock())
    server.stub(asked("POST", "/token"), answer(body={"access_token": PLANTED, "token_type": "bearer", "expires_in": 3600}))


def press(page, name):
    page.get_by_role("button", name=name).click()


def looked_at(page, server, name):
    """Nothing is in the way of a screen reader, and nothing is cut off; pictures of both themes."""
    page.wait_for_function("() => !document.querySelector('.ir-working.ir-on')")
    assert browsing.violations(page, server, ".ir-wizard") == []
    assert page.evaluate("() => [...document.querySelectorAll('.ir-wizard .ir-actions .ir-scroll')].every(box => box.scrollWidth <= box.clientWidth)")
    shoot(page, f"{name}-light", full_page=True)
    browsing.dark(page)
    assert browsing.violations(page, server, ".ir-wizard") == []
    shoot(page, f"{name}-dark", full_page=True)
    browsing.dark(page, False)


def test_invoices_go_to_xero_once_though_an_answer_is_lost_and_are_marked_in_autotask(lab, page, workspace, config, xero, wiremock):  # noqa: F811  # fixtures
    to_xero(xero, quiet="0.5")
    to_autotask(wiremock, 1101, 1102, others={1103: 29701})
    wiremock.stub(asked("POST", f"{autotaskdata.path('Contacts')}/query"), answer(body=autotaskdata.page([])))
    xero.contact("Alder & Finch Ltd")
    xero.faults.append(Fault("PUT", "/Invoices", close="drop"))
    books(workspace / "store.sqlite", [invoice(1), invoice(2, amount="60.00"), invoice(3, "29701", "30.00")]).engine.dispose()
    page.set_viewport_size({"width": 1400, "height": 1900})
    run_notebook(page, lab, workspace / "connections_and_sending.ipynb")
    browsing.command(page, SAVE_WIDGETS)
    page.get_by_text("Our Autotask").first.wait_for()
    looked_at(page, lab, "connections")
    press(page, "Look what is ready")
    page.get_by_text("Customers without a contact").first.wait_for()
    page.get_by_label("What it is there: Stonebridge Partners").select_option('Create "Stonebridge Partners"')
    page.get_by_label("What it is there: Alder & Finch").select_option('Map to "Alder & Finch Ltd"')
    looked_at(page, lab, "sending-customers")
    press(page, "Map 2 customers")
    send = page.get_by_role("button", name="Send 3 invoices (USD 210.00) to Demo Company (US) in Xero as drafts")
    send.wait_for()
    looked_at(page, lab, "sending-preview")
    send.click()
    page.get_by_text("3 have an unknown outcome.").wait_for()
    looked_at(page, lab, "sending-unknown")
    page.wait_for_timeout(600)
    press(page, "Ask Xero what arrived")
    page.get_by_text("These need you").wait_for(state="hidden")
    press(page, "Look what is ready")
    press(page, "Mark 3 invoices as processed in Autotask")
    page.get_by_text("3 of 3 marked as processed in Autotask.").wait_for()
    looked_at(page, lab, "sending-done")
    assert sorted(marked(wiremock)) == [1101, 1102, 1103]
    assert len(xero.state()["invoices"]) == 3
    assert browsing.cell_errors(page) == []
    assert PLANTED not in _saved_with_widgets(page, workspace / "connections_and_sending.ipynb")
    browsing.command(page, SAVE_WIDGETS)


def _saved_with_widgets(page, notebook: Path) -> str:
    """The notebook after it was saved with the state of its widgets."""
    browsing.save(page)
    text = notebook.read_text(encoding="utf-8")
    states = nbformat.reads(text, as_version=4).metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert any("Connect Autotask" in str(one) for one in states.values())
    return text


def test_a_secret_is_typed_and_no_saved_notebook_has_it(lab, page, workspace, config, wiremock):  # noqa: F811  # a fixture
    wiremock.stub(asked("GET", "/V1.0/zoneInformation"), answer(body={"zoneName": "Loopback", "url": f"{wiremock.url}/ATServicesRest/", "ci": 12345}))
    wiremock.stub(asked("POST", "/ATServicesRest/V1.0/Companies/query", headers={"Secret": PLANTED}), answer(body={"items": [{"id": 0, "companyName": "Northwind MSP"}], "pageDetails": {}}))
    notebook = written(workspace / "secret.ipynb", "from invoice_rules.notebook import Connections", "Connections()")
    run_notebook(page, lab, notebook)
    browsing.command(page, SAVE_WIDGETS)
    page.get_by_label("Secrets are kept").select_option("in a file that only you can read")
    page.get_by_role("textbox", name="Further settings").fill(f"login={wiremock.url}")
    page.keyboard.press("Tab")
    press(page, "Connect Autotask")
    page.get_by_label("User name of the API user in Autotask").fill("api@example.com")
    press(page, "Continue")
    field = page.get_by_label("Integration code (tracking identifier)")
    field.fill(f"{PLANTED}-CODE")
    assert field.get_attribute("type") == "password"
    assert browsing.violations(page, lab, ".ir-wizard") == []
    shoot(page, "connecting")
    assert PLANTED not in _saved_with_widgets(page, notebook), "while it stands in the field"
    field.press("Enter")
    page.get_by_label("Secret (password) of the API user").fill(PLANTED)
    page.keyboard.press("Enter")
    page.get_by_text("Northwind MSP in Autotask is connected.").wait_for()
    looked_at(page, lab, "connected")
    assert PLANTED not in _saved_with_widgets(page, notebook)
    assert PLANTED not in page.content()
    assert not [file for file in workspace.rglob("*") if file.is_file() and PLANTED.encode() in file.read_bytes()]
    browsing.command(page, SAVE_WIDGETS)


def test_the_wizard_takes_quickbooks_in_the_place_of_a_file(lab, page, workspace, config, wiremock):  # noqa: F811  # a fixture
    quickbooksdata.serve(wiremock, quickbooksdata.history())
    to_quickbooks(wiremock)
    run_notebook(page, lab, workspace / "import_wizard.ipynb")
    press(page, "From QuickBooks: Hollis & Crane")
    page.get_by_label("Invoice date from").fill("2026-08-01")
    page.get_by_label("to", exact=True).fill("2026-10-31")
    looked_at(page, lab, "fetching")
    press(page, "How many are there?")
    page.get_by_text("13 invoices.", exact=True).wait_for()
    press(page, "Fetch 13 invoices")
    page.get_by_text("13 invoices came from QuickBooks: USD 16,919.04.").wait_for()
    looked_at(page, lab, "fetched")
    press(page, "Next: Match columns")
    page.get_by_role("heading", name=": Match columns").wait_for()
    assert browsing.cell_errors(page) == []
