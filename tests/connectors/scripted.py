"""Books with Autotask invoices, and a service that takes them as a script says: what the engine of sending is tested with.

The service keeps everything that comes, as often as it comes: a second sending shows as a second copy.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from invoice_rules.connectors.failures import Lost, Refused
from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.results import Answer, Document, Entry, Outcome, Result, State, exact
from invoice_rules.store import Store, commit, open_store

QUIET = 120.0


def autotask_invoice(number: int, **more: object) -> dict[str, object]:
    """An invoice as it is fetched from Autotask: 110.00 and so many cents, of one of three companies."""
    amount = f"{110 + number % 100 / 100:.2f}"
    line = {"lineId": str(number), "description": "Monitoring", "quantity": "1", "rate": amount, "lineAmount": amount}
    made = {"invoiceId": str(1000 + number), "invoiceNumber": f"INV-{number}", "companyId": str(500 + number % 3), "companyName": f"Company {number % 3}"}
    return {**made, "invoiceDate": "2026-10-31", "dueDate": "2026-11-30", "total": amount, "billingItems": [line], **more}


def import_invoices(store: Store, invoices: Iterable[Mapping[str, object]], **settings: str) -> None:
    """Check these invoices and store them."""
    report = examine(("Autotask invoices.json", json.dumps(list(invoices)).encode()), "autotask.invoices", settings=settings, context=store.context())
    made = plan(report, store)
    assert not report.problems.about_file() and not made.count(Outcome.REJECTED), report.problems
    commit(made)


def books(folder: Path, count: int = 5) -> Store:
    """A store with so many invoices."""
    store = open_store(folder / "store.sqlite")
    import_invoices(store, map(autotask_invoice, range(1, count + 1)))
    return store


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is such a place: a program that is killed leaves there what it would leave on a disk, and tests are quicker."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


class Copies:
    """Books like those that were made first, at the price of a copy."""

    def __init__(self, folder: Path):
        self.folder = folder

    def of(self, count: int, to: Path) -> Store:
        """New books with so many invoices in the folder `to`."""
        made = self.folder / str(count) / "store.sqlite"
        if not made.exists():
            books(made.parent, count)
        return open_store(shutil.copy(made, to / "store.sqlite"))


Act = Callable[["Service", list[dict[str, str]]], Answer]
"""What the service does with the items of one request."""


class Service:
    """A destination that does with each request what the next act of its script says, and takes all once the script is over."""

    name, title, rules, tenant, tenant_title = "xero", "Xero", "autotask.invoices", "t-1", "Demo Company"
    batch, quiet, askable = 50, QUIET, True
    session, unsent = None, ()

    def __init__(self, *script: Act, **settings: object):
        self.script = list(script)
        self.there: list[dict[str, str]] = []
        self.came: list[tuple[str, bytes]] = []
        self.asked: list[list[str]] = []
        self.verdicts: dict[str, tuple[State, str]] = {}
        self.word, self.suffix = "v1", "-2"
        for name, value in settings.items():
            setattr(self, name, value)

    def judge(self, documents: Sequence[Document], ledger: object):
        verdicts = {one.entry.id: self.verdicts.get(one.entry.key, (State.READY, "")) for one in documents}
        return verdicts, {one.entry.id: str(one.fields["invoiceNumber"]) + self.suffix.format(one.entry.generation) * (one.entry.generation > 1) for one in documents}

    def group(self, documents: Sequence[Document]) -> list[list[Document]]:
        return [list(documents[start : start + self.batch]) for start in range(0, len(documents), self.batch)]

    def body(self, documents: Sequence[Document]) -> bytes:
        return json.dumps([_item(one) | {"word": self.word} for one in documents], sort_keys=True).encode()

    def send(self, body: bytes, key: str) -> Answer:
        self.came.append((key, body))
        return (self.script.pop(0) if self.script else fine)(self, json.loads(body))

    def results(self, answer: Answer, documents: Sequence[Document]) -> dict[int, Result]:
        said = {one["number"]: one for one in json.loads(answer.body or b"[]")}
        found = {one.entry.id: said.get(one.entry.number) for one in documents}
        return {entry: Result(State(one["state"]), one.get("note", ""), one.get("id", "")) for entry, one in found.items() if one}

    def look(self, entries: Sequence[Entry], documents: Sequence[Document]) -> dict[int, Result]:
        self.asked.append([entry.number for entry in entries])
        return {entry.id: self._seen(entry) for entry in entries}

    def _seen(self, entry: Entry) -> Result:
        found = [one for one in self.there if one["number"] == entry.number]
        if not found:
            return Result(State.READY)
        ours = len(found) == 1 and (found[0]["reference"], found[0]["total"]) == (entry.key, exact(entry.total, entry.currency))
        return Result(State.SENT, "", found[0]["id"]) if ours else Result(State.CONFLICT, "What is there differs")

    # what tests ask

    def keep(self, items: Iterable[dict[str, str]]) -> Answer:
        """Take these, and say so of each."""
        said = []
        for item in items:
            self.there.append(item | {"id": f"X{len(self.there)}"})
            said.append({"number": item["number"], "state": "sent", "id": self.there[-1]["id"]})
        return Answer(200, json.dumps(said).encode())

    @property
    def copies(self) -> Counter[str]:
        """Number -> how often it is there."""
        return Counter(item["number"] for item in self.there)

    @property
    def keys(self) -> list[str]:
        """The idempotency keys of the requests that came."""
        return [key for key, _ in self.came]


def _item(document: Document) -> dict[str, str]:
    entry = document.entry
    return {"number": entry.number, "reference": entry.key, "total": str(document.fields["total"])}


def fine(service: Service, items: list[dict[str, str]]) -> Answer:
    """It takes all."""
    return service.keep(items)


def taken_unheard(service: Service, items: list[dict[str, str]]) -> Answer:
    """It takes all, and its answer gets lost."""
    service.keep(items)
    raise Lost("Xero did not answer: no answer came in time.")


def half_unheard(service: Service, items: list[dict[str, str]]) -> Answer:
    """It takes the first half, and its answer gets lost."""
    service.keep(items[: len(items) // 2])
    raise Lost("Xero did not answer: the connection broke off.")


def unheard(service: Service, items: list[dict[str, str]]) -> Answer:
    """It gets nothing, which nobody can know."""
    raise Lost("Xero did not answer: the connection broke off.")


def refusing(status: int, *numbers: str) -> Act:
    """It refuses the whole request, and blames these numbers."""

    def act(service: Service, items: list[dict[str, str]]) -> Answer:
        said = [{"number": number, "state": "rejected", "note": "Account 999 is not there"} for number in numbers]
        raise Refused(f"Xero refused the request ({status}).", Answer(status, json.dumps(said).encode()))

    return act


def raising(error: BaseException) -> Act:
    """It never comes to an answer."""

    def act(service: Service, items: list[dict[str, str]]) -> Answer:
        raise error

    return act


def saying(**states: str) -> Act:
    """It takes what it says `sent` of, by number with _ for -, and is silent about `silent` ones; all others are sent."""

    def act(service: Service, items: list[dict[str, str]]) -> Answer:
        named = {number.replace("_", "-"): state for number, state in states.items()}
        kept = json.loads(service.keep(item for item in items if named.get(item["number"], "sent") == "sent").body)
        others = [{"number": number, "state": state, "note": f"Xero says {state}"} for number, state in named.items() if state not in ("sent", "silent")]
        return Answer(200, json.dumps(kept + others).encode())

    return act
