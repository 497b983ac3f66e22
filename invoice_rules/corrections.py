"""Corrections of a sender's cells: safe fixes applied in bulk, saved and replayed, each told with its count (X-5, X-14)."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.columns import Columns
from invoice_rules.fields import RuleSet
from invoice_rules.problems import Fill, Finding, Rule, Severity, plural, quoted
from invoice_rules.results import Corrections, Report

CORRECTED = Rule("corrected", "{title} {typed} was read as {fixed} in {cells}.", "X-14", "Each correction that was applied is told with its count.", Severity.NOTICE)
RULES = (CORRECTED,)


def correct(columns: Columns, corrections: Corrections) -> Columns:
    """The columns with the corrections' replacements, each of what the file says; a notice and a fill for each that was used."""
    typed_in = columns.text
    for (name, typed), fixed in corrections.values.items():
        if name not in columns.text:
            continue
        hit = pc.equal(typed_in[name], typed)
        at = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
        if len(at):
            columns = _replaced(columns, name, hit, at, typed, fixed)
    return columns


def _replaced(columns: Columns, name: str, hit: pa.Array, at: np.ndarray, typed: str, fixed: str) -> Columns:
    told = Finding(CORRECTED, name, facts={"typed": quoted(typed), "fixed": quoted(fixed), "cells": plural(len(at), "cell")})
    text = pc.if_else(hit, pa.scalar(fixed, pa.large_string()), columns.text[name])
    fill = Fill(name, "correction", at, fixed, len(at))
    return replace(columns, text={**columns.text, name: text}, fills=(*columns.fills, fill), findings=(*columns.findings, told))


def safe_fixes(report: Report) -> dict[tuple[str, str], str]:
    """(field, cell text) -> its safe fix, over all problems of a report."""
    fixes: dict[tuple[str, str], str] = {}
    for found in report.problems.findings:
        if found.fix is None or found.at is None:
            continue
        for at in found.at.tolist():
            fix = found.fix(at, "")
            if fix is not None and fix.safe:
                fixes[found.field, report.problems.trimmed(at, found.field)] = fix.value
    return fixes


def passing(corrections: Corrections, rules: RuleSet) -> list[str]:
    """The amounts, dates and invoice keys among the fields that these corrections change: those are put right in each file and never saved (X-14)."""
    named = {*(name for name, _ in corrections.values), *corrections.settings}
    return [name for name, field in rules.fields.items() if name in named and (name == rules.key or field.kind in ("money", "date"))]


def lasting(corrections: Corrections, rules: RuleSet) -> Corrections:
    """What of it may be replayed on a sender's next file: all but amounts, dates and invoice keys (X-14)."""
    gone = passing(corrections, rules)
    kept = {key: fixed for key, fixed in corrections.values.items() if key[0] not in gone}
    return replace(corrections, values=kept, settings={name: value for name, value in corrections.settings.items() if name not in gone})


def merged(saved: Corrections, fixes: Mapping[tuple[str, str], str], settings: Mapping[str, str], rules: RuleSet) -> Corrections:
    """A sender's saved corrections with new ones added, as the next version."""
    columns = {name: value for name, value in settings.items() if name.endswith((".order", ".decimal"))}
    both = replace(saved, values={**saved.values, **fixes}, settings={**saved.settings, **columns}, version=saved.version + 1)
    return lasting(both, rules)
