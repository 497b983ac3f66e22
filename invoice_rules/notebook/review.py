"""Near duplicates on file, those that may be one document shown together (X-9)."""

from collections.abc import Iterable, Mapping
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
    """The marked documents of a report, each with those that it was taken for."""
    marked = [found for found in report.problems.findings if found.rule.id == NEAR and found.at is not None]
    partner = {int(report.invoice[place]): found.facts(place, "")["partner"] for found in marked for place in found.at.tolist()}
    show, names = CellWriter(report.rows), [report.rules.key, *_fields(report.rules), "currency"]
    return [[[show(name, at) for name in names] for at in together] for together in _joined(partner)]


def _joined(partner: Mapping[int, int]) -> list[list[int]]:
    """The groups of those that name one another, straight or by way of others.

    >>> _joined({4: 7, 7: 4, 1: 2, 2: 3, 3: 2})
    [[1, 2, 3], [4, 7]]
    """
    group_of: dict[int, list[int]] = {}
    for one, other in partner.items():
        mine, its = group_of.setdefault(one, [one]), group_of.setdefault(other, [other])
        if mine is not its:
            mine += its
            group_of.update(dict.fromkeys(its, mine))
    return sorted(sorted(group) for group in {id(group): group for group in group_of.values()}.values())
