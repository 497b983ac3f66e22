"""What goes to PostgreSQL as bytes must come out of it as it went in: nulls, ends of ranges, other alphabets (promise 5)."""

import pyarrow as pa
import pytest
import sqlalchemy as sa

from invoice_rules.store.binary import as_binary
from invoice_rules.store.writing import inserts

TABLE = sa.Table(
    "sorts",
    sa.MetaData(),
    sa.Column("big", sa.BigInteger),
    sa.Column("whole", sa.Integer),
    sa.Column("small", sa.SmallInteger),
    sa.Column("text", sa.Text),
    sa.Column("same", sa.Integer),
    prefixes=["TEMPORARY"],
)
ROWS = [
    {"big": 2**63 - 1, "whole": 2**31 - 1, "small": 2**15 - 1, "text": "Müller & Söhne, 株式会社 🚢", "same": -7},
    {"big": -(2**63), "whole": -(2**31), "small": -(2**15), "text": "", "same": -7},
    {"big": None, "whole": None, "small": None, "text": None, "same": -7},
    {"big": 0, "whole": -1, "small": 1, "text": 'a\tb\n"c"\\N\\.,', "same": -7},
]


def _block(rows: list[dict]) -> pa.Table:
    kinds = {"big": pa.int64(), "whole": pa.int64(), "small": pa.int64(), "text": pa.large_string()}
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


@pytest.mark.parametrize("times", [1, 40])  # SQLite takes some dozens at a time, then the rest
@pytest.mark.parametrize("cut", [slice(None), slice(1, None), slice(0, 2)])
def test_rows_come_back_as_they_were_given(store, cut, times):
    with store.writing() as connection:
        TABLE.create(connection)
        block = pa.concat_tables([_block(ROWS[:1]), *[_block(ROWS[cut])] * times]).slice(1)  # an offset into its buffers
        for step in inserts(connection, TABLE, block, {"same": -7}):
            step()
        found = [dict(row) for row in connection.execute(sa.select(TABLE)).mappings()]
        assert found == ROWS[cut] * times
        TABLE.drop(connection)


def test_no_rows_are_no_step(store):
    with store.writing() as connection:
        assert inserts(connection, TABLE, _block([]), {"same": 1}) == []


@pytest.mark.parametrize(("name", "number"), [("small", 2**15), ("whole", -(2**31) - 1)])
def test_a_number_too_large_for_its_column_is_never_cut(name, number):
    with pytest.raises(ValueError, match="does not fit"):
        as_binary(pa.table({name: [1, number]}), TABLE, {})
