"""Proof of a receipt (X-7) and of a whole store: what is there now against the file, the counts, the amounts and the chain."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.problems import plural
from invoice_rules.results import exact
from invoice_rules.store import chain, corrections, entities, ledger_proofs, mappings, problem_log, reference_lists, roles
from invoice_rules.store.committing import record_hash
from invoice_rules.store.doings import TABLES, created, doings, owner
from invoice_rules.store.images import PURGED, Digest, after_images
from invoice_rules.store.opening import Store
from invoice_rules.store.receipts import WORDS, find_batch
from invoice_rules.store.tables import arrivals, batches, history, invoices, outcomes, rule_sets
from invoice_rules.values import exact_sum

Finding = tuple[str, bool | None, str]
"""What was compared, whether it agrees (None: there was nothing to compare), and a sentence."""
_CREATED, _UPDATED = 0, 1
_UNTOUCHED = (2, 3, 4)


def verify_receipt(batch: str | int, store: Store, file: str | os.PathLike[str] | None = None) -> list[Finding]:
    """(what, whether it agrees, a sentence): file, receipt, counts, amounts, values, chain.

    `file` is where the imported file lies now; by default where it was. A file that is not there any more is told, and not judged.
    """
    with store.reading() as connection:
        number, _ = entities.entity(connection, store.entity.name)
        row = find_batch(connection, number, batch)
        found = _batch(connection, row)
        broken = chain.broken(connection)
    path = file or json.loads(row.receipt)["details"].get("path")
    if row.sha256 and path:
        found.insert(0, _file(row, Path(path), bool(file)))
    says = "Every line of the history follows the one before." if not broken else " ".join(broken)
    return [*found, ("chain", not broken, says)]


def check(store: Store) -> list[str]:
    """What is wrong with a store, a sentence each: the database itself, orphans, versions, the chain, every batch. Empty: nothing."""
    with store.reading() as connection:
        found = [*_integrity(connection), *_orphans(connection), *_versions(connection), *_owners(connection)]
        found += [*_befores(connection), *_named(connection), *chain.broken(connection), *_lines(connection)]
        for part in (entities, mappings, corrections, problem_log, reference_lists, roles, ledger_proofs):
            found += part.wrong(connection)
        for row in connection.execute(sa.select(batches).order_by(batches.c.number)).all():
            found += [says for _, fits, says in _batch(connection, row) if fits is False]
    return found


def _file(row: Any, path: Path, named: bool) -> Finding:
    if not path.is_file():
        moved = f"The file is not at {path} any more and was not compared. Name where it lies now."
        return "file", False if named else None, f"The file {path} is not there." if named else moved
    with path.open("rb") as opened:
        same = hashlib.file_digest(opened, "sha256").hexdigest() == row.sha256
    return "file", same, f"{path.name} is {'the file that was imported' if same else 'not the file that was imported: its content is another'}."


def _batch(connection: sa.Connection, row: Any) -> list[Finding]:
    """The proofs of one batch that need only the store."""
    line = connection.execute(sa.select(history.c.payload).where(history.c.batch == row.number, history.c.kind == row.kind)).scalar()
    told, kept = chain.read(line), chain.read(row.receipt)
    same = told.get("record") == record_hash(dict(row._mapping))
    says = "is the one that the history tells of" if same else "was changed after it was written" if told else "is not told of by the history"
    found = [("receipt", same, f"The receipt of batch {row.number} {says}.")]
    if not same:
        return found
    found.append(_counts(connection, row.number, kept["counts"]))
    try:
        digest, sums, purged = _again(connection, row.number)
    except (ValueError, KeyError, TypeError):
        return [*found, ("values", False, f"The values of batch {row.number} cannot be read any more: somebody changed them outside invoice-rules.")]
    if purged:
        return [*found, ("values", True, f"{plural(purged, 'earlier value')} of batch {row.number} {'was' if purged == 1 else 'were'} purged; the hash stays.")]
    fits = told.get("values") == digest
    says = "are those that it stored" if fits else "are not those that it stored: somebody changed them outside invoice-rules"
    return [*found, *_amounts(row.number, kept, sums), ("values", fits, f"The values of batch {row.number} {says}.")]


def _counts(connection: sa.Connection, batch: int, told: dict[str, int]) -> Finding:
    mine = sa.and_(doings.c.batch == batch, doings.c.row.is_not(None))
    rows = connection.execute(sa.select(doings.c.outcome, sa.func.count()).where(mine).group_by(doings.c.outcome))
    counted = {WORDS.get(outcome, "unknown"): count for outcome, count in rows}
    expected = {word: count for word, count in told.items() if count and word in WORDS.values()}
    fits = counted == expected
    shown = ", ".join(f"{count:,} {word}" for word, count in counted.items()) or "nothing"
    return "counts", fits, f"Batch {batch} has {shown} on file{'' if fits else ', and its receipt says ' + (', '.join(f'{n:,} {w}' for w, n in expected.items()) or 'nothing')}."


def _again(connection: sa.Connection, batch: int) -> tuple[str, dict[str, dict[str, list[int]]], int]:
    """The digest made again, outcome -> currency -> [amount, balance] added up again, and how many values were purged."""
    digest, gone = Digest(), 0
    sums: dict[str, dict[str, list[int]]] = {}
    for table in TABLES:
        for block, purged in after_images(connection, batch, table):
            digest.add(table.name, block)
            gone += purged
            if table is invoices:
                _add_up(block, sums)
    return digest.hexdigest(), sums, gone


def _add_up(block: pa.Table, sums: dict[str, dict[str, list[int]]]) -> None:
    mine = block.filter(pc.is_valid(block.column("row")))
    for outcome in (_CREATED, _UPDATED):
        part = mine.filter(pc.equal(mine.column("outcome"), outcome))
        codes = part.column("currency").combine_chunks()
        for code in [c for c in pc.unique(codes).to_pylist() if c]:
            of_code = part.filter(pc.equal(codes, code))
            total = sums.setdefault(WORDS[outcome], {}).setdefault(code, [0, 0])
            for at, name in enumerate(("amount", "balance")):
                total[at] += exact_sum(of_code.column(name).combine_chunks())


def _amounts(batch: int, kept: dict[str, Any], sums: dict[str, dict[str, list[int]]]) -> Iterator[Finding]:
    fields = kept["details"].get("total_fields", [])
    for word in ("created", "updated"):
        for code, told in kept["totals"].get(word, {}).items():
            found = dict(zip(fields, (exact(minor, code) for minor in sums.get(word, {}).get(code, [0, 0])), strict=False))
            fits = found == told
            shown = ", ".join(f"{name} {value}" for name, value in found.items())
            yield "amounts", fits, f"Batch {batch} {word} {code}: {shown}{'' if fits else '; its receipt says ' + ', '.join(f'{n} {v}' for n, v in told.items())}."


def _integrity(connection: sa.Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)") if row[0] != "ok"]
    found += [f"a row of {row[0]} points to nothing" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    return [f"The database is damaged: {says}." for says in found]


def _orphans(connection: sa.Connection) -> Iterator[str]:
    for table in TABLES:
        record = outcomes.c[owner(table)]
        joined = outcomes.outerjoin(table, table.c.id == record)
        count = _number(connection, sa.select(sa.func.count()).select_from(joined).where(record.is_not(None), table.c.id.is_(None)))
        mine = sa.select(sa.func.sum(arrivals.c.last - arrivals.c.first + 1)).where(arrivals.c.records == table.name)
        count += _number(connection, mine) - _number(connection, sa.select(sa.func.count()).select_from(created(table).subquery()))
        if count:
            yield f"{plural(count, 'outcome')} of imports {'has' if count == 1 else 'have'} no {table.name[:-1]} on file any more."
    lost = 0
    for told in (outcomes, arrivals):
        joined = told.outerjoin(batches, batches.c.number == told.c.batch)
        lost += _number(connection, sa.select(sa.func.count()).select_from(joined).where(batches.c.id.is_(None)))
    if lost:
        yield f"{plural(lost, 'outcome')} {'belongs' if lost == 1 else 'belong'} to no import."


def _number(connection: sa.Connection, wanted: sa.Select) -> int:
    return int(connection.execute(wanted).scalar() or 0)


def _versions(connection: sa.Connection) -> Iterator[str]:
    """A record's version, and the first and the last batch that touched it, are those that the outcomes tell of."""
    for table in TABLES:
        record, batch = doings.c[owner(table)], doings.c.batch
        counted = sa.select(record.label("id"), sa.func.count().label("n"), sa.func.min(batch).label("first"), sa.func.max(batch).label("last"))
        told = counted.where(record.is_not(None), doings.c.version.is_not(None)).group_by(record).subquery()
        fits = sa.and_(table.c.version == told.c.n, table.c.created == told.c.first, table.c.changed == told.c.last)
        yield from _changed(connection, table, sa.select(table.c.key).select_from(table.outerjoin(told, told.c.id == table.c.id)).where(fits.is_not(sa.true())))


def _owners(connection: sa.Connection) -> Iterator[str]:
    """A record is in the books, and of the rule set or system, of the batch that created it."""
    for table in TABLES:
        joined = table.outerjoin(batches, batches.c.number == table.c.created).outerjoin(rule_sets, rule_sets.c.id == table.c.rules)
        named = batches.c.rules == rule_sets.c.name if table is invoices else batches.c.rules.startswith(rule_sets.c.name + ".")
        fits = sa.and_(batches.c.entity == table.c.entity, named)
        yield from _changed(connection, table, sa.select(table.c.key).select_from(joined).where(fits.is_not(sa.true())))


def _changed(connection: sa.Connection, table: sa.Table, wrong: sa.Select) -> Iterator[str]:
    keys = connection.execute(wrong.order_by(table.c.id).limit(6)).scalars().all()
    if keys:
        yield f"Changed outside invoice-rules: {table.name[:-1]} {', '.join(keys[:5])}{' and more' if len(keys) > 5 else ''}."


def _befores(connection: sa.Connection) -> Iterator[str]:
    """Earlier values belong to outcomes that changed something, to each of them, and only a purge that the history tells of replaces them by a hash."""
    mine = outcomes.c.before.is_not(None)
    for number in _batches_with(connection, mine, outcomes.c.outcome.in_([_CREATED, *_UNTOUCHED])):
        yield f"Batch {number} has earlier values of records that it did not change: somebody changed them outside invoice-rules."
    for number in _batches_with(connection, ~mine, outcomes.c.version > 1):
        yield f"Batch {number} lacks the earlier values of records that it changed: somebody took them away outside invoice-rules."
    receipts = connection.execute(sa.select(batches.c.receipt).where(batches.c.kind == "purge")).scalars()
    purged = {number for text in receipts for number in chain.read(text).get("details", {}).get("batches", [])}
    for number in _batches_with(connection, mine, outcomes.c.before.startswith(PURGED, autoescape=True)):
        if number not in purged:
            yield f"Earlier values of batch {number} were replaced, and no purge on file did so: somebody changed them outside invoice-rules."


def _named(connection: sa.Connection) -> Iterator[str]:
    """An outcome has a record on file, an invoice or a customer, or else the key that the file gave."""
    given = [outcomes.c[name].is_not(None) for name in ("invoice", "customer", "key")]
    for number in _batches_with(connection, sa.or_(*[sa.and_(one, other) for one, other in combinations(given, 2)])):
        yield f"Batch {number} names a record on file for rows that stayed out, or two records for one row: somebody changed that outside invoice-rules."


def _batches_with(connection: sa.Connection, *wrong: sa.ColumnElement[bool]) -> Iterable[int]:
    """The numbers, rising, of the batches that have such an outcome."""
    return connection.execute(sa.select(outcomes.c.batch).where(*wrong).distinct().order_by(outcomes.c.batch)).scalars()


def _lines(connection: sa.Connection) -> Iterator[str]:
    """Batches and their lines in the history belong together, one to one."""
    told = set(connection.execute(sa.select(history.c.batch).where(history.c.batch.is_not(None))).scalars())
    there = set(connection.execute(sa.select(batches.c.number)).scalars())
    for number in sorted(told - there):
        yield f"The history tells of batch {number}, which is not on file."
