"""Killed, or out of disk, at the system calls of an import, an undo and the making of a store: whole or nothing (promises 1 to 3, 9, 15)."""

import dataclasses
import functools
import shutil
import signal

import pytest

from invoice_rules.store import check, commit, history, open_store, undo
from tests.store import faults
from tests.store.making import imported, on_file, planned, rows_of

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
EVERY = [pytest.param(10, id="every tenth call"), pytest.param(1, id="every call", marks=pytest.mark.nightly)]


@pytest.fixture(autouse=True)
def _strace():
    if missing := faults.strace_missing():
        pytest.skip(missing)


class Scene:
    """A store as it is before an act, the act itself, and what the books hold before and after it."""

    def __init__(self, folder, act_on):
        self.base, self.path, self._act_on = folder / "base.sqlite", folder / "store.sqlite", act_on
        self.before = self.books(self.base)
        self.fresh()
        self.act()
        self.after = self.books(self.path)

    def fresh(self):
        for suffix in ("", "-journal"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.base, self.path)

    def act(self):
        return self._act_on(self.path)

    def points(self, every):
        self.fresh()
        calls = faults.calls_of(self.act, self.path)
        assert len(calls) > 20
        return [*calls[::every], *calls[-3:]]

    def books(self, path):
        store = open_store(path)
        assert check(store) == []
        return on_file(store)

    def held(self, told):
        """The books after a fault: as before or as after, never between; what was told is kept."""
        books = self.books(self.path)
        assert books in (self.before, self.after)
        if told == "DONE":
            assert books == self.after
        return books


def importing(folder):
    store = open_store(folder / "base.sqlite")
    imported(store, rows_of(range(150)))
    plan = planned(store, rows_of(range(100, 300), amountDue="100.00"))

    def act(where):
        return commit(dataclasses.replace(plan, store=open_store(where)))

    return Scene(folder, act)


def undoing(folder):
    store = open_store(folder / "base.sqlite")
    imported(store, rows_of(range(150)))
    imported(store, rows_of(range(100, 300), amountDue="100.00"))
    return Scene(folder, lambda where: undo(2, open_store(where)))


SCENES = {"import": importing, "undo": undoing}


@pytest.fixture(scope="module")
def scene_of(tmp_path_factory):
    """Scenes by act, each made once."""
    return functools.cache(lambda act: SCENES[act](tmp_path_factory.mktemp(act)))


def again(scene, books):
    """The act once more, where it left nothing: it ends as it would have the first time, and nothing is there twice."""
    if books != scene.after:
        scene.act()
        assert scene.books(scene.path) == scene.after


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("act", SCENES)
def test_killed_at_the_system_calls(act, every, scene_of):
    scene = scene_of(act)
    deaths = 0
    for call, turn in scene.points(every):
        scene.fresh()
        told, ended = faults.killed(scene.act, call, turn)
        deaths += ended == signal.SIGKILL
        again(scene, scene.held(told))
    assert deaths > 5


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("act", SCENES)
def test_a_failing_disk_at_the_system_calls(act, error, every, scene_of):
    scene = scene_of(act)
    failures = 0
    for call, turn in scene.points(every if every == 1 else 3 * every):
        scene.fresh()
        told, _ = faults.refused(scene.act, call, turn, error)
        failures += told.startswith("ERROR")
        again(scene, scene.held(told))
    assert failures > 3


@pytest.mark.parametrize("every", EVERY)
def test_killed_while_a_store_is_made(every, tmp_path):  # promise 15
    path = tmp_path / "store.sqlite"
    calls = faults.calls_of(lambda: open_store(path), path)
    assert len(calls) > 10
    for call, turn in calls[::every]:
        for file in tmp_path.iterdir():
            file.unlink()
        faults.killed(lambda: open_store(path), call, turn)
        store = open_store(path)
        assert check(store) == []
        assert imported(store, rows_of(range(3))).counts["created"] == 3
        assert len(history(store)) == 1
