"""`invoices`: what is on file, filtered, on the screen or as a file."""

from pathlib import Path
from typing import Annotated

import typer

import invoice_rules
from invoice_rules.cli import options, output, records
from invoice_rules.cli.app import app
from invoice_rules.cli.session import line, say
from invoice_rules.cli.writing import write_table

_MOST = 200


@app.command()
def invoices(
    ctx: typer.Context,
    rules: options.OnlyRules = None,
    status: Annotated[list[str] | None, typer.Option("--status", metavar="STATUS", help="Only those of this status, such as Open, Paid, Drafts, \"A/R aging\", Staged or Estimate. May be repeated.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Only those of this customer.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Invoice date on or after this day, as 2026-11-21.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Invoice date on or before this day.")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Only those that hold this text in an id, a number or a name.")] = None,
    field: Annotated[list[str] | None, typer.Option("--field", metavar="NAME[=VALUE]", help="Show this field of the rule set too; with a value, only invoices in which it says so. May be repeated. In JSON it is field.NAME.")] = None,
    to_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write them to this file: .csv, .xlsx or .json.")] = None,
    force: options.Force = False,
    show_all: Annotated[bool, typer.Option("--all", help=f"Show all of them, not only the first {_MOST}.")] = False,
) -> None:
    """List the invoices on file."""
    chosen = _statuses(status or [])
    first, last = options.day("--from", since), options.day("--to", until)
    rules = rules and options.found_rules(rules).name
    store = ctx.obj.existing_store()
    fields = _fields(field or [], rules)
    filters: invoice_rules.store.Filters = {"status": chosen, "customer": customer, "rules": rules, "since": first, "until": last, "search": text}
    shown = not (to_file or ctx.obj.json or show_all) and all(value is None for value in fields.values())  # a field's value is looked for in all of them
    found = invoice_rules.store.invoices(store, limit=_MOST if shown else None, fields=fields, **filters)
    heads = records.field_heads(fields, rules or "")
    if to_file is not None:
        written = write_table(found, to_file.expanduser(), {**records.INVOICE, **heads}, force, records.AMOUNTS)
        say(f"{invoice_rules.plural(len(found), 'invoice')} written to")
        line(f"  {written}")
    elif ctx.obj.json:
        output.records(ctx, found, records.AMOUNTS)
    elif not len(found):
        say("No invoice on file answers to this.")
    else:
        count = invoice_rules.store.count_invoices(store, **filters) if shown and len(found) == _MOST else len(found)
        records.invoices(found if show_all else found.head(_MOST), count, heads)


def _statuses(words: list[str]) -> list[str]:
    """The statuses as rule sets spell them; raises CannotRun with those that there are."""
    known = {status.casefold(): status for rules in invoice_rules.rule_sets().values() for status in rules.statuses}
    for word in words:
        if word.strip().casefold() not in known:
            raise invoice_rules.CannotRun(f'"{word}" is no status of an invoice. Write one of: {", ".join(known.values())}.')
    return [known[word.strip().casefold()] for word in words]


def _fields(given: list[str], rules: str | None) -> dict[str, str | None]:
    """Field -> the value that is looked for, None to show it alone."""
    if given and rules is None:
        raise invoice_rules.CannotRun("--field needs --rules NAME: it says whose field is meant.")
    named = {name.strip(): value if sign else None for name, sign, value in (text.partition("=") for text in given)}
    known = options.found_rules(rules).fields if rules else {}
    if unknown := [name for name in named if name not in known]:
        raise invoice_rules.CannotRun(f'There is no field "{unknown[0]}". There are: {", ".join(known)}.')
    return named
