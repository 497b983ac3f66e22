"""What people read about sending: the same sentences in every front end."""

import datetime as dt

import pytest

from invoice_rules.connectors import telling
from invoice_rules.results import TWICE, Entry, State


def entry(number: int = 1, state: State = State.READY, **other) -> Entry:
    """An entry of an invoice of AUD 100.00."""
    rules = "spectrum.invoices" if other.get("destination") == "spectrum" else "autotask.invoices"
    given = {"entity": "main", "rules": rules, "destination": "xero", "tenant": "t-1", "currency": "AUD", "total": 10_000, "date": dt.date(2026, 11, number)}
    return Entry(id=number, key=str(2968000 + number), number=f"INV-{number}", state=state, **{**given, **other})


def test_every_state_has_a_place_in_the_order_and_a_word():
    assert set(telling.ORDER) == set(State)
    assert all(telling.word(entry(state=state)) for state in State)


def test_what_ends_well_asks_for_nothing_and_all_else_says_what_to_do():
    silent = {state for state in State if not telling.next_step(entry(state=state))}
    assert silent == {State.DONE, State.REPLACED, State.SKIPPED}
    assert "{" not in "".join(telling.next_step(entry(state=state)) for state in State)


def test_a_mark_that_was_refused_is_no_interrupted_one():  # S4-16, S4-19
    refused = entry(state=State.MARKING, note="It belongs to company 7.")
    assert (telling.word(refused), telling.next_step(refused)) == ("not marked", "See why it was not marked, settle that, then mark it again.")
    assert telling.needs_person([refused, entry(state=State.MARKING)]) == "1 invoice needs you: 1 not marked."
    assert telling.unmarked([refused]) == [refused], "it may be marked again"


def test_what_is_there_twice_does_not_go_a_third_time():  # S2-44
    twice = entry(state=State.CONFLICT, note=f"{TWICE}: R1 and R2")
    assert (telling.word(twice), telling.next_step(twice)) == ("there twice", "Delete one of the two there, then say that it is there.")
    assert telling.needs_person([twice, entry(2, State.CONFLICT)]) == "2 invoices need you: 1 there twice, 1 differs."


def test_spectrum_is_staged_and_a_person_looks_there():  # S2-43, S2-44
    there = entry(state=State.SENT, destination="spectrum")
    assert (telling.word(there), telling.next_step(there)) == ("staged", "")
    assert "Customer Invoice Entry in Spectrum" in telling.next_step(entry(state=State.UNKNOWN, destination="spectrum"))
    assert "Xero is asked first" in telling.next_step(entry(state=State.UNKNOWN))


def test_totals_are_exact_and_never_mix_currencies():
    mixed = [entry(1), entry(2, total=1), entry(3, currency="JPY", total=500), entry(4, total=-50)]
    assert telling.totals(mixed) == "AUD 99.51, JPY 500"
    assert telling.exact_totals(mixed) == {"AUD": "99.51", "JPY": "500"}
    assert telling.totals([]) == ""


def test_credits_are_counted_as_credit_notes():  # S4-21
    assert telling.counted([entry(1), entry(2, total=-1)]) == "1 invoice and 1 credit note"
    assert telling.counted([entry(2, total=-1), entry(3, total=-1)]) == "2 credit notes"
    assert telling.counted([]) == "0 invoices"


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ([], "There is nothing to send."),
        ([State.SENT, State.SKIPPED], "There is nothing to send."),
        ([State.READY], "1 invoice (AUD 100.00) is ready."),
        ([State.READY, State.READY, State.HELD], "1 of 3 invoices stays back. 2 (AUD 200.00) are ready."),
        ([State.REJECTED, State.HELD], "2 invoices stay back. None is ready."),
    ],
)
def test_the_summary_leads_with_what_matters(states, says):
    assert telling.summary([entry(number, state) for number, state in enumerate(states, 1)]) == says


def test_the_question_names_count_total_target_and_what_they_become():  # S4-6, S4-21, S2-43
    two = [entry(1), entry(2), entry(3, State.HELD)]
    assert telling.question(two, "Demo Company in Xero", "xero", {}) == "Send 2 invoices (AUD 200.00) to Demo Company in Xero as drafts?"
    assert telling.question(two[:1], "Demo Company in Xero", "xero", {"approved": "yes"}).endswith("to Demo Company in Xero and approve it there?")
    assert telling.question(two[:1], "ABC in Spectrum", "spectrum", {}) == "Send 1 invoice (AUD 100.00) to ABC in Spectrum as a staged entry?"
    assert telling.question(two[2:], "Demo Company in Xero", "xero", {}) == ""


def test_marking_is_offered_for_what_was_sent_and_for_no_other():  # S4-15, S4-16
    all_ = [entry(number, state) for number, state in enumerate(State, 1)]
    assert {one.state for one in telling.unmarked(all_)} == {State.SENT, State.MARKING}
    assert telling.mark_question(all_) == "Mark 2 invoices as processed in Autotask?"
    assert telling.mark_question(all_, "Our Company") == "Mark 2 invoices as processed in Autotask (Our Company)?"
    assert telling.mark_question([entry(state=State.SENT, destination="spectrum")]) == ""


def test_the_outcome_names_every_way_that_it_may_end():
    ended = [State.SENT, State.DONE, State.UNKNOWN, State.CONFLICT, State.REJECTED, State.READY]
    said = telling.outcome([entry(number, state) for number, state in enumerate(ended, 1)])
    assert said == "2 invoices (AUD 200.00) sent. 1 has an unknown outcome. 1 differs from what is there. 1 was refused. 1 was not tried."
    assert telling.outcome([entry(state=State.UNKNOWN)]) == "Nothing is known to be sent. 1 has an unknown outcome."
    assert telling.outcome([entry(state=State.REJECTED)]) == "Nothing was sent. 1 was refused."


def test_what_was_left_open_is_told_once_looked_into():  # S2-44
    found = [entry(number, state) for number, state in enumerate([State.SENT, State.READY, State.READY, State.UNKNOWN, State.CONFLICT], 1)]
    assert telling.settled(found) == "1 invoice (AUD 100.00) is there. 2 are not there and go again. 1 differs from what is there. 1 is still unknown."
    assert telling.settled([]) == "Nothing was left open."


def test_what_arrived_last_time_is_told_and_may_be_asked_for_again():  # S4-18
    assert telling.not_again(["7"]) == "Invoice 7 arrived last time, so it is not sent once more. Ask for it again if it is to go once more."
    assert telling.not_again(["7", "8"]).startswith("Invoices 7, 8 arrived last time, so they are not sent once more.")
    assert telling.not_again([]) == ""


def test_what_needs_a_person_is_counted_by_kind():
    kinds = [State.UNKNOWN, State.CONFLICT, State.CONFLICT, State.NEEDS_MAPPING, State.DONE, State.READY]
    assert telling.needs_person([entry(number, state) for number, state in enumerate(kinds, 1)]) == "4 invoices need you: 1 outcome unknown, 2 differ, 1 needs mapping."
    assert telling.needs_person([entry(state=State.DONE)]) == ""


def test_lines_put_what_is_ready_first_then_reasons_by_number():  # S4-14
    found = telling.lines([entry(1, State.HELD, note="a"), entry(2), entry(3, State.REJECTED, note="b"), entry(4, State.REJECTED, note="c"), entry(5, State.REJECTED, note="c"), entry(6, State.DONE)])
    assert [(line.word, line.says, line.count, line.totals) for line in found] == [
        ("ready", "", 1, "AUD 100.00"), ("held", "a", 1, "AUD 100.00"), ("rejected", "c", 2, "AUD 200.00"), ("rejected", "b", 1, "AUD 100.00"),
    ]  # fmt: skip
    assert found[2].keys == ("2968004", "2968005")


def test_rows_put_first_what_needs_a_person_with_exact_totals():
    found = telling.rows([entry(1, State.DONE), entry(2, State.UNKNOWN, currency="JPY", total=500), entry(3, State.HELD, note="locked")])
    assert found["state"].tolist() == ["unknown", "held", "done"]
    assert found["total"].tolist() == ["500", "100.00", "100.00"]
    assert list(telling.rows([]).columns) == list(telling.COLUMNS)
