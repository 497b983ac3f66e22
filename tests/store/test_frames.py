"""Rows of a query as Arrow columns, from both databases alike."""

import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.store.frames import arrow


def test_a_cell_of_megabytes_comes_back_as_it_is(store):
    texts = ["short", '"long", ' * 500_000 + "\n", "", "ä" * 1_500_000, None]
    rows = [sa.select(sa.literal(place).label("place"), sa.cast(sa.literal(text), sa.Text).label("text")) for place, text in enumerate(texts)]
    found = sa.union_all(*rows).subquery()
    with store.reading() as connection:
        told = arrow(connection, sa.select(found.c.place, found.c.text).order_by(found.c.place))
    assert told.column("text").to_pylist() == texts and told.schema.types == [pa.int64(), pa.large_string()]
