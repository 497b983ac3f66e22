"""A plan's documents as the columns of the store, cut into blocks: typed rows in, arrays for staging out. No row loops."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.fields import RECORD, STATUS
from invoice_rules.results import Outcome, Plan
from invoice_rules.store.filelines import FileLines
from invoice_rules.store.records import WHOLE, Records, array_of, arrow_type, details_of
from invoice_rules.table import text_array
from invoice_rules.values.columns import encoded, places

BLOCK = 10_000
"""Documents written by one statement: the memory that is needed at a time, and the step of the progress shown."""
ALL = slice(None)
_ON_FILE = (Outcome.UPDATED, Outcome.UNCHANGED, Outcome.SKIPPED)


@dataclass(frozen=True)
class Documents:
    """The documents of a plan, one for each invoice of its file."""

    plan: Plan
    records: Records

    def __len__(self) -> int:
        return len(self.plan.outcomes)

    @cached_property
    def written(self) -> np.ndarray:
        """(documents,) bool: created or updated."""
        return np.isin(self.plan.outcomes, (Outcome.CREATED, Outcome.UPDATED))

    @property
    def rows(self) -> np.ndarray:
        """(documents,) int64: the user's number of each document's first row."""
        return self.plan.report.rows.index.to_numpy().astype(np.int64, copy=False)

    @cached_property
    def _known_at(self) -> np.ndarray:
        """(documents,) int32: where the stored record of each document's first row stands in `known.was`, -1 for none."""
        at = np.full(len(self.plan.report.rows), -1, np.int32)
        known = self.plan.report.known
        if known is not None:
            at[known.at] = np.arange(len(known.at))
        return at

    def _versions(self, part: slice) -> pa.Array:
        """(documents,) int64: the version of each record afterwards, null where it does not change."""
        versions = self._of_known("version", self.outcomes[part] == Outcome.UPDATED, part)
        return pc.if_else(pa.array(self.outcomes[part] == Outcome.CREATED), 1, pc.add(versions, 1))

    def _of_known(self, name: str, which: np.ndarray, part: slice) -> pa.Array:
        """(documents,) int64: what the store says of these documents, which it knows; null for the others."""
        known = self.plan.report.known
        if known is None or not which.any():
            return pa.nulls(len(which), pa.int64())
        return known.was.take(name, np.where(which, self._known_at[part], -1))

    def was(self, name: str, part: slice = ALL) -> pa.Array:
        """(documents,) typed: the stored value of a field (or `status`), null for new documents."""
        return self._stored(name, arrow_type(self.records.rules.fields.get(name)), part)

    def field(self, name: str, part: slice = ALL) -> pa.Array:
        """(documents,) typed: one field of each document; a blank cell or a missing column keeps the stored value."""
        kind = arrow_type(self.records.rules.fields.get(name))
        if name not in self.plan.report.rows.columns:
            return self._stored(name, kind, part)
        array = self._given(name, kind)[part]
        return pc.coalesce(array, self._stored(name, kind, part)) if array.null_count else array

    def _given(self, name: str, kind: pa.DataType) -> pa.Array:
        """(documents,) typed: one field as the file gives it, no copy; looked up in the frame once, not for each block."""
        if name not in self._fields:
            self._fields[name] = array_of(self.plan.report.rows[name], kind)
        return self._fields[name]

    @cached_property
    def _fields(self) -> dict[str, pa.Array]:
        return {}

    def _stored(self, name: str, kind: pa.DataType, part: slice) -> pa.Array:
        known, at = self.plan.report.known, self._known_at[part]
        if known is None or name not in known.was or not (at >= 0).any():
            return pa.nulls(len(at), kind)
        return known.was.take(name, at).cast(kind)

    @cached_property
    def _keys(self) -> pa.Array:
        keys = self.records.rules.keys(self.plan.report.rows)
        return pa.nulls(len(self), pa.large_string()) if keys is None else keys

    def column(self, name: str, part: slice = ALL) -> pa.Array:
        """(documents,) typed: one column of the table, but for `details`; null where the rule set has no field for it."""
        if name == "key" and self.records.rules.keyed_by:
            return self._keys[part]
        if name == "complete":
            return pa.array(np.ones(len(self.outcomes[part]), np.int64))
        field = self.records.columns.get(name, {"status": STATUS, "currency": "currency"}.get(name, ""))
        return self.field(field, part) if field else pa.nulls(len(self.outcomes[part]), pa.int64() if name in WHOLE else pa.large_string())

    def said(self, name: str, part: slice = ALL) -> pa.Array:
        """(documents,) typed: one column that has a field, as `column` gives it; of rejected documents what the file says and nothing else (X-8)."""
        array, out = self.column(name, part), self.outcomes[part] == Outcome.REJECTED
        if not out.any():
            return array
        field = self.records.columns[name]
        given = self._given(field, array.type)[part] if field in self.plan.report.rows.columns else pa.nulls(len(out), array.type)
        return pc.if_else(pa.array(out), given, array)

    @cached_property
    def _lines(self) -> FileLines:
        return FileLines(self.plan.report, self.records)

    def lines(self, part: slice = ALL) -> pa.Array | None:
        """(documents,) JSON: the lines of each document in the order of the file; None where the rule set has none."""
        return None if self.plan.report.lines is None else self._lines.json(part)

    @property
    def outcomes(self) -> np.ndarray:
        return self.plan.outcomes

    def blocks(self, size: int = BLOCK) -> Iterator[pa.Table]:
        """Tables of at most `size` documents: seq, row, outcome, key and the document's columns (null unless it is written), the record that
        it is in the store (null where there is none) and its version afterwards (null where it does not change)."""
        yield from map(self._block, self.parts(size))

    def parts(self, size: int) -> Iterator[slice]:
        """All documents, at most `size` at a time."""
        return (slice(start, min(start + size, len(self))) for start in range(0, len(self), size))

    def _block(self, part: slice) -> pa.Table:
        written, length = self.written[part], part.stop - part.start
        columns = {"seq": pa.array(np.arange(part.start, part.stop)), "row": pa.array(self.rows[part])}
        columns["outcome"] = pa.array(self.outcomes[part].astype(np.int64))
        columns["key"] = _safe(self.column("key", part))
        for name in self.records.stored[1:]:
            if name == "details":
                array = details_of({rest: self.field(rest, part) for rest in self.records.rest}, length, self.lines(part))
            elif name == "in_force":
                array = pa.array(np.ones(length, np.int64))
            else:
                array = _plain(self.column(name, part))
            columns[name] = array if written.all() else pc.if_else(pa.array(written), array, pa.scalar(None, array.type))
        columns["id"] = self._of_known(RECORD, np.isin(self.outcomes[part], _ON_FILE), part)
        columns["version"] = self._versions(part)
        return pa.table(columns)


def _plain(array: pa.Array) -> pa.Array:
    """As the store keeps it: dates as 2026-11-21, everything else as it is."""
    return array.cast(pa.large_string()) if pa.types.is_date(array.type) or pa.types.is_boolean(array.type) else array


def _safe(keys: pa.Array) -> pa.Array:
    """Keys of rejected rows may be anything: no NUL, which PostgreSQL cannot hold, and no book."""
    keys = pc.fill_null(keys, "")
    keys = pc.utf8_slice_codeunits(keys, 0, 400) if pc.any(pc.greater(pc.utf8_length(keys), 400)).as_py() else keys
    return pc.replace_substring(keys, "\x00", "\ufffd")


def new_customers(plan: Plan) -> pd.DataFrame:
    """The customers to be created with the invoices that really go in, each from its first such row. Index: customer id; columns: name, email."""
    frame, rules = plan.report.new_customers, plan.report.rules
    role = rules.role("customer")
    if frame is None or not len(frame) or role is None or rules.document == "customer":
        return pd.DataFrame({"name": [], "email": []}, dtype="str")
    rows = plan.report.rows
    ids = encoded(text_array(rows[role]))
    codes = pc.fill_null(ids.indices, -1).to_numpy(zero_copy_only=False)
    new = np.append(places(ids.dictionary, text_array(frame.index.to_series())) >= 0, False)
    going = np.flatnonzero((plan.outcomes <= Outcome.UPDATED) & new[codes])[::-1]
    first = np.full(len(new), -1)
    first[codes[going]] = going
    at = np.sort(first[first >= 0])
    named = {"name": rules.role("customer_name"), "email": rules.role("email")}
    columns = {label: rows[field].iloc[at].to_numpy() if field in rows else None for label, field in named.items()}
    return pd.DataFrame(columns, index=pd.Index(rows[role].iloc[at].to_numpy(), name="customer"), dtype="str")


def customer_block(frame: pd.DataFrame, first_seq: int) -> pa.Table:
    """New customers as a block for staging: incomplete, with no row of the file of their own."""
    count = len(frame)
    text = pa.large_string()
    return pa.table(
        {
            "seq": pa.array(np.arange(first_seq, first_seq + count)),
            "row": pa.nulls(count, pa.int64()),
            "outcome": pa.array(np.full(count, int(Outcome.CREATED), np.int64)),
            "key": array_of(frame.index.to_series(), text),
            "name": array_of(frame["name"], text),
            "email": array_of(frame["email"], text),
            "contact": pa.nulls(count, text),
            "complete": pa.array(np.zeros(count, np.int64)),
            "details": pa.array(["{}"] * count, text),
            "in_force": pa.array(np.ones(count, np.int64)),
            "id": pa.nulls(count, pa.int64()),
            "version": pa.array(np.ones(count, np.int64)),
        }
    )
