"""More files made to do harm, of other kinds: wrong names, files that are two things, blanks that keep patterns busy, facts by the million."""

import io
import re
import struct
import zipfile
import zlib

from tests.reading.files import SHEET, patched, workbook
from tests.reading.hostile import (
    BOOK,
    HEAD,
    LINE,
    LINKS,
    OLE,
    STRINGS,
    STYLES,
    TYPES,
    _enter,
    cells,
    good,
    letters,
    ods,
    one,
    sheet,
    with_raw,
)

CSV = HEAD + LINE * 20
RTL = "\u202e\u2066\u200b\u200f\ufeff"


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def grid(rows: int, columns: int, cell: bytes) -> bytes:
    """A sheet of cells of one kind; {r} stands for the cell's address."""
    names = [b"%c%c%c" % (65 + at // 676, 65 + at // 26 % 26, 65 + at % 26) for at in range(columns)]
    line = [re.sub(rb"^A{1,2}(?=.)", b"", name) for name in names]
    return cells(b"".join(b'<row r="%d">%b</row>' % (row, b"".join(cell.replace(b"{r}", name + b"%d" % row) for name in line)) for row in range(1, rows + 1)))


def book(change) -> bytes:
    return patched(good(), change, BOOK)


def styles(more: bytes) -> bytes:
    """The good workbook whose cells have a number format of this code."""
    data = patched(good(), lambda xml: re.sub(rb"<cellXfs[^>]*>.*?</cellXfs>", b'<cellXfs count="1"><xf numFmtId="170" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>', xml, flags=re.DOTALL), STYLES)
    return patched(data, lambda xml: xml.replace(b"<fonts", b'<numFmts count="1"><numFmt numFmtId="170" formatCode="' + more + b'"/></numFmts><fonts', 1), STYLES)


# ---- files under another name, and files that are two things

_enter(
    {
        "a workbook.csv": lambda n: good(),
        "a workbook.json": lambda n: good(),
        "a workbook.xls": lambda n: good(),
        "a workbook": lambda n: good(),
        "text.xlsx": lambda n: CSV,
        "text.xls": lambda n: CSV,
        "text.ods": lambda n: CSV,
        "text.json": lambda n: CSV,
        "records.csv": lambda n: b'[{"invoiceId": "1", "amount": 5}]',
        "records.xlsx": lambda n: b'[{"invoiceId": "1", "amount": 5}]',
        "PDF.csv": lambda n: b"%PDF-1.7\n" + CSV,
        "PDF with a workbook behind it.xlsx": lambda n: b"%PDF-1.7\n%\xe2\xe3\n" + good(),
        "picture with a table behind it.csv": lambda n: b"GIF89a" + bytes(20) + CSV,
        "workbook with a table behind it.csv": lambda n: good() + CSV,
        "web page.xls": lambda n: b"<html><body><table>" + b"<tr><td>1</td></tr>" * 20_000 * n,
        "web page.csv": lambda n: b"<html><body><table>" + b"<tr><td>1</td></tr>" * 2_000,
        "XML of 2003.xls": lambda n: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><!DOCTYPE x [<!ENTITY a "' + b"a" * 1_000 + b'">]><Workbook>' + b"&a;" * 10_000 + b"</Workbook>",
        "SYLK.slk": lambda n: b"ID;PWXL;N;E\nC;Y1;X1;K\"a\"\nC;Y1048576;X16384;K\"=cmd|'/C calc'!A0\"\nE\n",
        "SYLK.csv": lambda n: b"ID,name,amount\n1,a,2\n",
        "DIF.csv": lambda n: b'TABLE\n0,1\n"EXCEL"\nVECTORS\n0,2147483647\n""\nTUPLES\n0,2147483647\n""\nDATA\n0,0\n""\n',
        "script.csv": lambda n: b"#!/bin/sh\nrm -rf /tmp/nothing\n",
        "shortcut.csv": lambda n: b"L\0\0\0\x01\x14\x02\0" + bytes(100),
        "bomb of gzip.csv": lambda n: zlib.compress(bytes(20_000_000 * n), 9, wbits=31),
        "bomb of gzip.xlsx": lambda n: zlib.compress(bytes(20_000_000 * n), 9, wbits=31),
        "tape archive.csv": lambda n: b"../../etc/passwd" + bytes(84) + b"0000644\0" + bytes(149) + b"ustar\0" + bytes(249) + b"x" * 512,
        "document.xlsx": lambda n: zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
        "program.xlsx": lambda n: zipped({"META-INF/MANIFEST.MF": b"Main-Class: x", "x.class": b"\xca\xfe\xba\xbe"}),
        "only a type.ods": lambda n: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "folder of sheets.xlsx": lambda n: zipped({"xl/": b"", "xl/workbook.xml/": b"", "xl/worksheets/": b""}),
        "pages.xlsx": lambda n: zipped({"Index/Document.iwa": b"\0" * 100, "preview.jpg": b"\xff\xd8\xff"}),
        "encrypted.xlsx": lambda n: OLE + bytes(1_000) + "EncryptedPackage".encode("utf-16-le") + bytes(3_000),
        "names that lead out": lambda n: zipped({"/etc/passwd": b"x", "\\\\host\\share\\x": b"x", "C:\\x": b"x", "xl/workbook.xml": b"<workbook/>"}),
        "macro lure.xlsx": lambda n: patched(good(), lambda xml: xml, more={"xl/vbaProject.bin": OLE + bytes(2_000), "xl/embeddings/oleObject1.bin": OLE + bytes(2_000)}),
    },
    "",
)


# ---- workbooks: many facts, odd facts

_enter(
    {
        "1,000,000 cells with errors": lambda n: grid(2_500 * n, 20, b'<c r="{r}" t="e"><v>#N/A</v></c>'),
        "errors in 400 columns": lambda n: grid(120 * n, 400, b'<c r="{r}" t="e"><v>#N/A</v></c>'),
        "1,000,000 formulas without values": lambda n: grid(2_500 * n, 20, b'<c r="{r}"><f>A1</f></c>'),
        "1,000,000 percentages": lambda n: patched(
            grid(2_500 * n, 20, b'<c r="{r}" s="0"><v>0.5</v></c>'), lambda xml: xml.replace(b'<xf numFmtId="0"', b'<xf numFmtId="9"'), STYLES
        ),
        "1,000,000 padded numbers": lambda n: patched(
            grid(2_500 * n, 20, b'<c r="{r}" s="0"><v>5</v></c>'),
            lambda xml: xml.replace(b'<xf numFmtId="0"', b'<xf numFmtId="170"').replace(b"<fonts", b'<numFmts count="1"><numFmt numFmtId="170" formatCode="00000"/></numFmts><fonts', 1),
            STYLES,
        ),
        "every row hidden": lambda n: cells(b"".join(b'<row r="%d" hidden="1"><c r="A%d"><v>1</v></c></row>' % (at, at) for at in range(1, 40_000 * n))),
        "address twice in a cell": lambda n: cells(b'<row r="1"><c r="A1" r="XFD1048576"><v>1</v></c></row>'),
        "cell outside its row": lambda n: cells(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A900000"><v>1</v></c><c r="C5"><v>1</v></c></row>'),
        "cell inside a cell": lambda n: one(b'<c r="A2"><c r="XFD1048576"><v>1</v></c><v>1</v></c>'),
        "row inside a row": lambda n: cells(b'<row r="1"><row r="1048576"><c r="XFD1048576"><v>1</v></c></row><c r="A1"><v>1</v></c></row>'),
        "50,000 namespaces": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<x " + b" ".join(b'xmlns:a%d="b"' % at for at in range(50_000)) + b"/><sheetData>")),
        "foreign namespace": lambda n: sheet(lambda xml: xml.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://127.0.0.1:9/ns")),
        "strict namespace": lambda n: sheet(lambda xml: xml.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main")),
        "inclusion": lambda n: one(b'<c r="A2" t="inlineStr"><is><t><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/></t></is></c>'),
        "style sheet on the net": lambda n: sheet(lambda xml: xml.replace(b"<worksheet", b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl" type="text/xsl"?><worksheet', 1)),
        "instruction of 20 MB": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<?x " + letters(1_000_000 * n) + b"?><sheetData>")),
        "50,000 instructions": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<?x?>" * 50_000 * n + b"<sheetData>")),
        "two byte order marks": lambda n: sheet(lambda xml: b"\xef\xbb\xbf" * 2 + xml),
        "sheet in Latin-1 that says UTF-8": lambda n: one('<c r="A2" t="inlineStr"><is><t>Bücher</t></is></c>'.encode("latin-1")),
        "sheet in EBCDIC": lambda n: sheet(lambda xml: xml.decode().encode("cp037")),
        "sheet in UTF-32": lambda n: sheet(lambda xml: xml.decode().encode("utf-32")),
        "dates of all sizes": lambda n: patched(
            cells(b"".join(b'<row r="%d"><c r="A%d" s="0"><v>%b</v></c></row>' % (at, at, value) for at, value in enumerate((b"1e308", b"-1e308", b"2958466", b"-693595", b"0", b"60.99999", b"1e-300", b"99999999999999999999"), 1))),
            lambda xml: xml.replace(b'<xf numFmtId="0"', b'<xf numFmtId="14"'),
            STYLES,
        ),
        "durations of all sizes": lambda n: patched(
            cells(b"".join(b'<row r="%d"><c r="A%d" s="0"><v>%b</v></c></row>' % (at, at, value) for at, value in enumerate((b"1e308", b"-5", b"1e15", b"0.5"), 1))),
            lambda xml: xml.replace(b'<xf numFmtId="0"', b'<xf numFmtId="46"'),
            STYLES,
        ),
        "number format of open brackets": lambda n: styles(b"[" * 100_000 * n),
        "number format of quotes": lambda n: styles(b"&quot;" * 50_001),
        "number format of zeros": lambda n: styles(b"0" * 30_000),
        "number formats by the 50,000": lambda n: patched(
            good(), lambda xml: xml.replace(b"<fonts", b"<numFmts>" + b"".join(b'<numFmt numFmtId="%d" formatCode="0000"/>' % (at + 200) for at in range(50_000)) + b"</numFmts><fonts", 1), STYLES
        ),
        "number of a format of 10^30": lambda n: patched(good(), lambda xml: xml.replace(b'numFmtId="0"', b'numFmtId="1000000000000000000000000000000"'), STYLES),
        "style 10^9 of a cell": lambda n: one(b'<c r="A2" s="999999999"><v>1</v></c>'),
        "style -1 of a cell": lambda n: one(b'<c r="A2" s="-1"><v>1</v></c>'),
        "256 sheets of the same name": lambda n: book(lambda xml: xml.replace(b"<sheets>", b"<sheets>" + b'<sheet name="Data" sheetId="1" r:id="rId1"/>' * 250)),
        "1,000,000 sheets": lambda n: book(lambda xml: xml.replace(b"<sheets>", b"<sheets>" + b'<sheet name="s" sheetId="1" r:id="rId1"/>' * 50_000 * n)),
        "100,000 names": lambda n: book(lambda xml: xml.replace(b"</sheets>", b"</sheets><definedNames>" + b'<definedName name="a">Data!$A$1:$XFD$1048576</definedName>' * 5_000 * n + b"</definedNames>")),
        "100,000 links": lambda n: patched(good(), lambda xml: xml.replace(b"</Relationships>", b'<Relationship Id="x" Type="y" Target="z"/>' * 5_000 * n + b"</Relationships>"), LINKS),
        "links that go round": lambda n: patched(good(), lambda xml: xml.replace(b"worksheets/sheet1.xml", b"workbook.xml"), LINKS),
        "external book": lambda n: patched(
            one(b'<c r="A2"><f>[1]Sheet1!$A$1</f><v>1</v></c>'),
            lambda xml: xml,
            more={"xl/externalLinks/externalLink1.xml": b"<externalLink/>", "xl/externalLinks/_rels/externalLink1.xml.rels": b'<Relationships><Relationship Id="rId1" Type="x" Target="http://127.0.0.1:9/x.xlsx" TargetMode="External"/></Relationships>'},
        ),
        "types that lie": lambda n: patched(good(), lambda xml: xml.replace(b"spreadsheetml.sheet.main", b"spreadsheetml.chartsheet"), TYPES),
        "100,000 runs in a text": lambda n: patched(good(), lambda xml: re.sub(rb"<si>.*?</si>", b"<si>" + b"<r><rPr><b/></rPr><t>a</t></r>" * 20_000 * n + b"</si>", xml, count=1, flags=re.DOTALL), STRINGS),
        "column widths by the 100,000": lambda n: sheet(lambda xml: xml.replace(b"<sheetData>", b"<cols>" + b'<col min="1" max="16384" width="1e308"/>' * 5_000 * n + b"</cols><sheetData>")),
        "lists to choose from over all": lambda n: sheet(
            lambda xml: xml.replace(b"</sheetData>", b"</sheetData><dataValidations>" + b'<dataValidation type="list" sqref="A1:XFD1048576"><formula1>"a"</formula1></dataValidation>' * 2_000 * n + b"</dataValidations>")
        ),
        "blanks by the 30,000 in a number": lambda n: workbook([["Invoice", "Name", "Amount"], ["1", "a", 5], ["Total", "5" + " " * 30_000 + "x", "5" + " " * 30_000 + "x"]]),
        "headings of 32,000 letters": lambda n: workbook([[letters(32_000).decode() for _ in range(20)], ["1"] * 20, ["2"] * 20]),
    },
    ".xlsx",
)


# ---- spreadsheets of LibreOffice's, old ones

_enter(
    {
        "lone far cell after blank ones.ods": lambda n: ods(
            b'<table:table-row table:number-rows-repeated="1048575"><table:table-cell table:number-columns-repeated="16384"/></table:table-row><table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
            b'<table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
        ),
        "1,000 x 1,000 times a text.ods": lambda n: ods(
            b'<table:table-row table:number-rows-repeated="1000"><table:table-cell office:value-type="string" table:number-columns-repeated="1000"><text:p>' + b"x" * 30_000 + b"</text:p></table:table-cell></table:table-row>"
        ),
        "100,000 blanks by a count.ods": lambda n: ods(
            b'<table:table-row><table:table-cell office:value-type="string"><text:p><text:s text:c="2000000000"/></text:p></table:table-cell></table:table-row>' * 2
        ),
        "declared type.ods": lambda n: zipped({"mimetype": b"x", "content.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>', "META-INF/manifest.xml": b"<manifest/>"}),
        "in UTF-16.ods": lambda n: zipped({"mimetype": b"x", "content.xml": '<?xml version="1.0" encoding="UTF-16"?><x/>'.encode("utf-16"), "META-INF/manifest.xml": b"<manifest/>"}),
        "encrypted.ods": lambda n: zipped({"mimetype": b"x", "content.xml": letters(1_000), "META-INF/manifest.xml": b'<manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></manifest>'}),
        "dates beyond all years.ods": lambda n: ods(b'<table:table-row><table:table-cell office:value-type="date" office:date-value="999999-99-99"/></table:table-row>' * 3),
        "OLE whose list of sectors is itself.xls": lambda n: OLE + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10) + struct.pack("<8L", 1, 0, 0, 4096, 0, 0, 0, 0xFFFFFFFF) + struct.pack("<L", 0) * 109 + bytes(4_096),
        "OLE with a folder of 4 G.xls": lambda n: OLE + bytes(16) + struct.pack("<HHHHH", 62, 4, 0xFFFE, 12, 6) + bytes(6) + struct.pack("<9L", 0xFFFFFFFF, 1, 0, 0, 4096, 0, 1, 0, 1) + struct.pack("<L", 0xFFFFFFFE) * 109 + bytes(8_192),
        "old BIFF of strings.xls": lambda n: b"\x09\x08\x08\x00\x00\x05\x10\x00" + bytes(4) + (b"\xfc\x00\x08\x00" + b"\xff" * 8) * 5_000,
    },
    "",
)


# ---- delimited text

_enter(
    {
        "quoted line ends": lambda n: HEAD + (b'"' + b"\n" * 30_000 + b'",1,2\n') * 20 * n,
        "one cell of line ends": lambda n: HEAD + b'"' + b"\n" * 1_000_000 * n + b'",1,2\n' + LINE * 3,
        "blank cells by the 10,000,000": lambda n: b",".join(b"c%d" % at for at in range(500)) + b"\n" + (b'"",' + b"," * 498 + b"\n") * 2_000 * n + b"1\n",
        "few letters and many blank cells": lambda n: b",".join(b"c%d" % at for at in range(500)) + b"\n" + (b"a," * 20 + b"," * 479 + b"\n") * 1_500 * n + b"1\n",
        "a mark of UTF-8 before UTF-16": lambda n: b"\xef\xbb\xbf" + CSV.decode().encode("utf-16-le"),
        "a mark of UTF-16 before UTF-8": lambda n: b"\xff\xfe" + CSV,
        "a mark of UTF-16 before the other UTF-16": lambda n: b"\xff\xfe" + CSV.decode().encode("utf-16-be"),
        "a mark on every line": lambda n: CSV.replace(b"\n", b"\n\xef\xbb\xbf"),
        "UTF-8 twice": lambda n: HEAD + ("INV-1,Bücher & Söhne,5\n" * 50).encode().decode("latin-1").encode(),
        "half of it UTF-16": lambda n: CSV + CSV.decode().encode("utf-16-le"),
        "overlong and surrogate bytes": lambda n: HEAD + b"\xc0\xaf,\xed\xb0\x80\xed\xa0\x80,\xf8\x88\x80\x80\x80\n" * 50,
        "letters from right to left": lambda n: (RTL + "invoiceId," + RTL + "customerName,amount\n" + f"{RTL}1,{RTL},5{RTL}\n" * 50).encode(),
        "marks over letters": lambda n: ("i" + "\u0301" * 30_000 + ",b,c\n1,2,3\n").encode(),
        "headings that differ by what is not seen": lambda n: ("invoiceId,invoice\u200bId,\u0456nvoiceId,invoiceId\u00a0\n1,2,3,4\n" * 2).encode(),
        "other line ends": lambda n: CSV.replace(b"\n", "\x85".encode()),
        "line ends of paper": lambda n: CSV.replace(b"\n", b"\x0b\x0c\x1c\x1d\x1e\n"),
        "end of file in the middle": lambda n: HEAD + LINE * 5 + b"\x1a" + LINE * 5,
        "a quote after the last line": lambda n: CSV + b'"',
        "CR inside quotes": lambda n: HEAD + b'"a\rb\r\nc",1,2\r' * 1_000,
        "blanks by the 30,000 in a number": lambda n: CSV + b"Total,5" + b" " * 30_000 + b"x,5" + b" " * 30_000 + b"x\n",
        "blanks by the 30,000 before a label": lambda n: CSV + b"a" + b" " * 30_000 + b"b,1,\n" + b"sub-" * 7_000 + b"x,1,\n",
        "blanks by the 30,000 in the headings": lambda n: b"-" + b" " * 30_000 + b"x,1" + b" " * 30_000 + b"y,2\n1,2,3\n" * 3,
        "headings of 32,000 letters": lambda n: b",".join([letters(3_000)] * 60) + b"\n" + b",".join([b"1"] * 60) + b"\n",
        "amounts of 30,000 digits": lambda n: HEAD + b"1,a," + b"9" * 30_000 + b"\n" + b"2,a,1e999999999\n3,a," + b"1," * 0 + b"0." + b"0" * 30_000 + b"1\n",
        "rows ever longer": lambda n: HEAD + b"".join(b"," * at + b"\n" for at in range(1, 2_000)),
        "60,000 cells in each row": lambda n: HEAD + (b"," * 60_000 + b"\n") * 10 * n,
        "backslashes and quotes": lambda n: HEAD + b'"a\\"b",1,2\n"\\",1,2\n' * 10_000,
        "a thousand announced delimiters": lambda n: b"sep=;\n" * 1_000 + b"a;b\n1;2\n",
        "single quotes": lambda n: b"'a','b','c'\n" + b"'1','2\n" * 50_000,
        "mails and dates that go on": lambda n: HEAD + b"1,a@" + b"a." * 15_000 + b",2\n2," + b"1/" * 15_000 + b",3\n",
        "names of files": lambda n: b"../../etc/passwd,C:\\x,\\\\host\\x\nfile:///etc/hostname,http://127.0.0.1:9/x,%00\n",
    },
    ".csv",
)


# ---- JSON

_enter(
    {
        "line by line": lambda n: b'{"a": 1}\n' * 3 + b"{",
        "two marks": lambda n: b"\xef\xbb\xbf\xef\xbb\xbf" + b'[{"a": 1}]',
        "UTF-16 without a mark": lambda n: '[{"a": 1}]'.encode("utf-16-le"),
        "names that differ by what is not seen": lambda n: b'[{"a": 1, "a\\u200b": 2, "\\u0430": 3}]',
        "prototype": lambda n: b'[{"__proto__": {"a": 1}, "__class__": "x", "constructor": {}}]',
        "blanks by the million": lambda n: b"[" + b" " * 1_000_000 * n + b'{"a":' + b"\n" * 1_000_000 * n + b"1}]",
        "brackets of both kinds": lambda n: b"[{" * 50_000 + b"}]" * 50_000,
        "99 levels": lambda n: b'[{"a":' + b"[" * 97 + b"1" + b"]" * 97 + b"}]",
        "minus nothing": lambda n: b'[{"a": -}]',
        "-0 and 0e0": lambda n: b'[{"a": -0, "b": 0e0, "c": -0.0e-9999999999}]',
        "a key of 60 MB": lambda n: b'[{"' + letters(3_000_000 * n) + b'": 1, "a": 2}]',
        "512 long names a thousand times": lambda n: b"[" + b",".join([b"{" + b",".join(b'"%060d":""' % at for at in range(512)) + b"}"] * 20 * n) + b"]",
        "values in values": lambda n: b'[{"a": ' + b'{"a":[' * 45 + b'"x"' + b"]}" * 45 + b"}]" * 1,
    },
    ".json",
)


# ---- workbooks: what keeps patterns and handlers busy, parts that lie elsewhere


def dense(part: str, content: bytes) -> bytes:
    """The good workbook with a part whose packing no ratio gives away."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    pieces = (pack.compress(content[at : at + 2_000]) + pack.flush(zlib.Z_FULL_FLUSH) for at in range(0, len(content), 2_000))
    return with_raw(part, b"".join(pieces) + pack.flush(), len(content), zlib.crc32(content))


def part_of(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def elsewhere(data: bytes, names: dict[str, str]) -> bytes:
    """The workbook with parts of other names, in the list of parts and in every link to them."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name, new in names.items():
        parts = {its: content.replace(name.removeprefix("xl/").encode(), new.removeprefix("xl/").encode()) for its, content in parts.items()}
        parts[new] = parts.pop(name)
    return zipped(parts)


DAT = {SHEET: "xl/worksheets/sheet1.dat"}
AWAY = {SHEET: "xl/tables/sheet1.xml"}
CORNERS = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def decoy(change=lambda xml: xml) -> bytes:
    """Two workbooks in one, of which the links at the root name the second; its sheet has cells in opposite corners."""
    evil = {f"wb/{name.removeprefix('xl/')}": part_of(cells(CORNERS), name) for name in (BOOK, LINKS, SHEET, STYLES, STRINGS)}
    return patched(good(), lambda xml: change(xml.replace(b"xl/workbook.xml", b"wb/workbook.xml")), "_rels/.rels", more=evil)


_enter(
    {
        "text of t=s by the 150,000": lambda n: one(b'<c r="A2" t="inlineStr"><is><t>' + b' t="s"' * 150_000 + b"</t></is></c>"),
        "rows that do not close": lambda n: cells(b'<row r="1" hidden="1">' + b"<row r= " * 100_000),
        "cells that do not close": lambda n: cells(b'<row r="1">' + b"".join(b'<c r="A%d" ' % at for at in range(1, 60_000)) + b' t="e"<f hidden=>'),
        "styled cells that do not close": lambda n: patched(
            cells(b'<row r="1">' + b"".join(b'<c r="A%d" ' % at for at in range(1, 60_000)) + b">"), lambda xml: xml.replace(b'<xf numFmtId="0"', b'<xf numFmtId="9"'), STYLES
        ),
        "comment of cells beside an error": lambda n: patched(one(b'<c r="A2" t="e"><v>#ERROR!</v></c>'), lambda xml: xml.replace(b"</sheetData>", b"<!--" + b"<c " * 300_000 + b"--></sheetData>")),
        "one cell that is an error 100,000 times": lambda n: one(b'<c r="A2"' + b' t="e"' * 100_000 + b"></c>"),
        "values without cells": lambda n: cells(b'<row r="1"><c r="A1" t="str">' + b"<f/><v>&amp;</v></c>" * 50_000 + b"</row>"),
        "50,000 styles that are percentages": lambda n: patched(
            grid(8_000, 26, b'<c r="{r}" s="49999"><v>5</v></c>'), lambda xml: re.sub(rb"<cellXfs[^>]*>", rb"\g<0>" + b'<xf numFmtId="9"/>' * 50_000, xml), STYLES
        ),
        "8 M elements in the sheet": lambda n: dense(SHEET, part_of(good(), SHEET).replace(b"<sheetData>", b"<x>" + b"<a/>" * 8_000_000 + b"</x><!-- --><sheetData>")),
        "8 M elements in the texts": lambda n: dense(STRINGS, part_of(good(), STRINGS).replace(b"</sst>", b"<!-- -->" + b"<si/>" * 8_000_000 + b"</sst>")),
        "8 M elements in the styles": lambda n: dense(STYLES, part_of(good(), STYLES).replace(b"<cellXfs", b"<x>" + b"<a/>" * 8_000_000 + b"</x><cellXfs")),
        "8 M elements in parts that nobody reads": lambda n: dense("xl/custom/1.xml", b"<a>" + b"<b/>" * 8_000_000 + b"</a>"),
        "8 M elements in the properties": lambda n: dense("docProps/custom.xml", b"<a>" + b"<b/>" * 8_000_000 + b"</a>"),
        "line ends by the 40 M": lambda n: dense(SHEET, part_of(one(b'<c r="A2" t="inlineStr"><is><t>' + b"\n" * 40_000_000 + b"</t></is></c><!-- -->"), SHEET)),
        "line ends by the 40 M in a value": lambda n: dense(SHEET, part_of(one(b'<c r="A2" t="str"><v>' + b"\n" * 40_000_000 + b"</v></c><!-- -->"), SHEET)),
        "tags that are called like our own": lambda n: patched(good(), lambda xml: re.sub(rb"<cellXfs[^>]*>", rb"\g<0><formats/><among-formats/>", xml), STYLES),
        "far cell in a part called .dat": lambda n: elsewhere(cells(CORNERS), DAT),
        "far cell in another folder": lambda n: elsewhere(cells(CORNERS), AWAY),
        "far cell in the second of two workbooks": lambda n: decoy(),
        "far cell in one of two workbooks": lambda n: decoy(lambda xml: xml.replace(b"</Relationships>", xml[xml.index(b"<Relationship ") : xml.index(b"/>") + 2].replace(b"wb/", b"xl/").replace(b"rId1", b"rId9") + b"</Relationships>")),
        "far cell in the styles": lambda n: patched(
            patched(good(), lambda xml: xml.replace(b"</styleSheet>", b"<sheetData>" + CORNERS + b"</sheetData></styleSheet>"), STYLES), lambda xml: xml.replace(b"worksheets/sheet1.xml", b"styles.xml"), LINKS
        ),
        "far cell in the second sheet of a name": lambda n: patched(
            patched(good(), lambda xml: xml.replace(b"<sheets>", b'<sheets><sheet name="Data" sheetId="9" r:id="far"/>'), BOOK),
            lambda xml: xml.replace(b"</Relationships>", b'<Relationship Id="far" Type="worksheet" Target="worksheets/far.xml"/></Relationships>'),
            LINKS,
            more={"xl/worksheets/far.xml": part_of(cells(CORNERS), SHEET)},
        ),
        "far cell behind a link of the same name": lambda n: patched(
            good(),
            lambda xml: xml.replace(b"</Relationships>", b'<Relationship Id="rId1" Type="worksheet" Target="worksheets/far.xml"/></Relationships>'),
            LINKS,
            more={"xl/worksheets/far.xml": part_of(cells(CORNERS), SHEET)},
        ),
        "foreign entity in a part called .dat": lambda n: elsewhere(sheet(lambda xml: xml.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "z">]><worksheet', 1)), DAT),
        "foreign entity in large properties": lambda n: patched(
            good(), lambda xml: xml, more={"docProps/custom.xml": b'<!DOCTYPE x [<!ENTITY a "z">]><x>' + letters(4_500_000) + b"</x>"}
        ),
        "texts in another part": lambda n: elsewhere(good(), {STRINGS: "xl/texts.dat"}),
        "styles in another part": lambda n: elsewhere(good(), {STYLES: "xl/looks.dat"}),
        "only a chart": lambda n: patched(good(), lambda xml: xml.replace(b"/worksheet\"", b"/chartsheet\""), LINKS),
        "merged A:A": lambda n: sheet(lambda xml: xml.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A:A"/></mergeCells>')),
        "number of a format abc": lambda n: patched(good(), lambda xml: xml.replace(b'<xf numFmtId="0"', b'<xf numFmtId="abc"'), STYLES),
        "link that goes up and down": lambda n: patched(good(), lambda xml: xml.replace(b"worksheets/sheet1.xml", b"../xl/worksheets/sheet1.xml"), LINKS),
    },
    ".xlsx",
)
