"""Delimited text (.csv, .txt, .tsv): encoding, delimiter and headings are found with evidence and shown; see `records` for the cells."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, Rule, Severity
from invoice_rules.reading.assembling import COLUMNS, assembled, fitted, headed
from invoice_rules.reading.dialect import NAMES, Dialect, dialect_of
from invoice_rules.reading.encoding import decoded
from invoice_rules.reading.grid import Grid, text_column
from invoice_rules.reading.headings import HEAD, Heading, Telling, wanted
from invoice_rules.reading.records import careful_records, records
from invoice_rules.reading.source import Source
from invoice_rules.table import Origin, Table

DELIMITER = Rule(
    "delimiter", "The cells of {name} are parted by a {delimiter}.", "S3-2", "The delimiter is found and shown.", Severity.NOTICE
)
ESCAPE = Rule("delimiter", "Quotes inside the cells of {name} are marked by a backslash.", "S3-2", severity=Severity.NOTICE)
_HEAD_BYTES = 1 << 18


def read_csv(source: Source, origin: Origin, header: str | int, encoding: str | None, known: frozenset[str], telling: Telling) -> Table:
    """The table of a delimited text. Row numbers count records, blank ones too, as Excel shows the file; a first line `sep=;` is not counted.

    Raises CannotRun where the text cannot be decoded, a quote never closes, or nothing but headings is there.
    """
    text = decoded(source.data, source.name, encoding)
    dialect = dialect_of(_head_of(text.data))
    data = _after_first_line(text.data) if dialect.announced else text.data
    head, ends = _records_of_head(data, dialect, source.name)
    if not any(cell.strip() for row in head for cell in row):
        if len(data) <= _HEAD_BYTES:  # perhaps a quote is never closed: the careful reader says so
            careful_records(data, dialect, 1, 1, source.name)
        raise CannotRun(f"{source.name} has only blank rows. Ask for the file again.")
    if max(map(len, head)) > COLUMNS:
        raise CannotRun(f"{source.name} has more than {COLUMNS} columns. Remove the columns that are not needed.")
    heading = wanted(header, head[:HEAD], range(1, HEAD + 1), known, source.name)
    most = 0 if heading.at is None else len(head[heading.at])
    body, width, top = _body(data, dialect, head, ends, heading, source.name)
    origin = _origin(origin, text.encoding, dialect)
    headings, origin, told = headed(top, heading, [_cut(row, width) for row in head], origin)
    findings = [*text.findings, *_shown(source.name, dialect), *told]
    return assembled(fitted(body, width, most), headings[:width], origin, findings, telling)


def _cut(row: Sequence[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]


def _body(
    data: bytes, dialect: Dialect, head: Sequence[Sequence[str]], ends: Sequence[int], heading: Heading, name: str
) -> tuple[Grid, int, Grid]:
    """(records below the headings, number of headings, the head as a grid of `width` columns)."""
    start = heading.start
    below = [row for row in head[start:] if any(cell.strip() for cell in row)]
    usual = Counter(map(len, below)).most_common(1)[0][0] if below else 0
    width = usual if heading.at is None else _width(head[heading.at], usual)
    rows = memoryview(data)[ends[start - 1] :] if start else data
    if not len(rows):  # perhaps a quote above the rows is never closed: the careful reader names its row
        careful_records(data, dialect, max(width, usual), 1, name)
    grid = records(rows, dialect, max(width, usual), start + 1, name)
    top = Grid([text_column([_cut(row, width)[at] for row in head]) for at in range(width)], np.arange(1, len(head) + 1, dtype=np.int64))
    return grid, width, top


def _width(headings: Sequence[str], usual: int) -> int:
    """How many columns the headings name; blank ones at their end count as far as the data goes."""
    named = max((at for at, cell in enumerate(headings) if cell.strip()), default=-1) + 1
    return max(named, min(len(headings), usual), 1)


def _head_of(data: bytes) -> str:
    return data[:_HEAD_BYTES].decode("utf-8", "ignore")


def _after_first_line(data: bytes) -> bytes:
    ends = [end for end in (data.find(b"\n"), data.find(b"\r")) if end >= 0]
    end = min(ends, default=len(data))
    return data[end + 2 :] if data[end : end + 2] == b"\r\n" else data[end + 1 :]


def _records_of_head(data: bytes, dialect: Dialect, name: str) -> tuple[list[list[str]], list[int]]:
    """(the first records, the byte at which each of them ends)."""
    lines: list[int] = []

    def counted() -> Iterator[str]:
        for line in io.StringIO(_head_of(data), newline=""):
            lines.append(len(line.encode("utf-8")))
            yield line

    head, ends, consumed, end = [], [], 0, 0
    reader = csv.reader(counted(), **dialect.options(strict=False))
    try:
        for _, row in zip(range(2 * HEAD), reader, strict=False):
            end += sum(lines[consumed:])
            consumed = len(lines)
            head.append(row)
            ends.append(end)
    except csv.Error as error:  # a huge cell: the careful reader names its row
        if not head:
            raise CannotRun(f"{name}: row 1 has a cell of more than 100,000 characters, so it holds no headings. Probably a quote in it is opened and never closed. Ask for the file again.") from error
    return head or [[""]], ends or [0]


def _origin(origin: Origin, encoding: str, dialect: Dialect) -> Origin:
    return replace(origin, kind="csv", encoding=encoding, delimiter=dialect.delimiter)


def _shown(name: str, dialect: Dialect) -> list[Finding]:
    """The delimiter is told where it is not the comma that everybody expects."""
    told = []
    if dialect.delimiter != ",":
        told.append(Finding(DELIMITER, facts={"name": name, "delimiter": NAMES.get(dialect.delimiter, f'"{dialect.delimiter}"')}))
    return [*told, Finding(ESCAPE, facts={"name": name})] if dialect.escape else told
