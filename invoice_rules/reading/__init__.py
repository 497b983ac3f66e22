"""Reading: any file, handle, bytes, frame or open sheet -> `Table`, text as the user sees it, with its origin and what was noticed on the way.

`csv`, `workbook`, `opensheet`, `json` and `frames` know their formats; `guards` keeps hostile files out; `headings` and `leftovers` tell
titles, headings, totals and notes from data; `assembling` makes the table.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO

import pandas as pd

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.reading.formats import format_of
from invoice_rules.reading.headings import known_headings, telling_headings
from invoice_rules.reading.returned import returned
from invoice_rules.reading.source import Source, opened
from invoice_rules.table import OpenSheet, Origin, Table

__all__ = ["read", "sheet_names", "template_rules"]


def read(
    source: "str | os.PathLike | bytes | tuple[str, bytes] | BinaryIO | pd.DataFrame | OpenSheet | Table",
    *,
    sheet: str | None = None,
    header: str | int = "auto",
    encoding: str | None = None,
    limit_mb: float | None = None,
    rules: RuleSet | None = None,
) -> Table:
    """Read a file as text cells under headings.

    `source`: a path, an open binary handle, bytes, `(name, bytes)`, a DataFrame, the cells of an open sheet, or a Table, which comes
    back as it is.
    `sheet`: the sheet of a workbook; by default the only one with data, or the one that fits the rule set.
    `header`: the row number of the headings, "none" where row 1 is data (columns A, B, …; S0-8), or "auto".
    `encoding`: that of a text file; found by default (S3-2). `limit_mb`: lifts or lowers the size limit in megabytes of
    1,048,576 bytes; by default that of `rules` for the kinds of file it names (S3-1), else 512.

    Row numbers are those that Excel shows; of a DataFrame they are 2, 3, …; of JSON rows are counted from 1, one a record, or one a
    line where records hold one of the lists that `rules.nested` names: then the record's other cells stand on each of its rows.
    Raises CannotRun where there is nothing to read, or what is there cannot be read safely.
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, OpenSheet):
        from invoice_rules.reading.opensheet import read_open_sheet

        return read_open_sheet(source, header, known_headings(rules), telling_headings(rules))
    if isinstance(source, pd.DataFrame):
        from invoice_rules.reading.frames import read_frame

        return read_frame(source, telling_headings(rules))
    file = opened(source, limit_mb, rules)
    with ThreadPoolExecutor(1) as beside:  # hashing lets other threads run
        digest = beside.submit(lambda: hashlib.sha256(file.data).hexdigest())
        table = _read(file, sheet, header, encoding, rules)
    origin = replace(table.origin, sha256=digest.result())
    return replace(table, origin=origin, findings=(*file.findings, *table.findings))


def sheet_names(source: "str | os.PathLike | bytes | tuple[str, bytes] | BinaryIO", limit_mb: float | None = None) -> tuple[str, ...]:
    """The sheets of a workbook, in their order; none for other kinds of file. Raises CannotRun as `read` does."""
    file = opened(source, limit_mb, None)
    if format_of(file) != "workbook":
        return ()
    from invoice_rules.reading.workbook import sheets_of

    return sheets_of(file)


def template_rules(source: "str | os.PathLike | bytes | tuple[str, bytes] | BinaryIO", limit_mb: float | None = None) -> str:
    """The rule set of which a workbook says that it is a template; "" for any other file. Raises CannotRun as `read` does."""
    file = opened(source, limit_mb, None)
    if format_of(file) != "workbook":
        return ""
    from invoice_rules.reading.workbook import template_rules_of

    return template_rules_of(file)


def _read(file: Source, sheet: str | None, header: str | int, encoding: str | None, rules: RuleSet | None) -> Table:
    known = known_headings(rules)
    origin = Origin(file.name, "file", file.path, size=len(file.data), modified=file.modified)
    kind = format_of(file)
    if kind == "workbook":
        from invoice_rules.reading.workbook import read_workbook

        return read_workbook(file, origin, sheet, header, known, telling_headings(rules))
    if sheet:
        raise CannotRun(f'{file.name} is no workbook, so it has no sheet "{sheet}". Leave the sheet out.')
    if kind == "json":
        from invoice_rules.reading.json import read_json

        return read_json(file, origin, rules)
    from invoice_rules.reading.csv import read_csv

    return returned(read_csv(file, origin, header, encoding, known, telling_headings(rules)))
