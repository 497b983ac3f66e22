"""`fetch`: invoices of QuickBooks or Autotask as a file, ready to be checked and imported like any other (S1-2 … S1-5, S4-1 … S4-4)."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules import connectors
from invoice_rules.cli import asking, options, output
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, line, own_command, say, working
from invoice_rules.cli.waiting import Voice

Source = Annotated[str, typer.Argument(metavar="CONNECTION", help="quickbooks or autotask; where several are connected the name of one, which `connections` shows.")]
Since = Annotated[str | None, typer.Option("--since", metavar="DAY", help="Invoices dated on or after this day, as 2026-01-31.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Invoices dated on or before this day, as 2026-01-31.")]
Project = Annotated[str, typer.Option("--project", metavar="P", help="QuickBooks: the project of all these invoices; else each has its own, or that of its customer.")]
Division = Annotated[str, typer.Option("--division", metavar="D", help="Autotask: only invoices with a line of this line of business.")]
Ids = Annotated[list[str] | None, typer.Option("--invoice-id", metavar="ID", help="Only the invoice of this id, which is not its number. May be repeated.")]
Included = Annotated[bool, typer.Option("--include-invoiced", help="Autotask: also invoices that are marked as processed.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="The file to write, .json; else one with the time in its name, beside the store of this user.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Fetch everything that is not marked as processed without asking.")]


@app.command()
def fetch(
    ctx: typer.Context,
    source: Source,
    since: Since = None,
    until: Until = None,
    project: Project = "",
    division: Division = "",
    invoice_id: Ids = None,
    include_invoiced: Included = False,
    out: Out = None,
    yes: Yes = False,
) -> None:
    """Fetch invoices from QuickBooks or Autotask into a file.

    The service is only read. What the options say holds together; both days are included. The file is then checked and imported like
    any other, with the commands that are shown. Where nothing is found no file is written, and that is no failure.
    """
    session: Session = ctx.obj
    connection = connectors.connection(source)
    criteria = connectors.Criteria(
        since=options.day("--since", since),
        until=options.day("--until", until),
        project=project,
        division=division,
        invoice_ids=tuple(invoice_id or ()),
        include_invoiced=include_invoiced,
    )
    agreed = criteria.narrow or _agreed(session, connection, criteria, yes)
    books = session.store_if_any and session.store_if_any.context()
    voice = Voice()
    with voice.bar(f"Fetching from {connection.title or connection.service}"):
        file = out and out.expanduser()
        fetched = connectors.fetch(connection, criteria, file=file, confirmed=agreed, books=books, told=voice.told, progress=voice.progress)
    if session.json:
        with output.array(ctx) as writing:
            writing.add(_element(connection, fetched))
        return
    _show(session, connection, fetched)


def _agreed(session: Session, connection: Any, criteria: Any, yes: bool) -> bool:
    """Without criteria it is everything unprocessed: how many is told, and asked about, first (S4-4)."""
    with working("Counting"):
        found = connectors.count(connection, criteria, told=Voice().told)
    if found:
        what = "" if criteria.include_invoiced else " that are not marked as processed"
        asking.must_confirm(session, f"Fetch all {invoice_rules.plural(found, 'invoice')}{what}?", yes)
    return True


def _show(session: Session, connection: Any, fetched: Any) -> None:
    if fetched.path is not None:
        come = f"{invoice_rules.plural(fetched.count, 'invoice')} {fetched.described}"
        say(f"From {connection.service}, {connection.title or connection.account}: {come}. {fetched.totals}.", style="bold")
        line(f"  {fetched.path}")
    for note in fetched.notes:
        say(note)
    if fetched.path is not None:
        say("\nCheck the file, then import it; or go through it step by step:", style="bold")
        for command in _next(session, fetched):
            line(f"  {command}", style="dim")


def _next(session: Session, fetched: Any) -> list[str]:
    """The commands that take the file further, with the store and the entity of this one."""
    place = [*(["--store", session.store_option] if session.store_option else []), *(["--entity", session.entity] if session.entity != "main" else [])]
    given = ["--rules", fetched.rules, *(word for name, value in fetched.settings.items() for word in ("--set", f"{name}={value}"))]
    file = str(fetched.path)
    return [own_command([*place, *words]) for words in (["check", file, *given], ["import", file, *given], ["wizard", file])]


def _element(connection: Any, fetched: Any) -> dict[str, Any]:
    return {
        "file": None if fetched.path is None else str(fetched.path),
        "from": connection.name,
        "organisation": connection.title,
        "rules": fetched.rules,
        "settings": dict(fetched.settings),
        "invoices": fetched.count,
        "totals": fetched.exact_totals,
        "notes": list(fetched.notes),
    }
