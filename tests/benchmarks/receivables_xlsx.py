"""The receivables file of `receivables` as a workbook: real numbers and dates, text in the shared texts, as Excel saves it."""

import csv
import datetime as dt
import re
from pathlib import Path

import xlsxwriter

from tests.benchmarks.receivables import write

_AMOUNT, _DATE = re.compile(r"\$?\d+\.\d\d"), re.compile(r"\d\d/\d\d/\d{4}")


def write_xlsx(path: Path, rows: int, wrong: float = 0.02) -> Path:
    """A workbook of this many rows × 10 columns; about `wrong` of the rows break one rule each."""
    text = write(path.with_suffix(".csv"), rows, wrong)
    book = xlsxwriter.Workbook(str(path))
    sheet, date, money = (
        book.add_worksheet("Receivables"),
        book.add_format({"num_format": "mm/dd/yyyy"}),
        book.add_format({"num_format": "#,##0.00"}),
    )
    with text.open(encoding="utf-8", newline="") as file:
        for at, cells in enumerate(csv.reader(file)):
            for column, cell in enumerate(cells):
                if column in (2, 3) and _AMOUNT.fullmatch(cell):
                    sheet.write_number(at, column, float(cell.lstrip("$")), money)
                elif column in (6, 7) and _DATE.fullmatch(cell):
                    sheet.write_datetime(at, column, dt.datetime.strptime(cell, "%m/%d/%Y"), date)
                elif cell:
                    sheet.write_string(at, column, cell)
    book.close()
    text.unlink()
    return path
