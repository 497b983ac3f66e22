"""Writes XLSX files, and is the only module that does: cells are text, numbers, dates and yes/no, never formulas (X-16).

openpyxl makes the shell of a workbook (styles, widths, panes, print settings); the cells are made here, a column at a time in
Arrow, because one object a cell costs forty seconds for 100,000 rows. There is no code here that could write a formula, so
that text such as `=cmd|…` stays what it is: text.
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
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from invoice_rules.table import Kind, column_letter

LONGEST = 32_767
"""Characters that a cell of a spreadsheet can hold."""

_CHUNK = 20_000
_FONT = "Calibri"
_UNSEEN = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]"
_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?$"
_FIRST_DAY = pd.Timestamp("1900-03-01")
_EPOCH = pd.Timestamp("1899-12-30")


@dataclass(frozen=True)
class Look:
    """How a cell looks. Colours are RRGGBB; `format` is a number format, `@` for text."""

    color: str = "000000"
    fill: str = ""
    bold: bool = False
    italic: bool = False
    wrap: bool = False
    across: str = ""
    format: str = "General"
    size: int = 11
    line: str = ""


@dataclass(frozen=True)
class Cells:
    """One column of a sheet's body: its texts, what each is (`Kind`, absent: all text), and which of the looks each has."""

    texts: pa.Array
    looks: Sequence[Look] = (Look(),)
    kinds: np.ndarray | None = None
    which: np.ndarray | None = None


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


def safe_text(text: str) -> str:
    """Text that a cell can hold: invisible control characters become visible signs, what is too long is cut and says so.

    >>> safe_text("A\\x00B"), len(safe_text("x" * 40_000)) <= LONGEST
    ('A\u2400B', True)
    """
    shown = re.sub(_UNSEEN, lambda m: chr(0x2400 + ord(m[0])) if ord(m[0]) < 32 else "\ufffd", text)
    if len(shown) <= LONGEST // 2 or len(shown.encode("utf-16-le")) <= 2 * LONGEST:
        return shown
    note = f" … (cut here: the text has {len(text):,} characters)"
    kept = shown.encode("utf-16-le")[: 2 * (LONGEST - len(note))].decode("utf-16-le", "ignore")
    return kept + note


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

    def __getitem__(self, look: Look) -> int:
        return self._known[look]

    def _add(self, look: Look) -> int:
        cell = self._scratch.cell(1, len(self._known) + 1)
        cell.font = Font(name=_FONT, size=look.size, bold=look.bold, italic=look.italic, color=look.color)
        cell.fill = PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill()
        cell.border = Border(bottom=Side("thin", look.line), top=Side("thin", look.line)) if look.line else Border()
        cell.alignment = Alignment(horizontal=look.across or None, vertical="top", wrap_text=look.wrap or None)
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
    ws.sheet_view.showGridLines = bool(sheet.body)
    ws.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.oddFooter.left.text, ws.oddFooter.right.text = sheet.footer.replace("&", "&&"), "Page &P of &N"


def _fill(out: zipfile.ZipFile, name: str, shell: str, sheet: Sheet, styles: _Styles) -> None:
    """Put the rows into the sheet's empty `sheetData`."""
    ref = f"A1:{column_letter(max(sheet.columns - 1, 0))}{max(sheet.rows, 1)}"
    shell = re.sub(r'(<dimension ref=")[^"]*', rf"\g<1>{ref}", shell)
    head, tail = re.split(r"<sheetData\s*/>|<sheetData></sheetData>", shell)
    with out.open(name, "w", force_zip64=True) as part:
        part.write(f"{head}<sheetData>".encode())
        for piece in _rows(sheet, styles):
            part.write(piece)
        part.write(f"</sheetData>{tail}".encode())


def _rows(sheet: Sheet, styles: _Styles) -> Iterator[memoryview]:
    first = 1
    for part in (_columns_of(sheet.top), sheet.body, _columns_of(sheet.bottom)):
        count = len(part[0].texts) if part else 0
        for start in range(0, count, _CHUNK):
            yield _chunk(part, start, min(_CHUNK, count - start), first, styles)
        first += count


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


def _chunk(body: Sequence[Cells], start: int, count: int, first: int, styles: _Styles) -> memoryview:
    """Some rows of the columns, as the bytes of one Arrow array: its text lies there already joined."""
    numbers = pa.array(np.arange(first + start, first + start + count)).cast(pa.large_string())
    columns = [_column(position, _part(cells, start, count), numbers, styles) for position, cells in enumerate(body)]
    rows = _joined('<row r="', numbers, '">', *columns, "</row>")
    return memoryview(rows.buffers()[2])[: pc.sum(pc.binary_length(rows)).as_py()]


def _part(cells: Cells, start: int, count: int) -> Cells:
    kinds = None if cells.kinds is None else cells.kinds[start : start + count]
    which = None if cells.which is None else cells.which[start : start + count]
    return Cells(cells.texts.slice(start, count), cells.looks, kinds, which)


def _column(position: int, cells: Cells, numbers: pa.Array, styles: _Styles) -> pa.Array:
    """One `<c>` element a row."""
    texts = pa.array(cells.texts, pa.large_string()) if not isinstance(cells.texts, pa.LargeStringArray) else cells.texts
    content, how = _contents(texts, cells.kinds)
    which = np.zeros(len(texts), np.int64) if cells.which is None else cells.which.astype(np.int64)
    openings = [f'" s="{styles[look]}"{opening}' for look in cells.looks for opening in _OPENINGS]
    opened = pa.array(openings, pa.large_string()).take(pa.array(which * len(_OPENINGS) + how))
    closed = pa.array(_CLOSINGS, pa.large_string()).take(pa.array(how))
    return _joined(f'<c r="{column_letter(position)}', numbers, opened, content, closed)


def _joined(*parts: str | pa.Array) -> pa.Array:
    """Text and columns of text, one after the other."""
    large = [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*large, pa.scalar("", pa.large_string()))


_OPENINGS = ("/>", ' t="inlineStr"><is><t xml:space="preserve">', "><v>", ' t="b"><v>')
_CLOSINGS = ("", "</t></is></c>", "</v></c>", "</v></c>")
_BLANK, _TEXT, _VALUE, _BOOLEAN = range(4)


def _contents(texts: pa.Array, kinds: np.ndarray | None) -> tuple[pa.Array, np.ndarray]:
    """What stands between a cell's tags, and how it is written. What does not read as its kind stays text."""
    how = np.where(pc.equal(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False), _BLANK, _TEXT)
    if kinds is None or not (kinds != Kind.TEXT).any():
        return _escaped(texts), how
    number = np.isin(kinds, (Kind.NUMBER, Kind.PERCENT)) & pc.match_substring_regex(texts, _NUMBER).to_numpy(zero_copy_only=False)
    yes_no = (kinds == Kind.YES_NO) & pc.is_in(texts, pa.array(["TRUE", "FALSE"], texts.type)).to_numpy(zero_copy_only=False)
    days, dated = _serials(texts, kinds == Kind.DATE)
    how[number | dated], how[yes_no] = _VALUE, _BOOLEAN
    truth = pc.if_else(pc.equal(texts, "TRUE"), "1", "0").cast(texts.type)
    content = pc.if_else(pa.array(yes_no), truth, pc.if_else(pa.array(dated), days, _escaped(texts)))
    return content, how


def _serials(texts: pa.Array, dates: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Dates as the day numbers of a spreadsheet; before March 1900 it has no right ones."""
    if not dates.any():
        return texts, dates
    encoded = texts.filter(pa.array(dates)).dictionary_encode()
    moments = pd.to_datetime(pd.Series(encoded.dictionary.to_pylist(), dtype=object), format="ISO8601", errors="coerce")
    serials = [f"{(moment - _EPOCH) / pd.Timedelta(days=1):.10g}" if moment >= _FIRST_DAY else None for moment in moments]
    known = pa.array(serials, pa.large_string()).take(encoded.indices)
    days = np.full(len(texts), None, object)
    days[dates] = known.to_numpy(zero_copy_only=False)
    array = pa.array(days, pa.large_string())
    return array, array.is_valid().to_numpy(zero_copy_only=False)


def _escaped(texts: pa.Array) -> pa.Array:
    """Text as XML holds it."""
    odd = pc.match_substring_regex(texts, _UNSEEN + "|_x[0-9A-Fa-f]{4}_|\\r")
    odd = pc.or_(odd, pc.greater(pc.utf8_length(texts), LONGEST // 2)) if len(texts) else odd
    if pc.any(odd).as_py():
        at = pc.indices_nonzero(odd)
        texts = pc.replace_with_mask(texts, odd, pa.array([_kept(text) for text in texts.take(at).to_pylist()], texts.type))
    if pc.any(pc.match_substring_regex(texts, "[&<>]")).as_py():
        for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            texts = pc.replace_substring(texts, plain, entity)
    return pc.replace_substring(texts, "\r", "&#13;") if pc.any(odd).as_py() else texts


def _kept(text: str) -> str:
    """Safe text in which `_x0041_`, which a spreadsheet would read as the sign with that code, stays as it was typed."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", safe_text(text))
