"""Invoices of Autotask to Xero: judged, written exactly, answered, looked for; read again by xero-python (S4-2, S4-7, S4-14 … S4-21)."""

import datetime as dt
import json
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.connectors.exactjson import dumps, loads
from invoice_rules.connectors.failures import Lost, NotReached, Refused
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.sending import Sending
from invoice_rules.connectors.xerodocuments import cents, described, item, kind_of, number_of, priced
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer, State
from invoice_rules.store import open_store
from tests.connectors.scripted import Copies, autotask_invoice, import_invoices
from tests.connectors.xerocases import COMPANY, Bearer, client, destination, document, independent, line
from tests.connectors.xerocontract import SPEC, body_errors, unknown_names
from tests.connectors.xeroserver import TENANT, Fault

pytestmark = pytest.mark.xdist_group("xero")
D = Decimal


@pytest.fixture(autouse=True)
def nothing_against_the_description(xero):
    yield
    assert xero.refused() == []


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """A ledger without entries; links of contacts are all that these tests put into it."""
    return open_store(tmp_path_factory.mktemp("ledger") / "store.sqlite").ledger("xero", TENANT)


@pytest.fixture
def contact(xero):
    return xero.contact("Stonebridge Partners", ContactNumber=COMPANY)


def judged(xero, ledger, *documents, **how):
    ledger.unlink(COMPANY)
    one = destination(xero, **how)
    verdicts, numbers = one.judge(documents, ledger)
    return one, verdicts, numbers


def verdict(xero, ledger, made, **how):
    return judged(xero, ledger, made, **how)[1][made.entry.id]


def sent(xero, ledger, *documents, **how):
    """Judge and send these in one request; the destination, the answer, and what it says about each."""
    one, verdicts, _ = judged(xero, ledger, *documents, **how)
    assert {state for state, _ in verdicts.values()} == {State.READY}, verdicts
    answer = one.send(one.body(documents), "key-1")
    return one, answer, list(one.results(answer, documents).values())


# what is written


def test_an_invoice_as_xero_gets_it(xero, ledger, contact):  # S4-2, S4-20, S4-21
    made = document(lines=[line(), line("75.08", quantity=D("7.5"), rate=D("10.01"), taxAmount=D("0.00"), taxType="NONE", accountCode="260", itemName=None)])
    one, _, (result,) = sent(xero, ledger, made)
    assert one.body([made]).decode() == (
        f'{{"Invoices": [{{"Type": "ACCREC", "InvoiceNumber": "20261031.1187", "Reference": "1187", "Contact": {{"ContactID": "{contact}"}}, "Date": "2026-10-31", '
        '"DueDate": "2026-11-30", "LineAmountTypes": "Exclusive", "CurrencyCode": "USD", "Status": "DRAFT", "LineItems": ['
        '{"Description": "Managed server: Monitoring in October", "Quantity": 10, "UnitAmount": 100, "LineAmount": 1000.00, "AccountCode": "200", "TaxType": "OUTPUT2", "TaxAmount": 200.00}, '
        '{"Description": "Monitoring in October", "Quantity": 7.5, "UnitAmount": 10.01, "LineAmount": 75.08, "AccountCode": "260", "TaxType": "NONE", "TaxAmount": 0.00}]}]}'
    )
    assert (result.state, result.number, result.note) == (State.SENT, "20261031.1187", "")
    (read,) = independent(xero).get_invoices(TENANT, invoice_numbers=["20261031.1187"]).invoices
    assert (read.invoice_id, read.reference, read.type, read.status, read.contact.contact_number) == (result.remote, "1187", "ACCREC", "DRAFT", COMPANY)
    assert (D(str(read.total)), D(str(read.total_tax)), read.date, read.due_date) == (D("1275.08"), D(200), dt.date(2026, 10, 31), dt.date(2026, 11, 30))
    assert [(D(str(one.quantity)), D(str(one.unit_amount)), one.account_code, one.tax_type) for one in read.line_items] == [(10, 100, "200", "OUTPUT2"), (D("7.5"), D("10.01"), "260", "NONE")]


def test_a_total_below_zero_becomes_a_credit_note(xero, ledger, contact):  # S4-21
    lines = [line("-300.00", quantity=D(-3), rate=D(100), taxAmount=D("-60.00")), line("-40.00", quantity=D(2), rate=D(-20), taxAmount=D("-8.00")), line("15.00", quantity=D(1), rate=D(15), taxAmount=D("3.00"))]
    _, _, (result,) = sent(xero, ledger, document(1190, lines))
    (read,) = independent(xero).get_credit_notes(TENANT).credit_notes
    assert (read.credit_note_id, read.credit_note_number, read.reference, read.type) == (result.remote, "20261031.1190", "1190", "ACCRECCREDIT")
    assert D(str(read.total)) == D("390.00")
    assert [(one.quantity, one.unit_amount, one.tax_amount) for one in read.line_items] == [(3, 100, 60), (2, 20, 8), (1, -15, -3)]
    assert (result.state, xero.state()["invoices"]) == (State.SENT, [])


@pytest.mark.parametrize(("setting", "own", "status"), [(False, "DRAFT", "DRAFT"), (True, "DRAFT", "AUTHORISED"), (False, "AUTHORISED", "AUTHORISED")])
def test_drafts_unless_the_organisation_wants_them_approved(xero, ledger, contact, setting, own, status):  # S4-21
    sent(xero, ledger, document(xeroStatus=own), approved=setting)
    assert [invoice["Status"] for invoice in xero.state()["invoices"]] == [status]


def test_an_invoice_without_a_number_goes_by_its_id(xero, ledger, contact):  # S4-2
    _, _, numbers = judged(xero, ledger, document(invoiceNumber=None))
    assert numbers == {1187: "1187"}


def test_sent_once_more_as_a_new_one_it_gets_another_number():  # S4-18
    assert number_of(document(entry={"generation": 2})) == "20261031.1187-2"
    assert number_of(document(entry={"generation": 3, "remote": "r", "number": "20261031.1187-2"})) == "20261031.1187-2"
    assert number_of(document(entry={"generation": 2, "remote": "r"})) == "20261031.1187"


def test_no_tax_is_said_as_such(xero, ledger, contact):
    """Otherwise Xero takes the usual tax of the account."""
    made = document(lines=[line(taxAmount=None, taxType=None)], taxTotal=None)
    one, _, (result,) = sent(xero, ledger, made)
    (written,) = loads(one.body([made]))["Invoices"]
    assert (written["LineAmountTypes"], result.state) == ("NoTax", State.SENT)
    assert not {"TaxType", "TaxAmount"} & set(written["LineItems"][0])
    mixed = document(1188, [line(), line(taxAmount=None, taxType=None)])
    assert [one["TaxType"] for one in loads(one.body([mixed]))["Invoices"][0]["LineItems"]] == ["OUTPUT2", "NONE"]


def test_tax_that_is_not_given_is_left_to_xero(xero, ledger, contact):
    made = document(lines=[line("33.33", taxAmount=None), line("0.05", taxAmount=None)], total=D("40.06"), taxTotal=None)
    _, answer, (result,) = sent(xero, ledger, made)
    assert (result.state, loads(answer.body)["Invoices"][0]["Total"]) == (State.SENT, D("40.06"))


def test_an_account_for_lines_that_name_none(xero, ledger, contact):  # S4-20
    bare = document(lines=[line(accountCode=None)])
    sent(xero, ledger, bare)
    sent(xero, ledger, replace(bare, fields={**bare.fields, "invoiceNumber": "2"}), account="4000")
    assert [invoice["LineItems"][0]["AccountCode"] for invoice in xero.state()["invoices"]] == ["", "4000"]


@pytest.mark.parametrize(
    ("quantity", "rate", "amount", "made"),
    [
        ("1.5", "10.01", "15.02", ("1.5", "10.01", "")),
        ("3", "33.3333", "100.00", ("3", "33.3333", "")),
        ("3", "33.33", "100.00", ("1", "100.00", " (3 × 33.33)")),
        ("3", "33.33333", "100.00", ("1", "100.00", " (3 × 33.33333)")),
        ("0.33333", "3", "1.00", ("1", "1.00", " (0.33333 × 3)")),
        ("-1.5", "10.01", "-15.02", ("1.5", "-10.01", "")),
        ("-1.5", "-10.01", "15.02", ("1.5", "10.01", "")),
        ("10.000000", "99.99", "900.00", ("1", "900.00", " (10 × 99.99)")),
        ("0", "50", "0.00", ("0", "50", "")),
    ],
)
def test_xero_comes_to_the_amount_of_each_line(quantity, rate, amount, made):
    got = priced({"quantity": D(quantity), "rate": D(rate), "lineAmount": D(amount)})
    assert got == (D(made[0]), D(made[1]), made[2])


AMOUNTS = st.decimals(-99999, 99999, places=2)


@settings(max_examples=200, deadline=None)
@given(quantity=st.decimals(-999, 999, places=6), rate=st.decimals(-9999, 9999, places=6), amount=AMOUNTS, tax=AMOUNTS, credit=st.booleans())
def test_the_sum_of_what_is_written_is_exactly_ours(quantity, rate, amount, tax, credit):
    """Read as a stranger reads it: numbers of the JSON, Xero's rule for lines; no float on the way."""
    product = (quantity * rate).quantize(D("0.01"), ROUND_HALF_UP)
    lines = [line(str(amount), quantity=quantity, rate=rate, taxAmount=tax), line(str(product), quantity=quantity, rate=rate, taxAmount=D(0))]
    made = document(lines=lines)
    written = json.loads(dumps(item(made, "c", False)), parse_float=D, parse_int=D)
    sign = -1 if kind_of(made) == "CreditNotes" else 1
    total = D(0)
    for one in written["LineItems"]:
        assert (one["Quantity"] * one["UnitAmount"]).quantize(D("0.01"), ROUND_HALF_UP) == one["LineAmount"]
        assert one["Quantity"] >= 0
        assert all(-value.as_tuple().exponent <= 4 for value in (one["Quantity"], one["UnitAmount"]))
        total += one["LineAmount"] + one.get("TaxAmount", 0)
    assert total * sign == made.fields["total"]
    assert dumps(item(made, "c", False)) == dumps(item(made, "c", False))


def test_what_a_line_is_for():
    made = document()
    assert described(made, {"itemName": "Server", "description": "Server in October"}) == "Server in October"
    assert described(made, {"itemName": "Server"}) == "Server"
    assert described(made, {}, " (3 × 33.33)") == "Invoice 20261031.1187 (3 × 33.33)"
    assert described(made, {"itemName": "Server", "description": "x" * 4000}) == "x" * 4000


@pytest.mark.parametrize("approved", [False, True])
def test_what_is_written_is_what_xero_describes(approved):
    if not SPEC.exists():
        pytest.skip("Xero's OpenAPI description is not in ../shared/data/specs")
    cases = [
        document(), document(lines=[line(taxAmount=None, taxType=None)], dueDate=None), document(1190, [line("-1.00")]), document(entry={"remote": "5cc8cf28-567e-4d43-b287-687cfcaec47c"}),
        document(1191, [line("-1.00")], entry={"remote": "5cc8cf28-567e-4d43-b287-687cfcaec47c"}), document(currency="EUR", lines=[line("0.00")]),
    ]  # fmt: skip
    for made in cases:
        body = {kind_of(made): [json.loads(dumps(item(made, "5cc8cf28-567e-4d43-b287-687cfcaec47c", approved, "200")))]}
        assert body_errors(kind_of(made), body) == []
        assert unknown_names(kind_of(made), body) == set()


def test_text_in_any_script_arrives(xero, ledger, contact):
    text = 'Überwachung "Süd" — 監視\n\t<b>&amp;</b> \\ {}'
    sent(xero, ledger, document(lines=[line(description=text, itemName=None)]))
    (read,) = independent(xero).get_invoices(TENANT).invoices
    assert read.line_items[0].description == text


# groups


def test_requests_hold_one_kind_and_at_most_fifty(xero, ledger, contact):
    invoices = [document(n) for n in range(1, 121)]
    credits = [document(n, [line("-1.00")]) for n in range(121, 124)]
    changed = document(200, entry={"remote": "r", "number": "n"})
    mixed = [*invoices[:60], credits[0], changed, *invoices[60:], *credits[1:]]
    one, _, _ = judged(xero, ledger, *mixed[:60])
    groups = one.group(mixed)
    assert [len(group) for group in groups] == [50, 50, 20, 3, 1]
    assert [made for group in groups[:3] for made in group] == invoices
    assert groups[4] == [changed]
    assert one.group([]) == []


def test_requests_are_not_too_large_for_xero(xero, ledger, contact):
    large = [document(n, [line(description="x" * 4000, itemName=None)] * 90) for n in range(1, 21)]
    one, _, _ = judged(xero, ledger, large[0])
    groups = one.group(large)
    assert [made for group in groups for made in group] == large
    assert max(len(one.body(group)) for group in groups) < 3_500_000
    assert len(groups) == 5


# may it be sent?


def test_all_companies_are_checked_and_the_others_may_go(xero, ledger, contact):  # S4-7, S4-14
    others = [document(1188, companyId="777", companyName="Miller Studio"), document(1189)]
    one, verdicts, _ = judged(xero, ledger, document(), *others)
    assert verdicts == {
        1187: (State.READY, ""),
        1188: (State.NEEDS_MAPPING, "Miller Studio (company 777) has no contact in Xero yet. Create one, or map it to one that is there."),
        1189: (State.READY, ""),
    }
    with pytest.raises(CannotRun, match="Company 777 has no contact in Xero yet"):
        one.body(others)


def test_what_was_asked_a_moment_ago_is_not_asked_again(xero, ledger, contact):
    one, _, _ = judged(xero, ledger, document())
    before = len(xero.received)
    one.judge([document(1188)], ledger)
    assert len(xero.received) == before
    one.session.clock.sleep(61)
    one.judge([document(1189)], ledger)
    assert len(xero.received) == before + 5
    assert one.judge([], ledger) == ({}, {})


@pytest.mark.parametrize(
    ("made", "state", "note"),
    [
        (document(invoiceDate=dt.date(2026, 9, 30)), State.HELD, "It is dated 30 Sep 2026; Xero's books are locked up to 30 Sep 2026. Move the lock date in Xero, or give the invoice a later date."),
        (document(invoiceDate=dt.date(2026, 10, 1)), State.READY, ""),
        (document(currency="ZWG"), State.NEEDS_MAPPING, "Demo Company (US) has no currency ZWG. Add it in Xero, or correct the currency map."),
        (document(lines=[line(accountCode="Services"), line(accountCode="999"), line()]), State.NEEDS_MAPPING, 'Xero has no account "Services" and "999". Correct the account map, then import the invoice again; or add the account in Xero.'),
        (document(lines=[line(taxType="GST"), line(taxType="GST")]), State.NEEDS_MAPPING, 'Xero has no tax type "GST". Correct the tax map, then import the invoice again.'),
        (document(lines=[line(), line(taxType=None), line(taxType=None)]), State.NEEDS_MAPPING, "Lines 2 and 3 have tax but no tax type. Say in the tax map what it is in Xero, then import the invoice again."),
        (document(lines=[line(taxType=None, taxAmount=None)], taxTotal=D(200), total=D(1200)), State.NEEDS_MAPPING, "1 line of a taxed invoice has tax but no tax type. Say in the tax map what it is in Xero, then import the invoice again."),
        (document(total=D("1200.01")), State.REJECTED, "Lines and tax come to 1,200.00, the total is 1,200.01. Xero would book 1,200.00; check the lines and their tax."),
        (document(lines=[line("1000.00", taxAmount=None)], total=D(1100), taxTotal=D(100)), State.REJECTED, "Lines and tax come to 1,200.00, the total is 1,100.00. Xero would book 1,200.00; check the lines and their tax."),
        (document(lines=[], total=D(0)), State.REJECTED, "It has no lines. Check its billing items in Autotask, then fetch it again."),
        (document(lines=[line("1.234", taxAmount=D(0))]), State.REJECTED, "Line 1 comes to 1.234: Xero keeps two decimals. The total is 1.234: Xero keeps two decimals."),
        (document(invoiceNumber='A"1'), State.REJECTED, 'Invoice number A"1 holds a sign by which Xero cannot look for it. Write it without quotation marks and backslashes.'),
        (document(invoiceNumber="9" * 256), State.REJECTED, f"Invoice number {'9' * 40}… has 256 characters; Xero takes 255. It is not shortened for you."),
        (document(lines=[line(description="x" * 4001, itemName=None)]), State.REJECTED, "The text of line 1 is longer than 4,000 characters, which is what Xero takes. It is not shortened for you."),
        (document(dueDate=None), State.READY, ""),
        (document(dueDate=None, xeroStatus="AUTHORISED"), State.REJECTED, "It has no due date, which Xero wants of an approved invoice. Give it one, or send it as a draft."),
        (document(1190, [line("-1.00")], dueDate=None, xeroStatus="AUTHORISED"), State.READY, ""),
        (document(lines=[line(), line(accountCode=None)], xeroStatus="AUTHORISED"), State.NEEDS_MAPPING, "Line 2 has no account, which Xero wants of an approved invoice. Choose an account for such lines, or send it as a draft."),
    ],
)  # fmt: skip
def test_what_keeps_an_invoice_back(xero, ledger, contact, made, state, note):  # S4-20, S4-21
    xero.organisation.locked = "2026-09-30"
    assert verdict(xero, ledger, made) == (state, note)
    if state is State.READY:
        assert sent(xero, ledger, made)[2][0].state is State.SENT


def test_all_reasons_are_told_under_the_worst(xero, ledger):
    xero.organisation.locked = "2026-12-31"
    state, note = verdict(xero, ledger, document(currency="ZWG", total=D(5)))
    assert state is State.REJECTED
    assert [words in note for words in ("the total is 5.00", "locked up to 31 Dec 2026", "no currency ZWG")] == [True] * 3
    assert verdict(xero, ledger, document(currency="ZWG"))[0] is State.NEEDS_MAPPING


def test_a_line_without_an_amount_is_rejected(xero, ledger, contact):
    made = replace(document(), lines=(line(lineAmount=None),))
    assert verdict(xero, ledger, made)[1] == "Line 1 has no amount. Correct it, then import the invoice again."


def test_a_number_goes_once(xero, ledger, contact):
    twice = [document(n, invoiceNumber="2026-1") for n in (1, 2)]
    credit = document(3, [line("-1.00")], invoiceNumber="2026-1")
    _, verdicts, _ = judged(xero, ledger, *twice, credit)
    assert verdicts[1] == (State.REJECTED, "Invoice number 2026-1 is not free: Autotask invoice 2 has it too. Xero takes a number once; give one of them another.")
    assert [verdicts[n][0] for n in (2, 3)] == [State.REJECTED, State.READY]


# what the answer says


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


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*GOOD, "Contact", "ValidationErrors", "Invoices", "HasErrors", "Warnings", "Elements"]), inner, max_size=6), max_leaves=20)


@settings(max_examples=100, deadline=None)
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


def looked(one, *documents):
    found = one.look([made.entry for made in documents], documents)
    return [found[made.entry.id] for made in documents]


def test_what_is_there_is_ours_only_where_all_agrees(xero, ledger, contact):  # S4-17, S4-19
    documents = [document(n) for n in (1, 2, 3, 4, 5, 6, 7)]
    one, _, _ = sent(xero, ledger, *documents[:6])
    there = {invoice["InvoiceNumber"]: invoice["InvoiceID"] for invoice in xero.state()["invoices"]}
    other = xero.contact("Somebody else")
    change(xero, there["20261031.2"], Reference="")
    change(xero, there["20261031.3"], Total=1199.99)
    change(xero, there["20261031.4"], Contact={"ContactID": other})
    change(xero, there["20261031.5"], Status="VOIDED")
    change(xero, there["20261031.6"], CurrencyCode="EUR")
    results = looked(one, *documents)
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


def change(xero, invoice, **fields):
    from xero_local.store import store

    store.update_invoice(invoice, fields, TENANT)


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
    change(xero, xero.state()["invoices"][0]["InvoiceID"], Contact={"ContactID": heir})
    xero.change(contact, ContactStatus="ARCHIVED", MergedToContactID=heir)
    assert looked(one, document())[0].state is State.SENT


def test_after_a_restart_the_contact_is_known_by_its_number(xero, ledger, contact):
    sent(xero, ledger, document())
    assert looked(destination(xero), document())[0].state is State.SENT
    xero.change(contact, ContactNumber="777")
    assert looked(destination(xero), document())[0].state is State.CONFLICT


def test_what_cannot_be_asked_stays_open(xero, ledger, contact):
    one, _, _ = sent(xero, ledger, document())
    xero.faults = [Fault("GET", "/Invoices", status=500, times=0)]
    with pytest.raises((Refused, NotReached)):
        looked(one, document())


# changing what is there


def test_a_draft_is_changed_in_its_place(xero, ledger, contact):  # S4-18
    _, _, (first,) = sent(xero, ledger, document())
    made = document(lines=[line("500.00")], entry={"generation": 2, "remote": first.remote, "number": first.number})
    one, _, (result,) = sent(xero, ledger, made)
    assert (result.state, result.remote) == (State.SENT, first.remote)
    (there,) = xero.state()["invoices"]
    assert (there["Total"], there["InvoiceNumber"]) == (600.0, "20261031.1187")
    assert [sent.method for sent in xero.sent("PUT", "/Invoices") + xero.sent("POST", "/Invoices")] == ["PUT", "POST"]
    assert looked(one, made)[0].state is State.SENT
    later = replace(made, fields={**made.fields, "total": D(7)})
    assert looked(one, later)[0] == looked(one, later)[0]
    assert (looked(one, later)[0].state, looked(one, later)[0].note) == (State.READY, "Xero has it as it was before.")


@pytest.mark.parametrize("status", ["AUTHORISED", "PAID", "VOIDED", "DELETED"])
def test_what_is_no_draft_any_more_is_not_changed(xero, ledger, contact, status):  # S4-18
    _, _, (first,) = sent(xero, ledger, document())
    change(xero, first.remote, Status=status)
    state, note = verdict(xero, ledger, document(entry={"generation": 2, "remote": first.remote}))
    assert (state, note) == (State.REJECTED, f"In Xero it is {status.lower()} by now; only a draft can be changed. Change it there, or send a new one.")


def test_what_is_gone_is_not_changed(xero, ledger, contact):
    gone = document(entry={"generation": 2, "remote": "5cc8cf28-567e-4d43-b287-687cfcaec47c"})
    assert verdict(xero, ledger, gone) == (State.REJECTED, "It is no longer in Xero, so there is nothing to change. Send it as a new one.")
    one, _, _ = judged(xero, ledger, document())
    assert looked(one, gone)[0].state is State.CONFLICT


# the whole way


def test_settings_of_a_connection(xero):
    known = Connection("xero", "xero", TENANT, "Demo Company (US)", {"approved": "yes", "account": "200", "quiet": "5", "api": xero.url}, "file")
    one = XeroDestination.of(known, client(xero).session)
    assert (one.tenant, one.tenant_title, one.approved, one.account, one.quiet, one.batch) == (TENANT, "Demo Company (US)", True, "200", 5.0, 50)
    assert XeroDestination.of(replace(known, settings={}), client(xero).session).quiet == 120


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    return Copies(tmp_path_factory.mktemp("books"))


@pytest.fixture
def sending(xero, tmp_path, copies):
    """Five invoices of three companies, of which one has no contact, and the engine between them and Xero."""
    store = copies.of(5, tmp_path)
    for n in (501, 502):
        xero.contact(f"Company {n - 500}", ContactNumber=str(n))
    one = destination(xero)
    return Sending(store, one, clock=one.session.clock)


def test_from_the_store_to_xero(xero, sending):  # S4-7, S4-14, S4-16, S4-17
    overview = sending.prepare()
    assert overview.counts == {State.READY: 4, State.NEEDS_MAPPING: 1}
    summary = sending.send()
    assert (summary.counts, summary.stopped) == ({State.SENT: 4}, "")
    assert len(xero.sent("PUT", "/Invoices")) == 1
    read = {one.invoice_number: one for one in independent(xero).get_invoices(TENANT).invoices}
    assert {number: D(str(one.total)) for number, one in read.items()} == {f"INV-{n}": D(110) + D(n) / 100 for n in (1, 2, 4, 5)}
    assert {entry.number: entry.remote for entry in sending.ledger.entries(State.SENT)} == {number: one.invoice_id for number, one in read.items()}
    sending.prepare()
    assert sending.send().counts == {}
    xero.contact("Company 0", ContactNumber="500")
    sending.prepare()
    assert sending.send().counts == {State.SENT: 1}
    assert len(xero.state()["invoices"]) == 5


@pytest.mark.parametrize("fault", [{"close": "drop"}, {"close": "reset"}, {"close": "half"}, {"status": 500}, {"status": 502, "body": "<html>"}, {"body": "<html>OK</html>"}, {"body": ""}, {"body": '{"Invoices": []}'}])
@pytest.mark.parametrize("commit", [True, False])
def test_after_an_answer_that_tells_nothing_each_is_there_once(xero, sending, fault, commit):  # S4-17, S4-19
    sending.prepare()
    xero.faults = [Fault("PUT", "/Invoices", **fault, commit=commit)]
    assert sending.send().counts == {State.UNKNOWN: 4}
    sending.clock.sleep(121)
    assert sending.settle().counts == {State.SENT if commit else State.READY: 4}
    sending.prepare()
    assert sending.send().counts == ({} if commit else {State.SENT: 4})
    assert sorted(invoice["InvoiceNumber"] for invoice in xero.state()["invoices"]) == ["INV-1", "INV-2", "INV-4", "INV-5"]
    keys = {sent.headers["Idempotency-Key"] for sent in xero.sent("PUT", "/Invoices")}
    assert len(keys) == 1  # the identical request went again under its key


def test_xeros_own_guards_are_understood(xero, sending, tmp_path):  # S4-17
    """Another computer, whose ledger we do not have, sent one before: Xero refuses the number, and what it has is ours."""
    xero.organisation.unique = True
    elsewhere = open_store(tmp_path / "elsewhere.sqlite")
    import_invoices(elsewhere, [autotask_invoice(1)])
    one = destination(xero)
    first = Sending(elsewhere, one, clock=one.session.clock)
    first.prepare()
    assert first.send().counts == {State.SENT: 1}
    sending.prepare()
    assert sending.send().counts == {State.UNKNOWN: 1, State.SENT: 3}
    assert [entry.note for entry in sending.ledger.entries(State.UNKNOWN)] == ["Xero has an invoice of this number: Invoice # must be unique."]
    sending.clock.sleep(121)
    assert sending.settle().counts == {State.SENT: 1}
    assert len(xero.state()["invoices"]) == 4


def test_nothing_secret_is_kept(xero, sending):
    sending.prepare()
    xero.faults = [Fault("PUT", "/Invoices", status=400, body='{"Message": "PLANTED-SECRET"}', commit=False)]
    sending.send()
    said = [sending.ledger.raw(entry.id) for entry in sending.ledger.entries()]
    assert "PLANTED-SECRET" not in f"{said} {sending.destination.__dict__} {sending.destination.session!r} {Bearer()!r}"


def test_lost_is_no_refusal(xero, ledger, contact):
    one, _, _ = judged(xero, ledger, document())
    xero.faults = [Fault("PUT", "/Invoices", close="drop")]
    with pytest.raises(Lost):
        one.send(one.body([document()]), "k")


def test_cents_as_xero_rounds():
    assert [cents(D(value)) for value in ("0.005", "-0.005", "2.345", "2.344")] == [D("0.01"), D("-0.01"), D("2.35"), D("2.34")]
