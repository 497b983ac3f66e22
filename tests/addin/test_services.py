"""Fetch, Send, Ledger and the connections under Settings, on each engine, against counterparts on loopback (S1, S2-44, S4)."""

from pathlib import Path

import openpyxl
import pytest

import invoice_rules
from invoice_rules.connectors import connections as module
from invoice_rules.connectors import known
from invoice_rules.connectors.known import Connection
from tests.addin.desk import desk_with
from tests.connectors import autotaskdata, conftest, deskcases

_xero, xero, _wiremock, wiremock = conftest._xero, conftest.xero, conftest._wiremock, conftest.wiremock  # fixtures
pytestmark = pytest.mark.xdist_group("wiremock")


@pytest.fixture
def desk(engine, tmp_path, monkeypatch):
    """A desk with an empty workbook, books beside it, and nothing connected."""
    path = tmp_path / "October.xlsx"
    openpyxl.Workbook().save(path)
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "settings"))
    with desk_with(path, monkeypatch, rules="autotask.invoices") as made:
        yield made


def books(tmp_path: Path, *invoices):
    return deskcases.books(tmp_path / "store.sqlite", invoices or [deskcases.invoice(9)])


def test_without_a_connection_it_is_told_where_to_make_one(desk, tmp_path):
    books(tmp_path)
    assert "Press Settings and choose under Connections" in desk.press("fetch_invoices")
    assert "Press Settings and choose under Connections" in desk.press("send_invoices")


def test_what_is_fetched_is_validated_and_imported_like_any_other(desk, tmp_path, wiremock, monkeypatch):
    books(tmp_path)
    monkeypatch.setattr("invoice_rules.connectors.fetching.default_store", lambda: tmp_path / "data" / "store.sqlite")
    deskcases.to_autotask(wiremock)
    autotaskdata.serve(wiremock, [autotaskdata.invoice(1101), autotaskdata.invoice(1102)], [autotaskdata.item(1, 1101), autotaskdata.item(2, 1102)])
    desk.press("fetch_invoices", answers=[{}, True])
    assert desk.asked[-1] == "Fetch all 2 invoices that are not marked as processed?"  # S4-4
    assert "2 invoices fetched, USD 216.00. Press Validate." in desk.status_bar
    (fetched,) = (tmp_path / "data" / "fetched").glob("*.xlsx")
    book = desk.book.app.books[fetched.name]
    try:
        desk.book = book
        desk.press("validate")
        assert "2 invoices" in desk.status_bar
        said = desk.column("Import status")
        assert said == [f"1 error: tax type is not among the tax map on file (also on row {other})" for other in (3, 2)]  # S4-20
    finally:
        book.close()
        desk.book = next(iter(desk.book.app.books))


def test_a_day_that_is_none_is_told(desk, wiremock):
    deskcases.to_autotask(wiremock)
    assert '"31/12/2026" is not a day. Write it as 2026-01-31' in desk.press("fetch_invoices", answers=[{"since": "31/12/2026"}])


def test_invoices_go_to_xero_once_their_customer_has_a_contact_and_are_marked(desk, tmp_path, xero, wiremock):
    books(tmp_path, deskcases.invoice(1), deskcases.invoice(2, "29701"))
    deskcases.to_xero(xero)
    deskcases.to_autotask(wiremock, 1101, others={1102: 29701})
    xero.contact("Alder & Finch", ContactNumber="29701")
    told = desk.press("send_invoices", answers=[{"contact": "make a new contact"}, True, True])
    assert "Stonebridge Partners (company 29683 in Autotask) has no contact in Xero yet." in desk.asked[0]
    assert "Send 2 invoices (USD 240.00) to Demo Company (US) in Xero as drafts?" in desk.asked[1]  # S4-6, S4-21
    assert desk.asked[2] == "Mark 2 invoices as processed in Autotask (Our Autotask)?"  # S4-15
    assert told == "2 invoices (USD 240.00) sent."
    assert sorted(its["InvoiceNumber"] for its in xero.state()["invoices"]) == ["20261031.1101", "20261031.1102"]
    assert sorted(deskcases.marked(wiremock)) == [1101, 1102]
    assert "There is nothing to send." in desk.press("send_invoices")
    assert len(xero.state()["invoices"]) == 2


def test_saying_no_sends_nothing_and_what_waits_stands_in_the_ledger(desk, tmp_path, xero):
    books(tmp_path, deskcases.invoice(1), deskcases.invoice(2, "29701"))
    deskcases.to_xero(xero)
    xero.contact("Stonebridge Partners", ContactNumber="29683")
    assert desk.press("send_invoices", answers=[{"contact": "decide later"}, False]) == "Nothing was sent."
    assert not xero.state()["invoices"]
    desk.press("ledger")
    assert desk.column("State") == ["needs mapping", "ready"]
    assert desk.column("Number") == ["20261031.1102", "20261031.1101"]
    assert "IR Ledger" in [sheet.name for sheet in desk.book.sheets]


def test_settings_log_in_and_out(desk, tmp_path, monkeypatch):
    books(tmp_path)
    seen = []

    def login(name, ask, **_):
        seen.extend([name, ask.text("Client id"), ask.secret("Client secret"), ask.choose("Which organisation?", ["Demo", "Other"])])
        ask.tell("Waiting")
        made = Connection("xero", "xero", "t", "Other", {}, "file")
        known.save(made)
        return made

    monkeypatch.setattr(module, "connect", login)
    desk.press("settings", answers=[{"connections": "connect Xero"}, {"text": "id"}, {"text": "PLANTED-SECRET"}, {"choice": "Other"}])
    assert seen == ["xero", "id", "PLANTED-SECRET", 1]
    assert "connected to Other in Xero." in desk.status_bar
    monkeypatch.setattr(module, "disconnect", lambda name: [known.remove(name)] and ["Take it off the list."])
    desk.press("settings", answers=[{"connections": "log out: xero"}, True])
    assert "logged out of xero. Take it off the list." in desk.status_bar
    assert not invoice_rules.connectors.connections.connections()
    assert "PLANTED-SECRET" not in "".join(path.read_text(errors="replace") for path in (tmp_path / "settings").rglob("*") if path.is_file())
