"""Invoices of Autotask as Xero takes them: exact, described by Xero itself, read again by xero-python (S4-2, S4-18, S4-20, S4-21)."""

import datetime as dt
import json
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.connectors.exactjson import dumps, loads
from invoice_rules.connectors.xerodocuments import Wishes, cents, described, item, kind_of, number_of, priced
from invoice_rules.results import State
from tests.connectors.xerocases import (
    COMPANY,
    document,
    independent,
    judged,
    line,
    sent,
)
from tests.connectors.xerocontract import SPEC, body_errors, unknown_names
from tests.connectors.xeroserver import TENANT

pytestmark = pytest.mark.xdist_group("xero")
D = Decimal


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


@pytest.mark.parametrize(("setting", "own", "status"), [(False, "DRAFT", "DRAFT"), (True, "DRAFT", "AUTHORISED"), (False, "AUTHORISED", "DRAFT")])
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
    written = json.loads(dumps(item(made, "c", Wishes())), parse_float=D, parse_int=D)
    sign = -1 if kind_of(made) == "CreditNotes" else 1
    total = D(0)
    for one in written["LineItems"]:
        assert (one["Quantity"] * one["UnitAmount"]).quantize(D("0.01"), ROUND_HALF_UP) == one["LineAmount"]
        assert one["Quantity"] >= 0
        assert all(-value.as_tuple().exponent <= 4 for value in (one["Quantity"], one["UnitAmount"]))
        total += one["LineAmount"] + one.get("TaxAmount", 0)
    assert total * sign == made.fields["total"]
    assert dumps(item(made, "c", Wishes())) == dumps(item(made, "c", Wishes()))


def test_what_a_line_is_for():
    made = document()
    assert described(made, {"itemName": "Server", "description": "Server in October"}) == "Server in October"
    assert described(made, {"itemName": "Server"}) == "Server"
    assert described(made, {}, " (3 × 33.33)") == "Invoice 20261031.1187 (3 × 33.33)"
    assert described(made, {"itemName": "Server", "description": "x" * 4000}) == f"Server: {'x' * 4000}"


@pytest.mark.parametrize("approved", [False, True])
def test_what_is_written_is_what_xero_describes(approved):
    if not SPEC.exists():
        pytest.skip("Xero's OpenAPI description is not in ../shared/data/specs")
    cases = [
        document(), document(lines=[line(taxAmount=None, taxType=None)], dueDate=None), document(1190, [line("-1.00")]), document(entry={"remote": "5cc8cf28-567e-4d43-b287-687cfcaec47c"}),
        document(1191, [line("-1.00")], entry={"remote": "5cc8cf28-567e-4d43-b287-687cfcaec47c"}), document(currency="EUR", lines=[line("0.00")]),
    ]  # fmt: skip
    for made in cases:
        body = {kind_of(made): [json.loads(dumps(item(made, "5cc8cf28-567e-4d43-b287-687cfcaec47c", Wishes(approved, "200"))))]}
        assert body_errors(kind_of(made), body) == []
        assert unknown_names(kind_of(made), body) == set()


def test_text_in_any_script_arrives(xero, ledger, contact):
    text = 'Überwachung "Süd" — 監視\n\t<b>&amp;</b> \\ {}'
    sent(xero, ledger, document(lines=[line(description=text, itemName=None)]))
    (read,) = independent(xero).get_invoices(TENANT).invoices
    assert read.line_items[0].description == text


def test_cents_as_xero_rounds():
    assert [cents(D(value)) for value in ("0.005", "-0.005", "2.345", "2.344")] == [D("0.01"), D("-0.01"), D("2.35"), D("2.34")]


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
