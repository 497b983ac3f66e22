"""`connection`: how one connection works: what it sends as, and what happens afterwards (S4-15, S4-21)."""

from typing import Annotated

import typer

from invoice_rules import connectors
from invoice_rules.cli import output, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import say

Name = Annotated[str, typer.Argument(metavar="NAME", help="The connection, as `connections` lists it.")]
Approved = Annotated[str | None, typer.Option("--approved", metavar="yes|no", help="Xero: approve invoices at once; else they are drafts.")]
Mark = Annotated[str | None, typer.Option("--mark", metavar="WHEN", help="Xero: mark what was sent as processed in Autotask: ask, always or never.")]
Account = Annotated[str | None, typer.Option("--account", metavar="CODE", help="Xero: the account of lines that name none; blank for none.")]
Source = Annotated[str | None, typer.Option("--source", metavar="NAME", help="Xero: the connection to the Autotask whose invoices go there, where there are several.")]
Batch = Annotated[str | None, typer.Option("--batch", metavar="N", help="Spectrum: how many invoices share a request; 1 gives each an answer of its own.")]


@app.command()
def connection(ctx: typer.Context, name: Name, approved: Approved = None, mark: Mark = None, account: Account = None, source: Source = None, batch: Batch = None) -> None:
    """Show how a connection works, and change what is named."""
    given = {"approved": approved, "mark": mark, "account": account, "source": source, "batch": batch}
    changes = {key: value for key, value in given.items() if value is not None}
    one = connectors.desk.configure(name, **changes) if changes else connectors.connection(name)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"name": one.name, "system": one.system, "account": one.account, "title": one.title, "settings": dict(one.settings), "secrets": one.secrets})
        return
    if changes:
        say(f"{one.name} is changed.")
    listed = {key: one.settings.get(key) or _USUAL[key] for key, (services, _) in connectors.desk.SETTINGS.items() if one.system in services}
    showing.facts({"Connection": one.name, "Service": one.service, "Organisation": one.title or one.account, **listed, "Secrets in": one.secrets}.items())


_USUAL = {"approved": "no", "mark": "ask", "account": "none", "source": "the only one", "batch": "1"}
"""What holds where nothing was said."""
