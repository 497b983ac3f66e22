"""Templates: how long Calc takes to open one with 10,000 open rows, beside a blank workbook of that size, and how long all of them take to make."""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import openpyxl

from tests.benchmarks.harness import Figure, Limit, Side, race

ROWS = 10_000
RULES = "paystand.receivables"
_kept = ExitStack()
stop = _kept.close
"""LibreOffice goes away with the process that started it."""


def opening(path: str) -> Callable[[], int]:
    """Open a workbook in a Calc that has opened it once; the number of its sheets."""
    from addin.engines.calc.loading import properties
    from tests.addin.office import office

    context = _kept.enter_context(office()).context()
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)

    def opened() -> int:
        document = desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, properties(Hidden=True))
        sheets = document.Sheets.Count
        document.close(True)
        return sheets

    opened()
    return opened


def _blank(path: Path, rows: int, columns: int) -> Path:
    book = openpyxl.Workbook()
    for _ in range(rows):
        book.active.append([""] * columns)
    book.save(path)
    return path


def _building() -> float:
    """Seconds for the templates of all rule sets."""
    from invoice_rules.rulesets import rule_sets
    from invoice_rules.workbooks import template_bytes

    began = time.perf_counter()
    for rules in rule_sets().values():
        template_bytes(rules)
    return time.perf_counter() - began


def main(rows: int = 0, times: int = 3) -> list[Figure | Limit]:
    """Both figures."""
    from invoice_rules.rulesets import rule_set
    from invoice_rules.workbooks import template_workbook

    rows, rules = rows or ROWS, rule_set(RULES)
    with tempfile.TemporaryDirectory() as folder:
        template = template_workbook(rules, Path(folder) / "template.xlsx", rows=rows)
        blank = _blank(Path(folder) / "blank.xlsx", rows, len(rules.offered))
        raced = race([Side("templates:opening", {"path": str(template)}), Side("templates:opening", {"path": str(blank)})], times)
    opened = Figure("template", f"A template with {rows:,} open rows opened in Calc", f"a blank workbook of {rows:,} rows", 3, *raced, elsewhere=True)
    built = Limit("templates", "All template workbooks made", min(_building() for _ in range(times)), 10, "s")
    print(opened, built, sep="\n", flush=True)
    return [opened, built]
