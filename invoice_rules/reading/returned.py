"""Error workbooks of ours that come back: what their file said besides its cells, so that they are read as that file was (S0-26).

Columns behind the sender's say which rows were one document and which did not fit under the headings. A sheet that only programs show
has what the right rows of the file prove, its decimal marks and the order of its dates, and what was declared of a file no row of which went in.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from invoice_rules.problems import Finding, Rule, quoted
from invoice_rules.reading.assembling import CELLS
from invoice_rules.table import CELLS_WRONG, GOES_WITH_RECORD, GOES_WITH_ROW, Table, our_columns
from invoice_rules.values.columns import blank, codes_of

MARK = "ir_file"
PROOF, DECLARED = "proof", "declared"
FORMAT = "1"
_ROW = re.compile(r"[0-9]{1,8}")

STILL = Rule(CELLS.id, "This row came with more or fewer cells than there are headings. Put each value under its heading, then clear its cell under {heading}.", "X-22")


def is_ours(head: Sequence[Sequence[str]]) -> bool:
    """Whether these are the first rows of the sheet that only programs show."""
    return bool(head) and list(head[0][:1]) == [MARK]


def returned(table: Table, said: Sequence[Sequence[str]] = ()) -> Table:
    """The table as its file was; itself where it is no error workbook of ours. `said` are the rows of the sheet that only programs show."""
    ours = {table.headings[at].removesuffix(" (check)"): at for at in sorted(our_columns(table.headings))}
    if GOES_WITH_RECORD in ours:
        table = replace(table, records=_numbers(table, ours[GOES_WITH_RECORD]))
    if GOES_WITH_ROW in ours:
        table = replace(table, together=_numbers(table, ours[GOES_WITH_ROW]))
    if CELLS_WRONG in ours and len(wrong := np.flatnonzero(~blank(table.column(ours[CELLS_WRONG])))):
        told = Finding(STILL, at=wrong, facts={"heading": quoted(table.headings[ours[CELLS_WRONG]])})
        table = replace(table, findings=(*table.findings, told))
    return _told(table, said) if said else table


def _numbers(table: Table, column: int) -> np.ndarray:
    """(rows,) int64: equal numbers for equal cells; a row that somebody put in between goes with the one above."""
    text = table.column(column)
    last = np.maximum.accumulate(np.where(blank(text), 0, np.arange(len(text))))
    return codes_of(text)[last]


def _told(table: Table, said: Sequence[Sequence[str]]) -> Table:
    proofs: dict[int, list[tuple[int, str]]] = {}
    declared = {row[1]: row[2] for row in said if row[0] == DECLARED and len(row) > 2}
    for row in said:
        if row[0] == PROOF and len(row) > 3 and row[1] in table.headings and _ROW.fullmatch(row[2]):
            proofs.setdefault(table.headings.index(row[1]), []).append((int(row[2]), row[3]))
    return replace(table, proofs=proofs, declared={**table.declared, **declared})
