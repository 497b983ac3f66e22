"""The tags of an .xlsx sheet as arrays: where its cells lie, and whether their values are written plainly. None of it looks at single cells."""

from typing import NamedTuple

import numpy as np

from invoice_rules.reading.scan import COLUMNS

STEP = COLUMNS + 1
_ENDS = np.frombuffer(b">/\t\r\n", np.uint8)
_TWO, _THREE = np.uint64(0xFFFF), np.uint64(0xFFFFFF)


class Tags(NamedTuple):
    """Text of a sheet, its bytes with blanks behind them, and where each `<` stands."""

    text: bytes
    signs: np.ndarray
    at: np.ndarray


def tags_of(text: bytes) -> Tags:
    signs = np.frombuffer(text + b" " * 24, np.uint8)
    return Tags(text, signs, np.flatnonzero(signs == ord("<")))


def places_of(tags: Tags) -> tuple[np.ndarray, np.ndarray] | None:
    """(columns, rows) from 1 of every `<c r="B7"` in the text; None where a cell is written in any other way."""
    signs, begin = tags.signs, tags.at[tags.signs[tags.at + 1] == ord("c")]
    after = signs[begin + 2]
    if np.isin(after, _ENDS).any():
        return None
    at = begin[after == ord(" ")]
    if not all((signs[at + 3 + step] == sign).all() for step, sign in enumerate(b'r="')):
        return None
    at = at + 6
    columns, rows = np.zeros(len(at), np.int32), np.zeros(len(at), np.int32)
    for _ in range(3):
        sign = signs[at].astype(np.int32)
        letter = (sign >= ord("A")) & (sign <= ord("Z"))
        columns = np.where(letter, columns * 26 + sign - 64, columns)
        at = at + letter
    for _ in range(7):
        sign = signs[at].astype(np.int32)
        digit = (sign >= ord("0")) & (sign <= ord("9"))
        rows = np.where(digit, rows * 10 + sign - 48, rows)
        at = at + digit
    if not ((signs[at] == ord('"')).all() and (columns > 0).all() and (rows > 0).all()):
        return None
    return (columns, rows) if b'"/>' not in tags.text or not len(at) else _with_content(signs, at, columns, rows)


def _with_content(signs: np.ndarray, at: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Only the cells whose tag does not end at once, `<c r="B7" s="1"/>`: the others are format alone, and no reader holds them."""
    ends = np.flatnonzero(signs == ord(">"))
    end = ends[np.minimum(np.searchsorted(ends, at), len(ends) - 1)]
    full = signs[end - 1] != ord("/")
    return columns[full], rows[full]


def plain_values(tags: Tags) -> bool:
    """Whether every `<v>` is all that its cell holds beside a formula, and nothing but text stands in it; `&amp;` may in a formula's text."""
    at = np.flatnonzero(tags.signs[tags.at + 1] == ord("v"))
    if not len(at):
        return True
    if at[0] < 1 or at[-1] + 2 >= len(tags.at):
        return False
    words = np.ndarray((len(tags.signs) - 7,), "<u8", tags.signs, strides=(1,))  # eight signs from each place on
    its, before, after = (words[tags.at[at + step]] for step in (0, -1, 1))
    plain = (after == _word("</v></c>")) & (its & _THREE == _word("<v>")) | (its == _word("<v/></c>")) | (its == _word("<v /></c"))
    begun = (before & _TWO == _word("<c")) | (before & _TWO == _word("<f")) | (before & _THREE == _word("</f"))
    return bool(plain.all() and begun.all()) and (b"&" not in tags.text or _amounts_plain(tags, at))


def _word(signs: str) -> np.uint64:
    return np.uint64(int.from_bytes(signs.encode("ascii"), "little"))


def _amounts_plain(tags: Tags, values: np.ndarray) -> bool:
    """Whether an `&` stands in no `<v>` but those of formulas that give text: the reader cuts a number there."""
    inside = tags.at[np.intersect1d(np.searchsorted(tags.at, np.flatnonzero(tags.signs == ord("&"))) - 1, values)]
    return all(b' t="str"' in tags.text[tags.text.rfind(b"<c ", 0, at) : at] for at in inside.tolist())


def numbered(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Places of cells as one number each, which rises along a row and from row to row."""
    return rows.astype(np.int64) * STEP + columns
