"""The button Validate in Calc on 10,000 rows of 12 columns, beside the engine's own check with a bare bulk read and write of the cells."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import openpyxl

from tests.benchmarks.harness import Figure, Side, race
from tests.benchmarks.receivables_xlsx import write_xlsx

ROWS = 10_000
RULES = "paystand.receivables"
_kept = ExitStack()
stop = _kept.close
"""LibreOffice goes away with the process that started it."""


def _workbook(path: Path, rows: int) -> Path:
    """Ten columns of receivables and two that feed no field."""
    book = openpyxl.load_workbook(write_xlsx(path, rows))
    for at, (project, manager) in enumerate([("Project", "Manager"), *[(f"P-{n % 97}", f"Manager {n % 13}") for n in range(rows)]], 1):
        book.active.cell(at, 11, project)
        book.active.cell(at, 12, manager)
    book.save(path)
    return path


def _opened(path: str):
    import xlwings as xw

    from addin.engines import calc
    from tests.addin.office import office

    own = Path(_kept.enter_context(tempfile.TemporaryDirectory()))  # a LibreOffice that was stopped leaves a lock beside its file
    os.environ["INVOICE_RULES_CONFIG"], os.environ["INVOICE_RULES_STORE"] = str(own), str(own / "none.sqlite")
    running = _kept.enter_context(office())
    calc.activate(url=running.url)
    return xw.Book(shutil.copy(path, own))


def button(path: str, small: str) -> Callable[[], Callable[[], int]]:
    """Validate, from the click to the marks; how many cells are tinted is counted afterwards."""
    from addin import checking, config, places
    from addin.session import Session

    def press(book) -> None:
        checking.validate(Session(book, config.Config(rules=RULES)))

    first = _opened(small)
    press(first)
    first.close()
    book = _opened(path)

    def timed() -> Callable[[], int]:
        press(book)
        return lambda: len(places.marked_cells(book.sheets.active))

    return timed


def bare(path: str, small: str) -> Callable[[], int]:
    """What cannot be spared: all cells read at once, checked, two columns written at once; how many problems."""
    from addin import finding, surface
    from invoice_rules import examine, read

    first = _opened(small)
    examine(read(surface.read(finding.find(first.sheets.active))), RULES)
    first.close()
    book = _opened(path)
    sheet = book.sheets.active
    ready = surface.read(finding.find(sheet))
    cells = sheet.used_range.impl.xl  # Calc's own object, without the engine's work

    def timed() -> int:
        found = cells.getDataArray()
        report = examine(read(ready), RULES)
        rows, columns = len(found), len(found[0])
        beside = sheet.range((1, columns + 1), (rows, columns + 2)).impl.xl
        beside.setDataArray(tuple(("OK", "|1|") for _ in range(rows)))
        return sum(len(its) for its in report.problems.findings)

    return timed


def main(rows: int = 0, times: int = 3) -> list[Figure]:
    """One figure."""
    rows = rows or ROWS
    with tempfile.TemporaryDirectory() as folder:
        given = {"path": str(_workbook(Path(folder) / "october.xlsx", rows)), "small": str(_workbook(Path(folder) / "small.xlsx", 100))}
        raced = race([Side("calc:button", given), Side("calc:bare", given)], times)
    work = f"Validate in Calc, {rows:,} rows × 12 columns, from the click to the marks ({raced[0].answer:,} cells)"
    figure = Figure("validate", work, "the check alone with a bare bulk read and write", 2.5, *raced, elsewhere=True)
    print(figure, flush=True)
    return [figure]
