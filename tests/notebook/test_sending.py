"""Sending from a notebook: the preview, the button that says what it does, what became of it, and a person's word (S2-44, S4-6, S4-14 … S4-19)."""

from dataclasses import replace

import pytest

from invoice_rules import connectors
from invoice_rules.connectors import known
from invoice_rules.connectors.failures import LoggedOut
from invoice_rules.connectors.sending import Sending as Engine
from invoice_rules.notebook import Sending
from invoice_rules.notebook.sending import STOPPED
from invoice_rules.results import State
from tests.connectors.scripted import (
    QUIET,
    Copies,
    Service,
    autotask_invoice,
    fine,
    import_invoices,
    raising,
    saying,
    taken_unheard,
    unheard,
)
from tests.notebook.sending import XERO, Marker, Seen, cells, visible


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    return Copies(tmp_path_factory.mktemp("books"))


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def scene(copies, tmp_path, monkeypatch):
    """A function: the widget over books with so many invoices and a service with a script."""

    def made(*script, count=5, source=None, connection=None, **settings):
        return Seen(copies.of(count, tmp_path), Service(*script, **settings), monkeypatch, source, **({"connection": connection} if connection else {}))

    return made


def test_nothing_leaves_before_the_button_that_says_how_many_how_much_and_where_to(scene):  # S4-6
    seen = scene()
    assert not visible(seen.panel.go)
    seen.click(seen.panel.look)
    assert seen.service.came == []
    assert seen.panel.go.description == "Send 5 invoices (USD 550.15) to Demo Company in Xero as drafts"
    assert "5 invoices (USD 550.15) are ready." in seen.panel.preview.value
    seen.click(seen.panel.go)
    assert set(seen.service.copies.values()) == {1} and len(seen.service.copies) == 5
    assert "5 invoices (USD 550.15) sent." in seen.panel.result.value
    assert not visible(seen.panel.go) and seen.told == []


def test_what_stays_back_is_counted_with_its_reason(scene):  # S4-14
    seen = scene()
    seen.service.verdicts = {"1002": (State.HELD, "Before the lock date"), "1003": (State.REJECTED, "Account <b>9</b> is not there")}
    seen.click(seen.panel.look)
    assert seen.panel.go.description.startswith("Send 3 invoices (USD 330.10)")
    assert "Before the lock date" in seen.panel.preview.value
    assert "<b>9" not in seen.panel.preview.value
    seen.click(seen.panel.go)
    assert len(seen.service.there) == 3


def test_a_click_too_many_sends_nothing_twice(scene):
    seen = scene()
    seen.click(seen.panel.look)
    for _ in range(3):
        seen.panel.go.click()
    assert seen.panel.wait()
    assert set(seen.service.copies.values()) == {1}


def test_the_answer_is_no_and_what_was_sent_stays_unmarked_in_view(scene):  # S4-15, S4-17
    seen = scene()
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert "Mark 5 invoices as processed in Autotask?" in seen.panel.question.value and not visible(seen.panel.mark)
    seen.panel.no.click()
    assert seen.panel.wait() and not visible(seen.panel.asking) and seen.source.marks == []
    assert {row[5] for row in cells(seen.panel.standing.table)} == {"sent, not marked"}
    seen.click(seen.panel.look)
    assert not visible(seen.panel.go), "the ledger keeps it from going again"
    seen.click(seen.panel.mark)
    assert len(seen.source.marks) == 5 and not visible(seen.panel.mark)


def test_marking_marks_what_was_sent_and_tells_what_could_not_be(scene):  # S4-16
    seen = scene(saying(INV_2="rejected"), source=Marker("1003"))
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert seen.panel.yes.description == "Mark 4 invoices as processed in Autotask"
    seen.click(seen.panel.yes)
    assert sorted(seen.source.marks) == ["1001", "1004", "1005"]
    assert seen.told == ["It is locked in Autotask."]
    assert seen.panel.band.notes[-1] == "3 of 4 marked as processed in Autotask."
    assert seen.panel.mark.description == "Mark 1 invoice as processed in Autotask"


def test_what_was_stored_anew_since_the_look_does_not_go_and_is_told(scene):  # S4-6, S4-7
    seen = scene()
    seen.click(seen.panel.look)
    line = {"lineId": "1", "description": "Monitoring", "quantity": "1", "rate": "9999.00", "lineAmount": "9999.00"}
    import_invoices(seen.store, [autotask_invoice(1, total="9999.00", billingItems=[line])])
    Engine(seen.store, seen.service, seen.source, clock=seen.clock).prepare()
    seen.click(seen.panel.go)
    assert seen.told == ["Invoice 1001 was changed after it was shown, so it was not sent. Look at it as it is now, then send again."]
    assert "INV-1" not in seen.service.copies and len(seen.service.copies) == 4


@pytest.mark.parametrize(("setting", "marks"), [("always", 5), ("never", 0)])
def test_marking_is_asked_for_only_where_the_connection_says_so(scene, setting, marks):  # S4-15
    seen = scene(connection=replace(XERO, settings={"mark": setting}))
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert len(seen.source.marks) == marks and not visible(seen.panel.asking)


def test_without_autotask_nothing_is_offered_to_be_marked(scene):
    seen = scene()
    seen.source = None
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert not visible(seen.panel.asking) and not visible(seen.panel.mark)
    assert "Autotask is not connected" in seen.panel.band.notes[-1]


# what needs a person


def test_a_lost_answer_is_asked_about_and_nothing_goes_twice(scene):  # S4-17
    seen = scene(taken_unheard)
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert "5 have an unknown outcome." in seen.panel.result.value
    unsure = seen.panel.unsure
    assert visible(unsure.box) and "5 outcome unknown" in unsure.says.value
    seen.click(unsure.settle)
    assert "Ask again in " in seen.panel.band.notes[-1] and seen.service.asked == [], "it may still arrive"
    seen.clock.sleep(QUIET + 1)
    seen.say(unsure.table, "ask")
    assert len(unsure.table.lines) == 4
    seen.click(unsure.settle)
    assert not visible(unsure.box)
    assert set(seen.service.copies.values()) == {1} and len(seen.service.came) == 1


def test_where_the_service_cannot_be_asked_a_person_says_it(scene):  # S2-44
    spectrum = known.Connection("spectrum", "spectrum", "01", "Miller", settings={"url": "https://erp.example:8482", "api": "https://erp.example:8482"})
    seen = scene(unheard, connection=spectrum, name="spectrum", title="Spectrum", tenant="erp.example:8482", tenant_title="Miller", askable=False)
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    table = seen.panel.unsure.table
    assert "Customer Invoice Entry" in table.lines[0]["cells"][6] and table.lines[0]["acts"] == [["there", "It is there"], ["not there", "It is not there"]]
    seen.clock.sleep(QUIET + 1)
    seen.say(table, "there")
    seen.say(table, "not there")
    assert len(table.lines) == 3 and seen.told == []
    seen.click(seen.panel.look)
    assert seen.panel.go.description.startswith("Send 1 invoice (USD 110.02)")


def test_what_was_deleted_in_spectrum_goes_again_after_a_yes(scene):  # S2-42, S2-44
    spectrum = known.Connection("spectrum", "spectrum", "01", "Miller", settings={"url": "https://erp.example:8482", "api": "https://erp.example:8482"})
    seen = scene(saying(INV_1="conflict"), connection=spectrum, name="spectrum", title="Spectrum", tenant="erp.example:8482", tenant_title="Miller", askable=False)
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    unsure, standing = seen.panel.unsure.table, seen.panel.standing
    assert [act for act, _ in unsure.lines[0]["acts"]] == ["there", "gone", "new"]
    seen.say(unsure, "gone")
    assert "counts as entered in" in seen.panel.question.value
    seen.click(seen.panel.yes)
    assert unsure.lines == []
    standing.search.value = "INV-2"
    seen.say(standing.table, "gone")
    seen.panel.no.click()
    seen.click(seen.panel.look)
    assert seen.panel.go.description.startswith("Send 1 invoice (USD 110.01)")


def test_what_differs_there_may_be_sent_as_a_new_one_after_a_yes(scene):  # S4-18
    seen = scene(saying(INV_1="conflict"))
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    seen.panel.no.click()
    seen.say(seen.panel.unsure.table, "new")
    assert "another invoice with a number of its own?" in seen.panel.question.value
    assert len(seen.service.there) == 4
    seen.click(seen.panel.yes)
    assert seen.panel.go.description.startswith("Send 1 invoice (USD 110.01)")
    seen.click(seen.panel.go)
    assert seen.service.copies["INV-1-2"] == 1


def test_what_was_prepared_and_not_sent_goes_with_no_later_look(scene):  # S4-18
    seen = scene(saying(INV_1="conflict"))
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    seen.panel.no.click()
    seen.say(seen.panel.unsure.table, "new")
    seen.click(seen.panel.yes)
    seen.panel.act("again", seen.panel.prepare)
    assert seen.panel.wait() and seen.panel.go.description.startswith("Send 1 invoice"), "as after customers were mapped"
    seen.click(seen.panel.look)
    assert not visible(seen.panel.go)
    seen.panel.engine(None).send()
    assert seen.service.copies["INV-1-2"] == 0


# how every invoice stands


def test_the_standing_view_is_filtered_acted_on_and_taken_home(scene):
    seen = scene(saying(INV_2="rejected"))
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    standing = seen.panel.standing
    assert [words for words, _ in standing.state.options] == ["all", "rejected (1)", "sent, not marked (4)"]
    standing.state.value = "rejected"
    assert [row[0] for row in cells(standing.table)] == ["INV-2"] and "1 invoice of 5." in standing.says.value
    seen.say(standing.table, "skip")
    standing.state.value = "left out"
    seen.say(standing.table, "release")
    standing.state.value, standing.search.value = "", "company 1"
    assert [row[0] for row in cells(standing.table)] == ["INV-1", "INV-4"]
    handed = []
    seen.panel.band.hand_over = lambda name, data, kind: handed.append(data.decode("utf-8-sig"))
    standing.download.click()
    assert seen.panel.wait() and handed[0].count("\n") == 3 and "INV-4" in handed[0] and "INV-2" not in handed[0]


def test_a_new_widget_shows_how_things_stand_and_looks_at_no_service(scene, monkeypatch):
    seen = scene(unheard)
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    monkeypatch.setattr(connectors.desk, "opened", lambda *args, **more: pytest.fail("asked a service"))
    again = Sending(seen.store)
    assert again.wait() and again.band.messages == []
    assert len(again.unsure.table.lines) == len(again.standing.table.lines) == 5
    assert not visible(again.go)


def test_where_nothing_is_connected_it_says_so_and_looks_again(copies, tmp_path, monkeypatch):
    panel = Sending(copies.of(5, tmp_path))
    assert panel.wait() and "Connect Xero or Spectrum" in panel.preview.value and not visible(panel.target)
    known.save(XERO)
    monkeypatch.setattr(connectors.desk, "opened", lambda store, connection, **more: Engine(store, Service()))
    panel.look.click()
    assert panel.wait() and panel.go.description.startswith("Send 5 invoices")


# stopping and failing


def test_a_stop_between_two_requests_keeps_what_was_sent(scene):
    seen = scene(count=6, batch=2)

    def stopping(service, items):
        seen.panel.stop.click()
        return fine(service, items)

    seen.service.script = [fine, stopping]
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert len(seen.service.there) == 4
    assert seen.panel.band.notes[0] == STOPPED and seen.told == []
    assert "2 were not tried." in seen.panel.result.value and not visible(seen.panel.unsure.box)
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert set(seen.service.copies.values()) == {1} and len(seen.service.copies) == 6


def test_a_login_that_has_ended_is_told_and_nothing_is_lost(scene):
    seen = scene(raising(LoggedOut("Xero does not know us any more. Log in again: invoice-rules connect xero")))
    seen.click(seen.panel.look)
    seen.click(seen.panel.go)
    assert seen.told == ["Xero does not know us any more. Log in again: invoice-rules connect xero"]
    seen.click(seen.panel.look)
    assert seen.panel.go.description.startswith("Send 5 invoices")
