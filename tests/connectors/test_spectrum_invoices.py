"""What Spectrum is sent, and what is not let out (S2-1 … S2-3, S2-9, S2-31, S2-36, S2-37, S2-40, S2-45)."""

import datetime as dt
import json
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from invoice_rules import convert, examine
from invoice_rules.connectors import exactjson
from invoice_rules.connectors.spectruminvoices import body, faults
from invoice_rules.results import Answer, Document, Entry, Result, State
from invoice_rules.samples.references import sample_invoice
from tests.connectors.spectrumdata import RULES, SAMPLE, SECRET, destination, invoice

TENANT = "spectrum.example:8482"


def found(store):
    """The documents that the ledger has found."""
    ledger = store.ledger("spectrum", TENANT)
    ledger.find(RULES)
    return ledger.documents(ledger.entries(State.FOUND)), ledger


@pytest.fixture
def sent(books):
    """A function: what is sent of these invoices, parsed."""
    return lambda *invoices: exactjson.loads(body(found(books(*invoices))[0], TENANT))["arInvoices"]


def given(**fields):
    """A document made by hand."""
    entry = Entry(1, "main", RULES, "ABC/N1", "spectrum", TENANT, State.FOUND, number=fields.pop("number", ""))
    lines = fields.pop("lines", ({"Line_Extension": Decimal("5"), "Detail_Description": "x"},))
    day = dt.date(2018, 5, 24)
    own = {"Company_Code": "ABC", "GL_Date": day, "Batch_Code": "B1", "Customer_Code": "007Cor", "Invoice_Or_Transaction": "N1", "Transaction_Type": "I", "Invoice_Date": day}
    return Document(entry, {**own, **fields}, lines)


def test_the_sample_arrives_as_it_was(sent):
    """S2-1, S2-45: elements, their order, 1,891.00; only the GUID and what the program fills in are new (S2-3, S2-17, S2-18)."""
    (one,) = sent(SAMPLE)
    guid, lines = one.pop("GUID"), one["invoiceDetails"]
    assert str(uuid.UUID(guid)) == guid and len(guid) == 36
    assert one == exactjson.loads(json.dumps(SAMPLE)) | {"Print_Job_Address_Flag": "Y", "Retention_Amount": 0, "invoiceDetails": lines}
    assert [list(one), *map(list, lines)] == [list(SAMPLE), *map(list, SAMPLE["invoiceDetails"])]
    assert lines == exactjson.loads(json.dumps(SAMPLE["invoiceDetails"]))
    assert sum(line["Line_Extension"] for line in lines) == Decimal("1891.00")


def test_it_is_the_text_that_a_converted_file_has(tmp_path, books):
    documents, _ = found(books(SAMPLE))
    report = examine(("sample.json", sample_invoice()), RULES)
    text = convert(report, tmp_path / "made.json", filled=True).read_text()
    mine = body(documents, TENANT).decode()
    assert mine.replace(f'"GUID": "{json.loads(mine)["arInvoices"][0]["GUID"]}",\n      ', "") == text


def test_blanks_are_empty_text_and_numbers_are_exact(sent):
    """S2-40: never by way of a float."""
    (one,) = sent(invoice("N1", {"Line_Extension": "1234567.10", "Quantity": "1000000.000001", "GL_Account": ""}, {"Line_Extension": "0.30", "Quantity": ""}))
    assert [line["Line_Extension"] for line in one["invoiceDetails"]] == [Decimal("1234567.1"), Decimal("0.3")]
    assert [str(line["Quantity"]) for line in one["invoiceDetails"]] == ["1000000.000001", ""]
    assert (one["Job_Number"], one["Sales_Tax_Amount"], one["GL_Date"]) == ("", "", "05/24/2018")


def test_a_message_beside_an_amount_is_a_line_of_its_own(sent):
    """S2-31: in its place, with the amount of 0 that Spectrum wants on each line, as the sample has it."""
    (one,) = sent(invoice("N1", {"Line_Extension": "5.00", "Message": "Thank you"}, {"Line_Extension": "6.00"}))
    assert [(line["Line_Extension"], line["Message"]) for line in one["invoiceDetails"]] == [(5, ""), (0, "Thank you"), (6, "")]
    assert one["invoiceDetails"][1] == {**SAMPLE["invoiceDetails"][1], "Message": "Thank you"}


def test_a_credit_memo_goes_with_positive_amounts(sent):
    """S2-34: the books count it below zero, Spectrum wants type C."""
    (one,) = sent(invoice("N1", {"Line_Extension": "5.00"}, Transaction_Type="C", Retention_Amount="1.00", Retention_Percent=""))
    assert (one["Transaction_Type"], one["invoiceDetails"][0]["Line_Extension"], one["Retention_Amount"]) == ("C", 5, 1)


def test_the_same_invoices_are_the_same_bytes_and_each_request_has_a_guid_of_its_own(books):
    """S2-3: all of a request share it; one that goes once more gets another, since Spectrum lets them expire."""
    documents, ledger = found(books(invoice("N1"), invoice("N2")))
    again = ledger.documents(ledger.entries())
    guids = [{one["GUID"] for one in json.loads(body(some, TENANT))["arInvoices"]} for some in (documents, documents[:1], documents[1:])]
    assert body(documents, TENANT) == body(again, TENANT) and [len(one) for one in guids] == [1, 1, 1] and len(set.union(*guids)) == 3
    later = [replace(one, entry=replace(one.entry, attempts=1)) for one in documents]
    assert body(later, TENANT) != body(documents, TENANT) and body(documents, "other.example:8482") != body(documents, TENANT)


def test_the_authorization_id_is_in_no_body_and_no_repr(sent):
    """S2-2"""
    (one,) = sent({**SAMPLE, "Authorization_ID": SECRET})
    assert "Authorization_ID" not in one and SECRET not in json.dumps(one, default=str)
    assert SECRET not in repr(destination("http://127.0.0.1:9")) + repr(vars(destination("http://127.0.0.1:9"))) + repr(destination("http://127.0.0.1:9").session.auth)


@pytest.mark.parametrize("sign", "/*?\"'><#,&~")
def test_signs_that_spectrum_takes_in_no_code(sign):
    assert faults(given(Customer_Code=f"00{sign}7")) == [f"Customer code is 00{sign}7, and Spectrum takes no {sign} in its codes. Correct it."]
    assert faults(given(Customer_PO=f"00{sign}7", Remarks=f"a{sign}b")) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Invoice_Or_Transaction": "N2345678901"}, "Invoice number has 11 characters, and Spectrum keeps 10 and cuts off the rest. Shorten it."),
        ({"number": "N23456789-2"}, "Invoice number has 11 characters, and Spectrum keeps 10 and cuts off the rest. Shorten it."),
        ({"Remarks": "x" * 66}, "Remarks has 66 characters, and Spectrum keeps 65 and cuts off the rest. Shorten it."),
        ({"Batch_Code": None}, "Batch code is missing. Spectrum wants it."),
        ({"Sales_Tax_Amount": Decimal("1.005")}, "Sales tax amount is 1.005. Spectrum has two decimals and would round it. Correct it."),
        ({"Retention_Amount": Decimal("-1")}, "Retention amount is -1. Spectrum takes no amounts below zero; what lowers receivables is a credit memo. Correct it."),
        ({"lines": ()}, "It has no line. Spectrum wants at least one."),
        ({"lines": ({"Line_Extension": Decimal(1), "GL_Account": "20#4"},)}, "Line 1: G/L account is 20#4, and Spectrum takes no # in its codes. Correct it."),
    ],
)
def test_what_would_not_arrive_as_it_is_stays_here(fields, said):
    """S2-9, S2-36, S2-37: Spectrum shortens and rounds without a word."""
    assert faults(given(**fields)) == [said]


def test_a_good_one_has_no_faults(books):
    assert faults(given()) == [] == faults(given(Remarks="x" * 65, lines=({"Message": "m" * 250},)))
    assert [faults(one) for one in found(books(SAMPLE))[0]] == [[]]


# ---- which may go


class Listed:
    """A ledger that has these entries."""

    def __init__(self, *entries):
        self.there = entries

    def entries(self, *states):
        return [entry for entry in self.there if entry.state in states]


def entry(at, key, state=State.FOUND, number="", **more):
    return Entry(at, "main", RULES, key, "spectrum", TENANT, state, number=number, **more)


def judged(*documents, there=()):
    """Number -> (state, note) of these documents, while the ledger has others."""
    verdicts, numbers = destination("http://127.0.0.1:9").judge(documents, Listed(*there))
    return {numbers[one.entry.id]: verdicts[one.entry.id] for one in documents}


def one(at, number="N1", company="ABC", **fields):
    made = given(Invoice_Or_Transaction=number, Company_Code=company, **fields)
    return replace(made, entry=entry(at, f"{company}/{number}"))


def test_good_invoices_are_ready_under_their_own_numbers_and_those_of_other_companies_wait():
    assert judged(one(1), one(2, "N2", "DEF"), one(3, "N3", "XYZ")) == {
        "N1": (State.READY, ""),
        "N2": (State.READY, ""),
        "N3": (State.HELD, "Company XYZ is not one of this connection (ABC, DEF). Connect to Spectrum for it too."),
    }


@pytest.mark.parametrize("state", [State.READY, State.SENDING, State.UNKNOWN, State.CONFLICT, State.SENT])
def test_a_number_goes_once_for_each_company(state):
    """S2-9, S2-42: also where only capitals differ, or a slash is part of it; another company may have it, and what stays back takes none."""
    refused = (State.REJECTED, "Number a1 went to company ABC before. Spectrum takes a number once: give this invoice another one.")
    assert judged(one(1, "a1"), there=[entry(7, "ABC/A1", state)]) == {"a1": refused} == judged(one(1, "a1"), there=[entry(7, "ABC/x", state, number="A1")])
    assert judged(one(1, "a1"), there=[entry(7, "DEF/A1", state), entry(8, "ABC/A1", State.SKIPPED), entry(1, "ABC/a1", state)])["a1"] == (State.READY, "")
    assert judged(one(1, "a1"), one(2, "A1")) == {"a1": (State.READY, ""), "A1": (refused[0], refused[1].replace("a1", "A1"))}
    assert judged(one(1, "x/1"), there=[entry(7, "ABC/x\\/1", state)])["x/1"][1].startswith("Number x/1 went to company ABC before.")


def test_a_code_with_a_forbidden_sign_is_refused_before_it_leaves():
    assert judged(one(1, Customer_Code="A&B")) == {"N1": (State.REJECTED, "Customer code is A&B, and Spectrum takes no & in its codes. Correct it.")}


def test_nothing_that_spectrum_has_is_changed():
    """S2-42: an update is no new invoice (S4-18)."""
    made = one(1)
    again = replace(made, entry=replace(made.entry, remote="ABC/B1/N1", generation=2))
    assert judged(again) == {"N1-2": (State.REJECTED, "Spectrum takes no changes to an invoice that it has. Change it there, or send it as a new one.")}


def test_what_goes_once_more_as_a_new_one_gets_a_number_of_its_own(books):
    """S4-18"""
    store = books(invoice("N1"), invoice("N234567890"))
    documents, ledger = found(store)
    ledger.judge({one.entry.id: (State.READY, "") for one in documents}, {one.entry.id: one.fields["Invoice_Or_Transaction"] for one in documents})
    for one in documents:
        send = ledger.begin([one.entry.id], f"key-{one.entry.id}", b"{}")
        ledger.answered(send.id, {one.entry.id: Result(State.SENT, "", f"ABC/B/{one.entry.key}")}, Answer(200))
    ledger.find(RULES, resend={"ABC/N1": "new", "ABC/N234567890": "new"})
    verdicts, numbers = destination("http://127.0.0.1:9").judge(ledger.documents(ledger.entries(State.FOUND)), ledger)
    verdicts = {numbers[entry]: verdict for entry, verdict in verdicts.items()}
    assert set(verdicts) == {"N1-2", "N234567890-2"} and verdicts["N1-2"] == (State.READY, "")
    state, why = verdicts["N234567890-2"]
    assert state is State.REJECTED and why.startswith("As a new one it would be number N234567890-2, which has 12 characters; Spectrum keeps 10. If it was deleted there, say so")


def test_requests_are_of_one_company_and_one_invoice():
    documents = [one(1), one(2, "N2", "DEF"), one(3, "N3"), one(4, "N4")]
    numbers = [[[each.fields["Invoice_Or_Transaction"] for each in group] for group in destination("http://127.0.0.1:9", batch=batch).group(documents)] for batch in (1, 2, 50)]
    assert numbers == [[["N1"], ["N3"], ["N4"], ["N2"]], [["N1", "N3"], ["N4"], ["N2"]], [["N1", "N3", "N4"], ["N2"]]]
