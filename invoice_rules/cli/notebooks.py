"""`notebooks` and `app`: the notebooks in a folder of the user's with JupyterLab, and the import wizard as a page without cells."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from invoice_rules.cli import output
from invoice_rules.cli.app import app
from invoice_rules.cli.session import line, say, tell

if TYPE_CHECKING:
    from invoice_rules.notebook.serving import Copied

NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open the browser; the address is printed.")]


@app.command()
def notebooks(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the notebooks go; made where it is missing.")] = Path("invoice-notebooks"),
    no_browser: NoBrowser = False,
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the notebooks and start nothing.")] = False,
) -> None:
    """Copy the notebooks to a folder of yours and open JupyterLab there.

    A notebook that is there already stays as it is. The notebooks use the store that --store names; whose books stands in their
    first cell. Ctrl-C ends JupyterLab.
    """
    from invoice_rules.notebook import serving

    if not copy_only:
        serving.need("jupyterlab")
    folder = folder.expanduser().absolute()
    copied = serving.copy_notebooks(folder)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"folder": str(folder), **{name: [path.name for path in getattr(copied, name)] for name in ("written", "same", "changed")}})
    else:
        _say(copied)
    if not copy_only:
        raise typer.Exit(serving.open_lab(folder, store=ctx.obj.store_url, browser=not no_browser))


def _say(copied: "Copied") -> None:
    for path in copied.written:
        line(f"Written: {path}")
    for path in copied.changed:
        line(f"Left as it is, for you changed it or an older version wrote it: {path}", style="yellow")
    if not copied.written:
        say(f"All notebooks are in {copied.folder} already.")


@app.command(name="app")
def serve(
    ctx: typer.Context,
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="The port of the page.")] = 8866,
    ip: Annotated[str, typer.Option("--ip", metavar="ADDRESS", help="The address to listen on; by default this computer alone can open the page.")] = "127.0.0.1",
    no_browser: NoBrowser = False,
) -> None:
    """Serve the import wizard as a page without cells.

    Who opens it needs the token in its address, and can then import into the store that --store names. Ctrl-C ends it.
    """
    from invoice_rules.notebook import serving

    if ip != serving.LOOPBACK:
        tell(f"The page can be opened from other computers that reach {ip}. It is not encrypted, and whoever has its address can import.", style="yellow")
    place = serving.App(ip, port, browser=not no_browser)
    raise typer.Exit(serving.serve_app(place, store=ctx.obj.store_url, entity=ctx.obj.entity, tell=_address))


def _address(address: str) -> None:
    tell("The import wizard, until you press Ctrl-C:")
    line(address)
