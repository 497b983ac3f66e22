"""What a commit promises: all or nothing, once, in order, to the cent (promises 1 to 5, 9, 10; X-6 … X-8)."""

import random
import sqlite3
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.results import Outcome
from invoice_rules.store import Store, check, commit, engines, history, open_store, receipt, verify_receipt
from invoice_rules.store.tables import batches, customers, invoices, outcomes
from tests.making import CUSTOMERS, GOOD_CUSTOMER, RECEIVABLES, receivable
from tests.store.making import imported, imported_customers, on_file, planned, rows_of, typed_report, typed_rows, written_file


def test_a_new_file_is_created_and_again_unchanged(store):  # S3-22, promise 3
    first = imported(store, rows_of(range(5)))
    assert (first.number, first.counts["created"], first.kind, first.state) == (1, 5, "import", "finished")
    again = imported(store, rows_of(range(5)))
    assert {word: count for word, count in again.counts.items() if count} == {"unchanged": 5}
    assert len(on_file(store)) == 5
    assert check(store) == []


def test_a_store_that_stops_answering_is_not_said_to_have_refused(lite, monkeypatch):
    """Whether the import is in is decided by reading the batch again; where nobody can read, nobody says that nothing was written (promise 2)."""
    store = lite()
    made = planned(store, rows_of([0]))
    lost, gone = CannotRun("The connection was lost."), CannotRun("Nobody answers.")

    def loses(_commit):
        patched.setattr(type(store), "reading", lambda _store: (_ for _ in ()).throw(gone))
        raise lost

    with monkeypatch.context() as patched, pytest.raises(CannotRun) as caught:
        patched.setattr("invoice_rules.store.committing._Commit.run", loses)
        commit(made)
    told = f"it is not known whether the import is in. Look at the history when it answers: batch {made.id[:8]} is there if it was written."
    assert told in str(caught.value) and "Importing the same file again does no harm." in str(caught.value)
    assert caught.value.__cause__ is lost
    assert history(store)["state"].tolist() == ["failed"]


def test_an_update_changes_its_own_record_alone(store):  # S3-22, S3-24
    imported(store, rows_of(range(3)))
    made = imported(store, rows_of([1], amountDue="0"))
    assert made.counts["updated"] == 1
    assert {key: row[0] for key, row in on_file(store, "status").items()} == {"INV-1001": "Open", "INV-1002": "Paid", "INV-1003": "Open"}
    assert made.to_frame()["changes"].tolist() == ["Amount due 250.00 → 0.00, now Paid"]


def test_a_blank_optional_cell_keeps_what_is_stored(store):
    imported(store, rows_of([0], currency="EUR", amount="1,000.00"), settings={"currency": "EUR"})
    imported(store, rows_of([0], amountDue="0", amount="1,000.00"), settings={"currency": "EUR"})
    assert on_file(store, "currency", "balance") == {"INV-1001": ("EUR", 0)}


def test_what_is_wrong_stays_out_and_is_told(store):
    rows = [*rows_of(range(3)), *rows_of([7], amountDue="9,999.00")]
    made = imported(store, rows)
    assert (made.counts["created"], made.counts["rejected"]) == (3, 1)
    assert made.to_frame().query("outcome == 'rejected'")["key"].tolist() == ["INV-1008"]
    assert made.totals["file"]["USD"]["amount"] == "4000.00"
    assert made.totals["stored"]["USD"] == {"amount": "3000.00", "amountDue": "750.00"}


def test_nothing_to_do_still_gives_a_receipt(store):  # promise 3
    made = imported(store, rows_of([0], amountDue="9,999.00"))
    assert made.counts == {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "rejected": 1}
    assert len(made.head) == 64


def test_all_or_nothing_rejects_all(store):
    made = imported(store, [*rows_of(range(3)), *rows_of([7], amount="x")], all_or_nothing=True)
    assert made.counts["rejected"] == 4
    assert on_file(store) == {}


def test_the_same_plan_twice_is_one_batch(store):  # promise 3
    ready = planned(store, rows_of(range(3)))
    first, second = commit(ready), commit(ready)
    assert first == second
    assert len(history(store)) == 1


def test_an_outrun_plan_is_refused(store):
    late = planned(store, rows_of(range(3)))
    imported(store, rows_of([9]))
    with pytest.raises(Outrun, match="Nothing was written"):
        commit(late)
    assert list(on_file(store)) == ["INV-1010"]
    assert history(store)["state"].tolist() == ["failed", "finished"]


def test_a_setting_of_the_entity_outruns_too(store):
    late = planned(store, rows_of(range(3)))
    store.set_entity(closed_until="2026-12-31")
    with pytest.raises(Outrun):
        commit(late)


def test_a_plan_of_another_store_never_fits(store, tmp_path):
    other = open_store(tmp_path / "another.sqlite")
    ready = planned(other, rows_of(range(3)))
    with pytest.raises(Outrun):
        commit(replace(ready, store=store))
    assert on_file(store) == {}


def test_stopping_leaves_nothing(store, monkeypatch):  # promise 1, X-15
    monkeypatch.setattr("invoice_rules.store.documents.Documents.blocks.__defaults__", (2,))

    def stop(done, total, words):
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit(planned(store, rows_of(range(9))), stop)
    assert on_file(store) == {}
    told = history(store).iloc[0]
    assert (told["state"], told["reason"]) == ("failed", "Stopped by the user. Nothing was written.")
    assert imported(store, rows_of(range(9))).counts["created"] == 9


def test_progress_is_shown(store):
    seen = []
    commit(planned(store, rows_of(range(4))), lambda *step: seen.append(step))
    assert seen == [(0, 4, "Storing"), (4, 4, "Storing")]


@pytest.mark.parametrize("really", [True, False])
def test_a_commit_that_raises_is_judged_by_reading_again(store, monkeypatch, really):  # promise 3
    ready = planned(store, rows_of(range(3)))
    commits = sa.engine.default.DefaultDialect.do_commit
    writes = iter(range(99))

    def failing(self, connection):
        second = next(writes) == 1 + 2  # reading, the note, reading, then the batch
        if not second or really:
            commits(self, connection)
        if second:
            raise _lost()

    with monkeypatch.context() as patch:
        patch.setattr(type(store.engine.dialect), "do_commit", failing)
        found = _outcome(ready)
    assert found == ("finished" if really else "refused")
    assert len(on_file(store)) == (3 if really else 0)
    assert check(store) == []


def _lost() -> Exception:
    """What SQLite says when it cannot sync."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    return error


def _outcome(ready):
    try:
        return commit(ready).state
    except CannotRun as error:
        assert "Nothing was written" in str(error)
        return "refused"


def test_totals_that_do_not_tie_stop_the_import(store, monkeypatch):  # promise 5
    monkeypatch.setattr("invoice_rules.store.evidence.stored_totals", lambda *_: {"USD": [1, 1]})
    with pytest.raises(RuntimeError, match="added up"):
        imported(store, rows_of(range(3)))
    assert on_file(store) == {}


@pytest.mark.parametrize("currency", ["USD", "JPY", "BHD"])
def test_amounts_come_out_as_they_went_in(store, currency):
    random.seed(7)
    amounts = [random.randrange(0, 10 ** random.randrange(1, 16)) for _ in range(33_334)]
    made = commit(plan(typed_report(store, typed_rows(amounts, currency)), store))
    stored = {key: (amount, code) for key, (amount, code) in on_file(store, "amount", "currency").items()}
    assert stored == {f"INV-{n:08d}": (amount, currency) for n, amount in enumerate(amounts)}
    digits = made.totals["stored"][currency]["amount"].replace(".", "")
    assert int(digits) == sum(amounts)


def test_sums_beyond_64_bits_are_exact(store):
    amounts = [9 * 10**17 + n for n in range(30)]
    made = commit(plan(typed_report(store, typed_rows(amounts)), store))
    assert made.totals["stored"]["USD"]["amount"] == f"{sum(amounts) // 100}.{sum(amounts) % 100:02d}"
    assert all(fits for _, fits, _ in verify_receipt(1, store))


def test_importers_at_once_leave_what_one_after_the_other_would(store):  # promise 4
    """Four importers, each with files of its own and one shared invoice; the loser of a race plans again."""
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for turn in range(2):
                _import_until_in(store, rows_of([100 * worker + turn]) + rows_of([9_999], invoiceNumber="9999", extCustomerId="C-1"))
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failures == []
    assert len(on_file(store)) == 9
    assert on_file(store, "version")["INV-11000"] == (1,)
    assert (history(store)["state"] == "finished").sum() == 8
    assert check(store) == []


def _import_until_in(store: Store, rows) -> None:
    while True:
        try:
            imported(store, rows)
            return
        except Outrun:
            continue


def test_a_busy_store_says_so_and_writes_nothing(store, url):  # promise 4
    impatient = open_store(url, patience=0.2)
    ready = planned(impatient, rows_of(range(3)))
    with store.writing(), pytest.raises(CannotRun, match="in use by another import.*Nothing was written"):
        commit(ready)
    assert on_file(store) == {}


def test_both_databases_hold_the_same(two_stores):
    held = []
    for store in two_stores:
        imported(store, [*rows_of(range(9)), *rows_of([20], amount="x")])
        made = imported(store, rows_of(range(4, 12), amountDue="1.00"))
        held.append((on_file(store), made.counts, made.totals, made.to_frame().to_dict("records")))
    assert held[0] == held[1]


def test_unknown_customers_are_created_with_the_invoices_that_go_in(store):  # S3-29
    made = imported(store, [*rows_of(range(2)), *rows_of([5], amount="x")])
    with store.reading() as connection:
        kept = connection.execute(sa.select(customers.c.key, customers.c.name, customers.c.complete).order_by(customers.c.key)).all()
    assert [tuple(row) for row in kept] == [("C-4711", "Miller Studio", 0), ("C-4712", "Miller Studio", 0)]
    assert made.details["customers_created"] == 2


@pytest.mark.parametrize("wrong", [{"customerName": ""}, {"contactEmail": "ap@miller"}, {"amount": "x", "contactEmail": "old@miller.co"}])
def test_a_new_customer_is_made_from_a_row_that_goes_in(store, wrong):  # S3-29
    imported(store, [receivable(0, **wrong), receivable(1, extCustomerId="C-4711")])
    with store.reading() as connection:
        kept = connection.execute(sa.select(customers.c.key, customers.c.name, customers.c.email)).all()
    assert [tuple(row) for row in kept] == [("C-4711", "Miller Studio", "ap@miller.co")]


def test_a_customer_file_completes_what_invoices_brought(store):  # S3-29, S3-33
    imported(store, rows_of([0]))
    made = imported_customers(store, [GOOD_CUSTOMER, {**GOOD_CUSTOMER, "extCustomerId": "C-1"}])
    assert (made.counts["created"], made.counts["updated"]) == (1, 1)
    known = store.context().existing(CUSTOMERS, sa_array(["C-4711", "C-1"]))
    assert known["record.status"].to_dict() == {"C-4711": "Complete", "C-1": "Complete"}
    assert imported_customers(store, [GOOD_CUSTOMER]).counts["unchanged"] == 1
    assert check(store) == []


def sa_array(values):
    import pyarrow as pa

    return pa.array(values, pa.large_string())


def test_the_receipt_can_be_found_again(store):
    made = imported(store, rows_of(range(2)))
    assert receipt(1, store) == receipt("1", store) == receipt(made.batch[:8], store) == receipt(made.batch, store) == made
    with pytest.raises(CannotRun, match="no batch 77"):
        receipt(77, store)


def test_the_receipt_tells_who_what_and_by_which_rules(store):
    made = imported(store, rows_of(range(2), amount="1,000.00"), settings={"currency": "EUR"})
    assert (made.user, made.entity, made.rules, made.source) == ("ada", "main", "paystand.receivables", "october.csv")
    assert made.details["settings"] == {"currency": "EUR"}
    assert made.details["mapping"]["amount"] == {"column": 2, "heading": "amount", "how": "exact"}
    assert made.details["fingerprint"] and made.details["program"]


def test_a_receipt_is_verified_against_its_file(store, tmp_path):
    import hashlib

    file = tmp_path / "october.csv"
    file.write_text("content")
    ready = planned(store, rows_of(range(2)))
    origin = replace(ready.report.table.origin, path=file, sha256=hashlib.sha256(b"content").hexdigest())
    commit(replace(ready, report=replace(ready.report, table=replace(ready.report.table, origin=origin))))
    assert [what for what, fits, _ in verify_receipt(1, store) if not fits] == []
    assert verify_receipt(1, store)[0][0] == "file"
    file.write_text("other content")
    assert store.verify(1) == ["october.csv is not the file that was imported: its content is another."]
    file.unlink()
    assert verify_receipt(1, store)[0] == ("file", None, f"The file is not at {file} any more and was not compared. Name where it lies now.")
    assert store.verify(1) == []
    assert store.verify(1, file) == [f"The file {file} is not there."]


def test_a_file_is_found_again_from_another_folder(store, tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        written_file(folder / "c.csv", range(3) if folder is here else range(5))
    monkeypatch.chdir(here)
    commit(plan(examine("c.csv", RECEIVABLES, context=store.context()), store))
    monkeypatch.chdir(there)
    assert verify_receipt(1, store)[0] == ("file", True, "c.csv is the file that was imported.")
    assert receipt(1, store).source == "c.csv"
    (here / "c.csv").unlink()
    assert verify_receipt(1, store)[0][1] is None


def test_a_complete_list_closes_only_when_told_to(store):
    imported(store, rows_of(range(4)))
    shown = planned(store, rows_of([0, 1], amountDue="100.00") + rows_of([8]), open_items_complete=True)
    assert shown.absent["key"].tolist() == ["INV-1003", "INV-1004"]
    made = commit(shown)
    assert {word: totals["USD"]["amountDue"] for word, totals in made.totals.items() if word in ("opening", "new", "changed", "closed", "closing")} == {
        "opening": "1000.00",
        "new": "250.00",
        "changed": "-300.00",
        "closed": "0.00",
        "closing": "950.00",
    }
    closed = imported(store, rows_of([0, 1, 8], amountDue="100.00"), close_absent=True)
    assert (closed.totals["closed"]["USD"]["amountDue"], closed.totals["closing"]["USD"]["amountDue"]) == ("500.00", "300.00")
    assert on_file(store, "status", "balance")["INV-1003"] == ("Paid", 0)
    assert closed.to_frame().query("outcome == 'closed'")["key"].tolist() == ["INV-1003", "INV-1004"]
    assert check(store) == []


def test_nothing_is_closed_where_all_or_nothing_kept_the_file_out(store):
    imported(store, rows_of(range(2)))
    kept_out = [*rows_of([0], amountDue="100.00"), *rows_of([8], amount="x")]
    made = imported(store, kept_out, close_absent=True, all_or_nothing=True)
    assert made.counts["rejected"] == 2 and made.details["closed"] == 0
    assert on_file(store, "status", "balance") == {"INV-1001": ("Open", 25000), "INV-1002": ("Open", 25000)}


def test_balances_beyond_64_bits_are_closed_to_the_cent(store):
    most = "9,999,999,999,999.99"
    imported(store, rows_of(range(9_300), amount=most, amountDue=most))
    made = imported(store, rows_of([9_999]), close_absent=True)
    assert made.totals["closed"]["USD"]["amountDue"] == made.totals["opening"]["USD"]["amountDue"] == "92999999999999907.00"
    assert made.totals["closing"]["USD"]["amountDue"] == "250.00"


def test_entities_do_not_see_each_other(store, url):
    store.add_entity("studio", currency="CAD")
    studio = open_store(url, "studio")
    imported(store, rows_of(range(2)))
    assert imported(studio, rows_of(range(2))).counts["created"] == 2
    assert len(history(store)) == len(history(studio)) == 1
    assert check(store) == []


def test_the_database_itself_refuses_a_second_record_with_a_key(store):
    imported(store, rows_of([0]))
    with pytest.raises(sa.exc.IntegrityError), store.engine.connect().execution_options(write=True) as connection, connection.begin():
        row = dict(connection.execute(sa.select(invoices)).mappings().one())
        connection.execute(invoices.insert().values(**{**row, "id": 77}))


@pytest.mark.parametrize("table", ["batches", "arrivals", "outcomes", "history", "attempts", "invoices", "customers"])
def test_nothing_is_ever_deleted(store, table):  # promises 9 and 10
    imported(store, rows_of([0]))
    imported(store, rows_of([0, 1]))
    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), store.engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.mark.parametrize("change", ["batches SET receipt = ''", "history SET payload = ''", "outcomes SET outcome = 2", "outcomes SET before = 'sha256:x'", "arrivals SET last = 2"])
def test_history_is_never_edited(store, change):  # promise 10
    imported(store, rows_of([0]))
    imported(store, rows_of([0], amountDue="1.00"))
    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {change}")


@pytest.mark.parametrize("table", ["invoices", "customers"])
@pytest.mark.parametrize("place", ["seq", '"row"'])
def test_a_record_keeps_where_it_came_from(store, table, place):  # promise 10
    imported(store, rows_of([0]))
    with pytest.raises(sa.exc.DBAPIError, match="never changed"), store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET {place} = 7")


@pytest.mark.parametrize("table", [batches, outcomes, invoices])
def test_every_outcome_of_the_enumeration_has_its_word(table):
    from invoice_rules.store.receipts import WORDS

    assert {int(o): str(o) for o in Outcome}.items() <= WORDS.items()


def test_patience_is_half_a_minute():
    assert engines.PATIENCE == 30
