"""What a batch did, told by its outcomes and by the records that it created (X-7, X-8)."""

import pytest
import sqlalchemy as sa

from invoice_rules.store import check, images, receipt, undo
from invoice_rules.store.doings import TABLES, created, doings
from invoice_rules.store.tables import arrivals, invoices, outcomes
from tests.store.making import imported, rows_of


def test_what_is_created_stands_once(store):
    imported(store, [*rows_of(range(4)), *rows_of([50], amount="x")])
    with store.reading() as connection:
        assert connection.execute(sa.select(outcomes.c.row)).scalars().all() == [6]
        came = connection.execute(sa.select(arrivals.c.records, arrivals.c.first, arrivals.c.last).order_by(arrivals.c.records)).all()
        assert [tuple(one) for one in came] == [("customers", 1, 4), ("invoices", 1, 4)]
        told = connection.execute(sa.select(doings.c.outcome, doings.c.row).where(doings.c.invoice.is_not(None)).order_by(doings.c.seq)).all()
        assert [tuple(one) for one in told] == [(0, 2), (0, 3), (0, 4), (0, 5)]


def test_the_rows_of_a_receipt_are_in_the_order_of_the_file(store):
    imported(store, rows_of([1, 3]))
    made = imported(store, [*rows_of([0]), *rows_of([1], amountDue="1.00"), *rows_of([2], amount="x"), *rows_of([3, 4])])
    frame = receipt(made.number, store).to_frame()
    assert list(zip(frame["row"], frame["outcome"], strict=True))[:5] == [(2, "created"), (3, "updated"), (4, "rejected"), (5, "unchanged"), (6, "created")]
    undo(made.number, store)
    assert receipt(3, store).to_frame()["row"].tolist()[:3] == [2, 3, 6]
    assert check(store) == []


def test_the_records_of_each_arrival_are_looked_up(lite):
    """Not the arrival of each record, which would take as many steps as there are records times batches."""
    store = lite()
    for table in TABLES:
        wanted = sa.select(sa.func.count()).select_from(created(table).subquery()).compile(store.engine, compile_kwargs={"literal_binds": True})
        with store.reading() as connection:
            steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {wanted}")]
        assert [step.split(" USING")[0] for step in steps] == ["SCAN arrivals", f"SEARCH {table.name}"], steps


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_what_one_batch_did_is_found_without_looking_through_the_others(lite, table):
    """Or a check of the store would take as many steps as there are batches times records."""
    store = lite()
    for wanted in images._after(table):
        text = wanted.params(of_batch=1, from_seq=0).compile(store.engine, compile_kwargs={"literal_binds": True})
        with store.reading() as connection:
            steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
        assert {step.split()[0] for step in steps} == {"SEARCH"}, steps


def test_ids_of_records_go_on_where_they_ended(store):
    imported(store, rows_of([0, 1]))
    imported(store, rows_of([2, 3, 4]))
    with store.reading() as connection:
        mine = sa.select(arrivals.c.batch, arrivals.c.first, arrivals.c.last).where(arrivals.c.records == invoices.name).order_by(arrivals.c.batch)
        assert [tuple(one) for one in connection.execute(mine)] == [(1, 1, 2), (2, 3, 5)]
