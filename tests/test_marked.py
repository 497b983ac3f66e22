"""The marked copy of the sender's own workbook: exactly its wrong cells are tinted, a status stands beside each row, nothing else changed."""

import datetime as dt
import io
import re
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, PatternFill, Side

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.marks import BAD, NEUTRAL, severities, status_texts
from invoice_rules.problems import Severity
from invoice_rules.reading import read
from invoice_rules.results import Report
from invoice_rules.rulesets import rule_set
from invoice_rules.workbooks import mark_workbook
from invoice_rules.workbooks.marked import MOST_NOTES
from tests.reading.files import SHEET, patched, written

RULES = rule_set("paystand.receivables")
HEADINGS = [
    "Invoice ID",
    "Invoice number",
    "Amount",
    "Amount due",
    "Customer name",
    "Customer ID",
    "Date",
    "Due date",
    "Canceled",
    "Contact e-mail",
]


def row(at: int, **other: object) -> list[object]:
    """A row that is right, but for what is named."""
    right = {"id": f"I-{at}", "number": str(1000 + at), "amount": 100, "due": 60.5, "name": "Miller Studio", "customer": "C-1"}
    right |= {"date": dt.date(2026, 11, 2), "until": dt.date(2026, 12, 2), "canceled": "no", "email": "ap@miller.co"}
    return list((right | other).values())


ROWS = [
    row(1),
    row(2, due=150, email="ap@acme"),
    row(3, until=dt.date(2026, 10, 2)),
    row(4, email=None, number=None),
    row(5, name="=1+1", customer="C-5", canceled="Y"),
]


def by_openpyxl(rows=ROWS, change=lambda book, sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Open items"
    for cells in [HEADINGS, *rows]:
        sheet.append(cells)
    for cell in (cell for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)):
        cell.data_type = "s"
    change(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter(rows=ROWS) -> bytes:
    def fill(book: xlsxwriter.Workbook, sheet) -> None:
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        for at, cells in enumerate([HEADINGS, *rows]):
            for column, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(at, column, cell, date)
                elif isinstance(cell, str):
                    sheet.write_string(at, column, cell)
                elif cell is not None:
                    sheet.write_number(at, column, cell)

    return written(fill)


def with_prefix(data: bytes) -> bytes:
    """As other libraries write it: a prefix before every tag, and quotes of the other kind."""

    def prefixed(xml: bytes) -> bytes:
        xml = re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", xml)
        xml = xml.replace(b"xmlns=", b"xmlns:x=", 1)
        return re.sub(rb'"([^"<>]*)"', rb"'\1'", xml)

    return patched(patched(data, prefixed), prefixed, "xl/styles.xml")


def with_comments(data: bytes) -> bytes:
    """Comments and empty rows among the cells."""
    tags = b'<!-- <row r="3"><c r="A3"> --><row r="900"/><row r="901" ht="20"/>'
    return patched(data, lambda xml: xml.replace(b"</row>", b"<!-- </row> --></row>", 2).replace(b"</sheetData>", tags + b"</sheetData>"))


def without_references(data: bytes) -> bytes:
    return patched(data, lambda xml: re.sub(rb'(<(?:row|c)) r="[A-Z]*[0-9]+"', rb"\1", xml))


FILES = {
    "openpyxl": by_openpyxl,
    "xlsxwriter": by_xlsxwriter,
    "with a prefix": lambda: with_prefix(by_openpyxl()),
    "with comments": lambda: with_comments(by_openpyxl()),
    "without references": lambda: without_references(
        by_openpyxl([row(1), row(2, due=150, email="ap@acme"), row(3, until=dt.date(2026, 10, 2))])
    ),
}


@pytest.fixture
def checked(tmp_path):
    """Write the bytes to a file and check it."""

    def check(data: bytes, name: str = "october.xlsx", **options) -> Report:
        (tmp_path / name).write_bytes(data)
        return examine(read(tmp_path / name, rules=RULES, **options), RULES)

    return check


def wanted_fills(report: Report) -> dict[tuple[int, int], str]:
    """(row, column from 1) -> the fill that the cell is to have."""
    numbers = report.table.frame.index.to_numpy()
    grid = severities(report, np.arange(len(numbers)))
    first = report.table.origin.first_column + 1
    return {
        (int(numbers[at]), first + int(column)): "FF" + (BAD if grid[at, column] == Severity.ERROR else NEUTRAL).fill
        for at, column in zip(*np.nonzero(grid >= Severity.WARNING), strict=True)
    }


def fills(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    cells = [cell for line in openpyxl.load_workbook(path)[sheet].iter_rows() for cell in line]
    return {(cell.row, cell.column): cell.fill.fgColor.rgb for cell in cells if cell.fill.fill_type}


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", FILES)
def test_exactly_the_wrong_cells_are_tinted(name, checked, tmp_path):
    report = checked(FILES[name]())
    path = mark_workbook(report, tmp_path / "marked.xlsx")
    sheet = report.table.origin.sheet
    wanted = wanted_fills(report)
    assert len(wanted) >= 3
    assert fills(path, sheet) == wanted
    before, after = openpyxl.load_workbook(tmp_path / "october.xlsx")[sheet], openpyxl.load_workbook(path)[sheet]
    for line in before.iter_rows():
        for cell in line:
            now = after.cell(cell.row, cell.column)
            assert (now.value, now.data_type, now.number_format) == (cell.value, cell.data_type, cell.number_format)
    said = [after.cell(number, len(HEADINGS) + 1).value for number in report.table.frame.index]
    assert said == status_texts(report)
    assert after.cell(1, len(HEADINGS) + 1).value == "Status"


def test_every_other_part_is_the_same(checked, tmp_path):
    def busy(book, sheet) -> None:
        sheet["A2"].comment = Comment("Ours", "Ada")
        sheet["C9"] = "=SUM(C2:C6)"
        sheet.merge_cells("A9:B9")
        book.create_sheet("Other")["A1"] = "=1+1"
        sheet.auto_filter.ref = "A1:J6"

    report = checked(by_openpyxl(change=busy), sheet="Open items")
    path = mark_workbook(report, tmp_path / "marked.xlsx")
    before, after = parts(tmp_path / "october.xlsx"), parts(path)
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} == {SHEET, "xl/styles.xml"}
    marked = openpyxl.load_workbook(path)["Open items"]
    assert marked["A2"].comment.text == "Ours"
    assert (marked["C9"].value, marked.auto_filter.ref) == ("=SUM(C2:C6)", "A1:J6")
    assert marked["J5"].comment is None  # notes that are there already stay alone


def test_cells_keep_their_own_look(checked, tmp_path):
    def dressed(book, sheet) -> None:
        for cell in sheet[3]:
            cell.font, cell.border = Font("Courier New", 9, italic=True, color="1F3864"), Border(bottom=Side("double", "00FF00"))
        sheet["D3"].number_format, sheet["D3"].fill = '0.00 "EUR"', PatternFill("solid", fgColor="00FF00")
        sheet["C3"].fill = PatternFill("solid", fgColor="00FF00")
        sheet.column_dimensions["K"].width = 7

    report = checked(by_openpyxl(change=dressed))
    sheet = openpyxl.load_workbook(mark_workbook(report, tmp_path / "marked.xlsx")).active
    bad = sheet["D3"]
    assert (bad.font.name, bad.font.sz, bad.font.i, bad.font.color.rgb) == ("Courier New", 9, True, "FF" + BAD.color)
    assert (bad.number_format, bad.border.bottom.style, bad.fill.fgColor.rgb) == ('0.00 "EUR"', "double", "FF" + BAD.fill)
    assert (sheet["C3"].fill.fgColor.rgb, sheet["C3"].font.color.rgb) == ("0000FF00", "001F3864")
    assert sheet["K3"].font.color.rgb == "FF" + BAD.color
    assert sheet.column_dimensions["K"].width == 7
    assert sheet["H4"].fill.fgColor.rgb == "FF" + NEUTRAL.fill


def test_blank_cells_are_made_where_they_were_missing(checked, tmp_path):
    report = checked(by_xlsxwriter())
    xml = parts(mark_workbook(report, tmp_path / "marked.xlsx"))[SHEET].decode()
    assert "B5" not in parts(tmp_path / "october.xlsx")[SHEET].decode()
    cells = re.findall(r'<c r="([A-Z]+)5"', re.search(r'<row r="5".*?</row>', xml)[0])
    assert cells == list("ABCDEFGHIJK")
    assert re.search(r'<row r="5" spans="1:11">', xml)
    assert '<dimension ref="A1:K6"/>' in xml


def test_few_marks_have_notes_and_many_have_none(checked, tmp_path):
    few = mark_workbook(checked(by_openpyxl()), tmp_path / "few.xlsx")
    note = openpyxl.load_workbook(few)["Open items"]["J5"].comment
    assert note.text == "Contact e-mail is blank. Every invoice needs one."
    many = mark_workbook(checked(by_openpyxl([row(n, email=None) for n in range(MOST_NOTES + 1)])), tmp_path / "many.xlsx")
    assert not [name for name in parts(many) if "comments" in name]


def test_nothing_written_can_start_a_formula(checked, tmp_path):
    rows = [row(1, name="=cmd|' /C calc'!A0", email='=HYPERLINK("http://x","</t></is></c><c r="L9"><f>1+1</f></c>")', canceled="@SUM(1)")]
    path = mark_workbook(checked(by_openpyxl(rows)), tmp_path / "marked.xlsx")
    sheet = openpyxl.load_workbook(path)["Open items"]
    assert [cell.data_type for cell in sheet[2] if isinstance(cell.value, str)] == ["s"] * 7
    assert sheet["K2"].data_type == "s"
    assert sheet.max_column == 11
    assert b"<f>" not in parts(path)[SHEET]


def test_the_status_goes_where_nothing_stands(checked, tmp_path):
    def beside(book, sheet) -> None:
        sheet["K4"] = '=IF(1,"","")'
        sheet["XA3"].fill = PatternFill("solid", fgColor="00FF00")

    report = checked(by_openpyxl(change=beside))
    sheet = openpyxl.load_workbook(mark_workbook(report, tmp_path / "marked.xlsx"))["Open items"]
    assert sheet["K4"].value == '=IF(1,"","")'
    assert sheet["XA3"].fill.fgColor.rgb == "0000FF00"
    assert sheet["L1"].value == "Status"
    assert sheet["L3"].value.startswith("2 errors: ")


def test_status_goes_before_cells_that_are_format_alone(checked, tmp_path):
    def beside(book, sheet) -> None:
        for where in ("K3", "M3", "M5"):
            sheet[where].fill = PatternFill("solid", fgColor="00FF00")

    path = mark_workbook(checked(by_openpyxl(change=beside)), tmp_path / "marked.xlsx")
    xml = parts(path)[SHEET].decode()
    assert [re.findall(rf'<c r="([A-Z]+){number}"', xml)[-2:] for number in (3, 5)] == [["K", "M"], ["K", "M"]]
    assert openpyxl.load_workbook(path)["Open items"]["K3"].value.startswith("2 errors")


def test_a_second_status_column_says_so(checked, tmp_path):
    first = mark_workbook(checked(by_openpyxl()), tmp_path / "first.xlsx")
    again = examine(read(first, rules=RULES), RULES)
    sheet = openpyxl.load_workbook(mark_workbook(again, tmp_path / "second.xlsx"))["Open items"]
    assert [cell.value for cell in sheet[1]][-2:] == ["Status", "Status (check)"]


def test_what_cannot_be_marked_is_told(checked, tmp_path):
    good = checked(by_openpyxl())
    source = tmp_path / "october.xlsx"
    with pytest.raises(CannotRun, match="Give it a name that ends in .xlsx"):
        mark_workbook(good, tmp_path / "marked.csv")
    with pytest.raises(CannotRun, match="would be written over"):
        mark_workbook(good, source)
    (tmp_path / "a.csv").write_text("Invoice ID,Amount\n1,2\n", encoding="utf-8")
    with pytest.raises(CannotRun, match="it is no .xlsx or .xlsm workbook. Importing it gives a workbook of the rows to fix"):
        mark_workbook(examine(read(tmp_path / "a.csv"), RULES), tmp_path / "b.csv")
    with pytest.raises(CannotRun, match="was not read from a file"):
        mark_workbook(examine(read(("a.xlsx", source.read_bytes())), RULES), tmp_path / "b.xlsx")
    source.write_bytes(by_xlsxwriter())
    with pytest.raises(CannotRun, match="no longer the file that was checked"):
        mark_workbook(good, tmp_path / "b.xlsx")
    assert not list(tmp_path.glob("*.part")) and not (tmp_path / "b.xlsx").exists()


@pytest.mark.parametrize(
    "change",
    [
        partial(
            patched, change=lambda xml: xml.replace(b"<cellXfs", b"<cellXfz").replace(b"</cellXfs", b"</cellXfz"), part="xl/styles.xml"
        ),
        partial(patched, change=lambda xml: re.sub(rb"<fonts.*</fonts>", b"<fonts/>", xml), part="xl/styles.xml"),
        partial(patched, change=lambda xml: b"", part="xl/styles.xml"),
        partial(patched, change=lambda xml: b"\xff\xfe" + xml.decode().replace("utf-8", "utf-16").encode("utf-16-le")),
    ],
)
def test_unusual_workbooks_are_refused_or_marked(change, checked, tmp_path):
    """One sentence, and nothing half written."""
    try:
        report = checked(change(by_xlsxwriter()))
    except CannotRun:
        return  # reading refused it already
    with pytest.raises(CannotRun, match=r"cannot be marked.*Excel"):
        mark_workbook(report, tmp_path / "marked.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["october.xlsx"]
