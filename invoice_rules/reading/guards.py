"""The check of an untrusted workbook before any reader sees it: its zip, its small parts, its limits.

Only values are read and macros never run, so workbooks with macros are let in. What the sheets hold is checked by `sheets`.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from invoice_rules.reading.facts import SheetFacts
from invoice_rules.reading.opendocument import OpenDocument
from invoice_rules.reading.scan import Refused, Scan, damaged

MEGABYTE = 1 << 20
PARTS = 2_000
PART_BYTES = 128 * MEGABYTE
TOTAL_BYTES = 256 * MEGABYTE
RATIO, RATIO_FROM = 250, MEGABYTE
_BLOCK = 1 << 20
_READ_OF_ODS = ("content.xml", "meta-inf/manifest.xml")


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
    facts: dict[str, SheetFacts] = field(default_factory=dict)
    """What the sheets of an .ods file hold besides; those of an .xlsx file are asked when it is read."""


def checked(data: bytes, name: str) -> Parts:
    """Check the zip and its small parts. Raises Refused naming what is wrong."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, UnicodeDecodeError, MemoryError) as error:
        raise damaged(name, "its list of parts cannot be read") from error
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
        raise damaged(name, "there is nothing in it")
    if len(infos) > PARTS:
        raise Refused(f"{name} consists of {len(infos):,} parts; up to {PARTS:,} are read. Copy the rows into a new workbook.")
    if len(set(names)) != len(names):
        raise damaged(name, "two of its parts have the same name, so it is not clear which one counts")
    if sum(info.file_size for info in infos) > TOTAL_BYTES:
        raise _large(name)
    if sum(info.compress_size for info in infos) > size:
        raise damaged(name, "its parts overlap")
    for info in infos:
        _entry(info, name)


def _entry(info: zipfile.ZipInfo, name: str) -> None:
    path = info.filename.replace("\\", "/")
    if info.flag_bits & 1:
        raise Refused(f"{name} is protected by a password. Open it, save it without one, then try again.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise damaged(name, "a part is packed in a way that Excel does not use")
    if path.startswith("/") or ".." in path.split("/") or ":" in path:
        raise damaged(name, "a part has a name that leads out of it")
    if info.file_size > PART_BYTES:
        raise _large(name)
    if info.file_size > RATIO_FROM and info.file_size > RATIO * max(1, info.compress_size):
        raise Refused(
            f"{name} would unfold to {info.file_size / max(1, info.compress_size):,.0f} times its size, as files made to do harm do. It is not read."
        )


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
    scan = OpenDocument(parts.name) if path == "content.xml" else Scan(parts.name)
    scan.run(blocks(parts, info))
    if isinstance(scan, OpenDocument):
        parts.facts, parts.formats = scan.facts, scan.shown
    return scan


def blocks(parts: Parts, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked bytes of a part, never more than the zip says. Raises Refused where it is damaged."""
    try:
        with parts.archive.open(info) as handle:
            while block := handle.read(_BLOCK):
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise damaged(parts.name, f'its part "{info.filename[:60]}" cannot be unpacked') from error


def _large(name: str) -> Refused:
    return Refused(f"{name} unfolds to more than {PART_BYTES // MEGABYTE} MB. Save the sheet with the rows as CSV, which may be larger.")
