"""`aging`: what customers owe, by how long it has been due."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

import invoice_rules
from invoice_rules.cli import options, output
from invoice_rules.cli.app import app
from invoice_rules.cli.records import day
from invoice_rules.cli.session import line, out, say, tell
from invoice_rules.cli.tables import plain, table
from invoice_rules.cli.writing import write_table

_TITLES = {"customer": "Customer ID", "customer_name": "Customer name", "currency": "Currency", "system": "System", "current": "Current", "over 90": "Over 90", "total": "Total"}
_MOST = 200


@app.command()
def aging(
    ctx: typer.Context,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day to count from, as 2026-11-21; today by default.")] = None,
    rules: options.OnlyRules = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Only this customer, by its id, or by name where it has none.")] = None,
    to_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the table to this file: .csv, .xlsx or .json.")] = None,
    force: options.Force = False,
) -> None:
    """Show what customers owe by days past due: current, 1–30, 31–60, 61–90, over 90.

    Counted are open balances, credits below zero. Drafts, estimates, void invoices and what only waits to be entered elsewhere are no receivables.
    Invoices dated after the day are left out, and counted below the table.
    """
    date = options.day("--as-of", as_of) or dt.date.today()
    rules = rules and options.found_rules(rules).name
    found = invoice_rules.store.aging(ctx.obj.existing_store(), as_of=date, rules=rules, customer=customer)
    buckets = [name for name in found.columns if name not in ("customer", "customer_name", "currency", "system")]
    if to_file is not None:
        written = write_table(found.assign(as_of=date), to_file.expanduser(), {**_TITLES, "as_of": "As of"}, force, buckets)
        say(f"Aging as of {day(date)} written to")
        line(f"  {written}")
    elif ctx.obj.json:
        output.records(ctx, found.assign(as_of=date), buckets)
    elif not len(found):
        say(f"Nothing is open as of {day(date)}.")
    else:
        _show(found, buckets, date)
    if later := invoice_rules.store.left_out(found):
        (tell if ctx.obj.json else say)(later)


def _show(found: Any, buckets: list[str], date: dt.date) -> None:
    heads = [_TITLES.get(name, name) for name in buckets]
    system = ["system"] if found["system"].nunique() > 1 else []
    shown = table(["Customer", *(_TITLES[name] for name in system), "", *heads], right=heads, wide=["Customer"], title=f"Open receivables as of {day(date)}, by days past due")
    for one in invoice_rules.exporting.exact_columns(found.head(_MOST), buckets).to_dict("records"):
        name = " ".join(filter(None, [plain(one["customer"]), plain(one["customer_name"])]))
        shown.add_row(Text(name), *(one[its] for its in system), one["currency"], *(_amount(one[bucket]) for bucket in buckets))
    shown.add_section()
    for code, sums in found.groupby("currency")[buckets].sum().iterrows():
        shown.add_row(Text("All", style="bold"), *("" for _ in system), str(code), *(Text(invoice_rules.values.with_commas(invoice_rules.exact(int(sums[bucket]), str(code))), style="bold") for bucket in buckets))
    out().print(shown)
    more = f" The first {_MOST} are shown; --out FILE writes them all." if len(found) > _MOST else ""
    say(f"{invoice_rules.plural(len(found.drop_duplicates(['customer', 'customer_name', 'system'])), 'customer')}.{more}", style="bold")


def _amount(value: Any) -> str:
    return invoice_rules.values.with_commas(value) if value else "–"
