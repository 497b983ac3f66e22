"""Commit of a million receivables, a tenth of them updates, against a bare csv read with upserts. Run: python -m tests.benchmarks.store_speed ROWS [URL]"""

import csv
import resource
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv

from invoice_rules.planning import plan
from invoice_rules.store import Store, commit, open_store
from tests.store.making import typed_report, typed_rows

_COLUMNS = ("invoiceId", "invoiceNumber", "amount", "amountDue", "customerName", "extCustomerId", "date", "dateDue", "isCanceled", "contactEmail")
_SETS = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])


def ours(store: Store, rows: int) -> tuple[float, float, float]:
    """Seconds of looking at the store and planning, of the commit, and the commit's CPU seconds in this process."""
    tenth = typed_rows([7] * (rows // 10))
    commit(plan(typed_report(store, tenth), store))
    frame = typed_rows(np.arange(100, rows + 100).tolist())
    began = time.perf_counter()
    ready = plan(typed_report(store, frame), store)
    planned, cpu = time.perf_counter(), time.process_time()
    commit(ready)
    return planned - began, time.perf_counter() - planned, time.process_time() - cpu


def file_of(rows: int, path: Path) -> Path:
    frame = typed_rows(np.arange(100, rows + 100).tolist())
    pa.csv.write_csv(pa.table({name: pa.array(frame[name], from_pandas=True) for name in _COLUMNS}), path)
    return path


def rival_sqlite(file: Path, folder: Path, rows: int) -> float:
    """csv.reader and executemany, no checks, one table."""
    connection = sqlite3.connect(folder / "rival.sqlite", isolation_level=None)
    connection.execute("PRAGMA synchronous=EXTRA")
    connection.execute(f"CREATE TABLE t (invoiceId TEXT PRIMARY KEY, {', '.join(_COLUMNS[1:])})")
    upsert = f"INSERT INTO t VALUES ({', '.join('?' * 10)}) ON CONFLICT (invoiceId) DO UPDATE SET {_SETS}"
    with file.open(newline="") as opened:
        tenth = [line for at, line in enumerate(csv.reader(opened)) if 0 < at <= rows // 10]
    _in_one(connection, upsert, tenth)
    began = time.perf_counter()
    with file.open(newline="") as opened:
        lines = csv.reader(opened)
        next(lines)
        _in_one(connection, upsert, lines)
    return time.perf_counter() - began


def _in_one(connection, upsert, lines) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(upsert, lines)
    connection.execute("COMMIT")


def rival_postgresql(file: Path, url: str, rows: int) -> float:
    """COPY of the file into a staging table and one upsert, no checks."""
    text = file.read_bytes()
    tenth = b"\n".join(text.split(b"\n", rows // 10 + 1)[: rows // 10 + 1]) + b"\n"
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE t (invoiceId TEXT PRIMARY KEY, {', '.join(f'{n} TEXT' for n in _COLUMNS[1:])})")
        for content in (tenth, text):
            began = time.perf_counter()
            connection.execute(f"CREATE TEMP TABLE s ({', '.join(f'{n} TEXT' for n in _COLUMNS)}) ON COMMIT DROP")
            with connection.cursor().copy("COPY s FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(content)
            connection.execute(f"INSERT INTO t SELECT * FROM s ON CONFLICT (invoiceId) DO UPDATE SET {_SETS}")
            connection.commit()
    return time.perf_counter() - began


def main() -> None:
    rows, url = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = open_store(url or folder / "store.sqlite")
        looked, written, cpu = ours(store, rows)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        file = file_of(rows, folder / "rival.csv")
        rival = rival_postgresql(file, url, rows) if url else rival_sqlite(file, folder, rows)
    print(f"{rows:,} rows: look and plan {looked:.1f} s, commit {written:.1f} s ({cpu:.1f} s CPU here), rival {rival:.1f} s: {(looked + written) / rival:.2f} x, peak {peak:,.0f} MB")


if __name__ == "__main__":
    main()
