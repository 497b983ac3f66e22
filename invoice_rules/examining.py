"""`examine()`: the one place that knows the order of the stages. The same for every front end (X-1)."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from invoice_rules.checking import check
from invoice_rules.comparing import compare, known_rows, new_customers
from invoice_rules.corrections import correct, safe_fixes
from invoice_rules.crosschecks import crosscheck
from invoice_rules.errors import CannotRun
from invoice_rules.fields import UNMAPPED, RuleSet
from invoice_rules.mapping import match
from invoice_rules.problems import Finding, Problems, Rule, Severity, plural
from invoice_rules.reading import read
from invoice_rules.results import Context, Corrections, Entity, Expected, Known, Report
from invoice_rules.results import Mapping as ColumnMapping
from invoice_rules.rulesets import rule_set
from invoice_rules.stages import Columns, arrange, fill, parse, slots
from invoice_rules.table import OUR_HEADINGS, Table
from invoice_rules.totals import check_totals, declared_in, sums_of
from invoice_rules.values import DATE_ORDERS, is_currency
from invoice_rules.values.columns import remembered

MISSING_COLUMN = Rule("missing-column", 'The saved mapping feeds {title} from the column "{heading}", which this file does not have. Rename the column, or map it anew.', "S3-17", "A column of the saved mapping is in the file.")
UNUSED = Rule("unused-columns", "{columns} not used: {names}.", "S3-17", "Columns that feed no field are named.", Severity.NOTICE)
GUESSED = Rule("guessed-column", '{title} is read from the column "{heading}": {why}. Check that this is right.', "X-13", "A column matched by similarity is shown as a guess.", Severity.WARNING)
HIDDEN = Rule("hidden-rows", "{rows} hidden in the sheet and checked like the others. To leave them out, choose visible rows only.", "X-23", "Hidden rows are checked and counted apart.", Severity.NOTICE)
RULES = (MISSING_COLUMN, UNUSED, GUESSED, HIDDEN)


def examine(
    source: Any,
    rules: RuleSet | str,
    mapping: ColumnMapping | None = None,
    settings: Mapping[str, str] | None = None,
    context: Context | None = None,
    *,
    corrections: Corrections | None = None,
    expected: Expected | None = None,
    sender: str = "",
    today: dt.date | None = None,
    apply_fixes: bool = False,
) -> Report:
    """Check a file, a frame or a `Table` against a rule set; nothing is written anywhere (X-6).

    `settings`: field -> value or '{other field}'; 'field.order' and 'field.decimal' for a whole column; 'currency'; 'rows' =
    'visible'; options of the rule set. `context`: what a store knows. `apply_fixes` applies all safe fixes (X-5) and says so.
    Raises CannotRun for a file that cannot be read, and for settings that do not exist.
    """
    rules = rule_set(rules)
    table = source if isinstance(source, Table) else read(source, rules=rules)
    corrections = corrections or Corrections()
    mapping = mapping or match(table.headings, rules, table)
    chosen = {**mapping.settings, **corrections.settings, **(settings or {})}
    known_settings(chosen, rules)
    today = today or dt.date.today()
    work = _Work(table, rules, mapping, chosen, context, corrections, expected or declared_in(table), sender, today)
    report = _examined(work)
    if apply_fixes and (fixes := safe_fixes(report)):
        both = replace(corrections, values={**corrections.values, **fixes})
        report = _examined(replace(work, corrections=both))
    return report


@dataclasses.dataclass(frozen=True)
class _Work:
    """Everything that one examination was asked for."""

    table: Table
    rules: RuleSet
    mapping: ColumnMapping
    settings: Mapping[str, str]
    context: Context | None
    corrections: Corrections
    expected: Expected
    sender: str
    today: dt.date


def _examined(work: _Work) -> Report:
    with remembered():
        return _examined_once(work)


def _examined_once(work: _Work) -> Report:
    rules, context = work.rules, work.context
    entity = context.entity if context else Entity()
    table = _visible(work.table) if work.settings.get("rows") == "visible" else work.table
    columns = correct(arrange(table, rules, work.mapping, work.settings), work.corrections)
    currency = (work.settings.get("currency") or entity.currency or rules.currency).upper()
    typed = fill(parse(columns, work.settings, currency), rules)
    known = known_rows(typed, rules, context) if context else None
    old = _old(known, len(table))
    findings = [*table.findings, *_about_columns(columns, work.settings), *typed.findings]
    findings += check(typed, columns, work.settings, old)
    findings += crosscheck(typed, columns, entity, work.today, old)
    if context and known is not None:
        findings += compare(typed, columns, known, context, work.settings)
    invoice = np.arange(len(table))
    sums = sums_of(typed, columns, invoice)
    findings += check_totals(typed, columns, work.expected, len(table), sums, work.settings)
    return Report(
        table=table,
        rules=rules,
        mapping=work.mapping,
        rows=typed.rows,
        invoice=invoice,
        problems=Problems(_told_once(_whole_rows(findings, len(table))), columns),
        settings=work.settings,
        entity=entity,
        sender=work.sender,
        fills=columns.fills,
        known=known,
        expected=work.expected,
        corrections=work.corrections,
        new_customers=new_customers(typed.rows, rules, context) if context else None,
    )


def _old(known: Known | None, rows: int) -> np.ndarray | None:
    if known is None:
        return None
    old = np.zeros(rows, bool)
    old[known.at] = True
    return old


def _whole_rows(findings: list[Finding], rows: int) -> list[Finding]:
    """A row with too many or too few cells has that one problem: its other cells may not be where they belong (X-22)."""
    broken = [found for found in findings if found.rule.id == "cells" and found.at is not None]
    if not broken:
        return findings
    sound = np.ones(rows, bool)
    for found in broken:
        sound[found.at] = False
    return [found if found.rule.id == "cells" else found.only(sound) for found in findings]


def _told_once(findings: list[Finding]) -> list[Finding]:
    """A cell breaks a rule once, be it by another row of the file or by what is on file (X-4, S3-21)."""
    told: dict[tuple[str, str], np.ndarray] = {}
    kept = []
    for found in findings:
        key = (found.rule.id, found.field)
        if found.at is not None and key in told:
            found = replace(found, at=found.at[~np.isin(found.at, told[key])])
        if found.at is not None:
            told[key] = np.concatenate([told[key], found.at]) if key in told else found.at
        kept.append(found)
    return kept


def _about_columns(columns: Columns, settings: Mapping[str, str]) -> list[Finding]:
    """Fields without a column, guesses, unused columns, hidden rows: each told once (S3-17, X-13, X-23)."""
    mapping, table = columns.mapping, columns.table
    found = [_missing(columns, name) for name in columns.rules.required if name not in columns.text]
    for name, matched in mapping.matches.items():
        if matched.how == "similar" and matched.column is not None and name not in settings:
            found.append(Finding(GUESSED, name, facts={"heading": matched.heading, "why": matched.why}))
    if unused := [heading or "(no heading)" for heading in map(table.headings.__getitem__, mapping.unused) if heading not in OUR_HEADINGS]:
        names = ", ".join(unused[:12]) + (f" and {len(unused) - 12} more" if len(unused) > 12 else "")
        found.append(Finding(UNUSED, facts={"columns": f"{plural(len(unused), 'column')} {'is' if len(unused) == 1 else 'are'}", "names": names}))
    if table.hidden is not None and (count := int(table.hidden.sum())):
        found.append(Finding(HIDDEN, facts={"rows": f"{plural(count, 'row')} {'is' if count == 1 else 'are'}"}))
    return found


def _missing(columns: Columns, name: str) -> Finding:
    matched = columns.mapping.matches.get(name)
    if matched and matched.how == "saved" and matched.heading:
        return Finding(MISSING_COLUMN, name, facts={"heading": matched.heading})
    return Finding(UNMAPPED, name)


def _visible(table: Table) -> Table:
    """The table without the rows that a filter hides (X-23)."""
    if table.hidden is None or not table.hidden.any():
        return table
    keep = ~table.hidden
    if not keep.any():
        raise CannotRun(f"All rows of {table.origin.name} are hidden. Show those that are meant, or take all rows.")
    place = np.cumsum(keep) - 1
    findings = [found.only(keep) for found in table.findings]
    moved = tuple(found if found.at is None else replace(found, at=place[found.at]) for found in findings)
    kinds = {column: kind[keep] for column, kind in table.kinds.items()}
    return replace(table, frame=table.frame[keep], kinds=kinds, hidden=None, findings=moved)


def known_settings(settings: Mapping[str, str], rules: RuleSet) -> None:
    """Raise CannotRun for settings that mean nothing, naming those that there are."""
    options = {option.name: option.choices for option in rules.options} | {"rows": ("all", "visible")}
    for name, value in settings.items():
        field, _, part = name.partition(".")
        if name == "currency" and not is_currency(value):
            raise CannotRun(f'"{value}" is not the code of a currency. Write a code of three letters, such as USD.')
        if name in rules.fields:
            _known_fields(name, value, rules)
        if name == "currency" or name in rules.fields:
            continue
        choices = options.get(name) or {"order": tuple(DATE_ORDERS), "decimal": ("point", "comma")}.get(part if field in rules.fields else "")
        if choices is None:
            known = ", ".join([*rules.fields, *options, "field.order", "field.decimal", "currency"])
            raise CannotRun(f'There is no setting "{name}" for {rules.title}. There are: {known}.')
        if value not in choices:
            raise CannotRun(f'The setting {name} cannot be "{value}". Choose {" or ".join(choices)}.')


def _known_fields(name: str, value: str, rules: RuleSet) -> None:
    """Refuse braces around anything but a field: a slip of the pen would make every cell blank."""
    for slot in slots(value):
        if slot not in rules.fields:
            raise CannotRun(f'The setting {name} is "{value}", and {rules.title} has no field "{slot}". Its fields are: {", ".join(rules.fields)}.')
