"""QuickBooks Online for tests: answers recorded from Intuit's own sandbox, and a company whose queries a WireMock answers."""

import base64
import json
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import yaml

from tests.connectors.servers import ROOT
from tests.connectors.wiremock import WireMock, answer, asked

SPECS = ROOT.parent / "shared" / "data" / "specs"
REALM = "4620816365012345"
QUERY = f"/v3/company/{REALM}/query"
COMPANY = {"CompanyName": "Hollis & Crane", "LegalName": "Hollis & Crane LLP", "Country": "US", "Id": "1"}
PREFERENCES = {"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}, "MultiCurrencyEnabled": False}, "Id": "1"}


@cache
def recorded(name: str, place: int = 0) -> dict[str, Any]:
    """One recorded answer: WireMock's `answer` of its status, type and body."""
    file = SPECS / "qbo_vcr" / f"{name}.yml"
    if not file.is_file():
        pytest.skip(f"{file.name} is not beside the project (../shared/data/specs/qbo_vcr)")
    response = yaml.safe_load(file.read_text(encoding="utf-8"))["http_interactions"][place]["response"]
    kept = {name: value[0] for name, value in response["headers"].items() if name.lower() in ("content-type", "intuit-tid", "www-authenticate")}
    return answer(response["status"]["code"], response["body"]["string"], headers=kept)


@cache
def recorded_body(name: str, place: int = 0) -> dict[str, Any]:
    """The same as data, with exact numbers."""
    return json.loads(base64.b64decode(recorded(name, place)["base64Body"]), parse_float=Decimal)


def history() -> list[dict[str, Any]]:
    """The sample company's invoices, as QuickBooks gives them: 13, some of which cannot be imported."""
    return json.loads((ROOT / "invoice_rules" / "samples" / "quickbooks" / "invoices.json").read_text(encoding="utf-8"))["QueryResponse"]["Invoice"]


def result(entity: str, rows: list[dict[str, Any]], start: int = 1) -> dict[str, Any]:
    """The envelope of a query; without rows QuickBooks leaves the list out."""
    return {"QueryResponse": {entity: rows, "startPosition": start, "maxResults": len(rows)} if rows else {}, "time": "2026-11-22T02:31:05.163-08:00"}


def query(pattern: str) -> dict[str, Any]:
    """A query like this regular expression."""
    return asked("GET", QUERY, queryParameters={"query": {"matches": pattern}, "minorversion": {"equalTo": "75"}})


def serve(server: WireMock, invoices: list[dict[str, Any]], most: int = 1000, customers: Sequence[dict[str, Any]] = (), told: int | None = None) -> None:
    """Answer queries with these, at most so many at once; `told` is the count that is told, where it is not the true one."""
    server.stub(query(r"SELECT COUNT\(\*\) FROM Invoice.*"), answer(body={"QueryResponse": {"totalCount": len(invoices) if told is None else told}, "time": "x"}))
    server.stub(query("SELECT .* FROM Invoice .*STARTPOSITION.*"), answer(body=result("Invoice", [])))
    for at in range(0, len(invoices), most):
        server.stub(query(rf"SELECT \* FROM Invoice.* ORDERBY Id STARTPOSITION {at + 1} MAXRESULTS 1000"), answer(body=result("Invoice", invoices[at : at + most], at + 1)))
    server.stub(query(r"SELECT \* FROM CompanyInfo"), answer(body=result("CompanyInfo", [COMPANY])))
    server.stub(query(r"SELECT \* FROM Preferences"), answer(body=result("Preferences", [PREFERENCES])))
    server.stub(query(r"SELECT \* FROM Customer WHERE Id IN .*"), answer(body=result("Customer", list(customers))))
