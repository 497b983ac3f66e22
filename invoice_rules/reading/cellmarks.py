"""The styles and the error values of an .xlsx sheet's cells, by the arrays of `celltags`; what is written in a rarer way is left to patterns."""

from collections.abc import Sequence

import numpy as np

from invoice_rules.reading.celltags import Cells, Tags, word
from invoice_rules.reading.facts import SheetFacts

_FOUR, _SIX = np.uint64((1 << 32) - 1), np.uint64((1 << 48) - 1)
_TYPE = np.uint64(0x00FF_FF00_FFFF_FFFF)  # all but the letter in ` t="s">`
_DIGITS = 6
_LONGEST = 20


def styles_of(tags: Tags, cells: Cells) -> np.ndarray | None:
    """The style of each cell, -1 where it names none; None where one may name it elsewhere than behind its address."""
    after = tags.words[cells.ends + 1]
    named = after & _FOUR == word(' s="')
    styles, at = np.full(len(after), -1, np.int32), cells.ends[named] + 5
    numbers, begin = np.zeros(len(at), np.int32), at
    for _ in range(_DIGITS):
        sign = tags.signs[at].astype(np.int32)
        digit = (sign >= ord("0")) & (sign <= ord("9"))
        numbers = np.where(digit, numbers * 10 + sign - 48, numbers)
        at = at + digit
    styles[named] = numbers
    plain = (at > begin) & (tags.signs[at] == ord('"'))
    return styles if plain.all() and _unstyled(tags, cells.ends[~named] + 1).all() else None


def _unstyled(tags: Tags, at: np.ndarray) -> np.ndarray:
    """Whether a tag ends here, or behind its type."""
    here = tags.words[at]
    ends = (tags.signs[at] == ord(">")) | (here & _TYPE == word(' t="\0">'))
    ends |= (here == word(' t="str"')) & (tags.signs[at + 8] == ord(">"))
    return ends | ((here == word(' t="inli')) & (tags.words[at + 8] & _SIX == word('neStr"')) & (tags.signs[at + 14] == ord(">")))


def errors_of(tags: Tags, cells: Cells, facts: SheetFacts) -> bool:
    """Add the error cells to the facts; False where one may be written otherwise than `t="e"` behind its address or its style."""
    at = cells.ends + 1
    here = tags.words[at]
    styled = np.flatnonzero(here & _FOUR == word(' s="'))
    behind = at[styled] + 4
    for _ in range(_DIGITS):
        behind = behind + (tags.signs[behind] != ord('"'))
    wrong = here & _SIX == word(' t="e"')
    wrong[styled] = tags.words[behind + 1] & _SIX == word(' t="e"')
    if wrong.sum() != tags.text.count(b't="e"'):
        return False
    its = np.flatnonzero(wrong)
    value = _values(tags, cells.tags[its])
    begin = tags.at[value] + 3
    long = tags.at[np.minimum(value + 1, len(tags.at) - 1)] - begin
    full = (tags.words[begin - 3] & np.uint64(0xFFFFFF) == word("<v>")) & (long > 0) & (long <= _LONGEST)
    its, begin, long = its[full], begin[full], long[full]
    facts.add_errors(cells.rows[its], cells.columns[its], _shown(tags, begin, long, facts))
    return True


def _values(tags: Tags, cells: np.ndarray) -> np.ndarray:
    """The tag behind each of these, or behind the formula that follows it; the last one where there is none."""
    last = len(tags.at) - 1
    value = np.minimum(cells + 1, last)
    formula = tags.words[tags.at[value]] & np.uint64(0xFFFF) == word("<f")
    value = np.minimum(value + formula, last)
    closed = formula & (tags.words[tags.at[value]] & np.uint64(0xFFFFFF) == word("</f"))
    return np.minimum(value + closed, last)


def _shown(tags: Tags, begin: np.ndarray, long: np.ndarray, facts: SheetFacts) -> np.ndarray:
    """The place in `facts.shown` of each text of up to 20 bytes."""
    parts = [_cut(tags.words[begin + 8 * at], long - 8 * at) for at in range(3)]
    places, left = np.empty(len(begin), np.int32), np.arange(len(begin))
    for place, shown in enumerate(facts.shown):
        words = np.frombuffer(shown.encode().ljust(8 * len(parts), b"\0")[: 8 * len(parts)], "<u8")
        same = _same(parts, left, words)
        places[left[same]] = place
        left = left[~same]
    while len(left):
        first = left[0]
        same = np.ones(len(left), bool) if facts.full else _same(parts, left, [part[first] for part in parts])
        places[left[same]] = facts.place_of(tags.text[begin[first] : begin[first] + long[first]].decode("utf-8", "replace"))
        left = left[~same]
    return places


def _same(parts: Sequence[np.ndarray], at: np.ndarray, words: Sequence[np.uint64] | np.ndarray) -> np.ndarray:
    return np.logical_and.reduce([part[at] == its for part, its in zip(parts, words, strict=True)])


def _cut(words: np.ndarray, long: np.ndarray) -> np.ndarray:
    """The first `long` bytes of words of eight, zeros behind them."""
    spare = (8 - np.clip(long, 0, 8)).astype(np.uint64) * np.uint64(8)
    return np.where(long > 0, words & (np.uint64((1 << 64) - 1) >> np.minimum(spare, np.uint64(63))), np.uint64(0))
