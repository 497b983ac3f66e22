"""Autotask invoices to Xero.

Invoices of Autotask with their billing items, on their way to drafts in Xero; those that Autotask has marked as processed are left out
unless they are asked for. Source: seed document 004_71905dc0f2b0a4d0.txt, behaviours S4-1 … S4-21; what happens between the two services is
told by their connectors.
"""

import pandera.pandas as pandera

from invoice_rules.fields import RuleSet, called, code, computed, currency, date, first_of, given, money, number, priced, rule, text, yes_no
from invoice_rules.fields.filters import among, since, unless_blank, until
from invoice_rules.fields.usual import due_date
from invoice_rules.problems import Severity

# S4-2: the id is not the number. Neither field goes by a name of the other.
ID = ("id", "autotask invoice id", "invoice internal id", "autotask id")
NUMBER = tuple(name for name in called.INVOICE_NUMBER if "id" not in name.split())


@rule("one-company", "{companyName} is the name of another Autotask company too. A company belongs to one Xero contact; check that both are not the same.", "companyName", "companyId", spec="S4-13", severity=Severity.WARNING,
    excel="SUMPRODUCT(EXACT(LOWER({companyName:column}),LOWER({companyName}))*(LEN({companyId:column})>0)*(1-EXACT({companyId:column},{companyId})))=0",
    because="Spaces around it are looked past on import alone.")
def one_company_a_name(rows):
    """Two companies do not share a name, after which the contact in Xero is called."""
    names = rows["companyName"].str.strip().str.casefold()
    return rows["companyId"].groupby(names).transform("nunique") <= 1


@rule("credit-note", "Total {total} is below zero: Xero gets a credit note instead of an invoice.", "total", spec="S4-21", severity=Severity.NOTICE, excel="{total}>=0")
def total_not_below_zero(rows):
    """A total below zero becomes a credit note."""
    return rows["total"] >= 0


@rule("voided", "This invoice is void in Autotask. Confirm that it is to be sent all the same, or leave it out.", "voided", spec="S4-3", severity=Severity.HOLD, excel="NOT({voided:yes})")
def not_voided(rows):
    """The invoice is not void."""
    return ~rows["voided"]


@rule("lines-differ", "Total {total} is neither the sum of the lines ({sum.lineAmount}) nor that sum with the tax. Check the lines.", "total", "sum.lineAmount", "withTax", "count.lines", spec="X-25", severity=Severity.WARNING,
    excel="MIN(ABS({total}-{sum.lineAmount}),ABS({total}-{sum.lineAmount}-IF(LEN({taxTotal})=0,{sum.taxAmount},{taxTotal})))<=1.001*{:cent}*{count.lines}")
def total_of_lines(rows):
    """The total is that of the lines, with or without the tax, to a cent a line."""
    near = rows["count.lines"]
    return ((rows["total"] - rows["sum.lineAmount"]).abs() <= near) | ((rows["total"] - rows["withTax"]).abs() <= near)


@computed("lineAmount", "quantity", "rate", "currency", spec="X-25", excel="ROUND({quantity}*{rate},{:decimals})")
def line_amount(rows):
    """Quantity times rate."""
    return priced(rows["quantity"], rows["rate"], rows["currency"])


@computed("taxTotal", "sum.taxAmount", "count.taxAmount", spec="X-25", excel="IF({count.taxAmount}=0,{taxTotal},{sum.taxAmount})")
def tax_of_lines(rows):
    """The tax of the lines."""
    return rows["sum.taxAmount"].where(rows["count.taxAmount"] > 0)


@computed("withTax", "sum.lineAmount", "taxTotal", spec="X-25", level="header")
def with_tax(rows):
    """The lines with the tax."""
    return rows["sum.lineAmount"] + rows["taxTotal"].fillna(0)


def status(rows):
    """What Autotask has marked as processed, and what is still to be sent (S4-3)."""
    return first_of({"Processed": given(rows, "webServiceDate")}, otherwise="To send")


invoices = RuleSet(
    name="autotask.invoices",
    title="Autotask invoices",
    description="Invoices of Autotask with their billing items, to be sent to Xero as drafts.",
    source="004_71905dc0f2b0a4d0.txt",
    schema=pandera.DataFrameSchema(
        {
            "invoiceId": code(
                "Invoice ID", "Autotask's own identifier of the invoice, which is not its number",
                max=255, required=True, unique=True, example="1187", spec="S4-2", synonyms=ID,
            ),
            "invoiceNumber": code(
                "Invoice number", "Number that the customer sees", max=255, role="number", example="20261031.001", spec="S4-2", synonyms=NUMBER,
            ),
            "companyId": code(
                "Company ID", "Autotask's identifier of the customer, kept in the number field of the Xero contact",
                max=50, required=True, role="customer", changes="never", example="29683", spec="S4-8", synonyms=("account id", *called.CUSTOMER_ID),
            ),
            "companyName": text(
                "Company name", "Name of the customer, and of a contact that is created for it",
                max=255, required=True, role="customer_name", example="Stonebridge Partners", spec="S4-10", synonyms=("company", "account name", *called.CUSTOMER_NAME),
            ),
            "division": text(
                "Division", "Line of business", max=255, example="Managed Services", spec="S4-1",
                synonyms=("division name", "line of business", "business division", "business subdivision"),
            ),
            "invoiceDate": date(
                "Invoice date", "Date of the invoice", required=True, role="date", example="10/31/2026", synonyms=("invoice date time", "date", *called.INVOICE_DATE),
            ),
            "dueDate": date(
                "Due date", "Date by which it is to be paid", role="due_date", example="11/30/2026", synonyms=called.DUE_DATE,
            ),
            "total": money(
                "Total", "Invoice total; below zero it is a credit note",
                required=True, negative=True, role="amount", example="1,240.00", spec="S4-21", synonyms=called.AMOUNT,
            ),
            "taxTotal": money(
                "Tax", "Tax of the whole invoice", negative=True, example="240.00", synonyms=called.TAX_TOTAL,
            ),
            "currency": currency(
                "Currency", "Code of the amounts' currency, where it is not the file's", of="currencyMap", example="USD", spec="S4-20", synonyms=called.CURRENCY,
            ),
            "webServiceDate": text(
                "Web service date", "When it was marked as processed; blank while it is not",
                max=255, role="marked", example="2026-11-02T09:30:00Z", spec="S4-3", synonyms=("processed date", "processed on", "marked as invoiced"),
            ),
            "poNumber": code(
                "PO number", "The customer's order number", max=255, example="PO-7713", synonyms=called.PO_NUMBER,
            ),
            "comments": text(
                "Comments", "What is printed on the invoice", max=4000, synonyms=called.COMMENTS,
            ),
            "xeroStatus": text(
                "Xero status", "What it becomes in Xero: a draft, unless the organisation wants it approved",
                choices=("DRAFT", "AUTHORISED"), default=("DRAFT",), spec="S4-21", synonyms=("xero invoice status",),
            ),
            "voided": yes_no(
                "Voided", "Whether it is void in Autotask", example="no", synonyms=("is voided", "void"),
            ),
            "lineId": code(
                "Line ID", "Autotask's identifier of the billing item",
                level="line", max=255, example="52011", synonyms=("billing item id", "line item id", "item id", "id"),
            ),
            "itemName": text(
                "Item", "What was sold", level="line", max=255, example="Managed server", synonyms=called.ITEM,
            ),
            "description": text(
                "Line description", "What the line is for", level="line", max=4000, example="Monitoring in October", synonyms=called.LINE_DESCRIPTION,
            ),
            "quantity": number(
                "Quantity", "How many", level="line", required=True, negative=True, example="10", synonyms=called.QUANTITY,
            ),
            "rate": number(
                "Rate", "Price of one", level="line", role="price", required=True, negative=True, example="100.00", synonyms=called.UNIT_PRICE,
            ),
            "lineAmount": money(
                "Line amount", "Amount of the line without tax",
                level="line", role="line_amount", required=True, negative=True, example="1,000.00", synonyms=called.LINE_AMOUNT,
            ),
            "taxAmount": money(
                "Line tax", "Tax of the line", level="line", negative=True, example="240.00", synonyms=("tax dollars", "line tax amount", "tax amount"),
            ),
            "accountCode": code(
                "Account", "Account that the line is booked to; it is translated by the chart-of-accounts map",
                level="line", max=255, of="accountMap", example="Services", spec="S4-20",
                synonyms=("account code", "gl account", "ledger account code", "billing code", "revenue account"),
            ),
            "taxType": code(
                "Tax type", "Tax of the line by name; it is translated by the tax map",
                level="line", max=255, of="taxMap", example="Standard", spec="S4-20", synonyms=("tax code", "tax category", "tax name"),
            ),
        },
        checks=[one_company_a_name, due_date("dueDate", "invoiceDate"), total_not_below_zero, not_voided, total_of_lines],
        name="autotask.invoices",
        title="Autotask invoices",
    ),
    key="invoiceId",
    group_by=("invoiceId",),
    nested=("billingItems", "lineItems", "lines"),
    computed=(line_amount, tax_of_lines, with_tax),
    existing="update",
    status=status,
    statuses=("To send", "Processed"),
    status_of=("total",),
    receivable=("To send", "Processed"),
    files=(".json", ".csv", ".xlsx"),
    options=(
        among("divisions", "Only those of these divisions, with commas between them", "division", "S4-1"),
        among("invoiceIds", "Only those with these invoice ids, with commas between them; an invoice number is not one", "invoiceId", "S4-1"),
        since("invoiceDate", "S4-1"),
        until("invoiceDate", "S4-1"),
        unless_blank("processed", "What to do with invoices that Autotask has marked as processed", "webServiceDate", "S4-3"),
    ),
)
