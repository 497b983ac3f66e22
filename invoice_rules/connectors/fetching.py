"""Fetching: what QuickBooks or Autotask has, as a file that goes the way of every file (S1-2 … S1-5, S4-1 … S4-4).

    connection = connectors.connection("autotask")
    found = connectors.count(connection, criteria)
    fetched = connectors.fetch(connection, criteria)
    report = examine(fetched.path, fetched.rules)
"""

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from invoice_rules.connectors import autotaskinvoices, quickbooksinvoices
from invoice_rules.connectors.autotask import Autotask, Condition, where, whole_number
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.connections import Connection, address
from invoice_rules.connectors.connections import session as opened
from invoice_rules.connectors.exactjson import dumps
from invoice_rules.connectors.quickbooks import QuickBooks, condition
from invoice_rules.errors import CannotRun
from invoice_rules.folders import default_store
from invoice_rules.problems import plural
from invoice_rules.results import Context
from invoice_rules.rulesets import rule_set
from invoice_rules.values import decimals_of, is_currency, show_date

if TYPE_CHECKING:
    from invoice_rules.connectors.http import Session
    from invoice_rules.connectors.pacing import Told

RULES = {"quickbooks": "quickbooks.history", "autotask": "autotask.invoices"}
"""The rule set that reads what a system gives."""

_DIGITS = 100
"""Digits of a total; Python would round it to 28."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Criteria:
    """What to fetch; all of it together narrows (S4-1). Days are invoice dates, both included; `invoice_ids` are ids, never numbers (S4-2).

    `project` is the one project of all invoices (QuickBooks), `division` a line of business (Autotask); `include_invoiced` takes those too that
    Autotask has marked as processed (S4-3).
    """

    since: dt.date | None = None
    until: dt.date | None = None
    project: str = ""
    division: str = ""
    invoice_ids: tuple[str, ...] = ()
    include_invoiced: bool = False

    @property
    def narrow(self) -> bool:
        """Whether anything limits what is fetched; without, it is all unprocessed invoices."""
        return bool(self.since or self.until or self.division.strip() or self.invoice_ids)

    def to_dict(self) -> dict[str, Any]:
        """What was asked for, as the file says it; blanks left out."""
        days = {name: day.isoformat() for name, day in (("since", self.since), ("until", self.until)) if day}
        words = {name: text for name, text in (("project", self.project), ("division", self.division)) if text}
        return {**days, **words, **({"invoiceIds": ", ".join(self.invoice_ids)} if self.invoice_ids else {}), "includeInvoiced": self.include_invoiced}


@dataclass(frozen=True)
class Fetched:
    """What came: `path` is the file, None where there was nothing. `total_by_currency` in major units; "" is the currency of the file's settings.

    `rules` reads the file, with the `settings` that go with what was asked for. `notes` are sentences for the user, `described` says again what was
    asked for (S1-5): dated from 1 Oct 2026 to 31 Oct 2026.
    """

    path: Path | None
    count: int
    total_by_currency: Mapping[str, Decimal]
    notes: tuple[str, ...]
    rules: str
    settings: Mapping[str, str] = field(default_factory=dict)
    described: str = ""

    @property
    def totals(self) -> str:
        """`EUR 100.00, USD 6,332.34`; each currency by itself (X-17)."""
        return ", ".join(f"{code} {amount:,.{_places(amount, code)}f}".strip() for code, amount in sorted(self.total_by_currency.items()))

    @property
    def exact_totals(self) -> dict[str, str]:
        """The same for programs: {"EUR": "100.00"}."""
        return {code: f"{amount:.{_places(amount, code)}f}" for code, amount in sorted(self.total_by_currency.items())}


def count(connection: Connection, criteria: Criteria, *, told: "Told | None" = None, clock: Clock | None = None, session: "Session | None" = None) -> int:
    """How many invoices meet the criteria, without fetching them; a division cannot be counted ahead and is not looked at."""
    ask = _asking(connection, criteria, session or opened(connection, clock=clock, told=told))
    return ask.count()


def fetch(
    connection: Connection,
    criteria: Criteria,
    folder: Path | None = None,
    *,
    file: Path | None = None,
    confirmed: bool = False,
    books: Context | None = None,
    told: "Told | None" = None,
    progress: Callable[[int, int], None] | None = None,
    clock: Clock | None = None,
    session: "Session | None" = None,
) -> Fetched:
    """Fetch what meets the criteria into a new file in `folder`, or into `file`; nothing found is no failure (S1-17).

    Without criteria everything unprocessed is fetched from Autotask, which has to be `confirmed` (S4-4). `books` has the list of projects.
    Raises CannotRun for criteria that contradict themselves, and for what the service refuses.
    """
    _refuse_file(file)
    ask = _asking(connection, criteria, session or opened(connection, clock=clock, told=told))
    if not criteria.narrow and not confirmed:
        found = ask.count()
        if found:
            raise CannotRun(f"Without criteria {_all(found, criteria)} would be fetched. Confirm that, or say which.")
    documents, notes = ask.documents(books, progress)
    if books is not None and connection.system == "autotask":
        _refuse_others(documents, books)
    rules = RULES[connection.system]
    if not documents:
        return Fetched(None, 0, {}, (f"Nothing to import: {ask.title} has no invoices {ask.described}.", *notes), rules)
    now = (clock or Clock()).now()
    content = {"from": ask.title, "account": connection.account, "organisation": connection.title, "fetched": now.isoformat(timespec="seconds"), "criteria": criteria.to_dict()}
    path = file or _new_file(folder or default_store().parent / "fetched", f"{ask.title} invoices {now.astimezone():%Y-%m-%d %H.%M.%S}")
    _save(path, dumps({**content, **ask.wrapped(documents)}))
    settings = {"processed": "include"} if criteria.include_invoiced else {}
    described = f"{ask.described}{f', for the project {criteria.project}' if criteria.project else ''}"
    return Fetched(path, len(documents), _totals(documents, ask.total), tuple(notes), rules, settings, described)


def _refuse_others(documents: list[Row], books: Context) -> None:
    """Each Autotask counts for itself: an id that is another company's invoice on file would write over that of another Autotask."""
    ids = pa.array([str(one["id"]) for one in documents], pa.large_string())
    on_file = books.existing(rule_set(RULES["autotask"]), ids)["companyId"].dropna().to_dict()
    for one in documents:
        known, now = on_file.get(str(one["id"])), str(one.get("companyID"))
        if known not in (None, now):
            says = f"the id {one['id']} is an invoice of company {known} on file, and one of company {now} there"
            raise CannotRun(f"These books hold invoices of another Autotask database: {says}. Fetch into other books (--entity).")


def _all(found: int, criteria: Criteria) -> str:
    return f"all {plural(found, 'invoice')}{'' if criteria.include_invoiced else ' not marked as processed'}"


class _FromQuickBooks:
    """Invoice history of QuickBooks."""

    title = "QuickBooks"

    def __init__(self, connection: Connection, criteria: Criteria, session: "Session") -> None:
        if criteria.division:
            raise CannotRun("QuickBooks has no divisions. Leave that out.")
        if not criteria.narrow:
            raise CannotRun("Say which invoices of QuickBooks are meant: from which day, to which day, or by their ids.")
        self._service = QuickBooks(session, connection.account, address(connection))
        self._where = condition(criteria.since, criteria.until, criteria.invoice_ids)
        self._connection, self._criteria, self.described = connection, criteria, _described(criteria)

    def count(self) -> int:
        return self._service.count(self._where)

    def documents(self, books: Context | None, progress: Callable[[int, int], None] | None) -> tuple[list[Row], list[str]]:
        return quickbooksinvoices.documents(self._service, self._where, self._connection.title, self._criteria.project.strip(), books, progress)

    @staticmethod
    def wrapped(documents: list[Row]) -> Row:
        return {"QueryResponse": {"Invoice": documents}}

    @staticmethod
    def total(document: Row) -> tuple[str, Any]:
        return quickbooksinvoices.currency_of(document), document.get("TotalAmt")


class _FromAutotask:
    """Invoices of Autotask, by default those that are not marked as processed."""

    title = "Autotask"

    def __init__(self, connection: Connection, criteria: Criteria, session: "Session") -> None:
        if criteria.project:
            raise CannotRun("Autotask's invoices have no project here. Leave that out.")
        self._service = Autotask(session, address(connection))
        self._conditions = _conditions(criteria)
        self._criteria, self.described = criteria, _described(criteria)

    def count(self) -> int:
        return self._service.count("Invoices", *self._conditions)

    def documents(self, books: Context | None, progress: Callable[[int, int], None] | None) -> tuple[list[Row], list[str]]:
        del books  # Autotask needs nothing of them
        total = self.count() if progress else 0
        tick = (lambda done, _: progress(min(done, total), total)) if progress else None
        found = autotaskinvoices.documents(self._service, self._conditions, self._criteria.division.strip(), tick)
        return found.invoices, found.notes

    @staticmethod
    def wrapped(documents: list[Row]) -> Row:
        return {"items": documents}

    @staticmethod
    def total(document: Row) -> tuple[str, Any]:
        return str(document.get("currency") or ""), document.get("invoiceTotal")


def _asking(connection: Connection, criteria: Criteria, session: "Session") -> _FromQuickBooks | _FromAutotask:
    if criteria.since and criteria.until and criteria.since > criteria.until:
        raise CannotRun(f"The range begins on {show_date(criteria.since)}, after it ends on {show_date(criteria.until)}. Exchange the two days.")
    kinds: dict[str, type[_FromQuickBooks] | type[_FromAutotask]] = {"quickbooks": _FromQuickBooks, "autotask": _FromAutotask}
    if connection.system not in kinds:
        raise CannotRun(f"Invoices are fetched from QuickBooks and Autotask, not from {connection.system.capitalize()}.")
    return kinds[connection.system](connection, criteria, session)


def _conditions(criteria: Criteria) -> tuple[Condition, ...]:
    """Autotask's conditions: the days with both ends, ids, and no mark unless those are wanted too."""
    found = [where("invoiceDateTime", "gte", f"{criteria.since.isoformat()}T00:00:00")] if criteria.since else []
    found += [where("invoiceDateTime", "lt", f"{criteria.until + dt.timedelta(days=1)}T00:00:00")] if criteria.until else []
    ids = sorted({whole_number(one, "invoice") for one in criteria.invoice_ids})
    found += [where("id", "in", ids)] if ids else []
    found += [] if criteria.include_invoiced else [where("webServiceDate", "notExist")]
    return tuple(found)


def _described(criteria: Criteria) -> str:
    """Which invoices are meant, to follow that word: dated from 1 Oct 2026 to 31 Oct 2026."""
    words = [f"dated {' '.join(f'{word} {show_date(day)}' for word, day in (('from', criteria.since), ('to', criteria.until)) if day)}"] if criteria.since or criteria.until else []
    words += [f"with the id {' or '.join(criteria.invoice_ids)}"] if criteria.invoice_ids else []
    words += [f"of the division {criteria.division}"] if criteria.division else []
    return ", ".join(words) or ("of all times" if criteria.include_invoiced else "that are not marked as processed")


def _totals(documents: list[Row], total: Callable[[Row], tuple[str, Any]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    with localcontext(prec=_DIGITS):
        for code, amount in map(total, documents):
            sums[code] = sums.get(code, Decimal()) + (Decimal(amount) if isinstance(amount, int | Decimal) else Decimal())
    return sums


def _places(amount: Decimal, code: str) -> int:
    """The decimals of its currency, or as many as an amount has."""
    exponent = amount.normalize().as_tuple().exponent
    return max(decimals_of(code) if is_currency(code) else 2, -exponent if isinstance(exponent, int) else 0)


def _refuse_file(file: Path | None) -> None:
    if file is not None and file.suffix.lower() != ".json":
        raise CannotRun(f"{file.name} is to hold JSON. Give it a name that ends in .json.")
    if file is not None and file.exists():
        raise CannotRun(f"There is a file {file} already. It is not overwritten; give another name.")


def _new_file(folder: Path, name: str) -> Path:
    """A file that is not there yet."""
    names = (name, *(f"{name} ({number})" for number in range(2, 1000)))
    return next(path for path in (folder / f"{name}.json" for name in names) if not path.exists())


def _save(path: Path, text: str) -> None:
    """Write a file whole or not at all, for this user's eyes only: it holds customers' invoices."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".fetched-", suffix=".json")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as writing:
                writing.write(text)
                writing.flush()
                os.fsync(writing.fileno())
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written ({error.strerror or type(error).__name__}). Choose another place.") from error
