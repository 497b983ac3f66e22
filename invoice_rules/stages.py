"""The first stages of a table on its way to its problems: arrange, parse, fill. Each takes columns and returns new ones and findings."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.columnmarks import mark_of, real_numbers, settled, unsure
from invoice_rules.columns import Columns, Typed
from invoice_rules.fields import STATUS, Field, RuleSet
from invoice_rules.mapping import currency_named, order_named
from invoice_rules.problems import Facts, Finding, Rule, Severity
from invoice_rules.reading.assembling import misfits
from invoice_rules.reading.child import ERRORS
from invoice_rules.table import Kind, text_series
from invoice_rules.values import (
    DATE_ORDERS,
    DOLLARS,
    Fault,
    Parsed,
    blank,
    clean,
    date_order,
    decimals_of,
    headed_alike,
    nulled_text,
    parse_code,
    parse_currency,
    parse_dates,
    parse_emails,
    parse_money,
    parse_number,
    parse_percent,
    parse_slashless,
    parse_yes_no,
    shown_alike,
    without_symbols,
)
from invoice_rules.values.columns import encoded, holds_any
from invoice_rules.values.dates import UNDECIDED, two_ways

CELL_ERROR = Rule("cell-error", "{title} holds the spreadsheet error {value}. Correct the formula or type the value.", "X-4", "No spreadsheet errors such as #N/A.")
ORDER_OF_OTHERS = Rule("date-order-of-others", "Every date of {title} can be read two ways; it is read as {order}, as {sibling} of the same file proves. Check that this is right.", "X-12", "Where a column of dates proves nothing, another of the file may.", Severity.WARNING)
SET_BY_OTHERS = Rule("date-order-of-others", "The setting {setting} can be read two ways; it is read as {order}, as {sibling} of the file proves. Check that this is right, or write {dates}.", "X-12", severity=Severity.WARNING)
SET_TWO_WAYS = Rule("date-order", "The setting {setting} can be read two ways. Write {dates}. A yes reads it as month/day/year.", "X-12", severity=Severity.HOLD)
RULES = (CELL_ERROR, ORDER_OF_OTHERS)
_FIGURES = ("money", "number", "percent")


def parse(
    columns: Columns, settings: Mapping[str, str], currency: str | pa.Array, of_document: np.ndarray | None = None, named: Mapping[str, str] | None = None
) -> Typed:
    """Text to typed rows, each field by its kind; `currency` is what rows without a code of their own have: one for all, or one a row (X-17).

    `of_document` are the positions of the rows whose currency counts for each row: that of its document. `named` has the codes of
    currencies by what the sending system calls them, in small letters (S4-20).
    """
    rows: dict[str, pd.Series] = {}
    unread: dict[str, np.ndarray] = {}
    findings: list[Finding] = list(columns.findings)
    index = columns.table.frame.index
    codes = _currency(columns, currency, rows, unread, findings, of_document, named or {})
    for name, field in columns.rules.fields.items():
        if name not in columns.text or field.kind == "currency":
            continue
        parsed, about_column = _parse_field(columns.proven, name, field, settings, codes)
        findings += about_column
        _keep(columns, name, parsed.first(len(columns.table)), rows, unread, findings)
    rows = {name: rows[name] for name in (*columns.rules.fields, "currency") if name in rows}
    frame = pd.DataFrame(rows, index=index, copy=False) if rows else pd.DataFrame(index=index)
    return _without_shifted(Typed(frame, unread, tuple(findings)), columns)


def _without_shifted(typed: Typed, columns: Columns) -> Typed:
    """Figures of rows that do not fit under the headings are as good as unread: no total counts another column's (X-8, X-22)."""
    wrong = misfits(columns.table.findings, len(columns.table))
    if wrong is None:
        return typed
    names = [name for name in typed.rows if name in columns.rules.fields and columns.rules.fields[name].kind in _FIGURES]
    rows = typed.rows.assign(**{name: typed.rows[name].mask(wrong) for name in names})
    return replace(typed, rows=rows, unread={**typed.unread, **{name: typed.unread.get(name, False) | wrong for name in names}})


def _currency(
    columns: Columns, currency: str | pa.Array, rows: dict, unread: dict, findings: list, of_document: np.ndarray | None, named: Mapping[str, str]
) -> pa.Array | str:
    """Each row's currency; returns the codes, or the one code of all rows."""
    name = columns.rules.role("currency") or "currency"
    if name not in columns.text:
        codes = _constant(currency, len(columns.table)) if isinstance(currency, str) else currency
        rows["currency"] = text_series(codes, columns.table.frame.index)
        return _one(codes) if len(codes) else currency
    said = columns.text[name]
    own = said if of_document is None else said.take(pa.array(of_document))
    parsed = parse_currency(pc.if_else(pc.equal(own, ""), currency, _called(own, named)), columns.rules.fields[name].of if name in columns.rules.fields else "")
    itself = pc.equal(said, own).to_numpy(zero_copy_only=False)
    parsed = replace(parsed, faults=tuple(_without(parsed.faults, ~itself)))
    _keep(columns, name, parsed, rows, unread, findings)
    rows["currency"] = rows[name]
    return _one(parsed.values)


def _one(codes: pa.Array) -> pa.Array | str:
    """The code of all rows where there is but one, else each row's."""
    distinct = codes.unique().to_pylist()
    return distinct[0] if len(distinct) == 1 and distinct[0] is not None else codes


def _constant(value: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.large_string()), rows)


def _parse_field(columns: Columns, name: str, field: Field, settings: Mapping[str, str], codes: pa.Array | str) -> tuple[Parsed, list[Finding]]:
    text, kinds, codes = columns.text[name], columns.kinds.get(name), _as_many(codes, len(columns.text[name]))
    if field.kind == "money":
        decimals, dollars = _of_currency(codes)
        mark, doubt = mark_of(name, columns.rules, columns.text, columns.kinds, settings, decimals)
        doubtful = unsure(name, columns.rules, columns.text, columns.kinds, settings, decimals)
        bare = without_symbols(text, codes)
        parsed = parse_money(bare, codes if isinstance(codes, str) else "", decimals, mark, dollars, real_numbers(kinds), doubtful)
        return _in_its_currency(settled(parsed, mark, text, kinds, columns.numbered(name)), columns, name, codes), doubt
    if field.kind == "date":
        order, doubt = _order(columns, name, field, settings)
        from_1904 = columns.table.origin.from_1904
        if field.slashless:
            return parse_slashless(text, kinds, order, settings.get(f"{name}.padded") == "yes", columns.numbered(name), from_1904), doubt
        against = "" if f"{name}.order" in settings else _against(columns, name, order)
        return parse_dates(text, kinds, order, not field.orders, columns.numbered(name), from_1904, against), doubt
    if field.kind == "number":
        price = field.role == "price"
        decimals = _of_currency(codes)[0] if price else 3
        mark, doubt = mark_of(name, columns.rules, columns.text, columns.kinds, settings, decimals, any_decimals=not price and field.decimals > 0)
        bare = without_symbols(text, codes, dollars=True) if price else text
        parsed = settled(parse_number(bare, field.decimals, mark, real_numbers(kinds)), mark, text, kinds, columns.numbered(name))
        return (_in_its_currency(parsed, columns, name, codes) if price else parsed), doubt
    if field.kind == "percent":
        mark, doubt = mark_of(name, columns.rules, columns.text, columns.kinds, settings)
        parsed = parse_percent(text, None if kinds is None else kinds == Kind.PERCENT, mark, real_numbers(kinds))
        return settled(parsed, mark, text, kinds, columns.numbered(name)), doubt
    if field.choices:
        text = officially(text, field.choices)
    if field.kind == "yes_no":
        return parse_yes_no(text), []
    if field.kind == "code":
        return parse_code(text, kinds), []
    if field.kind == "emails":
        return parse_emails(text, field.max or 6), []
    return Parsed(nulled_text(text, blank(text))), []


def _as_many(codes: pa.Array | str, rows: int) -> pa.Array | str:
    """The currency of each row, and of what shows how a column is read: any will do."""
    if isinstance(codes, str) or len(codes) == rows:
        return codes
    return pa.concat_arrays([codes, pa.nulls(rows - len(codes), codes.type)])


def _in_its_currency(parsed: Parsed, columns: Columns, name: str, codes: pa.Array | str) -> Parsed:
    """Amounts without those that the heading or the sheet has in another currency than the row (X-17)."""
    return shown_alike(headed_alike(parsed, currency_named(columns.heading(name)), codes), columns.shown_in(name), codes)


def officially(text: pa.Array, choices: tuple[str, ...]) -> pa.Array:
    """Words of a list in the list's own spelling (S2-38)."""
    return _called(text, {choice.lower(): choice for choice in choices})


def _called(text: pa.Array, known: Mapping[str, str]) -> pa.Array:
    """Each word as what it stands for, looked up in small letters; others as they are."""
    if not known:
        return text
    distinct = encoded(text)
    words = pa.array([known.get((word or "").lower(), word) for word in distinct.dictionary.to_pylist()], pa.large_string())
    return words.take(distinct.indices)


def _of_currency(codes: pa.Array | str) -> tuple[int | np.ndarray, bool | np.ndarray]:
    """Decimals, and whether amounts may carry a $: of the one currency, or of each row's."""
    if isinstance(codes, str):
        return decimals_of(codes), codes in DOLLARS
    encoded = pc.fill_null(codes, "USD").dictionary_encode()
    rows, distinct = encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()
    return np.array([decimals_of(code) for code in distinct])[rows], np.array([code in DOLLARS for code in distinct])[rows]


def _order(columns: Columns, name: str, field: Field, settings: Mapping[str, str]) -> tuple[str, list[Finding]]:
    """The order of a date column: given, named by the rule set, proven by the column or its heading, or asked; a date that is set for all rows is looked at by itself (X-12, S0-16)."""
    text, kinds = columns.text[name], columns.kinds.get(name)
    said = settings.get(name, "") if name in columns.set_fields and "{" not in settings.get(name, "") else ""
    given = settings.get(f"{name}.order") or next(iter(field.orders), "")
    if given and not said:
        return given, []
    proven = date_order(text, kinds)
    if proven in DATE_ORDERS and not field.orders:
        return proven, []
    named = "" if given or proven else order_named(columns.heading(name))
    if given or proven or named or not two_ways(text, kinds, field.slashless):
        return given or named or "month-first", []
    sibling, order = _proven_by_others(columns, name) or ("", "month-first")
    facts = {"order": DATE_ORDERS[order], "sibling": columns.title(sibling, None), **(_set_date(text, field, f"{name}={said}") if said else {})}
    rule = (SET_BY_OTHERS if sibling else SET_TWO_WAYS) if said else ORDER_OF_OTHERS if sibling else UNDECIDED
    return order, [Finding(rule, name, facts=facts)]


def _against(columns: Columns, name: str, order: str) -> str:
    """The heading of a date column that names another order than it is read in, where no cell proves that order; else '' (X-12)."""
    heading = columns.heading(name)
    if order_named(heading) in ("", order) or date_order(columns.text[name], columns.kinds.get(name)) == order:
        return ""
    return heading


def _set_date(text: pa.Array, field: Field, setting: str) -> dict[str, object]:
    """The slots of what is told of a setting that can be read two ways."""
    read = parse_slashless if field.slashless else parse_dates
    month, day = (read(text.slice(0, 1), None, order).values[0].as_py() for order in ("month-first", "day-first"))
    return {"setting": setting, "dates": f"{month} or {day}"}


def _proven_by_others(columns: Columns, name: str) -> tuple[str, str] | None:
    """(field, order) of a date column that proves its order, where all that prove one prove the same; None: no doubt is settled. Columns that a setting replaced tell it too."""
    proven: dict[str, str] = {}
    for other, field in columns.rules.fields.items():
        place, replaced = columns.mapping.fields.get(other), other in columns.set_fields
        if place is not None and field.kind == "date" and not field.orders and (replaced or other != name):
            text = clean(columns.table.column(place)) if replaced else columns.text[other]
            order = date_order(text, columns.table.kinds.get(place) if replaced else columns.kinds.get(other)) or order_named(columns.heading(other))
            proven |= {other: order} if order in ("day-first", "month-first") else {}
    return next(iter(proven.items())) if len(set(proven.values())) == 1 else None


def _keep(columns: Columns, name: str, parsed: Parsed, rows: dict, unread: dict, findings: list) -> None:
    """Add one parsed field to the rows, its faults to the findings; spreadsheet errors are told as such and nothing else."""
    text, kinds = columns.text[name], columns.kinds.get(name)
    broken = _broken(text, kinds)
    values = parsed.values
    if broken.any():
        values = pc.if_else(pa.array(broken), None, values)
        findings.append(Finding(CELL_ERROR, name, np.flatnonzero(broken)))
    findings += [_finding(fault, name, text) for fault in _without(parsed.faults, broken)]
    if values.null_count:
        unread[name] = values.is_null().to_numpy(zero_copy_only=False) & ~blank(text)
    rows[name] = _series(values, columns.table.frame.index)


def _broken(text: pa.Array, kinds: np.ndarray | None) -> np.ndarray:
    """(rows,) bool: cells that are a spreadsheet's error, or the whole of whose text is one, as in text files that were saved from a sheet."""
    broken = np.zeros(len(text), bool) if kinds is None else kinds == Kind.ERROR
    if holds_any(text, "#"):
        broken = broken | pc.is_in(text, pa.array(sorted(ERRORS), text.type)).to_numpy(zero_copy_only=False)
    return broken


def _without(faults: tuple[Fault, ...], broken: np.ndarray) -> list[Fault]:
    if not broken.any():
        return list(faults)
    return [kept for fault in faults if len((kept := replace(fault, at=fault.at[~broken[fault.at]])).at)]


def _finding(fault: Fault, name: str, text: pa.Array) -> Finding:
    """A parser's fault as a finding; facts and fix see the trimmed text of the cell."""
    explain, mend = fault.facts, fault.fix
    facts: Facts | dict[str, object] = (lambda at, _: explain(text[at].as_py())) if explain else {}
    fix = (lambda at, _: mend(text[at].as_py())) if mend else None
    return Finding(fault.rule, name, fault.at, facts, fix)


def _series(values: pa.Array, index: pd.Index) -> pd.Series:
    if values.type in (pa.large_string(), pa.string()):
        return text_series(values if values.type == pa.large_string() else values.cast(pa.large_string()), index)
    return pd.Series(pd.array(values, dtype=pd.ArrowDtype(values.type)), index=index, copy=False)


def fill(typed: Typed, rules: RuleSet) -> Typed:
    """Derived columns: the record's status (S3-24, S3-25)."""
    if rules.status is None or not set(rules.status_of) <= set(typed.rows.columns):
        return typed
    return replace(typed, rows=typed.rows.assign(**{STATUS: rules.status(typed.rows)}))
