"""The parts of an .xlsx file that hold cells: checked for what a reader would choke on, and asked what it does not tell.

That is: hidden rows, formulas without a computed value, and cells whose number format makes them percentages or puts zeros before
them. Parts written as Excel writes them go through regular expressions, five times as fast as expat; all others through expat.
"""

import re
import zipfile
from array import array
from collections.abc import Iterator, Mapping
from xml.parsers import expat

import numpy as np

from invoice_rules.reading.cellmarks import errors_of, styles_of
from invoice_rules.reading.celltags import STEP, Cells, Tags, numbered, places_of, plain_values, tags_of
from invoice_rules.reading.facts import SheetFacts
from invoice_rules.reading.guards import Parts, blocks, path_of, unusual
from invoice_rules.reading.numberformats import shown_by
from invoice_rules.reading.scan import (
    COLUMNS,
    ELEMENTS,
    MERGED_CELLS,
    MERGES,
    ROWS,
    Box,
    Refused,
    Scan,
    Unasked,
    area,
    column_number,
    damaged,
    merged,
    place,
)
from invoice_rules.table import column_letter

_PREFIXED = re.compile(rb"<[\w.\-]+:(?:c|row|mergeCell)[\s/>]")
# no pattern may look at a place more than a few times, whatever stands there: each begins with a tag and ends before the next one
_NO_TEXT = re.compile(rb' t="s"(?![^<>/]{0,60}+(?:/|>(?:<v>[0-9]{1,9}</v>|</c>|<v/>)))')
_ROW = re.compile(rb"<row\s([^<>]*)>")
_ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"([^<>]*)><f[^<>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?>[^<>]*?\st="e")[^<>]*>(?:<f[^<>]*(?:/>|>[^<]*</f>))?<v>([^<]{1,20})</v>')
_MERGED = re.compile(rb'<mergeCell ref="([^"]{1,40})"')
_DECLARED = re.compile(
    rb"""^(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:[^<>]*encoding=["'](?:utf-8|us-ascii)["']|(?![^<>]*encoding))|<[a-z])""", re.IGNORECASE
)


_ELEMENTS = 2 * ELEMENTS
"""Elements of all sheets that are not written as Excel writes them, at most; and as many more as they have bytes packed."""
_FEW = 50


def cells_of(triples: array) -> np.ndarray:
    """(cells, 3): row, column, what."""
    return np.frombuffer(triples, np.int32).astype(np.int64).reshape(-1, 3)


def scanned(parts: Parts) -> dict[str, SheetFacts]:
    """Path in lower case -> facts of every part with cells. Raises Refused for what no reader should see."""
    styles = {at: shown for at, code in enumerate(parts.formats) if (shown := shown_by(code))}
    for info in parts.others:
        Unasked(parts.name).run(blocks(parts, info))
    left = [_ELEMENTS + sum(info.compress_size for info in parts.sheets)]
    return {path_of(info): _scanned(parts, info, frozenset(styles), left) for info in parts.sheets}


def of_sheet(abouts: Mapping[str, SheetFacts], sheet: str, parts: Parts | None) -> SheetFacts:
    """What is known of the sheet that was read. Raises Refused where another part was checked than the one that was read."""
    if parts is not None and parts.kind == "xlsx" and sheet not in abouts:
        raise unusual(parts.name, "its sheet lies where it is not looked for")
    return abouts.get(sheet) or SheetFacts()


def _scanned(parts: Parts, info: zipfile.ZipInfo, styles: frozenset[int], left: list[int]) -> SheetFacts:
    quick = _Quick(parts.name, styles)
    if quick.run(parts, info):
        return quick.facts
    careful = _Careful(parts.name, styles, left[0])
    careful.run(blocks(parts, info))
    left[0] -= careful.elements
    return careful.facts


class _Quick:
    """Regular expressions over the bytes, block by block, cut where a tag begins."""

    def __init__(self, name: str, styles: frozenset[int]):
        self.name, self.box, self.facts, self._styles = name, Box(name), SheetFacts(), styles
        self._wanted = np.array(sorted(styles), np.int32)
        self._merges = self._merged = self._last = 0
        self._columns: dict[bytes, int] = {}
        ids = b"|".join(str(style).encode() for style in sorted(styles)) if len(styles) <= _FEW else b"[0-9]{1,6}"
        self._styled = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^<>]*?\ss="(' + ids + rb')"') if styles else None

    def run(self, parts: Parts, info: zipfile.ZipInfo) -> bool:
        """False where the part is written in an unusual way, or does not pass: then the careful pass has the word."""
        rest, first = b"", True
        for block in blocks(parts, info):
            text = rest + block
            if first and not _DECLARED.match(text[:200]):
                return False
            cut = next((at for tag in (b"<row ", b"<c ") if (at := text.rfind(tag)) > 0), 0)
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
        tags = tags_of(text)
        cells = places_of(tags)
        if cells is None or (b"&" in text and not _apart(tags)) or not plain_values(tags):
            return False
        if tags.begin("!") or (b"'" in text and b"='" in text) or (tags.begin("m") and text.count(b"<mergeCell ") != len(_MERGED.findall(text))):
            return False
        if _NO_TEXT.search(text) or (b":" in text and any(tag in text for tag in (b":c", b":row", b":mergeCell")) and _PREFIXED.search(text)):
            return False
        try:
            self._cells(cells.columns, cells.rows)
            self._more(tags)
            self._marked(tags, cells)
        except Refused:
            return False
        return True

    def _cells(self, columns: np.ndarray, rows: np.ndarray) -> None:
        if not len(rows):
            return
        if columns.max() > COLUMNS or rows.max() > ROWS:
            raise damaged(self.name, "it has a cell where no sheet has one")
        places = np.concatenate([[self._last], numbered(columns, rows)])
        if (np.diff(places) <= 0).any():
            raise damaged(self.name, "its cells are not in their order")
        self._last = int(places[-1])
        self.box.cells += len(rows) - 2
        self.box.add(int(columns.min()), int(rows.min()))
        self.box.add(int(columns.max()), int(rows.max()))

    def _column(self, letters: bytes) -> int:
        if letters not in self._columns:
            self._columns[letters] = column_number(letters.decode())
        return self._columns[letters]

    def _more(self, tags: Tags) -> None:
        if b"hidden=" in tags.text:
            for attributes in _ROW.findall(tags.text):
                number = _ROW_NUMBER.search(attributes)
                if number and _HIDDEN.search(attributes):
                    self.facts.hidden.append(int(number[1]))
        if tags.begin("f"):
            for where, attributes in _FORMULA.findall(tags.text):
                if b't="str"' not in attributes:
                    self.facts.add_uncomputed(where.decode())
        for reference in _MERGED.findall(tags.text) if tags.begin("m") else ():
            self._merges += 1
            self._merged += area(reference.decode("ascii", "replace"), self.name)
            if self._merges > MERGES or self._merged > MERGED_CELLS:
                raise merged(self.name)

    def _marked(self, tags: Tags, cells: Cells) -> None:
        """Error cells, and cells with a style that matters."""
        if b't="e"' in tags.text and not errors_of(tags, cells, self.facts):
            for letters, row, shown in _ERROR.findall(tags.text):
                self.facts.add_error(int(row), self._column(letters), shown.decode("utf-8", "replace"))
        if not self._styled:
            return
        if (styles := styles_of(tags, cells)) is not None:
            its = np.flatnonzero(np.isin(styles, self._wanted))
            self.facts.add_styled(cells.rows[its], cells.columns[its], styles[its])
        else:
            for letters, row, style in self._styled.findall(tags.text):
                if int(style) in self._styles:
                    self.facts.styled.extend((int(row), self._column(letters), int(style)))


def _apart(tags: Tags) -> bool:
    """Whether no cell has two `<v>`, so that the way back from each to its `<c ` is short."""
    cells, values = tags.at[(tags.second == ord("c")) & (tags.signs[tags.at + 2] == ord(" "))], tags.at[tags.second == ord("v")]
    return bool((np.diff(np.searchsorted(cells, values), prepend=0) > 0).all())


class _Careful(Scan):
    """The same by expat, cell by cell; cells without content count for nothing but their number."""

    def __init__(self, name: str, styles: frozenset[int], elements: int):
        super().__init__(name, elements)
        self.facts, self._styles = SheetFacts(), {str(style) for style in styles}
        self._cell: dict[str, str] = {}
        self._value: list[str] = []
        self._at = (0, 0)
        self._places = array("q")
        self._open = self._filled = self._formula = False

    def run(self, chunks: Iterator[bytes]) -> None:
        super().run(chunks)
        places = np.frombuffer(self._places, np.int64)
        if (np.diff(places) <= 0).any():
            places = np.sort(places)
            for at in places[1:][np.diff(places) == 0][:1].tolist():
                row, column = divmod(at, STEP)
                raise damaged(self.name, f'cell "{column_letter(column - 1)}{row}" stands in it twice')

    def _hear(self, parser: expat.XMLParserType) -> None:
        super()._hear(parser)
        self._parser = parser

    def _listen(self, parser: expat.XMLParserType, inside: bool) -> None:
        """In a value: text as it is written, for `&#51;`, comments and the like are not taken out of it, and no tag may stand there."""
        parser.DefaultHandler = self._text if inside else None
        parser.StartElementHandler = self._nested if inside else self._start

    def _nested(self, _tag: str, _attributes: dict[str, str]) -> None:
        raise self._broken()

    def _in_row(self, attributes: dict[str, str]) -> None:
        super()._in_row(attributes)
        if attributes.get("hidden") in ("1", "true"):
            self.facts.hidden.append(self._row)

    def _in_c(self, attributes: dict[str, str]) -> None:
        where = attributes.get("r")
        self._at = place(where, self.name) if where else (self._column + 1, max(self._row, 1))
        self._column = self._at[0]
        self._cell, self._value, self._open, self._filled, self._formula = attributes, [], True, False, False
        style = attributes.get("s", "")
        if style in self._styles or style[:1] == "0" and style.lstrip("0") in self._styles:
            self.facts.styled.extend((self._at[1], self._column, int(style)))

    def _in_f(self, _attributes: dict[str, str]) -> None:
        self._formula = True

    def _in_v(self, attributes: dict[str, str]) -> None:
        self._in_is(attributes)
        if self._open:
            self._listen(self._parser, inside=True)

    def _in_is(self, _attributes: dict[str, str]) -> None:
        if self._open and self._filled:
            raise self._broken()
        self._filled = True

    def _text(self, text: str) -> None:
        self._value.append(text)
        self.elements += 1
        self._check_elements()

    def _out_v(self) -> None:
        self._listen(self._parser, inside=False)

    def _broken(self) -> Refused:
        column, row = self._at
        return damaged(self.name, f"the value of cell {column_letter(column - 1)}{row} is in pieces")

    def _out_c(self) -> None:
        self._open = False
        value = "".join(self._value).strip()
        if "<" in value or ("&" in value and self._cell.get("t") != "str"):
            raise self._broken()
        if self._filled or self._formula:
            self.box.add(*self._at)
            self._places.append(self._at[1] * STEP + self._at[0])
        else:
            self.box.cells += 1
            self.box.check()
        if self._cell.get("t") == "s" and self._filled and value and not (value.isascii() and value.isdigit()):
            raise damaged(self.name, f'a cell points to the text "{value[:20]}", which is not in it')
        if self._cell.get("t") == "e" and value:
            self.facts.add_error(self._at[1], self._column, value[:20])
        if self._formula and not value and self._cell.get("t") != "str":
            self.facts.add_uncomputed(self._cell.get("r", "a cell without an address"))
