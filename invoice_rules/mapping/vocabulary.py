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
    "tax": "vat gst hst pst cgst sgst igst mwst ust tva iva btw moms taxes",
    "total": "tot totals sum summe gesamt suma totale totaal",
    "transaction": "trans trx txn tran trn transactions",
    "vendor": "vend vendors supplier suppliers suppl payee beneficiary kreditor creditor lieferant fournisseur proveedor leverancier",
    "void": "voided voids",
}
"""Word -> other spellings and languages of it."""

PHRASES: dict[str, str] = {
    "a r": "receivable", "a p": "payables", "accounts payable": "payables", "account payable": "payables", "accounts receivable": "receivable", "account receivable": "receivable", "a c": "account", "p o": "po", "purchase order": "po",
    "e mail": "email", "e mail address": "email", "mail address": "email", "email address": "email", "email id": "email", "adresse email": "email", "adresse e mail": "email", "correo electronico": "email",
    "bill to": "customer", "billed to": "customer", "bill to customer": "customer", "sold to": "customer", "sell to": "customer", "sold to party": "customer", "invoice to": "customer", "charge to": "customer",
    "billing name": "customer name", "billing company": "customer company", "billing customer": "customer", "ship to": "ship", "send to": "send", "pay by": "due date", "due by": "due date", "payable by": "due date", "pay before": "due date",
    "including tax": "gross", "incl tax": "gross", "inc tax": "gross", "with tax": "gross", "tax inclusive": "gross", "including vat": "gross", "incl vat": "gross", "inc vat": "gross",
    "including gst": "gross", "incl gst": "gross", "inc gst": "gross", "tax incl": "gross", "tax included": "gross", "after tax": "gross", "tax due": "tax",
    "excluding tax": "net", "excl tax": "net", "ex tax": "net", "excluding vat": "net", "excl vat": "net", "ex vat": "net", "excluding gst": "net", "excl gst": "net", "ex gst": "net",
    "before tax": "net", "without tax": "net", "pre tax": "net",
    "in local currency": "", "in transaction currency": "", "in document currency": "", "in doc curr": "", "in local curr": "", "in company currency": "", "in currency": "", "in lc": "",
    "gl date": "ledger date", "g l": "ledger", "general ledger": "ledger", "accounting date": "ledger date",
    "kunnr": "customer number", "belnr": "document number", "xblnr": "reference", "bldat": "document date", "budat": "posted date", "faedt": "due date",
    "dmbtr": "amount", "wrbtr": "amount", "waers": "currency", "ortrxamt": "original amount", "curtrxam": "current amount",
}  # fmt: skip
"""Several words, or the field names of a widely used system -> the words that they stand for."""

OTHERS = (
    "additional applied approved associated bank base batch branch budget business cash category check cheque city class collection comment commission "
    "contract cost count country county created credit current days debit department deposit detail disputed division employee entity estimated exchange "
    "expected expense fax fee file first fiscal freight from fund guid identity interest job label last late ledger level list location main memo "
    "method modified month net nominal note notes overdue overpaid owner page paperless parent percent period phone po postal prepaid primary "
    "product project promised property quote rate reason receipt received recurring refund refunded region registration rep required retention run "
    "salesperson schedule seller sent sequence settled shipping state statement street sub subject subscription subtotal system term terms text time to "
    "type unit updated user uuid value voucher warehouse website week when work writeoff written year zip work"
).split()
"""Words that headings hold and that change their meaning: they are known, so that run-together headings can be taken apart."""

LIGHT: dict[str, float] = {
    **dict.fromkeys("the of a an for your our in is per and de d du des der die das la le les el y et und l by please mm dd yy yyyy usd eur gbp cad aud s 1".split(), 0.0),
    **dict.fromkeys("display signed value info full official primary main field".split(), 0.15),
    **dict.fromkeys("invoice net sales work".split(), 0.3),
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
