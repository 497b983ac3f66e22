"""`examine()`: the one place that knows the order of the stages. The same for every front end (X-1)."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.arranging import arrange
from invoice_rules.chargeplans import of_sound, planned_charges
from invoice_rules.checking import check, needed
from invoice_rules.comparing import another, compare, kept_currencies, known_rows
from invoice_rules.corrections import correct, safe_fixes
from invoice_rules.crediting import replaced_types, signed
from invoice_rules.crosschecks import crosscheck
from invoice_rules.customers import new_customers
from invoice_rules.errors import CannotRun
from invoice_rules.fields import UNMAPPED, RuleSet
from invoice_rules.filling import Filling, currency_codes
from invoice_rules.filtering import choose, chosen
from invoice_rules.grouping import Groups, about_groups, documents_of, either, group, in_lines_alone, lines_of, of_currency
from invoice_rules.linking import Sources
from invoice_rules.mapping import match, template_settings
from invoice_rules.problems import Finding, Problems, Rule, Severity, plural, quoted
from invoice_rules.reading import read
from invoice_rules.reading.templates import told_of_template
from invoice_rules.results import Context, Corrections, Entity, Expected, Known, Report
from invoice_rules.results import Mapping as ColumnMapping
from invoice_rules.rulesets import rule_set, rule_sets
from invoice_rules.settings import currency_in, fitting, known_settings
from invoice_rules.stages import Columns, Typed, fill, parse
from invoice_rules.table import Table, our_columns, text_series
from invoice_rules.totals import check_totals, declared_in, whole_file
from invoice_rules.values.columns import remembered
from invoice_rules.values.memory import give_back

MISSING_COLUMN = Rule("missing-column", 'The saved mapping feeds {title} from the column "{heading}", which this file does not have. Rename the column, or map it anew.', "S3-17", "A column of the saved mapping is in the file.")
UNUSED = Rule("unused-columns", "{columns} not used: {names}.", "S3-17", "Columns that feed no field are named.", Severity.NOTICE)
GUESSED = Rule("guessed-column", '{title} is read from the column "{heading}": {why}. Check that this is right.', "X-13", "A column matched by similarity is shown as a guess.", Severity.WARNING)
NO_IDENTIFIER = Rule("no-identifier", "No column feeds {titles}, and every {document} needs one of them. Choose the column.", "S0-9", "One of the fields that say whose document it is has a column.")
SECRET = Rule("secret", 'The column "{heading}" holds a password of the connection. It was not read. Take it out of the file.', "S2-2", "No password of a connection stands in a file.", Severity.WARNING)
HIDDEN = Rule("hidden-rows", "{rows} hidden in the sheet and checked like the others. To leave them out, choose visible rows only.", "X-23", "Hidden rows are checked and counted apart.", Severity.NOTICE)
EDITED = Rule("edited-cell", 'The file says "{was}" here. It was changed after the file was read.', "X-7", "Cells that were changed after the file was read are named, with what the file says.", Severity.NOTICE)
RULES = (MISSING_COLUMN, UNUSED, GUESSED, NO_IDENTIFIER, SECRET, HIDDEN, EDITED)


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
    work = _Work(table, rules, mapping, settings_here, context, corrections, expected or declared_in(table), sender, today)
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


def _examined_once(work: _Work, kept: pa.Array | None = None) -> Report:
    """One pass, and a second where the file names no currency of documents that the store has in another than was assumed (`kept`: its code by row)."""
    rules, context = work.rules, work.context
    entity = context.entity if context else Entity()
    columns = _arranged(work)
    groups, passed_over = group(columns)
    currency = currency_in(work.settings, entity, rules)
    assumed = currency if kept is None else pc.fill_null(kept, currency)
    typed = parse(columns, work.settings, assumed, of_currency(columns, groups), currency_codes(rules, context))
    filling = _filled(columns, groups, typed, context)
    totals = check_totals(whole_file(columns, typed, filling.sources.typed), work.expected, work.settings)
    keep, left_out = choose(filling.sources.typed["header"], rules, work.settings)
    taken = keep[groups.invoice]
    if not keep.all():
        groups, columns, typed = chosen(groups, columns, typed, keep)
        filling = _filled(columns, groups, typed, context)
    table = columns.table
    about, lined = groups.views(columns)
    columns = _retitled(columns, filling.sources)
    rules = columns.rules
    documents = fill(filling.sources.typed["header"], rules)
    known = known_rows(documents, rules, context) if context else None
    if known is not None and kept is None and "currency" not in work.settings:
        kept = kept_currencies(documents.rows, about, known, groups.invoice, taken)
        if kept is not None:
            return _examined_once(work, kept)
    give_back()
    old = _old(known, groups.documents)
    findings = [*table.findings, *passed_over, *left_out, *_about_columns(columns, work.settings), *_edited(table, work.mapping)]
    findings += [*in_lines_alone(typed.findings, groups, rules, table.records is not None), *about_groups(typed, columns, groups), *filling.findings]
    judged = [*check(_with(documents, filling.sources, "header"), about, work.settings, old), *crosscheck(documents, about, entity, work.today, old)]
    give_back()
    if context and known is not None:
        documents, known, others = another(documents, about, known, context)
        judged += [*others, *compare(documents, about, known, context, work.settings)]
        judged += planned_charges(documents.rows, rules, known, context, work.settings, work.today)
    judged += replaced_types(documents, columns, groups)
    give_back()
    findings += [groups.of_documents(found) for found in judged]
    lines = filling.sources.typed.get("line")
    if lines is not None:
        findings += [groups.of_lines(found) for found in check(_with(lines, filling.sources, "line"), lined, work.settings, None, "line")]
    rows = signed(documents.rows, rules)
    return Report(
        table=table,
        rules=rules,
        mapping=work.mapping,
        rows=rows,
        lines=None if lines is None else lines.rows,
        invoice=groups.invoice,
        problems=Problems(_told_once(of_sound(_whole_rows([*findings, *totals], len(table)), groups.invoice)), columns),
        settings=work.settings,
        entity=entity,
        sender=work.sender,
        fills=(*columns.fills, *filling.fills),
        known=known,
        expected=work.expected,
        corrections=work.corrections,
        new_customers=new_customers(rows, rules, context) if context else None,
    )


def _retitled(columns: Columns, sources: Sources) -> Columns:
    """With the titles that the fields have where a column says yes throughout (S2-21)."""
    if columns.rules.retitled is None:
        return columns
    name, titles = columns.rules.retitled
    said = sources.column(name, "header")
    return replace(columns, rules=columns.rules.titled(titles)) if len(said) and bool(said.fillna(False).all()) else columns


def _arranged(work: _Work) -> Columns:
    """The table by field, without the rows that are hidden and what belongs in no workbook."""
    table = _visible(work.table) if work.settings.get("rows") == "visible" else work.table
    return correct(arrange(_without_secrets(table, work.rules), work.rules, work.mapping, work.settings), work.corrections)


def _filled(columns: Columns, groups: Groups, typed: Typed, context: Context | None) -> Filling:
    """Documents and lines with defaults, official codes and computed fields."""
    rules = columns.rules
    lines = lines_of(typed, groups, rules) if rules.lined else None
    return Filling(columns, groups, Sources(documents_of(typed, groups, rules), lines, groups, rules, context)).run()


def secret_headings(table: Table, rules: RuleSet) -> set[str]:
    """Headings of columns that hold a password of a connection, however they are spelled (S2-2)."""
    bare = {"".join(c for c in name.lower() if c.isalnum()) for name in rules.secrets}
    return {heading for heading in table.headings if "".join(c for c in heading.lower() if c.isalnum()) in bare}


def _without_secrets(table: Table, rules: RuleSet) -> Table:
    """The table with what belongs in no workbook taken out of it, and a warning (S2-2)."""
    secret = secret_headings(table, rules)
    columns = [at for at, heading in enumerate(table.headings) if heading in secret]
    if not columns:
        return table
    frame = table.frame.copy(deep=False)
    for at in columns:
        frame[at] = text_series(pa.repeat(pa.scalar("", pa.large_string()), len(frame)), frame.index)
    told = tuple(Finding(SECRET, column=at, facts={"heading": table.headings[at]}) for at in columns)
    return replace(table, frame=frame, findings=(*table.findings, *told))


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
    found = told_of_template(table, columns.rules, frozenset(columns.text), template_settings(table, rule_sets().get(columns.rules.name, columns.rules)))
    found += [_missing(columns, name) for name in columns.rules.needed if name not in columns.text]
    for name, matched in mapping.matches.items():
        if matched.how == "similar" and matched.column is not None and name not in settings:
            found.append(Finding(GUESSED, name, facts={"heading": matched.heading, "why": matched.why}))
    if (named := columns.rules.identified_by) and not any(name in columns.text for name in named):
        found.append(Finding(NO_IDENTIFIER, facts={"titles": either([columns.rules.fields[name].title for name in named])}))
    ours = our_columns(table.headings) | {at for at, heading in enumerate(table.headings) if heading in secret_headings(table, columns.rules)}
    if unused := [table.headings[column] or "(no heading)" for column in mapping.unused if column not in ours]:
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
    if table.hidden.all():
        raise CannotRun(f"All rows of {table.origin.name} are hidden. Show those that are meant, or take all rows.")
    return replace(table.only(~table.hidden), hidden=None)


def _edited(table: Table, mapping: ColumnMapping) -> list[Finding]:
    """The cells that somebody changed after the file was read (X-7)."""
    fields = {column: name for name, column in mapping.fields.items() if column is not None}
    found = []
    for column in sorted({column for _, column in table.edited}):
        was = {at: text for (row, its), text in table.edited.items() if its == column and (at := int(table.frame.index.get_indexer([row])[0])) >= 0}
        facts = partial(_was, was)
        if was:
            found.append(Finding(EDITED, fields.get(column, ""), np.array(sorted(was)), facts, column=column))
    return found


def _was(was: Mapping[int, str], at: int, value: str) -> dict[str, object]:
    return {"was": quoted(was[at])[1:-1]}
