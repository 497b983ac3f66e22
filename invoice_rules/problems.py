"""What is wrong with the data, as data: `Rule`, `Finding`, `Problems`, `Problem`, `Fix` and `Fill`.

A rule that fails on a million rows is one `Finding` with a million positions; the `Problem` of one cell, with its message in
whole words, is made only when somebody looks at it.
"""

import dataclasses
import enum
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, overload

import numpy as np
import pandas as pd

_SLOT = re.compile(r"\{([\w.]+)\}")
_LONGEST = 600  # letters of anything that a message names; a heading may have a million


class Severity(enum.IntEnum):
    """How far a problem reaches (X-19): it tells, it warns, it waits for a yes, or it keeps the invoice out."""

    NOTICE = 1
    WARNING = 2
    HOLD = 3
    ERROR = 4

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Fix:
    """A suggested new content of the cell; `safe` when it means the same as what was typed (X-5)."""

    value: str
    safe: bool = False
    says: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule: its id, the message shown where it fails, the behaviour it comes from, and the rule itself in words.

    `message` may hold `{value}` (in quotes), `{plain}` (without), `{title}`, `{field}` and the slots that the finding's facts fill.
    """

    id: str
    message: str
    spec: str
    says: str = ""
    severity: Severity = Severity.ERROR


Facts = Callable[[int, str], Mapping[str, object]]
"""(position, value as typed) -> what fills the slots of a rule's message."""


@dataclass(frozen=True)
class Finding:
    """One rule that failed on one field, at these positions (0-based) of the table; `at` None: about the column or file."""

    rule: Rule
    field: str = ""
    at: np.ndarray | None = None
    facts: Facts | Mapping[str, object] = dataclasses.field(default_factory=dict)
    fix: Callable[[int, str], Fix | None] | None = None
    column: int | None = None

    @property
    def weight(self) -> Severity:
        return self.rule.severity

    def __len__(self) -> int:
        return 1 if self.at is None else len(self.at)

    def only(self, keep: np.ndarray) -> "Finding":
        """The same finding without the positions where the boolean mask over the table is False."""
        return self if self.at is None else replace(self, at=self.at[keep[self.at]])


@dataclass(frozen=True)
class Problem:
    """One cell that breaks one rule (X-5). `row` is the user's row number, None for what concerns the whole file."""

    row: int | None
    cell: str
    field: str
    rule: str
    severity: Severity
    value: str
    message: str
    fix: Fix | None = None

    def to_dict(self) -> dict[str, object]:
        """As in `--json`: severity and fix as text."""
        plain = {name: getattr(self, name) for name in ("row", "cell", "field", "rule", "severity", "value", "message")}
        return {**plain, "severity": str(self.severity), "fix": self.fix.value if self.fix else None}


@dataclass(frozen=True)
class Fill:
    """A value that did not come from its own cell, with its source (X-11): a setting, a default, the store."""

    field: str
    source: str
    at: np.ndarray
    value: str = ""
    overwritten: int = 0


class Place(Protocol):
    """Where findings lie: turns a position into what the user sees. `words` fill slots of every message, `{document}` for one."""

    @property
    def words(self) -> Mapping[str, object]: ...

    def number(self, at: int) -> int: ...
    def address(self, at: int | None, field: str, column: int | None) -> str: ...
    def value(self, at: int, field: str, column: int | None) -> str: ...
    def trimmed(self, at: int, field: str) -> str: ...
    def title(self, field: str, column: int | None) -> str: ...
    def order(self, field: str) -> int: ...


class Problems(Sequence[Problem]):
    """All problems of a file, in the order of its rows; cheap to hold and count, made into sentences one by one."""

    def __init__(self, findings: Sequence[Finding], place: Place):
        self.findings = tuple(f for f in findings if len(f))
        self._place = place

    @cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """(which finding, index inside it) for each problem, sorted by row, field, severity."""
        which = np.repeat(np.arange(len(self.findings)), [len(f) for f in self.findings])
        inside = np.concatenate([np.arange(len(f)) for f in self.findings] or [np.empty(0, np.int64)]).astype(np.int64)
        rows = np.concatenate([np.array([-1]) if f.at is None else f.at for f in self.findings] or [np.empty(0, np.int64)])
        fields = np.array([self._place.order(f.field) for f in self.findings], dtype=np.int64)
        weights = np.array([-f.weight for f in self.findings], dtype=np.int64)
        if not len(which):
            return which.astype(np.int64), inside
        order = np.lexsort((weights[which], fields[which], rows))
        return which[order], inside[order]

    def __len__(self) -> int:
        return sum(len(f) for f in self.findings)

    def ordered(self) -> list[tuple[int, int]]:
        """(which of `findings`, which of its positions) for each problem, in their order; no sentence is made."""
        which, inside = self._order
        return list(zip(which.tolist(), inside.tolist(), strict=True))

    @overload
    def __getitem__(self, index: int) -> Problem: ...
    @overload
    def __getitem__(self, index: slice) -> list[Problem]: ...
    def __getitem__(self, index: int | slice) -> Problem | list[Problem]:
        which, inside = self._order
        if isinstance(index, slice):
            return [self._make(int(w), int(i)) for w, i in zip(which[index], inside[index], strict=True)]
        return self._make(int(which[index]), int(inside[index]))

    def __iter__(self) -> Iterator[Problem]:
        return (self._make(int(w), int(i)) for w, i in zip(*self._order, strict=True))

    def __repr__(self) -> str:
        counts = {str(s): self.count(s) for s in reversed(Severity)}
        return f"<Problems: {', '.join(f'{n:,} {s}' for s, n in counts.items() if n) or 'none'}>"

    def message(self, which: int, inside: int) -> str:
        """The message alone of a problem that `ordered` gives; cheaper than the whole of it."""
        found = self.findings[which]
        at = None if found.at is None else int(found.at[inside])
        return self._message(found, at, "" if at is None else self._place.value(at, found.field, found.column))

    def _message(self, found: Finding, at: int | None, value: str) -> str:
        facts = found.facts(-1 if at is None else at, value) if callable(found.facts) else found.facts
        shown = quoted(value)
        slots = {**self._place.words, "value": shown, "plain": shown[1:-1], "field": found.field, "title": self._place.title(found.field, found.column), **facts}
        return filled(found.rule.message, slots)

    def _make(self, which: int, inside: int) -> Problem:
        found, place = self.findings[which], self._place
        at = None if found.at is None else int(found.at[inside])
        value = "" if at is None else place.value(at, found.field, found.column)
        return Problem(
            row=None if at is None else place.number(at),
            cell=place.address(at, found.field, found.column),
            field=found.field,
            rule=found.rule.id,
            severity=found.weight,
            value=value,
            message=self._message(found, at, value),
            fix=found.fix(-1 if at is None else at, value) if found.fix else None,
        )

    def trimmed(self, at: int, field: str) -> str:
        """A cell's text as the rules saw it: without the blanks and quotes around it."""
        return self._place.trimmed(at, field)

    def where(self, keep: Callable[[Finding], bool]) -> "Problems":
        """The problems of the findings that `keep` says yes to."""
        return Problems([f for f in self.findings if keep(f)], self._place)

    def with_more(self, findings: Sequence[Finding]) -> "Problems":
        """These problems, and those of more findings."""
        return Problems([*self.findings, *findings], self._place)

    def reworded(self, change: Callable[[Finding], Finding]) -> "Problems":
        """The same problems with other findings in the place of each, such as other words."""
        return Problems([change(found) for found in self.findings], self._place)

    def at_least(self, severity: Severity) -> "Problems":
        return self.where(lambda found: found.weight >= severity)

    def within(self, rows: np.ndarray) -> "Problems":
        """Only the problems of rows that the boolean mask over the table keeps; those about the file stay."""
        return Problems([f.only(rows) for f in self.findings], self._place)

    def count(self, severity: Severity) -> int:
        return sum(len(f) for f in self.findings if f.weight == severity)

    def about_file(self, severity: Severity = Severity.ERROR) -> list[Problem]:
        """The problems that concern no single row, of this severity or above."""
        return list(self.where(lambda found: found.at is None and found.weight >= severity))

    def worst(self, rows: int) -> np.ndarray:
        """(rows,) int8: the highest severity at each position, 0 for none. Findings about the whole file do not count."""
        worst = np.zeros(rows, np.int8)
        for found in sorted((f for f in self.findings if f.at is not None), key=lambda f: f.weight):
            worst[found.at] = found.weight
        return worst

    def counts(self) -> pd.DataFrame:
        """One line a rule and field: rule, field, severity, count, ordered by severity and count."""
        lines: dict[tuple[str, str, Severity], int] = {}
        for found in self.findings:
            key = (found.rule.id, found.field, found.weight)
            lines[key] = lines.get(key, 0) + len(found)
        ordered = sorted(lines.items(), key=lambda item: (-item[0][2], -item[1], item[0][0], item[0][1]))
        return pd.DataFrame(
            [(rule, name, str(weight), count) for (rule, name, weight), count in ordered],
            columns=["rule", "field", "severity", "count"],
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a problem: row, cell, field, rule, severity, value, message, fix."""
        return pd.DataFrame(
            [problem.to_dict() for problem in self],
            columns=["row", "cell", "field", "rule", "severity", "value", "message", "fix"],
        ).astype({"row": "Int64"})


def quoted(value: str, longest: int = 60) -> str:
    """A value as messages show it: in quotes, without control characters, cut when very long."""
    return f'"{shortened(value, longest)}"'


def shortened(value: str, longest: int = 60) -> str:
    """The same without the quotes.

    >>> shortened("INV-1\\r\\n"), shortened("INV-1001", longest=5)
    ('INV-1··', 'INV-1…')
    """
    shown = value[: longest + 1]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else "·" for c in shown)
    return f"{shown[:longest]}…" if len(value) > longest else shown


def listed(names: Sequence[str], most: int = 12) -> str:
    """The first names as messages show them; the others are counted.

    >>> listed(["May", "June", "July"], most=2)
    'May, June and 1 more'
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def whole(text: str) -> str:
    """Text that can be written anywhere: what is half a character, as in the name of a file that is not UTF-8, is shown as one that is not known.

    >>> whole("caf\\udce9.csv")
    'caf\ufffd.csv'
    """
    return re.sub(r"[\ud800-\udfff]", "\ufffd", text)


def filled(message: str, slots: Mapping[str, object]) -> str:
    """Fill `{name}` slots, each with so much as a message bears; what the values contain is never read as a slot again."""
    return _SLOT.sub(lambda m: shortened(str(slots[m[1]]), _LONGEST) if m[1] in slots else m[0], message)


def plural(count: int, one: str, many: str = "") -> str:
    """`1 invoice`, `2 invoices`, `1,887 entries`."""
    more = f"{one[:-1]}ies" if one.endswith("y") and one[-2:-1] not in "aeiou" else f"{one}s"
    return f"{count:,} {one if count == 1 else many or more}"
