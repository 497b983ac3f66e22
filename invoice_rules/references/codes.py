"""Codes that invoices and their lines name: terms, taxes, accounts, cost centers, statuses, prices, payment methods (S2-11 … S2-28, S0-20)."""

from invoice_rules.fields import called, code, currency, date, money, number, percent, text, yes_no
from invoice_rules.problems import Severity
from invoice_rules.references.declaring import at_most_all, listed

_NAMED = ("description", "title")
TYPES = ("direct cost", "income", "asset", "liability", "expense", "other")

terms = listed(
    "terms",
    "Terms",
    "Terms of payment.",
    {
        "terms": code("Terms", "Code of the terms", required=True, unique=True, example="1", synonyms=("terms code", "code", "payment terms")),
        "name": text("Name", "What they say", example="30 days net", synonyms=_NAMED),
        "days": number("Days", "Days until an invoice is due", decimals=0, example="30", synonyms=("net days", "due days", "days due")),
    },
)

taxCodes = listed(
    "taxCodes",
    "Tax codes",
    "Sales tax codes. Rates that change with time are in the list of tax rates.",
    {
        "taxCode": code("Tax code", "Code of the sales tax", max=15, required=True, unique=True, example="CA", synonyms=("sales tax code", "code")),
        "name": text("Name", "What it is", example="California", synonyms=_NAMED),
        "rate": percent("Rate", "The rate, 7.25 for 7.25 %", example="7.25", synonyms=("tax rate", "percent", "rate percent")),
    },
    at_most_all("rate", "Rate", "S2-14", Severity.WARNING),
)

taxRates = listed(
    "taxRates",
    "Tax rates",
    "Rates of sales tax codes, each with the day from which it is valid.",
    {
        "taxCode": code("Tax code", "Code of the sales tax", max=15, required=True, example="CA", synonyms=("sales tax code", "code")),
        "from": date("From", "First day on which the rate is valid", required=True, example="2026-01-01", synonyms=("valid from", "effective date", "start date", "date", "since")),
        "rate": percent("Rate", "The rate, 7.25 for 7.25 %", required=True, example="7.25", synonyms=("tax rate", "percent", "rate percent")),
    },
    at_most_all("rate", "Rate", "S2-13", Severity.WARNING),
    unique=("taxCode", "from"),
)

vatCodes = listed(
    "vatCodes",
    "VAT codes",
    "VAT codes with their rate.",
    {
        "vatCode": code("VAT code", "The code", max=10, required=True, unique=True, example="V20", synonyms=("code", "vat", "tax type")),
        "name": text("Name", "What it is", example="Standard rate", synonyms=_NAMED),
        "rate": percent("Rate", "The rate, 20 for 20 %", example="20", synonyms=("vat rate", "percent")),
    },
    at_most_all("rate", "Rate", "S2-23", Severity.WARNING),
)

glAccounts = listed(
    "glAccounts",
    "G/L accounts",
    "Accounts of the general ledger.",
    {
        "account": code("Account", "The account's number", max=12, required=True, unique=True, example="4000", synonyms=("gl account", "account number", "account code", "code")),
        "name": text("Name", "Name of the account", example="Sales", synonyms=("account name", *_NAMED)),
        "type": text("Type", "What kind of account it is", choices=TYPES, example="income", synonyms=("account type", "class")),
        "costCenters": text("Cost centers", "Cost centers that it takes: codes, divided by commas; blank: all", example="10, 20", synonyms=("cost center", "cost centres")),
    },
)

costCenters = listed(
    "costCenters",
    "Cost centers",
    "Cost centers that lines are booked to.",
    {
        "costCenter": code("Cost center", "The cost center's code", max=10, required=True, unique=True, example="10", synonyms=("cost centre", "code", "department")),
        "name": text("Name", "What it is", example="Workshop", synonyms=_NAMED),
    },
)

invoiceStatuses = listed(
    "invoiceStatuses",
    "Invoice statuses",
    "Statuses that invoices may have.",
    {
        "status": code("Status", "The status", required=True, unique=True, example="Shipped", synonyms=("invoice status", "name")),
        "description": text("Description", "What it means", example="The order has left the house", synonyms=("meaning", "note")),
    },
)

priceListItems = listed(
    "priceListItems",
    "Price list items",
    "Items of the price list.",
    {
        "item": code("Item", "The item's code", required=True, unique=True, example="PRINT-8X10", synonyms=("price list item", "item code", "sku", "code")),
        "name": text("Name", "What it is", example="Print 8 x 10", synonyms=("item name", *_NAMED)),
        "price": money("Price", "Price of one", example="25.00", synonyms=("unit price", "list price", "amount")),
        "currency": currency("Currency", "Currency of the price, where it is not that of the books", example="USD", synonyms=called.CURRENCY),
        "taxable": yes_no("Taxable", "Whether it is taxed", example="yes", synonyms=("taxed", "tax")),
    },
)

paymentMethods = listed(
    "paymentMethods",
    "Payment methods",
    "Ways in which invoices are paid.",
    {
        "method": code("Method", "The method", required=True, unique=True, example="Check", synonyms=("payment method", "name", "code")),
        "description": text("Description", "What it means", example="Check by mail", synonyms=("meaning", "note")),
    },
)
