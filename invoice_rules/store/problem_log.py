"""The log of an import's problems against what the history tells of it (X-15, S3-20); stores of older versions tell nothing, and nothing is compared."""

from collections.abc import Iterator

import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.results import Plan
from invoice_rules.store import chain, evidence
from invoice_rules.store.images import PURGED
from invoice_rules.store.tables import batches, problems

_PLACES = ("seq", "row", "cell", "field", "rule", "severity")
_WORDS = ("value", "message")
"""What a purge may empty."""


def made(plan: Plan, batch: int, most: int) -> tuple[pa.Table, dict[str, str]]:
    """The rows of a batch's log, and their hashes for the history."""
    rows = evidence.log(plan, batch, most)
    columns = [rows.column(name).to_pylist() for name in (*_PLACES, *_WORDS)] if rows.num_rows else []
    return rows, _hashes(list(zip(*columns, strict=True)))


def _hashes(rows: list[tuple]) -> dict[str, str]:
    parts = {"places": [row[: len(_PLACES)] for row in rows], "words": [row[len(_PLACES) :] for row in rows]}
    return {name: chain.digest(chain.canonical(part)) for name, part in parts.items()}


def wrong(connection: sa.Connection) -> Iterator[str]:
    """The logs that are not as they were written, a sentence each; of a purged one only the words may be gone."""
    purged = _purged(connection)
    for line in chain.told(connection, "import", ("problems", dict)):
        number = line.get("number")
        mine = sa.select(*[problems.c[name] for name in (*_PLACES, *_WORDS)]).where(problems.c.batch == number).order_by(problems.c.seq)
        rows = [tuple(row) for row in connection.execute(mine)]
        found, told = _hashes(rows), line["problems"]
        emptied = number in purged and all(not value and message.startswith(PURGED) for *_, value, message in rows)
        if found["places"] != told.get("places") or (found["words"] != told.get("words") and not emptied):
            yield f"The log of batch {number}, with why rows stayed out, is not the one that the history tells of: somebody changed it outside invoice-rules."


def _purged(connection: sa.Connection) -> set[int]:
    """The batches whose logs were emptied by a purge that is on file."""
    receipts = connection.execute(sa.select(batches.c.receipt).where(batches.c.kind == "purge")).scalars()
    return {number for text in receipts for number in chain.read(text).get("details", {}).get("logs", [])}
