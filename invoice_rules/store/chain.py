"""The hash chain of the history: each line holds the hash of the one before, so that no line can be changed unseen.

Lines hold hashes of personal data, never the data: a purge leaves the chain verifiable. Where the chain ends is kept beside it, so
that its tail cannot be cut off unseen either; who rewrites all of it is found out by the receipts, which print its head.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dict
from typing import Any

import sqlalchemy as sa

from invoice_rules.problems import plural
from invoice_rules.store.tables import history, meta

START = "0" * 64
_END = meta.c.name == "end of history"


def canonical(value: object) -> str:
    """JSON that is the same for the same content: sorted, without blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hidden(value: str) -> str:
    """A name as the chain holds it."""
    return "sha256:" + digest(value)


def head(connection: sa.Connection) -> tuple[int, str]:
    """(number of lines, hash of the last one)."""
    last = connection.execute(sa.select(history.c.seq, history.c.hash).order_by(history.c.seq.desc()).limit(1)).first()
    return (last.seq, last.hash) if last else (0, START)


def append(connection: sa.Connection, kind: str, payload: Dict[str, Any], batch: int | None = None) -> str:
    """Adds a line and returns the new head."""
    seq, prev = head(connection)
    text = canonical(payload)
    made = _hash(seq + 1, prev, kind, batch, text)
    connection.execute(history.insert().values(seq=seq + 1, prev=prev, hash=made, kind=kind, batch=batch, payload=text))
    if not connection.execute(meta.update().where(_END).values(value=f"{seq + 1} {made}")).rowcount:
        connection.execute(meta.insert().values(name="end of history", value=f"{seq + 1} {made}"))
    return made


def told(connection: sa.Connection, kind: str, names: tuple[str, type] = ("number", int)) -> Iterator[dict[str, Any]]:
    """What the lines of a kind say, in order; a line that somebody made unreadable, or without what names its subject, says nothing."""
    name, needed = names
    for text in connection.execute(sa.select(history.c.payload).where(history.c.kind == kind).order_by(history.c.seq)).scalars():
        found = read(text)
        if isinstance(found.get(name), needed):
            yield found


def read(text: str | None) -> dict[str, Any]:
    """JSON that somebody may have changed; nothing where it is none any more."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def differences(told: Dict[Any, object], there: Dict[Any, object], shown: Callable[[Any], str], one: str, many: str) -> Iterator[str]:
    """What is not on file as the lines tell, a sentence each: `told` and `there` have by key what must agree, `shown` names what lies under a key."""
    for key, record in there.items():
        if told.get(key) != record:
            yield f"{shown(key)} is not the one that the history tells of: somebody changed it outside invoice-rules."
    if missing := len(told.keys() - there.keys()):
        yield f"The history tells of {plural(missing, one, many)} that {'is' if missing == 1 else 'are'} not on file."


def _hash(seq: int, prev: str, kind: str, batch: int | None, payload: str) -> str:
    return digest(canonical([seq, prev, kind, batch, payload]))


def broken(connection: sa.Connection) -> list[str]:
    """What is wrong with the chain, a sentence each; empty when every line fits the one before."""
    found, prev, expected = [], START, 1
    for row in connection.execute(sa.select(history).order_by(history.c.seq)):
        if row.seq != expected:
            found.append(f"Line {expected} of the history is missing.")
        if row.prev != prev:
            found.append(f"Line {row.seq} of the history does not follow line {row.seq - 1}: one of them was changed.")
        if row.hash != _hash(row.seq, row.prev, row.kind, row.batch, row.payload):
            found.append(f"Line {row.seq} of the history was changed after it was written.")
        prev, expected = row.hash, row.seq + 1
    kept = connection.execute(sa.select(meta.c.value).where(_END)).scalar()
    if (kept or f"0 {START}") != f"{expected - 1} {prev}":
        found.append(f"The history ends at line {expected - 1}, which is not where it ended when it was last written.")
    return found
