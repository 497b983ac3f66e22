"""One table, polluted in one way at a time, as CSV files in the wild are: the same rows come back, or the row is named."""

import csv
import io

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.reading import read

HEADINGS = ["Date", "Number", "Customer", "Amount", "Note"]
ROWS = [[f"11/{n % 28 + 1:02d}/2026", f"{n:05d}", f"Miller & Sons {n}", f"{n * 13.5:.2f}", "paid, in part" if n % 7 else 'the "old" one'] for n in range(1, 84)]


def written(delimiter=",", end="\r\n", quoting=csv.QUOTE_MINIMAL, headings=HEADINGS, rows=ROWS):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([headings, *rows])
    return file.getvalue()


CLEAN = {
    "semicolons": written(";").encode(),
    "tabs": written("\t").encode(),
    "bars": written("|").encode(),
    "sep= line": b"sep=;\r\n" + written(";").encode(),
    "unix lines": written(end="\n").encode(),
    "old Mac lines": written(end="\r").encode(),
    "everything quoted": written(quoting=csv.QUOTE_ALL).encode(),
    "no line end at the end": written().rstrip().encode(),
    "blank lines at the end": written().encode() + b"\r\n\r\n",
    "only commas at the end": written().encode() + b",,,,\r\n" * 5,
    "byte order mark": b"\xef\xbb\xbf" + written().encode(),
    "two byte order marks": b"\xef\xbb\xbf" * 2 + written().encode(),
    "UTF-16": written().encode("utf-16"),
    "UTF-16 big end first": b"\xfe\xff" + written().encode("utf-16-be"),
    "Windows letters": written(headings=[*HEADINGS[:4], "Größe"]).encode("cp1252"),
    "padded headings": written(headings=[f"  {heading} " for heading in HEADINGS]).encode(),
    "a comma after each row": written().replace("\r\n", ",\r\n").encode(),
    "a title above": b"Receivables of October\r\n\r\n" + written().encode(),
}


@pytest.mark.parametrize("how", CLEAN)
def test_the_same_rows_come_back(how):  # S3-2, S3-3, X-22
    table = read(("october.csv", CLEAN[how]))
    assert [row[:5] for row in table.frame.to_numpy(object).tolist()] == ROWS
    assert table.headings[:4] == tuple(HEADINGS[:4])


def _with(n, line):
    lines = written().split("\r\n")
    lines[n - 1] = line
    return "\r\n".join(lines).encode()


NAMED = {
    "a cell too few": (_with(40, "11/01/2026,00039,Miller,5.00"), 40),
    "a cell too many": (_with(40, "11/01/2026,00039,Miller,5.00,note,more"), 40),
    "an unquoted comma": (_with(40, "11/01/2026,00039,Miller,1,205.00,note"), 40),
}


@pytest.mark.parametrize("how", NAMED)
def test_the_polluted_row_is_named_and_the_others_come_back(how):
    data, row = NAMED[how]
    table = read(("october.csv", data))
    (found,) = [found for found in table.findings if found.rule.id == "cells"]
    assert [int(table.frame.index[at]) for at in found.at] == [row]
    rest = table.frame.drop(index=row).to_numpy(object).tolist()
    assert [cells[:5] for cells in rest] == ROWS[:38] + ROWS[39:]


@pytest.mark.parametrize("line", ['11/01/2026,00039,"Miller,5.00,note', '11/01/2026,00039,"Mil"ler",5.00,note'])
def test_a_broken_quote_is_refused_with_its_row(line):  # never a shift
    with pytest.raises(CannotRun, match="40"):
        read(("october.csv", _with(40, line)))
