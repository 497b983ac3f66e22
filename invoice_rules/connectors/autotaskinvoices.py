"""Autotask invoices as whole documents: with their billing items, and with names where Autotask has only numbers.

An invoice of Autotask names its company by number, and neither a currency nor a division: those stand at the company and at the billing items.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from invoice_rules.connectors.autotask import Autotask, Condition, Row, Tick, where
from invoice_rules.connectors.failures import Refused
from invoice_rules.errors import CannotRun
from invoice_rules.problems import plural

_PORTION = 100
"""Invoices whose billing items are asked for at once."""

_NOT_SHOWN = (400, 403, 404, 405, 500)
"""How Autotask says that a user may not see something, 500 among them."""

_DAYS = ("invoiceDateTime", "dueDate")
"""Dates that Autotask gives with a time of day, midnight as a rule."""

_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ](?P<time>[\d:.]+)")

EXEMPT = "Tax exempt"
"""The tax type of items without tax of a company that pays none; the tax map translates it like any other."""

HIDDEN = (
    "An Autotask user who belongs to a line of business is shown the invoices of that one alone, so there may be more than it shows. "
    "Ask your Autotask administrator if some are missing."
)


@dataclass
class _Names:
    """What numbers mean: companies, currencies, divisions, billing codes, tax categories, by id. `notes` says what Autotask did not show."""

    service: Autotask
    notes: list[str] = field(default_factory=list)
    companies: dict[int, Row] = field(default_factory=dict)
    currencies: dict[int, Row] = field(default_factory=dict)
    divisions: dict[int, str] = field(default_factory=dict)
    codes: dict[int, Row] = field(default_factory=dict)
    taxes: dict[int, Row] = field(default_factory=dict)

    def read(self, invoices: Iterable[Row], items: Iterable[Row], all_divisions: bool = False) -> "_Names":
        """Ask for what these need."""
        self.companies = _by_id(self.service.among("Companies", "id", numbers(invoices, "companyID")))
        self.currencies = self._if_shown("currencies", lambda: self.service.query("Currencies"))
        self.divisions = self._divisions(numbers(items, "organizationalLevelAssociationID"), all_divisions)
        self.codes = self._if_shown("billing codes, so items have no account", lambda: self.service.among("BillingCodes", "id", numbers(items, "billingCodeID")))
        self.taxes = self._if_shown(
            "tax categories, so items have no tax type", lambda: self.service.among("TaxCategories", "id", numbers(self.codes.values(), "taxCategoryID"))
        )
        return self

    def company(self, number: Any) -> Row:
        """The company of an invoice."""
        return self.companies.get(number, {})

    def currency(self, company: Row) -> str:
        """The company's currency, else the one of the books."""
        own = self.currencies.get(company.get("currencyID", -1))
        chosen = own or next((row for row in self.currencies.values() if row.get("isInternalCurrency")), {})
        return str(chosen.get("name") or "")

    def account(self, item: Row) -> str:
        """The billing code of an item, by name."""
        return str(self.codes.get(item.get("billingCodeID", -1), {}).get("name") or "")

    def division(self, item: Row) -> str:
        """The line of business of an item, `Division / Line of business`."""
        return self.divisions.get(item.get("organizationalLevelAssociationID", -1), "")

    def tax(self, item: Row, company: Row) -> str:
        """The tax category of an item, by name."""
        if company.get("isTaxExempt") and not item.get("taxDollars"):
            return EXEMPT
        return str(self.taxes.get(self.codes.get(item.get("billingCodeID", -1), {}).get("taxCategoryID", -1), {}).get("name") or "")

    def _divisions(self, wanted: set[int], all_of_them: bool) -> dict[int, str]:
        """Association -> `Division / Line of business`, as far as either has a name."""
        entity = "OrganizationalLevelAssociations"
        pairs = self._if_shown("divisions", lambda: self.service.query(entity) if all_of_them else self.service.among(entity, "id", wanted))
        levels = (self._level(1), self._level(2)) if pairs else ()
        return {number: " / ".join(filter(None, (names.get(pair.get(called, -1), "") for called, names in levels))) for number, pair in pairs.items()}

    def _level(self, level: int) -> tuple[str, dict[int, str]]:
        """What associations call this level of the organisation, and its names."""
        rows = self._if_shown(f"divisions of level {level}", lambda: self.service.query(f"OrganizationalLevel{level}s"))
        return f"organizationalLevel{level}ID", {number: str(row.get("name") or "") for number, row in rows.items()}

    def _if_shown(self, what: str, ask: Callable[[], list[Row]]) -> dict[int, Row]:
        """What is good to have; where Autotask refuses it, the notes say so and the rest goes on."""
        try:
            return _by_id(ask())
        except Refused as refused:
            if refused.status not in _NOT_SHOWN:
                raise
            self.notes.append(f"Autotask did not show the {what}. {refused}")
            return {}


@dataclass(frozen=True)
class Documents:
    """Invoices with their lines and names, and what a person should know about them."""

    invoices: list[Row]
    notes: list[str]


def documents(service: Autotask, conditions: Iterable[Condition], division: str = "", tick: Tick | None = None) -> Documents:
    """All invoices that meet the conditions, with `division` those that have a line of it (S4-1)."""
    invoices = service.query("Invoices", *conditions, tick=tick)
    items = service.among("BillingItems", "invoiceID", numbers(invoices, "id"), _PORTION)
    names = _Names(service).read(invoices, items, bool(division))
    _refuse_unknown(division, names)
    lines: dict[int, list[Row]] = {}
    for item in items:
        lines.setdefault(item["invoiceID"], []).append(item)
    made = [_document(invoice, lines.get(invoice["id"], []), names) for invoice in invoices]
    kept = [one for one in made if not division or any(_is_of(names.division(item), division) for item in one["billingItems"])]
    chosen = {one["id"] for one in kept}
    timed = [one for one in invoices if one["id"] in chosen and any(map(_time, map(one.get, _DAYS)))]
    return Documents(kept, [*names.notes, *_of_times(timed), *_notes(kept, made, service)])


def _document(invoice: Row, items: list[Row], names: _Names) -> Row:
    """An invoice whole, with what the rule set wants by name."""
    company = names.company(invoice.get("companyID"))
    lines = [{**item, "lineId": item["id"], "accountCode": names.account(item), "taxType": names.tax(item, company)} for item in items]
    divisions = dict.fromkeys(filter(None, map(names.division, items)))
    known = {"companyName": str(company.get("companyName") or ""), "currency": names.currency(company), "division": "; ".join(divisions)}
    days = {name: str(invoice[name])[:10] for name in _DAYS if _CLOCK.match(str(invoice.get(name)))}
    return {**invoice, **days, **known, "billingItems": lines}


def _time(given: Any) -> bool:
    """Whether a date comes with a time of day that is not midnight."""
    found = _CLOCK.match(str(given))
    return bool(found and found["time"].strip("0:."))


def _of_times(timed: list[Row]) -> list[str]:
    """What a person should know of dates whose time was left out: Autotask tells it in UTC, so near midnight it may be the day of its neighbour."""
    if not timed:
        return []
    return [f"Autotask gives {plural(len(timed), 'invoice')} {_ids(timed)} a time of day, in universal time (UTC). The day is taken and the time left out; look whether it is the right day."]


def _is_of(named: str, division: str) -> bool:
    """Whether a line belongs to a division, called by its whole name or by one level of it."""
    wanted = division.strip().casefold()
    return wanted in (named.casefold(), *(part.casefold() for part in named.split(" / ")))


def _refuse_unknown(division: str, names: _Names) -> None:
    """A division that there is not is a slip of the pen."""
    known = sorted(set(filter(None, names.divisions.values())))
    if division and not any(_is_of(name, division) for name in known):
        raise CannotRun(f'Autotask shows no division "{division}". ' + (f"There are: {', '.join(known)}." if known else "It shows none at all."))


def _notes(kept: list[Row], made: list[Row], service: Autotask) -> list[str]:
    """What may be missing: invoices that a line of business hides, and lines."""
    said = []
    bare = [one for one in kept if not one["billingItems"]]
    if bare:
        said.append(f"Autotask shows no lines of {plural(len(bare), 'invoice')} {_ids(bare)}.")
    nameless = sum(not one["companyName"] for one in kept)
    if nameless:
        said.append(f"Autotask does not show the company of {plural(nameless, 'invoice')}.")
    if (not made or bare) and _divided(service):
        said.append(HIDDEN)
    return said


def _ids(some: list[Row]) -> str:
    """`(id 1, 2, 3, 4, 5 …)`."""
    return f"(id {', '.join(str(one['id']) for one in some[:5])}{' …' if len(some) > 5 else ''})"


def _divided(service: Autotask) -> bool:
    """Whether this Autotask has lines of business, or will not say."""
    try:
        return service.count("OrganizationalLevelAssociations", where("isActive", "eq", True)) > 0
    except Refused as refused:
        if refused.status not in _NOT_SHOWN:
            raise
        return True


def numbers(rows: Iterable[Row], name: str) -> set[int]:
    """The ids that some records name."""
    return {int(row[name]) for row in rows if row.get(name) is not None}


def _by_id(rows: Iterable[Row]) -> dict[int, Row]:
    return {int(row["id"]): row for row in rows}
