"""What an error workbook says of its file besides the rows to fix, so that these are read again as the file was: `reading.returned` reads it (S0-26)."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from invoice_rules.marks import OPTIONAL_HEADING
from invoice_rules.reading.assembling import misfits
from invoice_rules.reading.returned import DECLARED, FORMAT, MARK, PROOF
from invoice_rules.results import Report, exact
from invoice_rules.table import CELLS_WRONG, GOES_WITH_RECORD, GOES_WITH_ROW, Kind, OpenSheet
from invoice_rules.values import clean, proof_of, two_ways
from invoice_rules.values.columns import blank
from invoice_rules.values.dates import samples_of
from invoice_rules.values.dates import two_ways as two_orders
from invoice_rules.workbooks.cells import Look
from invoice_rules.workbooks.rejected import Rejected
from invoice_rules.workbooks.sheets import Sheet

_FIGURES = ("money", "number", "percent")


def file_sheet(found: Rejected) -> list[Sheet]:
    """The sheet that only programs show, where it has to say something: what the file's columns prove, and what was declared of a file that is here as a whole."""
    look = Look(format="@", color=OPTIONAL_HEADING.color)
    rows = [*_proofs(found), *(_declared(found.report) if found.invoices.all() else ())]
    if not rows:
        return []
    rows = [(MARK, FORMAT), *rows]
    return [Sheet(OpenSheet.TEMPLATE, top=[[(text, Kind.TEXT, look) for text in row] for row in rows], widths=(10, 24, 14, 24), hidden=True)]


def _proofs(found: Rejected) -> list[tuple[str, ...]]:
    """(mark, heading, row, text) of cells that fit one decimal mark or one order of dates alone, where one of the rows to fix has a cell that fits both."""
    report, rows = found.report, list[tuple[str, ...]]()
    for kinds, doubtful, samples in ((_FIGURES, _figures_in_doubt, _marks), (("date",), _dates_in_doubt, samples_of)):
        columns = [column for name, column in report.mapping.fields.items() if column is not None and name in report.rules.fields and report.rules.fields[name].kind in kinds]
        columns = list(dict.fromkeys(columns))
        if any(doubtful(*_cells(report, column, found.rows)) for column in columns):
            rows += [(PROOF, report.table.headings[column], str(row), text) for column in columns for row, text in _of_column(report, column, samples)]
    return rows


def _cells(report: Report, column: int, rows: np.ndarray | None = None) -> tuple[pa.Array, np.ndarray | None]:
    """The trimmed texts of a column and what its cells are."""
    text, kinds = clean(report.table.column(column)), report.table.kinds.get(column)
    return (text, kinds) if rows is None else (text.take(pa.array(rows)), None if kinds is None else kinds[rows])


def _of_column(report: Report, column: int, samples: Callable[[pa.Array, np.ndarray | None], list[int]]) -> list[tuple[int, str]]:
    text, kinds = _cells(report, column)
    here = [(int(report.table.frame.index[place]), text[place].as_py()) for place in samples(text, kinds)]
    return here + list(report.table.proofs.get(column, ()))


def _figures_in_doubt(text: pa.Array, kinds: np.ndarray | None) -> bool:
    return bool(((two_ways(text, ".") | two_ways(text, ",")) & (True if kinds is None else kinds == Kind.TEXT)).any())


def _dates_in_doubt(text: pa.Array, kinds: np.ndarray | None) -> bool:
    return two_orders(text, kinds, short=True)


def _marks(text: pa.Array, kinds: np.ndarray | None) -> list[int]:
    real = None if kinds is None else kinds != Kind.TEXT
    return [place for mark in ("point", "comma") if (place := proof_of(text, mark, real)) is not None]


def _declared(report: Report) -> list[tuple[str, ...]]:
    expected = report.expected
    declared = {code: exact(total, code) for code, total in expected.totals.items()}
    declared |= {} if expected.count is None else {"count": str(expected.count)}
    return [(DECLARED, what, value) for what, value in declared.items()]


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
