"""What belongs to a document or a line besides its own cells: entries of reference kinds, sums over lines, the header of a line (S2-8 … S2-28).

A name says where a column comes from: `termsCode` is a field, `customer.terms` a field of a link, `sum.lineAmount` a figure over the
document's lines. All are whole columns, found once; what is unknown is null.
"""


import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.columns import Typed
from invoice_rules.fields import DATE_TYPE, FIGURES, MONEY_TYPE, NUMBER_TYPE, YES_NO_TYPE, Dated, Field, Link, RuleSet
from invoice_rules.grouping import Groups
from invoice_rules.references import kind, names_in
from invoice_rules.results import Context
from invoice_rules.table import TEXT, text_array, text_series
from invoice_rules.values.columns import codes_of, encoded, places
from invoice_rules.values.numbers import TOO_LARGE, raw_values

HEADER, LINE = "header", "line"
_TYPES = {"money": MONEY_TYPE, "date": DATE_TYPE, "yes_no": YES_NO_TYPE, "number": NUMBER_TYPE, "percent": NUMBER_TYPE}
_BEYOND = float(2**62)


def typed_blank(field: Field | None, index: pd.Index) -> pd.Series:
    """A column of this field with nothing in it."""
    dtype = _TYPES.get(field.kind if field else "text", TEXT)
    if dtype == TEXT:
        return text_series(pa.nulls(len(index), pa.large_string()), index)
    return pd.Series(pd.array(pa.nulls(len(index), dtype.pyarrow_dtype), dtype=dtype), index=index)


class Sources:
    """The columns that rules, defaults and computed fields may name, at the level of documents or of lines."""

    def __init__(self, documents: Typed, lines: Typed | None, groups: Groups, rules: RuleSet, context: Context | None):
        self.rules, self.groups, self.context = rules, groups, context
        self.typed: dict[str, Typed] = {HEADER: documents}
        if lines is not None:
            self.typed[LINE] = lines
        self._made: dict[tuple[str, str], pd.Series] = {}
        self._found: dict[tuple[str, str], np.ndarray] = {}

    @property
    def of_lines(self) -> np.ndarray:
        """(lines,) int64: the document of each line."""
        return self.groups.invoice[self.groups.lines]

    def level_of(self, name: str) -> str:
        """Where a column lives: "header" or "line"."""
        if name in self.rules.fields:
            return self.rules.fields[name].level
        head = name.partition(".")[0]
        if head in self.rules.links and "." in name:
            return self.level_of(self.rules.links[head].by)
        return LINE if LINE in self.typed and name in self.typed[LINE].rows and name not in self.typed[HEADER].rows else HEADER

    def put(self, level: str, name: str, values: pd.Series, unread: np.ndarray | None = None) -> None:
        """Take a column as that of a field; what was found through it before is found anew."""
        typed = self.typed[level]
        masks = dict(typed.unread) if unread is None else {**typed.unread, name: unread}
        self.typed[level] = Typed(typed.rows.assign(**{name: values}), masks, typed.findings)
        self._made = {key: made for key, made in self._made.items() if key[1] != name and key[1] not in self._hanging(name)}
        self._found = {key: found for key, found in self._found.items() if not self._through(key[0], name)}

    def _hanging(self, name: str) -> set[str]:
        figures = {f"{figure}.{name}" for figure in FIGURES}
        return figures | {key for _, key in self._made if "." in key and self._through(key.partition(".")[0], name)}

    def _through(self, link: str, name: str) -> bool:
        found = self.rules.links.get(link)
        return found is not None and name in (found.by, found.among, getattr(found, "on", ""))

    def column(self, name: str, level: str) -> pd.Series:
        """One column as the level sees it; null where nothing is known."""
        key = (level, name)
        if name in self.typed[level].rows:
            return self.typed[level].rows[name]
        if key not in self._made:
            self._made[key] = self._column(name, level)
        return self._made[key]

    def _column(self, name: str, level: str) -> pd.Series:
        index = self.typed[level].rows.index
        own = self.level_of(name)
        if level == LINE and own == HEADER:
            values = self.column(name, HEADER)
            return values.iloc[self.of_lines].set_axis(index)
        head, _, rest = name.partition(".")
        if not rest:
            return typed_blank(self.rules.fields.get(name), index)
        if head in FIGURES:
            return self._figure(head, rest, index)
        return self._linked(head, rest, level, index)

    def unread(self, name: str, level: str) -> np.ndarray:
        """(rows,) bool: the cells of a field that were not understood, or hang on one that was not."""
        rows = len(self.typed[level].rows)
        own = self.level_of(name)
        head, _, rest = name.partition(".")
        if level == LINE and own == HEADER:
            return self.unread(name, HEADER)[self.of_lines]
        if rest and head in self.rules.links:
            return self.unread(self.rules.links[head].by, level)
        if rest and head in FIGURES:
            return np.zeros(rows, bool)
        return np.asarray(self.typed[level].unread.get(name, np.zeros(rows, bool)))

    # figures over lines

    def _figure(self, figure: str, name: str, index: pd.Index) -> pd.Series:
        """sum, min, max or count of a line field by document: null where a cell of it was not understood; sum of nothing is 0.

        A sum of amounts beyond all amounts is TOO_LARGE.
        """
        documents = self.groups.documents
        if LINE not in self.typed:
            return _whole(np.zeros(documents, np.int64), np.zeros(documents, bool), index)
        of = self.of_lines
        if figure == "count" and name == "lines":
            return _whole(np.bincount(of, minlength=documents), np.ones(documents, bool), index)
        raw, valid = raw_values(self.column(name, LINE)) if self._numeric(name) else (np.zeros(len(of), np.int64), self.column(name, LINE).notna().to_numpy())
        counts = np.bincount(of[valid], minlength=documents)
        known = np.bincount(of[self.unread(name, LINE)], minlength=documents) == 0
        if figure == "count":
            return _whole(counts, known, index)
        made = np.zeros(documents, np.int64)
        if figure == "sum":
            np.add.at(made, of[valid], raw[valid])
            most = np.bincount(of, np.abs(raw.astype(float)), documents)
            if self.column(name, LINE).dtype == MONEY_TYPE:
                made[most >= TOO_LARGE] = TOO_LARGE
            else:
                known = known & (most < _BEYOND)
        else:
            ends = np.iinfo(np.int64)
            made[:] = ends.max if figure == "min" else ends.min
            (np.minimum if figure == "min" else np.maximum).at(made, of[valid], raw[valid])
            known = known & (counts > 0)
        return _whole(made, known, index)

    def _numeric(self, name: str) -> bool:
        return self.column(name, LINE).dtype in (MONEY_TYPE, NUMBER_TYPE)

    # links

    def found(self, link: str, level: str) -> np.ndarray:
        """(rows,) int64: the place of each row's entry in `reference(kind)`, -1 where there is none."""
        key = (link, level)
        if key not in self._found:
            declared = self.rules.links[link]
            keys = text_array(self.column(declared.by, level))
            entries = self.entries(declared.kind)
            if isinstance(declared, Dated):
                self._found[key] = _dated(declared, entries, keys, self.column(declared.on, level))[0]
            else:
                names, places_of = names_in(declared, entries)
                at = looked_up(keys, names)
                first = np.where(at >= 0, places_of[np.maximum(at, 0)] if len(places_of) else -1, -1)
                self._found[key] = self._of_several(declared, keys, first, level) if declared.among else first
        return self._found[key]

    def _of_several(self, declared: Link, values: pa.Array, first: np.ndarray, level: str) -> np.ndarray:
        """(rows,) int64: where a value names several entries, the one that the document names by its key; -1 where it names none (S0-11)."""
        entries, named = self.entries(declared.kind), text_array(self.column(declared.among, level))
        codes, pairs, _ = _pairs(declared, entries, values)
        own = looked_up(named, text_array(entries[kind(declared.kind).key].astype(TEXT)))
        is_one = (codes >= 0) & (own >= 0) & np.isin(codes * len(entries) + own, pairs[0] * len(entries) + pairs[1])
        several = np.append(np.bincount(pairs[0], minlength=codes.max(initial=-1) + 1) > 1, False)[codes]
        return np.where(is_one, own, np.where(several & ~named.is_valid().to_numpy(zero_copy_only=False), -1, first))

    def _met(self, link: str, field: str, level: str, index: pd.Index) -> pd.Series:
        """`count`: how many entries a row's value names; `keys`: their keys where there are several. Null without a value, or a store."""
        declared = self.rules.links[link]
        entries, values = self.entries(declared.kind), text_array(self.column(declared.by, level))
        known = values.is_valid().to_numpy(zero_copy_only=False) & (self.context is not None)
        codes, pairs, distinct = _pairs(declared, entries, values)
        met = np.bincount(pairs[0], minlength=distinct + 1)
        if field == "count":
            return _whole(met[codes], known, index)
        keys = text_array(entries[kind(declared.kind).key].astype(TEXT))
        words = np.full(distinct, "", object)
        for value in np.unique(codes[met[codes] > 1]).tolist():
            words[value] = " and ".join(sorted(keys.take(pa.array(pairs[1][pairs[0] == value])).to_pylist()))
        return text_series(pa.array(words, pa.large_string()).take(pa.array(codes, mask=~known)), index)

    def entries(self, name: str) -> pd.DataFrame:
        """All entries of a reference kind; none where there is no store."""
        if self.context is None:
            return pd.DataFrame({field: typed_blank(known, pd.RangeIndex(0)) for field, known in kind(name).fields.items()})
        return self.context.reference(name)

    def _linked(self, link: str, field: str, level: str, index: pd.Index) -> pd.Series:
        declared = self.rules.links[link]
        entries, at = self.entries(declared.kind), self.found(link, level)
        if isinstance(declared, Dated) and field in ("later", "nearest"):
            return self._about_date(declared, field, entries, level, index)
        if field in ("count", "keys"):
            return self._met(link, field, level, index)
        known = kind(declared.kind).fields.get(field)
        if not len(entries) or field not in entries:
            return typed_blank(known, index)
        return _taken(entries[field], at, index)

    def _about_date(self, declared: Dated, field: str, entries: pd.DataFrame, level: str, index: pd.Index) -> pd.Series:
        at, later, nearest = _dated(declared, entries, text_array(self.column(declared.by, level)), self.column(declared.on, level))
        if field == "nearest":
            return _taken(entries[declared.value], nearest, index) if len(entries) else typed_blank(kind(declared.kind).fields[declared.value], index)
        return pd.Series(pd.array(pa.array(later, mask=at < 0), dtype=YES_NO_TYPE), index=index)


def _whole(values: np.ndarray, known: np.ndarray, index: pd.Index) -> pd.Series:
    return pd.Series(pd.array(pa.array(values.astype(np.int64), mask=~known), dtype=MONEY_TYPE), index=index)


def _taken(values: pd.Series, at: np.ndarray, index: pd.Index) -> pd.Series:
    """The values at these places, null at -1."""
    array = pa.array(values, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    taken = array.take(pa.array(at, mask=at < 0))
    if pa.types.is_large_string(taken.type) or pa.types.is_string(taken.type):
        return text_series(taken.cast(pa.large_string()), index)
    return pd.Series(pd.array(taken, dtype=values.dtype), index=index, copy=False)


def folded(text: pa.Array) -> pa.Array:
    """Codes as they are compared: without regard to case (S2-38)."""
    return pc.utf8_lower(text)


def _pairs(declared: Link, entries: pd.DataFrame, values: pa.Array) -> tuple[np.ndarray, np.ndarray, int]:
    """The values as codes, -1 for null; (2, pairs) each code with the place of an entry that it names; how many codes there are."""
    names, places_of = names_in(declared, entries)
    spelled = folded(encoded(values).dictionary)
    distinct = spelled.unique()
    pairs = np.unique(np.stack([places(folded(names), distinct), places_of]), axis=1)
    return np.append(places(spelled, distinct), -1)[codes_of(values)], pairs[:, pairs[0] >= 0], len(distinct)


def looked_up(values: pa.Array, keys: pa.Array) -> np.ndarray:
    """(rows,) int64: where each value stands among the keys, without regard to case; -1 for nowhere and null."""
    if not len(keys):
        return np.full(len(values), -1)
    distinct = encoded(values).dictionary
    return np.append(places(folded(distinct), folded(keys)), -1)[codes_of(values)]


def _dated(declared: Dated, entries: pd.DataFrame, keys: pa.Array, dates: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(place, later, nearest) of each row: the entry valid on its date, whether that begins afterwards, and the one of the closest date (S2-13)."""
    if not len(entries):
        return np.full(len(keys), -1), np.zeros(len(keys), bool), np.full(len(keys), -1)
    codes = text_array(entries[kind(declared.kind).key].astype(TEXT))
    distinct = folded(codes).unique()
    times = _merged(places(folded(codes), distinct), _days(entries[declared.since]))
    order = np.argsort(times, kind="stable")
    return _around(times[order], order, looked_up(keys, distinct), dates)


def _around(times: np.ndarray, order: np.ndarray, code: np.ndarray, dates: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """See `_dated`; `times` are the entries' codes and days, rising."""
    wanted, valid = _merged(code, _days(dates)), (code >= 0) & dates.notna().to_numpy()
    before = np.searchsorted(times, wanted, "right") - 1
    after = before + 1
    held = times[np.clip([before, after], 0, len(times) - 1)]
    is_before, is_after = (before >= 0) & (held[0] >> 32 == code) & valid, (after < len(times)) & (held[1] >> 32 == code) & valid
    closer = is_before & is_after & (held[1] - wanted < wanted - held[0])
    at = np.where(is_before, before, np.where(is_after, after, -1))
    nearest = np.where(closer, after, at)
    return _back(order, at), is_after & ~is_before, _back(order, nearest)


def _back(order: np.ndarray, at: np.ndarray) -> np.ndarray:
    return np.where(at >= 0, order[np.maximum(at, 0)], -1)


def _days(dates: pd.Series) -> np.ndarray:
    array = pa.array(dates, pa.date32(), from_pandas=True)
    return pc.fill_null(array.cast(pa.int32()), 0).to_numpy(zero_copy_only=False).astype(np.int64)


def _merged(code: np.ndarray, days: np.ndarray) -> np.ndarray:
    """One number by which entries sort by code, then day."""
    return (code << 32) + (days + 2**31)
