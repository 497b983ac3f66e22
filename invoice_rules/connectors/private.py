"""Small files for this user's eyes only, written whole or not at all, and locks that hold between programs."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from invoice_rules.errors import CannotRun
from invoice_rules.folders import config_folder

PATIENCE = 120.0
"""Seconds to wait for another program that holds a lock; longer than any request takes."""


def read(path: Path) -> Any:
    """What a JSON file says; None where there is none. Raises CannotRun where it cannot be understood."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise CannotRun(f"The file {path} cannot be read. Take it away or restore it, then connect again.") from None


def write(path: Path, value: Any) -> None:
    """Put a value into a JSON file that only this user may read. When this returns, a power cut does not take it away."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "w", encoding="utf-8", opener=_only_ours) as out:
            json.dump(value, out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise CannotRun(f"{path} could not be written: {error.strerror or error}.") from None
    _settle(path.parent)


def _only_ours(name: str, flags: int) -> int:
    """Open a file that is made anew, so that nobody's earlier file gives it its rights."""
    Path(name).unlink(missing_ok=True)
    return os.open(name, flags | os.O_EXCL, 0o600)


def _settle(folder: Path) -> None:
    """Make the new name of a file durable, where the system knows how."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def mark(name: str) -> str:
    """A short name for files that stands for any text."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One program at a time for each name; the others wait. Not to be taken twice by one thread."""
    folder = config_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{mark(name)}.lock", timeout=PATIENCE):
            yield
    except Timeout:
        raise CannotRun("Another program has been busy with this connection for two minutes. Close it, then try again.") from None
