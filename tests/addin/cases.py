"""Fifty workbooks and more: every rule set with every kind of defect and layout that accountants' sheets have."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.table import Table, TableStyleInfo

from invoice_rules import rule_set, rule_sets

Rows = list[list[Any]]


def rows_of(name: str, count: int = 6) -> Rows:
    """Headings and rows made from the examples of a rule set's own fields, each row with a key of its own."""
    rules = rule_set(name)
    fields = [field for field in rules.offered.values() if field.example]
    rows: Rows = [[field.title for field in fields]]
    for number in range(1, count + 1):
        rows.append([_cell(field, number, own=field.name == rules.key or field.role == "number") for field in fields])
    return rows


def _cell(field: Any, number: int, own: bool) -> Any:
    if own:
        return f"{field.example[: (field.max or 20) - 2]}-{number}"
    if field.kind == "date":
        return dt.datetime(2026, 10, 1) + dt.timedelta(days=number + (30 if "due" in field.name.lower() else 0))
    if field.kind in ("money", "number", "percent"):
        return float(str(field.example).replace(",", "").strip("$%")) if str(field.example).replace(",", "").strip("$%").replace(".", "").replace("-", "").isdigit() else field.example
    return field.example


def sheet(rows: Rows, top: int = 1, left: int = 1, name: str = "Invoices") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    cells = book.active
    cells.title = name
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            cell = cells.cell(top + at, left + column, value)
            if isinstance(value, dt.datetime):
                cell.number_format = "yyyy-mm-dd"
    return book


def plain(rows: Rows) -> openpyxl.Workbook:
    return sheet(rows)


def blanks(rows: Rows) -> openpyxl.Workbook:
    for at, row in enumerate(rows[1:], 1):
        row[at % len(row)] = None
    return sheet(rows)


def typed_badly(rows: Rows) -> openpyxl.Workbook:
    """Dates that are none, amounts as text, yes and no in other words."""
    for at, row in enumerate(rows[1:], 1):
        for column, value in enumerate(row):
            if isinstance(value, dt.datetime):
                row[column] = ["31/02/2026", "10.11.2026", "soon"][at % 3]
            elif isinstance(value, float) and at % 2:
                row[column] = ["1,200.00", "12,50.00", "(7.00)"][at % 3]
    return sheet(rows)


def twice(rows: Rows) -> openpyxl.Workbook:
    return sheet([*rows, list(rows[2]), list(rows[3])])


def error_cells(rows: Rows) -> openpyxl.Workbook:
    rows[2][0], rows[3][-1], rows[4][len(rows[0]) // 2] = "#N/A", "#DIV/0!", "#REF!"
    return sheet(rows)


def formatted(rows: Rows) -> openpyxl.Workbook:
    """Numbers under formats that change what is read: padded, percentages, currencies."""
    book = sheet(rows)
    for row in book.active.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, float):
                cell.number_format = ("00000", "0.0%", '"$"#,##0.00', "[$€-2] #,##0.00")[cell.row % 4]
    return book


def from_1904(rows: Rows) -> openpyxl.Workbook:
    from openpyxl.utils.datetime import MAC_EPOCH

    book = sheet(rows)
    book.epoch = MAC_EPOCH
    return book


def filtered(rows: Rows) -> openpyxl.Workbook:
    book = sheet(rows)
    book.active.auto_filter.ref = book.active.dimensions
    for row in (3, 5, 6):
        book.active.row_dimensions[row].hidden = True
    return book


def titled(rows: Rows) -> openpyxl.Workbook:
    """A merged title above, a total below, blank rows between, all of it away from the corner."""
    book = sheet([*rows[:4], [], *rows[4:]], top=4, left=2)
    cells = book.active
    cells["B1"] = "Invoices of October, as of 31 Oct 2026"
    cells.merge_cells("B1:E1")
    last = cells.max_row + 2
    cells.cell(last, 2, "Total")
    numbers = [column for column, value in enumerate(rows[1]) if isinstance(value, float)]
    for column in numbers:
        cells.cell(last, 2 + column, sum(row[column] for row in rows[1:] if isinstance(row[column], float)))
    return book


def in_a_table(rows: Rows) -> openpyxl.Workbook:
    book = sheet(rows)
    table = Table(displayName="Invoices", ref=book.active.dimensions)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    book.active.add_table(table)
    return book


LAYOUTS: tuple[Callable[[Rows], openpyxl.Workbook], ...] = (plain, blanks, typed_badly, twice, error_cells, formatted, from_1904, filtered, titled, in_a_table)
CASES = [(name, layout) for name in rule_sets() for layout in LAYOUTS]


def saved(name: str, layout: Callable[[Rows], openpyxl.Workbook], folder: Path) -> Path:
    """The workbook of one case."""
    path = folder / f"{name} {layout.__name__}.xlsx"
    layout(rows_of(name)).save(path)
    return path
