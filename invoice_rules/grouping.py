"""Rows as documents: which rows are one invoice, where each of its header cells stands, and which rows are its lines (S0-28, S2-41).

Rules see two views of a table: one row a document, and one row a line. What they find is put back on the user's rows here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.alike import row_list
from invoice_rules.columns import Columns, Typed
from invoice_rules.fields import Field, RuleSet
from invoice_rules.problems import Finding, Rule, Severity, plural, quoted
from invoice_rules.values import blank, show_cell
from invoice_rules.values.columns import codes_of

DISAGREES = Rule("header-differs", "{title} is {value} here and {other} on {rows}. These rows are one {document}, which has one {title}.", "S2-41", "What belongs to the whole document is the same on all its rows, or blank below the first.")
NO_LINES = Rule("no-lines", "This {document} has no lines. Every {document} needs at least one.", "S2-41", "A document has at least one line.")
LEFT_OUT = Rule("lines-left-out", "{rows} with {title} {values} {are} not imported.", "X-22", "Rows that repeat what the others say, such as subtotals, are left out and told.", Severity.NOTICE)
UNIDENTIFIED = Rule("unidentified", "This row has no {titles}. Every row needs one of them.", "S0-9", "Every row says whose document it is.")
RULES = (UNIDENTIFIED, DISAGREES, NO_LINES, LEFT_OUT)


@dataclass(frozen=True)
class Groups:
    """Which document each row belongs to: `of` are codes 0…n-1 in order of appearance, `line` tells rows that are lines.

    `places`: header field -> (documents,) the position of the row whose cell says it. Documents of one row each have `of` None.
    """

    rows: int
    of: np.ndarray | None = None
    line: np.ndarray | None = None
    places: Mapping[str, np.ndarray] | None = None

    @cached_property
    def invoice(self) -> np.ndarray:
        """(rows,) int64: the document of each row."""
        return np.arange(self.rows) if self.of is None else self.of

    @cached_property
    def first(self) -> np.ndarray:
        """(documents,) int64: the position of each document's first row."""
        return self.invoice if self.of is None else np.unique(self.of, return_index=True)[1]

    @cached_property
    def lines(self) -> np.ndarray:
        """(lines,) int64: the positions of the rows that are lines."""
        return self.invoice if self.line is None else np.flatnonzero(self.line)

    @property
    def documents(self) -> int:
        return len(self.first)

    def place(self, field: str) -> np.ndarray:
        """(documents,) int64: where the cell of a header field stands."""
        return self.first if self.of is None else (self.places or {}).get(field, self.first)

    def first_filled(self, filled: np.ndarray) -> np.ndarray:
        """(documents,) int64: the first row of each document whose cell is filled, else its first row; `filled` is by row."""
        if filled[self.first].all():
            return self.first
        place, at = self.first.copy(), np.flatnonzero(filled)
        documents, where = np.unique(self.invoice[at], return_index=True)
        place[documents] = at[where]
        return place

    def of_documents(self, found: Finding) -> Finding:
        """A finding about documents, put back on the rows where their cells stand."""
        return found if self.of is None else _moved(found, self.place(found.field), lambda at: int(self.invoice[at]))

    def of_lines(self, found: Finding) -> Finding:
        """A finding about lines, put back on the table's rows."""
        return _moved(found, self.lines, lambda at: int(np.searchsorted(self.lines, at)))

    def views(self, columns: Columns) -> tuple[Columns, Columns]:
        """The columns as they look to rules about documents and to rules about lines."""
        if self.of is None:
            return columns, columns
        return _view(columns, self.first, self.place), _view(columns, self.lines, lambda _: self.lines)


def _moved(found: Finding, to: np.ndarray, back: Callable[[int], int]) -> Finding:
    if found.at is None:
        return found
    facts, fix = found.facts, found.fix
    moved = replace(found, at=to[found.at])
    if callable(facts):
        moved = replace(moved, facts=lambda at, value: facts(back(at), value))
    return replace(moved, fix=lambda at, value: fix(back(at), value)) if fix else moved


class _Taken(Mapping[str, pa.Array]):
    """The texts of some rows of each column, taken when they are asked for."""

    def __init__(self, text: Mapping[str, pa.Array], place: Callable[[str], np.ndarray]):
        self._text, self._place, self._made = text, place, dict[str, pa.Array]()

    def __getitem__(self, name: str) -> pa.Array:
        if name not in self._made:
            self._made[name] = self._text[name].take(pa.array(self._place(name)))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._text)

    def __len__(self) -> int:
        return len(self._text)


def _view(columns: Columns, rows: np.ndarray, place: Callable[[str], np.ndarray]) -> Columns:
    return replace(columns, text=_Taken(columns.text, place), rows=rows)


def group(columns: Columns) -> tuple[Groups, list[Finding]]:
    """Which rows are one document, and which of them are lines; a notice of those that the rule set passes over, such as subtotals."""
    rules, rows = columns.rules, len(columns.table)
    if not rules.lined:
        return Groups(rows), []
    of = _codes(columns, rules)
    filled = {name: ~blank(columns.text[name]) for name in rules.at_level("header") if name in columns.text}
    passed_over, told = _skipped(columns)
    made = Groups(rows, of, _any(filled_in(columns, rules.at_level("line")), rows) & ~passed_over, {})
    return replace(made, places={name: made.first_filled(cells) for name, cells in filled.items()}), told


def filled_in(columns: Columns, names: Sequence[str]) -> list[np.ndarray]:
    """(rows,) bool for each of these fields that has a column: cells with something in them. Values for the whole file do not count."""
    return [~blank(columns.text[name]) for name in names if name in columns.text and name not in columns.set_fields]


def _any(masks: Sequence[np.ndarray], rows: int) -> np.ndarray:
    return np.logical_or.reduce([*masks, np.zeros(rows, bool)])


def _codes(columns: Columns, rules: RuleSet) -> np.ndarray:
    """(rows,) int64: 0…n-1 in order of appearance."""
    if columns.table.records is not None:
        return _in_order(columns.table.records)
    named = [name for name in rules.group_by if name in columns.text and name not in columns.set_fields]
    if named:
        return _by_key(columns, rules, named)
    runs = [columns.text[name] for name in rules.runs_of if name in columns.text]
    return _runs(runs, columns.table.apart()) if runs else np.arange(len(columns.table))


def _in_order(codes: np.ndarray) -> np.ndarray:
    return pd.factorize(codes)[0].astype(np.int64)


def _joined(texts: Sequence[pa.Array]) -> np.ndarray:
    """(rows,) int64: equal codes where all these texts are equal."""
    codes = codes_of(texts[0])
    for text in texts[1:]:
        other = codes_of(text)
        codes = pd.factorize(codes * (other.max(initial=0) + 1) + other)[0].astype(np.int64)
    return codes


def _by_key(columns: Columns, rules: RuleSet, named: Sequence[str]) -> np.ndarray:
    """Rows of one key are one document, wherever they stand; a row without one continues the document above if it adds nothing of its own to the header."""
    keys = [_spelling(columns.text[name], rules.fields[name]) for name in named]
    codes, keyed = _joined(keys), ~_any([blank(key) for key in keys], len(keys[0]))
    if keyed.all():
        return _in_order(codes)
    rows = np.arange(len(codes))
    above = np.maximum.accumulate(np.where(keyed, rows, -1))
    codes = codes + 1
    others = [columns.text[name] for name in rules.at_level("header") if name in columns.text]
    continues = ~keyed & (above >= 0) & _adds_nothing(others, above, ~keyed)
    if columns.table.together is not None:
        continues &= columns.table.together == columns.table.together[above]
    codes = np.where(keyed, codes, np.where(continues, codes[above], -1 - rows))
    return _in_order(codes)


def _spelling(values: pa.Array, field: Field) -> pa.Array:
    """Codes of a list without regard to case, for that is how they are looked up (S2-38); other values as they are."""
    return pc.utf8_lower(values) if field.of else values


def _adds_nothing(texts: Sequence[pa.Array], above: np.ndarray, among: np.ndarray) -> np.ndarray:
    """(rows,) bool: each of these cells is blank or says what the row above it that has a key says."""
    nothing = among.copy()
    for text in texts:
        codes = codes_of(text)
        nothing &= blank(text) | (codes == codes[np.maximum(above, 0)])
    return nothing


def _runs(texts: Sequence[pa.Array], apart: np.ndarray) -> np.ndarray:
    """Neighbouring rows that say the same are one document. Blank cells agree with it where another says the same; rows of blanks continue it (S0-28)."""
    said = np.stack([np.where(blank(text), -1, codes_of(text)) for text in texts], axis=1)
    begins, so_far = np.zeros(len(said), bool), said[:1].ravel().tolist()
    for at in (np.flatnonzero((said[1:] != said[:-1]).any(axis=1) | apart) + 1).tolist():
        own = said[at].tolist()
        begins[at] = apart[at - 1] or max(own) >= 0 and not _agree(own, so_far)
        so_far = own if begins[at] else [code if code >= 0 else before for code, before in zip(own, so_far, strict=True)]
    return np.cumsum(begins).astype(np.int64)


def _agree(own: Sequence[int], others: Sequence[int]) -> bool:
    """Whether one of these codes is the same and none differs; -1 is a blank."""
    both = [code == other for code, other in zip(own, others, strict=True) if code >= 0 and other >= 0]
    return bool(both) and all(both)


def of_currency(columns: Columns, groups: Groups) -> np.ndarray | None:
    """For each row the position of the cell that says the currency of its document; None where each row says its own."""
    name = columns.rules.role("currency")
    return None if groups.of is None or name not in columns.text else groups.place(name)[groups.invoice]


def documents_of(typed: Typed, groups: Groups, rules: RuleSet) -> Typed:
    """One typed row a document: each header field from the row where it stands."""
    if groups.of is None:
        return typed
    names = [name for name in (*rules.at_level("header"), "currency") if name in typed.rows]
    index = typed.rows.index[groups.first]
    rows = pd.DataFrame({name: typed.rows[name].iloc[groups.place(name)].set_axis(index) for name in dict.fromkeys(names)}, index=index)
    unread = {name: mask[groups.place(name)] for name, mask in typed.unread.items() if name in names}
    return Typed(rows, unread, ())


def lines_of(typed: Typed, groups: Groups, rules: RuleSet) -> Typed:
    """One typed row a line: the line fields."""
    names = [name for name in rules.at_level("line") if name in typed.rows]
    everywhere = len(groups.lines) == groups.rows
    rows = typed.rows[names] if everywhere else typed.rows[names].iloc[groups.lines]
    return Typed(rows, {name: mask[groups.lines] for name, mask in typed.unread.items() if name in names}, ())


def about_groups(typed: Typed, columns: Columns, groups: Groups) -> list[Finding]:
    """Header cells that contradict those of the same document, and documents without lines."""
    found = _unidentified(columns)
    if groups.of is None:
        return found
    lines = np.zeros(groups.documents, bool)
    lines[groups.invoice[groups.lines]] = True
    empty = groups.first[~lines]
    found += [Finding(columns.rules.weighed(NO_LINES), columns.rules.key, empty)] if len(empty) else []
    return found + [_disagreement(typed, columns, groups, name) for name in groups.places or () if name in typed.rows]


def _unidentified(columns: Columns) -> list[Finding]:
    """Rows in which all fields that say whose document it is are blank (S0-9, S0-10)."""
    named = [name for name in columns.rules.identified_by if name in columns.text]
    empty = np.logical_and.reduce([blank(columns.text[name]) for name in named]) if named else np.zeros(0, bool)
    if not empty.any():
        return []
    titles = either([columns.rules.fields[name].title for name in columns.rules.identified_by])
    return [Finding(UNIDENTIFIED, named[0], np.flatnonzero(empty), {"titles": titles})]


def either(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _disagreement(typed: Typed, columns: Columns, groups: Groups, name: str) -> Finding:
    text, place, kind = columns.text[name], groups.place(name)[groups.invoice], columns.rules.fields[name].kind
    codes = codes_of(pc.utf8_upper(text) if kind == "currency" else text)
    at = np.flatnonzero((codes != codes[place]) & ~blank(text))
    if len(at) and kind != "currency":
        here, there = (_spelling(pa.array(typed.rows[name].iloc[where], from_pandas=True), columns.rules.fields[name]) for where in (at, place[at]))
        at = at[pc.fill_null(pc.not_equal(here, there), False).to_numpy(zero_copy_only=False)]

    def facts(position: int, _: str) -> Mapping[str, object]:
        other = int(place[position])
        shown = show_cell(typed.rows, name, other)
        return {"other": quoted(shown), "rows": row_list([columns.number(other)])}

    return Finding(DISAGREES, name, at, facts)


def _skipped(columns: Columns) -> tuple[np.ndarray, list[Finding]]:
    """(rows,) bool of the rows that are no lines, whatever they say, and notices of them."""
    out, told = np.zeros(len(columns.table), bool), []
    for name, values in columns.rules.skipped.items():
        if name in columns.text:
            its = pc.is_in(columns.text[name], pa.array(values, pa.large_string())).to_numpy(zero_copy_only=False)
            count = int(its.sum())
            told += [Finding(LEFT_OUT, name, facts={"rows": plural(count, "row"), "values": " or ".join(values), "are": "is" if count == 1 else "are"})] if count else []
            out |= its
    return out, told


def in_lines_alone(findings: Sequence[Finding], groups: Groups, rules: RuleSet, once: bool = False) -> list[Finding]:
    """The findings without those about line cells of rows that are no lines; a cell of a header that records repeat on their rows (`once`) is told once."""
    if groups.line is None:
        return list(findings)
    fields, first = set(rules.at_level("line")), np.zeros(groups.rows, bool)
    first[groups.first if once else slice(None)] = True
    return [found.only(groups.line if found.field in fields else first) if found.field in rules.fields else found for found in findings]
