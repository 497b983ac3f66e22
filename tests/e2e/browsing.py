"""A browser for notebooks: open one and run it, look for what should not be there, take pictures."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.e2e.servers import PATIENCE, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM_VARIABLE, SHOTS_VARIABLE = "CHROMIUM", "INVOICE_RULES_SHOTS"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OWN = ("data:", "blob:", "about:", "chrome-extension:")
_OUTPUTS = {"lab": ".jp-OutputArea", "voila": "body"}

_READY = """async (timeout) => {
  const app = window.jupyterapp; await app.restored;
  const end = Date.now() + timeout, nap = () => new Promise(r => setTimeout(r, 50));
  const late = (what) => { if (Date.now() > end) throw new Error(what); };
  let w; while (!(w = app.shell.currentWidget) || !w.sessionContext) { late('no notebook is open'); await nap(); }
  await w.revealed; await w.context.ready; await w.sessionContext.ready;
  const kernel = () => w.sessionContext.session?.kernel;
  while (!kernel() || kernel().connectionStatus !== 'connected' || ['unknown', 'starting'].includes(kernel().status)) { late('the kernel is not ready'); await nap(); }
  await kernel().info;
}"""
_COMMAND = "async ([name, options]) => { const said = await window.jupyterapp.commands.execute(name, options); return typeof said === 'boolean' ? said : null; }"
_SAVED = "async () => { const w = window.jupyterapp.shell.currentWidget; await w.context.save(); }"


@dataclass
class Seen:
    """What a page did that no page of ours may do: errors of its scripts, and requests that leave its server."""

    page: "Page"
    server: Server
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda socket: self._asked(socket.url))

    def _asked(self, url: str) -> None:
        own = (self.server.url, self.server.url.replace("http://", "ws://"), *_OWN)
        if not url.startswith(own):
            self.outside.append(url)

    def check(self) -> None:
        """No error, and nothing asked of anybody else."""
        if self.errors or self.outside:
            pytest.fail(f"scripts failed: {self.errors}; asked outside the server: {self.outside}")


def program() -> str:
    """The browser; the test is skipped where there is none."""
    found = os.environ.get(CHROMIUM_VARIABLE) or next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return found or pytest.skip("Chromium is not installed: apt-get install chromium, or name it in the variable CHROMIUM")


@contextmanager
def chromium() -> Iterator["Browser"]:
    """One browser without a window for many pages."""
    where = program()
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'invoice-rules[test]'")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=where, headless=True, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


def written(path: Path, *cells: str) -> Path:
    """A notebook of these code cells."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, path)
    return path


def run_notebook(page: "Page", server: Server, path: Path, run: bool = True) -> "Page":
    """Open a notebook of the server's folder in JupyterLab, wait for its kernel, and run all its cells to the end."""
    page.goto(server.address(path, "&reset"))
    ready(page)
    if run:
        command(page, "notebook:run-all-cells")
    return page


def ready(page: "Page") -> None:
    """Wait until JupyterLab shows its notebook and the kernel listens; for a page that was loaded (again)."""
    page.wait_for_function("() => window.jupyterapp", timeout=PATIENCE * 1000)
    page.evaluate(_READY, PATIENCE * 1000)


def show_app(page: "Page", server: Server, path: Path) -> "Page":
    """Open a notebook of the server's folder as a page of Voilà, and wait until its cells have run."""
    page.goto(server.address(path), timeout=PATIENCE * 1000)
    page.wait_for_selector("#loading", state="hidden", timeout=PATIENCE * 1000)
    return page


def command(page: "Page", name: str, **options: Any) -> bool | None:
    """One of JupyterLab's commands; gives back once it is done."""
    return page.evaluate(_COMMAND, [name, options])


def save(page: "Page") -> None:
    """Save the notebook that is open."""
    page.evaluate(_SAVED)


def dark(page: "Page", on: bool = True) -> None:
    """JupyterLab's dark theme, or its light one."""
    name = "JupyterLab Dark" if on else "JupyterLab Light"
    command(page, "apputils:change-theme", theme=name)
    page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")


def restart_kernel(page: "Page") -> None:
    """Restart the kernel of the open notebook, without being asked."""
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }")
    ready(page)


def cell_errors(page: "Page") -> list[str]:
    """The tracebacks that cells show."""
    return [text.strip() for text in page.locator("[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()]


def violations(page: "Page", server: Server, within: str | None = None) -> list[str]:
    """What axe finds against WCAG 2.1 A and AA within a part of the page, by default in the outputs of cells."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: pip install 'invoice-rules[test]'").Axe()
    page.evaluate(axe.axe_script)
    asked = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    said = page.evaluate(f"async (options) => (await axe.run({json.dumps(within or _OUTPUTS[server.kind])}, options)).violations", asked)
    return [f"{one['id']}: {node['html'][:200]}" for one in said for node in one["nodes"]]


def shoot(page: "Page", name: str, **options: Any) -> Path | None:
    """Keep a picture of the page in the folder of the variable INVOICE_RULES_SHOTS, where one is named."""
    folder = os.environ.get(SHOTS_VARIABLE)
    if not folder:
        return None
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, **options)
    return path
