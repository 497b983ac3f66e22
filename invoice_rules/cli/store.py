"""`store`: the care of the store itself."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, output, records
from invoice_rules.cli.app import app
from invoice_rules.cli.session import line, say, working

store = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The care of the store.")
app.add_typer(store, name="store")


@store.command()
def upgrade(ctx: typer.Context) -> None:
    """Bring the store to this program's form, or make it where there is none."""
    with working("Upgrading the store"):
        opened = ctx.obj.store
        opened.upgrade()
    _tell(ctx, {"store": opened.label}, f"The store {opened.label} is up to date.")


@store.command()
def check(ctx: typer.Context) -> None:
    """Check the store.

    Its form, its keys, its totals and the chain of its history are looked at. Ends with 1 where something is wrong.
    """
    opened = ctx.obj.existing_store()
    with working("Checking the store"):
        wrong = invoice_rules.store.check(opened)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"store": opened.label, "problems": wrong})
    else:
        for sentence in wrong:
            say(sentence, style="red")
        say("Nothing is wrong with the store." if not wrong else "Keep a copy of the store as it is before anything else.", style="bold")
    raise typer.Exit(1 if wrong else 0)


@store.command()
def purge(
    ctx: typer.Context,
    days: Annotated[int, typer.Option("--older-than", metavar="DAYS", help="Empty the problem lists of imports older than this, 60 days at least; earlier values after ten years.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Purge without asking.")] = False,
) -> None:
    """Empty old details.

    The lists of problems of older imports are emptied, and earlier values that the retention period of ten years no longer
    protects; an import that lost those cannot be undone any more. Receipts, outcomes and hashes stay for ever.
    """
    opened = ctx.obj.existing_store()
    asking.must_confirm(ctx.obj, f"Empty the details of imports older than {days} days? They do not come back.", yes)
    made = invoice_rules.store.purge(opened, days)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add(made.to_dict())
    else:
        records.receipt(made)


@store.command()
def backup(ctx: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; it must not be there yet.")]) -> None:
    """Copy the store while it is in use, whole and checked."""
    opened = ctx.obj.existing_store()
    with working("Copying the store"):
        written = invoice_rules.store.backup(opened, file)
    _tell(ctx, {"store": opened.label, "backup": str(written)}, "The store is copied to")
    if not ctx.obj.json:
        line(f"  {written}")


def _tell(ctx: typer.Context, facts: dict[str, Any], sentence: str) -> None:
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add(facts)
    else:
        say(sentence)
