"""The error workbook and listings: what they hold, that they can be read back, and that nothing in them is a formula (X-16)."""

import ast
import csv
import dataclasses
import datetime as dt
import os
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from invoice_rules.reading import read
from invoice_rules.results import Outcome, Plan, Report
from invoice_rules.table import Kind
from invoice_rules.workbooks import Cells, Look, Sheet, error_workbook, place, safe_text, table_csv, table_workbook, write_sheets
from invoice_rules.workbooks.listings import PREFIXED, guard
from tests.making import RECEIVABLES, mapped, receivable, table
from tests.modules import imports, module_files

NOW = pd.Timestamp("2026-11-21 14:02")
NAUGHTY = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "{=1}", "#N/A", "#REF!",
    "＝1+1", "http://a.b/c", "TRUE", "007", "1E5", "20 Nov", "_x0041_", "a\r\nb", " both ", "<a>&amp;</a>", "]]>", "😀", "'quoted", '"', "a\x00b", "\x1f", "\ufffe",
)  # fmt: skip


def report(*rows: dict[str, str], kinds=None, **asked) -> Report:
    made = table(rows, kinds)
    return examine(made, RECEIVABLES, mapped(made.headings), **asked)


def sheet_of(path: Path, name: str = "To fix") -> list[list[object]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[name].iter_rows()]


def test_nothing_rejected_makes_no_workbook(tmp_path):  # S0-25
    assert error_workbook(report(receivable(0)), tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_only_the_rejected_rows_in_their_order_with_all_columns(tmp_path):  # S0-26, X-2
    rows = [receivable(n, note=f"n{n}") for n in range(5)]
    rows[1]["contactEmail"] = rows[3]["contactEmail"] = ""
    path = error_workbook(report(*rows), tmp_path, now=NOW)
    assert path == tmp_path / "october - to fix 2026-11-21 14.02.xlsx"
    heading, *body = sheet_of(path)
    assert heading == [*rows[0], "Source row", "Status", "Reasons"]
    assert [(row[0], row[10], row[11]) for row in body] == [("INV-1002", "n1", 3), ("INV-1004", "n3", 5)]
    assert body[0][12:] == ["1 error: contact e-mail is blank", "Contact e-mail is blank. Every invoice needs one."]


def test_a_fix_has_its_own_column_and_a_hint_says_perhaps(tmp_path):
    path = error_workbook(report(receivable(0, isCanceled="Y"), receivable(1, isCanceled="void")), tmp_path)
    heading, first, second = sheet_of(path)
    assert (heading[-1], first[-1], second[-1]) == ("Suggested fix", "Canceled: yes", "Canceled: perhaps yes")


def test_wrong_cells_are_tinted_and_required_headings_are_dark(tmp_path):
    path = error_workbook(report(receivable(0, contactEmail="", dateDue="10/01/2026", note="")), tmp_path)
    sheet = openpyxl.load_workbook(path)["To fix"]
    fills = {sheet.cell(1, column).value: sheet.cell(2, column).fill.fgColor.rgb[2:] for column in range(1, 12)}
    assert (fills["contactEmail"], fills["dateDue"], fills["amount"]) == ("FFC7CE", "FFEB9C", "000000")
    heads = {cell.value: (cell.fill.fgColor.rgb[2:], cell.font.color.rgb[2:]) for cell in sheet[1]}
    assert heads["amount"] == ("1F3864", "FFFFFF")
    assert heads["note"][0] == "D9E2F3"


def test_the_sheet_is_ready_for_work_and_print(tmp_path):
    path = error_workbook(report(receivable(0, contactEmail="")), tmp_path)
    book = openpyxl.load_workbook(path)
    sheet = book["To fix"]
    assert book.sheetnames == ["To fix", "Summary"]
    assert book.active.title == "To fix"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:M2")
    assert (sheet.print_title_rows, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == ("$1:$1", 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet["A2"].number_format == "@"
    assert all(8 <= sheet.column_dimensions[letter].width <= 60 for letter in "ABCDEFGHIJKLM")


def test_cells_stay_what_they_were(tmp_path):  # read back, the workbook says the same
    N, D, Y, T = Kind.NUMBER, Kind.DATE, Kind.YES_NO, Kind.TEXT
    rows = [
        receivable(
            0,
            invoiceNumber="1001",
            amount="36788.399999999994",
            date="2026-10-31",
            dateDue="2026-11-30 12:30:00",
            isCanceled="FALSE",
            contactEmail="",
        ),
        receivable(1, invoiceNumber="00123", amount="1,000.00", date="10/31/2026", dateDue="1899-01-01", isCanceled="no", contactEmail=""),
    ]
    kinds = {"invoiceNumber": [N, T], "amount": [N, T], "date": [D, T], "dateDue": [D, D], "isCanceled": [Y, T]}
    path = error_workbook(report(*rows, kinds=kinds), tmp_path)
    first, second = openpyxl.load_workbook(path)["To fix"].iter_rows(min_row=2, max_row=3)
    assert [cell.data_type for cell in first[:10]] == ["s", "s", "n", "s", "s", "s", "d", "d", "b", "n"]
    assert first[1].value == "1001"
    assert first[6].number_format == "d mmm yyyy"
    assert [cell.data_type for cell in second[1:9]] == ["s", "s", "s", "s", "s", "s", "s", "s"]
    again = read(path)
    assert first[2].value == 36788.399999999994
    assert [again.shown(0, column) for column in (1, 6, 8)] == ["1001", "2026-10-31", "FALSE"]
    assert [again.shown(1, column) for column in (1, 2, 6, 7)] == ["00123", "1,000.00", "10/31/2026", "1899-01-01"]


def test_lost_digits_stay_lost(tmp_path):  # the number does not come back as if it were whole
    rows = [receivable(0, invoiceId="4.72026110045781E+15"), receivable(1)]
    path = error_workbook(report(*rows, kinds={"invoiceId": [Kind.NUMBER, Kind.TEXT]}), tmp_path)
    again = examine(read(path), RECEIVABLES)
    assert [problem.rule for problem in again.problems if problem.row] == ["lost-digits"]


def test_identifiers_that_became_dates_stay_dates_until_they_are_typed_anew(tmp_path):
    rows = [receivable(0, invoiceId="2026-01-02", invoiceNumber="TRUE"), receivable(1, invoiceId="0042", invoiceNumber="1002", amount="x")]
    kinds = {"invoiceId": [Kind.DATE, Kind.NUMBER], "invoiceNumber": [Kind.YES_NO, Kind.NUMBER]}
    path = error_workbook(report(*rows, kinds=kinds), tmp_path)
    again = examine(read(path), RECEIVABLES)
    assert [(problem.row, problem.field, problem.rule) for problem in again.problems.at_least(Severity.WARNING)] == [
        (2, "invoiceId", "lost-form"),
        (2, "invoiceNumber", "lost-form"),
        (3, "amount", "money"),
    ]
    assert again.table.shown(1, 0) == "0042"
    cells = openpyxl.load_workbook(path)["To fix"]
    assert [cells[at].number_format for at in ("A2", "A3", "B2", "B3")] == ["d mmm yyyy", "@", "@", "@"]


def test_amounts_keep_the_currency_that_they_were_shown_in(tmp_path):
    made = dataclasses.replace(
        table([receivable(at, amount="1000", amountDue="1000") for at in (0, 1)], {"amount": [Kind.NUMBER, Kind.NUMBER]}), currencies={2: {"EUR": np.array([3])}}
    )
    path = error_workbook(examine(made, RECEIVABLES, mapped(made.headings)), tmp_path)
    again = examine(read(path), RECEIVABLES)
    assert [(problem.row, problem.field, problem.rule) for problem in again.problems.at_least(Severity.WARNING)] == [(2, "amount", "shown-currency")]
    assert openpyxl.load_workbook(path)["To fix"]["C2"].number_format == "[$EUR] #,##0.00##"


def test_summary_has_its_own_totals(tmp_path):
    rows = [
        receivable(0),
        receivable(1, amountDue="2,000.00"),
        receivable(2, amount="1,00.00"),
        receivable(3, amount="12", amountDue="0", currency="JPY"),
    ]
    rows = [{"currency": "USD", **row} for row in rows]
    rows[3]["contactEmail"] = ""
    path = error_workbook(report(*rows, sender="Hollis"), tmp_path, now=NOW)
    lines = sheet_of(path, "Summary")
    told = {line[0]: line[1:] for line in lines if line[0]}
    assert lines[0][0] == "3 of 4 invoices are to fix"
    assert (told["File"][0], told["Sender"][0], told["Made"][0]) == ("october.csv", "Hollis", "21 Nov 2026, 14:02")
    assert told["USD"][:3] == [2, 1000, 2250]
    assert told["JPY"][:3] == [1, 12, 0]
    assert "Blank or unreadable, and so not in the totals: Amount: 1 cell." in told
    assert told["Amount due"][:3] == [1, "error", "within-amount"]
    assert told["Amount due"][3].startswith("Row 3: Amount due (2,000.00) is more")


def test_a_question_about_the_file_is_on_the_summary(tmp_path):
    rows = [{name: cell for name, cell in receivable(n).items() if name != "contactEmail"} for n in range(2)]
    path = error_workbook(report(*rows), tmp_path)
    assert len(sheet_of(path)) == 3
    assert any(line[0] == "The whole file" and line[3] == "unmapped" for line in sheet_of(path, "Summary"))


def test_with_a_plan_the_plan_says_what_stayed_out(tmp_path):
    found = report(receivable(0), receivable(1, contactEmail=""), receivable(2))
    plan = Plan(id="p", report=found, store=None, outcomes=np.array([Outcome.REJECTED, Outcome.REJECTED, Outcome.CREATED]), revision=0)
    for path in (error_workbook(plan, tmp_path), error_workbook(found, tmp_path, plan)):
        assert [row[0] for row in sheet_of(path)[1:]] == ["INV-1001", "INV-1002"]


def test_our_columns_are_not_repeated_when_a_workbook_comes_back(tmp_path):  # S0-26
    first = error_workbook(report(receivable(0, isCanceled="Y")), tmp_path, now=NOW)
    second = error_workbook(examine(read(first), RECEIVABLES), now=NOW)
    assert second.name == "october - to fix 2026-11-21 14.02 (2).xlsx"
    assert sheet_of(second)[0] == sheet_of(first)[0]


def test_a_column_of_the_sender_with_our_name_stays_theirs(tmp_path):
    path = error_workbook(report(receivable(0, contactEmail="", Status="theirs")), tmp_path)
    assert sheet_of(path)[0][10:] == ["Status", "Source row", "Status (check)", "Reasons"]


def test_never_overwrites(tmp_path):  # S0-25
    found = report(receivable(0, contactEmail=""))
    names = [error_workbook(found, tmp_path, now=NOW).name for _ in range(3)]
    assert names == [f"october - to fix 2026-11-21 14.02{more}.xlsx" for more in ("", " (2)", " (3)")]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_an_unwritable_folder_gives_another_path(tmp_path, monkeypatch):  # S0-25
    monkeypatch.setattr("platformdirs.user_documents_path", lambda: tmp_path)
    path = error_workbook(report(receivable(0, contactEmail="")), tmp_path / "gone", now=NOW)
    assert path.parent == tmp_path
    assert len(sheet_of(path)) == 2


def test_no_folder_at_all_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_documents_path", lambda: tmp_path / "a")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "b"))
    with pytest.raises(CannotRun, match="could not be written anywhere"):
        error_workbook(report(receivable(0, contactEmail="")), tmp_path / "c")


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    def fail(path: Path) -> None:
        path.write_text("half")
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        place("a.xlsx", tmp_path, fail)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", NAUGHTY, ids=ascii)
def test_no_text_becomes_a_formula(tmp_path, text):
    path = error_workbook(report(receivable(0, customerName=text, contactEmail="", **{text: text})), tmp_path)
    _no_formula(path)
    again = read(path)
    assert again.shown(0, 4) == safe_text(text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", safe_text(text))


def _no_formula(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                tags = re.sub(r"<t xml:space=.*?</t>", "", parts.read(name).decode(), flags=re.DOTALL)
                assert not re.search("<f[ >/]|hyperlink", tags)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=30))
def test_any_text_comes_back_as_it_was(tmp_path_factory, texts):
    import pyarrow as pa

    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    write_sheets([Sheet("a", top=[[("text", Kind.TEXT, Look())]], body=[Cells(pa.array(["x", *texts]))])], path)
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    got = [row[0] for row in rows[2:]] + [""] * (len(texts) - len(rows) + 2)
    assert got == [
        re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", lambda m: chr(0x2400 + ord(m[0])), text)
        .replace("\ufffe", "\u2426")
        .replace("\uffff", "\u2426")
        for text in texts
    ]


ODD = (
    *("\0", "\x1b[31mred", "\x7f", "\u202e1", "\uffff", "\U0010ffff", "_x0041_", "\ufeff1", "\n" * 3, "\t", " ", "'", '"', "''1", "x" * 32_768),
    *("=1+1", "@SUM(A1)", "+5", "--5", "5-", "-0", "0", "(((5)))", "9" * 50, "1e400", "nan", "0x1F", "1_000", "1'000.00", "5 000,00", "1.000.000,5", "½", "١٢٣", "$$1"),
    *("#REF!", "TRUE", "99/99/9999", "12/31/99999", "1/1/0001", "a@b..c", "a@b.c;", "{amount}", "&#0;", "</is></c>", "]]>", "ı", "ß" * 41, "e\u0301" * 41, "␛"),
)  # fmt: skip


def test_what_stays_out_stays_out_until_it_is_mended(tmp_path):
    """X-3, X-16: an error workbook that comes back as it was holds no row that has become good by being written."""
    rows = [receivable(at, **{name: text}) for at, (name, text) in enumerate((name, text) for name in receivable() for text in ODD)]
    first = report(*rows)
    again = examine(read(error_workbook(first, tmp_path)), RECEIVABLES)
    assert first.rejected == again.rejected == len(again.table) > 300
    source = again.table.frame[again.table.headings.index("Source row")].astype(int).tolist()
    kinds = [{(p.row, p.field, p.rule) for p in its.problems if p.row and p.severity == Severity.ERROR and p.rule != "long-cell"} for its in (first, again)]
    assert {(source[row - again.table.frame.index[0]], field, rule) for row, field, rule in kinds[1]} == kinds[0]


def test_too_long_a_text_is_cut_and_says_so(tmp_path):
    path = error_workbook(report(receivable(0, customerName="x" * 40_000)), tmp_path)
    cell = sheet_of(path)[1][4]
    assert len(cell) <= 32_767
    assert cell.endswith("(cut here: the text has 40,000 characters)")


def test_a_few_rejected_rows_among_many(tmp_path):
    rows = [receivable(n) for n in range(20_000)]
    for n in range(0, 20_000, 20):
        rows[n]["isCanceled"] = "Y"
    found = report(*rows)
    path = error_workbook(found, tmp_path)
    assert len(sheet_of(path)) == 1_001


LISTING = pd.DataFrame(
    {
        "invoiceId": ["00123", "=1+1", None],
        "amount": [Decimal("1234.50"), Decimal("-5.00"), None],
        "rows": [1, 2, 3],
        "date": [dt.date(2026, 11, 21), None, dt.date(2026, 1, 2)],
        "canceled": [True, False, None],
        "due": ["-5.00", "1,200.00", "+1 555 0100"],
    }
)


def test_a_listing_as_a_workbook(tmp_path):
    path = table_workbook(LISTING, tmp_path / "a.xlsx", "Invoices: 2026/11")
    sheet = openpyxl.load_workbook(path).active
    assert sheet.title == "Invoices  2026 11"
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["00123", 1234.5, 1, pd.Timestamp("2026-11-21"), True, "-5.00"],
        ["=1+1", -5, 2, None, False, "1,200.00"],
        [None, None, 3, pd.Timestamp("2026-01-02"), None, "+1 555 0100"],
    ]
    assert (sheet["A3"].data_type, sheet["B2"].number_format, sheet["C2"].number_format) == ("s", "#,##0.00", "General")
    _no_formula(path)


def test_a_listing_as_csv_says_what_it_prefixed(tmp_path):  # X-16, ASVS 1.2.10
    path = table_csv(LISTING, tmp_path / "a.csv")
    heading, first, second, third = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    assert heading == [f"invoiceId {PREFIXED}", "amount", "rows", "date", "canceled", f"due {PREFIXED}"]
    assert first == ["00123", "1234.50", "1", "2026-11-21", "TRUE", "-5.00"]
    assert second == ["'=1+1", "-5.00", "2", "", "FALSE", "1,200.00"]
    assert third == ["", "", "3", "2026-01-02", "", "'+1 555 0100"]


@pytest.mark.parametrize("text", NAUGHTY[:10], ids=ascii)
def test_what_could_start_a_formula_is_guarded(text):
    assert guard(text).startswith("'")


def test_an_empty_listing_has_its_headings(tmp_path):
    empty = LISTING.iloc[:0]
    assert [cell.value for cell in openpyxl.load_workbook(table_workbook(empty, tmp_path / "a.xlsx")).active[1]] == list(LISTING.columns)
    assert table_csv(empty, tmp_path / "a.csv").read_text(encoding="utf-8-sig").split() == [",".join(LISTING.columns)]


def test_a_listing_that_cannot_be_written_says_what_to_do(tmp_path):
    with pytest.raises(CannotRun, match="Close it if it is open in Excel"):
        table_workbook(LISTING, tmp_path / "gone" / "a.xlsx")


def test_nothing_else_writes_spreadsheets():
    """openpyxl's writing half, XlsxWriter, `to_excel` and `to_csv` stand in this room only; the add-in's engine writes into an open sheet."""
    guilty = []
    for name, file in module_files("invoice_rules").items():
        if name.startswith("invoice_rules.workbooks"):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        writers = {
            module for module, _ in imports(file) if module.split(".")[0] in ("openpyxl", "xlsxwriter", "pyexcelerate", "xlwt", "odf")
        }
        guilty += [(name, found) for found in writers | (calls & {"to_excel", "ExcelWriter", "to_csv"})]
    assert not guilty


def test_the_room_for_writing_has_one_door():
    """Only `sheets` knows openpyxl, and only for the shell: no cell of a user's is given to it. Templates hold no cell of a user's."""
    users = [
        name
        for name, file in module_files("invoice_rules/workbooks").items()
        if any(module.startswith("openpyxl") for module, _ in imports(file)) and ".templates" not in name
    ]
    assert users == ["invoice_rules.workbooks.sheets"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_others_of_the_folder_may_read_it(tmp_path):
    path = error_workbook(report(receivable(0, contactEmail="")), tmp_path)
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
