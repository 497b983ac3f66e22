"""JupyterLab and Voilà for the browser's tests: on loopback, with a token, in folders of their own, nothing of this user's."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from invoice_rules.notebook import serving

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests"  # a secret of nobody
PATIENCE = 60.0

_LAB = (
    *("--allow-root", "--no-browser", "--ip=127.0.0.1", "--ServerApp.port_retries=0"),
    *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)
_STARTUP = "import os\nos.environ['INVOICE_RULES_STORE'] = os.path.join(os.getcwd(), 'store.sqlite')\n"


@dataclass(frozen=True)
class Server:
    """A server that runs: its address, the folder that it serves, and its log."""

    url: str
    folder: Path
    log: Path
    kind: str = "lab"

    def address(self, notebook: Path, more: str = "") -> str:
        """Where the browser finds a notebook of the folder."""
        place = notebook.relative_to(self.folder).as_posix()
        return f"{self.url}/{'lab/tree' if self.kind == 'lab' else 'voila/render'}/{place}?token={TOKEN}{more}"

    def ask(self, path: str, method: str = "GET") -> object:
        """An answer of the server's own interface."""
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def stop_kernels(self) -> None:
        """End every notebook that runs."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")


def need_server(program: str) -> None:
    """Skip where the program of the extra `notebook` is not installed."""
    pytest.importorskip(program, reason=f"{program} is not installed: pip install 'invoice-rules[notebook]'")


@contextmanager
def jupyterlab(home: Path) -> Iterator[Server]:
    """A JupyterLab that serves `home`/notebooks. Each kernel has a store of its own, in its notebook's folder."""
    need_server("jupyterlab")
    with _served(home, "lab", lambda folder, port: ["jupyterlab", *_LAB, f"--ServerApp.root_dir={folder}", f"--port={port}"], {"JUPYTER_TOKEN": TOKEN}) as server:
        yield server


@contextmanager
def voila(home: Path) -> Iterator[Server]:
    """A Voilà that serves `home`/notebooks as pages without cells."""
    need_server("voila")
    with _served(home, "voila", lambda folder, port: serving.app_arguments(folder, "127.0.0.1", port), serving.app_environment(TOKEN)) as server:
        yield server


@contextmanager
def _served(home: Path, kind: str, command: Callable[[Path, int], list[str]], variables: Mapping[str, str]) -> Iterator[Server]:
    folder, log, port = home / "notebooks", home / f"{kind}.log", _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        started = {"stdout": out, "stderr": out, "stdin": subprocess.DEVNULL, "env": {**environment(home), **variables}, "cwd": folder}
        process = subprocess.Popen([sys.executable, "-m", *command(folder, port)], start_new_session=True, **started)
    server = Server(f"http://127.0.0.1:{port}", folder, log, kind)
    try:
        _wait(server, process)
        yield server
    finally:
        _stop(process)


def environment(home: Path) -> dict[str, str]:
    """Variables under which Jupyter and its kernels know only the folders under `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "INVOICE_RULES", "IPYTHON", "XDG_"))}
    startup = home / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "00-store.py").write_text(_STARTUP, encoding="utf-8")
    quiet = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True, exist_ok=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}', encoding="utf-8")
    own = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    folders = {f"JUPYTER_{name}": str(home / folder) for name, folder in own.items()}
    folders |= {f"JUPYTERLAB_{name}_DIR": str(home / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    alone = {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_PLATFORM_DIRS": "1"}
    return {**kept, **folders, **alone, "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT), "MPLCONFIGDIR": str(home / "matplotlib")}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            urllib.request.urlopen(f"{server.url}/?token={TOKEN}", timeout=5).close()
            return
        time.sleep(0.1)
    pytest.fail(f"{server.kind} does not answer:\n{server.log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to leave, which ends its kernels; then end what is left of its group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
