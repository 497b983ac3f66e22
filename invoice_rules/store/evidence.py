"""What a batch proves (X-7, X-8): counts, totals per currency and outcome, and everything that led to them, as plain data."""

from collections.abc import Iterable
from collections.abc import Mapping as Dict
from importlib import metadata
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from invoice_rules.problems import Severity, whole
from invoice_rules.results import Outcome, Plan, exact
from invoice_rules.store import records, sums
from invoice_rules.store.documents import Documents
from invoice_rules.store.doings import owner
from invoice_rules.store.tables import outcomes
from invoice_rules.values import exact_sum, is_currency

_LONGEST = 500
_PART = 100_000
"""Documents that are added up at a time: all at once would be copies of whole columns."""


def content(plan: Plan, documents: Documents, customers: list[str], closed: int, movement: Dict[str, Dict[str, int]]) -> dict[str, Any]:
    """The receipt of an import, but for its number, its time and the chain's head."""
    report = plan.report
    sums, unreadable = _totals(documents)
    totals = {name: as_text(of_codes) for name, of_codes in sums.items()}
    for name, of_currency in movement.items():
        totals[name] = as_text({code: {str(report.rules.role("balance")): minor} for code, minor in of_currency.items()})
    return {
        "state": "finished",
        "entity": report.entity.name,
        "rules_version": report.rules.version,
        "mapping": _named_mapping(plan),
        "sender": report.sender,
        "counts": {str(o): plan.count(o) for o in Outcome},
        "totals": totals,
        "details": {**_details(plan, customers, closed), "unreadable": unreadable},
    }


def _details(plan: Plan, customers: list[str], closed: int) -> dict[str, Any]:
    report, origin = plan.report, plan.report.table.origin
    mapping = {f: {"column": m.column, "heading": m.heading, "how": m.how} for f, m in report.mapping.matches.items()}
    path = whole(str(origin.path.absolute())) if origin.path else ""
    read = {"path": path, "size": origin.size, "sheet": origin.sheet, "encoding": origin.encoding, "delimiter": origin.delimiter}
    expected = {"count": report.expected.count, "totals": as_plain(report.expected.totals), "due": as_plain(report.expected.due)}
    its = report.corrections
    corrections = {"sender": its.sender, "version": its.version, "values": len(its.values), **({"fixed": True} if its.fixed else {})}
    choices = {"all_or_nothing": plan.all_or_nothing, "open_items_complete": plan.open_items_complete, "close_absent": plan.close_absent}
    return {
        **read,
        **choices,
        **({"edited": [origin.address(*cell) for cell in islice(report.table.edited, _LONGEST)]} if report.table.edited else {}),
        "rows": len(report.table),
        **({"hidden": report.hidden} if report.hidden else {}),
        "settings": dict(report.settings),
        "mapping": mapping,
        "mapping_version": report.mapping.version,
        "fingerprint": report.rules.fingerprint,
        "program": metadata_version(),
        "accepted_holds": list(plan.accepted_holds),
        "fills": [{"field": f.field, "source": f.source, "value": f.value, "count": len(f.at), "overwritten": f.overwritten} for f in report.fills],
        "corrections": corrections,
        "expected": expected,
        "customers_created": len(customers),
        "closed": closed,
        "warnings": report.problems.count(Severity.WARNING),
        "problems": report.problems.counts().to_dict("records"),
        "total_fields": [name for name in (report.rules.role("amount"), report.rules.role("balance")) if name],
    }


def metadata_version() -> str:
    """The version of this program, as installed."""
    try:
        return metadata.version("invoice-rules")
    except metadata.PackageNotFoundError:
        return "not installed"


def _named_mapping(plan: Plan) -> str:
    mapping = plan.report.mapping
    return f"{mapping.name or 'mapping'} version {mapping.version}" if mapping.version else "made for this file"


def _amounts(documents: Documents, part: slice) -> tuple[pa.Array, dict[str, pa.Array]]:
    """The currency of each document, '' for one that cannot be counted, and its amounts by field."""
    codes = documents.column("currency", part).dictionary_encode()
    known = [code if code and is_currency(code) else "" for code in codes.dictionary.to_pylist()]
    shown = pa.array(known, pa.large_string()).take(codes.indices)
    fields = documents.records.columns
    return shown, {fields[name]: documents.said(name, part) for name in ("amount", "balance") if name in fields}


def _totals(documents: Documents) -> tuple[dict[str, dict[str, dict[str, int]]], int]:
    """(what -> currency -> {field: minor units}: of the file, of each outcome, and of what is stored now; documents that no total can count)."""
    amount = documents.records.columns.get("amount", "")
    if documents.records.customers or not {"amount", "balance"} & set(documents.records.columns):
        return {}, 0
    of_each: dict[Outcome, dict[str, dict[str, int]]] = {o: {} for o in Outcome if documents.plan.count(o)}
    unreadable = 0
    for part in documents.parts(_PART):
        codes, amounts = _amounts(documents, part)
        unreadable += _unreadable(codes, amounts[amount]) if amount else 0
        of_each = {o: _added([sums, _under(codes, amounts, documents.outcomes[part] == o)]) for o, sums in of_each.items()}
    stored = [sums for outcome, sums in of_each.items() if outcome <= Outcome.UNCHANGED]
    named = {"file": _added(of_each.values()), **{str(o): sums for o, sums in of_each.items()}}
    return {**named, **({"stored": _added(stored)} if stored else {})}, unreadable


def _under(codes: pa.Array, amounts: dict[str, pa.Array], mask: np.ndarray) -> dict[str, dict[str, int]]:
    if mask.all():
        return records.by_currency(codes, amounts)
    keep = pa.array(mask)
    return records.by_currency(codes.filter(keep), {name: values.filter(keep) for name, values in amounts.items()})


def _added(parts: Iterable[Dict[str, Dict[str, int]]]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for part in parts:
        for code, amounts in part.items():
            of_code = sums.setdefault(code, dict.fromkeys(amounts, 0))
            for name, amount in amounts.items():
                of_code[name] += amount
    return {code: sums[code] for code in sorted(sums)}


def _unreadable(codes: pa.Array, amounts: pa.Array) -> int:
    """Documents that no total can count: no amount, or no currency."""
    nameless = pc.fill_null(pc.equal(codes, ""), True)
    return int(pc.sum(pc.or_(amounts.is_null(), nameless)).as_py() or 0)


Written = dict[str, list[int]]
"""Currency ('' for none, as of customers) -> [records, and of invoices their amounts and balances]."""


def written_totals(documents: Documents) -> Written:
    """What the plan creates and updates."""
    if documents.records.customers:
        return {"": [int(documents.written.sum())]}
    found: Written = {}
    for part in documents.parts(_PART):
        for code, of_code in _written(documents, part).items():
            found[code] = [sum(both) for both in zip(found.get(code, [0, 0, 0]), of_code, strict=True)]
    return found


def _written(documents: Documents, part: slice) -> Written:
    codes = documents.column("currency", part).fill_null("").dictionary_encode()
    columns = [documents.column(name, part) for name in ("amount", "balance")]
    found = {}
    for place, code in enumerate(codes.dictionary.to_pylist()):
        mask = documents.written[part] & np.asarray(pc.equal(codes.indices, place))
        if mask.any():
            found[code] = [int(mask.sum()), *(exact_sum(values.filter(pa.array(mask))) for values in columns)]
    return found


def stored_totals(connection: sa.Connection, table: sa.Table, batch: int, ids: range, codes: Iterable[str]) -> Written:
    """The same, as the database counts and adds up what it holds now: the new records with these ids, and what was updated."""
    mine = sa.and_(outcomes.c.batch == batch, outcomes.c.outcome == int(Outcome.UPDATED))
    new = sa.select().select_from(table).where(table.c.id >= ids.start, table.c.id < ids.stop)
    updated = sa.select().select_from(outcomes.join(table, table.c.id == outcomes.c[owner(table)])).where(mine)
    columns = [table.c[name] for name in ("amount", "balance") if name in table.c]
    found = {}
    for code in codes:
        wanted = [sums.of_code(one, table.c.currency, code) if "currency" in table.c else one for one in (new, updated)]
        found[code] = [sum(part) for part in zip(*(sums.exactly(connection, columns, one) for one in wanted), strict=True)]
    return found


def as_text(totals: Dict[str, Dict[str, int]]) -> dict[str, dict[str, str]]:
    """Minor units as plain decimal numbers with the currency's decimals."""
    return {code: {name: exact(minor, code) for name, minor in of_code.items()} for code, of_code in totals.items()}


def as_plain(totals: Dict[str, int]) -> dict[str, str]:
    return {code: exact(minor, code) for code, minor in totals.items()}


def log(plan: Plan, batch: int, most: int) -> pa.Table:
    """The first problems that kept rows out, or ask for a yes, as rows of the batch's log."""
    serious = plan.report.problems.at_least(Severity.HOLD)
    named = ("cell", "field", "rule", "value", "message")
    rows = [
        {"batch": batch, "seq": seq, "row": p.row, "severity": str(p.severity), **{name: clean(getattr(p, name)) for name in named}}
        for seq, p in enumerate(islice(iter(serious), most))
    ]
    return pa.Table.from_pylist(rows)


def clean(text: str) -> str:
    """Text that any database can keep: no NUL, no half of a pair, no book."""
    if len(text) <= _LONGEST and text.isprintable():
        return text
    return text[:_LONGEST].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
