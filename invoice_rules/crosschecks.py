"""Rules that look across a whole file: customers' names, near duplicates, demo data, dates far away (X-9, X-24, S3-29, S3-30)."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.checking import row_list
from invoice_rules.problems import Facts, Finding, Rule, Severity, quoted
from invoice_rules.results import Entity
from invoice_rules.stages import Columns, Typed
from invoice_rules.table import text_array
from invoice_rules.values import show_cell
from invoice_rules.values.columns import content, encoded, matches, repeats, spread

TWO_NAMES = Rule("two-names", "Customer {customer} is called {value} here and {other} on {rows}. One customer has one name in a file.", "S3-29", "One customer id has one name in a file, beyond case and spaces.")
NEAR_DUPLICATE = Rule("near-duplicate", "{number} looks like {other} on {rows}: same customer, same amount, dates {days} apart. Check that it is not entered twice.", "X-9", "Same customer and amount, near date, similar number: perhaps entered twice.", Severity.WARNING)
SAME_NUMBER = Rule("number-again", "Customer {customer} has invoice number {value} on {rows} too, under another invoice ID. Confirm that these are two invoices.", "S3-21", "A customer has each invoice number once; another id with the same number waits for a yes.", Severity.HOLD)
DEMO = Rule("demo-data", "{title} {value} looks like test or demo data, and these books are live.", "S3-30", "Rows that look like test data are told in live books.", Severity.WARNING)
FAR_DATE = Rule("far-date", "{title} {shown} is {how}. Check the year.", "X-24", "Dates over one year ahead or ten years back are told.", Severity.WARNING)
RULES = (TWO_NAMES, NEAR_DUPLICATE, SAME_NUMBER, DEMO, FAR_DATE)

NEAR_DAYS = 7
"""How far apart the dates of near duplicates may be, in days."""

_DEMO_WORDS = ("test", "demo", "sample", "dummy", "asdf", "qwerty", "foobar", "lorem")
_DEMO = rf"(?i)(?:^|[^a-z])(?:{'|'.join(_DEMO_WORDS)}|testing|asdfgh)(?:[^a-z]|$)|@example\.(?:com|org|net)\b"


def crosscheck(typed: Typed, columns: Columns, entity: Entity, today: dt.date, old: np.ndarray | None = None) -> list[Finding]:
    """All findings that need more than one row, or the entity. `old` marks rows that the store knows."""
    return [
        *_two_names(typed, columns),
        *near_duplicates(typed.rows, columns),
        *_numbers_again(typed.rows, columns, old),
        *(_demo(typed, columns) if entity.environment == "live" else []),
        *_far_dates(typed.rows, columns, today),
    ]


def folded(name: str) -> str:
    """A name without regard to case, spaces and forms of the same letters.

    >>> folded(" Miller  STUDIO") == folded("miller studio") == folded("MillerStudio")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


_LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "s": "5", "b": "8", "z": "2"})


def skeleton(number: str) -> str:
    """A number by its looks: without signs and leading zeros, with O as 0, I and l as 1, S as 5, B as 8.

    >>> skeleton("INV-0O12") == skeleton("1NV 0012")
    True
    """
    letters = "".join(c for c in folded(number) if c.isalnum()).translate(_LOOKALIKES)
    return letters.lstrip("0") or letters


def codes_of(array: pa.Array, form: Callable[[str], str] | None = None) -> np.ndarray:
    """(rows,) int64: equal values have equal codes, -1 for null; `form` says by what form values are compared."""
    distinct = encoded(array)
    rows = pc.fill_null(distinct.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    if form is None:
        return rows
    forms = pd.factorize(np.array([form(value) for value in distinct.dictionary.to_pylist()], dtype=object))[0]
    return np.where(rows < 0, -1, forms[rows] if len(forms) else -1)


def _two_names(typed: Typed, columns: Columns) -> list[Finding]:
    customer, name = columns.rules.role("customer"), columns.rules.role("customer_name")
    if customer == columns.rules.key or not {customer, name} <= set(typed.rows.columns):
        return []
    ids = codes_of(text_array(typed.rows[customer]))
    names = codes_of(text_array(typed.rows[name]), folded)
    both = (ids >= 0) & (names >= 0)
    if not both.any():
        return []
    least, most = np.full(ids.max() + 1, np.iinfo(np.int64).max), np.full(ids.max() + 1, -1)
    np.minimum.at(least, ids[both], names[both])
    np.maximum.at(most, ids[both], names[both])
    wrong = np.flatnonzero(both & (least[ids] != most[ids]))
    if not len(wrong):
        return []

    def facts(at: int, _: str) -> Mapping[str, object]:
        other = next(int(o) for o in wrong if ids[o] == ids[at] and names[o] != names[at])
        shown_name = quoted(typed.rows[name].iat[other])
        return {"customer": typed.rows[customer].iat[at], "other": shown_name, "rows": row_list([columns.number(other)])}

    return [Finding(TWO_NAMES, name, wrong, facts)]


def near_duplicates(rows: pd.DataFrame, columns: Columns) -> list[Finding]:
    """Rows that look like another row entered again: same customer and amount, similar number, dates within a week (X-9)."""
    names = [columns.rules.role(role) for role in ("customer", "amount", "number", "date")]
    if not set(names) <= set(rows.columns) or columns.rules.key not in rows:
        return []
    customer, amount, number, date = names
    same = _same(rows, customer, amount)
    group = _groups(rows, same, [*names, columns.rules.key])
    if group is None:
        return []
    looks = codes_of(text_array(rows[number].iloc[group]), skeleton)
    days = pc.fill_null(pa.array(rows[date], from_pandas=True).cast(pa.int32()), -1).to_numpy(zero_copy_only=False)[group]
    kept = (looks >= 0) & rows[date].notna().to_numpy()[group]
    group, looks, days = group[kept], looks[kept], days[kept]
    other = _nearest(codes_of(text_array(rows[columns.rules.key]))[group], days, [looks, *(its[group] for its in same)])
    if not (other >= 0).any():
        return []
    partner = dict(zip(group[other >= 0].tolist(), group[other[other >= 0]].tolist(), strict=True))

    def facts(at: int, _: str) -> Mapping[str, object]:
        other = partner[at]
        apart = abs((rows[date].iat[at] - rows[date].iat[other]).days)
        days_apart = "0 days" if not apart else f"{apart} day{'s' if apart > 1 else ''}"
        return {"number": rows[number].iat[at], "other": rows[number].iat[other], "rows": row_list([columns.number(other)]), "days": days_apart}

    return [Finding(NEAR_DUPLICATE, number, np.array(sorted(partner), dtype=np.int64), facts)]


def _same(rows: pd.DataFrame, customer: str, amount: str) -> list[np.ndarray]:
    """Codes of customer, amount and currency, a row each."""
    cents = pc.fill_null(pa.array(rows[amount], from_pandas=True), -1).to_numpy(zero_copy_only=False)
    return [codes_of(text_array(rows[customer])), np.asarray(cents), codes_of(text_array(rows["currency"]))]


def _groups(rows: pd.DataFrame, same: list[np.ndarray], filled: list[str]) -> np.ndarray | None:
    """Positions of rows that share customer, amount and currency with another row: the only candidates, usually few."""
    ids, cents, currencies = same
    mark = pd.util.hash_array(ids * 1_000 + currencies) ^ (cents.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    twice = pd.Series(mark).duplicated(keep=False).to_numpy() & (ids >= 0) & (currencies >= 0)
    for name in filled if twice.any() else ():
        twice &= rows[name].notna().to_numpy()
    return np.flatnonzero(twice) if twice.any() else None


def _nearest(keys: np.ndarray, days: np.ndarray, same: list[np.ndarray]) -> np.ndarray:
    """(rows,) the position of a row with another key, equal in all of `same` and dated at most a week apart; -1 where there is none."""
    order = np.lexsort((keys, days, *same))
    partner = np.full(len(keys), -1)
    for line in (order, order[::-1]):
        runs = np.flatnonzero(np.r_[True, keys[line][1:] != keys[line][:-1]]) if len(line) else line
        before = np.repeat(np.r_[-1, runs[1:] - 1], np.diff(np.r_[runs, len(line)])) if len(line) else line
        other = line[before]
        near = (before >= 0) & (abs(days[line] - days[other]) <= NEAR_DAYS)
        for its in same:
            near &= its[line] == its[other]
        partner[line[near]] = other[near]
    return partner


def _numbers_again(rows: pd.DataFrame, columns: Columns, old: np.ndarray | None) -> list[Finding]:
    """The same customer and number under two ids in one file (S3-21); an id that is on file was settled when it came."""
    customer, number, key = columns.rules.role("customer"), columns.rules.role("number"), columns.rules.key
    if key == number or not {customer, number, key} <= set(rows.columns):
        return []
    ids, numbers, keys = (codes_of(text_array(rows[name])) for name in (customer, number, key))
    pair = np.where((ids >= 0) & (numbers >= 0) & (keys >= 0), ids * (numbers.max(initial=0) + 1) + numbers, -1)
    again = pd.Series(pair).duplicated(keep=False).to_numpy() & (pair >= 0)
    if not again.any():
        return []
    at = np.flatnonzero(again)
    by_pair: dict[int, list[int]] = {}
    for position in at:
        by_pair.setdefault(int(pair[position]), []).append(int(position))
    other = {p: o for group in by_pair.values() for p in group for o in group[::-1] if keys[o] != keys[p] and (old is None or not old[p])}
    wrong = np.array(sorted(other), dtype=np.int64)

    def facts(position: int, _: str) -> Mapping[str, object]:
        return {"customer": rows[customer].iat[position], "rows": row_list([columns.number(other[position])])}

    return [Finding(SAME_NUMBER, number, wrong, facts)] if len(wrong) else []


def _demo(typed: Typed, columns: Columns) -> list[Finding]:
    """Cells that look like demo data; those that were not understood are told for that alone (X-4)."""
    found = []
    for name in columns.rules.demo:
        if name in columns.text and _may_be_demo(columns.text[name]):
            (looks,) = spread(columns.text[name], lambda distinct: [matches(distinct, _DEMO)])
            found.append(Finding(DEMO, name, np.flatnonzero(looks & ~typed.unread[name] if name in typed.unread else looks)))
    return found


def _may_be_demo(array: pa.Array) -> bool:
    """Whether any of the words stands anywhere in the column: by the letters that it has at all, then by its bytes."""
    held = (content(encoded(array).dictionary if repeats(array) else array) | 0x20).tobytes()
    words = (*_DEMO_WORDS, "example")
    letters = {letter for letter in "".join(words) if letter.encode() in held}
    return any(word.encode() in held for word in words if letters.issuperset(word))


def _far_dates(rows: pd.DataFrame, columns: Columns, today: dt.date) -> list[Finding]:
    """Dates over one year ahead or ten years back (X-24)."""
    found = []
    late, early = _years(today, 1), _years(today, -10)
    for name, field in columns.rules.fields.items():
        if field.kind == "date" and name in rows:
            dates = pa.array(rows[name], from_pandas=True)
            far = pc.or_(pc.greater(dates, pa.scalar(late, pa.date32())), pc.less(dates, pa.scalar(early, pa.date32())))
            at = np.flatnonzero(pc.fill_null(far, False).to_numpy(zero_copy_only=False))
            found.append(Finding(FAR_DATE, name, at, _far_facts(rows, name, today)))
    return found


def _far_facts(rows: pd.DataFrame, name: str, today: dt.date) -> Facts:
    def facts(at: int, _: str) -> Mapping[str, object]:
        return {"shown": show_cell(rows, name, at), "how": "more than a year ahead" if rows[name].iat[at] > today else "more than ten years back"}

    return facts


def _years(date: dt.date, years: int) -> dt.date:
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return date.replace(year=date.year + years, day=28)
