"""The Typer application: the global options, which may stand anywhere on the line, and what happens when a command cannot run."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from invoice_rules import CannotRun, __version__, trouble
from invoice_rules.cli import output, stdout, stopping
from invoice_rules.cli.session import Session, tell
from invoice_rules.folders import STORE_VARIABLE

_WITH_VALUE = ("--store", "--entity")
_ALONE = ("--json",)
ANYWHERE = "Anywhere on the line: --store URL, --entity NAME, --json."


def hoisted(args: Sequence[str]) -> list[str]:
    """The same arguments with the global options first, wherever they stood; what follows `--` is left alone.

    >>> hoisted(["check", "may.csv", "--json", "--store", "sqlite:///a.db"])
    ['--json', '--store', 'sqlite:///a.db', 'check', 'may.csv']
    """
    first: list[str] = []
    rest: list[str] = []
    queue = list(args)
    while queue:
        arg = queue.pop(0)
        if arg == "--":
            rest += [arg, *queue]
            break
        if arg in _ALONE or arg.startswith(tuple(f"{name}=" for name in _WITH_VALUE)):
            first.append(arg)
        elif arg in _WITH_VALUE and queue:
            first += [arg, queue.pop(0)]
        else:
            rest.append(arg)
    return first + rest


def _named(args: Sequence[str]) -> str:
    """The command of arguments whose global options come first.

    >>> _named(["--entity", "check", "--json", "import", "may.csv"])
    'import'
    """
    rest = iter(args)
    for arg in rest:
        if not arg.startswith("-"):
            return arg
        if arg in _WITH_VALUE:
            next(rest, "")
    return ""


class Commands(TyperGroup):
    """Commands whose global options may stand before or after the name, and which never end in a traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["invoice_rules.argv"] = tuple(args)
        return super().parse_args(ctx, hoisted(args))

    def invoke(self, ctx: Any) -> Any:
        stdout.begins(_named(hoisted(ctx.meta["invoice_rules.argv"])))
        try:
            return self._ended(ctx)
        finally:
            if stdout.went_on():
                tell("What was printed could not be written to its end. What the command did is done all the same: `history` lists it.")

    def _ended(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except stopping.Terminated:
            tell(stopping.SAID)
            raise typer.Exit(stopping.CODE) from None
        except KeyboardInterrupt:
            tell("\nStopped. An import that was not finished wrote nothing, and what was sent stays sent: `history` and `ledger` list what was done.")
            raise
        except (typer.Exit, typer.Abort):
            raise
        except (BrokenPipeError, SystemExit):  # Rich ends the process where nobody reads
            if stdout.was_lost():
                raise typer.Exit(stdout.CLOSED) from None
            raise
        except CannotRun as stop:
            _stop(ctx, str(stop))
        except Exception as error:
            if isinstance(error, OSError) and stdout.was_lost():
                _stop(ctx, str(stdout.refused(error)))
            if hasattr(error, "format_message"):  # a mistake in the command line itself, which Typer shows
                output.failed(ctx, error.format_message())
                raise
            _stop(ctx, trouble.unexpected(error, ctx.meta["invoice_rules.argv"]))


def _stop(ctx: Any, message: str) -> None:
    """Say why nothing was done and end with code 2."""
    output.failed(ctx, message)
    tell(message, style="red")
    raise typer.Exit(2)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": 100},
    help="Check invoice files against the rules of the system they go to, import them safely, and keep the receipts.",
    epilog=ANYWHERE,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"invoice-rules {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", help=f"Where the books are kept; else {STORE_VARIABLE}, else a file of this user.")] = None,
    entity: Annotated[str, typer.Option("--entity", metavar="NAME", help="Whose books: the merchant, company or studio.")] = "main",
    json: Annotated[bool, typer.Option("--json", help="Print the results as JSON, for programs.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")] = False,
) -> None:
    ctx.obj = Session(store_option=store, entity=entity, json=json, argv=ctx.meta["invoice_rules.argv"])


def main(args: Sequence[str] | None = None) -> None:
    """The command `invoice-rules`. File names are taken as they are, never as patterns."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.stdout = stdout.guarded(sys.stdout)
    stopping.heed()
    app(args=args, prog_name="invoice-rules", windows_expand_args=False)
