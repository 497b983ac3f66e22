"""The history with buttons: a batch is chosen, looked at, verified, or taken back after a second click."""

from collections.abc import Callable

import ipywidgets as widgets

import invoice_rules
from invoice_rules.notebook import controls, html
from invoice_rules.notebook.guard import Guard
from invoice_rules.notebook.history import LEAST_DAYS, History, day_before, named
from invoice_rules.notebook.shown import Shown, lead
from invoice_rules.notebook.worker import Progress, Worker

MOST = 500


class HistoryPanel:
    """`widget` is what the cell shows. All work is done beside the kernel's own thread; `worker.wait()` waits for it."""

    def __init__(self, history: History):
        self.history = history
        self._act: Callable[[], Shown] | None = None
        self.guard = Guard(self._tell)
        self.worker = Worker(self.guard, self._progress, lambda waiting: None)
        self.message = widgets.HTML()
        self.shown = widgets.HTML()
        self.batch = controls.dropdown("Batch", self.guard, self._chosen)
        words = "Older than, days"
        self.days = widgets.BoundedIntText(value=LEAST_DAYS, min=LEAST_DAYS, max=36_530, description=words, tooltip=words, style={"description_width": "initial"})
        self._make_buttons()
        self._list()

    def _make_buttons(self) -> None:
        looks = {"Receipt": self.history.receipt, "What changed": self.history.differences, "Verify": self.history.verify}
        self.looks = [controls.button(label, self.guard, self._of_batch(label, look)) for label, look in looks.items()]
        self.undo = controls.button("Undo", self.guard, self._ask_undo)
        self.old = controls.button("What a purge would empty", self.guard, self._show_old)
        self.purge = controls.button("Purge old details", self.guard, self._ask_purge)
        self.yes = controls.button("", self.guard, self._confirmed, main=True)
        self.no = controls.button("Leave it as it is", self.guard, self._refused)
        for one in (*self.looks, self.undo, self.old, self.purge, self.yes, self.no):
            one.layout.width = "auto"
        self.batch.layout.width = "520px"
        self.question = widgets.HTML()
        self.asking = widgets.VBox([self.question, controls.row(self.yes, self.no)])
        controls.show(self.asking, False)
        administers = self.history.store.role_of() == "administrator"
        details = widgets.VBox([widgets.HTML(html.heading("How long details are kept")), controls.row(self.days, self.old, self.purge)])
        controls.show(details, administers)
        self.widget = widgets.VBox([controls.row(self.batch), controls.row(*self.looks, self.undo), self.asking, self.message, self.shown, details])

    def _list(self, chosen: int | None = None) -> None:
        found = self.history.frame.dropna(subset=["number"]).head(MOST)
        rows = [(f"{one['number']} · {one['kind']} · {one['source'] or '–'} · {one['state']}", int(one["number"])) for one in found.to_dict("records")]
        controls.fill(self.batch, rows, chosen)
        for button in self.looks:
            button.disabled = not rows
        self._name_undo()

    def _name_undo(self) -> None:
        """Only an import in force can be taken back (X-10)."""
        made = None if self.batch.value is None else invoice_rules.store.receipt(self.batch.value, self.history.store)
        self.undo.disabled = made is None or (made.kind, made.state) != ("import", "finished")
        self.undo.description = "Undo" if made is None or self.undo.disabled else f"Undo {named(made)}"

    def _chosen(self, batch: int | None) -> None:
        self._refused()
        self._name_undo()

    def _of_batch(self, label: str, look: Callable[[int], Shown]) -> Callable[[], None]:
        def act() -> None:
            number = self.batch.value
            self._work(label, lambda: look(number))

        return act

    def _ask_undo(self) -> None:
        number = self.batch.value
        made = invoice_rules.store.receipt(number, self.history.store)
        self._ask(f"{made.summary()} Undo it?", f"Undo {named(made)}", lambda: self._undone(number))

    def _undone(self, number: int) -> Shown:
        done = self.history.undo(number, confirmed=True)
        self._list(number)
        return done

    def _show_old(self) -> None:
        days = self.days.value
        self._work("old", lambda: self.history.retention(days))

    def _ask_purge(self) -> None:
        days = self.days.value
        words = f"Empty the details of imports before {day_before(days)}? Receipts and hashes stay; the values of problems are gone for good."
        self._ask(words, f"Purge details older than {days} days", lambda: self._purged(days))

    def _purged(self, days: int) -> Shown:
        done = self.history.purge(days, confirmed=True)
        self._list(self.batch.value)
        return done

    def _ask(self, words: str, label: str, act: Callable[[], Shown]) -> None:
        self._act, self.yes.description, self.question.value = act, label, html.paragraph(words, "lead")
        controls.show(self.asking, True)

    def _confirmed(self) -> None:
        act, self._act = self._act, None
        controls.show(self.asking, False)
        if act is not None:
            self._work("confirmed", act)

    def _refused(self) -> None:
        self._act = None
        controls.show(self.asking, False)

    def _work(self, what: str, act: Callable[[], Shown]) -> None:
        self.message.value = html.paragraph("Working …", "note")

        def job(progress: Progress) -> None:
            shown = act()
            self.shown.value, self.message.value = shown._repr_html_(), ""

        self.worker.put(what, job)

    def _tell(self, says: str) -> None:
        self.message.value = f'<div role="alert">{Shown(lead(says))._repr_html_()}</div>'

    def _progress(self, words: str, done: int, total: int) -> None:
        self.message.value = html.paragraph(words, "note")
