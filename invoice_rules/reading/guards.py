"""The check of an untrusted workbook before any reader sees it (reliability 2.1): its zip, its small parts, its limits.

Only values are read and macros never run, so workbooks with macros are let in. What the sheets hold is checked by `sheets`.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from invoice_rules.errors import CannotRun

MEGABYTE = 1 << 20
PARTS = 2_000
PART_BYTES = 128 * MEGABYTE
TOTAL_BYTES = 256 * MEGABYTE
RATIO, RATIO_FROM = 250, MEGABYTE
DEPTH = 32
SHEETS = 256
STYLES = 65_490
MERGES, MERGED_CELLS = 10_000, 5_000_000
CELLS, BOX = 5_000_000, 5_000_000
ROWS, COLUMNS = 1_048_576, 16_384
_BLOCK = 1 << 20
_READ_OF_ODS = ("content.xml", "meta-inf/manifest.xml")
_CODECS = ("utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "iso-8859-1")


class Refused(CannotRun):
    """A workbook that is damaged or made to do harm."""


@dataclass
class Parts:
    """A zip that passed: its parts, and what the small ones say. `sheets` are the parts that hold cells."""

    name: str
    archive: zipfile.ZipFile
    kind: str
    sheets: list[zipfile.ZipInfo] = field(default_factory=list)
    size: int = 0
    from_1904: bool = False
    paths: dict[str, str] = field(default_factory=dict)
    formats: list[str] = field(default_factory=list)
    """The number format of each cell style: its code, or its number where it is one of Excel's own."""


def checked(data: bytes, name: str) -> Parts:
    """Check the zip and its small parts. Raises Refused naming what is wrong."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, UnicodeDecodeError, MemoryError) as error:
        raise _damaged(name, "its list of parts cannot be read") from error
    _listing(infos, len(data), name)
    names = {info.filename.lower() for info in infos}
    parts = Parts(name, archive, _kind(archive, names, name), size=sum(info.file_size for info in infos))
    first = sorted(infos, key=lambda info: info.filename.lower() != "meta-inf/manifest.xml")
    scans = {info.filename.lower(): _part(parts, info) for info in first}
    if parts.kind == "xlsx":
        _about_sheets(parts, scans)
    return parts


def _about_sheets(parts: Parts, scans: "dict[str, Scan | None]") -> None:
    """Where each sheet lies, from when its dates count, and how its numbers are shown."""
    book, links, styles = (scans.get(f"xl/{part}") for part in ("workbook.xml", "_rels/workbook.xml.rels", "styles.xml"))
    parts.from_1904 = bool(book and book.from_1904)
    if book and links:
        for sheet, link in book.named:
            target = links.targets.get(link, "").lower()
            parts.paths[sheet] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    if styles:
        parts.formats = [styles.codes.get(number, str(number)) for number in styles.formats]


def _listing(infos: list[zipfile.ZipInfo], size: int, name: str) -> None:
    names = [info.filename.lower() for info in infos]
    if not infos:
        raise _damaged(name, "there is nothing in it")
    if len(infos) > PARTS:
        raise Refused(f"{name} consists of {len(infos):,} parts; up to {PARTS:,} are read. Copy the rows into a new workbook.")
    if len(set(names)) != len(names):
        raise _damaged(name, "two of its parts have the same name, so it is not clear which one counts")
    if sum(info.file_size for info in infos) > TOTAL_BYTES:
        raise _large(name)
    if sum(info.compress_size for info in infos) > size:
        raise _damaged(name, "its parts overlap")
    for info in infos:
        _entry(info, name)


def _entry(info: zipfile.ZipInfo, name: str) -> None:
    path = info.filename.replace("\\", "/")
    if info.flag_bits & 1:
        raise Refused(f"{name} is protected by a password. Open it, save it without one, then try again.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _damaged(name, "a part is packed in a way that Excel does not use")
    if path.startswith("/") or ".." in path.split("/") or ":" in path:
        raise _damaged(name, "a part has a name that leads out of it")
    if info.file_size > PART_BYTES:
        raise _large(name)
    if info.file_size > RATIO_FROM and info.file_size > RATIO * max(1, info.compress_size):
        raise Refused(f"{name} would unfold to {info.file_size / max(1, info.compress_size):,.0f} times its size, as files made to do harm do. It is not read.")


def _kind(archive: zipfile.ZipFile, names: set[str], name: str) -> str:
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names:
        return "ods"
    if "xl/workbook.xml" in names or "[content_types].xml" in names and any(part.endswith("workbook.xml") for part in names):
        return "xlsx"
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise Refused(f"{name} is a document or a presentation, not a workbook. Choose the workbook.")
    raise Refused(f"{name} is a zip archive without a workbook in it. Unpack it, then choose the file that holds the rows.")


def _part(parts: Parts, info: zipfile.ZipInfo) -> "Scan | None":
    """Set the sheets aside for `sheets`; check every other XML part here."""
    path = info.filename.lower()
    if not path.endswith((".xml", ".rels")) or not info.file_size or parts.kind == "ods" and path not in _READ_OF_ODS:
        return None
    if parts.kind == "xlsx" and path.endswith(".xml") and (path.startswith("xl/worksheets/") or info.file_size > 4 * MEGABYTE):
        parts.sheets.append(info)
        return None
    scan = Scan(parts.name)
    scan.run(blocks(parts, info))
    return scan


def blocks(parts: Parts, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked bytes of a part, never more than the zip says. Raises Refused where it is damaged."""
    try:
        with parts.archive.open(info) as handle:
            while block := handle.read(_BLOCK):
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _damaged(parts.name, f'its part "{info.filename[:60]}" cannot be unpacked') from error


class Scan:
    """A streaming pass over one XML part with everything counted that a reader would have to hold."""

    def __init__(self, name: str):
        self.name = name
        self.depth = self.sheets = self.styles = self.merges = self.merged = 0
        self.from_1904 = False
        self.box = Box(name)
        self.named: list[tuple[str, str]] = []
        self.targets: dict[str, str] = {}
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self._row = self._column = 0
        self._repeated = 1
        self._in_formats = False

    def run(self, chunks: Iterator[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._no_dtd
        try:
            for chunk in chunks:
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise _damaged(self.name, "one of its parts is not well-formed XML") from error

    _text = None

    def _no_dtd(self, *_) -> None:
        raise no_dtd(self.name)

    def _declared(self, _version, encoding: str | None, _standalone) -> None:
        if encoding and encoding.lower() not in _CODECS:
            raise _damaged(self.name, f'one of its parts is in the encoding "{encoding[:30]}", which workbooks do not use')

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise _damaged(self.name, "its parts are nested too deep")
        handler = getattr(self, f"_in_{tag.rpartition(':')[2].replace('-', '_')}", None)
        if handler:
            handler(attributes)

    def _end(self, _tag: str) -> None:
        self.depth -= 1

    def _in_row(self, attributes: dict[str, str]) -> None:
        self._row, self._column = place_row(attributes.get("r"), self._row + 1, self.name), 0

    def _in_c(self, attributes: dict[str, str]) -> None:
        where = attributes.get("r")
        self._column, self._row = place(where, self.name) if where else (self._column + 1, max(self._row, 1))
        self.box.add(self._column, self._row)

    def _in_sheet(self, attributes: dict[str, str]) -> None:
        self.sheets += 1
        self.named.append((attributes.get("name", ""), next((its for key, its in attributes.items() if key.endswith(":id")), "")))
        if self.sheets > SHEETS:
            raise Refused(f"{self.name} has more than {SHEETS} sheets. Copy the sheet with the rows into a new workbook.")

    def _in_Relationship(self, attributes: dict[str, str]) -> None:
        self.targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def _in_numFmt(self, attributes: dict[str, str]) -> None:
        self.codes[_count(attributes.get("numFmtId"), self.name)] = attributes.get("formatCode", "")

    def _in_cellXfs(self, _attributes: dict[str, str]) -> None:
        self._in_formats = True

    def _in_cellStyles(self, _attributes: dict[str, str]) -> None:
        self._in_formats = False

    def _in_encryption_data(self, _attributes: dict[str, str]) -> None:
        raise Refused(f"{self.name} is protected by a password. Open it, save it without one, then try again.")

    def _in_xf(self, attributes: dict[str, str]) -> None:
        self.styles += 1
        if self._in_formats:
            self.formats.append(_count(attributes.get("numFmtId", "0"), self.name))
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
        self._repeated = _count(attributes.get("table:number-rows-repeated"), self.name)
        self._row, self._column = self._row + self._repeated, 0

    def _in_table_cell(self, attributes: dict[str, str]) -> None:
        """A cell of an .ods file; one with content may stand for many."""
        repeated = _count(attributes.get("table:number-columns-repeated"), self.name)
        self._column += repeated
        if "office:value-type" in attributes:
            self.box.cells += repeated * self._repeated - 1
            self.box.add(self._column, self._row)


class Box:
    """The cells of a sheet, and the box around them that a reader holds in memory."""

    def __init__(self, name: str):
        self.name, self.cells = name, 0
        self.left = self.top = 1 << 30
        self.right = self.bottom = 0

    def add(self, column: int, row: int) -> None:
        self.cells += 1
        self.left, self.right = min(self.left, column), max(self.right, column)
        self.top, self.bottom = min(self.top, row), max(self.bottom, row)
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
    raise _damaged(name, f'it has a cell at "{reference[:20]}", where no sheet has one')


def place_row(number: str | None, following: int, name: str) -> int:
    if number is None:
        return following
    if number.isascii() and number.isdigit() and len(number) < 8 and 1 <= int(number) <= ROWS:
        return int(number)
    raise _damaged(name, f'it has a row "{number[:20]}", which no sheet has')


def column_number(letters: str) -> int:
    """A -> 1, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def area(reference: str, name: str) -> int:
    """How many cells `A1:C3` covers."""
    first, _, last = reference.partition(":")
    (left, top), (right, bottom) = place(first, name), place(last or first, name)
    return (abs(right - left) + 1) * (abs(bottom - top) + 1)


def _count(number: str | None, name: str) -> int:
    if number is None:
        return 1
    if number.isascii() and number.isdigit() and len(number) < 8:
        return int(number)
    raise _damaged(name, "a count in it is not a number")


def merged(name: str) -> Refused:
    return Refused(f"{name} has merged cells over more than {MERGED_CELLS:,} cells or in more than {MERGES:,} places. Unmerge them, or copy the rows into a new workbook.")


def no_dtd(name: str) -> Refused:
    return Refused(f"{name} holds a document type declaration, which no workbook needs and which can do harm. It is not read. Save it again in Excel.")


def _damaged(name: str, what: str) -> Refused:
    return Refused(f"{name} is damaged: {what}. Open it in Excel and save it again, or ask for it again.")


def _large(name: str) -> Refused:
    return Refused(f"{name} unfolds to more than {PART_BYTES // MEGABYTE} MB. Save the sheet with the rows as CSV, which may be larger.")


damaged = _damaged
