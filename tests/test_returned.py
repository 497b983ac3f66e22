"""An error workbook is read again as its file was: nothing is accepted that was refused, and no figure, row or invoice changes on the way (S0-26)."""

import datetime as dt
import json

import openpyxl
import pytest

from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from invoice_rules.reading import read
from invoice_rules.results import Expected
from invoice_rules.table import GOES_WITH_RECORD, GOES_WITH_ROW, OpenSheet
from invoice_rules.workbooks import error_workbook

TODAY = dt.date(2026, 11, 21)
SPECTRA, RECEIVABLES, QUICKBOOKS, SPECTRUM = "spectra.invoices", "paystand.receivables", "quickbooks.history", "spectrum.invoices"
LINES = "clientNumber,invoiceNumber,invoiceDate,invoiceType,quantity,unitPrice,currency"
WHOLE = "clientNumber,invoiceNumber,invoiceDate,invoiceType,amount"
MULTI = {"rowMode": "multi"}


def checked(path, rules, settings=None, **more):
    return examine(path, rules, settings=settings, today=TODAY, **more)


def text(folder, heading, *rows):
    path = folder / "file.csv"
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    return path


def to_fix(report, folder, **cells):
    """The workbook to fix, with these cells of its sheet changed; where it is."""
    path = error_workbook(report, folder)
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        book["To fix"][place] = value
    book.save(path)
    return path


def amounts(report, field="amount"):
    return dict(zip(report.rows[report.rules.key], report.rows[field], strict=True))


def refused(report):
    """Row of the file -> the rules that it breaks, those of the whole file under 0."""
    broken = {}
    for problem in report.problems.at_least(Severity.HOLD):
        broken.setdefault(problem.row or 0, set()).add(problem.rule)
    return broken


def test_a_decimal_comma_that_a_right_row_proves_is_one_in_the_rows_to_fix(tmp_path):  # X-12
    path = text(tmp_path, LINES, "1042,1,01/15/2026,Reorder,10,'0,50',EUR".replace("'", '"'), '1042,2,then,Reorder,10,"1,250",EUR')
    first = checked(path, SPECTRA, MULTI)
    assert first.ready.tolist() == [True, False]
    again = checked(to_fix(first, tmp_path, C2="01/15/2026"), SPECTRA, MULTI)
    assert (again.ready.tolist(), again.rows["amount"].tolist()) == ([True], [1250])


@pytest.mark.parametrize(
    ("field", "cells"),
    [("unitPrice", ("1,234", "12,50", "2,500.00")), ("invoiceDate", ("02/03/2026", "26/01/2026", "01/26/2026"))],
)
def test_a_cell_that_its_column_makes_doubtful_stays_doubtful(tmp_path, field, cells):  # X-12
    rows = [dict(zip(LINES.split(","), f"1042;{n};01/15/2026;Reorder;1;5;USD".split(";"), strict=True)) | {field: cell} for n, cell in enumerate(cells, 1)]
    first = checked(text(tmp_path, LINES, *(",".join(f'"{cell}"' for cell in row.values()) for row in rows)), SPECTRA, MULTI)
    again = checked(to_fix(first, tmp_path), SPECTRA, MULTI)
    assert not again.ready.any() and again.rows["invoiceNumber"].tolist() == first.rows["invoiceNumber"][~first.ready].tolist()
    third = checked(to_fix(again, tmp_path), SPECTRA, MULTI)
    assert refused(third) == refused(again)


def test_evidence_names_the_row_of_the_first_file(tmp_path):  # X-12
    first = checked(text(tmp_path, WHOLE, '1042,7,01/15/2026,Reorder,"1,234"', '1042,8,01/15/2026,Reorder,"12,50"', '1042,9,01/15/2026,Reorder,"2,500.00"'), SPECTRA)
    kept = [row for row, ready in zip(first.rows.index, first.ready, strict=True) if not ready]
    path = to_fix(first, tmp_path)
    (said,) = [problem.message for problem in checked(path, SPECTRA).problems.at_least(Severity.ERROR) if problem.rule == "decimal-mark"]
    assert 2 in kept and "(\"12,50\")" in said and "row 3" in said


def test_rows_with_more_or_fewer_cells_are_refused_until_somebody_says_that_they_are_right(tmp_path):  # X-22
    path = text(tmp_path, WHOLE + ",description", "1042,1,01/15/2026,Reorder,1,200.00,Album", "1042,2,01/15/2026,Reorder,50.00,Print", "1042,3,01/15/2026,Reorder,60.00")
    first = checked(path, SPECTRA)
    again = checked(to_fix(first, tmp_path), SPECTRA)
    assert refused(again) == {2: {"cells"}, 3: {"cells"}}
    sheet = openpyxl.load_workbook(error_workbook(again, tmp_path))["To fix"]
    column = next(cell.column_letter for cell in sheet[1] if cell.value == "Wrong cells")
    mended = checked(to_fix(again, tmp_path, E2="1200.00", F2="Album", **{f"{column}2": None}), SPECTRA)
    assert (mended.ready.tolist(), amounts(mended)["1"]) == ([True, False], 120000)


def test_records_that_stand_twice_do_not_become_one_invoice(tmp_path):  # X-9, S1-11
    one = {"Id": "1", "DocNumber": "Q1", "TxnDate": "2026-01-02", "TotalAmt": 50.0, "Balance": 50.0, "CustomerRef": {"value": "2", "name": "Bill"}, "Line": [{"Amount": 50.0, "DetailType": "SalesItemLineDetail"}]}
    path = tmp_path / "twice.json"
    path.write_text(json.dumps({"QueryResponse": {"Invoice": [one, one]}}), encoding="utf-8")
    settings = {"companyFile": "H", "project": "P"}
    first = checked(path, QUICKBOOKS, settings)
    again = checked(to_fix(first, tmp_path), QUICKBOOKS, settings)
    assert [len(report.ready) for report in (first, again)] == [2, 2]
    assert not again.ready.any() and {"duplicate"} in refused(again).values()
    assert GOES_WITH_RECORD in again.table.headings


def test_invoices_without_numbers_stay_apart_and_a_row_put_in_between_goes_with_the_one_above(tmp_path):  # S0-28
    heading = LINES.replace("invoiceNumber,", "").replace("currency", "description")
    path = text(tmp_path, heading, *(f"{client},01/15/2026,Reorder,{how},{price}," for client, how, price in ((1042, "x", 10), (1042, 1, 11), (1043, 1, 5), (1042, "x", 20), (1042, 1, 21))))
    first = checked(path, SPECTRA, MULTI)
    workbook = to_fix(first, tmp_path, D2="1", D4="1")
    assert checked(workbook, SPECTRA, MULTI).rows["amount"].tolist() == [2100, 4100]
    book = openpyxl.load_workbook(workbook)
    book["To fix"].insert_rows(4)
    for cell, value in zip(book["To fix"][4], ("1042", "01/15/2026", "Reorder", "1", "3"), strict=False):
        cell.value = value
    book.save(workbook)
    assert checked(workbook, SPECTRA, MULTI).rows["amount"].tolist() == [2400, 4100]
    assert GOES_WITH_ROW in read(workbook).headings


SPECTRUM_HEADING = "Company_Code,GL_Date,Batch_Code,Customer_Code,Invoice_Or_Transaction,Transaction_Type,Invoice_Date,Quantity,Detail_Description,Line_Extension,Taxable_Flag"


def test_a_row_without_a_key_does_not_join_the_invoice_that_stands_above_it_now(tmp_path):  # X-2, S2-41
    head = "ABC,05/24/2026,1,007Cor,{},I,05/2{}/2026,1,x,{},{}"
    first = checked(text(tmp_path, SPECTRUM_HEADING, head.format("B1", 4, "10.00", "Q"), head.format("A1", 5, "20.00", "N"), ",,,,,,05/24/2026,1,orphan,500.00,N"), SPECTRUM)
    again = checked(to_fix(first, tmp_path, K2="N"), SPECTRUM)
    assert (again.ready.tolist(), again.rows["Invoice_Total"].tolist()[0]) == ([True, False], 1000)


def test_declared_totals_and_a_total_row_hold_for_a_file_that_is_here_as_a_whole(tmp_path):  # X-8, X-22
    path = text(tmp_path, WHOLE, "1042,1,01/15/2026,Reorder,100", "1042,2,01/15/2026,Reorder,x", "Total,,,,250")
    first = checked(path, SPECTRA, expected=Expected(3, {"USD": 25000}))
    again = checked(to_fix(first, tmp_path, E3="100.00"), SPECTRA)
    assert refused(again)[0] == {"control-totals", "total-row"}
    assert not checked(to_fix(first, tmp_path, E3="150.00"), SPECTRA, expected=Expected(2)).blocked


def test_of_a_file_of_which_some_went_in_nothing_is_declared(tmp_path):  # X-8
    path = text(tmp_path, WHOLE, "1042,1,01/15/2026,Reorder,100", "1042,2,then,Reorder,50")
    first = checked(path, SPECTRA, expected=Expected(2, {"USD": 15000}))
    assert not first.blocked and not read(to_fix(first, tmp_path)).declared


def test_what_the_file_says_is_on_a_sheet_that_nobody_sees_and_only_where_it_is_needed(tmp_path):
    plain = checked(text(tmp_path, WHOLE, "1042,1,then,Reorder,100"), SPECTRA)
    assert openpyxl.load_workbook(error_workbook(plain, tmp_path)).sheetnames == ["To fix", "Summary"]
    doubtful = checked(text(tmp_path, WHOLE, '1042,1,then,Reorder,"1,234"', '1042,2,01/15/2026,Reorder,"12,50"'), SPECTRA)
    book = openpyxl.load_workbook(path := error_workbook(doubtful, tmp_path))
    assert book[OpenSheet.TEMPLATE].sheet_state == "veryHidden"
    said = [[cell.value for cell in row] for row in book[OpenSheet.TEMPLATE]]
    sheet = OpenSheet("b.xlsx", "To fix", [[cell.value for cell in row] for row in book["To fix"]], others={OpenSheet.TEMPLATE: said})
    assert read(sheet).proofs == read(path).proofs == read(path, sheet="To fix").proofs == {4: [(3, "12,50")]}


@pytest.mark.parametrize("row", ["²", "9" * 5000, "-1", "x"])
def test_a_sheet_of_ours_that_somebody_changed_is_no_evidence(tmp_path, row):
    doubtful = checked(text(tmp_path, WHOLE, '1042,1,then,Reorder,"1,234"', '1042,2,01/15/2026,Reorder,"12,50"'), SPECTRA)
    path = error_workbook(doubtful, tmp_path)
    book = openpyxl.load_workbook(path)
    book[OpenSheet.TEMPLATE]["C2"] = row
    book.save(path)
    assert not read(path).proofs


def test_rows_of_several_currencies_have_their_column_s_evidence(tmp_path):  # X-12, X-17
    rows = ['1042,1,then,Reorder,1,"1,250",EUR', '1042,2,then,Reorder,1,"1,250",USD', '1042,3,01/15/2026,Reorder,1,"0,50",EUR']
    first = checked(text(tmp_path, LINES, *rows), SPECTRA, MULTI)
    again = checked(to_fix(first, tmp_path, C2="01/15/2026", C3="01/15/2026"), SPECTRA, MULTI)
    assert again.rows["amount"].tolist() == [125, 125]


def test_visible_rows_alone_are_whole_invoices_and_do_not_run_together(tmp_path):  # X-2, X-23, S0-28
    book = openpyxl.Workbook()
    for row in [LINES.split(","), *(["1042", number, "01/15/2026", "Reorder", 1, price, "USD"] for number, price in (("10", 10), ("10", 90), ("11", 5)))]:
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "hidden.xlsx")
    report = checked(tmp_path / "hidden.xlsx", SPECTRA, {**MULTI, "rows": "visible"})
    assert refused(report) == {2: {"partly-hidden"}} and report.ready.tolist() == [False, True]
    for row in range(2, 5):
        book.active.cell(row, 2).value = None
    book.active["A3"] = "1043"
    book.save(tmp_path / "hidden.xlsx")
    report = checked(tmp_path / "hidden.xlsx", SPECTRA, {**MULTI, "rows": "visible"})
    assert report.rows["amount"].tolist() == [1000, 500]


def test_a_document_stands_once_in_a_file_whatever_is_chosen_of_it(tmp_path):  # X-9, S4-3
    one = {"invoiceId": 1, "invoiceNumber": "N1", "companyId": "77", "companyName": "Stone", "invoiceDate": "2026-10-31", "total": 10, "billingItems": [{"quantity": 1, "rate": 10}]}
    path = tmp_path / "processed.json"
    path.write_text(json.dumps([{**one, "webServiceDate": "2026-11-01"}, one]), encoding="utf-8")
    report = checked(path, "autotask.invoices")
    (problem,) = [problem for problem in report.problems.at_least(Severity.ERROR) if problem.rule == "duplicate"]
    assert (problem.row, "row 1" in problem.message, report.ready.tolist()) == (2, True, [False])


def test_a_total_that_may_be_a_line_is_asked_about(tmp_path):  # X-22, S2-41
    head = "ABC,05/24/2026,1,007Cor,{},I,05/24/2026,1,{},{},N"
    held = checked(text(tmp_path, SPECTRUM_HEADING, head.format("A1", "Deposit", "500.00"), ",,,,,,,1,Balance,500.00,", head.format("A2", "x", "5.00")), SPECTRUM)
    assert refused(held)[0] == {"total-row"} and "may be one of its lines" in held.blocked[0].message
    sure = checked(text(tmp_path, SPECTRUM_HEADING, head.format("A1", "Deposit", "500.00"), ",,,,,,,,Total,500.00,", head.format("A2", "x", "5.00")), SPECTRUM)
    assert not sure.blocked


def test_headings_that_differ_in_case_alone_are_the_same_heading(tmp_path):  # S3-17, X-13
    report = checked(text(tmp_path, f"{WHOLE.upper()},aMount", "1042,1,01/15/2026,Reorder,100,200"), SPECTRA)
    assert refused(report)[0] == {"unmapped"} and not report.ready.any()
