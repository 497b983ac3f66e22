"""Rows that agree, and what messages name of them and of codes on file, each at the same cost however many there are (X-4, X-9, S2-7)."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.fields import MONEY_TYPE
from invoice_rules.table import TEXT, text_array
from invoice_rules.values.columns import codes_of, encoded, nulled_text, repeats
from invoice_rules.values.fingerprints import fingerprints, joint, met_again

SHOWN = 5
"""Rows that a message names; the others are counted."""
_LEAST, _PAIRS = 20, 10_000_000
"""Unknown codes that get a hint in any case, and the pairs of an unknown and a known code that are compared at most."""


class Twins:
    """Which other rows share a row's value; worked out when the first message is asked for."""

    def __init__(self, values: pa.Array, number: Callable[[int], int]):
        self._values, self._number = values, number

    @cached_property
    def _lines(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each position's value as a code, the positions in the order of their codes, and where each code begins there."""
        codes = self._values.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
        order = np.argsort(codes, kind="stable")
        return codes, order, np.searchsorted(codes[order], np.arange(codes.max(initial=-1) + 2))

    def others(self, at: int) -> str:
        """The other rows as `row_list` has them, "" where there are none."""
        codes, order, begins = self._lines
        first, last = begins[codes[at]], begins[codes[at] + 1]
        numbers = [self._number(int(other)) for other in order[first : min(last, first + SHOWN + 1)] if other != at]
        return row_list(numbers, count=int(last - first) - 1) if numbers else ""

    def facts(self, at: int, _: str) -> Mapping[str, object]:
        return {"rows": self.others(at)}


def row_list(rows: Sequence[int], most: int = SHOWN, count: int | None = None) -> str:
    """`row 14`, `rows 14 and 22`, `rows 1, 2, 3, 4, 5 and 7 more`; of so many (`count`) it needs but the first ones.

    >>> row_list([14]), row_list([14, 22]), row_list([1, 2, 3]), row_list([1, 2, 3], 2, 1_000)
    ('row 14', 'rows 14 and 22', 'rows 1, 2 and 3', 'rows 1, 2 and 998 more')
    """
    shown = [f"{row:,}" for row in rows[:most]]
    if (count or len(rows)) > most:
        shown.append(f"{(count or len(rows)) - most:,} more")
    return f"row {shown[0]}" if len(shown) == 1 else f"rows {', '.join(shown[:-1])} and {shown[-1]}"


def two_of_each(ids: np.ndarray, names: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each id (from 0 on) the first of these positions, and the first of them with another name; -1 for none.

    >>> two_of_each(np.array([0, 1, 0, 0]), np.array([7, 7, 7, 8]), np.array([0, 2, 3]))
    (array([ 0, -1]), array([ 3, -1]))
    """
    first, second = (np.full(ids.max() + 1, -1) for _ in range(2))
    back = among[::-1]
    first[ids[back]] = back
    others = back[names[back] != names[first[ids[back]]]]
    second[ids[others]] = others
    return first, second


class Hints:
    """The code on file that is most like an unknown one; of very many unknown ones the first alone have a hint."""

    def __init__(self, unknown: pa.Array, known: pa.Array):
        self._unknown, self._known = unknown, known
        self._found: dict[int, str] = {}

    @cached_property
    def _codes(self) -> pa.DictionaryArray:
        return self._unknown.dictionary_encode()

    @cached_property
    def _forms(self) -> tuple[list[str], list[str]]:
        """The codes on file as they are, and in small letters."""
        known = self._known.to_pylist()
        return known, [key.casefold() for key in known]

    def near(self, at: int) -> str:
        """The hint for the code at this position, "" where nothing is like it."""
        from rapidfuzz import fuzz, process  # loaded when the first hint is asked for

        code = self._codes.indices[at].as_py()
        known, forms = self._forms
        if code not in self._found and (code < _LEAST or code * len(known) < _PAIRS):
            best = process.extractOne(self._codes.dictionary[code].as_py().casefold(), forms, scorer=fuzz.ratio, score_cutoff=60)
            self._found[code] = known[best[2]] if best else ""
        return self._found.get(code, "")


def folded(name: str) -> str:
    """A name without regard to case, spaces and forms of the same letters.

    >>> folded(" Miller  STUDIO") == folded("miller studio") == folded("MillerStudio")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def forms_of(array: pa.Array, form: Callable[[str], str]) -> np.ndarray:
    """(rows,) int64: values of equal form have equal codes, -1 for null."""
    forms = pd.factorize(np.array([form(value) for value in encoded(array).dictionary.to_pylist()], dtype=object))[0]
    return np.append(forms, -1)[codes_of(array)]


def candidates(rows: pd.DataFrame, same: list[str], filled: list[str]) -> np.ndarray:
    """Positions, rising, of the rows that probably share these fields with another row, with all of them and the others filled."""
    prints = joint(*[_prints(rows[name]) for name in same])
    group = met_again(prints)
    for name in (*same, *filled):
        group = group[rows[name].iloc[group].notna().to_numpy()] if len(group) else group
    return group


def _prints(values: pd.Series) -> np.ndarray:
    """(rows,) whole numbers, equal where the values are: amounts themselves, codes or fingerprints of text."""
    if values.dtype == MONEY_TYPE:
        return pc.fill_null(pa.array(values, from_pandas=True), -1).to_numpy(zero_copy_only=False)
    array = text_array(values)
    return codes_of(array) if repeats(array) else fingerprints(array)


def books_of(key: str | None) -> str:
    """What stands before the last part of a key, such as its company file.

    >>> books_of("Hollis/146"), books_of("Hollis \\\\/ Crane/1\\\\/46")
    ('Hollis', 'Hollis \\\\/ Crane')
    """
    return re.sub(r"/(?:[^/\\]|\\.)*$", "", key or "")


def only_where(values: pd.Series, keep: np.ndarray) -> pa.Array:
    """The column with null outside the mask; text is not copied."""
    if values.dtype == TEXT:
        return nulled_text(text_array(values), ~keep)
    return pc.if_else(pa.array(keep), pa.array(values, from_pandas=True), None)
