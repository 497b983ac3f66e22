"""Nothing goes once more, or to a second organisation, but what a person asked for and agreed to (S4-6, S4-17, S4-18)."""

import json

import pytest

from invoice_rules.connectors import desk, known
from invoice_rules.connectors.oncemore import NOT_ASKED
from invoice_rules.connectors.sending import Sending
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer, State
from invoice_rules.store import check, open_store
from tests.connectors.faking import FakeClock
from tests.connectors.scripted import QUIET, Copies, Service, autotask_invoice, import_invoices, raising, saying, taken_unheard, unheard

HELD = "It was sent to First Ltd in Xero already. Release it (ledger release KEY) if it is to go here too."


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    return Copies(tmp_path_factory.mktemp("books"))


@pytest.fixture
def store(copies, tmp_path, monkeypatch):
    """Books with two invoices."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    return copies.of(2, tmp_path)


def run(store, service):
    """A run of its own: what a program knows that starts now."""
    return Sending(store, service, clock=FakeClock())


@pytest.fixture
def service(store):
    """A service to which both were sent."""
    made = Service()
    sent(run(store, made))
    return made


def updating(service, items):
    """It changes what is there already."""
    said = [{"number": item["number"], "state": "sent", "id": next(one["id"] for one in service.there if one["reference"] == item["reference"])} for item in items]
    return Answer(200, json.dumps(said).encode())


class Marker:
    """A source that takes every mark."""

    def mark(self, entries, value):
        return [(entry.id, "") for entry in entries]


def sent(sending, resend=None):
    sending.prepare(resend)
    return sending.send()


def standing(sending):
    return [(entry.key, entry.generation, entry.state) for entry in sending.ledger.entries()]


# ---- once more


@pytest.mark.parametrize("plain", [sent, lambda sending: sending.send(), lambda sending: sending.send(["1001"])])
def test_what_was_walked_away_from_does_not_go_with_the_next_sending(store, service, plain):
    run(store, service).prepare({"1001": "new"})
    assert plain(run(store, service)).entries == ()
    assert service.copies == {"INV-1": 1, "INV-2": 1}
    assert sent(run(store, service), {"1001": "new"}).counts == {State.SENT: 1} and service.copies["INV-1-2"] == 1


def test_a_judge_that_fails_leaves_nothing_behind_that_goes(store, service, monkeypatch):
    sending = run(store, service)
    with monkeypatch.context() as failing:
        failing.setattr(service, "judge", lambda *_: raising(CannotRun("Log in again."))(service, []))
        with pytest.raises(CannotRun, match="Log in again"):
            sending.prepare({"1001": "new"})
    seen = run(store, service).prepare()
    assert seen.ready == 0 and [entry.note for entry in seen.entries if entry.generation == 2] == [NOT_ASKED]


def test_the_same_run_may_prepare_twice_and_sends_one(store, service):
    sending = run(store, service)
    assert sending.prepare({"1001": "new"}).ready == sending.prepare({"1001": "new"}).ready == 1
    assert sending.prepare({"1002": "new"}).ready == 1, "the first is named no more"
    assert sending.send().counts == {State.SENT: 1} and service.copies == {"INV-1": 1, "INV-2": 1, "INV-2-2": 1}
    assert sent(sending).entries == ()


def test_one_that_left_once_was_agreed_to_and_is_settled_like_any_other(store, service):
    sending = run(store, service)
    service.script = [unheard]
    assert sent(sending, {"1001": "new"}).counts == {State.UNKNOWN: 1}
    later = run(store, service)
    later.clock.sleep(QUIET + 1)
    assert later.settle().counts == {State.READY: 1}
    assert sent(later).counts == {State.SENT: 1} and service.copies["INV-1-2"] == 1


@pytest.mark.parametrize("key", ["1001", "1003"])
def test_the_same_command_after_a_lost_answer_makes_no_further_one(store, service, key):
    """Whether it had left before, or never: the wish is older than the news that it arrived."""
    import_invoices(store, [autotask_invoice(3, webServiceDate="2026-11-02T09:30:00Z")], processed="include")
    service.script = [taken_unheard]
    assert sent(run(store, service), {key: "new"}).counts == {State.UNKNOWN: 1}
    again = run(store, service)
    again.clock.sleep(QUIET + 1)
    assert again.settle().counts == {State.SENT: 1}
    for _ in range(2):
        seen = again.prepare({key: "new"})
        assert (seen.ready, seen.arrived) == (0, (key,))
    assert again.send().entries == () and len(service.there) == 3
    assert sent(run(store, service), {key: "new"}).counts == {State.SENT: 1}, "asked for by somebody who knows"


def test_a_person_who_saw_that_it_arrived_may_send_one_more(store, service):
    service.script = [taken_unheard]
    sent(run(store, service), {"1001": "new"})
    sending = run(store, service)
    sending.clock.sleep(QUIET + 1)
    sending.settle()
    assert sending.prepare({"1001": "new"}, seen=["1001"]).ready == 1
    assert sending.prepare({"1001": "new"}).ready == 1, "known from then on"


def test_what_is_withdrawn_stands_as_before(store, service):
    import_invoices(store, [autotask_invoice(3), autotask_invoice(4, webServiceDate="2026-11-02T09:30:00Z"), autotask_invoice(5)], processed="include")
    sending = run(store, service)
    sending.prepare()
    desk.skip(store, "1005", "Not this one", to="xero")
    sending = run(store, service)
    assert sending.prepare({"1001": "new", "1003": "new", "1004": "new", "1005": "new"}).ready == 4
    sending.withdraw()
    assert standing(sending) == [("1001", 1, "sent"), ("1001", 2, "skipped"), ("1002", 1, "sent"), ("1003", 1, "ready"), ("1004", 1, "skipped"), ("1005", 1, "skipped")]
    assert [entry.note for entry in sending.ledger.entries(keys=["1004", "1005"])] == ["Autotask has it marked as processed", "Not this one"]
    desk.release(store, "1005", to="xero")
    assert sent(sending).counts == {State.SENT: 2} and set(service.copies) == {"INV-1", "INV-2", "INV-3", "INV-5"}


def test_once_more_is_asked_for_and_not_released(store, service):
    run(store, service).prepare({"1001": "new"})
    run(store, service).prepare()
    with pytest.raises(CannotRun, match="1001 was sent before, and this would be once more. Ask for that when sending"):
        desk.release(store, "1001", to="xero")


# ---- what was sent, while it is to go once more


def changed(store, at=1, total="150.00"):
    """The invoice is imported again, with another total."""
    line = {"lineId": "1", "description": "Monitoring", "quantity": "1", "rate": total, "lineAmount": total}
    import_invoices(store, [autotask_invoice(at, total=total, billingItems=[line])])


@pytest.mark.parametrize("how", ["update", "new"])
def test_what_was_only_looked_at_blinds_nobody_to_a_later_change(store, service, how):  # S4-18
    sending = run(store, service)
    sending.prepare({"1001": how})
    sending.withdraw()
    changed(store)
    run(store, service).prepare()
    assert standing(sending) == [("1001", 1, "conflict"), ("1001", 2, "skipped"), ("1002", 1, "sent")]
    assert [entry.key for entry in desk.unmarked(desk.standing(store))] == ["1002"]


@pytest.mark.parametrize("how", ["update", "new"])
def test_a_change_that_was_only_looked_at_shows_again(store, service, how):  # S4-18
    changed(store)
    sending = run(store, service)
    assert sending.prepare({"1001": how}).ready == 1
    sending.withdraw()
    assert standing(sending)[:2] == [("1001", 1, "conflict"), ("1001", 2, "skipped")]
    run(store, service).prepare({"1001": how})
    run(store, service).prepare()
    assert standing(sending)[:2] == [("1001", 1, "conflict"), ("1001", 2, "skipped")], "walked away from"
    assert sent(run(store, service), {"1001": "skip"}).entries == ()
    assert standing(run(store, service))[0] == ("1001", 1, "sent")


@pytest.mark.parametrize("marked", [False, True])
def test_one_that_was_changed_there_counts_once(store, service, marked):  # S4-16, S4-18, X-17
    sending = Sending(store, service, Marker(), clock=FakeClock())
    if marked:
        sending.mark()
    changed(store)
    service.script = [updating]
    assert len(sent(run(store, service), {"1001": "update"}).entries) == 1
    of = {entry.generation: entry for entry in desk.standing(store, keys=("1001",))}
    assert (of[1].state, of[1].note) == (State.REPLACED, "INV-1-2 replaced it")
    assert (of[2].state, of[2].total, of[2].mark) == ((State.DONE, 15_000, "2026-11-22T10:00:00Z") if marked else (State.SENT, 15_000, ""))
    assert desk.mark_question(desk.standing(store)) == ("" if marked else "Mark 2 invoices as processed in Autotask?")
    assert sum(group.count for group in desk.groups(desk.standing(store)) if group.state is not State.REPLACED) == 2
    changed(store, total="160.00")
    run(store, service).prepare()
    assert standing(sending)[:2] == [("1001", 1, "replaced"), ("1001", 2, "conflict")], "the later one is looked at from now on"
    assert check(store) == []


# ---- what differs


def test_what_differs_comes_to_its_end_once_another_took_its_place(store, service):  # S4-18, S4-21
    service.script = [saying(INV_1_2="conflict")]
    assert sent(run(store, service), {"1001": "new"}).counts == {State.CONFLICT: 1}
    assert desk.needs_person(desk.standing(store)) == "1 invoice needs you: 1 differs."
    service.script, service.suffix = [unheard], "-{}"
    sending = run(store, service)
    assert sent(sending, {"1001": "new"}).counts == {State.UNKNOWN: 1}
    assert standing(sending)[1:3] == [("1001", 2, "conflict"), ("1001", 3, "unknown")], "not before it is known to have arrived"
    sending.clock.sleep(QUIET + 1)
    sending.settle()
    assert sent(sending).counts == {State.SENT: 1}
    replaced = next(entry for entry in desk.standing(store) if entry.state is State.REPLACED)
    assert (replaced.generation, replaced.note, desk.next_step(replaced)) == (2, "INV-1-3 replaced it", "")
    assert desk.needs_person(desk.standing(store)) == ""
    assert standing(run(store, service))[0] == ("1001", 1, "sent")
    for said in (desk.there, desk.release, desk.skip):
        with pytest.raises(CannotRun, match="1001 is: replaced"):
            said(store, replaced)


def test_a_word_is_about_the_one_that_was_named(store, service):  # S2-44
    service.name, service.title, service.askable = "spectrum", "Spectrum", False
    sent(run(store, service))
    service.script = [saying(INV_1_2="conflict"), unheard]
    sent(run(store, service), {"1001": "new"})
    service.suffix = "-{}"
    sent(run(store, service), {"1001": "new"})
    second = next(entry for entry in desk.standing(store) if entry.state is State.CONFLICT)
    assert desk.there(store, second).generation == 2
    assert [entry.state for entry in desk.standing(store, keys=("1001",)) if entry.destination == "spectrum"] == ["sent", "sent", "unknown"]


# ---- a second organisation


@pytest.fixture
def second(store, service):
    """Another organisation of Xero, after everything went to the first."""
    known.save(known.Connection("xero", "xero", service.tenant, "First Ltd"))
    return Service(tenant="t-2", tenant_title="Second Ltd")


def test_what_another_organisation_has_is_held_until_a_person_releases_it(store, second):
    seen = run(store, second).prepare()
    assert seen.counts == {State.HELD: 2} and {entry.note for entry in seen.entries if entry.tenant == "t-2"} == {HELD}
    desk.release(store, seen.entries[0])
    for _ in range(2):
        assert run(store, second).prepare().counts == {State.HELD: 1, State.READY: 1}, "the release holds"
    assert sent(run(store, second)).counts == {State.SENT: 1} and second.copies == {"INV-1": 1}
    assert sent(run(store, second), {"1002": "new"}).counts == {State.SENT: 1}, "named in this run"


def test_a_release_from_before_it_went_elsewhere_does_not_count(copies, tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))
    store, first, second = copies.of(2, tmp_path), Service(), Service(tenant="t-2", tenant_title="Second Ltd")
    there = run(store, second)
    one = there.prepare().entries[0]
    desk.skip(store, one)
    desk.release(store, one)
    assert there.prepare().ready == 2
    first.script = [taken_unheard]
    assert sent(run(store, first)).counts == {State.UNKNOWN: 2}
    assert there.send().entries == () and second.came == [], "it went to the first after it was ready for the second"
    assert there.prepare().counts == {State.HELD: 2}
    desk.release(store, one)
    assert there.prepare().counts == {State.HELD: 1, State.READY: 1}


def test_what_is_held_for_another_reason_is_not_released(store, second):
    second.verdicts = {"1001": (State.HELD, "Before the lock date")}
    run(store, second).prepare()
    with pytest.raises(CannotRun, match="1001 is: held. Settle what keeps it back"):
        desk.release(store, next(entry for entry in desk.standing(store, states=("held",)) if entry.key == "1001"))


def test_other_books_are_not_looked_at(store, service, second, tmp_path):
    store.add_entity("studio")
    studio = open_store(tmp_path / "store.sqlite", "studio")
    import_invoices(studio, [autotask_invoice(1)])
    assert run(studio, second).prepare().counts == {State.READY: 1}
