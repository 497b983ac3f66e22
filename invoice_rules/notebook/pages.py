"""What the pages of the wizard have in common, and what they need of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import ipywidgets as widgets

from invoice_rules.notebook.frame import Frame
from invoice_rules.notebook.guard import Guard
from invoice_rules.notebook.keeping import Keeper
from invoice_rules.notebook.worker import Job, Progress
from invoice_rules.wizard import Wizard


class Around(Protocol):
    """The wizard as its pages see it."""

    frame: Frame
    guard: Guard
    keeper: Keeper
    folder: Path

    @property
    def state(self) -> Wizard: ...

    def act(self, what: str, job: Job) -> None:
        """Do this in its turn, away from the clicks."""

    def enter(self, entity: str) -> None:
        """Go to another entity's books."""

    def anew(self) -> None:
        """Begin another import."""

    def fresh(self, progress: Progress) -> bool:
        """Whether the file is still as it was read; where not, it is read again and the user is led back to look at it."""

    def keep(self, **more: Any) -> None:
        """Keep what was chosen, and this besides."""


class Page:
    """One step: `box` is what is seen; `show` brings it up to date, on the worker's thread."""

    def __init__(self, around: Around):
        self.around = around
        self.box = widgets.VBox()
        self.box.add_class("ir-page")

    @property
    def state(self) -> Wizard:
        return self.around.state

    def show(self, progress: Progress) -> None:
        """Bring the page up to date with the choices."""
        raise NotImplementedError

    def change(self, what: str, change: Callable[[], None]) -> None:
        """Do what the user asked for, then show what came of it, even where it was refused."""

        def job(progress: Progress) -> None:
            try:
                change()
            finally:
                self.show(progress)

        self.around.act(what, job)


def html(kind: str = "") -> widgets.HTML:
    """A place for HTML of `invoice_rules.notebook.html`."""
    made = widgets.HTML()
    if kind:
        made.add_class(kind)
    return made
