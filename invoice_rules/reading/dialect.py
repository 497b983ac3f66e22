"""How a text file is put together: its delimiter, how it quotes, and whether it says so itself in a `sep=` line. Found with evidence."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from invoice_rules.reading.grid import LOOKED_AT

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_HEAD_ROWS = 120
_PLAIN = re.compile(
    r"^\s*(?:[-+(]?[$€£]?\s?[\d.,\s]*\d[)%]?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T][\d:.]+)?|[\w .*#/()&'-]{0,40}|[\w.+-]+@[\w.-]+)\s*$"
)


@dataclass(frozen=True)
class Dialect:
    """`escape` is a backslash where quotes are escaped so; `spaced` that a blank may stand between delimiter and quote."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    spaced: bool = False
    announced: bool = False

    def options(self, strict: bool) -> dict:
        """What `csv.reader` takes."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote,
            "doublequote": True,
            "escapechar": self.escape,
            "skipinitialspace": self.spaced,
            "strict": strict,
        }

    @property
    def plain(self) -> bool:
        """Whether the fast reader understands it, whose delimiter is one byte."""
        return self.delimiter.isascii() and self.quote == '"' and self.escape is None and not self.spaced


def dialect_of(head: str) -> Dialect:
    """The dialect of a text, judged by its first lines."""
    announced = re.match(r'"?sep=(.)"?[,;\t|]*(?:\r\n|\r|\n|$)', head, re.IGNORECASE)
    if announced:
        return _quoting(announced[1], head, announced=True)
    scores = {delimiter: _score(head, delimiter) for delimiter in DELIMITERS}
    return _quoting(max(DELIMITERS, key=lambda delimiter: scores[delimiter]), head)


def _quoting(delimiter: str, head: str, announced: bool = False) -> Dialect:
    mark = re.escape(delimiter)
    quote = '"'
    if '"' not in head and len(re.findall(rf"(?:^|{mark})'[^'\r\n]*'(?={mark}|$)", head, re.MULTILINE)) > 3:
        quote = "'"
    spaced = delimiter != "\t" and bool(re.search(rf"{mark} +{quote}[^{quote}]*{quote}\s*(?:{mark}|$)", head, re.MULTILINE))
    slashed = delimiter != "\\" and re.search(rf'\\"(?!\s*(?:{mark}|$))', head, re.MULTILINE) and not re.search(r'""[^\r\n,;]', head)
    return Dialect(delimiter, quote, "\\" if slashed else None, spaced, announced)


def _score(head: str, delimiter: str) -> float:
    """High where the delimiter gives many rows of the same width with cells that look like cells."""
    rows = [row for _, row in zip(range(_HEAD_ROWS), _rows(head, delimiter), strict=False) if any(cell.strip() for cell in row)]
    widths = Counter(len(row) for row in rows)
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    cells = [cell for row in rows[:40] if len(row) == width for cell in row]
    plain = sum(1 for cell in cells if _is_plain(cell)) / len(cells) if cells else 0.5
    return (count / len(rows)) ** 2 * (1 - 0.7 / width) * (0.4 + 0.6 * plain)


def _is_plain(cell: str) -> bool:
    return len(cell) <= LOOKED_AT and bool(_PLAIN.match(cell.strip()))


def _rows(head: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    except csv.Error:  # a cell beyond the reader's limit; the rows so far are evidence enough
        return
