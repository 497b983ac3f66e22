"""What the panels beside the wizard have in common: messages and progress, work away from the clicks, and a second press where it matters."""

from collections.abc import Callable, Sequence

import ipywidgets as widgets

from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.frame import Band
from invoice_rules.notebook.worker import Job, Worker


class Board(widgets.VBox):
    """Put it last in a cell. Everything that takes time is done on one thread, in its turn; `wait` waits for it.

    `locked` are buttons that cannot be pressed while something is done; `settle` says afterwards which of them can.
    """

    def __init__(self, heading: str):
        self.band = Band(heading)
        self.guard = self.band.own_guard
        self.worker = Worker(self.guard, self.band.progress, self._settled)
        self.stop = controls.button("Stop", self.guard, self.cancel)
        controls.show(self.stop, False)
        self.locked: list[widgets.Button] = []
        self._agreed: Callable[[], None] | None = None
        self.question = pages.html()
        self.yes = controls.button("", self.guard, self._said_yes, main=True)
        self.no = controls.button("No", self.guard, self.refuse)
        self.asking = widgets.VBox([self.question, controls.row(self.yes, self.no)])
        self.asking.add_class("ir-asking")
        controls.show(self.asking, False)
        super().__init__()
        self.add_class("ir-wizard")

    def fill(self, *parts: widgets.Widget) -> None:
        """What stands below heading and messages."""
        self.children = [self.band, *parts]

    def wait(self, seconds: float = 60.0) -> bool:
        """Wait until everything that was asked for is done; False where that takes longer."""
        return self.worker.wait(seconds)

    def act(self, what: str, job: Job) -> None:
        """Do this in its turn, away from the clicks. Messages of earlier acts go, once nothing is left to do."""
        if not self.worker.busy:
            self.band.clear()
        controls.show(self.stop, True)
        for button in self.locked:
            button.disabled = True
        self.worker.put(what, job)

    def cancel(self) -> None:
        """Stop what is being done at its next pause."""
        self.band.words = "Stopping …"
        self.worker.stop()

    def ask(self, words: str, yes: str, act: Callable[[], None], no: str = "No") -> None:
        """Ask before something is done; `yes` names the act."""
        self._agreed, self.yes.description, self.no.description = act, yes, no
        self.question.value = html.paragraph(words, "lead")
        controls.show(self.asking, True)

    def refuse(self) -> None:
        """Ask nothing any more, and do nothing."""
        self._agreed = None
        controls.show(self.asking, False)

    def settle(self) -> None:
        """Say which buttons can be pressed now; on the worker's thread."""
        for button in self.locked:
            button.disabled = False

    def _said_yes(self) -> None:
        act, self._agreed = self._agreed, None
        controls.show(self.asking, False)
        if act is not None:
            act()

    def _settled(self, waiting: int) -> None:
        if waiting:
            return
        self.band.rest()
        controls.show(self.stop, False)
        self.settle()


def titled(title: str, parts: Sequence[widgets.Widget]) -> widgets.VBox:
    """Parts under a heading."""
    return widgets.VBox([widgets.HTML(html.heading(title)), *parts])
