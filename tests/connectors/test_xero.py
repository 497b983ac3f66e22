"""The client of Xero against localstack-xero, behind Xero's own description: what it reads, what it writes, and what it makes of odd answers."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from invoice_rules.connectors.failures import LoggedOut, Lost, NotReached, Refused
from invoice_rules.connectors.xero import CREDIT_NOTES, INVOICES, Contact, amount_of, date_of, organisations, rows_of
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer
from tests.connectors.xerocases import client, independent
from tests.connectors.xerocontract import SPEC, trimmed
from tests.connectors.xeroserver import TENANT, Fault

pytestmark = pytest.mark.xdist_group("xero")


def body(number, contact, kind="Invoice", **more):
    item = {"Type": "ACCREC" if kind == "Invoice" else "ACCRECCREDIT", f"{kind}Number": number, "Contact": {"ContactID": contact}, "Date": "2026-10-31", **more}
    item |= {"LineItems": [{"Description": "x", "Quantity": 1, "UnitAmount": 10, "LineAmount": 10, "AccountCode": "200", "TaxType": "NONE"}]}
    return f'{{"{kind}s": [{json.dumps(item)}]}}'.encode()


def test_the_description_is_at_hand(xero):
    if not SPEC.exists():
        pytest.skip("Xero's OpenAPI description is not in ../shared/data/specs: nothing guards these tests")
    assert set(trimmed(xero.url)["paths"]["/Invoices"]) == {"parameters", "get", "put", "post"}
    contact = xero.contact("Stonebridge Partners")
    for wrong in ({"Type": "SALE"}, {"Contact": {"ContactID": "none"}}, {"InvoiceNumber": "9" * 256}, {"Total": 5}, {"LineItems": "x"}):
        with pytest.raises(Refused, match="422"):
            client(xero).send(INVOICES, json.dumps({"Invoices": [{**json.loads(body("A-1", contact))["Invoices"][0], **wrong}]}).encode(), "k")
    assert len(xero.refused()) == 5
    assert xero.state()["invoices"] == []
    xero.received.clear()


# what an organisation is set to


def test_organisations_are_listed_by_name(xero):  # S4-6
    xero.organisation.tenants = {TENANT: "Demo Company (US)", "b": "Stonebridge Ltd"}
    assert organisations(client(xero).session, xero.url) == {TENANT: "Demo Company (US)", "b": "Stonebridge Ltd"}


def test_practices_are_no_organisations(xero):
    rows = '[{"tenantId": "p", "tenantName": "Ledgers & Co", "tenantType": "PRACTICE"}, {"tenantName": "no id"}, 7]'
    xero.faults = [Fault("GET", "/connections", body=rows)]
    assert organisations(client(xero).session, xero.url) == {}


@pytest.mark.parametrize(
    ("period", "year", "locked"),
    [("", "", None), ("2026-09-30", "", dt.date(2026, 9, 30)), ("2026-09-30", "2026-10-31", dt.date(2026, 10, 31)), ("2026-10-31", "2025-12-31", dt.date(2026, 10, 31))],
)
def test_the_later_lock_date_counts(xero, period, year, locked):  # S4-21
    xero.organisation.locked, xero.organisation.locked_year = period, year
    found = client(xero).organisation()
    assert (found.name, found.currency, found.locked) == ("Demo Company (US)", "USD", locked)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("/Date(1793404800000+0000)/", dt.date(2026, 10, 31)),
        ("/Date(1793404800000)/", dt.date(2026, 10, 31)),
        ("/Date(-62135596800000)/", dt.date(1, 1, 1)),
        ("2026-10-31T00:00:00", dt.date(2026, 10, 31)),
        ("2026-10-31", dt.date(2026, 10, 31)),
        ("/Date(soon)/", None),
        (None, None),
        (17, None),
    ],
)
def test_dates_in_the_forms_that_xero_uses(said, day):
    assert date_of(said) == day


@pytest.mark.parametrize(("said", "amount"), [(Decimal("0.10"), Decimal("0.10")), (5, Decimal(5)), ("7.5", Decimal("7.5")), (True, None), (None, None), ("NaN", None), ("x", None), ([], None)])
def test_amounts_are_exact_or_nothing(said, amount):
    assert amount_of(said) == amount


def test_accounts_rates_and_currencies(xero):  # S4-20
    found = client(xero)
    assert found.accounts() == {"200", "260", "4000"}
    assert found.tax_rates() == {"OUTPUT": 10, "OUTPUT2": 20, "NONE": 0}
    assert found.currencies() == {"USD", "EUR"}


def test_an_organisation_that_says_nothing_is_told(xero):
    xero.faults = [Fault("GET", "/Organisation", body='{"Organisations": []}')]
    with pytest.raises(CannotRun, match="Xero did not say how the organisation is set up"):
        client(xero).organisation()


@pytest.mark.parametrize("said", ["<html>Sorry</html>", "[]", '{"Organisations": 3}', "", '{"Organisations": [3'])
def test_an_answer_that_is_none_is_told(xero, said):
    xero.faults = [Fault("GET", "/Organisation", body=said)]
    with pytest.raises(CannotRun, match="Xero gave an answer|did not say"):
        client(xero).organisation()


# contacts


def test_contacts_by_number_and_by_identifier(xero):  # S4-8
    made = xero.contact("Stonebridge Partners", ContactNumber="29683", EmailAddress="ap@stonebridge.example")
    one = client(xero)
    assert one.contact("29683") == one.contact(made) == Contact(made, "Stonebridge Partners", "29683", "ap@stonebridge.example")
    assert one.contact("29684") is None


def test_archived_and_merged_contacts_are_seen_as_such(xero):  # S4-12
    kept = xero.contact("Stonebridge")
    gone = xero.contact("Stonebridge Partners", ContactNumber="29683", ContactStatus="ARCHIVED", MergedToContactID=kept)
    found = client(xero).contact("29683")
    assert (found.id, found.active, found.merged) == (gone, False, kept)
    assert {contact.id: contact.merged for contact in client(xero).contacts()} == {kept: "", gone: kept}


def test_all_contacts_page_by_page(xero):
    for n in range(1204):
        xero.contact(f"Customer {n:04}", ContactNumber=str(n))
    assert [contact.number for contact in client(xero).contacts()] == [str(n) for n in range(1204)]
    assert [one.query["page"] for one in xero.sent("GET", "/Contacts")] == ["1", "2"]


def test_contacts_of_many_identifiers(xero):
    made = [xero.contact(f"Customer {n}") for n in range(90)]
    xero.contact("Somebody else")
    assert [contact.id for contact in client(xero).contacts(made)] == made
    assert len(xero.sent("GET", "/Contacts")) == 3


def test_a_search_finds_active_contacts(xero):
    made = xero.contact("Stonebridge Partners")
    xero.contact("Stonebridge (old)", ContactStatus="ARCHIVED")
    assert [contact.id for contact in client(xero).search("stonebridge")] == [made]


@pytest.mark.parametrize("name", ["Stonebridge", 'The "Old" Mill', "Back\\slash", "O'Brien & Söhne (UK), Ltd."])
def test_a_name_is_found_however_many_hold_it(xero, name):
    xero.contact(name, ContactStatus="ARCHIVED")
    for n in range(1100):
        xero.contact(f"{n} {name}")
    made = xero.contact(name.upper())
    assert [contact.id for contact in client(xero).named(name)] == [made]


def test_a_contact_is_created_and_numbered(xero):  # S4-10, S4-12
    one = client(xero)
    made = one.create_contact("Stonebridge Partners", "k1", FirstName="Ada", LastName="", EmailAddress="ada@stonebridge.example", ContactNumber="29683")
    assert one.contact("29683") == made
    assert one.number_contact(made.id, "29999", "k2").number == "29999"
    put, post = xero.sent("PUT", "/Contacts") + xero.sent("POST", "/Contacts")
    assert put.json == {"Contacts": [{"Name": "Stonebridge Partners", "FirstName": "Ada", "EmailAddress": "ada@stonebridge.example", "ContactNumber": "29683"}]}
    assert (put.headers["Idempotency-Key"], post.headers["Idempotency-Key"], post.path) == ("k1", "k2", f"/Contacts/{made.id}")


def test_a_name_that_exists_is_refused_in_xeros_words(xero):
    xero.contact("Stonebridge Partners")
    with pytest.raises(Refused, match="already assigned to another contact"):
        client(xero).create_contact("stonebridge partners", "k")


@pytest.mark.parametrize("said", ['{"Contacts": []}', '{"Contacts": [{"ContactID": "", "Name": "x"}]}', '{"Contacts": [{"ContactID": "c", "ValidationErrors": [{"Message": "No."}]}]}'])
def test_a_contact_counts_only_where_xero_says_so(xero, said):
    xero.faults = [Fault("PUT", "/Contacts", body=said)]
    with pytest.raises(CannotRun, match="Xero did not take the contact"):
        client(xero).create_contact("Stonebridge Partners", "k")


# invoices and credit notes


def test_what_is_sent_is_found_again_by_number(xero):
    contact = xero.contact("Stonebridge Partners")
    one = client(xero)
    one.send(INVOICES, body("A-1", contact, Reference="1187"), "k1")
    one.send(CREDIT_NOTES, body("A-1", contact, "CreditNote", Reference="1188"), "k2")
    (invoice,), (credit,) = one.found(INVOICES, ["A-1", "A-2"]), one.found(CREDIT_NOTES, ["A-1"])
    assert (invoice.number, invoice.reference, invoice.customer, invoice.total, invoice.status) == ("A-1", "1187", contact, Decimal(10), "DRAFT")
    assert (credit.number, credit.reference, credit.total) == ("A-1", "1188", Decimal(10))
    assert one.one(INVOICES, invoice.remote) == invoice
    assert one.one(INVOICES, contact) is None


def test_sending_has_its_key_and_asks_for_each_item(xero):
    contact = xero.contact("Stonebridge Partners")
    client(xero).send(INVOICES, body("A-1", contact), "key-1")
    (sent,) = xero.sent("PUT", "/Invoices")
    assert sent.query == {"summarizeErrors": "false", "unitdp": "4"}
    assert (sent.headers["Idempotency-Key"], sent.headers["Xero-Tenant-Id"]) == ("key-1", TENANT)
    assert "PLANTED-SECRET" not in str(sent)


def test_a_change_goes_to_the_same_invoice(xero):
    contact = xero.contact("Stonebridge Partners")
    one = client(xero)
    one.send(INVOICES, body("A-1", contact), "k1")
    (there,) = one.found(INVOICES, ["A-1"])
    one.send(INVOICES, body("A-1", contact, InvoiceID=there.remote, Reference="new"), "k2", change=True)
    (after,) = one.found(INVOICES, ["A-1"])
    assert (after.remote, after.reference) == (there.remote, "new")


def test_hundreds_of_numbers_are_asked_in_parts(xero):
    contact = xero.contact("Stonebridge Partners")
    numbers = [f"2026/{n:03}, final" if n % 50 == 0 else f"2026/{n:03}" for n in range(130)]
    one = client(xero)
    items = [json.loads(body(number, contact))["Invoices"][0] for number in numbers]
    one.send(INVOICES, json.dumps({"Invoices": items}).encode(), "k")
    xero.received.clear()
    assert [found.number for found in sorted(one.found(INVOICES, numbers), key=lambda found: found.number)] == sorted(numbers)
    assert len([sent for sent in xero.sent("GET") if "InvoiceNumbers" in sent.query]) == 4
    assert [found.number for found in one.found(INVOICES, numbers[50:51])] == ["2026/050, final"]


def test_credit_notes_are_asked_for_by_number(xero):
    contact = xero.contact("Stonebridge Partners")
    one = client(xero)
    items = [json.loads(body(f"C-{n}", contact, "CreditNote"))["CreditNotes"][0] for n in range(45)]
    one.send(CREDIT_NOTES, json.dumps({"CreditNotes": items}).encode(), "k")
    xero.received.clear()
    assert {found.number for found in one.found(CREDIT_NOTES, [f"C-{n}" for n in range(42)])} == {f"C-{n}" for n in range(42)}
    assert xero.sent("GET")[1].query["where"] == 'CreditNoteNumber=="C-40" OR CreditNoteNumber=="C-41"'


def test_bills_of_suppliers_are_not_ours(xero):
    xero.faults = [Fault("GET", "/Invoices", body='{"Invoices": [{"Type": "ACCPAY", "InvoiceID": "b", "InvoiceNumber": "A-1"}, {"InvoiceID": "i", "InvoiceNumber": "a-1"}]}')]
    assert [found.remote for found in client(xero).found(INVOICES, ["A-1"])] == ["i"]


def test_words_that_are_unknown_pass(xero):
    """xero-python raises for an unknown status or currency, after the invoice exists."""
    contact = xero.contact("Stonebridge Partners")
    one = client(xero)
    one.send(INVOICES, body("A-1", contact), "k1")
    xero.faults = [Fault("GET", "/Invoices", change={"Status": "QUEUED", "CurrencyCode": "ZWG", "LineAmountTypes": 7, "New": {"a": []}}, times=0)]
    (found,) = one.found(INVOICES, ["A-1"])
    assert (found.status, found.currency) == ("QUEUED", "ZWG")
    with pytest.raises(ValueError, match="is not a valid"):
        independent(xero).get_invoices(TENANT, invoice_numbers=["A-1"])


# what goes wrong


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"close": "drop"}, Lost),
        ({"close": "reset"}, Lost),
        ({"close": "half"}, Lost),
        ({"status": 500, "commit": False}, Lost),
        ({"status": 503, "body": "<html>later</html>", "commit": False}, Lost),
        ({"status": 401, "commit": False}, LoggedOut),
        ({"status": 403, "commit": False}, Refused),
        ({"status": 400, "body": "<html>no</html>", "commit": False}, Refused),
    ],
)
def test_a_write_is_sent_once_whatever_comes(xero, fault, raised):
    """xero-python sends a reset PUT four times."""
    contact = xero.contact("Stonebridge Partners")
    xero.faults = [Fault("PUT", "/Invoices", **fault)]
    with pytest.raises(raised):
        client(xero).send(INVOICES, body("A-1", contact), "k")
    assert len(xero.sent("PUT", "/Invoices")) == 1
    assert len(xero.state()["invoices"]) == (0 if fault.get("commit") is False else 1)


def test_too_many_calls_are_waited_for(xero):
    contact = xero.contact("Stonebridge Partners")
    xero.faults = [Fault("PUT", "/Invoices", status=429, headers={"Retry-After": "7"}, commit=False)]
    one = client(xero)
    assert one.send(INVOICES, body("A-1", contact), "k").status == 200
    assert (one.session.clock.slept, len(xero.state()["invoices"])) == ([7], 1)


def test_a_question_is_asked_again(xero):
    xero.faults = [Fault("GET", "/Organisation", status=503, times=2)]
    assert client(xero).organisation().currency == "USD"
    xero.faults = [Fault("GET", "/Organisation", close="reset", times=0)]
    with pytest.raises(NotReached, match="Xero could not be asked"):
        client(xero).organisation()


def test_an_organisation_that_was_taken_off_the_app_is_to_be_connected_again(xero):
    """S4-5: Xero says "Forbidden; AuthenticationUnsuccessful" of it."""
    contact = xero.contact("Stonebridge Partners")
    one = client(xero, "9a8b7c6d-0000-4000-8000-000000000001")
    one.title, one.session.login = "Demo Company (US)", "invoice-rules connect xero"
    says = r"^The organisation Demo Company \(US\) is not connected with this app in Xero any more\. Connect it again: invoice-rules connect xero$"
    for ask in (one.organisation, lambda: list(one.contacts()), lambda: one.contact("c"), lambda: one.send(INVOICES, body("A-1", contact), "k")):
        with pytest.raises(LoggedOut, match=says):
            ask()
    assert not xero.state()["invoices"]


def test_another_403_is_told_in_xeros_words(xero):
    xero.faults = [Fault("GET", "/Organisation", status=403, body='{"Detail": "The licence has ended"}')]
    with pytest.raises(Refused, match="The licence has ended"):
        client(xero).organisation()


def test_an_answer_that_is_nested_too_deeply_cannot_be_read(xero):
    """S2-44: it is an answer like any other that cannot be read."""
    deep = "[" * 200_000
    assert rows_of(Answer(200, deep.encode()), INVOICES) is None
    xero.faults = [Fault("GET", "/Organisation", body=deep), Fault("GET", "/Organisation", status=400, body=deep)]
    with pytest.raises(CannotRun, match="an answer that cannot be read"):
        client(xero).organisation()
    with pytest.raises(Refused, match=r"refused the request \(400\)\.$"):
        client(xero).organisation()


@pytest.mark.parametrize("day", ["/Date(-99999999999999)/", "/Date(-62199999999999+0000)/"])
def test_a_day_that_is_none_is_blank(day):
    assert date_of(day) is None


def test_nothing_shows_the_token(xero):
    xero.faults = [Fault("GET", "/Organisation", status=400, body='{"Detail": "Bearer PLANTED-SECRET is odd"}')]
    one = client(xero)
    with pytest.raises(Refused) as refused:
        one.organisation()
    assert "PLANTED-SECRET" not in f"{one.session!r} {one.session.auth!r} {one.__dict__} {refused.value!r} {refused.value.answer}"
