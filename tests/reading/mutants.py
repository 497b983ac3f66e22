"""Small workbooks with something wrong in them: bytes flipped, parts cut, XML changed. One seed gives one sequence of files."""

import datetime as dt
import io
import random
import re
import zipfile
from collections.abc import Iterator
from functools import cache

import openpyxl
from openpyxl.styles import Font

from tests.reading.files import SHEET, patched, workbook, written

PARTS = (
    SHEET,
    SHEET,
    SHEET,
    "xl/workbook.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
)
PIECES = (
    b"9" * 12, b"-1", b"0", b"4294967296", b"1e308", b"nan", b'"', b"'", b"<", b">", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"&a;", b"&#0;", b"&#x10FFFF;", b"\0", b"\xff\xfe",
    b"\xc0\x80", b'r="XFD1048576"', b'r="A0"', b'ref="A1:XFD1048576"', b't="s"', b't="b"', b't="e"', b't="d"', b't="inlineStr"', b's="99999"', b'spans="1:99999"', b"ZZZ", b"A1048577", b"<c/>", b"<row/>",
    b"<row r='1048576'>", b"</sheetData>", b"<sheetData>", b"<f>A1</f>", b"<v></v>", b"xmlns=", b'encoding="utf-16"', b"<!DOCTYPE a>", b'state="hidden"', b'date1904="1"',
)  # fmt: skip

VALUES = (
    b"", b"0", b"1", b"-1", b"7", b"A1", b"XFD1048576", b"A1048577", b"AAAA1", b"a1", b"$A$1", b"1:1", b"A1:B2", b"s", b"n", b"b", b"e", b"d", b"str", b"inlineStr", b"x" * 40_000, b"65536", b"2147483648",
    b"99999999999999999999", b"1e308", b"1e-400", b"-0", b"nan", b"45000", b"2958466", b"60", b"0.1", b"2026-11-21", b"#N/A", b"hidden", b"true", b"&#xFFFF;", b"&amp;", b"_x0000_", b"../x", b"rId1", b"rId9",
)  # fmt: skip


@cache
def bases() -> tuple[bytes, ...]:
    """Workbooks that are right."""
    heading = ["Invoice", "Customer", "Amount", "Date", "Canceled"]
    rows = [[f"INV-{n}", "Åcme & <Söhne>", n * 1.25, dt.date(2026, 11, 1 + n), n % 2 == 0] for n in range(8)]
    plain, two = workbook([heading, *rows]), workbook([heading, *rows], Other=[["a", "b"], [1, 2]], Third=[])
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Report of November"], [], heading, *rows, ["Total", None, "=SUM(C4:C11)"]]:
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet.row_dimensions[5].hidden = True
    sheet["C4"].number_format, sheet["D4"].number_format, sheet["A3"].font = "0.00%", "dd/mm/yyyy", Font(bold=True)
    sheet["A4"].hyperlink = "https://example.com/"
    out = io.BytesIO()
    book.save(out)
    shared = written(lambda book, sheet: [sheet.write_row(at, 0, [str(cell) for cell in row]) for at, row in enumerate([heading, *rows])])
    return plain, two, shared, out.getvalue()


def mutants(seed: int, count: int) -> Iterator[bytes]:
    dice = random.Random(seed)
    for _ in range(count):
        base = dice.choice(bases())
        names = [name for name in PARTS if name in zipfile.ZipFile(io.BytesIO(base)).namelist()]
        match dice.randrange(10):
            case 0:
                yield base[: dice.randrange(len(base))]
            case 1 | 2:
                yield spoiled(base, dice)
            case 3:
                yield patched(base, lambda xml: xml[: dice.randrange(len(xml))], dice.choice(names))
            case 4 | 5 | 6 | 7:
                yield patched(base, lambda xml: reworded(xml, dice), dice.choice(names))
            case _:
                yield patched(base, lambda xml: spoiled(xml, dice), dice.choice(names))


def reworded(xml: bytes, dice: random.Random) -> bytes:
    """Well-formed still: one to three attributes or texts say something else, or an element stands twice."""
    for _ in range(dice.randint(1, 3)):
        places = list(re.finditer(rb'(?<==")[^"<]*(?=")|(?<=>)[^<>]+(?=<)', xml))
        if dice.random() < 0.2 and (elements := list(re.finditer(rb"<(c|row|v|xf|si|sheet)\b[^>]*?(/>|>.*?</\1>)", xml, re.DOTALL))):
            element = dice.choice(elements)
            xml = xml[: element.end()] + element[0] * dice.choice((1, 1, 300)) + xml[element.end() :]
        elif places:
            place = dice.choice(places)
            xml = xml[: place.start()] + dice.choice((*VALUES, dice.choice(places)[0])) + xml[place.end() :]
    return xml


def spoiled(data: bytes, dice: random.Random) -> bytes:
    """One to six changes: a byte, a bit, a piece gone, doubled, moved or put in."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 6))):
        at = dice.randrange(len(changed))
        match dice.randrange(7):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                changed[at] ^= 1 << dice.randrange(8)
            case 2:
                del changed[at : at + dice.randint(1, 30)]
            case 3:
                changed[at:at] = changed[dice.randrange(len(changed)) :][: dice.randint(1, 60)]
            case 4:
                digit = next((n for n in range(at, len(changed)) if 48 <= changed[n] <= 57), at)
                changed[digit : digit + 1] = dice.choice((b"", b"0", b"99", b"-1", b"65536"))
            case _:
                edge = changed.find(dice.choice((b"<", b">", b'"', b" ")), at)
                changed[max(edge, 0) : max(edge, 0)] = dice.choice(PIECES)
        if not changed:
            return b""
    return bytes(changed)
