"""A command that is told from outside to stop clears away what it began, says so, and ends with 143 (X-15). Run as a command: it is about its process."""

import os
import subprocess
import sys

import pytest

from invoice_rules.cli import stopping
from tests.making import receivable

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without telling it")


@pytest.fixture
def stopped(tmp_path):
    """(exit code, stderr) of a command whose process is told to stop, twice, when a function of the engine is called first."""

    def run(module: str, name: str, *words: str) -> tuple[int, str]:
        script = f"""
import os, signal, sys
import {module} as module
from invoice_rules.cli import main
real, calls = module.{name}, []
def told(*args, **more):
    calls.append(1)
    if len(calls) == 1:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
    return real(*args, **more)
module.{name} = told
main(sys.argv[1:])
"""
        command = [sys.executable, "-c", script, "--store", str(tmp_path / "books.sqlite"), *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stderr

    return run


@pytest.fixture
def plainly(tmp_path):
    """What a command prints."""
    command = [sys.executable, "-m", "invoice_rules.cli", "--store", str(tmp_path / "books.sqlite")]
    return lambda *words: subprocess.run([*command, *words], capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, timeout=60).stdout


@pytest.fixture
def file(tmp_path) -> str:
    rows = [receivable(number, amount="300") for number in range(3)]
    (tmp_path / "may.csv").write_text("\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows), ""]), encoding="utf-8")
    return "may.csv"


def test_a_half_written_export_is_taken_away(tmp_path, stopped, plainly, file):
    plainly("import", file, "--rules", "paystand.receivables", "--yes")
    before = {path.name for path in tmp_path.iterdir()}
    for name in ("list.csv", "list.json"):
        function = "_csv_column" if name.endswith("csv") else "json_rows"
        assert stopped("invoice_rules.exporting", function, "invoices", "--out", name) == (143, stopping.SAID + "\n")
        assert {path.name for path in tmp_path.iterdir()} == before


def test_an_unfinished_import_wrote_nothing(stopped, plainly, file):
    """Told to stop at the last step of its transaction."""
    assert stopped("invoice_rules.store.chain", "append", "import", file, "--rules", "paystand.receivables", "--yes") == (143, stopping.SAID + "\n")
    assert "No invoice on file" in plainly("invoices")
    assert "3 created" in plainly("import", file, "--rules", "paystand.receivables", "--yes")
    assert "Nothing is wrong" in plainly("store", "check")


def test_the_sentence_is_one_line():
    assert len(stopping.SAID) <= 100
