"""The sample workbooks: a dozen invoices that are wrong in different ways, and the month after (the main job, as `make demo` shows it)."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from invoice_rules import commit, examine, open_store, plan, read
from invoice_rules.cli import app
from invoice_rules.marks import outcome_texts
from invoice_rules.problems import Severity
from invoice_rules.results import Outcome, Report
from invoice_rules.samples import NOVEMBER, OCTOBER, build_samples, sample_rows, systems
from invoice_rules.store import check, invoices
from invoice_rules.workbooks import error_workbook

RULES = "paystand.receivables"
TODAY = dt.date(2026, 12, 1)

WRONG = {
    ("contactEmail", "required"): 1,
    ("amountDue", "within-amount"): 1,
    ("customerName", "two-names"): 2,
    ("isCanceled", "yes-no"): 1,
    ("date", "date"): 1,
    ("invoiceId", "duplicate"): 2,
    ("contactEmail", "email"): 1,
    ("amount", "not-negative"): 1,
    ("amountDue", "not-negative"): 1,
    ("customerName", "max-length"): 1,
    ("invoiceId", "content"): 1,
    ("amount", "money"): 1,
    ("invoiceId", "lost-digits"): 1,
}
WARNED = {("dateDue", "due-before-date"): 1, ("invoiceNumber", "near-duplicate"): 2}

CORRECTIONS = {
    ("HC-20404", "Billing E-mail"): "office@alderfinch.example",
    ("HC-20407", "Open Balance"): 4800,
    ("HC-20411", "Bill To"): "Stonebridge Development Partners",
    ("HC-20411", "Void?"): "no",
    ("HC-20413", "Inv Date"): dt.date(2026, 10, 31),
    ("HC-20419", "Billing E-mail"): "ap@northfieldlibrary.example",
    ("HC-20422", "Inv Total"): 450,
    ("HC-20422", "Open Balance"): 450,
    ("HC-20424", "Bill To"): "Trinity Chapel Preservation Society",
    ("=HC-20427", "Internal ID"): "HC-20427",
    ("HC-20430", "Inv Total"): 1250,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "new"
    assert build_samples(folder) == (folder / OCTOBER, folder / NOVEMBER)
    return folder


def examined(path: Path, **asked) -> Report:
    return examine(path, RULES, today=TODAY, **asked)


def found(report: Report, severity: Severity) -> dict[tuple[str, str], int]:
    return dict(Counter((problem.field, problem.rule) for problem in report.problems if problem.severity == severity))


def test_october_has_exactly_its_mistakes(folder):
    report = examined(folder / OCTOBER)
    assert found(report, Severity.ERROR) == WRONG
    assert found(report, Severity.WARNING) == WARNED
    assert found(report, Severity.HOLD) == {}
    assert (report.invoices, report.rejected) == (41, 12)
    assert report.summary() == "12 of 41 invoices have errors and stay out. 29 (USD 226,942.00) are ready, 3 of them with warnings."


def test_the_columns_are_found_by_the_senders_words(folder):
    report = examined(folder / OCTOBER)
    assert report.mapping.missing == ()
    assert {match.how for name, match in report.mapping.matches.items() if name != "currency"} == {"synonym"}


def test_cells_are_real_dates_and_numbers(folder):
    sheet = openpyxl.load_workbook(folder / OCTOBER).active
    row = [cell.value for cell in sheet[5]]
    assert row[:4] == ["HC-20401", "2026-101", pd.Timestamp("2026-08-03"), pd.Timestamp("2026-09-02")]
    assert row[7:9] == [18400, 18400]
    assert sheet["A1"].value == "Hollis & Crane Architects"


@pytest.mark.parametrize("name", [OCTOBER, NOVEMBER])
def test_the_total_row_is_left_out_and_ties(folder, name):
    table = read(folder / name)
    ((_, cells),) = table.totals.items()
    column = table.headings.index("Open Balance")
    balances = [Decimal(table.shown(at, column)) for at in range(len(table))]
    assert cells[0] == "Total"
    assert Decimal(cells[column]) == sum(balances)
    assert not [problem for problem in examined(folder / name).problems if problem.rule == "total-row"]


def corrected(path: Path) -> None:
    """What a bookkeeper does with the error workbook: type over the red cells, save."""
    book = openpyxl.load_workbook(path)
    sheet = book["To fix"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    rows: dict[str, int] = {}
    for row in range(2, sheet.max_row + 1):
        rows.setdefault(sheet.cell(row, 1).value, row)
    for (key, heading), value in CORRECTIONS.items():
        sheet.cell(rows[key], columns[heading]).value = value
    sheet.cell(rows["HC-20415"] + 1, 1).value = "HC-20416"
    sheet.cell(sheet.max_row, 1).value = "HC-20434"
    book.save(path)


def test_the_error_workbook_imports_by_itself_once_it_is_fixed(folder, tmp_path):  # S0-26
    path = error_workbook(examined(folder / OCTOBER), tmp_path)
    again = examined(path)
    assert again.table.origin.sheet == "To fix"
    assert found(again, Severity.ERROR) == WRONG
    corrected(path)
    fixed = examined(path)
    assert (fixed.invoices, fixed.rejected) == (12, 0)
    assert fixed.summary() == "All 12 invoices are ready."
    assert error_workbook(fixed, tmp_path) is None


def test_the_next_month_updates_and_adds_but_never_doubles(folder, tmp_path):  # S3-22, S3-24, S3-25
    store = open_store(f"sqlite:///{tmp_path / 'books.db'}")
    october = plan(examined(folder / OCTOBER, context=store.context()), store)
    commit(october)
    assert (october.count(Outcome.CREATED), october.count(Outcome.REJECTED)) == (29, 12)
    report = examined(folder / NOVEMBER, context=store.context())
    november = plan(report, store)
    texts = dict(zip(report.rows["invoiceId"], outcome_texts(november), strict=True))
    assert texts["HC-20401"] == "Updated: amount due 18,400.00 → 0.00, now Paid"
    assert texts["HC-20402"] == "Updated: amount due 6,250.00 → 3,125.00"
    assert texts["HC-20403"] == "Updated: due date 10 Sep 2026 → 15 Dec 2026"
    assert texts["HC-20408"] == "Unchanged"
    assert texts["HC-20409"] == "Updated: canceled no → yes, now Canceled"
    assert texts["HC-20404"] == "Created"
    assert texts["HC-20446"] == "Not imported: 1 error: due date is blank"
    assert texts["HC-20418"].startswith("Not imported: waits for a yes: amount due would rise from 9,000.00 to 12,000.00")
    assert november.count(Outcome.UPDATED) >= 5
    assert november.count(Outcome.UNCHANGED) >= 10
    commit(november)
    last = plan(examined(folder / NOVEMBER, context=store.context()), store)
    assert last.count(Outcome.CREATED) == last.count(Outcome.UPDATED) == 0


def test_making_them_again_replaces_them(folder):
    before = (folder / OCTOBER).stat().st_mtime_ns
    build_samples(folder)
    assert (folder / OCTOBER).stat().st_mtime_ns > before
    assert {path.name for path in folder.iterdir()} >= {OCTOBER, NOVEMBER}


@pytest.mark.parametrize("name", ["october.csv", "november.csv"])
def test_every_line_is_whole(name):
    heading, *rows = sample_rows(name)
    assert {len(row) for row in rows} == {len(heading)}
    assert len(rows) > 40


@pytest.mark.parametrize("system", systems())
def test_each_system_can_be_tried(system, tmp_path, monkeypatch, capsys):
    """Lists and documents go in by the commands that a user would give; what stays out says why, and the receipt where values came from (X-11)."""
    monkeypatch.chdir(tmp_path)
    app(["demo", "tried", "--system", system], standalone_mode=False)
    told = " ".join(capsys.readouterr().out.split())
    assert "$ invoice-rules" in told and "created" in told and "Receipt" not in told
    store = open_store(tmp_path / "tried" / "demo.sqlite")
    assert len(invoices(store)) >= 1 and check(store) == []
    if system in ("spectra", "spectrum"):
        app(["--store", str(tmp_path / "tried" / "demo.sqlite"), "receipt", "1" if system == "spectrum" else "2"], standalone_mode=False)
        assert "Filled in" in capsys.readouterr().out
