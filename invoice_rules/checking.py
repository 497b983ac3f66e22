"""The check stage: a rule set's Pandera schema over typed rows, its failures as findings on the user's cells."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pandera
from pandera.backends.pandas.components import ColumnBackend
from pandera.backends.pandas.container import DataFrameSchemaBackend
from pandera.errors import FailureCaseMetadata, SchemaError, SchemaErrors

from invoice_rules.alike import Twins
from invoice_rules.columns import Columns, Typed
from invoice_rules.fields import DUPLICATE, INNER, RuleSet, inner_content, strict_content
from invoice_rules.problems import Facts, Finding, plural, shortened
from invoice_rules.table import text_array
from invoice_rules.values import CellWriter


class _Masks:
    """Part of a backend: failures are taken from each check's mask, so that Pandera need not list their cases, a quarter of its time."""

    def failure_cases_metadata(self, schema_name: str, schema_errors: list[SchemaError]) -> FailureCaseMetadata:
        return FailureCaseMetadata(None, {"schema": schema_name}, {"failed": len(schema_errors)})


class _TableMasks(_Masks, DataFrameSchemaBackend):
    """A whole schema's backend."""


class _ColumnMasks(_Masks, ColumnBackend):
    """A column's backend."""


class Schema(pandera.DataFrameSchema):
    """A schema whose errors hold the masks of its checks and no cases."""


class _Column(pandera.Column):
    """The same for one column."""


Schema.register_backend(pd.DataFrame, _TableMasks)
_Column.register_backend(pd.DataFrame, _ColumnMasks)
_Column.register_backend(pd.Series, _ColumnMasks)


def check(typed: Typed, columns: Columns, settings: Mapping[str, str], old: np.ndarray | None = None, level: str = "header") -> list[Finding]:
    """All Pandera checks of one level of the rule set. `old` marks rows that the store knows, which rules for new records pass over."""
    schema = _schema(columns.rules, columns.rules.is_set("content", "strict", settings), level)
    return [_of_column(found, columns, typed.rows) for found in failures(schema, typed, columns, old)]


@cache
def _schema(rules: RuleSet, strict: bool, level: str) -> Schema:
    """The level's part of the rule set's schema, with the usual or the strict look at signs inside text (S3-5)."""
    look = strict_content if strict else inner_content
    judged = any(option.name == "content" for option in rules.options)
    columns = {}
    for name, column in rules.schema.columns.items():
        if (field := rules.fields[name]).level == level:
            more = [look] if judged and field.kind in ("text", "code") else []
            columns[name] = _Column(**{**column.properties, "checks": [*column.checks, *more]})
    return Schema(columns, checks=list(checks_at(rules, level)), name=rules.name)


@cache
def checks_at(rules: RuleSet, level: str) -> tuple[pandera.Check, ...]:
    """The rules over several fields that blame a field of this level."""
    return tuple(check for check in rules.schema.checks if _level(rules, _statistics(check)["blames"]) == level)


def _level(rules: RuleSet, name: str) -> str:
    return rules.fields[name].level if name in rules.fields else "header"


def _statistics(check: pandera.Check) -> Mapping[str, Any]:
    """What `rule()` declared about a check."""
    return check.statistics or {}


@cache
def needed(rules: RuleSet, level: str) -> tuple[str, ...]:
    """The columns that the rules at this level name, beside the fields of the level itself; those that may be blank are always there."""
    own = set(rules.at_level(level))
    declared = [_statistics(check) for check in checks_at(rules, level)]
    named = [name for its in declared for name in its["fields"] if name not in own]
    return tuple(dict.fromkeys([*named, *(name for its in declared for name in its["also"])]))


def failures(schema: Schema, typed: Typed, columns: Columns, old: np.ndarray | None = None) -> list[Finding]:
    """Run one schema: a finding for each failed check, without the cells that were not understood (X-4)."""
    try:
        schema.validate(typed.rows, lazy=True, inplace=True)
    except SchemaErrors as errors:
        found = [_failure(error, typed, columns, old) for error in errors.schema_errors]
        return [finding for finding in found if len(finding)]
    return []


def _failure(error: SchemaError, typed: Typed, columns: Columns, old: np.ndarray | None) -> Finding:
    """One failed check as a finding; a check that could not run is our own bug and is raised."""
    known = getattr(error.check, "statistics", None) or {}
    if error.check_output is None or "rule" not in known:
        raise error
    name = known.get("blames") or error.schema.name
    failed = ~np.asarray(error.check_output, dtype=bool)
    if known.get("creating") and old is not None:
        failed &= ~old
    for field in known.get("fields", (name,)):
        if field in typed.unread:
            failed &= ~typed.unread[field]
    mend = known.get("fix")
    fix = (lambda at, _: mend(columns.trimmed(at, name))) if mend else None
    return Finding(columns.rules.weighed(known["rule"]), name, np.flatnonzero(failed), _facts(known, typed.rows, columns, name), fix)


def _facts(known: Mapping, rows: pd.DataFrame, columns: Columns, name: str) -> Facts:
    """What fills a message: what the check says of the cell's text, or the row's values as people write them."""
    if known.get("facts"):
        return lambda at, _: known["facts"](columns.text[name][at].as_py())
    show = CellWriter(rows)
    return lambda at, _: {field: shortened(show(field, at)) for field in (*known.get("fields", (name,)), *known.get("also", ()))} | {"shown": show(name, at)}


def _of_column(found: Finding, columns: Columns, rows: pd.DataFrame) -> Finding:
    """Findings that look at the whole column: twins name each other, signs inside text are told once."""
    if found.rule == DUPLICATE:
        return Finding(found.rule, found.field, found.at, Twins(text_array(rows[found.field]), columns.number).facts)
    if found.rule == INNER:
        return Finding(found.rule, found.field, facts={"cells": plural(len(found), "cell")})
    return found
