"""Two workbooks of an invented sender, to try everything with: the open receivables of two months, one a dozen of mistakes richer.

They are written down as CSV beside this file. A cell that reads as a date (2026-10-31) or a number (1250.00) becomes a real one,
the identifier with too many digits included; everything else is text as it stands, so that `31/10/2026` and `12,50.00` are what
somebody typed.
"""

import csv
import re
from collections.abc import Sequence
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from invoice_rules.samples.systems import SystemSample, build_system, systems
from invoice_rules.table import Kind
from invoice_rules.workbooks import Look, Sheet, replaced, write_sheets

__all__ = ["NOVEMBER", "OCTOBER", "SENDER", "SystemSample", "build_samples", "build_system", "sample_rows", "systems"]

SENDER = "Hollis & Crane Architects"
OCTOBER, NOVEMBER = "Receivables October 2026.xlsx", "Receivables November 2026.xlsx"

_MONEY = ("Inv Total", "Open Balance")
_WIDTHS = (16, 11, 13, 13, 11, 36, 36, 15, 16, 40, 8)
_GREEN, _PALE, _LINE = "2F5D50", "E4EDE9", "C9D6D1"


def build_samples(folder: Path | str) -> tuple[Path, Path]:
    """Write both workbooks into a folder, which is made where it is missing: October with its mistakes, November that follows it.

    Earlier ones of the same names are replaced. Raises CannotRun where the folder cannot be written to.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    october = _build(folder / OCTOBER, "october.csv", "Open receivables as of October 31, 2026")
    return october, _build(folder / NOVEMBER, "november.csv", "Open receivables as of November 30, 2026")


def sample_rows(name: str) -> list[list[str]]:
    """The lines of one of the two files, headings first."""
    return list(csv.reader((files(__name__) / name).read_text(encoding="utf-8").splitlines()))


def _build(path: Path, name: str, title: str) -> Path:
    headings, *rows = sample_rows(name)
    heading = Look("FFFFFF", _GREEN, bold=True, wrap=True)
    top = [
        [(SENDER, Kind.TEXT, Look(_GREEN, bold=True, size=18))],
        [(title, Kind.TEXT, Look("595959", size=12))],
        [],
        [
            (text, Kind.TEXT, Look("FFFFFF", _GREEN, bold=True, wrap=True, across="right") if text in _MONEY else heading)
            for text in headings
        ],
        *[[_cell(text, column) for text, column in zip(row, headings, strict=True)] for row in rows],
    ]
    sheet = Sheet("Receivables", top=top, bottom=[_total(headings, rows)], widths=_WIDTHS, header=4, filter=True, footer=SENDER)
    return replaced(path, lambda part: write_sheets([sheet], part, title=f"{SENDER}: {title}"))


def _cell(text: str, heading: str) -> tuple[str, Kind, Look]:
    """One cell as the sender has it."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text, Kind.DATE, Look(format="mm/dd/yyyy", across="left", line=_LINE)
    if re.fullmatch(r"-?\d+\.\d\d", text):
        return text, Kind.NUMBER, Look(format="#,##0.00", across="right", line=_LINE)
    if re.fullmatch(r"\d{9,}", text):
        return text, Kind.NUMBER, Look(across="left", line=_LINE)
    return text, Kind.TEXT, Look(across="right" if heading in _MONEY else "", line=_LINE, wrap=True)


def _total(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[str, Kind, Look]]:
    """The sender's total row: like SUM, it passes over amounts that are only text."""
    look = Look(bold=True, fill=_PALE, line=_GREEN)
    sum_look = Look(bold=True, fill=_PALE, format="#,##0.00", across="right", line=_GREEN)
    sums = {
        name: sum((Decimal(row[at]) for row in rows if re.fullmatch(r"-?\d+\.\d\d", row[at])), Decimal(0))
        for at, name in enumerate(headings)
        if name in _MONEY
    }
    return [
        (str(sums[name]), Kind.NUMBER, sum_look) if name in sums else ("Total" if not at else "", Kind.TEXT, look)
        for at, name in enumerate(headings)
    ]
