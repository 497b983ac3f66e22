"""Autotask: what is asked and how, pages, envelopes, errors, and the mark (S4-1 … S4-4, S4-10, S4-15, S4-16)."""

from decimal import Decimal

import pytest

from invoice_rules import CannotRun
from invoice_rules.connectors import autotaskinvoices
from invoice_rules.connectors.autotask import ALL, Autotask, AutotaskContact, AutotaskMarker, where
from invoice_rules.connectors.http import Auth, LoggedOut, Lost, NotReached, Refused, Session
from invoice_rules.results import Answer, Entry, State
from tests.connectors.autotaskdata import COMPANIES, KEYS, ROOT, invoice, item, page, path, serve
from tests.connectors.faking import FakeClock
from tests.connectors.wiremock import FAULTS, answer, asked

pytestmark = pytest.mark.xdist_group("wiremock")

VALUE = "2026-11-22T10:31:05Z"
UNPROCESSED = where("webServiceDate", "notExist")


class Keys(Auth):
    """The three headers of an API user."""

    def __call__(self, request):
        request.headers.update(KEYS)
        return request

    def hidden(self):
        return (KEYS["Secret"],)


@pytest.fixture
def service(wiremock):
    return at(wiremock.url)


def at(url, **given):
    session = Session([url], name="Autotask", login="invoice-rules connect autotask", clock=FakeClock(), auth=Keys(), **given)
    return Autotask(session, f"{url}{ROOT}/")


def entry(number, key="1187", **more):
    return Entry(number, "main", "autotask.invoices", str(key), "xero", "t", State.SENT, **{"customer": "29683", **more})


def filters(wiremock, entity="Invoices", rest="query"):
    return [request.json()["filter"] for request in wiremock.requests("POST", f"{path(entity)}/{rest}")]


def test_a_query_names_its_conditions_and_who_asks(wiremock, service):
    wiremock.stub(asked("POST", path("Invoices/query")), answer(body=page([invoice(1187)])))
    assert [row["id"] for row in service.query("Invoices", where("id", "eq", 1187), UNPROCESSED)] == [1187]
    (request,) = wiremock.requests()
    assert request.json() == {"MaxRecords": 500, "filter": [{"op": "eq", "field": "id", "value": 1187}, {"op": "notExist", "field": "webServiceDate"}]}
    assert {name: request.headers[name.lower()] for name in KEYS} == KEYS and request.headers["content-type"] == "application/json"


def test_a_query_without_conditions_has_one_that_holds_for_all(wiremock, service):
    wiremock.stub(asked("POST", path("Currencies/query")), answer(body=page([])))
    service.query("Currencies")
    assert filters(wiremock, "Currencies") == [[ALL]]


def test_all_pages_are_read_with_the_same_conditions(wiremock, service):
    """The next page wants POST and the conditions again; the real service refuses GET there (WYRE-AI/autotask-mcp#170)."""
    serve(wiremock, [invoice(number) for number in range(1250, 0, -1)], [])
    told = []
    rows = service.query("Invoices", UNPROCESSED, tick=lambda done, _: told.append(done))
    assert [row["id"] for row in rows] == list(range(1, 1251)) and told == [500, 1000, 1250]
    assert filters(wiremock) + filters(wiremock, rest="query/next") == [[UNPROCESSED]] * 3
    assert wiremock.count("GET") == 0


@pytest.mark.parametrize("following", ["http://elsewhere.example/next", "https://127.0.0.1:1/next"])
def test_a_next_page_on_another_server_is_not_asked_for(wiremock, service, following):
    """The keys go to the chosen server only."""
    wiremock.stub(asked("POST", path("Invoices/query")), answer(body=page([invoice(1)], following)))
    with pytest.raises(CannotRun, match="next page that cannot be right"):
        service.query("Invoices")
    assert wiremock.count() == 1


def test_pages_that_go_in_a_circle_end(wiremock, service):
    wiremock.stub(asked("POST", path("Invoices/query")), answer(body=page([invoice(1)], f"{wiremock.url}{path('Invoices/query')}")))
    with pytest.raises(CannotRun, match="next page that cannot be right"):
        service.query("Invoices")


def test_values_are_asked_for_in_portions(wiremock, service):
    wiremock.stub(asked("POST", path("BillingItems/query")), answer(body=page([])))
    service.among("BillingItems", "invoiceID", [*range(250, 0, -1), 7], 100)
    assert [[one["value"][0], one["value"][-1], len(one["value"])] for (one,) in filters(wiremock, "BillingItems")] == [[1, 100, 100], [101, 200, 100], [201, 250, 50]]
    assert service.among("Companies", "id", []) == []


def test_amounts_are_read_exactly(wiremock, service):
    """X-3: 0.1 + 0.2 is 0.3."""
    text = '{"items": [{"id": 1, "invoiceTotal": 0.10}, {"id": 2, "invoiceTotal": 0.20}], "pageDetails": {}}'
    wiremock.stub(asked("POST", path("Invoices/query")), answer(body=text))
    assert sum(row["invoiceTotal"] for row in service.query("Invoices")) == Decimal("0.30")


def test_what_autotask_finds_wrong_is_told(wiremock, service):
    """Its errors stand in a list, and permission failures come with status 500."""
    wrong = {"errors": ["Query field dueDate is not queryable.", "The logged in Resource does not have the adequate permissions."]}
    wiremock.stub(asked("POST", path("Invoices/query")), answer(500, wrong))
    with pytest.raises(Refused) as refused:
        service.query("Invoices")
    assert all(text.rstrip(".") in str(refused.value) for text in wrong["errors"]) and "PLANTED" not in str(refused.value)


@pytest.mark.parametrize("body", ["<html>Down</html>", "[]", '{"item": 1}', '{"items": {}}'])
def test_an_answer_that_is_none_is_not_taken_for_an_empty_list(wiremock, service, body):
    wiremock.stub(asked("POST", path("Invoices/query")), answer(body=body))
    with pytest.raises(CannotRun):
        service.query("Invoices")


def test_counting(wiremock, service):
    wiremock.stub(asked("POST", path("Invoices/query/count")), answer(body={"queryCount": 123}))
    assert service.count("Invoices", UNPROCESSED) == 123
    assert filters(wiremock, rest="query/count") == [[UNPROCESSED]]
    wiremock.stub(asked("POST", path("Invoices/query/count")), answer(body={}))
    with pytest.raises(CannotRun, match="did not say how many"):
        service.count("Invoices")


def test_contacts_of_a_company(wiremock, service):
    """S4-10: the chosen one adds first name, last name and e-mail."""
    rows = [
        {"id": 2, "firstName": "Bo", "lastName": "Adams", "emailAddress": "bo@stone.example", "primaryContact": False},
        {"id": 1, "firstName": "Ada", "lastName": "Miller", "emailAddress": None, "primaryContact": True},
    ]
    wiremock.stub(asked("POST", path("Contacts/query")), answer(body=page(rows)))
    first, second = service.contacts("29683")
    assert (first.name, first.email, first.primary) == ("Ada Miller", "", True)
    assert second == AutotaskContact("2", "Bo", "Adams", "bo@stone.example")
    assert filters(wiremock, "Contacts") == [[where("companyID", "eq", 29683), where("isActive", "eq", 1)]]


# invoices as documents


def test_invoices_get_their_lines_and_names(wiremock, service):
    serve(wiremock, [invoice(1187), invoice(1188, 29701, 200, 0)], [item(1, 1187), item(2, 1188, 150, billingCodeID=502), item(3, 1188, 50, organizationalLevelAssociationID=12)])
    found = autotaskinvoices.documents(service, [UNPROCESSED])
    one, two = found.invoices
    assert (one["companyName"], one["currency"], one["division"]) == ("Stonebridge Partners", "USD", "North / Managed Services")
    assert (two["companyName"], two["currency"], two["division"]) == ("Alder & Finch", "EUR", "North / Managed Services; North / Projects")
    assert [(line["lineId"], line["accountCode"], line["taxType"]) for line in two["billingItems"]] == [(2, "Hardware", "Standard"), (3, "Services", "Standard")]
    assert one["batchID"] == 7 and one["billingItems"][0]["lineItemID"] == 9, "documents stay whole"
    assert found.notes == []
    assert filters(wiremock, "BillingItems") == [[where("invoiceID", "in", [1187, 1188])]]
    assert filters(wiremock, "Companies") == [[where("id", "in", [29683, 29701])]]


def test_a_company_without_a_currency_has_that_of_the_books(wiremock, service):
    serve(wiremock, [invoice(1189, 29688, 100, 0)], [item(1, 1189, 100, 0)])
    (one,) = autotaskinvoices.documents(service, []).invoices
    assert one["currency"] == "USD"


def test_a_company_that_pays_no_tax_has_a_tax_type_of_its_own(wiremock, service):
    """Else the target would work out a tax that Autotask did not charge."""
    serve(wiremock, [invoice(1189, 29688, 100, 0)], [item(1, 1189, 100, 0), item(2, 1189, 100, 8)])
    (one,) = autotaskinvoices.documents(service, []).invoices
    assert [line["taxType"] for line in one["billingItems"]] == ["Tax exempt", "Standard"]


@pytest.mark.parametrize("division", ["Projects", "projects", "North / Projects"])
def test_a_division_is_that_of_the_lines(wiremock, service, division):
    """S4-1: invoices have no division of their own; one line is enough."""
    serve(wiremock, [invoice(1187), invoice(1188)], [item(1, 1187), item(2, 1188), item(3, 1188, organizationalLevelAssociationID=12)])
    assert [one["id"] for one in autotaskinvoices.documents(service, [], division).invoices] == [1188]
    assert [one["id"] for one in autotaskinvoices.documents(service, [], "North").invoices] == [1187, 1188]


def test_a_division_that_is_none_is_told_with_those_that_there_are(wiremock, service):
    serve(wiremock, [invoice(1187)], [item(1, 1187)])
    with pytest.raises(CannotRun, match=r'no division "South". There are: North / Managed Services, North / Projects'):
        autotaskinvoices.documents(service, [], "South")
    assert autotaskinvoices.documents(service, [], "Projects").invoices == [], "there is one, without invoices"


def test_an_empty_answer_is_not_none_where_a_line_of_business_may_hide_invoices(wiremock, service):
    serve(wiremock, [], [])
    assert autotaskinvoices.documents(service, []).notes == [autotaskinvoices.HIDDEN]


def test_an_empty_answer_is_none_where_there_are_no_lines_of_business(wiremock, service):
    serve(wiremock, [], [])
    wiremock.stub(asked("POST", path("OrganizationalLevelAssociations/query/count")), answer(body={"queryCount": 0}))
    assert autotaskinvoices.documents(service, []).notes == []


def test_invoices_without_lines_are_told(wiremock, service):
    serve(wiremock, [invoice(1187), invoice(1188)], [item(1, 1187)])
    assert autotaskinvoices.documents(service, []).notes == ["Autotask shows no lines of 1 invoice (id 1188).", autotaskinvoices.HIDDEN]


def test_a_company_that_is_not_shown_is_told(wiremock, service):
    serve(wiremock, [invoice(1187, 5)], [item(1, 1187)])
    wiremock.stub(asked("POST", path("Companies/query")), answer(body=page(COMPANIES[1:])))
    assert autotaskinvoices.documents(service, []).notes == ["Autotask does not show the company of 1 invoice."]


def test_names_that_may_not_be_seen_are_left_out_and_told(wiremock, service):
    serve(wiremock, [invoice(1187)], [item(1, 1187)])
    wiremock.stub(asked("POST", path("BillingCodes/query")), answer(500, {"errors": ["No permission."]}))
    found = autotaskinvoices.documents(service, [])
    assert found.invoices[0]["billingItems"][0]["accountCode"] == ""
    (note,) = found.notes
    assert note.startswith("Autotask did not show the billing codes, so items have no account.") and "No permission" in note


@pytest.mark.parametrize("response", [answer(fault=FAULTS[0]), answer(503), answer(429, headers={"Retry-After": "4000"})])
def test_names_that_did_not_arrive_stop_it(wiremock, service, response):
    """Invoices without accounts because of a bad line would be worse than none."""
    serve(wiremock, [invoice(1187)], [item(1, 1187)])
    wiremock.stub(asked("POST", path("BillingCodes/query")), response)
    with pytest.raises((Refused, NotReached)):
        autotaskinvoices.documents(service, [])


# the mark


def stored(wiremock, marked, patched=None):
    """Invoices that Autotask has, number -> mark; and how it answers the change of one, if not with a yes."""
    wiremock.stub(asked("POST", path("Invoices/query")), answer(body=page([invoice(number, webServiceDate=mark) for number, mark in marked.items()])))
    for number in marked:
        yes = answer(body={"itemId": number})
        wiremock.stub(asked("PATCH", path("Invoices"), body=[f"$[?(@.id == {number})]"]), (patched or {}).get(number, yes))


def marks(wiremock):
    return [request.json() for request in wiremock.requests("PATCH")]


def test_invoices_are_marked_one_by_one(wiremock, service):
    """S4-16"""
    stored(wiremock, {1187: None, 1188: None})
    assert dict(AutotaskMarker(service).mark([entry(1, 1187), entry(2, 1188)], VALUE)) == {1: "", 2: ""}
    assert filters(wiremock) == [[where("id", "in", [1187, 1188])]], "looked at first, all at once"
    assert marks(wiremock) == [{"id": 1187, "webServiceDate": VALUE}, {"id": 1188, "webServiceDate": VALUE}]


def test_marking_again_writes_the_same_value_or_nothing(wiremock, service):
    """After a crash between the mark and our note of it."""
    stored(wiremock, {1187: "2026-11-22T10:31:05.000Z", 1188: None})
    marker = AutotaskMarker(service)
    assert dict(marker.mark([entry(1, 1187, mark=VALUE), entry(2, 1188, mark=VALUE)], "2026-11-23T00:00:00Z")) == {1: "", 2: ""}
    assert marks(wiremock) == [{"id": 1188, "webServiceDate": VALUE}] and marker.notes == {}


def test_the_mark_of_somebody_else_stays_and_is_noted(wiremock):
    told = []
    stored(wiremock, {1187: "2026-11-20T08:00:00Z"})
    marker = AutotaskMarker(at(wiremock.url, told=lambda says, _: told.append(says)))
    assert dict(marker.mark([entry(1)], VALUE)) == {1: ""} and marks(wiremock) == []
    assert marker.notes[1].startswith("Autotask had invoice 1187 marked as processed already, on 2026-11-20.") and told == [marker.notes[1]]


def test_our_own_mark_of_an_earlier_sending_is_nobody_elses():  # S4-16, S4-18
    class Service:
        told = None

        def among(self, *_):
            return [{"id": 1187, "companyID": 29683, "webServiceDate": "2026-11-20T08:00:00Z"}]

    ours, others = (AutotaskMarker(Service()), AutotaskMarker(Service()))
    assert dict(ours.mark([entry(2, generation=2, mark=VALUE, marks=("2026-11-20T08:00:00Z", VALUE))], VALUE)) == {2: ""} and ours.notes == {}
    assert dict(others.mark([entry(2, generation=2, mark=VALUE, marks=("2026-11-19T08:00:00Z", VALUE))], VALUE)) == {2: ""} and len(others.notes) == 1


def test_an_invoice_that_is_gone_is_not_marked(wiremock, service):
    stored(wiremock, {1188: None})
    assert dict(AutotaskMarker(service).mark([entry(1), entry(2, 1188)], VALUE)) == {1: "Autotask does not show invoice 1187 to us any more.", 2: ""}


def test_the_invoice_of_another_database_is_not_marked(wiremock, service):
    """S4-16: the id is an invoice there too, of another company. It must stay to be fetched."""
    stored(wiremock, {1187: None, 1188: None})
    stranger = entry(1, customer="5", customer_name="Miller Studio")
    results = dict(AutotaskMarker(service).mark([stranger, entry(2, 1188)], VALUE))
    assert "invoice 1187 belongs to company 29683, and the one that was sent to Miller Studio (company 5)" in results[1] and results[2] == ""
    assert marks(wiremock) == [{"id": 1188, "webServiceDate": VALUE}]


def test_the_mark_of_another_database_is_none_of_ours(wiremock, service):
    stored(wiremock, {1187: VALUE})
    marker = AutotaskMarker(service)
    assert "sent to company 5" in dict(marker.mark([entry(1, customer="5", mark=VALUE)], VALUE))[1] and marker.notes == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mark_without_an_answer_is_to_be_repeated(wiremock, service, fault):
    stored(wiremock, {1187: None, 1188: None}, {1187: answer(fault=fault)})
    results = dict(AutotaskMarker(service).mark([entry(1, 1187), entry(2, 1188)], VALUE))
    assert results[1].endswith("Mark it again.") and results[2] == ""


@pytest.mark.parametrize("body", [{"itemId": 1188}, {}, "<html>"])
def test_a_mark_counts_only_where_autotask_says_so(wiremock, service, body):
    stored(wiremock, {1187: None}, {1187: answer(body=body)})
    assert dict(AutotaskMarker(service).mark([entry(1)], VALUE))[1]
    with pytest.raises(Lost):
        service.patch("Invoices", {"id": 1187, "webServiceDate": VALUE})


def test_a_refused_mark_says_why(wiremock, service):
    stored(wiremock, {1187: None}, {1187: answer(500, {"errors": ["Invoice is locked."]})})
    assert "Invoice is locked" in dict(AutotaskMarker(service).mark([entry(1)], VALUE))[1]


def test_without_a_login_nothing_more_is_tried(wiremock, service):
    stored(wiremock, {1187: None, 1188: None}, {1187: answer(401, {"errors": ["Zone information."]})})
    with pytest.raises(LoggedOut, match="invoice-rules connect autotask"):
        list(AutotaskMarker(service).mark([entry(1), entry(2, 1188)], VALUE))
    assert len(marks(wiremock)) == 1 and issubclass(LoggedOut, CannotRun)


def test_where_autotask_takes_no_more_what_was_marked_is_told_and_nothing_more_is_tried(wiremock, service):
    stored(wiremock, {1187: None, 1188: None, 1189: None}, {1188: answer(429, headers={"Retry-After": "4000"})})
    marking = AutotaskMarker(service).mark([entry(1), entry(2, 1188), entry(3, 1189)], VALUE)
    assert next(marking) == (1, "")
    with pytest.raises(Refused, match="Autotask takes no more requests for now, for another 67 minutes"):
        next(marking)
    assert [one["id"] for one in marks(wiremock)] == [1187, 1188]


def test_where_autotask_is_not_reached_nothing_more_is_tried(wiremock, service, monkeypatch):
    stored(wiremock, dict.fromkeys(range(1187, 1190)))
    tried = []

    def unreached(entity, changes):
        tried.append(changes["id"])
        raise NotReached("Autotask could not be reached: nothing answers at its address. Nothing was sent.", Answer(0))

    monkeypatch.setattr(service, "patch", unreached)
    with pytest.raises(NotReached):
        list(AutotaskMarker(service).mark([entry(n, n) for n in range(1187, 1190)], VALUE))
    assert tried == [1187]


def test_where_no_answer_comes_again_and_again_nothing_more_is_tried(wiremock, service):
    many = range(1187, 1193)
    stored(wiremock, dict.fromkeys(many), dict.fromkeys(many, answer(fault=FAULTS[0])))
    with pytest.raises(Lost):
        list(AutotaskMarker(service).mark([entry(n, n) for n in many], VALUE))
    assert [one["id"] for one in marks(wiremock)] == [1187, 1188, 1189]
    stored(wiremock, dict.fromkeys(many), dict.fromkeys(many, answer(500, {"errors": ["Invoice is locked."]})))
    assert len(dict(AutotaskMarker(service).mark([entry(n, n) for n in many], VALUE))) == len(many), "each was answered"


@pytest.mark.parametrize("response", [answer(401), answer(503), answer(body="<html>"), answer(500, {"errors": ["No."]})])
def test_where_nothing_can_be_looked_at_nothing_is_marked(wiremock, service, response):
    wiremock.stub(asked("POST", path("Invoices/query")), response)
    with pytest.raises(CannotRun):
        list(AutotaskMarker(service).mark([entry(1), entry(2, 1188)], VALUE))
    assert marks(wiremock) == []


def test_a_number_is_not_an_id(wiremock, service):
    """S4-2: an invoice number never marks another invoice that happens to have it as its id."""
    results = dict(AutotaskMarker(service).mark([entry(1, "20261031.1"), entry(2, "１１８７")], VALUE))
    assert all("is not the id of an Autotask invoice" in why for why in results.values()) and wiremock.count() == 0


