"""Rows of a query as Arrow columns, from both databases alike."""

import psycopg
import pyarrow as pa
import pytest
import sqlalchemy as sa

from invoice_rules.store.frames import arrow


def test_a_cell_of_megabytes_comes_back_as_it_is(store):
    texts = ["short", '"long", ' * 500_000 + "\n", "", "ä" * 1_500_000, None]
    rows = [sa.select(sa.literal(place).label("place"), sa.cast(sa.literal(text), sa.Text).label("text")) for place, text in enumerate(texts)]
    found = sa.union_all(*rows).subquery()
    with store.reading() as connection:
        told = arrow(connection, sa.select(found.c.place, found.c.text).order_by(found.c.place))
    assert told.column("text").to_pylist() == texts and told.schema.types == [pa.int64(), pa.large_string()]


def test_many_rows_come_back_in_their_order_on_one_connection(store):
    numbers = sa.select(sa.literal(1).label("at")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.at + 1).where(numbers.c.at < 30_000))
    wanted = sa.select(numbers.c.at, sa.cast(numbers.c.at, sa.Text).label("text")).order_by(numbers.c.at)
    with store.reading() as connection:
        for _ in range(2):
            told = arrow(connection, wanted)
            assert told.column("at").to_pylist() == list(range(1, 30_001)) and told.column("text").to_pylist()[-1] == "30000"
        assert arrow(connection, wanted.where(sa.false())).num_rows == 0


def test_what_goes_wrong_at_the_server_after_many_rows_is_told(two_stores):
    _, served = two_stores
    numbers = sa.func.generate_series(1, 30_000).column_valued("at")
    with served.reading() as connection, pytest.raises(psycopg.errors.DivisionByZero, match="division by zero"):
        arrow(connection, sa.select((sa.literal(1) / (numbers - 29_999)).label("at")))
    with served.reading() as connection:
        assert arrow(connection, sa.select(sa.literal(1).label("one"))).column("one").to_pylist() == [1]
