"""`ImportWizard`: an import in five steps, for a notebook or a page without cells (S0-1, S3-18, S3-19)."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

import invoice_rules
from invoice_rules import CannotRun, Receipt, Report
from invoice_rules.notebook import controls, html
from invoice_rules.notebook.batchsettings import SettingsPage
from invoice_rules.notebook.check import CheckPage
from invoice_rules.notebook.columns import ColumnsPage
from invoice_rules.notebook.confirm import ConfirmPage
from invoice_rules.notebook.frame import Frame
from invoice_rules.notebook.keeping import Keeper, choices_of, kept_form
from invoice_rules.notebook.pages import Page
from invoice_rules.notebook.pages import html as place
from invoice_rules.notebook.source import SourcePage
from invoice_rules.notebook.worker import Job, Progress, Stopped, Worker
from invoice_rules.wizard import Choices, Step, Wizard, changed_on_disk, read_again, told_changed

FORGET = "Yes, forget this import"


class ImportWizard(widgets.VBox):
    """Upload, match columns, settle, check, import. Put it last in a cell.

    `store` is a store, its path or URL; by default that of the user. `source`, `rules` and other choices, such as `sender`, may be
    given at once. `folder` holds files that may be chosen on the server, and gets the workbooks of what is to be fixed for
    uploaded files; by default the notebook's. What was chosen is kept: made again, the wizard goes on where it was, unless a
    `source` is given or `resume` is no. `receipt` and `report` are there for the cells that follow.
    """

    def __init__(
        self,
        store: Any = None,
        *,
        entity: str = "main",
        source: Any = None,
        rules: str = "",
        folder: str | os.PathLike[str] = ".",
        resume: bool = True,
        **choices: Any,
    ):
        self.store = invoice_rules.open_store(store, entity) if store is None or isinstance(store, str | os.PathLike) else store
        self.folder = Path(folder).resolve()
        self.frame = Frame(self.go)
        self.guard = self.frame.own_guard
        self.keeper = Keeper(self.store)
        self.state = Wizard(Choices(source=source, rules=rules, **choices), store=self.store)
        self._extra: dict[str, Any] = {}
        self.worker = Worker(self.guard, self._working, self._settled)
        self._build()
        super().__init__([self.frame, self.stack, self.obstacles, controls.row(self.back, self.next, self.start, self.stop)])
        self.add_class("ir-wizard")
        self.keeper.tidy((self.keeper.load().get("source") or {}).get("path"))
        if resume and source is None:
            self.resume()
        else:
            self.act("begin", self._arrive)

    def _build(self) -> None:
        self.source, self.columns, self.settings = SourcePage(self), ColumnsPage(self), SettingsPage(self)
        self.check, self.confirm = CheckPage(self), ConfirmPage(self)
        self.pages: dict[Step, Page] = dict(zip(Step, (self.source, self.columns, self.settings, self.check, self.confirm), strict=True))
        self.stack = widgets.Stack([page.box for page in self.pages.values()], selected_index=0)
        self.obstacles = place()
        self.back = controls.button("Back", self.guard, lambda: self.act("back", self._back))
        self.next = controls.button("Next", self.guard, lambda: self.act("next", self._next), main=True)
        self.stop = controls.button("Stop", self.guard, self.cancel)
        self.start = controls.button("Start anew", self.guard, self._ask_anew)
        self.stop.layout.visibility = "hidden"

    @property
    def receipt(self) -> Receipt | None:
        """The receipt of the import, once it is in."""
        return self.state.receipt

    @property
    def report(self) -> Report:
        """The checked file; raises CannotRun where none is chosen."""
        return self.state.report

    def wait(self, seconds: float = 60.0) -> bool:
        """Wait until everything that was asked for is done; False where that takes longer."""
        return self.worker.wait(seconds)

    def act(self, what: str, job: Job) -> None:
        """Do this in its turn, away from the clicks. Messages of earlier acts go, once nothing is left to do."""
        if not self.worker.busy:
            self.frame.messages = []
        self.worker.put(what, job)

    def cancel(self) -> None:
        """Stop what is being done. An import that is stopped leaves nothing."""
        self.frame.words = "Stopping …"
        self.worker.stop()

    def go(self, step: Step) -> None:
        """Go to a step that was reached before."""
        self.act("step chosen", lambda progress: self._go(step, progress))

    def enter(self, entity: str) -> None:
        """Go to another entity's books of the same store; on the worker's thread."""
        if entity and entity != self.state.store.entity.name:
            self.state.enter(invoice_rules.store.Store(self.store.address, entity))

    def fresh(self, progress: Progress) -> bool:
        """Whether the file is still as it was read; where not, it is read again and the user is led back to look at it (X-6)."""
        if not changed_on_disk(self.state):
            return True
        name, headings = self.state.table.origin.name, self.state.table.headings
        progress.say(f"Reading {name}")
        self.state.step = Step.SOURCE
        told: list[str] = []
        try:
            read_again(self.state)
            told = self._advance(Step.CHECK if self.state.table.headings == headings else Step.MAPPING, progress)
        finally:
            self._arrive(progress)
        for says in told:
            self.frame.tell(says)
        self.frame.note(told_changed(name))
        return False

    def anew(self) -> None:
        """Begin another import, by the same rules; what was uploaded for this one goes."""
        self.act("anew", self._anew)

    def _ask_anew(self) -> None:
        """Forget what was chosen only with a second press."""
        if self.start.description == FORGET:
            self.anew()
        else:
            self.start.description = FORGET

    def resume(self) -> None:
        """Go on with the import that was kept, at the step where it was; where there is none, begin."""
        kept = self.keeper.load()
        self.act("resume", lambda progress: self._resume(kept, progress) if kept else self._arrive(progress))

    def keep(self, **more: Any) -> None:
        """Keep what was chosen, and this besides, for `resume`."""
        self._extra |= more
        source = self.state.choices.source
        sha256 = self._sha256() if source is not None else ""
        done = {"batch": self.receipt.batch, "workbook": str(self.confirm.workbook or "")} if self.receipt else {}
        self.keeper.save({**kept_form(self.state.choices, self.state.step, self.state.store.entity.name, sha256), **self._extra, **done})

    def _sha256(self) -> str:
        """The hash of the file as it was read last; "" where nobody has looked at it yet."""
        return self.state.table.origin.sha256 if self.state.made(Step.SOURCE) else ""

    def _working(self, words: str, done: int, total: int) -> None:
        self.back.disabled = self.next.disabled = self.start.disabled = self.confirm.commit.disabled = True
        self.stop.layout.visibility = "visible"
        self.frame.progress(words, done, total)

    def _settled(self, waiting: int) -> None:
        """After a job: what may be done now, and what is kept."""
        if waiting:
            return
        self.frame.rest()
        self.stop.layout.visibility = "hidden"
        self._show_ways()
        self.keep()

    def _show_ways(self) -> None:
        step, done = self.state.step, self.confirm.done
        obstacles = [] if done else self._obstacles()
        self.back.disabled = step == Step.SOURCE
        self.next.disabled = bool(obstacles)
        self.start.disabled, self.start.description = self.state.choices.source is None, "Start anew"
        for button, shown in ((self.back, not done), (self.next, step < Step.CONFIRM), (self.start, not done)):
            controls.show(button, shown)
        self.next.description = "Next" if step == Step.CONFIRM else f"Next: {Step(step + 1).title}"
        self.obstacles.value = "".join(html.paragraph(says, "note") for says in obstacles)
        if not done and step == Step.CONFIRM:
            self.confirm.ready()

    def _obstacles(self) -> list[str]:
        """What keeps the user at this step."""
        if self.state.step == Step.SOURCE and self.state.choices.source is not None and not self.state.made(Step.SOURCE):
            return ["Choose what is in the file."] if not self.state.choices.rules else ["The file could not be read. Choose another one, or read it otherwise."]
        refused = self.settings.refusals() if self.state.step == Step.SETTINGS else []
        if self.state.step == Step.CHECK and not self.state.made(Step.CHECK):
            return ["The file was not checked."]
        return [*self.state.obstacles(), *refused]

    def _next(self, progress: Progress) -> None:
        for says in self._obstacles():
            raise CannotRun(says)
        self.state.next()
        self._arrive(progress)

    def _back(self, progress: Progress) -> None:
        self.state.back()
        self._arrive(progress)

    def _go(self, step: Step, progress: Progress) -> None:
        while self.state.step > step:
            self.state.back()
        for says in self._advance(step, progress):
            self.frame.tell(says)
        self._arrive(progress)

    def _arrive(self, progress: Progress) -> None:
        """Show the step where the user is now, once its page is ready; who stops that stays where he was."""
        try:
            self.pages[self.state.step].show(progress)
        except Stopped:
            self.state.step = min(self.state.step, Step(self.frame.step))
            raise
        finally:
            self._show_ways()
            self.stack.selected_index = self.state.step - 1
            self.frame.at(self.state.step)

    def _anew(self, progress: Progress) -> None:
        self.keeper.discard(self.state.choices.source)
        rules, user = self.state.choices.rules, self.state.choices.user
        saved = self.state.choices.saved
        store = self.state.store
        self._extra = {}
        self.state = Wizard(Choices(rules=rules, saved=saved, user=user), store=store)
        self.settings.begin()
        self.confirm.begin()
        self.keeper.forget()
        self.frame.reached = 1
        self._arrive(progress)

    def _resume(self, kept: Mapping[str, Any], progress: Progress) -> None:
        """The kept choices, the step they were at, and the receipt where there is one."""
        try:
            self.enter(str(kept.get("entity") or ""))
            self.state = Wizard(choices_of(kept, self.state.store), store=self.state.store)
            notes: list[str] = []
            batch = kept.get("batch") or self._written(str(kept.get("importing") or ""), notes)
            if batch:
                self._finished(str(batch), str(kept.get("workbook") or ""), progress)
            elif self.state.choices.source is None:
                self._arrive(progress)
            else:
                self._go_on(kept, notes, progress)
        except CannotRun as stopped:
            self.frame.tell(f"The import that was begun here cannot be gone on with. {stopped}")
            known = self.state.choices.rules if self.state.choices.rules in invoice_rules.rule_sets() else ""
            self.state = Wizard(Choices(rules=known), store=self.state.store)
            self._extra = {}
            self._arrive(progress)

    def _go_on(self, kept: Mapping[str, Any], notes: list[str], progress: Progress) -> None:
        name = Path(self.state.choices.source).name
        progress.say(f"Reading {name}")
        if self.state.choices.rules:
            sha256 = self.state.table.origin.sha256
            if (kept["source"].get("sha256") or sha256) != sha256:
                self.state.choose(edits={}, accept=())
                notes.append(told_changed(name))
            notes += self._advance(Step(kept["step"]), progress)
        self._arrive(progress)
        for says in [*notes, f"Here you left off: {name}."]:
            self.frame.note(says)

    def _advance(self, step: Step, progress: Progress) -> list[str]:
        """Go on to this step, or as far as may be; gives what keeps the user from it."""
        while self.state.step < step:
            if self.state.step == Step.CHECK:
                progress.say("Checking")
                _ = self.state.report
            if obstacles := self._obstacles():
                return obstacles
            self.state.next()
        return []

    def _written(self, plan: str, notes: list[str]) -> str:
        """The batch of a plan that was being written when the kernel stopped, if it is in."""
        try:
            return str(invoice_rules.store.receipt(plan, self.state.store).batch) if plan else ""
        except CannotRun:
            notes.append("The import was interrupted before it was written: nothing of it is in the books.")
            return ""

    def _finished(self, batch: str, workbook: str, progress: Progress) -> None:
        self.state.step = Step.CONFIRM
        path = Path(workbook) if workbook and Path(workbook).is_file() else None
        self.state.receipt = invoice_rules.store.receipt(batch, self.state.store)
        self.confirm.finished(self.state.receipt, path)
        self._arrive(progress)
