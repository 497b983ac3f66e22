"""The notebooks in a folder of the user's, JupyterLab there, and the import wizard as a page without cells.

Both servers listen on this computer alone unless another address is named, and both want a token.
"""

import html
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from invoice_rules import CannotRun, about
from invoice_rules.folders import STORE_VARIABLE

WIZARD = "import_wizard.ipynb"
LOOPBACK = "127.0.0.1"
_PACKAGE = Path(__file__).resolve().parents[1]
_PAGES = Path(__file__).resolve().parent / "page"
_TEMPLATE = "invoice-rules"


@dataclass(frozen=True)
class Copied:
    """What became of each notebook: written, the same as before, or left alone because the user changed his."""

    folder: Path
    written: tuple[Path, ...]
    same: tuple[Path, ...]
    changed: tuple[Path, ...]


def shipped() -> list[Path]:
    """The notebooks as they come with this version, from the wheel or from the source tree; raises CannotRun where they are missing."""
    places = (_PACKAGE / "_data" / "notebooks", _PACKAGE.parent / "notebooks")
    found = next((sorted(place.glob("*.ipynb")) for place in places if place.is_dir()), [])
    if not found:
        raise CannotRun(f"This installation has no notebooks. Install it again; they belong in {places[0]}.")
    return found


def copy_notebooks(folder: Path) -> Copied:
    """Copy the notebooks to a folder, which is made where it is missing. A notebook that is there already stays as it is."""
    written: list[Path] = []
    same: list[Path] = []
    changed: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in shipped():
            target = folder / source.name
            if not target.exists():
                shutil.copyfile(source, target)
                written.append(target)
            else:
                (same if _cells(target) == _cells(source) else changed).append(target)
    except OSError as error:
        raise CannotRun(f"The notebooks could not be copied to {folder}: {error.strerror}. Name another folder.") from error
    return Copied(folder, tuple(written), tuple(same), tuple(changed))


def _cells(notebook: Path) -> list[object] | bytes:
    """What a notebook says without its outputs; running it is no change."""
    import json

    content = notebook.read_bytes()
    try:
        return [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(content)["cells"]]
    except (ValueError, LookupError, TypeError):
        return content


def need(program: str) -> None:
    """Raise CannotRun where the extra `notebook` is not installed."""
    if find_spec(program) is None:
        raise CannotRun(f"JupyterLab and what the notebooks need are not installed. Run: {about.installing('notebook')}")


def open_lab(folder: Path, *, store: str | None = None, browser: bool = True) -> int:
    """JupyterLab in this folder until the user ends it; the exit code."""
    need("jupyterlab")
    options = [] if browser else ["--no-browser"]
    return _run(["jupyterlab", *options, f"--ServerApp.root_dir={folder}"], _with_store(store), folder)


@dataclass(frozen=True)
class App:
    """Where the page is to be served."""

    ip: str = LOOPBACK
    port: int = 8866
    browser: bool = True

    def address(self, token: str) -> str:
        """What the user opens; the token is what lets him in."""
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"http://{host}:{self.port}/?token={token}"


def serve_app(app: App, *, store: str | None, entity: str, tell: Callable[[str], None]) -> int:
    """Serve the import wizard as a page until the user ends it; `tell` gets its address. Returns the exit code."""
    need("voila")
    token = secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory(prefix="invoice-rules-") as name:
        page = Path(name) / WIZARD
        _with_parameters(next(one for one in shipped() if one.name == WIZARD), page, {"entity": entity})
        tell(app.address(token))
        if app.browser:
            threading.Thread(target=_open_when_up, args=(app, app.address(token), Path(name)), daemon=True).start()
        return _run(app_arguments(page, app.ip, app.port), {**_with_store(store), **app_environment(token)}, Path(name))


def _open_when_up(app: App, address: str, folder: Path) -> None:
    """Open the browser once the server answers, through a file of this user: a command line with the token could be read by others."""
    for _ in range(300):
        with suppress(OSError), socket.create_connection((app.ip, app.port), timeout=1):
            break
        time.sleep(0.1)
    page = folder / "open.html"
    page.write_text(f'<meta http-equiv="refresh" content="0; url={html.escape(address)}">', encoding="utf-8")
    webbrowser.open(page.as_uri())


def app_arguments(page: Path, ip: str, port: int) -> list[str]:
    """How Voilà is called: the module and its arguments; `page` is a notebook, or a folder of them."""
    where = [f"--Voila.ip={ip}", f"--port={port}", "--Voila.port_retries=0"]
    return ["voila", str(page), *where, "--token", "--no-browser", f"--template={_TEMPLATE}"]


def app_environment(token: str) -> dict[str, str]:
    """What Voilà finds its template and its token by; arguments could be read by every user of the computer."""
    places = [str(_PAGES), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    return {"JUPYTER_TOKEN": token, "JUPYTER_PATH": os.pathsep.join(places)}


def _with_parameters(source: Path, target: Path, values: Mapping[str, str]) -> None:
    """A copy of a notebook with these values behind its parameters, and without what is said to users of JupyterLab alone."""
    import nbformat
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    made = parameterize_notebook(load_notebook_node(str(source)), dict(values))
    made.cells = [cell for cell in made.cells if "jupyterlab" not in cell.metadata.tags]
    nbformat.write(made, target)


def _with_store(store: str | None) -> dict[str, str]:
    """The store for kernels, which run in another folder than the command."""
    if not store:
        return {}
    scheme, sign, place = store.partition("://")
    if not sign:
        return {STORE_VARIABLE: str(Path(store).expanduser().absolute())}
    relative = scheme == "sqlite" and place.startswith("/") and not place.startswith("//")
    return {STORE_VARIABLE: f"sqlite:///{Path(place[1:]).absolute()}" if relative and place[1:] else store}


def _run(command: list[str], variables: Mapping[str, str], folder: Path) -> int:
    """Run a module of this Python in the folder; Ctrl-C reaches it too and it ends in its own way, as it does where we are ended."""
    with subprocess.Popen([sys.executable, "-m", *command], env={**os.environ, **variables}, cwd=folder) as process:
        before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            return _ended(process)
        finally:
            signal.signal(signal.SIGTERM, before)


def _ended(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
