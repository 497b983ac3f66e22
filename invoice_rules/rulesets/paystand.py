"""Paystand receivables and customers CSV.

What Paystand's import takes: a CSV file of up to 10 MB, one row a receivable, matched again by the internal invoice id, so
that importing a file twice never makes a second record. Source: seed document 003_caea6feb37a629cc.txt, behaviours S3-1 … S3-33.
"""

import pandas as pd
import pandera.pandas as pandera

from invoice_rules.fields import Option, RuleSet, code, currency, date, emails, money, rule, text, yes_no
from invoice_rules.problems import Severity

_MONTH_FIRST = ("month-first",)  # S3-11
_AROUND = "\"'"  # S3-4: quotes around a value are trimmed, as blanks are

_CALLED = {  # what columns are called elsewhere, the surest first; the words' other spellings and languages are known to the matching
    "invoiceId": (
        "invoice ext id", "internal invoice id", "internal id", "record number", "record id", "internal number",
        "internal reference number", "internal reference", "entry number", "external id", "invoice uuid", "invoice guid", "invoice key",
        "system id", "document id", "transaction id", "customer transaction id", "uuid", "guid", "id", "transaction number",
    ),
    "invoiceNumber": (
        "invoice", "invoice code", "invoice reference", "document number", "invoice document number", "document reference", "document",
        "statement number", "voucher number", "document field 1", "transaction number", "number", "reference number",
        "transaction reference", "reference", "payment reference", "voucher", "invoice id", "document id", "transaction id", "id",
    ),
    "amount": (
        "invoice amount", "grand total", "invoice total", "total invoice amount", "invoice amount gross", "total gross",
        "total amount gross", "amount gross", "original amount due", "original amount", "original transaction amount", "total amount",
        "total value", "total", "total cost", "entered total", "entered amount", "receivable amount", "invoice value",
        "transaction amount", "document amount", "total charge", "total fee", "total price", "charge amount", "amount net",
        "total amount net", "total net", "value", "spend",
    ),
    "amountDue": (
        "balance due", "open balance", "open amount", "amount open", "total open", "amount due open", "open invoice amount",
        "amount still open", "still open", "balance", "invoice balance", "account balance", "receivable balance", "total balance",
        "current balance", "balance amount", "total due", "net amount due", "open receivable", "open", "current amount",
        "current transaction amount", "due amount", "to pay",
    ),
    "customerName": (
        "customer", "name", "name 1", "customer company", "customer company name", "customer full name", "customer name 1",
        "customer account name", "company last name", "contact customer name", "customer legal name", "account name", "company name",
        "company", "customer description",
    ),
    "extCustomerId": (
        "customer number", "customer code", "customer key", "customer account number", "customer account id", "customer account",
        "external customer id", "customer ext id", "customer external id", "customer internal id", "customer account code",
        "account number", "account id", "account code", "account reference", "customer",
    ),
    "date": (
        "invoice date", "date of issue", "issued date", "date issued", "issued", "document date", "transaction date", "created date",
        "invoice created date", "posted date", "posted", "voucher date", "statement date", "entry date", "charge date", "ledger date",
        "tax date", "payment date", "invoice payment date",
    ),
    "dateDue": (
        "payment due date", "invoice due date", "net due date", "due", "date payment due", "payment due", "due day", "maturity date",
    ),
    "isCanceled": (
        "void", "is void", "invoice canceled", "void status", "canceled status", "cancel flag", "void flag", "canceled date",
        "is canceled invoice",
    ),
    "contactEmail": (
        "email", "customer email", "customer contact email", "invoice email", "billing email", "billing contact email", "send email",
        "send invoice email", "customer work email", "account email", "receivable email", "payables email", "payables contact email",
        "primary contact email", "person email", "remittance email", "invoice contact email", "to email",
    ),
    "currency": (
        "currency code", "invoice currency", "invoice currency code", "currency iso code", "iso currency", "document currency",
        "transaction currency",
    ),
    "contactFullName": (
        "contact full name", "contact", "contact person", "primary contact", "primary contact name", "customer contact",
        "customer contact name", "full name", "attention", "accounts payable contact", "person",
    ),
}  # fmt: skip


@rule("within-amount", "Amount due ({amountDue}) is more than the amount ({amount}). Lower it, or correct the amount.", "amountDue", "amount", spec="S3-10")
def due_within_amount(rows):
    """Amount due is not more than the amount."""
    return rows["amountDue"] <= rows["amount"]


@rule("due-before-date", "Due date {dateDue} is before the invoice date {date}.", "dateDue", "date", spec="S3-11", severity=Severity.WARNING)
def due_on_or_after_date(rows):
    """The due date is not before the invoice date."""
    return rows["dateDue"] >= rows["date"]


@rule("zero-amount", "Amount is zero. The receivable would be created as Paid.", "amount", spec="S3-9", severity=Severity.WARNING, creating=True)
def amount_above_zero(rows):
    """A new receivable has an amount above zero."""
    return rows["amount"] != 0


@rule("rising-due", "Amount due would rise from {was.amountDue} to {amountDue}. Confirm it, or correct the amount due.", "amountDue", "was.amountDue", spec="S3-25", severity=Severity.HOLD)
def due_does_not_rise(rows):
    """An update does not raise the amount due."""
    return rows["amountDue"] <= rows["was.amountDue"]


@rule("reopened", "The receivable is {was.status} and would be {status} again. Confirm it, or leave it closed.", "amountDue", "status", "was.status", spec="S3-25", severity=Severity.HOLD)
def stays_closed(rows):
    """A paid or canceled receivable is not opened again."""
    return (rows["was.status"] == "Open") | (rows["status"] != "Open")


def status(rows: pd.DataFrame) -> pd.Series:
    """Canceled wins over Paid; an amount due of 0 is Paid; everything else is Open (S3-24, S3-25)."""
    paid = rows["amountDue"].eq(0).fillna(False).astype(bool)
    canceled = rows["isCanceled"].fillna(False).astype(bool)
    return pd.Series("Open", index=rows.index, dtype="str").mask(paid, "Paid").mask(canceled, "Canceled")


receivables = RuleSet(
    name="paystand.receivables",
    title="Paystand receivables",
    description="Open and closed invoices for Paystand, one row each; a file imported again updates them.",
    source="003_caea6feb37a629cc.txt",
    schema=pandera.DataFrameSchema(
        {
            "invoiceId": code("Invoice ID", "Internal invoice identifier; a re-import finds the invoice by it", max=40, required=True, unique=True, example="INV-1001", spec="S3-21", synonyms=_CALLED["invoiceId"]),
            "invoiceNumber": code(
                "Invoice number", "Number that the customer sees", max=40, required=True, role="number", example="1001",
                synonyms=_CALLED["invoiceNumber"],
            ),
            "amount": money(
                "Amount", "Invoice total", required=True, role="amount", mark="point", example="$1,000.00",
                synonyms=_CALLED["amount"],
            ),
            "amountDue": money(
                "Amount due", "What is left to be paid", required=True, role="balance", changes="free", mark="point", example="$250.00",
                synonyms=_CALLED["amountDue"],
            ),
            "customerName": text(
                "Customer name", "Name of the customer", max=50, required=True, role="customer_name", example="Miller Studio",
                synonyms=_CALLED["customerName"],
            ),
            "extCustomerId": code(
                "Customer ID", "The customer's id in your books", max=40, required=True, role="customer", changes="never", example="C-4711",
                synonyms=_CALLED["extCustomerId"],
            ),
            "date": date(
                "Date", "Invoice date", required=True, role="date", orders=_MONTH_FIRST, example="11/30/2026",
                synonyms=_CALLED["date"],
            ),
            "dateDue": date(
                "Due date", "Date by which it is to be paid", required=True, role="due_date", changes="free",
                orders=_MONTH_FIRST, example="12/30/2026",
                synonyms=_CALLED["dateDue"],
            ),
            "isCanceled": yes_no(
                "Canceled", "Whether the invoice is canceled", required=True, role="canceled", example="no",
                synonyms=_CALLED["isCanceled"],
            ),
            "contactEmail": emails(
                "Contact e-mail", "The payer's addresses, up to six", max=6, required=True, role="email",
                example="ap@miller.example; owner@miller.example",
                synonyms=_CALLED["contactEmail"],
            ),
            "currency": currency("Currency", "Code of the amounts' currency, where it is not the file's", example="USD", synonyms=_CALLED["currency"]),
        },
        checks=[due_within_amount, due_on_or_after_date, amount_above_zero],
        name="paystand.receivables",
        title="Paystand receivables",
    ),
    key="invoiceId",
    updates=(due_does_not_rise, stays_closed),
    status=status,
    status_of=("amountDue", "isCanceled"),
    files=(".csv",),
    megabytes=10,
    around=_AROUND,
    options=(
        Option("content", "Which characters text may hold: the usual ones, or strictly none of the listed ones", ("usual", "strict"), "S3-5"),
        Option("customers", "What to do with a customer that is not on file", ("create", "must-exist"), "S3-29"),
    ),
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
                "Customer ID", "The customer's id in your books", max=40, required=True, unique=True, role="customer",
                example="C-4711", spec="S3-33",
                synonyms=_CALLED["extCustomerId"],
            ),
            "customerName": text(
                "Customer name", "Name of the customer", max=50, required=True, role="customer_name", example="Miller Studio",
                synonyms=_CALLED["customerName"],
            ),
            "contactEmail": emails(
                "Contact e-mail", "The payer's addresses, up to six", max=6, required=True, role="email", example="ap@miller.example",
                synonyms=_CALLED["contactEmail"],
            ),
            "contactFullName": text(
                "Contact name", "Full name of the person to write to", max=50, required=True, role="contact", example="Ada Miller",
                synonyms=_CALLED["contactFullName"],
            ),
        },
        name="paystand.customers",
        title="Paystand customers",
    ),
    key="extCustomerId",
    files=(".csv",),
    megabytes=10,
    around=_AROUND,
    options=(Option("content", "Which characters text may hold: the usual ones, or strictly none of the listed ones", ("usual", "strict"), "S3-5"),),
    demo=("extCustomerId", "customerName", "contactEmail"),
)
