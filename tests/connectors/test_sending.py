"""The engine of sending: each invoice arrives once, whatever the service does and whenever it is interrupted (S2-44, S4-7, S4-14 … S4-19)."""

import datetime as dt
import json
import uuid
from itertools import pairwise

import pytest

from invoice_rules.connectors import telling
from invoice_rules.connectors.alone import alone
from invoice_rules.connectors.failures import LoggedOut, Lost, NotReached, Refused
from invoice_rules.connectors.http import Session
from invoice_rules.connectors.sending import Sending
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer, State
from invoice_rules.store import undo
from tests.connectors.faking import FakeClock, answering, reply
from tests.connectors.scripted import (
    QUIET,
    Copies,
    Service,
    autotask_invoice,
    fine,
    half_unheard,
    import_invoices,
    quick_folder,
    raising,
    refusing,
    saying,
    taken_unheard,
    unheard,
)


class Marker:
    """A source that writes marks down, and refuses those of some keys."""

    def __init__(self, *refused: str):
        self.marks, self.refused = [], set(refused)

    def mark(self, entries, value):
        self.marks += [(entry.key, value) for entry in entries if entry.key not in self.refused]
        return [(entry.id, "It is locked." if entry.key in self.refused else "") for entry in entries]


@pytest.fixture(scope="module")
def copies():
    with quick_folder() as folder:
        yield Copies(folder)


@pytest.fixture
def folder(monkeypatch):
    with quick_folder() as made:
        monkeypatch.setenv("INVOICE_RULES_CONFIG", str(made / "config"))
        yield made


@pytest.fixture
def scene(copies, folder):
    """A function: books with so many invoices, a service with a script, and the engine between them."""

    def made(*script, count=5, source=None, prepared=True, **settings):
        service, clock = Service(*script, **settings), FakeClock()
        sending = Sending(copies.of(count, folder), service, source or Marker(), clock=clock)
        if prepared:
            sending.prepare()
        return sending, service, clock

    return made


def states(sending):
    """Key -> state."""
    return {entry.key: entry.state for entry in sending.ledger.entries()}


def numbers(service, at):
    """The numbers of the invoices in a request."""
    return [item["number"] for item in json.loads(service.came[at][1])]


def recovered(sending, clock):
    """What a later call does about everything that was left."""
    clock.sleep(QUIET + 1)
    sending.settle()
    sending.prepare()
    return sending.send()


# ---- before anything leaves


def test_the_preview_counts_what_is_ready_and_says_why_the_rest_is_not(scene):
    sending, service, _ = scene(prepared=False)
    service.verdicts = {"1002": (State.NEEDS_MAPPING, "No contact for Company 2"), "1003": (State.HELD, "Before the lock date"), "1005": (State.NEEDS_MAPPING, "No contact for Company 2")}
    seen = sending.prepare()
    assert seen.counts == {State.NEEDS_MAPPING: 2, State.HELD: 1, State.READY: 2} and seen.ready == 2
    assert seen.totals == {"USD": 11_001 + 11_004}
    assert list(seen.reasons.items()) == [((State.NEEDS_MAPPING, "No contact for Company 2"), 2), ((State.HELD, "Before the lock date"), 1)]
    assert service.came == [] and service.asked == []


def test_what_was_kept_back_is_judged_anew_and_what_a_person_left_out_is_not(scene):
    sending, service, _ = scene(prepared=False)
    service.verdicts = {"1001": (State.HELD, "Not yet"), "1002": (State.REJECTED, "No account")}
    sending.prepare()
    sending.ledger.skip([entry.id for entry in sending.ledger.entries(keys=["1003"])], "not this one")
    service.verdicts = {}
    assert sending.prepare().counts == {State.READY: 4, State.SKIPPED: 1}


def test_a_service_that_cannot_be_asked_ends_the_preview_with_its_sentence(scene, monkeypatch):
    sending, service, _ = scene(prepared=False)
    monkeypatch.setattr(service, "judge", lambda documents, ledger: raising(Lost("Xero did not answer."))(service, []))
    with pytest.raises(CannotRun, match=r"Xero did not answer\. Nothing was sent\."):
        sending.prepare()


def stored_anew(store, *numbers):
    """Another window imports these invoices again, with another total, and has them checked."""
    line = {"lineId": "1", "description": "Monitoring", "quantity": "1", "rate": "9999.00", "lineAmount": "9999.00"}
    import_invoices(store, [autotask_invoice(number, total="9999.00", billingItems=[line]) for number in numbers])
    Sending(store, Service(), Marker(), clock=FakeClock()).prepare()


def test_only_what_was_shown_goes_and_as_it_was_shown(scene):
    """S4-6, S4-7: another window stores two anew, and brings one more, between the preview and the yes."""
    sending, service, _ = scene(count=3)
    stored_anew(sending.store, 1, 2, 4)
    done = sending.send()
    assert done.counts == {State.READY: 3, State.SENT: 1} and [numbers(service, at) for at in range(len(service.came))] == [["INV-3"]]
    assert done.stopped == "3 invoices were changed after they were shown, so they were not sent. Look at them as they are now, then send again."
    assert sending.prepare().ready == 3 and sending.send(["1001", "1002", "1004"]).counts == {State.SENT: 3}


def test_one_that_was_taken_back_and_stored_anew_is_another_one(scene):
    """S4-6: it has the first version of its own."""
    sending, service, _ = scene(count=1)
    undo(1, sending.store)
    stored_anew(sending.store, 1)
    done = sending.send(["1001"])
    assert service.came == [] and done.counts == {State.READY: 1}
    assert done.stopped == "Invoice 1001 was changed after it was shown, so it was not sent. Look at it as it is now, then send again."


def test_one_that_was_only_stored_anew_is_told_too(scene):
    sending, _, _ = scene(count=2)
    import_invoices(sending.store, [autotask_invoice(1, customerReference="PO 7", poNumber="PO 7")])
    done = sending.send(["1001", "1002"])
    assert done.counts == {State.FOUND: 1, State.SENT: 1} and done.stopped.startswith("Invoice 1001 was changed after it was shown")


def test_one_that_is_stored_anew_while_it_is_read_does_not_leave(scene, monkeypatch):
    """S4-6: after the look at what is ready, before its document is read."""
    sending, service, _ = scene(count=1)
    read, done = sending.ledger.documents, []

    def late(entries):
        if not done:
            done.append(stored_anew(sending.store, 1))
        return read(entries)

    monkeypatch.setattr(sending.ledger, "documents", late)
    assert sending.send().counts == {State.READY: 1} and service.came == []


def test_what_is_taken_back_after_the_preview_does_not_go(scene):
    sending, service, _ = scene()
    undo(1, sending.store)
    assert sending.send().counts == {} and service.came == []
    assert set(states(sending).values()) == {State.SKIPPED}


# ---- sending


def test_every_invoice_goes_once_in_full_requests(scene):
    sending, service, _ = scene(count=7, batch=3)
    done = sending.send()
    assert done.counts == {State.SENT: 7} and not done.stopped and done.wait == 0
    assert [len(json.loads(body)) for _, body in service.came] == [3, 3, 1]
    assert set(service.copies.values()) == {1} and len(service.copies) == 7
    assert len({uuid.UUID(key).version for key in service.keys}) == 1 and len(set(service.keys)) == 3
    assert sending.prepare().counts == {State.SENT: 7}
    assert sending.send().entries == () and len(service.came) == 3


def test_the_request_is_on_the_disk_before_its_first_byte_leaves(scene):
    sending, service, _ = scene(prepared=True)
    seen = []

    def looked(service, items):
        entries = sending.store.ledger("xero", "t-1").entries()
        request = sending.store.ledger("xero", "t-1").request(entries[0].send)
        seen.append(({entry.state for entry in entries}, (request.key, request.body), service.came[-1]))
        return fine(service, items)

    service.script = [looked]
    sending.send()
    ((before, written, came),) = seen
    assert before == {State.SENDING} and written == came


def test_only_the_chosen_ones_go(scene):
    sending, service, _ = scene()
    assert sending.send(["1002", "1004"]).counts == {State.SENT: 2}
    assert set(service.copies) == {"INV-2", "INV-4"} and list(states(sending).values()).count(State.READY) == 3
    assert sending.send([]).entries == () and len(service.came) == 1


def test_progress_only_grows_and_ends_with_all(scene):
    sending, _, _ = scene(refusing(400), fine, unheard, count=7, batch=3)
    seen = []
    sending._progress = lambda *told: seen.append(told)
    sending.send()
    assert {words for _, _, words in seen} == {"Sending to Demo Company in Xero"} and {total for _, total, _ in seen} == {7}
    assert seen[0][0] == 0 and seen[-1][0] == 7 and all(before < after for (before, *_), (after, *_) in pairwise(seen))


def test_what_the_service_says_of_each_is_kept_and_a_retry_sends_only_what_failed(scene):
    """S4-19"""
    sending, service, clock = scene(saying(INV_2="rejected", INV_3="conflict", INV_4="silent"))
    done = sending.send()
    assert [(entry.key, entry.state) for entry in done.entries] == [("1001", State.SENT), ("1002", State.REJECTED), ("1003", State.CONFLICT), ("1004", State.UNKNOWN), ("1005", State.SENT)]
    assert [entry.note for entry in done.entries][1:4] == ["Xero says rejected", "Xero says conflict", "Xero answered, but not whether it took this one."]
    recovered(sending, clock)
    assert sorted(numbers(service, 1)) == ["INV-2", "INV-4"]
    assert service.copies == {"INV-1": 1, "INV-2": 1, "INV-4": 1, "INV-5": 1} and len(set(service.keys)) == 2


# ---- an outcome that nobody knows


def test_a_lost_answer_is_not_sent_again_but_asked_about(scene):
    sending, service, clock = scene(taken_unheard)
    done = sending.send()
    assert done.counts == {State.UNKNOWN: 5} and done.wait == QUIET and "no answer came in time" in done.entries[0].note
    sending.prepare()
    assert sending.send().entries == () and len(service.came) == 1
    assert sending.settle().wait == QUIET and service.asked == []  # a late commit would not show yet
    clock.sleep(QUIET + 1)
    assert sending.settle().counts == {State.SENT: 5} and len(service.asked) == 1
    assert [entry.remote for entry in sending.ledger.entries()] == ["X0", "X1", "X2", "X3", "X4"]
    assert recovered(sending, clock).entries == () and set(service.copies.values()) == {1}


def test_what_never_arrived_goes_once_more_with_the_same_bytes_and_key(scene):
    sending, service, clock = scene(unheard, fine, batch=3)
    sending.send()
    done = recovered(sending, clock)
    assert done.counts == {State.SENT: 3} and set(service.copies.values()) == {1} and len(service.copies) == 5
    assert service.came[2] == service.came[0] and service.came[1][0] != service.came[0][0]


def test_a_part_that_never_arrived_goes_in_a_new_request(scene):
    sending, service, clock = scene(half_unheard)
    sending.send()
    assert recovered(sending, clock).counts == {State.SENT: 3}
    assert numbers(service, 1) == ["INV-3", "INV-4", "INV-5"] and len(set(service.keys)) == 2 and set(service.copies.values()) == {1}


def test_a_key_is_never_used_for_other_bytes(scene):
    """Where the mapping was changed meanwhile, or only some are chosen, it is another request."""
    sending, service, clock = scene(unheard, unheard)
    sending.send()
    service.word = "v2"
    recovered(sending, clock)
    assert service.came[1][0] != service.came[0][0] and service.came[1][1] != service.came[0][1]
    clock.sleep(QUIET + 1)
    sending.settle()
    sending.send(["1001", "1005"])
    assert numbers(service, 2) == ["INV-1", "INV-5"] and len(set(service.keys)) == 3
    assert recovered(sending, clock).counts == {State.SENT: 3} and set(service.copies.values()) == {1}


def test_what_is_there_but_differs_is_for_a_person(scene):
    sending, service, clock = scene(unheard, count=2)
    sending.send()
    service.there.append({"number": "INV-1", "reference": "1001", "total": "9.99", "id": "Y"})
    clock.sleep(QUIET + 1)
    assert sending.settle().counts == {State.READY: 1, State.CONFLICT: 1}
    assert sending.answer("1001", there=True).state is State.SENT


@pytest.mark.parametrize(("error", "logged_out"), [(Lost("Xero did not answer."), False), (NotReached("Xero could not be asked.", Answer(0)), False), (LoggedOut("Log in again."), True)])
def test_where_asking_fails_the_outcome_stays_unknown(scene, monkeypatch, error, logged_out):
    sending, service, clock = scene(taken_unheard)
    sending.send()
    clock.sleep(QUIET + 1)
    with monkeypatch.context() as patched:
        patched.setattr(service, "look", lambda *given: raising(error)(service, []))
        done = sending.settle()
    assert (done.stopped, done.logged_out, done.counts, done.wait) == (str(error), logged_out, {State.UNKNOWN: 5}, 0)
    assert sending.settle().counts == {State.SENT: 5}


def test_a_program_that_died_while_sending_is_found_out_after_the_quiet_period(scene):
    sending, service, clock = scene(count=2)
    entries = sending.ledger.entries()
    documents = sending.ledger.documents(entries)
    sending.ledger.begin([entry.id for entry in entries], "key-1", service.body(documents))
    assert sending.send().entries == () and sending.settle().counts == {State.SENDING: 2} and service.asked == []
    assert recovered(sending, clock).counts == {State.SENT: 2}
    assert service.keys == ["key-1"] and set(service.copies.values()) == {1}


def test_three_silences_in_a_row_end_it(scene):
    sending, service, _ = scene(unheard, fine, unheard, unheard, unheard, batch=1, count=7)
    done = sending.send()
    assert done.stopped == "Xero gave no answer 3 times in a row. What was not sent yet is ready still; try again later."
    assert done.counts == {State.READY: 2, State.UNKNOWN: 4, State.SENT: 1} and len(service.came) == 5


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError("a bug")])
def test_an_interrupt_leaves_a_clear_state(scene, error):
    sending, service, clock = scene(fine, raising(error), batch=2)
    with pytest.raises(type(error)):
        sending.send()
    assert list(states(sending).values()) == [State.SENT, State.SENT, State.UNKNOWN, State.UNKNOWN, State.READY]
    assert sending.ledger.entries(State.UNKNOWN)[0].note == "The sending was interrupted before Xero answered."
    assert recovered(sending, clock).counts == {State.SENT: 3} and set(service.copies.values()) == {1}


def test_an_answer_that_cannot_be_read_is_kept_and_its_outcome_unknown(scene, monkeypatch):
    sending, service, clock = scene()
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(service, "results", lambda *given: raising(ZeroDivisionError("a bug"))(service, []))
        sending.send()
    assert set(states(sending).values()) == {State.UNKNOWN}
    assert any('"INV-1"' in (line["answer"] or "") for line in sending.ledger.raw(sending.ledger.entries()[0].id))
    assert recovered(sending, clock).entries == () and set(service.copies.values()) == {1} and set(states(sending).values()) == {State.SENT}


# ---- plain refusals: nothing was done


@pytest.mark.parametrize(
    ("act", "logged_out"),
    [
        (raising(LoggedOut("Xero does not know us any more. Log in again.")), True),
        (raising(NotReached("Xero could not be reached. Nothing was sent.", Answer(0))), False),
        (raising(CannotRun("The keyring is locked.")), False),
        (refusing(429), False),
        (refusing(403), False),
    ],
)
def test_where_nothing_was_done_all_stays_ready_and_the_sending_ends(scene, act, logged_out):
    sending, service, _ = scene(fine, act, batch=2)
    done = sending.send()
    assert done.stopped and done.logged_out is logged_out and done.counts == {State.READY: 3, State.SENT: 2} and len(service.came) == 2
    assert sending.send().counts == {State.SENT: 3} and set(service.copies.values()) == {1} and service.came[2] == service.came[1]


def test_what_cannot_be_written_down_does_not_leave(scene, monkeypatch):
    sending, service, _ = scene(batch=2)
    bodies = iter([b"first", CannotRun("Company 502 has no contact in Xero yet.")])
    monkeypatch.setattr(service, "body", lambda documents: raising(given)(service, []) if isinstance(given := next(bodies), CannotRun) else Service.body(service, documents))
    done = sending.send()
    assert done.stopped == "Company 502 has no contact in Xero yet." and done.counts == {State.READY: 3, State.SENT: 2} and len(service.came) == 1


def test_those_to_blame_are_set_aside_and_the_others_go(scene):
    sending, service, _ = scene(refusing(400, "INV-2", "INV-3"))
    done = sending.send()
    assert done.counts == {State.REJECTED: 2, State.SENT: 3} and not done.stopped
    assert {entry.note for entry in done.entries if entry.state is State.REJECTED} == {"Account 999 is not there"}
    assert numbers(service, 1) == ["INV-1", "INV-4", "INV-5"] and len(set(service.keys)) == 2


def test_those_that_only_others_kept_out_go_in_the_same_sending(scene):
    """An answer that refuses the request because of some of it, and says which (Xero's 400)."""
    sending, service, _ = scene(saying(INV_1="ready", INV_2="rejected", INV_3="ready", INV_4="ready", INV_5="ready"), saying(INV_1="ready", INV_3="ready", INV_4="ready", INV_5="ready"))
    done = sending.send()
    assert done.counts == {State.READY: 4, State.REJECTED: 1} and len(service.came) == 2  # an answer that decides nothing is not asked for for ever
    assert numbers(service, 1) == ["INV-1", "INV-3", "INV-4", "INV-5"] and len(set(service.keys)) == 2
    assert sending.send().counts == {State.SENT: 4} and service.came[2] == service.came[1]


def test_where_nobody_is_named_the_one_to_blame_is_found(scene):
    def picky(service, items):
        return refusing(400)(service, items) if any(item["number"] == "INV-4" for item in items) else fine(service, items)

    sending, service, _ = scene(*[picky] * 20, count=8)
    done = sending.send()
    assert done.counts == {State.REJECTED: 1, State.SENT: 7} and set(service.copies.values()) == {1}
    assert len(service.came) == 7 and len(set(service.keys)) == 7  # 8, 4, 2, 2, 1, 1, 4
    service.script = []
    sending.prepare()
    assert sending.send().counts == {State.SENT: 1} and len(set(service.keys)) == 8


@pytest.mark.parametrize("status", [408, 409])
def test_a_refusal_that_does_not_say_that_nothing_was_done_is_no_refusal(scene, status):
    sending, _, _ = scene(refusing(status))
    assert sending.send().counts == {State.UNKNOWN: 5}


# ---- several at once, and computers that sleep


def test_a_second_window_does_nothing_and_says_why(scene):
    sending, service, _ = scene()
    with alone("xero", "t-1") as free, alone("xero", "t-2") as other:
        assert free and other
        done = sending.send()
        assert done.stopped == "Invoices are being sent to Demo Company in Xero in another window just now. When it is done they show here as sent."
        assert sending.settle().stopped == done.stopped and service.came == [] and service.asked == []
        with pytest.raises(CannotRun, match="in another window"):
            sending.answer("1001", there=True)
    assert sending.send().counts == {State.SENT: 5}


def test_what_another_computer_took_meanwhile_is_left_to_it(scene):
    def meanwhile(service, items):
        other = sending.store.ledger("xero", "t-1", clock=clock)
        entries = other.entries(keys=["1004"])
        other.begin([entries[0].id], "theirs", service.body(other.documents(entries)))
        return fine(service, items)

    sending, service, clock = scene(meanwhile, batch=2)
    done = sending.send()
    assert done.counts == {State.SENDING: 1, State.SENT: 4} and not done.stopped
    assert [numbers(service, at) for at in range(3)] == [["INV-1", "INV-2"], ["INV-3"], ["INV-5"]]


@pytest.mark.parametrize("taken_over", [False, True])
def test_a_computer_that_slept_sends_only_what_nobody_looked_into(scene, monkeypatch, taken_over):
    sending, service, clock = scene(count=2)
    begin = sending.ledger.begin

    def slept(*given):
        made = begin(*given)
        clock.sleep(QUIET + 1)
        if taken_over:
            assert len(sending.store.ledger("xero", "t-1", clock=clock).overdue(QUIET)) == 2
        return made

    monkeypatch.setattr(sending.ledger, "begin", slept)
    told = []
    sending._progress = lambda done, total, words: told.append(done)
    done = sending.send()
    assert told == [0, 2]
    assert done.counts == ({State.UNKNOWN: 2} if taken_over else {State.SENT: 2}) and len(service.came) == (0 if taken_over else 1)
    if not taken_over:
        assert sending.ledger.overdue(QUIET) == []


@pytest.mark.parametrize("taken_over", [False, True])
def test_a_wait_that_the_service_asks_for_outlasts_no_quiet_period(scene, monkeypatch, taken_over):
    """After 200 seconds (429) the request leaves as if it were new, unless another computer has looked into it meanwhile."""
    sending, service, clock = scene(count=2)
    with answering(reply(429, Retry_After="200"), reply(200)) as server:
        service.session = Session([server.url], clock=clock)

        def written(service, items):
            service.session.write("PUT", f"{server.url}/Invoices", body=b"{}", headers={})
            return fine(service, items)

        def slept(seconds):
            clock.time += dt.timedelta(seconds=seconds)
            found = sending.store.ledger("xero", "t-1", clock=clock).overdue(QUIET) if taken_over else []
            assert len(found) == 2 * taken_over

        monkeypatch.setattr(clock, "sleep", slept)
        service.script = [written]
        done = sending.send()
    assert done.counts == ({State.UNKNOWN: 2} if taken_over else {State.SENT: 2}) and len(server.requests) == (1 if taken_over else 2)
    assert sending.store.ledger("xero", "t-1", clock=clock).overdue(QUIET - 1) == ([] if not taken_over else sending.ledger.entries()) and service.session.before is None


def test_waits_are_told(scene):
    sending, service, clock = scene(count=1)
    said = []
    with answering(reply(429, Retry_After="7"), reply(200)) as server:
        service.session = Session([server.url], clock=clock, name="Xero")
        service.script = [lambda service, items: service.session.write("PUT", server.url, body=b"{}", headers={}) and fine(service, items)]
        again = Sending(sending.store, service, clock=clock, told=lambda *told: said.append(told))
        again.prepare()
        again.send()
    assert said == [("Xero asks us to wait.", 7.0)] and service.copies == {"INV-1": 1}


def test_one_that_was_stored_anew_while_it_was_read_waits_for_the_next_time(scene, monkeypatch):
    sending, _, _ = scene(batch=2)
    begin = sending.ledger.begin
    monkeypatch.setattr(sending.ledger, "begin", lambda ids, *given: None if ids[0] == 1 else begin(ids, *given))
    told = []
    sending._progress = lambda done, total, words: told.append(done)
    assert sending.send().counts == {State.READY: 2, State.SENT: 3} and told == [0, 2, 4, 5]


# ---- a person's word


def test_where_the_service_cannot_be_asked_a_person_says_what_is_there(scene):
    """S2-44"""
    sending, service, clock = scene(half_unheard, askable=False, count=4)
    sending.send()
    with pytest.raises(CannotRun, match=r"may still arrive. Look again in 120 seconds"):
        sending.answer("1004", there=False)
    clock.sleep(QUIET + 1)
    assert sending.settle().counts == {State.UNKNOWN: 4} and service.asked == []
    sending.prepare()
    assert sending.send().entries == () and len(service.came) == 1
    assert [sending.answer(key, there=True, remote="S").state for key in ("1001", "1002")] == [State.SENT] * 2
    assert [sending.answer(key, there=False).state for key in ("1003", "1004")] == [State.READY] * 2
    assert sending.send().counts == {State.SENT: 2} and set(service.copies.values()) == {1}
    with pytest.raises(CannotRun, match="not in question"):
        sending.answer("1001", there=False)


def test_a_service_that_can_be_asked_is_asked(scene):
    sending, _, clock = scene(taken_unheard)
    sending.send()
    clock.sleep(QUIET + 1)
    with pytest.raises(CannotRun, match="Xero itself can say whether it has invoice 1001"):
        sending.answer("1001", there=True)


# ---- marking in the source


def test_what_is_confirmed_sent_is_marked_and_nothing_else(scene):
    """S4-15, S4-16"""
    sending, _, _ = scene(saying(INV_2="rejected", INV_3="conflict", INV_4="silent"))
    sending.send()
    assert sending.mark().counts == {State.DONE: 2}
    assert sending.source.marks == [("1001", "2026-11-22T10:00:00Z"), ("1005", "2026-11-22T10:00:00Z")]
    assert sending.mark().entries == () and len(sending.source.marks) == 2


def test_what_could_not_be_marked_says_why_and_keeps_its_value(scene):
    """S4-17, S4-19"""
    source = Marker("1002")
    sending, service, clock = scene(source=source)
    sending.send()
    done = sending.mark()
    assert done.counts == {State.MARKING: 1, State.DONE: 4} and list(done.failed.values()) == ["It is locked."]
    (left,) = sending.standing(State.MARKING)
    assert (left.note, telling.word(left)) == ("It is locked.", "not marked")
    assert telling.needs_person(sending.standing()) == "1 invoice needs you: 1 not marked."
    clock.sleep(1000)
    source.refused.clear()
    assert sending.mark().counts == {State.DONE: 1} and source.marks[-1] == ("1002", "2026-11-22T10:00:00Z")
    assert recovered(sending, clock).entries == () and len(service.came) == 1


def test_each_is_marked_with_its_own_value(scene):
    """What was to be marked earlier keeps that value beside what is marked for the first time."""
    sending, _, clock = scene(count=3, source=Marker("1002"))
    sending.send(["1001", "1002"])
    sending.mark()
    sending.send()
    sending.source.refused.clear()
    clock.sleep(60)
    assert sending.mark().counts == {State.DONE: 2}
    assert sending.source.marks[1:] == [("1002", "2026-11-22T10:00:00Z"), ("1003", "2026-11-22T10:01:00Z")]


@pytest.mark.parametrize(("error", "logged_out"), [(Lost("Autotask did not answer."), False), (LoggedOut("Autotask does not know us."), True), (KeyboardInterrupt(), False)])
def test_a_mark_that_was_interrupted_is_made_again_with_its_value(scene, monkeypatch, error, logged_out):
    sending, service, clock = scene()
    sending.send()
    mark = sending.source.mark
    with monkeypatch.context() as patched:
        patched.setattr(sending.source, "mark", lambda entries, value: (mark(entries, value), raising(error)(service, [])))
        if isinstance(error, KeyboardInterrupt):
            with pytest.raises(KeyboardInterrupt):
                sending.mark()
        else:
            done = sending.mark()
            assert (done.stopped, done.logged_out) == (str(error), logged_out) and done.counts == {State.MARKING: 5}
    assert {telling.word(one) for one in sending.standing(State.MARKING)} == {"being marked"}
    clock.sleep(1000)
    assert sending.mark().counts == {State.DONE: 5}
    assert len(set(sending.source.marks)) == 5 and len(sending.source.marks) == 10


@pytest.mark.parametrize(
    ("error", "logged_out"),
    [(Refused("Autotask takes no more requests for now.", Answer(429)), False), (NotReached("Autotask could not be reached.", Answer(0)), False), (LoggedOut("Log in again."), True)],
)
def test_marking_ends_where_the_source_takes_no_more_and_what_was_marked_stays_marked(scene, error, logged_out):
    """S4-17, S4-19: 60 invoices, the first page goes through; the third of the second page ends it."""
    tried = []

    class Ending(Marker):
        def mark(self, entries, value):
            for entry in entries:
                tried.append(entry.key)
                if len(tried) == 28:
                    raise error
                yield from super().mark([entry], value)

    sending, _, _ = scene(count=60, source=Ending("1027"))
    sending.send()
    done = sending.mark()
    assert (done.stopped, done.logged_out, len(tried)) == (str(error), logged_out, 28)
    assert done.counts == {State.SENT: 10, State.MARKING: 24, State.DONE: 26} and list(done.failed.values()) == ["It is locked."]
    assert [entry.note for entry in sending.standing(State.MARKING) if entry.note] == ["It is locked."]
    sending.source.refused.clear()
    assert sending.mark().counts == {State.DONE: 34} and len(set(sending.source.marks)) == 60


def test_only_the_chosen_ones_are_marked_and_none_without_a_source(scene):
    sending, _, _ = scene()
    sending.send()
    assert sending.mark(["1002"]).counts == {State.DONE: 1}
    sending.source = None
    assert sending.mark().entries == () and len(sending.standing(State.SENT)) == 4


# ---- once more, on purpose


def test_one_that_is_to_be_sent_as_a_new_one_gets_another_number(scene):
    """S4-18"""
    sending, service, _ = scene(count=2)
    sending.send()
    assert sending.prepare({"1001": "new", "1002": "skip"}).ready == 1
    assert sending.send().counts == {State.SENT: 1} and service.copies == {"INV-1": 1, "INV-2": 1, "INV-1-2": 1}
