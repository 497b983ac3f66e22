"""Which list of a JSON file holds its records: the only one, or the one that fits the rule set by what it holds or is called."""

from collections.abc import Iterator
from dataclasses import dataclass

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.problems import plural
from invoice_rules.reading.headings import folded, known_headings
from invoice_rules.reading.unnesting import Record, names, nested_in

DEEP = 2
"""Objects that may stand around the list of records, beyond the outermost."""
_SAMPLE = 20


@dataclass(frozen=True)
class Found:
    """`pointer` leads to the list `records`, or to the one record where there is no list around it (`alone`)."""

    pointer: str
    records: list[Record]
    alone: bool = False
    level: int = 0

    @property
    def name(self) -> str:
        return self.pointer.rpartition("/")[2]


def find_records(content: object, name: str, rules: RuleSet | None) -> Found:
    """The records of a file. Raises CannotRun where there are none, or several lists that could be meant."""
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
    if rules is not None and (fitting := _fitting(lists, rules)):
        return fitting
    lists = [found for found in lists if not found.alone]
    level = min((found.level for found in lists), default=0)
    nearest = [found for found in lists if found.level == level]
    if len(nearest) != 1:
        what = f"{plural(len(nearest), 'list')} of records ({', '.join(found.pointer for found in nearest[:5])})" if nearest else "no list of records"
        raise CannotRun(f"{name} has {what}. Give an array of objects, or an object with one such array.")
    return nearest[0]


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


def _fitting(lists: list[Found], rules: RuleSet) -> Found | None:
    """The one whose records have the most names that the rule set knows, then the one that is called like its documents."""
    known = known_headings(rules)
    ranked = sorted(((_fit(found, rules, known), found) for found in lists), key=lambda pair: pair[0], reverse=True)
    if not ranked or not any(ranked[0][0]):
        return None
    return ranked[0][1] if len(ranked) == 1 or ranked[0][0] > ranked[1][0] else None


def _fit(found: Found, rules: RuleSet, known: frozenset[str]) -> tuple[int, bool]:
    sample = [record for record in found.records[:_SAMPLE] if isinstance(record, dict)]
    return len({folded(name) for name in names(sample, rules.nested)} & known), folded(rules.document) in folded(found.name)
