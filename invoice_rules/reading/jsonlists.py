"""Which list of a JSON file holds its records: the only one, or the one that fits the rule set by what it holds or is called."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.problems import Finding, Rule, Severity, plural, quoted
from invoice_rules.reading.headings import folded, known_headings
from invoice_rules.reading.unnesting import Record, names, nested_in

LEFT_OUT = Rule(
    "other-lists",
    "The list {list} of {name} is read, because {why}. Left out: {others}.",
    "X-4",
    "Lists of a JSON file that are not read are named.",
    Severity.NOTICE,
)
DEEP = 2
"""Objects that may stand around the list of records, beyond the outermost."""
_SAMPLE = 20
_LISTS = 1_000
"""Lists that are looked into for the one that is meant."""


@dataclass(frozen=True)
class Found:
    """`pointer` leads to the list `records`, or to the one record where there is no list around it (`alone`)."""

    pointer: str
    records: list[Record]
    alone: bool = False
    level: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        return self.pointer.rpartition("/")[2]

    def apart(self, other: "Found") -> bool:
        """Whether neither of the two is a part of the other's record."""
        inner, outer = sorted((self, other), key=lambda found: len(found.pointer), reverse=True)
        return not (outer.alone and inner.pointer.startswith(f"{outer.pointer}/"))


def find_records(content: object, name: str, rules: RuleSet | None) -> Found:
    """The records of a file, with a notice of lists that are left out. Raises CannotRun where there are none, or several lists that could be meant."""
    found = _found(content, name, rules) if isinstance(content, dict) else content
    if not isinstance(found, Found):
        if not isinstance(found, list):
            raise CannotRun(f"{name} holds a single value, not records. Give an array of objects.")
        found = Found("", found)
    if not found.records:
        raise CannotRun(f"{name} has no records. Ask for the file again.")
    for at, record in enumerate(found.records, 1):
        if not isinstance(record, dict):
            raise CannotRun(f"{name}: record {at:,} is not an object with names and values.")
    return found


def _found(content: Record, name: str, rules: RuleSet | None) -> Found:
    lists = [*_alone(content, rules), *_lists(content)]
    if rules is not None and len(lists) <= _LISTS and (fitting := _fitting(lists, name, rules)):
        return _with_others(fitting, lists, name, "its names fit best")
    lists = [found for found in lists if not found.alone]
    level = min((found.level for found in lists), default=0)
    nearest = [found for found in lists if found.level == level]
    if len(nearest) != 1:
        what = f"{plural(len(nearest), 'list')} of records ({', '.join(found.pointer for found in nearest[:5])})" if nearest else "no list of records"
        raise CannotRun(f"{name} has {what}. Give an array of objects, or an object with one such array.")
    return _with_others(nearest[0], lists, name, "the others lie deeper")


def _with_others(found: Found, lists: list[Found], name: str, why: str) -> Found:
    """The list that is read, with a notice that names all others."""
    others = [other for other in lists if found is not other and found.apart(other)]
    facts = {"list": quoted(found.pointer), "name": name, "why": why, "others": _listed(others)}
    return replace(found, findings=(Finding(LEFT_OUT, facts=facts),)) if others else found


def _listed(lists: list[Found]) -> str:
    shown = [f"{quoted(found.pointer)} with {plural(len(found.records), 'record')}" for found in lists[:5]]
    return ", ".join(shown) + (f" and {plural(len(lists) - 5, 'more list')}" if len(lists) > 5 else "")


def _lists(content: Record, pointer: str = "", level: int = 0) -> Iterator[Found]:
    """Arrays that hold objects, in an object or the objects inside it."""
    for key, value in content.items():
        at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            yield Found(at, value, level=level)
        elif isinstance(value, dict) and level < DEEP:
            yield from _lists(value, at, level + 1)


def _alone(content: Record, rules: RuleSet | None, pointer: str = "", level: int = 0) -> Iterator[Found]:
    """Objects that are a record themselves, for they hold a list of lines."""
    if rules is None or not rules.nested:
        return
    if nested_in(content, rules.nested):
        yield Found(pointer, [content], True, level)
    for key, value in content.items():
        if isinstance(value, dict) and level < DEEP:
            yield from _alone(value, rules, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", level + 1)


def _fitting(lists: list[Found], name: str, rules: RuleSet) -> Found | None:
    """The one whose records have by far the most names that the rule set knows, or the one that is called like its documents where none has any.

    Raises CannotRun where others have nearly as many, for their records would be lost.
    """
    known = known_headings(rules)
    ranked = sorted(((_fit(found, rules, known), found) for found in lists), key=lambda pair: pair[0], reverse=True)
    if not ranked or not any(ranked[0][0]):
        return None
    (most, _), best = ranked[0]
    rivals = [found for (count, _), found in ranked if found is not best and count and 1.5 * count > most and best.apart(found)]
    if rivals:
        raise CannotRun(f"{name} has several lists that may hold the records: {_listed([best, *rivals])}. Give each list in a file of its own.")
    return best if len(ranked) == 1 or ranked[0][0] > ranked[1][0] else None


def _fit(found: Found, rules: RuleSet, known: frozenset[str]) -> tuple[int, bool]:
    sample = [record for record in found.records[:_SAMPLE] if isinstance(record, dict)]
    return len({folded(name) for name in names(sample, rules.nested)} & known), folded(rules.document) in folded(found.name)
