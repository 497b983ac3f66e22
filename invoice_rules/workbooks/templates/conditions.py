"""Which cells of the sheet turn red or amber: the rules that a sheet can tell by itself, turned round, over the first open row."""

from collections.abc import Iterator
from dataclasses import dataclass

from invoice_rules.fields import live_rules
from invoice_rules.problems import Severity
from invoice_rules.workbooks.templates.plan import FIRST, Plan

_LONGEST = 8_192
"""Characters that a formula may have."""


@dataclass(frozen=True)
class Condition:
    """A formula that is TRUE where the cell of this field is to be tinted, in the first open row; an error is no yes."""

    field: str
    rule: str
    formula: str
    severity: Severity


def conditions(plan: Plan) -> Iterator[Condition]:
    """The conditions of a sheet, errors first."""
    found = [live for live in live_rules(plan.rules, plan.currency, plan.fixed) if live.formula and live.severity > Severity.NOTICE and live.needs <= plan.letters.keys()]
    for live in sorted(found, key=lambda live: -live.severity):
        formula = f"NOT({live.placed(plan.letters, FIRST, plan.checked)})"
        if live.field in plan.letters and len(formula) <= _LONGEST:
            yield Condition(live.field, live.rule, formula, live.severity)
