"""What a sheet can say of one field while somebody types: formulas of Excel and Calc, one for each rule that a field brings with it.

A formula is a template over the cells of one row: `{amount}` is the cell of a field in it, `{amount:column}` all cells of that field,
`{amount:above}` the cell above it, `{amount:next}` all cells of the field a row further down, and `{*}` all cells of the row. It is TRUE where the rule is kept; an error means that it cannot be told.
Only functions that both programs have had for long are used, no array constants (conditional formats may not hold them), and nothing that
depends on the language of the program.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iso4217 import Currency

from invoice_rules.fields.declared import Field, RuleSet
from invoice_rules.problems import Rule
from invoice_rules.values.currencies import CURRENCY, decimals_of, is_currency
from invoice_rules.values.dates import DATE
from invoice_rules.values.money import DECIMALS, MONEY
from invoice_rules.values.numbers import NOT_NUMBER
from invoice_rules.values.words import EMAIL, EMAILS, YES_NO

Told = tuple[Rule, str, str]
"""(rule, its formula or "", why there is none, or what the formula does not see)."""

CODES = tuple(sorted(one.code for one in Currency if is_currency(one.code)))
NUMERIC = ("money", "number", "percent", "date")

LATER = "Which of the amounts that are written as text can be read is found on import."
PASTED = "Such characters are not typed; in what is pasted they are found on import."
_LINES = "Rows that share it are lines of one {document}."
_BELOW = "Where several rows above have none either, it is found on import."
_PADDED = "Spaces around it are looked past on import alone."
_WHOLE_COLUMN = "The order of day and month in dates that are text is found from the whole column, on import."
_PARTS = "Whether every part of an address may stand there is found on import."
_ONE_SIGN = "Addresses are counted by their @."
_WORKED_OUT = "Where it is blank it is worked out from other fields."


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
        known = f"(LEN(TRIM({{{name}{where}}}))=3)*ISNUMBER(FIND(\"/\"&UPPER(TRIM({{{name}{where}}}))&\"/\",{_listed()}))"
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
            return every(f"ISNUMBER({cell})", _in_years(cell))
        return _says_yes_or_no(self, name) if field.kind == "yes_no" else f"LEN({self.text(name)})>0"

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


def _listed() -> str:
    """All codes of currencies between slashes, in pieces as long as a formula may hold."""
    return "&".join(quoted(f"/{'/'.join(CODES[at : at + 60])}/") for at in range(0, len(CODES), 60))


def _in_years(cell: str) -> str:
    return f"{cell}>=DATE(1990,1,1),{cell}<DATE(2101,1,1)"


def _says_yes_or_no(cells: Cells, name: str) -> str:
    said = f"LOWER({cells.text(name)})"
    return f"OR(ISLOGICAL({{{name}}}),{said}=\"yes\",{said}=\"no\",{said}=\"true\",{said}=\"false\")"


def of_field(cells: Cells, field: Field, rules: Sequence[Rule]) -> Iterator[Told]:
    """Each rule of one field: those of reading it, then those of its checks, as the rule set weighs them."""
    blank = cells.blank(field.name)
    for rule, formula, because in _of_reading(cells, field):
        yield rule, first_of(blank, formula), because
    for rule in rules:
        if rule.id == "required":
            yield (rule, *_required(cells, field))
        elif rule.id in _OF_CHECKS:
            formula, because = _OF_CHECKS[rule.id](cells, field)
            yield rule, first_of(blank, formula) if formula else "", because


def _of_reading(cells: Cells, field: Field) -> Iterator[Told]:
    """What can be said of how a value is written."""
    name, cell = field.name, f"{{{field.name}}}"
    if field.kind == "money":
        yield MONEY, f"IF(ISNUMBER({cell}),ABS({cell})<1E13,{_digits_and(cell, '.,$()- CRD')})", LATER
        yield DECIMALS, f"IF(ISNUMBER({cell}),OR(ABS({cell})>=1E13,ROUND({cell},{cells.decimals()})={cell}),TRUE)", LATER
    elif field.kind in ("number", "percent"):
        kept = every(f"ABS({cell})<1E12", f"ROUND({cell},{field.decimals})={cell}")
        yield NOT_NUMBER, f"IF(ISNUMBER({cell}),{kept},{_digits_and(cell, '.,()-+ %')})", LATER
    elif field.kind == "date":
        text = _written_month_first(cells.text(name)) if field.orders == ("month-first",) else f"LEN({without(cell, _DIGITS)})<LEN({cell})"
        yield DATE, f"IF(ISNUMBER({cell}),AND({_in_years(cell)}),{text})", "" if field.orders == ("month-first",) else _WHOLE_COLUMN
    elif field.kind == "yes_no":
        yield YES_NO, _says_yes_or_no(cells, name), ""
    elif field.kind == "currency":
        yield CURRENCY, every(f"LEN({cells.text(name)})=3", f"ISNUMBER(FIND(\"/\"&UPPER({cells.text(name)})&\"/\",{_listed()}))"), ""
    elif field.kind == "emails":
        signs = f"LEN({cell})-LEN({without(cell, '@')})"
        yield EMAIL, _addresses(cell, cells.text(name), signs), _PARTS
        yield EMAILS, f"{signs}<={field.max or 6}", _ONE_SIGN


_DIGITS = "0123456789"


def _digits_and(cell: str, others: str) -> str:
    """Whether a text has digits, or a dash for nothing, and beside them these characters alone."""
    rest = without(f"UPPER({cell})", _DIGITS)
    return f"AND(LEN({without(rest, others)})=0,OR(LEN({rest})<LEN({cell}),ISNUMBER(FIND(\"-\",{cell}))))"


def _written_month_first(text: str) -> str:
    """Whether a text is a date of month, day and year: its three parts are moved apart, so that each can be taken by its place."""
    apart = f"SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({text},\"-\",\"/\"),\".\",\"/\"),\"/\",REPT(\" \",9))"
    month, day, rest = f"VALUE(TRIM(LEFT({apart},9)))", f"VALUE(TRIM(MID({apart},10,9)))", f"TRIM(MID({apart},20,99))"
    year, behind = f"VALUE(LEFT({rest},4))", f"FIND(MID({rest}&\" \",5,1),\" T\")"
    return f"IFERROR(AND(ABS({month}-6.5)<6,{day}>=1,{day}<=DAY(DATE({year},{month}+1,0)),ABS({year}-2000)<=100,{behind}>0),FALSE)"


def _addresses(cell: str, text: str, signs: str) -> str:
    """Whether nothing in a list of addresses is surely wrong; one address alone is looked at more closely."""
    never = [f"ISERROR(FIND({quoted(piece)},{cell}))" for piece in ("..", "@.", ".@", "@@", "@,", "@;")]
    ends = [f"ISERROR(FIND(LEFT({text},1),\"@.\"))", f"ISERROR(FIND(RIGHT({text},1),\"@.\"))"]
    one = every(f"{signs}=1", f"ISERROR(FIND(\" \",{text}))", f"ISNUMBER(FIND(\".\",{cell},FIND(\"@\",{cell})))", *ends)
    several = f"ISNUMBER(FIND(\",\",SUBSTITUTE({cell},\";\",\",\")))"
    return f"AND(ISNUMBER(FIND(\"@\",{cell})),{','.join(never)},IF({several},TRUE,IFERROR({one},FALSE)))"


def _required(cells: Cells, field: Field) -> tuple[str, str]:
    """Filled in on every row that has anything; of documents with lines, on one row of each; of lines, on rows that have something of one."""
    rules, name, filled = cells.rules, field.name, f"LEN({cells.text(field.name)})>0"
    if name not in rules.needed:
        return "", _WORKED_OUT
    if not rules.lined:
        return first_of("COUNTA({*})=0", filled), ""
    if field.level == "line":
        return first_of(f"COUNTA({','.join(cells.line_cells())})=0", f"{filled}"), ""
    if name in rules.group_by:
        others = [f"(LEN({{{its}}})>0)*(TRIM({{{its}}})<>TRIM({{{its}:above}}))" for its in rules.at_level("header") if its != name and not rules.fields[its].derived]
        unnamed = ",".join(f"LEN(TRIM({{{key}:above}}))=0" for key in rules.group_by)
        return f"IF(OR({filled},{unnamed}),TRUE,{'+'.join(others)}=0)", _BELOW
    unnamed = f"OR({','.join(f'LEN(TRIM({{{key}}}))=0' for key in rules.group_by)})"
    return f"IF(OR({filled},{unnamed}),TRUE,SUMPRODUCT({cells.same()}*(LEN(TRIM({{{name}:column}}))>0))>0)", ""


def _longest(cells: Cells, field: Field) -> tuple[str, str]:
    """Nothing stands beyond so many characters from the first."""
    spaced = cells.spaced(field.name)
    return f"IF(LEN({{{field.name}}})<={field.max},TRUE,LEN(TRIM(MID({spaced},FIND(LEFT(TRIM({spaced}),1),{spaced})+{field.max},LEN({spaced}))))=0)", ""


def _content(cells: Cells, field: Field) -> tuple[str, str]:
    start = f"LEFT({cells.text(field.name)},1)"
    starts = f"ISERROR(FIND({start},{quoted('=+-@＝＋－＠')}))"
    return every(starts, *(f"ISERROR(FIND({quoted(piece)},LOWER({{{field.name}}})))" for piece in ("--", "=cmd", "=sum", "=vlookup"))), ""


def _kept_digits(cells: Cells, field: Field) -> tuple[str, str]:
    """Not one digit, perhaps decimals, and a power of ten of up to three digits."""
    text = f"LOWER({cells.text(field.name)})"
    rest, sign = without(text, _DIGITS), f"(LEFT({text},1)=\"-\")"
    power = f"FIND(\"e+\",{text})"
    shape = f"OR(AND(SUBSTITUTE({rest},\"-\",\"\",1)=\"e+\",{power}=2+{sign}),AND(SUBSTITUTE({rest},\"-\",\"\",1)=\".e+\",FIND(\".\",{text}&\".\")=2+{sign},{power}>3+{sign}))"
    short = f"LEN({text})-{power}>1,LEN({text})-{power}<5"
    return f"NOT(IFERROR(AND({shape},{short}),FALSE))", ""


def _size(cells: Cells, field: Field) -> tuple[str, str]:
    """The characters of a plain number: digits before the point, those behind it, the point and a minus."""
    column, cell = cells.rules.schema.columns[field.name], f"{{{field.name}}}"
    most = next(check.statistics["facts"]("")["most"] for check in column.checks if check.statistics["rule"].id == "size")
    places = 2 if field.kind == "money" else 6
    after = str(places + 1)
    for place in range(places - 1, -1, -1):
        after = f"IF(ROUND({cell},{place})={cell},{place + 1 if place else 0},{after})"
    return f"IF({cells.understood(field.name)},LEN(TRUNC(ABS({cell})))+{after}+({cell}<0)<={most},TRUE)", ""


def _choice(cells: Cells, field: Field) -> tuple[str, str]:
    text = f"LOWER({cells.text(field.name)})"
    return f"OR({','.join(f'{text}={quoted(choice.lower())}' for choice in field.choices)})", ""


def _duplicate(cells: Cells, field: Field) -> tuple[str, str]:
    if cells.rules.lined and field.name in cells.rules.group_by:
        return "", _LINES.format(document=cells.rules.document)
    return f"SUMPRODUCT(--EXACT({{{field.name}:column}},{{{field.name}}}))<=1", _PADDED


_OF_CHECKS = {
    "max-length": _longest,
    "content": _content,
    "control-characters": lambda _cells, _field: ("", PASTED),
    "lost-digits": _kept_digits,
    "not-negative": lambda cells, field: (f"IF({cells.understood(field.name)},{{{field.name}}}>=0,TRUE)", ""),
    "dashes": lambda _cells, field: (f"ISERROR(FIND(\"-\",{{{field.name}}}))", ""),
    "size": _size,
    "choice": _choice,
    "duplicate": _duplicate,
}
