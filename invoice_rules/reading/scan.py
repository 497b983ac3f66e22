"""One XML part of a workbook, streamed through expat: whatever a reader would choke on is counted and refused."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from xml.parsers import expat

from invoice_rules.errors import CannotRun

DEPTH = 32
SHEETS = 256
STYLES = 65_490
MERGES, MERGED_CELLS = 10_000, 5_000_000
CELLS, BOX = 5_000_000, 5_000_000
ELEMENTS = 1_000_000
"""Tags that open, comments and the like in one of the small parts, at most."""
_KNOWN_TAGS = 1_000
LONGEST = 16 << 20
"""Bytes without a tag, at most."""
ROWS, COLUMNS = 1_048_576, 16_384
_CODECS = ("utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "iso-8859-1")


class Refused(CannotRun):
    """A workbook that is damaged or made to do harm."""


class Scan:
    """A streaming pass over one XML part with everything counted that a reader would have to hold."""

    def __init__(self, name: str, elements: int = ELEMENTS):
        self.name = name
        self.elements, self._most, self._bare = 0, elements, 0
        self._opening: dict[str, Callable[[dict[str, str]], Any] | None] = {}
        self._closing: dict[str, Callable[[], Any] | None] = {}
        self.depth = self.sheets = self.styles = self.merges = self.merged = 0
        self.from_1904 = False
        self.box = Box(name)
        self.named: list[tuple[str, str]] = []
        self.targets: dict[str, str] = {}
        self.linked: list[tuple[str, str]] = []
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self._row = self._column = 0
        self._repeated = 1
        self._among_formats = self._wide = False

    def run(self, chunks: Iterator[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True  # or each line end would be told by itself
        self._hear(parser)
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._no_dtd
        try:
            for at, chunk in enumerate(chunks):
                self._wide |= not at and b"\0" in chunk[:64]
                self.elements += chunk.count(b"<") - chunk.count(b"</")
                self._bare = 0 if b"<" in chunk else self._bare + len(chunk)
                if self._bare > LONGEST:
                    raise Refused(f"{self.name} has a text of more than {LONGEST >> 20} MB in one place, where a cell holds 32,767 letters. Take it out, then try again.")
                self._check_elements()
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise damaged(self.name, "one of its parts is not well-formed XML") from error
        if self._wide and self.box.cells:  # the reader would see none of them
            raise Refused(f"{self.name} has a sheet that is written in UTF-16, which is not read. Open it in Excel and save it again.")

    def _hear(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end

    def _check_elements(self) -> None:
        if self.elements > self._most:
            raise Refused(
                f"{self.name} has a part of more than {self._most:,} elements, written otherwise than Excel writes it. "
                "Open it in Excel and save it again, or save the sheet with the rows as CSV."
            )

    def _no_dtd(self, *_: object) -> None:
        raise no_dtd(self.name)

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in _CODECS:
            raise damaged(self.name, f'one of its parts is in the encoding "{encoding[:30]}", which workbooks do not use')

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise damaged(self.name, "its parts are nested too deep")
        known = self._opening
        handler = known[tag] if tag in known else self._named(tag, "_in_", known)
        if handler:
            handler(attributes)

    def _named(self, tag: str, prefix: str, known: "dict[str, Callable[..., Any] | None]") -> "Callable[..., Any] | None":
        """The method for a tag, whatever its namespace, noted for the next one."""
        handler = getattr(self, prefix + tag.rpartition(":")[2].replace("-", "_"), None)
        if len(known) < _KNOWN_TAGS:
            known[tag] = handler
        return handler

    def _end(self, tag: str) -> None:
        self.depth -= 1
        known = self._closing
        handler = known[tag] if tag in known else self._named(tag, "_out_", known)
        if handler:
            handler()

    def _in_row(self, attributes: dict[str, str]) -> None:
        self._row, self._column = place_row(attributes.get("r"), self._row + 1, self.name), 0

    def _in_c(self, attributes: dict[str, str]) -> None:
        where = attributes.get("r")
        self._column, self._row = place(where, self.name) if where else (self._column + 1, max(self._row, 1))
        self.box.add(self._column, self._row)

    def _in_sheet(self, attributes: dict[str, str]) -> None:
        self.sheets += 1
        links = [its for key, its in attributes.items() if key.endswith(":id")]
        if len(links) > 1:
            raise damaged(self.name, "a sheet of it lies in two places")
        self.named.append((attributes.get("name", ""), "".join(links)))
        if self.sheets > SHEETS:
            raise Refused(f"{self.name} has more than {SHEETS} sheets. Copy the sheet with the rows into a new workbook.")

    def _in_Relationship(self, attributes: dict[str, str]) -> None:
        its, target = attributes.get("Id", ""), attributes.get("Target", "")
        if self.targets.setdefault(its, target) != target:
            raise damaged(self.name, "two of its links have the same name")
        self.linked.append((attributes.get("Type", "").rpartition("/")[2].lower(), target))

    def _in_numFmt(self, attributes: dict[str, str]) -> None:
        self.codes[self._format(attributes.get("numFmtId", "1"))] = attributes.get("formatCode", "")

    def _format(self, number: str) -> int:
        return count_of(number, self.name, f'it has a number format with the number "{number[:20]}", which no format has')

    def _in_cellXfs(self, _attributes: dict[str, str]) -> None:
        self._among_formats = True

    def _in_cellStyles(self, _attributes: dict[str, str]) -> None:
        self._among_formats = False

    def _in_encryption_data(self, _attributes: dict[str, str]) -> None:
        raise Refused(f"{self.name} is protected by a password. Open it, save it without one, then try again.")

    def _in_xf(self, attributes: dict[str, str]) -> None:
        self.styles += 1
        if self._among_formats:
            self.formats.append(self._format(attributes.get("numFmtId", "0")))
        if self.styles > STYLES:
            raise Refused(f"{self.name} has more than {STYLES:,} cell styles. Copy the rows into a new workbook.")

    def _in_mergeCell(self, attributes: dict[str, str]) -> None:
        self.merges += 1
        self.merged += area(attributes.get("ref", "A1"), self.name)
        if self.merges > MERGES or self.merged > MERGED_CELLS:
            raise merged(self.name)

    def _in_workbookPr(self, attributes: dict[str, str]) -> None:
        self.from_1904 |= attributes.get("date1904", "").lower() in ("1", "true")

    def _in_table(self, _attributes: dict[str, str]) -> None:
        self.box, self._row = Box(self.name), 0

    def _in_table_row(self, attributes: dict[str, str]) -> None:
        self._repeated = _times(attributes.get("table:number-rows-repeated"), self.name)
        self._row, self._column = self._row + self._repeated, 0

    def _in_table_cell(self, attributes: dict[str, str]) -> None:
        """A cell of an .ods file; one with content may stand for many."""
        repeated = _times(attributes.get("table:number-columns-repeated"), self.name)
        self._column += repeated
        if "office:value-type" in attributes:
            self.box.cells += repeated * self._repeated - 1
            self.box.add(self._column, self._row)


class Unasked(Scan):
    """A part of which no reader asks anything: that it is XML without a document type declaration is all that is looked at."""

    def _hear(self, parser: expat.XMLParserType) -> None:
        """Nothing, so that tags by the million cost nothing."""

    def _check_elements(self) -> None:
        """As many as there are."""


class Box:
    """The cells of a sheet, and the box around them that a reader holds in memory."""

    def __init__(self, name: str):
        self.name, self.cells = name, 0
        self.left = self.top = 1 << 30
        self.right = self.bottom = 0

    def add(self, column: int, row: int) -> None:
        self.cells += 1
        if not (self.left <= column <= self.right and self.top <= row <= self.bottom):
            self.left, self.right = min(self.left, column), max(self.right, column)
            self.top, self.bottom = min(self.top, row), max(self.bottom, row)
            self.check()
        elif self.cells > CELLS:
            self.check()

    def check(self) -> None:
        """Raises Refused where there are too many cells, or one lies far off."""
        if self.cells > CELLS:
            raise Refused(f"{self.name} has a sheet of more than {CELLS:,} cells. Save the sheet as CSV, or split it.")
        if self.right and (self.right - self.left + 1) * (self.bottom - self.top + 1) > BOX:
            raise Refused(
                f"{self.name} has a sheet whose cells lie as far apart as row {self.bottom:,} and column {self.right:,}. "
                "Delete what stands far from the table, or copy the rows into a new workbook."
            )


_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


def place(reference: str, name: str) -> tuple[int, int]:
    """`B7` -> (2, 7). Raises Refused where a sheet has no such cell."""
    found = _REFERENCE.fullmatch(reference)
    if found:
        column, row = column_number(found[1]), int(found[2])
        if column <= COLUMNS and row <= ROWS:
            return column, row
    raise damaged(name, f'it has a cell at "{reference[:20]}", where no sheet has one')


def place_row(number: str | None, following: int, name: str) -> int:
    if number is None:
        return following
    if number.isascii() and number.isdigit() and len(number) < 8 and 1 <= int(number) <= ROWS:
        return int(number)
    raise damaged(name, f'it has a row "{number[:20]}", which no sheet has')


@lru_cache(4_096)
def column_number(letters: str) -> int:
    """A -> 1, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def area(reference: str, name: str) -> int:
    """How many cells `A1:C3` covers."""
    first, _, last = reference.partition(":")
    if not (_REFERENCE.fullmatch(first) and _REFERENCE.fullmatch(last or first)):
        raise damaged(name, f'it has merged cells "{reference[:20]}", which no sheet has')
    (left, top), (right, bottom) = place(first, name), place(last or first, name)
    return (abs(right - left) + 1) * (abs(bottom - top) + 1)


def count_of(number: str | None, name: str, otherwise: str = "a count in it is not a number") -> int:
    """The count that an attribute says; 1 where it says none. Raises Refused saying `otherwise`."""
    if number is None:
        return 1
    if number.isascii() and number.isdigit() and len(number) < 8:
        return int(number)
    raise damaged(name, otherwise)


def _times(number: str | None, name: str) -> int:
    """How often a row or a cell of an .ods file stands there."""
    if number is None:
        return 1
    times = count_of(number, name)
    if not times:
        raise damaged(name, "a row or a cell in it stands there 0 times")
    return times


def merged(name: str) -> Refused:
    return Refused(
        f"{name} has merged cells over more than {MERGED_CELLS:,} cells or in more than {MERGES:,} places. Unmerge them, or copy the rows into a new workbook."
    )


def no_dtd(name: str) -> Refused:
    return Refused(
        f"{name} holds a document type declaration, which no workbook needs and which can do harm. It is not read. Save it again in Excel."
    )


def damaged(name: str, what: str) -> Refused:
    return Refused(f"{name} is damaged: {what}. Open it in Excel and save it again, or ask for it again.")
