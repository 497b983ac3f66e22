"""Killed in the middle: the batch is wholly there or absent, the history says so, and doing it again is safe (promises 1 to 3; X-15)."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from invoice_rules.store import check, history, open_store, undo
from tests.store.making import imported, on_file, rows_of

ROOT = Path(__file__).parents[2]
POINTS = 3


def _child(url: str, act: str, where: int) -> str:
    command = [sys.executable, "-m", "tests.store.killed", url, act, str(where)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60).stdout


def _points(steps: int, seed: int, count: int) -> list[int]:
    """Somewhere in the middle, and always the last few, which are the commit and the reading after it."""
    return sorted({*random.Random(seed).sample(range(2, steps), min(count, steps - 2)), steps - 3})


@pytest.mark.parametrize("count", [POINTS, pytest.param(200, marks=pytest.mark.nightly)])
def test_an_import_killed_anywhere(url, tmp_path, count):
    store = open_store(url)
    imported(store, rows_of([500]))
    before = on_file(store)
    steps = int(_child(str(tmp_path / "calibrate.sqlite"), "import", 0).split()[2])
    for where in _points(steps, 3, count):
        earlier = len(history(store))
        told = _child(url, "import", where)
        held = on_file(store)
        whole = len(held) == 201
        assert whole or held == before
        assert whole or "DONE" not in told
        states = history(store)["state"].tolist()
        assert len(states) == earlier or states[0] == ("finished" if whole else "interrupted"), (where, states)
        assert check(store) == []
        if whole:
            undo(history(store)["number"].iloc[0], store)
    assert imported(store, rows_of(range(200))).counts["created"] == 200
    assert check(store) == []


@pytest.mark.parametrize("count", [2, pytest.param(200, marks=pytest.mark.nightly)])
def test_an_undo_killed_anywhere(url, count):
    store = open_store(url)
    imported(store, rows_of(range(50)))
    for where in _points(25, 5, count):
        _child(url, "undo", where)
        assert len(on_file(store)) in (0, 50)
        assert check(store) == []
        if not on_file(store):
            break
    if on_file(store):
        undo(1, store)
    assert on_file(store) == {}
    assert check(store) == []
