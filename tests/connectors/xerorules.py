"""What Xero does and localstack-xero does not: the organisation with its lock dates, accounts and rates, contacts by number, and Xero's arithmetic.

The invoices, credit notes and contacts themselves are kept by localstack-xero. Source: developer.xero.com (rounding, contacts, invoices) and the
OpenAPI description.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from werkzeug.wrappers import Request
from xero_local.store import store

TENANT = "11111111-2222-3333-4444-555555555555"
CENT = Decimal("0.01")
NOTHING = "00000000-0000-0000-0000-000000000000"
LISTS = {"Invoices": ("InvoiceNumber", "InvoiceID"), "CreditNotes": ("CreditNoteNumber", "CreditNoteID")}
Given = tuple[int, Any]


@dataclass
class Organisation:
    """What an organisation is set to. `unique` and `remembers` are Xero's own guards, which a merciless sink does without: numbers that may be given
    once, and an Idempotency-Key that answers again what it answered first."""

    name: str = "Demo Company (US)"
    base_currency: str = "USD"
    currencies: tuple[str, ...] = ("USD", "EUR")
    accounts: tuple[str, ...] = ("200", "260", "4000")
    tax_rates: dict[str, str] = field(default_factory=lambda: {"OUTPUT": "10", "OUTPUT2": "20", "NONE": "0"})
    locked: str = ""
    locked_year: str = ""
    tenants: dict[str, str] = field(default_factory=lambda: {TENANT: "Demo Company (US)"})
    unique: bool = False
    remembers: bool = False


def ms_date(day: str) -> str:
    """2026-10-31 -> /Date(1793404800000+0000)/"""
    return f"/Date({int(dt.datetime.fromisoformat(day + 'T00:00:00+00:00').timestamp() * 1000)}+0000)/"


def organisation(own: Organisation) -> dict[str, Any]:
    made = {"OrganisationID": NOTHING, "Name": own.name, "BaseCurrency": own.base_currency, "Version": "US", "OrganisationStatus": "ACTIVE"}
    locks = {"PeriodLockDate": own.locked, "EndOfYearLockDate": own.locked_year}
    return made | {name: ms_date(day) for name, day in locks.items() if day}


def settings_of(own: Organisation, path: str) -> Given | None:
    """Lists that localstack-xero has not."""
    if path == "/connections":
        return 200, [{"id": f"c-{tenant}", "tenantId": tenant, "tenantType": "ORGANISATION", "tenantName": name} for tenant, name in own.tenants.items()]
    if path == "/Organisation":
        return 200, {"Organisations": [organisation(own)]}
    if path == "/Accounts":
        return 200, {"Accounts": [{"Code": code, "Name": f"Account {code}", "Status": "ACTIVE", "Type": "REVENUE"} for code in own.accounts]}
    if path == "/TaxRates":
        rates = [{"Name": name, "TaxType": name, "Status": "ACTIVE", "EffectiveRate": float(rate), "CanApplyToRevenue": True} for name, rate in own.tax_rates.items()]
        return 200, {"TaxRates": rates}
    if path == "/Currencies":
        return 200, {"Currencies": [{"Code": code, "Description": code} for code in own.currencies]}
    return None


# contacts


def active(contact: dict[str, Any]) -> bool:
    return contact.get("ContactStatus", "ACTIVE") == "ACTIVE"


def list_contacts(request: Request, tenant: str) -> Given:
    """searchTerm, where Name==, IDs, includeArchived, pageSize; without paging MergedToContactID is not told."""
    term, args = request.args.get("searchTerm", "").casefold(), request.args
    found = [one for one in store.list_contacts(tenant) if args.get("includeArchived", "").lower() == "true" or active(one)]
    if named := re.fullmatch(r'Name=="([^"\\]*)"', args.get("where", "")):
        found = [one for one in found if one["Name"].casefold() == named[1].casefold()]
    if args.get("IDs"):
        found = [one for one in found if one["ContactID"] in args["IDs"].split(",")]
    found = [one for one in found if any(term in str(one.get(name, "")).casefold() for name in ("Name", "FirstName", "LastName", "ContactNumber", "EmailAddress"))]
    if "page" not in args:
        return 200, {"Contacts": [{name: value for name, value in one.items() if name != "MergedToContactID"} for one in found]}
    return 200, paged("Contacts", found, int(args["page"]), int(args.get("pageSize", 100)))


def paged(name: str, found: list[Any], page: int, size: int) -> dict[str, Any]:
    pages = {"page": page, "pageSize": size, "pageCount": math.ceil(len(found) / size), "itemCount": len(found)}
    return {name: found[(page - 1) * size : page * size], "pagination": pages}


def contact_by(number: str, tenant: str) -> Given:
    found = store.get_contact(number, tenant) or next((one for one in store.list_contacts(tenant) if one.get("ContactNumber") == number), None)
    return (200, {"Contacts": [found]}) if found else (404, "The resource you're looking for cannot be found")


def contact_errors(given: dict[str, Any], others: list[dict[str, Any]]) -> list[str]:
    name, number = given.get("Name", ""), given.get("ContactNumber")
    if any(one["Name"].casefold() == name.casefold() and active(one) for one in others):
        return [f"The contact name {name} is already assigned to another contact. The contact name must be unique across all active contacts."]
    if number and any(one.get("ContactNumber") == number for one in others):
        return [f"The contact number {number} is already assigned to another contact."]
    return []


def put_contacts(given: list[dict[str, Any]], tenant: str) -> Given:
    wrong = [(one, contact_errors(one, store.list_contacts(tenant))) for one in given]
    if any(errors for _, errors in wrong):
        return 400, refusal([failed(one, errors) for one, errors in wrong if errors])
    made = [store.create_contact(one, tenant) for one in given]
    return 200, {"Contacts": [store.update_contact(one["ContactID"], given[n], tenant) for n, one in enumerate(made)]}


def post_contact(identifier: str, given: dict[str, Any], tenant: str) -> Given:
    others = [one for one in store.list_contacts(tenant) if one["ContactID"] != identifier]
    errors = contact_errors({"Name": NOTHING, **given}, others)
    if errors:
        return 400, refusal([failed(given, errors)])
    made = store.update_contact(identifier, given, tenant)
    return (200, {"Contacts": [made]}) if made else (404, "The resource you're looking for cannot be found")


def refusal(elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred", "Elements": elements}


def failed(given: dict[str, Any], errors: list[str]) -> dict[str, Any]:
    return {**given, "HasErrors": True, "HasValidationErrors": True, "StatusAttributeString": "ERROR", "ValidationErrors": [{"Message": text} for text in errors]}


# invoices and credit notes


def priced(line: dict[str, Any]) -> Decimal:
    """Quantity times price, in cents, half away from zero."""
    return (Decimal(str(line.get("Quantity", 1))) * Decimal(str(line.get("UnitAmount", 0)))).quantize(CENT, ROUND_HALF_UP)


def totals(item: dict[str, Any], own: Organisation) -> dict[str, float]:
    """What Xero makes of the lines: tax of each line, rounded to the cent, then summed."""
    lines = item.get("LineItems", [])
    net = sum((priced(line) for line in lines), Decimal(0))
    tax = sum((taxed(line, own) for line in lines), Decimal(0)) if item.get("LineAmountTypes") != "NoTax" else Decimal(0)
    return {"SubTotal": float(net), "TotalTax": float(tax), "Total": float(net + tax)}


def taxed(line: dict[str, Any], own: Organisation) -> Decimal:
    if "TaxAmount" in line:
        return Decimal(str(line["TaxAmount"]))
    return (priced(line) * Decimal(own.tax_rates.get(line.get("TaxType", "NONE"), "0")) / 100).quantize(CENT, ROUND_HALF_UP)


def item_errors(item: dict[str, Any], name: str, own: Organisation, tenant: str) -> list[str]:
    """Why Xero refuses one invoice or credit note."""
    said = []
    contact = store.get_contact(item.get("Contact", {}).get("ContactID", ""), tenant)
    if contact is None or not active(contact):
        said.append("The Contact could not be found" if contact is None else "The Contact is archived")
    if str(item.get("Date", "")) <= max(own.locked, own.locked_year):
        said.append("The document date cannot be before the period lock date.")
    for line in item.get("LineItems", []):
        said += _line_errors(line, own)
    if totals(item, own)["Total"] < 0:
        said.append("The total must not be negative")
    number, key = LISTS[name]
    if own.unique and not item.get(key) and any(one.get(number) == item.get(number) and one["Status"] != "DELETED" for one in kept(name, tenant)):
        said.append("Invoice # must be unique." if name == "Invoices" else "Credit Note # must be unique.")
    return said


def _line_errors(line: dict[str, Any], own: Organisation) -> list[str]:
    said = []
    if not line.get("Description"):
        said.append("Description cannot be empty")
    if "LineAmount" in line and Decimal(str(line["LineAmount"])) != priced(line):
        said.append(f"The line total {line['LineAmount']} does not match the expected line total {priced(line)}")
    if line.get("AccountCode") and line["AccountCode"] not in own.accounts:
        said.append(f"Account code '{line['AccountCode']}' is not a valid code for this document.")
    if line.get("TaxType") and line["TaxType"] not in own.tax_rates:
        said.append(f"The TaxType code '{line['TaxType']}' does not exist or cannot be used for this type of transaction.")
    return said


def kept(name: str, tenant: str) -> list[dict[str, Any]]:
    return store.list_invoices(tenant) if name == "Invoices" else store.list_credit_notes(tenant)


def write_items(request: Request, name: str, own: Organisation, tenant: str, inner: Callable[[str, str, Any], Given], told: dict[str, str]) -> Given:
    """Create or change; `inner` is localstack-xero, `told` further errors by number."""
    number, key = LISTS[name]
    given = json.loads(request.get_data())[name]
    wrong = [[*([told[one[number]]] if one.get(number) in told else []), *item_errors(one, name, own, tenant), *_closed(one, name, tenant)] for one in given]
    if any(wrong) and request.args.get("summarizeErrors", "true").lower() != "false":
        return 400, refusal([failed(one, errors) for one, errors in zip(given, wrong, strict=True) if errors])
    answered = []
    for one, errors in zip(given, wrong, strict=True):
        if errors:
            answered.append(failed({key: NOTHING, **one}, errors))
            continue
        path = f"/{name}/{one[key]}" if one.get(key) else f"/{name}"
        status, made = inner("POST" if one.get(key) else "PUT", path, {name: [{**one, **totals(one, own)}]})
        assert status == 200, made
        answered.append({**made[name][0], "StatusAttributeString": "OK", "HasErrors": False})
    return 200, {"Id": NOTHING, "Status": "OK", name: answered}


def _closed(item: dict[str, Any], name: str, tenant: str) -> list[str]:
    identifier = item.get(LISTS[name][1])
    there = next((one for one in kept(name, tenant) if identifier and one[LISTS[name][1]] == identifier), None)
    return ["Invoice not of valid status for modification"] if there and there["Status"] not in ("DRAFT", "SUBMITTED") else []


def credit_notes(request: Request, tenant: str) -> Given:
    """By number, as `where` asks."""
    asked = re.findall(r'CreditNoteNumber=="((?:[^"\\]|\\.)*)"', request.args.get("where", ""))
    found = [one for one in kept("CreditNotes", tenant) if not request.args.get("where") or one["CreditNoteNumber"] in asked]
    shown = [{**one, "Contact": _whole(one["Contact"], tenant), "Date": ms_date(one["Date"])} for one in found]
    return 200, paged("CreditNotes", shown, int(request.args.get("page", 1)), 100)


def _whole(contact: dict[str, Any], tenant: str) -> dict[str, Any]:
    return store.get_contact(contact.get("ContactID", ""), tenant) or contact
