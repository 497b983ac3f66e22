"""A template as a client sends it back: filled in by openpyxl, which leaves everything else of it as it was."""

import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import openpyxl
from openpyxl.workbook import Workbook

from invoice_rules.fields import RuleSet
from invoice_rules.rulesets import rule_sets
from invoice_rules.workbooks import template_bytes

MULTI = {"rowMode": "multi"}
CASES: tuple[tuple[str, Mapping[str, str]], ...] = (*((name, {}) for name in rule_sets()), ("spectra.invoices", MULTI))
"""Every rule set, and the row mode that is not its first."""
NAMES = [name + (".multi" if settings else "") for name, settings in CASES]


@cache
def _bytes(name: str, settings: tuple[tuple[str, str], ...]) -> bytes:
    return template_bytes(rule_sets()[name], settings=dict(settings))


def plain(name: str, settings: Mapping[str, str]) -> bytes:
    """The template of a rule set without any wish, made once."""
    return _bytes(name, tuple(settings.items()))


def made(rules: RuleSet, **wishes) -> Workbook:
    file = template_bytes(rules, **wishes) if set(wishes) - {"settings"} else plain(rules.name, wishes.get("settings", {}))
    return openpyxl.load_workbook(io.BytesIO(file))


def fill(book: Workbook, rows: Iterable[Mapping[str, object]]) -> Workbook:
    """Put rows of heading -> value, without the star, below the headings of the sheet of data."""
    ws = book.worksheets[1]
    at = {str(cell.value).removesuffix(" *"): cell.column for cell in ws[5]}
    for number, row in enumerate(rows, 6):
        for heading, value in row.items():
            ws.cell(number, at[heading], value)
    return book


def examples(book: Workbook, line: int = 5) -> dict[str, object]:
    """The row of the sheet of examples: heading -> value."""
    ws = book["Examples"]
    return {str(cell.value).removesuffix(" *"): ws.cell(line, cell.column).value for cell in ws[4][1:] if ws.cell(line, cell.column).value is not None}


def declare(book: Workbook, count: object = None, totals: Mapping[str, object] | None = None) -> Workbook:
    """Fill in the control totals of the cover."""
    left = dict(totals or {})
    for key, _, code, said, *_ in book["Cover"].iter_rows():
        if key.value == "ir_count":
            said.value = count
        elif key.value == "ir_total" and left:
            code.value = next(iter(left))
            said.value = left.pop(code.value)
    return book


def saved(book: Workbook, path: Path) -> Path:
    book.save(path)
    return path
