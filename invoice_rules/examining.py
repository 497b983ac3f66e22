"""`examine()`: the one place that knows the order of the stages. The same for every front end (X-1)."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.arranging import arrange
from invoice_rules.chargeplans import of_sound, planned_charges
from invoice_rules.checking import check, needed
from invoice_rules.columns import Columns, Typed
from invoice_rules.comparing import another, compare, doubtful, kept_currencies, known_rows
from invoice_rules.corrections import correct, safe_fixes
from invoice_rules.crediting import replaced_types, signed
from invoice_rules.crosschecks import crosscheck
from invoice_rules.customers import new_customers
from invoice_rules.fields import RuleSet
from invoice_rules.filling import Filling, currency_codes
from invoice_rules.filtering import among_left_out, choose, chosen
from invoice_rules.grouping import Groups, about_groups, documents_of, group, in_lines_alone, lines_of, of_currency
from invoice_rules.linking import Sources
from invoice_rules.mapping import match, template_settings
from invoice_rules.problems import Finding, Problems
from invoice_rules.reading import read
from invoice_rules.reading.assembling import CELLS, misfits
from invoice_rules.results import Context, Corrections, Entity, Expected, Known, Report
from invoice_rules.results import Mapping as ColumnMapping
from invoice_rules.rulesets import rule_set
from invoice_rules.settings import currency_in, fitting, known_settings
from invoice_rules.stages import fill, parse
from invoice_rules.table import Table, text_series
from invoice_rules.totals import check_totals, declared_in, whole_file
from invoice_rules.values.columns import nulled_text, remembered
from invoice_rules.values.memory import give_back
from invoice_rules.wholefile import about_columns, edited, row_mode_first, shown_rows, visible, without_secrets


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
    whole = rule_set(rules)
    table = source if isinstance(source, Table) else read(source, rules=whole)
    corrections, given = corrections or Corrections(), settings or {}
    mapping = mapping or match(table.headings, whole.under({**template_settings(table, whole), **corrections.settings, **given}), table)
    kept = {**mapping.settings, **corrections.settings}
    rules = whole.under({**kept, **given})
    settings_here = {**fitting(kept, whole, rules), **given}
    known_settings(settings_here, rules)
    today = today or dt.date.today()
    work = _Work(table, whole, rules, mapping, settings_here, context, corrections, expected or declared_in(table), sender, today)
    report = _examined(work)
    if apply_fixes and (fixes := safe_fixes(report)):
        both = replace(corrections, values={**corrections.values, **fixes}, fixed=True)
        report = _examined(replace(work, corrections=both))
    return report


@dataclasses.dataclass(frozen=True)
class _Work:
    """Everything that one examination was asked for."""

    table: Table
    whole: RuleSet
    rules: RuleSet
    mapping: ColumnMapping
    settings: Mapping[str, str]
    context: Context | None
    corrections: Corrections
    expected: Expected
    sender: str
    today: dt.date


def _examined(work: _Work) -> Report:
    shown = shown_rows(work.table, work.settings)
    with remembered():
        if shown is None:
            return _examined_once(work)
        report = _examined_once(replace(work, table=visible(work.table, shown, group(_columns(work))[0].invoice)))
        hidden = _read(replace(work, table=work.table.only(~shown)))
        return replace(report, hidden=int((~shown).sum()), also_named=_joined(report.also_named, _keys(hidden, slice(None))))


@dataclasses.dataclass(frozen=True)
class _Read:
    """The documents and lines of a table, typed and filled in."""

    columns: Columns
    groups: Groups
    typed: Typed
    filling: Filling
    passed_over: Sequence[Finding]

    @property
    def documents(self) -> Typed:
        return self.filling.sources.typed["header"]

    @property
    def lines(self) -> Typed | None:
        return self.filling.sources.typed.get("line")

    def only(self, keep: np.ndarray, context: Context | None) -> "_Read":
        """These documents alone."""
        groups, columns, typed = chosen(self.groups, self.columns, self.typed, keep)
        return _Read(columns, groups, typed, _filled(columns, groups, typed, context), self.passed_over)


def _columns(work: _Work) -> Columns:
    return correct(arrange(without_secrets(work.table, work.rules), work.rules, work.mapping, work.settings), work.corrections)


def _read(work: _Work, kept: pa.Array | None = None) -> _Read:
    """The table's documents; `kept` has the currency of each row that the store knows in another than is assumed."""
    rules, context = work.rules, work.context
    columns = _columns(work)
    groups, passed_over = group(columns)
    currency = currency_in(work.settings, context.entity if context else Entity(), rules)
    assumed = currency if kept is None else pc.fill_null(kept, currency)
    typed = parse(columns, work.settings, assumed, of_currency(columns, groups), currency_codes(rules, context))
    return _Read(columns, groups, typed, _filled(columns, groups, typed, context), passed_over)


def _keys(read: _Read, among: np.ndarray | slice) -> pd.Series | None:
    """What these documents are found again by, by the user's number of their first row, null where that is in doubt; None for want of the column."""
    rows, table = read.documents.rows.iloc[among], read.columns.table
    keys = read.columns.rules.keys(rows)
    if keys is None:
        return None
    unsure = np.zeros(read.groups.documents, bool)
    unsure[read.groups.invoice[doubtful([*table.findings, *read.typed.findings], read.columns.rules, len(table))]] = True
    return text_series(nulled_text(keys, unsure[among]), rows.index)


def _joined(*named: pd.Series | None) -> pd.Series | None:
    found = [keys for keys in named if keys is not None and len(keys)]
    return pd.concat(found) if found else None


def _examined_once(work: _Work, kept: pa.Array | None = None) -> Report:
    """One pass, and a second where the file names no currency of documents that the store has in another than was assumed (`kept`: its code by row)."""
    context = work.context
    read = _read(work, kept)
    totals = check_totals(whole_file(read.columns, read.typed, read.filling.sources.typed), work.expected, work.settings)
    keep, left_out = choose(read.documents, work.rules, work.settings)
    taken, named = keep[read.groups.invoice], None if keep.all() else _keys(read, ~keep)
    if not keep.all():
        twice = among_left_out(read.documents.rows, keep, work.rules)
        read = read.only(keep, context)
        left_out += [read.groups.of_documents(found) for found in twice]
    about, lined = read.groups.views(read.columns)
    columns = _retitled(read.columns, read.filling.sources)
    documents = fill(read.documents, columns.rules)
    known = known_rows(documents, columns.rules, context) if context else None
    if known is not None and kept is None and "currency" not in work.settings:
        kept = kept_currencies(documents.rows, about, known, read.groups.invoice, taken)
        if kept is not None:
            return _examined_once(work, kept)
    give_back()
    read = replace(read, columns=columns)
    documents, others, judged = _judged(work, read, documents, about, known)
    told = [*columns.table.findings, *read.passed_over, *left_out, *about_columns(columns, work.settings), *edited(columns.table, work.mapping)]
    told += [*_about_rows(read), *map(read.groups.of_documents, judged), *_about_lines(work, read, lined), *totals]
    told = row_mode_first(told, columns, work.whole, work.settings)
    problems = Problems(_told_once(of_sound(_whole_rows(told, len(columns.table)), read.groups.invoice)), columns)
    return _report(work, read, signed(documents.rows, columns.rules), problems, others, _joined(named, _renamed(read, known, others)))


def _judged(work: _Work, read: _Read, documents: Typed, about: Columns, known: Known | None) -> tuple[Typed, Known | None, list[Finding]]:
    """The documents, those of them that the store knows, and what is found about them."""
    rules, context, entity = read.columns.rules, work.context, work.context.entity if work.context else Entity()
    old = _old(known, read.groups.documents)
    found = [*check(_with(documents, read.filling.sources, "header"), about, work.settings, old), *crosscheck(documents, about, entity, work.today, old)]
    give_back()
    if context and known is not None:
        documents, known, others = another(documents, about, known, context)
        found += [*others, *compare(documents, about, known, context, work.settings)]
        found += planned_charges(documents.rows, rules, known, context, work.settings, work.today)
    found += replaced_types(documents, read.columns, read.groups)
    give_back()
    return documents, known, found


def _about_rows(read: _Read) -> list[Finding]:
    columns, groups, typed = read.columns, read.groups, read.typed
    once = columns.table.records is not None
    return [*in_lines_alone(typed.findings, groups, columns.rules, once), *about_groups(typed, columns, groups), *read.filling.findings]


def _about_lines(work: _Work, read: _Read, lined: Columns) -> list[Finding]:
    if read.lines is None:
        return []
    return [read.groups.of_lines(found) for found in check(_with(read.lines, read.filling.sources, "line"), lined, work.settings, None, "line")]


def _renamed(read: _Read, known: Known | None, others: Known | None) -> pd.Series | None:
    """The keys on file of documents that get a key of their own: the file may mean those (S0-29)."""
    return None if known is None or others is None or others is known else _keys(read, np.setdiff1d(known.at, others.at))


def _report(work: _Work, read: _Read, rows: pd.DataFrame, problems: Problems, known: Known | None, also_named: pd.Series | None) -> Report:
    rules, context = read.columns.rules, work.context
    return Report(
        table=read.columns.table,
        rules=rules,
        mapping=work.mapping,
        rows=rows,
        lines=None if read.lines is None else read.lines.rows,
        invoice=read.groups.invoice,
        problems=problems,
        settings=work.settings,
        entity=context.entity if context else Entity(),
        sender=work.sender,
        fills=(*read.columns.fills, *read.filling.fills),
        known=known,
        expected=work.expected,
        corrections=work.corrections,
        new_customers=new_customers(rows, rules, context) if context else None,
        also_named=also_named,
    )


def _retitled(columns: Columns, sources: Sources) -> Columns:
    """With the titles that the fields have where a column says yes throughout (S2-21)."""
    if columns.rules.retitled is None:
        return columns
    name, titles = columns.rules.retitled
    said = sources.column(name, "header")
    return replace(columns, rules=columns.rules.titled(titles)) if len(said) and bool(said.fillna(False).all()) else columns


def _filled(columns: Columns, groups: Groups, typed: Typed, context: Context | None) -> Filling:
    """Documents and lines with defaults, official codes and computed fields."""
    rules = columns.rules
    lines = lines_of(typed, groups, rules) if rules.lined else None
    return Filling(columns, groups, Sources(documents_of(typed, groups, rules), lines, groups, rules, context)).run()


def _with(typed: Typed, sources: Sources, level: str) -> Typed:
    """The typed rows of a level with the columns that its rules name besides: of links, sums, the header."""
    more = needed(sources.rules, level)
    columns = {name: sources.column(name, level) for name in more if name not in typed.rows}
    unread = {name: mask for name in more if (mask := sources.unread(name, level)).any()}
    return Typed(typed.rows.assign(**columns), {**typed.unread, **unread}, ()) if columns else typed


def _old(known: Known | None, rows: int) -> np.ndarray | None:
    if known is None:
        return None
    old = np.zeros(rows, bool)
    old[known.at] = True
    return old


def _whole_rows(findings: list[Finding], rows: int) -> list[Finding]:
    """A row with too many or too few cells has that one problem: its other cells may not be where they belong (X-22)."""
    wrong = misfits(findings, rows)
    return findings if wrong is None else [found if found.rule.id == CELLS.id else found.only(~wrong) for found in findings]


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
