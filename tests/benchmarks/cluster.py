"""A PostgreSQL server of our own for the benchmarks: in a folder that goes away, on a socket in it, durable as it comes (fsync on)."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def postgresql() -> Iterator[Callable[[], str] | None]:
    """Gives a function that makes an empty database and returns its URL; None where the server's programs are not installed."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        _run(binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        _run(binaries / "pg_ctl", "-D", folder / "data", "-o", f"-k {folder} -c listen_addresses=", "-l", folder / "log", "-w", "start")
        made: list[str] = []
        yield lambda: _database(folder, made)
    finally:
        _run(binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _database(folder: Path, made: list[str]) -> str:
    """The one before goes away: each run has the disk to itself. What it wrote is flushed, so that nobody pays for another."""
    url = f"postgresql://postgres@/{{}}?host={folder}"
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        while made:
            connection.execute(f"DROP DATABASE IF EXISTS {made.pop()} WITH (FORCE)")
        name = f"bench_{os.urandom(4).hex()}"
        connection.execute(f"CREATE DATABASE {name}")
        connection.execute("CHECKPOINT")
    made.append(name)
    return url.format(name)


def _run(*command: object, check: bool = True) -> None:
    """PostgreSQL refuses to run as root: there it runs as its own user."""
    words = [str(word) for word in command]
    subprocess.run(["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words, check=check, capture_output=True, cwd="/")


def _binaries() -> Path | None:
    places = [Path(found).parent for found in [shutil.which("pg_ctl")] if found] + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)
