"""Connections in a notebook: logging in by the page, choosing by name, and secrets that the notebook never holds (S4-5, S4-6)."""

import json
import time
from dataclasses import replace

import pytest

from invoice_rules import CannotRun, connectors
from invoice_rules.connectors import known, secrets
from invoice_rules.notebook import Connections
from invoice_rules.notebook.connections import given_settings
from tests.connectors.deskcases import PLANTED
from tests.connectors.wiremock import answer, asked
from tests.notebook.connecting import Page
from tests.notebook.sending import XERO, cells, visible
from tests.notebook.states import everything_kept

pytestmark = pytest.mark.xdist_group("wiremock")


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def panel():
    made = Connections()
    assert made.wait()
    made.secrets.value = "file"
    return made


def zone(wiremock):
    """An Autotask that knows one user."""
    wiremock.stub(asked("GET", "/V1.0/zoneInformation"), answer(body={"zoneName": "Loopback", "url": f"{wiremock.url}/ATServicesRest/", "ci": 12345}))
    wiremock.stub(asked("POST", "/ATServicesRest/V1.0/Companies/query", headers={"Secret": PLANTED}), answer(body={"items": [{"id": 0, "companyName": "Northwind MSP"}], "pageDetails": {}}))


def test_keys_are_typed_into_the_page_and_are_never_part_of_the_notebook(panel, wiremock):
    zone(wiremock)
    page = Page(panel)
    panel.further.value = f"login={wiremock.url}"
    panel.connects[1].click()
    page.gives("User name", "api@example.com")
    page.gives("Integration code", "CODE-" + PLANTED, "secret")
    page.gives("Secret", PLANTED, "secret")
    assert panel.wait() and panel.band.messages == []
    assert panel.band.notes == ["Northwind MSP in Autotask is connected."]
    assert cells(panel.table) == [["Northwind MSP", "Autotask", "invoices come from there, and are marked as processed", "autotask", "file"]]
    assert PLANTED not in everything_kept(panel) and PLANTED not in json.dumps(page.question.get_state(), default=str)
    assert page.question.kind == "" and connectors.connections.connection("autotask").account == "12345"


def test_a_refused_key_is_told_without_the_key_and_nothing_is_kept(panel, wiremock):
    zone(wiremock)
    wiremock.stub(asked("POST", "/ATServicesRest/V1.0/Companies/query"), answer(401, {"errors": [f"{PLANTED} is wrong"]}), priority=9)
    page = Page(panel)
    panel.further.value = f"login={wiremock.url}"
    panel.connects[1].click()
    page.gives("User name", "api@example.com")
    page.gives("Integration code", PLANTED, "secret")
    page.gives("Secret", f"not {PLANTED}", "secret")
    assert panel.wait() and len(panel.band.messages) == 1
    assert PLANTED not in everything_kept(panel) and connectors.connections.connections() == []


def test_cancel_and_stop_end_a_login_and_nothing_is_kept(panel):  # S4-5
    page = Page(panel)
    panel.connects[2].click()
    page.asks("text", "Client id")
    page.says(None, "cancel")
    assert panel.wait() and "cancelled" in panel.band.messages[0]
    panel.connects[2].click()
    page.asks("text", "Client id")
    panel.stop.click()
    assert panel.wait(10) and panel.band.messages == ["Stopped by you. Nothing was written."]
    assert connectors.connections.connections() == [] and page.question.kind == ""


def test_answers_to_a_question_that_is_not_asked_any_more_are_not_heard(panel):
    page = Page(panel)
    page.says("too early")
    panel.connects[2].click()
    page.asks("text", "Client id")
    page.question._received(page.question, {"kind": "text", "value": "late", "turn": page.question.turn - 1}, [])
    page.question._received(page.question, {"kind": "choice", "value": 0, "turn": page.question.turn}, [])
    time.sleep(0.3)
    assert page.question.kind == "text"
    page.says(None, "cancel")
    assert panel.wait()


def test_without_a_keyring_it_says_what_to_choose_here(panel, monkeypatch):
    def none():
        raise CannotRun("This computer has no keyring, or say --secrets file to keep them in a file that only your account may read.")

    monkeypatch.setattr(secrets, "_backend", none)
    panel.secrets.value = "keyring"
    panel.connects[2].click()
    assert panel.wait() and "choose below to keep them in a file" in panel.band.messages[0]


# what is connected


def test_settings_are_shown_and_changed(panel):  # S4-15, S4-21
    known.save(replace(XERO, settings={"client_id": "ABC"}))
    listed = Connections()
    assert listed.wait()
    press(listed, "settings")
    box = listed.settings
    assert visible(box.box) and "ABC" in box.title.value and (box.mark.value, box.approved.value) == ("ask", "no")
    box.mark.value, box.approved.value, box.further.value = "never", "yes", "quiet=240, client_id="
    box.save.click()
    assert listed.wait() and not visible(box.box)
    assert dict(connectors.connections.connection("xero").settings) == {"mark": "never", "approved": "yes", "quiet": "240"}


def test_a_secret_is_no_setting(panel):
    known.save(XERO)
    listed = Connections()
    assert listed.wait()
    press(listed, "settings")
    listed.settings.further.value = f"client_secret={PLANTED}"
    listed.settings.save.click()
    assert listed.wait() and "is a secret" in listed.band.messages[0] and PLANTED not in listed.band.messages[0]
    assert PLANTED not in everything_kept(), "nor does it stay in the field"


def test_disconnecting_wants_a_second_press(panel):
    known.save(replace(XERO, secrets="file"))
    listed = Connections()
    assert listed.wait()
    press(listed, "disconnect")
    assert "Disconnect Demo Company in Xero?" in listed.question.value
    listed.no.click()
    assert listed.wait() and len(listed.table.lines) == 1
    press(listed, "disconnect")
    listed.yes.click()
    assert listed.wait() and listed.table.lines == [] and "No service is connected yet" in listed.says.value
    assert listed.band.notes[0] == "xero is disconnected."


def press(panel, act):
    panel.table._received(panel.table, {"kind": "act", "id": panel.table.lines[0]["id"], "value": act}, [])
    assert panel.wait()


@pytest.mark.parametrize("text", ["ca_file", "=x", "a b=c"])
def test_a_setting_has_a_name_and_a_value(text):
    with pytest.raises(CannotRun, match="is no setting"):
        given_settings(text)
