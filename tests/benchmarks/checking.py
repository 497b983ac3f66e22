"""How long reading and checking take, beside reading alone: python -m tests.benchmarks.checking [ROWS]."""

import sys
import tempfile
import time
from pathlib import Path

import pyarrow.csv

from invoice_rules import examine, read, rule_set
from tests.benchmarks.receivables import write


def main(rows: int) -> None:
    rules = rule_set("paystand.receivables")
    with tempfile.TemporaryDirectory() as folder:
        small = write(Path(folder) / "small.csv", 2_000)
        examine(read(small, rules=rules), rules)
        path = write(Path(folder) / "receivables.csv", rows)
        start = time.perf_counter()
        pyarrow.csv.read_csv(path)
        bare = time.perf_counter()
        table = read(path, rules=rules, limit_mb=4_000)
        got = time.perf_counter()
        report = examine(table, rules)
        done = time.perf_counter()
    print(f"{rows:,} rows: bare pyarrow.csv {bare - start:.2f} s, read {got - bare:.2f} s, checked {done - got:.2f} s")
    print(report.summary())
    print(report.problems.counts().to_string(index=False))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
