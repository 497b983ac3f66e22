"""The reference lists that there are, with how many entries and where they come from; and the proof that nobody changed them (promise 10)."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.problems import plural
from invoice_rules.references import kinds
from invoice_rules.store import chain, entities
from invoice_rules.store.frames import arrow
from invoice_rules.store.records import Records
from invoice_rules.store.references import HASHED, digest, record
from invoice_rules.store.tables import reference_changes, reference_entries

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store

COLUMNS = ("kind", "title", "entries", "at", "user", "source")


def lists(store: "Store") -> pd.DataFrame:
    """One row a kind, in their order: kind, title, entries in force, and when, by whom and from which file it was last saved (blank: never)."""
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        table = reference_entries.c
        counted = sa.select(table.kind, sa.func.count()).where(table.entity == number, table.until.is_(None)).group_by(table.kind)
        counts = {row[0]: int(row[1]) for row in connection.execute(counted)}
        wanted = sa.select(reference_changes).where(reference_changes.c.entity == number).order_by(reference_changes.c.number)
        last = {row.kind: (row.at, row.user, row.source) for row in connection.execute(wanted)}
        counts |= {name: _documents(connection, number, Records(rules)) for name, rules in kinds().items() if rules.reference}
    rows = [(name, rules.title, counts.get(name, 0), *last.get(name, ("", "", ""))) for name, rules in kinds().items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _documents(connection: sa.Connection, entity: int, records: Records) -> int:
    table = records.table.c
    mine = sa.and_(table.entity == entity, table.rules == entities.number_of(connection, records.owner), table.in_force == sa.literal_column("1"))
    return int(connection.execute(sa.select(sa.func.count()).select_from(records.table).where(mine)).scalar_one())


def list_changes(store: "Store", kind: str | None = None) -> pd.DataFrame:
    """Each time that a list was saved, the latest first: number, kind, at, user, source, sha256, created, updated, unchanged, rejected, ended."""
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        wanted = sa.select(reference_changes).where(reference_changes.c.entity == number).order_by(reference_changes.c.number.desc())
        rows = [dict(row) for row in connection.execute(wanted if kind is None else wanted.where(reference_changes.c.kind == kind)).mappings()]
    names = ["number", "kind", "at", "user", "source", "sha256", "created", "updated", "unchanged", "rejected", "ended"]
    return pd.DataFrame([{**row, **json.loads(row["counts"])} for row in rows], columns=names)


def wrong(connection: sa.Connection) -> Iterator[str]:
    """What is wrong with the reference lists, a sentence each: every saving and every entry is as the history tells."""
    told = {line["number"]: line for line in chain.told(connection, "reference")}
    there = {row["number"]: dict(row) for row in connection.execute(sa.select(reference_changes)).mappings()}
    if missing := sorted(set(told) - set(there)):
        yield f"The history tells of {plural(len(missing), 'saving')} of reference lists that {'is' if len(missing) == 1 else 'are'} not on file."
    found, entries = _digests(connection)
    for number, row in there.items():
        if told.get(number, {}).get("record") != record(row):
            yield f"Saving {number} of the reference lists is not the one that the history tells of: somebody changed it outside invoice-rules."
        elif told[number].get("values") != found.get(number, digest(entries.slice(0, 0), pa.array([], pa.int64()))):
            yield f"Entries of the reference list {row['kind']} are not those that saving {number} stored: somebody changed them outside invoice-rules."
    if strays := sorted(set(found) - set(there)):
        yield f"Reference lists have entries of {plural(len(strays), 'saving')} that nobody knows of: somebody changed them outside invoice-rules."


def _digests(connection: sa.Connection) -> tuple[dict[int, str], pa.Table]:
    """Change -> the hash of what it put in and took out, made again from the entries; and the entries."""
    table: Any = reference_entries.c
    entries = arrow(connection, sa.select(*[table[name] for name in (*HASHED, "since", "until")]).order_by(table.id))
    ids = entries.column("id").to_numpy()
    since, until = (entries.column(name).combine_chunks().fill_null(0).to_numpy() for name in ("since", "until"))
    numbers = np.union1d(since, until[until != 0]).tolist()
    put, taken = (_places(column, numbers) for column in (since, until))
    return {number: digest(entries.take(pa.array(put[at])), pa.array(ids[taken[at]])) for at, number in enumerate(numbers)}, entries


def _places(column: np.ndarray, numbers: list[int]) -> list[np.ndarray]:
    """The places at which each number stands, in order."""
    order = np.argsort(column, kind="stable")
    starts = np.searchsorted(column[order], numbers, "left")
    ends = np.searchsorted(column[order], numbers, "right")
    return [order[start:end] for start, end in zip(starts, ends, strict=True)]
