"""`import`: check, plan, show what would change, ask, commit, and hand over the receipt and what has to be fixed."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, options, output, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.checking import each, examine, show
from invoice_rules.cli.session import Session, line, progress, say, tell, working

RETRIES = 5

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and write nothing.")]
AllOrNothing = Annotated[bool, typer.Option("--all-or-nothing", help="Import nothing where one invoice is rejected.")]
Accept = Annotated[list[str] | None, typer.Option("--accept", metavar="HOLD", help="Say yes to this kind of hold, such as rising-due. May be repeated.")]
Complete = Annotated[bool, typer.Option("--open-items-complete", help="The file is the complete list of open invoices: those absent from it are listed.")]
CloseAbsent = Annotated[bool, typer.Option("--close-absent", help="With --open-items-complete: close the absent ones as Paid.")]
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
    all_or_nothing: AllOrNothing = False,
    accept: Accept = None,
    open_items_complete: Complete = False,
    close_absent: CloseAbsent = False,
    remember: Remember = False,
    yes: Yes = False,
) -> None:
    """Import files: the good invoices go in, the others come back in a workbook with their reasons.

    Ends with 0 where everything went in, 1 where invoices were rejected, 2 where a file could not be imported at all.
    """
    session: Session = ctx.obj
    if not (yes or dry_run or session.interactive):
        raise invoice_rules.CannotRun("Nothing was imported: nobody can be asked here. Add --yes to import without asking, or --dry-run to see what would happen.")
    if remember and not sender:
        raise invoice_rules.CannotRun("Corrections are remembered for a sender. Add --sender NAME.")
    if close_absent and not open_items_complete:
        raise invoice_rules.CannotRun("Absent invoices can be closed only where the file lists all open ones. Add --open-items-complete.")
    given = dict(ctx.params)

    def judge(file: Path, writing: output.Array | None) -> int:
        run = _Import(session, invoice_rules.wizard.Wizard(options.choices(session, file, given), store=session.store), given)
        return run.run(file, writing)

    raise typer.Exit(each(ctx, files, judge))


class _Import:
    """One file on its way into the store."""

    def __init__(self, session: Session, wizard: Any, given: dict[str, Any]):
        self.session, self.wizard, self.given = session, wizard, given
        self.quiet = session.json
        self.asks = session.interactive and not given["yes"] and not given["dry_run"]

    def run(self, file: Path, writing: output.Array | None) -> int:
        wizard = self.wizard
        examine(wizard)
        if not self.quiet:
            show(wizard, self.given["show_all"])
        if self.asks:
            asking.settle_holds(wizard)
        self._plan()
        if self.asks and asking.close_absent(wizard):
            self._plan()
        if self.given["dry_run"]:
            return self._finish(file, writing, None, None)
        if self.asks and not asking.confirm(wizard):
            say("Nothing was imported.")
            return 1
        receipt = self._commit()
        if self.given["remember"]:
            self._remember()
        return self._finish(file, writing, receipt, self._error_workbook())

    def _plan(self) -> None:
        with working("Planning"):
            plan = self.wizard.plan
        if not self.quiet:
            show_plan(self.wizard, plan)

    def _commit(self) -> Any:
        """Commit; where the store changed meanwhile, plan anew and ask again, a few times (X-6)."""
        for attempt in range(RETRIES):
            try:
                with progress(f"Importing into {self.wizard.report.entity.name}") as tick:
                    return self.wizard.commit(tick)
            except invoice_rules.Outrun:
                if attempt == RETRIES - 1:
                    raise
                tell("The store changed meanwhile: the plan is made again.")
                self._plan()
                if self.asks and not asking.confirm(self.wizard):
                    raise invoice_rules.CannotRun("Nothing was imported.") from None
        raise AssertionError("unreachable")

    def _error_workbook(self) -> Path | None:
        """The rejected invoices with their reasons, beside the file; None where there are none (S0-25)."""
        if not self.wizard.plan.count(invoice_rules.Outcome.REJECTED):
            return None
        return invoice_rules.workbooks.error_workbook(self.wizard.plan)

    def _remember(self) -> None:
        kept = self.session.store.save_corrections(self.wizard.rules, self.wizard.corrections_to_remember())
        if not self.quiet:
            say(f"{invoice_rules.plural(len(kept.values), 'correction')} remembered for {kept.sender}.")

    def _finish(self, file: Path, writing: output.Array | None, receipt: Any | None, workbook: Path | None) -> int:
        plan, store = self.wizard.plan, self.session.store
        rejected = plan.count(invoice_rules.Outcome.REJECTED)
        if writing is not None:
            element = {**output.of_report(str(file), self.wizard, store.label), **output.of_plan(plan, receipt, workbook)}
            writing.add(element, self.wizard.report.problems)
        else:
            _say_result(receipt, workbook)
        return 1 if rejected else 0


def _say_result(receipt: Any | None, workbook: Path | None) -> None:
    say("")
    if receipt is None:
        say("This was a dry run: nothing was written.", style="bold")
        return
    showing.receipt(receipt)
    if workbook is not None:
        say("\nThe invoices that stayed out are in this workbook. Correct the tinted cells and import it:", style="bold")
        line(f"  {workbook}")


def show_plan(wizard: Any, plan: Any) -> None:
    """What the import would do, with the difference of every field that changes (S3-22), and absent open items (X-20)."""
    say("")
    say(plan.summary(), style="bold")
    showing.differences(plan.differences())
    if plan.absent is not None and len(plan.absent):
        showing.absent(plan.absent, wizard.rules)
