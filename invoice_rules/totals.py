"""Control totals: what was declared, or stood in a total row of the file, against what the file holds (X-8, X-22)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.columnmarks import mark_of
from invoice_rules.columns import Columns, Typed
from invoice_rules.crediting import signed
from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, Rule, Severity, listed, plural, quoted
from invoice_rules.reading.leftovers import MOST
from invoice_rules.results import Expected
from invoice_rules.table import Table
from invoice_rules.values import (
    blank,
    decimals_of,
    declared_amount,
    declared_number,
    exact_sum,
    is_currency,
    parse_money,
    show_money,
    sums_by_currency,
    without_symbols,
)
from invoice_rules.values.columns import codes_of

CONTROL = Rule("control-totals", "{declared} declared; the file holds {held}: {difference}. Find the difference, or correct the declared figures; nothing goes in until they agree.", "X-8", "Declared numbers and totals equal the file's, rejects included.")
UNREADABLE = Rule("control-unread", "{cells} of {title} could not be read and {are} not in the total.", "X-8", "Amounts that cannot be read are listed apart from the total.", Severity.NOTICE)
TOTAL_ROW = Rule("total-row", "The total row {row} says {title} {stated}; the rows {above}add up to {held}, {difference} apart. Confirm it, or look for missing rows.", "X-22", "A total row that was left out equals the sum of the rows.", Severity.HOLD)
OR_A_LINE = Rule(TOTAL_ROW.id, "Row {row} is left out as a total of the {document} above it, but may be one of its lines: {cells}. If it is a line, write the {document}'s {title} on it; if it is a total, confirm it.", "X-22", severity=Severity.HOLD)
MORE_APART = Rule(TOTAL_ROW.id, "{rows} have another {title} than the rows above add up to.", "X-22", severity=Severity.HOLD)
RULES = (CONTROL, UNREADABLE, TOTAL_ROW)
_SURELY = re.compile(r"total|\bsum\b|summe|gesamt|somme|suma", re.IGNORECASE)
"""What names a total and no line; a balance may be either."""


def expected_totals(count: str | int | None, totals: Mapping[str, str] | None, due: Mapping[str, str] | None = None) -> Expected:
    """Declared control totals from text: a number of invoices, and amounts by currency ('1,200.00'). Raises CannotRun."""
    return Expected(_count(count), _minor(totals or {}), _minor(due or {}))


def _count(count: str | int | None) -> int | None:
    text = "" if count is None else str(count).strip()
    number = declared_number(text) if text else None
    if text and (number is None or number < 0):
        raise CannotRun(f'The expected number of invoices "{count}" is not a whole number.')
    return number


def _minor(totals: Mapping[str, str]) -> dict[str, int]:
    minor = {}
    for code, text in totals.items():
        if not is_currency(code):
            raise CannotRun(f'"{code}" is not the code of a currency. Write the expected total as USD=1,200.00.')
        amount = declared_amount(str(text), code.upper())
        if amount is None:
            raise CannotRun(f'The expected total "{text}" is not an amount in {code}. Write it as {code}=1,200.00.')
        minor[code.upper()] = amount
    return minor


@dataclass(frozen=True)
class Whole:
    """The whole file before any of its documents is left out: its rows as they were read, its documents with credits below zero, and their lines."""

    columns: Columns
    rows: Typed
    documents: Typed
    lines: Typed | None = None


def whole_file(columns: Columns, rows: Typed, levels: Mapping[str, Typed]) -> Whole:
    """What control totals are compared with; `levels` are its documents and lines with all that was filled in."""
    documents = levels["header"]
    return Whole(columns, rows, replace(documents, rows=signed(documents.rows, columns.rules)), levels.get("line"))


def check_totals(whole: Whole, expected: Expected, settings: Mapping[str, str]) -> list[Finding]:
    """What was declared against the whole file, rejects and documents that are not chosen included (X-8), and total rows against their columns (X-22)."""
    rules, documents = whole.columns.rules, whole.documents
    sums = sums_by_currency(documents.rows, (rules.role("amount"), rules.role("balance")))
    declared = expected.count is not None or expected.totals or expected.due
    found = _declared(whole.columns, expected, len(documents.rows), sums) if declared else []
    return [*found, *_unreadable(documents, whole.columns, bool(declared)), *_total_rows(whole, list(sums), settings)]


def _declared(columns: Columns, expected: Expected, invoices: int, sums: Mapping[str, Mapping[str, int]]) -> list[Finding]:
    amount, balance = columns.rules.role("amount"), columns.rules.role("balance")
    pairs = [(code, total, sums.get(code, {}).get(amount, 0)) for code, total in expected.totals.items()]
    pairs += [(code, sums[code][amount], sums[code][amount]) for code in sums if amount in sums[code] and code not in expected.totals and not expected.totals]
    others = [code for code in sums if expected.totals and code not in expected.totals and sums[code].get(amount, 0)]
    pairs += [(code, 0, sums[code][amount]) for code in others]
    dues = [(code, total, sums.get(code, {}).get(balance, 0)) for code, total in expected.due.items()]
    count = invoices if expected.count is None else expected.count
    if count == invoices and all(said == held for _, said, held in pairs + dues):
        return []
    shown = [(code, said, held) for code, said, held in pairs if expected.totals] + [(f"{code} due", s, h) for code, s, h in dues]
    noun = columns.rules.document
    facts = {
        "declared": _line(count if expected.count is not None else None, noun, [(code, said) for code, said, _ in shown]),
        "held": _line(invoices if expected.count is not None else None, noun, [(code, held) for code, _, held in shown]),
        "difference": _difference(invoices - count, noun, shown),
    }
    return [Finding(CONTROL, facts=facts)]


def _line(count: int | None, noun: str, totals: list[tuple[str, int]]) -> str:
    return ", ".join([*([plural(count, noun)] if count is not None else []), *(f"{code} {show_money(total, code[:3])}" for code, total in totals)])


def _difference(count: int, noun: str, totals: list[tuple[str, int, int]]) -> str:
    parts = [(plural(abs(count), noun), count)] if count else []
    parts += [(f"{code} {show_money(abs(held - said), code[:3])}", held - said) for code, said, held in totals if held != said]
    less, more = [words for words, by in parts if by < 0], [words for words, by in parts if by > 0]
    sides = [(" and ".join(less), "missing"), (" and ".join(more), "more than declared")]
    return ", ".join(f"{words} {how}" for words, how in sides if words)


def _unreadable(typed: Typed, columns: Columns, declared: bool) -> list[Finding]:
    found = []
    for name in (columns.rules.role("amount"), columns.rules.role("balance")):
        masks = [typed.unread[field] for field in (name, "currency") if field in typed.unread] if declared and name else []
        count = int(np.logical_or.reduce(masks).sum()) if masks else 0
        if count:
            found.append(Finding(UNREADABLE, name, facts={"cells": plural(count, "cell"), "are": "is" if count == 1 else "are"}))
    return found


def _total_rows(whole: Whole, currencies: list[str], settings: Mapping[str, str]) -> list[Finding]:
    """Each total row against the rows above it, in files of one currency; unread amounts make a column incomparable."""
    columns, rules = whole.columns, whole.columns.rules
    found = _or_lines(columns) if columns.table.totals else []
    if len(currencies) != 1 or not columns.table.totals:
        return found
    for name in filter(None, map(rules.role, ("amount", "balance", "line_amount"))):
        ways = _ways(whole, name)
        if ways and columns.mapping.fields.get(name) is not None:
            mark, _ = mark_of(name, rules, columns.proven.text, columns.proven.kinds, settings)
            found += _untied(name, ways, columns, _stated(columns, name, currencies[0], mark), currencies[0])
    return found


def _or_lines(columns: Columns) -> list[Finding]:
    """Total rows under the rows of one document, by no certain name, where rows without a key are lines of the document above (S2-41): in doubt a row is data."""
    rules, table = columns.rules, columns.table
    named = [name for name in rules.group_by if name in columns.text and name not in columns.set_fields]
    keys, title = [columns.text[name] for name in named], rules.fields[named[-1]].title if named else ""
    if not rules.lined or not keys or table.records is not None:
        return []
    keyed = ~np.logical_or.reduce([blank(key) for key in keys])
    if keyed.all() and pd.DataFrame(dict(enumerate(map(codes_of, keys)))).duplicated().any():
        return []  # each line has its key here
    found, start, rows = [], 0, sorted(table.totals)
    for row, place in zip(rows, np.searchsorted(table.frame.index.to_numpy(), rows).tolist(), strict=True):
        cells = [cell.strip() for cell in table.totals[row] if cell.strip()]
        if keyed[start:place].sum() == 1 and not any(map(_SURELY.search, cells)):
            facts = {"row": f"{row:,}", "title": title, "cells": listed([quoted(cell) for cell in cells])}
            found.append(Finding(OR_A_LINE, facts=facts))
        start = place
    return found


def _ways(whole: Whole, name: str) -> list[pd.Series]:
    """The amounts that a total of a column may add up: those of documents or lines, and the cells as they stand, which repeat or have no sign (S0-30)."""
    level = whole.lines if whole.lines is not None and name in whole.lines.rows else whole.documents
    known = [typed for typed in (level, whole.rows) if name in typed.rows and not np.any(typed.unread.get(name, False))]
    return [typed.rows[name] for typed in known] if any(typed is level for typed in known) else []


def _untied(name: str, ways: list[pd.Series], columns: Columns, stated: Mapping[int, int], code: str) -> list[Finding]:
    """The total rows whose figure is not the sum of the rows since the beginning or since one of the total rows above, whichever way they are added up."""
    first, *others = [_apart(amounts, sorted(columns.table.totals), stated) for amounts in ways]
    found, wrong = [], [row for row in first if all(row in other for other in others)]
    for row in wrong[:MOST]:
        held, above = first[row]
        shown = {"stated": show_money(stated[row], code), "held": show_money(held, code), "difference": show_money(abs(stated[row] - held), code)}
        found.append(Finding(TOTAL_ROW, name, facts={"row": f"{row:,}", "above": above, **shown}))
    if len(wrong) > MOST:
        found.append(Finding(MORE_APART, name, facts={"rows": plural(len(wrong) - MOST, "more total row")}))
    return found


def _apart(amounts: pd.Series, rows: list[int], stated: Mapping[int, int]) -> dict[int, tuple[int, str]]:
    """Total row -> what the rows above it add up to, and how that is said, where its figure is another."""
    before, last, apart = {0}, 0, {}
    for row, running in zip(rows, _running(amounts, rows), strict=True):
        if row in stated and running - stated[row] not in before:
            apart[row] = (running, "") if row == rows[-1] else (running - last, "above it ")
        before.add(running)
        last = running
    return apart


def _running(amounts: pd.Series, rows: Sequence[int]) -> list[int]:
    """The sum of what stands above each of these rows."""
    values = pc.fill_null(pa.array(amounts, from_pandas=True), 0).to_numpy(zero_copy_only=False)
    if exact_sum(pd.Series(np.abs(values))) >= 2**63:
        values = values.astype(object)
    return np.append(np.cumsum(values), 0)[np.searchsorted(amounts.index.to_numpy(), rows) - 1].tolist()


def _stated(columns: Columns, name: str, code: str, mark: str) -> dict[int, int]:
    """Total row -> its figure in a column; one that cannot be read with the column's mark is read with the other, for the row may hold a number."""
    column, rows = columns.mapping.fields[name], columns.table.totals
    cells = [its[column].strip() if column is not None and column < len(its) else "" for its in rows.values()]
    text = without_symbols(pa.array(cells, pa.large_string()), code)
    readings = [parse_money(text, code, decimals_of(code), by).values for by in (mark, "comma" if mark == "point" else "point")]
    return {row: figure for row, figure in zip(rows, pc.coalesce(*readings).to_pylist(), strict=True) if figure is not None}


def declared_in(table: Table) -> Expected:
    """The control totals that the file declares itself, such as a template's cover sheet."""
    said = dict(table.declared)
    return expected_totals(said.pop("count", None), said)

