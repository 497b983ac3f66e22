"""A command that is told from outside to stop (SIGTERM) ends as one that is stopped at the terminal: in order, with a sentence, nothing half done."""

import signal
import threading
from time import monotonic
from typing import Any

CODE = 143
"""The exit code of a command that was told to stop, as shells have it."""
SAID = "Stopped from outside (SIGTERM). An unfinished import wrote nothing; `history` lists what was done."
_SECONDS = 5.0
_told: list[float] = []


class Terminated(KeyboardInterrupt):
    """Somebody or the system told the command to stop."""


def heed() -> None:
    """From now on SIGTERM raises Terminated, so that what was begun is cleared away; another one in the next seconds does not disturb that."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)


def _stop(_number: int, _frame: Any) -> None:
    now = monotonic()
    if not _told or now - _told[-1] > _SECONDS:
        _told.append(now)
        raise Terminated
