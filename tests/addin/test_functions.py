"""A block of cells is checked like any file (X-1), and the answer is a block of cells."""

import datetime as dt

import pandas as pd
import pytest

import invoice_rules
from addin import config, functions, udfs
from addin.functions import HEADINGS, check_range

FIELDS = ["invoiceId", "invoiceNumber", "amount", "amountDue", "customerName", "extCustomerId", "date", "dateDue", "isCanceled", "contactEmail"]


def row(**cells):
    """A good row as a spreadsheet hands it over, with some cells replaced."""
    day = dt.datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    good = dict(zip(FIELDS, ["INV-1", "1001", 1000.0, 250.0, "Miller Studio", "C-4711", day, day, False, "ap@miller.com"], strict=True))
    return list((good | cells).values())


def test_a_good_block_has_no_errors():
    answer = check_range([FIELDS, row(), row(invoiceId="INV-2", invoiceNumber="1002", amount=70.0, amountDue=70.0)], "paystand.receivables")
    assert answer[0] == list(HEADINGS)
    assert [line for line in answer[1:] if line[3] in ("error", "hold")] == []


def test_problems_name_the_row_and_the_cell():
    answer = check_range([FIELDS, row(), row(invoiceId="INV-2", amountDue=1200.0)], "paystand.receivables")
    (error,) = [line for line in answer if line[3] == "error"]
    assert error[:3] == [3, "D3", "amountDue"]
    assert error[4].startswith("Amount due (1,200.00) is more than the amount (1,000.00).")  # S3-10


def test_the_same_problems_as_a_file_has(tmp_path):
    """X-1: the add-in and the command line say the same of the same cells."""
    cells = [FIELDS, row(isCanceled="maybe", contactEmail="ap@acme"), row(invoiceId="INV-2", extCustomerId=None)]
    text = [[cell.strftime("%m/%d/%Y") if isinstance(cell, dt.datetime) else "" if cell is None else str(cell) for cell in line] for line in cells]
    file = tmp_path / "may.csv"
    file.write_text("\n".join(",".join(line) for line in text) + "\n", encoding="utf-8")
    of_file = {(p.row, p.cell, p.field, p.rule) for p in invoice_rules.examine(file, "paystand.receivables").problems if p.severity == 4}
    of_sheet = {(line[0], line[1], line[2]) for line in check_range(cells, "paystand.receivables") if line[3] == "error"}
    assert of_sheet == {problem[:3] for problem in of_file}
    assert {"isCanceled", "contactEmail", "extCustomerId"} <= {field for _, _, field in of_sheet}


@pytest.mark.parametrize("values", [[], [[None, None]]])
def test_nothing_selected_is_told(values):
    with pytest.raises(invoice_rules.CannotRun, match="nothing to check"):
        check_range(values, "paystand.receivables")


# What reads the books


@pytest.fixture
def books(tmp_path, monkeypatch):
    """Two open invoices of one customer, in a store that worksheet functions may read."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "settings"))
    monkeypatch.setenv("INVOICE_RULES_STORE", str(tmp_path / "store.sqlite"))
    config.save(config.Config(functions=True))
    store = invoice_rules.open_store()
    file = tmp_path / "may.csv"
    lines = ["C-7,INV-1,1001,1000.00,250.00,09/01/2026,10/01/2026", "C-7,INV-2,1002,70.00,70.00,11/01/2026,12/01/2026", "123,INV-3,77,5.00,0.00,09/01/2026,10/01/2026"]
    heads = "extCustomerId,invoiceId,invoiceNumber,amount,amountDue,date,dateDue,isCanceled,customerName,contactEmail"
    file.write_text("\n".join([heads, *(f"{line},no,Customer {line[:3]},ap@miller.co" for line in lines)]), encoding="utf-8")
    report = invoice_rules.examine(file, "paystand.receivables", context=store.context())
    assert invoice_rules.commit(invoice_rules.plan(report, store)).counts["created"] == 3
    return store


def test_the_status_of_an_invoice(books):
    assert [udfs.IR_STATUS(asked) for asked in ("1001", 1001.0, "INV-3", 77.0, "9", "")] == ["Open", "Open", "Paid", "Paid", "not on file", "not on file"]


def test_the_balance_of_a_customer(books):
    assert udfs.IR_BALANCE("C-7") == [[320.0]]
    assert udfs.IR_BALANCE(123.0) == [[0.0]]
    assert udfs.IR_BALANCE("nobody") == [[0.0]]


def test_the_aging_of_a_customer(books):
    heads, line = udfs.IR_AGING("C-7", dt.datetime(2026, 11, 15))
    told = dict(zip(heads, line, strict=True))
    assert (told["Currency"], told["current"], told["31–60"], told["total"]) == ("USD", 70.0, 250.0, 320.0)
    assert udfs.IR_AGING("C-7", "soon").startswith("The second value is no date.")


def test_a_customer_of_two_systems_is_never_added_up(books):
    for rules, cells in (
        ("spectra.clients", {"clientNumber": "C-7", "lastName": "Somebody Else"}),
        ("spectra.invoices", {"clientNumber": "C-7", "invoiceNumber": "1", "invoiceDate": "11/13/2026", "invoiceType": "Reorder", "amount": "30.00"}),
    ):
        report = invoice_rules.examine(pd.DataFrame([cells]), rules, context=books.context())
        assert invoice_rules.commit(invoice_rules.plan(report, books)).counts["created"] == 1
    assert udfs.IR_BALANCE("C-7") == [[320.0, "USD", "paystand"], [30.0, "USD", "spectra"]]
    heads, *lines = udfs.IR_AGING("C-7", dt.datetime(2026, 11, 15))
    assert heads[-1] == "System" and [(line[-2], line[-1]) for line in lines] == [(320.0, "paystand"), (30.0, "spectra")]


def test_a_blank_cell_is_no_customer(books):
    assert [udfs.IR_BALANCE(None), udfs.IR_AGING(" ")] == ["Give the id of a customer, or the name of one that has no id."] * 2


def test_books_are_read_only_where_the_user_allows_it(books):
    config.save(config.Config())
    assert all("may not read the books" in answer for answer in (udfs.IR_STATUS("1001"), udfs.IR_BALANCE("C-7"), udfs.IR_AGING("C-7")))
    assert udfs.IR_CHECK([FIELDS, row()], "paystand.receivables")[0] == list(HEADINGS)


def test_a_store_that_is_not_there_is_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "settings"))
    monkeypatch.setenv("INVOICE_RULES_STORE", str(tmp_path / "store.sqlite"))
    config.save(config.Config(functions=True))
    assert udfs.IR_STATUS("1001") == "Nothing was imported yet. The first import makes the store."
    assert not (tmp_path / "store.sqlite").exists()


def test_rules_that_do_not_exist_are_told_in_the_cell():
    assert "no rule set" in functions.told(lambda: check_range([["a"], ["1"]], "nothing")).lower()
