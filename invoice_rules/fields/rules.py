"""Rules over several fields of a row, and fields that are computed from others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Fix, Rule, Severity
from invoice_rules.table import text_series
from invoice_rules.values.currencies import decimals_of
from invoice_rules.values.numbers import NUMBER, SCALE, decimals_of_raw, products, raw_values, rounded

Holds = Callable[[pd.DataFrame], pd.Series]
"""Typed rows -> one boolean a row, True where a rule is kept."""

ON_FILE = "It depends on what is on file."
"""Why a sheet that somebody fills in cannot tell a rule."""


def first_of(conditions: Mapping[str, pd.Series], otherwise: str) -> pd.Series:
    """One word a row: that of the first condition that holds, else `otherwise`; unknown where any of the conditions is."""
    columns = [pa.array(condition, from_pandas=True) for condition in conditions.values()]
    rows = len(columns[0])
    chosen, unknown = np.full(rows, len(columns)), np.zeros(rows, bool)
    for place, column in reversed(list(enumerate(columns))):
        chosen[np.asarray(pc.fill_null(column, False), bool)] = place
        unknown |= np.asarray(pc.is_null(column), bool)
    words = pa.array([*conditions, otherwise], pa.large_string())
    return text_series(words.take(pa.array(chosen, mask=unknown)), next(iter(conditions.values())).index)


def given(rows: pd.DataFrame, name: str) -> pd.Series:
    """Whether a field holds something; no where the file does not have it."""
    return rows[name].notna() if name in rows else pd.Series(False, rows.index)


def rule(
    id: str, message: str, *fields: str, spec: str, says: str = "", severity: Severity = Severity.ERROR, creating: bool = False, also: tuple[str, ...] = (), fix: Fix | None = None,
    excel: str = "", because: str = "",
) -> Callable[[Holds], pandera.Check]:  # fmt: skip
    """Mark a function of the typed rows as a rule over these fields; the first is the one to blame.

    The function sees the columns it names and returns one boolean a row, True where the rule is kept. Rows in which one of the
    fields is blank or was not understood pass, as does a file without one of the columns (X-4). In the message, `{field}` is
    replaced by the row's value. `creating` rules look only at records that are new. `also` are columns that the function sees too and that may be blank. `fix` is a hint.

    `excel` is the rule as a formula of a sheet while somebody types, over the cells of one row: `{amountDue}<={amount}`; fields/live.py
    tells what may stand in it. `because` says why there is none, or what the formula does not see.
    """

    def decorate(holds: Holds) -> pandera.Check:
        declared = Rule(id, message, spec, says or (holds.__doc__ or "").strip(), severity)

        def answer(rows: pd.DataFrame) -> pd.Series:
            if not {*fields, *also} <= set(rows.columns):
                return pd.Series(np.ones(len(rows), bool), index=rows.index)
            passed = pa.array(holds(rows), from_pandas=True)
            passed = passed.combine_chunks() if isinstance(passed, pa.ChunkedArray) else passed
            kept = pc.fill_null(passed, True).to_numpy(zero_copy_only=False)
            for name in fields:
                nulls = rows[name].isna().to_numpy()
                kept = kept | nulls if nulls.any() else kept
            return pd.Series(kept, index=rows.index, copy=False)

        mend = None if fix is None else lambda _: fix
        statistics = {"rule": declared, "blames": fields[0], "fields": fields, "also": also, "creating": creating, "fix": mend, "excel": excel, "because": because}
        return pandera.Check(answer, name=id, error=id, ignore_na=False, n_failure_cases=1, statistics=statistics)

    return decorate


@dataclass(frozen=True, eq=False)
class Computed:
    """A field that is worked out from others where it is blank; a given value wins, and one that differs by more than a cent a line is told (X-25)."""

    fills: str
    fields: tuple[str, ...]
    function: Callable[[pd.DataFrame], pd.Series]
    statistics: Mapping[str, Rule]
    level: str = ""
    compared: bool = True
    excel: str = ""
    because: str = ""

    @property
    def of_lines(self) -> bool:
        """Whether it is worked out from lines alone."""
        return self.level == "line" or all(name.partition(".")[0] in ("sum", "min", "max", "count") for name in self.fields)


def computed(
    fills: str, *fields: str, spec: str, says: str = "", told: Severity = Severity.WARNING, level: str = "", compared: bool = True,
    excel: str = "", because: str = "",
) -> Callable[[Callable[[pd.DataFrame], pd.Series]], Computed]:  # fmt: skip
    """Mark a function of the typed rows as the way to work out a field from these others.

    It sees the columns it names (null where blank or not understood) and returns the field's typed values; null leaves the field blank. `fills`
    may be a name of its own that later rules and computed fields use, at this `level`. `told` is how far a given value that differs reaches;
    not `compared`, nothing is told. `excel` is the same sum as a sheet's formula over the cells of one row, `because` why there is none.
    """

    def mark(function: Callable[[pd.DataFrame], pd.Series]) -> Computed:
        words = says or (function.__doc__ or "").strip()
        rule = Rule("computed", "{title} is {shown}; worked out from the rest it would be {computed}. What the file says counts.", spec, words, told)
        return Computed(fills, fields, function, {"rule": rule}, level, compared, excel, because)

    return mark


def percent_of(amount: pd.Series, percent: pd.Series) -> pd.Series:
    """A percentage of amounts, in minor units, halves away from zero (X-25)."""
    return products(amount, percent, 100 * 10**SCALE)


def share_of(part: pd.Series, whole: pd.Series, decimals: int) -> pd.Series:
    """What an amount is of another, in per cent with so many decimals, halves away from zero; null where the other is 0."""
    (dividend, known), (divisor, above) = raw_values(part), raw_values(whole)
    known = known & above & (divisor > 0) & (np.abs(dividend) < 10**12)
    step = 10 ** (SCALE - decimals)
    made = rounded(dividend * 100 * 10**decimals, np.where(known, divisor, 1)) * step
    return pd.Series(pd.array(decimals_of_raw(np.where(known, made, 0), known), dtype=pd.ArrowDtype(NUMBER)), index=part.index)


def half_of_last_digit(values: pd.Series) -> pd.Series:
    """Half a unit of the last digit that each number has: 0.05 for 10.5, 0.5 for 10 (S2-17)."""
    raw, known = raw_values(values)
    unit = np.select([raw % 10**place == 0 for place in range(SCALE, 0, -1)], [10**place for place in range(SCALE, 0, -1)], 2)
    return pd.Series(pd.array(decimals_of_raw(unit // 2, known), dtype=pd.ArrowDtype(NUMBER)), index=values.index)


def priced(quantity: pd.Series, price: pd.Series, currency: pd.Series) -> pd.Series:
    """Quantity times price in minor units of each row's currency, halves away from zero (X-25)."""
    codes = currency.fillna("USD")
    distinct = {code: 10 ** (2 * SCALE - decimals_of(code)) for code in codes.unique()}
    divisor = next(iter(distinct.values())) if len(distinct) == 1 else codes.map(distinct).to_numpy(np.int64)
    return products(quantity, price, divisor)
