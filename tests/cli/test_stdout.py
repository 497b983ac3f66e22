"""Nobody takes what a command prints: its reader went away, or the disk is full. Run as a command, for it is about its own standard output."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.making import receivable

FULL = Path("/dev/full")


def command(folder, *words, stdout=None):
    """(exit code, what it said on stderr) of the command, whose output is read by nobody or goes to the file `stdout`."""
    variables = {**os.environ, "INVOICE_RULES_STORE": f"sqlite:///{folder / 'books.sqlite'}"}
    if stdout is not None:
        with stdout.open("wb") as file:
            run = subprocess.run([sys.executable, "-m", "invoice_rules.cli", *words], stdout=file, stderr=subprocess.PIPE, text=True, env=variables, check=False)
        return run.returncode, " ".join(run.stderr.split())
    read, write = os.pipe()
    os.close(read)
    try:
        run = subprocess.run([sys.executable, "-m", "invoice_rules.cli", *words], stdout=write, stderr=subprocess.PIPE, text=True, env=variables, check=False)
    finally:
        os.close(write)
    return run.returncode, " ".join(run.stderr.split())


@pytest.fixture
def file(tmp_path):
    rows = [receivable(0, amount="300"), receivable(1, amount="200", amountDue="50")]
    path = tmp_path / "may.csv"
    path.write_text("\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows), ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize("json", [[], ["--json"]], ids=["words", "json"])
def test_an_import_is_done_whoever_reads_what_it_prints(tmp_path, file, json):
    code, said = command(tmp_path, "import", str(file), "--rules", "paystand.receivables", "--yes", *json)
    assert (code, said) == (0, "What was printed could not be written to its end. What the command did is done all the same: `history` lists it.")
    listed = tmp_path / "history.txt"
    assert command(tmp_path, "history", stdout=listed) == (0, "") and "2 created" in listed.read_text(encoding="utf-8")
    code, said = command(tmp_path, "invoices")
    assert (code, said) == (141, "")


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told_in_words(tmp_path, file):
    assert command(tmp_path, "check", str(file), "--rules", "paystand.receivables", stdout=FULL) == (2, "What the command prints could not be written: No space left on device.")
    code, said = command(tmp_path, "import", str(file), "--rules", "paystand.receivables", "--yes", stdout=FULL)
    assert code == 0 and "is done all the same" in said
