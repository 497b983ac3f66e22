"""Workbooks: cells as the user sees them, sheets, hidden rows, what the pre-check adds (X-3, X-22, X-23)."""

import datetime
import io
import re
import tempfile
import zipfile

import pytest
import python_calamine

from invoice_rules.reading import read
from invoice_rules.reading.child import PasswordError, number, opened
from invoice_rules.reading.numberformats import shown_by
from invoice_rules.rulesets import rule_set
from invoice_rules.table import TEXT, Kind
from tests.reading.files import SHEET, cells, patched, refusal, told, workbook, written

ROWS = [["Invoice", "Customer", "Amount"], ["INV-1", "Acme", 5], ["INV-2", "Bo", 6.5]]


def one_of_each(book, sheet) -> None:
    def form(code):
        return book.add_format({"num_format": code})

    sheet.write_row(0, 0, ["id", "n", "percent", "date", "time", "flag", "error", "zip", "big", "code"])
    for row in (1, 2, 3):
        sheet.write_string(row, 0, f"00{row}")
        sheet.write_number(row, 1, [1000.5, 1001.0, 128861.32999999998][row - 1])
        sheet.write_number(row, 2, 0.105, form("0.0%"))
        sheet.write_datetime(row, 3, datetime.date(2026, 11, 20 + row), form("dd/mm/yyyy"))
        sheet.write_datetime(row, 4, datetime.datetime.fromisoformat("2026-11-21 14:02:03"), form("yyyy-mm-dd hh:mm"))
        sheet.write_boolean(row, 5, row == 1)
        sheet.write_formula(row, 6, "=1/0", None, "#DIV/0!")
        sheet.write_number(row, 7, 123, form("00000"))
        sheet.write_number(row, 8, 4.72e15)
        sheet.write_number(row, 9, 42, form('"INV-"0000'))
    sheet.set_row(2, None, None, {"hidden": True})


def test_cells_read_as_the_user_sees_them():
    table = read(("a.xlsx", written(one_of_each)))
    assert cells(table)[0] == [
        "001",
        "1000.5",
        "0.105",
        "2026-11-21",
        "2026-11-21 14:02:03",
        "TRUE",
        "#DIV/0!",
        "00123",
        "4.72E+15",
        "INV-0042",
    ]
    assert [row[1] for row in cells(table)] == ["1000.5", "1001", "128861.33"]
    kinds = [Kind.TEXT, Kind.NUMBER, Kind.PERCENT, Kind.DATE, Kind.DATE, Kind.YES_NO, Kind.ERROR, Kind.NUMBER, Kind.NUMBER, Kind.NUMBER]
    assert [table.kind_at(0, at) for at in range(10)] == kinds
    assert (table.frame.dtypes == TEXT).all() and list(table.frame.index) == [2, 3, 4]
    assert table.origin.kind == "workbook" and table.origin.sheet == "Data" and table.origin.address(3, 2) == "C3"


def test_hidden_rows_are_marked():
    """X-23."""
    table = read(("a.xlsx", written(one_of_each)))
    assert table.hidden.tolist() == [False, True, False]
    assert told(table, "hidden-rows") == []  # the examination tells them, with the choice that there is


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (1e14, "100000000000000"), (-1.5, "-1.5"), (1e15, "1E+15"), (1e-7, "0.0000001"), (1.5e-10, "0.00000000015")],
)
def test_numbers_are_plain(value, text):
    assert number(value) == text


def test_dates_out_of_reach_stay_numbers():
    def fill(book, sheet):
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["id", "date"])
        for row, serial in enumerate([20000, 32874, 73415, 73416, 59.5], 1):
            sheet.write_string(row, 0, "x")
            sheet.write_number(row, 1, serial, form)

    assert [row[1] for row in cells(read(("a.xlsx", written(fill))))] == ["20000", "1990-01-01", "2100-12-31", "73416", "1900-02-28 (59.5 or 60.5)"]


def test_workbooks_from_1904():
    def fill(book, sheet):
        sheet.write_row(0, 0, ["id", "date"])
        sheet.write_row(1, 0, ["x", 44927], book.add_format({"num_format": "yyyy-mm-dd"}))

    data = patched(written(fill), lambda xml: xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" '), "xl/workbook.xml")
    table = read(("a.xlsx", data))
    assert cells(table) == [["x", "2027-01-02"]] and table.origin.from_1904


@pytest.mark.parametrize(("from_1904", "lost"), [(False, [59, 59.5, 60, 60.5]), (True, [])])
def test_numbers_in_cells_that_are_formatted_as_dates_keep_their_value(from_1904, lost):
    """X-3: Excel's 59 and 60 of 1900 arrive as one day, so neither is taken for the other."""
    stored = [1, 45, 45.25, 58.75, 59, 59.5, 60, 60.5, 61, 61.5, 20000]

    def fill(book, sheet):
        form = book.add_format({"num_format": "m/d/yyyy"})
        sheet.write_row(0, 0, ["id", "amount"])
        for row, serial in enumerate(stored, 1):
            sheet.write_string(row, 0, "x")
            sheet.write_number(row, 1, serial, form)

    data = written(fill)
    if from_1904:
        data = patched(data, lambda xml: xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" '), "xl/workbook.xml")
    table = read(("a.xlsx", data))
    shown = {serial: (row[1], kind) for serial, row, kind in zip(stored, cells(table), table.kinds[1].tolist(), strict=True)}
    assert {serial: text for serial, text in shown.items() if serial not in lost} == {serial: (str(serial), Kind.NUMBER) for serial in stored if serial not in lost}
    assert {shown[serial] for serial in lost} == ({("1900-02-28 (59 or 60)", Kind.DATE), ("1900-02-28 (59.5 or 60.5)", Kind.DATE)} if lost else set())


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("00000", "00123"),
        ('"INV-"0000', "INV-0123"),
        ("000-00", "001-23"),
        ("0", None),
        ("0.00", None),
        ("#,##0", None),
        ("General", None),
        ("14", None),
    ],
)
def test_number_formats_with_zeros(code, text):
    shown = shown_by(code)
    assert (shown.text("123") if shown else None) == text


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        ("[$€-2] #,##0.00", "EUR"),
        ("[$€-x-euro2] #,##0.00", "EUR"),
        ('"£"#,##0.00;[Red]-"£"#,##0.00', "GBP"),
        ("[$EUR] #,##0.00", "EUR"),
        ("[$¥-411]#,##0", "¥"),
        ('#,##0.00 "CHF"', "CHF"),
        (r"#,##0.00\ \S\E\K", "SEK"),
        ("#,##0.00 €", "EUR"),
        ("[$USD] 0.00", "USD"),
        ('"$"#,##0.00', ""),
        ("[$$-409]#,##0.00", ""),
        ('_($* #,##0.00_);_($* "-"??_)', ""),
        ("_-* #,##0.00 _€_-", ""),
        ("[$-409]mmmm d, yyyy", ""),
        ('0 "pcs"', ""),
        ("[Red]0.00", ""),
        ("44", ""),
    ],
)
def test_number_formats_with_currencies(code, currency):
    shown = shown_by(code)
    assert (shown.currency if shown else "") == currency


def test_currencies_that_a_sheet_shows_are_known():
    def fill(book, sheet):
        euro, other = (book.add_format({"num_format": code}) for code in ("[$€-2] #,##0.00", "#,##0.00 [$EUR]"))
        sheet.write_row(1, 1, ["id", "amount", "due"])
        for row, form in enumerate((euro, None, other, euro), 2):
            sheet.write_string(row, 1, "x")
            sheet.write_number(row, 2, 1200.5, form)
            sheet.write_string(row, 3, "5", euro)

    table = read(("a.xlsx", written(fill)))
    assert {column: {sign: rows.tolist() for sign, rows in its.items()} for column, its in table.currencies.items() if its} == {1: {"EUR": [3, 5, 6]}}
    assert [row[1] for row in cells(table)] == ["1200.5"] * 4
    assert table.shown_in(1)["EUR"].tolist() == [0, 2, 3]
    assert table.with_cells({(3, 1): "7"}).shown_in(1)["EUR"].tolist() == [2, 3]
    assert table.shown_in(0) == table.shown_in(2) == {}


def test_a_number_longer_than_its_format_keeps_all_digits():
    assert shown_by('"INV-"0000').text("1234567") == "INV-1234567"
    assert shown_by("000-00").text("1234567") == "12345-67"
    assert shown_by("[" * 300) is None


def test_a_formula_without_a_result_is_named():
    table = read(("a.xlsx", workbook([["a", "b", "c"], ["x", 1, "=B2*2"], ["y", 2, "=B3*2"]])))
    assert told(table, "uncomputed")[0].startswith("Cells C2, C3 hold a formula whose result was not saved")


def test_the_sheet_is_chosen_or_asked():
    data = workbook(ROWS, Notes=[["Written by Ada"]], Empty=[])
    table = read(("a.xlsx", data))
    assert table.origin.sheet == "Data" and table.origin.sheets == ("Data", "Notes", "Empty")
    assert told(table, "sheet") == ['Sheet "Data" of a.xlsx is read, because its headings fit best. Left alone: "Notes", "Empty".']
    assert "only one with data" in told(read(("a.xlsx", workbook([], "Empty", Data=ROWS))), "sheet")[0]
    both = ("a.xlsx", workbook(ROWS, More=ROWS))
    assert refusal(both) == 'a.xlsx has several sheets that may hold the rows: "Data", "More". Choose one with --sheet.'
    assert read(both, sheet="more").origin.sheet == "More"
    assert refusal(both, sheet="None") == 'a.xlsx has no sheet "None". It has: "Data", "More".'


def test_the_rule_set_helps_to_choose_the_sheet():
    rules = rule_set("paystand.receivables")
    data = workbook(
        [["Item", "Unit", "Price"], ["x", "kg", 5], ["y", "l", 6]], Open=[["Invoice ID", "Amount due", "Due date"], ["1", 2, 3]]
    )
    assert read(("a.xlsx", data), rules=rules).origin.sheet == "Open"


def test_bands_blank_rows_and_totals():
    rows = [["Invoices of May"], [], *ROWS, [], ["Total", None, 11.5]]
    table = read(("a.xlsx", workbook(rows)))
    assert table.origin.header_row == 3 and list(table.frame.index) == [4, 5] and table.totals == {7: ("Total", "", "11.5")}
    shifted = read(("a.xlsx", workbook([[None, None, *row] for row in ROWS])))
    assert shifted.origin.first_column == 2 and shifted.origin.address(2, 0) == "C2"


def test_ghost_cells_cost_nothing():
    """Formats far down and far right hold nothing: no reader allocates for them, no message speaks of them."""
    ghosts = b"".join(b'<row r="%d"><c r="A%d" s="0"/><c r="XFD%d" s="0"/></row>' % (at, at, at) for at in range(10, 100_000))
    data = patched(workbook(ROWS), lambda xml: xml.replace(b"</sheetData>", ghosts + b"</sheetData>"))
    assert read(("a.xlsx", data)).frame.shape == (2, 3)


def test_macros_are_not_run_and_not_refused():
    data = patched(workbook(ROWS), lambda xml: xml, more={"xl/vbaProject.bin": b"\0" * 100})
    assert len(read(("a.xlsm", data))) == 2


def test_parts_in_an_unusual_form_are_read_too():
    """Comments, single quotes, prefixes and missing references take the careful way and give the same cells."""
    plain = cells(read(("a.xlsx", workbook(ROWS))))
    for change in (
        lambda xml: xml.replace(b"<sheetData>", b"<!-- x --><sheetData>"),
        lambda xml: xml.replace(b'r="A2"', b"r='A2'"),
        lambda xml: xml.replace(b' r="A2"', b"").replace(b' r="B2"', b"").replace(b' r="C2"', b""),
        lambda xml: xml.replace(b'<row r="2"', b'<row hidden="1" r="2"').replace(b"<sheetData>", b"<sheetData >"),
    ):
        assert cells(read(("a.xlsx", patched(workbook(ROWS), change)))) == plain
    assert SHEET.endswith("sheet1.xml")


def amount(cell: bytes, kind: bytes = b"") -> bytes:
    """The workbook of ROWS with these elements in C2."""
    return patched(workbook(ROWS), lambda xml: xml.replace(b'<c r="C2" t="n"><v>5</v></c>', b'<c r="C2"' + kind + b">" + cell + b"</c>"))


@pytest.mark.parametrize(
    "value",
    [b"12<!-- x -->34", b"12<?x y?>34", b"12<x/>34", b"12&#51;4", b"&#49;234", b"12<![CDATA[34]]>", b"1234</v><v>5678", b"12</v><is><t>34</t></is><v>"],
)
def test_a_number_in_pieces_is_refused(value):
    """The reader of workbooks gives a part of it, or nothing."""
    damaged = "a.xlsx is damaged: the value of cell C2 is in pieces. Open it in Excel and save it again, or ask for it again."
    assert refusal(("a.xlsx", amount(b"<v>" + value + b"</v>"))) == damaged
    marked = patched(amount(b"<v>" + value + b"</v>"), lambda xml: xml.replace(b"<sheetData>", b"<!-- x --><sheetData>"))
    assert refusal(("a.xlsx", marked)) == damaged


def test_texts_may_hold_signs_that_xml_writes_otherwise():
    assert cells(read(("a.xlsx", amount(b"<f>A1</f><v>M &amp; S &#51;</v>", b' t="str"'))))[0][2] == "M & S 3"
    assert cells(read(("a.xlsx", amount(b"<is><t>M &amp; S <![CDATA[&]]><!-- x --></t></is>", b' t="inlineStr"'))))[0][2] == "M & S &"
    assert cells(read(("a.xlsx", amount(b"<v>/1</v>", b' t="str"'))))[0][2] == "/1"
    assert "C2 is in pieces" in refusal(("a.xlsx", amount(b"<v>a<![CDATA[b]]></v>", b' t="str"')))


ONCE_MORE = b'<row r="3"><c r="A3"><v>1</v></c><c r="C3"><v>7</v></c></row>'


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        (lambda xml: xml.replace(b"</sheetData>", ONCE_MORE + b"</sheetData>"), "A3"),
        (lambda xml: xml.replace(b"</row></sheetData>", b'<c r="C3"><v>7</v></c></row></sheetData>'), "C3"),
        (lambda xml: xml.replace(b' r="A3"', b' r="A2"').replace(b' r="C3"', b' r="C2"'), "A2"),
        (lambda xml: xml.replace(b' r="B3"', b' r="C3"').replace(b'<c r="C3" t="n">', b"<c>").replace(b"</row></sheetData>", b'<c r="D3"><v>7</v></c></row></sheetData>'), "D3"),
    ],
    ids=["row", "cell", "cells of another row", "cell without an address"],
)
def test_a_cell_that_stands_twice_is_refused(change, cell):
    assert refusal(("a.xlsx", patched(workbook(ROWS), change))).startswith(f'a.xlsx is damaged: cell "{cell}" stands in it twice.')


def test_cells_in_another_order_are_read_once_each():
    plain = cells(read(("a.xlsx", workbook(ROWS))))
    for change in (
        lambda xml: xml.replace(b'<c r="C2" t="n"><v>5</v></c>', b"").replace(b'<row r="2">', b'<row r="2"><c r="C2"><v>5</v></c>'),
        lambda xml: xml.replace(b'<c r="C2" t="n"><v>5</v></c>', b"").replace(b"</sheetData>", b'<row r="2"><c r="C2"><v>5</v></c></row></sheetData>'),
        lambda xml: xml.replace(b'<c r="C2" t="n"><v>5</v></c>', b'<c r="C2"><v>5</v></c><c r="C2" s="0"/><c r="C2" s="0"></c>'),
    ):
        assert cells(read(("a.xlsx", patched(workbook(ROWS), change)))) == plain


def test_cells_are_in_order_over_all_blocks_of_a_large_sheet():
    rows = b"".join(b'<row r="%d"><c r="A%d" t="str"><v>x &amp; %s</v></c><c r="C%d"><v>%d</v></c></row>' % (at, at, b"y" * 90, at, at) for at in range(4, 20_000))
    data = patched(workbook(ROWS), lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert cells(read(("a.xlsx", data)))[-1][2] == "19999"
    again = patched(data, lambda xml: xml.replace(b"</sheetData>", ONCE_MORE + b"</sheetData>"))
    assert 'cell "A3" stands in it twice' in refusal(("a.xlsx", again))


def test_path_handle_and_bytes_give_the_same(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(ROWS))
    with path.open("rb") as handle:
        tables = [read(path), read(handle), read(("a.xlsx", path.read_bytes()))]
    assert all(cells(table) == cells(tables[0]) and table.origin.sha256 == tables[0].origin.sha256 for table in tables)


# .ods


def ods(*rows: str) -> bytes:
    """A workbook of LibreOffice's with these rows of one sheet."""
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    sheet = f'<table:table table:name="Data">{"".join(rows)}</table:table>'
    content = f"<office:document-content{spaces}><office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body></office:document-content>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def ods_row(*its: str, **more: str) -> str:
    attributes = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f"<table:table-row{attributes}>{''.join(its)}</table:table-row>"


def ods_cell(shown: str, kind: str = "string", more: str = "") -> str:
    return f'<table:table-cell office:value-type="{kind}"{more}><text:p>{shown}</text:p></table:table-cell>'


HEADS = ods_row(ods_cell("id"), ods_cell("note"), ods_cell("percent"))
PERCENT = ods_cell("10.50%", "percentage", ' office:value="0.105"')
ERROR = ' table:formula="of:=[.A99]/0" office:string-value="" calcext:value-type="error"'


def test_percent_cells_of_ods_are_known():  # S2-15
    table = read(ods(HEADS, ods_row(ods_cell("1"), ods_cell("x"), PERCENT), ods_row(ods_cell("2"), ods_cell("y"), ods_cell("10.5", "float", ' office:value="10.5"'))))
    assert [row[2] for row in cells(table)] == ["0.105", "10.5"]
    assert table.kinds[2].tolist() == [Kind.PERCENT, Kind.NUMBER]


@pytest.mark.parametrize("row", [ods_row(ods_cell("1"), number_rows_repeated="0"), ods_row(ods_cell("1", more=' table:number-columns-repeated="0"'))])
def test_a_row_or_cell_of_ods_that_stands_there_no_times_is_refused(row):
    assert "is damaged: a row or a cell in it stands there 0 times" in refusal(ods(HEADS, row, ods_row(ods_cell("2"), ods_cell("x"), PERCENT)))


def test_currencies_of_ods_are_known():
    def amount_in(code):
        return ods_cell("5", "currency", f' office:value="5" office:currency="{code}"')

    table = read(ods(HEADS, *[ods_row(ods_cell("1"), PERCENT, amount_in(code)) for code in ("EUR", "USD", "GBP", "EUR", "who")]))
    assert {sign: at.tolist() for sign, at in table.shown_in(2).items()} == {"EUR": [0, 3], "GBP": [2]}
    assert table.kinds[1].tolist() == [Kind.PERCENT] * 5


def test_a_cell_of_ods_that_stands_for_many_is_a_percentage_in_all_of_them():
    both = PERCENT.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="2"')
    table = read(ods(HEADS, ods_row(ods_cell("1"), both, number_rows_repeated="2")))
    assert [table.kinds[at].tolist() for at in (1, 2)] == [[Kind.PERCENT] * 2] * 2


@pytest.mark.parametrize("how", ["filter", "collapse"])
def test_hidden_rows_of_ods_are_marked(how):
    rows = [ods_row(ods_cell(str(n)), ods_cell("x"), PERCENT, **({"visibility": how} if n == 2 else {})) for n in (1, 2, 3)]
    assert read(ods(HEADS, *rows, ods_row(visibility=how, number_rows_repeated="1000000"))).hidden.tolist() == [False, True, False]


def test_error_cells_of_ods_are_errors():
    noted = ods_cell("#DIV/0!", more=ERROR).replace("<text:p>", "<office:annotation><text:p>see #1</text:p></office:annotation><text:p>")
    rows = [ods_row(ods_cell("1"), noted, ods_cell("Err:502", more=ERROR)), ods_row(ods_cell("2"), ods_cell("#1 of 3"), ods_cell("x"))]
    table = read(ods(HEADS, *rows))
    assert [row[1:] for row in cells(table)] == [["#DIV/0!", "Err:502"], ["#1 of 3", "x"]]
    assert table.kinds[1].tolist() == [Kind.ERROR, Kind.TEXT]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("North<text:tab/>Wing<text:line-break/>Ltd", "North\tWing\nLtd"),
        ("North<text:s/>Wing<text:tab/>&amp;<text:s text:c='3'/>Co", "North Wing\t&   Co"),
        ("A<text:tab/>B</text:p><text:p>C", "A\tB\nC"),
        ("A</text:p><text:p>B<text:span>C<text:tab/></text:span>D", "A\nBC\tD"),
        ("<text:ruby><text:ruby-base>\u6771\u4eac</text:ruby-base><text:ruby-text>\u3068\u3046</text:ruby-text></text:ruby>-1", "\u6771\u4eac-1"),
        ("<office:annotation><text:p>a<text:tab/>b</text:p></office:annotation>Plain<text:s/>text", "Plain text"),
    ],
)
def test_a_text_of_ods_keeps_its_tabs_and_lines(written, text):
    note = ods_cell(written).replace("<text:p><office:annotation>", "<office:annotation>").replace("</office:annotation>", "</office:annotation><text:p>")
    table = read(ods(HEADS, ods_row(ods_cell("1"), note, PERCENT), ods_row(ods_cell("2"), ods_cell("x"), PERCENT)))
    assert [row[1] for row in cells(table)] == [text, "x"] and 1 not in table.kinds


def test_a_text_of_ods_that_stands_for_many_keeps_them_in_all():
    both = ods_cell("a<text:tab/>b", more=' table:number-columns-repeated="2"')
    table = read(ods(HEADS, ods_row(both, PERCENT, number_rows_repeated="2")))
    assert [row[:2] for row in cells(table)] == [["a\tb", "a\tb"]] * 2
    many = ods_row(ods_cell("1"), ods_cell("a<text:tab/>b"), PERCENT, number_rows_repeated="100001")
    assert "is damaged: the value of cell B100002 is in pieces" in refusal(ods(HEADS, many))
    long = ods_row(ods_cell("1"), ods_cell("x<text:tab/>" + "y" * 1_000_000), PERCENT)
    assert "is damaged: the value of cell B2 is in pieces" in refusal(ods(HEADS, long))


def test_a_text_of_ods_that_would_be_cut_is_refused():
    broken = ods(HEADS, ods_row(ods_cell("1"), ods_cell("12<![CDATA[34]]>"), PERCENT))
    assert refusal(broken).endswith(" is damaged: the value of cell B2 is in pieces. Open it in Excel and save it again, or ask for it again.")
    whole = ods_cell("M &amp; S<!-- x --><text:span> 1</text:span>")
    assert cells(read(ods(HEADS, ods_row(ods_cell("1"), whole, PERCENT))))[0][1] == "M & S 1"


def test_cells_under_a_merged_one_count_in_ods():
    merged = '<table:table-cell office:value-type="string" table:number-columns-spanned="2"><text:p>1</text:p></table:table-cell><table:covered-table-cell/>'
    table = read(ods(HEADS, ods_row(merged, PERCENT), ods_row(ods_cell("2"), ods_cell("x"), PERCENT)))
    assert table.kinds[2].tolist() == [Kind.PERCENT] * 2


# what the reader does not know

ODD = ("#ERROR!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#GETTING_DATA", "#UNKNOWN!", "Err:502", "#DATA!")


def with_odd_errors(data: bytes, formula: bytes = b"") -> bytes:
    """The workbook with the numbers 1000, 1001 … of its sheet as error cells."""

    def change(xml: bytes) -> bytes:
        for at, shown in enumerate(ODD):
            number = 1000 + at
            xml = re.sub(rb'<c r="(\w+)"[^>]*><v>%d</v>' % number, rb'<c r="\1" t="e">' + formula + b"<v>" + shown.encode() + b"</v>", xml)
        return xml

    return patched(data, change)


@pytest.mark.parametrize("formula", [b"", b"<f>X()</f>"])
def test_errors_of_kinds_that_the_reader_does_not_know_are_that_cell_s(formula):
    rows = [["id", "amount", "note"], *([f"I-{at}", 1000 + at, "#ERROR!" if at == 2 else "x"] for at in range(len(ODD))), ["I-99", 5, "y"]]
    table = read(("a.xlsx", with_odd_errors(workbook(rows), formula)))
    assert [row[1] for row in cells(table)] == [*ODD, "5"] and cells(table)[2][2] == "#ERROR!"
    assert table.kinds[1].tolist() == [Kind.ERROR] * len(ODD) + [Kind.NUMBER]


def test_a_large_workbook_with_such_an_error_is_read_too(monkeypatch):
    monkeypatch.setattr("invoice_rules.reading.workbook._SMALL", 0)
    data = with_odd_errors(workbook([["id", "amount"], ["I-1", 1000], ["I-2", 7]], Other=[["id", "amount"], ["I-3", 8]]))
    assert cells(read(("a.xlsx", data), sheet="Data")) == [["I-1", "#ERROR!"], ["I-2", "7"]]


def in_utf_16(xml: bytes) -> bytes:
    return xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")


@pytest.mark.parametrize("more", [{}, {"Other": [["id", "amount"], ["I-3", 8]]}])
def test_a_sheet_in_utf_16_is_refused_not_left_out(more):  # S0-2: the reader would see none of its cells
    data = patched(workbook([["id", "amount"], ["I-1", 5]], **more), in_utf_16)
    assert refusal(("a.xlsx", data)) == "a.xlsx has a sheet that is written in UTF-16, which is not read. Open it in Excel and save it again."


def test_another_part_in_utf_16_is_no_sheet():
    data = patched(workbook([["id", "amount"], ["I-1", 5]]), bytes, more={"customXml/item1.xml": in_utf_16(b"<DataMashup>AAAA</DataMashup>")})
    assert cells(read(("a.xlsx", data))) == [["I-1", "5"]]


# .xls and .xlsb


@pytest.mark.parametrize("name", ["exceldatareader/CollapsedHide.xls", "exceldatareader/CollapsedHide.xlsb"])
def test_what_cannot_be_seen_in_a_format_is_told(name, shared_data):  # S2-15, X-23
    file = shared_data / "spreadsheets" / name
    (said,) = told(read(file), "unseen-in-format")
    assert said.startswith(f"Percentages, currencies and hidden rows cannot be seen in {file.suffix} files:")


def test_what_is_seen_is_not_told():
    assert told(read(("a.xlsx", workbook([["id", "note"], ["1", "x"]]))), "unseen-in-format") == []


def test_a_workbook_that_cannot_be_opened_is_written_nowhere(monkeypatch):
    """The process that reads may be ended at any time: it leaves nothing behind, for it writes nothing."""
    made = []
    monkeypatch.setattr(tempfile, "mkstemp", lambda *its, **named: made.append(its))
    with pytest.raises(python_calamine.CalamineError):
        opened(python_calamine, b"PK no workbook")
    biff = b"\x09\x08\x10\0\0\x06\x05\0" + bytes(12) + b"\x2f\0\x06\0" + bytes(506)
    with pytest.raises(PasswordError):
        opened(python_calamine, biff)
    assert not made
    assert "password" in refusal(("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + biff))


ODD_PLACES = {
    "a part called .dat": ("worksheets/sheet1.xml", "worksheets/sheet1.dat"),
    "a folder of its own": ("worksheets/sheet1.xml", "pages/sheet1.xml"),
    "a book in another folder": ("xl/", "wb/"),
    "a book in no folder": ("xl/", ""),
    "names with backslashes": ("worksheets/", "worksheets\\"),
}


@pytest.mark.parametrize(("its", "other"), ODD_PLACES.values(), ids=ODD_PLACES)
def test_a_sheet_that_lies_elsewhere_is_asked_like_any_other(its, other):
    """Hidden rows, error cells and percentages are seen wherever the links put the sheet (X-4, X-23, S2-15)."""

    def fill(book, sheet):
        percent = book.add_format({"num_format": "0.0%"})
        sheet.write_row(0, 0, ["invoiceId", "discount", "amount"])
        sheet.write_row(1, 0, ["INV-1", 0.105, 5], percent)
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
        sheet.write_row(3, 0, ["INV-2", 0.2, 6], percent)
        sheet.set_row(3, None, None, {"hidden": True})

    plain, out = written(fill), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            links = name.endswith(".rels") and "\\" not in other
            new.writestr(name.replace(its, other), content.replace(its.encode(), other.encode()) if links else content)
    tables = [read(("x.xlsx", data)) for data in (plain, out.getvalue())]
    assert cells(tables[0]) == cells(tables[1])
    assert told(tables[0]) == told(tables[1])
    assert tables[1].hidden.tolist() == tables[0].hidden.tolist() == [False, False, True]
    assert {at: its.tolist() for at, its in tables[0].kinds.items()} == {at: its.tolist() for at, its in tables[1].kinds.items()}
    assert Kind.PERCENT in tables[1].kinds[1]
