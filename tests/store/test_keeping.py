"""Purge, check, backup, mappings, corrections, listing (promises 9, 10, 14; S3-16, S3-20, X-14)."""

import datetime as dt

import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.results import Corrections, Mapping, Match, State
from invoice_rules.store import backup, check, invoices, open_store, purge, retention, undo, verify_receipt
from tests.making import GOOD_CUSTOMER
from tests.store.making import imported, imported_customers, on_file, rows_of
from tests.store.sending import RULES, sent


@pytest.fixture
def later(monkeypatch):
    """Everything that is on file becomes eleven years old, as far as purging is concerned."""

    def pass_time(days: int = 4_000) -> None:
        real = dt.datetime.now(dt.UTC)
        monkeypatch.setattr(retention, "days_ago", lambda n: (real + dt.timedelta(days=days - n)).isoformat(timespec="seconds"))

    return pass_time


def _texts(store) -> str:
    with store.reading() as connection:
        rows = [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in ("outcomes", "problems", "history")]
    return repr(rows)


def test_a_purge_empties_old_values_and_the_chain_still_verifies(store, later):  # promise 14, S3-20
    imported(store, rows_of(range(3), customerName="Canary Ltd"))
    imported(store, [*rows_of(range(2), amountDue="0", customerName="Canary Ltd"), *rows_of([9], contactEmail="canary at acme")])
    assert "Canary" in _texts(store) and "canary at acme" in _texts(store)
    later()
    made = purge(store, 60, "ada")
    assert (made.kind, made.counts) == ("purge", {"problems": 1, "values": 2})
    assert "Canary" not in _texts(store) and "canary" not in _texts(store)
    assert check(store) == []
    assert all(fits for _, fits, _ in verify_receipt(2, store)) and all(fits for _, fits, _ in verify_receipt(1, store))
    with pytest.raises(CannotRun, match="Batch 2 cannot be undone: its earlier values were purged on .* 2026"):
        undo(2, store)


def test_images_inside_the_retention_period_stay(store, later):  # S3-20
    imported(store, rows_of(range(2)))
    imported(store, [*rows_of(range(2), amountDue="0"), *rows_of([9], contactEmail="nobody")])
    later(days=100)
    assert purge(store, 60).counts == {"problems": 1, "values": 0}
    assert undo(2, store).counts["restored"] == 2
    assert purge(store, 60, retention_days=60).counts["values"] > 0


def test_a_change_whose_earlier_version_was_purged_is_told_all_the_same(store, later):  # S3-20, S4-17
    made, _ = sent(store, 1)
    imported(store, rows_of([0], customerName="Miller and Sons"))
    later()
    purge(store, 60)
    made.find(RULES)
    assert [(entry.state, entry.note) for entry in made.entries()] == [(State.CONFLICT, "The invoice on file was changed after it was sent")]


def test_less_than_sixty_days_is_refused(store):  # S3-20
    with pytest.raises(CannotRun, match="60 days"):
        purge(store, 59)
    with pytest.raises(CannotRun, match="60 days"):
        store.purge(dt.date.today())


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE history SET payload = replace(payload, 'record', 'recorb') WHERE seq = 1", "Line 1 of the history was changed"),
        ("DELETE FROM history WHERE seq = 1", "Line 1 of the history is missing"),
        ("UPDATE batches SET receipt = replace(receipt, '3000.00', '3001.00') WHERE number = 1", "receipt of batch 1 was changed"),
        ("UPDATE outcomes SET outcome = 2 WHERE batch = 2 AND seq = 0", "Batch 2 has 1 unchanged on file, and its receipt says 1 updated"),
        ("DELETE FROM outcomes WHERE batch = 2 AND seq = 0", "Batch 2 has nothing on file"),
        ("UPDATE arrivals SET last = 2 WHERE batch = 1 AND records = 'invoices'", "Batch 1 has 2 created"),
        ("DELETE FROM arrivals WHERE batch = 1", "Batch 1 has nothing on file"),
        ("INSERT INTO arrivals VALUES (9, 'invoices', 1, 1)", "1 outcome belongs to no import"),
        ("UPDATE invoices SET seq = 7 WHERE key = 'INV-1003'", "values of batch 1 are not those"),
        ("UPDATE invoices SET \"row\" = 7 WHERE key = 'INV-1003'", "values of batch 1 are not those"),
        ("UPDATE outcomes SET before = replace(before, '25000', '24000') WHERE batch = 2", "values of batch 1 are not those"),
        ("UPDATE invoices SET balance = balance + 1 WHERE key = 'INV-1003'", "values of batch 1 are not those"),
        ("UPDATE invoices SET version = 9 WHERE key = 'INV-1003'", "Changed outside invoice-rules: invoice INV-1003"),
        ("DELETE FROM invoices WHERE key = 'INV-1003'", "no invoice on file any more"),
        ("UPDATE customers SET name = 'Somebody'", "values of batch 1 are not those"),
        ("DELETE FROM batches WHERE number = 2", "tells of batch 2, which is not on file"),
    ],
)
def test_tampering_is_found(store, damage, says):  # promise 10
    imported(store, rows_of(range(3)))
    imported(store, rows_of([0], amountDue="0"))
    assert check(store) == []
    with store.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql(damage)
    assert any(_fits(says, found) for found in check(store)), check(store)


def _fits(says: str, found: str) -> bool:
    return any(part in found for part in says.split("|"))


def disarm(connection: sa.Connection) -> None:
    """As an attacker with full rights would: the triggers go first."""
    if connection.dialect.name == "sqlite":
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")


def test_a_backup_is_a_whole_store(lite, tmp_path):
    made = lite()
    imported(made, rows_of(range(3)))
    copy = backup(made, tmp_path / "copy.sqlite")
    assert on_file(open_store(copy)) == on_file(made)
    with pytest.raises(CannotRun, match="is there already"):
        backup(made, copy)


def test_a_server_is_copied_by_pg_dump(server, tmp_path):
    import shutil

    made = open_store(server.database())
    imported(made, rows_of(range(3)))
    if shutil.which("pg_dump"):
        assert made.backup(tmp_path / "copy.dump").read_bytes().startswith(b"PGDMP")
    else:
        with pytest.raises(CannotRun, match="pg_dump is not installed"):
            made.backup(tmp_path / "copy.dump")


def _mapping(**headings: str) -> Mapping:
    matches = {field: Match(at, heading, "given", 1.0) for at, (field, heading) in enumerate(headings.items())}
    return Mapping("paystand.receivables", matches, tuple(headings.values()), settings={"currency": "EUR"})


def test_mappings_are_versioned_and_one_is_active(store):  # S3-16
    assert store.mapping("paystand.receivables") is None
    first = store.save_mapping(_mapping(invoiceId="Inv #"))
    assert store.save_mapping(_mapping(invoiceId="Inv #")).version == first.version == 1
    second = store.save_mapping(_mapping(invoiceId="Invoice"), user="ada")
    found = store.mapping("paystand.receivables")
    assert (second.version, found.matches["invoiceId"].heading, found.settings) == (2, "Invoice", {"currency": "EUR"})
    store.save_mapping(_mapping(invoiceId="No."), "Miller")
    assert [(m.name, m.version) for m in store.mappings()] == [("", 2), ("Miller", 1)]
    assert store.delete_mapping("paystand.receivables", "Miller") and not store.delete_mapping("paystand.receivables", "Miller")
    assert store.save_mapping(_mapping(invoiceId="No."), "Miller").version == 2
    assert check(store) == []


def test_corrections_are_versioned_for_each_sender(store):
    assert store.corrections("paystand.receivables", "Miller") == Corrections(sender="Miller")
    wanted = Corrections({("isCanceled", "N"): "no"}, {"date.order": "day-first"}, "Miller")
    assert store.save_corrections(wanted, "paystand.receivables").version == 1
    assert store.save_corrections(wanted, "paystand.receivables").version == 1
    found = store.corrections("paystand.receivables", "Miller")
    assert (found.values, found.settings, found.version) == (wanted.values, wanted.settings, 1)
    assert store.corrections("paystand.receivables", "Jones").version == 0


PASSING = {"invoiceId": "Invoice ID", "amount": "Amount", "date": "Date"}


@pytest.mark.parametrize(("name", "title"), PASSING.items())
def test_corrections_of_amounts_dates_and_keys_are_not_saved(lite, name, title):
    store = lite()
    for wanted in (Corrections({("isCanceled", "N"): "no", (name, "1"): "2"}, {}, "Miller"), Corrections({}, {name: "2", "date.order": "day-first"}, "Miller")):
        with pytest.raises(CannotRun, match=f"not saved, for they differ from file to file: {title}. Put them right in the file. Nothing was written"):
            store.save_corrections(wanted, "paystand.receivables")
    assert store.corrections("paystand.receivables", "Miller").version == 0


def test_corrections_of_amounts_that_were_saved_before_are_not_replayed(lite, monkeypatch):
    store = lite()
    monkeypatch.setattr("invoice_rules.store.corrections._refuse_passing", lambda wanted, rules: None)
    saved = {(name, "1"): "2" for name in PASSING} | {("isCanceled", "N"): "no"}
    store.save_corrections(Corrections(saved, {"amount": "5", "currency": "EUR", "date.order": "day-first"}, "Miller"), "paystand.receivables")
    found = store.corrections("paystand.receivables", "Miller")
    assert (found.values, found.settings, found.version) == ({("isCanceled", "N"): "no"}, {"currency": "EUR", "date.order": "day-first"}, 1)


def test_entities_have_settings(store):
    made = store.add_entity("studio", title="Studio Ltd", currency="eur", environment="test", closed_until="2026-01-31")
    assert (made.currency, made.environment, made.closed_until) == ("EUR", "test", dt.date(2026, 1, 31))
    assert store.set_entity("studio", closed_until=None).closed_until is None
    assert [entity.name for entity in store.entities()] == ["main", "studio"]
    for wrong in ({"currency": "dollars"}, {"environment": "moon"}, {"closed_until": "soon"}, {"colour": "red"}):
        with pytest.raises(CannotRun):
            store.set_entity("studio", **wrong)
    with pytest.raises(CannotRun, match="already"):
        store.add_entity("studio")


def test_invoices_are_listed_and_filtered(store):
    imported(store, rows_of(range(3)))
    imported(store, rows_of([1], amountDue="0"))
    assert invoices(store)["key"].tolist() == ["INV-1001", "INV-1002", "INV-1003"]
    assert invoices(store, status="Paid")["key"].tolist() == ["INV-1002"]
    assert invoices(store, customer="C-4713")["balance"].tolist() == [25_000]
    assert invoices(store, search="1003")["key"].tolist() == ["INV-1003"]
    assert invoices(store, since=dt.date(2026, 11, 1)).empty and len(invoices(store, until=dt.date(2026, 10, 31))) == 3
    assert len(invoices(store, limit=2)) == 2
    assert invoices(store, rules="paystand.customers").empty
    assert invoices(store)["date"].tolist()[0] == dt.date(2026, 10, 31)


def test_the_chain_holds_no_personal_data(store):  # promise 14
    imported_customers(store, [GOOD_CUSTOMER])
    imported(store, rows_of([0]), user="Ada Lovelace")
    with store.reading() as connection:
        payloads = " ".join(connection.exec_driver_sql("SELECT payload FROM history").scalars())
    assert not [word for word in ("Ada", "Miller", "ap@miller", "INV-", "C-4711") if word in payloads]
