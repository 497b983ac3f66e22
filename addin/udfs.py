"""What the sheet's buttons and worksheet functions call. Cells come as a spreadsheet hands them over and answers go back as cells."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

import invoice_rules

HEADINGS = ("Row", "Cell", "Field", "Severity", "What is wrong, and what to do", "Suggested fix")


def check_range(values: Sequence[Sequence[Any]], rules: str) -> list[list[Any]]:
    """Check a block of cells whose first line is its headings; nothing is written.

    `values` are the cells row by row (text, numbers, dates, yes/no, None for blank). Gives a line of headings and one line a
    problem, in the sheet's order; only the headings when all is well. Rows and cells are named as in a block that starts at A1.
    Raises CannotRun when there are no cells to check.
    """
    if not values or not any(cell is not None for cell in values[0]):
        raise invoice_rules.CannotRun("There is nothing to check here. Select the cells with their headings.")
    headings, *rows = values
    frame = pd.DataFrame([list(row) for row in rows], columns=["" if cell is None else str(cell) for cell in headings], dtype=object)
    report = invoice_rules.examine(frame, rules)
    return [list(HEADINGS), *(_cells(problem) for problem in report.problems)]


def _cells(problem: invoice_rules.Problem) -> list[Any]:
    fix = problem.fix.value if problem.fix else ""
    return [problem.row or "", problem.cell, problem.field, str(problem.severity), problem.message, fix]
