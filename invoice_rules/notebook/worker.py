"""One thread for everything that takes time: jobs wait in a line, tell how far they are, and can be stopped.

All of the wizard's state is read and changed on this thread alone, so that no click is ever answered late or out of turn.
"""

import queue
import threading
import time
from collections.abc import Callable

from invoice_rules import CannotRun
from invoice_rules.notebook.guard import Guard

PAUSE = 0.1
"""Seconds between two tellings of progress: a server drops the messages of those who tell more (and the result with them)."""

Show = Callable[[str, int, int], None]
"""(words, done, total); total 0: nobody knows how much there is."""


class Stopped(CannotRun):
    """The user stopped the job."""


class Progress:
    """What a job tells of itself. An engine's progress callback: `progress(done, total, words)`."""

    def __init__(self, show: Show, stop: threading.Event, clock: Callable[[], float] = time.monotonic):
        self._show, self._stop, self._clock = show, stop, clock
        self._last = float("-inf")
        self._began: float | None = None

    def say(self, words: str) -> None:
        """Begin something else."""
        self.check()
        self._began, self._last = None, float("-inf")
        self._show(words, 0, 0)

    def __call__(self, done: int, total: int, words: str = "") -> None:
        """So much is done; told ten times a second at most, the end always. Raises Stopped."""
        self.check()
        now = self._clock()
        if self._began is None:
            self._began = now
        if now - self._last >= PAUSE or done >= total:
            self._last = now
            self._show(f"{words} {done:,} of {total:,}{self._left(done, total, now)}", done, total)

    def check(self) -> None:
        """Raises Stopped where the user wants that."""
        if self._stop.is_set():
            raise Stopped("Stopped by you. Nothing was written.")

    @property
    def stopping(self) -> bool:
        """Whether the user wants it to stop."""
        return self._stop.is_set()

    def stopped(self) -> "Progress":
        """After a stop: progress of what has to be done yet."""
        self._stop.clear()
        return self

    def _left(self, done: int, total: int, now: float) -> str:
        """How long it will take, once that can be told."""
        spent = 0.0 if self._began is None else now - self._began
        return f", about {spent / done * (total - done):,.0f} seconds left" if spent > 3 and 0 < done < total else ""


Job = Callable[[Progress], None]


class Worker:
    """Runs jobs one after the other. `settled` is called after each, with the number of those that wait."""

    def __init__(self, guard: Guard, show: Show, settled: Callable[[int], None]):
        self._guard, self._show, self._settled = guard, show, settled
        self._jobs: queue.Queue[tuple[str, Job]] = queue.Queue()
        self._stop = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._lock = threading.Lock()

    @property
    def busy(self) -> bool:
        return not self._idle.is_set()

    @property
    def waiting(self) -> int:
        """How many jobs wait behind the one that runs."""
        return self._jobs.qsize()

    def put(self, what: str, job: Job) -> None:
        """Do this when everything before it is done; `what` names it in the details of our own mistakes."""
        with self._lock:
            self._jobs.put((what, job))
            if not self._idle.is_set():
                return
            self._idle.clear()
        threading.Thread(target=self._run, name="import wizard", daemon=True).start()

    def stop(self) -> None:
        """Stop the job that runs at its next pause; those that wait are not begun."""
        with self._lock:
            while not self._jobs.empty():
                self._jobs.get_nowait()
            if not self._idle.is_set():
                self._stop.set()

    def wait(self, seconds: float = 60.0) -> bool:
        """Wait until nothing is left to do; False where that takes longer."""
        return self._idle.wait(seconds)

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            what, job = taken
            with self._guard(what):
                job(Progress(self._show, self._stop))
            self._stop.clear()
            with self._guard("settled"):
                self._settled(self.waiting)

    def _next(self) -> tuple[str, Job] | None:
        with self._lock:
            if self._jobs.empty():
                self._idle.set()
                return None
            return self._jobs.get_nowait()
