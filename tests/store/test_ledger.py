"""The ledger of sending: what is written down before it leaves, what is marked, and what nobody can change unseen (S2-42 … S2-44, S4-14 … S4-19)."""

import datetime as dt

import pytest
import sqlalchemy as sa

from invoice_rules.results import Result, State
from invoice_rules.store import backup, check, open_store, undo
from invoice_rules.store.tables import invoices, outbox
from tests.store.making import imported, rows_of
from tests.store.sending import OK, RULES, Clock, approve, begun, found, ledger, of, ready, sent, states

LOST = "The service did not answer in time"


# ---- written down before it leaves


def test_a_request_is_on_the_disk_before_it_leaves(store, url):
    _, _, send = begun(store)
    assert (send.key, send.body, send.entries, send.at) == ("key-1", b"the body", (1, 2, 3), "2026-11-22T10:00:00.000+00:00")
    other = open_store(url).ledger("xero", "demo")
    assert other.counts() == {State.SENDING: 3}
    assert other.request(send.id) == send
    assert [(entry.attempts, entry.send) for entry in other.entries()] == [(1, send.id)] * 3
    with pytest.raises(KeyError):
        other.request(99)


def test_all_of_a_request_leave_or_none(store):
    made, ids = ready(store)
    made.skip([2], "No")
    assert made.begin(ids, "key-1", b"x") is None
    assert made.begin([], "key-1", b"x") is None
    assert made.begin([1, 1], "key-1", b"x") is None
    assert made.begin([1, 77], "key-1", b"x") is None
    assert states(made) == {1: "ready", 2: "skipped", 3: "ready"}
    assert made.begin([3, 1], "key-1", b"x").entries == (3, 1)
    assert made.begin([3], "key-2", b"x") is None


def test_what_was_stored_anew_since_it_was_read_does_not_leave(store):
    made, ids = ready(store)
    imported(store, rows_of([0], amount="900.00"))
    assert made.begin(ids[:1], "key-1", b"x") is None, "not taken over yet"
    made.documents(made.entries())
    imported(store, rows_of([1], amount="900.00"))
    other = ledger(store)
    other.find(RULES)
    approve(other)
    assert states(made) == dict.fromkeys(ids, "ready")
    assert made.begin([2], "key-1", b"of the old amount") is None
    assert made.begin([3], "key-1", b"x") is not None
    undo(2, store)
    assert made.begin([1], "key-2", b"x") is None


def test_a_key_is_good_for_one_body(store):
    made, ids, send = begun(store)
    with pytest.raises(ValueError, match="belongs to another request"):
        made.begin(ids, "key-1", b"another body")
    with pytest.raises(ValueError, match="belongs to another request"):
        made.begin(ids[:1], "key-1", b"the body")
    assert made.begin(ids, "key-1", b"the body") is None
    made.lost(send.id, LOST)
    made.settled(dict.fromkeys(ids, Result(State.READY)))
    assert made.begin(ids, "key-1", b"the body") == send
    assert check(store) == []


# ---- unknown, asked about, sent once more


def test_nobody_asks_before_the_quiet_period_is_over(store):
    clock = Clock()
    made, ids, _ = begun(store, 3, clock)
    clock.turn(119.9)
    assert made.overdue(120) == []
    assert made.counts() == {State.SENDING: 3}
    clock.turn(0.1)
    assert [(entry.id, entry.note) for entry in made.overdue(120)] == [(number, "The program ended before it knew whether this arrived") for number in ids]
    assert made.counts() == {State.UNKNOWN: 3}
    assert [entry.id for entry in made.overdue(120)] == ids


def test_a_request_that_waits_for_its_turn_is_not_overdue(store):
    clock = Clock()
    made, _, send = begun(store, 2, clock)
    clock.turn(100)
    assert made.renew(send.id)
    clock.turn(100)
    assert made.overdue(120) == []
    clock.turn(21)
    assert len(made.overdue(120)) == 2
    assert not made.renew(send.id), "somebody else gave it up: it must not leave any more"
    assert check(store) == []


def test_the_same_bytes_go_once_more_under_the_same_key(store):
    clock = Clock()
    made, ids, send = begun(store, 3, clock)
    made.lost(send.id, LOST)
    assert made.resend(send.id) is None
    clock.turn(121)
    made.settled({entry.id: Result(State.READY) for entry in made.overdue(120)})
    made.judge(dict.fromkeys(ids, (State.READY, "")), dict.fromkeys(ids, "another number"))
    assert {entry.number for entry in made.entries()} == {"N-INV-1001", "N-INV-1002", "N-INV-1003"}
    assert made.resend(send.id) == send
    assert [(entry.state, entry.attempts) for entry in made.entries()] == [("sending", 2)] * 3
    assert made.resend(send.id) is None
    assert made.overdue(120) == [], "the quiet period begins anew"


def test_what_is_partly_there_goes_in_a_new_request(store):
    clock = Clock()
    made, _, send = begun(store, 3, clock)
    clock.turn(121)
    made.overdue(120)
    made.settled({1: Result(State.SENT, remote="R1"), 2: Result(State.READY)})
    assert states(made) == {1: "sent", 2: "ready", 3: "unknown"}
    assert made.resend(send.id) is None
    assert made.begin([2], "key-2", b"another body") is not None


def test_an_old_look_does_not_count_once_it_left_again(store):
    """Two ask at once: what the slower one saw is of before the other sent it once more."""
    clock = Clock()
    fast, _, send = begun(store, 1, clock)
    fast.lost(send.id, LOST)
    clock.turn(121)
    slow = ledger(store, clock)
    assert slow.overdue(120) and fast.overdue(120)
    fast.settled({1: Result(State.READY)})
    clock.turn(1)
    fast.lost(fast.resend(send.id).id, LOST)
    slow.settled({1: Result(State.READY)})
    assert states(ledger(store)) == {1: "unknown"}
    slow.settled({1: Result(State.SENT, remote="R1")})
    assert states(slow) == {1: "sent"}


def test_what_changed_is_not_sent_once_more_as_it_was(store):
    clock = Clock()
    made, _, send = begun(store, 1, clock)
    clock.turn(121)
    made.overdue(120)
    imported(store, rows_of([0], amount="900.00"))
    made.settled({1: Result(State.READY)})
    assert made.resend(send.id) is None
    made.find(RULES)
    assert (of(made, 1).state, of(made, 1).send) == ("found", None)


def test_a_person_settles_a_conflict(store):
    made, _, send = begun(store, 2)
    made.answered(send.id, {1: Result(State.CONFLICT, "It differs", remote="R1"), 2: Result(State.CONFLICT, "It differs")}, OK)
    made.settled({1: Result(State.SENT, "It is right", remote="R9"), 2: Result(State.READY, "It is another one")})
    assert [(entry.state, entry.remote) for entry in made.entries()] == [("sent", "R9"), ("ready", "")]
    with pytest.raises(ValueError, match="no answer makes an entry found"):
        made.settled({1: Result(State.FOUND)})


# ---- marked


def test_the_value_of_a_mark_is_fixed_before_it_is_written(store):  # S4-16, S4-17
    made, ids = sent(store, 3)
    made.settled({3: Result(State.CONFLICT, "It differs")})
    marking = made.mark(ids, "2026-11-22T10:00:00Z")
    assert [(entry.id, entry.state, entry.mark) for entry in marking] == [(1, "marking", "2026-11-22T10:00:00Z"), (2, "marking", "2026-11-22T10:00:00Z")]
    made.marked([1])
    assert [(entry.id, entry.mark) for entry in made.mark(ids, "2026-11-23T10:00:00Z")] == [(2, "2026-11-22T10:00:00Z")]
    made.marked(ids)
    assert states(made) == {1: "done", 2: "done", 3: "conflict"}
    assert check(store) == []


# ---- kept


def test_backups_and_purges_leave_the_ledger_alone(store, tmp_path):
    made, _ = sent(store)
    store.purge(dt.date(2020, 1, 1))
    assert made.counts() == {State.SENT: 3}
    if store.address.path:
        copy = open_store(backup(store, tmp_path / "copy.sqlite"))
        assert copy.ledger("xero", "demo").counts() == {State.SENT: 3}
        assert check(copy) == []
    assert check(store) == []


@pytest.mark.parametrize("damage", [
    "DELETE FROM outbox", "DELETE FROM sends", "DELETE FROM outbox_history", "DELETE FROM contact_links", "UPDATE sends SET body = key", "UPDATE outbox_history SET note = ''",
    "UPDATE outbox SET key = 'x'", "UPDATE outbox SET tenant = 'x'", "UPDATE contact_links SET contact = 'x'",
])  # fmt: skip
def test_the_database_itself_keeps_the_ledger(store, damage):
    made, _ = sent(store)
    made.link("C-1", "K-1", "Miller")
    with store.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.exec_driver_sql(damage.replace("body = key", "body = x''" if store.address.path else "body = ''::bytea"))


def test_a_stamp_that_nobody_gave_is_found(store):
    found(store)
    with store.writing() as connection:
        connection.execute(invoices.update().where(invoices.c.key == "INV-1001").values(sent="2026-11-21"))
    assert check(store) == ["Invoice INV-1001 says that it was sent, and the ledger does not know of it: somebody changed it outside invoice-rules."]


def test_a_state_that_nobody_gave_is_found(store):
    found(store)
    with store.writing() as connection:
        connection.execute(outbox.update().where(outbox.c.key == "INV-1001").values(state="ready"))
    assert check(store) == ["The ledger's entry of invoice INV-1001 is not the one that its history tells of: somebody changed it outside invoice-rules."]


def test_a_ledger_says_which_it_is(store):
    assert repr(ledger(store)) == "<Ledger main to xero demo>"
