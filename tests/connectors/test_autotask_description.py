"""What we ask of Autotask, held against its own description, which Prism serves.

The description is wrong in four ways, as its users found: names begin with a capital, a condition's value is an object, a query answers with one record
instead of a list, and a change with nothing that it is known by. Requests are translated accordingly before Prism judges them; answers are tested elsewhere.
"""

import datetime as dt
import json
from pathlib import Path

import pytest

from invoice_rules import CannotRun
from invoice_rules.connectors import autotaskinvoices
from invoice_rules.connectors.autotask import Autotask, AutotaskMarker, where
from invoice_rules.connectors.fetching import Criteria, _conditions
from invoice_rules.connectors.http import Session
from invoice_rules.results import Answer, Entry, State
from tests.connectors import autotaskdata
from tests.connectors.faking import FakeClock
from tests.connectors.servers import ROOT, free_port, needs, started

pytestmark = pytest.mark.xdist_group("prism")

DESCRIPTION = ROOT.parent / "shared" / "data" / "specs" / "autotask_trim.json"
NOT_DESCRIBED = {"BillingCodes", "OrganizationalLevel1s", "OrganizationalLevel2s"}
"""Entities of the service that this shortened copy of its description lacks."""

NOT_COUNTED = "/V1.0/OrganizationalLevelAssociations/query/count"
"""Lacking too; the one for invoices, of the same kind, is there."""

ROWS = {
    "Invoices": [autotaskdata.invoice(1187)],
    "BillingItems": [autotaskdata.item(1, 1187)],
    "Companies": autotaskdata.COMPANIES,
    "Currencies": autotaskdata.CURRENCIES,
    "OrganizationalLevelAssociations": autotaskdata.ASSOCIATIONS,
    "OrganizationalLevel1s": autotaskdata.DIVISIONS,
    "OrganizationalLevel2s": autotaskdata.LINES_OF_BUSINESS,
    "BillingCodes": autotaskdata.CODES,
    "TaxCategories": autotaskdata.TAXES,
    "Contacts": [],
}


class Recording:
    """Answers like Autotask and keeps what it was asked: (method, entity, path, body)."""

    told = None

    def __init__(self):
        self.asked = []

    def read(self, method, url, *, data=b"null", headers):
        entity, rest = url.removeprefix("http://zone/V1.0/").partition("/")[::2]
        self.asked.append((method, entity, f"/V1.0/{entity}/{rest}", json.loads(data)))
        found = {"queryCount": 1} if rest.endswith("count") else autotaskdata.page(ROWS[entity])
        return Answer(200, json.dumps(found).encode())

    def write(self, method, url, *, body, headers):
        entity = url.removeprefix("http://zone/V1.0/")
        self.asked.append((method, entity, f"/V1.0/{entity}", json.loads(body)))
        return Answer(200, json.dumps({"itemId": json.loads(body)["id"]}).encode())


@pytest.fixture(scope="module")
def recorded():
    """Everything that is asked of Autotask: fetching, counting, contacts, marking."""
    recording = Recording()
    service = Autotask(recording, "http://zone")
    criteria = Criteria(since=dt.date(2026, 10, 1), until=dt.date(2026, 10, 31), invoice_ids=("1187",))
    autotaskinvoices.documents(service, _conditions(criteria), "Projects")
    service.count("Invoices", *_conditions(criteria))
    service.count("OrganizationalLevelAssociations", where("isActive", "eq", True))
    service.contacts(29683)
    marker = AutotaskMarker(service)
    assert dict(marker.mark([Entry(1, "main", "autotask.invoices", "1187", "xero", "t", State.SENT, customer="29683")], "2026-11-22T10:31:05Z")) == {1: ""}
    return recording.asked


@pytest.fixture(scope="module")
def described():
    return json.loads(_description().read_text(encoding="utf-8"))


def _description() -> Path:
    return DESCRIPTION if DESCRIPTION.is_file() else pytest.skip(f"{DESCRIPTION.name} is not beside the project (../shared/data/specs)")


@pytest.fixture(scope="module")
def prism():
    """The description as a server that judges requests; its address."""
    port = free_port()
    command = [needs("prism"), "mock", "-h", "127.0.0.1", "-p", port, "--errors", _description()]
    with started(command, "Prism is listening"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def judge(prism):
    """(method, path, body, headers) -> status and what is wrong."""
    session = Session([prism], clock=FakeClock())

    def asked(method, path, body=None, headers=autotaskdata.KEYS):
        data = None if body is None else json.dumps(body)
        found = session.request(method, f"{prism}{path}", data=data, headers={**headers, "Content-Type": "application/json"}, timeout=(10, 30))
        wrong = [f"{'.'.join(one['location'])}: {one['message']}" for one in found.json().get("validation", [])] if found.status_code == 422 else []
        return found.status_code, wrong

    return asked


def capital(name):
    return name[0].upper() + name[1:]


def item(value):
    kinds = {bool: "BoolValue", int: "IntegerValue", str: "StringValue"}
    return {"ElementList": [item(one) for one in value]} if isinstance(value, list) else {kinds[type(value)]: value}


def translated(body):
    """A body as the description has it."""
    if not isinstance(body, dict):
        return body
    conditions = [{**one, **({"value": item(one["value"])} if "value" in one else {})} for one in body.get("filter", [])]
    return {capital(name): conditions if name == "filter" else value for name, value in body.items()}


def test_every_request_is_as_described(recorded, judge):
    """Path, method, the three headers, and the types in the body."""
    known = [one for one in recorded if one[1] not in NOT_DESCRIBED and one[2] != NOT_COUNTED]
    assert {one[1] for one in recorded} == {one[1] for one in known} | NOT_DESCRIBED
    assert {(method, path): judge(method, path, translated(body)) for method, _, path, body in known} == {(method, path): (200, []) for method, _, path, _ in known}
    assert {method for method, *_ in known} == {"POST", "PATCH"}


def test_every_field_in_a_condition_or_a_change_is_described(recorded, described):
    for _, entity, _, body in recorded:
        if entity in NOT_DESCRIBED or body is None:
            continue
        named = {one["field"] for one in body["filter"]} if "filter" in body else set(body)
        assert {capital(name) for name in named} <= set(described["definitions"][_model(entity)]["properties"]), entity


def test_every_field_that_is_read_is_described(described):
    """The records of our tests have only fields that Autotask has."""
    for entity, rows in ROWS.items():
        if entity not in NOT_DESCRIBED:
            known = set(described["definitions"][_model(entity)]["properties"])
            assert {capital(name) for row in rows for name in row} <= known, entity


def _model(entity: str) -> str:
    singular = {"Companies": "Company", "Currencies": "Currency", "TaxCategories": "TaxCategory"}
    return f"{singular.get(entity, entity.removesuffix('s'))}Model"


def test_the_judge_finds_what_is_wrong(judge):
    """Else a test that finds nothing would say nothing."""
    assert judge("PATCH", "/V1.0/Invoices", {"Id": 1187, "WebServiceDate": "yesterday"})[1] == ['body.WebServiceDate: Request body property WebServiceDate must match format "date-time"']
    assert judge("POST", "/V1.0/Invoices/query", {"Filter": [where("id", "eq", 1187)]})[1] == ["body.Filter.0.value: Request body property Filter.0.value must be object"]
    assert judge("POST", "/V1.0/Invoices/query", {}, {"UserName": "a", "ApiIntegrationCode": "b"})[0] == 422
    assert judge("POST", "/V1.0/Invoices", {})[0] == 405, "Autotask creates no invoices"
    assert judge("GET", "/V1.0/Bills/query")[0] == 404


def test_an_answer_in_another_envelope_is_refused(prism):
    """Prism answers a query with one record: that is no list, and not an empty one either."""
    service = Autotask(Session([prism], auth=None, clock=FakeClock()), prism)
    service._session.headers.update(autotaskdata.KEYS)
    with pytest.raises(CannotRun, match="without a list"):
        service.query("Invoices", where("webServiceDate", "notExist"))
