"""`ledger`: how every invoice stands with the service that it goes to, and what a person says about it where nobody else can (S2-44, S4-17)."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules import connectors
from invoice_rules.cli import asking, output, standing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, say

ledger = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(ledger, name="ledger")

Key = Annotated[str, typer.Argument(metavar="KEY", help="The invoice, as the list shows it: its id in the system that it comes from.")]
To = Annotated[str, typer.Option("--to", metavar="NAME", help="Only of this connection, as `connections` lists it: xero, or xero:Demo Company.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which the history keeps.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about one that counts as being there.")]
Remote = Annotated[str, typer.Option("--as", metavar="ID", help="Its id there, where you know it.")]


@ledger.callback()
def list_(
    ctx: typer.Context,
    state: Annotated[list[str] | None, typer.Option("--state", metavar="STATE", help="Only those in this state, such as unknown, conflict, held, ready, sent, done. May be repeated.")] = None,
    to: To = "",
    history: Annotated[str, typer.Option("--history", metavar="KEY", help="All that happened to this invoice, and what the service answered.")] = "",
    show_all: Annotated[bool, typer.Option("--all", help="List every invoice, not only those that wait for something; with --history each answer as a whole.")] = False,
) -> None:
    """Show how every invoice stands with the service that it goes to.

    What waits for something is listed with what to do. Ends with 1 where an outcome is unknown, something differs or could not be marked, else with 0.
    """
    if ctx.invoked_subcommand is not None:
        return
    session: Session = ctx.obj
    store = session.existing_store()
    if history:
        _history(ctx, connectors.desk.history(store, history, to=to), show_all)
        return
    found = connectors.desk.standing(store, states=_states(state or ()), to=to)
    if session.json:
        output.records(ctx, connectors.desk.rows(found))
    else:
        standing.show(found, show_all or bool(state))
    raise typer.Exit(int(any(str(entry.state) in ("unknown", "conflict") or connectors.desk.not_marked(entry) for entry in found)))


def _states(named: Sequence[str]) -> tuple[str, ...]:
    """States as they are called; raises CannotRun with those that there are."""
    said = tuple(name.casefold().replace("-", " ") for name in named)
    if wrong := [name for name in said if name not in connectors.desk.STATES]:
        raise invoice_rules.CannotRun(f'There is no state "{wrong[0]}". There are: {", ".join(connectors.desk.STATES)}.')
    return said


def _history(ctx: typer.Context, found: Sequence[dict[str, Any]], whole: bool) -> None:
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for one in found:
                writing.add(one)
    else:
        standing.history(found, whole)


@ledger.command()
def there(ctx: typer.Context, key: Key, to: To = "", remote: Remote = "") -> None:
    """Say that an invoice whose outcome is unknown, or which differs, is there. It counts as sent."""
    _said(ctx, lambda store: connectors.desk.there(store, key, to=to, remote=remote), "counts as sent to")


@ledger.command(name="not-there")
def not_there(ctx: typer.Context, key: Key, to: To = "", yes: Yes = False) -> None:
    """Say that an invoice whose outcome is unknown is not there. The next sending takes it again, with the same number.

    Also that one which was staged in Spectrum was deleted there.
    """
    question = connectors.desk.gone_question(ctx.obj.existing_store(), key, to=to)
    if question:
        asking.must_confirm(ctx.obj, question, yes)
    _said(ctx, lambda store: connectors.desk.not_there(store, key, to=to, sure=bool(question)), "goes with the next sending to")


@ledger.command()
def skip(ctx: typer.Context, key: Key, to: To = "", why: Why = "") -> None:
    """Leave an invoice out of all sending, until it is released."""
    _said(ctx, lambda store: connectors.desk.skip(store, key, why, to=to), "is left out of sending to")


@ledger.command()
def release(ctx: typer.Context, key: Key, to: To = "") -> None:
    """Take an invoice back in that was left out."""
    _said(ctx, lambda store: connectors.desk.release(store, key, to=to), "is looked at again by the next sending to")


def _said(ctx: typer.Context, act: Callable[[Any], Any], what: str) -> None:
    entry = act(ctx.obj.existing_store())
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add(connectors.desk.row(entry))
        return
    which = f" ({entry.number})" if entry.generation > 1 and entry.number else ""
    say(f"Invoice {entry.key}{which} {what} {connectors.desk.place_of(entry)}.")
