"""A file of documents in another form: rows as the JSON of a service, its JSON as rows (S2-1, S2-40, S2-45).

What is written is what the file says, read and checked: amounts and numbers as exact plain decimals, dates as the rule set writes
them, codes as text. Nothing here knows one system: elements, their order and the list of lines are the rule set's.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.errors import CannotRun
from invoice_rules.fields import Field, RuleSet
from invoice_rules.fields.elements import Element, date_order, document_json, element, plain
from invoice_rules.problems import Severity, plural
from invoice_rules.results import Context, Entity, Report
from invoice_rules.rulesets import rule_set
from invoice_rules.values import decimals_of
from invoice_rules.workbooks import replaced, table_csv, table_workbook, unless_there

T = TypeVar("T")
ENDINGS = (".json", ".xlsx", ".csv")
ROWS_OF_A_SHEET = 1_048_576
UNSEEN = "lists-unseen"
SAID = ("setting",)
"""Sources of filled cells that count as what the file says: the user gave these values for the file."""


class HasErrors(CannotRun):
    """The file's own errors keep it from being written; its report says which."""


@dataclass(frozen=True)
class ListsOnly:
    """What a store knows of reference lists and nothing else: whether a document was imported before does not matter here."""

    context: Context

    @property
    def entity(self) -> Entity:
        return self.context.entity

    def reference(self, kind: str) -> pd.DataFrame:
        return self.context.reference(kind)

    def existing(self, rules: Any, keys: pa.Array) -> pd.DataFrame:
        return pd.DataFrame({"record.status": [], "version": []}, index=pd.Index([], dtype="str", name="key"))

    def existing_in_parts(self, rules: Any, keys: pa.Array, look: Callable[[pd.DataFrame], T]) -> list[T]:
        return [look(self.existing(rules, keys))]

    def same_number(self, rules: Any, customers: pa.Array, numbers: pa.Array, names: pa.Array | None = None) -> pd.DataFrame:
        return pd.DataFrame({"at": [], "key": []})

    def same_amount(self, rules: Any, customers: pa.Array, amounts: pa.Array) -> pd.DataFrame:
        return pd.DataFrame({name: [] for name in ("customer", "amount", "currency", "number", "date")})

    def customers(self, rules: Any, ids: pa.Array) -> pd.DataFrame:
        return self.context.customers(rules, ids)


def convert(report: Report, target: Path | str, *, filled: bool = False, replace: bool = False) -> Path:
    """Write an examined file as .json, .xlsx or .csv, whole or not at all. `filled` writes defaults and computed values too.

    Raises HasErrors where the file has errors, CannotRun where the rule set has no JSON of its own, and where `target` is there already and is not
    to be replaced.
    """
    target = may_write(target, report.rules, replace, report.table.origin.path)
    kept_out = _kept_out(report)
    if kept_out:
        raise HasErrors(f"Nothing was written: {kept_out}. Correct the file and convert it again.")
    made = _Documents(report, filled)
    if target.suffix.lower() == ".json":
        return replaced(target, lambda part: _write(part, made.json()))
    frame = made.rows(text_dates=target.suffix.lower() == ".csv")
    if target.suffix.lower() == ".csv":
        return table_csv(frame, target)
    if len(frame) >= ROWS_OF_A_SHEET:
        raise CannotRun(f"{plural(len(frame), 'row')} do not fit on a sheet, which holds {ROWS_OF_A_SHEET:,}. Name a file that ends with .csv.")
    return table_workbook(frame, target, report.rules.title)


def may_write(target: Path | str, rules: RuleSet, replace: bool = False, source: Path | None = None) -> Path:
    """The path, if a file of this rule set can be written there, and not over its `source`; raises CannotRun."""
    target = Path(target)
    ending = target.suffix.lower()
    if ending not in ENDINGS:
        raise CannotRun(f'"{target.name}" names no kind of file that can be written here. End it with .json, .xlsx or .csv.')
    if ending == ".json" and not rules.json:
        raise CannotRun(f"{rules.title} have no JSON of their own that could be written. Name a file that ends with .xlsx or .csv.")
    if source is not None and target.exists() and source.exists() and target.samefile(source):
        raise CannotRun(f"{target} is the file itself. Name another one.")
    return unless_there(target, replace)


def without_lookups(report: Report) -> Report:
    """The report without the notice that codes were not looked up, for those who did not ask for it."""
    return dataclasses.replace(report, problems=report.problems.where(lambda found: found.rule.id != UNSEEN))


def _kept_out(report: Report) -> str:
    """What keeps the file from being written, in words; '' where nothing does."""
    wrong = int((report.worst == Severity.ERROR).sum())
    if wrong:
        return f"{plural(wrong, report.rules.document)} {'has' if wrong == 1 else 'have'} errors"
    return f"{plural(len(report.blocked), 'question')} about the file to settle first" if report.blocked else ""


def _write(path: Path, pieces: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(pieces)


@dataclass(frozen=True)
class _Documents:
    """The documents of a report with their lines in the order of the file."""

    report: Report
    filled: bool

    @cached_property
    def _lines(self) -> np.ndarray:
        """(lines,) int64: the positions of the lines, by document."""
        return np.argsort(self.report.line_invoice, kind="stable")

    @cached_property
    def _ends(self) -> np.ndarray:
        """(documents + 1,) where the lines of each document begin and end."""
        return np.r_[0, np.cumsum(np.bincount(self.report.line_invoice, minlength=self.report.invoices))]

    @cached_property
    def _laid_out(self) -> tuple[np.ndarray, np.ndarray]:
        """(rows,) the document of each row, and its line, -1 for none."""
        counts = np.diff(self._ends)
        of = np.repeat(np.arange(len(counts)), np.maximum(counts, 1))
        lines = np.full(len(of), -1)
        lines[counts[of] > 0] = self._lines
        return of, lines

    def rows(self, text_dates: bool) -> pd.DataFrame:
        """A row a line, or a row a document that has none; the header is repeated. Headings are the titles of the fields."""
        report, titles = self.report, {name: field.title for name, field in rule_set(self.report.rules.name).fields.items()}
        of, lines = self._laid_out
        columns: dict[str, Any] = {}
        for name, field in self._fields("header", written=False).items():
            columns[titles[name]] = _cells(self._values(name, "header"), field, self._codes, text_dates)[of]
        for name, field in self._fields("line", written=False).items():
            codes = self._codes[report.line_invoice]
            columns[titles[name]] = _cells(self._values(name, "line"), field, codes, text_dates, below=True)[lines]
        return pd.DataFrame({title: pd.Series(cells, dtype=object) for title, cells in columns.items()})

    def json(self) -> Iterator[str]:
        """The service's JSON, piece by piece: elements in the order of the rule set, blanks as "" (S2-40)."""
        return document_json(self.report.rules, self._elements())

    def _elements(self) -> Iterator[tuple[list[Element], list[list[Element]]]]:
        """The elements of each document, and of its lines."""
        heads = [(name, _tokens(self._values(name, "header"), field, self._codes)) for name, field in self._fields("header").items()]
        if not self.report.rules.nested:
            yield from ((_at(heads, at), []) for at in range(self.report.invoices))
            return
        codes = self._codes[self.report.line_invoice]
        lines = [(name, _tokens(self._values(name, "line"), field, codes)) for name, field in self._fields("line").items()]
        for at in range(self.report.invoices):
            yield _at(heads, at), [_at(lines, int(line)) for line in self._lines[self._ends[at] : self._ends[at + 1]]]

    @cached_property
    def _codes(self) -> np.ndarray:
        """(documents,) the currency of each, which says how many decimals its amounts have."""
        return self.report.rows["currency"].fillna("USD").to_numpy(object)

    def _fields(self, level: str, written: bool = True) -> dict[str, Field]:
        """The fields of a level that are written: all that a service expects, or for rows those that the file has."""
        offered = {name: field for name, field in self.report.rules.offered.items() if field.level == level}
        return {name: field for name, field in offered.items() if (written and not field.made) or self._has(name, level)}

    def _has(self, name: str, level: str) -> bool:
        return self.report.mapping.fields.get(name) is not None or bool(self._values(name, level).notna().any())

    def _values(self, name: str, level: str) -> pd.Series:
        """One typed column, without what was filled in unless that is wanted."""
        rows = self.report.rows if level == "header" else self.report.lines
        assert rows is not None
        if name not in rows:
            return pd.Series([None] * len(rows), index=rows.index, dtype=object)
        return rows[name] if self.filled else rows[name].mask(self._made_up(name, level))

    def _made_up(self, name: str, level: str) -> np.ndarray:
        """(rows,) bool: cells that the file does not say."""
        rows = np.zeros(len(self.report.invoice), bool)
        for fill in self.report.fills:
            if fill.field == name and fill.source not in SAID:
                rows[fill.at] = True
        if level == "header":
            made = np.zeros(self.report.invoices, bool)
            made[self.report.invoice[rows]] = True
            return made
        assert self.report.lines is not None
        return rows[self.report.table.frame.index.get_indexer(self.report.lines.index)]


def _at(columns: Sequence[tuple[str, Sequence[str]]], at: int) -> list[Element]:
    return [(name, tokens[at]) for name, tokens in columns]


def _tokens(values: pd.Series, field: Field, codes: np.ndarray) -> list[str]:
    """Cells as JSON: numbers as they are, everything else in quotes."""
    return [element(cell) for cell in _cells(values, field, codes, text_dates=True)]


def _cells(values: pd.Series, field: Field, codes: np.ndarray, text_dates: bool, below: bool = False) -> np.ndarray:
    """(rows,) objects: None, text, `Decimal`, date or bool; dates as text of the rule set's order where they are wanted so. `below` adds a None."""
    found = pa.array(values, from_pandas=True).to_pylist()
    made = np.full(len(found), None, dtype=object)
    if field.kind == "money":
        places = {code: decimals_of(code) for code in set(codes.tolist())}
        made[:] = [None if cell is None else plain(Decimal(cell).scaleb(-places[code])) for cell, code in zip(found, codes, strict=True)]
    elif field.kind in ("number", "percent"):
        made[:] = [None if cell is None else plain(cell) for cell in found]
    elif field.kind == "date" and text_dates:
        order = date_order(field)
        made[:] = [None if cell is None else cell.strftime(order) if order else cell.isoformat() for cell in found]
    else:
        made[:] = found
    return np.concatenate([made, np.full(int(below), None, dtype=object)])

