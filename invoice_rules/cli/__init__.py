"""The command line, `invoice-rules`: a thin front end that asks the engine and shows what it says.

One module a group of commands; `session` holds what the global options say, `showing` the tables, `output` the JSON. What each
command prints is in `docs/commands.md` and `docs/json.md`.
"""

from invoice_rules.cli import (
    addin,
    aging,
    checking,
    connection,
    connections,
    contacts,
    converting,
    demo,
    entities,
    fetching,
    history,
    importing,
    invoices,
    ledger,
    mapping,
    marking,
    notebooks,
    references,
    roles,
    rules,
    sending,
    store,
    templates,
    wizard,
)
from invoice_rules.cli.app import app, main

__all__ = [
    "addin", "aging", "app", "checking", "connection", "connections", "contacts", "converting", "demo", "entities", "fetching", "history",
    "importing", "invoices", "ledger", "main", "mapping", "marking", "notebooks", "references", "roles", "rules", "sending", "store", "templates", "wizard",
]
