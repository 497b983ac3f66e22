"""Templates that are older than the rules, or that lost a part on their way: read all the same, and what is missing is told (S3-15)."""

import pytest

from invoice_rules import examine, template_rules
from invoice_rules.rulesets import rule_set
from tests.templates.filling import declare, examples, fill, made, saved

PAYSTAND = rule_set("paystand.receivables")


@pytest.fixture
def book():
    made_book = made(PAYSTAND)
    return declare(fill(made_book, [examples(made_book)]), 1, {"USD": 1000})


def told(report) -> dict[str, str]:
    return {found.rule: found.message for found in report.problems if found.rule.startswith("template")}


def meta(book) -> dict[str, object]:
    """Key -> the cell of its value on the hidden sheet."""
    return {row[0].value: row[1] for row in book["ir_template"].iter_rows(max_col=2)}


def test_an_older_version_is_read_and_what_changed_is_told(book, tmp_path):
    """A field was called otherwise, one is new, one is gone; the file goes in all the same."""
    cells = meta(book)
    cells["schema"].value, cells["version"].value = "0" * 16, "0"
    ws = book["Invoices"]
    ws["F5"] = "Account number *"
    cells["field.extCustomerId"].value = "Account number *"
    book["ir_template"].cell(cells["field.extCustomerId"].row, 1).value = "field.accountNumber"
    ws["K5"] = "Region"
    cells["field.currency"].value = "Region"
    book["ir_template"].cell(cells["field.currency"].row, 1).value = "field.region"
    report = examine(saved(book, tmp_path / "old.xlsx"), PAYSTAND)
    assert report.mapping.fields["extCustomerId"] == 5
    assert (int(report.ready.sum()), report.problems.about_file()) == (1, [])
    assert told(report)["template-older"] == (
        "This template was made from earlier rules of Paystand receivables (version 0, now 1). Renamed since: Customer ID. New since: Currency. "
        "No longer asked for under its name: Account number, Region. It is read all the same; send a new template before the next file."
    )


def add_settings(book, **settings):
    ws = book["ir_template"]
    for row, (name, value) in enumerate(settings.items(), ws.max_row + 1):
        ws.cell(row, 1).value, ws.cell(row, 2).value = f"setting.{name}", value


def test_settings_that_there_are_no_longer_are_told_and_passed_over(book, tmp_path):
    """It was refused with the list of all settings that there are."""
    add_settings(book, layout="wide", currency="EURO", customers="create")
    meta(book)["schema"].value, meta(book)["version"].value = "0" * 16, "0"
    report = examine(saved(book, tmp_path / "settings.xlsx"), PAYSTAND)
    assert (int(report.ready.sum()), report.settings) == (1, {"customers": "create"})
    assert told(report)["template-older"] == (
        "This template was made from earlier rules of Paystand receivables (version 0, now 1). Settings that no longer count: layout=wide, currency=EURO. "
        "It is read all the same; send a new template before the next file."
    )


def test_a_setting_that_never_was_is_told(book, tmp_path):
    add_settings(book, layout="wide")
    assert 'has lost the meaning of its setting "layout=wide".' in told(examine(saved(book, tmp_path / "never.xlsx"), PAYSTAND))["template-damaged"]


def test_other_words_in_the_rules_are_no_change(book, tmp_path):
    meta(book)["schema"].value = "0" * 16
    assert told(examine(saved(book, tmp_path / "words.xlsx"), PAYSTAND)).keys() == {"template"}


@pytest.mark.parametrize(
    ("sheet", "lost"),
    [("Cover", "its cover sheet with the declared totals"), ("ir_template", "the hidden sheet that names its columns")],
)
def test_a_template_without_one_of_its_sheets_is_read(book, tmp_path, sheet, lost):
    del book[sheet]
    report = examine(saved(book, tmp_path / "less.xlsx"), PAYSTAND)
    assert (report.invoices, report.table.origin.sheet) == (1, "Invoices")
    assert told(report)["template-damaged"] == (
        f"The template has lost {lost}. What is left of it was read; compare the number of invoices and their total with the sender's own."
    )
    assert report.table.declared == ({} if sheet == "Cover" else {"count": "1", "USD": "1000"})


def test_of_a_template_may_be_left_the_data_alone(book, tmp_path):
    for sheet in ("Cover", "Examples", "Guide", "Lists", "ir_template"):
        del book[sheet]
    report = examine(saved(book, tmp_path / "data.xlsx"), PAYSTAND)
    assert (report.invoices, int(report.ready.sum())) == (1, 1)
    assert "the hidden sheet that names its columns and its cover sheet" in told(report)["template-damaged"]


def without_properties(book):
    """As Google Sheets saves it."""
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]
    return book


def test_without_the_properties_of_the_file_it_is_known_by_its_sheets(book, tmp_path):
    path = saved(without_properties(book), tmp_path / "bare.xlsx")
    assert template_rules(path) == "paystand.receivables"
    report = examine(path, PAYSTAND)
    assert told(report).keys() == {"template"}
    assert report.table.declared == {"count": "1", "USD": "1000"}


def test_a_sheet_of_data_under_another_name_and_moved_down_is_found(book, tmp_path):
    ws = book["Invoices"]
    ws.title = "Rechnungen"
    ws.delete_rows(1, 3)
    book.move_sheet(ws, 3)
    report = examine(saved(book, tmp_path / "moved.xlsx"), PAYSTAND)
    assert (report.table.origin.sheet, report.table.origin.header_row, int(report.ready.sum())) == ("Rechnungen", 2, 1)


def test_a_column_that_was_deleted_is_told(book, tmp_path):
    book["Invoices"].delete_cols(5)
    report = examine(saved(book, tmp_path / "cut.xlsx"), PAYSTAND)
    assert 'lost the column "Customer name"' in told(report)["template-damaged"]
    assert [found.field for found in report.problems if found.rule == "unmapped"] == ["customerName"]


def test_columns_in_another_order_are_known(book, tmp_path):
    ws = book["Invoices"]
    for row in (5, 6):
        first, second = ws.cell(row, 3).value, ws.cell(row, 4).value
        ws.cell(row, 3).value, ws.cell(row, 4).value = second, first
    report = examine(saved(book, tmp_path / "order.xlsx"), PAYSTAND)
    assert (report.mapping.fields["amount"], report.mapping.fields["amountDue"], int(report.ready.sum())) == (3, 2, 1)


def test_a_template_of_other_rules_is_told(book, tmp_path):
    report = examine(saved(book, tmp_path / "other.xlsx"), "spectra.invoices")
    assert told(report)["template"] == (
        "This is our template for Paystand receivables, and it is checked as Spectra invoices. Choose the rules of Paystand receivables, or the other file."
    )


def test_properties_that_are_no_template_s_say_nothing(tmp_path):
    from openpyxl import Workbook
    from openpyxl.packaging.custom import StringProperty

    book = Workbook()
    book.active.append(["Invoice ID", "Amount"])
    book.active.append(["1", 2])
    book.custom_doc_props.append(StringProperty(name="Department", value="Sales"))
    assert examine(saved(book, tmp_path / "plain.xlsx"), PAYSTAND).table.template is None


def test_a_workbook_without_the_hidden_sheet_is_opened_for_nothing(tmp_path, monkeypatch):
    """Which rules a large file is for is told from the names of its sheets alone."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "ir_templates"
    path = saved(book, tmp_path / "plain.xlsx")
    monkeypatch.setattr("invoice_rules.reading.workbook.Child", None)
    assert template_rules(path) == ""


def test_a_sheet_that_is_only_called_so_is_none_of_ours(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "ir_template"
    book.active.append(["rules", "paystand.receivables"])
    assert template_rules(saved(book, tmp_path / "plain.xlsx")) == ""
