"""The store's tests run twice: on a SQLite file, and on a PostgreSQL server that is started here on loopback."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from invoice_rules.store import Store, open_store

_PATIENCE = 300
"""Seconds that a server may take to start: after a crash it brings every file of hundreds of databases to the disk first."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server of our own; `database()` makes an empty one, or a copy of another, and gives its URL."""

    port: int
    binaries: Path
    data: Path

    def database(self, like: str = "") -> str:
        name = f"store_{secrets.token_hex(6)}"
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(like.rpartition("/")[2])) if like else sql.SQL("")
        self._administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
        if like:
            self._administer(sql.SQL("CHECKPOINT"))  # or a crash would turn the copy's sequences back
        return self._url(name)

    def drop(self, url: str) -> None:
        """Takes a database away, whoever is connected."""
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(url.rpartition("/")[2])))

    def set_default(self, url: str, setting: str, value: str) -> None:
        """As an administrator sets it for a whole database."""
        name = sql.Identifier(url.rpartition("/")[2])
        self._administer(sql.SQL("ALTER DATABASE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value)))

    def crash(self) -> None:
        """As if its computer had died: no checkpoint, no word to anybody; then it is started again and recovers."""
        self.stop()
        self.start()

    def stop(self) -> None:
        _run(self.binaries / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def start(self) -> None:
        folder = self.data.parent
        options = f"-k {folder} -p {self.port} -c listen_addresses=127.0.0.1 -c shared_buffers=64MB"
        _run(self.binaries / "pg_ctl", "-D", self.data, "-o", options, "-l", folder / "log", "-w", "-t", _PATIENCE, "start")

    def _administer(self, statement: sql.Composable) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, database: str) -> str:
        return f"postgresql://postgres:canary-password@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Skips with a reason where PostgreSQL is not installed; fails instead when REQUIRE_ALL=1."""
    binaries = _binaries()
    if binaries is None:
        reason = "PostgreSQL's server programs (initdb, pg_ctl) are not installed"
        pytest.fail(reason) if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port = _free_port()
    try:
        yield _started(binaries, folder, port)
    finally:
        _run(binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _started(binaries: Path, folder: Path, port: int) -> Server:
    secret = folder / "secret"
    secret.write_text("canary-password\n")
    secret.chmod(0o644)
    _run(binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--no-locale")
    made = Server(port, binaries, folder / "data")
    made.start()
    return made


def _run(*command: object, check: bool = True) -> None:
    """PostgreSQL refuses to run as root: there it runs as its own user."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(words, check=check, capture_output=True, cwd="/")


def _binaries() -> Path | None:
    found = shutil.which("pg_ctl")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite")
    return request.getfixturevalue("server").database()


@pytest.fixture
def store(url: str) -> Store:
    return open_store(url, patience=20)


@pytest.fixture
def two_stores(tmp_path: Path, server: Server) -> tuple[Store, Store]:
    """A SQLite store and a PostgreSQL store, to be compared."""
    return open_store(tmp_path / "other.sqlite"), open_store(server.database())


@pytest.fixture
def lite(tmp_path: Path) -> Callable[..., Store]:
    """Opens one and the same SQLite store."""
    return lambda **options: open_store(tmp_path / "lite.sqlite", **options)
