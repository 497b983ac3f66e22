"""Spectrum multi-line customer invoice: the JSON service of Viewpoint Spectrum, and the same invoices as rows of a workbook.

Invoices and credit memos are entered into Spectrum's Customer Invoice Entry, one header with its lines; what is blank comes from the contract, the
job, the customer or the installation. Names are the service's own elements. Source: seed document 002_f4c6dccdc975d6f3.txt, behaviours S2-1 … S2-46.
"""

import pandera.pandas as pandera

from invoice_rules.fields import YES_OR_NO, Dated, Link, RuleSet, code, date, money, number, percent, text
from invoice_rules.fields.rules import ON_FILE, computed, half_of_last_digit, percent_of, rule, share_of
from invoice_rules.fields.usual import belongs, in_range, listed, of_other_type, rate_begun, rate_of_day, rate_on_file, switched_on
from invoice_rules.problems import Fix, Severity

MONTH_FIRST = ("month-first",)  # S2-5: MM/DD/CCYY
YES, NO = "Y", "N"
AR_RANGE = ("company.arFrom", "company.arTo", "the A/R processing range of the company", "S2-6")
INVOICE, CREDIT = "I", "C"
CENTS = 1  # S2-17: amount and percentage of retention agree within one cent
AS_PERCENT = "A percentage of 1 or less may be a cell that shows 100 % or less; that is looked at on import."
PIECES = "LEN({Quantity})*({Quantity}<>0)"  # more than 0 where a quantity is given
WITHIN = (
    "ABS(ROUND({Retention_Amount}-ROUND({sum.Line_Extension}*{Retention_Percent}/100,{:decimals}),{:decimals}))<=1.001*MAX({:cent},ROUND({sum.Line_Extension}/200"
    "*IF(ROUND({Retention_Percent},0)={Retention_Percent},1,IF(ROUND({Retention_Percent},1)={Retention_Percent},0.1,IF(ROUND({Retention_Percent},2)={Retention_Percent},0.01,0.001))),{:decimals}))"
)


@rule("period", "G/L date {GL_Date} and invoice date {Invoice_Date} lie in different periods, which the company does not allow.", "Invoice_Date", "GL_Date", "company.samePeriod", spec="S2-6", because=ON_FILE)
def same_period(rows):
    """Where the company wants it, both dates lie in one G/L period (a month)."""
    return ~rows["company.samePeriod"] | (rows["Invoice_Date"].astype("string").str[:7] == rows["GL_Date"].astype("string").str[:7])


@rule("job-in-one", "{Job_Number} is in only one of the job file and the contract file.", "Job_Number", "job.count", "contract.count", spec="S2-8", severity=Severity.WARNING, because=ON_FILE)
def job_in_both(rows):
    """A job number that stands in only one of the two files is told."""
    return (rows["job.count"] > 0) == (rows["contract.count"] > 0)


@rule("rate-nearest", "Tax code {Sales_Tax_Code} is {tax.rate} % on {Invoice_Date}; the rate of the closest date is {tax.nearest} %. The rate that holds on the day is used.", "Sales_Tax_Code", "tax.rate", "tax.nearest", "Invoice_Date", spec="S2-13", severity=Severity.WARNING, because=ON_FILE)
def rate_is_nearest(rows):
    """Where the literally closest date has another rate, both are told."""
    return rows["tax.rate"] == rows["tax.nearest"]


@rule("percent-100", "{title} is {Retention_Percent} %, above 100 %. Correct it.", "Retention_Percent", spec="S2-15", excel="{Retention_Percent}<=100", because=AS_PERCENT)
def percent_within_100(rows):
    """Retention is at most 100 %."""
    return rows["Retention_Percent"] <= 100


@rule("retention-only", "{title} is {Retention_Amount}; at 100 % it must be the sum of the lines, {sum.Line_Extension}. Correct one of them.", "Retention_Amount", "Retention_Percent", "sum.Line_Extension", spec="S2-16", because=AS_PERCENT,
    excel="OR({Retention_Percent}<>100,ROUND({Retention_Amount}-{sum.Line_Extension},{:decimals})=0)")
def retention_only_is_all(rows):
    """Where only retention is invoiced, at 100 %, its amount is the sum of the lines."""
    return (rows["Retention_Percent"] != 100) | (rows["Retention_Amount"] == rows["sum.Line_Extension"])


@rule("retention-percent", "{title} is {Retention_Percent}; where the whole invoice ({Retention_Amount}) is retained it must be 100. Correct one of them.", "Retention_Percent", "Retention_Amount", "sum.Line_Extension", spec="S2-16", because=AS_PERCENT,
    excel="OR({Retention_Percent}<=1,{Retention_Percent}=100,{Retention_Amount}=0,ROUND({Retention_Amount}-{sum.Line_Extension},{:decimals})<>0)")
def all_retention_is_100(rows):
    """Where the retention is the sum of the lines, the percentage is 100."""
    return (rows["Retention_Amount"] == 0) | (rows["Retention_Amount"] != rows["sum.Line_Extension"]) | (rows["Retention_Percent"] == 100)


@rule("retention-above", "{title} is {Retention_Amount}, more than the lines add up to ({sum.Line_Extension}). It is part of them: correct one of them.", "Retention_Amount", "sum.Line_Extension", spec="S2-17", excel="ROUND({Retention_Amount}-{sum.Line_Extension},{:decimals})<=0")
def retention_within_lines(rows):
    """No more is retained than the lines add up to."""
    return rows["Retention_Amount"] <= rows["sum.Line_Extension"]


@rule("retention-differs", "{title} is {Retention_Amount}, which is not {Retention_Percent} % of the lines ({sum.Line_Extension}). Correct one of them, or clear one.", "Retention_Amount", "Retention_Percent", "sum.Line_Extension", spec="S2-17", because=AS_PERCENT,
    excel=f"OR({{Retention_Percent}}<=1,{{Retention_Percent}}=100,ROUND({{Retention_Amount}}-{{sum.Line_Extension}},{{:decimals}})=0,{WITHIN})")
def retention_agrees(rows):
    """Percentage and amount of retention agree within a cent, or half the last digit of the percentage."""
    made, off = percent_of(rows["sum.Line_Extension"], rows["Retention_Percent"]), rows["Retention_Amount"]
    whole = (rows["Retention_Percent"] == 100) | (off == rows["sum.Line_Extension"])  # told by rules of their own (S2-16)
    half = percent_of(rows["sum.Line_Extension"], half_of_last_digit(rows["Retention_Percent"]))
    return whole | ((off - made).abs() <= half) | ((off - made).abs() <= CENTS)


@rule("all-negative", "The lines are below zero: this is a credit memo. Write C, and the amounts without their minus.", "Transaction_Type", "min.Line_Extension", "max.Line_Extension", spec="S2-34", fix=Fix(CREDIT, says="C, with the amounts of the lines above zero"),
    excel='OR(UPPER({Transaction_Type:text})="C",SUMPRODUCT({:lines}*({Line_Extension:column}>0))>0,SUMPRODUCT({:lines}*({Line_Extension:column}<0))=0)')
def not_all_negative(rows):
    """An invoice whose amounts are all below zero is a credit memo with positive amounts."""
    return (rows["Transaction_Type"] == CREDIT) | (rows["max.Line_Extension"] > 0) | (rows["min.Line_Extension"] >= 0)


@rule("negative-line", "Line amount is {Line_Extension}, below zero. Lines are 0 or more; what lowers receivables is a credit memo (type C) of its own, with amounts above zero.", "Line_Extension", spec="S2-34", excel="{Line_Extension}>=0")
def line_not_negative(rows):
    """Line amounts are 0 or more, on credit memos too."""
    return rows["Line_Extension"] >= 0


@rule("negative-retention", "{title} is {Retention_Amount}, below zero. Retention that is given back is a credit memo (type C) with the amount above zero.", "Retention_Amount", spec="S2-35", excel="{Retention_Amount}>=0")
def retention_not_negative(rows):
    """Retention is 0 or more; a negative one is a credit memo of its own."""
    return rows["Retention_Amount"] >= 0


@rule("empty-line", "This line has no amount, no message, no description and no quantity. Fill it in, or take the row out.", "Line_Extension", also=("Message", "Detail_Description", "Quantity"), spec="S2-30",
    excel=f"OR({{Line_Extension}}<>0,LEN({{Message:text}}&{{Detail_Description:text}})>0,{PIECES}>0)")
def line_says_something(rows):
    """A line of 0 says something: a message, or at least a description or quantity."""
    return (rows["Line_Extension"] != 0) | rows["Message"].notna() | rows["Detail_Description"].notna() | (rows["Quantity"].fillna(0) != 0)


@rule("zero-line", "This line is 0 and has no message. If it is only a remark, write it under Message.", "Line_Extension", also=("Message", "Detail_Description", "Quantity"), spec="S2-30", severity=Severity.WARNING,
    excel=f"OR({{Line_Extension}}<>0,LEN({{Message:text}})>0,AND(LEN({{Detail_Description:text}})=0,{PIECES}=0))")
def zero_line_has_message(rows):
    """A line of 0 has a message."""
    return (rows["Line_Extension"] != 0) | rows["Message"].notna() | (rows["Detail_Description"].isna() & (rows["Quantity"].fillna(0) == 0))


@rule("bare-line", "This line has an amount ({Line_Extension}) and neither a description nor a quantity.", "Line_Extension", also=("Message", "Detail_Description", "Quantity"), spec="S2-32", severity=Severity.WARNING,
    excel=f"OR({{Line_Extension}}=0,LEN({{Message:text}}&{{Detail_Description:text}})>0,{PIECES}>0)")
def line_is_described(rows):
    """A line with an amount has a description or a quantity."""
    return (rows["Line_Extension"] == 0) | rows["Message"].notna() | rows["Detail_Description"].notna() | (rows["Quantity"].fillna(0) != 0)


@rule("unit-length", "Unit of measure {Unit_Of_Measure} is longer than three characters.", "Unit_Of_Measure", spec="S2-29", severity=Severity.WARNING, excel="LEN({Unit_Of_Measure:text})<=3")
def short_unit(rows):
    """Units of more than three characters are told."""
    return rows["Unit_Of_Measure"].str.len() <= 3


@computed("taxable", "Line_Extension", "Taxable_Flag", spec="S2-14", level="line")
def taxable(rows):
    """The amount of a line that is taxed."""
    return rows["Line_Extension"].where(rows["Taxable_Flag"] == YES, 0)


@computed("Invoice_Total", "sum.Line_Extension", spec="S2-17")
def total(rows):
    """The sum of the lines, retention included."""
    return rows["sum.Line_Extension"]


@computed("Sales_Tax_Amount", "sum.taxable", "taxPercent", spec="S2-14", because=ON_FILE)
def sales_tax(rows):
    """The rate of the tax code on the taxable lines, rounded once an invoice."""
    return percent_of(rows["sum.taxable"], rows["taxPercent"]).where(rows["sum.taxable"] >= 0)


@computed("Retention_Percent", "Retention_Amount", "sum.Line_Extension", spec="S2-17")
def retention_percent(rows):
    """What the amount of retention is of the lines, to three decimals."""
    part, whole = rows["Retention_Amount"], rows["sum.Line_Extension"]
    return share_of(part, whole, decimals=3).where((part >= 0) & (part <= whole))


@computed("Retention_Amount", "Retention_Percent", "sum.Line_Extension", spec="S2-17", compared=False)
def retention_amount(rows):
    """The percentage of the lines that is retained."""
    return percent_of(rows["sum.Line_Extension"], rows["Retention_Percent"]).where(rows["Retention_Percent"].between(0, 100) & (rows["sum.Line_Extension"] >= 0))


@computed("Total_VAT_Amount", "sum.Line_Extension", "vat.rate", "company.vat", spec="S2-23", because=ON_FILE)
def vat_amount(rows):
    """VAT on the whole invoice, rounded once."""
    return percent_of(rows["sum.Line_Extension"], rows["vat.rate"]).where(rows["company.vat"].fillna(False) & (rows["sum.Line_Extension"] >= 0))


def status(rows):
    """Entered, not posted: it waits in Spectrum to be updated there (S2-43)."""
    return rows["Transaction_Type"].where(rows["Transaction_Type"].isna(), "Staged")


invoices = RuleSet(
    name="spectrum.invoices",
    title="Spectrum invoices",
    description="Multi-line invoices and credit memos for Spectrum, as its JSON or as rows: one row for each line.",
    source="002_f4c6dccdc975d6f3.txt",
    schema=pandera.DataFrameSchema(
        {
            "GUID": code("GUID", "Reference made by the program", max=36, made=True, example="3f2504e0-4f89-11d3-9a0c-0305e82c3301", spec="S2-3"),
            "Company_Code": code("Company code", "Company in Spectrum", max=3, required=True, of="companies", example="ABC", spec="S2-4", synonyms=("company",)),
            "GL_Date": date("G/L date", "Date of the posting", required=True, orders=MONTH_FIRST, example="05/24/2018", spec="S2-5", synonyms=("ledger date", "posting date")),
            "Batch_Code": code("Batch code", "Batch of the entry", max=10, required=True, example="20180524", spec="S2-7", synonyms=("batch",)),
            "Customer_Code": code("Customer code", "Customer in Spectrum", max=10, required=True, role="customer", of="customers",
                example="007Cor", spec="S2-7", synonyms=("customer", "customer number")),
            "Job_Number": code("Job number", "Job, or A/R contract", max=10, of="job contract", example="J-100", spec="S2-8", synonyms=("job", "contract", "contract number")),
            "Invoice_Or_Transaction": code("Invoice number", "Number of the invoice or credit memo; never shortened", max=10, required=True, role="number",
                example="081317_1", spec="S2-9", synonyms=("invoice number", "invoice", "transaction")),
            "Transaction_Type": text(
                "Transaction type", "I for an invoice, C for a credit memo", max=1, required=True, choices=(INVOICE, CREDIT),
                words={INVOICE: ("invoice",), CREDIT: ("credit memo", "credit")}, example="I", spec="S2-10", synonyms=("type",),
            ),
            "Invoice_Date": date("Invoice date", "Date of the invoice", required=True, role="date", orders=MONTH_FIRST, example="05/24/2018", spec="S2-5", synonyms=("date",)),
            "Terms_Code": code("Terms code", "Payment terms", max=1, of="terms", default=("customer.terms",), example="1", spec="S2-11", synonyms=("terms",)),
            "Salesperson_Code": code("Salesperson code", "Salesperson", max=3, of="salespersons", default=("contract.salesperson", "customer.salesperson"),
                example="JP", spec="S2-11", synonyms=("salesperson",)),
            "Sales_Tax_Code": code("Sales tax code", "Tax code of the invoice", max=15, of="taxCodes", default=("contract.salesTaxCode", "job.taxClass", "customer.salesTaxCode"),
                example="OHIO", spec="S2-12", synonyms=("tax code", "pst code")),
            "Sales_Tax_Amount": money("Sales tax amount", "Tax; blank is worked out on the taxable lines", size=13, example="30.40", spec="S2-14",
                synonyms=("tax amount", "sales tax", "pst amount", "pst")),
            "Retention_Percent": percent("Retention %", "Share that is retained; 10.5 means 10.5 %", size=6, default=("contract.retentionPercent",), unless="Retention_Amount",
                example="10.5", spec="S2-15", synonyms=("holdback %", "holdback percent", "retention percent", "retainage %", "retainage percent")),
            "Print_Job_Address_Flag": text("Print job address", "Y or N", max=1, choices=(YES, NO), words=YES_OR_NO, default=YES,
                example="Y", spec="S2-18", synonyms=("print job address",)),
            "Remarks": text("Remarks", "Remarks on the invoice", max=65, example="Thank you", spec="S2-19", synonyms=("remark", "invoice remarks")),
            "Customer_PO": code("Customer PO", "The customer's order number", max=25, example="PO123456", spec="S2-19", synonyms=("customer purchase order", "po number")),
            "AR_GL_Account": code("A/R account", "A/R account of the ledger, without dashes", max=12, dashes=False, of="glAccounts", default=("company.arAccount",),
                example="112000", spec="S2-20", synonyms=("receivable account", "receivable ledger account")),
            "Retention_Amount": money("Retention amount", "Amount that is retained, part of the lines", negative=True, size=13, example="46.78", spec="S2-17",
                synonyms=("rentention amount", "holdback amount", "holdback", "retention", "retainage amount", "retainage")),
            "VAT_Code": code("VAT code", "VAT of the whole invoice", max=10, of="vatCodes", default=("job.vatCode", "company.vatCode"), when="company.vat",
                example="VAT20", spec="S2-22", synonyms=("vat type",)),
            "Total_VAT_Amount": money(
                "VAT amount", "VAT; blank is worked out on the whole invoice", size=12, example="93.55", spec="S2-23", synonyms=("total vat amt", "vat amount"),
            ),
            "Asset_Cost_Center": code(
                "Asset cost center", "Cost center of the A/R account", max=10, of="costCenters", default=("contract.costCenter",), when="company.costCenters",
                example="101", spec="S2-24", synonyms=("asset cost centre",),
            ),
            "Invoice_Total": money("Invoice total", "Sum of the lines", negative=True, role="amount", derived=True, example="467.75", spec="S2-17"),
            "Quantity": number("Quantity", "How many", level="line", negative=True, example="55", spec="S2-26", synonyms=("qty",)),
            "Detail_Description": text(
                "Description", "What the line is for", level="line", max=30, example="An Item", spec="S2-26", synonyms=("description", "item description", "line description"),
            ),
            "Unit_Of_Measure": text("Unit of measure", "What is counted", level="line", example="EA", spec="S2-29", synonyms=("unit", "uom")),
            "Line_Extension": money("Line amount", "Amount of the line, retention included", level="line", required=True, negative=True, size=13, role="line_amount",
                example="467.75", spec="S2-26", synonyms=("extension", "line amount", "line total", "amount")),
            "GL_Account": code("G/L account", "Income account of the ledger, without dashes", level="line", max=12, dashes=False, of="glAccounts",
                default=("contract.glAccount", "company.glAccount"), when="Line_Extension",
                example="204200", spec="S2-27", synonyms=("ledger account", "income account", "account")),
            "Taxable_Flag": text("Taxable", "Y or N", level="line", max=1, choices=(YES, NO), words=YES_OR_NO, default=("contract.taxable", "customer.taxable"), when="Line_Extension",
                example="Y", spec="S2-28", synonyms=("taxable", "tax flag")),
            "Income_Cost_Center": code("Income cost center", "Cost center of the line's account", level="line", max=10, of="costCenters",
                example="100", spec="S2-26", synonyms=("cost center", "cost centre")),
            "Message": text(
                "Message", "A remark, stored as a line of its own", level="line", max=250, example="Here is a message", spec="S2-31", synonyms=("line message", "note"),
            ),
        },
        checks=[
            *in_range("GL_Date", *AR_RANGE), *in_range("Invoice_Date", *AR_RANGE), same_period, job_in_both,
            belongs("Job_Number", "job", "customer", "Customer_Code", "S2-8"), belongs("Job_Number", "contract", "customer", "Customer_Code", "S2-8", told="job.customer"),
            rate_begun("Sales_Tax_Code", "Invoice_Date", "S2-13"), rate_is_nearest,
            rate_on_file("Sales_Tax_Code", "sum.taxable", "Sales_Tax_Amount", "Invoice_Date", "the taxable lines", "S2-14"),
            percent_within_100, retention_only_is_all, all_retention_is_100, retention_within_lines, retention_agrees,
            of_other_type("AR_GL_Account", "arAccount", "direct-cost account", "S2-20"), switched_on("VAT_Code", "company.vat", "VAT", "vat-off-vat-code", "S2-21"),
            switched_on("Total_VAT_Amount", "company.vat", "VAT", "vat-off-total-vat-amount", "S2-21"),
            switched_on("Asset_Cost_Center", "company.costCenters", "cost centers", "cost-centers-off-asset", "S2-25"),
            listed("Asset_Cost_Center", "arAccount", "costCenters", "A/R account", "S2-24"), listed("Asset_Cost_Center", "customer", "costCenters", "customer", "S2-24"),
            not_all_negative, line_not_negative, retention_not_negative, line_says_something, zero_line_has_message, line_is_described, short_unit,
            of_other_type("GL_Account", "account", "direct-cost account", "S2-20"),
            switched_on("Income_Cost_Center", "company.costCenters", "cost centers", "cost-centers-off-income", "S2-25"),
            listed("Income_Cost_Center", "account", "costCenters", "G/L account", "S2-26"), listed("Income_Cost_Center", "customer", "costCenters", "customer", "S2-26"),
        ],
        name="spectrum.invoices",
    ),
    key="Invoice_Or_Transaction",
    keyed_by=("Company_Code", "Invoice_Or_Transaction"),
    group_by=("Company_Code", "Invoice_Or_Transaction"),
    nested=("invoiceDetails",),
    json="arInvoices",
    existing="error",
    links={
        "company": Link("companies", by="Company_Code"),
        "customer": Link("customers", by="Customer_Code"),
        "job": Link("jobs", by="Job_Number"),
        "contract": Link("contracts", by="Job_Number"),
        "taxCode": Link("taxCodes", by="Sales_Tax_Code"),
        "tax": Dated("taxRates", by="Sales_Tax_Code", on="Invoice_Date"),
        "vat": Link("vatCodes", by="VAT_Code"),
        "arAccount": Link("glAccounts", by="AR_GL_Account"),
        "account": Link("glAccounts", by="GL_Account"),
    },
    computed=(taxable, total, rate_of_day("S2-13"), sales_tax, retention_percent, retention_amount, vat_amount),
    status=status,
    statuses=("Staged",),
    status_of=("Transaction_Type",),
    receivable=(),
    credit=("Transaction_Type", (CREDIT,)),
    own_line="Message",
    secrets=("Authorization_ID",),
    retitled=("company.vat", {"Sales_Tax_Code": "PST code", "Sales_Tax_Amount": "PST amount", "Retention_Percent": "Holdback %", "Retention_Amount": "Holdback amount"}),
    demo=("Customer_Code", "Invoice_Or_Transaction"),
)
