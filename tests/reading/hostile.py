"""Files made to do harm, by name: workbooks, delimited text and JSON. `python -m tests.reading.hostile FOLDER [big]` writes them.

Every maker takes a scale: 1 gives files that are made and refused in an instant, and are the same attack as the large ones.
"""

import io
import json
import random
import re
import struct
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.reading.files import SHEET, patched, written

ROWS = [["Invoice", "Customer", "Amount"], ["INV-1", "Acme", 5], ["INV-2", "Bo", 6.5], ["INV-3", "Cy", 7]]
BOOK, STYLES, STRINGS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
LINKS, TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
Maker = Callable[[int], bytes]
MAKERS: dict[str, Maker] = {}


def corpus(big: bool = False) -> Iterator[tuple[str, bytes]]:
    """(name of the file, its bytes)."""
    for name, maker in MAKERS.items():
        yield name, maker(20 if big else 1)


@cache
def good() -> bytes:
    return written(lambda book, sheet: [sheet.write_row(at, 0, row) for at, row in enumerate(ROWS)])


# ---- workbooks: cells


def cells(xml: bytes) -> bytes:
    """The good workbook with other rows in its sheet."""
    return patched(good(), lambda old: old[: old.index(b"<sheetData>") + 11] + xml + old[old.index(b"</sheetData>") :])


def sheet(change: Callable[[bytes], bytes]) -> bytes:
    return patched(good(), change)


def one(cell: bytes) -> bytes:
    return cells(b'<row r="1"><c r="A1" t="inlineStr"><is><t>Invoice</t></is></c></row><row r="2">' + cell + b"</row>")


SHEETS = {
    "one cell in the last corner": lambda n: cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "two cells in opposite corners": lambda n: cells(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "row 2,000,000,000": lambda n: cells(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'),
    "row 2,000,000,000 without a cell reference": lambda n: cells(b'<row r="1"><c><v>1</v></c></row><row r="2000000000"><c><v>1</v></c></row>'),
    "row 0": lambda n: cells(b'<row r="0"><c r="A0"><v>1</v></c></row>'),
    "row -1": lambda n: cells(b'<row r="-1"><c r="A-1"><v>1</v></c></row>'),
    "row 4294967297": lambda n: cells(b'<row r="4294967297"><c r="A4294967297"><v>1</v></c></row>'),
    "column ZZZZZZZZZZZZZZ": lambda n: cells(b'<row r="1"><c r="ZZZZZZZZZZZZZZ1"><v>1</v></c></row>'),
    "reference of 60,000 letters": lambda n: cells(b'<row r="1"><c r="' + b"A" * 60_000 + b'1"><v>1</v></c></row>'),
    "huge dimension": lambda n: sheet(lambda xml: re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1:XFD1048576"/>', xml)),
    "lying small dimension": lambda n: sheet(lambda xml: re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1"/>', xml)),
    "dimension of nonsense": lambda n: sheet(lambda xml: re.sub(rb"<dimension[^>]*>", b'<dimension ref="XFD1048577:A-1:B"/>', xml)),
    "sparse, 1,048,576 rows": lambda n: cells(b"".join(b'<row r="%d"/>' % at for at in range(1, 1_048_577, 1 if n > 1 else 9)) + b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
    "sparse, a cell in each 100th row": lambda n: cells(b"".join(b'<row r="%d"><c r="B%d"><v>1</v></c></row>' % (at, at) for at in range(1, 1_048_577, 100))),
    "wide and sparse": lambda n: cells(b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c><c r="XFD%d"><v>1</v></c></row>' % (at, at, at) for at in range(1, 301 * n))),
    "shared text -1": lambda n: one(b'<c r="A2" t="s"><v>-1</v></c>'),
    "shared text 4,000,000,000": lambda n: one(b'<c r="A2" t="s"><v>4000000000</v></c>'),
    "shared text 10^30": lambda n: one(b'<c r="A2" t="s"><v>1000000000000000000000000000000</v></c>'),
    "shared text 1.5": lambda n: one(b'<c r="A2" t="s"><v>1.5</v></c>'),
    "number 1e400": lambda n: one(b'<c r="A2"><v>1e400</v></c>'),
    "number nan": lambda n: one(b'<c r="A2"><v>nan</v></c>'),
    "number of 1,000,000 digits": lambda n: one(b'<c r="A2"><v>' + b"9" * 1_000_000 * n + b"</v></c>"),
    "date beyond all years": lambda n: one(b'<c r="A2" s="1" t="d"><v>999999-99-99T99:99:99</v></c>'),
    "text of 40 MB": lambda n: one(b'<c r="A2" t="inlineStr"><is><t>' + noise(2_000_000 * n).replace(b"<", b"x").replace(b"&", b"x") + b"</t></is></c>"),
    "attribute of 50 MB": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b'<sheetData a="' + letters(2_500_000 * n) + b'">')),
    "tag name of 5 MB": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<" + letters(2_500_000 * n) + b"/><sheetData>")),
    "1,000,000 attributes": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<x " + b" ".join(b'a%d=""' % at for at in range(50_000 * n)) + b"/><sheetData>")),
    "comment of 20 MB": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<!--" + letters(1_000_000 * n) + b"--><sheetData>")),
    "CDATA of 20 MB": lambda n: one(b'<c r="A2" t="inlineStr"><is><t><![CDATA[' + letters(1_000_000 * n) + b"]]></t></is></c>"),
    "deep sheet": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<a>" * 50_000 * n + b"</a>" * 50_000 * n + b"<sheetData>")),
    "deep cell": lambda n: one(b'<c r="A2" t="inlineStr"><is>' + b"<r>" * 20_000 * n + b"<t>x</t>" + b"</r>" * 20_000 * n + b"</is></c>"),
    "merged A1:XFD1048576": lambda n: sheet(lambda xml: xml.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    "merged 100,000 times": lambda n: sheet(
        lambda xml: xml.replace(b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:C3"/>' * 50_000 * n + b"</mergeCells>")
    ),
    "hyperlink over all": lambda n: sheet(lambda xml: xml.replace(b"</sheetData>", b'</sheetData><hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>')),
    "conditional format over all": lambda n: sheet(
        lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + b'<conditionalFormatting sqref="A1:XFD1048576"><cfRule type="expression"/></conditionalFormatting>' * 5_000)
    ),
    "formula shared by all": lambda n: one(b'<c r="A2"><f t="shared" ref="A1:XFD1048576" si="0">A1+1</f><v>1</v></c><c r="B2"><f t="shared" si="99999999"/><v>1</v></c>'),
    "formula to the net": lambda n: one(b'<c r="A2"><f>WEBSERVICE("http://127.0.0.1:9/x")</f><v>1</v></c>'),
    "two sheetDatas": lambda n: sheet(lambda xml: xml.replace(b"</sheetData>", b'</sheetData><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')),
    "no sheetData": lambda n: sheet(lambda xml: re.sub(rb"<sheetData>.*</sheetData>", b"", xml, flags=re.S)),
    "sheet cut off": lambda n: sheet(lambda xml: xml[:-60]),
    "sheet of nothing": lambda n: sheet(lambda xml: b""),
    "sheet of NULs": lambda n: sheet(lambda xml: b"\0" * 100_000),
    "sheet of noise": lambda n: sheet(lambda xml: noise(100_000)),
    "sheet in UTF-16": lambda n: sheet(lambda xml: '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16") + xml.decode().partition("?>")[2].encode("utf-16-le")),
    "far cell in UTF-16": lambda n: patched(
        cells(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD1048576"><v>1</v></c></row>'), lambda xml: b"\xff\xfe" + xml.decode().encode("utf-16-le")
    ),
    "far cell, quoted otherwise": lambda n: cells(b"<row r='1'><c r='A1'><v>1</v></c></row><row\tr = '1048576' ><c\n r = 'XFD1048576'\n><v>1</v></c></row>"),
    "far cell by an entity": lambda n: cells(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="&#88;&#70;&#68;1048576"><v>1</v></c></row>'),
    "far cell, reference after others": lambda n: cells(b'<row r="1"><c r="A1"><v>1</v></c></row><row spans="1:1" r="1048576"><c s="0" t="n" r="XFD1048576"><v>1</v></c></row>'),
    "far cell in a comment's end": lambda n: cells(b'<row r="1"><c r="A1"><v>1</v></c></row><!-- > --><row r="9"><c a=">" r="XFD1048576"><v>1</v></c></row>'),
    "20,000 cells without reference in a row": lambda n: cells(b'<row r="1">' + b"<c><v>1</v></c>" * 20_000 + b"</row>"),
    "1,100,000 rows without number": lambda n: cells(b"<row><c><v>1</v></c></row>" * (1_100_000 if n > 1 else 300_000)),
    "repeated row numbers": lambda n: cells(b'<row r="5"><c r="A5"><v>1</v></c></row>' * 20_000 * n),
    "rows backwards": lambda n: cells(b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (at, at) for at in range(20_000, 0, -1))),
    "error cell among 1,000,000 that say they are": lambda n: one(b"<c r='A2' t='e' x='" + b' t="e"' * 50_000 * n + b"'><v>#ERROR!</v></c>"),
    "lone surrogate": lambda n: one(b'<c r="A2" t="inlineStr"><is><t>&#xD800;</t></is></c>'),
    "NUL by an entity": lambda n: one(b'<c r="A2" t="inlineStr"><is><t>a&#0;b</t></is></c>'),
    "escaped surrogate": lambda n: one(b'<c r="A2" t="inlineStr"><is><t>_xD800__x0000_</t></is></c>'),
    "unknown entity": lambda n: one(b'<c r="A2" t="inlineStr"><is><t>&a;</t></is></c>'),
}


def _enter(parts: dict[str, Maker], suffix: str) -> None:
    for name, maker in parts.items():
        MAKERS[f"{name}{suffix}"] = maker


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


def letters(size: int) -> bytes:
    """Letters that do not pack well, so that no ratio gives them away."""
    return noise(size // 2 + 1).hex().encode()[:size].translate(bytes.maketrans(b"0123456789", b"ghijklmnop"))


_enter(SHEETS, ".xlsx")


# ---- workbooks: other parts


def dtd(part: str, doctype: bytes) -> bytes:
    """A document type declaration before the root of one part."""

    def put(xml: bytes) -> bytes:
        head, mark, rest = xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
        return head + mark + doctype + rest

    return patched(good(), put, part)


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 100 + b'">' + b"".join(b'<!ENTITY a%d "%s">' % (at, (b"&a%d;" % (at - 1) if at else b"&a;") * 10) for at in range(9)) + b"]>"
FOREIGN = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY %% b SYSTEM "http://127.0.0.1:9/x.dtd"> %%b;]>'.replace(b"%%", b"%")

_enter(
    {
        "billion laughs in the sheet": lambda n: dtd(SHEET, LAUGHS),
        "billion laughs in the styles": lambda n: dtd(STYLES, LAUGHS),
        "billion laughs in the texts": lambda n: dtd(STRINGS, LAUGHS),
        "foreign entity in the sheet": lambda n: dtd(SHEET, FOREIGN),
        "foreign entity in the book": lambda n: dtd(BOOK, FOREIGN),
        "foreign entity in the types": lambda n: dtd(TYPES, FOREIGN),
        "foreign entity in the properties": lambda n: dtd("docProps/core.xml", FOREIGN),
        "encoding klingon": lambda n: patched(good(), lambda xml: b'<?xml version="1.0" encoding="klingon"?>' + xml[xml.find(b"?>") + 2 if xml[:5] == b"<?xml" else 0 :], BOOK),
        "encoding utf-7": lambda n: sheet(lambda xml: b'<?xml version="1.0" encoding="utf-7"?>' + xml),
        "encoding of 1 MB": lambda n: sheet(lambda xml: b'<?xml version="1.0" encoding="' + b"u" * 1_000_000 + b'"?>' + xml),
        "50,000 sheets": lambda n: patched(
            good(), lambda xml: xml.replace(b"<sheets>", b"<sheets>" + b"".join(b'<sheet name="s%d" sheetId="%d"/>' % (at, at + 9) for at in range(50_000))), BOOK
        ),
        "200 sheets of one part": lambda n: patched(
            good(), lambda xml: xml.replace(b"<sheets>", b"<sheets>" + b"".join(b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (at, at + 9) for at in range(200))), BOOK
        ),
        "sheet of another part": lambda n: patched(good(), lambda xml: xml.replace(b"worksheets/sheet1.xml", b"styles.xml"), LINKS),
        "sheet outside": lambda n: patched(good(), lambda xml: xml.replace(b"worksheets/sheet1.xml", b"../../../../etc/hostname"), LINKS),
        "sheet on the net": lambda n: patched(good(), lambda xml: xml.replace(b'Target="worksheets/sheet1.xml"', b'Target="http://127.0.0.1:9/x" TargetMode="External"'), LINKS),
        "sheet name of 1 MB": lambda n: patched(good(), lambda xml: xml.replace(b'name="Data"', b'name="' + letters(1_000_000) + b'"'), BOOK),
        "sheet name that speaks to the terminal": lambda n: patched(good(), lambda xml: xml.replace(b'name="Data"', 'name="&#x9b;31m\u202e../x"'.encode()), BOOK),
        "4 M styles": lambda n: patched(good(), lambda xml: xml.replace(b"<cellXfs", b"<x>" + b"<xf/>" * 200_000 * n + b"</x><cellXfs"), STYLES),
        "many cell styles": lambda n: patched(good(), lambda xml: re.sub(rb"<cellXfs[^>]*>", rb"\g<0>" + b'<xf numFmtId="9"/>' * 70_000 * n, xml), STYLES),
        "number format of 5 MB": lambda n: patched(
            good(), lambda xml: xml.replace(b"<cellXfs", b'<numFmts><numFmt numFmtId="164" formatCode="' + b"0#" * 2_500_000 + b'"/></numFmts><cellXfs'), STYLES
        ),
        "2,000,000 shared texts": lambda n: patched(good(), lambda xml: xml.replace(b"</sst>", b"<si><t>x</t></si>" * 100_000 * n + b"</sst>"), STRINGS),
        "shared texts that say 4 G": lambda n: patched(good(), lambda xml: re.sub(rb'uniqueCount="\d+"', b'count="4294967295" uniqueCount="4294967295"', xml), STRINGS),
        "shared text of 64 MB": lambda n: patched(good(), lambda xml: xml.replace(b"</sst>", b"<si><t>" + letters(3_000_000 * n) + b"</t></si></sst>"), STRINGS),
        "no content types": lambda n: patched(good(), lambda xml: b"", TYPES),
        "no book": lambda n: without(BOOK),
        "no sheet": lambda n: without(SHEET),
        "no links": lambda n: without(LINKS),
        "no texts": lambda n: without(STRINGS),
        "no styles": lambda n: without(STYLES),
    },
    ".xlsx",
)


def without(part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
    return out.getvalue()


# ---- workbooks: the zip


def zeros(size: int, chunk: bytes = b" " * (1 << 20)) -> bytes:
    """So many blanks, deflated a megabyte at a time."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join([*(pack.compress(chunk) for _ in range(size >> 20)), pack.flush()])


def with_raw(name: str, packed: bytes, size: int, crc: int = 0, method: int = 8, flags: int = 0, base: bytes = b"") -> bytes:
    """The good workbook with one more part (or the part in its place), its headers written by hand."""
    base = base or without(name)
    entries, start, count = central(base)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 33, crc, len(packed), size, len(name.encode()), 0) + name.encode() + packed
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, flags, method, 0, 33, crc, len(packed), size, len(name.encode()), 0, 0, 0, 0, 0, start) + name.encode()
    return base[:start] + local + entries + entry + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(entries) + len(entry), start + len(local), 0)


def central(data: bytes) -> tuple[bytes, int, int]:
    """(the list of parts, where it starts, how many there are)."""
    end = data.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack("<H2L", data[end + 10 : end + 20])
    return data[start : start + size], start, count


def spoken(field: int, value: bytes, both: bool = False) -> bytes:
    """The good workbook whose list of parts says something else of every part; `field` is the offset in an entry."""
    data = bytearray(good())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + field : at + field + len(value)] = value
        at += 4
    at = 0
    while both and (at := data.find(b"PK\x03\x04", at)) >= 0:
        data[at + field - 2 : at + field - 2 + len(value)] = value
        at += 4
    return bytes(data)


def renamed(part: str) -> bytes:
    return patched(good(), lambda xml: xml, more={part: b"<a/>"})


def doubled(name: str, content: bytes) -> bytes:
    out = io.BytesIO(good())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with zipfile.ZipFile(out, "a") as made:
            made.writestr(name, content)
    return out.getvalue()


def nested(deep: int) -> bytes:
    data = good()
    for at in range(deep):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(f"{at}.xlsx", data)
        data = out.getvalue()
    return data


def overlapping(count: int) -> bytes:
    """Many entries of the list that share the same bytes."""
    base = with_raw("xl/media/a.xml", zeros(8 << 20), 8 << 20)
    entries, start, number = central(base)
    last = entries.rindex(b"PK\x01\x02")
    more = b"".join(entries[last:].replace(b"xl/media/a.xml", b"xl/media/%05d" % at + b"a.xml"[:0]).replace(b"\x0e\0" + b"\0" * 4, b"\x0e\0" + b"\0" * 4) for at in range(count))
    listed = entries + more
    return base[:start] + listed + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number + count, number + count, len(listed), start, 0)


_enter(
    {
        "bomb in the sheet": lambda n: with_raw(SHEET, zeros((60 << 20) * n), (60 << 20) * n),
        "bomb in a part that nobody reads": lambda n: with_raw("xl/media/image1.png", zeros((60 << 20) * n), (60 << 20) * n),
        "bomb that says it is small": lambda n: with_raw(SHEET, zeros((60 << 20) * n), 900_000),
        "bomb in the texts that says it is small": lambda n: with_raw(STRINGS, zeros((60 << 20) * n), 900_000),
        "bomb of many parts": lambda n: patched(good(), lambda xml: xml, more={f"xl/media/{at}.xml": b" " * 900_000 for at in range(20 * n)}),
        "bomb of blanks between cells": lambda n: cells(b" " * 3_000_000 + noise(20_000).replace(b"<", b"") + b" " * 3_000_000),
        "4 GB by the headers": lambda n: spoken(24, b"\xff\xff\xff\xff"),
        "4 GB packed by the headers": lambda n: spoken(20, b"\xff\xff\xff\xff"),
        "4 GB by both headers": lambda n: spoken(24, b"\xfe\xff\xff\xff", both=True),
        "nothing by the headers": lambda n: spoken(24, b"\0\0\0\0"),
        "wrong sums": lambda n: spoken(16, b"abcd"),
        "encrypted flag": lambda n: spoken(8, b"\x01\x00"),
        "encrypted flag in both": lambda n: spoken(8, b"\x01\x00", both=True),
        "method 99": lambda n: spoken(10, b"\x63\x00"),
        "bzip2": lambda n: spoken(10, b"\x0c\x00"),
        "stored, it says": lambda n: spoken(10, b"\x00\x00"),
        "parts far away": lambda n: spoken(42, b"\xff\xff\xff\x7f"),
        "all parts at 0": lambda n: spoken(42, b"\0\0\0\0"),
        "comments of 64 K": lambda n: spoken(32, b"\xff\xff"),
        "names of 64 K": lambda n: spoken(28, b"\xff\xff"),
        "directory flag": lambda n: spoken(38, b"\x10\0\xff\xff"),
        "absolute name": lambda n: renamed("/etc/evil.xml"),
        "drive name": lambda n: renamed("C:/evil.xml"),
        "name with ..": lambda n: renamed("xl/../../evil.xml"),
        "name with backslashes": lambda n: renamed("xl\\..\\..\\evil.xml"),
        "name with NUL": lambda n: renamed("xl/aNULb.xml").replace(b"aNULb", b"aNU\0b"),
        "name of bad UTF-8": lambda n: renamed("xl/ü.xml").replace("ü".encode(), b"\xff\xfe"),
        "name of 60,000 letters": lambda n: renamed("xl/" + "a" * 60_000 + ".xml"),
        "name of control characters": lambda n: renamed("xl/\x1b[31m\u202e.xml"),
        "sheet twice": lambda n: doubled(SHEET, b"<worksheet/>"),
        "sheet twice in other letters": lambda n: doubled(SHEET.upper(), b"<worksheet/>"),
        "book twice": lambda n: doubled(BOOK, b"<workbook/>"),
        "60,000 parts": lambda n: patched(good(), lambda xml: xml, more={f"xl/media/{at}.png": b"" for at in range(3_000 * n)}),
        "overlapping parts": lambda n: overlapping(1_000),
        "zip in zip in zip": lambda n: nested(5),
        "text before the zip": lambda n: b"x" * 1_000 + good(),
        "text after the zip": lambda n: good() + b"x" * 70_000,
        "two zips": lambda n: good() + good(),
        "only the list": lambda n: good()[central(good())[1] :],
        "PK and nothing": lambda n: b"PK\x03\x04",
        "PK and noise": lambda n: b"PK\x03\x04" + noise(100_000),
        "end that points at itself": lambda n: good()[:-6] + struct.pack("<LH", len(good()) - 22, 0),
        "65,535 parts by its end": lambda n: good()[:-14] + b"\xff\xff\xff\xff" + good()[-10:],
        **{f"cut at {at} of 40": (lambda n, at=at: good()[: len(good()) * at // 40]) for at in range(1, 40)},
        **{f"{at} bytes short": (lambda n, at=at: good()[:-at]) for at in (1, 2, 5, 21, 22, 23, 40)},
    },
    ".xlsx",
)


def ods(content: bytes) -> bytes:
    """A spreadsheet of LibreOffice's with this between its table's tags."""
    out = io.BytesIO()
    space = b"urn:oasis:names:tc:opendocument:xmlns:"
    body = (
        b'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="' + space + b'office:1.0" xmlns:table="' + space + b'table:1.0" xmlns:text="'
        + space + b'text:1.0"><office:body><office:spreadsheet><table:table table:name="A">' + content + b"</table:table></office:spreadsheet></office:body></office:document-content>"
    )  # fmt: skip
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", b"<manifest/>")
        made.writestr("content.xml", body)
    return out.getvalue()


def repeated(rows: int, columns: int) -> bytes:
    cell = b'<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="%d"/>' % columns
    return ods(b'<table:table-row table:number-rows-repeated="%d">%s</table:table-row>' % (rows, cell))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_enter(
    {
        "1,048,576 x 16,384.ods": lambda n: repeated(1_048_576, 16_384),
        "1,048,576 x 1.ods": lambda n: repeated(1_048_576, 1),
        "1 x 16,384.ods": lambda n: repeated(1, 16_384),
        "-1 x -1.ods": lambda n: repeated(-1, -1),
        "2^64 x 1.ods": lambda n: repeated(2**64, 1),
        "nested tables.ods": lambda n: ods(b"<table:table-row><table:table-cell><table:table>" * 20_000),
        "nothing.ods": lambda n: ods(b""),
        "deep.ods": lambda n: ods(b"<table:table-row><table:table-cell>" + b"<text:p>" * 50_000),
        "only OLE.xls": lambda n: OLE + bytes(4_000),
        "OLE of noise.xls": lambda n: OLE + noise(50_000),
        "OLE whose sectors go round.xls": lambda n: OLE + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10) + struct.pack("<LLLLLLLL", 1, 0, 0, 4096, 0, 1, 0, 0) + bytes(436) + bytes(4_096),
        "OLE with sectors of 2^65535.xls": lambda n: OLE + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 65_535, 65_535) + bytes(4_000),
        "old BIFF.xls": lambda n: b"\x09\x08\x08\x00\x00\x05\x05\x00" + noise(20_000),
        "old BIFF, huge row.xls": lambda n: b"\x09\x08\x08\x00\x00\x05\x10\x00" + bytes(4) + b"\x03\x02\x0e\x00" + b"\xff\xff\xff\xff" + bytes(10) + b"\x0a\0\0\0",
        "far cell beside a binary book.xlsx": lambda n: patched(SHEETS["two cells in opposite corners"](n), lambda xml: xml, more={"xl/workbook.bin": b""}),
        "not a workbook.xlsb": lambda n: patched(good(), lambda xml: xml, more={"xl/workbook.bin": noise(5_000)}),
        "records of 2^32.xlsb": lambda n: patched(good(), lambda xml: xml, more={"xl/workbook.bin": b"\x83\x01\xff\xff\xff\xff\x7f" * 200}),
    },
    "",
)


# ---- delimited text

HEAD = b"invoiceId,customerName,amount\n"
LINE = b"INV-1,Acme,5.00\n"
TEN = b",".join(b"c%d" % at for at in range(10)) + b"\n"
_enter(
    {
        "NULs": lambda n: HEAD + b"\0\0,1,2\n" + LINE,
        "only NULs": lambda n: bytes(1_000_000),
        "100,000 columns": lambda n: b",".join(b"c%d" % at for at in range(100_000)) + b"\n" + b"," * 99_999 + b"\n",
        "100,000 columns below": lambda n: HEAD + LINE + b"," * 99_999 + b"x\n",
        "1,000,000 columns of nothing": lambda n: b"," * 1_000_000,
        "512 columns, many blank lines": lambda n: b",".join(b"c%d" % at for at in range(512)) + b"\n" + b"1\n" + b"\n" * 500_000 * n + b"2\n",
        "512 columns, many short lines": lambda n: b",".join(b"c%d" % at for at in range(512)) + b"\n" + b"1\n" * 50_000 * n,
        "500 columns of commas": lambda n: b",".join(b"c%d" % at for at in range(500)) + b"\n" + (b"," * 499 + b"\n") * 10_000 * n + b"1\n",
        "one line of 100 MB": lambda n: letters(5_000_000 * n),
        "one line of 100 MB under headings": lambda n: HEAD + letters(5_000_000 * n),
        "one cell of 100 MB in quotes": lambda n: HEAD + b'"' + letters(5_000_000 * n) + b'",1,2\n',
        "a heading of 100 MB": lambda n: letters(5_000_000 * n) + b",b\n1,2\n",
        "many long cells": lambda n: HEAD + (b"x" * 32_000 + b",a,b\n") * 100 * n,
        "mixed encodings": lambda n: HEAD + "INV-1,Bücher,5\n".encode() + "INV-2,Bücher,5\n".encode("utf-16-le") + b"INV-3,B\xfccher,5\n",
        "two byte order marks": lambda n: b"\xef\xbb\xbf\xef\xbb\xbf" + HEAD + LINE,
        "only a byte order mark": lambda n: b"\xef\xbb\xbf",
        "only a mark of UTF-16": lambda n: b"\xff\xfe",
        "only a mark of UTF-32": lambda n: b"\xff\xfe\0\0",
        "UTF-16 of odd length": lambda n: (HEAD + LINE).decode().encode("utf-16") + b"x",
        "UTF-16 of lone surrogates": lambda n: b"\xff\xfe" + b"\x00\xd8" * 1_000 + b",\0\n\0",
        "UTF-32": lambda n: (HEAD + LINE).decode().encode("utf-32"),
        "UTF-7": lambda n: HEAD + b"+ACs-1,+AD0-1,2\n",
        "bad UTF-8": lambda n: HEAD + b"\xc0\x80\xed\xa0\x80\xf5,\xff,\xfe\n",
        "bytes without letters in cp1252": lambda n: HEAD + b"\x81\x8d\x8f\x90\x9d,1,2\n",
        "a quote that never ends": lambda n: HEAD + LINE + b'INV-2,"Acme,5\n' + LINE * 20_000 * n,
        "a quote that never ends in the headings": lambda n: b'"' + HEAD + LINE * 20_000,
        "quotes in every cell": lambda n: HEAD + b'a"b,"c"d,e"\n' * 20_000 * n,
        "only quotes": lambda n: b'"' * 1_000_000,
        "only double quotes in cells": lambda n: HEAD + b'"' + b'""' * 500_000 + b'",1,2\n',
        "backslashes": lambda n: HEAD + b'"a\\",b,"\\\\\\"' * 20_000,
        "only CR": lambda n: (HEAD + LINE * 1_000).replace(b"\n", b"\r"),
        "CR CR LF": lambda n: (HEAD + LINE * 1_000).replace(b"\n", b"\r\r\n"),
        "LF CR": lambda n: (HEAD + LINE * 1_000).replace(b"\n", b"\n\r"),
        "line ends of Unicode": lambda n: (HEAD + LINE * 10).decode().replace("\n", "\u2028").encode(),
        "only delimiters": lambda n: b",;\t|" * 100_000,
        "only lines": lambda n: b"\n" * 1_000_000 * n,
        "only blanks": lambda n: b" " * 1_000_000 * n,
        "only headings": lambda n: HEAD,
        "a delimiter of NUL": lambda n: b"sep=\0\n" + HEAD + LINE,
        "a delimiter of quotes": lambda n: b'sep="\n' + HEAD + LINE,
        "a delimiter of nothing": lambda n: b"sep=\n" + HEAD + LINE,
        "a delimiter of a line": lambda n: b"sep=" + b"x" * 100_000 + b"\n" + HEAD + LINE,
        "delimiters by turns": lambda n: b"".join(b"a" + sign + b"b" + sign + b"c\n" for sign in (b",", b";", b"\t", b"|")) * 5_000,
        "all bytes": lambda n: bytes(range(256)) * 1_000,
        "all letters": lambda n: HEAD + "".join(map(chr, [*range(32, 0xD800), *range(0xE000, 0x30000)])).encode() + b"\n",
        "noise": lambda n: noise(1_000_000 * n),
        "noise without NUL": lambda n: noise(1_000_000 * n).replace(b"\0", b"x"),
        "the same heading 500 times": lambda n: b",".join([b"invoiceId"] * 500) + b"\n" + b",".join([b"1"] * 500) + b"\n",
        "200,000 total rows": lambda n: HEAD + b"Total,,5.00\n" * 10_000 * n,
        "200,000 notes": lambda n: HEAD + LINE + b"note\n" * 10_000 * n,
        "500,000 rows of empty quotes": lambda n: TEN + b'""\n' * 500_000 + TEN,
        "880,000 rows of quoted blanks": lambda n: TEN + b'"   "\n' * 44_000 * n + TEN,
        "700,000 rows of two cells under ten headings": lambda n: TEN + b"x,y\n" * 700_000 + TEN,
        "600,000 rows of one cell under ten headings": lambda n: TEN + b"x\n" * 30_000 * n + TEN,
        "200,000 rows too long": lambda n: HEAD + b"a,b,c,d,e\n" * 10_000 * n,
        "formulas": lambda n: HEAD + b"=cmd|' /C calc'!A0,@SUM(1),+1\n" * 1_000,
        "markup": lambda n: HEAD + b"<script>alert(1)</script>,\x1b[31m,\xe2\x80\xae\n",
        "escapes": lambda n: b"\x1b]0;x\x07,\x9b31m\n" + b"\x1b[2J,1\n" * 100,
    },
    ".csv",
)

NAMES = ("*.csv", "?.csv", "[a-z].csv", "**.csv", "{a,b}.csv", "http:__127.0.0.1:9_x.csv", "file:x.csv", "s3:x.csv", "~.csv", "$HOME.csv", "-o.csv", "a\nb.csv", "%s{0}.csv", "x.csv.gz", "x.zip", "x.parquet", "x.json", "x.xls", "x")
"""What a path of plain text may be called: no reader may take it for a pattern, an address or an order."""


# ---- JSON


def records(text: bytes) -> bytes:
    return b'[{"invoiceId": ' + text + b"}]"


_enter(
    {
        "100,000 brackets": lambda n: b"[" * 100_000,
        "100,000 lists": lambda n: b"[" * 100_000 + b"]" * 100_000,
        "100,000 objects": lambda n: b'[{"a":' * 50_000 + b"1" + b"}]" * 50_000,
        "brackets in a text": lambda n: records(b'"' + b"[" * 1_000_000 + b'"'),
        "an integer of 5,000 digits": lambda n: records(b"9" * 5_000),
        "an integer of 10,000,000 digits": lambda n: records(b"9" * 500_000 * n),
        "1e400": lambda n: records(b"1e400"),
        "1e-999999999": lambda n: records(b"1e-999999999"),
        "1e1000000000": lambda n: records(b'"x", "amount": 1e1000000000, "amountDue": -1E+999999999'),
        "NaN": lambda n: records(b"NaN"),
        "Infinity": lambda n: records(b"-Infinity"),
        "a name twice": lambda n: b'[{"a": 1, "a": 2}]',
        "a name 100,000 times": lambda n: b"[{" + b",".join([b'"a":1'] * 100_000) + b"}]",
        "100,000 names": lambda n: b"[{" + b",".join(b'"a%d":1' % at for at in range(100_000)) + b"}]",
        "100,000 names over records": lambda n: b"[" + b",".join(b'{"a%d":1}' % at for at in range(100_000)) + b"]",
        "a lone surrogate": lambda n: records(b'"\\ud800"'),
        "a lone surrogate as a name": lambda n: b'[{"\\udfff": 1}]',
        "a pair of surrogates": lambda n: records(b'"\\ud83d\\ude00"'),
        "bytes of a surrogate": lambda n: records(b'"\xed\xa0\x80"'),
        "NUL": lambda n: records(b'"a\\u0000b"'),
        "NUL as a name": lambda n: b'[{"\\u0000": 1}]',
        "garbage after it": lambda n: records(b"1") + b"garbage",
        "two values": lambda n: records(b"1") * 2,
        "a comma too many": lambda n: b'[{"a": 1},]',
        "comments": lambda n: b'[{"a": 1}] // x',
        "1,000,000 empty objects": lambda n: b"[" + b"{}," * 50_000 * n + b"{}]",
        "1,000,000 empty objects and 512 names": lambda n: b"[" + b"{}," * 20_000 * n + b"{" + b",".join(b'"a%d":1' % at for at in range(512)) + b"}]",
        "1,000,000 empty lists": lambda n: b"[" + b"[]," * 50_000 * n + b"[]]",
        "1,000,000 numbers": lambda n: b"[" + b"1," * 50_000 * n + b"1]",
        "a text of 100 MB": lambda n: records(b'"' + letters(5_000_000 * n) + b'"'),
        "backslashes": lambda n: records(b'"' + b"\\\\" * 500_000 * n + b'"'),
        "backslashes that never end": lambda n: b'[{"' + b'\\"' * 500_000 * n,
        "quotes that never end": lambda n: b'[{"a' + b'"' * 500_001,
        "a name of 1 MB": lambda n: b'[{"' + letters(1_000_000) + b'": 1}]',
        "lists in records": lambda n: b'[{"a": [' + b"1," * 100_000 + b"1]}]",
        "objects in records": lambda n: b'[{"a": {' + b",".join(b'"a%d":1' % at for at in range(20_000)) + b"}}]",
        "many lists of records": lambda n: b"{" + b",".join(b'"a%d": [{"b": 1}]' % at for at in range(20_000)) + b"}",
        "deep records": lambda n: json.dumps({"a": {"b": {"c": {"d": [{"x": 1}]}}}}).encode(),
        "1,000,000 empty lines": lambda n: b'[{"Id": "1", "Line": [' + b"{}," * 50_000 * n + b"{}]}]",
        "lines under a large record": lambda n: b'[{"Id": "' + b"x" * 500_000 + b'", "Line": [' + b"{}," * 10_000 * n + b"{}]}]",
        "lines with names of their own": lambda n: b'[{"Line": [' + b",".join(b'{"a%d":1}' % at for at in range(100_000)) + b"]}]",
        "deep lines": lambda n: b'[{"Line": [' + b'{"a":' * 95 + b"1" + b"}" * 95 + b"]}]",
        "a tree of objects": lambda n: b'[{"Line": [{' + b",".join(b'"a%d": {"b%d": {}}' % (at, at) for at in range(20_000)) + b"}]}]",
        "numbers among lines": lambda n: b'[{"Line": [{"Amount": 1}, ' + b"1," * 100_000 + b"1]}]",
        "a true value": lambda n: b"true",
        "a text": lambda n: b'"x"',
        "nothing": lambda n: b"{}",
        "no list": lambda n: b"[]",
        "UTF-16": lambda n: records(b'"x"').decode().encode("utf-16"),
        "UTF-32": lambda n: records(b'"x"').decode().encode("utf-32"),
        "a byte order mark": lambda n: b"\xef\xbb\xbf" + records(b'"x"'),
        "a cut in a letter": lambda n: records('"ü"'.encode()).replace("ü".encode(), "ü".encode()[:1]),
        "lines of records": lambda n: b'{"a": 1}\n{"a": 2}\n' * 5_000 * n,
        "a form feed": lambda n: b"\x0c" + records(b"1"),
    },
    ".json",
)


def write(folder: Path, big: bool) -> list[str]:
    """The corpus as files 000.xlsx, 001.xlsx …; returns their real names in that order."""
    names = []
    for at, (name, data) in enumerate(corpus(big)):
        (folder / f"{at:03}{Path(name).suffix}").write_bytes(data)
        names.append(name)
    return names


if __name__ == "__main__":
    write(Path(sys.argv[1]), "big" in sys.argv[2:])
