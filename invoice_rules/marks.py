"""What a cell and a status column show: `Report`, `Plan` and `Receipt` as short words, tints and notes.

The one place of the words and colours that Excel, the notebook and the error workbook share. Sentences are made only for the
rows that somebody asks for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from invoice_rules.fields import STATUS
from invoice_rules.problems import Finding, Problem, Problems, Severity, plural
from invoice_rules.results import Outcome, Plan, Receipt, Report


class Tint(NamedTuple):
    """Colours of text and of what lies behind it, RRGGBB."""

    color: str
    fill: str


BAD, NEUTRAL, GOOD = Tint("9C0006", "FFC7CE"), Tint("9C5700", "FFEB9C"), Tint("006100", "C6EFCE")
"""The colours that every user of Excel knows by these names."""

REQUIRED_HEADING, OPTIONAL_HEADING = Tint("FFFFFF", "1F3864"), Tint("1F2937", "D9E2F3")

_MOST_CLAUSES = 3
_CLAUSE = re.compile(r"[.:;](?:\s|$)|, which\b")
_SENTENCE = re.compile(r'((?:"[^"]*"|[^"])*?)(?:\. [A-Z]|\.?$)')


@dataclass(frozen=True)
class Note:
    """One problem of a cell: its position in the table, the whole problem, and the few words of a status column."""

    at: int
    problem: Problem
    short: str


def notes(report: Report, rows: np.ndarray | None = None, least: Severity = Severity.WARNING) -> list[Note]:
    """The problems of the rows in the boolean mask (all: None), by row and field; those about the whole file are left out."""
    found = report.problems.where(lambda finding: finding.at is not None and finding.weight >= least)
    found = found if rows is None else found.within(rows)
    problems = list(_with_brief(found, report))
    places = np.searchsorted(report.table.frame.index.to_numpy(), [problem.row or 0 for problem in problems])
    return [_note(at, problem) for at, problem in zip(places.tolist(), problems, strict=True)]


def marks(report: Report, rows: np.ndarray | None = None, least: Severity = Severity.WARNING) -> pd.DataFrame:
    """One row a marked cell: row (the user's number), column (0-based position in the table), severity, message.

    A cell with several problems has its worst severity and one message a line. Problems of fields without a column have no
    cell; the status column tells them.
    """
    cells: dict[tuple[int, int], list[Problem]] = {}
    columns = report.mapping.fields
    for note in notes(report, rows, least):
        column = columns.get(note.problem.field)
        if column is not None and note.problem.row is not None:
            cells.setdefault((note.problem.row, column), []).append(note.problem)
    lines = [(row, column, max(p.severity for p in found), "\n".join(p.message for p in found)) for (row, column), found in cells.items()]
    return pd.DataFrame(lines, columns=["row", "column", "severity", "message"])


def severities(report: Report, rows: np.ndarray) -> np.ndarray:
    """(len(rows), columns) int8: the worst severity of each cell at these rising positions; no sentence is made."""
    grid = np.zeros((len(rows), len(report.table.headings)), np.int8)
    columns = report.mapping.fields
    place = np.full(len(report.table), -1)
    place[rows] = np.arange(len(rows))
    for found in report.problems.findings:
        column = columns.get(found.field) if found.column is None else found.column
        if found.at is not None and column is not None:
            here = place[found.at]
            here = here[here >= 0]
            grid[here, column] = np.maximum(grid[here, column], found.weight)
    return grid


def status_texts(report: Report, only: np.ndarray | None = None, per: str = "row", found: Sequence[Note] | None = None) -> list[str]:
    """`OK`, `OK, 1 warning: …`, `2 errors: …; …` for each row, or each invoice (`per="invoice"`), that the boolean mask keeps.

    `found` are the notes of these rows where the caller has them already.
    """
    group = report.invoice if per == "invoice" else np.arange(len(report.table))
    count = report.invoices if per == "invoice" else len(report.table)
    keep = np.ones(count, bool) if only is None else only
    told: dict[int, list[_Brief]] = {}
    briefs = _briefs(report, keep[group]) if found is None else [_Brief(note.at, note.problem.severity, note.short) for note in found]
    for brief in briefs:
        told.setdefault(int(group[brief.at]), []).append(brief)
    kept = np.flatnonzero(keep)
    texts = np.full(len(kept), _WITH_OTHERS, object)
    heads = report.first[kept] if per == "invoice" else kept
    texts[report.ready[report.invoice[heads]] | bool(report.blocked)] = _when_fine(report)
    for one, its in told.items():
        if keep[one]:
            texts[np.searchsorted(kept, one)] = _status(tuple((brief.severity, brief.short) for brief in its))
    return texts.tolist()


class _Brief(NamedTuple):
    """A problem in the few words of a status: the position of its row, how far it reaches, the words."""

    at: int
    severity: Severity
    short: str


def _briefs(report: Report, rows: np.ndarray) -> list[_Brief]:
    """The problems of the rows in the boolean mask, by row and field. Words that are the same for all cells of a finding are made once."""
    found = report.problems.where(lambda finding: finding.at is not None and finding.weight >= Severity.WARNING).within(rows)
    short = found.reworded(lambda its: replace(its, fix=None, rule=replace(its.rule, message=clause(its.rule.message, report, its.field))))
    same = [None if "{" in its.rule.message else _ended(its.rule.message) for its in short.findings]
    briefs = []
    for which, inside in short.ordered():
        its, words = short.findings[which], same[which]
        if its.at is not None:
            briefs.append(_Brief(int(its.at[inside]), its.weight, _ended(short.message(which, inside)) if words is None else words))
    return briefs


_WITH_OTHERS = "Stays out with the other rows of its invoice"


def _when_fine(report: Report) -> str:
    return f"Waits: {plural(len(report.blocked), 'question')} about the file to settle first" if report.blocked else "OK"


@lru_cache(1_000)
def _status(found: tuple[tuple[Severity, str], ...]) -> str:
    """The words of one row or invoice, worst first: errors, holds, warnings."""
    parts = []
    for severity, opening in _OPENINGS.items():
        clauses = list(dict.fromkeys(short for its, short in found if its == severity))
        if clauses:
            parts.append(opening(len(clauses)) + ": " + _listed(clauses))
    only_warned = all(severity < Severity.HOLD for severity, _ in found)
    return ("OK, " if only_warned else "") + "; ".join(parts)


_OPENINGS = {
    Severity.ERROR: lambda count: plural(count, "error"),
    Severity.HOLD: lambda count: "waits for a yes",
    Severity.WARNING: lambda count: plural(count, "warning"),
}


def _listed(clauses: Sequence[str]) -> str:
    more = len(clauses) - _MOST_CLAUSES
    return "; ".join(clauses[:_MOST_CLAUSES]) + (f"; and {more} more" if more > 0 else "")


def outcome_texts(source: Plan | Receipt, only: np.ndarray | None = None) -> list[str]:
    """What became, or would become, of each invoice that the boolean mask keeps: `Created`, `Updated: amount due 500.00 → 0.00, now Paid`."""
    if isinstance(source, Receipt):
        return _of_receipt(source, only)
    keep = np.ones(len(source.outcomes), bool) if only is None else only
    changes = _changes(source.differences()) if (source.outcomes[keep] == Outcome.UPDATED).any() else {}
    rejected = keep & (source.outcomes == Outcome.REJECTED)
    reasons = (
        dict(zip(np.flatnonzero(rejected).tolist(), status_texts(source.report, rejected, per="invoice"), strict=True))
        if rejected.any()
        else {}
    )
    rows = source.report.rows.index.to_numpy()
    texts = []
    for one in np.flatnonzero(keep).tolist():
        outcome = Outcome(int(source.outcomes[one]))
        texts.append(_outcome(outcome, changes.get(int(rows[one]), []), reasons.get(one, "")))
    return texts


_WORDS = {
    Outcome.CREATED: "Created",
    Outcome.UPDATED: "Updated",
    Outcome.UNCHANGED: "Unchanged",
    Outcome.SKIPPED: "Skipped: it is on file already",
    Outcome.REJECTED: "Not imported",
}


def _outcome(outcome: Outcome, changes: Sequence[str], reason: str) -> str:
    if outcome == Outcome.UPDATED and changes:
        return f"Updated: {', '.join(changes)}"
    if outcome == Outcome.REJECTED:
        own = "other invoices of the file have errors" if reason.startswith("OK") else reason[:1].lower() + reason[1:]
        return f"Not imported: {own}"
    return _WORDS[outcome]


def _changes(differences: pd.DataFrame) -> dict[int, list[str]]:
    """Row -> its changes in words: `amount due 500.00 → 0.00`, `now Paid`."""
    told: dict[int, list[str]] = {}
    for line in differences.sort_values("row", kind="stable").itertuples():
        told.setdefault(int(line.row), []).append(change(line.field, line.title, line.before, line.after))
    return {
        row: [c for c in changes if not c.startswith("now ")] + [c for c in changes if c.startswith("now ")]
        for row, changes in told.items()
    }


def change(field: str, title: str, before: str, after: str) -> str:
    """One changed field in words.

    >>> change("amountDue", "Amount due", "500.00", "0.00"), change("record.status", "Status", "Open", "Paid")
    ('amount due 500.00 → 0.00', 'now Paid')
    """
    return f"now {after}" if field == STATUS else f"{lowered(title)} {before or 'blank'} → {after or 'blank'}"


def _of_receipt(receipt: Receipt, only: np.ndarray | None) -> list[str]:
    frame = receipt.to_frame()
    frame = frame if only is None else frame[only]
    told = frame["changes"] if "changes" in frame else pd.Series("", index=frame.index)
    words = {str(outcome): text for outcome, text in _WORDS.items()}
    return [
        words.get(outcome, str(outcome).capitalize()) + (f": {lowered(said)}" if said else "")
        for outcome, said in zip(frame["outcome"], told, strict=True)
    ]


def lowered(words: str) -> str:
    """Words as they stand inside a sentence.

    >>> lowered("Invoice ID"), lowered("ID of the job"), lowered('"Y" is wrong')
    ('invoice ID', 'ID of the job', '"Y" is wrong')
    """
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


_BRIEF = "\x1e\x1e\x1e"


def _with_brief(problems: Problems, report: Report) -> Problems:
    """The same problems, the first clause of each message put behind it, so that both are filled from the same facts."""

    def both(found: Finding) -> Finding:
        message = f"{found.rule.message}{_BRIEF}{clause(found.rule.message, report, found.field)}"
        return replace(found, rule=replace(found.rule, message=message))

    return problems.reworded(both)


def _note(at: int, problem: Problem) -> Note:
    message, _, brief = problem.message.rpartition(_BRIEF)
    return Note(at, replace(problem, message=message), _ended(brief))


def clause(message: str, report: Report, field: str) -> str:
    """A rule's message cut to what a status column has room for: its first clause, without values that stand beside their title.

    `Amount due ({amountDue}) is more than the amount ({amount}). Lower it …` -> `amount due is more than the amount`.
    """
    fields = report.rules.fields
    first = re.sub(r" \(\{[\w.]+\}\)", "", _CLAUSE.split(message)[0])
    first = re.sub(r"\{title\} \{\w+\}", "{title}", first)
    for name in fields:
        own = re.escape(fields[name].title)
        first = re.sub(rf"(?i)({own}) \{{(?:was\.)?{re.escape(name)}\}}", r"\1", first)
    title = lowered(fields[field].title) if field in fields else "{title}"
    first = title + first.removeprefix("{title}") if first.startswith("{title}") else first
    return lowered(first)


def _ended(brief: str) -> str:
    """One filled clause without its full stop, and without a second sentence that a slot brought along."""
    ended = _SENTENCE.match(brief)
    text = ended[1] if ended else brief
    return re.sub(r"^(The|There|Address) ", lambda m: m[0].lower(), text)


def fixes(found: Iterable[Note], title: dict[str, str]) -> str:
    """Suggested fixes of a row in words, a line each: `Canceled: yes`; a hint, which may mean something else, says perhaps."""
    lines = [
        f"{title.get(note.problem.field, note.problem.field)}: {'' if note.problem.fix.safe else 'perhaps '}{note.problem.fix.value}"
        for note in found
        if note.problem.fix
    ]
    return "\n".join(dict.fromkeys(lines))
