"""Coverage-guided fuzzing of every parser of what strangers send: never another exception than `CannotRun`, never slow, never large.

Ten seconds a parser here, always along the same path, so that a run that passed passes again; an hour along a new one by `make nightly`. What was
found lies in `finds`, a folder a target, and is tried at every run.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.seeds import LONGEST, seeds
from tests.modules import ROOT

NAMES = ("csv", "json", "container", "sheet", "parts", "amounts", "dates", "words", "headings")
FINDS = Path(__file__).parent / "finds"
THE_SAME_PATH = 20_261_121
PORTION = 60
"""Seconds that one process fuzzes: what counts the branches there keeps some kilobytes of each run for ever (none are kept without it)."""
SHARED = ROOT.parent / "shared" / "data"

pytest.importorskip("atheris", reason="atheris, which fuzzes, is not installed here")


def fuzzed(name: str, folder: Path, seconds: int, path: int) -> None:
    """Fuzz one target for so long, a portion after the other from what was found before; fails with what went wrong and the input that did it."""
    corpus, found = folder / "corpus", folder / "found"
    for made in (corpus, found):
        made.mkdir()
    for at, seed in enumerate(seeds(name, SHARED)):
        (corpus / f"{at:04}").write_bytes(seed)
    for start in range(0, seconds, PORTION):
        portion(name, corpus, found, min(PORTION, seconds - start), path + start)


def portion(name: str, corpus: Path, found: Path, seconds: int, path: int) -> None:
    """One process."""
    limits = (
        f"-seed={path}",
        f"-max_total_time={seconds}",
        f"-max_len={2 * LONGEST}",
        "-timeout=5",
        "-rss_limit_mb=800",
        f"-artifact_prefix={found}/",
        "-print_final_stats=1",
    )
    done = run(name, *limits, str(corpus))
    inputs = {path.name: path.read_bytes()[:300] for path in found.iterdir()}
    assert done.returncode == 0, f"{name}: {inputs}\n{done.stdout[-3_000:]}{done.stderr[-1_000:]}"
    executed = int(done.stderr.rpartition("stat::number_of_executed_units:")[2].split()[0])
    assert executed > 5 * seconds


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run; a shell stands between, for a program starts with the peak of memory of the one that started it, which here may be large."""
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    return subprocess.run(
        ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-m", "tests.fuzz.targets", name, *arguments],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        errors="replace",
    )


@pytest.mark.parametrize("name", NAMES)
def test_ten_seconds_of_fuzzing(name, tmp_path):
    fuzzed(name, tmp_path, 10, THE_SAME_PATH)


@pytest.mark.nightly
@pytest.mark.parametrize("name", NAMES)
def test_an_hour_of_fuzzing(name, tmp_path):
    fuzzed(name, tmp_path, 3_600, random.SystemRandom().randrange(1, 2**30))


@pytest.mark.parametrize("name", [folder.name for folder in sorted(FINDS.glob("*"))])
def test_what_was_found_is_answered_now(name):
    assert name in NAMES
    done = run(name, "-timeout=5", *map(str, sorted((FINDS / name).iterdir())))
    assert done.returncode == 0, done.stdout[-3_000:]
