"""The stored invoices of entries, exactly: what is to be sent, as values of their kinds and in the order of their lines."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.fields import Field, RuleSet
from invoice_rules.results import Document, Entry
from invoice_rules.rulesets import rule_set
from invoice_rules.store.frames import arrow
from invoice_rules.store.outbox import parts
from invoice_rules.store.records import Records, as_typed, read_details, read_lines
from invoice_rules.store.tables import invoices, outbox
from invoice_rules.values import decimals_of


def documents(connection: sa.Connection, entries: Sequence[Entry]) -> list[Document]:
    """The document of each entry, in the order of the entries."""
    found: dict[int, Document] = {}
    for name in dict.fromkeys(entry.rules for entry in entries):
        found |= _of_rules(connection, rule_set(name), {entry.id: entry for entry in entries if entry.rules == name})
    return [found[entry.id] for entry in entries if entry.id in found]


def _of_rules(connection: sa.Connection, rules: RuleSet, entries: Mapping[int, Entry]) -> dict[int, Document]:
    records = Records(rules)
    own = [invoices.c[name].label(f"own_{name}") for name in records.columns]
    wanted = sa.select(outbox.c.id.label("entry"), invoices.c.details, *own).join(invoices, invoices.c.id == outbox.c.invoice)
    tables = [arrow(connection, wanted.where(outbox.c.id.in_(part))) for part in parts(entries)]
    return _made(pa.concat_tables(tables).combine_chunks(), records, entries)


def _made(found: pa.Table, records: Records, entries: Mapping[int, Entry]) -> dict[int, Document]:
    ids = found.column("entry").to_pylist()
    mine = [entries[number] for number in ids]
    decimals = [decimals_of(entry.currency) if entry.currency else 2 for entry in mine]
    details = found.column("details").combine_chunks()
    columns = {field: found.column(f"own_{column}").combine_chunks() for column, field in records.columns.items()}
    columns |= read_details(details, {name: records.rules.fields[name] for name in records.rest})
    headers = _rows(as_typed(columns, records.rules), records.rules.fields, decimals)
    lines: list[list[Mapping[str, Any]]] = [[] for _ in ids]
    if records.rules.lined:
        owners, cells = read_lines(details, records.line_fields)
        for owner, line in zip(owners, _rows(cells, records.line_fields, [decimals[owner] for owner in owners]), strict=True):
            lines[owner].append(line)
    made = zip(mine, headers, lines, decimals, strict=True)
    return {entry.id: Document(entry, fields, tuple(of), places) for entry, fields, of, places in made}


def _rows(columns: Mapping[str, pa.Array], fields: Mapping[str, Field], decimals: Sequence[int] | np.ndarray) -> list[dict[str, Any]]:
    """One mapping a row, by the order of the rule set, without blank values."""
    rows: list[dict[str, Any]] = [{} for _ in decimals]
    for name in [name for name in fields if name in columns]:
        for row, value in zip(rows, _values(columns[name], fields[name], decimals), strict=True):
            if value is not None and value != "":
                row[name] = value
    return rows


def _values(values: pa.Array, field: Field, decimals: Sequence[int] | np.ndarray) -> list[Any]:
    plain = values.to_pylist()
    if field.kind == "money":
        return [None if value is None else Decimal(value).scaleb(-int(places)) for value, places in zip(plain, decimals, strict=True)]
    if field.kind == "date":
        return [dt.date.fromisoformat(value) if isinstance(value, str) else value for value in plain]
    if field.kind == "yes_no":
        return [value if isinstance(value, bool | None) else value in (1, "1", "true") for value in plain]
    if field.kind in ("number", "percent"):
        return [None if value is None else _number(value) for value in plain]
    return plain


def _number(value: Decimal) -> Decimal:
    """Without the zeros that only the store adds, and never in powers of ten."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
