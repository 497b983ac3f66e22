"""A whole import, one row in ten an update, with plan, before-images, outcomes and history, beside bare upserts of the same file without a check."""

import csv
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

from invoice_rules import commit, examine, open_store, plan, read, rule_set
from tests.benchmarks.cluster import postgresql
from tests.benchmarks.harness import Figure, Limit, Side, race
from tests.benchmarks.receivables import COLUMNS, earlier, write
from tests.benchmarks.rules import TODAY

MEGABYTES = 700
_KEY, *_OTHERS = COLUMNS
_SETS = ", ".join(f"{name} = excluded.{name}" for name in _OTHERS)
_TABLE = f"CREATE TABLE receivables ({_KEY} TEXT PRIMARY KEY, {', '.join(f'{name} TEXT' for name in _OTHERS)})"
_UPSERT = f"INSERT INTO receivables VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT ({_KEY}) DO UPDATE SET {_SETS}"


def ours(path: str, before: str, folder: str = "", url: str = "") -> Callable[[], dict[str, int]]:
    """Import a file into a store that has `before` in it already; what became of its invoices."""
    store = open_store(url or Path(tempfile.mkdtemp(dir=folder)) / "store.sqlite")
    imported(before, store)
    return lambda: imported(path, store)


def imported(path: str, store) -> dict[str, int]:
    """File to receipt: read, examine, plan, commit."""
    rules = rule_set("paystand.receivables")
    report = examine(read(path, rules=rules, limit_mb=4_000), rules, context=store.context(), today=TODAY)
    return dict(commit(plan(report, store, user="bench")).counts)


def sqlite_upserts(path: str, before: str, folder: str) -> Callable[[], int]:
    """csv.reader and executemany in one transaction that is as durable as ours; how many rows are there then."""
    connection = sqlite3.connect(Path(tempfile.mkdtemp(dir=folder)) / "rival.sqlite", isolation_level=None)
    connection.execute("PRAGMA synchronous=EXTRA")
    connection.execute(_TABLE)

    def load(name: str) -> int:
        with Path(name).open(newline="", encoding="utf-8") as file:
            lines = csv.reader(file)
            next(lines)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_UPSERT, lines)
            connection.execute("COMMIT")
        return int(connection.execute("SELECT count(*) FROM receivables").fetchone()[0])

    load(before)
    return lambda: load(path)


def postgresql_upserts(path: str, before: str, url: str) -> Callable[[], int]:
    """COPY of the file into a staging table that is not logged, and one upsert from there; how many rows are there then."""
    connection = psycopg.connect(url)
    connection.execute(_TABLE)

    def load(name: str) -> int:
        connection.execute(f"CREATE TEMP TABLE staged ({', '.join(f'{column} TEXT' for column in COLUMNS)}) ON COMMIT DROP")
        with Path(name).open("rb") as file, connection.cursor().copy("COPY staged FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        connection.execute(f"INSERT INTO receivables SELECT * FROM staged ON CONFLICT ({_KEY}) DO UPDATE SET {_SETS}")
        connection.commit()
        return int(connection.execute("SELECT count(*) FROM receivables").fetchone()[0])

    load(before)
    return lambda: load(path)


def main(rows: int = 0, times: int = 3) -> list[Figure | Limit]:
    """Into SQLite and into PostgreSQL, and the memory that it takes."""
    rows = rows or 1_000_000
    figures: list[Figure | Limit] = []
    with tempfile.TemporaryDirectory() as name, postgresql() as database:
        folder = Path(name)
        path = write(folder / "file.csv", rows)
        files = {"path": str(path), "before": str(earlier(path, folder / "before.csv", rows // 10))}
        for kind, goal in (("SQLite", 3.0), ("PostgreSQL", 1.8)):
            if kind == "PostgreSQL" and database is None:
                print("PostgreSQL is not installed: no import into it is measured.", flush=True)
                continue
            figures += _into(kind, goal, files, name, database, rows, times)
    return figures


def _into(kind: str, goal: float, files: dict[str, str], folder: str, database, rows: int, times: int) -> list[Figure | Limit]:
    work = f"Import of {rows:,} rows, a tenth of them updates, into {kind}"
    rival, target = ("csv.reader and executemany upserts, no checks", {"folder": folder}) if kind == "SQLite" else ("COPY and ON CONFLICT, no checks", {})
    each = (lambda: {"url": database()}) if kind == "PostgreSQL" else dict
    runs = race([Side("importing:ours", files | target, each=each), Side(f"importing:{kind.lower()}_upserts", files | target, each=each)], times)
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in runs[0].answer.items() if count)
    figure = Figure(f"import-{kind.lower()}-{rows}", work, rival, goal, *runs, note=counts, elsewhere=kind == "PostgreSQL")
    memory = Limit(f"memory-{kind.lower()}-{rows}", f"Peak of resident memory, {work[0].lower()}{work[1:]}", runs[0].peak + runs[0].children, MEGABYTES, "MB")
    print(figure, memory, sep="\n", flush=True)
    return [figure, memory]
