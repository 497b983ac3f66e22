"""Spectra and myStratus import wizard: clients, and invoices in one row or several rows each.

Studios bring invoices of an older program or a web shop into Spectra. Each invoice belongs to a client that is there already, named by
client number, session number or e-mail address. Source: seed document 000_2e229035c8375a3f.txt, behaviours S0-1 … S0-33.
"""

import pandera.pandas as pandera

from invoice_rules.fields import Dated, Link, Option, RuleSet, called, code, currency, date, emails, money, number, text, yes_no
from invoice_rules.fields.rules import ON_FILE, computed, first_of, percent_of, priced, rule
from invoice_rules.fields.usual import belongs, due_date, of_one, rate_begun, rate_of_day, rate_on_file
from invoice_rules.problems import Severity

TYPES = ("Session Fee", "Initial Order", "Reorder", "Credit Memo", "Estimate")  # S0-15
BATCH = (
    "invoiceDate", "invoiceType", "description", "status", "statusDueDate", "salesRep", "paymentDueDate", "approxDeliveryDate",
    "custom1", "customDate1", "taxRate", "priceListItem", "paymentMethod",
)  # S0-14
IDENTIFIERS = ("clientNumber", "sessionNumber", "clientEmail")  # S0-9

TAX = "IF(LEN({taxAmount})=0,0,{taxAmount})"
RATED = "AND(LEN({taxAmount})=0,LEN({taxRate:text})>0)"
BY_RATE = "Tax that only its rate tells is worked out on import."

ROW_MODE = Option("rowMode", "Whether a row is a whole invoice, or one of its lines", ("single", "multi"), "S0-4")


@rule("status-date-alone", "Status due date is {statusDueDate}, but there is no status. Fill in the status, or clear the date.", "statusDueDate", also=("status",), spec="S0-18", excel="LEN({status:text})>0")
def status_date_with_status(rows):
    """A status due date stands only beside a status."""
    return rows["status"].notna()


@rule("negative-total", "The invoice adds up to {amount}. Invoices are above zero; the type says what lowers receivables: make it a Credit Memo with positive amounts.", "amount", spec="S0-30", excel="{amount}>=0", because="Where lines give the amount, their sum is looked at on import.")
def total_not_negative(rows):
    """The total is not below zero; the type carries the sign."""
    return rows["amount"] >= 0


@rule("lines-total", "Amount is {amount}, but the lines add up to {sum.lineAmount}. Correct one of them.", "amount", "sum.lineAmount", also=("count.lines",), spec="S0-28", excel="OR({count.lines}=0,ABS({amount}-{sum.lineAmount})<{:cent}/2)")
def amount_is_sum_of_lines(rows):
    """A given amount is the sum of the lines."""
    return (rows["count.lines"] == 0) | (rows["amount"] == rows["sum.lineAmount"])


@rule("paid-above-total", "Amount paid ({amountPaid}) is more than the invoice with its tax ({total}). Lower it, or correct the amount.", "amountPaid", "amount", "total", spec="S0-32", excel=f"OR({RATED},{{amountPaid}}<={{amount}}+{TAX})", because=BY_RATE)
def paid_within_total(rows):
    """No more is paid than the total."""
    return rows["amountPaid"] <= rows["total"]


@rule("paid-without-method", "{amountPaid} is paid, but there is no payment method. Fill it in, or choose one for the whole file.", "amountPaid", also=("paymentMethod",), spec="S0-32", excel="OR({amountPaid}=0,LEN({paymentMethod:text})>0)")
def paid_with_method(rows):
    """What is paid has a payment method."""
    return (rows["amountPaid"] == 0) | rows["paymentMethod"].notna()


@rule("balance-after-payment", "Open balance is {openBalance}, but {amountPaid} of {total} is paid. What the file says counts.", "openBalance", "amount", "amountPaid", "total", spec="S0-5", severity=Severity.WARNING, excel=f"OR({RATED},ABS({{openBalance}}+{{amountPaid}}-{{amount}}-{TAX})<{{:cent}}/2)", because=BY_RATE)
def balance_is_what_is_left(rows):
    """Where a balance and a payment are given, together they are the total."""
    return rows["openBalance"] + rows["amountPaid"] == rows["total"]


@rule("open-balance", "Open balance ({openBalance}) is more than the invoice with its tax ({total}). Correct one of them.", "openBalance", "amount", "total", spec="S0-5", excel=f"OR({RATED},{{openBalance}}<={{amount}}+{TAX})", because=BY_RATE)
def balance_within_total(rows):
    """The open balance is not more than the total."""
    return rows["openBalance"] <= rows["total"]


@rule("same-again", "Another row of the file has the same client, date and amount ({amount}). Check that it is not entered twice.", "invoiceNumber", "amount", spec="X-9", severity=Severity.WARNING, because="It is about invoices without a number of their own, which they get on import.")
def made_once(rows):
    """Of invoices without numbers, those of one client, date and amount are told."""
    return ~rows["invoiceNumber"].str.contains(r"/[0-9]{4}-[0-9]{2}-[0-9]{2}/-?[0-9]+/[0-9]+$", regex=True)


@computed(
    "lineAmount", "quantity", "unitPrice", "lineDiscount", "currency", spec="S0-28",
    excel="ROUND({quantity}*{unitPrice},{:decimals})-IF(LEN({lineDiscount})=0,0,{lineDiscount})",
)
def line_amount(rows):
    """Quantity times unit price, less the discount."""
    return priced(rows["quantity"], rows["unitPrice"], rows["currency"]) - rows["lineDiscount"].fillna(0)


@computed("amount", "sum.lineAmount", spec="S0-28", compared=False)
def sum_of_lines(rows):
    """The sum of the lines."""
    return rows["sum.lineAmount"]


@computed("taxableAmount", "lineAmount", "lineTaxable", spec="S0-31", level="line")
def taxable_amount(rows):
    """What of a line is taxed: all of it, unless it says that it is not taxable."""
    return rows["lineAmount"].where(rows["lineTaxable"].fillna(True), 0)


@computed("taxBase", "amount", "sum.taxableAmount", "count.lines", spec="S0-31", level="header")
def tax_base(rows):
    """The taxable lines, or the whole amount where there are no lines."""
    return rows["sum.taxableAmount"].where(rows["count.lines"].fillna(0) > 0, rows["amount"])


@computed("taxAmount", "taxBase", "taxPercent", "amount", spec="S0-31", because=ON_FILE)
def tax_amount(rows):
    """The tax rate on the amount without tax, rounded once an invoice; none on taxable lines, or an amount, below zero."""
    return percent_of(rows["taxBase"].clip(lower=0), rows["taxPercent"]).where((rows["amount"] >= 0).fillna(True))


@computed("total", "amount", "taxAmount", "taxRate", spec="S0-31", level="header")
def total(rows):
    """The amount with its tax; not known where a rate is named and nobody knows what it makes of an amount of 0 or more."""
    known = rows["taxAmount"].notna() | rows["taxRate"].isna() | (rows["amount"] < 0).fillna(False)
    return (rows["amount"] + rows["taxAmount"].fillna(0)).where(known)


@computed("openBalance", "total", "amount", "amountPaid", spec="S0-5", compared=False)
def open_balance(rows):
    """What is not paid of the total; of the amount, where the tax is not known. What is paid and cannot be is told, and this is not known."""
    paid = rows["amountPaid"].fillna(0)
    left = (rows["total"] - paid).fillna((rows["amount"] - paid).clip(lower=0))
    return left.where((paid >= 0) & (left >= 0))


@computed("invoiceNumber", "clientNumber", "sessionNumber", "clientEmail", "invoiceDate", "amount", spec="S0-29", compared=False)
def own_number(rows):
    """Without a number of its own an invoice is told apart by client, date and amount, so that importing its file again is noticed."""
    owner = rows["clientNumber"].fillna(rows["sessionNumber"]).fillna(rows["clientEmail"]).fillna("?")
    name = owner + "/" + rows["invoiceDate"].astype("string").fillna("?").astype(str) + "/" + rows["amount"].astype("string").fillna("?").astype(str)
    again = name.groupby(name).cumcount()
    return name.where(again == 0, name + "/" + (again + 1).astype(str))


def status(rows):
    """An estimate stays out of receivables (S0-30); what has no open balance is paid."""
    return first_of({"Estimate": rows["invoiceType"] == "Estimate", "Paid": rows["openBalance"] == 0}, otherwise="Open")


clients = RuleSet(
    name="spectra.clients",
    title="Spectra clients",
    description="Clients with their sessions, one row each; invoices need them on file.",
    source="000_2e229035c8375a3f.txt",
    document="customer",
    reference="clients",
    schema=pandera.DataFrameSchema(
        {
            "clientNumber": code(
                "Client number", "Number of the client", max=255, required=True, unique=True, role="customer", example="1042", spec="S0-13", synonyms=called.CUSTOMER_ID,
            ),
            "firstName": text("First name", "First name", max=255, example="Ada", synonyms=("given name", "forename")),
            "lastName": text(
                "Last name", "Last name, or the name of a company", max=255, required=True, role="customer_name",
                example="Miller", synonyms=("surname", "family name", *called.CUSTOMER_NAME),
            ),
            "email": emails("E-mail", "Addresses of the client", role="email", example="ada@miller.example", synonyms=called.EMAIL),
            "phone": code("Phone", "Telephone number", max=255, example="555 0100", synonyms=("phone number", "telephone", "mobile", "home phone")),
            "address1": text("Address 1", "Street", max=255, example="12 Mill Lane", synonyms=("address", "street", "address line 1")),
            "address2": text("Address 2", "Second line of the address", max=255, example="Suite 4", synonyms=("address line 2", "suite")),
            "city": text("City", "City", max=255, example="Springfield", synonyms=("town",)),
            "state": text("State", "State or province", max=255, example="OH", synonyms=("province", "region")),
            "postalCode": code("Postal code", "ZIP or postal code", max=255, example="45501", synonyms=("zip", "zip code", "postcode")),
            "country": text("Country", "Country", max=255, example="USA"),
            "sessionNumbers": code(
                "Session numbers", "Sessions of the client, with commas between them", example="S-100, S-101", synonyms=("sessions", "session number", "session"),
            ),
        },
        name="spectra.clients",
    ),
    key="clientNumber",
    demo=("clientNumber", "lastName", "email"),
)

invoices = RuleSet(
    name="spectra.invoices",
    title="Spectra invoices",
    description="Invoices for Spectra and myStratus: a lump sum in one row, or one row for each line.",
    source="000_2e229035c8375a3f.txt",
    schema=pandera.DataFrameSchema(
        {
            "clientNumber": code(
                "Client number", "Number of the client",
                max=255, role="customer", of="clients", default=("session.clientNumber", "email.clientNumber"), example="1042", spec="S0-9", synonyms=called.CUSTOMER_ID,
            ),
            "sessionNumber": code("Session number", "Number of the client's session", max=255, of="session", example="S-100", spec="S0-9", synonyms=("session", "session id")),
            "clientEmail": emails("Client e-mail", "Address of the client", max=1, role="email", of="email", example="ada@miller.example", spec="S0-9", synonyms=called.EMAIL),
            "invoiceNumber": code(
                "Invoice number", "Number of the invoice in the source; rows that share it are one invoice",
                max=255, required=True, unique=True, role="number", example="5001", spec="S0-28", synonyms=called.INVOICE_NUMBER,
            ),
            "invoiceDate": date(
                "Invoice date", "Date of the invoice", required=True, role="date", slashless=True, example="11/30/2026", spec="S0-17",
                synonyms=("date", *called.INVOICE_DATE),
            ),
            "invoiceType": text(
                "Type", "What kind of invoice it is", required=True, choices=TYPES, example="Initial Order", spec="S0-15", synonyms=("invoice type", "transaction type"),
            ),
            "description": text("Description", "What the invoice is for", max=255, example="Wedding album", spec="S0-33", synonyms=("invoice description", "memo", "subject")),
            "status": code("Status", "Where the invoice stands in the studio's work", max=255, of="invoiceStatuses", example="Ordered", spec="S0-20", synonyms=("invoice status",)),
            "statusDueDate": date("Status due date", "Date by which that step is due", slashless=True, example="12/05/2026", spec="S0-18"),
            "salesRep": code("Sales rep", "Who made the invoice", max=255, of="salesReps", example="Jo Park", spec="S0-20", synonyms=("salesperson", "sales representative")),
            "paymentDueDate": date(
                "Payment due date", "Date by which it is to be paid", role="due_date", slashless=True, example="12/30/2026", spec="S0-14", synonyms=("due date", *called.DUE_DATE),
            ),
            "approxDeliveryDate": date(
                "Approximate delivery date", "About when the order is delivered", slashless=True,
                example="12/20/2026", spec="S0-14", synonyms=("delivery date", "approx delivery date"),
            ),
            "custom1": text("Custom 1", "A field of the studio's own", max=255, example="Gold", spec="S0-21"),
            "customDate1": date("Custom date 1", "A date of the studio's own", slashless=True, example="12/24/2026", spec="S0-21"),
            "taxRate": code(
                "Tax rate", "Name of the tax rate; amounts are without tax", max=255, of="taxCodes",
                example="State 6.5", spec="S0-31", synonyms=("tax code", "tax name", "sales tax"),
            ),
            "taxAmount": money("Tax amount", "Tax on the invoice; blank is worked out from the rate", example="13.00", spec="S0-31", synonyms=("tax", "sales tax", "sales tax amount")),
            "amount": money(
                "Amount", "Total without tax, above zero; of several rows, the sum of the lines", negative=True, required="single", role="amount",
                example="200.00", spec="S0-30", synonyms=called.AMOUNT,
            ),
            "openBalance": money("Open balance", "What is left to be paid", role="balance", example="50.00", spec="S0-5", synonyms=called.AMOUNT_DUE),
            "amountPaid": money("Amount paid", "What is paid already", example="150.00", spec="S0-32", synonyms=("paid", "payment amount", "deposit")),
            "paymentMethod": code(
                "Payment method", "How it was paid", max=255, of="paymentMethods", where="amountPaid",
                example="Check", spec="S0-32", synonyms=("method of payment", "payment type", "method"),
            ),
            "paymentDate": date("Payment date", "When it was paid", slashless=True, example="12/01/2026", spec="S0-32", synonyms=("date paid",)),
            "currency": currency("Currency", "Code of the amounts' currency, where it is not the file's", example="USD", synonyms=called.CURRENCY),
            "lineNumber": number(
                "Line number", "Place of the line in its invoice", level="line", modes=("multi",), decimals=0, example="1", synonyms=("line", "line no", "item number"),
            ),
            "priceListItem": code(
                "Price list item", "What is sold, as the price list calls it", level="line", max=255, of="priceListItems",
                example="8x10", spec="S0-20", synonyms=("item", "product", "sku", "stock code", "item code"),
            ),
            "itemDescription": text(
                "Item description", "What is sold, in words", level="line", modes=("multi",), max=255, example="Print 8x10", synonyms=("line description", "product description"),
            ),
            "quantity": number(
                "Quantity", "How many; below zero for what is given back", level="line", modes=("multi",), required=True, negative=True, example="2", synonyms=("qty", "units"),
            ),
            "unitPrice": number(
                "Unit price", "Price of one, without tax", level="line", role="price", modes=("multi",), required=True, negative=True,
                example="25.00", synonyms=("price", "rate", "unit amount", "item price"),
            ),
            "lineAmount": money(
                "Line amount", "Quantity times price, less the discount; blank is worked out", level="line", modes=("multi",), negative=True, role="line_amount",
                example="50.00", synonyms=("line total", "extended price", "extension", "item amount"),
            ),
            "lineTaxable": yes_no("Taxable", "Whether the line is taxed; blank is yes", level="line", modes=("multi",), example="yes", synonyms=("line taxable", "tax line")),
            "lineDiscount": money("Discount", "What is taken off the line", level="line", modes=("multi",), example="5.00", synonyms=("line discount", "discount amount")),
        },
        checks=[
            of_one("sessionNumber", "session", "clientNumber", "client number", "S0-11"), of_one("clientEmail", "email", "clientNumber", "client number", "S0-11"),
            belongs("sessionNumber", "session", "clientNumber", "clientNumber", "S0-11"), belongs("clientEmail", "email", "clientNumber", "clientNumber", "S0-11"),
            status_date_with_status, total_not_negative, amount_is_sum_of_lines, paid_within_total, paid_with_method, balance_within_total, balance_is_what_is_left,
            due_date("paymentDueDate", "invoiceDate", "S0-14"), made_once,
            rate_begun("taxRate", "invoiceDate", "S0-31"), rate_on_file("taxRate", "taxBase", "taxAmount", "invoiceDate", "the amount", "S0-31"),
        ],
        name="spectra.invoices",
    ),
    key="invoiceNumber",
    existing="error",
    identified_by=IDENTIFIERS,
    batch=BATCH,
    group_by=("invoiceNumber",),
    runs_of=IDENTIFIERS,
    links={
        "session": Link("clients", by="sessionNumber", matches="sessionNumbers", among="clientNumber"),
        "email": Link("clients", by="clientEmail", matches="email", among="clientNumber"),
        "taxCode": Link("taxCodes", by="taxRate"),
        "tax": Dated("taxRates", by="taxRate", on="invoiceDate"),
    },
    computed=(line_amount, sum_of_lines, taxable_amount, tax_base, rate_of_day("S0-31"), tax_amount, total, open_balance, own_number),
    status=status,
    statuses=("Open", "Paid", "Estimate"),
    status_of=("invoiceType", "openBalance"),
    credit=("invoiceType", ("Credit Memo",)),
    guarded=("Credit Memo", "Estimate"),
    closed_books=Severity.HOLD,
    options=(ROW_MODE,),
    demo=("invoiceNumber", "clientEmail"),
)
