"""What the check of a sheet found out about single cells, put into its columns: error cells, percentages, padded numbers and currencies."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.reading.facts import SheetFacts
from invoice_rules.reading.grid import Grid, text_column
from invoice_rules.reading.numberformats import shown_by
from invoice_rules.table import Kind


def with_errors(grid: Grid, first: tuple[int, int], about: SheetFacts) -> Grid:
    """What error cells show (`#N/A`), and texts that calamine gives in part, put back into the columns.

    `first`: row and column of the grid's first cell, from 1.
    """
    columns, kinds = list(grid.columns), dict(grid.kinds)
    put = text_column([*about.shown, *about.texts])
    for column, rows, what in _by_column(grid, first, about.errors):
        order = np.arange(len(grid))
        order[rows] = len(grid) + np.where(what >= 0, what, len(about.shown) - 1 - what)
        columns[column] = pa.concat_arrays([columns[column], put]).take(pa.array(order))
        its = kinds.get(column, np.zeros(len(grid), np.int8)).copy()
        its[rows] = np.where(what >= 0, Kind.ERROR, Kind.TEXT)
        kinds[column] = its
    return replace(grid, columns=columns, kinds=kinds)


def styled(grid: Grid, first: tuple[int, int], about: SheetFacts, formats: Sequence[str]) -> Grid:
    """Percentages, padded numbers and currencies, by the number format of their cells."""
    columns, kinds, currencies = list(grid.columns), dict(grid.kinds), {}
    for column, rows, styles in _by_column(grid, first, about.styled):
        if column not in kinds:
            continue
        numbers = kinds[column][rows] == Kind.NUMBER
        rows, styles = rows[numbers], styles[numbers]
        currencies[column] = _currencies(rows, styles, grid.rows, formats)
        columns[column], kinds[column] = _restyled(columns[column], kinds[column], rows, styles, formats)
    return replace(grid, columns=columns, kinds=kinds, currencies=currencies)


def _by_column(grid: Grid, first: tuple[int, int], triples: array) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Column, rows in the grid and what stands there, of each column that has such cells."""
    rows, columns, what = np.frombuffer(triples, np.int32).reshape(-1, 3).T
    rows, columns = rows - first[0], columns - first[1]
    inside = (rows >= 0) & (rows < len(grid)) & (columns >= 0) & (columns < len(grid.columns))
    order = np.flatnonzero(inside)
    order = order[np.argsort(columns[order].astype(np.int16), kind="stable")]  # a sheet has no more than 16,384
    ends = np.cumsum(np.bincount(columns[order], minlength=len(grid.columns))) if len(order) else ()
    begin = 0
    for column, end in enumerate(ends):
        if end > begin:
            yield column, rows[order[begin:end]], what[order[begin:end]]
        begin = end


def _currencies(at: np.ndarray, styles: np.ndarray, rows: np.ndarray, formats: Sequence[str]) -> dict[str, np.ndarray]:
    """Currency -> row numbers of the cells that are shown in it; several formats may show the same."""
    signs = {style: shown.currency for style in np.unique(styles).tolist() if (shown := shown_by(formats[style])) and shown.currency}
    return {sign: rows[at[np.isin(styles, [style for style, its in signs.items() if its == sign])]] for sign in sorted(set(signs.values()))}


def _restyled(
    column: pa.LargeStringArray, kinds: np.ndarray, rows: np.ndarray, styles: np.ndarray, formats: Sequence[str]
) -> tuple[pa.LargeStringArray, np.ndarray]:
    kinds = kinds.copy()
    for style in np.unique(styles).tolist():
        shown, at = shown_by(formats[style]), rows[styles == style]
        if shown and shown.percent:
            kinds[at] = Kind.PERCENT
        elif shown and shown.mask:
            here = np.zeros(len(column), bool)
            here[at] = True
            column = pc.replace_with_mask(column, pa.array(here), shown.texts(column.filter(pa.array(here))))
    return column, kinds
