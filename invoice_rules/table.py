"""A table as it was read: text cells under headings, indexed by the row number that the user sees, with its origin."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, plural

TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
"""The dtype of every text column: pandas 3's own `str` on Arrow."""


GOES_WITH_ROW, GOES_WITH_RECORD, CELLS_WRONG = "Goes with row", "Goes with record", "Wrong cells"
OUR_HEADINGS = ("Source row", "Status", "Reasons", "Suggested fix", "Filled in", GOES_WITH_ROW, GOES_WITH_RECORD, CELLS_WRONG)
"""What our error workbooks add behind the sender's columns; a corrected one is imported as it is (S0-26). The last three say again what the cells alone do not:
which rows are one document, of a sheet or of records, and which rows had more or fewer cells than there are headings.
"""


MARK_HEADINGS = ("Import status", "Marks", "Record", "Batch")
"""What the add-in puts behind the sender's columns of an open sheet, the last two after an import."""


class Kind(enum.IntEnum):
    """What a cell was before it became text. A date's text is 2026-11-21, a yes/no's TRUE or FALSE, an error's `#N/A`."""

    TEXT = 0
    NUMBER = 1
    PERCENT = 2
    DATE = 3
    YES_NO = 4
    ERROR = 5


@dataclass(frozen=True, eq=False)
class Pointers:
    """Where the cells of JSON records lie.

    `columns`: the names that lead from a record, or from its line, to the cell of each column. `record` and `line` give the place of
    each row's record and line, row 1 first; None where each row is a record, -1 where a record has no list of lines. `lists` names
    the list of each column that belongs to lines, '' for others; `alone` says that there is one record and no list of records.
    """

    columns: tuple[tuple[str, ...], ...]
    lists: tuple[str, ...]
    record: np.ndarray | None = None
    line: np.ndarray | None = None
    alone: bool = False

    def path(self, row: int | None, column: int | None) -> list[str]:
        """The names and places that lead from the records to a cell, a whole row, or to a column of all records."""
        within = "" if column is None else self.lists[column]
        parts = [] if row is None or self.alone else [str(row - 1 if self.record is None else self.record[row - 1])]
        if within:
            parts += [within, *([str(self.line[row - 1])] if row is not None and self.line is not None and self.line[row - 1] >= 0 else [])]
        return parts if column is None else parts + list(self.columns[column])


@dataclass(frozen=True)
class Origin:
    """Where a table came from. `first_column` is the 0-based sheet column of the table's column 0; `from_1904`: day numbers of its book count from 1904."""

    name: str
    kind: str = "frame"
    path: Path | None = None
    sha256: str = ""
    size: int = 0
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    header_row: int | None = None
    first_column: int = 0
    pointer: str = ""
    modified: str = ""
    from_1904: bool = False
    pointers: Pointers | None = field(default=None, repr=False, compare=False)

    def address(self, row: int | None, column: int | None) -> str:
        """`C37`, or a JSON pointer; a whole column gives its heading cell or letter, nothing gives ''."""
        if self.pointers is not None:
            return "/".join([self.pointer, *map(_escaped, self.pointers.path(row, column))])
        letter = "" if column is None else column_letter(self.first_column + column)
        number = row if row is not None else self.header_row
        if not letter:
            return "" if row is None else f"{row}:{row}"
        return f"{letter}{number}" if number is not None else letter


@dataclass(frozen=True)
class Template:
    """What a workbook made from a rule set says of itself: name, version and fingerprint of the rules, settings, field -> heading.

    `sheet` is the one with the data; `lost` are parts of the template that are no longer there, in words.
    """

    rules: str
    version: str = ""
    schema: str = ""
    id: str = ""
    sheet: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """`frame`: columns 0…n-1 of dtype `str`, blank cells '' (never NA), index = the user's row numbers, rising.

    `kinds[column]` is an int8 array of `Kind` for columns with cells that were not text; absent: all text.
    `hidden` marks rows that a filter or the user hides (X-23). `totals` are the total rows left out (X-22): row -> cells.
    `declared` are control totals found in the file itself (a template's cover sheet): {"count": …, "USD": …}.
    `records`, where records of the file hold lists of lines: (rows,) the number of each row's record.
    `edited` are the cells that somebody replaced after the file was read: (row, column) -> what the file says.
    `currencies`: column -> currency, its code or a symbol that several have -> row numbers of the cells that the sheet shows in it.
    `template`: what the file says of itself where it is a template of ours.
    `together`, where rows next to each other may not be: (rows,) equal numbers for rows that were one document in the file that they come from.
    `proofs`: column -> (row number, text) of cells in that file that show how the column is read, its decimal mark or the order of its dates (S0-26, X-12).
    """

    frame: pd.DataFrame
    headings: tuple[str, ...]
    origin: Origin
    kinds: Mapping[int, np.ndarray] = field(default_factory=dict)
    hidden: np.ndarray | None = None
    findings: tuple[Finding, ...] = ()
    totals: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    records: np.ndarray | None = None
    edited: Mapping[tuple[int, int], str] = field(default_factory=dict)
    currencies: Mapping[int, Mapping[str, np.ndarray]] = field(default_factory=dict)
    template: Template | None = None
    together: np.ndarray | None = None
    proofs: Mapping[int, Sequence[tuple[int, str]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, position: int) -> pa.LargeStringArray:
        """The cells of one column as Arrow text, no copy."""
        return text_array(self.frame.iloc[:, position])

    def apart(self) -> np.ndarray:
        """(rows - 1,) bool: rows that do not continue the one above, whatever they say, for another row or a blank one stands between them (S0-28)."""
        return np.diff(self.frame.index.to_numpy()) > 1 if self.together is None else np.diff(self.together) != 0

    def only(self, keep: np.ndarray) -> "Table":
        """The table with the rows of the boolean mask alone."""
        place = np.cumsum(keep) - 1
        findings = [found.only(keep) for found in self.findings]
        moved = tuple(found if found.at is None else replace(found, at=place[found.at]) for found in findings)
        kinds = {column: kind[keep] for column, kind in self.kinds.items()}
        hidden, records, together = (None if mask is None else mask[keep] for mask in (self.hidden, self.records, self.together))
        return replace(self, frame=self.frame[keep], kinds=kinds, hidden=hidden, records=records, together=together, findings=moved)

    def with_cells(self, cells: Mapping[tuple[int, int], str]) -> "Table":
        """The table with other text in these cells, (the user's row number, 0-based column) -> text; it remembers what the file says.

        Raises CannotRun for a cell that is not there.
        """
        frame, kinds, edited = self.frame.copy(deep=False), dict(self.kinds), dict(self.edited)
        for column in sorted({column for _, column in cells}):
            rows = sorted(row for row, its in cells if its == column)
            places = self._places(rows, column)
            edited |= {(row, column): self.shown(at, column) for row, at in zip(rows, places.tolist(), strict=True) if (row, column) not in edited}
            new = np.zeros(len(self), bool)
            new[places] = True
            texts = pa.array([cells[row, column] for row in rows], pa.large_string())
            frame[column] = text_series(pc.replace_with_mask(self.column(column), pa.array(new), texts), frame.index)
            if column in kinds:
                kinds[column] = np.where(new, np.int8(Kind.TEXT), kinds[column])
        return replace(self, frame=frame, kinds=kinds, edited=edited)

    def _places(self, rows: Sequence[int], column: int) -> np.ndarray:
        """The positions of these rows, if the table has them and the column."""
        places = self.frame.index.get_indexer(rows)
        if not 0 <= column < len(self.headings) or (places < 0).any():
            raise CannotRun(f"{self.origin.name} has no cell {self.origin.address(rows[0], column)} among its data.")
        return places

    @property
    def source(self) -> str:
        """The file's name, which tells where cells were changed after it was read: the hash is that of the file (X-7)."""
        return f"{self.origin.name} ({plural(len(self.edited), 'cell')} edited)" if self.edited else self.origin.name

    def kind_at(self, at: int, column: int) -> Kind:
        kinds = self.kinds.get(column)
        return Kind.TEXT if kinds is None else Kind(int(kinds[at]))

    def shown_in(self, column: int) -> dict[str, np.ndarray]:
        """The positions of the column's numbers that the sheet shows in a currency, by its code or symbol."""
        its = self.currencies.get(column, {})
        if not its or column not in self.kinds:
            return {}
        places = {sign: self.frame.index.get_indexer(rows) for sign, rows in its.items()}
        return {sign: at[(at >= 0) & (self.kinds[column][at] == Kind.NUMBER)] for sign, at in places.items()}

    def shown(self, at: int, column: int) -> str:
        """The text of one cell."""
        value = self._cells[column][at].as_py()
        return value if isinstance(value, str) else ""

    @cached_property
    def _cells(self) -> list[pa.LargeStringArray]:
        return [self.column(position) for position in range(self.frame.shape[1])]


@dataclass(frozen=True, eq=False)
class OpenSheet:
    """The cells of a sheet that is open in a spreadsheet program.

    `cells`: row by row, None for blank, else text, float, bool, date or datetime; errors as their text, `#N/A`. `row` is the number of the
    first one and `column` the 0-based place of the first cell in the sheet. `hidden`: numbers of rows that a filter or the user hides.
    `formats`: (column, first, last, number format), places counted in `cells`, for cells whose format may matter.
    `others`: the first rows of the workbook's other sheets from A1 on, where one of them is called `TEMPLATE`: they say what its template is.
    """

    TEMPLATE: ClassVar[str] = "ir_template"

    book: str
    sheet: str
    cells: Sequence[Sequence[object]]
    row: int = 1
    column: int = 0
    hidden: Sequence[int] = ()
    formats: Sequence[tuple[int, int, int, str]] = ()
    from_1904: bool = False
    others: Mapping[str, Sequence[Sequence[object]]] = field(default_factory=dict)


def our_columns(headings: Sequence[str]) -> set[int]:
    """The columns that an error workbook of ours, or the add-in, put behind the sender's, who may have columns of these names too.

    >>> our_columns(["Number", "Status", "Source row", "Status (check)", "Reasons"]), our_columns(["Number", "Status"])
    ({2, 3, 4}, set())
    >>> our_columns(["Number", "Record", "Import status", "Marks"])
    {2, 3}
    """
    names = [heading.removesuffix(" (check)") for heading in headings]
    return _behind(names, OUR_HEADINGS, 3) | _behind(list(headings), MARK_HEADINGS, 2)


def _behind(headings: list[str], ours: tuple[str, ...], sure: int) -> set[int]:
    """The places of our headings from the last place on where the first `sure` of them stand together."""
    starts = [at for at in range(len(headings)) if tuple(headings[at : at + sure]) == ours[:sure]]
    return {at for at in range(starts[-1], len(headings)) if headings[at] in ours} if starts else set()


def text_array(series: pd.Series) -> pa.LargeStringArray:
    """A text column as one contiguous Arrow array; zero-copy for the dtype `TEXT`."""
    array = pa.array(series, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array if array.type == pa.large_string() else array.cast(pa.large_string())


def text_series(array: pa.Array, index: pd.Index | None = None) -> pd.Series:
    """Arrow text as a pandas column of dtype `TEXT`, no copy."""
    return pd.Series(pd.array(array, dtype=TEXT), index=index, copy=False)


def column_letter(column: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA.

    >>> column_letter(0), column_letter(26), column_letter(16383)
    ('A', 'AA', 'XFD')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
