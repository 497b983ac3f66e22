"""What is fuzzed: one function a parser of what strangers send. `python -m tests.fuzz.targets NAME [options of libFuzzer] FOLDER…`

Atheris changes the bytes, keeps what reaches new branches of our code, and stops at the first input for which a target raises, takes
longer than five seconds or needs more than 500 MB. A target lets `CannotRun` pass: that is the one clear answer.
"""

import io
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["invoice_rules"]):
    import pyarrow as pa

    from invoice_rules.errors import CannotRun
    from invoice_rules.marks import BAD, NEUTRAL
    from invoice_rules.problems import filled
    from invoice_rules.reading import read
    from invoice_rules.reading.formats import format_of
    from invoice_rules.reading.grid import Grid, padded, text_column
    from invoice_rules.reading.guards import checked
    from invoice_rules.reading.headings import double_headings, find_headings, known_headings
    from invoice_rules.reading.leftovers import leftovers
    from invoice_rules.reading.numberformats import shown_by
    from invoice_rules.reading.sheets import scanned
    from invoice_rules.reading.source import Source
    from invoice_rules.rulesets import rule_set
    from invoice_rules.values import DATE_ORDERS, Parsed, decimal_mark, parse_dates, parse_emails, parse_money, parse_yes_no
    from invoice_rules.workbooks.edits import Beside, Edits, Taken
    from invoice_rules.workbooks.patching import Patch
    from invoice_rules.workbooks.restyling import Styles

import numpy as np

from tests.reading.files import SHEET
from tests.reading.hostile import BOOK, LINKS, STYLES, good

HISTORY = rule_set("quickbooks.history")
KNOWN = known_headings(rule_set("paystand.receivables"))


def csv(data: bytes) -> None:
    """Delimited text, from bytes to a table."""
    with suppress(CannotRun):
        table = read(("x.csv", data))
        assert len(table)
        assert all(cell is not None for cell in table.column(0).to_pylist())


def json(data: bytes) -> None:
    """JSON, from bytes to a table; with a rule set whose records hold lines, each cell has one address of its own."""
    with suppress(CannotRun):
        assert len(read(("x.json", data)))
    with suppress(CannotRun):
        table = read(("x.json", data), rules=HISTORY)
        places = {table.origin.address(row, column) for row in table.frame.index[-3:] for column in range(len(table.headings))}
        lines = table.records is None or len(set(table.records[-3:].tolist())) == len(table.records[-3:])
        assert not lines or len(places) == len(table.frame.index[-3:]) * len(table.headings)


def container(data: bytes) -> None:
    """The zip of a workbook and the parts in it; and which format a file is in."""
    with suppress(CannotRun):
        format_of(Source("x.xlsx", data))
    with suppress(CannotRun):
        scanned(checked(data, "x.xlsx"))


def sheet(data: bytes) -> None:
    """The text of a sheet: checked, then marked."""
    with suppress(CannotRun):
        scanned(checked(book(SHEET, data), "x.xlsx"))
    with suppress(CannotRun, Taken):
        edits = Edits(
            {1: [(0, BAD)], 3: [(1, NEUTRAL), (4, BAD)]},
            Beside(np.array([1, 2, 3]), pa.array(["a"] * 3, pa.large_string()), (None,), np.zeros(3, np.int64)),
            3,
            9.0,
        )
        marked = b"".join(Patch(data, "x.xlsx", lambda base, _: base + 1).pieces(edits, b"<{p}legacyDrawing/>"))
        assert len(marked) > len(data) - 1_000


def parts(data: bytes) -> None:
    """The small parts of a workbook: its sheets, its links, its styles, which is told by the first byte."""
    part = (BOOK, LINKS, STYLES)[data[0] % 3] if data else BOOK
    with suppress(CannotRun):
        scanned(checked(book(part, data[1:]), "x.xlsx"))
    with suppress(CannotRun):
        styles = Styles(data[1:], "x.xlsx")
        numbers = [styles(base, tint) for base in (0, 1, 70_000) for tint in (BAD, NEUTRAL)]
        assert len(set(numbers)) >= 2
        Styles(styles.xml(), "x.xlsx")


def book(part: str, content: bytes) -> bytes:
    """The good workbook with another content of one part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return out.getvalue()


def amounts(data: bytes) -> None:
    """Amounts, in each currency's decimals and either decimal mark."""
    cells = column(data)
    decimal_mark(cells)
    for decimals, mark in ((2, "point"), (0, "point"), (3, "comma")):
        messages(parse_money(cells, decimals=decimals, mark=mark), cells)


def dates(data: bytes) -> None:
    """Dates, in every order."""
    cells = column(data)
    for order in DATE_ORDERS:
        messages(parse_dates(cells, order=order, named=order == "day-first"), cells)


def words(data: bytes) -> None:
    """Yes and no, addresses of e-mail, formats of numbers."""
    cells = column(data)
    messages(parse_yes_no(cells), cells)
    messages(parse_emails(cells), cells)
    for code in cells.to_pylist()[:20]:
        if shown := shown_by(code):
            shown.text("1234")


def headings(data: bytes) -> None:
    """Which row holds the headings, and which rows are totals and notes."""
    rows = [line.split(",")[:40] for line in data.decode("utf-8", "replace").split("\n")[:60]]
    width = max(map(len, rows))
    whole = [tuple(padded(row, width)) for row in rows]
    found = find_headings(whole, KNOWN)
    assert found.at is None or found.at < found.start <= len(whole)
    double_headings(whole[0], 0)
    left = leftovers(Grid([text_column(cells) for cells in zip(*whole, strict=True)], np.arange(1, len(whole) + 1)))
    assert len(left.keep) == len(whole)
    assert all(filled(one.rule.message, one.facts) for one in left.findings)


def column(data: bytes) -> pa.Array:
    """A cell a line."""
    return pa.array(data.decode("utf-8", "replace").replace("\0", "").split("\n"), pa.large_string())


def messages(parsed: Parsed, cells: pa.Array) -> None:
    """As many values as cells, and a whole message for each that was not read."""
    assert len(parsed.values) == len(cells)
    for fault in parsed.faults:
        for at in fault.at.tolist():
            value = cells[at].as_py()
            assert filled(fault.rule.message, fault.facts(value) if fault.facts else {})
            if fault.fix:
                fault.fix(value)


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (csv, json, container, sheet, parts, amounts, dates, words, headings)
}

if __name__ == "__main__":
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda data: target(bytes(data)))
    atheris.Fuzz()
