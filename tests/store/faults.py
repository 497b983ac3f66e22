"""Faults at the system calls of one act on a SQLite store: killed there, or answered with an error (strace, Linux).

The act runs in a fork of this process, which has everything loaded already; strace is attached to the fork before it starts.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "openat")
"""The calls by which SQLite changes the disk; `write` and `openat` are counted on the store's own files alone."""


def strace_missing() -> str:
    """Why strace cannot be used here; '' where it can."""
    if not sys.platform.startswith("linux"):
        return "strace is a Linux program"
    try:
        done = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True)
    except FileNotFoundError:
        return "strace is not installed"
    return "" if done.returncode == 0 else f"strace may not be used here: {done.stderr.strip()}"


def run(act: Callable[[], object], *options: str) -> tuple[str, int]:
    """Run an act in a traced fork; (what it said: '', 'DONE' or 'ERROR …', the signal that ended it or 0)."""
    go_out, go_in = os.pipe()
    said_out, said_in = os.pipe()
    child = os.fork()
    if child == 0:
        _in_child(act, go_out, said_in)
    os.close(go_out)
    os.close(said_in)
    tracer = subprocess.Popen(["strace", "-f", "-p", str(child), *options], stderr=subprocess.PIPE, text=True)
    for line in tracer.stderr or ():
        if "attached" in line:
            break
    os.write(go_in, b"go")
    os.close(go_in)
    with os.fdopen(said_out) as said:
        words = said.read()
    _, status = os.waitpid(child, 0)
    tracer.communicate(timeout=60)
    return words, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _in_child(act: Callable[[], object], go: int, said: int) -> None:
    os.read(go, 2)
    try:
        act()
        words = "DONE"
    except BaseException as error:  # noqa: BLE001 - whatever happens in the child is told to the parent
        words = f"ERROR {type(error).__name__} {error}"
    os.write(said, words.encode())
    os._exit(0)


def calls_of(act: Callable[[], object], store: Path) -> list[tuple[str, int]]:
    """(system call, its turn among the calls of its kind) of every call of the act that touches the store's files."""
    with tempfile.NamedTemporaryFile("r", suffix=".strace") as log:
        run(act, "-y", "-o", log.name, "-e", "trace=" + ",".join(CALLS))
        turns: Counter[str] = Counter()
        found = []
        for line in log:
            call = re.match(r"\d+\s+(\w+)\(", line)
            if call:
                turns[call[1]] += 1
                if store.name in line:
                    found.append((call[1], turns[call[1]]))
    return found


def killed(act: Callable[[], object], call: str, turn: int) -> tuple[str, int]:
    """Kill the act at the entry of this call."""
    return run(act, "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={turn}")


def refused(act: Callable[[], object], call: str, turn: int, error: str) -> tuple[str, int]:
    """Answer this call with an error; a full disk stays full."""
    when = f"{turn}+" if error == "ENOSPC" else str(turn)
    return run(act, "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}")
