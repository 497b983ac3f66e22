"""Maps from the codes of one system to those of another (S4-20), and the payment plans that receivables are in (S3-27)."""

from invoice_rules.fields import RuleSet, code, date
from invoice_rules.references.declaring import listed


def _map(name: str, title: str, what: str, sent: str, taken: str) -> RuleSet:
    return listed(
        name,
        title,
        f"What {what} of the sending system are called in the system that takes the invoices.",
        {
            "from": code("From", "As the sending system calls it", required=True, unique=True, example=sent, synonyms=("source", "old", "theirs", "from code")),
            "to": code("To", "As the taking system calls it", required=True, example=taken, synonyms=("target", "new", "ours", "to code")),
        },
        official="to",
    )


accountMap = _map("accountMap", "Account map", "accounts", "Labor", "4000")
taxMap = _map("taxMap", "Tax map", "tax types", "Taxable", "OUTPUT2")
currencyMap = _map("currencyMap", "Currency map", "currencies", "US Dollar", "USD")

plans = listed(
    "plans",
    "Payment plans",
    "Invoices that are in a collection or payment plan, with the day of the next charge.",
    {
        "invoiceId": code("Invoice ID", "Internal invoice identifier", required=True, unique=True, example="INV-1001", synonyms=("invoice ext id", "internal id", "invoice")),
        "plan": code("Plan", "The plan's name or number", required=True, example="AutoPay", synonyms=("plan name", "payment plan", "collection plan")),
        "chargeDate": date("Charge date", "Day of the next charge", required=True, example="2026-12-01", synonyms=("next charge", "charge on", "due", "date")),
    },
)
