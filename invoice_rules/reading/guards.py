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
from invoice_rules.reading.scan import ELEMENTS, Refused, Scan, Unasked, damaged

MEGABYTE = 1 << 20
PARTS = 2_000
PART_BYTES = 128 * MEGABYTE
TOTAL_BYTES = 256 * MEGABYTE
RATIO, RATIO_FROM = 250, MEGABYTE
_BLOCK = 1 << 20
_ROOT, _BOOK = "_rels/.rels", "xl/workbook.xml"
_LARGE = 4 * MEGABYTE
_PROPERTIES = "docprops/custom.xml"


@dataclass
class Parts:
    """A zip that passed: its parts, and what the small ones say.

    `sheets` are the parts that the reader takes for sheets, `others` large ones that hold no cells: both are still to be checked.
    `paths`: name of a sheet -> where it lies, in lower case.
    """

    name: str
    archive: zipfile.ZipFile
    kind: str
    listed: dict[str, zipfile.ZipInfo]
    sheets: list[zipfile.ZipInfo] = field(default_factory=list)
    others: list[zipfile.ZipInfo] = field(default_factory=list)
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
    listed = {path_of(info): info for info in infos}
    parts = Parts(name, archive, _kind(set(listed), name), listed, size=sum(info.file_size for info in infos))
    _said(parts, _PROPERTIES)  # they are read whole, before anything else
    if parts.kind == "ods":
        _open_document(parts)
    else:
        _rest(parts, {_PROPERTIES, *(_spreadsheet(parts) if parts.kind == "xlsx" else ())})
    return parts


def path_of(info: zipfile.ZipInfo) -> str:
    """Where a part lies, as the reader of workbooks looks for it."""
    return info.filename.lower().replace("\\", "/")


def _open_document(parts: Parts) -> None:
    _said(parts, "meta-inf/manifest.xml")
    content = parts.listed["content.xml"]
    scan = OpenDocument(parts.name, 4 * ELEMENTS + content.compress_size)
    scan.run(blocks(parts, content))
    parts.facts, parts.formats = scan.facts, scan.shown


def _spreadsheet(parts: Parts) -> set[str]:
    """Where each sheet lies, from when its dates count, and how its numbers are shown; the parts that were looked at."""
    root = _said(parts, _ROOT)
    place = next(iter({_target("", target) for kind, target in root.linked if kind == "officedocument"}), _BOOK) if root else _BOOK
    folder, _, own = place.rpartition("/")
    styles_at, links_at = f"{folder}/styles.xml".lstrip("/"), f"{folder}/_rels/{own}.rels".lstrip("/")
    book, links, styles = (_said(parts, path) for path in (place, links_at, styles_at))
    if root and len({_target("", target) for kind, target in root.linked if kind == "officedocument"}) > 1:
        raise unusual(parts.name, "it says of two parts that they are the workbook")
    if book and links:
        _in_place(parts, links, folder)
        for sheet, link in book.named:
            path = _target(folder, links.targets.get(link, ""))
            if parts.paths.setdefault(sheet, path) != path:
                raise damaged(parts.name, "two of its sheets have the same name")
    parts.from_1904 = bool(book and book.from_1904)
    parts.sheets = [parts.listed[path] for path in dict.fromkeys(parts.paths.values()) if path in parts.listed and parts.listed[path].file_size]
    if styles:
        parts.formats = [styles.codes.get(number, str(number)) for number in styles.formats]
    return {_ROOT, place, links_at, styles_at, *parts.paths.values()}


def _in_place(parts: Parts, links: Scan, folder: str) -> None:
    """The reader takes styles and texts by the names that they always have."""
    for kind, target in links.linked:
        if kind in ("styles", "sharedstrings") and _target(folder, target) != f"{folder}/{kind}.xml".lstrip("/"):
            raise unusual(parts.name, "its styles or its texts lie where they are not looked for")


def _target(folder: str, target: str) -> str:
    """Where a link of a part in this folder leads, as the reader of workbooks takes it."""
    return (target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")).lower()


def _rest(parts: Parts, done: set[str]) -> None:
    """All other XML parts: nothing is asked of them, but none may do harm."""
    for path, info in parts.listed.items():
        if path not in done and path.endswith((".xml", ".rels")) and info.file_size:
            if info.file_size > _LARGE:
                parts.others.append(info)
            else:
                Unasked(parts.name).run(blocks(parts, info))


def _said(parts: Parts, path: str) -> "Scan | None":
    """What a small part says; None where there is none."""
    info = parts.listed.get(path)
    if info is None or not info.file_size:
        return None
    scan = Scan(parts.name)
    scan.run(blocks(parts, info))
    return scan


def _listing(infos: list[zipfile.ZipInfo], size: int, name: str) -> None:
    names = [path_of(info) for info in infos]
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


def _kind(names: set[str], name: str) -> str:
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names:
        return "ods"
    if "xl/workbook.xml" in names or "[content_types].xml" in names and any(part.endswith("workbook.xml") for part in names):
        return "xlsx"
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise Refused(f"{name} is a document or a presentation, not a workbook. Choose the workbook.")
    raise Refused(f"{name} is a zip archive without a workbook in it. Unpack it, then choose the file that holds the rows.")


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


def unusual(name: str, what: str) -> Refused:
    return Refused(f"{name} is put together in a way that Excel does not use: {what}. Open it in Excel, save it anew, then try again.")
