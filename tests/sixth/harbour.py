"""Harbour berths: invoices of a marina, a row for each berth.

A system of its own in one file, to see that a sixth one needs no more than this.
"""

import pandera.pandas as pandera

from invoice_rules.fields import Link, RuleSet, called, code, computed, date, money, number, percent_of, priced, rule, text


@rule("long-stay", "{nights} nights are more than a season. Check the number.", "nights", spec="X-5")
def within_a_season(rows):
    """Nobody stays longer than a season."""
    return rows["nights"] <= 200


@computed("amount", "nights", "price", "currency", spec="X-25")
def berth_amount(rows):
    """Nights times the price of one."""
    return priced(rows["nights"], rows["price"], rows["currency"])


@computed("total", "sum.amount", spec="X-25")
def total(rows):
    """All berths."""
    return rows["sum.amount"]


@computed("harbourTax", "total", "tax.rate", spec="X-25")
def harbour_tax(rows):
    """The rate of the tax code on the total."""
    return percent_of(rows["total"], rows["tax.rate"])


berths = RuleSet(
    name="harbour.berths",
    title="Harbour berths",
    description="Invoices of a marina, a row for each berth.",
    schema=pandera.DataFrameSchema(
        {
            "invoice": code("Invoice", "Number of the invoice", max=12, required=True, role="number", example="B-1", synonyms=called.INVOICE_NUMBER),
            "skipper": code("Skipper", "Who pays", max=20, required=True, role="customer", of="customers", example="S-7", synonyms=called.CUSTOMER_ID),
            "day": date("Day", "Day of the invoice", required=True, role="date", orders=("month-first",), example="11/30/2026", synonyms=called.INVOICE_DATE),
            "taxCode": code("Tax code", "Tax of the harbour", of="taxCodes", default=("customer.salesTaxCode",), example="PORT"),
            "harbourTax": money("Harbour tax", "Worked out where it is blank", example="6.00"),
            "total": money("Total", "Sum of the berths", role="amount", example="60.00", synonyms=called.AMOUNT),
            "berth": text("Berth", "Which berth", level="line", max=10, required=True, example="A4"),
            "nights": number("Nights", "How many", level="line", decimals=0, required=True, example="3"),
            "price": number("Price", "Price of a night", level="line", required=True, example="20.00"),
            "amount": money("Amount", "Nights times price", level="line", role="line_amount", example="60.00"),
        },
        checks=[within_a_season],
    ),
    key="invoice",
    group_by=("invoice",),
    existing="error",
    links={"customer": Link("customers", by="skipper"), "tax": Link("taxCodes", by="taxCode")},
    computed=(berth_amount, total, harbour_tax),
)
