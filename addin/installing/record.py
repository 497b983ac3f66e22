"""What was installed, kept so that `doctor` can say whether it still fits, and `remove` takes out what `install` put in and nothing else."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from addin import config
from addin.installing.machine import Machine
from invoice_rules import __version__, folders

_FILE = "installed.json"


def file() -> Path:
    """Where the record is."""
    return folders.config_folder() / _FILE


def keep(machine: Machine, installed: Path, script: str = "") -> None:
    """Write down what is installed now; `script` is the one that we put beside it, if any. Raises CannotRun where the settings folder cannot be written to."""
    said = {"version": __version__, "xlwings": version("xlwings"), "python": str(machine.python), "file": str(installed), "sha256": digest(installed), "script": script}
    config.put(_FILE, json.dumps(said, indent=1))


def read() -> dict[str, Any]:
    """The record; empty where there is none that can be read."""
    try:
        said = json.loads(file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def digest(path: Path) -> str:
    """SHA-256 of a file, "" for a folder or what is not there."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
