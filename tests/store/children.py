"""Children of this process that do one act on a store: they have everything loaded, tell what they do line by line, and may be killed."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]


class Child:
    """A fork that does an act. `act(say)` may tell lines; at the end the child tells DONE, or ERROR with the reason.

    With `held` it waits for `go()`, so that something can be attached to it first.
    """

    def __init__(self, act: Callable[[Say], object], held: bool = False):
        go_out, self._go = os.pipe()
        said_out, said_in = os.pipe()
        sys.stdout.flush()
        self.process = os.fork()
        if self.process == 0:
            os.close(self._go)
            os.close(said_out)
            _live(act, go_out, said_in)
        os.close(go_out)
        os.close(said_in)
        self._said = os.fdopen(said_out)
        self.lines: list[str] = []
        self.ended_by: int | None = None
        if not held:
            self.go()

    def go(self) -> None:
        """Let it begin."""
        os.close(self._go)

    def until(self, word: str) -> bool:
        """Listen until it tells a line that begins so; False where it ended before."""
        for line in self._said:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(word):
                return True
        return False

    def kill(self) -> None:
        """SIGKILL; a child that has ended already stays as it ended."""
        os.kill(self.process, signal.SIGKILL)

    def end(self) -> list[str]:
        """All that it told, once it is gone; `ended_by` is the signal that ended it, or 0."""
        self.until("nothing begins so")
        self._said.close()
        _, status = os.waitpid(self.process, 0)
        self.ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return self.lines


def _live(act: Callable[[Say], object], go: int, said: int) -> None:
    def say(line: str) -> None:
        os.write(said, f"{line}\n".encode())

    os.read(go, 1)
    try:
        act(say)
        say("DONE")
    except BaseException as error:  # noqa: BLE001 - whatever happens in the child is told to the parent
        say(f"ERROR {type(error).__name__} {' '.join(str(error).split())}")
    finally:
        os._exit(0)


@contextmanager
def all_of(*acts: Callable[[Say], object]) -> Iterator[list[Child]]:
    """Children that begin together; none is left behind."""
    children = [Child(act, held=True) for act in acts]
    try:
        for child in children:
            child.go()
        yield children
    finally:
        for child in children:
            if child.ended_by is None:
                child.kill()
                child.end()
