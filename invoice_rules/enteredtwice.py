"""Invoices that look like another one entered again, in the file or on file (X-9)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.alike import candidates, folded, forms_of, only_where, row_list
from invoice_rules.columns import Columns
from invoice_rules.fields import RuleSet
from invoice_rules.problems import Finding, Rule, Severity, plural
from invoice_rules.results import Context
from invoice_rules.table import TEXT, text_array
from invoice_rules.values.columns import codes_of, places

NEAR_DUPLICATE = Rule("near-duplicate", "{number} looks like {other} on {rows}: same customer, same amount, dates {days} apart. Check that it is not entered twice.", "X-9", "Same customer and amount, near date, similar number: perhaps entered twice.", Severity.WARNING)
RULES = (NEAR_DUPLICATE,)

NEAR_DAYS = 7
"""How far apart the dates of near duplicates may be, in days."""

_LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "s": "5", "b": "8", "z": "2"})


def skeleton(number: str) -> str:
    """A number by its looks: without signs and leading zeros, with O as 0, I and l as 1, S as 5, B as 8.

    >>> skeleton("INV-0O12") == skeleton("1NV 0012")
    True
    """
    letters = "".join(c for c in folded(number) if c.isalnum()).translate(_LOOKALIKES)
    return letters.lstrip("0") or letters


def near_in_file(rows: pd.DataFrame, columns: Columns) -> list[Finding]:
    """Rows that look like another row entered again: same customer and amount, similar number, dates within a week."""
    names, key = _names(columns.rules), columns.rules.key
    if not {*names, key} <= set(rows.columns):
        return []
    customer, amount, number, date = names
    group = candidates(rows, [customer, amount, "currency"], [number, date, key])
    if not len(group):
        return []
    here = rows[list(dict.fromkeys([customer, amount, "currency", number, date, key]))].iloc[group]
    looks = forms_of(text_array(here[number]), skeleton)
    days = np.asarray(pa.array(here[date], from_pandas=True).cast(pa.int32()))
    same = [looks, codes_of(text_array(here[customer])), np.asarray(here[amount], np.int64), codes_of(text_array(here["currency"]))]
    other = _nearest(codes_of(text_array(here[key])), days, same)
    if not (other >= 0).any():
        return []
    at = group[other >= 0]
    partner = dict(zip(at.tolist(), group[other[other >= 0]].tolist(), strict=True))
    numbers, dates = rows[number], rows[date]

    def facts(at: int, _: str) -> Mapping[str, object]:
        other = partner[at]
        apart = abs((dates.iat[at] - dates.iat[other]).days)
        return {"number": numbers.iat[at], "other": numbers.iat[other], "rows": row_list([columns.number(other)]), "days": plural(apart, "day"), "partner": other}

    return [Finding(NEAR_DUPLICATE, number, at, facts)]


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


def near_on_file(rows: pd.DataFrame, columns: Columns, new: np.ndarray, context: Context) -> list[Finding]:
    """Rows that are `new` to the store and look like an invoice there; credits (below zero) look like credits."""
    names = _names(columns.rules)
    if not {*names, columns.rules.key} <= set(rows.columns):
        return []
    among = new.copy()
    for name in (*names, columns.rules.key):
        among &= rows[name].notna().to_numpy()
    customer, amount, number, date = names
    if not among.any():
        return []
    stored = context.same_amount(columns.rules, only_where(rows[customer], among), only_where(rows[amount], among))
    if not len(stored):
        return []
    for name, there in ((amount, "amount"), (customer, "customer")):
        among &= _met(rows[name], stored[there])
    at = np.flatnonzero(among)
    here = rows[[customer, amount, "currency", number, date]].iloc[at].set_axis(_LIKE, axis=1)
    near = _nearest_stored(here, stored)
    partner = {int(at[one.at]): (one.number, int(abs(one.day - one.day_there))) for one in near.itertuples()}
    numbers = rows[number]

    def facts(at: int, _: str) -> Mapping[str, object]:
        other, days = partner[at]
        return {"number": numbers.iat[at], "other": other, "rows": "file already", "days": plural(days, "day")}

    return [Finding(NEAR_DUPLICATE, number, np.array(sorted(partner), np.int64), facts)]


_LIKE = ["customer", "amount", "currency", "number", "date"]


def _names(rules: RuleSet) -> list[str]:
    return [rules.role(role) for role in ("customer", "amount", "number", "date")]


def _met(values: pd.Series, others: pd.Series) -> np.ndarray:
    """(rows,) bool: values that stand among the others."""
    there = pa.array(others, from_pandas=True)
    return places(pa.array(values, from_pandas=True).cast(there.type), there) >= 0


def _nearest_stored(here: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """For each row (`at`: its place) the stored invoice that agrees with it and is nearest in time, if it is within a week: columns at, day, number, day_there."""
    both = pd.concat([here.astype({"amount": np.int64}), stored[_LIKE].dropna().astype({"amount": np.int64})], ignore_index=True)
    both["day"] = np.asarray(pa.array(both["date"], from_pandas=True).cast(pa.date32()).cast(pa.int32()), np.int64)
    both["looks"] = forms_of(text_array(both["number"].astype(TEXT)), skeleton)
    both["like"] = both.groupby(["customer", "amount", "currency", "looks"], sort=False).ngroup()
    both["at"], both["day_there"] = np.arange(len(both)), both["day"]
    asked, there = both[: len(here)], both[len(here) :]
    pairs = pd.merge_asof(
        asked[["at", "day", "like"]].sort_values("day", kind="stable"),
        there[["day", "like", "number", "day_there"]].sort_values("day", kind="stable"),
        on="day",
        by="like",
        direction="nearest",
        tolerance=NEAR_DAYS,
    )
    return pairs.dropna(subset=["number"])
