"""Who invoices go to and what they are for: customers, projects, jobs, contracts, companies, and those who sell (S2-4 … S2-28, S1-4, S0-20)."""

import pandas as pd

from invoice_rules.fields import YES_OR_NO, called, code, date, percent, rule, text, yes_no
from invoice_rules.references.declaring import at_most_all, listed

DEFAULTED = ("Y", "N", "No Default")
_LISTED = "codes, divided by commas"

customers = listed(
    "customers",
    "Customers",
    "Customers with what their invoices take from them.",
    {
        "customer": code("Customer", "The customer's code", max=40, required=True, unique=True, example="MILLER", synonyms=(*called.CUSTOMER_ID, "code")),
        "name": text("Name", "Name of the customer", example="Miller Studio", synonyms=called.CUSTOMER_NAME),
        "terms": code("Terms", "Terms of payment, or the words No Default", example="1", synonyms=("terms code", "payment terms")),
        "salesperson": code("Salesperson", "Code of the salesperson, or the words No Default", example="ADA", synonyms=("salesperson code", "sales rep")),
        "salesTaxCode": code("Sales tax code", "Code of the sales tax, or the words No Default", example="CA", synonyms=("tax code", "sales tax")),
        "taxable": text("Taxable", "Whether lines are taxed: Y, N, or No Default", choices=DEFAULTED, words=YES_OR_NO, example="Y", synonyms=("taxable flag",)),
        "costCenters": text("Cost centers", f"Cost centers that the customer may be charged to: {_LISTED}", example="10, 20", synonyms=("cost center", "cost centres")),
    },
)

projects = listed(
    "projects",
    "Projects",
    "Projects that invoices are booked to.",
    {
        "project": code("Project", "The project's code", required=True, unique=True, example="P-100", synonyms=("project code", "project number", "project id")),
        "name": text("Name", "Name of the project", example="New kitchen", synonyms=("project name", "description", "title")),
        "customer": code("Customer", "Code of its customer", example="MILLER", synonyms=(*called.CUSTOMER_ID, "client")),
    },
    named="name",
)

jobs = listed(
    "jobs",
    "Jobs",
    "Jobs with their customer and the taxes of their classification.",
    {
        "job": code("Job", "The job's number", max=10, required=True, unique=True, example="4711", synonyms=("job number", "job code", "job id")),
        "name": text("Name", "Name of the job", example="New kitchen", synonyms=("job name", "description", "job description")),
        "customer": code("Customer", "Code of its customer", example="MILLER", synonyms=called.CUSTOMER_ID),
        "taxClass": code("Tax class", "Sales tax code of its tax class", example="CA", synonyms=("tax classification", "job tax class")),
        "vatCode": code("VAT code", "VAT code of its classification", example="V20", synonyms=("vat", "classification vat code")),
    },
)

contracts = listed(
    "contracts",
    "Contracts",
    "Contracts of jobs, the first place that defaults come from.",
    {
        "job": code("Job", "The job's number", max=10, required=True, unique=True, example="4711", synonyms=("job number", "job code", "contract", "contract number")),
        "customer": code("Customer", "Code of its customer", example="MILLER", synonyms=called.CUSTOMER_ID),
        "terms": code("Terms", "Terms of payment, or the words No Default", example="1", synonyms=("terms code", "payment terms")),
        "salesperson": code("Salesperson", "Code of the salesperson, or the words No Default", example="ADA", synonyms=("salesperson code", "sales rep")),
        "salesTaxCode": code("Sales tax code", "Code of the sales tax, or the words No Default", example="CA", synonyms=("tax code", "sales tax")),
        "retentionPercent": percent(
            "Retention percent", "Share that the customer keeps back, 10 for 10 %", example="10", synonyms=("retention", "retainage", "retainage percent", "holdback")
        ),
        "taxable": text("Taxable", "Whether lines are taxed: Y, N, or No Default", choices=DEFAULTED, words=YES_OR_NO, example="Y", synonyms=("taxable flag",)),
        "glAccount": code("G/L account", "Account that lines are booked to", example="4000", synonyms=("gl account", "account", "general ledger account")),
        "costCenter": code("Cost center", "Cost center that lines are booked to", example="10", synonyms=("cost centre",)),
    },
    at_most_all("retentionPercent", "Retention percent", "S2-15"),
)


@rule("range-ends-first", "The processing range ends on {arTo}, before it begins on {arFrom}. Correct one of the two.", "arTo", "arFrom", spec="S2-6", excel="{arTo}>={arFrom}")
def range_in_order(rows: pd.DataFrame) -> pd.Series:
    """The processing range ends on or after the day on which it begins."""
    return rows["arTo"] >= rows["arFrom"]


companies = listed(
    "companies",
    "Companies",
    "Companies with the options of their installation.",
    {
        "company": code("Company", "The company's code", max=3, required=True, unique=True, example="001", synonyms=("company code", "company number")),
        "name": text("Name", "Name of the company", example="Miller Construction", synonyms=("company name",)),
        "vat": yes_no("VAT", "Whether it charges VAT", example="no", synonyms=("vat option", "uses vat")),
        "costCenters": yes_no("Cost centers", "Whether it books by cost center", example="no", synonyms=("cost center option", "cost centres", "uses cost centers")),
        "arFrom": date("A/R from", "First day of the processing range", example="2026-01-01", synonyms=("processing from", "range from", "from")),
        "arTo": date("A/R to", "Last day of the processing range", example="2026-12-31", synonyms=("processing to", "range to", "to")),
        "samePeriod": yes_no("Same period", "Whether both dates must lie in one period", example="no", synonyms=("same gl period",)),
        "arAccount": code("A/R account", "Account of receivables of the installation", example="1200", synonyms=("ar account", "receivables account", "ar gl account")),
        "glAccount": code("G/L account", "Account that lines are booked to where nothing else says so", example="4000", synonyms=("gl account", "revenue account")),
        "vatCode": code("VAT code", "VAT code of the installation", example="V20"),
    },
    range_in_order,
)

salespersons = listed(
    "salespersons",
    "Salespersons",
    "Those who sell, by their code.",
    {
        "salesperson": code("Salesperson", "Code of the salesperson", required=True, unique=True, example="ADA", synonyms=("salesperson code", "code", "id")),
        "name": text("Name", "Name of the salesperson", example="Ada Miller", synonyms=("full name", "salesperson name")),
    },
)

salesReps = listed(
    "salesReps",
    "Sales reps",
    "Sales representatives, as invoices name them.",
    {
        "salesRep": code("Sales rep", "The representative as invoices name them", required=True, unique=True, example="Ada", synonyms=("rep", "sales representative", "code")),
        "name": text("Name", "Full name", example="Ada Miller", synonyms=("full name", "sales rep name")),
    },
)
