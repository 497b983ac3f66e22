"""Ten thousand invoices to a Xero that takes sixty requests a minute, on a clock that only passes when somebody waits."""

import io
import json
from collections import Counter, deque
from decimal import Decimal
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import urllib3

from invoice_rules.connectors.http import Session
from invoice_rules.connectors.pacing import Pace
from invoice_rules.connectors.sending import Sending
from invoice_rules.connectors.xero import Xero
from invoice_rules.connectors.xerosending import XeroDestination
from invoice_rules.results import State
from tests.connectors.faking import FakeClock
from tests.connectors.scripted import QUIET, books, quick_folder
from tests.connectors.xerocases import Bearer

BATCH, LATENCY = 50, 0.2
URL = "http://127.0.0.1:9"


class Wire(requests.adapters.BaseAdapter):
    """A Xero without a network: it takes what comes, and refuses the sixty-first request of any minute."""

    def __init__(self, clock: FakeClock):
        super().__init__()
        self.clock, self.times, self.there, self.came, self.refused, self.interrupt = clock, deque(maxlen=60), [], Counter(), 0, 0

    def send(self, request, **_):
        now = self.clock.now().timestamp()
        self.clock.time += self.clock.now().resolution * int(LATENCY * 1e6)
        if len(self.times) == 60 and now - self.times[0] < 60:
            self.refused += 1
            return _response(request, 429, {}, {"Retry-After": "30"})
        self.times.append(now)
        path = urlsplit(request.url).path.removeprefix("/api.xro/2.0")
        self.came[f"{request.method} /{path.split('/')[1]}"] += 1
        answer = _response(request, 200, self._answer(request, path))
        if self.interrupt and self.came["PUT /Invoices"] == self.interrupt:
            self.interrupt = 0
            raise KeyboardInterrupt
        return answer

    def close(self):
        """Nothing is open."""

    def _answer(self, request, path):
        if request.method == "PUT":
            made = [self._made(item) for item in json.loads(request.body, parse_float=Decimal)["Invoices"]]
            self.there += made
            return {"Invoices": made}
        query = parse_qs(urlsplit(request.url).query)
        if path.startswith("/Contacts"):
            wanted = path.split("/")[2:] or query.get("IDs", [",".join(_COMPANIES)])[0].split(",")
            return {"Contacts": [_contact(one.removeprefix("c-")) for one in wanted if one.removeprefix("c-") in _COMPANIES]}
        if path == "/Invoices":
            wanted = query["InvoiceNumbers"][0].split(",")
            return {"Invoices": [one for one in self.there if one["InvoiceNumber"] in wanted]}
        return _SETTINGS[path]

    def _made(self, item):
        total = sum((Decimal(str(line["LineAmount"])) for line in item["LineItems"]), Decimal(0))
        same = {name: item.get(name, "") for name in ("InvoiceNumber", "Reference", "Contact", "Type")}
        return {**same, "InvoiceID": f"x-{len(self.there)}-{item['InvoiceNumber']}", "Total": str(total), "CurrencyCode": "USD", "Status": "DRAFT", "StatusAttributeString": "OK"}


_COMPANIES = ("500", "501", "502")
_SETTINGS = {
    "/Organisation": {"Organisations": [{"Name": "Demo Company", "BaseCurrency": "USD"}]},
    "/Accounts": {"Accounts": [{"Code": "200", "Status": "ACTIVE"}]},
    "/TaxRates": {"TaxRates": [{"TaxType": "NONE", "EffectiveRate": 0}]},
    "/Currencies": {"Currencies": [{"Code": "USD"}]},
}


def _contact(number):
    return {"ContactID": f"c-{number}", "Name": f"Company {number}", "ContactNumber": number, "ContactStatus": "ACTIVE"}


def _response(request, status, body, headers=None):
    raw = urllib3.HTTPResponse(io.BytesIO(json.dumps(body).encode()), {"Content-Type": "application/json", **(headers or {})}, status, preload_content=False)
    return requests.adapters.HTTPAdapter().build_response(request, raw)


@pytest.fixture
def wire():
    return Wire(FakeClock())


@pytest.fixture
def folder(monkeypatch):
    with quick_folder() as made:
        monkeypatch.setenv("INVOICE_RULES_CONFIG", str(made / "config"))
        yield made


def opened(store, wire, told):
    """The engine as a new process has it."""
    session = Session([URL], auth=Bearer(), clock=wire.clock, name="Xero")
    session.mount("http://", wire)
    session.pace = Pace(60, 60.0, wire.clock)
    destination = XeroDestination(Xero(session, "t-1", URL), "Demo Company", account="200", quiet=QUIET)
    return Sending(store, destination, clock=wire.clock, progress=lambda *given: told.append(given))


@pytest.mark.parametrize("many", [4_000, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_thousands_go_in_full_requests_even_after_an_interrupt(folder, wire, many):
    store, begun = books(folder, many), wire.clock.now()
    first, second = [], []
    wire.interrupt = 70
    sending = opened(store, wire, first)
    assert sending.prepare().ready == many and not wire.came["PUT /Invoices"]
    with pytest.raises(KeyboardInterrupt):
        sending.send()
    wire.clock.sleep(QUIET + 1)

    sending = opened(store, wire, second)
    assert sending.settle().counts == {State.SENT: BATCH}
    assert sending.prepare().counts == {State.READY: many - 70 * BATCH, State.SENT: 70 * BATCH}
    assert sending.send().counts == {State.SENT: many - 70 * BATCH}

    assert wire.came["PUT /Invoices"] == -(-many // BATCH)
    assert wire.came["GET /Invoices"] == 2 and wire.refused == 0  # forty numbers fit into one address
    assert sum(wire.came.values()) <= many // BATCH + 2 + 2 * (4 + 3) + 3  # settings and contacts once for each process, and contacts of what was looked up
    assert len(wire.there) == many and len({one["InvoiceNumber"] for one in wire.there}) == many
    assert {entry.state for entry in sending.ledger.entries()} == {State.SENT}
    _steady(first, [(0, many), (70 * BATCH - BATCH, many)])
    _steady(second, [(0, many - 70 * BATCH), (many - 70 * BATCH, many - 70 * BATCH)])
    spent = (wire.clock.now() - begun).total_seconds()
    assert many // BATCH // 60 * 60 <= spent <= 8 * 60 and max(wire.clock.slept) <= QUIET + 1


def _steady(told, ends):
    """Progress of the sending starts and ends so, and only ever grows, by one request at a time."""
    steps = [(done, total) for done, total, words in told if words == "Sending to Demo Company in Xero"]
    assert [steps[0], steps[-1]] == ends
    assert {after - before for (before, _), (after, _) in pairwise(steps)} == {BATCH}
