"""The words of headings, as data: what people write for the same thing, in a few languages, and which words weigh little.

Nothing here knows a rule set. What a *field* is called stands with the field, as its synonyms; this file only says that
"inv no", "Rechnungsnr." and "invoice number" are the same words. A word that stands nowhere here counts as a difference.
"""

SAME: dict[str, str] = {
    "account": "acct acc accnt ac accounts konto compte cuenta",
    "address": "addr adr addresses adresse anschrift direccion",
    "amount": "amt amnt amounts betrag betrags bedrag montant monto importe importo umsatz valor kwota",
    "balance": "bal balances saldo solde",
    "billing": "billings",
    "canceled": "cancelled cancel canc cancellation storniert storno annule annulee anulada anulado annuliert annulled geannuleerd annullata",
    "charge": "charges chg",
    "closed": "close closing",
    "code": "cd kode codigo codice",
    "company": "co firm firma business societe empresa bedrijf",
    "contact": "contacts kontakt contacto",
    "created": "create creation crtd erstellt",
    "currency": "curr cur ccy wahrung waehrung devise moneda valuta wkz",
    "customer": "cust customers cst client clients clnt debtor debtors debitor debitoren debiteur buyer purchaser payer payor partner party "
    "kunde kunden cliente clientes klant acheteur comprador",
    "date": "dt dte dat datum fecha dates",
    "description": "desc descr descrip beschreibung omschrijving descripcion",
    "discount": "disc discounts skonto rabatt remise descuento",
    "document": "doc docu docs documents beleg dokument documento",
    "due": "fallig faellig falligkeit falligkeits faelligkeit faelligkeits echeance vencimiento verval scadenza payable",
    "email": "mail emails correo courriel",
    "entered": "entry erfasst",
    "external": "ext extern",
    "field": "feld",
    "gross": "brutto ttc bruto",
    "id": "ids ident identifier identification",
    "internal": "int intern interne",
    "invoice": "inv invc invoices invoiced bill bills billed rechnung rechnungs rechnungen facture factures factura facturas factuur fattura faktura fatura",
    "issued": "issue issuing emission emitted ausstellungs ausgestellt",
    "item": "items artikel article",
    "line": "lines zeile",
    "name": "nm names nombre nom naam nome",
    "net": "netto ht neto untaxed",
    "number": "no nr num nbr nmbr numb numbr numero nummer nro",
    "open": "outstanding unpaid remaining remainder owing owed owe residual pending pendiente offen offene offener offenes openstaand openstaande impaye",
    "order": "orders ord auftrag auftrags commande pedido bestell",
    "original": "orig orginal",
    "paid": "pd paye pagado bezahlt gezahlt betaald",
    "payment": "pmt pymt pay payments zahlung zahlungs pago paiement",
    "person": "tenant tenants student students patient member parent guardian guest resident donor subscriber policyholder borrower attendee",
    "posted": "post posting booking booked buchungs boekings",
    "price": "prices preis prix precio",
    "quantity": "qty qnty quantities menge cantidad quantite",
    "receivable": "ar receivables",
    "record": "rec records",
    "reference": "ref refs referenz referencia",
    "sales": "sale verkauf ventes",
    "service": "services",
    "ship": "shipping shipped shipment shipto liefer lieferung delivery deliver livraison envio",
    "status": "stts stat sts statut estado",
    "tax": "vat gst hst cgst sgst igst mwst ust tva iva btw moms taxes",
    "total": "tot totals sum summe gesamt suma totale totaal",
    "transaction": "trans trx txn tran trn transactions",
    "vendor": "vend vendors supplier suppliers suppl payee beneficiary kreditor creditor lieferant fournisseur proveedor leverancier",
    "void": "voided voids",
}
"""Word -> other spellings and languages of it."""

PHRASES: dict[str, str] = {
    "receivable": "a r, accounts receivable, account receivable",
    "payables": "a p, accounts payable, account payable",
    "account": "a c",
    "po": "p o, purchase order",
    "email": "e mail, e mail address, mail address, email address, email id, adresse email, adresse e mail, correo electronico",
    "customer": "bill to, billed to, bill to customer, sold to, sell to, sold to party, invoice to, charge to, billing customer",
    "customer name": "billing name",
    "customer company": "billing company",
    "ship": "ship to",
    "send": "send to",
    "due date": "pay by, due by, payable by, pay before, faedt",
    "gross": "including tax, incl tax, inc tax, with tax, tax inclusive, including vat, incl vat, inc vat, including gst, incl gst, "
    "inc gst, tax incl, tax included, after tax",
    "tax": "tax due",
    "net": "excluding tax, excl tax, ex tax, excluding vat, excl vat, ex vat, excluding gst, excl gst, ex gst, before tax, without "
    "tax, pre tax",
    "": "in local currency, in transaction currency, in document currency, in doc curr, in local curr, in company currency, in "
    "currency, in lc",
    "ledger date": "gl date, accounting date",
    "ledger": "g l, general ledger",
    "customer number": "kunnr",
    "document number": "belnr",
    "reference": "xblnr",
    "document date": "bldat",
    "posted date": "budat",
    "amount": "dmbtr, wrbtr",
    "currency": "waers",
    "original amount": "ortrxamt",
    "current amount": "curtrxam",
}
"""Words -> the phrases, and field names of widely used systems, that stand for them; "" where they say nothing."""

OTHERS = (
    "additional applied approved associated bank base batch branch budget business cash category check cheque city class collection comment commission "
    "contract cost count country county created credit current days debit department deposit detail disputed division employee entity estimated exchange "
    "expected expense fax fee file first fiscal freight from fund guid identity interest job label last late ledger level list location main memo "
    "method modified month net nominal note notes overdue overpaid owner page paperless parent percent period phone po postal prepaid primary "
    "product project promised property pst quote rate reason receipt received recurring refund refunded region registration rep required retention run "
    "salesperson schedule seller sent sequence settled shipping state statement street sub subject subscription subtotal system term terms text time to "
    "type unit updated user uuid value voucher warehouse website week when work writeoff written year zip work"
).split()
"""Words that headings hold and that change their meaning: they are known, so that run-together headings can be taken apart."""

LIGHT: dict[str, float] = {
    **dict.fromkeys("the of a an for your our in is per and de d du des der die das la le les el y et und l by please mm dd yy yyyy usd eur gbp cad aud s 1".split(), 0.0),
    **dict.fromkeys("display signed value info full official primary main field".split(), 0.15),
    **dict.fromkeys("invoice sales work".split(), 0.3),
}
"""Words that may be there or not. Every other word weighs 1."""

DATE_TAILS = frozenset({"at", "on", "am"})
"""A heading that ends so names a date: created_at, billed on, fällig am."""

STAND_INS = (("customer", "vendor"), ("customer", "person"), ("customer", "contact"), ("invoice", "order"))
"""(word, stand-in): in a file where no heading names the first, the second plays its part: a bill's party is its vendor."""

LINE_SIGNS = frozenset("item quantity price line description ledger".split())
"""Where a heading holds one of these, the file has lines, and an account that is not called a customer's is one of the ledger."""

NAMING = frozenset("name number id code key account reference date amount total invoice external".split())
"""A heading made of a word and one of these names the thing itself: customer number, but not customer PO."""
