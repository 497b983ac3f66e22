"""`invoices`: what is on file, filtered, on the screen or as a file."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import output, records
from invoice_rules.cli.app import app
from invoice_rules.cli.session import line, say

_WRITERS = {".csv": "table_csv", ".xlsx": "table_workbook"}
_MOST = 200


@app.command()
def invoices(
    ctx: typer.Context,
    rules: Annotated[str | None, typer.Option("--rules", metavar="NAME", help="Only those of this rule set.")] = None,
    status: Annotated[list[str] | None, typer.Option("--status", metavar="STATUS", help="Only those that are Open, Paid or Canceled. May be repeated.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Only those of this customer.")] = None,
    since: Annotated[dt.datetime | None, typer.Option("--from", metavar="DATE", formats=["%Y-%m-%d"], help="Invoice date on or after this day, as 2026-11-21.")] = None,
    until: Annotated[dt.datetime | None, typer.Option("--to", metavar="DATE", formats=["%Y-%m-%d"], help="Invoice date on or before this day.")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Only those that hold this text in an id, a number or a name.")] = None,
    to_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write them to this file: .csv, .xlsx or .json.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help=f"Show all of them, not only the first {_MOST}.")] = False,
) -> None:
    """List the invoices on file."""
    wanted = {"status": tuple(status or ()), "customer": customer, "since": since and since.date(), "until": until and until.date(), "text": text}
    found = ctx.obj.existing_store().invoices(rules, **wanted)
    if to_file is not None:
        written = _write(found, to_file)
        say(f"{invoice_rules.plural(len(found), 'invoice')} written to")
        line(f"  {written}")
    elif ctx.obj.json:
        output.records(ctx, found)
    elif not len(found):
        say("No invoice on file answers to this.")
    else:
        records.invoices(found if show_all else found.head(_MOST), len(found))


def _write(found: Any, path: Path) -> Path:
    kind = path.suffix.lower()
    if kind == ".json":
        path.write_text(output.dumps([output.record(one) for one in found.to_dict("records")]), encoding="utf-8")
        return path
    if kind not in _WRITERS:
        raise invoice_rules.CannotRun(f'"{path.name}" names no kind of file that can be written. End it with .csv, .xlsx or .json.')
    return getattr(invoice_rules.workbooks, _WRITERS[kind])(found, path)
