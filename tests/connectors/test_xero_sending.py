"""Invoices from the store to Xero, whatever happens on the way: each is there once (S4-7, S4-14, S4-16, S4-17, S4-19)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from invoice_rules.connectors.failures import Lost
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.sending import Sending
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.results import State
from invoice_rules.store import open_store
from tests.connectors.scripted import Copies, autotask_invoice, import_invoices
from tests.connectors.xerocases import Bearer, client, destination, document, independent, judged
from tests.connectors.xeroserver import TENANT, Fault

pytestmark = pytest.mark.xdist_group("xero")
D = Decimal


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))


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


ALREADY = '{"Message": "A validation exception occurred", "Elements": [{"InvoiceNumber": "INV-1", "ValidationErrors": [{"Message": "Invoice # must be unique."}]}]}'


def test_a_number_that_xero_has_from_us_is_looked_into_though_the_whole_was_refused(xero, sending):  # S4-17
    sending.prepare()
    xero.faults = [Fault("PUT", "/Invoices", status=400, body=ALREADY)]
    assert sending.send(["1001"]).counts == {State.UNKNOWN: 1}
    sending.clock.sleep(121)
    assert sending.settle().counts == {State.SENT: 1}
    assert [invoice["InvoiceNumber"] for invoice in xero.state()["invoices"]] == ["INV-1"]


CREDIT = {"lineId": "1", "description": "Monitoring", "quantity": "-1", "rate": "110.01", "lineAmount": "-110.01"}


@pytest.mark.parametrize("corrected", [{"invoiceNumber": "INV-1A"}, {"total": "-110.01", "billingItems": [CREDIT]}])
def test_what_was_corrected_while_its_outcome_was_unknown_is_not_there_twice(xero, sending, corrected):  # S4-17
    sending.prepare()
    xero.faults = [Fault("PUT", "/Invoices", close="drop")]
    assert sending.send(["1001"]).counts == {State.UNKNOWN: 1}
    import_invoices(sending.store, [autotask_invoice(1, **corrected)])
    sending.clock.sleep(121)
    sending.settle()
    sending.prepare()
    assert sending.send(["1001"]).counts == {}
    (entry,) = sending.ledger.entries(keys=["1001"])
    assert (entry.state, entry.number) == (State.CONFLICT, "INV-1")
    there = xero.state()
    assert ([invoice["InvoiceNumber"] for invoice in there["invoices"]], there["creditNotes"]) == (["INV-1"], [])


def test_a_change_that_was_lost_is_made_once_more(xero, sending):  # S4-18
    sending.prepare()
    sending.send(["1001"])
    import_invoices(sending.store, [autotask_invoice(1, dueDate="2026-12-24")])
    sending.prepare({"1001": "update"})
    xero.faults = [Fault("POST", "/Invoices", close="drop", commit=False)]
    assert sending.send(["1001"]).counts == {State.UNKNOWN: 1}
    sending.clock.sleep(121)
    assert sending.settle().counts == {State.READY: 1}
    sending.prepare()
    assert State.SENT in sending.send(["1001"]).counts
    assert [invoice["DueDate"][:10] for invoice in xero.state()["invoices"]] == ["2026-12-24"]


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
