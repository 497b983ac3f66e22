"""The wizard's first step with QuickBooks or Autotask in the place of a file (S1-2 … S1-5, S4-1 … S4-4)."""

import datetime as dt
import json

import pytest

from invoice_rules import CannotRun, connectors, examine, open_store
from invoice_rules.connectors import known, opening, secrets, tokens
from invoice_rules.connectors.oauth import Tokens
from invoice_rules.connectors.quickbooks import QuickBooks
from invoice_rules.notebook import ImportWizard
from invoice_rules.references import kind
from invoice_rules.samples import build_system
from invoice_rules.store import preview_list, save_lists
from invoice_rules.wizard import Step
from tests.connectors import autotaskdata, quickbooksdata
from tests.connectors.autotaskdata import invoice, item
from tests.connectors.quickbooksdata import REALM, history
from tests.connectors.wiremock import answer, asked
from tests.notebook.importing import click
from tests.notebook.sending import visible
from tests.notebook.states import everything_kept

pytestmark = pytest.mark.xdist_group("wiremock")

PLANTED = "PLANTED-SECRET"


@pytest.fixture
def connected(wiremock, tmp_path, monkeypatch):
    """Both services, logged in to, with secrets in a file of the test."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    for system, account, title, root in (("quickbooks", REALM, "Hollis & Crane", ""), ("autotask", "12345", "Northwind MSP", autotaskdata.ROOT)):
        settings = {"api": f"{wiremock.url}{root}", "user": "api@example.com", "client_id": "app", "token_address": f"{wiremock.url}/token"}
        known.save(known.Connection(system, system, account, title, settings, "file"))
    for what in (opening.CODE, opening.KEY):
        secrets.keep("file", "autotask", what, PLANTED)
    secrets.keep("file", "quickbooks", opening.CLIENT_SECRET, PLANTED)
    tokens.keep_login("file", "quickbooks", Tokens("", f"{PLANTED}-refresh", 0, 8_640_000), connectors.Clock())
    wiremock.stub(asked("POST", "/token"), answer(body={"access_token": f"{PLANTED}-access", "token_type": "bearer", "expires_in": 3600}))
    return wiremock


@pytest.fixture
def store(tmp_path):
    """Books with the lists of both samples."""
    made = open_store(tmp_path / "books.sqlite")
    for system in ("quickbooks", "autotask"):
        lists = build_system(system, tmp_path / system).lists
        save_lists([preview_list(examine(file, kind(name)), made) for name, file in lists.items()], made)
    return made


@pytest.fixture
def wizard(connected, store, tmp_path):
    made = ImportWizard(store, folder=tmp_path)
    assert made.wait()
    return made


def way(wizard, words):
    """The button that begins with these words."""
    return next(one for one in wizard.source.service.ways.children[1:] if one.description.startswith(words))


def fill(wizard, since=None, until=None, **texts):
    box = wizard.source.service
    box.since.value, box.until.value = since, until
    for name, value in texts.items():
        getattr(box, name).value = value
    return box


def test_quickbooks_history_comes_by_its_days_and_goes_the_way_of_a_file(wizard, connected):  # S1-3, S1-4, S1-5
    quickbooksdata.serve(connected, history())
    click(way(wizard, "From QuickBooks: Hollis & Crane"), wizard)
    box = fill(wizard, dt.date(2026, 8, 1), dt.date(2026, 10, 31))
    assert not visible(box.division) and not visible(box.invoiced) and "Harbour Hall" in box.project.options
    click(box.count, wizard)
    assert "13 invoices." in box.told.value and box.fetch.description == "Fetch 13 invoices" and not visible(box.count)
    click(box.fetch, wizard)
    assert "13 invoices came from QuickBooks: USD 16,919.04." in box.told.value
    assert "got the project that the list has for the customer" in box.told.value
    assert " · QuickBooks invoice history · " in wizard.source.info.value and wizard.frame.messages == []
    source = wizard.state.choices.source
    assert (source.parent.name, source.stat().st_mode & 0o077) == ("fetched", 0)
    for _ in range(3):
        click(wizard.next, wizard)
    assert wizard.state.step == Step.CHECK
    assert wizard.state.report.invoices == 12, "one is void, and left out"
    kept = everything_kept(wizard) + source.read_text(encoding="utf-8") + wizard.keeper.file.read_text(encoding="utf-8")
    assert PLANTED not in kept


def test_other_criteria_are_counted_anew_before_anything_is_fetched(wizard, connected):  # S4-4
    autotaskdata.serve(connected, [invoice(1187), invoice(1188)], [item(1, 1187), item(2, 1188)])
    click(way(wizard, "From Autotask: Northwind MSP"), wizard)
    box = wizard.source.service
    assert not visible(box.project)
    click(box.count, wizard)
    assert "2 invoices. These are all that are not marked as processed." in box.told.value
    box.invoiced.value = True
    assert wizard.wait() and not visible(box.fetch) and visible(box.count)
    box.fetch.click()
    assert wizard.wait() and "Ask how many there are" in wizard.frame.messages[0]
    click(box.count, wizard)
    assert "These are all." in box.told.value
    click(box.fetch, wizard)
    assert wizard.state.choices.settings == {"processed": "include"} and wizard.state.choices.rules == "autotask.invoices"
    sent = [json.loads(one.body) for one in connected.requests("POST", autotaskdata.path("Invoices") + "/query")]
    assert "webServiceDate" not in json.dumps(sent)


def test_ids_and_division_narrow(wizard, connected):  # S4-1, S4-2
    autotaskdata.serve(connected, [invoice(1187)], [item(1, 1187)])
    click(way(wizard, "From Autotask"), wizard)
    box = fill(wizard, dt.date(2026, 10, 1), dt.date(2026, 10, 31), ids=" 1187, 1190;1191 ", division="Managed Services")
    assert box.criteria.invoice_ids == ("1187", "1190", "1191")
    click(box.count, wizard)
    assert "before the division is looked at" in box.told.value
    click(box.fetch, wizard)
    assert "1 invoice came from Autotask: USD 108.00." in box.told.value


def test_what_contradicts_itself_is_told_and_nothing_is_asked(wizard, connected):  # S1-3
    click(way(wizard, "From QuickBooks"), wizard)
    box = fill(wizard, dt.date(2026, 10, 2), dt.date(2026, 10, 1))
    click(box.count, wizard)
    assert "begins on 2 Oct 2026, after it ends on 1 Oct 2026" in wizard.frame.messages[0]
    fill(wizard)
    click(box.count, wizard)
    assert "Say which invoices of QuickBooks are meant" in wizard.frame.messages[-1]
    assert connected.count("GET") == 0


def test_nothing_found_is_no_failure_and_keeps_the_file_that_was_chosen(wizard, connected, tmp_path):  # S1-17
    quickbooksdata.serve(connected, [])
    click(way(wizard, "From QuickBooks"), wizard)
    box = fill(wizard, dt.date(2026, 10, 1))
    click(box.count, wizard)
    assert "Nothing to import" in box.told.value and not visible(box.fetch)
    assert wizard.frame.messages == [] and wizard.state.choices.source is None


def test_a_stop_leaves_no_file(wizard, connected, tmp_path, monkeypatch):
    quickbooksdata.serve(connected, history())
    click(way(wizard, "From QuickBooks"), wizard)
    box = fill(wizard, dt.date(2026, 8, 1))
    click(box.count, wizard)
    whole = QuickBooks.invoices
    monkeypatch.setattr(QuickBooks, "invoices", lambda self, where, tick: (wizard.stop.click(), whole(self, where, tick))[1])
    box.fetch.click()
    assert wizard.wait() and "Stopped by you" in wizard.frame.messages[0]
    assert not list(tmp_path.rglob("QuickBooks invoices*")) and wizard.state.choices.source is None


def test_a_service_that_is_not_connected_is_offered_to_be_connected(store, tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    wizard = ImportWizard(store, folder=tmp_path)
    assert wizard.wait()
    assert [one.description for one in wizard.source.service.ways.children[1:]] == ["Connect QuickBooks", "Connect Autotask"]

    def none(system, ask, **settings):
        raise CannotRun(f"No {system} here.")

    monkeypatch.setattr(connectors, "connect", none, raising=False)
    click(way(wizard, "Connect Autotask"), wizard)
    assert wizard.frame.messages == ["No autotask here."]


def test_without_the_parts_for_it_the_wizard_is_as_it_was(store, tmp_path, monkeypatch):
    def missing():
        raise CannotRun("Connections need more parts.")

    monkeypatch.setattr(known, "connections", missing)
    monkeypatch.setattr(connectors.connections, "connections", missing)
    wizard = ImportWizard(store, folder=tmp_path)
    assert wizard.wait() and wizard.frame.messages == [] and wizard.source.service.ways.children == ()
