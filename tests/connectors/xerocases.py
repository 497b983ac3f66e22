"""What the tests of Xero share: a session that is logged in, invoices of Autotask, and xero-python as a reader that none of us wrote."""

import datetime as dt
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import requests
from xero_local.store import store

from invoice_rules.connectors.http import Auth, Session
from invoice_rules.connectors.protocols import Verdicts
from invoice_rules.connectors.xero import Xero
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.results import Answer, Document, Entry, Result, State
from invoice_rules.store.ledger import Ledger
from tests.connectors.faking import FakeClock
from tests.connectors.xeroserver import BASE, TENANT, XeroServer

if TYPE_CHECKING:
    from xero_python.accounting import AccountingApi

COMPANY, NAME = "29683", "Stonebridge Partners"


class Bearer(Auth):
    """An access token."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "Bearer PLANTED-SECRET"
        return request

    def hidden(self) -> tuple[str, ...]:
        return ("PLANTED-SECRET",)


def client(server: XeroServer, tenant: str = TENANT) -> Xero:
    return Xero(Session([server.url], auth=Bearer(), clock=FakeClock(), name="Xero"), tenant, server.url)


def destination(server: XeroServer, **settings: Any) -> XeroDestination:
    return XeroDestination(client(server), "Demo Company (US)", **settings)


def line(amount: str = "1000.00", **more: Any) -> dict[str, Any]:
    """A billing item; None takes a field away."""
    made = {
        "lineId": "52011", "itemName": "Managed server", "description": "Monitoring in October", "quantity": Decimal(10), "rate": Decimal(amount) / 10,
        "lineAmount": Decimal(amount), "taxAmount": (Decimal(amount) / 5).quantize(Decimal("0.01")), "accountCode": "200", "taxType": "OUTPUT2", **more,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def document(key: int = 1187, lines: list[dict[str, Any]] | None = None, entry: dict[str, Any] | None = None, **more: Any) -> Document:
    """An invoice of Autotask as the store holds it; its total is that of its lines unless given."""
    lines = [line()] if lines is None else lines
    total = sum((one["lineAmount"] + one.get("taxAmount", 0) for one in lines), Decimal(0))
    fields = {
        "invoiceId": str(key), "invoiceNumber": f"20261031.{key}", "companyId": COMPANY, "companyName": NAME, "invoiceDate": dt.date(2026, 10, 31),
        "dueDate": dt.date(2026, 11, 30), "total": total, "taxTotal": sum((one.get("taxAmount", Decimal(0)) for one in lines), Decimal(0)), "currency": "USD",
        "xeroStatus": "DRAFT", **more,
    }  # fmt: skip
    fields = {name: value for name, value in fields.items() if value is not None}
    known = {"id": key, "entity": "Main", "rules": "autotask.invoices", "key": str(key), "destination": "xero", "tenant": TENANT, "state": State.FOUND, **(entry or {})}
    known |= {"currency": fields.get("currency", "USD"), "total": int(fields["total"] * 100), "customer": fields["companyId"], "date": fields["invoiceDate"]}
    return Document(Entry(**known), fields, tuple(lines))


def independent(server: XeroServer) -> "AccountingApi":
    """xero-python, which reads what is there with its own eyes. It takes a second to import, so that waits until it is wanted."""
    from xero_python.accounting import AccountingApi
    from xero_python.api_client import ApiClient
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token

    token = {"access_token": "x", "scope": ["a"], "expires_in": 1800, "token_type": "Bearer", "expires_at": time.time() + 1800, "refresh_token": "r"}
    settings = Configuration(oauth2_token=OAuth2Token(client_id="c", client_secret="s"))
    api = ApiClient(settings, oauth2_token_getter=lambda: token, oauth2_token_saver=lambda given: None)
    return AccountingApi(api, base_url=server.url + BASE)


def judged(server: XeroServer, ledger: Ledger, *documents: Document, **settings: Any) -> tuple[XeroDestination, Verdicts, Mapping[int, str]]:
    """The destination after it has judged these, its verdicts, and the numbers that it gives."""
    ledger.unlink(COMPANY)
    one = destination(server, **settings)
    verdicts, numbers = one.judge(documents, ledger)
    return one, verdicts, numbers


def verdict(server: XeroServer, ledger: Ledger, made: Document, **settings: Any) -> tuple[State, str]:
    return judged(server, ledger, made, **settings)[1][made.entry.id]


def sent(server: XeroServer, ledger: Ledger, *documents: Document, **settings: Any) -> tuple[XeroDestination, Answer, list[Result]]:
    """Judge and send these in one request: the destination, the answer, and what it says about each."""
    one, verdicts, _ = judged(server, ledger, *documents, **settings)
    assert {state for state, _ in verdicts.values()} == {State.READY}, verdicts
    answer = one.send(one.body(documents), "key-1")
    return one, answer, list(one.results(answer, documents).values())


def looked(one: XeroDestination, *documents: Document) -> list[Result]:
    """What it says about each when it is asked afterwards."""
    found = one.look([made.entry for made in documents], documents)
    return [found[made.entry.id] for made in documents]


def change(invoice: str, **fields: Any) -> None:
    """Somebody changes an invoice in Xero."""
    store.update_invoice(invoice, fields, TENANT)
