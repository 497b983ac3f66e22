"""A template that is open in a spreadsheet program is known as such, and the totals on its cover count (X-8, S3-15)."""

from pathlib import Path

import openpyxl
import pytest
import xlwings as xw

import invoice_rules
from addin import dialogs, udfs
from addin.engines.double.book import Book
from invoice_rules import template_rules
from invoice_rules.rulesets import rule_set
from tests.addin.desk import desk_with
from tests.templates.filling import declare, examples, fill, made, saved

RULES = "paystand.receivables"


def template(path, count: int) -> openpyxl.Workbook:
    book = made(rule_set(RULES))
    book = declare(fill(book, [examples(book)]), count, {"USD": 1000})
    book.active = 1
    return saved(book, path)


def test_the_totals_of_the_cover_block(engine, tmp_path, monkeypatch):
    with desk_with(template(tmp_path / "back.xlsx", 2), monkeypatch, rules=RULES) as desk:
        desk.book.sheets["Invoices"].activate()
        said = desk.press("validate")
        assert "2 invoices, USD 1,000.00 declared; the file holds 1 invoice, USD 1,000.00: 1 invoice missing." in said
        assert desk.sheet["A6"].value == "INV-1001"


def test_a_template_that_agrees_is_checked_in_place(engine, tmp_path, monkeypatch):
    with desk_with(template(tmp_path / "back.xlsx", 1), monkeypatch, rules=RULES) as desk:
        desk.book.sheets["Invoices"].activate()
        assert desk.press("validate") == ""
        assert "1 row, 1 invoice, 0 errors" in desk.status_bar
        assert [desk.sheet["L5"].value, desk.sheet["L6"].value] == ["Import status", "OK"]


def test_wrong_cells_are_marked_and_cleared_though_the_cover_is_protected(engine, tmp_path, monkeypatch):
    with desk_with(template(tmp_path / "back.xlsx", 1), monkeypatch, rules=RULES) as desk:
        sheet = desk.book.sheets["Invoices"]
        sheet.activate()
        sheet["D6"].value = 5000.0
        before = len(sheet["A6:K6"].conditional_formats)
        desk.press("validate")
        assert str(sheet["L6"].value).startswith("1 error: amount due is more than the amount")
        assert any("ir_bad" in rule.formula for rule in sheet["D6"].conditional_formats)
        desk.press("clear_marks")
        assert (sheet["L6"].value, len(sheet["A6:K6"].conditional_formats)) == (None, before)


def test_filled_in_checked_imported_put_right_and_imported_again(engine, tmp_path, monkeypatch):
    book = made(rule_set(RULES))
    good = examples(book)
    rows = [good, {**good, "Invoice ID": "INV-2", "Invoice number": "1002", "Amount due": 5000.0}]
    book = declare(fill(book, rows), 2, {"USD": 2000})
    book.active = 1
    with desk_with(saved(book, tmp_path / "back.xlsx"), monkeypatch, rules=RULES) as desk:
        sheet = desk.book.sheets["Invoices"]
        sheet.activate()
        desk.press("import_invoices", answers=[{}, True])
        assert [str(sheet[cell].value).split(":")[0] for cell in ("L6", "L7")] == ["Created", "Not imported"]
        sheet["D7"].value = 400.0
        desk.press("import_invoices", answers=[{}, True])
        assert [str(sheet[cell].value).split(":")[0] for cell in ("L6", "L7")] == ["Unchanged", "Created"]
    stored = invoice_rules.open_store(str(tmp_path / "store.sqlite")).invoices(RULES)
    assert sorted(zip(stored["key"], stored["balance"], strict=True)) == [("INV-1001", 25000), ("INV-2", 40000)]


@pytest.mark.parametrize("rules", [""])
def test_without_a_chosen_rule_set_the_template_s_own_is_taken(engine, tmp_path, monkeypatch, rules):
    with desk_with(template(tmp_path / "back.xlsx", 1), monkeypatch, rules=rules) as desk:
        desk.book.sheets["Invoices"].activate()
        assert desk.press("validate") == ""
        assert "1 row, 1 invoice, 0 errors" in desk.status_bar


def test_a_new_template_is_made_and_opened(engine, tmp_path, monkeypatch):
    with desk_with(template(tmp_path / "any.xlsx", 1), monkeypatch, rules=RULES) as desk:
        target = tmp_path / "For Hollis.xlsx"
        desk.press("new_template", answers=[{"file": str(target), "sender": "Hollis & Crane", "rows": "40"}])
        opened = desk.book.app.books["For Hollis.xlsx"]
        try:
            assert [sheet.name for sheet in opened.sheets if sheet.name == "Invoices"] == ["Invoices"]
        finally:
            opened.close()
    assert template_rules(target) == RULES
    assert "Hollis & Crane" in {cell.value for row in openpyxl.load_workbook(target).worksheets[0].iter_rows() for cell in row}


@pytest.mark.parametrize("folder", ["Documents", ""])
def test_of_a_workbook_whose_copy_is_not_found_a_template_goes_to_the_users_documents(double, tmp_path, monkeypatch, folder):
    """xlwings raises where a workbook of SharePoint or OneDrive has no copy on this machine that it can find."""

    def nowhere(_: Book) -> str:
        raise xw.XlwingsError("Couldn't find your local OneDrive for Business file, see: xlwings.org/error")

    home, asked = tmp_path / "home", []
    (home / folder).mkdir(parents=True)
    with desk_with(template(tmp_path / "any.xlsx", 1), monkeypatch, rules=RULES) as desk, monkeypatch.context() as now:
        desk.book.set_mock_caller()
        now.setattr(Path, "home", lambda: home)
        now.setattr(dialogs.Dialogs, "form", lambda _, text, fields: asked.extend(fields))
        now.setattr(Book, "fullname", property(nowhere))
        udfs.new_template()
    assert desk.said == []
    assert Path(asked[0].value).parent == home / folder


def test_a_template_takes_the_place_of_another_only_after_a_yes(engine, tmp_path, monkeypatch):
    other = tmp_path / "kept.xlsx"
    other.write_bytes(b"something else")
    with desk_with(template(tmp_path / "any.xlsx", 1), monkeypatch, rules=RULES) as desk:
        desk.press("new_template", answers=[{"file": str(other)}, False])
        assert desk.asked[-1] == "kept.xlsx is there already. Replace it?"
        assert "there is no folder" in desk.press("new_template", answers=[{"file": str(tmp_path / "no" / "t.xlsx")}]).lower()
        assert "is no number of rows" in desk.press("new_template", answers=[{"file": str(tmp_path / "t.xlsx"), "rows": "many"}])
        assert "is no name for a template" in desk.press("new_template", answers=[{"file": "t.xls"}])
        desk.press("new_template", answers=[None])
    assert other.read_bytes() == b"something else"
    assert not (tmp_path / "t.xlsx").exists()


def test_a_new_template_has_the_reference_data_where_they_are_wanted(engine, tmp_path, monkeypatch):
    with desk_with(template(tmp_path / "any.xlsx", 1), monkeypatch, rules="quickbooks.history") as desk:
        projects = tmp_path / "projects.csv"
        projects.write_text("Project,Name\nHarbour Hall,The hall\n", encoding="utf-8")
        store = invoice_rules.open_store()
        invoice_rules.store.save_lists([invoice_rules.store.preview_list(invoice_rules.examine(projects, invoice_rules.references.kind("projects")), store)], store)
        target = tmp_path / "q.xlsx"
        desk.press("new_template", answers=[{"file": str(target), "lists": "yes"}])
        desk.book.app.books["q.xlsx"].close()
    assert "Harbour Hall" in {cell.value for sheet in openpyxl.load_workbook(target).worksheets for row in sheet.iter_rows() for cell in row}


def test_a_new_template_is_in_the_home_currency(engine, tmp_path, monkeypatch):
    with desk_with(template(tmp_path / "any.xlsx", 1), monkeypatch, rules=RULES) as desk:
        invoice_rules.open_store().set_entity("main", currency="EUR")
        target = tmp_path / "euro.xlsx"
        desk.press("new_template", answers=[{"file": str(target)}])
        desk.book.app.books["euro.xlsx"].close()
    assert "EUR" in {cell.value for row in openpyxl.load_workbook(target).worksheets[0].iter_rows() for cell in row}


@pytest.mark.parametrize(("front", "name"), [("Cover", "Invoices"), ("Examples", "What we sold")])
def test_with_another_sheet_of_the_template_in_front_its_invoices_are_meant(engine, tmp_path, monkeypatch, front, name):
    with desk_with(template(tmp_path / "back.xlsx", 1), monkeypatch, rules="") as desk:
        desk.book.sheets["Invoices"].name = name
        for button in ("problems", "map_columns", "preview_import"):
            desk.book.sheets[front].activate()
            assert desk.press(button) == ""
            assert f"sheet {name}" in str(desk.rows()[0])
        desk.book.sheets[front].activate()
        assert desk.press("validate") == ""
        assert "1 row, 1 invoice, 0 errors" in desk.status_bar
        assert (desk.sheet.name, desk.sheet["L6"].value) == (name, "OK")
        desk.book.sheets[front].activate()
        desk.press("import_invoices", answers=[{}, True])
        assert (desk.sheet.name, desk.sheet["L6"].value) == (name, "Created")


def test_where_it_cannot_be_told_which_sheet_of_a_template_holds_the_invoices_the_user_is_sent_there(engine, tmp_path, monkeypatch):
    with desk_with(template(tmp_path / "back.xlsx", 1), monkeypatch, rules=RULES) as desk:
        desk.book.sheets["Invoices"].name = "May"
        desk.book.sheets.add("June")
        desk.book.sheets["Cover"].activate()
        assert desk.press("validate") == 'Sheet "Cover" of the template holds no invoices. Go to the sheet with the invoices, then press the button again.'
