"""`role`: who may look, import and administer in an entity (S1-1, S3-16, X-24)."""

from collections.abc import Mapping
from typing import Annotated

import typer

from invoice_rules.cli import asking, output, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, out, say

role = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who may look, import and administer.")
app.add_typer(role, name="role")

User = Annotated[str, typer.Argument(metavar="USER", help="The name under which the person logs in: of the computer, or of a PostgreSQL store's database.")]
Role = Annotated[str, typer.Argument(metavar="ROLE", help="viewer, importer or administrator; each may do what the ones before it may.")]
_MAY = {
    "viewer": "look, check files, list and export",
    "importer": "import, undo own imports, save lists, corrections and templates",
    "administrator": "everything: settings, the active mapping, roles, undo, purge",
}


@role.command(name="list")
def list_(ctx: typer.Context) -> None:
    """List who has which role in the entity."""
    _tell(ctx, ctx.obj.existing_store().roles())


@role.command()
def grant(ctx: typer.Context, user: User, role: Role, yes: Annotated[bool, typer.Option("--yes", "-y", help="Give the first role without asking.")] = False) -> None:
    """Give a user a role, in place of an earlier one.

    Until the first role is given everybody may do everything; who gives it becomes an administrator.
    """
    session: Session = ctx.obj
    if not session.store.roles():
        asking.must_confirm(session, f"From now on nobody may change {session.entity} without a role, and you become an administrator. Go on?", yes)
    _tell(ctx, session.store.grant(user, role.casefold()))


@role.command()
def revoke(ctx: typer.Context, user: User) -> None:
    """Take a user's role away."""
    _tell(ctx, ctx.obj.existing_store().revoke(user))


def _tell(ctx: typer.Context, known: Mapping[str, str]) -> None:
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for user, held in known.items():
                writing.add({"user": user, "role": held})
        return
    if not known:
        say(f"No roles are given in {ctx.obj.entity}: everybody may do everything.")
        return
    shown = showing.table(["User", "Role", "May"], wide=["May"])
    for user, held in known.items():
        shown.add_row(showing.plain(user), held, _MAY[held])
    out().print(shown)
