"""Other ways to bring a file of receivables into SQLite, checked: how many times faster are we, from the file to the last commit?"""

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from invoice_rules import open_store
from tests.benchmarks.harness import Figure, Side, race
from tests.benchmarks.importing import imported
from tests.benchmarks.receivables import write

RIVALS = (
    ("django_import", "django-import-export", 50, 0.1, 3),
    ("frictionless_table", "frictionless", 6, 0.1, 3),
    ("pandera_cells", "element-wise Pandera and to_sql", 8, 1.0, 3),
    ("pydantic_rows", "row-wise Pydantic and executemany", 2, 1.0, 3),
)
"""Module, name, how many times faster we mean to be, the share of the rows that it runs, and how often."""

ALIKE = 0.002
"""By what share the rows that a rival stores may differ from ours: Frictionless takes 1.000,00 for 1.00 and cannot be told otherwise."""


def ours(path: str) -> Callable[[], int]:
    """Into an empty SQLite store, with plan, outcomes and history; how many invoices went in. A small import comes first."""
    folder = Path(tempfile.mkdtemp(dir=Path(path).parent))
    imported(str(write(folder / "small.csv", 500)), open_store(folder / "small.sqlite"))
    store = open_store(folder / "store.sqlite")
    return lambda: imported(path, store)["created"]


def rival(name: str, path: str) -> Callable[[], int]:
    """One of the others, likewise."""
    return importlib.import_module(f"tests.benchmarks.rivals.{name}").prepared(path, tempfile.mkdtemp(dir=Path(path).parent))


def main(rows: int = 0, times: int = 0) -> list[Figure]:
    """One figure a rival. Each stores the same rows as we do, or it is no rival; slow ones run a share, since their time grows with the rows."""
    rows = rows or 100_000
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        files = {share: str(write(Path(folder) / f"{share}.csv", int(rows * share))) for share in {share for *_, share, _ in RIVALS} | {1.0}}
        right = {share: ours(path)() for share, path in files.items()}
        for module, name, goal, share, usual in RIVALS:
            runs = race([Side("peers:ours", {"path": files[1.0]}), Side("peers:rival", {"name": module, "path": files[share]}, share)], times or usual)
            more = runs[1].answer - right[share]
            if abs(more) > ALIKE * right[share]:
                raise AssertionError(f"{name} took {runs[1].answer:,} rows and we {right[share]:,}: this is not the same work")
            notes = [f"it ran {int(rows * share):,} rows" if share < 1 else "", f"{more:,} wrong rows went in there" if more else ""]
            work = f"{rows:,} rows from the file into SQLite, checked"
            figures.append(Figure(f"peer-{module}-{rows}", work, name, goal, *runs, faster=True, note="; ".join(filter(None, notes))))
            print(figures[-1], flush=True)
    return figures
