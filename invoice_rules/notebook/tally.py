"""Problems by rule, with their number, an example, and what can be done about them: see the rows, take them home as CSV."""

from collections.abc import Callable
from typing import Any

import traitlets

from invoice_rules import Report, Severity
from invoice_rules.notebook.component import Component, beside, whole
from invoice_rules.notebook.guard import Guard

Kind = tuple[str, str]
"""A rule and the field that it blames."""


class Tally(Component):
    """`show_rows` and `download` get the rule and field of a line."""

    _esm = beside("tally.js")
    lines: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, guard: Guard, show_rows: Callable[[str, str], None], download: Callable[[str, str], None]):
        self._acts = {"rows": show_rows, "csv": download}
        self._kinds: list[Kind] = []
        super().__init__(guard)

    def show(self, report: Report) -> None:
        """The kinds of problem of a report, the gravest and most frequent first."""
        counts = report.problems.at_least(Severity.WARNING).counts().to_dict("records")
        self._kinds = [(one["rule"], one["field"]) for one in counts]
        self.lines = [_line(report, one) for one in counts]

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        act = self._acts.get(str(message.get("kind")))
        if act is not None and self._kinds:
            act(*self._kinds[whole(message, "at", len(self._kinds) - 1)])


def _line(report: Report, one: dict[str, Any]) -> dict[str, Any]:
    first = of_kind(report, one["rule"], one["field"])[0]
    field = report.rules.fields.get(one["field"])
    place = "" if first.row is None or first.message.startswith("Row ") else first.cell if ":" not in first.cell else f"row {first.row}"
    return {
        "rule": one["rule"],
        "title": field.title if field else one["field"],
        "severity": one["severity"],
        "count": int(one["count"]),
        "example": first.message,
        "place": place,
        "rows": first.row is not None,
    }


def of_kind(report: Report, rule: str, field: str) -> Any:
    """The problems of one rule and field."""
    return report.problems.where(lambda found: (found.rule.id, found.field) == (rule, field))
