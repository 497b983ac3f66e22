"""Reads and checks every file of a folder in this one process and tells how each went: `python -m tests.reading.victim FOLDER`.

A line of JSON a file: its name, rows or what was said, wall seconds, processor seconds of this process and its children. What it opens for writing, where it connects to and what it
removes is told too: reading and checking touch nothing but the file. `test_hostile` runs it and watches its memory and its children's.
"""

import json
import os
import sys
import time
from pathlib import Path

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.reading import read
from invoice_rules.rulesets import rule_set
from invoice_rules.values.memory import give_back

TOUCHES = (
    "socket.connect",
    "socket.getaddrinfo",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "os.chmod",
    "os.link",
    "os.symlink",
    "os.system",
    "urllib.Request",
)
LINED, PLAIN = rule_set("quickbooks.history"), rule_set("paystand.receivables")
"""JSON is read as by a rule set whose records hold lines."""
touched: list[str] = []
_reading = ""


def watch(event: str, arguments: tuple) -> None:
    """An audit hook: note what goes beyond reading the one file."""
    if event == "open":
        path, mode, flags = arguments
        writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        foreign = (
            _reading
            and text
            and text != _reading
            and not text.startswith((sys.prefix, sys.base_prefix, "/usr/", "/proc/", "/dev/null", str(Path(__file__).parents[2])))
        )
        if text and (writes or foreign) and text != os.devnull:
            touched.append(f"open {text[:80]}")
    elif event in TOUCHES or event == "subprocess.Popen" and not str(arguments[1][-1]).endswith("child.py"):
        touched.append(f"{event} {str(arguments)[:80]}")


def verdict(path: str) -> dict:
    """How reading and checking one file went; any other exception than `CannotRun` ends the process, as it should."""
    global _reading
    _reading = path
    give_back(0)  # each file counts by itself
    start, used = time.perf_counter(), _cpu()
    try:
        lined = path.endswith(".json")
        table = read(path, rules=LINED if lined else None)
        report = examine(table, LINED if lined else PLAIN)
        said, rows, told = "", len(table), [problem.message for problem in report.problems[:100]]
    except CannotRun as error:
        said, rows, told = str(error), 0, []
    found = {
        "name": Path(path).name,
        "rows": rows,
        "said": said,
        "longest": max(told, key=len, default=""),
        "seconds": time.perf_counter() - start,
        "cpu": _cpu() - used,
        "size": Path(path).stat().st_size,
        "touched": touched.copy(),
    }
    touched.clear()
    return found


def _cpu() -> float:
    """Processor seconds so far; those of children that ended are counted too."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


if __name__ == "__main__":
    verdict(sys.argv[2])  # everything that is imported when needed
    sys.addaudithook(watch)
    for entry in sorted(Path(sys.argv[1]).iterdir()):
        print("reading", json.dumps(entry.name), flush=True)
        print("done", json.dumps(verdict(str(entry))), flush=True)
