"""Rows that are no data: blank ones, totals, subtotals and notes (X-22). In doubt a row is data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, Rule, Severity, plural, quoted
from invoice_rules.reading.grid import LOOKED_AT, Grid

TOTAL = Rule(
    "left-out",
    "Row {row} is a total and is left out: {cells}.",
    "X-22",
    "Total rows are left out and tied as control totals.",
    Severity.NOTICE,
)
NOTE = Rule("left-out", "Row {row} is a note and is left out: {cells}.", "X-22", "Notes below the data are left out.", Severity.NOTICE)
MORE = Rule("left-out", "{rows} are totals or notes and are left out.", "X-22", severity=Severity.NOTICE)
MOST = 1_000
"""Rows left out that are told one by one."""
TOTALS = 100_000
"""Rows between the data that may be called a total."""
BLANK = Rule("blank-rows", "{rows} left out.", "X-22", "Blank rows are left out.", Severity.NOTICE)

_LABEL = (
    r"(?:(?:grand|sub|report|overall|net|gross|page|batch|file|sheet|invoice)[\s-]*)*totals?"
    r"(?:\s+(?:amount|due|balance|outstanding|for|of|in|all|invoices?|usd|eur|gbp)\b.*)?"
    r"|sum|summe|gesamt(?:summe|betrag)?|zwischensumme|somme|suma|totale|total general|balance(?: due| forward| carried forward)?"
)
_IS_LABEL = re.compile(rf"^\W*(?:{_LABEL})\W*$", re.IGNORECASE)
_LABELLED = rf"(?i)^\W*(?:{_LABEL})\W*$|\btotal\W*$"
_NUMBER = re.compile(r"^\s*[-+(]*\s*(?:[$€£¥]|[A-Z]{3}\s)?\s*[-+]?(?:\d[\d.,'\u00a0 ]*|-)\s*[%)€$£-]?\s*(?:CR|DR|[A-Z]{3})?\s*$")
_NOTE = re.compile(
    r"^\W*(?:\*|©|\(c\)|notes?\b|source\b|generated\b|printed\b|report\b|page \d|end of\b|all (?:data|amounts|figures)\b|copyright\b)",
    re.IGNORECASE,
)
_TAIL = 25
_SAMPLE = 2_000


def _is_number(cell: str) -> bool:
    return len(cell) <= LOOKED_AT and bool(_NUMBER.match(" ".join(cell.split())))


def _is_row(cell: str) -> bool:
    """Whether a cell holds the cells of a row that another delimiter parts, an amount with decimals among them."""
    parts = max((cell[: 10 * LOOKED_AT].split(delimiter) for delimiter in "\t;|"), key=len)
    return len(parts) > 2 and any(_is_number(part) and re.search(r"[.,]\d\d\b", part) for part in parts)


@dataclass
class Leftovers:
    """`keep`: bool a row; `totals`: row number -> cells; one finding for each row left out, one for all blank ones."""

    keep: np.ndarray
    totals: dict[int, tuple[str, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def leftovers(grid: Grid, keys: frozenset[int] = frozenset(), words: frozenset[int] = frozenset()) -> Leftovers:
    """Tell the rows that are data from those that are not. A row is data that has a cell in a column of `keys`, its label aside, or nothing but one of `words`."""
    filled = grid.filled()
    found = Leftovers(filled > 0)
    if not found.keep.any():
        return found
    last = int(np.flatnonzero(found.keep)[-1])
    blank = int((~found.keep[: last + 1]).sum())
    if blank:
        rows = f"{plural(blank, 'blank row')} {'is' if blank == 1 else 'are'}"
        found.findings.append(Finding(BLANK, facts={"rows": rows}))
    judge = _Judge(grid, filled, keys, words)
    out = sorted(judge.bands() | judge.tail(last))
    for place, at in enumerate(out):
        found.keep[at] = False
        _tell(found, grid, at, judge.total(at), place < MOST)
    if len(out) > MOST:
        found.findings.append(Finding(MORE, facts={"rows": f"{len(out) - MOST:,} more rows"}))
    return found


def _tell(found: Leftovers, grid: Grid, at: int, total: bool, told: bool) -> None:
    row, cells = int(grid.rows[at]), grid.cells(at)
    if total:
        found.totals[row] = cells
    if not told:
        return
    shown = " · ".join(quoted(cell.strip()) if not _is_number(cell) else cell.strip() for cell in cells if cell.strip())
    found.findings.append(Finding(TOTAL if total else NOTE, facts={"row": row, "cells": shown}))


class _Judge:
    """Knows how many cells a row usually has and what usually stands in each column."""

    def __init__(self, grid: Grid, filled: np.ndarray, keys: frozenset[int], words: frozenset[int]):
        self.grid, self.filled, self.keys, self.words = grid, filled, keys, words
        some = filled[filled > 0]
        self.usual = float(np.percentile(some[:_SAMPLE], 75))

    def bands(self) -> set[int]:
        """Subtotals between the data and totals at its end: a label, numbers, and most cells empty."""
        sparse = np.flatnonzero((self.filled > 1) & (self.filled <= self.usual / 2))
        if not len(sparse):
            return set()
        put, labelled = pa.array(sparse), np.zeros(len(sparse), bool)
        for column in self.grid.columns:
            labelled |= pc.match_substring_regex(column.take(put), _LABELLED).to_numpy(zero_copy_only=False)
        if labelled.sum() > TOTALS:
            raise CannotRun(f"More than {TOTALS:,} rows are called a total. Ask for the file without its totals, or choose another sheet.")
        return {int(at) for at in sparse[labelled] if self._total(self.grid.cells(at), int(at))}

    def tail(self, last: int) -> set[int]:
        """Totals and notes at the end, judged one by one upwards until the first row of data."""
        out: set[int] = set()
        for at in range(last, max(-1, last - _TAIL), -1):
            if self.filled[at] == 0:
                continue
            if not (self.total(at) or self._note(self.grid.cells(at), at)):
                break
            out.add(at)
        return out if len(out) < (self.filled > 0).sum() else set()

    def total(self, at: int) -> bool:
        cells = self.grid.cells(at)
        return self._total(cells, at) or self._bare(cells, at)

    def _total(self, cells: Sequence[str], at: int) -> bool:
        """One label, and numbers only beside it, none of which says whose row it is."""
        filled = [(column, cell.strip()) for column, cell in enumerate(cells) if cell.strip()]
        labels = [(column, cell) for column, cell in filled if self._label(cell, column, at)]
        beside = [(column, cell) for column, cell in filled if (column, cell) not in labels]
        return len(labels) == 1 and bool(beside) and all(_is_number(cell) and column not in self.keys for column, cell in beside)

    def _label(self, cell: str, column: int, at: int) -> bool:
        if len(cell) > LOOKED_AT:
            return False
        if _IS_LABEL.match(cell):
            return True
        base = re.sub(r"(?i)\s+total\W*$", "", cell)
        return base != cell and self._above(column, at) == base

    def _above(self, column: int, at: int) -> str:
        """The nearest cell above that is not blank, within a few rows: "Acme" over "Acme Total"."""
        above = self.grid.columns[column].slice(max(0, at - 5), min(5, at)).to_pylist()
        return next((cell.strip() for cell in reversed(above) if cell.strip()), "")

    def _bare(self, cells: Sequence[str], at: int) -> bool:
        """Numbers alone, most cells empty, and one of them the sum of its column."""
        filled = [column for column, cell in enumerate(cells) if cell.strip()]
        if not filled or len(filled) > self.usual / 2 or filled[0] == 0 or not all(_is_number(cells[column]) and column not in self.keys for column in filled):
            return False
        return any(self._sums(column, at, cells[column]) for column in filled)

    def _sums(self, column: int, at: int, cell: str) -> bool:
        """Whether the cell is the sum of those above; a test of likeness only, so binary numbers will do."""
        numbers = pc.replace_substring_regex(self.grid.columns[column].slice(0, at), r"[^0-9.\-]", "")
        plain = numbers.filter(pc.match_substring_regex(numbers, r"^-?[0-9]+(\.[0-9]+)?$"))
        figure = re.sub(r"[^0-9.\-]", "", cell)
        if len(plain) < 2 or not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]+)?", figure):
            return False
        return abs(pc.sum(plain.cast(pa.float64())).as_py() - float(figure)) < 0.005

    def _note(self, cells: Sequence[str], at: int) -> bool:
        """One cell of words in a table of three columns or more."""
        filled = [(column, cell.strip()) for column, cell in enumerate(cells) if cell.strip()]
        if self.usual < 3 or len(filled) != 1 or int(self.grid.rows[at]) in self.grid.ragged and not self._only_short(at):
            return False
        column, cell = filled[0]
        if column in self.words or _is_number(cell) or _is_row(cell) or not re.search(r"[^\W\d_]", cell):
            return False
        if _NOTE.match(cell) or (" " in cell and self._numbers_above(column, at)):
            return True
        apart = at > 0 and self.filled[at - 1] == 0
        return column == 0 and (len(cell.split()) > 4 or apart and " " in cell or bool(re.match(r"\w+:\s", cell)))

    def _only_short(self, at: int) -> bool:
        return not any(cell.strip() for cell in self.grid.ragged[int(self.grid.rows[at])].beyond)

    def _numbers_above(self, column: int, at: int) -> bool:
        above = [cell for cell in self.grid.columns[column].slice(max(0, at - 50), min(50, at)).to_pylist() if cell.strip()]
        return sum(1 for cell in above if _is_number(cell)) > len(above) / 2
