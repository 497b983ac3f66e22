"""Workbooks of 100,000 rows: read and checked, marked in place, and the rejected rows handed back; beside openpyxl doing the same."""

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from invoice_rules import examine, read, rule_set
from invoice_rules.marks import BAD, NEUTRAL, marks, status_texts
from invoice_rules.results import Report
from invoice_rules.workbooks import error_workbook, mark_workbook
from tests.benchmarks.harness import Figure, Side, race
from tests.benchmarks.receivables_xlsx import write_xlsx

ROWS = 100_000
TODAY = dt.date(2026, 11, 21)
FEW, MANY = 0.02, 0.1
"""Shares of wrong rows: as in any file, and so many that 10,000 cells are to be marked."""


def checked(path: str) -> Report:
    rules = rule_set("paystand.receivables")
    return examine(read(path, rules=rules), rules, today=TODAY)


def warmed(then: Callable[[Report, Path], object] = lambda report, folder: None) -> None:
    """Everything imported that is needed, by doing it once with a small file."""
    with tempfile.TemporaryDirectory() as folder:
        then(checked(str(write_xlsx(Path(folder) / "small.xlsx", 200))), Path(folder))


# ---- read and checked


def ours_checked(path: str) -> Callable[[], int]:
    """Pre-checked, read and checked against all rules; how many rows."""
    warmed()
    return lambda: len(checked(path).table)


def openpyxl_read(path: str) -> Callable[[], int]:
    """The values of every cell, and nothing else; how many rows."""
    return lambda: sum(1 for _ in openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True)) - 1


# ---- marked in place


def ours_marked(path: str, folder: str) -> Callable[[], None]:
    """A marked copy, with a status in every row."""
    warmed(lambda small, into: mark_workbook(small, into / "marked.xlsx"))
    report = checked(path)
    return lambda: mark_workbook(report, Path(folder) / "ours.xlsx") and None


def openpyxl_marked(path: str, folder: str) -> Callable[[], int]:
    """The same cells filled, with a status in every row; how many cells."""
    report = checked(path)
    cells, texts = marks(report), status_texts(report)
    return lambda: _filled(
        path, Path(folder) / "openpyxl.xlsx", cells, list(zip(report.table.frame.index, texts, strict=True)), comments=False
    )


def _filled(path: str, target: Path, cells, statuses, comments: bool) -> int:
    fills = {tint: PatternFill("solid", fgColor=tint.fill) for tint in (BAD, NEUTRAL)}
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for its in cells.itertuples():
        cell = sheet.cell(its.row, its.column + 1)
        cell.fill = fills[BAD if its.severity == 4 else NEUTRAL]
        if comments:
            cell.comment = Comment(its.message, "Invoice Rules")
    for row, text in statuses:
        sheet.cell(row, 11, text)
    book.save(target)
    return len(cells)


# ---- the rejected rows


def ours_rejected(path: str, folder: str) -> Callable[[], None]:
    """The error workbook: the rejected rows with their reasons, and a summary."""
    warmed(error_workbook)
    report = checked(path)
    return lambda: error_workbook(report, Path(folder)) and None


def openpyxl_rejected(path: str, folder: str) -> Callable[[], int]:
    """The whole workbook with its wrong cells tinted and commented on, as programs do that hand back the file; how many cells."""
    report = checked(path)
    cells = marks(report)
    return lambda: _filled(path, Path(folder) / "openpyxl.xlsx", cells, [], comments=True)


def openpyxl_rows(path: str, folder: str) -> Callable[[], int]:
    """The rejected rows alone as a new workbook, tinted and with their status; how many rows."""
    report = checked(path)
    rejected = ~report.ready[report.invoice]
    rows = report.table.frame[rejected]
    tints = {(its.row, its.column): its.severity for its in marks(report, rejected).itertuples()}
    texts = status_texts(report, rejected)

    def write() -> int:
        fills = {tint: PatternFill("solid", fgColor=tint.fill) for tint in (BAD, NEUTRAL)}
        book = openpyxl.Workbook()
        book.active.append([*report.table.headings, "Status"])
        for at, (number, cells, text) in enumerate(zip(rows.index, rows.to_numpy(object), texts, strict=True), 2):
            book.active.append([*cells, text])
            for column in np.flatnonzero([(number, place) in tints for place in range(len(cells))]).tolist():
                book.active.cell(at, column + 1).fill = fills[BAD if tints[number, column] == 4 else NEUTRAL]
        book.save(Path(folder) / "rows.xlsx")
        return len(rows)

    return write


def main(rows: int = 0, times: int = 3) -> list[Figure]:
    """Four figures. The slow sides run no more than twice: openpyxl needs minutes for them on a busy machine."""
    rows = rows or ROWS
    seldom = min(times, 2)
    figures: list[Figure] = []

    def done(*facts: Any) -> None:
        figures.append(Figure(*facts, faster=True))
        print(figures[-1], flush=True)

    with tempfile.TemporaryDirectory() as folder:
        few = {"path": str(write_xlsx(Path(folder) / "few.xlsx", rows, FEW))}
        into = few | {"folder": folder}
        raced = race([Side("workbooks:ours_checked", few), Side("workbooks:openpyxl_read", few)], times)
        done("xlsx", f"{rows:,}-row workbook pre-checked, read and checked", "openpyxl read-only, bare", 2.5, *raced)
        many = {"path": str(write_xlsx(Path(folder) / "many.xlsx", rows, MANY)), "folder": folder}
        marked = race([Side("workbooks:ours_marked", many), Side("workbooks:openpyxl_marked", many)], seldom)
        done("mark", f"{marked[1].answer:,} cells marked in a workbook of {rows:,} rows", "openpyxl", 20, *marked)
        back = race([Side("workbooks:ours_rejected", into), Side("workbooks:openpyxl_rejected", into)], seldom)
        done(
            "rejected",
            f"Error workbook of a {rows:,}-row file, {back[1].answer:,} wrong cells",
            "openpyxl marking the whole file",
            20,
            *back,
        )
        alone = race([Side("workbooks:openpyxl_rows", into)], seldom)[0]
        done("rows", f"Error workbook of {alone.answer:,} rejected rows", "openpyxl writing these rows alone", 1, back[0], alone)
    return figures
