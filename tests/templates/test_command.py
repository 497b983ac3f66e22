"""`invoice-rules template`, and what `check` and `import` make of what comes back (X-8, X-13, S3-15)."""

import openpyxl
import pytest

from invoice_rules.rulesets import rule_set
from tests.cli import conftest
from tests.templates.filling import MULTI, declare, examples, fill, made, saved

home, run, empty_store, store = conftest.home, conftest.run, conftest.empty_store, conftest.store  # fixtures


def test_a_template_is_made_and_told(run, home):
    done = run("template", "paystand.receivables", "-o", "may.xlsx", "--rows", 50, "--sender", "Hollis & Crane")
    assert (done.code, "Written: may.xlsx" in done.out) == (0, True)
    assert "invoice-rules check FILE --rules paystand.receivables" in done.words
    book = openpyxl.load_workbook(home / "may.xlsx")
    assert book["Invoices"].tables["ir_rows"].ref == "A5:K55"
    assert "Hollis & Crane" in {cell.value for row in book["Cover"].iter_rows() for cell in row}


def test_a_template_that_was_filled_in_is_replaced_only_on_request(run, home):
    filled = home / "Spectra clients template.xlsx"
    filled.write_bytes(b"filled in")
    refused = run("template", "spectra.clients")
    assert (refused.code, "is there already, and is left as it is." in " ".join(refused.err.split()), filled.read_bytes()) == (2, True, b"filled in")
    assert run("template", "spectra.clients", "--force", "--rows", 20).code == 0 and filled.read_bytes() != b"filled in"


def test_programs_get_an_object(run):
    (told,) = run("template", "spectra.invoices", "--set", "rowMode=multi", "--json").json
    assert told == {"format": told["format"], "template": "Spectra invoices template.xlsx", "rules": "spectra.invoices", "version": "1", "rows": 500, "lists": []}


@pytest.mark.parametrize(
    ("args", "says"),
    [(("nobody.invoices",), "There is no rule set named"), (("spectra.clients", "-o", "a.csv"), "End it with .xlsx"), (("spectra.clients", "--rows", "0"), "open rows"),
     (("spectrum.invoices", "--reference"), "There is no store yet")],
)  # fmt: skip
def test_what_cannot_be_made_is_told(run, args, says):
    done = run("template", *args)
    assert (done.code, says in done.err) == (2, True)


def test_drop_downs_of_what_is_on_file(run, store, home):
    (home / "customers.csv").write_text("Customer code,Customer name\n00123,Miller Studio\nSMITH,Smith\n", encoding="utf-8")
    assert run("reference", "import", "customers", "customers.csv", "--yes", "--store", store).code == 0
    done = run("template", "spectrum.invoices", "--reference", "-o", "ours.xlsx", "--store", store)
    assert "Its drop-downs hold 2 entries of your reference data." in done.words
    book = openpyxl.load_workbook(home / "ours.xlsx")
    ((sheet, cells),) = book.defined_names["ir_list_Customer_Code"].destinations
    assert [cell.value for (cell,) in book[sheet][cells.replace("$", "")]] == ["00123", "SMITH"]
    assert "No reference data of these rules is on file" in run("template", "quickbooks.history", "--reference", "--store", store).err


def test_a_template_is_in_the_currency_of_the_entity(run, store, home):
    assert run("entity", "add", "shop", "--currency", "eur", "--store", store).code == 0
    said = {}
    for name, args in {"shop": ("--entity", "shop"), "main": (), "set": ("--entity", "shop", "--set", "currency=JPY")}.items():
        assert run("template", "paystand.receivables", "-o", f"{name}.xlsx", "--store", store, *args).code == 0
        said[name] = openpyxl.load_workbook(home / f"{name}.xlsx", data_only=True)["Invoices"]["A3"].value.partition("Total ")[2]
    assert said == {"shop": "EUR 0.00", "main": "USD 0.00", "set": "JPY 0"}


def test_a_template_is_checked_without_naming_its_rules(run, home):
    book = made(rule_set("spectra.invoices"), settings=MULTI)
    saved(declare(fill(book, [examples(book, 6)]), 2), home / "back.xlsx")
    done = run("check", "back.xlsx")
    assert (done.code, "2 invoices declared; the file holds 1 invoice: 1 invoice missing. Find the difference, or correct the declared figures; nothing goes in until they agree." in done.words) == (1, True)
    assert "This is our template for Spectra invoices: its columns are known without a mapping." in done.words


def test_wrong_totals_keep_a_template_out_of_the_books(run, store, home):
    """Filled in, refused for its totals, put right, imported; then the error workbook's way for a wrong row."""
    book = made(rule_set("paystand.receivables"))
    good = examples(book)
    rows = [good, {**good, "Invoice ID": "INV-2", "Invoice number": "1002", "Amount": 1500.0, "Amount due": 5000.0}]
    path = saved(declare(fill(book, rows), 3, {"USD": 2500}), home / "back.xlsx")
    refused = run("import", path, "--yes", "--store", store)
    assert (refused.code, "1 invoice and" in refused.words or "1 invoice missing" in refused.words) == (1, True), refused.words
    assert not run("invoices", "--store", store, "--json").json, refused.words
    saved(declare(book, 2, {"USD": 2500}), path)
    done = run("import", path, "--yes", "--store", store, "--json").json[-1]
    assert (done["created"], done["rejected"]) == (1, 1)
    fixed = openpyxl.load_workbook(done["error_workbook"])
    ws = fixed.worksheets[0]
    at = {cell.value: cell.column for cell in ws[1]}
    ws.cell(2, at["Amount due *"]).value = 100.0
    saved(fixed, home / "fixed.xlsx")
    again = run("import", "fixed.xlsx", "--rules", "paystand.receivables", "--yes", "--store", store, "--json").json[-1]
    assert (again["created"], again["rejected"]) == (1, 0)
