"""`invoice-rules check` of a file of ten rows, the start of its process included, beside the import of pandas alone."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.harness import ROOT, Figure, Run
from tests.benchmarks.receivables import write

_CHECK = "import sys; sys.modules['hypothesis'] = None; from invoice_rules.cli import main; main()"
"""The command as an accountant has it: Pandera imports hypothesis where it is installed, which only our tests need."""


def started(command: Sequence[str], surroundings: Mapping[str, str]) -> Run:
    """Run a command to its end: seconds of wall and processor, and its largest memory. Raises RuntimeError where it fails."""
    began = time.perf_counter()
    child = subprocess.Popen(command, cwd=surroundings["HOME"], env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, 0)


def at_home(folder: str) -> dict[str, str]:
    """An environment with a home of its own, in which compiled modules are kept, as they are where a package was installed."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")}
    return {**kept, "HOME": folder, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}


def main(rows: int = 0, times: int = 15) -> list[Figure]:
    """One figure; the first run of each, which compiles, is not counted."""
    rows = rows or 10
    with tempfile.TemporaryDirectory() as folder:
        path, surroundings = write(Path(folder) / "ten.csv", rows, 0), at_home(folder)
        commands = (
            [sys.executable, "-c", _CHECK, "check", str(path), "--rules", "paystand.receivables"],
            [sys.executable, "-c", "import pandas"],
        )
        runs = [[started(command, surroundings) for command in commands] for _ in range(times + 1)][1:]
    best = [Run(min(run.wall for run in its), min(run.cpu for run in its), max(run.peak for run in its), 0) for its in zip(*runs, strict=True)]
    figure = Figure("start", f"Check of a file of {rows} rows, process start included", 'python -c "import pandas"', 3.0, *best, note=f"best of {times} runs in turn")
    print(figure, flush=True)
    return [figure]
