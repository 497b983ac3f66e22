"""`import`: check, plan, show what would change, ask, commit, and hand over the receipt and what has to be fixed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, options, output, records, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.checking import each, examine, show, show_open_holds
from invoice_rules.cli.session import Session, line, own_command, progress, say, tell, working

RETRIES = 5

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and write nothing.")]
AllOrNothing = Annotated[
    bool | None,
    typer.Option("--all-or-nothing/--good-only", help="Import nothing where one invoice is rejected, or the good ones only; by default as the rule set says: histories of QuickBooks come in whole."),
]
Accept = Annotated[list[str] | None, typer.Option("--accept", metavar="HOLD", help="Say yes to this kind of hold, such as rising-due; an administrator may say closed-books too. May be repeated.")]
Complete = Annotated[bool, typer.Option("--open-items-complete", help="The file is the complete list of open invoices: those absent from it are listed.")]
CloseAbsent = Annotated[bool, typer.Option("--close-absent", help="With --open-items-complete: close the absent ones as paid.")]
Remember = Annotated[bool, typer.Option("--remember", help="Keep the safe fixes and column settings as the sender's corrections; needs --sender.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Import without asking.")]


@app.command(name="import")
def import_(
    ctx: typer.Context,
    files: options.Files,
    rules: options.Rules = None,
    saved: options.Saved = None,
    map_: options.Map = None,
    set_: options.Set = None,
    sheet: options.Sheet = None,
    header: options.Header = "auto",
    encoding: options.Encoding = None,
    sender: options.Sender = "",
    currency: options.Currency = None,
    limit_mb: options.LimitMb = None,
    fix: options.ApplyFixes = False,
    expect_count: options.Count = None,
    expect_total: options.Total = None,
    show_all: options.All = False,
    dry_run: DryRun = False,
    all_or_nothing: AllOrNothing = None,
    accept: Accept = None,
    open_items_complete: Complete = False,
    close_absent: CloseAbsent = False,
    remember: Remember = False,
    yes: Yes = False,
) -> None:
    """Import files.

    The good invoices go in; the others come back in a workbook with their reasons. Before anything is written, the plan is
    shown with the difference of every field that changes, and you are asked.

    Ends with 0 where everything went in, 1 where invoices were rejected, 2 where a file could not be imported at all.
    """
    session, given = ctx.obj, dict(ctx.params)
    _refuse_contradictions(session, given)

    def judge(file: Path, writing: output.Array | None) -> int:
        run = _Import(session, invoice_rules.wizard.Wizard(options.choices(session, file, given), store=session.store), given)
        return run.run(file, writing)

    with session.rehearsal(dry_run):
        code = each(ctx, files, judge)
    raise typer.Exit(code)


def _refuse_contradictions(session: Session, given: dict[str, Any]) -> None:
    """Raise CannotRun where what was asked for does not go together (X-6, X-14, X-20)."""
    if not (given["yes"] or given["dry_run"] or session.interactive):
        raise invoice_rules.CannotRun("Nothing was imported: nobody can be asked here. Add --yes to import without asking, or --dry-run to see what would happen.")
    if given["remember"] and not given["sender"]:
        raise invoice_rules.CannotRun("Corrections are remembered for a sender. Add --sender NAME.")
    if given["close_absent"] and not given["open_items_complete"]:
        raise invoice_rules.CannotRun("Absent invoices can be closed only where the file lists all open ones. Add --open-items-complete.")
    if given["open_items_complete"] and len(given["files"]) > 1:
        raise invoice_rules.CannotRun("A complete list of open items is one file. Put the files together, or import them without --open-items-complete. Nothing was imported.")


class _Import:
    """One file on its way into the store."""

    def __init__(self, session: Session, wizard: Any, given: dict[str, Any]):
        self.session, self.wizard, self.given = session, wizard, given
        self.quiet = session.json
        self.asks = session.interactive and not given["yes"] and not given["dry_run"]

    def run(self, file: Path, writing: output.Array | None) -> int:
        """The exit code; what there is to show is shown on the way. Who may not import is told before the work (S1-1)."""
        if not self.given["dry_run"]:
            self.session.store.require(self.wizard.rules.needs or "importer", "Importing")
        examine(self.wizard)
        if not self.quiet:
            show(self.wizard, self.given["show_all"])
        if not self.wizard.report.invoices:
            if writing is not None:
                return self._finish(file, writing, None, None)
            say("Nothing was imported.")
            return 0
        if self.asks:
            asking.settle_holds(self.wizard)
        self._show_plan()
        for name in set(self.wizard.choices.accept) - {found.rule.id for found in self.wizard.report.problems.findings} - set(self.wizard.plan.accepted_holds):
            tell(f'Nothing in this file waits for "{name}".')
        if not self.quiet and not self.asks:
            show_open_holds(self.wizard)
        if self.asks:
            asking.close_absent(self.wizard)
        if self.given["dry_run"]:
            return self._finish(file, writing, None, None)
        if self.asks and not asking.confirm(self.wizard):
            say("Nothing was imported.")
            return 1
        receipt = commit(self.wizard, self._again)
        if self.given["remember"]:
            remember(self.wizard, self.session, self.quiet)
        return self._finish(file, writing, receipt, error_workbook(self.wizard))

    def _show_plan(self) -> None:
        with working("Planning"):
            _ = self.wizard.plan
        if not self.quiet:
            show_plan(self.wizard)

    def _again(self) -> bool:
        self._show_plan()
        return not self.asks or asking.confirm(self.wizard)

    def _finish(self, file: Path, writing: output.Array | None, receipt: Any | None, workbook: Path | None) -> int:
        plan = self.wizard.plan
        if writing is not None:
            element = {**output.of_report(str(file), self.wizard, self.session.store_label), **output.of_plan(plan, receipt, workbook)}
            writing.add(element, self.wizard.report.problems)
        elif receipt is None:
            say("\nThis was a dry run: nothing was written.", style="bold")
        else:
            self._say_if_failed(plan)
            again = workbook and _again_command(self.session.argv, self.given["files"], workbook)
            show_result(receipt, workbook, file.parent, again or "", bool(plan.report.unsettled(plan.accepted_holds)))
        rejected = plan.count(invoice_rules.Outcome.REJECTED)
        if rejected and receipt is not None and workbook is None and not self.quiet:
            say("\nNothing was imported. Settle what is said about the whole file, then import it again.", style="bold")
        return 1 if rejected else 0


    def _say_if_failed(self, plan: Any) -> None:
        """All or nothing, and it was nothing (S1-10, S1-15)."""
        out = int((plan.report.worst >= invoice_rules.Severity.HOLD).sum())
        others = 0 < out < plan.report.invoices and not plan.report.unsettled(plan.accepted_holds)
        if plan.all_or_nothing and plan.count(invoice_rules.Outcome.REJECTED) == plan.report.invoices and others:
            noun = plan.report.rules.document
            say(f"\nIMPORT FAILED: {invoice_rules.plural(out, noun)} cannot go in, and these rules take all or nothing. With --good-only the others go in.", style="bold red")
        elif plan.all_or_nothing and plan.count(invoice_rules.Outcome.REJECTED):
            say("\nIMPORT FAILED: nothing was imported.", style="bold red")


def commit(wizard: Any, again: Callable[[], bool]) -> Any:
    """Commit; where the store changed meanwhile, `again` shows the new plan and says whether to go on, a few times (X-6)."""
    for attempt in range(RETRIES):
        try:
            with progress(f"Importing into {wizard.report.entity.name}") as tick:
                return wizard.commit(tick)
        except invoice_rules.Outrun:
            if attempt == RETRIES - 1:
                raise
            tell("The store changed meanwhile, so the plan is made again.")
            if not again():
                break
    raise invoice_rules.CannotRun("Nothing was imported.")


def error_workbook(wizard: Any) -> Path | None:
    """The rejected invoices with their reasons, beside the file; None where there are none, or where no cell is in the way (S0-25)."""
    if wizard.report.blocked and not (wizard.report.worst >= invoice_rules.Severity.HOLD).any():
        return None
    with working("Writing the workbook of what is to be fixed"):
        return invoice_rules.workbooks.error_workbook(wizard.plan)


def remember(wizard: Any, session: Session, quiet: bool) -> None:
    """Keep the safe fixes and column settings as the sender's (X-14)."""
    kept = wizard.corrections_to_remember()
    session.store.save_corrections(kept, wizard.rules.name)
    if not quiet:
        count = invoice_rules.plural(len(kept.values) + len(kept.settings), "correction")
        say(f"{count} remembered for {kept.sender}; the next file with --sender is read with them.")


def show_result(receipt: Any, workbook: Path | None, folder: Path, again: str = "", unsettled: bool = False) -> None:
    """The receipt, where what has to be fixed is, and the command that imports it; `unsettled`: something about the whole file is in the way too."""
    say("")
    records.receipt(receipt)
    if workbook is None:
        return
    say("")
    if workbook.parent.resolve() != folder.resolve():
        say(f"The folder of the file could not be written to, so the workbook is in {workbook.parent}.")
    correct = "First settle what is said about the whole file. Then correct the tinted cells and import it:" if unsettled else "Correct the tinted cells, then import it:"
    say(f"What stayed out is in this workbook, with the reasons. {correct}", style="bold")
    line(f"  {workbook}")
    if again:
        line(f"  {again}", style="dim")


_OF_THE_FILE = {"--sheet", "--header", "--encoding", "--expect-count", "--expect-total"}
_ONCE = {"--open-items-complete", "--close-absent"}


def _again_command(argv: Sequence[str], files: Sequence[Path], workbook: Path) -> str:
    """The command that imports the corrected workbook with the same columns, values and fixes, but for what was said of its file alone."""
    words: list[str] = []
    skip = False
    for word in argv:
        name, sign, _ = word.partition("=")
        if not (skip or name in _OF_THE_FILE | _ONCE or Path(word) in files):
            words.append(word)
        skip = name in _OF_THE_FILE and not sign and not skip
    words.insert(words.index("import") + 1, str(workbook))
    return own_command(words)


def show_plan(wizard: Any) -> None:
    """What the import would do, with the difference of every field that changes (S3-22), and absent open items (X-20)."""
    plan = wizard.plan
    say("")
    say(plan.summary(), style="bold")
    showing.differences(plan.differences(showing.FIRST), plan.changes)
    if plan.absent is not None and len(plan.absent):
        showing.absent(plan.absent, wizard.rules)
