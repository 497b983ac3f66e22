"""Step 4: what is wrong, cell by cell and rule by rule; cells can be edited, fixes applied, doubts confirmed."""

import tempfile
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from invoice_rules import CannotRun, Report, Severity, filledin, plural, workbooks
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.grid import ErrorGrid
from invoice_rules.notebook.tally import Tally, of_kind
from invoice_rules.notebook.worker import Progress
from invoice_rules.wizard import Hold

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOTICES = 20
_COUNTED = 100_000
"""Problems up to which the safe fixes among them are counted."""


class CheckPage(pages.Page):
    """Cards, problems by rule, holds, the grid, and the workbook of what is to be fixed."""

    def __init__(self, around: pages.Around):
        super().__init__(around)
        guard = around.guard
        self.summary, self.about_file, self.told = pages.html(), pages.html(), pages.html()
        self.tally = Tally(guard, self._show_rows, self.download_rule)
        self.holds = widgets.VBox()
        self.fixes = controls.button("Apply the safe fixes", guard, self._toggle_fixes)
        self.workbook = controls.button("Download the error workbook", guard, self.download_workbook)
        self.undo = controls.button("Take all edits back", guard, lambda: self.change("edits undone", lambda: self.state.choose(edits={})))
        self.grid = ErrorGrid(guard, self.edit)
        self.box.children = [self.summary, self.about_file, self.holds, controls.row(self.fixes, self.workbook, self.undo), self.tally, self.grid, self.told]

    def show(self, progress: Progress) -> None:
        state = self.state
        progress.say(f"Checking {plural(len(state.table), 'row')}")
        report = state.report
        progress.check()
        self.summary.value = html.paragraph(report.summary(), "lead") + html.cards(figures(report))
        self.about_file.value = html.listed((its.message for its in report.problems.about_file(Severity.ERROR)), "bad")
        self.tally.show(report)
        self._show_holds(state.holds())
        self._show_fixes(report)
        self.workbook.disabled = not (report.worst >= Severity.HOLD).any()
        self.undo.description = f"Take {plural(len(state.choices.edits), 'edit')} back"
        controls.show(self.undo, bool(state.choices.edits))
        self.grid.show(report)
        self.told.value = filled_html(report) + notices_html(report)

    def edit(self, row: int, column: int, text: str | None) -> None:
        """Put other text into a cell and check again."""
        self.change("cell edited", lambda: self.state.edit(row, column, text))

    def download_rule(self, rule: str, field: str) -> None:
        """A CSV file of the problems of one rule and field."""

        def job(progress: Progress) -> None:
            progress.say("Writing the file")
            frame = of_kind(self.state.report, rule, field).to_frame()
            with tempfile.TemporaryDirectory() as folder:
                data = workbooks.table_csv(frame, Path(folder) / "problems.csv").read_bytes()
            stem = Path(self.state.table.origin.name).stem
            self.around.frame.hand_over(f"{stem} - {rule}.csv", data, "text/csv")

        self.around.act("download of a rule", job)

    def download_workbook(self) -> None:
        """The rows that stay out, with the reasons (S0-26)."""

        def job(progress: Progress) -> None:
            progress.say("Writing the workbook of what is to be fixed")
            with tempfile.TemporaryDirectory() as folder:
                made = workbooks.error_workbook(self.state.report, Path(folder))
                if made is None:
                    raise CannotRun("Nothing stays out, so there is nothing to fix.")
                self.around.frame.hand_over(made.name, made.read_bytes(), XLSX)

        self.around.act("download of the workbook", job)

    def _show_rows(self, rule: str, field: str) -> None:
        self.grid.only(rule, field)

    def _toggle_fixes(self) -> None:
        self.change("safe fixes", lambda: self.state.choose(apply_fixes=not self.state.choices.apply_fixes))

    def _show_fixes(self, report: Report) -> None:
        if self.state.choices.apply_fixes:
            self.fixes.description, self.fixes.disabled = "Take the safe fixes back", False
            return
        count = safe_fixes(report)
        words = "the safe fixes" if count is None else plural(count, "safe fix", "safe fixes")
        self.fixes.description, self.fixes.disabled = (f"Apply {words}", False) if count != 0 else ("No safe fixes", True)

    def _show_holds(self, waiting: list[Hold]) -> None:
        """A tick for each kind of doubt (X-19)."""
        ticks = [self._tick(hold) for hold in waiting]
        head = [widgets.HTML(html.heading("Waits for your yes"))] if ticks else []
        self.holds.children = [*head, *ticks]

    def _tick(self, hold: Hold) -> widgets.Checkbox:
        others = f" The same goes for {plural(hold.count - 1, 'other row')}." if hold.count > 1 else ""
        known = {its.description: its for its in self.holds.children if isinstance(its, widgets.Checkbox)}
        label = f"Accept: {hold.example.message}{others}"
        made = known.get(label) or controls.tick(label, self.around.guard, lambda yes: self._accept(hold.rule, yes))
        controls.set_value(made, hold.rule in self.state.choices.accept)
        return made

    def _accept(self, rule: str, yes: bool) -> None:
        others = tuple(its for its in self.state.choices.accept if its != rule)
        self.change("hold", lambda: self.state.choose(accept=(*others, rule) if yes else others))


def figures(report: Report) -> list[tuple[str, str, str]]:
    """The counts of the cards: number, words, how it is to be taken."""
    noun = report.rules.document
    held, wrong = int((report.worst == Severity.HOLD).sum()), int((report.worst == Severity.ERROR).sum())
    warned = int((report.ready & (report.worst == Severity.WARNING)).sum())
    made = [(f"{len(report.table):,}", "row" if len(report.table) == 1 else "rows", ""), (f"{report.invoices:,}", _counted(noun, report.invoices), "")]
    made.append((f"{report.accepted:,}", "ready", "good" if report.accepted else ""))
    made += [(f"{wrong:,}", "with errors", "bad")] if wrong else []
    made += [(f"{held:,}", "waiting for a yes", "neutral")] if held else []
    made += [(f"{warned:,}", "ready, with warnings", "neutral")] if warned else []
    return made


def filled_html(report: Report) -> str:
    """What was filled in, where it came from, and how many cells of the file it replaces (X-11, S0-16)."""
    found = filledin.counts(report).to_dict("records")
    rows = [[one["title"], one["source"], f"{one['cells']:,}", f"{one['overwritten']:,}" if one["overwritten"] else ""] for one in found]
    heads = ["Filled in", "From", "Cells", "Replaced"]
    return html.heading("Filled in") + html.table(heads, rows, "What was filled in", heads[2:]) if rows else ""


def notices_html(report: Report) -> str:
    """What is only told; the first of them."""
    found = report.problems.where(lambda one: one.weight == Severity.NOTICE)
    lines = [f"{its.cell}: {its.message}" if its.row is not None and ":" not in its.cell else its.message for its in found[:_NOTICES]]
    lines += [f"… and {plural(len(found) - len(lines), 'more notice')}" if len(found) > len(lines) else ""]
    return html.heading("Worth knowing") + html.listed(filter(None, lines)) if len(found) else ""


def _counted(noun: str, count: int) -> str:
    return plural(count, noun).split(" ", 1)[1]


def safe_fixes(report: Report) -> int | None:
    """How many cells have a safe fix (X-5); None where there are too many problems to look at each."""
    if len(report.problems) > _COUNTED:
        return None
    return sum(_safe(found) for found in report.problems.findings)


def _safe(found: Any) -> int:
    """Cells of a finding that have a safe fix."""
    if found.fix is None or found.at is None:
        return 0
    fixes = (found.fix(at, "") for at in found.at.tolist())
    return sum(1 for fix in fixes if fix is not None and fix.safe)
