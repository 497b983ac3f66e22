"""What is told while a service is at work: a bar that moves, and every pause that the service asks for, on stderr."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

import invoice_rules
from invoice_rules.cli.session import err, printable, shown_after, tell

NOTICED = 2.0
"""Seconds; a shorter pause is not worth a line."""


def lasting(seconds: float) -> str:
    """A time in words.

    >>> lasting(1), lasting(42.3), lasting(90), lasting(600)
    ('1 second', '43 seconds', '1 minute and 30 seconds', '10 minutes')
    """
    minutes, rest = divmod(math.ceil(seconds), 60)
    parts = [invoice_rules.plural(minutes, "minute")] if minutes else []
    return " and ".join(parts + ([invoice_rules.plural(rest, "second")] if rest or not minutes else []))


class Voice:
    """Takes what connectors tell, and shows it beside the bar where one is shown, else as a line."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: Any = None

    def told(self, sentence: str, seconds: float = 0) -> None:
        """A sentence about what is happening; with seconds, a pause of so long, of which only those are told that one notices."""
        if 0 < seconds < NOTICED:
            return
        text = f"{sentence} Going on in {lasting(seconds)}." if seconds else sentence
        if self._bar is None:
            tell(text, style="dim")
        else:
            self._bar.console.print(Text(printable(text), style="dim"))

    def progress(self, done: int, total: int, _: str = "") -> None:
        """How many of how many are done."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total)

    @contextmanager
    def bar(self, what: str) -> Iterator[None]:
        """While this runs for longer than a second, a bar with its counts; only on a terminal."""
        console = err()
        if not console.is_terminal:
            yield
            return
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task(what, total=None)
        try:
            with shown_after(1.0, self._bar):
                yield
        finally:
            self._bar = None
