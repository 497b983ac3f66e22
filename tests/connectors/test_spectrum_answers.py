"""What counts as a yes and a no of Spectrum, in JSON, XML and plain text; everything else is an unknown outcome (S2-42 … S2-44)."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.connectors.spectrumanswers import LARGEST, Said, read
from invoice_rules.results import Answer, Document, Entry, State
from tests.connectors.spectrumdata import RULES, SAMPLE, destination

SOAP = """<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><SOAP-ENV:Body>
<nis:Response xmlns:nis="http://www.northgate-is.com/proiv/webservices/types"><returnArray><returnData>{}</returnData></returnArray></nis:Response></SOAP-ENV:Body></SOAP-ENV:Envelope>"""
ROW = "<response><error_code>{}</error_code><desc>{}</desc><column>{}</column></response>"
WHERE = "Check Customer Invoice Entry, batch 20180524, number {}."


def document(number="N1", at=1, **entry):
    made = Entry(at, "main", RULES, f"ABC/{number}", "spectrum", "s:1", State.SENDING, number=number, **entry)
    return Document(made, {"Company_Code": "ABC", "Batch_Code": "20180524", "Invoice_Or_Transaction": number}, ({"Line_Extension": Decimal(1)},))


def results(answer, *numbers, **entry):
    """The results for invoices of these numbers, in their order."""
    documents = [document(number, at, **entry) for at, number in enumerate(numbers or ("N1",), 1)]
    found = destination("http://127.0.0.1:9").results(answer, documents)
    assert list(found) == [one.entry.id for one in documents]
    return list(found.values())


def body(value):
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def row(code, desc="", column="", **more):
    return {"error_code": code, "desc": desc, "column": column, **more}


YES = [
    row("G"),
    [row("S", "Record added", "")],
    {"returnArray": {"returnData": {"response": [row("G")]}}},
    {"Error_Code": "", "Error_Description": "", "Error_Column": ""},
    {"ErrorCode": None, "Desc": None},
    {"errorCode": 0},
    {"success": True},
    {"status": "Success"},
    '"Successful"',
    "Success.",
    SOAP.format(ROW.format("G", "", "")),
    SOAP.format(ROW.format("S", "Good", "")),
    {"response": SOAP.format(ROW.format("G", "", ""))},
    "error_code: G, desc: , column:",
]


@pytest.mark.parametrize("said", YES, ids=str)
def test_a_plain_yes_is_entered_and_not_posted(said):
    """S2-43"""
    (found,) = results(Answer(200, body(said)))
    assert (found.state, found.remote, found.number) == (State.SENT, "ABC/20180524/N1", "N1")
    assert found.note.startswith("Entered, not posted: it waits in Customer Invoice Entry, batch 20180524, to be updated there.")


@pytest.mark.parametrize("status", [302, 400, 409, 500, 503, 0])
@pytest.mark.parametrize("said", YES[:3], ids=str)
def test_a_yes_with_a_status_that_says_no_is_unknown(said, status):
    assert [one.state for one in results(Answer(status, body(said)))] == [State.UNKNOWN]


NO = [
    (row("I", "Customer_Code is invalid", "Customer_Code"), "Customer code: Customer_Code is invalid."),
    ([row("M", "GL Date must be supplied.", "GL_Date"), row("I", "Bad", "Nowhere")], "G/L date: GL Date must be supplied. Nowhere: Bad."),
    ({"errors": [row("M", "", "Batch_Code")]}, "Batch code is missing."),
    ({"errors": [row("I")]}, "A value is not valid."),
    ({"Error_Code": "I", "Error_Description": "No", "Error_Column": "GL_Account"}, "G/L account: No."),
    ({"returnArray": {"returnData": {"response": [row("I", "a", "Terms_Code"), row("", "", "")]}}}, "Terms code: a."),
    (SOAP.format(ROW.format("I", "GL Account does not match GL Mask", "GL_Account")), "G/L account: GL Account does not match GL Mask."),
    (SOAP.format(ROW.format("I", "one", "Status") + ROW.format("M", "two", "GL_Date")), "Status: one. G/L date: two."),
    ("error_code: I, desc: Customer is not on file, column: Customer_Code", "Customer code: Customer is not on file."),
    ("error_code=M; desc=GL date is missing", "GL date is missing."),
    ({"success": False, "errors": [row("I", "No", "Remarks")]}, "Remarks: No."),
    ([row("I", "No", "Remarks"), row("W", "Late", "GL_Date")], "Remarks: No."),
    (row("I", "Batch is already closed", "Batch_Code"), "Batch code: Batch is already closed."),
]


@pytest.mark.parametrize("status", [200, 400, 422])
@pytest.mark.parametrize(("said", "words"), NO, ids=str)
def test_a_plain_no_is_refused_with_its_words_and_its_field(said, words, status):
    (found,) = results(Answer(status, body(said)))
    assert (found.state, found.note) == (State.REJECTED, f"Spectrum refused it. {words}")


TAKEN = ["already on file", "Duplicate invoice number", "Invoice N1 already exists", "The invoice number is not unique"]


@pytest.mark.parametrize("words", TAKEN)
@pytest.mark.parametrize(("attempts", "why"), [(0, "Somebody may have entered it there."), (1, "It may be this invoice, from the time before.")])
def test_a_number_that_spectrum_has_is_for_a_person(words, attempts, why):
    """S2-42, S2-44: never a success by itself, never to be sent under another number by itself."""
    (found,) = results(Answer(400, body(row("I", words, "Invoice_Or_Transaction"))), attempts=attempts)
    assert found.state is State.CONFLICT
    assert found.note == f"Spectrum has number N1 already. {why} {WHERE.format('N1')} Invoice number: {words}."


NEITHER = [
    "", "OK", "null", "[]", "{}", "3", "<html><body>Success</body></html>", "<!DOCTYPE html><html>error_code: G</html>", '<!DOCTYPE x [<!ENTITY a "b">]><response><error_code>G</error_code></response>',
    "<response><error_code>G</error_code>", "{'error_code': 'G'}", "It works", {"arInvoices": [SAMPLE]}, {"arInvoices": [{**SAMPLE, "Remarks": "Success", "invoiceDetails": [{"Message": "error_code: G"}]}]},
    row("W", "Check the date", "GL_Date"), row("E", "The web service is not authorized", "Authorization_ID"), row("X"), row("G", "Is it?") | {"success": False}, [row("G"), row("I", "No", "Remarks")],
    [row("A", "Aborted", ""), row("G")], {"success": False}, {"status": "error"}, {"success": True, "errors": [row("I", "No", "Remarks")]}, "\x00\x01\x02", '{"error_code": "G"', {"error_code": {"x": 1}},
    {"error_code": ["G"]}, {"id": 7}, {"message": "Success"}, {"returnArray": []}, SOAP.format(""), row("GOODBYE"),
]  # fmt: skip


@pytest.mark.parametrize("said", NEITHER, ids=lambda said: str(said)[:50])
def test_what_is_neither_is_unknown_and_says_where_to_look(said):
    """S2-44"""
    (found,) = results(Answer(200, body(said)))
    assert found.state is State.UNKNOWN and found.note.startswith("Spectrum says neither yes nor no in so many words. ")
    assert found.note.endswith(WHERE.format("N1")) and not found.remote


OTHERWISE = [
    row("", "Customer 12 is not on file"), {"error_code": None, "desc": "Object reference not set to an instance of an object"}, row("0", "Login failed"), row("", "", "Customer_Code"),
    "<x><error_code></error_code><desc>Not authorised</desc></x>", "error_code: , desc: Customer is not on file, column:", {"error_code": "", "desc": "Success", "message": "Login failed"},
    {"error_code": "", "errors": ["Customer not found"]}, {"success": True, "errors": [{"message": "Customer not found"}]}, {"success": True, "errors": ["x"]}, {"success": True, "error": "x"},
    {"success": True, "errors": {"Customer_Code": ["is required"]}}, {"status": "Success", "message": "0 invoices entered"}, {"success": True, "status": "Rejected"},
    {"success": True, "response": [row("E")]}, {"success": True, "response": [row("", "Customer is not on file")]}, "<r><Status>Success</Status><Message>Nothing was entered</Message></r>",
    {"arInvoices": [{"Status": "Success"}]}, row("G", "Invoice was not entered"), [row("G"), row("W", "Invoice was not added")], {"errors": ["Customer not found"], "response": [row("G")]},
    {"response": [row("G")], "message": "Batch is invalid"},
    {"success": True, "entered": 0, "rejected": 1}, {"success": True, "entered": 0}, {"success": True, "recordsProcessed": 0}, {"success": True, "Invoices_Created": "0"}, {"success": True, "entered": 3},
    {"success": True, "rejected": 1}, {"status": "SUCCESS", "error_count": 1}, {"success": True, "validation": "INVALID"}, {"success": True, "code": "I"}, {"success": True, "valid": False},
    {"success": True, "entered": False}, {"success": True, "duplicate": True}, {"success": True, "warnings": ["Invoice skipped"]}, {"success": True, "data": {"note": "Held back"}}, {"success": True, "state": False},
    {"success": True, "Remarks": "Invoice skipped"}, {"success": True, "foo": 7}, row("S", "Duplicate invoice ignored"), {"response": row("G", "Invoice skipped, duplicate")}, row("G", "Test mode"), row("G", "", "Nowhere"),
    row("G", entered=0), {"response": [row("G")], "rejected": 1}, {"response": [row("G")], "success": "false"}, [row("G"), row("W", "Invoice skipped")], {"error_code": "", "duplicate": "yes"},
    "<r><Status>Success</Status><Entered>0</Entered></r>", "<r><Status>Success</Status><Warnings><Warning>Invoice skipped</Warning></Warnings></r>",
]  # fmt: skip


@pytest.mark.parametrize("said", OTHERWISE, ids=lambda said: str(said)[:60])
def test_a_yes_beside_words_that_say_otherwise_is_unknown(said):
    """S2-44: no code of an error, or a success of the whole, is a yes only where nothing speaks against it."""
    assert states(Answer(200, body(said)), "N1") == [State.UNKNOWN]
    assert set(states(Answer(200, body(said)), "N1", "N2")) == {State.UNKNOWN}


FINE = [
    row("", "Success"), row("0", "No errors."), {"success": True, "errors": [], "message": ""}, {"success": True, "error": None, "message": "Record added"}, {"success": True, "errors": [row("W", "Period is closing")]},
    {"returnData": "77", "response": [row("G", "Document 77")]}, [row("G"), row("W", "The date is not in the current period")], {"response": [row("G")], "arInvoices": [{"Message": "Not in stock", "Status": "O"}]},
    {"success": True, "guid": "4f1c", "timestamp": "2026-11-22T10:00:00Z", "Invoice_Or_Transaction": "N1", "Company_Code": "ABC", "note": None, "skipped": []}, {"success": True, "entered": 1, "rejected": 0, "hasErrors": False},
    {"success": True, "statusCode": 200, "data": "ok"}, {"success": True, "created": True, "valid": True}, "<r><Status>Success</Status><Records_Entered>1</Records_Entered><Error_Count>0</Error_Count></r>",
    row("G", "77"), row("S", "Invoice N1 entered"), row("G", "", "Customer_Code"), row("G", sessionId="x", line=1), {"response": ["error_code: G, desc: , column:"]},
]  # fmt: skip


@pytest.mark.parametrize("said", FINE, ids=lambda said: str(said)[:60])
def test_a_yes_with_words_that_say_no_more_than_that_stays_one(said):
    assert states(Answer(200, body(said)), "N1") == [State.SENT]


def test_a_number_that_was_entered_is_that_of_the_request():
    """S2-44: where fewer were, nobody knows which."""
    said = {"success": True, "entered": 2}
    assert states(Answer(200, body(said)), "N1", "N2") == [State.SENT] * 2
    assert states(Answer(200, body(said)), "N1", "N2", "N3") == [State.UNKNOWN] * 3


def test_a_request_whose_time_was_over_was_not_entered():
    for code in "AI":
        (found,) = results(Answer(200, body(row(code, "Time out has occurred", "GUID"))))
        assert (found.state, found.note) == (State.REJECTED, "Spectrum says that the time of this request was over. Nothing was entered; send it again, and it goes as a new request.")


def test_warnings_and_words_are_kept():
    (found,) = results(Answer(200, body([row("G", "Document 77", "Document_ID"), row("W", "Period is closing", "GL_Date")])))
    assert found.state is State.SENT and found.note.endswith("Spectrum remarks: Document_ID: Document 77. G/L date: Period is closing.")


ANOTHER = [
    row("S", "Invoice N9 was entered", Invoice_Or_Transaction="N9"), {"returnArray": [row("G", Invoice_Or_Transaction="N9")]}, {"success": True, "Invoice_Or_Transaction": "N9"},
    row("", "Invoice added", Invoice_Number="N9"), [row("S", Invoice="N9")], {"Transaction": "N9", "response": [row("G")]}, {"success": True, "rows": [{"Invoice_Number": 9}]},
    row("I", "No", "Remarks", Invoice_Number="N9"), "<r><i><Invoice_Number>N9</Invoice_Number><error_code>G</error_code></i></r>",
]  # fmt: skip


@pytest.mark.parametrize("said", ANOTHER, ids=lambda said: str(said)[:60])
def test_what_is_said_of_another_invoice_is_not_said_of_this_one(said):
    """S2-44: neither a yes nor a no, also where only one was sent."""
    assert states(Answer(200, body(said)), "N1") == [State.UNKNOWN]
    assert states(Answer(200, body(said)), "N1", "N2") == [State.UNKNOWN] * 2


def test_a_yes_to_this_one_beside_one_to_another_stays_one():
    assert states(Answer(200, body([row("G", Invoice_Number="n1"), row("G", Invoice_Number="N9")])), "N1") == [State.SENT]


TWICE = [
    '{"error_code": "I", "error_code": "G"}', '{"error_code": "G", "error_code": "I", "desc": "No"}', '{"success": true, "success": false}', '{"success": false, "success": true}',
    {"error_code": "I", "Error_Code": "G"}, '{"error_code": "G", "desc": "Invoice was not entered", "desc": ""}', '{"response": [{"error_code": "I"}], "response": [{"error_code": "G"}]}',
]  # fmt: skip


@pytest.mark.parametrize("said", TWICE, ids=str)
def test_two_words_under_one_name_are_none(said):
    """S2-44"""
    assert states(Answer(200, body(said)), "N1") == [State.UNKNOWN]


@pytest.mark.parametrize("said", [{"success": True, "invoices": []}, {"success": True, "rows": []}, {"response": [row("G")], "created": []}, {"success": True, "arInvoices": []}], ids=str)
def test_a_yes_with_a_list_of_none_is_unknown(said):
    """S2-44"""
    assert states(Answer(200, body(said)), "N1") == [State.UNKNOWN]


def test_the_same_said_twice_is_said():
    assert states(Answer(200, b'{"error_code": "G", "Error_Code": "G", "skipped": []}'), "N1") == [State.SENT]


# ---- several invoices in a request


def states(answer, *numbers):
    return [one.state for one in results(answer, *numbers)]


def test_each_invoice_has_its_own_answer_where_it_is_named():
    said = [row("G", Invoice_Or_Transaction="N1"), row("I", "No", "Remarks", Invoice_Or_Transaction="n2"), row("", Invoice_Number="N3")]
    assert states(Answer(200, body(said)), "N1", "N2", "N3", "N4") == [State.SENT, State.REJECTED, State.SENT, State.UNKNOWN]
    nested = {"invoices": [{"Invoice_Or_Transaction": "N1", "response": [row("G")]}, {"Invoice_Or_Transaction": "N2", "response": [row("I", "No", "Remarks")]}]}
    assert states(Answer(200, body(nested)), "N1", "N2") == [State.SENT, State.REJECTED]
    xml = "<r><i><Invoice_Number>N1</Invoice_Number>{}{}</i><i><Invoice_Number>N2</Invoice_Number>{}</i></r>".format(ROW.format("I", "a", ""), ROW.format("M", "b", ""), ROW.format("G", "", ""))
    assert [(one.state, one.note[:30]) for one in results(Answer(200, body(xml)), "N1", "N2")] == [(State.REJECTED, "Spectrum refused it. a. b."), (State.SENT, "Entered, not posted: it waits ")]


def test_words_name_nobody():
    """"Line 10" is no invoice 10: only a field of its own says whom a row is about."""
    said = [row("I", "Line 10 G/L account is invalid"), row("G", "20", Invoice_Number="20"), row("I", "Invoice 30 has no customer")]
    assert states(Answer(200, body(said)), "10", "20", "30") == [State.UNKNOWN, State.SENT, State.UNKNOWN]


def test_what_names_nobody_is_nobodys():
    """The sister service takes the good ones of a request and refuses the rest: who is who must be said."""
    assert states(Answer(200, body([row("I", "Customer is not on file", "Customer_Code")])), "N1", "N2") == [State.UNKNOWN] * 2
    assert states(Answer(200, body([row("G")])), "N1", "N2") == [State.UNKNOWN] * 2
    assert states(Answer(400, body("No")), "N1", "N2") == [State.UNKNOWN] * 2


def test_a_yes_to_the_whole_is_a_yes_to_each():
    assert states(Answer(200, body({"success": True})), "N1", "N2") == [State.SENT] * 2
    assert states(Answer(200, body({"success": True, "errors": [row("I", "No", "Remarks", Invoice_Number="N2")]})), "N1", "N2") == [State.UNKNOWN, State.REJECTED]


# ---- whatever else may come


def test_very_long_and_very_deep_answers_are_unknown():
    assert read(Answer(200, b" " * LARGEST + b'{"error_code": "G"}')).rows == ()
    for deep in ("[" * 100_000 + "]" * 100_000, "<a>" * 5_000 + "</a>" * 5_000, '{"a":' * 500 + '{"error_code": "I"}' + "}" * 500):
        assert {one.state for one in results(Answer(200, deep.encode()))} <= {State.UNKNOWN, State.REJECTED}


@settings(max_examples=150)
@given(st.binary(max_size=60) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)).map(body), st.integers(0, 599))
def test_nothing_that_a_server_may_say_makes_it_stumble(said, status):
    for one in results(Answer(status, said), "N1", "N2"):
        assert one.state in (State.SENT, State.REJECTED, State.CONFLICT, State.UNKNOWN) and len(one.note) < 2_000


def test_words_are_one_line_and_not_endless():
    (found,) = read(Answer(200, body(row("I", "two\nlines\x07 and " + "x" * 500, "Remarks")))).rows
    assert found.words.startswith("two lines and xxx") and len(found.words) == 241 and found == Said("I", found.words, "Remarks")
