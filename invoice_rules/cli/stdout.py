"""What happens when nobody takes what a command prints: its reader went away (`| head`), or the disk is full.

A command that only shows something stops there. One that changes something goes on to its end, for what it does must not hang on who reads it.
"""

import io
import sys
from contextlib import suppress
from typing import Any, TextIO

from invoice_rules import CannotRun

CLOSED = 141
"""The exit code of a command that stopped because its output was closed, as shells have it; 1 says something of the invoices."""
_SHOWING = frozenset(("check", "connections", "history", "receipt", "invoices", "map", "rules", "config", "aging"))


class _Output(io.FileIO):
    """Standard output; `lost` is the reason why what was printed last went nowhere."""

    lost: OSError | None = None
    goes_on = False

    def write(self, data: Any) -> int:
        try:
            return super().write(data) if self.lost is None else len(data)
        except BlockingIOError:
            raise
        except OSError as error:
            self.lost = error
            if self.goes_on:
                return len(data)
            raise


_output: list[_Output] = []


def guarded(stream: TextIO) -> TextIO:
    """The same stream where it is a terminal or none of the system's; else one that bears it that nobody reads."""
    try:
        if stream.isatty() or stream.fileno() != 1:
            return stream
    except (OSError, ValueError, AttributeError):
        return stream
    stream.flush()
    _output[:] = [_Output(1, "w", closefd=False)]
    return io.TextIOWrapper(io.BufferedWriter(_output[0]), encoding=stream.encoding, errors="replace")


def begins(command: str) -> None:
    """Whether the command that begins now goes on when nobody reads what it prints."""
    for output in _output:
        output.goes_on = command not in _SHOWING


def was_lost() -> bool:
    """Whether something that was printed went nowhere."""
    return any(output.lost is not None for output in _output)


def went_on() -> bool:
    """Whether a command did its work although what it printed went nowhere."""
    with suppress(OSError):
        sys.stdout.flush()
    return any(output.lost is not None and output.goes_on for output in _output)


def refused(error: OSError) -> CannotRun:
    """What is said where the output cannot be written."""
    return CannotRun(f"What the command prints could not be written: {error.strerror or error}.")
