"""Programs that use a connection at the same moment: real processes, forked from one that has imported everything, so that a test need not wait for that.

    python -m tests.connectors.programs

reads one line of JSON a go ({"config": folder, "count": 3, "before": source that each child runs first}) and answers with one: [[signal or 0, output], …].
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from invoice_rules import CannotRun
from invoice_rules.connectors import connections, http, opening, sealed, secrets
from tests.connectors.servers import ROOT


def die(*_: object, **__: object) -> None:
    """End as in a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_with_a_token(self: http.Session, *_: object) -> None:
    """Get a token, and end before it is used."""
    self.proof(requests.Request("GET", "http://127.0.0.1/").prepare())
    die()


NAMES = {"die": die, "die_with_a_token": die_with_a_token, "http": http, "opening": opening, "sealed": sealed, "secrets": secrets}


def use(before: str) -> str:
    """What a program sees that asks the service once."""
    exec(before, dict(NAMES))
    one = connections.connection("xero")
    try:
        return str(connections.session(one).read("GET", f"{one.settings['api']}/me").status)
    except CannotRun as error:
        return f"{type(error).__name__}: {error}"


def child(start: int, out: int, before: str) -> None:
    """Wait for the start, use the connection, and say what came of it."""
    try:
        os.read(start, 1)
        os.write(out, use(before).encode())
        os._exit(0)
    finally:
        os._exit(1)


def go(config: str, count: int, before: str = "") -> list[tuple[int, str]]:
    """So many programs at once: how each ended, and what it saw."""
    os.environ["INVOICE_RULES_CONFIG"] = config
    start, begin = os.pipe()
    running = []
    for _ in range(count):
        seen, out = os.pipe()
        if not (pid := os.fork()):
            os.close(begin)
            child(start, out, before)
        os.close(out)
        running.append((pid, seen))
    os.write(begin, b"x" * count)
    ended = []
    for pid, seen in running:
        with os.fdopen(seen, "rb") as said:
            ended.append((os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.read().decode()))
    os.close(start)
    os.close(begin)
    return ended


class Programs:
    """The other end: `at_once(config, 3)` lets three programs use the connection `xero` of that folder."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def at_once(self, config: Path, count: int, before: str = "") -> list[Any]:
        self._process.stdin.write(json.dumps({"config": str(config), "count": count, "before": before}) + "\n")
        self._process.stdin.flush()
        return [tuple(one) for one in json.loads(self._process.stdout.readline())]


@contextmanager
def programs() -> Iterator[Programs]:
    """Ready to start programs until the block ends."""
    with subprocess.Popen([sys.executable, "-m", "tests.connectors.programs"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Programs(process)
        finally:
            process.stdin.close()


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(go(**json.loads(line))), flush=True)
