"""An invoice of Autotask as Xero takes it: a sales invoice, or below zero a credit note with the signs turned round (S4-21).

Xero computes for itself: a line is its quantity times its price, rounded to the cent, with at most four decimals in either; the total is that of the
lines with their tax. So each line is written such that Xero comes to our amount: where quantity times price does not, the line goes as one piece at
its amount, and its text says what it was made of. Source: developer.xero.com, rounding in Xero; OpenAPI description, LineItem.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from invoice_rules.connectors.exactjson import dumps
from invoice_rules.connectors.xero import CREDIT_NOTES, IDENTIFIERS, INVOICES, NUMBERS
from invoice_rules.results import Document, Entry

CENT = Decimal("0.01")
PLACES = 4
"""Decimals that Xero keeps of a quantity and, with unitdp=4, of a price."""

DESCRIPTION = 4000
NO_TAX = "NONE"
DRAFT, APPROVED = "DRAFT", "AUTHORISED"

UNSENT = frozenset({"companyName", "division", "comments", "poNumber", "xeroStatus", "lineId"})
"""Fields of an invoice of which nothing goes into what Xero gets; the company goes as the contact that is linked to its number."""

Rates = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Wishes:
    """How invoices are to be written: approved at once or as drafts, `account` for lines that name none, and codes that Xero does not have -> those that
    the account map and the tax map give for them (S4-20, S4-21). A line without a tax type is what the tax map gives for NONE, else NONE."""

    approved: bool = False
    account: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)
    taxes: Mapping[str, str] = field(default_factory=dict)

    def account_of(self, line: Mapping[str, Any]) -> str:
        """The account of a line; "" where it has none."""
        code = str(line.get("accountCode") or self.account)
        return _meant(self.accounts, code)

    def tax_type_of(self, line: Mapping[str, Any]) -> str:
        """The tax type that a line goes with, where its document has tax."""
        name = str(line.get("taxType") or "")
        return _meant(self.taxes, name) if name else self.taxes.get(NO_TAX.casefold(), NO_TAX)

    @property
    def status(self) -> str:
        """A draft, unless the organisation wants invoices approved: nobody is asked about approving by what an invoice says of itself."""
        return APPROVED if self.approved else DRAFT


def _meant(map_: Mapping[str, str], code: str) -> str:
    return map_.get(code) or map_.get(code.casefold(), code)


def kind_of(document: Document) -> str:
    """Invoices, or CreditNotes for a total below zero."""
    return CREDIT_NOTES if document.fields["total"] < 0 else INVOICES


def kind_sent(entry: Entry) -> str:
    """As which of them it left. Until its outcome is known, an entry keeps the total and the number that were sent, whatever is on file by now."""
    return CREDIT_NOTES if entry.total < 0 else INVOICES


def number_sent(document: Document) -> str:
    """The number that it left with."""
    return document.entry.number or number_of(document)


def called(kind: str) -> str:
    """What people call one of a kind."""
    return "a credit note" if kind == CREDIT_NOTES else "an invoice"


def number_of(document: Document) -> str:
    """The number that it has, or shall have, in Xero: the source's number, else its id; once more as a new one gets the generation behind it (S4-18)."""
    entry = document.entry
    if entry.remote and entry.number:
        return entry.number
    base = str(document.fields.get("invoiceNumber") or entry.key)
    return base if entry.generation == 1 or entry.remote else f"{base}-{entry.generation}"


def currency_of(document: Document) -> str:
    """The currency's code."""
    return str(document.fields.get("currency") or document.entry.currency)


# amounts


def cents(value: Decimal) -> Decimal:
    """Rounded to the cent, half away from zero, as Xero does."""
    return value.quantize(CENT, ROUND_HALF_UP)


def priced(line: Mapping[str, Any]) -> tuple[Decimal, Decimal, str]:
    """(quantity, price, what the text has to add) such that Xero comes to the amount of the line. What is below zero is so by its price.

    >>> priced({"quantity": Decimal("1.5"), "rate": Decimal("10.01"), "lineAmount": Decimal("15.02")})
    (Decimal('1.5'), Decimal('10.01'), '')
    >>> priced({"quantity": Decimal(3), "rate": Decimal("33.33"), "lineAmount": Decimal("100.00")})
    (Decimal('1'), Decimal('100.00'), ' (3 × 33.33)')
    """
    quantity, rate, amount = line.get("quantity"), line.get("rate"), line["lineAmount"]
    if quantity is None or rate is None:
        return Decimal(1), amount, ""
    if _places(quantity) <= PLACES and _places(rate) <= PLACES and cents(quantity * rate) == amount:
        return (quantity, rate, "") if quantity >= 0 else (-quantity, -rate, "")
    return Decimal(1), amount, f" ({plain(quantity):f} × {plain(rate):f})"


def tax_of(line: Mapping[str, Any], tax_type: str, rates: Rates) -> Decimal | None:
    """Tax of a line: as given, else what Xero computes from the rate; None where its rate is not known."""
    given = line.get("taxAmount")
    if given is not None:
        return Decimal(given)
    rate = Decimal(0) if tax_type == NO_TAX else rates.get(tax_type)
    return None if rate is None else cents(line["lineAmount"] * rate / 100)


def untaxed(document: Document) -> bool:
    """Whether there is no word of tax in it at all."""
    return not document.fields.get("taxTotal") and not any(line.get("taxType") or line.get("taxAmount") for line in document.lines)


def expected(document: Document, rates: Rates, wishes: Wishes) -> Decimal | None:
    """The total that Xero will come to; None where the tax of a line is not known."""
    lines = document.lines
    taxes = [Decimal(0) if untaxed(document) else tax_of(line, wishes.tax_type_of(line), rates) for line in lines]
    return None if None in taxes else sum((line["lineAmount"] for line in lines), Decimal(0)) + sum((tax for tax in taxes if tax is not None), Decimal(0))


# the item


def request(documents: Sequence[Document], contacts: Mapping[str, str], wishes: Wishes) -> bytes:
    """The bytes of a request that creates these documents, all of one kind, or changes those that are there."""
    kind = kind_of(documents[0])
    return dumps({kind: [item(document, contacts[str(document.fields["companyId"])], wishes) for document in documents]}).encode()


def item(document: Document, contact: str, wishes: Wishes) -> dict[str, Any]:
    """One invoice or credit note."""
    kind, fields, entry = kind_of(document), document.fields, document.entry
    due = fields.get("dueDate") if kind == INVOICES else None
    made: dict[str, Any] = {IDENTIFIERS[kind]: entry.remote} if entry.remote else {}
    return made | {
        "Type": "ACCREC" if kind == INVOICES else "ACCRECCREDIT",
        NUMBERS[kind]: number_of(document),
        "Reference": entry.key,
        "Contact": {"ContactID": contact},
        "Date": fields["invoiceDate"].isoformat(),
        **({"DueDate": due.isoformat()} if due else {}),
        "LineAmountTypes": "NoTax" if untaxed(document) else "Exclusive",
        "CurrencyCode": currency_of(document),
        "Status": wishes.status,
        "LineItems": list(_items(document, kind, wishes)),
    }


def _items(document: Document, kind: str, wishes: Wishes) -> Iterable[dict[str, Any]]:
    taxed = not untaxed(document)
    for line in document.lines:
        quantity, price, more = priced(line)
        amount, tax = line["lineAmount"], line.get("taxAmount")
        if kind == CREDIT_NOTES:
            price, amount, tax = -price, -amount, None if tax is None else -tax
        code = wishes.account_of(line)
        yield {
            "Description": described(document, line, more),
            "Quantity": plain(quantity),
            "UnitAmount": plain(price),
            "LineAmount": amount.quantize(CENT),
            **({"AccountCode": code} if code else {}),
            **({"TaxType": wishes.tax_type_of(line)} if taxed else {}),
            **({"TaxAmount": tax.quantize(CENT) + 0} if taxed and tax is not None else {}),
        }


def described(document: Document, line: Mapping[str, Any], more: str = "") -> str:
    """What the line is for: the item before its description; Xero wants at least one letter."""
    item_name, text = str(line.get("itemName") or ""), str(line.get("description") or "")
    said = f"{item_name}: {text}" if item_name and text and not text.startswith(item_name) else text or item_name
    return (said or f"Invoice {number_of(document)}") + more


def room_of(document: Document) -> int:
    """About how many bytes it takes in a request, rather too many than too few."""
    return 600 + sum(300 + 2 * len(described(document, line).encode()) for line in document.lines)


def plain(value: Decimal) -> Decimal:
    """Without idle zeros and without an exponent; no minus zero.

    >>> plain(Decimal("10.500000")), plain(Decimal("1E+2")), plain(Decimal("-0.0"))
    (Decimal('10.5'), Decimal('100'), Decimal('0'))
    """
    made = value.normalize() + 0
    return made.quantize(Decimal(1)) if made == made.to_integral_value() else made


def _places(value: Decimal) -> int:
    exponent = plain(value).as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
