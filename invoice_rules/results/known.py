"""What the store has of a file's rows: `Known`, and `Stored`, the records themselves without what the file says as well."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.table import TEXT


@dataclass(frozen=True)
class Stored:
    """The stored records of the file's rows at the positions `at`: a million of them take no more room than what they say otherwise than the file.

    `own`: column -> (int32 places among the records, rising; typed values there); elsewhere a record says what `rows`, the file's, say.
    `more`: columns that these do not have -> (records,) typed values.
    """

    rows: pd.DataFrame
    at: np.ndarray
    own: Dict[str, tuple[np.ndarray, pa.Array]]
    more: Dict[str, pa.Array]

    def __len__(self) -> int:
        return len(self.at)

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.more

    def take(self, name: str, of: np.ndarray | None = None) -> pa.Array:
        """(of,) typed: one column of these records, all by default; null for the place -1."""
        of = np.arange(len(self), dtype=np.int32) if of is None else of.astype(np.int32, copy=False)
        none = of < 0
        if name in self.more:
            return self.more[name].take(pa.array(of, mask=none))
        places, values = self.own[name]
        found = array(self.rows[name], pa.array(self.at[of] if len(self) else of, mask=none))
        if not len(places):
            return found
        place = np.minimum(np.searchsorted(places, of), len(places) - 1)
        other = places[place] == of
        return pc.replace_with_mask(found, pa.array(other), values.take(pa.array(place[other])))

    def frame(self, names: Iterable[str] | None = None, of: np.ndarray | None = None) -> pd.DataFrame:
        """These columns of these records, those that there are; all by default."""
        wanted = [*self.own, *self.more] if names is None else [name for name in names if name in self]
        columns = {name: self.take(name, of) for name in wanted}
        typed = {name: pd.array(values, dtype=TEXT if values.type == pa.large_string() else pd.ArrowDtype(values.type)) for name, values in columns.items()}
        return pd.DataFrame(typed, index=pd.RangeIndex(len(self) if of is None else len(of)), copy=False)

    def only(self, keep: np.ndarray) -> "Stored":
        """The records of the boolean mask alone."""
        place, mask = np.cumsum(keep, dtype=np.int32) - 1, pa.array(keep)
        own = {name: (place[places[keep[places]]], values.filter(pa.array(keep[places]))) for name, (places, values) in self.own.items()}
        return Stored(self.rows, self.at[keep], own, {name: values.filter(mask) for name, values in self.more.items()})

    def with_column(self, name: str, values: pa.Array) -> "Stored":
        """With one more column, which the file's rows do not have."""
        return replace(self, more={**self.more, name: values})


@dataclass(frozen=True)
class Known:
    """What the store has of the rows that it knows: `at` are their positions, rising, `was` the stored records, `changed` what differs."""

    at: np.ndarray
    was: Stored
    changed: Dict[str, np.ndarray]

    @property
    def differs(self) -> np.ndarray:
        """(len(at),) bool: rows of which any field differs."""
        return np.logical_or.reduce([*self.changed.values(), np.zeros(len(self.at), bool)])

    def place(self, at: int) -> int:
        """Where in `was` the stored record of the row at this position stands."""
        return int(np.searchsorted(self.at, at))

    def only(self, keep: np.ndarray) -> "Known":
        """The rows of the boolean mask alone."""
        return Known(self.at[keep], self.was.only(keep), {name: changed[keep] for name, changed in self.changed.items()})


def compared(rows: pd.DataFrame, at: np.ndarray, records: pd.DataFrame, fields: Iterable[str]) -> Known:
    """What differs between the rows at these positions and as many records; of these `fields` it is told."""
    own, changed, take = {}, {}, pa.array(at)
    for name in records.columns.intersection(rows.columns):
        new = array(rows[name], take)
        old = array(records[name]).cast(new.type)
        differs, said = pc.fill_null(pc.not_equal(new, old), True), pc.is_valid(new)
        places = np.flatnonzero(pc.and_(differs, pc.or_(said, pc.is_valid(old)))).astype(np.int32)
        own[name] = (places, old.take(pa.array(places)))
        changed[name] = pc.and_(differs, said).to_numpy(zero_copy_only=False)  # a blank cell changes nothing
    more = {name: array(records[name]) for name in records if name not in own}
    return Known(at, Stored(rows, at, own, more), {name: changed[name] for name in fields if name in changed})


def joined(parts: Sequence[Known]) -> Known:
    """The same rows as one, of which each is in one of these."""
    if len(parts) == 1:
        return parts[0]
    was = [part.was for part in parts]
    at = np.concatenate([part.at for part in parts])
    order = np.argsort(at).astype(np.int32)
    take, rank = pa.array(order), np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.int32)
    ranks = np.split(rank, np.cumsum([len(part.at) for part in parts[:-1]]))
    own = {}
    for name in was[0].own:
        places = np.concatenate([its[one.own[name][0]] for its, one in zip(ranks, was, strict=True)])
        rising = np.argsort(places)
        own[name] = (places[rising], pa.concat_arrays([one.own[name][1] for one in was]).take(pa.array(rising)))
    more = {name: pa.concat_arrays([one.more[name] for one in was]).take(take) for name in was[0].more}
    changed = {name: np.concatenate([part.changed[name] for part in parts])[order] for name in parts[0].changed}
    return Known(at[order], Stored(was[0].rows, at[order], own, more), changed)


def array(values: pd.Series, of: pa.Array | None = None) -> pa.Array:
    """A typed column, or its values at these positions, as one Arrow array."""
    column = pa.array(values, from_pandas=True)
    column = column if of is None else column.take(of)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
