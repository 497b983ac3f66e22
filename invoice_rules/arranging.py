"""The first stage: one trimmed text column a field, from its column of the table or from a value for the whole file (X-11, S0-16)."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.columns import Columns
from invoice_rules.fields import RuleSet
from invoice_rules.problems import Fill, Finding, Rule, Severity, plural
from invoice_rules.results import Mapping as ColumnMapping
from invoice_rules.table import Table
from invoice_rules.values import clean
from invoice_rules.values.columns import SPACES

OVERWRITTEN = Rule("setting-overwrites", "The setting {setting} replaces what {cells} of {title} said.", "X-11", "A setting that replaces cells is told.", Severity.NOTICE)
RULES = (OVERWRITTEN,)

_SLOTS = re.compile(r"(\{\w+\})")


def arrange(table: Table, rules: RuleSet, mapping: ColumnMapping, settings: Mapping[str, str]) -> Columns:
    """One trimmed text column a field: its column of the table, or its setting, which wins (S0-16)."""
    text: dict[str, pa.Array] = {}
    kinds: dict[str, np.ndarray] = {}
    for name, column in mapping.fields.items():
        if column is not None:
            text[name] = clean(table.column(column), SPACES + rules.around)
            if column in table.kinds:
                kinds[name] = table.kinds[column]
    plain = Columns(table, rules, mapping, text, kinds)
    own = rules.role("currency") if "currency" in settings else ""  # the setting is for rows without a code of their own
    given = [(name, settings[name]) for name in rules.fields if name in settings and not (name == own and name in text)]
    for name, value in sorted(given, key=lambda item: (bool(rules.fields[item[0]].where), "{" in item[1])):
        plain = _set(plain, name, value)
    return plain


def _set(columns: Columns, name: str, value: str) -> Columns:
    """One field filled from a setting: a value, or text with other fields in braces."""
    before, rows = columns.text.get(name), len(columns.table)
    parts = list(filter(None, _SLOTS.split(value))) or [""]
    source = next((part[1:-1] for part in parts if part.startswith("{")), "")
    pieces = [columns.text.get(part[1:-1], _constant("", rows)) if part.startswith("{") else _constant(part, rows) for part in parts]
    filled = pieces[0] if len(pieces) == 1 else pc.binary_join_element_wise(*pieces, pa.scalar("", pa.large_string()))
    filled = filled if filled.type == pa.large_string() else filled.cast(pa.large_string())
    at = np.arange(rows)
    if where := columns.rules.fields[name].where:
        counts = _paid(columns.text[where]) if where in columns.text else np.zeros(rows, bool)
        filled = pc.if_else(pa.array(counts), filled, _constant("", rows) if before is None else before)
        at = np.flatnonzero(counts)
    lost = 0 if before is None else int(pc.sum(pc.and_(pc.not_equal(before, filled), pc.not_equal(before, ""))).as_py() or 0)
    kinds = {k: v for k, v in columns.kinds.items() if k != name}
    if len(parts) == 1 and source in columns.kinds:
        kinds[name] = columns.kinds[source]
    told = Finding(OVERWRITTEN, name, facts={"setting": f"{name}={value}", "cells": plural(lost, "cell")})
    return replace(
        columns,
        text={**columns.text, name: filled},
        kinds=kinds,
        fills=(*columns.fills, Fill(name, "setting", at, value, lost)),
        findings=(*columns.findings, *([told] if lost else [])),
    )


def _paid(amounts: pa.Array) -> np.ndarray:
    """(rows,) bool: amounts that are there and not 0, by their text."""
    return pc.match_substring_regex(amounts, "[1-9]").to_numpy(zero_copy_only=False)


def slots(value: str) -> list[str]:
    """The fields that a setting names in braces.

    >>> slots("INV-{invoiceNumber}")
    ['invoiceNumber']
    """
    return [piece[1:-1] for piece in _SLOTS.split(value) if _SLOTS.fullmatch(piece)]


def _constant(value: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.large_string()), rows)
