"""Which column feeds which field (X-13)."""

import dataclasses
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from invoice_rules.problems import plural
from invoice_rules.results.showing import as_html


@dataclass(frozen=True)
class Match:
    """Which column feeds one field, how that was found, and how sure it is (0 to 1)."""

    column: int | None
    heading: str = ""
    how: str = ""
    score: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Mapping:
    """Columns to fields of one rule set (X-13), with what is saved along: settings, the kind of file, and where its headings stand (S0-22).

    `how` is given, saved, exact, title, synonym or similar; `header` is "auto", "none" or the number of a row.
    """

    rules: str
    matches: Dict[str, Match]
    headings: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    settings: Dict[str, str] = dataclasses.field(default_factory=dict)
    name: str = ""
    version: int = 0
    kind: str = ""
    header: str | int = "auto"

    @cached_property
    def fields(self) -> dict[str, int | None]:
        """Field -> 0-based column, None where nothing feeds it."""
        return {field: match.column for field, match in self.matches.items()}

    @property
    def unused(self) -> tuple[int, ...]:
        """Columns that feed no field."""
        used = set(self.fields.values())
        return tuple(column for column in range(len(self.headings)) if column not in used)

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields with neither a column nor a setting."""
        return tuple(f for f in self.required if self.fields.get(f) is None and f not in self.settings)

    def to_frame(self) -> pd.DataFrame:
        """One row a field: field, column, heading, how, score, why."""
        rows = [(f, m.column, m.heading, m.how, m.score, m.why) for f, m in self.matches.items()]
        return pd.DataFrame(rows, columns=["field", "column", "heading", "how", "score", "why"]).astype({"column": "Int64"})

    def summary(self) -> str:
        fed = sum(match.column is not None for match in self.matches.values())
        still = f"; still to map: {', '.join(self.missing)}" if self.missing else ""
        return f"{fed} of {plural(len(self.matches), 'field')} have a column{still}."

    def _repr_html_(self) -> str:
        return as_html(self.summary(), self.to_frame())
