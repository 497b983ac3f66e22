"""The page of a widget that asks: what a user sees of its questions, and says."""

import time

from invoice_rules.notebook import Connections


class Page:
    """The page of a widget: sees the question that is asked, and answers it as its script would."""

    def __init__(self, panel: Connections):
        self.panel, self.question = panel, panel.login.question

    def asks(self, kind: str, words: str = "") -> None:
        """Wait until this is asked."""
        end = time.monotonic() + 20
        while not (self.question.kind == kind and words in self.question.words):
            assert time.monotonic() < end and self.panel.worker.busy, (self.question.kind, self.question.words, self.panel.band.messages)
            time.sleep(0.01)

    def says(self, value, kind: str = "text") -> None:
        message = {"kind": kind, "value": value, "turn": self.question.turn}
        self.question._received(self.question, message, [])

    def gives(self, words: str, value: str, kind: str = "text") -> None:
        self.asks(kind, words)
        self.says(value)
