"""What stands around the steps: where the user is, messages, progress, and files that are handed to the user."""

from collections.abc import Callable
from typing import Any

import traitlets

from invoice_rules.notebook.component import Component, beside, whole
from invoice_rules.notebook.guard import Guard
from invoice_rules.wizard import Step

_MOST_MESSAGES = 50


class Band(Component):
    """Heading, messages and progress, above something that is no row of steps."""

    _esm = beside("frame.js")
    _css = beside("looks.css")
    steps = traitlets.List(traitlets.Unicode()).tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)
    reached = traitlets.Int(1).tag(sync=True)
    heading = traitlets.Unicode().tag(sync=True)
    messages = traitlets.List(traitlets.Unicode()).tag(sync=True)
    notes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    done = traitlets.Int(0).tag(sync=True)
    total = traitlets.Int(0).tag(sync=True)

    def __init__(self, heading: str, **traits: Any):
        self.own_guard = Guard(self.tell)
        super().__init__(self.own_guard, heading=heading, **traits)

    def tell(self, says: str) -> None:
        """Something went wrong. The message stays until the user takes it away; the same one is not told twice in a row."""
        if not self.messages or self.messages[-1] != says:
            self.messages = [*self.messages, says][-_MOST_MESSAGES:]

    def note(self, says: str) -> None:
        """Something worth knowing, until the next step."""
        self.notes = [*self.notes, says]

    def clear(self) -> None:
        """Take the messages away."""
        self.messages, self.notes = [], []

    def progress(self, words: str, done: int, total: int) -> None:
        """One message for all of it."""
        with self.hold_sync():
            self.busy, self.words, self.done, self.total = True, words, done, total

    def rest(self) -> None:
        """Nothing is being done."""
        with self.hold_sync():
            self.busy, self.words, self.done, self.total = False, "", 0, 0

    def hand_over(self, name: str, data: bytes, kind: str) -> None:
        """Let the browser save a file."""
        self.send({"kind": "save", "name": name, "type": kind}, [data])

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        if message.get("kind") == "dismiss":
            self.clear()


class Frame(Band):
    """The same with steps. A step that was reached can be gone to; `go` gets its number."""

    def __init__(self, go: Callable[[Step], None]):
        self._go = go
        super().__init__(Step.SOURCE.heading, steps=[step.title for step in Step])

    def at(self, step: Step) -> None:
        """Show that the user is at this step."""
        with self.hold_sync():
            if step != self.step:
                self.notes = []
            self.step, self.heading, self.reached = int(step), step.heading, max(self.reached, int(step))

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        if message.get("kind") == "go" and 1 <= (step := whole(message, "step", len(Step))) <= self.reached:
            self._go(Step(step))
        else:
            super().heard(message, buffers)
