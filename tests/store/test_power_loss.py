"""Power lost at any moment of imports, an undo and the making of the store: told means kept, whole or nothing (promises 1, 2, 10)."""

import os
import random
import shutil
import threading
from pathlib import Path

import pytest

from invoice_rules.store import check, commit, open_store, undo
from tests.store import faults
from tests.store.making import on_file, planned, rows_of
from tests.store.power import Disk, Op, recorded

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def _strace():
    if missing := faults.strace_missing():
        pytest.skip(missing)


def days_work(path: Path, say) -> None:
    """A store in a new folder, three imports and an undo, each told when it is done."""
    store = open_store(path)
    for turn, rows in enumerate((rows_of(range(200)), rows_of(range(100, 300), amountDue="100.00"), rows_of(range(50), amountDue="0"))):
        commit(planned(store, rows, name=f"{turn}.csv"))
        say(f"TOLD {turn + 1}")
    undo(2, open_store(path, patience=5))
    say("TOLD 4")


def _books(path: Path) -> dict[str, tuple]:
    return on_file(open_store(path), "balance", "status", "version")


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> tuple[Path, list[Op], list[dict[str, tuple]]]:
    """Where the store is, all that was done to the disk, and the books after each step."""
    folder = tmp_path_factory.mktemp("disk")
    path, states = folder / "new" / "books" / "store.sqlite", []
    ops = recorded(lambda say: days_work(path, say), folder)
    days_work(folder / "model.sqlite", lambda _: states.append(_books(folder / "model.sqlite")))
    return path, ops, [{}, *states]


@pytest.mark.parametrize("states", [60, pytest.param(600, marks=pytest.mark.nightly)])
def test_a_power_cut_at_any_moment(states, day, tmp_path):
    path, ops, books = day
    assert books[1] != books[2] != books[3] != books[4] and len(books) == 5
    chance, seen = random.Random(states), set()
    moments = [0, *(at + 1 for at, op in enumerate(ops) if op.what == "told")]
    moments += [chance.randrange(len(ops) + 1) for _ in range(states - len(moments))]
    for moment in moments:
        found, told = _after_a_cut(ops, moment, chance)
        held = _restored(found, path, tmp_path)
        assert held in books, f"partial, when {told} were told"
        assert books.index(held) >= told, f"batch {told} was told and is lost"
        seen.add(books.index(held))
    assert seen == {0, 1, 2, 3, 4}


def _after_a_cut(ops: list[Op], moment: int, chance: random.Random) -> tuple[dict[str, bytes], int]:
    disk, told = Disk(), 0
    for op in ops[:moment]:
        if op.what == "told":
            told = int(op.data.split()[1])
        else:
            disk.do(op)
    return disk.lose_power(chance), told


def _restored(found: dict[str, bytes], path: Path, folder: Path) -> dict[str, tuple]:
    """The books of the store that the next start finds; its own check finds nothing."""
    place = folder / "found"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name, data in found.items():
        (place / Path(name).name).write_bytes(data)
    assert set(found) <= {str(path), f"{path}-journal"}
    store = open_store(place / path.name)
    assert check(store) == []
    return on_file(store, "balance", "status", "version")


def _at_once(folder: Path, say) -> None:
    """Threads that write to files of their own at the same time: their calls interrupt each other."""

    def write(name: int) -> None:
        with (folder / f"{name}.bin").open("wb", buffering=0) as file:
            for at in range(300):
                os.pwrite(file.fileno(), bytes([name]) * 4096, at * 4096)
            os.fsync(file.fileno())

    threads = [threading.Thread(target=write, args=[name]) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say("TOLD 1")


def test_no_call_of_threads_at_once_is_left_out(tmp_path):
    ops = recorded(lambda say: _at_once(tmp_path, say), tmp_path)
    for name in range(4):
        mine = [op for op in ops if op.path.endswith(f"{name}.bin")]
        assert [op.what for op in mine] == ["make", *["write"] * 300, "sync"]
        assert [op.at for op in mine if op.what == "write"] == [at * 4096 for at in range(300)]
    assert ops[-1].what == "told"


def test_the_model_of_the_disk_would_find_a_store_that_does_not_sync(tmp_path, monkeypatch):
    """The same replay, with a store that leaves syncing to chance: it loses what it told, or falls apart."""
    path = tmp_path / "careless" / "store.sqlite"
    ops = [op for op in recorded(lambda say: days_work(path, say), tmp_path) if op.what != "sync" or op.path.endswith("journal")]
    model, books = tmp_path / "model.sqlite", [{}]
    days_work(model, lambda _: books.append(_books(model)))
    chance = random.Random(5)
    assert any(_fails(ops, path, books, chance, tmp_path) for _ in range(40))


def _fails(ops: list[Op], path: Path, books: list[dict[str, tuple]], chance: random.Random, folder: Path) -> bool:
    found, told = _after_a_cut(ops, len(ops), chance)
    try:
        held = _restored(found, path, folder)
    except Exception:  # noqa: BLE001 - a store that cannot be read any more is what is looked for
        return True
    return held not in books or books.index(held) < told
