"""`history`, `receipt`, `undo`: what was imported, the evidence, and the way back."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, output, records
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, say, working

Batch = Annotated[str, typer.Argument(metavar="BATCH", help="The number of the batch, as history shows it, or its id.")]


@app.command()
def history(ctx: typer.Context) -> None:
    """List the imports of the entity, the latest first."""
    found = invoice_rules.history(ctx.obj.existing_store())
    if ctx.obj.json:
        output.records(ctx, found)
    elif not len(found):
        say(f"Nothing was imported into {ctx.obj.entity} yet.")
    else:
        records.history(found)


@app.command()
def receipt(
    ctx: typer.Context,
    batch: Batch,
    verify: Annotated[bool, typer.Option("--verify", help="Compare the receipt with the file and the store as they are today.")] = False,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Where the file is now, for --verify.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="List what became of every invoice too.")] = False,
) -> None:
    """Show the receipt of an import. With --verify it ends with 1 where something does not agree any more."""
    store = ctx.obj.existing_store()
    made = invoice_rules.store.receipt(batch, store)
    proofs = invoice_rules.store.verify_receipt(batch, store, file) if verify else []
    if ctx.obj.json:
        _write(ctx, made, proofs if verify else None, rows)
    else:
        records.receipt(made)
        if rows:
            say("")
            records.outcomes(made.to_frame())
        if verify:
            say("")
            records.proofs(proofs)
    raise typer.Exit(0 if all(agrees is not False for _, agrees, _ in proofs) else 1)


def _write(ctx: typer.Context, made: Any, proofs: list[tuple[str, bool | None, str]] | None, rows: bool) -> None:
    element = made.to_dict()
    if proofs is not None:
        element["verified"] = [{"what": what, "agrees": agrees, "says": says} for what, agrees, says in proofs]
    outcomes = made.to_frame() if rows else None
    with output.array(ctx) as writing:
        writing.add(element, outcomes=outcomes)


@app.command()
def undo(ctx: typer.Context, batch: Batch, yes: Annotated[bool, typer.Option("--yes", "-y", help="Undo without asking.")] = False) -> None:
    """Undo an import.

    This is a batch of its own: what the import created is taken out of force, what it changed gets its earlier values back.

    Where something changed since, it says what and changes nothing.
    """
    session: Session = ctx.obj
    store = session.existing_store()
    made = invoice_rules.store.receipt(batch, store)
    if not session.json:
        say(made.summary())
    asking.must_confirm(session, f"Undo batch {made.number} of {made.entity}?", yes)
    with working("Undoing"):
        done = invoice_rules.undo(batch, store)
    if session.json:
        with output.array(ctx) as writing:
            writing.add(done.to_dict())
    else:
        records.receipt(done)
