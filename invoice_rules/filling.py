"""What fills blank cells: defaults from a hierarchy of places, codes in their official form, computed fields; each with its source (X-11, S2-46)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.alike import Hints, Twins
from invoice_rules.columns import Columns
from invoice_rules.fields import MONEY_TYPE, Computed, Link, RuleSet
from invoice_rules.grouping import Groups
from invoice_rules.linking import HEADER, LINE, Sources, folded, looked_up, typed_blank
from invoice_rules.problems import Fill, Finding, Fix, Rule, Severity, quoted
from invoice_rules.references import kind, official_in
from invoice_rules.results import Context
from invoice_rules.table import TEXT, text_array, text_series
from invoice_rules.values import blank, show_cell
from invoice_rules.values.columns import nulled_text
from invoice_rules.values.numbers import TOO_LARGE, raw_values

UNKNOWN = Rule("unknown", "{title} {said} is not among the {entries} on file{where}.{nearest} Correct it, or import the missing one first: {how}.", "S2-7", "The code is on file; upper and lower case do not matter.")
NONE_ON_FILE = Rule("none-on-file", "No {entries} are on file yet, so {title} cannot be looked up. Import them first: {how}.", "S0-20", "The list that a field is looked up in was imported.")
NO_DEFAULT = Rule("no-default", "{title} is blank, and the {place} says that it has no default. Fill it in.", "S2-12", 'Where a default says "No Default", the field must be filled in.')
UNSEEN = Rule("lists-unseen", "There is no store with reference lists, so codes were not looked up and defaults not filled in.", "S2-7", "Without a store, codes are not looked up; that is told.", Severity.NOTICE)
BEYOND = Rule("money", "{title} is worked out from {sources}, and would be larger than any amount can be. Correct {them}.", "S3-8")
RULES = (UNKNOWN, NONE_ON_FILE, NO_DEFAULT, UNSEEN)

NO_DEFAULT_WORDS = "no default"
CENT = 1
_FIGURES = ("money", "number", "percent")


@dataclass
class Filling:
    """Works through the levels: defaults of documents, then of lines, codes in official form, computed fields of lines, then of documents."""

    columns: Columns
    groups: Groups
    sources: Sources
    fills: list[Fill] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def rules(self) -> RuleSet:
        return self.columns.rules

    def run(self) -> "Filling":
        if self.sources.context is None and (self.rules.links or any(known.of for known in self.rules.fields.values())):
            self.findings.append(Finding(UNSEEN))
        levels = (HEADER, LINE) if LINE in self.sources.typed else (HEADER,)
        for level in levels:
            for name in self.rules.at_level(level):
                if self.rules.fields[name].default:
                    self._default(name, level)
            for name in self.rules.at_level(level):
                if self.rules.fields[name].of:
                    self._official(name, level)
        for level in reversed(levels):
            for made in self.rules.computed:
                if (made.level or self.sources.level_of(made.fills)) == level:
                    self._compute(made, level)
        return self

    # where the cells of a level stand

    def _positions(self, name: str, level: str) -> np.ndarray:
        return self.groups.lines if level == LINE else self.groups.place(name)

    def _found(self, finding: Finding, level: str) -> None:
        self.findings.append(self.groups.of_lines(finding) if level == LINE else self.groups.of_documents(finding))

    def _filled(self, name: str, level: str, source: str, at: np.ndarray, value: str = "") -> None:
        if len(at):
            self.fills.append(Fill(name, source, self._positions(name, level)[at], value))

    # defaults

    def _default(self, name: str, level: str) -> None:
        """Fill a field's blanks from the first place of its hierarchy that has a value; "No Default" there makes it required (S2-12)."""
        declared, sources = self.rules.fields[name], self.sources
        rows = sources.typed[level].rows
        values = rows[name] if name in rows else typed_blank(declared, rows.index)
        blank = values.isna().to_numpy() & ~sources.unread(name, level)
        if declared.when:
            blank &= raw_values(sources.column(declared.when, level))[0] != 0
        if declared.unless:
            blank &= sources.column(declared.unless, level).isna().to_numpy()
        unknown = np.zeros(len(rows), bool)
        for place in declared.default:
            if not blank.any():
                break
            link = place.partition(".")[0] if place.partition(".")[0] in self.rules.links else ""
            given = sources.column(place, level) if link else _constant(place, rows.index)
            unknown |= sources.unread(place, level) if link else False
            refused = blank & _says_none(given)
            if refused.any():
                self._found(Finding(NO_DEFAULT, name, np.flatnonzero(refused), {"place": link}), level)
            at = np.flatnonzero(blank & given.notna().to_numpy() & ~refused)
            values = _put(values, at, given)
            self._filled(name, level, link or "rule set", at, "" if link else place)
            blank[at] = False
            blank &= ~refused
            unknown |= refused
        sources.put(level, name, values, sources.unread(name, level) | (unknown & values.isna().to_numpy()))

    # codes

    def _official(self, name: str, level: str) -> None:
        """Codes that are on file in their official form (S2-38); unknown ones are told with the nearest that is known."""
        declared, sources = self.rules.fields[name], self.sources
        if name not in sources.typed[level].rows or sources.context is None or (declared.kind == "currency" and name not in self.columns.text):
            return
        lists = self.rules.looked_up(name)
        values = text_array(sources.typed[level].rows[name])
        text = self._said(name, values) if declared.kind == "currency" else values
        known = [official_in(link, sources.entries(link.kind)) for link in lists]
        keys, codes = (pa.concat_arrays(parts) for parts in zip(*known, strict=True))
        if not len(keys):
            if text.null_count < len(text):
                self.findings.append(Finding(NONE_ON_FILE, name, facts=_in_words(lists)))
            return
        at = looked_up(text, keys)
        judged = text.is_valid().to_numpy(zero_copy_only=False)
        if not declared.dashes:
            judged &= ~pc.fill_null(pc.match_substring(text, "-"), False).to_numpy(zero_copy_only=False)
        wrong = np.flatnonzero((at < 0) & judged)
        if len(wrong):
            self._found(_unknown(name, wrong, text, keys, _in_words(lists), self._positions(name, level), self.columns), level)
        official = codes.take(pa.array(at, mask=at < 0))
        if (source := kind(lists[0].kind)).official or source.named:
            renamed = np.ones(len(at), bool) if source.official else pc.fill_null(pc.not_equal(folded(official), folded(text)), False).to_numpy(zero_copy_only=False)
            self._filled(name, level, source.title.lower(), np.flatnonzero((at >= 0) & renamed))
        unread = sources.unread(name, level) | ((at < 0) & judged)
        made = values if declared.kind == "currency" else pc.coalesce(official, text)
        sources.put(level, name, text_series(made, sources.typed[level].rows.index), unread)

    def _said(self, name: str, codes: pa.Array) -> pa.Array:
        """What the cells of documents call their currency, whose codes are known already; null where they say nothing that was understood (S4-20)."""
        cells = self.columns.text[name].take(pa.array(self.groups.place(name)))
        return nulled_text(cells, blank(cells) | codes.is_null().to_numpy(zero_copy_only=False))

    # computed fields

    def _compute(self, made: Computed, level: str) -> None:
        """Fill the blanks of a computed field; given values stay, and a difference is told (X-25)."""
        sources, name = self.sources, made.fills
        index, rows = sources.typed[level].rows.index, sources.typed[level].rows
        if not made.compared and name in rows and not (rows[name].isna().to_numpy() & ~sources.unread(name, level)).any():
            return
        inputs = pd.DataFrame({needed: sources.column(needed, level) for needed in made.fields}, index=index)
        unread = np.logical_or.reduce([sources.unread(needed, level) for needed in made.fields])
        worked = made.function(inputs).mask(unread)
        given = rows[name] if name in rows else typed_blank(self.rules.fields.get(name), index)
        if name in self.rules.fields:
            worked = worked.astype(given.dtype)
        elif name not in rows:
            given = given.astype(worked.dtype)
        if worked.dtype == MONEY_TYPE and (beyond := np.abs(raw_values(worked)[0]) >= TOO_LARGE).any():
            self._beyond(made, np.flatnonzero(beyond), level)
            worked, unread = worked.mask(beyond), unread | beyond
        valid = given.notna().to_numpy()
        own = sources.unread(name, level)
        blank = ~valid & ~own & worked.notna().to_numpy()
        self._compare(made, given, worked, valid & worked.notna().to_numpy(), level)
        sources.put(level, name, _put(given, np.flatnonzero(blank), worked), own | (unread & ~valid))
        if name in self.rules.fields:
            self._filled(name, level, "computed", np.flatnonzero(blank))

    def _beyond(self, made: Computed, at: np.ndarray, level: str) -> None:
        """Amounts worked out that are larger than any can be, told where one of what they come from is to blame."""
        fields = [name for name in dict.fromkeys(needed.rpartition(".")[2] for needed in made.fields) if name in self.columns.text and self.rules.fields[name].kind in _FIGURES]
        titles = [self.columns.title(name, None) for name in fields] or ["other fields"]
        facts = {"sources": " and ".join(filter(None, (", ".join(titles[:-1]), titles[-1]))), "them": "it" if len(titles) == 1 else "them"}
        self._found(Finding(BEYOND, made.fills if made.fills in self.rules.fields else next(iter(fields), ""), at, facts), level)

    def _compare(self, made: Computed, given: pd.Series, worked: pd.Series, both: np.ndarray, level: str) -> None:
        if given.dtype != MONEY_TYPE or not made.compared or not both.any():
            return
        allowed = CENT * (raw_values(self.sources.column("count.lines", HEADER))[0] if level == HEADER and LINE in self.sources.typed else 1)
        apart = np.abs(raw_values(given)[0] - raw_values(worked)[0])
        at = np.flatnonzero(both & (apart > np.maximum(allowed, CENT)))
        currency = self.sources.column("currency", level)
        shown = pd.DataFrame({"given": given, "worked": worked, "currency": currency})

        def facts(position: int, _: str) -> Mapping[str, object]:
            return {"shown": show_cell(shown, "given", position), "computed": show_cell(shown, "worked", position)}

        if len(at):
            self._found(Finding(made.statistics["rule"], made.fills, at, facts), level)


def currency_codes(rules: RuleSet, context: Context | None) -> dict[str, str]:
    """Codes of currencies by what the sending system calls them, in small letters, where the rule set has a map of them (S4-20)."""
    name = rules.role("currency")
    of = rules.fields[name].of if name else ""
    if not of or context is None:
        return {}
    entries, known = context.reference(of), kind(of)
    said, codes = (text_array(entries[field].astype(TEXT)) for field in (known.key, known.official))
    return dict(zip(folded(said).to_pylist(), codes.to_pylist(), strict=True))


def _in_words(lists: Sequence[Link]) -> dict[str, str]:
    """What lists are called, and how entries get into the first."""
    return {"entries": " or ".join(_noun(kind(link.kind)) for link in lists), "how": _how(kind(lists[0].kind), lists[0].kind)}


def _noun(known: RuleSet) -> str:
    words = known.reference or known.title
    return words[0].lower() + words[1:] if words[1:2].islower() else words


def _how(known: RuleSet, name: str) -> str:
    """The command that brings entries of a kind on file."""
    return f"import FILE --rules {known.name}" if known.reference else f"reference import {name} FILE"


def _constant(value: str, index: pd.Index) -> pd.Series:
    return text_series(pa.repeat(pa.scalar(value, pa.large_string()), len(index)), index)


def _says_none(values: pd.Series) -> np.ndarray:
    """(rows,) bool: the words "No Default" in the place of a value."""
    if values.dtype != TEXT:
        return np.zeros(len(values), bool)
    said = pc.equal(folded(text_array(values)), NO_DEFAULT_WORDS)
    return pc.fill_null(said, False).to_numpy(zero_copy_only=False)


def _put(values: pd.Series, at: np.ndarray, given: pd.Series) -> pd.Series:
    """The values with those at these positions replaced."""
    if not len(at):
        return values
    mask = np.zeros(len(values), bool)
    mask[at] = True
    old, new = (pa.array(column, from_pandas=True) for column in (values, given))
    made = pc.if_else(pa.array(mask), new.cast(old.type), old)
    if values.dtype == TEXT:
        return text_series(made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made, values.index)
    return pd.Series(pd.array(made, dtype=values.dtype), index=values.index)


def _unknown(name: str, at: np.ndarray, text: pa.Array, keys: pa.Array, words: Mapping[str, str], positions: np.ndarray, columns: Columns) -> Finding:
    """Unknown codes: each message names the rows that share the code and the nearest known one (a hint)."""
    unknown = np.zeros(len(text), bool)
    unknown[at] = True
    wrong = pc.if_else(pa.array(unknown), text, None)
    twins = Twins(wrong, lambda position: columns.number(int(positions[position])))
    hints = Hints(wrong, keys)

    def facts(position: int, _: str) -> Mapping[str, object]:
        said, others, hint = text[position].as_py(), twins.others(position), hints.near(position)
        return {
            **words,
            "said": quoted(said),
            "where": f" (also on {others})" if others else "",
            "nearest": f" Did you mean {quoted(hint)}?" if hint else "",
        }

    def fix(position: int, _: str) -> Fix | None:
        hint = hints.near(position)
        return Fix(hint) if hint else None

    return Finding(UNKNOWN, name, at, facts, fix)
