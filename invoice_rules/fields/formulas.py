"""What a sheet can say of one field while somebody types: a formula for each rule that a field brings with it, TRUE where it is kept."""

from collections.abc import Iterator, Sequence

from invoice_rules.fields.declared import Field
from invoice_rules.fields.sheetcells import Cells, every, first_of, in_years, listed, quoted, says_yes_or_no, without
from invoice_rules.problems import Rule
from invoice_rules.values.currencies import CURRENCY, UNMAPPED, symbols_of
from invoice_rules.values.dates import DATE
from invoice_rules.values.money import DECIMALS, MONEY
from invoice_rules.values.numbers import NOT_NUMBER
from invoice_rules.values.words import EMAIL, EMAILS, YES_NO

Told = tuple[Rule, str, str]
"""(rule, its formula or "", why there is none, or what the formula does not see)."""

LATER = "Which of the amounts that are written as text can be read is found on import."
PASTED = "Such characters are not typed; in what is pasted they are found on import."
_LINES = "Rows that share it are lines of one {document}."
_BELOW = "A row without one may continue the invoice above it; that is found on import."
_PADDED = "Spaces around it are looked past on import alone."
_WHOLE_COLUMN = "The order of day and month in dates that are text is found from the whole column, on import."
_PARTS = "Whether every part of an address may stand there is found on import."
_ONE_SIGN = "Addresses are counted by their @."
_WORKED_OUT = "Where it is blank it is worked out from other fields."


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
        yield MONEY, f"IF(ISNUMBER({cell}),ABS({cell})<1E13,{_digits_and(cell, '.,$()- CRD' + _more(cells))})", LATER
        yield DECIMALS, f"IF(ISNUMBER({cell}),OR(ABS({cell})>=1E13,ROUND({cell},{cells.decimals()})={cell}),TRUE)", LATER
    elif field.kind in ("number", "percent"):
        kept = every(f"ABS({cell})<1E12", f"ROUND({cell},{field.decimals})={cell}")
        others = ".,()-+ %" + ("$" + _more(cells) if field.role == "price" else "")
        yield NOT_NUMBER, f"IF(ISNUMBER({cell}),{kept},{_digits_and(cell, others)})", LATER
    elif field.kind == "date":
        text = _written_month_first(cells.text(name)) if field.orders == ("month-first",) else f"LEN({without(cell, _DIGITS)})<LEN({cell})"
        yield DATE, f"IF(ISNUMBER({cell}),AND({in_years(cell)}),{text})", "" if field.orders == ("month-first",) else _WHOLE_COLUMN
    elif field.kind == "yes_no":
        yield YES_NO, says_yes_or_no(cells, name), ""
    elif field.kind == "currency":
        yield UNMAPPED if field.of else CURRENCY, every(f"LEN({cells.text(name)})=3", f"ISNUMBER(FIND(\"/\"&UPPER({cells.text(name)})&\"/\",{listed()}))"), ""
    elif field.kind == "emails":
        signs = f"LEN({cell})-LEN({without(cell, '@')})"
        yield EMAIL, _addresses(cell, cells.text(name), signs), _PARTS
        yield EMAILS, f"{signs}<={field.max or 6}", _ONE_SIGN


def _more(cells: Cells) -> str:
    """The symbols beside $ that the currency of the rows has."""
    return symbols_of(cells.currency).replace("$", "")


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
        others = [f"(LEN({{{its}}})>0)*(TRIM({{{its}}})<>TRIM({{{its}:above}}))" for its in rules.at_level("header") if its != name and not (rules.fields[its].derived or rules.fields[its].made)]
        unnamed = ",".join(f"LEN(TRIM({{{key}:above}}))=0" for key in rules.group_by)
        return f"IF(OR({filled},{unnamed}),TRUE,{'+'.join(others)}=0)", _BELOW
    return f"IF(OR({filled},NOT({cells.first_row()})),TRUE,SUMPRODUCT({cells.same()}*(LEN(TRIM({{{name}:column}}))>0))>0)", ""


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
