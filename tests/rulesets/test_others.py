"""Documents of other systems through the rule sets that take them: what goes in, what stays out and why, with figures counted elsewhere."""

import csv
import datetime as dt
import json
from collections import defaultdict
from decimal import Decimal

import pytest

from invoice_rules.examining import examine
from invoice_rules.mapping import match
from invoice_rules.problems import Severity
from invoice_rules.reading import read
from invoice_rules.rulesets import rule_set

SPECTRA = rule_set("spectra.invoices").under({"rowMode": "multi"})
AUTOTASK = rule_set("autotask.invoices")
LUMP = {"quantity": "1", "unitPrice": "{lineAmount}", "invoiceType": "Initial Order"}
"""Lines that have an amount and nothing else."""


def examined(source, rules, given, settings, today):
    table = read(source, rules=rules)
    multi = {"rowMode": "multi"} if rules is SPECTRA else {}
    return examine(table, rules.name, match(table.headings, rules, table, given=given), {**multi, **settings}, today=dt.date.fromisoformat(today))


def total(report):
    (sums,) = report.totals().values()
    return Decimal(sums[report.rules.role("amount")]) / 100


def rejected_for(report, rule, field):
    """How many documents have this error."""
    rows = {p.row for p in report.problems if (p.rule, p.field) == (rule, field)}
    at = [list(report.table.frame.index).index(row) for row in rows]
    return len({int(report.invoice[place]) for place in at})


def errors(report):
    return {(p.field, p.rule) for p in report.problems if p.severity == Severity.ERROR}


def test_an_invoice_importers_workbook(shared_data):
    """9 rows, 3 invoices; a heading is misspelled and the grand total stands on every row."""
    report = examined(
        shared_data / "invoices/xlsx/invoice_importer_data.xlsx", SPECTRA, {"clientNumber": "Customer Name"}, {"invoiceType": "Initial Order"}, "2020-06-30"
    )
    assert (report.invoices, report.accepted, len(report.lines)) == (3, 3, 9)
    assert report.rows["amount"].tolist() == [55_50, 80_40, 137_70]
    assert report.mapping.matches["quantity"].heading == "Qyantity" and report.mapping.matches["quantity"].how == "similar"


def test_the_claims_of_defra(shared_data):
    """16 claims on 19 rows under headings on row 3; three rows continue the claim above. Binary noise in a total is gone."""
    columns = {
        "invoiceId": "Agreement Number", "companyId": "FRN", "total": "TotalValue", "lineAmount": "Value", "description": "Description (Calculated?)",
        "companyName": "", "invoiceNumber": "", "rate": "", "itemName": "", "accountCode": "", "comments": "", "poNumber": "",
    }  # fmt: skip
    settings = {"companyName": "{companyId}", "quantity": "1", "rate": "{lineAmount}", "invoiceDate": "2022-08-01"}
    report = examined(shared_data / "invoices/xlsx/MIT Invoice Import Spreadsheet.xlsx", AUTOTASK, columns, settings, "2022-08-02")
    assert (report.invoices, report.accepted, len(report.lines)) == (16, 16, 19)
    assert (report.rows["total"].tolist()[12], total(report)) == (128_861_33, Decimal("1554663.83"))
    assert report.lines["lineAmount"].tolist()[12:16] == [43_132_44, 8_626_49, 64_252_00, 12_850_40]
    assert [p for p in report.problems if p.severity > Severity.NOTICE] == [] and set(report.rows["currency"]) == {"GBP"}
    assert report.table.origin.sheet == "Invoices"


def test_in_spectra_every_row_names_its_client(shared_data):
    """S0-10: the claim whose lines leave it to the row above stays out, alone."""
    columns = {"clientNumber": "FRN", "invoiceNumber": "Agreement Number", "amount": "TotalValue", "lineAmount": "Value"}
    report = examined(shared_data / "invoices/xlsx/MIT Invoice Import Spreadsheet.xlsx", SPECTRA, columns, {**LUMP, "invoiceDate": "2022-08-01"}, "2022-08-02")
    assert (report.invoices, report.accepted) == (16, 15) and errors(report) == {("clientNumber", "unidentified")}


def test_xeros_template_with_numbers_of_several_customers(shared_data):
    """64 numbers on 100 rows, day first; each of the 23 that repeat has more than one customer, and stays out (S0-28)."""
    path = shared_data / "invoices/xero/SalesInvoiceTemplate.csv"
    columns = {"clientNumber": "*ContactName", "unitPrice": "*UnitAmount", "itemDescription": "", "description": ""}
    report = examined(path, SPECTRA, columns, {"invoiceType": "Initial Order"}, "2019-12-31")
    assert (len(report.table), report.invoices, report.accepted) == (100, 64, 41)
    assert rejected_for(report, "header-differs", "clientNumber") == 23 == report.rejected
    assert sum(report.lines["lineAmount"]) == 232_278_00 and total(report) == 232_278
    day_first = [dt.datetime.strptime(row["*InvoiceDate"], "%d/%m/%Y").date() for row in rows_of(path)]
    assert report.rows["invoiceDate"].tolist() == [day_first[at] for at in report.first]


def xero_invoices(folder):
    """Headers and lines of two files as records with their lines."""
    lines = defaultdict(list)
    for row in rows_of(folder / "xero_invoice_line_item_data.csv"):
        lines[row["invoice_id"]].append(row)
    return [{**row, "LineItems": lines[row["invoice_id"]]} for row in rows_of(folder / "xero_invoice_data.csv")]


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


XERO = {
    "invoiceId": "invoice_id", "invoiceNumber": "invoice_number", "companyId": "contact_id", "division": "type", "invoiceDate": "date", "total": "total",
    "taxTotal": "total_tax", "currency": "currency_code", "dueDate": "due_date", "lineId": "LineItems.line_item_id", "quantity": "LineItems.quantity",
    "rate": "LineItems.unit_amount", "lineAmount": "LineItems.line_amount", "taxAmount": "LineItems.tax_amount", "description": "LineItems.description",
    "companyName": "", "webServiceDate": "", "itemName": "", "comments": "", "poNumber": "", "accountCode": "", "taxType": "",
}  # fmt: skip


def test_the_invoices_of_a_xero_organisation(shared_data):
    """601 invoices with 649 lines as nested records; 117 of them are sales, chosen by a filter."""
    records = xero_invoices(shared_data / "invoices/xero")
    source = ("xero.json", json.dumps(records).encode())
    everything = examined(source, AUTOTASK, XERO, {"companyName": "{companyId}"}, "2021-04-01")
    assert (everything.invoices, len(everything.lines), len(everything.table)) == (601, 649, 649)
    sales = examined(source, AUTOTASK, XERO, {"companyName": "{companyId}", "divisions": "ACCREC"}, "2021-04-01")
    mine = [record for record in records if record["type"] == "ACCREC"]
    assert (sales.invoices, len(sales.lines)) == (117, sum(len(record["LineItems"]) for record in mine))
    assert sales.rows["invoiceId"].tolist() == [record["invoice_id"] for record in mine]
    by_currency = defaultdict(Decimal)
    for record in mine:
        by_currency[record["currency_code"]] += Decimal(record["total"])
    assert {code: Decimal(sums["total"]) / 100 for code, sums in sales.totals().items()} == by_currency


# file: (columns, day, rows that are read, documents, ready ones, total of the lines, what keeps the others out)
COUNCILS = {
    "calderdale_2010-10.csv": (
        ("Supplier Name", "Invoice Number", "Amount", "Date"), "2010-11-30", 4425, 1378, 1354, "24693456.68",
        {("clientNumber", "header-differs"), ("invoiceDate", "header-differs"), ("invoiceNumber", "lost-digits")},
    ),
    "cabinetoffice_2019-06.csv": (
        ("Supplier", "Transaction number", "Amount", "Date"), "2019-07-31", 342, 265, 257, "48558342.20",
        {("clientNumber", "header-differs"), ("invoiceDate", "header-differs")},
    ),
    "leeds_raw_2012-11.csv": (
        ("SupplierName", "TransactionNumber", "NetAmount", "DatePaid"), "2012-12-31", 10050, 10050, 9944, "71558583.35",
        {("amount", "negative-total")},
    ),
    "london_2014-P09.csv": (("Vendor ID", "Document No", "Amount", "Clearing Date"), "2014-12-31", 779, 763, 746, "", {("", "cells")}),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNCILS)
def test_payments_of_british_councils(shared_data, name):
    """Lines of payments grouped by their numbers; a number that two suppliers share is no invoice (S0-28)."""
    (client, number, amount, date), today, rows, invoices, ready, sums, wrong = COUNCILS[name]
    columns = {"clientNumber": client, "invoiceNumber": number, "lineAmount": amount, "invoiceDate": date, "amount": ""}
    report = examined(shared_data / "invoices/uk_council" / name, SPECTRA, columns, {**LUMP, "currency": "GBP"}, today)
    assert (len(report.table), report.invoices, report.accepted) == (rows, invoices, ready)
    assert errors(report) - {("openBalance", "not-negative")} == wrong - {("openBalance", "not-negative")}
    assert not sums or Decimal(int(report.lines["lineAmount"].sum())) / 100 == Decimal(sums)


def test_numbers_that_suppliers_share(shared_data):
    """Calderdale: 20 of its invoice numbers belong to more than one supplier's id; numbers keep their zeros in front (X-3)."""
    path = shared_data / "invoices/uk_council/calderdale_2010-10.csv"
    columns = {"clientNumber": "Supplier ID", "invoiceNumber": "Invoice Number", "lineAmount": "Amount", "invoiceDate": "Date", "amount": ""}
    report = examined(path, SPECTRA, columns, LUMP, "2010-11-30")
    assert rejected_for(report, "header-differs", "clientNumber") == 20
    numbers = report.rows["invoiceNumber"].fillna("")
    assert [numbers.iloc[document] for document in report.invoice] == [row["Invoice Number"] if "E+" not in row["Invoice Number"] else numbers.iloc[document] for row, document in zip(rows_of(path), report.invoice, strict=True)]


def test_invoices_with_holes(shared_data):
    """8 invoices on 10 rows; the second line of INV-003 takes its date from the first (S0-28)."""
    report = examined(
        shared_data / "invoices/misc/nomow_invoices.csv", SPECTRA, {"clientNumber": "customer_name", "taxRate": "", "amount": ""},
        {"invoiceType": "Initial Order"}, "2023-06-30",
    )  # fmt: skip
    assert report.invoices == 8
    ready = dict(zip(report.rows["invoiceNumber"], report.ready, strict=True))
    assert [number for number, good in ready.items() if not good] == ["INV-005", "INV-006", "INV-008"]
