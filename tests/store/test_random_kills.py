"""Large imports killed at any moment, on both stores, and a server that dies under one: whole or nothing (promises 1 to 3)."""

import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store import Store, check, history, open_store
from invoice_rules.store.tables import batches, invoices, outcomes
from tests.store.children import Child
from tests.store.making import import_file, written_file

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

PHASES = ("", "CHECKED", "STORING", "STORING", "STORING", "TOLD")
"""After which word the moment is chosen: most of them while it is being stored."""


class Scene:
    """A store with some invoices, and a file that updates some of them and brings more."""

    def __init__(self, folder: Path, rows: int, server=None):
        self.folder, self.server = folder, server
        self.url = self.base = server.database() if server else str(folder / "base.sqlite")
        old = written_file(folder / "old.csv", range(rows // 5))
        import_file(self.base, old, lambda line: None)
        self.file = written_file(folder / "new.csv", range(rows // 10, rows // 10 + rows), lambda n: 7)
        self.fresh()
        self.before = self.held()
        self.lengths = self._measured()
        self.after = self.held()
        self.fresh()

    def fresh(self):
        """The store as it was at first."""
        if self.server:
            if self.url != self.base:
                self.server.drop(self.url)
            self.url = self.server.database(like=self.base)
        else:
            self.url = str(self.folder / "store.sqlite")
            (self.folder / "store.sqlite-journal").unlink(missing_ok=True)
            shutil.copy(self.base, self.url)

    def child(self) -> Child:
        return Child(lambda say: import_file(self.url, self.file, say))

    def _measured(self) -> dict[str, float]:
        """How long each phase takes when nothing happens."""
        child, lengths = self.child(), {}
        for word, until in (("", "CHECKED"), ("CHECKED", "STORING"), ("STORING", "TOLD"), ("TOLD", "DONE")):
            began = time.monotonic()
            assert child.until(until), child.lines
            lengths[word] = time.monotonic() - began
        child.end()
        return lengths

    def held(self) -> tuple[int, ...]:
        """A fingerprint of the books: counts and sums, which `check` ties to the history."""
        with open_store(self.url).writing() as connection:  # waits for a server that is still at the dead one's work
            return (*_sums(connection, invoices, "amount", "balance", "version", "changed"), *_sums(connection, outcomes, "batch"), *_sums(connection, batches, "number"))


def _sums(connection: sa.Connection, table: sa.Table, *names: str) -> tuple[int, ...]:
    wanted = [sa.func.coalesce(sa.func.sum(table.c[name]), 0) for name in names]
    return tuple(int(value) for value in connection.execute(sa.select(sa.func.count(), *wanted).select_from(table)).one())


def judged(scene: Scene, told: list[str]) -> bool:
    """Whether the import is in; that it is wholly in or not at all, and in if it was told."""
    held, store = scene.held(), open_store(scene.url)
    assert held in (scene.before, scene.after), (held, told)
    whole = held == scene.after
    assert whole or not any(line.startswith("TOLD") for line in told), told
    assert check(store) == []
    assert history(store)["state"].iloc[0] == "finished" if whole else _lost(store, told)
    return whole


def _lost(store: Store, told: list[str]) -> bool:
    """A begun import that left nothing says so; one that died earlier left no trace at all."""
    states = history(store)["state"].tolist()
    begun = any(line.startswith("STORING") for line in told)
    return states[0] in ("interrupted", "failed") if begun else states[0] in ("interrupted", "failed", "finished")


def again(scene: Scene) -> None:
    """The same file once more changes nothing."""
    made = import_file(scene.url, scene.file, lambda line: None)
    assert {word: count for word, count in made.counts.items() if count} == {"unchanged": made.details["rows"]}


def killed_often(scene: Scene, kills: int, seed: int) -> Counter:
    """Each new try is a re-run after the last kill, until one of them goes in; then all begins anew."""
    chance, seen = random.Random(seed), Counter()
    for turn in range(kills):
        word = PHASES[turn % len(PHASES)]
        child = scene.child()
        assert not word or child.until(word), child.lines
        time.sleep(chance.random() * scene.lengths[word])
        child.kill()
        told = child.end()
        seen["killed" if child.ended_by else "over"] += 1
        if judged(scene, told):
            seen["whole"] += 1
            if seen["whole"] % 5 == 1:
                again(scene)
            scene.fresh()
        else:
            seen["nothing"] += 1
    import_file(scene.url, scene.file, lambda line: None)
    assert scene.held()[:3] == scene.after[:3]
    return seen


@pytest.mark.parametrize(("rows", "kills"), [(1_000, 6), pytest.param(100_000, 100, marks=pytest.mark.nightly)])
def test_killed_at_random_on_sqlite(rows, kills, tmp_path):
    seen = killed_often(Scene(tmp_path, rows), kills, seed=11)
    assert seen["killed"] > kills // 2 and seen["whole"] and seen["nothing"], seen


@pytest.mark.parametrize(("rows", "kills"), [(1_000, 6), pytest.param(100_000, 50, marks=pytest.mark.nightly)])
def test_killed_at_random_on_postgresql(rows, kills, tmp_path, server):
    seen = killed_often(Scene(tmp_path, rows, server), kills, seed=12)
    assert seen["killed"] > kills // 2 and seen["whole"] and seen["nothing"], seen


@pytest.mark.parametrize(("rows", "crashes"), [(1_000, 2), pytest.param(30_000, 20, marks=pytest.mark.nightly)])
def test_a_server_that_dies_while_importing(rows, crashes, tmp_path, server):
    scene, chance = Scene(tmp_path, rows, server), random.Random(13)
    for turn in range(crashes):
        child = scene.child()
        word = ("STORING", "TOLD", "CHECKED")[turn % 3]
        assert child.until(word), child.lines
        time.sleep(chance.random() * scene.lengths[word])
        server.crash()
        told = child.end()
        assert told[-1].startswith(("DONE", f"ERROR {CannotRun.__name__} ")), told
        if judged(scene, told):
            again(scene)
            scene.fresh()
