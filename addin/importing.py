"""Preview import and Import: the same plan (X-6); nothing is written to the books before the user says yes."""


import numpy as np
import xlwings as xw

from addin import checking, finding, marking, places, sheets, surface
from addin.dialogs import Field
from addin.session import Session
from addin.sheets import Column
from invoice_rules import MARK_HEADINGS, CannotRun, Outcome, Outrun, Plan, Receipt, Severity, marks, plural
from invoice_rules.wizard import Wizard

_ATTEMPTS = 5
_MOST_CHANGES = 6
_NOTHING = "Nothing was imported."
_DIFFERENCES = (*(Column("Row", 8), Column("Document", 22), Column("Field", 24)), *(Column("Now", 26), Column("After the import", 26)))
_OUTCOMES = (Column("Row", 8), Column("Document", 22), Column("What would happen", 90, long=True))


def preview_import(session: Session) -> None:
    """List what an import would do, with every value that changes (S3-19)."""
    wizard = session.wizard(session.store)
    checking.missing(wizard)
    session.say("Planning")
    plan, source = wizard.plan, session.sheet

    def fill(sheet: xw.Sheet) -> int:
        top = sheets.heading(sheet, f"What an import of sheet {source.name} would do", plan.summary(), "Nothing was written to the books.")
        changes = plan.differences()
        if len(changes):
            rows = ([str(its.row), its.key, its.title, str(its.before), str(its.after)] for its in changes.itertuples())
            top = sheets.listing(sheet, top, _DIFFERENCES, rows, len(changes)) + 1
        told = marks.outcome_texts(plan)
        keys, rows_of = _keys(plan), plan.report.rows.index.to_numpy()
        sheets.listing(sheet, top, _OUTCOMES, ([str(row), key, text] for row, key, text in zip(rows_of, keys, told, strict=True)), len(keys))
        return 0 if len(changes) else top

    sheets.made("preview", source, fill)
    session.done(plan.summary())


def _keys(plan: Plan) -> list[str]:
    """The key of each document, as users know it."""
    key = plan.report.rules.key
    return ["" if value != value or value is None else str(value) for value in plan.report.rows[key]]


def import_invoices(session: Session) -> None:
    """Check, ask, import what is ready, and write what became of each row beside it."""
    surface.must_be_writable(session.sheet)
    wizard = session.wizard(session.store)
    session.store.require(wizard.rules.needs or "importer", "Importing")
    checking.missing(wizard)
    if not (_rows_chosen(session, wizard) and _totals_told(session, wizard)):
        session.done("nothing was imported.")
        return
    done, others = _has_outcomes(session), checking.of_other_table(session)
    if not done:
        checking.mark(session, wizard)
    _must_be_ready(wizard)
    _settle_holds(session, wizard)
    session.say("Planning")
    receipt = _committed(session, wizard)
    if receipt is None:
        session.done("nothing was imported.")
        return
    if done:
        _marked_anew(session, wizard, receipt)
    _show(session, wizard, receipt)
    session.done(" ".join(filter(None, [receipt.summary(), others])))
    session.dialogs.tell(_told(wizard, receipt))


def _has_outcomes(session: Session) -> bool:
    """Whether the record and the batch of an earlier import stand beside the rows: they stay until another one is done."""
    if session.place is None or len(session.place.columns) < len(MARK_HEADINGS):
        return False
    surface.must_not_be_too_filtered(session.area, finding.hidden_rows(session.area))
    return True


def _must_be_ready(wizard: Wizard) -> None:
    """Raises CannotRun where there are no invoices, or something is wrong with the file as a whole."""
    if not wizard.report.invoices:
        raise CannotRun(wizard.report.summary())
    wrong = [problem.message for problem in wizard.report.blocked if problem.severity == Severity.ERROR]
    if wrong:
        raise CannotRun("\n\n".join([*wrong, _NOTHING]))


def _marked_anew(session: Session, wizard: Wizard, receipt: Receipt) -> None:
    """Marks in place of those of the earlier import. Raises CannotRun, with what was imported, where the sheet takes none."""
    try:
        checking.mark(session, wizard)
    except CannotRun as stopped:
        raise CannotRun(f"{receipt.summary()} {stopped}") from stopped


def _rows_chosen(session: Session, wizard: Wizard) -> bool:
    """Whether all rows go in or only those that a filter shows, where it hides some (X-23); False where the user cancelled."""
    hidden = wizard.table.hidden
    if hidden is None or not hidden.any():
        return True
    count, out = len(hidden), int(hidden.sum())
    choices = (f"all {count:,} rows", f"only the {count - out:,} visible rows")
    asked = f"{plural(out, 'row')} of this sheet {'is' if out == 1 else 'are'} hidden by a filter. Which rows are to be imported?"
    answer = session.dialogs.form(asked, [Field("rows", "Rows", choices[0], choices)])
    if answer is None:
        return False
    wizard.setting("rows", "visible" if answer["rows"] == choices[1] else "all")
    return True


def _totals_told(session: Session, wizard: Wizard) -> bool:
    """The control totals that the sender declares, where there are any (X-8); False where the user cancelled."""
    if wizard.rules.role("amount") is None:
        return True
    questions = [its for its in wizard.questions() if its.name in ("expect-count", "expect-total")]
    asked = "Did the sender declare how many invoices there are, or their total? Leave blank what was not declared."
    while True:
        answer = session.dialogs.form(asked, [Field(its.name, its.title, its.value) for its in questions])
        if answer is None:
            return False
        try:
            for name, value in answer.items():
                wizard.answer(name, value or None)
            return True
        except CannotRun as wrong:
            session.dialogs.tell(str(wrong), bad=True)


def _settle_holds(session: Session, wizard: Wizard) -> None:
    """Each kind of hold once: accepted for this import, or its invoices stay out (X-19)."""
    accepted = []
    for hold in wizard.open_holds():
        others = f" The same goes for {plural(hold.count - 1, 'other row')}." if hold.count > 1 else ""
        if session.dialogs.confirm(f"{hold.example.message}{others}\n\nAccept this for this import?"):
            accepted.append(hold.rule)
    if accepted:
        wizard.accept(accepted)


def _committed(session: Session, wizard: Wizard) -> Receipt | None:
    """Ask with the plan's own figures and commit; where the books changed meanwhile, ask again with the new ones."""
    for _ in range(_ATTEMPTS):
        question = wizard.question()
        if not question:
            raise CannotRun(f"{wizard.plan.summary()} {_NOTHING}")
        if not session.dialogs.confirm("\n\n".join(filter(None, [wizard.plan.summary(), _changes(wizard.plan), question]))):
            return None
        try:
            return wizard.commit(lambda done, total, _: session.say(f"Importing {done:,} of {total:,}"))
        except Outrun:
            session.say("The books changed meanwhile. Planning again")
    raise CannotRun("Nothing was imported: others kept changing the same books. Try again in a moment.")


def _changes(plan: Plan) -> str:
    """The first values that change, a line each."""
    lines = [f"{its.key}: {marks.change(its.field, its.title, its.before, its.after)}" for its in plan.differences(_MOST_CHANGES).itertuples()]
    more = plan.changes - len(lines)
    return "\n".join([*lines, *([f"and {more:,} more changes; Preview import lists them all"] if more > 0 else [])])


def _show(session: Session, wizard: Wizard, receipt: Receipt) -> None:
    """Status, record and batch beside every row; the tints of what stayed out stay too."""
    session.say("Marking")
    plan, report, area = wizard.plan, wizard.report, session.area
    place = places.place_of(session.sheet)
    if place is None:
        raise CannotRun(f"{receipt.summary()} The columns for the status were taken away meanwhile, so nothing was written beside the rows.")
    first, headed = place.block.row, report.table.origin.header_row is not None
    told = np.array(marks.outcome_texts(plan), object)[report.invoice]
    going = np.isin(plan.outcomes, [Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED])
    written = np.isin(plan.outcomes, [Outcome.CREATED, Outcome.UPDATED])
    keys = [key if its else None for key, its in zip(_keys(plan), going, strict=True)]
    batches = [receipt.number if its else None for its in written]
    of = report.invoice.tolist()
    hidden = finding.hidden_rows(area)
    with surface.quiet(session.app):
        columns = (surface.row_texts(told.tolist()), [keys[one] for one in of], [batches[one] for one in of])
        headings = (MARK_HEADINGS[0], *MARK_HEADINGS[2:]) if headed else (None, None, None)
        rows = report.table.frame.index.to_numpy()
        status, *others = [marking.spread(values, rows, first, heading) for values, heading in zip(columns, headings, strict=True)]
        surface.write_columns(session.sheet, place.block.column, first, [status], hidden)
        marking.widen(place, told)
        marking.add_outcomes(area, place, others, first, hidden)


def _told(wizard: Wizard, receipt: Receipt) -> str:
    out = wizard.plan.count(Outcome.REJECTED)
    noun = plural(out, wizard.rules.document)
    rest = f"{noun} stayed out: the status beside each row says why. Correct the tinted cells, then import again." if out else ""
    return "\n\n".join(filter(None, [receipt.summary(), rest]))
