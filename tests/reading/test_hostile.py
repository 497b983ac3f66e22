"""Files made to do harm: rows or one clear message, in bounded time and memory, and the process lives (reliability, promise 7)."""

import io
import random
import resource
import struct
import time
import zipfile

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.reading import read
from tests.reading.files import SHEET, patched, refusal, workbook

ROWS = [["Invoice", "Customer", "Amount"], ["INV-1", "Acme", 5], ["INV-2", "Bo", 6.5]]
GOOD = workbook(ROWS)


def put(xml: bytes):
    """The sheet's cells replaced."""
    return lambda old: old[: old.index(b"<sheetData>") + 11] + xml + old[old.index(b"</sheetData>") :]


def bomb() -> bytes:
    return patched(GOOD, put(b"<row r='1'><c r='A1' t='inlineStr'><is><t>" + b" " * 60_000_000 + b"</t></is></c></row>"))


def stored(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, content)
    return out.getvalue()


def with_duplicate() -> bytes:
    out = io.BytesIO(GOOD)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "a") as made:
        made.writestr(SHEET, b"<worksheet/>")
    return out.getvalue()


def dtd(part: str):
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return patched(
        GOOD, lambda xml: xml[: xml.index(b"?>") + 2] + doctype + xml[xml.index(b"?>") + 2 :] if b"?>" in xml[:100] else doctype + xml, part
    )


HOSTILE = {
    "zip bomb": bomb,
    "far cell": lambda: patched(GOOD, put(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "far cell, prefixed": lambda: patched(
        GOOD, put(b'<row r="1"><c r="A1"><v>1</v></c></row><x:row r="9" xmlns:x="y"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>')
    ),
    "row beyond": lambda: patched(GOOD, put(b'<row r="1"><c r="A2000000000"><v>1</v></c></row>')),
    "column beyond": lambda: patched(GOOD, put(b'<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>')),
    "no such column": lambda: patched(GOOD, put(b'<row r="1"><c r="XFE1"><v>1</v></c></row>')),
    "text that is not there": lambda: patched(GOOD, put(b'<row r="1"><c r="A1" t="s"><v>-1</v></c></row>')),
    "text that is no number": lambda: patched(GOOD, put(b'<row r="1"><c r="A1" t="s"><v>abc</v></c></row>')),
    "DTD in the sheet": lambda: dtd(SHEET),
    "DTD in the book": lambda: dtd("xl/workbook.xml"),
    "unknown XML encoding": lambda: patched(
        GOOD, lambda xml: b'<?xml version="1.0" encoding="klingon"?>' + xml[xml.find(b"?>") + 2 if xml.startswith(b"<?xml") else 0 :]
    ),
    "huge merge": lambda: patched(
        GOOD, lambda xml: xml.replace(b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    ),
    "deep XML": lambda: patched(GOOD, lambda xml: xml.replace(b"<sheets>", b"<a>" * 500 + b"</a>" * 500 + b"<sheets>"), "xl/workbook.xml"),
    "many sheets": lambda: patched(
        GOOD, lambda xml: xml.replace(b"<sheets>", b"<sheets>" + b'<sheet name="x" sheetId="9"/>' * 5_000), "xl/workbook.xml"
    ),
    "many styles": lambda: patched(
        GOOD, lambda xml: xml.replace(b"<cellXfs", b"<x>" + b"<xf/>" * 70_000 + b"</x><cellXfs"), "xl/styles.xml"
    ),
    "duplicate part": with_duplicate,
    "part outside": lambda: patched(GOOD, lambda xml: xml, more={"../../evil.xml": b"<a/>"}),
    "many parts": lambda: patched(GOOD, lambda xml: xml, more={f"xl/media/{at}.png": b"" for at in range(3_000)}),
    "cut in half": lambda: GOOD[: len(GOOD) // 2],
    "no end": lambda: GOOD[:-30],
    "flipped bits": lambda: bytes(byte ^ (at % 97 == 0) for at, byte in enumerate(GOOD)),
    "lying size": lambda: GOOD.replace(struct.pack("<L", len(zipfile.ZipFile(io.BytesIO(GOOD)).read(SHEET))), struct.pack("<L", 5)),
    "empty zip": lambda: b"PK\x05\x06" + b"\0" * 18,
    "another zip": lambda: stored("a.txt", b"x"),
    "only OLE": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000),
    "OLE of noise": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(1).randbytes(50_000),
    "ODS that repeats": lambda: ods(
        b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row>'
    ),
    "ODS with a wrong count": lambda: ods(b'<table:table-row table:number-rows-repeated="many"/>'),
    "NUL bytes": lambda: b"a,b\n\0\0,1\n",
    "100,000 columns": lambda: b",".join(b"c%d" % at for at in range(100_000)) + b"\n" + b"," * 99_999 + b"\n",
    "a million commas": lambda: b"a,b\n1,2\n" + b"," * 1_000_000 + b"x\n",
    "mixed encodings": lambda: "a,b\né,ü\n".encode() + "é,ß\n".encode("utf-16-le") + b"\xe9,1\n",
    "quotes without end": lambda: b"a,b\n" + b'1,"x\n' * 20_001,
    "only quotes": lambda: b'"' * 1_000_001,
    "one huge cell": lambda: b'a,b\n1,"' + b"x" * 20_000_000 + b'"\n',
    "noise": lambda: random.Random(2).randbytes(100_000).replace(b"\0", b"x"),
    "control characters": lambda: bytes(range(1, 32)) * 1_000,
    "a page": lambda: b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table>",
    "billion laughs": lambda: b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><lolz>&lol;</lolz>',
    "brackets": lambda: b"[" * 1_000_000,
    "objects in objects": lambda: b'[{"a":' * 50_000,
}


def ods(rows: bytes) -> bytes:
    out = io.BytesIO()
    content = (
        b'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet><table:table table:name="A">'
        + rows
        + b"</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", b"<manifest/>")
        made.writestr("content.xml", content)
    return out.getvalue()


MAY_BE_READ = {
    "a million commas",
    "flipped bits",
    "one huge cell",
    "noise",
    "control characters",
    "100,000 columns",
    "lying size",
    "only quotes",
}


def verdict(name: str, data: bytes) -> str:
    """'' where the file was read, else the message."""
    try:
        assert len(read((name, data)))
    except CannotRun as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name):
    data, start = HOSTILE[name](), time.perf_counter()
    says = verdict("hostile", data)
    assert says.startswith("hostile") and says.endswith(".") and len(says) < 400 if says else name in MAY_BE_READ
    assert time.perf_counter() - start < 5


def test_children_stay_small():
    """After all of the above: no child took more than 500 MB."""
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 500 * 1024


def test_messages_say_what_to_do():
    assert "row 1,048,576 and column 16,384" in refusal(("a.xlsx", HOSTILE["far cell"]()))
    assert "document type declaration" in refusal(("a.xlsx", HOSTILE["DTD in the sheet"]()))
    assert "times its size" in refusal(("a.xlsx", HOSTILE["zip bomb"]()))


@pytest.mark.parametrize("seed", range(4))
def test_mutated_workbooks_never_end_the_process(seed):
    """Bytes changed inside the parts and inside the zip; more of them in the nightly run."""
    mutate(seed, 12)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_mutated_workbooks(seed):
    mutate(seed, 100)


def mutate(seed: int, count: int) -> None:
    dice = random.Random(seed)
    parts = [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]
    for _ in range(count):
        data = patched(GOOD, lambda xml: spoiled(xml, dice), dice.choice(parts)) if dice.random() < 0.7 else spoiled(GOOD, dice)
        assert verdict("a.xlsx", data)[-1:] in ("", ".")


def spoiled(data: bytes, dice: random.Random) -> bytes:
    data = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                del data[at : at + dice.randint(1, 30)]
            case 2:
                data[at:at] = data[dice.randrange(len(data)) :][: dice.randint(1, 60)]
            case _:
                data[at:at] = dice.choice([b"9" * 12, b'"', b"<", b"-1", b"<!--", b"ZZZ", b"\0", b"&a;", b'r="XFD1048576"'])
    return bytes(data)
