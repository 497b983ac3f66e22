"""Validate, Next problem, Problems, Apply suggested fixes, Clear marks, Map columns."""

import re
from collections.abc import Mapping
from typing import Any

import xlwings as xw

from addin import clearing, columns, finding, marking, places, sheets, surface
from addin.dialogs import Field
from addin.engines.geometry import parse_area, runs
from addin.session import Session
from addin.sheets import Column
from invoice_rules import CannotRun, Problem, Severity, plural
from invoice_rules.wizard import Wizard, replaced, template

_MOST_LINKS = 1_000
_MOST_SHOWN = 8
_TURNS = re.compile(r"^[\s$€£¥+(-]*[\d.,/:-]")
"""What a spreadsheet program might take for a number or a date when it is written into a cell."""
_PROBLEMS = (
    *(Column("Cell", 9), Column("Row", 8), Column("Field", 24), Column("Severity", 10)),
    *(Column("What is wrong, and what to do", 80, long=True), Column("Suggested fix", 24), Column("Rule", 20)),
)


def validate(session: Session) -> None:
    """Check every row and mark what is wrong."""
    surface.must_be_writable(session.sheet)
    wizard = session.wizard(session.store_if_any)
    others = of_other_table(session)
    place = mark(session, wizard)
    said = " ".join(filter(None, [summary(wizard), marking.apart(session.area, place), others]))
    session.done(said)
    questions = [problem.message for problem in wizard.report.blocked]
    if questions:
        session.dialogs.tell("\n\n".join([said, *questions[:_MOST_SHOWN]]))


def mark(session: Session, wizard: Wizard) -> places.Place:
    """Check, and put the marks of the report on the sheet; gives where they are."""
    missing(wizard)
    session.say("Checking")
    report = wizard.report
    session.say("Marking")
    with surface.quiet(session.app):
        place = marking.show(session.area, report)
        if report.table.origin.header_row is not None:
            marking.note_heading(place, summary(wizard))
    if sheets.is_of_template(session.book.sheets.active):
        session.sheet.activate()
    if session.area.ours:  # columns of the user's behind them may have moved up
        del session.area, session.place
    return place


def of_other_table(session: Session) -> str:
    """That the marks which are there now are those of another table, as a sentence for when they went: a sheet has marks for one table at a time."""
    place, area = session.place, session.area
    if place is None:
        return ""
    apart = place.block.row > area.bottom or place.block.row + place.block.shape[0] <= area.top
    return "The marks of the other table on this sheet were replaced." if apart else ""


def missing(wizard: Wizard) -> None:
    """Raises CannotRun where a required field has neither a column nor a value."""
    titles = [wizard.rules.fields[name].title for name in wizard.missing]
    if titles:
        have = "has" if len(titles) == 1 else "have"
        raise CannotRun(f"{', '.join(titles)} {have} no column on this sheet. Press Map columns to say which it is, or to give one value for all rows.")


def summary(wizard: Wizard) -> str:
    """The line that tells how it stands: rows, invoices, errors, total."""
    report = wizard.report
    errors = sum(len(found) for found in report.problems.findings if found.weight == Severity.ERROR)
    rows, noun = plural(len(report.table), "row"), plural(report.invoices, report.rules.document)
    return f"{report.summary()} {rows}, {noun}, {plural(errors, 'error')}."


def next_problem(session: Session) -> None:
    """Select the next wrong cell after the selected one; after the last one comes the first."""
    cells, hidden = _by_sight(session)
    if not cells and hidden:
        raise CannotRun(f"{_in_hidden_rows(hidden, 'problem')}. Show all rows first ({surface.words(session.app).filter}), then press Next problem again.")
    if not cells and session.place is not None and places.whole(session.place):
        session.app.status_bar = False
        session.dialogs.tell("There is no problem in the rows of this sheet.")
        return
    if not cells:
        raise CannotRun("Nothing is marked on this sheet. Press Validate first.")
    selected = session.app.selection
    active = session.book.sheets.active.name == session.sheet.name
    here = (selected.row, selected.column) if active and selected is not None else (0, 0)
    row, column, says = next((cell for cell in cells if cell[:2] > here), cells[0])
    session.sheet.activate()
    session.sheet.range((row, column)).select()
    session.done(f"{says} ({_in_hidden_rows(hidden, 'more problem')})" if hidden else says)


def _by_sight(session: Session) -> tuple[list[tuple[int, int, str]], int]:
    """The marked cells that can be seen, and how many others are in hidden rows (X-23)."""
    cells = places.marked_cells(session.sheet)
    if not cells:
        return [], 0
    its = finding.Area(session.sheet, cells[0][0], 1, cells[-1][0], max(column for _, column, _ in cells))
    hidden = set(finding.hidden_rows(its))
    seen = [cell for cell in cells if cell[0] not in hidden]
    return seen, len(cells) - len(seen)


def _in_hidden_rows(count: int, noun: str) -> str:
    return f"{plural(count, noun)} {'is' if count == 1 else 'are'} in rows that a filter hides"


def problems(session: Session) -> None:
    """List every problem on a sheet of its own."""
    wizard = session.wizard(session.store_if_any)
    session.say("Checking")
    found = sorted(wizard.report.problems, key=lambda problem: problem.row is None and problem.severity < Severity.WARNING)
    session.say("Listing")
    source = session.sheet

    def fill(sheet: xw.Sheet) -> int:
        top = sheets.heading(sheet, f"Problems of sheet {source.name}", summary(wizard))
        sheets.listing(sheet, top, _PROBLEMS, (_listed(problem, wizard) for problem in found), len(found))
        for at, problem in enumerate(found[:_MOST_LINKS], top + 1):
            if re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}", problem.cell):
                sheet.range((at, 1)).add_hyperlink(f"#{places.quoted(source.name)}!{problem.cell}", problem.cell, "Go to the cell")
        return top

    sheets.made("problems", source, fill)
    session.done(plural(len(found), "problem") + " listed.")


def _listed(problem: Problem, wizard: Wizard) -> list[Any]:
    field = wizard.rules.fields.get(problem.field)
    fix = "" if problem.fix is None else ("" if problem.fix.safe else "perhaps ") + (problem.fix.says or problem.fix.value)
    return [problem.cell, str(problem.row or ""), field.title if field else problem.field, str(problem.severity), problem.message, fix, problem.rule]


def apply_fixes(session: Session) -> None:
    """Show the safe corrections, and write them into their cells once the user agrees."""
    surface.must_be_writable(session.sheet)
    wizard = session.wizard(session.store_if_any)
    missing(wizard)
    area, typed = session.area, finding.typed(session.area)

    def calculated(problem: Problem) -> bool:
        row, column = parse_area(problem.cell)[:2]
        return str(typed[row - area.top][column - area.left]).startswith("=")

    found = [problem for problem in wizard.report.problems if problem.fix is not None and problem.fix.safe and re.fullmatch(r"[A-Z]{1,3}\d+", problem.cell)]
    found = [problem for problem in found if not calculated(problem)]
    if not found:
        raise CannotRun("There is nothing that can be corrected without changing its meaning. Correct the tinted cells by hand.")
    lines = [f'{problem.cell}: "{problem.value}" becomes "{_fix(problem)}"' for problem in found[:_MOST_SHOWN]]
    more = len(found) - len(lines)
    lines += [f"and {more:,} more"] if more > 0 else []
    if not session.dialogs.confirm("\n".join([*lines, "", f"Put {plural(len(found), 'correction')} into the cells?{_of_hidden(wizard, found)}"])):
        session.done("nothing was corrected.")
        return
    with surface.quiet(session.app):
        _put(area, {parse_area(problem.cell)[:2]: _fix(problem) for problem in found})
    mark(session, session.wizard(session.store_if_any))
    session.done(plural(len(found), "correction") + " made.")


def _of_hidden(wizard: Wizard, found: list[Problem]) -> str:
    """How many of these are in rows that nobody sees (X-23)."""
    table = wizard.table
    hidden = set() if table.hidden is None else set(table.frame.index[table.hidden].tolist())
    count = sum(problem.row in hidden for problem in found)
    return f" {count:,} of them {'is' if count == 1 else 'are'} in rows that a filter hides." if count else ""


def _fix(problem: Problem) -> str:
    return problem.fix.value if problem.fix else ""


def _put(area: finding.Area, texts: Mapping[tuple[int, int], str]) -> None:
    """Write texts into their cells (row, column), a run of a column at a time. What looks like a number or a date would be turned into one, so those cells become text cells."""
    hidden = finding.hidden_rows(area)
    strips: dict[tuple[int, bool], list[int]] = {}
    for row, column in sorted(texts):
        strips.setdefault((column, bool(_TURNS.match(texts[row, column]))), []).append(row)
    for (column, turns), rows in strips.items():
        for first, last in runs(rows):
            if turns:
                area.sheet.range((first, column), (last, column)).number_format = "@"
            surface.write_cells(area.sheet, column, first, surface.row_texts([texts[row, column] for row in range(first, last + 1)]), hidden)


def clear_marks(session: Session) -> None:
    """Put the sheet back as it was, and take our own sheets out of the workbook."""
    with surface.quiet(session.app):
        clearing.clear(session.sheet)
    session.sheet.activate()
    for kind in sheets.TITLES:
        sheets.remove(session.book, kind)
    session.app.status_bar = False


def map_columns(session: Session) -> None:
    """Show the columns; on the sheet that shows them, keep what was chosen. Where it fits no longer, it is made anew."""
    active = session.book.sheets.active
    ours = sheets.sheet_of(session.book, "columns")
    wizard = session.wizard(session.store_if_any, anew=True)
    said = columns.said(session.book, session.sheet, session.config.rules)
    if ours is None or ours.name != active.name or not said.fits(wizard.table):
        columns.show(wizard, session.sheet)
        session.done("choose the field of each column, then press Validate.")
        return
    missing(wizard)
    session.sheet.activate()
    _keep(session, wizard)


def _keep(session: Session, wizard: Wizard) -> None:
    """Save the columns under a name, where the user gives one."""
    answer = session.dialogs.form("Keep these columns for the next workbook? Give them a name, or leave it blank to use them here alone.", [Field("name", "Name", session.config.mapping)])
    name = (answer or {}).get("name", "")
    if not name:
        session.done("these columns are used for this sheet.")
        return
    wizard = session.wizard(session.store)
    kept = replaced(wizard, name)
    if kept is not None and not session.dialogs.confirm(f'The mapping "{name}" is there already, version {kept.version}. Replace its columns and values?'):
        session.done("these columns are used for this sheet, and nothing was kept.")
        return
    session.store.save_mapping(template(wizard), name, user=session.config.user or None)
    session.choose(session.config.with_mapping(name))
    session.done(f'the columns are kept as "{name}".')
