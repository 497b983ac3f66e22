"""A sheet that somebody else made, with some cells in another style and one column more. Everything else stays, byte for byte.

Nothing is parsed and written anew: tags are found in the text of the sheet, and a cell's tag gets the number of another style.
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from invoice_rules.errors import CannotRun
from invoice_rules.marks import Tint
from invoice_rules.workbooks.edits import LAST_COLUMN, Edits, Styles, Taken
from invoice_rules.workbooks.finding import Places, Splices, absent_cell, column_of, letters_of
from invoice_rules.workbooks.framing import IN_TAG, columns_of, wider, with_notes

_MOST_ABSENT = 1_000
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_REFERENCE = re.compile(rb"""(?<![\w:.-])r\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_STYLE = re.compile(rb"""(?<![\w:.-])s\s*=\s*["']([0-9]{1,6})["']""")
_SPANS = re.compile(rb"""(?<![\w:.-])spans\s*=\s*["']([0-9]{1,5}):([0-9]{1,5})["']""")
_OWN_FORMAT = re.compile(rb"""customFormat\s*=\s*["'](?:1|true)["']""")


@dataclass(frozen=True)
class _Row:
    """A row: its number, its tag from `start` to `opened`, the end of its cells at `closed`; one without cells closes at once."""

    number: int
    start: int
    opened: int
    closed: int
    attributes: bytes

    @property
    def empty(self) -> bool:
        return self.attributes.endswith(b"/")


@dataclass(frozen=True)
class _Cell:
    column: int
    start: int
    opened: int
    attributes: bytes

    @property
    def style(self) -> int | None:
        found = _STYLE.search(self.attributes)
        return int(found[1]) if found else None


class Patch:
    """One sheet's text. Raises CannotRun where it is not written as sheets are."""

    def __init__(self, xml: bytes, name: str, styles: Styles):
        self._xml, self._name, self._styles = xml, name, styles
        aside = b"<!" in xml or xml.find(b"<?", 1) >= 0
        # what is no tag of the sheet is blanked out in the copy that is searched, so that places are the same in both
        self._text = _ASIDE.sub(lambda found: b" " * len(found[0]), xml) if aside else xml
        body = re.search(rb"<((?:[\w.-]+:)?)sheetData(?=[\s>])", self._text)
        if xml.startswith((b"\xff\xfe", b"\xfe\xff")) or body is None:
            raise self._unusual()
        self._p, self._body = body[1], body.start()
        self._end = self._text.rfind(b"</%bsheetData" % self._p)
        self._rows_tag = re.compile(b"<%brow(?=[\\s/>])" % self._p + IN_TAG)
        self._cell_tag = re.compile(b"<%bc(?=[\\s/>])" % self._p + IN_TAG)
        self._columns, self._by_columns = columns_of(self._text[: self._body]), dict[int, int]()

    def _unusual(self) -> CannotRun:
        return CannotRun(
            f"The cells of {self._name} cannot be marked: its sheet is written in a way that Excel does not use. Open it in Excel and save it, then try again."
        )

    def pieces(self, edits: Edits, tail: bytes = b"") -> Iterator[bytes | memoryview]:
        """The sheet with the edits, in pieces; `tail` is put where a sheet names its notes, `{p}` being the prefix of its tags.

        Raises Taken.
        """
        rows = self._splices(edits).put_into(self._xml, self._body, self._end)
        if rows is None:  # rows within rows, or something as odd
            raise self._unusual()
        head = self._xml[: self._body]
        yield wider(head, self._columns, self._p, edits.column, edits.width) if len(edits.beside.numbers) else head
        yield rows
        yield self._tail(tail)

    def _tail(self, element: bytes) -> bytes:
        behind = self._xml[self._end :]
        noted = with_notes(behind, self._text[self._end :], self._p, element) if element else behind
        if noted is None:
            raise self._unusual()
        return noted

    def _splices(self, edits: Edits) -> Splices:
        wanted = edits.tints.keys() | edits.beside.rows.keys()
        places = Places.of(self._text) if not self._p else None
        if places is not None:
            at = places.at(np.fromiter(wanted, np.int64, len(wanted)))
            if len(at) and (at >= 0).all() and (places.ends[at] >= 0).all():
                return self._quick(edits, places)
        rows = self._rows()
        added = self._absent(wanted - {row.number for row in rows}, rows)
        new = [(at, at, b"".join(self._new_row(number, edits) for number in numbers)) for at, numbers in added.items()]
        return Splices.of([*new, *(self._whole(row, edits) for row in rows if row.number in wanted)])

    def _whole(self, row: _Row, edits: Edits) -> tuple[int, int, bytes]:
        return row.start, row.closed, b"".join(self._row(row, edits))

    def _quick(self, edits: Edits, places: Places) -> Splices:
        """All rows at once whose cells are found by their addresses and end left of our column; the others one by one."""
        numbers = edits.beside.numbers
        at = places.at(numbers)
        found: list[tuple[int, int, bytes]] = []
        one_by_one = {*numbers[np.isin(numbers, list(edits.like_left)) | (places.last[at] >= edits.column)].tolist()}
        tinted = np.fromiter(edits.tints, np.int64, len(edits.tints))
        within = zip(places.starts[places.at(tinted)].tolist(), places.ends[places.at(tinted)].tolist(), strict=True)
        for (number, tints), (start, end) in zip(edits.tints.items(), within, strict=True):
            if number not in one_by_one and not self._simply_tinted(number, tints, start, end, edits.beside.rows, found):
                one_by_one.add(number)
        for number in one_by_one:
            place = int(places.at(np.array([number]))[0])
            found.append(self._whole(self._row_at(int(places.starts[place]), number, int(places.ends[place])), edits))
        simple = ~np.isin(numbers, list(one_by_one))
        spans = at[simple & (places.spans[at] >= 0) & (places.reach[at] <= edits.column)]
        reach = pa.array([b"%d" % (edits.column + 1)], pa.large_binary()).take(pa.array(np.zeros(len(spans), np.int64)))
        ends = places.ends[at[simple]]
        return (
            Splices.of(found)
            + Splices(ends, ends, edits.beside.cells(simple, edits.column, self._styles))
            + Splices(places.spans[spans], places.spans_end[spans], reach)
        )

    def _simply_tinted(
        self, number: int, tints: Sequence[tuple[int, Tint]], start: int, closed: int, beside: Container[int], found: list[tuple[int, int, bytes]]
    ) -> bool:
        """Adds the splices of the row's cells, those that are not there among them where the row has no format and a status of ours."""
        new, end = [], start
        absent = b"customFormat" not in self._text[start : self._text.index(b">", start)] and number in beside
        for column, tint in tints:  # from left to right, as the cells stand; in any other order they are found one by one
            address = b'<c r="%b%d"' % (letters_of(column), number)
            at = self._text.find(address, end, closed)
            if at < 0:
                end = absent_cell(self._text, column, end, closed) if absent and self._text.find(address, start, closed) < 0 else -1
                if end < 0:
                    return False
                new.append((end, end, self._blank(column, number, self._by_column(column), tint)))
                continue
            end = self._text.index(b">", at) + 1
            new.append((at, end, self._tinted(_Cell(column, at, end, self._text[at + 2 : end - 1]), tint)))
        found += new
        return True

    def _row_at(self, start: int, number: int, closed: int) -> _Row:
        tag = self._rows_tag.match(self._text, start)
        if tag is None:
            raise self._unusual()
        return _Row(number, start, tag.end(), closed, tag[1])

    def _rows(self) -> list[_Row]:
        """Every row; one that has no number follows the one before it."""
        found = list(self._rows_tag.finditer(self._text, self._body, self._end))
        rows, number, seen = [], 0, set()
        for tag, following in zip(found, [*(after.start() for after in found), self._end][1:], strict=True):
            named = _REFERENCE.search(tag[1])
            number = int(named[2]) if named else number + 1
            closed = tag.end() if tag[1].endswith(b"/") else self._text.rfind(b"</%brow" % self._p, tag.end(), following)
            if closed < 0:
                raise self._unusual()
            if number not in seen:
                rows.append(_Row(number, tag.start(), tag.end(), closed, tag[1]))
                seen.add(number)
        return rows

    def _absent(self, numbers: set[int], rows: Sequence[_Row]) -> dict[int, list[int]]:
        """Where each row that is not there goes: before the first one with a greater number."""
        if len(numbers) > _MOST_ABSENT:
            raise self._unusual()
        places: dict[int, list[int]] = {}
        highest = np.maximum.accumulate(np.array([row.number for row in rows], np.int64))
        for number in sorted(numbers):
            at = int(np.searchsorted(highest, number, side="right"))
            places.setdefault(rows[at].start if at < len(rows) else self._end, []).append(number)
        return places

    def _new_row(self, number: int, edits: Edits) -> bytes:
        cells = [(column, self._blank(column, number, self._by_column(column), tint)) for column, tint in edits.tints.get(number, ())]
        beside = [self._beside(number, edits, 0)] if number in edits.beside.rows else []
        return b'<%brow r="%d">%b</%brow>' % (self._p, number, b"".join([*(cell for _, cell in cells), *beside]), self._p)

    def _row(self, row: _Row, edits: Edits) -> Iterator[bytes]:
        """The row's tag and cells; what closes it follows, but for a row that had no cells."""
        yield self._opened(row, edits)
        tints, beside = edits.tints.get(row.number, ()), row.number in edits.beside.rows
        if tints or row.number in edits.like_left or not self._ends_before(row, edits.column):
            yield from self._cells(row, edits, beside)
        else:
            yield self._xml[row.opened : row.closed]
            yield self._beside(row.number, edits, 0)
        if row.empty:
            yield b"</%brow>" % self._p

    def _opened(self, row: _Row, edits: Edits) -> bytes:
        """The row's tag, open, its cells' span as wide as they are now."""
        tag = self._xml[row.start : row.opened]
        if row.empty:
            tag = tag[:-2].rstrip() + b">"
        last = max([edits.column if row.number in edits.beside.rows else 0, *(column for column, _ in edits.tints.get(row.number, ()))]) + 1
        if b"spans" in tag and (spans := _SPANS.search(tag)) and int(spans[2]) < last:
            tag = tag[: spans.start(2)] + b"%d" % last + tag[spans.end(2) :]
        return tag

    def _ends_before(self, row: _Row, column: int) -> bool:
        """Whether the row's last cell lies left of the column."""
        at = self._text.rfind(b"<%bc " % self._p, row.opened, row.closed)
        tag = self._cell_tag.match(self._text, at) if at >= 0 else None
        named = _REFERENCE.search(tag[1]) if tag else None
        return bool(named and named[1] and column_of(named[1]) < column)

    def _cells(self, row: _Row, edits: Edits, beside: bool) -> Iterator[bytes]:
        """The row's cells, tinted where they are to be, with those that were not there."""
        cells, done = self._cells_of(row), row.opened
        tints, own = dict(edits.tints.get(row.number, ())), _OWN_FORMAT.search(row.attributes) and _STYLE.search(row.attributes)
        left, todo = 0, sorted({*tints, edits.column} if beside else tints)
        for cell in [*cells, _Cell(LAST_COLUMN + 1, row.closed, row.closed, b"")]:
            while todo and todo[0] < cell.column:
                column = todo.pop(0)
                yield self._xml[done : cell.start]
                done = cell.start
                if beside and column == edits.column:
                    yield self._beside(row.number, edits, left)
                else:
                    yield self._blank(column, row.number, int(own[1]) if own else self._by_column(column), tints[column])
            if todo and todo[0] == cell.column:
                column = todo.pop(0)
                yield self._xml[done : cell.start]
                if beside and column == edits.column:
                    done = self._end_of_blank(cell, row)
                    yield self._beside(row.number, edits, left)
                else:
                    done = cell.opened
                    yield self._tinted(cell, tints[column])
            left = cell.style or 0
        yield self._xml[done : row.closed]

    def _cells_of(self, row: _Row) -> list[_Cell]:
        cells, column = [], -1
        for tag in self._cell_tag.finditer(self._text, row.opened, row.closed):
            named = _REFERENCE.search(tag[1])
            column = column_of(named[1]) if named and named[1] else column + 1
            cells.append(_Cell(column, tag.start(), tag.end(), tag[1]))
        return cells

    def _tinted(self, cell: _Cell, tint: Tint) -> bytes:
        """The cell's tag with another style."""
        tag, style = self._xml[cell.start : cell.opened], b"%d" % self._styles(cell.style or 0, tint)
        if own := _STYLE.search(tag):
            return tag[: own.start(1)] + style + tag[own.end(1) :]
        end = b"/>" if tag.endswith(b"/>") else b">"
        return tag.removesuffix(end).rstrip() + b' s="' + style + b'"' + end

    def _blank(self, column: int, row: int, base: int, tint: Tint) -> bytes:
        return b'<%bc r="%b%d" s="%d"/>' % (self._p, letters_of(column), row, self._styles(base, tint))

    def _beside(self, row: int, edits: Edits, left: int) -> bytes:
        """The cell of our column: text, and never anything else (X-16)."""
        if row not in edits.beside.rows:
            return b""
        at = edits.beside.rows[row]
        text, tint = edits.beside.texts[at].as_py().encode(), edits.beside.looks[int(edits.beside.which[at])]
        style = left if row in edits.like_left else self._styles(0, tint) if tint else 0
        p, where = self._p, letters_of(edits.column)
        cell = b'<%bc r="%b%d" s="%d" t="inlineStr"><%bis><%bt xml:space="preserve">%b</%bt></%bis></%bc>'
        return cell % (p, where, row, style, p, p, text, p, p, p)

    def _end_of_blank(self, cell: _Cell, row: _Row) -> int:
        """Where a cell ends that is format alone. Raises Taken where it holds something."""
        end = self._ends_bare(cell, row)
        if end is None:
            filled = (its.column for its_row in self._rows() for its in self._cells_of(its_row) if self._ends_bare(its, its_row) is None)
            raise Taken(1 + max(filled, default=LAST_COLUMN))
        return end

    def _ends_bare(self, cell: _Cell, row: _Row) -> int | None:
        """Where a cell ends that is format alone, however its tag is written; None where it holds something."""
        if cell.attributes.endswith(b"/"):
            return cell.opened
        ends = re.compile(rb"\s*</%bc\s*>" % self._p).match(self._text, cell.opened, row.closed)
        return ends.end() if ends else None

    def _by_column(self, column: int) -> int:
        if column not in self._by_columns:
            self._by_columns[column] = next((style for first, last, style in self._columns if first <= column + 1 <= last), 0)
        return self._by_columns[column]

    def has(self, tag: str) -> bool:
        """Whether such an element stands behind the rows."""
        return bool(re.search(rb"<%b%b[\s/>]" % (self._p, tag.encode()), self._text[self._end :]))
