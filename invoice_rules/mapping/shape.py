"""What a column holds, seen in its first rows: it breaks ties between columns and vetoes guesses."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.fields import Field
from invoice_rules.table import Kind, Table, text_array

ROWS = 300
_DATE = r"^\s*(?:\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{1,2}[-/. ]?[A-Za-zäéû]{3,9}\.?[-/., ]+\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})(?:[T ,].*)?$"
_PACKED_DATE = r"^\s*(?:(?:19|20)\d{2}[01]\d[0-3]\d|[2-5]\d{4}(?:\.0+)?)\s*$"
_SLASHLESS = r"^\s*(?:0?[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:19|20)\d{2}|\d{2})\s*$"
_AMOUNT = r"^\s*[-+(]?\s*(?:[A-Z]{3}|[$€£¥₹])?\s*[-+(]?\s*(?:\d[\d.,' ]*|-)\s*(?:[A-Z]{2,3}|[€$£%]|-)?\s*\)?\s*$"
_YES_NO = r"(?i)^\s*(?:y|yes|n|no|t|true|f|false|0|1|x|ja|nein|oui|non|si|sí|void|voided|cancell?ed|open)\s*$"
_LETTER = r"[A-Za-z\x{80}-\x{10FFFF}]"
_CURRENCY = r"^\s*(?:[A-Za-z]{3}|[$€£¥₹])\s*$"


@dataclass(frozen=True)
class Shape:
    """Shares (0 to 1) of a column's filled cells that look like each kind of value; `distinct` of them differ; `cells` were seen."""

    cells: int
    blank: float
    date: float = 0.0
    packed: float = 0.0
    slashless: float = 0.0
    amount: float = 0.0
    email: float = 0.0
    yes_no: float = 0.0
    currency: float = 0.0
    words: float = 0.0
    phrases: float = 0.0
    distinct: float = 1.0

    @property
    def says(self) -> str:
        """What the column holds, for people."""
        if not self.cells:
            return "the column is empty"
        if self.email > 0.5:
            return "the column holds e-mail addresses"
        if self.date > 0.5:
            return "the column holds dates"
        if self.yes_no > 0.8:
            return "the column holds yes or no"
        return "the column holds numbers" if self.amount > 0.5 else "the column holds text"


def shape(table: Table, column: int) -> Shape:
    """The shape of one column by its first rows."""
    cells = text_array(table.frame.iloc[:ROWS, column])
    cells = cells.filter(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(cells)), 0))
    seen, of = len(cells), min(len(table), ROWS)
    if not seen:
        return Shape(0, 1.0)
    kinds = table.kinds.get(column)
    dates = float(np.mean(kinds[:ROWS] == Kind.DATE)) * of / seen if kinds is not None else 0.0
    return Shape(
        seen,
        1 - seen / of,
        max(dates, _share(cells, _DATE)),
        _share(cells, _PACKED_DATE),
        _share(cells, _SLASHLESS),
        _share(cells, _AMOUNT),
        _share(cells, "@"),
        _share(cells, _YES_NO),
        _share(cells, _CURRENCY),
        _share(cells, _LETTER + "{3,}"),
        _share(cells, _LETTER + "{2,}[ ,.&]+" + _LETTER + "{2,}"),
        len(cells.unique()) / seen,
    )


def _share(cells: pa.Array, pattern: str) -> float:
    return float(pc.mean(pc.cast(pc.match_substring_regex(cells, pattern), pa.float64())).as_py() or 0.0)


def fits(field: Field, seen: Shape, unique: bool) -> float:
    """0 (it cannot be this field) to 1: the factor by which the column's cells change a guess."""
    if not seen.cells:
        return 0.8
    return _FITS.get(field.kind, lambda *_: 1.0)(field, seen, unique)


def _fits_money(field: Field, seen: Shape, unique: bool) -> float:
    return 0.0 if seen.amount < 0.5 or seen.date > 0.5 else 1.0


def _fits_date(field: Field, seen: Shape, unique: bool) -> float:
    bare = seen.date + seen.slashless if field.slashless else 0.0
    return 1.0 if max(seen.date, seen.packed, bare) > 0.5 else 0.0


def _fits_code(field: Field, seen: Shape, unique: bool) -> float:
    """An identifier holds no dates; one that must be unique is mostly distinct; one of a customer is no name."""
    if seen.date > 0.5 or seen.email > 0.5:
        return 0.0
    if unique and seen.cells > 20 and seen.distinct < 0.05:
        return 0.8
    return 0.5 if field.role == "customer" and seen.phrases > 0.6 else 1.0


def _fits_text(field: Field, seen: Shape, unique: bool) -> float:
    if max(seen.date, seen.email) > 0.5:
        return 0.0
    return 0.5 if field.role == "customer_name" and seen.words < 0.2 else 1.0


_FITS: dict[str, Callable[[Field, Shape, bool], float]] = {
    "money": _fits_money,
    "date": _fits_date,
    "code": _fits_code,
    "text": _fits_text,
    "emails": lambda field, seen, unique: 1.0 if seen.email > 0.5 else 0.0,
    "yes_no": lambda field, seen, unique: 1.0 if seen.yes_no > 0.8 else 0.0,
    "currency": lambda field, seen, unique: 1.0 if seen.currency > 0.5 else 0.0,
}
