"""Templates in Calc: opened, typed into, recalculated and saved, they are still what they were, and come back to be checked (X-8, S3-15)."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from addin.engines.calc.loading import properties
from invoice_rules import examine, template_rules
from invoice_rules.rulesets import rule_set
from tests.addin.office import office
from tests.templates.filling import CASES, MULTI, NAMES, examples, made, plain

XLSX = "Calc MS Excel 2007 XML"


@pytest.fixture(scope="session")
def desktop() -> Iterator[Any]:
    with office() as running:
        context = running.context()
        yield context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)


@pytest.fixture
def hands() -> Iterator[Any]:
    """What types into Calc as a user does."""
    with office() as running:
        context = running.context()
        yield context.ServiceManager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)


@contextmanager
def opened(desktop: Any, path: Path) -> Iterator[Any]:
    """A workbook in Calc."""
    document = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, properties(Hidden=True))
    try:
        yield document
    finally:
        document.setModified(False)
        document.close(True)


def type_in(document: Any, cells: dict[str, object]) -> None:
    """`Invoices!A6` -> what somebody types there; dates as their day."""
    for address, value in cells.items():
        sheet, _, where = address.rpartition("!")
        cell = document.Sheets.getByName(sheet).getCellRangeByName(where)
        if isinstance(value, dt.date):
            cell.Value = (value.date() if isinstance(value, dt.datetime) else value).toordinal() - dt.date(1899, 12, 30).toordinal()
        elif isinstance(value, int | float):
            cell.Value = value
        else:
            cell.String = str(value)


def conditions(ws: Any) -> int:
    """How many conditions tint the cells of a sheet."""
    return sum(len(area.rules) for area in ws.conditional_formatting)


def example_cells(name: str, settings: dict[str, str], row: int = 6) -> dict[str, object]:
    """The cells of one row of examples, for a row of the sheet of data."""
    book = made(rule_set(name), settings=settings)
    ws = book.worksheets[1]
    at = {str(cell.value).removesuffix(" *"): cell.column_letter for cell in ws[5]}
    return {f"{ws.title}!{at[heading]}{row}": value for heading, value in examples(book, 6).items()}


@pytest.mark.parametrize(("name", "settings"), CASES, ids=NAMES)
def test_calc_keeps_all_that_a_template_consists_of(desktop, name, settings, tmp_path):
    """It is typed into and saved by Calc, and recognised afterwards; its own sums are the engine's."""
    path, back = tmp_path / "template.xlsx", tmp_path / "back.xlsx"
    path.write_bytes(plain(name, settings))
    before = openpyxl.load_workbook(path)
    count = next(row[0].row for row in before["Cover"].iter_rows(max_col=1) if row[0].value == "ir_count")
    with opened(desktop, path) as document:
        type_in(document, {**example_cells(name, settings), f"Cover!D{count}": 2})
        document.calculateAll()
        document.storeToURL(back.as_uri(), properties(FilterName=XLSX))
    after, values = openpyxl.load_workbook(back), openpyxl.load_workbook(back, data_only=True)
    assert [(ws.title, ws.sheet_state != "visible", ws.protection.sheet) for ws in after] == [(ws.title, ws.sheet_state != "visible", ws.protection.sheet) for ws in before]
    data, kept = before.worksheets[1], after.worksheets[1]
    assert {table.ref for table in kept.tables.values()} == {data.tables["ir_rows"].ref}
    assert len(kept.data_validations.dataValidation) >= len({str(its.type) for its in data.data_validations.dataValidation})
    assert {str(its.sqref) for its in data.data_validations.dataValidation if its.type == "list"} <= {str(its.sqref) for its in kept.data_validations.dataValidation}
    assert conditions(kept) == conditions(data)
    assert set(before.defined_names) <= set(after.defined_names)
    assert {its.name: its.value for its in before.custom_doc_props.props} == {its.name: its.value for its in after.custom_doc_props.props}
    report = examine(back, name)
    assert [(found.rule, found.message.split(":")[0]) for found in report.problems.about_file()] == [("control-totals", f"2 {report.rules.document}s declared; the file holds 1 {report.rules.document}")]
    cover = values["Cover"]
    assert (cover.cell(count, 5).value, cover.cell(count, 6).value) == (report.invoices, -1)
    for code, sums in report.totals().items():
        held = sums[report.rules.role("amount")] if settings != MULTI else 0  # the amount is blank, and worked out on import
        assert (cover.cell(count + 1, 3).value, round(cover.cell(count + 1, 5).value * 100)) == (code, held)


def test_what_is_worked_out_on_import_is_not_called_missing(desktop, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(plain("spectra.invoices", MULTI))
    letters = {str(cell.value).removesuffix(" *"): cell.column_letter for cell in made(rule_set("spectra.invoices"), settings=MULTI).worksheets[1][5]}
    with opened(desktop, path) as document:
        cover = document.Sheets.getByName("Cover")
        total = next(row for row in range(1, 40) if cover.getCellRangeByName(f"A{row}").String == "ir_total")
        type_in(document, {**example_cells("spectra.invoices", MULTI), f"Cover!D{total}": 50})
        document.calculateAll()
        before = cover.getCellRangeByName(f"F{total}").String
        type_in(document, {f"Invoices!{letters['Amount']}6": 50})
        document.calculateAll()
        assert (before, cover.getCellRangeByName(f"F{total}").String) == ("compared when it comes back", "agrees")


def test_what_is_typed_stays_as_it_is_typed(desktop, hands, tmp_path):
    """Identifiers are text: zeros before them stay, and long numbers keep their digits."""
    path, back = tmp_path / "template.xlsx", tmp_path / "back.xlsx"
    path.write_bytes(plain("paystand.receivables", {}))
    with opened(desktop, path) as document:
        sheet, frame = document.Sheets.getByName("Invoices"), document.CurrentController.Frame
        document.CurrentController.setActiveSheet(sheet)
        for where, typed in {"A6": "00123", "B6": "12345678901234567890", "F1000": "007"}.items():
            hands.executeDispatch(frame, ".uno:GoToCell", "", 0, properties(ToPoint=where))
            hands.executeDispatch(frame, ".uno:EnterString", "", 0, properties(StringName=typed))
        assert [sheet.getCellRangeByName(where).String for where in ("A6", "B6", "F1000")] == ["00123", "12345678901234567890", "007"]
        document.storeToURL(back.as_uri(), properties(FilterName=XLSX))
    assert openpyxl.load_workbook(back)["Invoices"]["A6"].value == "00123"


def test_one_invoice_is_one(desktop, tmp_path):
    (path := tmp_path / "one.xlsx").write_bytes(plain("paystand.receivables", {}))
    with opened(desktop, path) as document:
        type_in(document, example_cells("paystand.receivables", {}))
        document.calculateAll()
        assert document.Sheets.getByName("Invoices").getCellRangeByName("A3").String == "1 invoice on this sheet.  Total USD 1,000.00"


def test_more_rows_than_are_counted_are_told(desktop, tmp_path):
    """The cover said 10,000 of 10,200 customers, 200 missing."""
    (path := tmp_path / "many.xlsx").write_bytes(plain("paystand.receivables", {}))
    with opened(desktop, path) as document:
        cover, data = document.Sheets.getByName("Cover"), document.Sheets.getByName("Invoices")
        type_in(document, {"Cover!D17": 2, "Cover!D18": 2000, "Invoices!A10005": "INV-1", "Invoices!C10005": 1000})
        document.calculateAll()
        assert [cover.getCellRangeByName(cell).String for cell in ("E17", "F17", "E18", "F18")] == ["1", "1 missing", "1,000.00", "1,000.00 missing"]
        type_in(document, {"Invoices!A10006": "INV-2", "Invoices!C10006": 1000})
        document.calculateAll()
        assert [cover.getCellRangeByName(cell).String for cell in ("E17", "F17", "E18", "F18")] == ["over 10,000 rows", "compared when it comes back"] * 2
        assert data.getCellRangeByName("A3").String == "More than 10,000 rows on this sheet. They are counted when it comes back."


def test_sums_by_currency_and_credits(desktop, tmp_path):
    """Amounts without a currency count as the first one; credits count below zero, as the engine counts them (S0-30)."""
    path = tmp_path / "template.xlsx"
    path.write_bytes(plain("spectra.invoices", {}))
    one = example_cells("spectra.invoices", {})
    letters = {str(cell.value).removesuffix(" *"): cell.column_letter for cell in made(rule_set("spectra.invoices")).worksheets[1][5]}
    cells: dict[str, object] = {}
    for row, (kind, amount, currency) in enumerate([("Reorder", 100, ""), ("Credit Memo", 30, ""), ("Reorder", 50.25, "eur"), ("Credit Memo", -5, "USD")], 6):
        cells |= {address.replace("6", str(row)): value for address, value in one.items()}
        cells |= {f"Invoices!{letters[title]}{row}": value for title, value in (("Type", kind), ("Amount", amount), ("Currency", currency), ("Invoice number", f"N{row}"))}
    with opened(desktop, path) as document:
        cover = document.Sheets.getByName("Cover")
        count = next(row for row in range(1, 40) if cover.getCellRangeByName(f"A{row}").String == "ir_count")
        type_in(document, {**cells, f"Cover!C{count + 2}": "EUR"})
        document.calculateAll()
        held = [cover.getCellRangeByName(f"E{row}").Value for row in range(count, count + 3)]
        document.storeToURL((tmp_path / "back.xlsx").as_uri(), properties(FilterName=XLSX))
    sums = examine(tmp_path / "back.xlsx", "spectra.invoices").totals()
    assert held == [4, 65, 50.25] == [4, sums["USD"]["amount"] / 100, sums["EUR"]["amount"] / 100]


def test_red_cells_are_red_in_calc(desktop, tmp_path):
    """Three mistakes, each with its colour; a row without any has none."""
    path, html = tmp_path / "template.xlsx", tmp_path / "seen.html"
    path.write_bytes(plain("paystand.receivables", {}))
    cells = {**example_cells("paystand.receivables", {}), **example_cells("paystand.receivables", {}, 7), "Invoices!A7": "INV-2", "Invoices!D7": 5000, "Invoices!E7": "", "Invoices!H7": dt.date(2026, 1, 1)}
    with opened(desktop, path) as document:
        type_in(document, cells)
        document.calculateAll()
        document.storeToURL(html.as_uri(), properties(FilterName="HTML (StarCalc)"))
    text = html.read_text(encoding="utf-8", errors="replace").lower()
    rows = text.split("<tr>")
    wrong = next(row for row in rows if ">inv-2<" in row)
    right = next(row for row in rows if ">inv-1001<" in row and ">ap@miller" in row)
    assert (wrong.count("#ffc7ce"), wrong.count("#ffeb9c")) == (2, 1)
    assert "#ffc7ce" not in right and "#ffeb9c" not in right


@pytest.mark.parametrize(("ending", "kind"), [("ods", "calc8"), ("xls", "MS Excel 97")])
def test_saved_in_another_format_it_is_still_known(desktop, tmp_path, ending, kind):
    """Its properties are lost with the format; its hidden sheet is not (S3-15)."""
    (path := tmp_path / "back.xlsx").write_bytes(plain("paystand.receivables", {}))
    target = tmp_path / f"back.{ending}"
    with opened(desktop, path) as document:
        type_in(document, example_cells("paystand.receivables", {}))
        document.storeToURL(target.as_uri(), properties(FilterName=kind))
    assert template_rules(target) == "paystand.receivables"
    report = examine(target, "paystand.receivables")
    assert (report.invoices, report.table.template.rules) == (1, "paystand.receivables")
