"""Invoice Rules: the invoice importer that accountants trust.

    report = examine("receivables.csv", "paystand.receivables")
    store = open_store()
    receipt = commit(plan(examine("receivables.csv", "paystand.receivables", context=store.context()), store))

Everything that a front end may use is named here, and loaded when it is first asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    # the way of a file
    "read": "reading",
    "template_rules": "reading",
    "match": "mapping",
    "examine": "examining",
    "convert": "converting",
    "plan": "planning",
    "commit": "store",
    "undo": "store",
    "history": "store",
    "open_store": "store",
    "rule_sets": "rulesets",
    "rule_set": "rulesets",
    # what they hand on
    "Table": "table",
    "OpenSheet": "table",
    "MARK_HEADINGS": "table",
    "Mapping": "results",
    "Report": "results",
    "Plan": "results",
    "Receipt": "results",
    "Entity": "results",
    "Outcome": "results",
    "Corrections": "results",
    "Expected": "results",
    "Problem": "problems",
    "Severity": "problems",
    "plural": "problems",
    "column_letter": "table",
    "exact": "results",
    "RuleSet": "fields",
    "CannotRun": "errors",
    "Outrun": "errors",
}

_ROOMS = (
    *("about", "cli", "connectors", "converting", "corrections", "exporting", "fields", "filledin", "folders", "marks", "pages", "planning", "references", "samples", "store"),
    *("totals", "trouble", "values", "wizard", "workbooks"),
)
"""Modules that front ends may use as a whole."""

__all__ = [*_HOMES, *_ROOMS, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"invoice_rules.{_HOMES[name]}"), name)
    if name in _ROOMS:
        return importlib.import_module(f"invoice_rules.{name}")
    raise AttributeError(f"module 'invoice_rules' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from invoice_rules.converting import convert
    from invoice_rules.errors import CannotRun, Outrun
    from invoice_rules.examining import examine
    from invoice_rules.fields import RuleSet
    from invoice_rules.mapping import match
    from invoice_rules.planning import plan
    from invoice_rules.problems import Problem, Severity, plural
    from invoice_rules.reading import read, template_rules
    from invoice_rules.results import Corrections, Entity, Expected, Mapping, Outcome, Plan, Receipt, Report, exact
    from invoice_rules.rulesets import rule_set, rule_sets
    from invoice_rules.store import commit, history, open_store, undo
    from invoice_rules.table import MARK_HEADINGS, OpenSheet, Table, column_letter
