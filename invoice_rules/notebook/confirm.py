"""Step 5: what the import will do, the button that does it, and the receipt."""

from pathlib import Path
from typing import Any

import ipywidgets as widgets

from invoice_rules import CannotRun, Outcome, Outrun, Plan, Receipt, Severity, plural, workbooks
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.check import XLSX
from invoice_rules.notebook.receipts import receipt_html
from invoice_rules.notebook.saving import SavingBox
from invoice_rules.notebook.worker import Progress, Stopped
from invoice_rules.values import show_money
from invoice_rules.wizard import Step

_MOST = 200
_CARDS = {
    Outcome.CREATED: ("new", "good"),
    Outcome.UPDATED: ("changed", "good"),
    Outcome.UNCHANGED: ("unchanged", ""),
    Outcome.SKIPPED: ("skipped", ""),
    Outcome.REJECTED: ("kept out", "bad"),
}


class ConfirmPage(pages.Page):
    """The plan with its differences; after the import its receipt and what has to be fixed."""

    def __init__(self, around: pages.Around):
        super().__init__(around)
        guard = around.guard
        self.workbook: Path | None = None
        self.plan, self.result = pages.html(), pages.html()
        self.whole = controls.tick("All or nothing: import nothing where one of them stays out", guard, self._whole_chosen)
        self.absent = controls.tick("Close the absent ones as paid", guard, self._absent_chosen)
        self.commit = controls.button("Import", guard, self.run, main=True)
        self.download = controls.button("Download the error workbook", guard, self._download)
        self.another = controls.button("Import another file", guard, around.anew, main=True)
        self.saving = SavingBox(around)
        self.before = widgets.VBox([self.plan, self.absent, self.whole, controls.row(self.commit)])
        self.after = widgets.VBox([self.result, controls.row(self.download, self.another), self.saving.box])
        self.box.children = [self.before, self.after]
        self._switch()

    @property
    def done(self) -> bool:
        """Whether the import is in; a choice that alters something begins another one."""
        return self.state.receipt is not None

    def show(self, progress: Progress) -> None:
        self._switch()
        if self.done or not self.around.fresh(progress):
            return
        try:
            self._show_plan(progress)
        except BaseException:
            self._show_none()
            raise

    def _show_plan(self, progress: Progress) -> None:
        self.commit.disabled = True
        self.state.store.require(self.state.rules.needs or "importer", "Importing")
        progress.say("Planning")
        plan = self.state.plan
        self.plan.value = plan_html(plan) + html.paragraph(self.state.question())
        absent = 0 if plan.absent is None else len(plan.absent)
        controls.show(self.absent, absent > 0)
        self.absent.description = f"Close {plural(absent, f'absent {plan.report.rules.document}')} as {plan.report.rules.paid}"
        controls.set_value(self.absent, plan.close_absent)
        controls.set_value(self.whole, plan.all_or_nothing)
        self.commit.description, self.commit.disabled = act_of(plan), not may_go(plan)

    def _show_none(self) -> None:
        """No plan could be made: nothing of an earlier one stays."""
        self.plan.value, self.commit.description, self.commit.disabled = "", "Import", True
        controls.show(self.absent, False)

    def ready(self) -> None:
        """Let the button work again, where there is something to import."""
        self.commit.disabled = not (self.state.made(Step.CONFIRM) and may_go(self.state.plan))

    def run(self) -> None:
        """Write what the plan says."""
        self.around.act("import", self._import)

    def finished(self, receipt: Receipt, workbook: Path | None) -> None:
        """Show the receipt, and what stayed out."""
        self.workbook = workbook
        self.result.value = receipt_html(receipt) + _to_fix(workbook, receipt)
        controls.show(self.download, workbook is not None)
        self.saving.show()
        self._switch()

    def begin(self) -> None:
        """Forget the last receipt."""
        self.workbook = None
        self.plan.value = self.result.value = ""
        self._switch()

    def _switch(self) -> None:
        controls.show(self.before, not self.done)
        controls.show(self.after, self.done)

    def _import(self, progress: Progress) -> None:
        if self.done or not self.state.made(Step.CONFIRM):
            return
        if not self.around.fresh(progress):
            raise CannotRun("Nothing was imported. Look at what the file holds now, then import it.")
        progress.say("Importing")
        self.around.keep(importing=self.state.plan.id)
        try:
            receipt = self.state.commit(lambda done, total, _: progress(done, total, "Importing"))
        except Outrun as outrun:
            self.show(progress)
            raise CannotRun(f"{outrun} The plan above is the new one: look at it, then import.") from outrun
        except Stopped:
            self.around.keep(importing="")
            self.state.refresh()  # the plan that was stopped is in the history as stopped
            self.around.frame.note("The import was stopped. Nothing was written.")
            self.show(progress.stopped())
            return
        if progress.stopping:
            self.around.frame.note("It was too late to stop: the import was written already. It can be undone in the history.")
        self.finished(receipt, self._workbook())
        self.around.keep(importing="")

    def _workbook(self) -> Path | None:
        """What is to be fixed, beside the file, or in the notebook's folder where the file was uploaded (S0-25)."""
        report = self.state.report
        if report.blocked and not (report.worst >= Severity.HOLD).any():
            return None
        path = report.table.origin.path
        with self.around.guard("error workbook"):
            return workbooks.error_workbook(self.state.plan, self.around.folder if path is None or self.around.keeper.owns(path) else None)
        return None

    def _download(self) -> None:
        if self.workbook is None or not self.workbook.is_file():
            raise CannotRun("The workbook is not there any more. It was moved or deleted.")
        self.around.frame.hand_over(self.workbook.name, self.workbook.read_bytes(), XLSX)

    def _whole_chosen(self, yes: bool) -> None:
        self.change("all or nothing", lambda: self.state.choose(all_or_nothing=yes))

    def _absent_chosen(self, yes: bool) -> None:
        self.change("absent ones", lambda: self.state.choose(close_absent=yes))


def act_of(plan: Plan) -> str:
    """The button's words: `Import 1,887 invoices`."""
    going = plan.count(Outcome.CREATED) + plan.count(Outcome.UPDATED)
    closing = len(plan.absent) if plan.close_absent and plan.absent is not None else 0
    noun = plan.report.rules.document
    if going and closing:
        return f"Import {plural(going, noun)} and close {closing:,}"
    if going or closing:
        return f"Import {plural(going, noun)}" if going else f"Close {plural(closing, noun)} as {plan.report.rules.paid}"
    return "Keep a receipt that nothing changes" if may_go(plan) else "Nothing to import"


def may_go(plan: Plan) -> bool:
    """Whether there is anything to write; that nothing changes may be kept too."""
    return plan.report.invoices > 0 and plan.count(Outcome.REJECTED) < plan.report.invoices


def plan_html(plan: Plan) -> str:
    """What the import would do: into which books, outcomes, values that change, absent open items."""
    report, counts = plan.report, {outcome: plan.count(outcome) for outcome in Outcome}
    cards = html.cards((f"{counts[its]:,}", said, kind) for its, (said, kind) in _CARDS.items() if counts[its])
    edited = len(report.table.edited)
    told = [
        html.paragraph(f"{report.table.origin.name} into {report.entity.name}. {plan.summary()}", "lead"),
        cards,
        html.paragraph(f"{plural(edited, 'cell')} of the file {'was' if edited == 1 else 'were'} edited here; the receipt says so." if edited else "", "note"),
        *_differences(plan),
        *_absent(plan),
    ]
    return "".join(told)


def _differences(plan: Plan) -> list[str]:
    changed = plan.differences(_MOST)
    if not len(changed):
        return []
    rows = [[its["row"], its["key"], its["title"], its["before"], its["after"]] for its in changed.to_dict("records")]
    more = f"The first {_MOST} of {plan.changes:,} changes." if plan.changes > _MOST else ""
    return [html.heading("What changes"), html.table(["Row", "Invoice", "Field", "Before", "After"], rows, "What changes", ["Row"]), html.paragraph(more, "note")]


def _absent(plan: Plan) -> list[str]:
    """Open invoices that a complete list does not have (X-20)."""
    if plan.absent is None or not len(plan.absent):
        return []
    rows = [[its.key, its.number, its.customer, _due(its), its.currency] for its in plan.absent.head(_MOST).itertuples()]
    title = f"{plural(len(plan.absent), 'open ' + plan.report.rules.document)} on file {'is' if len(plan.absent) == 1 else 'are'} absent from this file"
    return [html.heading(title), html.table(["Invoice", "Number", "Customer", "Due", ""], rows, title, ["Due"])]


def _due(its: Any) -> str:
    return "" if its.balance is None else show_money(its.balance, its.currency)


def _to_fix(workbook: Path | None, receipt: Receipt) -> str:
    rejected = receipt.counts.get(str(Outcome.REJECTED), 0)
    if workbook is None:
        return html.paragraph(f"{rejected:,} stayed out." if rejected else "", "note")
    return html.paragraph(f"What stayed out is in this workbook, with the reasons: {workbook}. Correct the tinted cells, then import it.", "neutral")
