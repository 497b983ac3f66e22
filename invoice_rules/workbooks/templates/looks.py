"""The looks of a template workbook: one family of blues, red and amber for what is wrong, one font; and the only way to put text into a cell."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from invoice_rules.fields import Field
from invoice_rules.marks import BAD, GOOD, NEUTRAL, OPTIONAL_HEADING, REQUIRED_HEADING, Tint
from invoice_rules.workbooks.cells import safe_text

FONT = "Calibri"
NAVY, PALE, GREY, LINE = REQUIRED_HEADING.fill, OPTIONAL_HEADING.fill, "595959", "BFC8D6"
DATE, MONEY, TEXT, GENERAL = "d mmm yyyy", "#,##0.00#", "@", "General"
FORMATS = {"date": DATE, "money": MONEY, "number": GENERAL, "percent": GENERAL}
"""The number format of each kind of field; all others are text, so that 00123 stays."""
_ACROSS = {"money": "right", "number": "right", "percent": "right", "date": "center", "yes_no": "center", "currency": "center"}

_PAGE = 190
"""Widths of columns that a page across can still show legibly."""

_HAIR = Side("thin", LINE)


@dataclass(frozen=True)
class Dress:
    """How a cell of a template looks; colours are RRGGBB. `up`: top, center or bottom."""

    size: float = 10
    bold: bool = False
    italic: bool = False
    color: str = "1F2937"
    fill: str = ""
    across: str = ""
    up: str = "center"
    wrap: bool = False


def put(cell: Cell, text: str, like: Cell | None = None, **look: Any) -> Cell:
    """Put text into a cell as text, whatever it begins with (X-16), in a `Dress`, or looking `like` another cell of the workbook, which costs far less."""
    cell.value = safe_text(text)
    if text:
        cell.data_type = "s"
    if like is None:
        return dress(cell, **look)
    cell._style = copy(like._style)
    return cell


def formula(results: dict[str, str | int], cell: Cell, text: str, result: str | int, format: str = GENERAL, **look: Any) -> Cell:
    """Put one of our own formulas into a cell; `result` is what it gives at first, which is kept with it."""
    cell.value = f"={text}"
    results[f"{cell.parent.title}!{cell.coordinate}"] = result
    cell.number_format = format
    return dress(cell, **look)


def dress(cell: Cell, **look: Any) -> Cell:
    """Give a cell the look of a `Dress`."""
    its = Dress(**look)
    cell.font = Font(name=FONT, size=its.size, bold=its.bold, italic=its.italic, color=its.color)
    cell.alignment = Alignment(horizontal=its.across or None, vertical=its.up, wrap_text=its.wrap or None, indent=_indent(its.across))
    if its.fill:
        cell.fill = PatternFill("solid", fgColor=its.fill)
    return cell


def heading(cell: Cell, text: str, required: bool, kind: str = "") -> Cell:
    """The heading of a column: dark for required, light for optional, with a star beside the colour."""
    tint = REQUIRED_HEADING if required else OPTIONAL_HEADING
    put(cell, text, bold=True, color=tint.color, fill=tint.fill, wrap=True, across=_ACROSS.get(kind, "left"))
    cell.border = Border(bottom=_HAIR, right=Side("thin", "FFFFFF"))
    return cell


def input_cell(cell: Cell, format: str = TEXT, across: str = "left") -> Cell:
    """A cell to fill in on a protected sheet."""
    dress(cell, across=across)
    cell.number_format, cell.protection = format, Protection(locked=False)
    cell.border = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
    return cell


def under(cell: Cell) -> Cell:
    """A thin line under the cell, as lists have it."""
    cell.border = Border(bottom=Side("thin", "E3E8F0"))
    return cell


def alignment(field: Field) -> Alignment:
    """How the cells of a field's column are aligned."""
    across = _ACROSS.get(field.kind, "left")
    return Alignment(horizontal=across, vertical="center", indent=_indent(across))


def _indent(across: str) -> int:
    """What keeps text off the edge of its cell, and off the cell beside it."""
    return int(across in ("left", "right"))


def tinted(tint: Tint) -> DifferentialStyle:
    """What a condition does to a cell: bold beside the colour, so that it does not hang on the colour alone."""
    return DifferentialStyle(font=Font(color=tint.color, bold=True), fill=PatternFill("solid", bgColor=tint.fill, fgColor=tint.fill))


def worded(tint: Tint) -> DifferentialStyle:
    """The colour of words alone, for text that reaches over its cell."""
    return DifferentialStyle(font=Font(color=tint.color, bold=True))


RED, AMBER, GREEN = tinted(BAD), tinted(NEUTRAL), tinted(GOOD)


def page(ws: Worksheet, *, landscape: bool, footer: str, titles: str = "", wide: float = 0) -> None:
    """As few pages wide as can be read, the heading repeated, a footer that says what this is; `wide`: the widths of the columns together."""
    ws.sheet_view.showGridLines = False
    ws.page_setup.orientation, ws.page_setup.paperSize = "landscape" if landscape else "portrait", 9
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = max(1, round(wide / _PAGE)), 0
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top = ws.page_margins.bottom = 0.6
    ws.page_margins.header = ws.page_margins.footer = 0.3
    ws.oddFooter.left.text, ws.oddFooter.right.text = footer.replace("&", "&&"), "Page &P of &N"
    if titles:
        ws.print_title_rows = titles  # and no column, which would cut the words above it on every page but the first


def protect(ws: Worksheet) -> None:
    """Against slips of the hand, without a password; columns may still be made wider."""
    ws.protection.sheet = True
    ws.protection.formatColumns = ws.protection.formatRows = False
