"""Reference lists in the store: what saving a file of entries would do, the saving itself, and the entries again (X-6, X-18).

Lists are saved all of it or nothing. An entry is never changed or deleted: a new version supersedes it, and both stay. Every saving
is one line of the history's chain with the hash of all that it put in and took out, and lets plans that were made before be outrun.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.fields import Field, RuleSet
from invoice_rules.problems import plural
from invoice_rules.references import owned
from invoice_rules.results import Outcome, Report
from invoice_rules.store import chain, entities, roles
from invoice_rules.store.frames import arrow
from invoice_rules.store.records import Records, array_of, arrow_type, details_of, read_details, series_of
from invoice_rules.store.tables import reference_changes, reference_entries
from invoice_rules.store.times import now
from invoice_rules.store.writing import inserts
from invoice_rules.values.columns import places

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store

_BETWEEN = "\x1f"
_NEW = (Outcome.CREATED, Outcome.UPDATED)
_LISTED = 20_000
"""Ids that one statement takes out of force."""


@dataclass(frozen=True)
class Change:
    """What saving the entries of a file would do; nothing is written yet (X-6). `outcomes`: (rows,) int8 of `Outcome`.

    `entries` are the versions to be added (key, details, version); `superseded` and `absent` the ids of what goes out of force.
    """

    report: Report
    kind: RuleSet
    outcomes: np.ndarray
    entries: pa.Table
    superseded: pa.Array
    absent: pa.Array
    revision: int

    @cached_property
    def counts(self) -> dict[str, int]:
        """created, updated, unchanged, rejected, and `ended`: entries that the file does not have and that go out of force."""
        words = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.REJECTED)
        return {**{str(word): int((self.outcomes == word).sum()) for word in words}, "ended": len(self.absent)}

    @property
    def writes(self) -> bool:
        """Whether anything changes at all."""
        return bool(self.entries.num_rows or len(self.absent))

    def summary(self) -> str:
        """`Customers: 3 entries: 2 created, 1 unchanged.`"""
        told = ", ".join(f"{count:,} {_WORDS.get(word, word)}" for word, count in self.counts.items() if count)
        return f"{self.kind.title}: {plural(len(self.outcomes), 'entry')}{': ' + told if told else ''}."


_WORDS = {"ended": "taken out of force"}


@dataclass(frozen=True)
class Saved:
    """A list that was saved: which change of the store it was, of what kind, when, by whom, from which file, and the counts."""

    number: int
    kind: str
    at: str
    user: str
    source: str
    sha256: str
    counts: dict[str, int]


def preview_list(report: Report, store: "Store", *, replace: bool = False) -> Change:
    """What saving the good entries of an examined file would do. An entry is found again by its key, whatever its capital letters.

    A blank cell empties its field, a missing column leaves it. With `replace`, entries that no row of the file has go out of force.
    Raises CannotRun for a kind that has no list of its own, and for a list to be replaced by one whose keys are not all readable.
    """
    rules = report.rules
    if rules.name not in owned():
        raise CannotRun(f"{rules.title} are no list of their own: they come from files imported with the rules {rules.name}. Nothing was written.")
    with store.reading() as connection:
        number, entity = entities.entity(connection, store.entity.name)
        stored = arrow(connection, _standing(number, rules.name, "id", "key", "version", "details"))
    keys = keys_of(report.rows, rules)
    place, ready = places(keys, stored.column("key").combine_chunks()), report.ready
    details = _details(report.rows, rules, stored.column("details").combine_chunks(), place)
    outcomes = _outcomes(place, ready, details, stored.column("details").combine_chunks())
    new, old = np.isin(outcomes, _NEW), outcomes == Outcome.UPDATED
    versions = np.where(old, stored.column("version").to_numpy()[place] if stored.num_rows else 0, 0) + 1
    entries = pa.table({"key": keys, "details": details, "version": pa.array(versions.astype(np.int64))}).filter(pa.array(new))
    ids = stored.column("id").combine_chunks()
    absent = ids.filter(pa.array(_not_in(place, stored.num_rows))) if replace and not report.blocked else ids.slice(0, 0)
    if replace and keys.null_count:
        raise CannotRun(f"{plural(keys.null_count, 'row')} of {report.table.origin.name} cannot be told by {rules.fields[rules.key].title}, so nobody knows which entries the list no longer has. Correct the rows, or save without replacing. Nothing was written.")
    return Change(report, rules, outcomes, entries, ids.take(pa.array(place[old])), absent, entity.revision)


def keys_of(rows: pd.DataFrame, rules: RuleSet) -> pa.Array:
    """(rows,) text: what tells the entries of a list apart, without regard to case; null where it cannot be told."""
    names = rules.unique or (rules.key,)
    parts = [_shown(rows[name], rules.fields[name]) if name in rows else pa.nulls(len(rows), pa.large_string()) for name in names]
    return pc.utf8_lower(pc.binary_join_element_wise(*parts, pa.scalar(_BETWEEN, pa.large_string())))


def _shown(values: pd.Series, field: Field) -> pa.Array:
    return array_of(values, arrow_type(field)).cast(pa.large_string())


def _details(rows: pd.DataFrame, rules: RuleSet, stored: pa.Array, place: np.ndarray) -> pa.Array:
    """(rows,) canonical JSON; what the file has no column for stays as it is on file."""
    fields = rules.fields
    missing = read_details(stored, {name: field for name, field in fields.items() if name not in rows})
    at = pa.array(place, mask=place < 0)
    columns = {name: array_of(rows[name], arrow_type(field)) if name in rows else missing[name].take(at) for name, field in fields.items()}
    return details_of(columns, len(rows))


def _outcomes(place: np.ndarray, ready: np.ndarray, details: pa.Array, stored: pa.Array) -> np.ndarray:
    same = pc.fill_null(pc.equal(details, stored.take(pa.array(place, mask=place < 0))), False).to_numpy(zero_copy_only=False)
    found = np.select([~ready, place < 0, same], [Outcome.REJECTED, Outcome.CREATED, Outcome.UNCHANGED], Outcome.UPDATED)
    return found.astype(np.int8)


def _not_in(place: np.ndarray, count: int) -> np.ndarray:
    absent = np.ones(count, bool)
    absent[place[place >= 0]] = False
    return absent


def _standing(entity: int, name: str, *columns: str) -> sa.Select:
    table = reference_entries.c
    return sa.select(*[table[column] for column in columns]).where(table.entity == entity, table.kind == name, table.until.is_(None))


def save_lists(changes: Sequence[Change], store: "Store", *, user: str | None = None) -> list[Saved]:
    """Writes what was previewed, all of it or nothing, and tells each list that changed. Needs the role importer.

    Raises Outrun when the books changed since, CannotRun when the store refuses.
    """
    with store.writing() as connection:
        number, entity = entities.entity(connection, store.entity.name)
        roles.require(connection, number, roles.IMPORTER, "Saving reference lists")
        if any(change.revision != entity.revision for change in changes):
            raise Outrun("Somebody changed these books after the preview was made. Nothing was written. Look at the preview again to see what is new.")
        made = [_save(connection, number, change, entities.user_name(user)) for change in changes if change.writes]
        if made:
            entities.rise(connection, number)
    return made


def _save(connection: sa.Connection, entity: int, change: Change, user: str) -> Saved:
    number = _next(connection, reference_changes.c.number)
    origin = change.report.table.origin
    row = {"number": number, "entity": entity, "kind": change.kind.name, "at": now(), "user": user, "source": origin.name, "sha256": origin.sha256}
    row["counts"] = chain.canonical(change.counts)
    connection.execute(reference_changes.insert().values(**row))
    ended = pa.concat_arrays([change.superseded, change.absent])
    _end(connection, number, ended)
    first = _next(connection, reference_entries.c.id)
    ids = pa.array(np.arange(first, first + change.entries.num_rows))
    block = change.entries.append_column("id", ids)
    block = block.append_column("entity", pa.array(np.full(block.num_rows, entity)))
    block = block.append_column("kind", pa.array([change.kind.name] * block.num_rows, pa.large_string()))
    for step in inserts(connection, reference_entries, block, {"since": number}):
        step()
    values = digest(block, ended)
    told = {"number": number, "kind": row["kind"], "counts": change.counts, "sha256": origin.sha256, "record": record(row), "values": values}
    chain.append(connection, "reference", told)
    return Saved(number, change.kind.name, str(row["at"]), user, origin.name, origin.sha256, change.counts)


def _next(connection: sa.Connection, column: sa.Column) -> int:
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0))).scalar_one()) + 1


def _end(connection: sa.Connection, number: int, ids: pa.Array) -> None:
    """Takes entries out of force, some thousand a statement."""
    table = reference_entries
    for start in range(0, len(ids), _LISTED):
        part = ids.slice(start, _LISTED).to_pylist()
        if connection.dialect.name == "sqlite":
            listed: Any = sa.select(sa.func.json_each(chain.canonical(part)).table_valued("value").c.value)
        else:
            listed = sa.select(sa.func.unnest(sa.cast(part, sa.ARRAY(table.c.id.type))).column_valued())
        connection.execute(table.update().where(table.c.id.in_(listed)).values(until=number))


HASHED = ("id", "entity", "kind", "key", "version", "details")


def digest(entries: pa.Table, ended: pa.Array) -> str:
    """The hash of what a change put in (in the order of the ids) and took out."""
    columns = [entries.column(name).combine_chunks().cast(pa.large_string()) for name in HASHED]
    lines = pc.binary_join_element_wise(*columns, pa.scalar("\x1e", pa.large_string())).to_pylist()
    return chain.digest("\n".join(lines) + "\n\n" + " ".join(map(str, sorted(ended.to_pylist()))))


def record(row: dict[str, Any]) -> str:
    """The hash of a saving's row, which the chain keeps."""
    return chain.digest(chain.canonical(row))


def read(connection: sa.Connection, entity: int, rules: RuleSet) -> pd.DataFrame:
    """All entries in force of a kind, by key, with its fields typed as `Report.rows` has them."""
    if rules.reference:
        return _documents(connection, entity, rules)
    found = arrow(connection, _standing(entity, rules.name, "key", "details"))
    found = found.take(pc.sort_indices(found.column("key"))) if found.num_rows else found
    fields = rules.fields
    columns = read_details(found.column("details").combine_chunks(), fields)
    return pd.DataFrame({name: series_of(columns[name], field) for name, field in fields.items()})


def _documents(connection: sa.Connection, entity: int, rules: RuleSet) -> pd.DataFrame:
    """The documents in force of a rule set that provides a kind, as its entries."""
    records = Records(rules)
    table, number = records.table, entities.number_of(connection, records.owner)
    mine = sa.and_(table.c.entity == entity, table.c.rules == number, table.c.in_force == sa.literal_column("1"))
    found = arrow(connection, sa.select(*[table.c[name] for name in (*records.columns, "details")]).where(mine))
    found = found.take(pc.sort_indices(found.column("key"))) if found.num_rows else found
    rest = read_details(found.column("details").combine_chunks(), {name: rules.fields[name] for name in records.rest})
    stored = {field: found.column(column) for column, field in records.columns.items()}
    return pd.DataFrame({name: series_of({**stored, **rest}[name], rules.fields[name]) for name in records.fields})
