"""Which documents of a file are meant: the others are left out before anything is judged, and counted (S1-3, S1-9, S1-17, S4-1 … S4-4)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.alike import row_list
from invoice_rules.columns import Columns, Typed
from invoice_rules.errors import CannotRun
from invoice_rules.fields import DUPLICATE, RuleSet
from invoice_rules.fields.filters import INCLUDE, Filter
from invoice_rules.grouping import Groups
from invoice_rules.problems import Finding, Rule, Severity, plural, quoted
from invoice_rules.table import text_array
from invoice_rules.values import show_date
from invoice_rules.values.columns import places

LEFT_OUT = Rule("not-chosen", "{documents} {are} left out: {why}.", "S1-3", "Documents that the settings do not choose are left out and counted.", Severity.NOTICE)
NOT_FOUND = Rule("not-chosen", "No {document} has the {title} {values}.", "S4-1", severity=Severity.NOTICE)
NOTHING = Rule("nothing-to-import", "Nothing to import: {settings} every {document} of the file.", "S1-17", "Where nothing is chosen there is nothing to import, which is no failure.", Severity.NOTICE)
RULES = (LEFT_OUT, NOTHING)


def filters_of(rules: RuleSet) -> list[Filter]:
    """The filters among a rule set's options."""
    return [option for option in rules.options if isinstance(option, Filter)]


def known_filters(rules: RuleSet, settings: Mapping[str, str]) -> None:
    """Raise CannotRun where a filter's value cannot be one, or the range ends before it begins (S1-3)."""
    ends: dict[str, dict[str, dt.date]] = {}
    for filter in _set(rules, settings):
        if filter.keeps in ("from", "to"):
            ends.setdefault(filter.field, {})[filter.keeps] = _day(filter, settings[filter.name])
        elif filter.keeps == "among" and not _values(settings[filter.name]):
            raise CannotRun(f"The setting {filter.name} names nothing. Give one value or several with commas between them.")
    for given in ends.values():
        if len(given) == 2 and given["from"] > given["to"]:
            raise CannotRun(f"The range of dates ends on {show_date(given['to'])}, before it begins on {show_date(given['from'])}. Exchange them.")


def choose(documents: Typed, rules: RuleSet, settings: Mapping[str, str]) -> tuple[np.ndarray, list[Finding]]:
    """(documents,) bool: those that all filters keep, and a notice for each filter that left some out.

    `documents`: one typed row a document, in order. A field that is blank where that decides nothing, or was not understood, keeps its document.
    """
    keep = np.ones(len(documents.rows), bool)
    told: list[Finding] = []
    used: list[str] = []
    for filter in _active(rules, settings):
        if filter.field not in documents.rows:
            continue
        kept = _kept(filter, documents, settings)
        used += [filter.name] if (keep & ~kept).any() else []
        told += _about(filter, int((keep & ~kept).sum()), rules, settings)
        told += _unmet(filter, documents, settings)
        keep &= kept
    if len(keep) and not keep.any():
        told.append(Finding(NOTHING, facts={"settings": f"the setting {used[0]} leaves out" if len(used) == 1 else f"the settings {' and '.join(used)} leave out"}))
    return keep, told


def among_left_out(documents: pd.DataFrame, keep: np.ndarray, rules: RuleSet) -> list[Finding]:
    """The chosen documents whose key a document has that is left out: whatever the settings choose, a document stands once in a file (X-9)."""
    if (keys := rules.keys(documents)) is None:
        return []
    left, kept = keys.filter(pa.array(~keep)), keys.filter(pa.array(keep))
    at, rows = np.flatnonzero(places(kept, left) >= 0), documents.index[~keep]

    def facts(position: int, _: str) -> Mapping[str, object]:
        return {"rows": row_list(rows[pc.equal(left, kept[position]).fill_null(False).to_numpy(zero_copy_only=False)].tolist())}

    return [Finding(DUPLICATE, rules.key, at, facts)] if len(at) else []


def chosen(groups: Groups, columns: Columns, typed: Typed, keep: np.ndarray) -> tuple[Groups, Columns, Typed]:
    """The same with these documents alone; every position is moved to where its row stands now."""
    rows = keep[groups.invoice]
    place = np.cumsum(rows) - 1
    table = columns.table.only(rows)
    line = None if groups.line is None else groups.line[rows]
    of = None if groups.of is None else (np.cumsum(keep) - 1)[groups.of[rows]]
    places = None if groups.places is None else {name: place[at[keep]] for name, at in groups.places.items()}
    mask = pa.array(rows)
    moved = [kept if kept.at is None else replace(kept, at=place[kept.at]) for kept in (found.only(rows) for found in typed.findings)]
    fills = tuple(replace(fill, at=place[fill.at[rows[fill.at]]]) for fill in columns.fills)
    text = {name: array.filter(mask) for name, array in columns.text.items()}
    kinds = {name: kind[rows] for name, kind in columns.kinds.items()}
    unread = {name: its[rows] for name, its in typed.unread.items()}
    return (
        Groups(int(rows.sum()), of, line, places),
        replace(columns, table=table, text=text, kinds=kinds, fills=fills),
        Typed(typed.rows[rows], unread, tuple(_back(found, rows) for found in moved)),
    )


def _back(found: Finding, rows: np.ndarray) -> Finding:
    """A finding whose facts and fix know the old positions."""
    before = np.flatnonzero(rows)
    facts, fix = found.facts, found.fix
    if callable(facts):
        found = replace(found, facts=lambda at, value: facts(int(before[at]) if at >= 0 else at, value))
    return replace(found, fix=lambda at, value: fix(int(before[at]) if at >= 0 else at, value)) if fix else found


def _set(rules: RuleSet, settings: Mapping[str, str]) -> list[Filter]:
    return [filter for filter in filters_of(rules) if settings.get(filter.name)]


def _active(rules: RuleSet, settings: Mapping[str, str]) -> list[Filter]:
    """Filters with a value, and those that are on until all are asked for."""
    return [f for f in filters_of(rules) if (settings.get(f.name, f.choices[0]) != INCLUDE if f.choices else settings.get(f.name))]


def _kept(filter: Filter, documents: Typed, settings: Mapping[str, str]) -> np.ndarray:
    values = documents.rows[filter.field]
    unread = np.asarray(documents.unread.get(filter.field, np.zeros(len(values), bool)))
    array = pa.array(values, from_pandas=True)
    if filter.keeps == "blank":
        return np.asarray(pc.is_null(array), bool) & ~unread
    if filter.keeps == "not yes":
        return ~np.asarray(pc.fill_null(array, False), bool)
    if filter.keeps == "among":
        met = pc.is_in(_folded(documents, filter), pa.array(list(_values(settings[filter.name])), pa.large_string()))
        return np.asarray(met, bool) | unread
    day = pa.scalar(_day(filter, settings[filter.name]), pa.date32())
    within = pc.greater_equal(array, day) if filter.keeps == "from" else pc.less_equal(array, day)
    return np.asarray(pc.fill_null(within, True), bool)


def _folded(documents: Typed, filter: Filter) -> pa.Array:
    return pc.fill_null(pc.utf8_lower(text_array(documents.rows[filter.field])), "")


def _values(given: str) -> dict[str, str]:
    """Folded value -> the value as it was given.

    >>> _values("North, South,")
    {'north': 'North', 'south': 'South'}
    """
    return {value.strip().lower(): value.strip() for value in given.split(",") if value.strip()}


def _day(filter: Filter, value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError as error:
        raise CannotRun(f'The setting {filter.name} is "{value}", which is not a day. Write year, month and day: 2026-01-31.') from error


def _about(filter: Filter, count: int, rules: RuleSet, settings: Mapping[str, str]) -> list[Finding]:
    if not count:
        return []
    title = rules.fields[filter.field].title
    why = {
        "from": lambda: f"{title} is before {show_date(_day(filter, settings[filter.name]))}",
        "to": lambda: f"{title} is after {show_date(_day(filter, settings[filter.name]))}",
        "among": lambda: f"{title} is not {' or '.join(_values(settings[filter.name]).values())}",
        "blank": lambda: f"{title} is filled in (include them with {filter.name}={INCLUDE})",
        "not yes": lambda: f"{title} says yes (include them with {filter.name}={INCLUDE})",
    }[filter.keeps]()
    documents = plural(count, rules.document)
    return [Finding(LEFT_OUT, filter.field, facts={"documents": documents, "are": "is" if count == 1 else "are", "why": why})]


def _unmet(filter: Filter, documents: Typed, settings: Mapping[str, str]) -> list[Finding]:
    """Values that were asked for and stand nowhere."""
    if filter.keeps != "among":
        return []
    there = set(_folded(documents, filter).unique().to_pylist())
    missing = [quoted(value) for folded, value in _values(settings[filter.name]).items() if folded not in there]
    return [Finding(NOT_FOUND, filter.field, facts={"values": " or ".join(missing[:10])})] if missing else []
