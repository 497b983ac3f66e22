"""Where the user is, and everything that a user decides about one import."""

import contextlib
import enum
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from invoice_rules.errors import CannotRun
from invoice_rules.results import exact

if TYPE_CHECKING:
    from invoice_rules.fields import RuleSet
    from invoice_rules.results import Corrections, Expected
    from invoice_rules.results import Mapping as Columns
    from invoice_rules.table import Table


class Step(enum.IntEnum):
    """Where the user is. The number is the one shown: "Step 2 of 5: Match columns"."""

    SOURCE = 1
    MAPPING = 2
    SETTINGS = 3
    CHECK = 4
    CONFIRM = 5

    @property
    def title(self) -> str:
        return ("Choose the file", "Match columns", "Settings", "Check", "Confirm")[self - 1]

    @property
    def heading(self) -> str:
        return f"Step {self.value} of {len(Step)}: {self.title}"


@dataclass(frozen=True)
class Choices:
    """Everything that a user decides about one import. Each front end fills it in its own way."""

    source: Any = None
    rules: str = ""
    sheet: str | None = None
    header: str | int = "auto"
    encoding: str | None = None
    limit_mb: float | None = None
    saved: "Columns | None" = None
    given: Mapping[str, str | int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""
    corrections: "Corrections | None" = None
    expected: "Expected | None" = None
    edits: Mapping[tuple[int, int], str] = field(default_factory=dict)
    apply_fixes: bool = False
    accept: tuple[str, ...] = ()
    all_or_nothing: bool | None = None
    open_items_complete: bool = False
    close_absent: bool = False
    user: str | None = None


_MADE_AT = {
    Step.SOURCE: "source rules saved sheet header encoding limit_mb",
    Step.MAPPING: "given",
    Step.SETTINGS: "settings sender corrections expected",
    Step.CHECK: "edits apply_fixes",
    Step.CONFIRM: "accept all_or_nothing open_items_complete close_absent user",
}

STEP_OF: Mapping[str, Step] = {name: step for step, names in _MADE_AT.items() for name in names.split()}
"""The step at which each choice is made: what comes after it depends on it."""


_AMOUNTS = re.compile(r"(?<!\S)(?:(?P<code>[^\s=]+)\s*=\s*|(?P<word>[A-Za-z]{3})\s+(?=[^\s\d]?[\d.]))?(?!and\b)(?P<amount>[^\s=]+)")
"""Amounts, one after the other: `USD=1,200.00`, `USD 1,200.00 and EUR 5.00` as we write them ourselves, `1,200.00`."""


def currency_of(settings: Mapping[str, str], saved: "Columns | None", books: Any, rules: "RuleSet") -> str:
    """The currency of declared amounts that name none, as of the file's own (X-17, X-18); `books` are a store, a context, or None."""
    from invoice_rules.settings import currency_in

    return currency_in({**(saved.settings if saved else {}), **settings}, books.entity if books is not None else None, rules)


def expected_totals(count: str | int | None, totals: Sequence[str], currency: str) -> "Expected":
    """Declared control totals (X-8) from text: amounts such as `USD=1,200.00` and `USD 1,200.00`, or `1,200.00` in this currency; credits negative."""
    from invoice_rules.totals import expected_totals

    parted = [found for text in totals for found in _AMOUNTS.finditer(text)]
    amounts = {(found["code"] or found["word"] or currency).upper(): found["amount"].rstrip(",;") for found in parted}
    if len(amounts) < len(parted):
        raise CannotRun("Two expected totals are given for one currency. Give one for each currency.")
    return expected_totals(count, amounts)


def declared(said: "Expected | None", name: str, value: str, currency: str) -> "Expected | None":
    """The declared totals with another answer to `expect-count` or `expect-total`; None where nothing is declared."""
    count = "" if said is None or said.count is None else str(said.count)
    totals = [f"{code}={exact(total, code)}" for code, total in said.totals.items()] if said else []
    count, totals = (value, totals) if name == "expect-count" else (count, [value] if value.strip() else [])
    return expected_totals(count or None, totals, currency) if count or totals else None


def made_with(table: "Table | None", rules: "RuleSet") -> Mapping[str, str]:
    """The settings that a template of these rules was made with, where a file was read and is one."""
    from invoice_rules.mapping import template_settings

    return template_settings(table, rules) if table is not None else {}


def outdated(before: Choices, changed: Collection[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The choices that do not outlive these changes, each with its first value.

    Edits go with any other way to read; what was declared of a file, and the yes to its doubts, with another file or sheet (X-8, X-19,
    X-20); what other rules do not know or decide otherwise, with the rules.
    """
    gone = {"edits"} if any(STEP_OF[name] == Step.SOURCE for name in changed) else set()
    if before.source is not None and not {"source", "sheet"}.isdisjoint(changed):
        gone |= {"expected", "open_items_complete", "close_absent", "accept"}
    if "rules" in changed:
        gone |= _unknown(known(changes["rules"])) | ({"close_absent", "accept", "all_or_nothing"} if before.rules else set())
    first = Choices()
    return {name: getattr(first, name) for name in gone}


def known(rules: Any) -> "RuleSet | None":
    """The rule set of this name; None where nobody has chosen one yet, or one that is not there."""
    from invoice_rules.rulesets import rule_set

    with contextlib.suppress(LookupError):
        return rule_set(rules)
    return None


def _unknown(rules: "RuleSet | None") -> set[str]:
    """What nobody can declare of a file for these rules: totals where there are no amounts, open items where there is no balance."""
    if rules is None:
        return set()
    totals = set() if any(field.kind == "money" for field in rules.fields.values()) else {"expected"}
    return totals if rules.role("balance") else totals | {"open_items_complete", "close_absent"}


def same(one: Any, other: Any) -> bool:
    """Whether a choice stays what it was; frames and open files are compared by identity."""
    plain = (str, int, float, tuple, Mapping, os.PathLike)
    return one is other or (isinstance(one, plain) and type(one) is type(other) and bool(one == other))
