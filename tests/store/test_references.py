"""Reference lists in the store: previewed, saved, superseded, taken out of force, read again, proven (X-6, X-18, promises 1, 9, 10)."""

import datetime as dt
import sqlite3
from contextlib import closing
from decimal import Decimal

import pandas as pd
import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.examining import examine
from invoice_rules.references import kind, kinds, owned
from invoice_rules.store import Store, check, commit, list_changes, lists, open_store, preview_list, save_lists
from invoice_rules.store.tables import reference_changes, reference_entries
from tests.store.making import planned, rows_of
from tests.store.test_keeping import disarm

CUSTOMERS = ("Customer,Name,Terms", "MILLER,Miller Studio,1", "SMITH,Smith & Sons,2", "JONES,Jones,1")


def change(store: Store, name: str, *lines: str, replace: bool = False):
    report = examine((f"{name}.csv", "\n".join(lines).encode()), kind(name), context=store.context())
    return preview_list(report, store, replace=replace)


def save(store: Store, name: str, *lines: str, replace: bool = False, user: str = "ada"):
    made = save_lists([change(store, name, *lines, replace=replace)], store, user=user)
    return made[0] if made else None


def held(store: Store, name: str = "customers") -> dict[str, tuple]:
    """key -> the other fields of the entries in force, blanks as None."""
    frame = store.context().reference(name)
    return {row[0]: tuple(None if pd.isna(cell) else cell for cell in row[1:3]) for row in frame.itertuples(index=False)}


def counts(made) -> tuple[int, ...]:
    return tuple(made.counts[word] for word in ("created", "updated", "unchanged", "rejected", "ended"))


def test_a_list_is_saved_and_read_again(store):
    made = save(store, "customers", *CUSTOMERS)
    assert (made.number, made.kind, made.user, made.source, len(made.sha256), counts(made)) == (1, "customers", "ada", "customers.csv", 64, (3, 0, 0, 0, 0))
    assert held(store) == {"JONES": ("Jones", "1"), "MILLER": ("Miller Studio", "1"), "SMITH": ("Smith & Sons", "2")}
    assert check(store) == []


def test_a_preview_writes_nothing(store):
    before = store.entity
    planned_change = change(store, "customers", *CUSTOMERS)
    assert counts(planned_change) == (3, 0, 0, 0, 0)
    assert planned_change.summary() == "Customers: 3 entries: 3 created."
    assert (held(store), store.entity) == ({}, before)


def test_entries_are_found_again_by_their_key_whatever_its_capital_letters(store):
    save(store, "customers", *CUSTOMERS)
    made = save(store, "customers", "Customer,Name,Terms", "miller,Miller & Co,1", "SMITH,Smith & Sons,2", "NEW,New,1")
    assert counts(made) == (1, 1, 1, 0, 0)
    assert held(store)["miller"] == ("Miller & Co", "1")
    assert set(held(store)) == {"JONES", "miller", "SMITH", "NEW"}


def test_a_missing_column_leaves_a_field_and_a_blank_cell_empties_it(store):
    save(store, "customers", *CUSTOMERS)
    save(store, "customers", "Customer,Name", "MILLER,Miller & Co", "SMITH,")
    assert held(store) == {"JONES": ("Jones", "1"), "MILLER": ("Miller & Co", "1"), "SMITH": (None, "2")}


def test_the_same_again_writes_nothing(store):
    save(store, "customers", *CUSTOMERS)
    before = store.entity
    assert save(store, "customers", *CUSTOMERS) is None
    assert store.entity == before


def test_what_is_absent_goes_out_of_force_only_where_the_list_is_replaced(store):
    save(store, "customers", *CUSTOMERS)
    assert set(held(store)) == {"JONES", "MILLER", "SMITH"}
    save(store, "customers", "Customer,Name", "NEW,New")
    assert set(held(store)) == {"JONES", "MILLER", "SMITH", "NEW"}
    made = save(store, "customers", "Customer,Name", "NEW,New", "miller,Miller Studio", "smith,=1+1", replace=True)
    assert counts(made) == (0, 1, 1, 1, 1)
    assert set(held(store)) == {"miller", "SMITH", "NEW"}, "a row that was rejected keeps its entry in force"
    assert counts(save(store, "customers", *CUSTOMERS)) == (1, 1, 1, 0, 0), "a key is free again"
    assert check(store) == []


def test_a_list_whose_keys_cannot_be_read_replaces_none(store):
    save(store, "taxRates", "Tax code,From,Rate", "CA,2026-01-01,7.25", "NV,2026-01-01,8")
    with pytest.raises(CannotRun, match="1 row of taxRates.csv cannot be told by Tax code"):
        change(store, "taxRates", "Tax code,From,Rate", "CA,2026-13-01,7.25", replace=True)
    assert len(store.context().reference("taxRates")) == 2


def test_a_file_without_its_columns_takes_nothing_out(store):
    save(store, "customers", *CUSTOMERS)
    assert counts(change(store, "taxRates", "Tax code,Rate", "CA,7.25")) == (0, 0, 0, 1, 0)
    assert len(held(store)) == 3


def test_good_entries_go_in_and_bad_ones_are_counted(store):
    made = save(store, "customers", *CUSTOMERS, ",Nobody,1", f"{'x' * 41},Long,1")
    assert counts(made) == (3, 0, 0, 2, 0)
    assert len(held(store)) == 3


def test_rates_are_kept_by_code_and_day(store):  # S2-13
    save(store, "taxRates", "Tax code,From,Rate", "CA,2026-01-01,7.25", "CA,2026-07-01,7.5")
    made = save(store, "taxRates", "Tax code,From,Rate", "ca,2026-07-01,7.75")
    assert counts(made) == (0, 1, 0, 0, 0)
    found = store.context().reference("taxRates")
    assert found.to_dict("list") == {"taxCode": ["CA", "ca"], "from": [dt.date(2026, 1, 1), dt.date(2026, 7, 1)], "rate": [Decimal("7.25"), Decimal("7.75")]}


def test_every_kind_of_value_comes_back_as_it_was_examined(store):
    for name in owned():
        fields = kind(name).fields.values()
        whole = [f'"{field.example}"' for field in fields]
        bare = [f'"{field.example[:-1]}Z"' if field.name == kind(name).key else f'"{field.example}"' if field.required else "" for field in fields]
        lines = [",".join(cells) for cells in ([field.title for field in fields], whole, bare)]
        report = examine((f"{name}.csv", "\n".join(lines).encode()), kind(name), context=store.context())
        save_lists([preview_list(report, store)], store)
        found = store.context().reference(name)
        assert list(found.columns) == list(kind(name).fields)
        expected = report.rows[list(found.columns)].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected, check_index_type=False)
    assert check(store) == []


def test_a_list_without_entries_has_its_columns(store):
    for name, rules in kinds().items():
        found = store.context().reference(name)
        assert (len(found), list(found.columns)) == (0, list(found.columns))
        assert set(rules.fields) >= set(found.columns) and rules.key in found.columns


def test_earlier_entries_are_kept(store):  # promise 9
    save(store, "customers", *CUSTOMERS)
    save(store, "customers", "Customer,Name", "MILLER,Miller & Co", replace=True)
    table = reference_entries.c
    with store.reading() as connection:
        rows = connection.execute(sa.select(table.key, table.version, table.since, table.until).order_by(table.id)).all()
    assert [tuple(row) for row in rows] == [("miller", 1, 1, 2), ("smith", 1, 1, 2), ("jones", 1, 1, 2), ("miller", 2, 2, None)]
    refused = (
        "DELETE FROM reference_entries",
        "UPDATE reference_entries SET until = NULL WHERE id = 1",
        "UPDATE reference_entries SET details = '{}' WHERE id = 4",
        "UPDATE reference_changes SET source = 'x'",
        "DELETE FROM reference_changes",
    )
    for statement in refused:
        with store.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"):
            connection.exec_driver_sql(statement)


def test_lists_belong_to_an_entity(store, url):
    save(store, "customers", *CUSTOMERS)
    store.add_entity("studio")
    studio = open_store(url, "studio")
    assert held(studio) == {}
    save(studio, "customers", "Customer,Name", "MILLER,Another")
    assert held(store)["MILLER"] == ("Miller Studio", "1")
    assert held(studio) == {"MILLER": ("Another", None)}
    assert check(store) == []


def test_a_saved_list_lets_plans_be_outrun(store):
    ready = planned(store, rows_of([1]))
    waiting = change(store, "terms", "Terms,Name", "1,30 days")
    save(store, "customers", *CUSTOMERS)
    with pytest.raises(Outrun, match="Somebody changed these books"):
        commit(ready)
    with pytest.raises(Outrun, match="Look at the preview again"):
        save_lists([waiting], store)
    assert held(store, "terms") == {}


def test_several_lists_are_saved_together_or_not_at_all(store, monkeypatch):  # promise 1
    both = [change(store, "customers", *CUSTOMERS), change(store, "terms", "Terms,Name", "1,30 days")]
    with monkeypatch.context() as patch:
        from invoice_rules.store import references

        real = references.digest
        patch.setattr(references, "digest", lambda block, ended: real(block, ended) if block.num_rows > 1 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            save_lists(both, store)
    assert (held(store), held(store, "terms"), len(list_changes(store))) == ({}, {}, 0)
    assert check(store) == []
    assert [made.kind for made in save_lists(both, store)] == ["customers", "terms"]
    assert check(store) == []


def test_the_lists_that_there_are(store):
    save(store, "customers", *CUSTOMERS)
    save(store, "customers", "Customer,Name", "NEW,New", user="ida")
    found = lists(store).set_index("kind")
    assert list(found.index) == list(kinds())
    assert (found.loc["customers", "entries"], found.loc["customers", "user"], found.loc["customers", "title"]) == (4, "ida", "Customers")
    assert (found.loc["terms", "entries"], found.loc["terms", "at"]) == (0, "")
    told = list_changes(store)
    assert told[["number", "kind", "user", "created"]].values.tolist() == [[2, "customers", "ida", 1], [1, "customers", "ada", 3]]
    assert len(list_changes(store, "terms")) == 0


def test_a_kind_that_a_rule_set_provides_has_no_list_of_its_own(store):
    provided = [rules for rules in kinds().values() if rules.reference]
    for rules in provided:
        report = examine(("x.csv", ",".join(field.title for field in rules.fields.values()).encode() + b"\n" + b"1," * (len(rules.fields) - 1) + b"1\n"), rules, context=store.context())
        with pytest.raises(CannotRun, match="are no list of their own: they come from files imported with the rules"):
            preview_list(report, store)
    assert provided


def test_an_answer_is_read_once(store, monkeypatch):
    save(store, "customers", *CUSTOMERS)
    context = store.context()
    first = context.reference("customers")
    monkeypatch.setattr(type(store), "reading", None)
    assert context.reference("customers") is first


# ---- nobody changes them unseen

_CHANGES = [("reference_changes", column.name) for column in reference_changes.columns]
_ENTRIES = [("reference_entries", column.name) for column in reference_entries.columns]


@pytest.mark.parametrize(("table", "column"), [*_CHANGES, *_ENTRIES])
def test_no_column_can_be_changed_unseen(lite, table, column):  # promise 10
    store = lite()
    save(store, "customers", *CUSTOMERS)
    save(store, "customers", "Customer,Name", "MILLER,Miller & Co", replace=True)
    with closing(sqlite3.connect(store.address.path, isolation_level=None)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for (row,) in raw.execute(f"SELECT rowid FROM {table}").fetchall():
            assert check(store) == []
            (before,) = raw.execute(f'SELECT "{column}" FROM {table} WHERE rowid = {row}').fetchone()
            raw.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = {row}', (77 if isinstance(before, int) or before is None else before + "x",))
            assert check(store) != [], (row, before)
            raw.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = {77 if column in ("id", "number") else row}', (before,))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE reference_entries SET until = NULL WHERE id = 2",
        "UPDATE reference_entries SET until = 2 WHERE id = 4",
        "DELETE FROM reference_entries WHERE id = 3",
        "DELETE FROM reference_entries",
        "DELETE FROM reference_changes WHERE number = 2",
        "INSERT INTO reference_entries SELECT 900, entity, kind, 'smuggled', details, 1, 2, NULL FROM reference_entries WHERE id = 1",
        "INSERT INTO reference_entries SELECT 900, entity, kind, 'smuggled', details, 1, 9, NULL FROM reference_entries WHERE id = 1",
    ],
)
def test_tampering_with_lists_is_found(lite, damage):  # promise 10
    store = lite()
    save(store, "customers", *CUSTOMERS)
    save(store, "customers", "Customer,Name", "MILLER,Miller & Co", replace=True)
    with store.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql(damage)
    assert any("eference list" in says for says in check(store)), check(store)
