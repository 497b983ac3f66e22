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

from tests.store.children import Child, Say

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
    told, ended_by = traced(lambda say: act(), *options)
    return (told[-1] if told else ""), ended_by


def traced(act: Callable[[Say], object], *options: str) -> tuple[list[str], int]:
    """The same for an act that tells lines: all of them, and the signal."""
    child = Child(act, held=True)
    tracer = subprocess.Popen(["strace", "-f", "-p", str(child.process), *options], stderr=subprocess.PIPE, text=True)
    for line in tracer.stderr or ():
        if "attached" in line:
            break
    child.go()
    told = child.end()
    tracer.communicate(timeout=60)
    return told, child.ended_by or 0


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
