"""What the ledger finds on file, as documents and as entries that are judged; what goes once more by a person's will (S4-3, S4-18; X-10, X-18)."""

import dataclasses
from decimal import Decimal

import pytest

from invoice_rules.connectors.xerodocuments import UNSENT
from invoice_rules.errors import CannotRun
from invoice_rules.results import Result, State
from invoice_rules.store import CannotUndo, check, ledger_entries, open_store, undo
from tests.store.making import imported, on_file, rows_of
from tests.store.sending import OK, RULES, approve, autotask, begun, found, ledger, notes, of, ready, sent, states, yes

LOST = "The service did not answer in time"


# ---- what is found


def test_what_is_on_file_is_found_once(store):
    made, ids = found(store)
    assert made.find(RULES) == 0
    (one, *_) = made.entries()
    assert dataclasses.asdict(one) == {
        "id": 1, "entity": "main", "rules": RULES, "key": "INV-1001", "destination": "xero", "tenant": "demo", "state": "found", "number": "",
        "customer": "C-4711", "customer_name": "Miller Studio", "date": one.date, "currency": "USD", "total": 100_000, "invoice": one.invoice, "version": 1, "note": "", "remote": "",
        "send": None, "mark": "", "marks": (), "generation": 1, "attempts": 0, "at": "2026-11-22T10:00:00.000+00:00",
    }  # fmt: skip
    assert one.date.isoformat() == "2026-10-31"
    assert made.counts() == {State.FOUND: 3}
    assert [entry.id for entry in made.entries(keys=["INV-1002"])] == ids[1:2]
    assert made.entries(State.SENT, State.READY) == []
    assert check(store) == []


def test_a_rule_set_of_which_nothing_is_on_file(store):
    assert ledger(store).find("autotask.invoices") == 0


def test_each_organisation_and_service_has_its_own_ledger(store):  # S4-6
    sent(store)
    other = ledger(store, tenant="other")
    assert (other.find(RULES), other.counts()) == (3, {State.FOUND: 3})
    assert store.ledger("spectrum", "demo").find(RULES) == 3
    assert len(ledger_entries(store)) == 9
    assert {entry.tenant for entry in ledger_entries(store, destination="xero")} == {"demo", "other"}
    assert [entry.tenant for entry in ledger_entries(store, states=[State.SENT])] == ["demo"] * 3
    assert ledger(store, tenant="").counts() == {State.SENT: 3, State.FOUND: 3}
    with pytest.raises(ValueError, match="only the ledger of one organisation"):
        ledger(store, tenant="").find(RULES)


def test_what_changed_before_it_left_is_found_again(store):
    made, _ = ready(store)
    imported(store, rows_of([1], amount="900.00"))
    assert made.find(RULES) == 0
    assert states(made) == {1: "ready", 2: "found", 3: "ready"}
    assert (of(made, 2).version, of(made, 2).total) == (2, 90_000)
    assert notes(made, 2)[-1] == ("ready", "found", "")


def test_what_changed_after_it_was_sent_is_in_conflict(store):
    made, _ = sent(store)
    imported(store, [*rows_of([0], amount="900.00"), *rows_of([1], customerName="Miller and Sons")])
    made.find(RULES)
    assert states(made) == {1: "conflict", 2: "conflict", 3: "sent"}
    assert of(made, 1).note == "The invoice on file was changed after it was sent: the total was 1000.00 and is 900.00 now"
    assert of(made, 2).note == "The invoice on file was changed after it was sent: Customer name differs from what was sent"
    assert of(made, 1).total == 100_000, "what was sent"
    assert made.find(RULES) == 0
    assert check(store) == []


LINE = {"lineId": "1", "itemName": "Item", "quantity": 1, "rate": 10, "lineAmount": 10}
HEAD = {"invoiceId": "1", "companyId": "29683", "companyName": "Stonebridge Partners", "invoiceDate": "2026-10-31", "total": "10.00", "invoiceNumber": "N-1", "dueDate": "2026-11-30", "lines": [LINE]}
AFTER = "The invoice on file was changed after it was sent"


@pytest.mark.parametrize(
    ("other", "note"),
    [
        ({"companyName": "Stonebridge LLP", "poNumber": "PO-1"}, ""),
        ({"companyName": "Stonebridge LLP", "invoiceDate": "2026-11-01", "invoiceNumber": "N-7"}, f"{AFTER}: Invoice number, Invoice date differ from what was sent"),
        ({"lines": [{**LINE, "lineId": "2"}]}, ""),
        ({"lines": [{**LINE, "itemName": "Server"}]}, f"{AFTER}: Item differs from what was sent"),
        ({"lines": [LINE, {**LINE, "lineId": "2", "rate": 0, "lineAmount": 0}]}, f"{AFTER}: Number of lines differs from what was sent"),
        ({"total": "12.00", "lines": [{**LINE, "rate": 12, "lineAmount": 12}]}, f"{AFTER}: the total was 10.00 and is 12.00 now; Rate, Line amount differ from what was sent"),
        ({"dueDate": "2026-12-31"}, f"{AFTER}: Due date differs from what was sent"),
    ],
)
def test_only_what_was_sent_is_changed_and_is_named(store, other, note):  # S4-16, S4-17
    """A company that was given another name says nothing of its invoices, which go by its number."""
    autotask(store, [HEAD])
    made = ledger(store, unsent=UNSENT)
    made.find("autotask.invoices")
    approve(made)
    made.answered(made.begin([1], "key-1", b"x").id, yes([1]), OK)
    made.mark([1], "2026-11-22T10:00:00Z")
    autotask(store, [{**HEAD, **other}])
    for _ in range(2):
        made.find("autotask.invoices")
        assert (of(made, 1).state, of(made, 1).note) == (State.CONFLICT if note else State.MARKING, note)
    autotask(store, [{**HEAD, "companyName": "Stonebridge"}])
    made.find("autotask.invoices")
    assert (of(made, 1).state, of(made, 1).note) == (State.MARKING, ""), "it is as it was sent again"
    assert check(store) == []


def test_what_changed_on_its_way_waits_for_its_outcome(store):
    made, ids, send = begun(store)
    imported(store, rows_of([0], amount="900.00"))
    made.find(RULES)
    assert states(made)[1] == "sending"
    made.answered(send.id, yes(ids), OK)
    made.find(RULES)
    assert states(made) == {1: "conflict", 2: "sent", 3: "sent"}


def test_what_is_taken_back_is_left_out_and_comes_again(store):
    made, _ = ready(store)
    undo(1, store)
    made.find(RULES)
    assert made.counts() == {State.SKIPPED: 3}
    assert of(made, 1).note == "The import that brought it was taken back"
    imported(store, rows_of(range(2)))
    made.find(RULES)
    assert states(made) == {1: "found", 2: "found", 3: "skipped"}
    assert check(store) == []


def test_what_was_sent_cannot_be_taken_back(store):
    made, _, send = begun(store)
    with pytest.raises(CannotUndo, match=r"INV-1001 was sent on 22 Nov 2026, and whether it arrived is not settled yet; INV-1002"):
        undo(1, store)
    made.lost(send.id, LOST)
    with pytest.raises(CannotUndo, match="not settled yet"):
        undo(1, store)
    made.settled({1: Result(State.READY), 2: Result(State.SENT), 3: Result(State.READY)})
    with pytest.raises(CannotUndo, match="1 record: INV-1002 was sent on 22 Nov 2026. Nothing was changed"):
        undo(1, store)
    assert [stamp for (stamp,) in on_file(store, "sent").values()] == [None, "2026-11-22T10:00:00.000+00:00", None]
    assert check(store) == []


def test_only_what_is_not_settled_stands_in_the_way(store):
    made, _, send = begun(store)
    made.lost(send.id, LOST)
    made.settled({2: Result(State.READY), 3: Result(State.READY)})
    with pytest.raises(CannotUndo, match="1 record: INV-1001 was sent on 22 Nov 2026, and whether it arrived is not settled yet. Nothing was changed"):
        undo(1, store)


def test_what_never_left_may_be_taken_back(store):
    made, ids, send = begun(store)
    made.answered(send.id, dict.fromkeys(ids, Result(State.REJECTED, "No")), OK)
    assert undo(1, store).counts["withdrawn"] == 3


def test_the_books_of_another_entity_do_not_send_it_again(store, url):
    store.add_entity("studio")
    studio = open_store(url, "studio")
    imported(studio, rows_of(range(3)))
    here, ids = ready(store)
    there = ledger(studio)
    there.find(RULES)
    approve(there)
    mine = [entry.id for entry in there.entries()]
    here.answered(here.begin(ids[:1], "key-1", b"x").id, yes(ids[:1]), OK)
    assert there.begin(mine, "key-2", b"y") is None, "judged before the other books sent it"
    there.find(RULES)
    assert list(states(there).values()) == ["conflict", "ready", "ready"]
    assert there.entries()[0].note == "The books of main sent an invoice of this number there already"
    assert there.begin(mine[1:], "key-2", b"y") is not None
    assert here.begin(ids[1:], "key-3", b"z") is None
    late = open_store(url, "studio").ledger("xero", "demo")
    assert late.find(RULES, resend={"INV-1001": "new"}) == 1
    assert check(store) == []


# ---- documents


def test_documents_are_exact(store):
    imported(store, rows_of([0], amount="1,240.10", amountDue="0.05", isCanceled="no"))
    imported(store, rows_of([1], amount="1500", amountDue="0"), settings={"currency": "JPY"})
    made = ledger(store)
    made.find(RULES)
    first, second = made.documents(made.entries())
    assert (first.entry.key, second.entry.key) == ("INV-1001", "INV-1002")
    assert (str(first.fields["amount"]), str(first.fields["amountDue"]), first.fields["isCanceled"], first.decimals) == ("1240.10", "0.05", False, 2)
    assert (first.fields["date"].isoformat(), first.fields["customerName"], first.lines) == ("2026-10-31", "Miller Studio", ())
    assert (str(second.fields["amount"]), second.decimals, second.fields["currency"]) == ("1500", 0, "JPY")
    assert "" not in first.fields.values() and None not in first.fields.values()


def test_lines_keep_their_order(store):
    lines = [{"lineId": str(n), "itemName": f"Item {n}", "quantity": q, "rate": r, "lineAmount": a} for n, q, r, a in ((3, 2, "10.50", "21"), (1, "1.25", "4.0004", "5"), (2, -1, 1, -1))]
    head = {"invoiceId": "77", "companyId": "29683", "companyName": "Stonebridge Partners", "invoiceDate": "2026-10-31", "total": "25.00", "currency": "USD"}
    autotask(store, [{**head, "lines": lines}])
    made = ledger(store)
    assert made.find("autotask.invoices") == 1
    (document,) = made.documents(made.entries())
    assert [(line["lineId"], str(line["quantity"]), str(line["rate"]), str(line["lineAmount"])) for line in document.lines] == [
        ("3", "2", "10.5", "21.00"), ("1", "1.25", "4.0004", "5.00"), ("2", "-1", "1", "-1.00"),
    ]  # fmt: skip
    assert document.fields["total"] == Decimal("25.00") == Decimal(document.entry.total) / 100
    assert (document.fields["invoiceId"], document.fields["xeroStatus"], document.entry.key) == ("77", "DRAFT", "77")


def test_what_the_source_has_marked_is_left_out(store):  # S4-3
    lines = [{"lineId": "1", "itemName": "Item", "quantity": 1, "rate": 10, "lineAmount": 10}]
    head = {"companyId": "29683", "companyName": "Stonebridge Partners", "invoiceDate": "2026-10-31", "total": "10.00", "lines": lines}
    all_of = [{**head, "invoiceId": "1"}, {**head, "invoiceId": "2", "webServiceDate": "2026-11-02T09:30:00Z"}, {**head, "invoiceId": "3"}]
    autotask(store, all_of)
    made = ledger(store)
    made.find("autotask.invoices")
    assert [(entry.state, entry.note) for entry in made.entries()] == [("found", ""), ("skipped", "Autotask has it marked as processed"), ("found", "")]
    approve(made)
    made.answered(made.begin([1], "key-1", b"x").id, yes([1]), OK)
    autotask(store, [{**one, "webServiceDate": "2026-11-22T10:00:00Z"} for one in all_of])
    made.find("autotask.invoices")
    assert states(made) == {1: "sent", 2: "skipped", 3: "skipped"}, "that it was marked is no change of the invoice"
    assert [entry.version for entry in made.entries()] == [2, 2, 2]
    assert made.find("autotask.invoices", resend={"2": "new", "1": "skip"}) == 0
    assert states(made) == {1: "sent", 2: "found", 3: "skipped"}
    assert check(store) == []


# ---- judged


def test_verdicts_move_what_has_not_left(store):
    made, _ = found(store)
    made.judge({1: (State.READY, ""), 2: (State.NEEDS_MAPPING, "Choose a contact"), 3: (State.HELD, "It is void")}, {1: "N-1", 2: "N-2"})
    assert [(entry.state, entry.note, entry.number) for entry in made.entries()] == [("ready", "", "N-1"), ("needs mapping", "Choose a contact", "N-2"), ("held", "It is void", "")]
    send = made.begin([1], "key-1", b"x")
    made.judge({1: (State.REJECTED, "Too late"), 2: (State.READY, "")})
    assert states(made) == {1: "sending", 2: "ready", 3: "held"}
    made.answered(send.id, {1: Result(State.REJECTED, "No such account")}, OK)
    made.judge({1: (State.READY, "")})
    assert (of(made, 1).state, of(made, 1).send, of(made, 1).note) == ("ready", None, "")
    with pytest.raises(ValueError, match="nothing is judged to be sent"):
        made.judge({1: (State.SENT, "")})


def test_a_verdict_on_an_older_version_does_not_count(store):
    made, ids = found(store)
    imported(store, rows_of([0], amount="900.00"))
    ledger(store).find(RULES)
    made.judge(dict.fromkeys(ids, (State.READY, "")))
    assert states(made) == {1: "found", 2: "ready", 3: "ready"}


def test_a_person_leaves_out_and_lets_go_on(store):
    made, ids = ready(store)
    made.skip(ids[:2], "Sent by hand")
    assert (of(made, 1).state, of(made, 1).note) == ("skipped", "Sent by hand")
    made.judge(dict.fromkeys(ids, (State.READY, "")))
    imported(store, rows_of([0], amount="900.00"))
    made.find(RULES)
    assert states(made) == {1: "skipped", 2: "skipped", 3: "ready"}, "a person left it out, whatever changes"
    made.release(ids, "After all")
    assert states(made) == {1: "found", 2: "found", 3: "ready"}
    made.answered(made.begin([3], "key-1", b"x").id, yes([3]), OK)
    made.skip([3], "Too late")
    assert states(made)[3] == "sent"


# ---- once more, by a person's will


def test_resending_what_was_sent(store):  # S4-18
    made, _ = sent(store, 3)
    assert made.find(RULES, resend={"INV-1001": "skip", "INV-1002": "new", "INV-1003": "update"}) == 2
    assert [(entry.key, entry.generation, entry.state, entry.remote, entry.number) for entry in made.entries()] == [
        ("INV-1001", 1, "sent", "remote-1", "N-INV-1001"),
        ("INV-1002", 1, "sent", "remote-2", "N-INV-1002"), ("INV-1002", 2, "found", "", ""),
        ("INV-1003", 1, "sent", "remote-3", "N-INV-1003"), ("INV-1003", 2, "found", "remote-3", "N-INV-1003"),
    ]  # fmt: skip
    assert made.find(RULES, resend={"INV-1002": "new", "INV-1003": "update"}) == 0, "they wait already"
    approve(made)
    again = [entry.id for entry in made.entries(State.READY)]
    made.answered(made.begin(again, "key-2", b"y").id, {again[0]: Result(State.SENT, remote="R4"), again[1]: Result(State.SENT, remote="remote-3")}, OK)
    assert made.counts() == {State.SENT: 4, State.REPLACED: 1}, "what was changed there is one invoice"
    assert check(store) == []


def test_resending_what_changed(store):  # S4-18
    made, _ = sent(store, 3)
    imported(store, rows_of(range(3), amount="900.00"))
    made.find(RULES)
    assert made.counts() == {State.CONFLICT: 3}
    assert made.find(RULES, resend={"INV-1001": "skip", "INV-1002": "update"}) == 1
    assert [(entry.key, entry.generation, entry.state, entry.total) for entry in made.entries()] == [
        ("INV-1001", 1, "sent", 100_000), ("INV-1002", 1, "sent", 100_000), ("INV-1002", 2, "found", 90_000), ("INV-1003", 1, "conflict", 100_000),
    ]  # fmt: skip
    made.find(RULES)
    assert [entry.state for entry in made.entries()] == ["sent", "sent", "found", "conflict"]
    made.settled({3: Result(State.SENT, "Mended there by hand")})
    made.find(RULES)
    assert states(made)[3] == "sent"
    assert check(store) == []


def test_resending_what_changed_takes_no_mark_away(store):  # S4-16, S4-18
    made, _ = sent(store, 3)
    made.mark([1, 2], "2026-11-22T10:00:00Z")
    made.marked([1])
    imported(store, rows_of(range(3), amount="900.00"))
    made.find(RULES)
    assert made.counts() == {State.CONFLICT: 3}
    made.find(RULES, resend={"INV-1001": "new", "INV-1002": "skip", "INV-1003": "new"})
    assert states(made) == {1: "done", 2: "marking", 3: "sent", 4: "found", 5: "found"}
    approve(made)
    made.answered(made.begin([4, 5], "key-2", b"y").id, yes([4, 5]), OK)
    marking = {entry.id: entry.marks for entry in made.mark([3, 4, 5], "2026-11-24T10:00:00Z")}
    assert marking == {3: ("2026-11-24T10:00:00Z",) * 2, 4: ("2026-11-22T10:00:00Z", "2026-11-24T10:00:00Z"), 5: ("2026-11-24T10:00:00Z",) * 2}
    assert check(store) == []


def test_what_never_left_cannot_be_updated(store):  # S4-18
    line = {"lineId": "1", "itemName": "Item", "quantity": 1, "rate": 10, "lineAmount": 10}
    marked = {"invoiceId": "1", "companyId": "29683", "companyName": "Stonebridge Partners", "invoiceDate": "2026-10-31", "total": "10.00", "lines": [line]}
    autotask(store, [{**marked, "webServiceDate": "2026-11-02T09:30:00Z"}])
    made = ledger(store)
    for _ in range(2):
        with pytest.raises(CannotRun, match="Invoice 1 cannot be updated: which one it is there is not known"):
            made.find("autotask.invoices", resend={"1": "update"})
        made.find("autotask.invoices")
        assert states(made) == {1: "skipped"}, "nothing was done"


def test_what_waits_to_go_once_more_becomes_what_is_asked_for_now(store):  # S4-18
    made, _ = sent(store, 1)
    made.find(RULES, resend={"INV-1001": "update"})
    approve(made)
    made.find(RULES, resend={"INV-1001": "new"})
    assert [(entry.generation, entry.state, entry.remote, entry.number) for entry in made.entries()] == [(1, "sent", "remote-1", "N-INV-1001"), (2, "found", "", "")]
    made.find(RULES, resend={"INV-1001": "update"})
    assert [(entry.generation, entry.state, entry.remote, entry.number) for entry in made.entries()] == [(1, "sent", "remote-1", "N-INV-1001"), (2, "found", "remote-1", "N-INV-1001")]
    assert check(store) == []


def test_what_cannot_be_resent_is_said(store):
    made, _, send = begun(store, 3)
    with pytest.raises(CannotRun, match="Invoice INV-1001 was sent already, and whether it arrived is not known yet. Settle that first. Nothing was sent."):
        made.find(RULES, resend={"INV-1001": "new"})
    made.answered(send.id, {1: Result(State.SENT), 2: Result(State.CONFLICT, "It differs"), 3: Result(State.SENT)}, OK)
    for key in ("INV-1001", "INV-1002"):
        with pytest.raises(CannotRun, match=f"Invoice {key} cannot be updated: which one it is there is not known"):
            made.find(RULES, resend={key: "update"})
    with pytest.raises(CannotRun, match="can be resent as skip, update or new, not as twice"):
        made.find(RULES, resend={"INV-1001": "twice"})
    for how in ("new", "update", "skip"):
        with pytest.raises(CannotRun, match='No invoice has the key "INV-9999" in the ledger. It lists the keys; an invoice number is not one. Nothing was sent.'):
            made.find(RULES, resend={"INV-9999": how})
    with pytest.raises(CannotRun, match='No invoice has the key "1" in the ledger'):
        made.find("autotask.invoices", resend={"1": "new"})
    assert check(store) == []


def test_what_differs_is_changed_where_its_identifier_is_known(store):  # S4-18
    made, _, send = begun(store, 2)
    made.answered(send.id, {1: Result(State.CONFLICT, "Another total", remote="R1"), 2: Result(State.CONFLICT, "Another total", remote="R2")}, OK)
    made.answered(send.id, {2: Result(State.SENT, remote="R9")}, OK)
    with pytest.raises(CannotRun, match="Invoice INV-1002 cannot be updated: which one it is there is not known"):
        made.find(RULES, resend={"INV-1002": "update"})
    assert made.find(RULES, resend={"INV-1001": "update"}) == 1
    approve(made)
    made.answered(made.begin([3], "key-2", b"change").id, {3: Result(State.SENT, remote="R1")}, OK)
    assert [(entry.state, entry.remote, entry.note) for entry in made.entries(keys=["INV-1001"])] == [("replaced", "R1", "It was changed there since"), ("sent", "R1", "")]
    assert check(store) == []
