"""All rules of Paystand receivables: examine() of a table that was read, beside Arrow kernels written by hand for the same rules."""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from invoice_rules import examine, read, rule_set
from invoice_rules.problems import plural
from invoice_rules.results import Report
from tests.benchmarks.harness import Figure, Side, race
from tests.benchmarks.receivables import COLUMNS, write
from tests.benchmarks.rivals.arrow_kernels import judged

TODAY = dt.date(2026, 11, 21)
ABOUT_FILE = ("content-inside",)
"""Rules that ours tells once a column, with a count of its cells."""

Verdicts = dict[tuple[str, str], list[int]]
"""(column, rule) -> positions of the rows that break it."""


def ours(path: str) -> Callable[[], int]:
    """Examine the whole file, without a store; how many problems there are."""
    rules = rule_set("paystand.receivables")
    with tempfile.TemporaryDirectory() as folder:
        examine(read(write(Path(folder) / "small.csv", 2_000), rules=rules), rules, today=TODAY)
    table = read(path, rules=rules, limit_mb=4_000)
    return lambda: len(examine(table, rules, today=TODAY).problems)


def by_hand(path: str) -> Callable[[], int]:
    """The same rules over the same cells; how many failures there are."""
    cells = raw(path)
    judged({name: array.slice(0, 2_000) for name, array in cells.items()}, TODAY)
    return lambda: judged(cells, TODAY)[1].num_rows


def raw(path: str | Path) -> dict[str, pa.Array]:
    """The file's cells as text, one Arrow array a column."""
    text = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.large_string()), strings_can_be_null=False)
    table = pyarrow.csv.read_csv(path, convert_options=text).combine_chunks()
    return {name: pa.concat_arrays(table[name].chunks) for name in table.column_names}


def our_verdicts(report: Report) -> Verdicts:
    """Where examine() found each rule broken."""
    found: Verdicts = {}
    for finding in report.problems.findings:
        if finding.at is not None:
            found.setdefault((finding.field, finding.rule.id), []).extend(finding.at.tolist())
    return {key: sorted(at) for key, at in found.items()}


def their_verdicts(failures: pa.Table) -> Verdicts:
    """Where the hand-written kernels found each rule broken."""
    found: Verdicts = {}
    for row, column, rule in zip(*(failures[name].to_pylist() for name in ("row", "column", "rule")), strict=True):
        found.setdefault((column, rule), []).append(row)
    return {key: sorted(at) for key, at in found.items()}


def differences(path: Path) -> Iterator[str]:
    """Every verdict and typed column in which the two do not agree on a file, in words."""
    rules = rule_set("paystand.receivables")
    report = examine(read(path, rules=rules, limit_mb=4_000), rules, today=TODAY)
    typed, failures, told = judged(raw(path), TODAY)
    mine, hers = our_verdicts(report), their_verdicts(failures)
    for key in sorted(mine.keys() | hers.keys()):
        if mine.get(key) != hers.get(key):
            only = sorted(set(mine.get(key, [])) ^ set(hers.get(key, [])))
            yield f"{key}: ours {len(mine.get(key, [])):,}, by hand {len(hers.get(key, [])):,}, first {only[:5]}"
    counted = {found.field: dict(found.facts)["cells"] for found in report.problems.findings if found.rule.id in ABOUT_FILE}  # type: ignore[call-overload] # these facts are no function
    if counted != {name: plural(count, "cell") for name, count in told.items()}:
        yield f"signs inside: ours {counted}, by hand {told}"
    for name, array in typed.items():
        same = np.asarray(pa.array(report.rows[name], from_pandas=True)) == np.asarray(array)
        if not bool((same | (report.rows[name].isna().to_numpy() & array.is_null().to_numpy(zero_copy_only=False))).all()):
            yield f"the typed columns {name} differ"


def main(rows: int = 0, times: int = 5) -> list[Figure]:
    """Three figures: a million rows, a hundred thousand, and every row failing against none."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for count, goal in ((rows, 1.8),) if rows else ((1_000_000, 1.8), (100_000, 3.0)):
            path = write(Path(folder) / f"{count}.csv", count)
            if wrong := list(differences(path)):
                raise AssertionError(f"The two sides do not agree on {count:,} rows:\n" + "\n".join(wrong))
            runs = race([Side("rules:ours", {"path": str(path)}), Side("rules:by_hand", {"path": str(path)})], times)
            work = f"All Paystand rules, {count:,} rows, 2 % bad"
            figures.append(Figure(f"rules-{count}", work, "Arrow kernels by hand", goal, *runs, note=f"{runs[0].answer:,} problems"))
            print(figures[-1], flush=True)
        figures.append(_all_failing(Path(folder), rows or 1_000_000, times))
    return figures


def _all_failing(folder: Path, rows: int, times: int) -> Figure:
    paths = [write(folder / f"wrong_{wrong}.csv", rows, wrong) for wrong in (1, 0)]
    runs = race([Side("rules:ours", {"path": str(path)}) for path in paths], times)
    figure = Figure(f"failing-{rows}", f"All Paystand rules, {rows:,} rows, every row failing", "no row failing", 2.0, *runs, note=f"{runs[0].answer:,} problems")
    print(figure, flush=True)
    return figure
