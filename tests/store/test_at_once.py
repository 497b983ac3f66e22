"""Four importers at once, each a process of its own, and readers beside them: as if one had come after the other (promises 3 and 4)."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.store import CannotUndo, check, commit, history, open_store, receipt, undo
from tests.store.children import Child, Say, all_of
from tests.store.making import import_file, on_file, planned, rows_of, written_file

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
ROUNDS = [1, pytest.param(20, marks=pytest.mark.nightly)]
PATIENCE = 120
COLUMNS = ("number", "customer", "amount", "balance", "status", "version")


def work(url: str, files: list[Path], takes_back: bool) -> Callable[[Say], None]:
    """One importer: these files in turn; the last but one of them is taken back at the end, if nothing is in the way."""

    def act(say: Say) -> None:
        made = [import_file(url, file, say) for file in files]
        if takes_back:
            try:
                say(f"UNDID {undo(made[-2].number, open_store(url)).number}")
            except CannotUndo:
                say("IN THE WAY")

    return act


def files_of(folder: Path, chance: random.Random, turns: int) -> list[list[Path]]:
    """For each of four importers: the same file for all, then files of its own that overlap with those of the others."""
    same = written_file(folder / "same.csv", range(300))
    found = []
    for worker in range(4):
        mine = [same]
        for turn in range(turns):
            start, due = chance.randrange(250), 400 - 100 * turn - 20 * worker
            mine.append(written_file(folder / f"{worker}-{turn}.csv", range(start, start + 150), lambda n, due=due: due))
        found.append(mine)
    return found


def in_turn(url: str, files: dict[str, Path], again: str) -> None:
    """The batches of a store once more, one after the other, on another store: the same books, the same receipts."""
    first, second = open_store(url), open_store(again)
    for number in sorted(history(first)["number"].dropna()):
        made = receipt(int(number), first)
        done = import_file(again, files[made.source], lambda line: None) if made.kind == "import" else undo(made.details["undoes"], second)
        assert (done.number, done.counts, done.totals) == (made.number, made.counts, made.totals)
    assert on_file(first, *COLUMNS) == on_file(second, *COLUMNS)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_four_importers_leave_what_one_after_the_other_would(kind, rounds, tmp_path, request):
    chance = random.Random(21)
    for turn in range(rounds):
        folder = tmp_path / str(turn)
        folder.mkdir()
        url = str(folder / "store.sqlite") if kind == "sqlite" else request.getfixturevalue("server").database()
        files = files_of(folder, chance, 1 if rounds == 1 else 3)
        began = time.monotonic()
        with all_of(*[work(url, mine, takes_back=worker == 0) for worker, mine in enumerate(files)]) as importers:
            told = [importer.end() for importer in importers]
        assert time.monotonic() - began < PATIENCE
        assert [lines[-1] for lines in told] == ["DONE"] * 4, told
        numbers = [int(line.split()[1]) for lines in told for line in lines if line.startswith(("TOLD", "UNDID"))]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "every batch is told once"
        assert check(open_store(url)) == []
        in_turn(url, {file.name: file for mine in files for file in mine}, str(folder / "again.sqlite"))


def test_the_same_file_from_all_four_goes_in_once(url, tmp_path):  # promise 3
    file = written_file(tmp_path / "same.csv", range(500))
    with all_of(*[lambda say: import_file(url, file, say)] * 4) as importers:
        assert [importer.end()[-1] for importer in importers] == ["DONE"] * 4
    done = history(open_store(url)).query("state == 'finished'")
    assert sorted(done["created"]) == [0, 0, 0, 500]
    assert sorted(done["unchanged"]) == [0, 500, 500, 500]
    assert check(open_store(url)) == []


def test_one_plan_from_all_four_is_one_batch(store, url):  # promise 3
    store.id  # noqa: B018 - the store is there before
    ready = planned(store, rows_of(range(50)))
    with all_of(*[lambda say: say(f"TOLD {commit(ready).number}")] * 4) as importers:
        assert [importer.end() for importer in importers] == [["TOLD 1", "DONE"]] * 4
    assert len(on_file(store)) == 50
    assert check(store) == []


def test_one_batch_undone_by_all_four_is_undone_once(store, url):
    commit(planned(store, rows_of(range(50))))
    with all_of(*[lambda say: say(f"TOLD {undo(1, store).number}")] * 4) as importers:
        told = sorted(importer.end()[0] for importer in importers)
    assert told[-1] == "TOLD 2" and all("was undone already, by batch 2" in line for line in told[:3]), told
    assert on_file(store) == {}
    assert check(store) == []


@pytest.mark.nightly
def test_who_looks_meanwhile_sees_whole_batches(store, url):
    """A check and a history taken while others import: never a part of a batch, never damage that is none."""

    def importing(say: Say) -> None:
        for turn in range(4):
            _in_at_last(store, rows_of(range(40 * turn, 40 * turn + 60), amountDue=f"{200 - turn}.00"))

    with all_of(importing, importing) as importers:
        looks = 0
        while looks < 6 or any(_alive(importer) for importer in importers):
            assert check(store) == []
            with store.reading() as connection:
                counts = [connection.execute(sa.text("SELECT count(*) FROM outcomes")).scalar() for _ in range(2)]
            assert counts[0] == counts[1] and counts[0] % 2 == 0
            looks += 1
        assert [importer.end()[-1] for importer in importers] == ["DONE"] * 2


def test_a_reader_sees_one_state_throughout(server):
    """On a server nobody waits for readers: what is committed while they look must stay out of their sight (promise 4)."""
    store = open_store(server.database())
    commit(planned(store, rows_of(range(5))))
    count = sa.text("SELECT (SELECT count(*) FROM batches), (SELECT count(*) FROM outcomes), (SELECT count(*) FROM history)")
    with store.reading() as connection:
        before = connection.execute(count).one()
        commit(planned(store, rows_of(range(5, 9))))
        assert connection.execute(count).one() == before
    with store.reading() as connection:
        assert connection.execute(count).one() != before


def _in_at_last(store, rows) -> None:
    while True:
        try:
            commit(planned(store, rows))
            return
        except Outrun:
            continue


def _alive(child: Child) -> bool:
    return os.waitid(os.P_PID, child.process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


@pytest.mark.parametrize("default", ["repeatable read", "serializable"])
def test_a_server_with_other_defaults_orders_writers_all_the_same(default, server):
    """Who waited for the lock must see what was committed meanwhile, and what is told must be on the disk."""
    url = server.database()
    server.set_default(url, "default_transaction_isolation", default)
    server.set_default(url, "synchronous_commit", "off")
    store = open_store(url)
    with store.writing() as connection:
        asked = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("transaction_isolation", "synchronous_commit")]
    assert asked == ["read committed", "on"]
    with all_of(*[lambda say, w=w: _in_at_last(store, rows_of(range(w, w + 50), amountDue=f"{200 - w}.00")) for w in range(4)]) as importers:
        assert [importer.end()[-1] for importer in importers] == ["DONE"] * 4
    assert check(store) == []


def test_a_database_that_is_not_to_be_written_stays_so(server):
    url = server.database()
    ready = planned(open_store(url), rows_of([0]))
    server.set_default(url, "default_transaction_read_only", "on")
    with pytest.raises(CannotRun, match="is read-only at the moment.*Nothing was written"):
        commit(ready)
