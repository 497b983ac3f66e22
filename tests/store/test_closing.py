"""Receivables are closed, never deleted (S3-26)."""

import pytest

import invoice_rules
from invoice_rules.store import Store
from tests.store.making import imported, on_file, rows_of


def test_paid_canceled_and_absent_ones_stay_on_file(store):
    """S3-26: the next months pay one, cancel one and leave one out; all three are still there."""
    imported(store, rows_of(range(3)))
    keys = set(on_file(store))
    imported(store, [*rows_of([0], amountDue="0.00"), *rows_of([1], isCanceled="yes")])
    assert sorted(status for (status,) in on_file(store, "status").values()) == ["Canceled", "Open", "Paid"]
    assert set(on_file(store)) == keys


def test_only_an_undo_takes_its_own_receivables_out_of_force(store):
    """S3-26, X-10: the one exception, and the history still tells of them."""
    receipt = imported(store, rows_of(range(2)))
    invoice_rules.undo(receipt.batch, store)
    assert on_file(store) == {}
    assert len(invoice_rules.history(store)) == 2


@pytest.mark.parametrize("front", [Store, invoice_rules])
def test_nothing_offers_to_delete_a_receivable(front):
    """S3-26."""
    assert not [name for name in dir(front) if name.startswith(("delete", "remove", "drop")) and "mapping" not in name]
