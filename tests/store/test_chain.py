"""What the chain of the history says of itself (promise 10)."""

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
