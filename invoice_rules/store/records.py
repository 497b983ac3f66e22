"""Where a rule set's documents are kept: which table, which field in which column, and the rest as canonical JSON."""

import json
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
import sqlalchemy as sa

from invoice_rules.fields import DATE_TYPE, MONEY_TYPE, NUMBER_TYPE, YES_NO_TYPE, Field, RuleSet
from invoice_rules.store.tables import customers, invoices
from invoice_rules.table import TEXT
from invoice_rules.values import exact_sum

_INVOICE = ("number", "customer", "customer_name", "email", "date", "due_date", "currency", "amount", "balance")
_CUSTOMER = {"customer_name": "name", "email": "email", "contact": "contact"}
_ARROW = {"money": pa.int64(), "date": pa.date32(), "yes_no": pa.bool_(), "number": NUMBER_TYPE.pyarrow_dtype, "percent": NUMBER_TYPE.pyarrow_dtype}
_PANDAS = {"money": MONEY_TYPE, "date": DATE_TYPE, "yes_no": YES_NO_TYPE, "number": NUMBER_TYPE, "percent": NUMBER_TYPE}
LINES = "lines"
"""The name in `details` under which a document keeps its lines, in their order."""
_BLOCK = 1 << 24
"""Bytes of JSON that are read at a time."""
COMPLETE = {1: "Complete", 0: "Incomplete"}
"""What the status of a customer says."""


@dataclass(frozen=True)
class Records:
    """The table of a rule set's documents. `columns`: column -> field; `rest`: the header fields without a column of their own."""

    rules: RuleSet

    @property
    def customers(self) -> bool:
        return self.rules.document == "customer"

    @property
    def table(self) -> sa.Table:
        return customers if self.customers else invoices

    @property
    def owner(self) -> str:
        """Whose keys these are: a rule set's invoices, a system's customers."""
        return self.rules.name.split(".")[0] if self.customers else self.rules.name

    @cached_property
    def columns(self) -> dict[str, str]:
        roles = _CUSTOMER if self.customers else {role: role for role in _INVOICE}
        found = {column: self.rules.role(role) for role, column in roles.items()}
        own = {} if self.rules.keyed_by else {"key": self.rules.key}
        return {**own, **{column: name for column, name in found.items() if name}}

    @cached_property
    def rest(self) -> tuple[str, ...]:
        kept = set(self.columns.values())
        return tuple(sorted(name for name, field in self.rules.fields.items() if name not in kept and field.level == "header"))

    @cached_property
    def line_fields(self) -> dict[str, Field]:
        """The fields of lines, which are kept with the details of their document."""
        return {name: self.rules.fields[name] for name in sorted(self.rules.at_level("line"))}

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that the store keeps, in the order of the rule set."""
        return tuple(name for name in self.rules.fields if name in self.rest or name in self.columns.values())

    @property
    def stored(self) -> tuple[str, ...]:
        """The columns that hold a document, in the table's order; what an image is made of."""
        return DOCUMENT[self.table.name]


DOCUMENT = {
    "invoices": ("key", *_INVOICE, "status", "details", "in_force"),
    "customers": ("key", "name", "email", "contact", "complete", "details", "in_force"),
}
WHOLE = {"amount", "balance", "complete", "in_force"}
"""Columns of a document that hold whole numbers; all others hold text."""


def arrow_type(field: Field | None) -> pa.DataType:
    """How a field's values travel: int64 minor units, date32, bool, decimal128(18, 6), else text."""
    return _ARROW.get(field.kind if field else "text", pa.large_string())


def array_of(values: pd.Series, kind: pa.DataType) -> pa.Array:
    """A typed column as one Arrow array; zero-copy where pandas holds Arrow already."""
    array = pa.array(values, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array if array.type == kind else array.cast(kind)


def series_of(array: pa.Array | pa.ChunkedArray, field: Field | None) -> pd.Series:
    """A stored column as `Report.rows` has it (MONEY_TYPE, DATE_TYPE, YES_NO_TYPE, NUMBER_TYPE or TEXT)."""
    kind = field.kind if field else "text"
    typed = array.cast(arrow_type(field))
    dtype = pd.Series(dtype=_PANDAS.get(kind, TEXT)).dtype
    return pd.Series(pd.array(typed, dtype=dtype), copy=False)


def details_of(columns: Dict[str, pa.Array], length: int, lines: pa.Array | None = None) -> pa.Array:
    """One canonical JSON object a row from these typed columns, sorted by name: '{"isCanceled":false}'; `lines` are JSON already."""
    if not columns and lines is None:
        return pa.array(["{}"] * length, pa.large_string())
    pieces: list[object] = []
    for at, name in enumerate(sorted([*columns, *([LINES] if lines is not None else [])])):
        pieces += [f"{',' if at else '{'}{json.dumps(name, ensure_ascii=False)}:", _as_json(columns[name]) if name in columns else lines]
    return pc.binary_join_element_wise(*[_text(piece) for piece in pieces], _text("}"), _text(""))


def _text(piece: object) -> object:
    return pa.scalar(piece, pa.large_string()) if isinstance(piece, str) else piece


def _as_json(array: pa.Array) -> pa.Array:
    """Each value as JSON; amounts stay whole minor units, dates and other numbers are text, exact to the digit."""
    kind = array.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        shown = array.cast(pa.large_string())
    elif pa.types.is_date(kind) or pa.types.is_decimal(kind):
        shown = pc.binary_join_element_wise(_text('"'), array.cast(pa.large_string()), _text('"'), _text(""))
    else:
        shown = _quoted(array)
    return pc.fill_null(shown, "null")


def _quoted(array: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(array, "[\\x00-\\x1f]")).as_py():
        return pa.array([None if v is None else json.dumps(v, ensure_ascii=False) for v in array.to_pylist()], pa.large_string())
    escaped = pc.replace_substring(pc.replace_substring(array, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise(_text('"'), escaped, _text('"'), _text(""))


def read_details(details: pa.Array, fields: Dict[str, Field]) -> dict[str, pa.Array]:
    """The columns of `details_of` again; what an older record did not have yet is null."""
    if not fields or not len(details):
        return {name: pa.nulls(len(details), arrow_type(field)) for name, field in fields.items()}
    encoded = details.dictionary_encode()
    kinds = {name: arrow_type(field) for name, field in fields.items()}
    found = _parsed(encoded.dictionary, {name: _written(kind) for name, kind in kinds.items()})
    return {name: found.column(name).combine_chunks().cast(kind).take(encoded.indices) for name, kind in kinds.items()}


def _parsed(objects: pa.Array, kinds: Dict[str, pa.DataType]) -> pa.Table:
    """Columns of these kinds from one JSON object a row; a name that an object does not have is null."""
    rows = pc.binary_join_element_wise(objects, _text("\n"), _text(""))
    lengths = pc.binary_length(rows)
    text = rows.buffers()[2].slice(0, pc.sum(lengths).as_py())
    size = min(max(_BLOCK, 2 * pc.max(lengths).as_py()), 2**31 - 1)
    options = pyarrow.json.ParseOptions(explicit_schema=pa.schema(list(kinds.items())), unexpected_field_behavior="ignore")
    return pyarrow.json.read_json(pa.BufferReader(text), pyarrow.json.ReadOptions(block_size=size), options)


def _written(kind: pa.DataType) -> pa.DataType:
    """What JSON holds in place of a kind that it does not know."""
    return pa.large_string() if pa.types.is_date(kind) or pa.types.is_decimal(kind) else kind


def _typed(values: list[object], field: Field) -> pa.Array:
    kind = arrow_type(field)
    return pa.array(values, _written(kind)).cast(kind)


def with_own_lines(columns: Dict[str, pa.Array], own: str, count: np.ndarray) -> dict[str, pa.Array]:
    """The lines where those of count 2 are followed by one that has their field `own`, which they then have no more."""
    at = np.repeat(np.arange(len(count)), count)
    second, first = np.r_[False, at[1:] == at[:-1]], np.repeat(count == 2, count)
    take = {name: array.take(pa.array(at)) for name, array in columns.items()}
    gone = {name: pa.array(second if name != own else first & ~second) for name in take}
    return {name: pc.if_else(gone[name], pa.scalar(None, array.type), array) for name, array in take.items()}


def joined_lines(columns: Dict[str, pa.Array], order: np.ndarray, ends: np.ndarray) -> pa.Array:
    """One JSON array a document of its lines: those at order[ends[n] : ends[n + 1]] are the n-th document's."""
    take = pa.array(order)
    objects = details_of({name: array.take(take) for name, array in columns.items()}, len(order))
    lists = pa.LargeListArray.from_arrays(pa.array(ends - ends[0], pa.int64()), objects)
    return pc.binary_join_element_wise(_text("["), pc.binary_join(lists, pa.scalar(",", pa.large_string())), _text("]"), _text(""))


def read_lines(details: pa.Array, fields: Dict[str, Field]) -> tuple[np.ndarray, dict[str, pa.Array]]:
    """(document of each line, field -> values) of the lines that documents keep, in their order."""
    lists = [json.loads(text).get(LINES) or [] for text in details.to_pylist()]
    flat = [line for lines in lists for line in lines]
    owners = np.repeat(np.arange(len(lists)), [len(lines) for lines in lists])
    return owners, {name: _typed([line.get(name) for line in flat], field) for name, field in fields.items()}


def as_typed(columns: Dict[str, pa.Array], rules: RuleSet) -> dict[str, pa.Array]:
    """Credits as files have them: where the type carries the sign, amounts are above zero (S0-30)."""
    name, values = rules.credit
    if name not in columns:
        return dict(columns)
    credit = pc.fill_null(pc.is_in(columns[name], pa.array(values, columns[name].type)), False)
    amounts = [role for role in (rules.role("amount"), rules.role("balance")) if role in columns]
    return {**columns, **{amount: pc.if_else(credit, pc.abs(columns[amount]), columns[amount]) for amount in amounts}}


def by_currency(codes: pa.Array, columns: Dict[str, pa.Array]) -> dict[str, dict[str, int]]:
    """Currency -> {field: exact sum}; rows without a currency are left out (X-17)."""
    sums: dict[str, dict[str, int]] = {}
    for code in sorted(code for code in pc.unique(codes).to_pylist() if code):
        mask = pc.fill_null(pc.equal(codes, code), False)
        sums[code] = {name: exact_sum(values.filter(mask)) for name, values in columns.items()}
    return sums
