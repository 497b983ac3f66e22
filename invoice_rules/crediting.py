"""What lowers or stays out of receivables: the sign of credits (S0-30), and types that a setting replaces (S0-16)."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.columns import Columns, Typed
from invoice_rules.fields import STATUS, RuleSet
from invoice_rules.grouping import Groups
from invoice_rules.problems import Facts, Finding, Rule, Severity, plural, quoted
from invoice_rules.stages import fill, officially
from invoice_rules.table import text_series
from invoice_rules.values import blank, clean, show_money
from invoice_rules.values.columns import SPACES
from invoice_rules.values.numbers import raw_values

REPLACED = Rule(
    "type-replaced",
    "{title} is {old} in the file, and the setting makes it {new}. {effect} Confirm that this is meant, or take the setting back.",
    "S0-16",
    "A setting that replaces a type which lowers receivables, or stays out of them, waits for a yes.",
    Severity.HOLD,
)
RULES = (REPLACED,)


def signed(rows: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """Credits with their amounts below zero, as books add them up (S0-30)."""
    name, values = rules.credit
    if name not in rows:
        return rows
    credit = rows[name].isin(list(values)).to_numpy(bool)
    amounts = [role for role in (rules.role("amount"), rules.role("balance")) if role in rows]
    return rows.assign(**{amount: rows[amount].where(~credit, -rows[amount].abs()) for amount in amounts}) if credit.any() else rows


def replaced_types(documents: Typed, columns: Columns, groups: Groups) -> list[Finding]:
    """Documents whose guarded type a setting replaces by another, with what that does to receivables (S0-16)."""
    rules, (name, _) = columns.rules, columns.rules.credit
    place = columns.mapping.fields.get(name)
    if not rules.guarded or place is None or name not in columns.set_fields or name not in documents.rows:
        return []
    cells = officially(clean(columns.table.column(place), SPACES + rules.around), rules.fields[name].choices)
    was = text_series(cells.take(pa.array(groups.first_filled(~blank(cells)))), documents.rows.index)
    now = documents.rows[name]
    at = np.flatnonzero((was.isin(list(rules.guarded)) & now.notna() & (was != now)).to_numpy(bool))
    if not len(at):
        return []
    return [Finding(REPLACED, name, at, _effects(documents, was, at, rules))]


def _effects(documents: Typed, was: pd.Series, at: np.ndarray, rules: RuleSet) -> Facts:
    """What fills the message: both types, and the change of receivables by this document and by all of them."""
    rows, now = documents.rows, documents.rows[rules.credit[0]]
    (before, known), (after, as_well) = (_receivable(documents, types, rules) for types in (was, now))
    change, known, codes = after - before, known & as_well & rows["currency"].notna().to_numpy(), rows["currency"]
    sums: dict[str, int] = {}
    for position in at[known[at]].tolist():
        sums[codes.iat[position]] = sums.get(codes.iat[position], 0) + int(change[position])
    together = f" ({plural(len(at), rules.document)} together: {' and '.join(_moves(total, code) for code, total in sums.items())})" if len(at) > 1 and sums else ""

    def facts(position: int, _: str) -> Mapping[str, object]:
        moved = _moves(int(change[position]), codes.iat[position]) if known[position] else "change by an amount that is not known yet"
        return {"old": quoted(was.iat[position]), "new": quoted(now.iat[position]), "effect": f"Open receivables {moved}{together}."}

    return facts


def _receivable(documents: Typed, types: pd.Series, rules: RuleSet) -> tuple[np.ndarray, np.ndarray]:
    """(amounts, known): what each document counts in receivables if its types are these, in minor units."""
    judged = fill(replace(documents, rows=documents.rows.assign(**{rules.credit[0]: types})), rules).rows
    balance = rules.role("balance") or rules.role("amount")
    if STATUS not in judged or balance not in judged:
        return np.zeros(len(judged), np.int64), np.zeros(len(judged), bool)
    amounts, known = raw_values(signed(judged, rules)[balance])
    return np.where(judged[STATUS].isin(list(rules.receivable)), amounts, 0), known & judged[STATUS].notna().to_numpy()


def _moves(change: int, currency: str) -> str:
    """`rise by USD 60.00`, `fall by …`, `stay as they are`."""
    if not change:
        return "stay as they are"
    return f"{'rise' if change > 0 else 'fall'} by {currency} {show_money(abs(change), currency)}"
