"""Customers that Xero does not know: a person creates or maps them in the notebook, against localstack-xero and an Autotask of WireMock (S4-7 … S4-16)."""

import pytest

from invoice_rules.notebook import Sending
from tests.connectors import autotaskdata
from tests.connectors.autotaskdata import page
from tests.connectors.deskcases import PLANTED, books, invoice, marked, to_autotask, to_xero
from tests.connectors.wiremock import answer, asked
from tests.notebook.sending import cells, visible
from tests.notebook.states import everything_kept

pytestmark = pytest.mark.xdist_group("wiremock")

PEOPLE = [
    {"id": 9, "firstName": "Jo", "lastName": "Park", "emailAddress": "jo@stonebridge.co", "primaryContact": True, "isActive": 1},
    {"id": 10, "firstName": "", "lastName": "", "emailAddress": "", "isActive": 1},
]


@pytest.fixture
def services(xero, wiremock, tmp_path, monkeypatch):
    """Xero and Autotask, logged in to, with secrets that are PLANTED."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    to_xero(xero)
    to_autotask(wiremock, 1101, 1102, others={1103: 29701})
    wiremock.stub(asked("POST", f"{autotaskdata.path('Contacts')}/query"), answer(body=page(PEOPLE)))
    yield xero, wiremock
    assert xero.refused() == []


@pytest.fixture
def panel(services, tmp_path):
    """The widget after its first look: two customers, three invoices."""
    made = Sending(books(tmp_path / "books.sqlite", [invoice(1), invoice(2, amount="60.00"), invoice(3, "29701", "30.00")]))
    click(made, made.look)
    return made


def click(panel, button):
    assert panel.wait() and not button.disabled, button.description
    button.click()
    assert panel.wait()


def choose(panel, company, key):
    panel.customers.table._received(None, {"kind": "choose", "id": company, "value": key}, [])


def choices(panel, company):
    return {words: key for line in panel.customers.table.lines if line["id"] == company for key, words in line["choices"]}


def test_nobody_is_matched_by_a_name_alone(services, tmp_path):  # S4-8
    services[0].contact("Stonebridge Partners")
    panel = Sending(books(tmp_path / "books.sqlite", [invoice(1)]))
    click(panel, panel.look)
    assert not visible(panel.go) and visible(panel.customers.box)
    assert panel.customers.table.chosen == {"29683": ""} and panel.customers.apply.disabled
    assert 'Map to "Stonebridge Partners"' in choices(panel, "29683")


def test_an_unresolved_customer_holds_its_invoices_and_the_others_go(services, tmp_path):  # S4-14
    services[0].contact("Alder", ContactNumber="29701")
    panel = Sending(books(tmp_path / "books.sqlite", [invoice(1), invoice(3, "29701", "30.00")]))
    click(panel, panel.look)
    assert panel.go.description == "Send 1 invoice (USD 30.00) to Demo Company (US) in Xero as a draft"
    assert cells(panel.customers.table)[0][:4] == ["Stonebridge Partners", "29683", "1", "USD 120.00"]


def test_a_customer_is_created_with_a_person_another_is_mapped_and_all_is_sent_and_marked(panel, services):  # S4-9, S4-10, S4-12, S4-16
    server, autotask = services
    there = server.contact("ALDER FINCH LIMITED")
    click(panel, panel.look)
    panel.customers.words.value = "alder"
    click(panel, panel.customers.find)
    choose(panel, "29683", choices(panel, "29683")['Create "Stonebridge Partners" with Jo Park, jo@stonebridge.co'])
    choose(panel, "29701", choices(panel, "29701")['Map to "ALDER FINCH LIMITED"'])
    assert panel.customers.apply.description == "Map 2 customers"
    click(panel, panel.customers.apply)
    assert panel.band.messages == [] and not visible(panel.customers.box)
    kept = {one["Name"]: one for one in server.state()["contacts"]}
    assert [kept["Stonebridge Partners"][name] for name in ("ContactNumber", "FirstName", "EmailAddress")] == ["29683", "Jo", "jo@stonebridge.co"]
    assert (kept["ALDER FINCH LIMITED"]["ContactID"], kept["ALDER FINCH LIMITED"]["ContactNumber"]) == (there, "29701")
    click(panel, panel.go)
    assert "3 invoices (USD 210.00) sent." in panel.result.value
    click(panel, panel.yes)
    assert panel.band.messages == []
    assert sorted(marked(autotask)) == [1101, 1102, 1103]
    assert {row[5] for row in cells(panel.standing.table)} == {"done"}
    assert len(server.state()["invoices"]) == 3
    assert PLANTED not in everything_kept(panel)


def test_an_unticked_mapping_holds_for_this_run_alone(panel, services):  # S4-11
    server, _ = services
    assert all(line["tick"] for line in panel.customers.table.lines)
    for company in ("29683", "29701"):
        choose(panel, company, "create")
    panel.customers.table._received(None, {"kind": "tick", "id": "29701", "value": False}, [])
    click(panel, panel.customers.apply)
    assert panel.go.description.startswith("Send 3 invoices")
    assert {one["Name"]: one.get("ContactNumber") or "" for one in server.state()["contacts"]} == {"Stonebridge Partners": "29683", "Alder & Finch": ""}
    again = Sending(panel.store)
    click(again, again.look)
    assert [row[1] for row in cells(again.customers.table)] == ["29701"]


def test_a_contact_of_another_company_is_no_choice_and_a_refusal_is_told(panel, services):  # S4-13
    server, _ = services
    server.contact("Taken", ContactNumber="29688")
    panel.customers.words.value = "Taken"
    click(panel, panel.customers.find)
    assert 'Map to "Taken"' not in choices(panel, "29683")
    there = server.contact("Shared")
    panel.customers.words.value = "Shared"
    click(panel, panel.customers.find)
    for company in ("29683", "29701"):
        choose(panel, company, f"map:{there}")
    click(panel, panel.customers.apply)
    assert len(panel.band.messages) == 1 and "belongs to company 29683 already" in panel.band.messages[0]
    assert [row[1] for row in cells(panel.customers.table)] == ["29701"]


def test_without_people_in_autotask_a_contact_can_be_created_all_the_same(panel, services):
    services[1].stub(asked("POST", f"{autotaskdata.path('Contacts')}/query"), answer(500, "<html>"), priority=1)
    click(panel, panel.look)
    assert list(choices(panel, "29683")) == ["Choose …", 'Create "Stonebridge Partners"']


def test_what_the_page_says_is_not_taken_for_granted(panel):
    table = panel.customers.table
    for message in ({"kind": "choose", "id": "29683", "value": "map:nobody"}, {"kind": "act", "id": "29683", "value": "drop"}, {"kind": "tick", "id": "x"}, {"id": None}, "?"):
        table._received(None, message, [])
    assert table.chosen["29683"] == "" and panel.customers.apply.disabled and panel.band.messages == []
