"""Reference lists: what the fields of invoices may name (customers, jobs, terms, tax codes …), each kind a rule set of its own.

`kinds()` names them all, `kind(name)` gives one. An entry is read, matched and judged like any document (`examine(file, kind("terms"))`)
and kept by the store. A rule set that says `reference="clients"` provides a kind too: its stored documents are the entries.
"""

from invoice_rules.references.found import keys_for, kind, kinds, names_in, official_in, owned
from invoice_rules.references.sheets import as_sheet, sheets_of

__all__ = ["as_sheet", "keys_for", "kind", "kinds", "names_in", "official_in", "owned", "sheets_of"]
