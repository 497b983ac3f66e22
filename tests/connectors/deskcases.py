"""What the tests of front ends share: Autotask invoices on file, and connections that are logged in to counterparts on loopback."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from invoice_rules.connectors import known, opening, sealed, secrets, tokens
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.oauth import Tokens
from invoice_rules.connectors.sealed import Token
from invoice_rules.examining import examine
from invoice_rules.references import kind
from invoice_rules.store import Store, open_store, preview_list, save_lists
from tests.connectors import autotaskdata
from tests.connectors.faking import FakeClock
from tests.connectors.scripted import import_invoices
from tests.connectors.wiremock import WireMock, answer, asked
from tests.connectors.xeroserver import TENANT, XeroServer

PLANTED = "PLANTED-SECRET"
COMPANIES = {"29683": "Stonebridge Partners", "29701": "Alder & Finch", "29688": "Harbour Trust"}
MAPS = {"accountMap": {"Services": "200", "Old": "999"}, "taxMap": {"Exempt": "NONE"}, "currencyMap": {"USD": "USD", "EUR": "EUR"}}
"""S4-20; Xero has no account 999."""
FAR = dt.datetime(2126, 1, 1, tzinfo=dt.UTC)


def invoice(number: int, company: str = "29683", amount: str = "120.00", **more: object) -> dict[str, Any]:
    """An invoice as it is fetched from Autotask, which Xero's demonstration company would take."""
    line = {"lineId": str(52000 + number), "description": "Monitoring in October", "quantity": "1", "rate": amount, "lineAmount": amount, "accountCode": "Services", "taxType": "Exempt"}
    made = {"invoiceId": str(1100 + number), "invoiceNumber": f"20261031.{1100 + number}", "companyId": company, "companyName": COMPANIES[company]}
    return {**made, "invoiceDate": "2026-10-31", "dueDate": "2026-11-30", "total": amount, "currency": "USD", "billingItems": [{**line, **dict(more.pop("line", {}))}], **more}  # type: ignore[call-overload] # a line is a dict


def books(path: Path, invoices: Iterable[Mapping[str, object]]) -> Store:
    """A store with the value maps and these invoices."""
    store = open_store(path)
    for name, pairs in MAPS.items():
        lines = "\n".join(["From,To", *(",".join(pair) for pair in pairs.items())])
        save_lists([preview_list(examine((f"{name}.csv", lines.encode()), kind(name), context=store.context()), store)], store)
    import_invoices(store, invoices)
    return store


def to_xero(server: XeroServer, name: str = "xero", title: str = "Demo Company (US)", account: str = TENANT, **settings: str) -> Connection:
    """A connection to the counterpart of Xero, with an access token in force; its secrets in a file."""
    made = Connection(name, "xero", account, title, {"client_id": "C", "api": server.url, "pace": "0", **settings}, secrets.FILE)
    known.save(made)
    tokens.keep_login(secrets.FILE, name, Tokens(PLANTED, PLANTED), FakeClock())
    sealed.seal(name, PLANTED, Token(PLANTED, FAR))
    return made


def to_autotask(server: WireMock, *invoices: int, others: Mapping[int, int] | None = None, name: str = "autotask", root: str = autotaskdata.ROOT) -> Connection:
    """A connection to a counterpart of Autotask which has these invoices, and lets them be marked; Stonebridge's but for those of `others`."""
    companies = dict.fromkeys(invoices, 29683) | dict(others or {})
    root = server.url + root
    made = Connection(name, "autotask", f"4711 {name}", "Our Autotask", {"user": "api@example.com", "zone": root, "api": root}, secrets.FILE)
    known.save(made)
    for what in (opening.CODE, opening.KEY):
        secrets.keep(secrets.FILE, name, what, PLANTED)
    server.stub(asked("POST", f"{autotaskdata.path('Invoices')}/query"), answer(body=autotaskdata.page([autotaskdata.invoice(*one) for one in companies.items()])))
    for number in companies:
        server.stub(asked("PATCH", autotaskdata.path("Invoices"), body=[f"$[?(@.id == {number})]"]), answer(body={"itemId": number}))
    return made


def marked(server: WireMock) -> list[int]:
    """The invoices that were marked there, as often as they were."""
    return [json.loads(one.body)["id"] for one in server.requests("PATCH", autotaskdata.path("Invoices"))]
