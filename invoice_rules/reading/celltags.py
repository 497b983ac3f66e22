"""The tags of an .xlsx sheet as arrays: where its cells lie, and whether their values are written plainly. None of it looks at single cells."""

from typing import NamedTuple

import numpy as np

from invoice_rules.reading.scan import COLUMNS

STEP = COLUMNS + 1
_ENDS = np.frombuffer(b">/\t\r\n", np.uint8)
_TWO, _THREE = np.uint64(0xFFFF), np.uint64(0xFFFFFF)
BLANKS = 32


class Tags(NamedTuple):
    """Text of a sheet, its bytes with blanks behind them, the eight of them from each place on as one number; where each `<` stands and what follows it."""

    text: bytes
    signs: np.ndarray
    words: np.ndarray
    at: np.ndarray
    second: np.ndarray

    def begin(self, sign: str) -> bool:
        """Whether there is a tag that begins so."""
        return bool((self.second == ord(sign)).any())


class Cells(NamedTuple):
    """Column and row, from 1, of each cell; the place of its `<` in `Tags.at`, and where the `"` behind its address stands."""

    columns: np.ndarray
    rows: np.ndarray
    tags: np.ndarray
    ends: np.ndarray


def tags_of(text: bytes) -> Tags:
    signs = np.frombuffer(text + b" " * BLANKS, np.uint8)
    words = np.ndarray((len(signs) - 7,), "<u8", signs, strides=(1,))
    at = np.flatnonzero(signs == ord("<"))
    return Tags(text, signs, words, at, signs[at + 1])


def places_of(tags: Tags) -> Cells | None:
    """Every `<c r="B7"` in the text; None where a cell is written in any other way."""
    signs, its = tags.signs, np.flatnonzero(tags.second == ord("c"))
    after = signs[tags.at[its] + 2]
    if np.isin(after, _ENDS).any():
        return None
    its = its[after == ord(" ")]
    at = tags.at[its]
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
    cells = Cells(columns, rows, its, at)
    return cells if b'"/>' not in tags.text or not len(at) else _with_content(signs, cells)


def _with_content(signs: np.ndarray, cells: Cells) -> Cells:
    """Only the cells whose tag does not end at once, `<c r="B7" s="1"/>`: the others are format alone, and no reader holds them."""
    ends = np.flatnonzero(signs == ord(">"))
    end = ends[np.minimum(np.searchsorted(ends, cells.ends), len(ends) - 1)]
    full = signs[end - 1] != ord("/")
    return Cells(*(its[full] for its in cells))


def plain_values(tags: Tags) -> bool:
    """Whether every `<v>` is all that its cell holds beside a formula, and nothing but text stands in it; `&amp;` may in a formula's text."""
    at = np.flatnonzero(tags.second == ord("v"))
    if not len(at):
        return True
    if at[0] < 1 or at[-1] + 2 >= len(tags.at):
        return False
    its, before, after = (tags.words[tags.at[at + step]] for step in (0, -1, 1))
    plain = (after == word("</v></c>")) & (its & _THREE == word("<v>")) | (its == word("<v/></c>")) | (its == word("<v /></c"))
    begun = (before & _TWO == word("<c")) | (before & _TWO == word("<f")) | (before & _THREE == word("</f"))
    return bool(plain.all() and begun.all()) and (b"&" not in tags.text or _amounts_plain(tags, at))


def word(signs: str) -> np.uint64:
    """Up to eight signs as one number."""
    return np.uint64(int.from_bytes(signs.encode("ascii"), "little"))


def _amounts_plain(tags: Tags, values: np.ndarray) -> bool:
    """Whether an `&` stands in no `<v>` but those of formulas that give text: the reader cuts a number there."""
    inside = tags.at[np.intersect1d(np.searchsorted(tags.at, np.flatnonzero(tags.signs == ord("&"))) - 1, values)]
    return all(b' t="str"' in tags.text[tags.text.rfind(b"<c ", 0, at) : at] for at in inside.tolist())


def numbered(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Places of cells as one number each, which rises along a row and from row to row."""
    return rows.astype(np.int64) * STEP + columns
