"""What an error workbook says of its file besides the rows to fix, so that these are read again as the file was: `reading.returned` reads it (S0-26)."""

import numpy as np
import pyarrow as pa

from invoice_rules.fields import Field
from invoice_rules.marks import OPTIONAL_HEADING
from invoice_rules.reading.returned import DECLARED, FORMAT, MARK, PROOF
from invoice_rules.results import Report, exact
from invoice_rules.stages import misfits
from invoice_rules.table import CELLS_WRONG, GOES_WITH_RECORD, GOES_WITH_ROW, Kind, OpenSheet
from invoice_rules.values import clean, proof_of
from invoice_rules.values.columns import blank
from invoice_rules.values.dates import samples_of
from invoice_rules.workbooks.cells import Look
from invoice_rules.workbooks.rejected import Rejected
from invoice_rules.workbooks.sheets import Sheet

_FIGURES = ("money", "number", "percent")


def file_sheet(found: Rejected) -> Sheet:
    """The sheet that only programs show: what the file's columns prove, and what was declared of a file that is here as a whole."""
    look = Look(format="@", color=OPTIONAL_HEADING.color)
    rows = [(MARK, FORMAT), *_proofs(found.report), *(_declared(found.report) if found.invoices.all() else ())]
    return Sheet(OpenSheet.TEMPLATE, top=[[(text, Kind.TEXT, look) for text in row] for row in rows], widths=(10, 24, 14, 24), hidden=True)


def _proofs(report: Report) -> list[tuple[str, ...]]:
    """(mark, heading, row, text) of cells that fit one decimal mark or one order of dates alone."""
    rows = []
    for name, column in report.mapping.fields.items():
        field = report.rules.fields.get(name)
        if column is not None and field is not None and name not in report.settings:
            rows += [(PROOF, report.table.headings[column], str(row), text) for row, text in _of_column(report, column, field)]
    return rows


def _of_column(report: Report, column: int, field: Field) -> list[tuple[int, str]]:
    text, kinds, numbers = clean(report.table.column(column)), report.table.kinds.get(column), report.table.frame.index
    if field.kind == "date":
        at = samples_of(text, kinds)
    elif field.kind in _FIGURES:
        real = None if kinds is None else kinds != Kind.TEXT
        at = [place for mark in ("point", "comma") if (place := proof_of(text, mark, real)) is not None]
    else:
        return []
    return [(int(numbers[place]), text[place].as_py()) for place in at] + list(report.table.proofs.get(column, ()))


def _declared(report: Report) -> list[tuple[str, ...]]:
    expected = report.expected
    count = [] if expected.count is None else [(DECLARED, "count", str(expected.count))]
    return count + [(DECLARED, code, exact(total, code)) for code, total in expected.totals.items()]


def belonging(found: Rejected) -> dict[str, list[str]]:
    """Heading -> text by row of the columns that say what the cells alone do not; none where the cells say it all."""
    return {heading: texts for heading, texts in (_goes_with(found), _wrong_cells(found)) if any(texts)}


def _goes_with(found: Rejected) -> tuple[str, list[str]]:
    """The first row of each row's document, where the rows of a document are told by their place in the file and not by a key on each."""
    report, rules = found.report, found.report.rules
    heading = GOES_WITH_ROW if report.table.records is None else GOES_WITH_RECORD
    keys = [column for name in rules.group_by if (column := report.mapping.fields.get(name)) is not None and name not in report.settings]
    keyed = bool(keys) and not any(blank(clean(report.table.column(column)).take(pa.array(found.rows))).any() for column in keys)
    if not rules.lined or (keyed and report.table.records is None):
        return heading, []
    first = np.unique(report.invoice, return_index=True)[1][report.invoice[found.rows]]
    return heading, [str(number) for number in report.table.frame.index.to_numpy()[first].tolist()]


def _wrong_cells(found: Rejected) -> tuple[str, list[str]]:
    wrong = misfits(found.report.table.findings, len(found.report.table))
    return CELLS_WRONG, [] if wrong is None else ["clear this when corrected" if its else "" for its in wrong[found.rows].tolist()]
