"""A copy of a store, whole and usable, taken while others work."""

import os
import shutil
import sqlite3
import subprocess
import uuid
from contextlib import closing
from pathlib import Path

from invoice_rules.errors import CannotRun
from invoice_rules.store.addresses import without_password
from invoice_rules.store.engines import telling
from invoice_rules.store.opening import Store, sync_names


def backup(store: Store, path: str | os.PathLike[str]) -> Path:
    """Copies the store to a file that is not there yet: a SQLite store, or for PostgreSQL what pg_dump writes.

    Raises CannotRun when the file exists, cannot be written, or pg_dump is not installed.
    """
    target = Path(path).expanduser().absolute()
    if target.exists():
        raise CannotRun(f"{target} is there already and is not overwritten. Choose another name.")
    if not target.parent.is_dir():
        raise CannotRun(f"There is no folder {target.parent}. Make it, or choose another.")
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        (_sqlite if store.address.path else _postgresql)(store, part)
        part.replace(target)
        sync_names(target.parent)
    except OSError as error:
        raise CannotRun(f"The copy could not be written to {target}: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _sqlite(store: Store, part: Path) -> None:
    with telling(store.label), closing(sqlite3.connect(part)) as copy:
        with closing(sqlite3.connect(f"{store.address.path.as_uri()}?mode=ro", uri=True)) as source:  # type: ignore[union-attr]  # a SQLite store has a path
            _copied(source, copy, part)
        answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        raise CannotRun(f"The copy of {store.label} is damaged, so it was thrown away. Run `store check`.")


def _copied(source: sqlite3.Connection, copy: sqlite3.Connection, part: Path) -> None:
    """The store itself is only read here, so it is the disk of the copy that is full."""
    try:
        source.backup(copy)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_FULL":
            raise
        raise CannotRun(f"The copy could not be written: the disk with the folder {part.parent} is full. Free some space, or choose another folder.") from error


def _postgresql(store: Store, part: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise CannotRun("pg_dump is not installed on this computer. Install PostgreSQL's client programs, or ask the server's administrator for a copy.")
    url = store.address.url
    secret = {"PGPASSWORD": url.password} if url.password else {}
    address = without_password(url)
    run = subprocess.run([program, "--format=custom", f"--file={part}", f"--dbname={address}"], env={**os.environ, **secret}, capture_output=True, text=True, check=False)
    if run.returncode:
        raise CannotRun(f"pg_dump could not copy {store.label}: {run.stderr.strip()[:300]}")
