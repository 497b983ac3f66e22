"""The parts of an .xlsx file that hold cells: checked for what a reader would choke on, and asked what it does not tell.

That is: hidden rows, formulas without a computed value, and cells whose number format makes them percentages or puts zeros before
them. Parts written as Excel writes them go through regular expressions, five times as fast as expat; all others through expat.
"""

import re
import zipfile
from dataclasses import dataclass, field

import numpy as np

from invoice_rules.reading.guards import Parts, blocks
from invoice_rules.reading.scan import COLUMNS, MERGED_CELLS, MERGES, ROWS, Box, Refused, Scan, area, column_number, damaged, merged, place

_ENDS = np.frombuffer(b">/\t\r\n", np.uint8)
_PREFIXED = re.compile(rb"<[\w.\-]+:(?:c|row|mergeCell)[\s/>]")
_NO_TEXT = re.compile(rb' t="s"[^>/]*>(?!<v>[0-9]{1,9}</v>|</c>|<v/>)')
_ROW = re.compile(rb"<row\s([^>]*)>")
_ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"([^>]*)><f[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^>]*?\st="e"[^>]*>(?:<f[^>]*(?:/>|>[^<]*</f>))?<v>([^<]{1,20})</v>')
_MERGED = re.compile(rb'<mergeCell ref="([^"]{1,40})"')
_DECLARED = re.compile(
    rb"""^(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:[^>]*encoding=["'](?:utf-8|us-ascii)["']|(?![^>]*encoding))|<[a-z])""", re.IGNORECASE
)


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


@dataclass
class SheetFacts:
    """`hidden`: row numbers; `uncomputed`: addresses of formulas without a value; by (row, column from 1): `styled`: the style of
    cells whose format matters; `errors`: what error cells show, for calamine gives them as blank."""

    hidden: set[int] = field(default_factory=set)
    uncomputed: list[str] = field(default_factory=list)
    styled: list[tuple[int, int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Shown:
    """How a number format shows a whole number: as a percentage, or with zeros and signs before and between its digits."""

    percent: bool = False
    mask: tuple[str, ...] = ()

    def text(self, number: str) -> str:
        """`00123` for 123 under the format 00000; numbers that are negative or have decimals stay as they are."""
        if not self.mask or not number.isdigit():
            return number
        places = self.mask.count("0")
        digits, out = list(number.rjust(places, "0")), []
        for sign in reversed(self.mask):
            out.append(digits.pop() if sign == "0" else sign)
        spare = "".join(digits)
        first = next(at for at, sign in enumerate(self.mask) if sign == "0")
        text = "".join(reversed(out))
        return text[:first] + spare + text[first:]


def shown_by(code: str) -> Shown | None:
    """What a number format does, where it does something that its number alone does not tell.

    >>> shown_by("00000").text("123"), shown_by('"INV-"0000').text("42"), shown_by("000-00").text("1234"), shown_by("0.00")
    ('00123', 'INV-0042', '012-34', None)
    """
    if code in ("9", "10"):
        return Shown(percent=True)
    if code.isdigit() and set(code) != {"0"}:
        return None  # one of Excel's own formats
    first = code.split(";")[0]
    if "%" in re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", first):
        return Shown(percent=True)
    mask = tuple(part for found in re.finditer(r'"([^"]*)"|\\(.)|(.)', first) for part in _signs(found))
    if mask.count("0") > 1 and all(len(sign) == 1 or sign.startswith("\0") for sign in mask) and "?" not in mask:
        return Shown(mask=tuple(sign.lstrip("\0") for sign in mask))
    return None


def _signs(found: re.Match) -> list[str]:
    """One sign of a format: a zero is a place, what is quoted or a dash stands for itself, anything else is not for us."""
    if found[3] is None:
        return ["\0" + (found[1] if found[1] is not None else found[2])]
    return ["0"] if found[3] == "0" else [found[3]] if found[3] in "-/ ()" else ["?"]


def scanned(parts: Parts) -> dict[str, SheetFacts]:
    """Path in lower case -> facts of every part with cells. Raises Refused for what no reader should see."""
    styles = {at: shown for at, code in enumerate(parts.formats) if (shown := shown_by(code))}
    return {info.filename.lower(): _scanned(parts, info, frozenset(styles)) for info in parts.sheets}


def _scanned(parts: Parts, info: zipfile.ZipInfo, styles: frozenset[int]) -> SheetFacts:
    quick = _Quick(parts.name, styles)
    if quick.run(parts, info):
        return quick.facts
    careful = _Careful(parts.name, styles)
    careful.run(blocks(parts, info))
    return careful.facts


class _Quick:
    """Regular expressions over the bytes, block by block, cut where a tag begins."""

    def __init__(self, name: str, styles: frozenset[int]):
        self.name, self.box, self.facts = name, Box(name), SheetFacts()
        self._merges = self._merged = 0
        ids = b"|".join(str(style).encode() for style in sorted(styles))
        self._styled = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^>]*?\ss="(' + ids + rb')"') if styles else None

    def run(self, parts: Parts, info: zipfile.ZipInfo) -> bool:
        """False where the part is written in an unusual way, or does not pass: then the careful pass has the word."""
        rest, first = b"", True
        for block in blocks(parts, info):
            text = rest + block
            if first and not _DECLARED.match(text[:200]):
                return False
            cut = text.rfind(b"<row ")
            cut = cut if cut > 0 else text.rfind(b"<") if len(text) < 1 << 22 else -1
            if cut < 0:
                return False
            rest, first = text[cut:], False
            if not self._block(text[:cut]):
                return False
        return not first and self._block(rest) and self._ends(rest)

    def _ends(self, rest: bytes) -> bool:
        return rest.rstrip().endswith(b">")

    def _block(self, text: bytes) -> bool:
        places = places_of(text)
        if places is None:
            return False
        if b"<!" in text or b"='" in text or text.count(b"<mergeCell ") != len(_MERGED.findall(text)):
            return False
        if _NO_TEXT.search(text) or any(tag in text for tag in (b":c", b":row", b":mergeCell")) and _PREFIXED.search(text):
            return False
        try:
            self._cells(*places)
            self._more(text)
        except Refused:
            return False
        return True

    def _cells(self, columns: np.ndarray, rows: np.ndarray) -> None:
        if not len(rows):
            return
        if columns.max() > COLUMNS or rows.max() > ROWS:
            raise damaged(self.name, "it has a cell where no sheet has one")
        self.box.cells += len(rows) - 2
        self.box.add(int(columns.min()), int(rows.min()))
        self.box.add(int(columns.max()), int(rows.max()))

    def _more(self, text: bytes) -> None:
        if b"hidden=" in text:
            for attributes in _ROW.findall(text):
                number = _ROW_NUMBER.search(attributes)
                if number and _HIDDEN.search(attributes):
                    self.facts.hidden.add(int(number[1]))
        if b"<f" in text:
            self.facts.uncomputed += [where.decode() for where, attributes in _FORMULA.findall(text) if b't="str"' not in attributes]
        if b't="e"' in text:
            self.facts.errors += [
                (int(row), column_number(letters.decode()), shown.decode()) for letters, row, shown in _ERROR.findall(text)
            ]
        if self._styled:
            self.facts.styled += [
                (int(row), column_number(letters.decode()), int(style)) for letters, row, style in self._styled.findall(text)
            ]
        for reference in _MERGED.findall(text):
            self._merges += 1
            self._merged += area(reference.decode("ascii", "replace"), self.name)
            if self._merges > MERGES or self._merged > MERGED_CELLS:
                raise merged(self.name)


class _Careful(Scan):
    """The same by expat, cell by cell; cells without content count for nothing but their number."""

    def __init__(self, name: str, styles: frozenset[int]):
        super().__init__(name)
        self.facts, self._styles = SheetFacts(), styles
        self._cell: dict[str, str] = {}
        self._value: list[str] = []
        self._inside = ""
        self._filled = self._formula = False

    def _in_row(self, attributes: dict[str, str]) -> None:
        super()._in_row(attributes)
        if attributes.get("hidden") in ("1", "true"):
            self.facts.hidden.add(self._row)

    def _in_c(self, attributes: dict[str, str]) -> None:
        where = attributes.get("r")
        self._column, self._row = place(where, self.name) if where else (self._column + 1, max(self._row, 1))
        self._cell, self._value, self._filled, self._formula = attributes, [], False, False
        style = attributes.get("s", "")
        if style.isdigit() and int(style) in self._styles:
            self.facts.styled.append((self._row, self._column, int(style)))

    def _in_f(self, _attributes: dict[str, str]) -> None:
        self._formula = self._filled = True

    def _in_v(self, _attributes: dict[str, str]) -> None:
        self._inside, self._filled = "v", True

    def _in_is(self, _attributes: dict[str, str]) -> None:
        self._filled = True

    def _text(self, text: str) -> None:
        if self._inside:
            self._value.append(text)

    def _end(self, tag: str) -> None:
        super()._end(tag)
        tag = tag.rpartition(":")[2]
        if tag == "v":
            self._inside = ""
        elif tag == "c":
            self._ended()

    def _ended(self) -> None:
        value = "".join(self._value).strip()
        if self._filled:
            self.box.add(self._column, self._row)
        else:
            self.box.cells += 1
            self.box.check()
        if self._cell.get("t") == "s" and self._filled and value and not (value.isascii() and value.isdigit()):
            raise damaged(self.name, f'a cell points to the text "{value[:20]}", which is not in it')
        if self._cell.get("t") == "e" and value:
            self.facts.errors.append((self._row, self._column, value[:20]))
        if self._formula and not value and self._cell.get("t") != "str":
            self.facts.uncomputed.append(self._cell.get("r", "a cell without an address"))
