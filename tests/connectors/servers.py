"""Counterparts of the connectors: servers that are started on loopback for a test and stopped with everything that they started.

Where a program is missing the test is skipped with the reason; with REQUIRE_ALL=1 tests/conftest.py makes that a failure.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / ".venv" / "node" / "node_modules"
PATIENCE = 60.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Server:
    """One running counterpart: its process and the file that takes what it prints."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        """What it printed so far, stdout and stderr together."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def needs(tool: str) -> Path:
    """Where a program or an npm package is: on the path, beside Python, or in NODE; the test is skipped where it is not."""
    places = [Path(found) if (found := shutil.which(tool)) else None, Path(sys.executable).parent / tool, NODE / ".bin" / tool, NODE / tool]
    return next((place for place in places if place and place.exists()), None) or pytest.skip(f"{tool} is not installed")


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(argv: Sequence[object], ready: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, patience: float = PATIENCE) -> Iterator[Server]:
    """Run a program until the block ends. It is ready when the address `ready` answers (whatever it says), or when that text is in its output."""
    with tempfile.TemporaryDirectory(prefix="counterpart-") as folder:
        log = Path(folder) / "output.txt"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd, env={**os.environ, **(env or {})}, start_new_session=True
            )
        server = Server(process, log)
        try:
            _wait(server, ready, patience)
            yield server
        finally:
            stop(process)


def _wait(server: Server, ready: str, patience: float) -> None:
    end = time.monotonic() + patience
    while not (_answers(ready) if ready.startswith("http") else ready in server.output()):
        if server.process.poll() is not None:
            raise AssertionError(f"The counterpart ended with {server.process.returncode}:\n{server.output()[-3000:]}")
        if time.monotonic() > end:
            raise AssertionError(f"The counterpart was not ready after {patience:.0f} s:\n{server.output()[-3000:]}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        _DIRECT.open(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False
    return True


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: they are one session of their own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
            break
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # a child that outlived its parent
