"""What keeps an invoice from Xero, and what it says to the bookkeeper (S4-7, S4-14, S4-20, S4-21)."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.references import kind
from invoice_rules.results import State
from invoice_rules.store import open_store, preview_list, save_lists
from tests.connectors.xerocases import document, judged, line, sent, verdict
from tests.connectors.xeroserver import TENANT

pytestmark = pytest.mark.xdist_group("xero")
D = Decimal


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
        (document(currency="ZWG"), State.NEEDS_MAPPING, "Demo Company (US) has no currency ZWG. Add it in Xero; or correct the currency map, then fetch and import the invoice anew."),
        (document(lines=[line(accountCode="Services"), line(accountCode="999"), line()]), State.NEEDS_MAPPING, 'Xero has no account "Services" and "999". Say in the account map what it is in Xero, or add the account there.'),
        (document(lines=[line(taxType="GST"), line(taxType="GST")]), State.NEEDS_MAPPING, 'Xero has no tax type "GST". Say in the tax map what it is in Xero.'),
        (document(lines=[line(), line(taxType=None), line(taxType=None)]), State.NEEDS_MAPPING, "Lines 2 and 3 have tax but no tax type. Give them one in Autotask, then fetch and import the invoice anew."),
        (document(lines=[line(taxType=None, taxAmount=None)], taxTotal=D(200), total=D(1200)), State.NEEDS_MAPPING, "The invoice has tax, but its lines have no tax type. Give them one in Autotask, then fetch and import the invoice anew."),
        (document(total=D("1200.01")), State.REJECTED, "Lines and tax come to 1,200.00, the total is 1,200.01. Xero would book 1,200.00; check the lines and their tax."),
        (document(lines=[line("1000.00", taxAmount=None)], total=D(1100), taxTotal=D(100)), State.REJECTED, "Lines and tax come to 1,200.00, the total is 1,100.00. Xero would book 1,200.00; check the lines and their tax."),
        (document(lines=[], total=D(0)), State.REJECTED, "It has no lines. Check its billing items in Autotask, then fetch it again."),
        (document(lines=[line("1.234", taxAmount=D(0))]), State.REJECTED, "Line 1 comes to 1.234: Xero keeps two decimals. The total is 1.234: Xero keeps two decimals."),
        (document(invoiceNumber='A"1'), State.REJECTED, 'Invoice number A"1 holds a sign by which Xero cannot look for it. Write it without quotation marks and backslashes.'),
        (document(invoiceNumber="9" * 256), State.REJECTED, f"Invoice number {'9' * 40}… has 256 characters; Xero takes 255. It is not shortened for you."),
        (document(lines=[line(description="x" * 4001, itemName=None)]), State.REJECTED, "The text of line 1 (item and description) is longer than 4,000 characters, which is what Xero takes. It is not shortened for you."),
        (document(lines=[line(), line(description="x" * 3990, itemName="Managed server")]), State.REJECTED, "The text of line 2 (item and description) is longer than 4,000 characters, which is what Xero takes. It is not shortened for you."),
        (document(dueDate=None), State.READY, ""),
        (document(dueDate=None, xeroStatus="AUTHORISED"), State.READY, ""),
    ],
)  # fmt: skip
def test_what_keeps_an_invoice_back(xero, ledger, contact, made, state, note):  # S4-20, S4-21
    xero.organisation.locked = "2026-09-30"
    assert verdict(xero, ledger, made) == (state, note)
    if state is State.READY:
        assert sent(xero, ledger, made)[2][0].state is State.SENT


@pytest.mark.parametrize(
    ("made", "state", "note"),
    [
        (document(dueDate=None), State.REJECTED, "It has no due date, which Xero wants of an approved invoice. Give it one, or send it as a draft."),
        (document(1190, [line("-1.00")], dueDate=None), State.READY, ""),
        (document(lines=[line(), line(accountCode=None)]), State.NEEDS_MAPPING, "Line 2 has no account, which Xero wants of an approved invoice. Choose an account for such lines, or send it as a draft."),
    ],
)  # fmt: skip
def test_what_an_approved_invoice_needs_besides(xero, ledger, contact, made, state, note):  # S4-21
    assert verdict(xero, ledger, made, approved=True) == (state, note)


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


def mapped(store, name, *pairs):
    """Import a map."""
    content = "\n".join(["From,To", *(",".join(pair) for pair in pairs)]).encode()
    save_lists([preview_list(examine((f"{name}.csv", content), kind(name)), store)], store)


def test_what_xero_does_not_have_is_looked_up_in_the_maps_once_more(xero, tmp_path, contact):  # S4-20
    """The map was wrong when the invoice was imported: a line more in it mends all that are stored."""
    store = open_store(tmp_path / "store.sqlite")
    own, made = store.ledger("xero", TENANT), document(lines=[line(accountCode="Sales", taxType="GST"), line(accountCode="260")])
    mapped(store, "accountMap", ("SALES", "4000"), ("260", "200"), ("Hardware", "999"))
    mapped(store, "taxMap", ("gst", "OUTPUT2"))
    assert sent(xero, own, made)[2][0].state is State.SENT
    (there,) = xero.state()["invoices"]
    assert [(one["AccountCode"], one["TaxType"]) for one in there["LineItems"]] == [("4000", "OUTPUT2"), ("260", "OUTPUT2")]
    assert verdict(xero, own, document(lines=[line(accountCode="Hardware")])) == (State.NEEDS_MAPPING, 'Xero has no account "Hardware". Say in the account map what it is in Xero, or add the account there.')


def test_a_line_without_a_tax_type_is_what_the_tax_map_says(xero, tmp_path, contact):  # S4-20
    """Australian organisations have no NONE: an entry NONE in the tax map says what such a line is there."""
    store = open_store(tmp_path / "store.sqlite")
    own, made = store.ledger("xero", TENANT), document(lines=[line(taxType="OUTPUT2"), line("50.00", taxAmount=None, taxType=None)])
    xero.organisation.tax_rates = {"OUTPUT2": "20", "BASEXCLUDED": "0"}
    note = 'Line 2 has no tax type, and Xero has no "NONE" for Demo Company (US). Say in the tax map what "NONE" is in Xero.'
    assert verdict(xero, own, made) == (State.NEEDS_MAPPING, note)
    mapped(store, "taxMap", ("NONE", "BASEXCLUDED"))
    assert sent(xero, own, made)[2][0].state is State.SENT
    (there,) = xero.state()["invoices"]
    assert [one["TaxType"] for one in there["LineItems"]] == ["OUTPUT2", "BASEXCLUDED"]


def test_a_line_without_a_tax_type_is_taxed_as_the_tax_map_says(xero, tmp_path, contact):  # S4-20
    """What the map says counts for the total too; a line that names NONE itself stays what it is where Xero has that."""
    store = open_store(tmp_path / "store.sqlite")
    own, made = store.ledger("xero", TENANT), document(lines=[line(), line("50.00", taxAmount=None, taxType=None), line("10.00", taxAmount=None, taxType="NONE")])
    mapped(store, "taxMap", ("none", "OUTPUT"))
    assert verdict(xero, own, made)[1].startswith("Lines and tax come to 1,265.00, the total is 1,260.00.")
    assert sent(xero, own, replace(made, fields={**made.fields, "total": D("1265.00")}))[2][0].state is State.SENT
    (there,) = xero.state()["invoices"]
    assert [one["TaxType"] for one in there["LineItems"]] == ["OUTPUT2", "OUTPUT", "NONE"]
