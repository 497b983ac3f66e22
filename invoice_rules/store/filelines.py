"""The lines of a file's documents: as the store keeps them, and which documents have other lines than on file (S4-18)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.fields import Field, RuleSet
from invoice_rules.problems import plural
from invoice_rules.results import Report
from invoice_rules.store.context import StoreContext
from invoice_rules.store.records import LINES, Records, array_of, arrow_type, joined_lines, with_own_lines
from invoice_rules.table import TEXT, text_array
from invoice_rules.values import show_money

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store

OTHER_LINES = "record.lines"
"""What a changed line is called among the differences of a plan."""

Line = Mapping[str, Any]
_SHOWN = 5


@dataclass(frozen=True)
class FileLines:
    """The lines of a report's documents."""

    report: Report
    records: Records

    @cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """(the lines sorted by document, where each document's begin and end among them)."""
        of = np.repeat(self.report.line_invoice, self._split)
        return np.argsort(of, kind="stable"), np.r_[0, np.cumsum(np.bincount(of, minlength=len(self.report.rows)))]

    @cached_property
    def _columns(self) -> dict[str, pa.Array]:
        rows = self._rows
        columns = {name: array_of(rows[name], arrow_type(field)) for name, field in self.records.line_fields.items() if name in rows}
        own = self.records.rules.own_line
        return with_own_lines(columns, own, self._split) if own in columns else columns

    @property
    def _rows(self) -> pd.DataFrame:
        assert self.report.lines is not None
        return self.report.lines

    @cached_property
    def _split(self) -> np.ndarray:
        """(lines,) int64: how many stored lines each becomes; a remark beside an amount is a line of its own (S2-31)."""
        rows, rules = self._rows, self.records.rules
        count = np.ones(len(rows), np.int64)
        if rules.own_line in rows:
            amounts = [name for name, field in self.records.line_fields.items() if name in rows and field.kind in ("money", "number")]
            others = [rows[name].notna() & (rows[name] != 0) for name in amounts]
            says = np.logical_or.reduce([mask.fillna(False).to_numpy(bool) for mask in others])
            count += rows[rules.own_line].notna().to_numpy() & says
        return count

    def json(self, part: slice = slice(None)) -> pa.Array:
        """(documents,) JSON: the lines of each document in the order of the file."""
        order, ends = self._order
        start, stop, _ = part.indices(len(self.report.rows))
        return joined_lines(self._columns, order[ends[start] : ends[stop]], ends[start : stop + 1])


def with_lines(report: Report, store: "Store") -> Report:
    """The report, which knows of each stored document that it would update whether its lines are others; they are replaced as a whole."""
    known, rules = report.known, report.rules
    if known is None or report.lines is None or rules.existing != "update" or not len(known.at):
        return report
    keys = rules.keys(report.rows)
    assert keys is not None
    mine = keys.take(pa.array(known.at)).to_pylist()
    stored = StoreContext(store).details(rules, keys.take(pa.array(known.at)))
    here = FileLines(report, Records(rules)).json().take(pa.array(known.at)).to_pylist()
    before, after = [said_of(json.loads(stored.get(key, "{}")).get(LINES)) for key in mine], [said_of(json.loads(text)) for text in here]
    other = np.fromiter((old != new for old, new in zip(before, after, strict=True)), bool, len(mine))
    codes = (_currencies(rows, rules) for rows in (known.was.frame(("currency",)), report.rows.iloc[known.at]))
    shown = [told(old, new, rules.fields, *both) for old, new, *both in zip(before, after, *codes, strict=True)]
    was = known.was.with_column(OTHER_LINES, pa.array([old for old, _ in shown], pa.large_string()))
    now = pd.Series("", index=range(len(report.rows)), dtype="object")
    now.iloc[known.at] = [new for _, new in shown]
    rows = report.rows.assign(**{OTHER_LINES: now.astype(TEXT).to_numpy()})
    return replace(report, rows=rows, known=replace(known, was=was, changed={**known.changed, OTHER_LINES: other}))


def _currencies(rows: pd.DataFrame, rules: RuleSet) -> list[str]:
    if "currency" not in rows:
        return [rules.currency] * len(rows)
    return [code or rules.currency for code in text_array(rows["currency"]).to_pylist()]


def said_of(lines: Sequence[Line] | None) -> list[Line]:
    """Lines without their blank values, because older records lack newer fields."""
    return [{key: value for key, value in line.items() if value is not None} for line in lines or ()]


def told(old: Sequence[Line], new: Sequence[Line], fields: Mapping[str, Field], was: str, currency: str) -> tuple[str, str]:
    """The lines that differ, before (in the currency `was`) and after, as people read them; "" where none of them is there."""
    others = [at for at, (before, after) in enumerate(zip_longest(old, new)) if before != after]
    return _some(old, others, fields, was), _some(new, others, fields, currency)


def _some(lines: Sequence[Line], others: Sequence[int], fields: Mapping[str, Field], currency: str) -> str:
    there = [at for at in others if at < len(lines)]
    more = [f"and {plural(len(there) - _SHOWN, 'more line')}"] if len(there) > _SHOWN else []
    return "; ".join([*(_line(lines, at, fields, currency) for at in there[:_SHOWN]), *more])


def _line(lines: Sequence[Line], at: int, fields: Mapping[str, Field], currency: str) -> str:
    shown = [_shown(lines[at][name], field, currency) for name, field in fields.items() if name in lines[at]]
    return f"line {at + 1}: {', '.join(shown)}"


def _shown(value: Any, field: Field, currency: str) -> str:
    if field.kind == "money":
        return show_money(value, currency)
    return str(value).rstrip("0").rstrip(".") if field.kind in ("number", "percent") and "." in str(value) else str(value)
