"""What is said of a file as a whole, each once: its columns, hidden rows, secrets, cells that were changed after it was read (S3-17, X-13, X-23)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from invoice_rules.alike import row_list
from invoice_rules.columns import Columns
from invoice_rules.errors import CannotRun
from invoice_rules.fields import DUPLICATE, REQUIRED, UNMAPPED, RuleSet
from invoice_rules.grouping import either
from invoice_rules.mapping import match, miscounted, template_settings
from invoice_rules.problems import Finding, Rule, Severity, listed, plural, shortened
from invoice_rules.reading.templates import told_of_template
from invoice_rules.results import Mapping as ColumnMapping
from invoice_rules.results import Match
from invoice_rules.rulesets import rule_sets
from invoice_rules.table import Table, our_columns, text_series

MISSING_COLUMN = Rule("missing-column", 'The saved mapping feeds {title} from the column "{heading}", which this file does not have. Rename the column, or map it anew.', "S3-17", "A column of the saved mapping is in the file.")
UNUSED = Rule("unused-columns", "{columns} not used: {names}.", "S3-17", "Columns that feed no field are named.", Severity.NOTICE)
GUESSED = Rule("guessed-column", '{title} is read from the column "{heading}": {why}. Check that this is right.', "X-13", "A column matched by similarity is shown as a guess.", Severity.WARNING)
RIVALS = Rule("rival-columns", "{title} has no column: {why}. Choose one of them. A yes leaves it without a column.", "X-13", "Of columns that fit a field equally well one is chosen by the user.", Severity.HOLD)
RIVALS_NEEDED = Rule("unmapped", "{title} has no column: {why}. Choose one of them.", "X-13")
SIZED = Rule("sized-column", '{title} is read from the column "{heading}", whose heading counts in cents, thousands or the like. Its amounts are read as they stand. Check that this is right, or ask the sender for whole amounts.', "X-17", "Amounts are not counted in cents or thousands.", Severity.WARNING)
NO_IDENTIFIER = Rule("no-identifier", "No column feeds {titles}, and every {document} needs one of them. Choose the column.", "S0-9", "One of the fields that say whose document it is has a column.")
SECRET = Rule("secret", 'The column "{heading}" holds a password of the connection. It was not read. Take it out of the file.', "S2-2", "No password of a connection stands in a file.", Severity.WARNING)
NOT_SHOWN = Rule("hidden-rows", "{rows} {are} hidden in the sheet and left out, as chosen.", "X-23", severity=Severity.NOTICE)
HIDDEN = Rule("hidden-rows", "{rows} hidden in the sheet and checked like the others. To leave them out, choose visible rows only.", "X-23", "Hidden rows are checked and counted apart.", Severity.NOTICE)
EDITED = Rule("edited-cell", 'The file says "{was}" here. It was changed after the file was read.', "X-7", "Cells that were changed after the file was read are named, with what the file says.", Severity.NOTICE)
OTHER_MODE = Rule("other-row-mode", "The columns ({columns}) are those of a file in which a row is one line of its {document}. Choose {option}={mode}; or {option}={default}, where each row is a whole {document}.", "S0-4", "Where nobody says what a row is, its columns do not speak for another answer.")
IN_PART = Rule("partly-hidden", "Other rows of this {document} are hidden in the sheet. Show them, or hide all rows of the {document}; it is not imported in part.", "X-2", "Where visible rows alone are wanted, all rows of a document are visible or none.")
RULES = (MISSING_COLUMN, UNUSED, GUESSED, RIVALS, SIZED, NO_IDENTIFIER, SECRET, HIDDEN, IN_PART, EDITED, OTHER_MODE)
_NAMED = 10


def about_columns(columns: Columns, settings: Mapping[str, str]) -> list[Finding]:
    """Fields without a column, guesses, unused columns, hidden rows: each told once (S3-17, X-13, X-23)."""
    mapping, table = columns.mapping, columns.table
    fed = {name: table.headings[column] for name in columns.text if (column := mapping.fields.get(name)) is not None}
    found = told_of_template(table, columns.rules, fed, template_settings(table, rule_sets().get(columns.rules.name, columns.rules)))
    found += [_missing(columns, name) for name in columns.rules.needed if name not in columns.text]
    for name, matched in mapping.matches.items():
        if matched.how == "similar" and matched.column is not None and name not in settings:
            found.append(Finding(GUESSED, name, facts={"heading": matched.heading, "why": matched.why}))
        elif _undecided(matched) and name in columns.rules.fields and name not in columns.text and name not in columns.rules.needed:
            found.append(Finding(RIVALS, name, facts={"why": matched.why}))
    found += [Finding(SIZED, name, facts={"heading": columns.heading(name)}) for name, field in columns.rules.fields.items() if miscounted(field, columns.heading(name))]
    if (named := columns.rules.identified_by) and not any(name in columns.text for name in named):
        found.append(Finding(NO_IDENTIFIER, facts={"titles": either([columns.rules.fields[name].title for name in named])}))
    ours = our_columns(table.headings) | {at for at, heading in enumerate(table.headings) if heading in secret_headings(table, columns.rules)}
    if unused := [table.headings[column] or "(no heading)" for column in mapping.unused if column not in ours]:
        names = listed([shortened(heading, 40) for heading in unused])
        found.append(Finding(UNUSED, facts={"columns": f"{plural(len(unused), 'column')} {'is' if len(unused) == 1 else 'are'}", "names": names}))
    if table.hidden is not None and (count := int(table.hidden.sum())):
        found.append(Finding(HIDDEN, facts={"rows": f"{plural(count, 'row')} {'is' if count == 1 else 'are'}"}))
    return found


def row_mode_first(found: list[Finding], columns: Columns, whole: RuleSet, settings: Mapping[str, str]) -> list[Finding]:
    """Where nobody chose the row mode and the columns are those of another one, that is told in the place of what follows from it (S0-4, S0-26)."""
    option, rules = whole.row_mode, columns.rules
    if option is None or option.name in settings:
        return found
    for mode in option.choices[1:]:
        other = whole.under({**settings, option.name: mode})
        needless = [name for name in rules.required if name not in other.required]
        follows = [one for one in found if (one.rule.id, one.field) == (DUPLICATE.id, rules.key) or (one.rule.id in (UNMAPPED.id, REQUIRED.id) and one.field in needless)]
        decisive = any(one.rule.id != REQUIRED.id or len(one) == len(columns.table) for one in follows)
        if decisive and (headings := _of_mode(columns, other)):
            facts = {"columns": ", ".join(headings), "option": option.name, "mode": mode, "default": option.choices[0]}
            return [Finding(OTHER_MODE, facts=facts), *(one for one in found if not any(one is its for its in follows))]
    return found


def _of_mode(columns: Columns, other: RuleSet) -> list[str]:
    """The headings that name fields which only this row mode has, where one of them is needed there or has the amount of a line."""
    headings, unused = columns.table.headings, columns.mapping.unused
    sure = {name: one.column for name, one in match(headings, other).matches.items() if one.column in unused and one.how != "similar"}
    named = {name: column for name, column in sure.items() if column is not None and name not in columns.rules.fields}
    return [headings[column] for column in sorted(named.values())] if {*other.needed, other.role("line_amount")} & set(named) else []


def _missing(columns: Columns, name: str) -> Finding:
    matched = columns.mapping.matches.get(name)
    if matched and matched.how == "saved" and matched.heading:
        return Finding(MISSING_COLUMN, name, facts={"heading": matched.heading})
    return Finding(RIVALS_NEEDED, name, facts={"why": matched.why}) if matched and _undecided(matched) else Finding(UNMAPPED, name)


def _undecided(matched: Match) -> bool:
    """Whether the field has no column because several fit it equally well."""
    return matched.column is None and not matched.how and bool(matched.why)


def shown_rows(table: Table, settings: Mapping[str, str]) -> np.ndarray | None:
    """(rows,) bool: the rows that are not hidden in the sheet, where only these are wanted and some are hidden; None: all are meant (X-23)."""
    if settings.get("rows") != "visible" or table.hidden is None or not table.hidden.any():
        return None
    if table.hidden.all():
        raise CannotRun(f"All rows of {table.origin.name} are hidden. Show those that are meant, or take all rows.")
    return ~table.hidden


def visible(table: Table, shown: np.ndarray, invoice: np.ndarray) -> Table:
    """The table without the rows that are hidden, and a notice of them (X-23). `invoice` is the document of each row: none is taken in part (X-2)."""
    rows = table.frame.index[~shown].tolist()
    told = Finding(NOT_SHOWN, facts={"rows": row_list(rows, most=_NAMED).capitalize(), "are": "is" if len(rows) == 1 else "are"})
    cut = np.flatnonzero(np.isin(invoice[shown], invoice[~shown]))
    findings = [told, Finding(IN_PART, at=cut)] if len(cut) else [told]
    kept = replace(table, together=invoice).only(shown)
    return replace(kept, hidden=None, findings=(*kept.findings, *findings))


def edited(table: Table, mapping: ColumnMapping) -> list[Finding]:
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
    return {"was": shortened(was[at])}


def secret_headings(table: Table, rules: RuleSet) -> set[str]:
    """Headings of columns that hold a password of a connection, however they are spelled (S2-2)."""
    bare = {"".join(c for c in name.lower() if c.isalnum()) for name in rules.secrets}
    return {heading for heading in table.headings if "".join(c for c in heading.lower() if c.isalnum()) in bare}


def without_secrets(table: Table, rules: RuleSet) -> Table:
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
