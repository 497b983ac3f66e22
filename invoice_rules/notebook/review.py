"""Near duplicates on file, those that may be one document shown together (X-9)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from invoice_rules import examine, plural
from invoice_rules.fields import RuleSet
from invoice_rules.notebook.shown import Listing, Shown, lead, note
from invoice_rules.values import CellWriter

if TYPE_CHECKING:
    import pandas as pd

NEAR = "near-duplicate"
_ROLES = ("customer", "customer_name", "amount", "date", "number")


def near_duplicates(parts: Iterable[tuple["pd.DataFrame", dict[str, str]]], rules: RuleSet, context: Any) -> Shown:
    """A line for each document that looks like another one, those that belong together one below the other."""
    groups: list[list[list[str]]] = []
    for part, settings in parts:
        groups += _groups(examine(part, rules, None, settings, context))
    rows = [[str(place) if not line else "", *cells] for place, group in enumerate(groups, 1) for line, cells in enumerate(group)]
    names = _fields(rules)
    headings = ["Pair", rules.fields[rules.key].title, *(rules.fields[name].title for name in names), "Currency"]
    count = sum(map(len, groups))
    if not count:
        return Shown(lead(f"No {rules.document} on file looks as if it was entered twice."))
    said = lead(f"{plural(count, rules.document)} on file look as if they were entered twice.")
    amounts = [rules.fields[name].title for name in names if rules.fields[name].kind == "money"]
    listing = Listing("Same customer and amount, similar number, dates within a week", headings, rows, right=["Pair", *amounts])
    return Shown(said, listing, note("Compare them with the paper. What was entered twice is canceled by its sender, or its import is undone."))


def _fields(rules: RuleSet) -> list[str]:
    return list(dict.fromkeys(name for role in _ROLES if (name := rules.role(role)) and name != rules.key))


def _groups(report: Any) -> list[list[list[str]]]:
    """The marked documents of a report, by customer and amount."""
    rules, rows = report.rules, report.rows
    marked = [found for found in report.problems.findings if found.rule.id == NEAR and found.at is not None]
    at = sorted({int(report.invoice[place]) for found in marked for place in found.at})
    if not at:
        return []
    show, names = CellWriter(rows), _fields(rules)
    same = [name for role in ("customer", "amount") if (name := rules.role(role))]
    together: dict[tuple[str, ...], list[list[str]]] = {}
    for place in at:
        cells = [show(name, place) for name in (rules.key, *names)]
        together.setdefault((*(show(name, place) for name in same), str(rows["currency"].iat[place])), []).append([*cells, str(rows["currency"].iat[place])])
    return list(together.values())
