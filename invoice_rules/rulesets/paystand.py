"""Paystand receivables and customers CSV.

What Paystand's import takes: a CSV file of up to 10 MB, one row a receivable, matched again by the internal invoice id, so
that importing a file twice never makes a second record. Source: seed document 003_caea6feb37a629cc.txt, behaviours S3-1 … S3-33.
"""

import pandera.pandas as pandera

from invoice_rules.fields import ON_FILE, Option, RuleSet, called, code, currency, date, emails, first_of, money, rule, text, yes_no
from invoice_rules.fields.usual import due_date
from invoice_rules.problems import Severity

MONTH_FIRST = ("month-first",)  # S3-11: the only order in which text may write a date
QUOTES = "\"'"  # S3-4: quotes around a value are trimmed, as blanks are

CONTENT = Option("content", "Which characters text may hold: the usual ones, or strictly none of the listed ones", ("usual", "strict"), "S3-5")
PLAN_DAYS = Option("planDays", "Days before a plan's charge in which a change of amount or due date asks for a review; 3 where nothing is said", (), "S3-27", whole=True)
UNKNOWN_CUSTOMERS = Option("customers", "What to do with a customer that is not on file", ("create", "must-exist"), "S3-29")


@rule("within-amount", "Amount due ({amountDue}) is more than the amount ({amount}). Lower it, or correct the amount.", "amountDue", "amount", spec="S3-10", excel="{amountDue}<={amount}")
def due_within_amount(rows):
    """Amount due is not more than the amount."""
    return rows["amountDue"] <= rows["amount"]


@rule("zero-amount", "Amount is zero. The receivable would be created as Paid.", "amount", spec="S3-9", severity=Severity.WARNING, creating=True, excel="{amount}<>0", because="Of an invoice that is on file already it is not told.")
def amount_above_zero(rows):
    """A new receivable has an amount above zero."""
    return rows["amount"] != 0


@rule(
    "rising-due",
    "Amount due would rise from {was.amountDue} to {amountDue}. Confirm it, or correct the amount due.",
    "amountDue",
    "was.amountDue",
    spec="S3-25",
    severity=Severity.HOLD,
    because=ON_FILE,
)
def due_does_not_rise(rows):
    """An update does not raise the amount due."""
    return rows["amountDue"] <= rows["was.amountDue"]


@rule("reopened", "The receivable is {was.record.status} and would be {record.status} again. Confirm it, or leave it closed.", "amountDue", "record.status", "was.record.status", spec="S3-25", severity=Severity.HOLD, because=ON_FILE)
def stays_closed(rows):
    """A paid or canceled receivable is not opened again."""
    return (rows["was.record.status"] == "Open") | (rows["record.status"] != "Open")


def status(rows):
    """Canceled wins over Paid; an amount due of 0 is Paid; everything else is Open (S3-24, S3-25). Unread cells leave it unknown."""
    return first_of({"Canceled": rows["isCanceled"], "Paid": rows["amountDue"] == 0}, otherwise="Open")


receivables = RuleSet(
    name="paystand.receivables",
    title="Paystand receivables",
    description="Open and closed invoices for Paystand, one row each; a file imported again updates them.",
    source="003_caea6feb37a629cc.txt",
    schema=pandera.DataFrameSchema(
        {
            "invoiceId": code(
                "Invoice ID", "Internal invoice identifier; a re-import finds the invoice by it",
                max=40, required=True, unique=True, example="INV-1001", spec="S3-21", synonyms=called.INVOICE_ID,
            ),
            "invoiceNumber": code(
                "Invoice number", "Number that the customer sees",
                max=40, required=True, role="number", example="1001", synonyms=called.INVOICE_NUMBER,
            ),
            "amount": money(
                "Amount", "Invoice total",
                required=True, role="amount", mark="point", example="$1,000.00", synonyms=called.AMOUNT,
            ),
            "amountDue": money(
                "Amount due", "What is left to be paid",
                required=True, role="balance", changes="free", mark="point", example="$250.00", synonyms=called.AMOUNT_DUE,
            ),
            "customerName": text(
                "Customer name", "Name of the customer",
                max=50, required=True, role="customer_name", example="Miller Studio", synonyms=called.CUSTOMER_NAME,
            ),
            "extCustomerId": code(
                "Customer ID", "The customer's id in your books",
                max=40, required=True, role="customer", changes="never", example="C-4711", synonyms=called.CUSTOMER_ID,
            ),
            "date": date(
                "Date", "Invoice date",
                required=True, role="date", orders=MONTH_FIRST, example="11/30/2026", synonyms=called.INVOICE_DATE,
            ),
            "dateDue": date(
                "Due date", "Date by which it is to be paid",
                required=True, role="due_date", changes="free", orders=MONTH_FIRST, example="12/30/2026", synonyms=called.DUE_DATE,
            ),
            "isCanceled": yes_no(
                "Canceled", "Whether the invoice is canceled",
                required=True, role="canceled", example="no", synonyms=called.CANCELED,
            ),
            "contactEmail": emails(
                "Contact e-mail", "The payer's addresses, up to six",
                max=6, required=True, role="email", example="ap@miller.example; owner@miller.example", synonyms=called.EMAIL,
            ),
            "currency": currency(
                "Currency", "Code of the amounts' currency, where it is not the file's", example="USD", synonyms=called.CURRENCY
            ),
        },
        checks=[due_within_amount, due_date("dateDue", "date"), amount_above_zero],
        name="paystand.receivables",
        title="Paystand receivables",
    ),
    key="invoiceId",
    updates=(due_does_not_rise, stays_closed),
    status=status,
    statuses=("Open", "Paid", "Canceled"),
    status_of=("amountDue", "isCanceled"),
    files=(".csv",),
    megabytes=10,
    around=QUOTES,
    plans="plans",
    options=(CONTENT, UNKNOWN_CUSTOMERS, PLAN_DAYS),
    demo=("invoiceId", "invoiceNumber", "customerName", "contactEmail"),
)

customers = RuleSet(
    name="paystand.customers",
    title="Paystand customers",
    description="Customers for Paystand, one row each; a file imported again updates them.",
    source="003_caea6feb37a629cc.txt",
    document="customer",
    schema=pandera.DataFrameSchema(
        {
            "extCustomerId": code(
                "Customer ID", "The customer's id in your books",
                max=40, required=True, unique=True, role="customer", example="C-4711", spec="S3-33", synonyms=called.CUSTOMER_ID,
            ),
            "customerName": text(
                "Customer name", "Name of the customer",
                max=50, required=True, role="customer_name", example="Miller Studio", synonyms=called.CUSTOMER_NAME,
            ),
            "contactEmail": emails(
                "Contact e-mail", "The payer's addresses, up to six",
                max=6, required=True, role="email", example="ap@miller.example", synonyms=called.EMAIL,
            ),
            "contactFullName": text(
                "Contact name", "Full name of the person to write to",
                max=50, required=True, role="contact", example="Ada Miller", synonyms=called.CONTACT_NAME,
            ),
        },
        name="paystand.customers",
        title="Paystand customers",
    ),
    key="extCustomerId",
    files=(".csv",),
    megabytes=10,
    around=QUOTES,
    options=(CONTENT,),
    demo=("extCustomerId", "customerName", "contactEmail"),
)
