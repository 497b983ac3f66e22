"""A question to the user whose answer never becomes part of the notebook.

What a widget holds as its value is saved with a notebook whose widgets are saved. So the field is the page's own: what is typed comes as a
message, is handed on, and is forgotten.
"""

from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from invoice_rules.notebook.component import Component, beside
from invoice_rules.notebook.guard import Guard

KINDS = ("text", "secret", "choice", "link")
_LONGEST = 20_000


class Question(Component):
    """One question at a time; nothing is seen while there is none. `answered` gets the text, or the place of the chosen option; None: cancelled."""

    _esm = beside("question.js")
    kind = traitlets.Unicode().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    link = traitlets.Unicode().tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)
    turn = traitlets.Int(0).tag(sync=True)

    def __init__(self, guard: Guard, answered: Callable[[str | int | None], None]):
        self._answered = answered
        super().__init__(guard)

    def ask(self, kind: str, words: str, options: Sequence[str] = (), link: str = "", told: str = "") -> None:
        """Ask for a text or a secret, for one of the options, or show a link with a field to paste an address into."""
        with self.hold_sync():
            self.kind, self.words, self.options, self.link, self.told = kind, words, list(options), link, told
            self.turn += 1

    def clear(self) -> None:
        """Ask nothing any more; the field is emptied."""
        self.ask("", "")

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        if not self.kind or message.get("turn") != self.turn:
            return  # an answer to a question that is not asked any more
        if message.get("kind") == "cancel":
            self._answered(None)
        elif message.get("kind") == "choice" and self.kind == "choice":
            at = message.get("value")
            if isinstance(at, int) and 0 <= at < len(self.options):
                self._answered(at)
        elif message.get("kind") == "text" and self.kind != "choice":
            self._answered(str(message.get("value") or "")[:_LONGEST])
