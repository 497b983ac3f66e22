"""The tags of an .xlsx sheet as arrays: where its cells lie, and whether their values are written plainly. None of it looks at single cells."""

import numpy as np

from invoice_rules.reading.scan import COLUMNS

STEP = COLUMNS + 1
_ENDS = np.frombuffer(b">/\t\r\n", np.uint8)


def places_of(text: bytes) -> tuple[np.ndarray, np.ndarray] | None:
    """(columns, rows) from 1 of every `<c r="B7"` in the text; None where a cell is written in any other way."""
    signs = np.frombuffer(text + b" " * 24, np.uint8)
    tags = np.flatnonzero(signs == ord("<"))
    tags = tags[signs[tags + 1] == ord("c")]
    after = signs[tags + 2]
    if np.isin(after, _ENDS).any():
        return None
    at = tags[after == ord(" ")]
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
    return (columns, rows) if b'"/>' not in text or not len(at) else _with_content(signs, at, columns, rows)


def _with_content(signs: np.ndarray, at: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Only the cells whose tag does not end at once, `<c r="B7" s="1"/>`: the others are format alone, and no reader holds them."""
    ends = np.flatnonzero(signs == ord(">"))
    end = ends[np.minimum(np.searchsorted(ends, at), len(ends) - 1)]
    full = signs[end - 1] != ord("/")
    return columns[full], rows[full]


def plain_values(text: bytes) -> bool:
    """Whether every `<v>` is all that its cell holds beside a formula, and nothing but text stands in it; `&amp;` may in a formula's text."""
    signs = np.frombuffer(text + b" " * 24, np.uint8)
    tags = np.flatnonzero(signs == ord("<"))
    first, second = signs[tags + 1], signs[tags + 2]
    at = np.flatnonzero(first == ord("v"))
    if not len(at):
        return True
    if at[0] < 1 or at[-1] + 2 >= len(tags):
        return False
    blank = (second[at] == ord("/")) | (second[at] == ord(" ")) & (signs[tags[at] + 3] == ord("/"))
    full, before, after = at[~blank], at - 1, at + np.where(blank, 1, 2)
    whole = (second[full] == ord(">")) & (first[full + 1] == ord("/")) & (second[full + 1] == ord("v"))
    begins = (first[before] == ord("c")) | (first[before] == ord("f")) | (first[before] == ord("/")) & (second[before] == ord("f"))
    ends = (first[after] == ord("/")) & (second[after] == ord("c"))
    return bool(whole.all() and begins.all() and ends.all()) and (b"&" not in text or _amounts_plain(text, signs, tags, full))


def _amounts_plain(text: bytes, signs: np.ndarray, tags: np.ndarray, full: np.ndarray) -> bool:
    """Whether an `&` stands in no `<v>` but those of formulas that give text: the reader cuts a number there."""
    inside = tags[np.intersect1d(np.searchsorted(tags, np.flatnonzero(signs == ord("&"))) - 1, full)]
    return all(b' t="str"' in text[text.rfind(b"<c ", 0, at) : at] for at in inside.tolist())


def numbered(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Places of cells as one number each, which rises along a row and from row to row."""
    return rows.astype(np.int64) * STEP + columns
