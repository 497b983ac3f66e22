"""The sheets of an .ods file: checked like every part, and asked for hidden rows, percentages, currencies and error cells (X-23, S2-15, X-17, X-4)."""

from collections.abc import Iterator
from itertools import product
from xml.parsers import expat

from invoice_rules.reading.facts import SheetFacts
from invoice_rules.reading.scan import ELEMENTS, Refused, Scan, count_of, damaged
from invoice_rules.table import column_letter
from invoice_rules.values import DOLLARS, is_currency

PERCENT = "0%"
"""The first of the number formats that are looked for; `SheetFacts.styled` names them by their place."""
_HIDDEN = ("collapse", "filter")
_SHOWN = ("percentage", "currency")
_LONGEST = 20
_LETTERS, _TEXTS, _ALL_LETTERS = 1_000_000, 100_000, 20_000_000
"""Letters of a text with a tab or the like in it, such texts in a file, and their letters, at most."""


class OpenDocument(Scan):
    """One pass over content.xml; `facts`: name of a sheet -> what is found there; `shown`: number formats as Excel writes them."""

    def __init__(self, name: str, elements: int = 4 * ELEMENTS):
        super().__init__(name, elements)
        self.facts: dict[str, SheetFacts] = {}
        self.shown = [PERCENT]
        self._sheet = SheetFacts()
        self._unseen = self._error = self._inside = self._words = self._mixed = False
        self._notes = self._columns = self._paragraphs = self._ruby = self._held = self._texts = self._letters = 0
        self._value: list[str] = []

    def _hear(self, parser: expat.XMLParserType) -> None:
        super()._hear(parser)
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._unread

    def _unread(self) -> None:
        """The reader takes text between CDATA marks for nothing."""
        if self._paragraphs and not self._notes:
            raise self._broken()

    def _broken(self) -> Refused:
        return damaged(self.name, f"the value of cell {column_letter(max(self._column, 1) - 1)}{self._row} is in pieces")

    def _in_table(self, attributes: dict[str, str]) -> None:
        super()._in_table(attributes)
        self._sheet = self.facts.setdefault(attributes.get("table:name", ""), SheetFacts())

    def _in_table_row(self, attributes: dict[str, str]) -> None:
        Scan._in_table_row(self, attributes)
        self._unseen = attributes.get("table:visibility") in _HIDDEN

    def _in_table_cell(self, attributes: dict[str, str]) -> None:
        before = self._column
        Scan._in_table_cell(self, attributes)
        self._columns, self._value, self._error, self._mixed = self._column - before, [], False, False
        self._held = 0
        kind = attributes.get("office:value-type")
        self._words = kind == "string" and "office:string-value" not in attributes
        if kind is None:
            return
        self._error = attributes.get("calcext:value-type") == "error" or "table:formula" in attributes
        if self._unseen:
            self._sheet.hidden.extend(range(self._row - self._repeated + 1, self._row + 1))
            self._unseen = False
        shown = self._shown(kind, attributes) if kind in _SHOWN else None
        if shown is not None:
            for row, column in self._places():
                self._sheet.styled.extend((row, column, shown))

    _in_covered_table_cell = _in_table_cell

    def _shown(self, kind: str, attributes: dict[str, str]) -> int | None:
        """The place of the cell's number format; $ tells no currency, here as in Excel's formats."""
        code = attributes.get("office:currency", "").upper()
        if kind == "percentage":
            return 0
        if kind != "currency" or not is_currency(code) or code in DOLLARS:
            return None
        if f"[${code}]0" not in self.shown:
            self.shown.append(f"[${code}]0")
        return self.shown.index(f"[${code}]0")

    def _places(self) -> Iterator[tuple[int, int]]:
        """Row and column of every cell that this one stands for; the check has counted them."""
        return product(range(self._row - self._repeated + 1, self._row + 1), range(self._column - self._columns + 1, self._column + 1))

    def _in_annotation(self, _attributes: dict[str, str]) -> None:
        self._notes += 1

    def _in_p(self, _attributes: dict[str, str]) -> None:
        self._paragraphs += 1
        self._inside = (self._error or self._words) and not self._notes
        if self._value:
            self._text("\n")

    def _in_s(self, attributes: dict[str, str]) -> None:
        self._text(" " * min(count_of(attributes.get("text:c"), self.name), _LETTERS))

    def _in_tab(self, _attributes: dict[str, str]) -> None:
        """The reader takes no notice of tabs and line breaks inside a paragraph, and much of what stands above words for a part of them."""
        self._mixed |= self._inside
        self._text("\t")

    def _in_line_break(self, _attributes: dict[str, str]) -> None:
        self._mixed |= self._inside
        self._text("\n")

    def _in_ruby_text(self, _attributes: dict[str, str]) -> None:
        self._mixed |= self._inside
        self._ruby += 1

    def _text(self, text: str) -> None:
        if self._inside and not self._ruby and self._held <= _LETTERS:
            self._value.append(text)
            self._held += len(text)

    def _out_p(self) -> None:
        self._paragraphs -= 1
        self._inside = False

    def _out_annotation(self) -> None:
        self._notes -= 1

    def _out_ruby_text(self) -> None:
        self._ruby -= 1

    def _out_table_cell(self) -> None:
        if self._error or self._mixed:
            self._ended()

    _out_covered_table_cell = _out_table_cell

    def _ended(self) -> None:
        """A formula shows an error where its text is one, such as #N/A or LibreOffice's Err:502."""
        text, self._error = "".join(self._value), self._error and len(self._value) <= _LONGEST
        shown = text.strip()
        if self._error and shown.startswith(("#", "Err:")) and len(shown) <= _LONGEST:
            for row, column in self._places():
                self._sheet.add_error(row, column, shown)
        elif self._mixed:
            self._keep(text)
        self._error = self._mixed = False

    def _keep(self, text: str) -> None:
        """A text that the reader would give otherwise."""
        self._texts += self._columns * self._repeated
        self._letters += len(text)
        if self._texts > _TEXTS or self._held > _LETTERS or self._letters > _ALL_LETTERS:
            raise self._broken()
        for row, column in self._places():
            self._sheet.add_text(row, column, text)
