"""What columns are called in the files of other systems, by what they mean: the surest first, in the words of accounts receivable.

Rule sets name these beside their fields; other spellings, abbreviations and languages of the words are known to the matching (X-13).
"""


def _said(headings: str) -> tuple[str, ...]:
    return tuple(headings.split(", "))


INVOICE_ID = _said(
    "invoice ext id, internal invoice id, internal id, record number, record id, internal number, internal reference number, "
    "internal reference, entry number, external id, invoice uuid, invoice guid, invoice key, system id, document id, "
    "transaction id, customer transaction id, uuid, guid, id, transaction number"
)
INVOICE_NUMBER = _said(
    "invoice, invoice code, invoice reference, document number, invoice document number, document reference, document, "
    "statement number, voucher number, document field 1, transaction number, number, reference number, transaction reference, "
    "reference, payment reference, voucher, invoice id, document id, transaction id, id"
)
AMOUNT = _said(
    "invoice amount, grand total, invoice total, total invoice amount, invoice amount gross, total gross, total amount gross, "
    "amount gross, original amount due, original amount, original transaction amount, total amount, total value, total, "
    "entered total, entered amount, receivable amount, invoice value, transaction amount, document amount, total "
    "charge, total fee, total price, charge amount, amount net, total amount net, total net, value, spend, total cost"
)
AMOUNT_DUE = _said(
    "balance due, open balance, open amount, amount open, total open, amount due open, open invoice amount, amount still "
    "open, still open, balance, invoice balance, account balance, receivable balance, total balance, current balance, balance "
    "amount, total due, net amount due, open receivable, open, current amount, current transaction amount, due amount, to pay"
)
CUSTOMER_NAME = _said(
    "customer, name, name 1, customer company, customer company name, customer full name, customer name 1, customer account "
    "name, company last name, contact customer name, customer legal name, account name, company name, company, customer "
    "description"
)
CUSTOMER_ID = _said(
    "customer id, customer number, customer code, customer key, customer account number, customer account id, customer "
    "account, external customer id, customer ext id, customer external id, customer internal id, customer account code, "
    "account number, account id, account code, account reference, customer"
)
INVOICE_DATE = _said(
    "invoice date, date of issue, issued date, date issued, issued, document date, transaction date, created date, invoice "
    "created date, posted date, posted, voucher date, statement date, entry date, charge date, ledger date, tax date, payment "
    "date, invoice payment date"
)
DUE_DATE = _said(
    "payment due date, invoice due date, net due date, due, date payment due, payment due, due day, maturity date"
)
CANCELED = _said(
    "void, is void, invoice canceled, void status, canceled status, cancel flag, void flag, canceled date, is canceled "
    "invoice"
)
EMAIL = _said(
    "email, customer email, customer contact email, invoice email, billing email, billing contact email, send email, send "
    "invoice email, customer work email, account email, receivable email, payables email, payables contact email, primary "
    "contact email, person email, remittance email, invoice contact email, to email"
)
CURRENCY = _said(
    "currency code, invoice currency, invoice currency code, currency iso code, iso currency, document currency, transaction "
    "currency"
)
CONTACT_NAME = _said(
    "contact full name, contact, contact person, primary contact, primary contact name, customer contact, customer contact "
    "name, full name, attention, accounts payable contact, person"
)
TAX_TOTAL = _said(
    "total tax, tax amount, total tax amount, tax total, total tax value, tax value, sales tax, invoice tax, invoice tax amount, tax charge"
)
LINE_DESCRIPTION = _said(
    "line description, item description, description, line item description, product description, service description, "
    "memo description, details, activity"
)
LINE_AMOUNT = _said(
    "line amount, item amount, line total, line item total, line item amount, extended price, extended amount, extension, net amount, "
    "amount, line extension"
)
QUANTITY = _said("item quantity, line quantity, hours quantity, hours, units, count")
UNIT_PRICE = _said("unit price, item rate, unit amount, price, rate, item price, sales price, price each, price per unit, unit rate, line price, unit cost")
ITEM = _said("item product service, product service, product, item name, product name, service, item code, product code, stock code, sku, inventory item code, part number")
PO_NUMBER = _said("po, purchase order number, order number, customer po, customer order number, sales order number, your reference")
COMMENTS = _said("comment, notes, note, remarks, memo, message, invoice comments, customer memo, statement memo")
