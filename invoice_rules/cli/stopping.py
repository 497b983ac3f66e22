"""A command that is told from outside to stop (SIGTERM) ends as one that is stopped at the terminal: in order, with a sentence, nothing half done."""

import signal
import threading
from typing import Any, NoReturn

CODE = 143
"""The exit code of a command that was told to stop, as shells have it."""
SAID = "Stopped from outside (SIGTERM). An unfinished import wrote nothing; `history` lists what was done."


class Terminated(KeyboardInterrupt):
    """Somebody or the system told the command to stop."""


def heed() -> None:
    """From now on SIGTERM raises Terminated, so that what was begun is cleared away; a second one changes nothing about that."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, _: Any) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    raise Terminated
