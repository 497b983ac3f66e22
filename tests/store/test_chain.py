"""What the chain of the history says of itself (promise 10)."""

import pytest
import sqlalchemy as sa

from invoice_rules.store import chain
from invoice_rules.store.tables import history, metadata


def written(*payloads: dict) -> sa.Connection:
    connection = sa.create_engine("sqlite://").connect()
    metadata.create_all(connection)
    for payload in payloads:
        chain.append(connection, "import", payload, payload.get("number"))
    return connection


def test_lines_are_told_in_order_and_unreadable_ones_are_passed_over():
    connection = written({"number": 1}, {"number": 2}, {"number": 3}, {"number": 4}, {"other": 5})
    chain.append(connection, "undo", {"number": 6})
    for seq, damaged in ((2, "{"), (3, "[1]")):
        connection.execute(history.update().where(history.c.seq == seq).values(payload=damaged))
    assert list(chain.told(connection, "import")) == [{"number": 1}, {"number": 4}]
    assert chain.broken(connection) == [f"Line {seq} of the history was changed after it was written." for seq in (2, 3)]
    connection.close()


def test_each_sentence_names_its_line():
    connection = written({"number": 1}, {"number": 2}, {"number": 3})
    assert chain.broken(connection) == []
    connection.execute(history.update().where(history.c.seq == 3).values(prev=chain.START))
    follows = "Line 3 of the history does not follow line 2: one of them was changed."
    assert chain.broken(connection) == [follows, "Line 3 of the history was changed after it was written."]
    connection.execute(history.delete().where(history.c.seq == 3))
    assert chain.broken(connection) == ["The history ends at line 2, which is not where it ended when it was last written."]
    connection.close()


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ({1: "a", 2: "b"}, []),
        ({1: "a"}, ["The history tells of 1 batch that is not on file."]),
        ({}, ["The history tells of 2 batches that are not on file."]),
        ({1: "a", 2: "c"}, ["Batch 2 is not the one that the history tells of: somebody changed it outside invoice-rules."]),
        ({1: "a", 2: "b", 3: "d"}, ["Batch 3 is not the one that the history tells of: somebody changed it outside invoice-rules."]),
    ],
)
def test_what_is_not_on_file_as_the_lines_tell_is_said(there, says):
    assert list(chain.differences({1: "a", 2: "b"}, there, lambda key: f"Batch {key}", "batch", "batches")) == says
