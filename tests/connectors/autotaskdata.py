"""An Autotask database for tests: its records, in the envelopes of the real service, put into a WireMock.

Envelopes as published: `{items, pageDetails{nextPageUrl}}` for queries, `{queryCount}`, `{itemId}` after a change,
`{errors}` where something is wrong. The description that Prism serves has none of them right.
"""

from typing import Any

from tests.connectors.wiremock import WireMock, answer, asked

ROOT = "/ATServicesRest"
KEYS = {"UserName": "api@example.com", "Secret": "PLANTED-SECRET", "ApiIntegrationCode": "CODE"}

COMPANIES = [
    {"id": 29683, "companyName": "Stonebridge Partners", "currencyID": 1, "isTaxExempt": False},
    {"id": 29701, "companyName": "Alder & Finch", "currencyID": 2, "isTaxExempt": False},
    {"id": 29688, "companyName": "Harbour Trust", "currencyID": None, "isTaxExempt": True},
]
CURRENCIES = [{"id": 1, "name": "USD", "isInternalCurrency": True}, {"id": 2, "name": "EUR", "isInternalCurrency": False}]
ASSOCIATIONS = [
    {"id": 11, "isActive": True, "organizationalLevel1ID": 1, "organizationalLevel2ID": 1},
    {"id": 12, "isActive": True, "organizationalLevel1ID": 1, "organizationalLevel2ID": 2},
]
DIVISIONS = [{"id": 1, "name": "North"}]
LINES_OF_BUSINESS = [{"id": 1, "name": "Managed Services"}, {"id": 2, "name": "Projects"}]
CODES = [{"id": 501, "name": "Services", "taxCategoryID": 71}, {"id": 502, "name": "Hardware", "taxCategoryID": 71}]
TAXES = [{"id": 71, "name": "Standard"}]


def invoice(number: int, company: int = 29683, total: float = 108.0, tax: float = 8.0, **more: Any) -> dict[str, Any]:
    """An invoice as Autotask gives it."""
    made = {"id": number, "batchID": 7, "comments": "", "companyID": company, "dueDate": "2026-11-30T00:00:00Z", "invoiceDateTime": "2026-10-31T00:00:00Z"}
    rest = {"invoiceNumber": f"20261031.{number}", "invoiceTotal": total, "isVoided": False, "orderNumber": "", "paidDate": None, "totalTaxValue": tax, "webServiceDate": None}
    return {**made, **rest, "userDefinedFields": [], **more}


def item(number: int, of: int, price: float = 100.0, tax: float = 8.0, **more: Any) -> dict[str, Any]:
    """A billing item of an invoice."""
    made = {"id": number, "invoiceID": of, "billingCodeID": 501, "organizationalLevelAssociationID": 11, "itemName": "Managed server", "description": "Monitoring in October"}
    return {**made, "lineItemID": 9, "quantity": 1.0, "rate": price, "extendedPrice": price, "taxDollars": tax, "totalAmount": price + tax, **more}


def page(items: list[dict[str, Any]], following: str | None = None) -> dict[str, Any]:
    """One page of a query."""
    return {"items": items, "pageDetails": {"count": len(items), "requestCount": 500, "prevPageUrl": None, "nextPageUrl": following}}


def path(entity: str) -> str:
    """Where an entity is asked for."""
    return f"{ROOT}/V1.0/{entity}"


def serve(server: WireMock, invoices: list[dict[str, Any]], items: list[dict[str, Any]], size: int = 500) -> None:
    """Answer queries with these, in pages of `size`; conditions are not judged, so a test looks at the journal for them."""
    listed = {"Invoices": invoices, "BillingItems": items, "Companies": COMPANIES, "Currencies": CURRENCIES, "OrganizationalLevelAssociations": ASSOCIATIONS}
    listed |= {"OrganizationalLevel1s": DIVISIONS, "OrganizationalLevel2s": LINES_OF_BUSINESS, "BillingCodes": CODES, "TaxCategories": TAXES}
    for entity, rows in listed.items():
        server.stub(asked("POST", f"{path(entity)}/query/count"), answer(body={"queryCount": len(rows)}))
        for at in range(0, max(len(rows), 1), size):
            more = f"{server.url}{path(entity)}/query/next?paging={at + size}" if at + size < len(rows) else None
            where = asked("POST", f"{path(entity)}/query/next", queryParameters={"paging": {"equalTo": str(at)}}) if at else asked("POST", f"{path(entity)}/query")
            server.stub(where, answer(body=page(rows[at : at + size], more)))
