"""Writes XLSX files, and is the only module that does: cells are text, numbers, dates and yes/no, never formulas (X-16).

openpyxl makes the shell of a workbook (styles, widths, panes, print settings); the cells come from `cells`.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from invoice_rules.table import Kind, column_letter
from invoice_rules.workbooks.cells import Cells, Look, Styles, rows_xml

_FONT = "Calibri"

Cell = tuple[str, Kind, Look] | None
Rows = Sequence[Sequence[Cell]]
"""Cells that are given one by one: text, what it is, how it looks."""


@dataclass(frozen=True)
class Sheet:
    """Rows written one by one (`top`, `bottom`: text, kind and look a cell), with columns of cells between them."""

    name: str
    top: Rows = ()
    body: Sequence[Cells] = ()
    bottom: Rows = ()
    widths: Sequence[float] = ()
    header: int = 0
    filter: bool = False
    landscape: bool = True
    footer: str = ""
    hidden: bool = False

    @property
    def rows(self) -> int:
        return len(self.top) + (len(self.body[0].texts) if self.body else 0) + len(self.bottom)

    @property
    def columns(self) -> int:
        return max([len(self.body), *(len(row) for row in (*self.top, *self.bottom))])


def write_sheets(sheets: Sequence[Sheet], target: Path | io.BytesIO, title: str = "") -> None:
    """Write a workbook to a file that may be overwritten; the first sheet is the one that opens. Raises OSError."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.creator, book.properties.title = "Invoice Rules", title or None
    styles = _Styles(book)
    for sheet in sheets:
        _shell(book.create_sheet(sheet.name), sheet)
        styles.learn(sheet)
    shell = io.BytesIO()
    book.save(shell)
    with zipfile.ZipFile(shell) as parts, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as out:
        bodies = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, 1)}
        for part in parts.infolist():
            if part.filename in bodies:
                _fill(out, part.filename, parts.read(part).decode(), bodies[part.filename], styles)
            else:
                out.writestr(part.filename, parts.read(part))


class _Styles:
    """The workbook's style number of each look."""

    def __init__(self, book: openpyxl.Workbook):
        self._scratch = book.create_sheet("scratch")
        self._book = book
        self._known: dict[Look, int] = {}
        book.remove(self._scratch)

    def learn(self, sheet: Sheet) -> None:
        small = [cell[2] for row in (*sheet.top, *sheet.bottom) for cell in row if cell]
        for look in (Look(), *small, *(look for cells in sheet.body for look in cells.looks)):
            if look not in self._known:
                self._known[look] = self._add(look)

    def __call__(self, look: Look) -> int:
        return self._known[look]

    def _add(self, look: Look) -> int:
        cell = self._scratch.cell(1, len(self._known) + 1)
        cell.font = Font(name=_FONT, size=look.size, bold=look.bold, italic=look.italic, color=look.color)
        cell.fill = PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill()
        cell.border = Border(bottom=Side("thin", look.line), top=Side("thin", look.line)) if look.line else Border()
        cell.alignment = Alignment(
            horizontal=look.across or None, vertical="top", wrap_text=look.wrap or None, indent=int(look.across == "right")
        )
        cell.number_format = look.format
        return cell.style_id


def _shell(ws: Worksheet, sheet: Sheet) -> None:
    """Everything of a sheet but its cells: widths, frozen heading, filter, print set-up."""
    for column, width in enumerate(sheet.widths):
        ws.column_dimensions[column_letter(column)].width = width
    last = column_letter(max(sheet.columns - 1, 0))
    if sheet.header:
        ws.freeze_panes = f"A{sheet.header + 1}"
        ws.print_title_rows = f"{sheet.header}:{sheet.header}"
    if sheet.filter:
        ws.auto_filter.ref = f"A{sheet.header}:{last}{max(sheet.rows - len(sheet.bottom), sheet.header)}"
    if sheet.rows:
        ws.print_area = f"A1:{last}{sheet.rows}"
    ws.sheet_state = "veryHidden" if sheet.hidden else "visible"
    ws.sheet_view.showGridLines = bool(sheet.body)
    ws.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top = ws.page_margins.bottom = 0.6
    ws.page_margins.header = ws.page_margins.footer = 0.3
    ws.oddFooter.left.text, ws.oddFooter.right.text = sheet.footer.replace("&", "&&"), "Page &P of &N"


def _fill(out: zipfile.ZipFile, name: str, shell: str, sheet: Sheet, styles: Styles) -> None:
    """Put the rows into the sheet's empty `sheetData`."""
    ref = f"A1:{column_letter(max(sheet.columns - 1, 0))}{max(sheet.rows, 1)}"
    shell = re.sub(r'(<dimension ref=")[^"]*', rf"\g<1>{ref}", shell)
    head, tail = re.split(r"<sheetData\s*/>|<sheetData></sheetData>", shell)
    with out.open(name, "w", force_zip64=True) as part:
        part.write(f"{head}<sheetData>".encode())
        for piece in _rows(sheet, styles):
            part.write(piece)
        part.write(f"</sheetData>{tail}".encode())


def _rows(sheet: Sheet, styles: Styles) -> Iterator[memoryview]:
    first = 1
    for part in (_columns_of(sheet.top), sheet.body, _columns_of(sheet.bottom)):
        yield from rows_xml(part, first, sheet.widths, styles)
        first += len(part[0].texts) if part else 0


def _columns_of(rows: Rows) -> list[Cells]:
    """Rows that were given cell by cell, turned into columns; a missing cell is a blank one."""
    none = ("", Kind.TEXT, Look())
    columns = []
    for column in zip_longest(*rows):
        cells = [cell or none for cell in column]
        looks = list(dict.fromkeys(look for _, _, look in cells))
        texts = pa.array([text for text, _, _ in cells], pa.large_string())
        kinds = np.array([kind for _, kind, _ in cells], np.int8)
        columns.append(Cells(texts, looks, kinds, np.array([looks.index(look) for _, _, look in cells])))
    return columns
