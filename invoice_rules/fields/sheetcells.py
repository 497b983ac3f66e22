"""The cells of a rule set's fields as pieces of formulas: their text, whether they are filled and understood, the rows of a document.

A formula is a template over the cells of one row: `{amount}` is the cell of a field in it, `{amount:column}` all cells of that field,
`{amount:above}` the cell above it, `{amount:next}` all cells of the field a row further down, and `{*}` all cells of the row. Only functions that
Excel and Calc have had for long are used, no array constants (conditional formats may not hold them), and nothing that depends on the
language of the program.
"""

from dataclasses import dataclass

from iso4217 import Currency

from invoice_rules.fields.declared import RuleSet
from invoice_rules.values.currencies import decimals_of, is_currency

CODES = tuple(sorted(one.code for one in Currency if is_currency(one.code)))
NUMERIC = ("money", "number", "percent", "date")


def quoted(text: str) -> str:
    """A text as formulas write it.

    >>> print(quoted('a "b" c'))
    "a ""b"" c"
    """
    return '"' + text.replace('"', '""') + '"'


def without(text: str, characters: str) -> str:
    """The text without these characters."""
    for character in characters:
        text = f"SUBSTITUTE({text},{quoted(character)},\"\")"
    return text


def every(*conditions: str) -> str:
    """All of these, as one condition."""
    wanted = [condition for condition in conditions if condition]
    return wanted[0] if len(wanted) == 1 else f"AND({','.join(wanted)})" if wanted else "TRUE"


def first_of(blank: str, otherwise: str) -> str:
    """TRUE where the first holds; only elsewhere is the second worked out."""
    return f"IF({blank},TRUE,{otherwise})"


@dataclass(frozen=True)
class Cells:
    """The cells of a rule set's fields, as conditions and values in formulas; `currency` is that of rows which name none."""

    rules: RuleSet
    currency: str

    def spaced(self, name: str) -> str:
        """The text of a cell in which everything that is trimmed around values is a space; as long as what was typed."""
        text = f"SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({{{name}}},\"\u00a0\",\" \"),CHAR(9),\" \"),CHAR(10),\" \")"
        for mark in self.rules.around:
            text = f"SUBSTITUTE({text},{quoted(mark)},\" \")"
        return text

    def text(self, name: str) -> str:
        """The trimmed text of a cell."""
        return f"TRIM({self.spaced(name)})"

    def blank(self, name: str) -> str:
        return f"LEN({{{name}}})=0" if self.rules.fields[name].kind in NUMERIC else f"LEN({self.text(name)})=0"

    def decimals(self) -> str:
        """How many decimals amounts of the row have; where documents have lines, the currency may stand on another row of the document."""
        base, name = str(decimals_of(self.currency)), self.rules.role("currency")
        if not name:
            return base
        unsaid = base
        if self.rules.lined:
            said = f"SUMPRODUCT({self.same()}*(LEN({{{name}:column}})>0))"
            unsaid = f"IF(COUNTA({{{name}:column}})=0,{base},IF({said}=0,{base},2+SUMPRODUCT({self.same()}*({_beyond_two(f'{{{name}:column}}')}))/{said}))"
        return f"IF(LEN({{{name}}})=0,{unsaid},2+{_beyond_two(f'{{{name}}}')})"

    def currency_read(self) -> str:
        """Whether the currency of the row's document is one, or none is named: without it nothing is worked out."""
        name = self.rules.role("currency")
        if not name:
            return ""
        where = ":column" if self.rules.lined else ""
        known = f"(LEN(TRIM({{{name}{where}}}))=3)*ISNUMBER(FIND(\"/\"&UPPER(TRIM({{{name}{where}}}))&\"/\",{listed()}))"
        if not where:
            return f"OR(LEN({{{name}}})=0,{known})"
        return f"IF(COUNTA({{{name}{where}}})=0,TRUE,SUMPRODUCT({self.same()}*(LEN({{{name}{where}}})>0)*(1-{known}))=0)"

    def yes(self, name: str) -> str:
        """Whether a cell says yes."""
        return f"IF(ISLOGICAL({{{name}}}),{{{name}}},OR(LOWER({self.text(name)})=\"yes\",LOWER({self.text(name)})=\"true\"))"

    def understood(self, name: str) -> str:
        """Whether a cell is filled with what its field is, as a template's cells hold it: amounts and dates that are text are not judged."""
        field, cell = self.rules.fields[name], f"{{{name}}}"
        if field.kind == "money":
            return every(f"ISNUMBER({cell})", f"ABS({cell})<1E13", f"ROUND({cell},{self.decimals()})={cell}")
        if field.kind in ("number", "percent"):
            return every(f"ISNUMBER({cell})", f"ABS({cell})<1E12", f"ROUND({cell},{field.decimals})={cell}")
        if field.kind == "date":
            return every(f"ISNUMBER({cell})", in_years(cell))
        return says_yes_or_no(self, name) if field.kind == "yes_no" else f"LEN({self.text(name)})>0"

    def same(self) -> str:
        """(rows,) 1 for rows of the row's own document, else 0: those that agree in what groups them."""
        return "*".join(self._alike(name, ":column") for name in self.rules.group_by)

    def first_row(self) -> str:
        """Whether the row is the first of its document: it names it, and the row above names another."""
        keyed = [f"LEN(TRIM({{{name}}}))>0" for name in self.rules.group_by]
        return every(*keyed, f"NOT({every(*(self._alike(name, ':above') for name in self.rules.group_by))})")

    def _alike(self, name: str, where: str) -> str:
        one, other = f"TRIM({{{name}{where}}})", f"TRIM({{{name}}})"
        return f"EXACT(LOWER({one}),LOWER({other}))" if self.rules.fields[name].of else f"EXACT({one},{other})"

    def is_line(self, where: str = "") -> str:
        """Whether the row is one of lines, as far as the words go that say so."""
        passed = [f"EXACT({{{name}{where}}},{quoted(value)})" for name, values in self.rules.skipped.items() for value in values]
        return "*".join(f"(1-{one})" for one in passed)

    def line_cells(self, where: str = "") -> list[str]:
        return [f"{{{name}{where}}}" for name in self.rules.at_level("line")]


def _by_decimals() -> list[tuple[int, str]]:
    """(decimals, the codes of currencies that have so many, between slashes)."""
    places = sorted({decimals_of(code) for code in CODES})
    return [(place, f"/{'/'.join(code for code in CODES if decimals_of(code) == place)}/") for place in places]


def _beyond_two(cell: str) -> str:
    """How many more decimals than two a currency has."""
    code = f"\"/\"&UPPER(TRIM({cell}))&\"/\""
    return "".join(f"{places - 2:+d}*ISNUMBER(FIND({code},{quoted(listed)}))" for places, listed in _by_decimals() if places != 2)


def listed() -> str:
    """All codes of currencies between slashes, in pieces as long as a formula may hold."""
    return "&".join(quoted(f"/{'/'.join(CODES[at : at + 60])}/") for at in range(0, len(CODES), 60))


def in_years(cell: str) -> str:
    return f"{cell}>=DATE(1990,1,1),{cell}<DATE(2101,1,1)"


def says_yes_or_no(cells: Cells, name: str) -> str:
    said = f"LOWER({cells.text(name)})"
    return f"OR(ISLOGICAL({{{name}}}),{said}=\"yes\",{said}=\"no\",{said}=\"true\",{said}=\"false\")"
