"""The rules that fields bring with them, and the checks of Pandera that judge them: whole columns, bytes before patterns."""

import re
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Fix, Rule, Severity, quoted, shortened
from invoice_rules.table import text_array
from invoice_rules.values.columns import bytes_in, first_bytes, holds_any, lengths, matches, spread
from invoice_rules.values.fingerprints import fingerprints, met_again
from invoice_rules.values.numbers import plain_length, raw_values

CellFacts = Callable[[str], Mapping[str, object]]
"""The text of a cell -> what fills the slots of its rule's message."""

REQUIRED = Rule("required", "{title} is blank. Every {document} needs one.", "S3-6", "Must be filled in.")
UNMAPPED = Rule("unmapped", "No column feeds {title}, which every {document} needs. Choose the column, or give one value for the whole file.", "S3-17", "Required fields need a column or a value.")
MAX_LENGTH = Rule("max-length", "{title} {said} has {length} characters; {most} are allowed. It is not shortened for you.", "S3-7", "No longer than this many characters.")
CONTENT = Rule("content", "{title} {value} {why}. Remove it.", "S3-5", "Text does not start with = + - @ and holds no --, =cmd, =sum, =vlookup.")
LITERAL = Rule("content-strict", "{title} {value} contains {found}, which the strict list of characters does not allow. Remove it.", "S3-5", "With the strict setting: none of \" ' = + - @ anywhere.")
INNER = Rule("content-inside", "{title} holds one of \" = + @ inside the text in {cells}. That is allowed; it is only told.", "S3-5", "Inner \" = + @ are told, once a column.", Severity.NOTICE)
CONTROL = Rule("control-characters", "{title} holds an invisible control character (code {code}). Type the value again.", "X-3", "No invisible control characters.")
LOST_DIGITS = Rule("lost-digits", "{title} arrived as the number {plain}: Excel keeps 15 digits and has lost the rest. Ask the sender for the column as text.", "X-3", "An identifier is text; a number with lost digits is not one.")
NOT_NEGATIVE = Rule("not-negative", "{title} is {shown}, below zero. Amounts must be 0 or more.", "S3-9", "0 or more.")
DASHES = Rule("dashes", "{title} {value} has dashes. Accounts are written without them: {bare}.", "S2-20", "No dashes.")
SIZE = Rule("size", "{title} {plain} has {length} characters; {most} are allowed, decimal point included.", "S2-36", "No longer than this many characters as a plain number.")
CHOICE = Rule("choice", "{title} says {value}. Write one of: {choices}.", "X-5", "One of a list of words.")
DUPLICATE = Rule("duplicate", "{title} {plain} is also on {rows}. Each {document} may appear once in a file.", "S3-28", "No two rows of a file have the same one.")
RULES = (REQUIRED, UNMAPPED, MAX_LENGTH, CONTENT, LITERAL, INNER, CONTROL, LOST_DIGITS, NOT_NEGATIVE, DASHES, SIZE, CHOICE, DUPLICATE)


def check(rule: Rule, holds: Callable[[pd.Series], np.ndarray], facts: CellFacts | None = None, fix: Callable[[str], Fix | None] | None = None) -> pandera.Check:
    """A column check: `holds` gives one bool a row, True where the rule is kept or the cell is blank; `fix` mends a cell's text."""

    def answer(series: pd.Series) -> pd.Series:
        return pd.Series(holds(series), index=series.index, copy=False)

    statistics = {"rule": rule, "facts": facts, "fix": fix}
    return pandera.Check(answer, name=rule.id, error=rule.id, ignore_na=False, n_failure_cases=1, statistics=statistics)


_START = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_STARTS = np.frombuffer(b"=+-@\xef", np.uint8)
_BARRED = "--|(?i:=cmd|=sum|=vlookup)"
_CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u2400-\u241f\u2426\ufffe\uffff]"
"""What no text holds, and the signs that an error workbook has for it, whose cells cannot hold it: nobody has typed the value again by them."""
_INVISIBLE = f"{_CONTROL[:-1]}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
"""What no identifier holds: Unicode's Default_Ignorable_Code_Point too, with which two of them would look the same. In words they belong to letters and emoji."""
_LITERAL = "[\"'=+\\-@]"

filled_in = check(REQUIRED, lambda series: series.notna().to_numpy())


def _text_check(rule: Rule, suspect: Callable[[pa.Array], bool], pattern: str, facts: CellFacts | None) -> pandera.Check:
    """A check that no cell matches the pattern, which is tried only where the column's bytes make it possible."""

    def holds(series: pd.Series) -> np.ndarray:
        array = text_array(series)
        if not suspect(array):
            return np.ones(len(array), bool)
        (found,) = spread(array, lambda distinct: [matches(distinct, pattern)])
        return ~found

    return check(rule, holds, facts)


def _may_run(array: pa.Array) -> bool:
    """Whether a cell starts with a formula's sign, or one stands where it could matter."""
    first = first_bytes(array)
    return bool(np.isin(first, _STARTS).any()) or holds_any(array, "--", "=")


def _may_control(array: pa.Array) -> bool:
    met = bytes_in(array)
    return bool(met[:0x20].any() or met[0x7F:].any())


def _why_barred(value: str) -> Mapping[str, object]:
    if re.match(_START, value):
        return {"why": f'starts with "{value[0]}", which a spreadsheet would run as a formula'}
    found = re.search(_BARRED, value)
    return {"why": f'contains "{found[0] if found else ""}", which a spreadsheet could run'}


def _why_literal(value: str) -> Mapping[str, object]:
    return {"found": " ".join(sorted(set(re.findall(_LITERAL, value))))}


safe_content = _text_check(CONTENT, _may_run, f"^{_START}|{_BARRED}", _why_barred)
strict_content = _text_check(LITERAL, lambda _: True, _LITERAL, _why_literal)
inner_content = _text_check(INNER, lambda array: holds_any(array, '"', "=", "+", "@"), '(?s).["=+@]', None)
no_control = _text_check(CONTROL, _may_control, _CONTROL, lambda value: {"code": _first_code(_CONTROL, value)})
no_invisible = _text_check(CONTROL, _may_control, _INVISIBLE, lambda value: {"code": _first_code(_INVISIBLE, value)})
kept_digits = _text_check(LOST_DIGITS, lambda array: holds_any(array, "E+", "e+"), r"^-?[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{1,3}$", None)


def _first_code(pattern: str, value: str) -> str:
    found = re.search(pattern, value)
    if not found:
        return ""
    code = ord(found[0])
    return f"{code - 0x2400 if 0x2400 <= code < 0x2420 else code:04X}"


def _has_no_dash(series: pd.Series) -> np.ndarray:
    (dashed,) = spread(text_array(series), lambda distinct: [matches(distinct, "-")])
    return ~dashed


without_dashes = check(DASHES, _has_no_dash, lambda value: {"bare": value.replace("-", "")}, lambda value: Fix(value.replace("-", ""), safe=True))


def longest(most: int, words: bool = False) -> pandera.Check:
    """No more characters than this; `words` are shown in quotes, identifiers as they are."""

    def holds(series: pd.Series) -> np.ndarray:
        return lengths(text_array(series)) <= most

    return check(MAX_LENGTH, holds, lambda value: {"said": quoted(value) if words else shortened(value), "length": f"{len(value):,}", "most": most})


def one_of(choices: tuple[str, ...], words: Mapping[str, tuple[str, ...]] | None = None) -> pandera.Check:
    """One of these words; what has the same letters and digits is mended, as is what `words` says of a choice (I: invoice)."""
    allowed = pa.array([choice.lower() for choice in choices], pa.large_string())
    meant = {_letters(word): choice for choice in choices for word in (*(words or {}).get(choice, ()), choice)}

    def holds(series: pd.Series) -> np.ndarray:
        (other,) = spread(text_array(series), lambda u: [~pc.is_in(pc.utf8_lower(u), allowed).to_numpy(zero_copy_only=False)])
        return ~other

    def mend(value: str) -> Fix | None:
        choice = meant.get(_letters(value))
        return Fix(choice, safe=True) if choice else None

    return check(CHOICE, holds, lambda _: {"choices": ", ".join(choices)}, mend)


def _letters(value: str) -> str:
    """The letters and digits of a word alone.

    >>> _letters("Re-Order") == _letters("reorder")
    True
    """
    return "".join(sign for sign in value.casefold() if sign.isalnum())


def _is_unique(series: pd.Series) -> np.ndarray:
    """False on every row of a value that stands more than once (X-9); blank cells are nobody's duplicates."""
    return ~repeated(text_array(series))


def repeated(array: pa.Array) -> np.ndarray:
    """(rows,) bool: cells whose value stands in another row too."""
    again = np.zeros(len(array), bool)
    at = met_again(fingerprints(array))
    codes = pc.fill_null(array.take(pa.array(at)).dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    again[at] = (np.bincount(codes + 1, minlength=1) > 1)[codes + 1] & (codes >= 0)
    return again


unique_key = check(DUPLICATE, _is_unique)
not_negative = check(NOT_NEGATIVE, lambda series: pc.fill_null(pc.greater_equal(pa.array(series, from_pandas=True), 0), True).to_numpy(zero_copy_only=False))
positive_number = check(NOT_NEGATIVE, lambda series: raw_values(series)[0] >= 0)


def within_size(most: int, decimals: int) -> pandera.Check:
    """No more characters than this as a plain number (S2-36); `decimals` are those of the typed values."""

    def holds(series: pd.Series) -> np.ndarray:
        raw, valid = raw_values(series)
        return (plain_length(raw, decimals) <= most) | ~valid

    return check(SIZE, holds, lambda value: {"length": len(value.replace(",", "").lstrip("$ ")), "most": most})
