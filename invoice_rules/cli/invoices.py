"""`invoices`: what is on file, filtered, on the screen or as a file."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import options, output, records
from invoice_rules.cli.app import app
from invoice_rules.cli.session import line, say

_WRITERS = {".csv": "table_csv", ".xlsx": "table_workbook"}
_MOST = 200
_STATUSES = ("Open", "Paid", "Canceled")


@app.command()
def invoices(
    ctx: typer.Context,
    rules: Annotated[str | None, typer.Option("--rules", metavar="NAME", help="Only those of this rule set.")] = None,
    status: Annotated[list[str] | None, typer.Option("--status", metavar="STATUS", help="Only those that are Open, Paid or Canceled. May be repeated.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Only those of this customer.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Invoice date on or after this day, as 2026-11-21.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Invoice date on or before this day.")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Only those that hold this text in an id, a number or a name.")] = None,
    to_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write them to this file: .csv, .xlsx or .json.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help=f"Show all of them, not only the first {_MOST}.")] = False,
) -> None:
    """List the invoices on file."""
    chosen = [_status(word) for word in status or ()]
    first, last = options.day("--from", since), options.day("--to", until)
    rules = rules and options.found_rules(rules).name
    store = ctx.obj.existing_store()
    found = _with_amounts(invoice_rules.store.invoices(store, status=chosen, customer=customer, rules=rules, since=first, until=last, search=text))
    if to_file is not None:
        written = _write(found, to_file.expanduser())
        say(f"{invoice_rules.plural(len(found), 'invoice')} written to")
        line(f"  {written}")
    elif ctx.obj.json:
        output.records(ctx, found)
    elif not len(found):
        say("No invoice on file answers to this.")
    else:
        records.invoices(found if show_all else found.head(_MOST), len(found))


def _status(word: str) -> str:
    if word.capitalize() not in _STATUSES:
        raise invoice_rules.CannotRun(f'"{word}" is no status of an invoice. Write {", ".join(_STATUSES[:-1])} or {_STATUSES[-1]}.')
    return word.capitalize()


def _write(found: Any, path: Path) -> Path:
    kind = path.suffix.lower()
    if kind == ".json":
        text = output.dumps([{"format": output.FORMAT, **output.record(one)} for one in found.to_dict("records")])
        path.write_text(text + "\n", encoding="utf-8")
        return path
    if kind not in _WRITERS:
        raise invoice_rules.CannotRun(f'"{path.name}" names no kind of file that can be written. End it with .csv, .xlsx or .json.')
    return getattr(invoice_rules.workbooks, _WRITERS[kind])(found.rename(columns=records.INVOICE), path)


def _with_amounts(found: Any) -> Any:
    """Amounts as exact decimal numbers of their currency, in place of minor units."""
    import pandas as pd

    exact = {name: [_amount(minor, code) for minor, code in zip(found[name], found["currency"], strict=True)] for name in ("amount", "balance")}
    return found.assign(**{name: pd.Series(values, index=found.index, dtype=object) for name, values in exact.items()})


def _amount(minor: Any, code: Any) -> Decimal | None:
    known = isinstance(minor, int) and isinstance(code, str)
    return Decimal(invoice_rules.exact(minor, code)) if known else None
