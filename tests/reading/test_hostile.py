"""Files made to do harm, read and checked: rows or one clear message, in bounded time and memory, and the process lives (promise 7)."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from invoice_rules.marks import BAD
from invoice_rules.reading import read
from invoice_rules.workbooks.edits import Edits
from invoice_rules.workbooks.patching import Patch
from tests.modules import ROOT
from tests.reading import (
    hostile,
    hostile_kinds,  # noqa: F401 # enters its files into the corpus
)
from tests.reading.files import refusal, workbook

pytestmark = pytest.mark.xdist_group("hostile")  # one worker writes and reads the corpus, not each

SECONDS, MEGABYTES = 5, 500
PLAIN = b"invoiceId,amount\nINV-1,5.00\n"


@dataclass
class Went:
    """How all files of a folder went: what was told of each by the name it had, and the memory of the process with its children."""

    told: dict[str, dict]
    megabytes: dict[str, float]


@pytest.fixture(scope="module")
def went(tmp_path_factory) -> Went:
    """The corpus in its usual size, read in one process."""
    return run(tmp_path_factory.mktemp("hostile"), big=False)


def run(folder: Path, big: bool) -> Went:
    """Write the corpus, read it in a process of its own, and look that nothing else was touched."""
    sandbox, files = folder / "sandbox", folder / "files"
    for made in (sandbox, files):
        made.mkdir()
    names = hostile.write(files, big)
    (folder / "first.xlsx").write_bytes(workbook(hostile.ROWS))
    before = {path.name: path.stat().st_mtime_ns for path in files.iterdir()}
    told, megabytes = watched(files, folder / "first.xlsx", sandbox)
    assert {path.name: path.stat().st_mtime_ns for path in files.iterdir()} == before
    assert not list(sandbox.rglob("*"))
    real = {path.name: name for path, name in zip(sorted(files.iterdir()), names, strict=True)}
    return Went({real[name]: its for name, its in told.items()}, {real.get(name, name): its for name, its in megabytes.items()})


def watched(files: Path, first: Path, sandbox: Path) -> tuple[dict[str, dict], dict[str, float]]:
    """(what was told of each file, the memory at most while it was read)."""
    home = {"HOME": str(sandbox), "TMPDIR": str(sandbox), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "tests.reading.victim", str(files), str(first)]
    with subprocess.Popen(
        command, cwd=sandbox, env={**os.environ, **home}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        told, peaks, at = {}, {}, ["start"]
        over = threading.Event()
        watcher = threading.Thread(target=weigh, args=(process.pid, at, peaks, over))
        watcher.start()
        try:
            for line in process.stdout:
                word, _, rest = line.partition(" ")
                if word == "reading":
                    at[0] = json.loads(rest)
                else:
                    its = json.loads(rest)
                    told[its["name"]] = its
        finally:  # or an interrupted run would never end
            over.set()
            watcher.join()
        assert process.wait() == 0, f"it died while reading {at[0]}: {process.stderr.read()[-2_000:]}"
    return told, peaks


def took(its: dict) -> float:
    """Seconds that a file took where nothing else runs: on a busy machine the wall clock tells of others too, up to a point."""
    return its["cpu"] if its["seconds"] < 10 * SECONDS else its["seconds"]


def weigh(pid: int, at: list[str], peaks: dict[str, float], over: threading.Event) -> None:
    """Note the memory of a process and its children, many times a second."""
    while not over.wait(0.004):
        own = resident(pid)
        now = own + sum(its for its in map(resident, children(pid)) if its != own)  # a child that has only been born shares all of it
        peaks[at[0]] = max(peaks.get(at[0], 0), now)


def children(pid: int) -> list[int]:
    try:
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except OSError:
        return []


def resident(pid: int) -> float:
    """Megabytes in memory that are a process's own."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE") / 1_000_000 if pages else 0


@pytest.mark.parametrize("kind", sorted({name.rpartition(".")[2] for name in hostile.MAKERS}))
def test_rows_or_one_clear_message(went, kind):
    for name, its in went.told.items():
        if name.endswith(kind):
            said = its["said"]
            assert its["rows"] or said.endswith(".") and len(said) < 900 and "Traceback" not in said, (name, its)
            assert len(its["longest"]) < 900, (name, its)
            assert took(its) < SECONDS, name


def test_every_file_was_read_and_no_other_touched(went):
    assert went.told.keys() == hostile.MAKERS.keys()
    assert not {name: its["touched"] for name, its in went.told.items() if its["touched"]}


def test_memory_stays_small(went):
    """The process and its children together, on every file."""
    assert len(went.megabytes) > 50
    assert not {name: its for name, its in went.megabytes.items() if its > MEGABYTES}


def test_no_bomb_is_read(went):
    """What is refused for its own reason, not by luck."""
    refused = (
        "bomb in",
        "bomb that",
        "4 GB by the",
        "encrypted",
        "sheet twice",
        "absolute name",
        "name with ..",
        "foreign entity",
        "billion laughs",
        "merged A1:XFD",
        "two cells in opposite",
        "far cell",
        "cut at",
        "overlapping",
    )
    read_all_the_same = {name for name, its in went.told.items() if name.startswith(refused) and its["rows"]}
    assert not read_all_the_same


@pytest.mark.nightly
def test_the_large_ones(tmp_path):
    """The same attacks with files up to twenty times as large: bounded too, in proportion to their size."""
    went = run(tmp_path, big=True)
    assert went.told.keys() == hostile.MAKERS.keys()
    assert not {name: its for name, its in went.told.items() if its["touched"] or not (its["rows"] or its["said"].endswith("."))}
    assert not {name: took(its) for name, its in went.told.items() if took(its) > SECONDS * max(1, its["size"] / 10_000_000)}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", hostile.NAMES, ids=ascii)
def test_a_name_is_no_pattern_and_no_address(tmp_path, monkeypatch, name):
    """Only the file of that name is read, whatever it looks like."""
    monkeypatch.chdir(tmp_path)
    for neighbour in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / neighbour).write_bytes(PLAIN * 3)
    (tmp_path / name).write_bytes(PLAIN)
    for source in (name, tmp_path / name, (name, PLAIN)):
        if name.endswith(".json"):
            assert name in refusal(source)
        else:
            assert len(read(source)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.csv",
        "file:///etc/hostname",
        "s3://a/b.csv",
        "ftp://a/b",
        "\\\\host\\share\\x.csv",
        "*.csv",
        "a\0b.csv",
        "",
        "x" * 5_000,
    ],
)
def test_an_address_is_no_file(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(PLAIN)
    assert refusal(address).endswith(".")


def test_messages_say_what_to_do(went):
    said = {name: its["said"] for name, its in went.told.items()}
    assert "row 1,048,576 and column 16,384" in said["two cells in opposite corners.xlsx"]
    assert "document type declaration" in said["billion laughs in the sheet.xlsx"]
    assert "times its size" in said["bomb in the sheet.xlsx"]
    assert "password" in said["encrypted flag.xlsx"]
    assert "far more rows than its cells can fill" in said["512 columns, many short lines.csv"]
    assert "elements" in said["8 M elements in the sheet.xlsx"]
    assert "elements" in said["8 M elements in the styles.xlsx"]
    assert "a text of more than 16 MB" in said["line ends by the 40 M.xlsx"]
    assert "row 1,048,576 and column 16,384" in said["far cell in a part called .dat.xlsx"]
    assert "save it anew" in said["styles in another part.xlsx"]
    assert "Choose the workbook that holds the rows." in said["only a chart.xlsx"]
    assert 'merged cells "A:A"' in said["merged A:A.xlsx"]
    assert 'a number format with the number "abc"' in said["number of a format abc.xlsx"]


class NoStyles:
    """Every tint is style 7."""

    def __call__(self, base: int, tint: object) -> int:
        return 7


def test_rows_that_are_not_there_cost_no_look_through_all_others():
    """A row that has no tag gets one before the first with a greater number, wherever that stands (X-16)."""
    there = [3, 1, *range(4, 200_000), 300_000, 250_000]
    text = b"<worksheet><sheetData>" + b"".join(b'<row r="%d"/>' % row for row in there) + b"</sheetData></worksheet>"
    edits = Edits({row: [(0, BAD)] for row in [2, *range(200_000, 200_900), 310_000]})
    begun = time.process_time()
    made = b"".join(Patch(text, "x.xlsx", NoStyles()).pieces(edits))
    assert time.process_time() - begun < 3
    rows = [int(number) for number in re.findall(rb'<row r="(\d+)"', made)]
    assert rows == [2, 3, 1, *range(4, 200_900), 300_000, 250_000, 310_000]
