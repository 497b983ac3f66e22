"""What answers do to the ledger, whenever they come: a plain yes is the truth (S2-43, S4-19)."""

import pytest

from invoice_rules.results import Answer, Result, State
from invoice_rules.store import check
from tests.store.making import on_file
from tests.store.sending import OK, RULES, Clock, approve, begun, of, sent, states, yes

LOST = "The service did not answer in time"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def url(request, tmp_path) -> str:
    return str(tmp_path / "store.sqlite") if request.param == "sqlite" else request.getfixturevalue("server").database()


def test_each_entry_goes_where_its_result_says(store):
    made, _, send = begun(store, 5)
    results = {1: Result(State.SENT, remote="R1", number="X-1"), 2: Result(State.REJECTED, "No such account"), 3: Result(State.CONFLICT, "Xero says 100.01", remote="R3"), 4: Result(State.READY)}
    made.answered(send.id, results, Answer(200, b'{"a": 1}'))
    assert [(entry.state, entry.note, entry.remote) for entry in made.entries()] == [
        ("sent", "", "R1"), ("rejected", "No such account", ""), ("conflict", "Xero says 100.01", "R3"), ("ready", "", ""), ("unknown", "The answer says nothing about this one", ""),
    ]  # fmt: skip
    assert [entry.number for entry in made.entries()][:2] == ["X-1", "N-INV-1002"]
    assert [stamp is not None for (stamp,) in on_file(store, "sent").values()] == [True, False, False, False, False]
    with pytest.raises(ValueError, match="are not in request 1"):
        made.answered(send.id, {77: Result(State.SENT)}, OK)
    with pytest.raises(ValueError, match="no answer makes an entry done"):
        made.answered(send.id, {1: Result(State.DONE)}, OK)
    assert check(store) == []


def test_what_the_service_said_is_kept(store):
    made, ids, send = begun(store, 1)
    made.lost(send.id, LOST, Answer(502, b"\xff\x00bad gateway"))
    made.answered(send.id, yes(ids), Answer(200, b"x" * 100_000))
    told = [(line["user"], line["from"], line["to"], line["note"], (line["answer"] or "")[:20]) for line in made.raw(1)]
    assert told == [
        ("ada", "", "found", "", ""),
        ("ada", "found", "ready", "", ""),
        ("ada", "", "", "Request", ""),
        ("ada", "ready", "sending", "", ""),
        ("ada", "", "", LOST, "502\n\ufffd\ufffdbad gateway"),
        ("ada", "sending", "unknown", LOST, ""),
        ("ada", "", "", "Answer 200", "200\n" + "x" * 16),
        ("ada", "unknown", "sent", "", ""),
    ]
    assert max(len(line["answer"] or "") for line in made.raw(1)) == 64 * 1024 + 4
    assert check(store) == []


def test_a_late_yes_is_the_truth(store):
    clock = Clock()
    made, ids, send = begun(store, 3, clock)
    clock.turn(200)
    assert [entry.id for entry in made.overdue(120)] == ids
    made.settled({1: Result(State.READY), 2: Result(State.READY)})
    made.answered(send.id, yes(ids), OK)
    assert [(entry.state, entry.remote) for entry in made.entries()] == [("sent", f"remote-{number}") for number in ids]
    assert made.resend(send.id) is None
    assert check(store) == []


def test_a_yes_to_an_earlier_request_counts_while_the_next_is_on_its_way(store):
    made, ids, first = begun(store, 1)
    made.lost(first.id, LOST)
    made.settled({1: Result(State.READY)})
    second = made.begin(ids, "key-2", b"another body")
    made.answered(first.id, {1: Result(State.SENT, remote="R1")}, OK)
    assert states(made) == {1: "sent"}
    made.answered(second.id, {1: Result(State.REJECTED, "There is an invoice of this number")}, OK)
    assert states(made) == {1: "sent"}, "a refusal takes nothing back"
    made.answered(second.id, {1: Result(State.SENT, remote="R1")}, OK)
    assert states(made) == {1: "sent"}
    made.answered(second.id, {1: Result(State.SENT, remote="R2")}, OK)
    assert (of(made, 1).state, of(made, 1).note) == ("conflict", "It is there twice: R1 and R2")
    assert check(store) == []


def test_a_refusal_of_an_earlier_request_says_nothing_of_the_next(store):
    made, ids, first = begun(store, 1)
    made.lost(first.id, LOST)
    made.settled({1: Result(State.READY)})
    second = made.begin(ids, "key-2", b"another body")
    made.answered(first.id, {1: Result(State.REJECTED, "No")}, OK)
    assert states(made) == {1: "sending"}
    made.lost(first.id, LOST)
    assert states(made) == {1: "sending"}
    made.answered(second.id, {1: Result(State.UNKNOWN, "Nobody understands it")}, OK)
    assert (of(made, 1).state, of(made, 1).note) == ("unknown", "Nobody understands it")


def test_what_is_told_to_differ_after_a_yes_is_in_conflict(store):
    made, _ = sent(store, 2)
    made.settled({1: Result(State.CONFLICT, "Its total there is 100.01"), 2: Result(State.READY)})
    assert states(made) == {1: "conflict", 2: "sent"}
    made.answered(1, {1: Result(State.SENT, remote="remote-1")}, OK)
    assert states(made)[1] == "conflict", "a person decides"
    made.settled({1: Result(State.SENT, "Ada looked at it")})
    assert (of(made, 1).state, of(made, 1).remote) == ("sent", "remote-1")
    assert check(store) == []


def test_what_differs_is_replaced_by_the_next_one_that_arrives(store):  # S4-18
    made, _, first = begun(store, 2)
    made.answered(first.id, dict.fromkeys((1, 2), Result(State.CONFLICT, "It differs", remote="R1")), OK)
    made.find(RULES, resend={"INV-1001": "new"})
    approve(made)
    second = made.begin([3], "key-2", b"another body")
    made.lost(second.id, LOST)
    assert states(made) == {1: "conflict", 2: "conflict", 3: "unknown"}
    made.settled({3: Result(State.SENT, remote="R2", number="N-2")})
    assert states(made) == {1: "replaced", 2: "conflict", 3: "sent"} and of(made, 1).note == "N-2 replaced it"
    made.answered(first.id, dict.fromkeys((1, 2), Result(State.CONFLICT, "It differs", remote="R1")), OK)
    made.answered(first.id, {1: Result(State.SENT, remote="R1"), 2: Result(State.SENT, remote="R1")}, OK)
    made.release([1])
    made.find(RULES)
    assert states(made) == {1: "replaced", 2: "conflict", 3: "sent"}
    made.answered(first.id, {1: Result(State.SENT, remote="R9"), 2: Result(State.SENT, remote="R1")}, OK)
    assert (of(made, 1).state, of(made, 1).note) == ("conflict", "It is there twice: R1 and R9"), "nobody knew of the second"
    assert check(store) == []
