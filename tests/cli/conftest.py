"""The command line as a test sees it: its own home and store, files to import, somebody or nobody at the terminal."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from invoice_rules import open_store
from invoice_rules.cli import app
from invoice_rules.cli.session import Session

HEAD = "Invoice ID,Invoice number,Amount,Amount due,Customer name,Customer ID,Date,Due date,Canceled,Contact e-mail"
RULES = ("--rules", "paystand.receivables")


def row(number: int, amount: str = "100.00", due: str | None = None, **other: str) -> str:
    """One line of a receivables file that is right, but for what is named."""
    cells = {"id": f"I-{number}", "number": str(1000 + number), "amount": amount, "due": due or amount, "name": "Miller Studio", "customer": "C-1"}
    cells |= {"date": "11/02/2026", "due_date": "12/02/2026", "canceled": "no", "email": "ap@miller.co"} | other
    return ",".join(cells.values())


class Outcome:
    """What a command printed and how it ended."""

    def __init__(self, result):
        self.code, self.out, self.err, self.raised = result.exit_code, result.stdout, result.stderr, result.exception

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """stdout with every run of blanks as one, so that wrapped sentences can be found."""
        return " ".join(self.out.split())


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty home: no store yet, nothing of the person who runs the tests."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("INVOICE_RULES_STORE", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(home):
    """Call a command in this process."""

    def call(*args: object, input: str | None = None, mistakes: bool = False) -> Outcome:
        done = Outcome(CliRunner().invoke(app, [str(arg) for arg in args], input=input, catch_exceptions=False))
        logs = [] if mistakes else list(home.rglob("problem-*.log"))
        assert not logs, logs[0].read_text(encoding="utf-8")
        return done

    return call


@pytest.fixture
def answers(run, monkeypatch):
    """Call a command with somebody at the terminal who types these lines."""
    monkeypatch.setattr(Session, "interactive", True)

    def call(*args: object, lines: tuple[str, ...]) -> Outcome:
        return run(*args, input="".join(f"{line}\n" for line in lines))

    return call


@pytest.fixture
def write(home):
    """Write a receivables file of these rows."""

    def make(*rows: str, name: str = "may.csv", head: str = HEAD) -> Path:
        path = home / name
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    return make


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory) -> Path:
    """A store as the first import makes it; made once, for that takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "store.sqlite"
    open_store(path)
    return path


@pytest.fixture
def store(home, empty_store) -> str:
    """A store of the test's own, without an invoice."""
    return str(shutil.copyfile(empty_store, home / "store.sqlite"))
