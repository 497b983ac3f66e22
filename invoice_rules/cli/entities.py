"""`entity`: whose books there are, and their settings (X-18)."""

from typing import Annotated, Any

import typer

from invoice_rules.cli import options, output, records
from invoice_rules.cli.app import app
from invoice_rules.cli.session import say

entity = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Whose books there are: merchants, companies, studios.")
app.add_typer(entity, name="entity")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The short name of the entity, as --entity takes it.")]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Its full name.")]
Currency = Annotated[str | None, typer.Option("--currency", metavar="C", help="Its home currency, such as EUR.")]
Environment = Annotated[str | None, typer.Option("--environment", metavar="LABEL", help="live or test; in live books, data that looks like a demo is warned about.")]
Closed = Annotated[str | None, typer.Option("--closed-until", metavar="DATE", help="The books are closed up to and including this day, as 2026-10-31.")]


@entity.command(name="list")
def list_(ctx: typer.Context) -> None:
    """List the entities of the store."""
    found = ctx.obj.existing_store().entities()
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for one in found:
                writing.add(output.entity(one))
    else:
        records.entities(found)


@entity.command()
def add(ctx: typer.Context, name: Name, title: Title = None, currency: Currency = None, environment: Environment = None, closed_until: Closed = None) -> None:
    """Add an entity with books of its own."""
    _done(ctx, ctx.obj.store.add_entity(name, **_settings(title, currency, environment, closed_until)), "is added")


@entity.command(name="set")
def set_(
    ctx: typer.Context,
    name: Name,
    title: Title = None,
    currency: Currency = None,
    environment: Environment = None,
    closed_until: Closed = None,
    reopen: Annotated[bool, typer.Option("--reopen", help="Take the books-closed date away.")] = False,
) -> None:
    """Change the settings of an entity. What is not named stays."""
    changes = _settings(title, currency, environment, closed_until) | ({"closed_until": None} if reopen else {})
    _done(ctx, ctx.obj.store.set_entity(name, **changes), "is changed")


def _settings(title: str | None, currency: str | None, environment: str | None, closed_until: str | None) -> dict[str, Any]:
    """What was named, ready for the store."""
    closed = options.day("--closed-until", closed_until)
    given = {"title": title, "currency": currency and currency.upper(), "environment": environment, "closed_until": closed}
    return {name: value for name, value in given.items() if value is not None}


def _done(ctx: typer.Context, made: Any, what: str) -> None:
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add(output.entity(made))
        return
    say(f'The entity "{made.name}" {what}.')
    records.entities([made])
