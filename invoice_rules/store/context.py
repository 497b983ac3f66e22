"""The read-only view that a store gives while a file is examined (X-6): what is on file, asked for whole columns at once.

Small stores are read once and matched in memory, larger ones a portion at a time; of a store much larger than the file only what
the file names is looked up, through a list of its values that SQLite unpacks from JSON and PostgreSQL from an array. Nothing is
written, not even in passing.
"""

from collections.abc import Callable, Generator
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.alike import books_of
from invoice_rules.crosschecks import folded_names
from invoice_rules.fields import RECORD, STATUS, RuleSet
from invoice_rules.references import kind as kind_named
from invoice_rules.results import Entity
from invoice_rules.store import entities, references
from invoice_rules.store.chain import canonical
from invoice_rules.store.frames import arrow, portions
from invoice_rules.store.records import COMPLETE, Records, read_details, series_of
from invoice_rules.store.tables import customers as customers_table
from invoice_rules.store.tables import invoices
from invoice_rules.table import TEXT
from invoice_rules.values.columns import places
from invoice_rules.values.fingerprints import fingerprints, joint
from invoice_rules.values.memory import give_back

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store

T = TypeVar("T")
_TIMES = 4
_ASK = 20_000
_KEPT = 150_000
"""Records that are read once and kept for all questions; of more a portion at a time is compared by key, and gone, and for other questions few columns are kept."""
_LOOKED_AT = ("key", "number", "customer", "customer_name", "amount", "currency", "date")
"""What tells invoices apart that look alike."""


class StoreContext:
    """`results.Context` of one entity. The revision is read first: what changes later makes the plan outrun, never wrong."""

    def __init__(self, store: "Store"):
        self._store = store
        with store.reading() as connection:
            self._number, self._entity = entities.entity(connection, store.entity.name)

    @property
    def entity(self) -> Entity:
        return self._entity

    def existing(self, rules: RuleSet, keys: pa.Array) -> pd.DataFrame:
        """The records in force with these keys. Index: key; columns: the kept fields as `Report.rows` types them, status, version, id."""
        records = Records(rules)
        return _typed(self._matching(records.table, records.owner, _kept(records), "key", keys), records)

    def existing_in_parts(self, rules: RuleSet, keys: pa.Array, look: Callable[[pd.DataFrame], T]) -> list[T]:
        """What `look` says of the same, some at a time and in any order, one part at least; others may be among them."""
        records = Records(rules)
        return self._each(records.table, records.owner, _kept(records), "key", keys, lambda found: look(_typed(found, records)))

    def details(self, rules: RuleSet, keys: pa.Array) -> dict[str, str]:
        """Key -> what is kept of the record beside its columns, its lines among it, as JSON."""
        records = Records(rules)
        found = self._matching(records.table, records.owner, ["key", "details"], "key", keys)
        return dict(zip(found.column("key").to_pylist(), found.column("details").to_pylist(), strict=True))

    def same_number(self, rules: RuleSet, customers: pa.Array, numbers: pa.Array, names: pa.Array | None = None) -> pd.DataFrame:
        """Records in force that share a (customer, number) pair, or name and number where an id is missing: columns at (position in the arrays), key."""
        if Records(rules).customers:
            return pd.DataFrame({"at": np.empty(0, np.int64), "key": pd.Series(dtype=TEXT)})
        found = self._matching(invoices, rules.name, ["key", "customer", "customer_name", "number"], "number", numbers)
        pairs = _pairs(found, rules, customers, numbers)
        return pairs if names is None else pd.concat([pairs, _namesakes(found, rules, customers, numbers, names)], ignore_index=True)

    def same_amount(self, rules: RuleSet, customers: pa.Array, amounts: pa.Array) -> pd.DataFrame:
        """Records in force whose customer and amount are those of a row: columns customer, amount, currency, number, date."""
        wanted = ["customer", "amount", "currency", "number", "date"]
        if Records(rules).customers:
            return pd.DataFrame({name: pd.Series(dtype=TEXT) for name in wanted})
        found = _sharing(self._matching(invoices, rules.name, wanted, "amount", amounts), customers, amounts)
        days = series_of(found.column("date"), rules.fields.get(rules.role("date") or ""))
        return _frame(found.drop_columns("date")).assign(date=days.array)

    def customers(self, rules: RuleSet, ids: pa.Array) -> pd.DataFrame:
        """Customers on file. Index: customer id; columns: name, complete."""
        owner = rules.name.split(".")[0]
        found = self._matching(customers_table, owner, ["key", "name", "complete"], "key", ids)
        index = pd.Index(found.column("key").to_pandas(), dtype=TEXT, name="customer")
        complete = found.column("complete").to_numpy().astype(bool)
        return pd.DataFrame({"name": series_of(found.column("name"), None).array, "complete": complete}, index=index)

    def reference(self, kind: str) -> pd.DataFrame:
        """All entries in force of a reference list, one row each, with all its fields; without rows where there are none. Read once."""
        if kind not in self._lists:
            with self._store.reading() as connection:
                self._lists[kind] = references.read(connection, self._number, kind_named(kind))
        return self._lists[kind]

    @cached_property
    def _lists(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def _sizes(self) -> dict[tuple[str, str], int]:
        return {}

    @cached_property
    def _whole(self) -> dict[tuple[str, str], pa.Table]:
        return {}

    def _matching(self, table: sa.Table, owner: str, columns: list[str], by: str, values: pa.Array) -> pa.Table:
        """Records in force whose column `by` has one of the values."""
        return pa.concat_tables(self._each(table, owner, columns, by, values, lambda found: _met(found, by, values)))

    def _each(self, table: sa.Table, owner: str, columns: list[str], by: str, values: pa.Array, look: Callable[[pa.Table], T]) -> list[T]:
        """What `look` says of records in force, a part at a time, among which are all whose column `by` has one of the values."""
        with self._store.reading() as connection:
            number = entities.number_of(connection, owner)
            here = sa.and_(table.c.entity == self._number, table.c.rules == number, table.c.in_force == sa.literal_column("1"))
            wanted = sa.select(*[table.c[name] for name in columns]).where(here)
            nothing = wanted.where(sa.false())
            said = len(values) - values.null_count
            if not number or not said:
                return [look(arrow(connection, nothing))]
            count = self._count(connection, table, owner, here)
            if count > _TIMES * said:
                found = _asked(connection, wanted, table.c[by], pc.unique(values.drop_null()), _ASK if by == "key" else said)
            elif count > _KEPT and by == "key":
                found = portions(connection, wanted)
            else:
                found = self._all(connection, table, owner, here, columns)
            told = []
            with closing(found):
                for part in found:
                    told.append(look(part))
                    del part
                    give_back()
            return told or [look(arrow(connection, nothing))]

    def _count(self, connection: sa.Connection, table: sa.Table, owner: str, here: sa.ColumnElement[bool]) -> int:
        if (table.name, owner) not in self._sizes:
            self._sizes[table.name, owner] = int(connection.execute(sa.select(sa.func.count()).select_from(table).where(here)).scalar_one())
        return self._sizes[table.name, owner]

    def _all(self, connection: sa.Connection, table: sa.Table, owner: str, here: sa.ColumnElement[bool], columns: list[str]) -> Generator[pa.Table]:
        """All records in force; columns read once are kept for the next question."""
        kept = self._whole.get((table.name, owner))
        if kept is None or not set(columns) <= set(kept.column_names):
            read = dict.fromkeys([*columns, *(_LOOKED_AT if table is invoices else ())])
            kept = arrow(connection, sa.select(*[table.c[name] for name in read]).where(here))
            self._whole[table.name, owner] = kept
        yield kept.select(columns)


def _kept(records: Records) -> list[str]:
    """The columns of a record that a file's row is compared with."""
    return [*(name for name in records.stored if name != "in_force"), "version", "id"]


def _typed(found: pa.Table, records: Records) -> pd.DataFrame:
    """Records as `Report.rows` types them, by key."""
    fields = records.rules.fields
    details = read_details(found.column("details").combine_chunks(), {name: fields[name] for name in records.rest})
    source = {**{field: found.column(column) for column, field in records.columns.items()}, **details}
    columns: dict[str, Any] = {name: series_of(source[name], fields[name]) for name in records.fields}
    columns[STATUS] = _status(found, records)
    columns["version"], columns[RECORD] = found.column("version").to_numpy(), found.column("id").to_numpy()
    return pd.DataFrame(columns).set_index(pd.Index(found.column("key").to_pandas(), dtype=TEXT, name="key"))


def _status(found: pa.Table, records: Records) -> pd.Series:
    if not records.customers:
        return series_of(found.column("status"), None)
    return pd.Series([COMPLETE[flag] for flag in found.column("complete").to_pylist()], dtype=TEXT)


def _met(found: pa.Table, by: str, values: pa.Array) -> pa.Table:
    """The records whose column `by` has one of the values; the shorter side is learned, the longer one looked up."""
    stored = found.column(by).combine_chunks()
    if len(stored) < len(values):
        met = np.zeros(len(stored) + 1, bool)
        met[places(values, stored)] = True
        values = stored.filter(pa.array(met[:-1]))
    return found.filter(pc.is_in(stored, values.cast(stored.type)))


def _asked(connection: sa.Connection, wanted: sa.Select, column: sa.Column, values: pa.Array, size: int) -> Generator[pa.Table]:
    """The records with these values, asked for a part of them at a time: keys have an index; for others the table is read once."""
    for start in range(0, len(values), size):
        part = values.slice(start, size).to_pylist()
        if connection.dialect.name == "sqlite":
            listed: Any = sa.select(sa.func.json_each(canonical(part)).table_valued("value").c.value)
        else:
            listed = sa.select(sa.func.unnest(sa.cast(part, sa.ARRAY(column.type))).column_valued())
        yield arrow(connection, wanted.where(column.in_(listed)))


def _frame(found: pa.Table) -> pd.DataFrame:
    return found.to_pandas(types_mapper={pa.large_string(): TEXT}.get)


def _sharing(found: pa.Table, customers: pa.Array, amounts: pa.Array) -> pa.Table:
    """The records that have customer and amount of one row; perhaps a few others, whose fingerprints are the same."""
    there, of_customer = (found.column(name).combine_chunks() for name in ("amount", "customer"))
    at = pa.array(np.flatnonzero(places(amounts, there) >= 0))
    at = at.take(pa.array(np.flatnonzero(places(customers.take(at), of_customer) >= 0)))
    asked = joint(fingerprints(customers.take(at)), amounts.take(at).to_numpy(zero_copy_only=False))
    return found.filter(pa.array(np.isin(joint(fingerprints(of_customer), there.to_numpy(zero_copy_only=False)), asked)))


def _once_each(stored: pd.DataFrame, rules: RuleSet, same: list[str]) -> pd.DataFrame:
    """The last of the records that are the same to a row of the file: those of one number, customer and books."""
    books = stored["key"].map(books_of) if rules.keyed_by else ""
    return stored.loc[~stored.assign(books=books).duplicated([*same, "books"], keep="last")]


def _pairs(found: pa.Table, rules: RuleSet, customers: pa.Array, numbers: pa.Array) -> pd.DataFrame:
    """(at, key) of stored records with the same customer and number as a row of the file."""
    at = np.flatnonzero(places(numbers, found.column("number").combine_chunks()) >= 0)
    at = at[places(customers.take(pa.array(at)), found.column("customer").combine_chunks()) >= 0]
    take = pa.array(at)
    asked = pd.DataFrame({"at": at, "customer": customers.take(take).to_pylist(), "number": numbers.take(take).to_pylist()})
    here = _once_each(_frame(found.select(["key", "customer", "number"])), rules, ["customer", "number"])
    return asked.astype({"customer": TEXT, "number": TEXT}).merge(here, on=["customer", "number"]).sort_values("at", kind="stable", ignore_index=True)[["at", "key"]]


def _namesakes(found: pa.Table, rules: RuleSet, customers: pa.Array, numbers: pa.Array, names: pa.Array) -> pd.DataFrame:
    """(at, key) of stored records with the same number and name as a row of the file, where one of the two has no customer id."""
    at = np.flatnonzero(places(numbers, found.column("number").combine_chunks()) >= 0)
    take = pa.array(at)
    asked = pd.DataFrame({"at": at, "number": numbers.take(take).to_pylist(), "name": names.take(take).to_pylist(), "id": customers.take(take).to_pylist()})
    stored = _frame(found.select(["key", "number"]))
    stored["name"] = folded_names(_frame(found.select(["customer_name"]))["customer_name"]).to_pylist()
    stored["id"] = found.column("customer").to_pylist()
    stored = _once_each(stored.assign(nameless=stored["id"].isna()), rules, ["number", "name", "nameless"])
    kinds = {"number": object, "name": object}
    met = asked.dropna(subset=["name"]).astype(kinds).merge(stored.dropna(subset=["name"]).astype(kinds), on=["number", "name"], suffixes=("", "_stored"))
    return met.loc[met["id"].isna() | met["id_stored"].isna(), ["at", "key"]]
