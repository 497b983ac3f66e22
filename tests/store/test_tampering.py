"""Every column of what a store must not forget, changed by somebody with full rights: `store check` finds it (promise 10)."""

import pytest
import sqlalchemy as sa

from invoice_rules.results import Corrections, Mapping, Match
from invoice_rules.store import Store, check, undo
from invoice_rules.store.committing import enter
from invoice_rules.store.tables import (
    arrivals,
    batches,
    contact_links,
    customers,
    history,
    invoices,
    meta,
    outbox,
    outbox_history,
    outcomes,
    sends,
)
from tests.making import GOOD_CUSTOMER
from tests.store.making import imported, imported_customers, rows_of
from tests.store.sending import OK, RULES, approve, ledger, yes
from tests.store.test_keeping import disarm

KEYS = {"history": ("seq",), "batches": ("number",), "outcomes": ("batch", "seq"), "arrivals": ("batch", "records")}
BY_ID = ("id",)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def url(request, tmp_path) -> str:
    return str(tmp_path / "store.sqlite") if request.param == "sqlite" else request.getfixturevalue("server").database()


@pytest.fixture
def store(store) -> Store:
    """Imports, an update, a row that stayed out, an undo, another entity, settings and customers."""
    imported_customers(store, [GOOD_CUSTOMER])
    imported(store, [*rows_of(range(5)), *rows_of([50], amount="x")])
    imported(store, rows_of(range(3), amountDue="100.00"))
    imported(store, rows_of(range(1), amountDue="50.00"))
    undo(4, store)
    store.add_entity("studio")
    store.set_entity(closed_until="2020-12-31")
    made = ledger(store)
    made.find(RULES)
    approve(made)
    for ids in ([1, 2], [3, 4]):
        made.answered(made.begin(ids, f"key-{ids[0]}", b"body").id, yes(ids), OK)
    for company in ("C-4711", "C-4712"):
        made.link(company, f"contact of {company}", "Miller Studio")
    assert check(store) == []
    return store


def _others(column: sa.Column, value: object) -> list[object]:
    """What a value may be changed to: another of its kind, nothing, and what is no sense at all."""
    if isinstance(value, bytes):
        return [value + b"0", b""]
    if isinstance(value, int):
        found: list[object] = [value + 1, 77]
    elif column.name == "undoes":
        found = [1]
    elif value is None and isinstance(column.type, sa.Text):
        found = ["something", "{}", "sha256:" + "0" * 64]
    elif value is None:
        found = [1]
    else:
        text = str(value)
        found = [text[:-1], "", "[1]", "sha256:" + "0" * 64, text.replace("1", "2") if "1" in text else text + "1"]
    return [*found, *([None] if column.nullable and value is not None else [])]


def _unseen(store: Store, table: sa.Table, thorough: bool) -> list[str]:
    """Single changes to rows of a table that `check` does not find."""
    with store.engine.begin() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    unseen = []
    for row in rows[:: max(1, len(rows) // 4)] if thorough else rows[1:2]:
        mine = sa.and_(*[table.c[name] == row[name] for name in KEYS.get(table.name, BY_ID)])
        for column in table.columns:
            for other in _others(column, row[column.name])[: None if thorough else 1]:
                if other != row[column.name] and _not_found(store, table, mine, row, column.name, other):
                    unseen.append(f"{table.name}.{column.name}: {row[column.name]!r} → {other!r} in {[row[key] for key in KEYS.get(table.name, BY_ID)]}")
    return unseen


def _not_found(store: Store, table: sa.Table, mine: sa.ColumnElement, row: dict, name: str, other: object) -> bool:
    """Whether a change goes unnoticed; it is taken back. What the database refuses is noticed."""
    back = sa.and_(*[table.c[key] == (other if key == name else row[key]) for key in KEYS.get(table.name, BY_ID)])
    try:
        with store.engine.begin() as connection:
            disarm(connection)
            connection.execute(table.update().where(mine).values({name: other}))
    except sa.exc.DBAPIError:
        return False
    found = check(store)
    with store.engine.begin() as connection:
        disarm(connection)
        connection.execute(table.update().where(back).values({name: row[name]}))
    return found == []


@pytest.mark.parametrize("thorough", [False, pytest.param(True, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("table", [history, batches, arrivals, outcomes, invoices, customers, outbox, sends, outbox_history, contact_links])
def test_no_column_can_be_changed_unseen(store, table, thorough):
    unseen = _unseen(store, table, thorough)
    assert not unseen, "\n".join(unseen)
    assert check(store) == []


OUTCOMES = {
    "UPDATE outcomes SET invoice = 1 WHERE batch = 2 AND invoice IS NULL": "Batch 2 names a record on file for rows that stayed out, or two records for one row",
    "UPDATE outcomes SET customer = 1 WHERE batch = 2 AND invoice IS NULL": "Batch 2 names a record on file for rows that stayed out, or two records for one row",
    "UPDATE outcomes SET before = NULL WHERE batch = 4": "Batch 4 lacks the earlier values of records that it changed",
}
"""These leave every value as the history's hash has it: what stayed out is known by its key, and an invoice that was restored is as it was before."""


@pytest.mark.parametrize(("change", "says"), OUTCOMES.items())
def test_outcomes_cannot_be_given_a_record_nor_lose_earlier_values(store, change, says):
    with store.engine.begin() as connection:
        disarm(connection)
        assert connection.exec_driver_sql(change).rowcount == 1
    assert any(found.startswith(says) for found in check(store)), check(store)


@pytest.fixture
def settled(lite) -> Store:
    """A store with settings, a mapping that was replaced, one that was deleted, and corrections."""
    store = lite()
    store.add_entity("studio", currency="EUR", environment="live")
    store.set_entity(closed_until="2026-09-01", title="Miller")
    for heading in ("Inv #", "Invoice"):
        match = {"invoiceId": Match(None, heading, "chosen", 1.0)}
        for name in (None, "Jones"):
            store.save_mapping(Mapping("paystand.receivables", match, name=name or ""))
    store.delete_mapping("paystand.receivables", "Jones")
    for word in ("N", "n"):
        store.save_corrections(Corrections({("isCanceled", word): "no"}, {}, "Hollis"), "paystand.receivables")
    assert check(store) == []
    return store


SETTLED = {
    "UPDATE entities SET closed_until = NULL WHERE name = 'main'": "The record of the entity main with its settings is not the one that the history tells of",
    "UPDATE entities SET currency = 'USD' WHERE name = 'studio'": "The record of the entity studio",
    "UPDATE entities SET environment = 'test', title = ''": "The record of the entity main",
    "DELETE FROM entities WHERE name = 'studio'": "The history tells of 1 entity that is not on file",
    "UPDATE mappings SET content = replace(content, 'Inv #', 'Inv')": "Version 1 of the mapping in use of paystand.receivables is not the one",
    "UPDATE mappings SET active = 0": "Version 2 of the mapping in use",
    "UPDATE mappings SET active = 1 WHERE name = 'Jones' AND version = 2": "Version 2 of the mapping Jones of paystand.receivables",
    "UPDATE mappings SET user = 'x'": "Version 1 of the mapping",
    "DELETE FROM mappings": "The history tells of 4 mappings that are not on file",
    "UPDATE corrections SET sender = 'x' WHERE version = 1": "Version 1 of a sender's corrections for paystand.receivables is not the one",
    "UPDATE corrections SET content = replace(content, 'no', 'yes')": "Version 1 of a sender's corrections",
    "UPDATE corrections SET at = '2020-01-01T00:00:00+00:00'": "Version 1 of a sender's corrections",
    "DELETE FROM corrections WHERE version = 2": "The history tells of 1 version of corrections that is not on file",
}


@pytest.mark.parametrize(("change", "says"), SETTLED.items())
def test_settings_mappings_and_corrections_are_watched(settled, change, says):
    with settled.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = 1")
        assert connection.exec_driver_sql(change).rowcount
    assert check(settled)[0].startswith(says), check(settled)


LOGS = (
    "UPDATE problems SET message = 'Nothing is wrong.' WHERE seq = 0",
    "UPDATE problems SET value = '1' WHERE seq = 1",
    "UPDATE problems SET row = 9 WHERE seq = 1",
    "UPDATE problems SET value = '', message = 'sha256:0'",
    "DELETE FROM problems",
    "INSERT INTO problems SELECT 1, seq + 9, row, cell, field, rule, severity, value, message FROM problems",
)


@pytest.mark.parametrize("change", LOGS)
def test_the_log_of_what_stayed_out_is_watched(lite, change):
    store = lite()
    imported(store, rows_of([0]))
    imported(store, rows_of(range(2), amount="x", dateDue="=1"))
    assert check(store) == []
    with store.engine.begin() as connection:
        disarm(connection)
        assert connection.exec_driver_sql(change).rowcount
    number = 1 if change.startswith("INSERT") else 2
    assert check(store) == [f"The log of batch {number}, with why rows stayed out, is not the one that the history tells of: somebody changed it outside invoice-rules."]


def test_a_log_of_which_the_history_of_an_older_version_tells_nothing_is_not_judged(lite, monkeypatch):
    def older(*given, **told):
        enter(*given)

    store = lite()
    monkeypatch.setattr("invoice_rules.store.committing.enter", older)
    imported(store, rows_of([0], amount="x"))
    with store.engine.begin() as connection:
        disarm(connection)
        assert connection.exec_driver_sql("DELETE FROM problems").rowcount
    assert check(store) == []


@pytest.mark.parametrize("lines", [1, 4])
def test_a_tail_that_is_cut_off_is_missed(store, lines):
    """Also where no batch tells of the lines, as of the last two here, which closed the books."""
    with store.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql(f"DELETE FROM history WHERE seq > (SELECT max(seq) FROM history) - {lines}")
    assert any("which is not where it ended" in says for says in check(store)), check(store)


@pytest.mark.parametrize("lines", [1, 4])
def test_a_tail_of_the_ledger_that_is_cut_off_is_missed(store, lines):
    with store.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql(f"DELETE FROM outbox_history WHERE id > (SELECT max(id) FROM outbox_history) - {lines}")
    assert any("ledger's history ends at line" in says for says in check(store)), check(store)


@pytest.mark.parametrize("table", ["outbox", "sends", "contact_links"])
def test_what_is_cut_out_of_the_ledger_is_missed(store, table):
    with store.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE id = 2")
    assert any("The ledger's history tells of" in says for says in check(store)), check(store)


def test_a_last_batch_that_is_cut_out_with_all_its_traces_is_missed(store):
    made = imported(store, rows_of([80]))
    with store.engine.begin() as connection:
        disarm(connection)
        for statement in (
            f"DELETE FROM history WHERE batch = {made.number}",
            f"DELETE FROM outcomes WHERE batch = {made.number}",
            f"DELETE FROM arrivals WHERE batch = {made.number}",
            f"DELETE FROM invoices WHERE created = {made.number}",
            f"DELETE FROM customers WHERE created = {made.number}",
            f"DELETE FROM batches WHERE number = {made.number}",
        ):
            connection.exec_driver_sql(statement)
    assert any("which is not where it ended" in says for says in check(store)), check(store)


def test_a_record_that_nobody_imported_is_found(store):
    with store.engine.begin() as connection:
        disarm(connection)
        row = dict(connection.execute(sa.select(invoices).limit(1)).mappings().one())
        connection.execute(invoices.insert().values(**{**row, "id": 900, "key": "INV-smuggled"}))
    assert any("INV-smuggled" in says for says in check(store)), check(store)


def test_the_place_of_the_end_is_watched_too(store):
    with store.engine.begin() as connection:
        connection.execute(meta.delete().where(meta.c.name == "end of history"))
    assert any("which is not where it ended" in says for says in check(store))
