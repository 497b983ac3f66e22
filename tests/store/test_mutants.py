"""What small faults in undo, images and the chain would change unseen: versions, places, counts and sentences, to the letter (X-7, X-10)."""

import datetime as dt

import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store import CannotUndo, chain, check, purge, retention, undo, verify_receipt
from invoice_rules.store.doings import TABLES, doings
from invoice_rules.store.images import changes
from invoice_rules.store.tables import customers, invoices
from invoice_rules.values import show_date
from tests.making import GOOD_CUSTOMER
from tests.store.making import imported, imported_customers, rows_of
from tests.store.test_complete_lists import stored_history
from tests.store.test_undoing import send


def versions(store, table=invoices):
    """key -> (version, the batch that changed it last, whether it is in force)."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(table.c.key, table.c.version, table.c.changed, table.c.in_force))
        return {key: tuple(rest) for key, *rest in rows}


def lines(store, batch, *names):
    """The outcomes of a batch, in order."""
    wanted = [doings.c[name] for name in names or ("seq", "row", "outcome", "version")]
    with store.reading() as connection:
        return [tuple(line) for line in connection.execute(sa.select(*wanted).where(doings.c.batch == batch).order_by(doings.c.seq))]


def done(store, batch):
    """What a batch did to invoices, then to customers: key, outcome, amount due before and after or name before and after."""
    with store.reading() as connection:
        return [
            (change.key, change.outcome, *((image or {}).get("balance" if table is invoices else "name") for image in (change.before, change.after)))
            for table in TABLES
            for change in changes(connection, batch, table)
        ]


def test_versions_places_and_outcomes_of_an_undo(store):
    """X-10: a record that was changed and restored is a third version; one that was withdrawn, a second."""
    imported(store, rows_of(range(2), extCustomerId="C-1"))
    imported(store, rows_of(range(3), amountDue="0", extCustomerId="C-1"))
    assert versions(store) == {"INV-1001": (2, 2, 1), "INV-1002": (2, 2, 1), "INV-1003": (1, 2, 1)}
    made = undo(2, store)
    assert versions(store) == {"INV-1001": (3, 3, 1), "INV-1002": (3, 3, 1), "INV-1003": (2, 3, 0)}
    assert lines(store, 3) == [(0, 2, 7, 3), (1, 3, 7, 3), (2, 4, 6, 2)]
    assert (made.counts, made.details["besides"]) == ({"withdrawn": 1, "restored": 2}, {})
    assert done(store, 3) == [("INV-1001", 7, 0, 25000), ("INV-1002", 7, 0, 25000), ("INV-1003", 6, 0, 0)]


def test_customers_that_came_with_invoices_follow_them_in_the_undo(store):
    """S3-29"""
    imported(store, rows_of(range(2)))
    made = undo(1, store)
    assert lines(store, 2) == [(0, 2, 6, 2), (1, 3, 6, 2), (2, None, 6, 2), (3, None, 6, 2)]
    assert (made.counts, made.details["besides"]) == ({"withdrawn": 2, "restored": 0}, {"withdrawn": 2})
    assert versions(store, customers) == {"C-4711": (2, 2, 0), "C-4712": (2, 2, 0)}
    assert made.details["undoes"] == 1


def test_customers_that_an_earlier_undo_left_follow_the_invoices_that_used_them(store):
    """X-10, S3-29"""
    imported(store, rows_of(range(1), extCustomerId="C-1"))
    imported(store, rows_of(range(1, 2), extCustomerId="C-1"))
    assert undo(1, store).details["staying"] == {"customers": 1, "first": ["C-1"]}
    undo(2, store)
    assert lines(store, 4) == [(0, 2, 6, 2), (1, None, 6, 2)]
    assert versions(store, customers) == {"C-1": (2, 4, 0)}


def test_the_undo_of_a_customer_file_restores_and_withdraws(store):
    """S3-33"""
    imported_customers(store, [GOOD_CUSTOMER])
    imported_customers(store, [{**GOOD_CUSTOMER, "customerName": "Miller & Sons"}, {**GOOD_CUSTOMER, "extCustomerId": "C-9"}])
    assert done(store, 2) == [("C-4711", 1, "Miller Studio", "Miller & Sons"), ("C-9", 0, None, "Miller Studio")]
    made = undo(2, store)
    assert made.counts == {"withdrawn": 1, "restored": 1}
    assert versions(store, customers) == {"C-4711": (3, 3, 1), "C-9": (2, 3, 0)}
    assert done(store, 3) == [("C-4711", 7, "Miller & Sons", "Miller Studio"), ("C-9", 6, "Miller Studio", "Miller Studio")]
    assert check(store) == []


def test_an_invoice_without_a_number_of_its_own_has_an_image_like_any_other(store):
    """X-7"""
    stored_history(store, "146", invoiceNumber="")
    with store.reading() as connection:
        (change,) = changes(connection, 1, invoices)
    assert change.after is not None and (change.after["key"], change.after["number"], change.after["balance"]) == ("Hollis/146", None, 5_000)
    assert undo(1, store).counts["withdrawn"] == 1


def test_a_customer_that_was_changed_since_is_in_the_way(store):
    imported_customers(store, [GOOD_CUSTOMER, {**GOOD_CUSTOMER, "extCustomerId": "C-9"}])
    imported_customers(store, [{**GOOD_CUSTOMER, "customerName": "Miller & Sons"}])
    with pytest.raises(CannotUndo, match="because of 1 record: C-4711 was changed by batch 2. Nothing was changed"):
        undo(1, store)
    undo(2, store)
    assert undo(1, store).counts == {"withdrawn": 2, "restored": 0}


def test_a_customer_that_was_changed_and_is_used_may_have_its_change_undone(store):
    """S3-33: only what the file created must not be used by invoices."""
    imported_customers(store, [GOOD_CUSTOMER])
    imported_customers(store, [{**GOOD_CUSTOMER, "customerName": "Miller & Sons"}])
    imported(store, rows_of([0], customerName="Miller & Sons"))
    assert undo(2, store).counts == {"withdrawn": 0, "restored": 1}


def test_customers_with_invoices_that_went_out_of_force_are_not_in_use(store):
    imported_customers(store, [GOOD_CUSTOMER])
    imported(store, rows_of([0]))
    with pytest.raises(CannotUndo, match="C-4711 has invoices on file"):
        undo(1, store)
    undo(2, store)
    assert undo(1, store).counts["withdrawn"] == 1


def test_a_customer_that_came_with_invoices_and_was_changed_since_stays(store):
    imported(store, rows_of([0]))
    imported_customers(store, [{**GOOD_CUSTOMER, "customerName": "Miller & Sons"}])
    made = undo(1, store)
    assert made.details["besides"] == {}
    assert versions(store, customers)["C-4711"] == (2, 2, 1)


def test_a_customer_that_an_earlier_undo_left_and_that_was_changed_since_stays(store):
    imported(store, rows_of(range(2), extCustomerId="C-4711")[:1])
    imported(store, rows_of(range(2), extCustomerId="C-4711")[1:])
    imported_customers(store, [{**GOOD_CUSTOMER, "customerName": "Miller & Sons"}])
    undo(1, store)
    undo(2, store)
    assert versions(store, customers)["C-4711"] == (2, 3, 1)


@pytest.mark.parametrize(("count", "told"), [(20, ""), (21, "; and 1 more"), (26, "; and 6 more")])
def test_twenty_reasons_are_told_and_the_others_counted(store, count, told):
    imported(store, rows_of(range(count)))
    imported(store, rows_of(range(count), amountDue="0"))
    with pytest.raises(CannotUndo) as caught:
        undo(1, store)
    said = str(caught.value)
    assert said.startswith(f"Batch 1 cannot be undone, because of {count} records: INV-1001 was changed by batch 2 on ")
    assert said.count("was changed by batch 2") == 20 and said.endswith(f"{told}. Nothing was changed.") and ("more" in said) is bool(told)
    assert caught.value.reasons["key"].tolist() == [f"INV-{1001 + n}" for n in range(count)]


def test_what_is_dated_on_the_closing_day_is_in_the_way_and_the_day_after_is_not(store):
    """X-24"""
    imported(store, [*rows_of([0], date="10/31/2026"), *rows_of([1], date="11/01/2026")])
    store.set_entity(closed_until="2026-10-31")
    with pytest.raises(CannotUndo) as caught:
        undo(1, store)
    assert caught.value.reasons["key"].tolist() == ["INV-1001"]
    store.set_entity(closed_until="2026-10-30")
    assert undo(1, store).counts["withdrawn"] == 2


def test_what_was_changed_comes_before_what_was_sent_among_the_reasons(store):
    imported(store, rows_of(range(3)))
    imported(store, rows_of([1], amountDue="0"))
    send(store, "INV-1002")
    send(store, "INV-1003")
    with pytest.raises(CannotUndo) as caught:
        undo(1, store)
    reasons = dict(caught.value.reasons.itertuples(index=False))
    assert list(reasons) == ["INV-1002", "INV-1003"]
    assert reasons["INV-1002"].startswith("was changed by batch 2 on ") and reasons["INV-1003"] == "was sent on 21 Nov 2026"


def test_a_purge_cannot_be_undone(store):
    imported(store, rows_of([0]))
    purge(store, 60)
    with pytest.raises(CannotRun, match=r"Batch 2 is a purge itself\. Import the file again instead\. Nothing was changed\."):
        undo(2, store)


def test_what_did_not_change_is_no_version(store):
    """S3-22"""
    imported(store, rows_of(range(2)))
    imported(store, [*rows_of([0]), *rows_of([1], amountDue="0"), *rows_of([2], contactEmail="nobody")])
    assert lines(store, 2) == [(0, 2, 2, None), (1, 3, 1, 2), (2, 4, 4, None)]
    assert [(key, outcome, after) for key, outcome, _, after in done(store, 2)] == [("INV-1001", 2, None), ("INV-1002", 1, 0), ("INV-1003", 4, None)]
    assert undo(2, store).counts == {"withdrawn": 0, "restored": 1}
    assert versions(store) == {"INV-1001": (1, 1, 1), "INV-1002": (3, 3, 1)}


def test_rejected_rows_of_a_customer_file_are_counted_in_its_proof(store):
    """X-7"""
    imported_customers(store, [GOOD_CUSTOMER, {**GOOD_CUSTOMER, "extCustomerId": "C-9", "contactEmail": "nobody"}])
    assert [what for what, fits, _ in verify_receipt(1, store) if not fits] == []
    assert check(store) == []


def test_lines_of_the_history_are_the_same_text_for_the_same_content():
    """X-7: sorted, without blanks, in the letters that were typed."""
    assert chain.canonical({"b": 1, "a": ["ä", None], "c": {"z": 1, "y": 2}}) == '{"a":["ä",null],"b":1,"c":{"y":2,"z":1}}'
    assert chain.hidden("Ada") == "sha256:" + chain.digest("Ada")
    assert chain.START == "0" * 64


def test_a_reason_is_told_once_however_many_batches_there_are(store):
    for due in ("250.00", "200.00", "100.00"):
        imported(store, rows_of([0], amountDue=due))
    imported(store, rows_of([1]))
    with pytest.raises(CannotUndo, match="because of 1 record: INV-1001 was changed by batch 3 on") as caught:
        undo(1, store)
    assert caught.value.reasons["key"].tolist() == ["INV-1001"]


def test_only_what_was_purged_itself_cannot_be_undone(store, monkeypatch):
    """S3-20, X-10"""
    imported(store, rows_of([0]))
    imported(store, rows_of([0], amountDue="200.00"))
    now = dt.datetime.now(dt.UTC)
    monkeypatch.setattr(retention, "days_ago", lambda days: (now + dt.timedelta(days=4_000 - days)).isoformat(timespec="seconds"))
    purged = purge(store, 60)
    assert purged.counts["values"] == 1
    imported(store, rows_of([0], amountDue="100.00"))
    assert undo(4, store).counts == {"withdrawn": 0, "restored": 1}
    day = show_date(dt.date.fromisoformat(purged.at[:10]))
    with pytest.raises(CannotRun, match=f"Batch 2 cannot be undone: its earlier values were purged on {day}\\. Nothing was changed\\."):
        undo(2, store)
