"""`addin`: put the buttons into Excel or LibreOffice Calc, take them out again, and look why they do not work."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import invoice_rules
from invoice_rules.cli import options, output
from invoice_rules.cli.app import app
from invoice_rules.cli.session import line, tell

if TYPE_CHECKING:
    from addin.installing import Installed, Machine

addin = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The buttons in Excel and LibreOffice Calc.")
app.add_typer(addin, name="addin")

Profile = Annotated[Path | None, typer.Option("--profile", metavar="FOLDER", help="LibreOffice's profile, where it is not the usual one of this user.")]


@addin.command()
def install(ctx: typer.Context, profile: Profile = None) -> None:
    """Put the add-in into Excel (Windows, macOS) or LibreOffice Calc (Linux), in place of an earlier version.

    The buttons use this Python, and the store that --store names.
    """
    from addin import installing

    _show(ctx, installing.install(_machine(profile), ctx.obj.store_option))


@addin.command()
def remove(ctx: typer.Context, profile: Profile = None) -> None:
    """Take the add-in out again. Books and settings stay."""
    from addin import installing

    _show(ctx, installing.remove(_machine(profile)))


@addin.command()
def build(ctx: typer.Context, file: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="What to write: .xlam for Excel, .oxt for LibreOffice.")], force: options.Force = False) -> None:
    """Write the add-in to a file and install nothing."""
    from addin import installing

    _show(ctx, installing.build(_machine(None), invoice_rules.workbooks.unless_there(file, force)))


@addin.command()
def doctor(ctx: typer.Context, profile: Profile = None) -> None:
    """Look at everything that the add-in needs, and say what to do where something is missing.

    Ends with 1 where there is something to do.
    """
    from addin.doctor import examine

    found = examine(_machine(profile), lambda: ctx.obj.store_if_any)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for one in found:
                writing.add({"what": one.what, "ok": one.ok, "found": one.found, "todo": one.todo or None})
    else:
        for one in found:
            line(f"{'OK' if one.ok else 'To do':<7}{one.what:<13}{one.found}")
            if one.todo:
                line(f"{'':<20}{one.todo}", style="yellow")
    raise typer.Exit(0 if all(one.ok for one in found) else 1)


def _machine(profile: Path | None) -> "Machine":
    from addin.installing import Machine

    return Machine.here(profile)


def _show(ctx: typer.Context, said: "Installed") -> None:
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"done": said.done, "next": said.next, "installed": None if said.file is None else str(said.file)})
        return
    for one in said.done:
        line(one)
    for place, one in enumerate(said.next, 1):
        tell(f"{place}. {one}" if len(said.next) > 1 else one)
