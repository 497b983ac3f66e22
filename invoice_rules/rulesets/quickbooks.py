"""QuickBooks invoice history into BigTime.

Invoices that were made in QuickBooks, taken over once as manual invoices of a project; QuickBooks is only read. Importing an invoice a
second time is refused, and one invoice that cannot come in keeps out all. Source: seed document 001_03f50da192888543.txt, behaviours
S1-1 … S1-18.
"""

import pandera.pandas as pandera

from invoice_rules.fields import (
    RuleSet,
    called,
    code,
    computed,
    currency,
    date,
    first_of,
    given,
    money,
    number,
    priced,
    rule,
    text,
    yes_no,
)
from invoice_rules.fields.filters import since, unless_yes, until
from invoice_rules.fields.usual import due_date
from invoice_rules.problems import Severity

# S1-13: what BigTime writes into the note of an invoice that it sends to QuickBooks, its mark or how the note begins, and any other mention of it
OURS = r"(?i)^\s*(?:(?:created|made|entered|exported|pushed|sent) (?:in|by|from) )?BigTime\b|\[BigTime\b[^\]]*\]"
TEXT_ALONE = "DescriptionOnly"  # the kind of line to which QuickBooks gives no amount
MENTIONED = r"(?i)\bBig ?Time\b"
VOIDED = r"(?i)^\s*voided\b"  # how QuickBooks Online marks a voided invoice: the word in front of the note, all amounts zero

@rule("from-bigtime", "This invoice was created in BigTime and sent to QuickBooks: its note says {privateNote}. It is in BigTime already; leave it out.", "privateNote", spec="S1-13",
    excel='AND(LEFT(LOWER({privateNote:text})&" ",8)<>"bigtime ",LEFT(LOWER({privateNote:text})&" ",19)<>"created in bigtime ",ISERROR(FIND("[bigtime]",LOWER({privateNote}))))',
    because="Other ways to say it are found on import.")
def not_from_bigtime(rows):
    """The invoice was not made in BigTime and sent to QuickBooks."""
    return ~rows["privateNote"].str.contains(OURS, regex=True)


@rule("mentions-bigtime", "The note speaks of BigTime: {privateNote}. If the invoice was created there, leave it out.", "privateNote", spec="S1-13", severity=Severity.WARNING,
    excel='AND(ISERROR(FIND(" bigtime "," "&LOWER({privateNote})&" ")),ISERROR(FIND(" big time "," "&LOWER({privateNote})&" ")))',
    because="Other ways to say it are found on import.")
def does_not_mention_bigtime(rows):
    """The note does not speak of BigTime."""
    return ~rows["privateNote"].str.contains(MENTIONED, regex=True) | rows["privateNote"].str.contains(OURS, regex=True)


@rule("within-total", "Balance ({balance}) is more than the total ({total}). Lower it, or correct the total.", "balance", "total", spec="S1-9", excel="{balance}<={total}")
def balance_within_total(rows):
    """The balance is not more than the total."""
    return rows["balance"] <= rows["total"]


@computed("voided", "privateNote", "total", spec="S1-9")
def voided(rows):
    """An invoice with a total of 0 whose note begins with the word Voided is void."""
    return yes_or_blank(rows["privateNote"].str.contains(VOIDED, regex=True) & (rows["total"] == 0))


@computed(
    "lineAmount", "quantity", "unitPrice", "currency", "detailType", spec="X-25",
    excel="ROUND({quantity}*{unitPrice},{:decimals})", because="What is text alone is found on import.",
)  # fmt: skip
def line_amount(rows):
    """Quantity times unit price; a line that is text alone is 0."""
    made = priced(rows["quantity"], rows["unitPrice"], rows["currency"])
    return made.mask(made.isna() & (rows["detailType"] == TEXT_ALONE), 0)


@computed("netAmount", "lineAmount", "detailType", spec="S1-9", level="line")
def net_amount(rows):
    """What a line adds to the total; a discount is written as a positive amount and takes away."""
    return rows["lineAmount"].mask(rows["detailType"] == "DiscountLineDetail", -rows["lineAmount"])


@computed(
    "total", "sum.netAmount", "taxTotal", "count.lines", spec="X-25",
    excel='IF({count.lines}=0,{total},{sum.lineAmount}-2*SUMPRODUCT({:lines}*EXACT({detailType:column},"DiscountLineDetail"),{lineAmount:column})+IF(LEN({taxTotal})=0,0,{taxTotal}))',
)  # fmt: skip
def total_of_lines(rows):
    """The lines, less discounts, with the tax; unknown where there are none."""
    return (rows["sum.netAmount"] + rows["taxTotal"].fillna(0)).where(rows["count.lines"] > 0)


def yes_or_blank(holds):
    """Yes where it holds, else nothing."""
    return holds.astype("bool[pyarrow]").where(holds)


def status(rows):
    """Pending invoices and those still to be sent (or printed), without a payment, are drafts; others with a balance are in A/R aging, paid ones closed (S1-9)."""
    waits = said(rows, "emailStatus", "NeedToSend") | (said(rows, "printStatus", "NeedToPrint") & said(rows, "unprintedDraft", True))
    return first_of(
        {
            "Void": said(rows, "voided", True),
            "Drafts": said(rows, "pending", True) | (waits & (rows["balance"] == rows["total"])),
            "A/R aging": rows["balance"] != 0,
        },
        otherwise="Closed",
    )


def said(rows, name, word):
    """Whether a field says this; no where it is blank, or the file does not have it."""
    return (rows[name] == word).fillna(False) if name in rows else given(rows, name)


history = RuleSet(
    name="quickbooks.history",
    title="QuickBooks invoice history",
    description="Invoices made in QuickBooks, taken over into BigTime as manual invoices of a project.",
    source="001_03f50da192888543.txt",
    schema=pandera.DataFrameSchema(
        {
            "quickbooksId": code(
                "QuickBooks ID", "QuickBooks' own identifier of the invoice; by it a second import is refused",
                max=255, required=True, example="146", spec="S1-11", synonyms=("id", "transaction id", "internal id", "txn id", "invoice id"),
            ),
            "companyFile": text(
                "Company file", "The QuickBooks company that the invoice comes from",
                max=255, required=True, example="Hollis & Crane", synonyms=("company", "quickbooks company", "realm", "realm id", "file"),
            ),
            "invoiceNumber": code(
                "Invoice number", "Number that the customer sees",
                max=21, role="number", example="1039", synonyms=("doc number", *called.INVOICE_NUMBER),
            ),
            "customerName": text(
                "Customer name", "Name of the customer",
                max=255, required=True, role="customer_name", example="Bill's Windsurf Shop", synonyms=("customer ref name", *called.CUSTOMER_NAME),
            ),
            "customerId": code(
                "Customer ID", "QuickBooks' identifier of the customer",
                max=255, role="customer", example="2", synonyms=("customer ref value", *called.CUSTOMER_ID),
            ),
            "project": code(
                "Project", "The BigTime project that the invoice belongs to; a value for all of them wins over the row's",
                max=255, required=True, of="projects", example="Harbour Hall", spec="S1-4", synonyms=("project ref name", "project ref value", "project name", "job", "class"),
            ),
            "invoiceDate": date(
                "Invoice date", "Date of the invoice", required=True, role="date", example="03/24/2017", synonyms=("txn date", "date", *called.INVOICE_DATE),
            ),
            "dueDate": date(
                "Due date", "Date by which it is to be paid", role="due_date", example="04/23/2017", synonyms=called.DUE_DATE,
            ),
            "total": money(
                "Total", "Invoice total with tax", required=True, role="amount", example="50.00", synonyms=("total amt", *called.AMOUNT),
            ),
            "balance": money(
                "Balance", "What is left to be paid", required=True, role="balance", example="50.00", synonyms=called.AMOUNT_DUE,
            ),
            "taxTotal": money(
                "Tax", "Tax in the total", example="0.00", synonyms=("txn tax detail total tax", *called.TAX_TOTAL),
            ),
            "currency": currency(
                "Currency", "Code of the amounts' currency, where it is not the file's", example="USD", synonyms=("currency ref value", *called.CURRENCY),
            ),
            "emailStatus": text(
                "E-mail status", "Whether it is still to be sent", choices=("NotSet", "NeedToSend", "EmailSent"), example="EmailSent", spec="S1-9",
            ),
            "printStatus": text(
                "Print status", "Whether it is still to be printed", choices=("NotSet", "NeedToPrint", "PrintComplete"), example="NotSet", spec="S1-9",
            ),
            "unprintedDraft": yes_no(
                "Unprinted is a draft", "Whether an invoice that is still to be printed is a draft too; one value for all of them", example="no", spec="S1-9",
            ),
            "pending": yes_no(
                "Pending", "Whether it is only pending in QuickBooks", example="no", spec="S1-9", synonyms=("is pending",),
            ),
            "voided": yes_no(
                "Voided", "Whether it is void in QuickBooks", role="canceled", example="no", spec="S1-9", synonyms=("void", "is void", "is voided"),
            ),
            "privateNote": text(
                "Private note", "QuickBooks' own note of the invoice; it tells where an invoice was made", max=4000, spec="S1-13", synonyms=("memo", "statement memo"),
            ),
            "kind": text(
                "Kind", "Imported invoices are manual ones, without budget and staff", choices=("manual",), default=("manual",), spec="S1-8",
            ),
            "detailType": text(
                "Kind of line", "What QuickBooks says the line is; subtotals are left out",
                level="line", max=255, example="SalesItemLineDetail", synonyms=("detail type", "line detail type"),
            ),
            "item": text(
                "Item", "Product or service", level="line", max=255, example="Concrete", synonyms=("sales item line detail item ref name", *called.ITEM),
            ),
            "lineDescription": text(
                "Line description", "What the line is for", level="line", max=4000, example="Concrete for fountain installation", synonyms=called.LINE_DESCRIPTION,
            ),
            "quantity": number(
                "Quantity", "How many", level="line", negative=True, example="1", synonyms=("sales item line detail qty", *called.QUANTITY),
            ),
            "unitPrice": number(
                "Unit price", "Price of one", level="line", role="price", negative=True, example="50", synonyms=("sales item line detail unit price", *called.UNIT_PRICE),
            ),
            "lineAmount": money(
                "Line amount", "Amount of the line; a discount is below zero, or a discount line", level="line", role="line_amount", required=True, negative=True, example="50.00", synonyms=called.LINE_AMOUNT,
            ),
        },
        checks=[not_from_bigtime, does_not_mention_bigtime, balance_within_total, due_date("dueDate", "invoiceDate")],
        name="quickbooks.history",
        title="QuickBooks invoice history",
    ),
    key="quickbooksId",
    keyed_by=("companyFile", "quickbooksId"),
    group_by=("companyFile", "quickbooksId"),
    runs_of=("invoiceNumber",),
    nested=("Line",),
    skipped={"detailType": ("SubTotalLineDetail",)},
    computed=(line_amount, net_amount, total_of_lines, voided),
    without_lines=Severity.WARNING,
    closed_books=Severity.HOLD,
    existing="error",
    all_or_nothing=True,
    status=status,
    statuses=("Drafts", "A/R aging", "Closed", "Void"),
    status_of=("balance", "total"),
    receivable=("A/R aging",),
    paid="Closed",
    needs="administrator",
    files=(".json", ".csv", ".xlsx"),
    options=(
        since("invoiceDate", "S1-3"),
        until("invoiceDate", "S1-3"),
        unless_yes("voids", "What to do with voided invoices", "voided", "S1-9"),
    ),
)
