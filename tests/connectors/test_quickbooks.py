"""QuickBooks: queries, pages, errors as recorded from Intuit's sandbox, and never a change there (S1-3, S1-4, S1-16)."""

import datetime as dt
import warnings
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import xmlschema

from invoice_rules import CannotRun
from invoice_rules.connectors import quickbooksinvoices
from invoice_rules.connectors.http import Auth, LoggedOut, Refused, Session
from invoice_rules.connectors.projects import Projects
from invoice_rules.connectors.quickbooks import QuickBooks, condition
from invoice_rules.references import kind
from tests.connectors.faking import FakeClock
from tests.connectors.quickbooksdata import QUERY, REALM, SPECS, history, recorded, recorded_body, result, serve
from tests.connectors.wiremock import answer, asked
from tests.rulesets.lists import Lists

pytestmark = pytest.mark.xdist_group("wiremock")

AUTUMN = condition(dt.date(2026, 8, 1), dt.date(2026, 10, 31))


class Token(Auth):
    """An access token."""

    def __call__(self, request):
        request.headers["Authorization"] = "Bearer PLANTED-SECRET"
        return request

    def hidden(self):
        return ("PLANTED-SECRET",)


@pytest.fixture
def session(wiremock):
    return Session([wiremock.url], name="QuickBooks", login="invoice-rules connect quickbooks", clock=FakeClock(), auth=Token())


@pytest.fixture
def service(wiremock, session):
    return QuickBooks(session, REALM, wiremock.url)


def queries(wiremock):
    return [parse_qs(urlsplit(request.url).query)["query"][0] for request in wiremock.requests("GET", QUERY)]


def test_both_ends_of_the_range_are_included():
    """S1-3"""
    assert condition(dt.date(2026, 1, 1), dt.date(2026, 1, 31), ["146", "147"]) == " WHERE TxnDate >= '2026-01-01' AND TxnDate <= '2026-01-31' AND Id IN ('146', '147')"
    assert condition(None, dt.date(2026, 1, 31)) == " WHERE TxnDate <= '2026-01-31'"
    assert condition(None, None) == ""


@pytest.mark.parametrize("wrong", ["1' OR Id > '0", "", "12a", "１２"])
def test_nothing_but_digits_gets_into_a_query(wiremock, session, service, wrong):
    with pytest.raises(CannotRun, match="digits alone"):
        condition(None, None, [wrong])
    with pytest.raises(CannotRun, match="digits alone"):
        service.customers([wrong])
    with pytest.raises(CannotRun, match="digits alone"):
        QuickBooks(session, f"{wrong}/../x", wiremock.url)
    assert wiremock.count() == 0


def test_pages_are_read_until_all_are_there(wiremock, service):
    rows = [{"Id": str(number), "TotalAmt": 1.10} for number in range(1, 2251)]
    serve(wiremock, rows, most=1000)
    told = []
    found = service.invoices(AUTUMN, lambda done, total: told.append((done, total)))
    assert [row["Id"] for row in found] == [row["Id"] for row in rows] and told == [(1000, 2250), (2000, 2250), (2250, 2250)]
    assert queries(wiremock) == [f"SELECT COUNT(*) FROM Invoice{AUTUMN}", *(f"SELECT * FROM Invoice{AUTUMN} ORDERBY Id STARTPOSITION {start} MAXRESULTS 1000" for start in (1, 1001, 2001))]
    assert sum(row["TotalAmt"] for row in found) == Decimal("2475.00")


def test_a_service_that_gives_less_at_once_is_read_to_the_end(wiremock, service):
    """As python-quickbooks stops after its first hundred of 250, silently."""
    serve(wiremock, [{"Id": str(number)} for number in range(250)], most=100)
    assert len(service.invoices(AUTUMN)) == 250


@pytest.mark.parametrize("told", [14, 12])
def test_a_list_that_changed_meanwhile_is_refused(wiremock, service, told):
    serve(wiremock, history(), told=told)
    with pytest.raises(CannotRun, match="somebody changed them meanwhile"):
        service.invoices(AUTUMN)


def test_a_row_that_moved_to_the_next_page_is_there_once(wiremock, service):
    serve(wiremock, [{"Id": "1"}, {"Id": "2"}, {"Id": "2"}, {"Id": "3"}], most=2, told=3)
    assert [row["Id"] for row in service.invoices()] == ["1", "2", "3"]


def test_none_is_no_failure(wiremock, service):
    """S1-17"""
    serve(wiremock, [])
    assert service.invoices(AUTUMN) == [] and service.count(AUTUMN) == 0


# what went wrong, as recorded


def test_an_ended_login_is_told(wiremock, service):
    wiremock.stub(asked("GET", QUERY), recorded("error_401"))
    with pytest.raises(LoggedOut, match="invoice-rules connect quickbooks"):
        service.company()


@pytest.mark.parametrize(("name", "words"), [("error_validation", "Duplicate Name Exists Error"), ("error_400_json", "Request has invalid or unsupported property"), ("error_500", "Unsupported Operation")])
def test_a_fault_is_told_in_quickbooks_words(wiremock, service, name, words):
    wiremock.stub(asked("GET", QUERY), recorded(name))
    with pytest.raises(Refused) as refused:
        service.company()
    assert words in str(refused.value) and "PLANTED" not in str(refused.value)


def test_a_fault_in_an_answer_that_says_all_is_well_is_told_whole(wiremock, service):
    fault = {"Error": [{"Message": "An application error has occurred.", "Detail": "Line 3", "code": "10000"}, {"Message": "second"}], "type": "ValidationFault"}
    wiremock.stub(asked("GET", QUERY), answer(body={"Fault": fault}))
    with pytest.raises(Refused, match=r"An application error has occurred, Line 3 \(10000\); second\."):
        service.company()
    wiremock.stub(asked("GET", QUERY), answer(body={"fault": {}, "Fault": {"type": "x"}}))
    with pytest.raises(Refused, match="no reason was given"):
        service.company()


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"QueryResponse": []}', '{"QueryResponse": {"totalCount": "many"}}'])
def test_an_answer_that_is_none_is_not_taken_for_an_empty_list(wiremock, service, body):
    wiremock.stub(asked("GET", QUERY), answer(body=body))
    with pytest.raises(CannotRun):
        service.invoices(AUTUMN)


def test_waits_where_quickbooks_asks_for_it(wiremock, session):
    throttled = {"fault": {"error": [{"message": "message=ThrottleExceeded; errorCode=003001; statusCode=429", "code": "3001"}], "type": "SERVICE"}}
    wiremock.scenario("slow", asked("GET", QUERY), answer(429, throttled, headers={"Retry-After": "7"}), answer(body=result("CompanyInfo", [{"CompanyName": "A"}])))
    assert QuickBooks(session, REALM, wiremock.url).company() == "A"
    assert session.clock.slept == [7.0]


# invoices as documents


def documents(wiremock, service, invoices, project="", books=None, title="Hollis & Crane", **given):
    serve(wiremock, invoices, **given)
    return quickbooksinvoices.documents(service, AUTUMN, title, project, books)


def invoice(number, customer="14", name="Alder & Finch", project=None, **more):
    reference = {"ProjectRef": project} if project else {}
    return {"Id": str(number), "CustomerRef": {"value": customer, "name": name}, "CurrencyRef": {"value": "USD"}, "TotalAmt": 1, **reference, **more}


LISTED = Lists(projects=[{"project": "AH", "name": "Alder House", "customer": "14"}, {"project": "Q7", "name": "Quay 7", "customer": "27"}, {"project": "Q8", "name": "Quay 8", "customer": "27"}])


@pytest.mark.parametrize(
    ("given", "project"),
    [
        (invoice(1, project={"value": "77", "name": "Alder House"}), "AH"),
        (invoice(1, project={"value": "77", "name": "q7"}), "Q7"),
        (invoice(1, project={"value": "77", "name": "Elsewhere"}), "Elsewhere"),
        (invoice(1, project={"value": "77"}), "Q8"),
        (invoice(1, project={"value": "78"}), "78"),
        (invoice(1), "AH"),
        (invoice(1, "31", "Stonebridge Partners:Quay 8"), "Q8"),
        (invoice(1, "27", "Stonebridge Partners"), None),
        (invoice(1, "99", "Nobody"), None),
    ],
)
def test_whose_project_an_invoice_is(wiremock, service, given, project):
    """S1-4: QuickBooks' own, by its name on the list; else its job's; else the customer's, where it has one only."""
    (made,), _ = documents(wiremock, service, [given], books=LISTED, customers=[{"Id": "77", "DisplayName": "Quay 8"}])
    assert made.get("project") == project


def test_the_project_for_all_wins(wiremock, service):
    """S1-4"""
    made, notes = documents(wiremock, service, [invoice(1, project={"value": "77"}), invoice(2, "99")], "Q7", LISTED)
    assert [one["project"] for one in made] == ["Q7", "Q7"] and notes == []
    assert not [text for text in queries(wiremock) if "Customer" in text]


def test_a_project_that_is_none_is_refused_before_anything_is_asked(wiremock, service):
    """S1-18"""
    with pytest.raises(CannotRun, match=r'no project "Q9" on the list. There are: AH, Q7, Q8'):
        documents(wiremock, service, [invoice(1)], "Q9", LISTED)
    assert wiremock.count() == 0


def test_what_a_person_should_know_is_noted(wiremock, service):
    _, notes = documents(wiremock, service, [invoice(1), invoice(2, "99")], books=LISTED, title="Hollis and Crane")
    assert notes == [
        "QuickBooks now calls this company Hollis & Crane. Its invoices are kept under Hollis and Crane, so that none is imported twice.",
        "1 invoice got the project that the list has for the customer.",
        "1 invoice is not linked to a project, and cannot be imported so. One project for all can be given.",
    ]


def test_an_invoice_without_a_currency_is_in_that_of_the_company(wiremock, service):
    """X-17"""
    made, _ = documents(wiremock, service, [invoice(1, CurrencyRef=None), invoice(2, CurrencyRef={"value": "EUR"})])
    assert [one["CurrencyRef"]["value"] for one in made] == ["USD", "EUR"]


@pytest.mark.parametrize(("status", "pending"), [("Pending", True), ("Payable", None), (None, None)])
def test_an_invoice_that_is_not_final_is_pending(wiremock, service, status, pending):
    """S1-9"""
    (made,), _ = documents(wiremock, service, [invoice(1, TxnStatus=status)])
    assert made.get("pending") is pending


def test_projects_know_their_list():
    """The names that are read of the list are fields of it."""
    assert {"project", "name", "customer"} <= set(kind("projects").fields)
    assert Projects(listed=[{"project": "A", "name": "", "customer": ""}]).of({}) == ""


def test_quickbooks_is_only_read(wiremock, service):
    """S1-16"""
    documents(wiremock, service, [invoice(1, project={"value": "77"}, CurrencyRef=None)])
    assert {request.method for request in wiremock.requests()} == {"GET"} and wiremock.count() == 5


# witnesses that none of us wrote


READ = {
    "Invoice": ("Id", "DocNumber", "TxnDate", "DueDate", "CustomerRef", "CurrencyRef", "ProjectRef", "TotalAmt", "Balance", "TxnTaxDetail", "EmailStatus", "PrintStatus", "PrivateNote", "TxnStatus", "Line"),
    "Line": ("Amount", "Description", "DetailType", "SalesItemLineDetail"),
    "TxnTaxDetail": ("TotalTax",),
    "SalesItemLineDetail": ("ItemRef", "Qty", "UnitPrice"),
    "Customer": ("Id", "DisplayName"),
    "CompanyInfo": ("CompanyName",),
}
"""What we read of each thing, here or through the rule set."""


@pytest.fixture(scope="module")
def intuit():
    """Intuit's own schema."""
    file = SPECS / "xsd" / "Finance.xsd"
    return xmlschema.XMLSchema(file) if file.is_file() else pytest.skip("Finance.xsd is not beside the project (../shared/data/specs/xsd)")


def _names(schema, name):
    return {element.local_name for element in schema.types[name].content.iter_elements()}


def test_intuits_schema_has_every_name_that_we_read(intuit):
    assert {name: set(fields) - _names(intuit, name) for name, fields in READ.items()} == {name: set() for name in READ}
    assert "DocNumbr" not in _names(intuit, "Invoice")


def test_intuits_schema_has_every_word_that_we_know(intuit):
    from invoice_rules.rulesets import rule_set

    fields = rule_set("quickbooks.history").fields
    assert set(fields["emailStatus"].choices) <= set(intuit.types["EmailStatusEnum"].enumeration)
    assert set(fields["printStatus"].choices) <= set(intuit.types["PrintStatusEnum"].enumeration)
    assert set(quickbooksinvoices.PENDING) <= set(intuit.types["PaymentStatusEnum"].enumeration)
    assert {"DescriptionOnly", "DiscountLineDetail", "SubTotalLineDetail", "SalesItemLineDetail"} <= set(intuit.types["LineDetailTypeEnum"].enumeration)


def test_our_data_is_like_that_of_intuits_sandbox(intuit):
    """Names and types of the recorded invoices, of the sample company's, and of those in these tests."""
    known = recorded_body("create_invoice")["Invoice"]
    assert set(known) - _names(intuit, "Invoice") == {"domain", "sparse"}
    for made in history():
        assert set(made) - {"IsPending"} <= _names(intuit, "Invoice"), "IsPending is a name of QuickBooks Desktop"
        assert {name: type(known[name]) for name in made if name in known and not isinstance(known[name], Decimal)} == {name: type(made[name]) for name in made if name in known and not isinstance(known[name], Decimal)}


def test_the_envelope_is_that_of_a_recorded_query():
    """SalesReceipts: no query for invoices was recorded."""
    real = recorded_body("all_sales_receipts")
    ours = result("SalesReceipt", [{}] * len(real["QueryResponse"]["SalesReceipt"]))
    assert set(real) == set(ours) and set(real["QueryResponse"]) == set(ours["QueryResponse"])
    assert {name: real["QueryResponse"][name] for name in ("startPosition", "maxResults")} == {name: ours["QueryResponse"][name] for name in ("startPosition", "maxResults")}


def test_recorded_invoices_are_read_as_an_independent_reader_reads_them(wiremock, service, monkeypatch):
    """python-quickbooks reads the same server; every amount agrees to the cent."""
    recordings = [recorded_body(name, place)["Invoice"] for name, place in (("create_invoice", 0), ("void_invoice", 1))]
    rows = [*[_plain(one) for one in recordings], *history()]
    serve(wiremock, rows)
    ours = service.invoices("")
    theirs = _independent(wiremock, monkeypatch, len(rows))
    assert [(one["Id"], one["DocNumber"], one["TxnDate"], one["CustomerRef"]["name"]) for one in ours] == [(one.Id, one.DocNumber, one.TxnDate, one.CustomerRef.name) for one in theirs]
    assert [(one["TotalAmt"], one["Balance"], [line["Amount"] for line in one["Line"]]) for one in ours] == [(one.TotalAmt, one.Balance, [line.Amount for line in one.Line]) for one in theirs]


def _plain(row):
    """Decimals as numbers, for a stub."""
    if isinstance(row, dict):
        return {name: _plain(value) for name, value in row.items()}
    return [_plain(one) for one in row] if isinstance(row, list) else float(row) if isinstance(row, Decimal) else row


def _independent(wiremock, monkeypatch, count):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of what python-quickbooks is made of
        from quickbooks import QuickBooks as Reader
        from quickbooks.objects import Invoice

    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    wiremock.stub(asked("POST", QUERY), answer(body=result("Invoice", _served(wiremock))))
    login = SimpleNamespace(client_id="id", access_token="a", refresh_token="r", environment="production")
    reader = type("Local", (Reader,), {"api_url_v3": f"{wiremock.url}/v3"})(auth_client=login, refresh_token="r", company_id=REALM, minorversion=75, use_decimal=True)
    reader.sandbox = False
    return Invoice.query(f"SELECT * FROM Invoice MAXRESULTS {count}", qb=reader)


def _served(wiremock):
    """What the stub of our query answers; python-quickbooks asks by POST."""
    import requests

    with requests.Session() as plain:
        plain.trust_env = False
        told = plain.get(f"{wiremock.url}{QUERY}", params={"query": "SELECT * FROM Invoice ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000", "minorversion": "75"}, timeout=10)
    return told.json()["QueryResponse"]["Invoice"]


