"""`Asking`: how a login asks its questions in a notebook. It runs on the worker's thread and waits there; the answers come from the page."""

import contextlib
import queue
from collections.abc import Callable, Sequence

from invoice_rules import connectors
from invoice_rules.notebook.guard import Guard
from invoice_rules.notebook.question import Question
from invoice_rules.notebook.worker import Progress

_LOOK = 0.1
"""Seconds between two looks whether the user pressed Stop."""

_PASTE = (
    "After the login the browser goes on to another page. If that page cannot be opened, or is not on this computer, copy its whole address from the browser's "
    "address bar, paste it here, and press Use this address. Otherwise this goes on by itself."
)


class Asking:
    """What `connectors.connect` asks, as questions on the page; one login at a time. Answers are handed on and kept nowhere.

    `question` is what is shown. `during(progress)` gives the same for a job, whose Stop ends the waiting.
    """

    def __init__(self, guard: Guard, note: Callable[[str], None]):
        self._note = note
        self.question = Question(guard, self._heard)
        self._answers: queue.SimpleQueue[str | int | None] = queue.SimpleQueue()
        self._progress: Progress | None = None

    def during(self, progress: Progress) -> "Asking":
        """Ask for this job."""
        self._progress = progress
        self.end()
        return self

    def end(self) -> None:
        """Ask nothing any more, and forget answers that nobody took."""
        self.question.clear()
        while not self._answers.empty():
            self._answers.get_nowait()

    def open_browser(self, url: str) -> None:
        """Show the login page as a link, with a field for the address where it ends: this computer may not be the one with the browser."""
        self.question.ask("link", "Log in with your browser", link=url, told=_PASTE)

    def waited(self) -> str:
        """While the login goes on in the browser: the address that was pasted since, "" where there is none yet."""
        self._check()
        try:
            return self._given(self._answers.get_nowait())
        except queue.Empty:
            return ""

    def pasted(self) -> str:
        """The address where the browser ended, pasted by the user."""
        return self._given(self._next())

    def choose(self, title: str, options: Sequence[str]) -> int:
        """The place of the chosen option."""
        return int(self._ask("choice", title, options))

    def secret(self, prompt: str) -> str:
        """Something that nobody may read over the shoulder."""
        return str(self._ask("secret", prompt))

    def text(self, prompt: str) -> str:
        """A line of text."""
        return str(self._ask("text", prompt))

    def tell(self, sentence: str) -> None:
        """Something to know about the login; Stop ends it here."""
        self._note(sentence.removesuffix(" Ctrl+C stops."))

    def _ask(self, kind: str, words: str, options: Sequence[str] = ()) -> str | int:
        self.question.ask(kind, words, options)
        try:
            answer = self._next()
        finally:
            self.question.clear()
        return answer if isinstance(answer, int) else self._given(answer)

    def _next(self) -> str | int | None:
        """The next answer, as long as nobody presses Stop."""
        while True:
            self._check()
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=_LOOK)

    def _given(self, answer: str | int | None) -> str:
        if answer is None:
            raise connectors.Cancelled
        return str(answer).strip()

    def _check(self) -> None:
        if self._progress is not None:
            self._progress.check()

    def _heard(self, answer: str | int | None) -> None:
        self._answers.put(answer)
