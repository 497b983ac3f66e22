"""The cost of a row as files grow: ten million rows beside one million, checked and imported; and the points of the plot."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from invoice_rules import examine, open_store, read, rule_set
from tests.benchmarks.harness import Figure, Run, Side, race
from tests.benchmarks.importing import imported
from tests.benchmarks.receivables import write
from tests.benchmarks.rules import TODAY

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MILLION = 1_000_000

def checked(path: str) -> Callable[[], int]:
    """Read and examined; how many rows."""
    small = _small(path)
    rules = rule_set("paystand.receivables")
    examine(read(small, rules=rules), rules, today=TODAY)
    return lambda: len(examine(read(path, rules=rules, limit_mb=4_000), rules, today=TODAY).rows)


def stored(path: str) -> Callable[[], dict[str, int]]:
    """Imported into an empty SQLite store, with plan, outcomes and history; what became of its invoices."""
    folder = Path(tempfile.mkdtemp(dir=Path(path).parent))
    imported(_small(path), open_store(folder / "small.sqlite"))
    store = open_store(folder / "store.sqlite")
    return lambda: imported(path, store)


def _small(path: str) -> str:
    return str(write(Path(path).with_suffix(".small.csv"), 500))


def main(rows: int = 0, times: int = 0) -> list[Figure]:
    """Two figures, in seconds a million rows; those of every size, which are microseconds a row, are its points."""
    most = rows or SIZES[-1]
    sizes = [size for size in SIZES if size < most] + [most]
    figures = []
    for case, work in (("checked", "read and checked"), ("stored", "imported into SQLite")):
        runs = {}
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                path = str(write(Path(folder) / "file.csv", size))
                (runs[size],) = race([Side(f"large:{case}", {"path": path}, size / MILLION)], times or (1 if size > MILLION else 2))
        points = tuple((size, run.wall) for size, run in runs.items())
        figures.append(_figure(case, f"A million rows of {most:,}, {work}", runs[most], runs[sizes[-2]], sizes[-2], points))
        print(figures[-1], flush=True)
    return figures


def _figure(case: str, work: str, most: Run, fewer: Run, size: int, points: tuple[tuple[int, float], ...]) -> Figure:
    return Figure(f"large-{case}", work, f"a million of {size:,}", 1.2, most, fewer, points=points)
