"""What stands before and behind a sheet's rows: its dimension, the width and look of its columns, and where it names its notes."""

import re
from collections.abc import Iterator

from invoice_rules.table import column_letter
from invoice_rules.workbooks.finding import column_of

IN_TAG = rb"""((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>"""
"""The rest of a tag from its name on; quoted values may hold >."""
_DIMENSION = re.compile(rb"""<(?:[\w.-]+:)?dimension\s+ref\s*=\s*["']\$?([A-Z]{1,3})\$?([0-9]+)(?::\$?([A-Z]{1,3})\$?([0-9]+))?["']""")
_COLUMN = re.compile(rb"<(?:[\w.-]+:)?col(?=[\s/>])" + IN_TAG)
_BEHIND_NOTES = rb"<%b(?:legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)(?=[\s/>])|</%bworksheet"

Columns = list[tuple[int, int, int]]
"""(first, last, style) of columns, counted from 1."""


def columns_of(head: bytes) -> Columns:
    """What the sheet says of its columns."""
    return [tuple(_numbers(tag[1])) for tag in _COLUMN.finditer(head)]  # type: ignore[misc]  # there are three of them


def _numbers(attributes: bytes) -> Iterator[int]:
    for key in (b"min", b"max", b"style"):
        found = re.search(rb"""(?<![\w:.-])%b\s*=\s*["']([0-9]{1,6})["']""" % key, attributes)
        yield int(found[1]) if found else 0


def wider(head: bytes, columns: Columns, p: bytes, column: int, width: float) -> bytes:
    """What stands before the rows, for a sheet that now reaches to this column (from 0); the column's width is its own where it has one."""
    letters = column_letter(column).encode()
    if (found := _DIMENSION.search(head)) and column_of(found[3] or found[1]) < column:
        bottom = 4 if found[3] else 2
        head = head[: found.start(1)] + found[1] + found[2] + b":" + letters + found[bottom] + head[found.end(bottom) :]
    own = b'<%bcol min="%d" max="%d" width="%.1f" customWidth="1"/>' % (p, column + 1, column + 1, width)
    closes = head.rfind(b"</%bcols" % p)
    if closes >= 0 and max([last for _, last, _ in columns], default=0) <= column:
        return head[:closes] + own + head[closes:]
    return head + b"<%bcols>%b</%bcols>" % (p, own, p) if closes < 0 and not columns else head


def with_notes(tail: bytes, searched: bytes, p: bytes, element: bytes) -> bytes | None:
    """What stands behind the rows, with one element more in the place that it has among the others; None where there is no such place.

    `searched` is the same text without comments; `{p}` in the element stands for the prefix of the sheet's tags.
    """
    found = re.search(_BEHIND_NOTES % (p, p), searched)
    return tail[: found.start()] + element.replace(b"{p}", p) + tail[found.start() :] if found else None
