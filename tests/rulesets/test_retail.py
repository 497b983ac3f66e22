"""The sales of a real web shop as Spectra invoices of several rows: UCI Online Retail, 1 Dec 2010 to 15 Jun 2011.

The shop's files are made fit first, as a bookkeeper would: a client for sales without one, credit notes as Credit Memo with
quantities above zero, the day without the time of day.
"""

import datetime as dt
import zipfile
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from invoice_rules.rulesets import rule_set
from tests.rulesets.lists import Lists

ARCHIVE = "invoices/uci_online_retail/by-day_2010-12-01_to_2011-06-15.zip"
SPECTRA = rule_set("spectra.invoices")
SETTINGS = {"rowMode": "multi", "currency": "GBP"}
TODAY = dt.date(2011, 6, 30)
NOBODY = "COUNTER"


def sold(shared_data, days=None):
    """The lines of the first so many days, as text."""
    with zipfile.ZipFile(shared_data / ARCHIVE) as archive:
        frames = [pd.read_csv(archive.open(name), dtype="str", keep_default_na=False) for name in sorted(archive.namelist())[:days]]
    return pd.concat(frames, ignore_index=True)


def prepared(lines):
    """The lines under Spectra's headings."""
    credit = lines["InvoiceNo"].str.startswith("C")
    client = lines["CustomerID"].str.removesuffix(".0")
    return pd.DataFrame({
        "Client number": client.where(client != "", NOBODY),
        "Invoice number": lines["InvoiceNo"],
        "Invoice date": lines["InvoiceDate"].str[:10],
        "Type": credit.map({True: "Credit Memo", False: "Initial Order"}),
        "Price list item": lines["StockCode"],
        "Item description": lines["Description"],
        "Quantity": lines["Quantity"].where(~credit, lines["Quantity"].str.removeprefix("-")),
        "Unit price": lines["UnitPrice"],
    })  # fmt: skip


def examined(frame, **more):
    items = frame["Price list item"].str.upper().drop_duplicates()
    books = Lists(clients=[*frame["Client number"].unique()], priceListItems=[*items])
    return examine(frame, SPECTRA, settings={**SETTINGS, **more}, context=books, today=TODAY)


def sums(lines):
    """Invoice -> its total in pence, each line rounded half away from zero, worked out by Python's own decimals."""
    pence = [int((Decimal(q) * Decimal(p) * 100).to_integral_value(ROUND_HALF_UP)) for q, p in zip(lines["Quantity"], lines["UnitPrice"], strict=True)]
    return lines.assign(pence=pence).groupby("InvoiceNo", sort=False)["pence"].sum()


def kept_out(report):
    return {(p.field, p.rule) for p in report.problems if p.severity >= Severity.HOLD}


def test_a_week_of_a_web_shop(shared_data):
    """S0-28, S0-30: every invoice goes in with the total that its lines have; those of nothing are paid."""
    lines = sold(shared_data, 6)
    report = examined(prepared(lines))
    expected = sums(lines)
    assert len(lines) == len(report.lines) == 16_985 and report.invoices == report.accepted == len(expected)
    assert kept_out(report) == set()
    assert dict(zip(report.rows["invoiceNumber"], report.rows["amount"], strict=True)) == expected.to_dict()
    assert set(report.rows["record.status"][report.rows["amount"] == 0]) == {"Paid"}
    assert report.lines["priceListItem"].str.isupper().sum() > 0 and set(report.rows["currency"]) == {"GBP"}


def test_what_stays_out_of_the_shops_own_files(shared_data):
    """S0-9, S0-30: without the preparation sales without a client stay out, and credit notes are below zero."""
    lines = sold(shared_data, 2)
    own = prepared(lines).assign(**{"Client number": lines["CustomerID"].str.removesuffix(".0"), "Quantity": lines["Quantity"]})
    books = Lists(clients=[*own["Client number"].unique()], priceListItems=[*lines["StockCode"].str.upper().drop_duplicates()])
    report = examine(own, SPECTRA, settings=SETTINGS, context=books, today=TODAY)
    by_invoice = lines.assign(client=lines["CustomerID"] != "").groupby("InvoiceNo", sort=False)
    right = by_invoice["client"].all() & (sums(lines) >= 0)
    assert kept_out(report) == {("clientNumber", "unidentified"), ("amount", "negative-total")}
    assert dict(zip(report.rows["invoiceNumber"], report.ready, strict=True)) == right.to_dict()


def test_half_a_year_of_a_web_shop(shared_data):
    """228,743 lines of 9,979 invoices and 1,847 credit notes; 1,948 of them have no client of their own."""
    lines = sold(shared_data)
    report = examined(prepared(lines))
    credit = report.rows["invoiceType"] == "Credit Memo"
    assert (len(report.lines), int((~credit).sum()), int(credit.sum()), report.accepted) == (228_743, 9_979, 1_847, 11_826)
    assert (int(report.rows["amount"][~credit].sum()), int(report.rows["amount"][credit].sum())) == (4_492_882_14, -406_449_03)
    assert int((report.rows["amount"] == 0).sum()) == 1_065 and int((report.rows["clientNumber"] == NOBODY).sum()) == 1_948
    assert dict(zip(report.rows["invoiceNumber"], report.rows["amount"], strict=True)) == sums(lines).to_dict()
    assert int((report.lines["quantity"] < 0).sum()) == 713
