"""Undo (X-10): a batch of its own that takes another one back, or says exactly what is in the way."""

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.store import CannotUndo, check, history, open_store, undo, verify_receipt
from invoice_rules.store.tables import invoices
from tests.making import GOOD_CUSTOMER
from tests.store.making import imported, imported_customers, on_file, rows_of


def send(store, key):
    """As a connector marks what it sent on."""
    with store.writing() as connection:
        connection.execute(invoices.update().where(invoices.c.key == key).values(sent="2026-11-21T10:00:00+00:00"))


def test_what_was_created_goes_out_and_its_key_is_free(store):
    imported(store, rows_of(range(3)))
    made = undo(1, store, user="bob")
    assert (made.kind, made.user, made.counts["withdrawn"]) == ("undo", "bob", 3)
    assert on_file(store) == {}
    assert imported(store, rows_of(range(3))).counts["created"] == 3
    assert check(store) == []


def test_what_was_changed_gets_its_earlier_values(store):
    imported(store, rows_of(range(3)))
    before = on_file(store, "balance", "status", "due_date", "customer_name", "details")
    imported(store, rows_of(range(2), amountDue="0", dateDue="12/24/2026", isCanceled="yes", customerName="Miller & Sons"))
    assert on_file(store, "balance", "status", "due_date", "customer_name", "details") != before
    made = undo(2, store)
    assert made.counts["restored"] == 2
    assert on_file(store, "balance", "status", "due_date", "customer_name", "details") == before
    assert history(store)["state"].tolist() == ["finished", "undone", "finished"]
    assert [what for number in (1, 2, 3) for what, fits, _ in verify_receipt(number, store) if not fits] == []


def test_a_later_change_is_in_the_way(store):
    imported(store, rows_of(range(3)))
    imported(store, rows_of([1], amountDue="0"))
    with pytest.raises(CannotUndo, match=r"Batch 1 cannot be undone, because of 1 record: INV-1002 was changed by batch 2 on .*Nothing was changed") as caught:
        undo(1, store)
    assert caught.value.reasons["key"].tolist() == ["INV-1002"]
    assert len(on_file(store)) == 3
    undo(2, store)
    undo(1, store)  # the later change was taken back itself
    assert on_file(store) == {}


def test_what_was_sent_on_is_in_the_way(store):
    imported(store, rows_of(range(3)))
    send(store, "INV-1003")
    with pytest.raises(CannotUndo, match="INV-1003 was sent on 21 Nov 2026"):
        undo(1, store)
    assert len(on_file(store)) == 3


def test_closed_books_stay_closed(store):
    imported(store, rows_of(range(2)))
    store.set_entity(closed_until="2026-10-31")
    with pytest.raises(CannotUndo, match="INV-1001 is dated 31 Oct 2026, and the books are closed until 31 Oct 2026"):
        undo(1, store)


def test_nothing_is_put_back_into_closed_books(store):
    imported(store, rows_of(range(2)))
    moved = imported(store, [*rows_of([0], date="11/05/2026"), *rows_of([1], amountDue="100.00", date="11/05/2026")])
    created = imported(store, rows_of([2], date="11/05/2026"))
    store.set_entity(closed_until="2026-10-31")
    before = on_file(store)
    with pytest.raises(CannotUndo, match="INV-1001 would be dated 31 Oct 2026 again, and the books are closed until 31 Oct 2026; INV-1002 would be dated"):
        undo(moved.number, store)
    assert on_file(store) == before
    assert undo(created.number, store).counts["withdrawn"] == 1


def test_only_once_and_only_imports(store):
    imported(store, rows_of(range(2)))
    undo(1, store)
    with pytest.raises(CannotRun, match="undone already, by batch 2"):
        undo(1, store)
    with pytest.raises(CannotRun, match="is an undo itself"):
        undo(2, store)
    assert history(store)["state"].tolist() == ["failed", "failed", "finished", "undone"]


def test_customers_go_unless_something_else_uses_them(store):  # S3-29
    imported(store, rows_of([0], extCustomerId="C-1"))
    imported(store, [*rows_of([1], extCustomerId="C-2"), *rows_of([2], extCustomerId="C-3")])
    imported(store, rows_of([3], extCustomerId="C-3"))
    made = undo(2, store)
    assert made.details["besides"] == {"withdrawn": 1}
    assert made.details["staying"] == {"customers": 1, "first": ["C-3"]} and made.summary().endswith(": 2 withdrawn, 1 customer stays (C-3).")
    assert sorted(store.context().customers(_rules(), _ids("C-1", "C-2", "C-3")).index) == ["C-1", "C-3"]
    assert check(store) == []


def in_force(store):
    return sorted(store.context().customers(_rules(), _ids("C-1", "C-2", "C-4711", "C-5")).index)


@pytest.mark.parametrize("order", [(1, 2, 3), (2, 1, 3), (3, 2, 1), (3, 1, 2)])
def test_a_customer_goes_with_the_last_that_uses_it_whatever_the_order(store, order):  # X-10, S3-29
    for number in range(3):
        imported(store, rows_of([number], extCustomerId="C-1"))
    made = [undo(number, store) for number in order]
    assert in_force(store) == [] and on_file(store) == {}
    assert [receipt.details.get("staying") for receipt in made] == [{"customers": 1, "first": ["C-1"]} if number == 1 and number != order[-1] else None for number in order]
    assert made[-1].details["besides"] == {"withdrawn": 1}
    assert check(store) == [] and all(fits for number in range(1, 7) for _, fits, _ in verify_receipt(number, store))
    imported(store, rows_of([0], extCustomerId="C-1"))
    assert in_force(store) == ["C-1"] and check(store) == []


def test_a_customer_that_a_file_of_customers_changed_stays_until_that_is_undone(store):  # X-10, S3-33
    imported(store, rows_of([0], extCustomerId="C-1"))
    imported_customers(store, [{**GOOD_CUSTOMER, "extCustomerId": "C-1", "contactEmail": "new@miller.co"}, {**GOOD_CUSTOMER, "extCustomerId": "C-5"}])
    undo(1, store)
    assert in_force(store) == ["C-1", "C-5"]
    assert undo(2, store).counts == {"withdrawn": 1, "restored": 1}
    assert in_force(store) == [] and check(store) == []


def test_customers_of_other_books_are_left_alone(store, url):
    store.add_entity("studio")
    studio = open_store(url, "studio")
    for books in (studio, store):
        imported(books, rows_of([0], extCustomerId="C-1"))
        imported(books, rows_of([1], extCustomerId="C-1"))
    undo(1, studio)
    undo(3, store)
    undo(4, store)
    assert in_force(studio) == ["C-1"] and in_force(store) == []
    assert check(store) == []


def test_a_customer_file_is_undone_unless_invoices_use_it(store):  # S3-33
    imported_customers(store, [GOOD_CUSTOMER, {**GOOD_CUSTOMER, "extCustomerId": "C-9"}])
    imported(store, rows_of([0]))
    with pytest.raises(CannotUndo, match="C-4711 has invoices on file"):
        undo(1, store)
    undo(2, store)
    assert undo(1, store).counts["withdrawn"] == 2
    assert check(store) == []


def test_closing_of_absent_invoices_is_undone_too(store):
    imported(store, rows_of(range(3)))
    before = on_file(store, "status", "balance")
    imported(store, rows_of([0]), close_absent=True)
    assert on_file(store, "status")["INV-1003"] == ("Paid",)
    made = undo(2, store)
    assert on_file(store, "status", "balance") == before
    assert made.details["reopened"] == 2 and made.totals == {"reopened": {"USD": {"amount": "2000.00", "amountDue": "500.00"}}}
    assert made.summary().endswith(": 2 closed invoices reopened.")
    assert history(store)["reason"].tolist() == ["Undoes batch 2: 2 closed invoices reopened.", "Undone by batch 3.", ""]
    assert check(store) == [] and all(fits for _, fits, _ in verify_receipt(3, store))


def test_what_is_reopened_is_told_apart_from_what_is_restored_and_from_customers(store):
    imported(store, rows_of(range(3)))
    imported(store, [*rows_of([0], amountDue="0"), *rows_of([7])], close_absent=True)
    made = undo(2, store)
    assert made.counts == {"withdrawn": 1, "restored": 1} and made.details["besides"] == {"withdrawn": 1, "restored": 2}
    assert made.summary().endswith(": 1 withdrawn, 1 restored, 2 closed invoices reopened.")


def test_another_entity_has_no_such_batch(store, url):
    imported(store, rows_of(range(2)))
    store.add_entity("studio")
    with pytest.raises(CannotRun, match="no batch 1 in these books"):
        undo(1, open_store(url, "studio"))


def _rules():
    from tests.making import RECEIVABLES

    return RECEIVABLES


def _ids(*values):
    import pyarrow as pa

    return pa.array(values, pa.large_string())
