"""The error workbook (S0-25, S0-26): the rows of all rejected invoices as they came, with what to correct; it can be imported itself.

The sheet "To fix" comes first, because an importer picks the first sheet: headings in row 1, the sender's own columns, and ours
at the right end, which feed no field. Cells are what they were in the file, number, date or text, so that they are read alike.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules import filledin
from invoice_rules.fields import Field
from invoice_rules.marks import BAD, NEUTRAL, OPTIONAL_HEADING, REQUIRED_HEADING, Note, fixes, severities, status_texts
from invoice_rules.problems import Severity
from invoice_rules.results import Plan, Report
from invoice_rules.table import CELLS_WRONG, GOES_WITH_RECORD, GOES_WITH_ROW, Kind, our_columns
from invoice_rules.values import decimals_of
from invoice_rules.workbooks.cells import Cells, Look
from invoice_rules.workbooks.ofthefile import belonging, file_sheet
from invoice_rules.workbooks.placing import place
from invoice_rules.workbooks.rejected import Rejected, rejected
from invoice_rules.workbooks.sheets import Sheet, write_sheets
from invoice_rules.workbooks.summary import summary_sheet

DATA_SHEET = "To fix"
_WIDEST = 34
# The columns that we add, and their widths. In a workbook of ours that is checked again they are made anew, not repeated.
_OURS = {"Source row": 11, "Status": 30, "Reasons": 60, "Suggested fix": 22, "Filled in": 26, GOES_WITH_ROW: 11, GOES_WITH_RECORD: 13, CELLS_WRONG: 24}
_STAMP = re.compile(r" - to fix \d{4}-\d\d-\d\d \d\d\.\d\d(?: \(\d+\))?$")


def error_workbook(
    source: Report | Plan, folder: Path | None = None, plan: Plan | None = None, *, now: dt.datetime | None = None
) -> Path | None:
    """Write the rejected invoices beside their file, `<name> - to fix 2026-11-21 14.02.xlsx`; returns where, None when none was rejected.

    With a plan, rejected is what the plan rejects. A folder that cannot be written to gives another one: compare the path.
    """
    plan = source if isinstance(source, Plan) else plan
    report = source.report if isinstance(source, Plan) else source
    found = rejected(report, plan)
    if found is None:
        return None
    now = now or dt.datetime.now()
    sheets = [data_sheet(found), summary_sheet(found, now), *file_sheet(found)]
    origin = report.table.origin
    name = f"{_STAMP.sub('', Path(origin.name).stem) or 'Invoices'} - to fix {now:%Y-%m-%d %H.%M}.xlsx"
    beside = origin.path.parent if origin.path else Path.cwd()
    return place(name, folder or beside, lambda path: write_sheets(sheets, path, title=name.removesuffix(".xlsx")))


def data_sheet(found: Rejected) -> Sheet:
    """The rows to fix, with the source row, status, reasons and fixes at their right."""
    report = found.report
    columns = _own_columns(report)
    fields = _fields(report)
    tints = _tints(severities(report, found.rows))
    texts = {column: report.table.column(column).take(pa.array(found.rows)) for column in columns}
    body = [_cells(report, column, fields.get(column), texts[column], tints[:, column], found.rows) for column in columns]
    ours = _our_cells(found)
    taken = {report.table.headings[column].casefold() for column in columns}
    names = [f"{name} (check)" if name.casefold() in taken else name for name in ours]
    top = [_heading(report.table.headings[column], fields.get(column)) for column in columns] + [
        (name, Kind.TEXT, _OUR_HEADING) for name in names
    ]
    widths = [_width(report.table.headings[c], texts[c], fields.get(c)) for c in columns] + [_OURS[name] for name in ours]
    footer = f"{report.table.origin.name}: to fix"
    bottom = _totals(report, columns) if found.invoices.all() else []
    return Sheet(DATA_SHEET, top=[top], body=[*body, *ours.values()], bottom=bottom, widths=widths, header=1, filter=True, footer=footer)


def _totals(report: Report, columns: Sequence[int]) -> list[list[tuple[str, Kind, Look]]]:
    """The total rows below the file's data: all of it is here, so they hold here too (X-22)."""
    last = report.table.frame.index[-1]
    rows = [cells for row, cells in report.table.totals.items() if row > last]
    return [[(cells[column] if column < len(cells) else "", Kind.TEXT, Look(bold=True, line=_LINE)) for column in columns] for cells in rows]


def _own_columns(report: Report) -> list[int]:
    """The file's columns, without those that an earlier workbook of ours added."""
    ours = our_columns(report.table.headings)
    return [column for column in range(len(report.table.headings)) if column not in ours]


def _fields(report: Report) -> dict[int, Field]:
    """Column -> the field that it feeds, a required one before others."""
    fed: dict[int, Field] = {}
    for name, column in report.mapping.fields.items():
        if column is not None and not (column in fed and fed[column].required):
            fed[column] = report.rules.fields[name]
    return fed


_OUR_HEADING = Look(color="595959", fill="EDEDED", bold=True, italic=True, wrap=True)
_LINE = "D9D9D9"
_OUR_CELL = Look(wrap=True, line=_LINE)
_STATUS = tuple(replace(_OUR_CELL, color=color) for color in ("000000", BAD.color, NEUTRAL.color))


def _heading(text: str, field: Field | None) -> tuple[str, Kind, Look]:
    tint = REQUIRED_HEADING if field and field.required else OPTIONAL_HEADING
    across = "right" if field and field.kind == "money" else ""
    return text, Kind.TEXT, Look(tint.color, tint.fill, bold=True, wrap=True, across=across)


def _tints(grid: np.ndarray) -> np.ndarray:
    """0 plain, 1 bad, 2 neutral for each cell."""
    return np.where(grid == Severity.ERROR, 1, np.where(grid >= Severity.WARNING, 2, 0)).astype(np.int8)


def _cells(report: Report, column: int, field: Field | None, texts: pa.Array, tints: np.ndarray, rows: np.ndarray) -> Cells:
    kinds = report.table.kinds.get(column)
    kinds = None if kinds is None else kinds[rows]
    if kinds is not None and field and field.kind == "code":
        kinds = _of_code(kinds)
    base = _look(report, field, kinds, _longest(texts) > _WIDEST)
    kinds_of = np.unique(kinds).tolist() if kinds is not None else [Kind.TEXT]
    looks: list[Look] = []
    which = np.zeros(len(texts), np.int64)
    for kind in kinds_of:
        for tint, look in enumerate(_tinted(_for_kind(base, Kind(kind), field))):
            here = (tints == tint) & (True if kinds is None else kinds == kind)
            which[here] = len(looks)
            looks.append(look)
    for sign, at in report.table.shown_in(column).items():
        shown = np.isin(rows, at)
        for tint, look in enumerate(_tinted(replace(base, format=f"[${sign}] {base.format}"))):
            which[shown & (tints == tint)] = len(looks)
            looks.append(look)
    return Cells(texts, tuple(looks), kinds, which)


def _of_code(kinds: np.ndarray) -> np.ndarray | None:
    """Identifiers are text, but what a spreadsheet has made of one stays that until somebody has typed it anew (X-3)."""
    turned = np.isin(kinds, (Kind.DATE, Kind.YES_NO))
    return np.where(turned, kinds, np.int8(Kind.TEXT)) if turned.any() else None


def _look(report: Report, field: Field | None, kinds: np.ndarray | None, wrap: bool) -> Look:
    money = field is not None and field.kind == "money"
    as_text = field is not None and (field.kind == "code" or (field.kind == "text" and kinds is None))
    return Look(
        wrap=wrap, line=_LINE, across="right" if money else "", format=_money_format(report) if money else "@" if as_text else "General"
    )


def _for_kind(base: Look, kind: Kind, field: Field | None) -> Look:
    if kind == Kind.DATE:
        return replace(base, format="d mmm yyyy", across="left")
    if kind == Kind.PERCENT:
        return replace(base, format="0.00%")
    if kind == Kind.TEXT and field and field.kind == "money":
        return replace(base, format="General")
    return base


def _tinted(look: Look) -> tuple[Look, Look, Look]:
    return look, replace(look, color=BAD.color, fill=BAD.fill), replace(look, color=NEUTRAL.color, fill=NEUTRAL.fill)


def _money_format(report: Report) -> str:
    """Two decimals, or as many as the file's currency has; further ones that a cell holds stay visible."""
    codes = report.rows["currency"].dropna().unique() if "currency" in report.rows else []
    decimals = max([decimals_of(code) for code in codes], default=2)
    return "#,##0" + (f".{'0' * decimals}##" if decimals else "")


def _our_cells(found: Rejected) -> dict[str, Cells]:
    """Source row, status, reasons; fixes, and what was filled in from elsewhere, where there are any (X-11)."""
    by_row: dict[int, list[Note]] = {}
    for note in found.notes:
        by_row.setdefault(note.at, []).append(note)
    titles = {name: field.title for name, field in found.report.rules.fields.items()}
    own = [by_row.get(at, []) for at in found.rows.tolist()]
    numbers = found.report.table.frame.index.to_numpy()[found.rows]
    status = status_texts(found.report, found.mask, found=found.notes)
    worst = np.array([max((note.problem.severity for note in row), default=0) for row in own], np.int8)
    cells = {
        "Source row": Cells(
            pa.array([str(n) for n in numbers.tolist()]),
            (Look(color="595959", line=_LINE, across="right"),),
            np.full(len(own), Kind.NUMBER, np.int8),
        ),
        "Status": Cells(pa.array(status, pa.large_string()), _STATUS, None, _tints(worst)),
        "Reasons": Cells(pa.array([_reasons(row) for row in own], pa.large_string()), (_OUR_CELL,)),
    }
    more = {"Suggested fix": [fixes(row, titles) for row in own], "Filled in": filledin.texts(found.report, found.rows), **belonging(found)}
    looks = {CELLS_WRONG: replace(_OUR_CELL, color=BAD.color, fill=BAD.fill)}
    return cells | {
        name: Cells(pa.array(texts, pa.large_string()), (_OUR_CELL, looks.get(name, _OUR_CELL)), None, np.array([bool(text) for text in texts], np.int64))
        for name, texts in more.items()
        if any(texts)
    }


_OPENINGS = {Severity.HOLD: "Waits for a yes: ", Severity.WARNING: "Warning: "}


def _reasons(row: Sequence[Note]) -> str:
    worst_first = sorted(row, key=lambda note: -note.problem.severity)
    return "\n".join(dict.fromkeys(_OPENINGS.get(note.problem.severity, "") + note.problem.message for note in worst_first))


def _width(heading: str, texts: pa.Array, field: Field | None) -> float:
    """As wide as the content, up to a bound beyond which the text wraps."""
    least = 13 if field and field.kind in ("money", "date") else 9
    content = max(_longest(texts), min(len(heading), 18) + 2)
    return float(min(max(content * 1.1 + 2, least), _WIDEST))


def _longest(texts: pa.Array) -> int:
    return pc.max(pc.utf8_length(texts)).as_py() or 0
