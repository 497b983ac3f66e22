"""What Xero answers, and what it has when it is asked afterwards: only a plain yes counts (S4-12, S4-17 … S4-19, S4-21)."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.connectors.failures import NotReached, Refused
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.results import Answer, State
from tests.connectors.xerocases import COMPANY, change, destination, document, judged, line, looked, sent, verdict
from tests.connectors.xeroserver import TENANT, Fault

pytestmark = pytest.mark.xdist_group("xero")
D = Decimal


def test_each_invoice_of_a_request_by_itself(xero, ledger, contact):  # S4-19
    xero.faults = [Fault("PUT", "/Invoices", errors={"20261031.2": "The Contact is not right."})]
    _, _, results = sent(xero, ledger, *[document(n) for n in (1, 2, 3)])
    assert [(result.state, result.note) for result in results] == [(State.SENT, ""), (State.REJECTED, "Xero refused it: The Contact is not right."), (State.SENT, "")]
    assert len({result.remote for result in results}) == 3
    assert len(xero.state()["invoices"]) == 2


def test_another_total_in_xero_is_a_conflict(xero, ledger, contact):  # S4-21
    xero.faults = [Fault("PUT", "/Invoices", total="0.01")]
    _, _, (result,) = sent(xero, ledger, document())
    assert (result.state, result.note) == (State.CONFLICT, "Xero says 1,200.01, the invoice says 1,200.00.")
    assert result.remote == xero.state()["invoices"][0]["InvoiceID"]


def answered(made, *items, status=200, kind="Invoices", contact=""):
    one = XeroDestination(client_stub())
    one._links = {COMPANY: contact} if contact else {}
    return one.results(Answer(status, json.dumps({kind: list(items)}).encode()), [made])[made.entry.id]


def client_stub():
    class Stub:
        tenant = TENANT

    return Stub()


GOOD = {"InvoiceID": "i-1", "InvoiceNumber": "20261031.1187", "Reference": "1187", "Total": 1200.0, "CurrencyCode": "USD", "Status": "DRAFT", "StatusAttributeString": "OK"}


@pytest.mark.parametrize(
    ("change", "state", "note"),
    [
        ({}, State.SENT, ""),
        ({"Status": "QUEUED", "LineAmountTypes": "New"}, State.SENT, ""),
        ({"Warnings": [{"Message": "Only a contact in Xero was used."}]}, State.SENT, "Xero warns: Only a contact in Xero was used."),
        ({"InvoiceID": ""}, State.UNKNOWN, "Xero's answer does not say plainly that it took it."),
        ({"InvoiceID": "00000000-0000-0000-0000-000000000000"}, State.UNKNOWN, "Xero's answer does not say plainly that it took it."),
        ({"StatusAttributeString": "PENDING"}, State.UNKNOWN, "Xero's answer does not say plainly that it took it."),
        ({"Total": None}, State.UNKNOWN, "Xero's answer does not say what it comes to."),
        ({"Total": "twelve"}, State.UNKNOWN, "Xero's answer does not say what it comes to."),
        ({"InvoiceNumber": "other"}, State.UNKNOWN, "Xero's answer does not speak of it."),
        ({"HasErrors": True}, State.REJECTED, "Xero refused it: no reason was given."),
        ({"StatusAttributeString": "ERROR", "ValidationErrors": [{"Message": "A."}, {"Message": "B"}, {"Message": "A."}]}, State.REJECTED, "Xero refused it: A; B."),
        ({"ValidationErrors": [{"Message": "Invoice # must be unique."}]}, State.UNKNOWN, "Xero has an invoice of this number: Invoice # must be unique."),
        ({"CurrencyCode": "EUR"}, State.CONFLICT, "In Xero it is in EUR, the invoice is in USD."),
        ({"Total": 1200.001}, State.CONFLICT, "Xero says 1,200.00, the invoice says 1,200.00."),
        ({"Contact": {"ContactID": "c-2"}}, State.CONFLICT, "In Xero it is for another contact."),
    ],
)
def test_only_a_plain_yes_counts(change, state, note):
    result = answered(document(), {**GOOD, **change}, contact="c-1")
    assert (result.state, result.note) == (state, note)


def test_an_answer_that_speaks_of_it_twice_or_not_at_all():
    assert answered(document(), GOOD, GOOD).state is State.UNKNOWN
    assert answered(document()).state is State.UNKNOWN
    assert answered(document(), GOOD, kind="Things").state is State.UNKNOWN
    assert answered(document(), "OK").state is State.UNKNOWN


def test_a_refusal_of_the_whole_names_who_is_to_blame():
    wrong = {"InvoiceNumber": "20261031.1187", "ValidationErrors": [{"Message": "No."}]}
    assert answered(document(), wrong, status=400, kind="Elements").state is State.REJECTED
    assert answered(document(1), wrong, status=400, kind="Elements").state is State.READY
    assert answered(document(), GOOD, status=400, kind="Elements").state is State.READY


UNIQUE = [{"Message": "Invoice # must be unique."}]


@pytest.mark.parametrize(
    "said",
    [
        {"Elements": [{"InvoiceNumber": "20261031.1187", "ValidationErrors": UNIQUE}]},
        {"Message": "A validation exception occurred", "Elements": [{"ValidationErrors": UNIQUE}]},
        {"ErrorNumber": 10, "Message": "Invoice # must be unique"},
    ],
)
def test_a_refusal_because_xero_has_the_number_leaves_it_open(said):  # S4-17
    answer, one, made = Answer(400, json.dumps(said).encode()), XeroDestination(client_stub()), document()
    result = one.results(answer, [made])[1187]
    assert (result.state, result.number) == (State.UNKNOWN, "20261031.1187")
    assert result.note.startswith("Xero has an invoice of this number: ")
    update = document(entry={"remote": "i-1", "number": "20261031.1187"})
    assert one.results(answer, [update])[1187].number == ""


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*GOOD, "Contact", "ValidationErrors", "Invoices", "HasErrors", "Warnings", "Elements"]), inner, max_size=6), max_leaves=20)


@settings(max_examples=60, deadline=None)
@given(said=JSON | st.dictionaries(st.just("Invoices"), st.lists(st.fixed_dictionaries({name: JSON | st.just(value) for name, value in GOOD.items()}), max_size=3)), status=st.sampled_from([200, 201, 400]))
def test_whatever_it_says_it_is_read_and_never_taken_for_a_yes(said, status):
    one, made = XeroDestination(client_stub()), document()
    result = one.results(Answer(status, json.dumps(said).encode()), [made])[1187]
    if result.state is State.SENT:
        (row,) = [row for row in said["Invoices"] if isinstance(row, dict) and str(row.get("InvoiceNumber")).casefold() == GOOD["InvoiceNumber"]]
        assert status < 400
        assert (D(str(row["Total"])), result.remote) == (1200, str(row["InvoiceID"]))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_answer_leave_it_unknown(said):
    one = XeroDestination(client_stub())
    assert one.results(Answer(200, said), [document()])[1187].state is State.UNKNOWN


# asking afterwards


def test_what_is_there_is_ours_only_where_all_agrees(xero, ledger, contact):  # S4-17, S4-19
    documents = [document(n) for n in (1, 2, 3, 4, 5, 6, 7)]
    one, _, _ = sent(xero, ledger, *documents[:6])
    there = {invoice["InvoiceNumber"]: invoice["InvoiceID"] for invoice in xero.state()["invoices"]}
    other = xero.contact("Somebody else")
    change(there["20261031.2"], Reference="")
    change(there["20261031.3"], Total=1199.99)
    change(there["20261031.4"], Contact={"ContactID": other})
    change(there["20261031.5"], Status="VOIDED")
    change(there["20261031.6"], CurrencyCode="EUR")
    results = looked(one, *documents)
    assert [bool(result.remote) for result in results[:3]] == [True, False, True], "what may be another invoice is never changed as ours"
    assert [(result.state, result.note) for result in results] == [
        (State.SENT, ""),
        (State.CONFLICT, 'Its reference in Xero is "", not 2: it may be another invoice of the same number.'),
        (State.CONFLICT, "Xero says 1,199.99, the invoice says 1,200.00."),
        (State.CONFLICT, "In Xero it is for another contact."),
        (State.CONFLICT, "It was voided in Xero."),
        (State.CONFLICT, "In Xero it is in EUR, the invoice is in USD."),
        (State.READY, "Xero does not have it."),
    ]
    assert results[0].remote == there["20261031.1"]


def test_a_second_copy_is_a_conflict(xero, ledger, contact):
    """localstack-xero takes a number as often as it comes."""
    one, _, _ = sent(xero, ledger, document())
    one.send(one.body([document()]), "key-1")
    (result,) = looked(one, document())
    assert (result.state, result.note) == (State.CONFLICT, "Xero has 2 by the number 20261031.1187. Keep the right one there.")


def test_credit_notes_are_looked_for_among_credit_notes(xero, ledger, contact):
    credit, invoice = document(1, [line("-5.00")], invoiceNumber="X"), document(2, invoiceNumber="X")
    one, _, _ = sent(xero, ledger, credit)
    assert [result.state for result in looked(one, credit, invoice)] == [State.SENT, State.READY]


def test_a_contact_that_was_merged_meanwhile_is_the_same(xero, ledger, contact):  # S4-12
    one, _, _ = sent(xero, ledger, document())
    heir = xero.contact("Stonebridge Group")
    change(xero.state()["invoices"][0]["InvoiceID"], Contact={"ContactID": heir})
    xero.change(contact, ContactStatus="ARCHIVED", MergedToContactID=heir)
    assert looked(one, document())[0].state is State.SENT


def test_after_a_restart_the_contact_is_known_by_its_number(xero, ledger, contact):
    sent(xero, ledger, document())
    assert looked(destination(xero), document())[0].state is State.SENT
    xero.change(contact, ContactNumber="777")
    assert looked(destination(xero), document())[0].state is State.CONFLICT


def test_it_is_looked_for_by_what_was_sent_not_by_what_is_on_file_by_now(xero, ledger, contact):  # S4-17
    one, _, _ = sent(xero, ledger, document(1), document(2))
    corrected = document(1, invoiceNumber="X-1", entry={"number": "20261031.1"})
    credited = document(2, [line("-1000.00")], entry={"number": "20261031.2"})
    credited = replace(credited, entry=replace(credited.entry, total=120_000))
    there = {invoice["InvoiceNumber"]: invoice["InvoiceID"] for invoice in xero.state()["invoices"]}
    results = looked(one, corrected, credited)
    assert [(result.state, result.note, result.remote) for result in results] == [
        (State.SENT, "", there["20261031.1"]),
        (State.CONFLICT, "It was sent as an invoice and is a credit note by now.", there["20261031.2"]),
    ]


def test_what_cannot_be_asked_stays_open(xero, ledger, contact):
    one, _, _ = sent(xero, ledger, document())
    xero.faults = [Fault("GET", "/Invoices", status=500, times=0)]
    with pytest.raises((Refused, NotReached)):
        looked(one, document())


# changing what is there


def test_a_draft_is_changed_in_its_place(xero, ledger, contact):  # S4-18
    _, _, (first,) = sent(xero, ledger, document())
    made = document(lines=[line("500.00")], entry={"generation": 2, "remote": first.remote, "number": first.number})
    _, _, (result,) = sent(xero, ledger, made)
    assert (result.state, result.remote) == (State.SENT, first.remote)
    (there,) = xero.state()["invoices"]
    assert (there["Total"], there["InvoiceNumber"]) == (600.0, "20261031.1187")
    assert [sent.method for sent in xero.sent("PUT", "/Invoices") + xero.sent("POST", "/Invoices")] == ["PUT", "POST"]


@pytest.mark.parametrize("more", [{}, {"dueDate": dt.date(2026, 12, 24)}, {"total": D(7)}])
def test_a_change_whose_answer_was_lost_is_made_once_more(xero, ledger, contact, more):  # S4-18
    """What Xero tells of an invoice is not all that may have been changed."""
    one, _, (first,) = sent(xero, ledger, document())
    made = document(entry={"generation": 2, "remote": first.remote, "number": first.number}, **more)
    (result,) = looked(one, made)
    assert (result.state, result.note) == (State.READY, "Xero has it. Whether the change arrived is not known, so it is made once more.")
    change(first.remote, Status="AUTHORISED")
    (result,) = looked(one, made)
    assert (result.state, result.note) == (State.CONFLICT, "In Xero it is authorised by now, and whether the change arrived before that is not known.")


def test_no_invoice_is_changed_into_a_credit_note(xero, ledger, contact):  # S4-18, S4-21
    one, _, (first,) = sent(xero, ledger, document())
    turned = document(lines=[line("-1000.00")], entry={"generation": 2, "remote": first.remote, "number": first.number})
    said = "In Xero it is an invoice, and by now it is a credit note: Xero does not turn one into the other. Delete the one there, and send this as a new one."
    assert verdict(xero, ledger, turned) == (State.REJECTED, said)
    unknown = replace(turned, entry=replace(turned.entry, total=100_000))
    assert looked(one, unknown)[0].state is State.READY


@pytest.mark.parametrize("status", ["AUTHORISED", "PAID", "VOIDED", "DELETED"])
def test_what_is_no_draft_any_more_is_not_changed(xero, ledger, contact, status):  # S4-18
    _, _, (first,) = sent(xero, ledger, document())
    change(first.remote, Status=status)
    state, note = verdict(xero, ledger, document(entry={"generation": 2, "remote": first.remote}))
    assert (state, note) == (State.REJECTED, f"In Xero it is {status.lower()} by now; only a draft can be changed. Change it there, or send a new one.")


def test_what_is_gone_is_not_changed(xero, ledger, contact):
    gone = document(entry={"generation": 2, "remote": "5cc8cf28-567e-4d43-b287-687cfcaec47c"})
    assert verdict(xero, ledger, gone) == (State.REJECTED, "It is no longer in Xero, so there is nothing to change. Send it as a new one.")
    one, _, _ = judged(xero, ledger, document())
    assert looked(one, gone)[0].state is State.CONFLICT
