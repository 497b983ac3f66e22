"""A template that is open in a spreadsheet program is known as such, and the totals on its cover count (X-8, S3-15)."""

import openpyxl
import pytest

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


@pytest.mark.parametrize("rules", [""])
def test_without_a_chosen_rule_set_the_template_s_own_is_taken(engine, tmp_path, monkeypatch, rules):
    with desk_with(template(tmp_path / "back.xlsx", 1), monkeypatch, rules=rules) as desk:
        desk.book.sheets["Invoices"].activate()
        assert desk.press("validate") == ""
        assert "1 row, 1 invoice, 0 errors" in desk.status_bar
