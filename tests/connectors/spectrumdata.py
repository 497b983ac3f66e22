"""Books with invoices for Spectrum, a login, and WireMock in Spectrum's place."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from invoice_rules.connectors.http import Session
from invoice_rules.connectors.spectrum import PATH, SpectrumDestination
from invoice_rules.connectors.tokens import Basic
from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.references import kind
from invoice_rules.results import Outcome
from invoice_rules.samples.references import sample_invoice
from invoice_rules.store import Store, commit, open_store, preview_list, save_lists
from tests.connectors.wiremock import WireMock, answer, asked

SECRET = "PLANTED-SECRET-7"
COMPANIES = ("ABC", "DEF")
RULES = "spectrum.invoices"
SAMPLE = json.loads(sample_invoice())["arInvoices"][0]
GOOD = answer(200, {"returnArray": [{"error_code": "G", "desc": "", "column": ""}]})


LISTS = {
    "companies": ("Company,Cost centers", *(f"{code},yes" for code in (*COMPANIES, "XYZ"))),
    "customers": ("Customer,Name", "007Cor,007 Corporation", "A&B,Andrews & Bell"),
    "terms": ("Terms,Name", "1,30 days net"),
    "costCenters": ("Cost center,Name", "100,Workshop", "101,Office"),
    "glAccounts": ("Account,Name", "204200,Customer deposits"),
}
"""What Spectrum has on file."""


def invoice(number: str, *lines: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The sample with another number, or with these lines in place of its own."""
    return {**SAMPLE, "Invoice_Or_Transaction": number, **more, "invoiceDetails": [{**SAMPLE["invoiceDetails"][0], **line} for line in lines] or SAMPLE["invoiceDetails"]}


def import_invoices(store: Store, *invoices: Mapping[str, Any]) -> None:
    """Check these and store them."""
    report = examine(("spectrum.json", json.dumps({"arInvoices": invoices}).encode()), RULES, context=store.context())
    made = plan(report, store)
    assert not made.count(Outcome.REJECTED), list(report.problems)
    commit(made)


class Books:
    """Books with what Spectrum has on file, made once in `folder`, and copies of them."""

    def __init__(self, folder: Path):
        self.folder, self.made = folder, dict[str, Path]()
        store = open_store(folder / "0.sqlite")
        reports = [examine((f"{name}.csv", "\n".join(lines).encode()), kind(name), context=store.context()) for name, lines in LISTS.items()]
        save_lists([preview_list(report, store) for report in reports], store)

    def with_invoices(self, folder: Path, *invoices: Mapping[str, Any]) -> Store:
        """New books with these invoices; those that were made before are copied."""
        words = json.dumps(invoices)
        if words not in self.made:
            made = Path(shutil.copy(self.folder / "0.sqlite", self.folder / f"{len(self.made) + 1}.sqlite"))
            import_invoices(open_store(made), *invoices)
            self.made[words] = made
        return open_store(shutil.copy(self.made[words], folder / "store.sqlite"))


def logged_in(url: str, **how: Any) -> Session:
    """A session with the Authorization ID of both companies."""
    return Session([url], auth=Basic(COMPANIES, SECRET), name="Spectrum", **how)


def destination(url: str, *, session: Mapping[str, Any] | None = None, **how: Any) -> SpectrumDestination:
    """Spectrum at an address."""
    return SpectrumDestination(logged_in(url, **(session or {})), url, "spectrum.example:8482", "ABC", **{"companies": COMPANIES, **how})


def strict(server: WireMock) -> None:
    """Answers of a server that knows who may come, for which company, and takes nothing but the sample's form."""
    server.stub(asked("POST", PATH), answer(401, {"error_code": "A", "desc": "The Web Service is not authorized", "column": "Authorization_ID"}), priority=9)
    for company in COMPANIES:
        like = [f"$.arInvoices[?(@.Company_Code == '{company}')]", "$.arInvoices[*].invoiceDetails[*].Line_Extension"]
        server.stub(asked("POST", PATH, user=(company, SECRET), body=like, headers={"Content-Type": "application/json"}), GOOD)


def posted(server: WireMock, number: str) -> int:
    """How often an invoice came."""
    return sum(one["Invoice_Or_Transaction"] == number for request in server.requests("POST", PATH) for one in request.json()["arInvoices"])
