"""All receipts of an entity at once."""

from invoice_rules.planning import plan
from invoice_rules.store import commit, open_store, receipt, receipts, undo
from tests.store.making import imported, rows_of, typed_report, typed_rows


def test_all_receipts_are_those_that_are_asked_for_one_by_one(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    assert receipts(store) == []
    for amounts in ([9], [9, 10]):
        commit(plan(typed_report(store, typed_rows(amounts)), store))
    undo(2, store)
    made = receipts(store)
    assert made == [receipt(number, store) for number in (1, 2, 3)]
    assert [(one.kind, one.state, bool(one.head)) for one in made] == [("import", "finished", True), ("import", "undone", True), ("undo", "finished", True)]
    assert made[1].to_frame().equals(receipt(2, store).to_frame())


def test_another_entity_has_its_own(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    commit(plan(typed_report(store, typed_rows([9])), store))
    store.add_entity("shop")
    assert receipts(open_store(tmp_path / "s.sqlite", "shop")) == []


def test_what_a_rejected_row_does_not_say_is_not_taken_from_the_store(store):
    imported(store, rows_of(range(2)))
    made = imported(store, [*rows_of([0], amount="1O0.00", amountDue="90.00"), *rows_of([1], amount="200.00", amountDue="x")])
    assert made.counts["rejected"] == 2 and made.details["unreadable"] == 1
    assert made.totals["file"] == made.totals["rejected"] == {"USD": {"amount": "200.00", "amountDue": "90.00"}}
    assert made.tally(["file", "rejected"])[1] == ("rejected", "2", "USD", {"amount": "200.00", "amountDue": "90.00"}) and made.unread().startswith("1 of them has no amount")


def test_what_no_total_can_count_is_counted_all_the_same(store):
    made = imported(store, [*rows_of([0], currency="USD"), *rows_of([1, 2], currency="US Dollar")])
    assert (made.counts["created"], made.counts["rejected"], made.totals["rejected"]) == (1, 2, {})
    assert [row[:3] for row in made.tally(["file", "created", "updated", "rejected"])] == [("file", "3", "USD"), ("created", "1", "USD"), ("rejected", "2", "not readable")]
    assert made.unread() == "2 of them have no amount or no currency that can be read, and are in no total."
    assert imported(store, rows_of([3])).unread() == ""


def test_a_receipt_shows_each_amount_in_the_currency_that_it_had(store):  # S3-22
    imported(store, rows_of([0], currency="JPY", amount="100", amountDue="100"))
    made = imported(store, rows_of([0], currency="USD", amount="1.00", amountDue="0.50"))
    assert made.counts["updated"] == 1
    assert made.to_frame()["changes"].iloc[0] == "Currency JPY → USD, Amount 100 → 1.00, Amount due 100 → 0.50"
