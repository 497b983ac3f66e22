"""The store: entities, customers, invoices, batches and their history, on SQLite or PostgreSQL. All SQL of the project is here.

    store = open_store()
    receipt = commit(plan, progress=None)

Its promises: a batch is wholly in or absent whenever the process dies; told means kept; once only; nothing is deleted; the
history cannot be changed unseen.
"""

from invoice_rules.store.absent import absent_invoices, may_close
from invoice_rules.store.ages import aging, left_out
from invoice_rules.store.backups import backup
from invoice_rules.store.committing import commit
from invoice_rules.store.contacts import ContactLink
from invoice_rules.store.entities import user_name
from invoice_rules.store.filelines import with_lines
from invoice_rules.store.histories import history
from invoice_rules.store.kept import kept
from invoice_rules.store.ledger import Ledger, ledger_entries
from invoice_rules.store.listing import FIELD, Filters, invoices
from invoice_rules.store.listing import count as count_invoices
from invoice_rules.store.opening import Store, open_store
from invoice_rules.store.proofs import check, verify_receipt
from invoice_rules.store.receipts import receipt, receipts
from invoice_rules.store.reference_lists import list_changes, lists
from invoice_rules.store.references import preview_list, save_lists
from invoice_rules.store.retention import purge
from invoice_rules.store.roles import LADDER
from invoice_rules.store.undoing import CannotUndo, undo

__all__ = [
    "FIELD",
    "LADDER",
    "CannotUndo",
    "ContactLink",
    "Filters",
    "Ledger",
    "Store",
    "absent_invoices",
    "aging",
    "backup",
    "check",
    "commit",
    "count_invoices",
    "history",
    "invoices",
    "kept",
    "ledger_entries",
    "left_out",
    "list_changes",
    "lists",
    "may_close",
    "open_store",
    "preview_list",
    "purge",
    "receipt",
    "receipts",
    "save_lists",
    "undo",
    "user_name",
    "verify_receipt",
    "with_lines",
]
