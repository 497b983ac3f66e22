"""Which row holds the headings (X-13): rows that look like headings are told from titles above them and from data below them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.problems import Finding, Rule, Severity, listed, quoted
from invoice_rules.reading.grid import LOOKED_AT
from invoice_rules.table import column_letter, our_columns

HEAD = 60
"""Rows among which the headings are looked for."""

SKIPPED = Rule(
    "headings",
    "The headings stand on row {row}. What is above them is left out: {above}.",
    "X-13",
    "Rows above the headings are left out.",
    Severity.NOTICE,
)
NONE = Rule(
    "headings",
    "{name} has no row of headings: row {row} is data already. The columns are called A, B, C and so on.",
    "S0-8",
    severity=Severity.NOTICE,
)
DOUBLE = Rule(
    "headings", "Columns {columns} are {all} called {heading}. Choose between them by their letters.", "X-13", severity=Severity.WARNING
)

_DATA = re.compile(
    r"""^\s*(?:
    [-+(]*\s*(?:[$€£¥]|[A-Z]{3})?\s*[-+]?\d[\d.,'\u00a0 ]*(?:[eE][+-]?\d+)?\s*[%)€$£-]?(?:CR|DR)?  # an amount, a number
    | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?                                  # a date
    | \d{1,2}[-/. ](?:[A-Za-z]{3,9})[-/. ]\d{2,4}
    | [^\s@]+@[^\s@]+\.\w+ | https?://\S+                                          # an address
    | (?:true|false)
    )\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?$|\D")
_WORDS = frozenset(
    """account address agency amount amt area balance bill billing body category city client code company contact cost country currency customer date days
    department description directorate disc discount due email expense fee gross heading id invoice issue item line location memo method name net no notes
    number order paid payment period phone po postcode price product project qty quantity rate ref reference salesperson service sku status subtotal sum
    supplier surname tax term terms title total transaction type unit value vat vendor zip
    betrag datum kunde kundennummer rechnung rechnungsnummer faellig waehrung steuer factura fecha importe cliente vencimiento moneda montant
    facture client echeance date numero numero""".split()
)


@dataclass(frozen=True)
class Heading:
    """`at`: position of the row of headings among the head rows, None where there is none and data starts at `start`."""

    at: int | None
    start: int


def find_headings(head: Sequence[Sequence[str]], known: frozenset[str] = frozenset()) -> Heading:
    """Find the row of headings among the first rows. `known`: folded names that the rule set's columns may have."""
    filled = [sum(1 for cell in row if cell.strip()) for row in head]
    if not any(filled):
        return Heading(None, 0)
    if (ours := our_headings(head)) is not None:
        return Heading(ours, ours + 1)
    usual = _usual(filled)
    best = max(range(len(head)), key=lambda at: (known_count(head[at], known), -at))
    if known_count(head[best], known) >= max(2, usual / 3):
        return Heading(best, best + 1)
    first = next(at for at, count in enumerate(filled) if count >= max(1, usual / 2))
    for at in range(first, len(head)):
        if filled[at] >= max(1, usual / 2) and _looks_like(head, at):
            return Heading(at, at + 1) if not _data_before(head, first, at, usual) else Heading(None, first)
    return Heading(None, first)


def _usual(filled: Sequence[int]) -> float:
    """How many cells a row usually has: the most frequent count among rows with more than one, weighed by its size."""
    counts = Counter(count for count in filled if count)
    return max(counts, key=lambda count: (counts[count] * count, count))


def _looks_like(head: Sequence[Sequence[str]], at: int) -> bool:
    cells = [cell.strip() for cell in head[at] if cell.strip()]
    data = sum(1 for cell in cells if _is_data(cell))
    if data == 0 or (not _is_data(cells[0]) and len(set(cells)) == len(cells) and all(_YEAR.match(cell) for cell in cells[1:])):
        return True
    words = sum(1 for cell in cells if not _is_data(cell) and _tokens(cell) & _WORDS)
    return data <= 0.34 * len(cells) and (words >= data or data == 1)


def _is_data(cell: str) -> bool:
    return len(cell) <= LOOKED_AT and bool(_DATA.match(" ".join(cell.split())))


def _data_before(head: Sequence[Sequence[str]], first: int, at: int, usual: float) -> bool:
    """Whether rows above `at` are data of the same width: then `at` is a row of text among data, not the headings."""
    above = [row for row in head[first:at] if sum(1 for cell in row if cell.strip()) >= max(2, 0.75 * usual)]
    if not above:
        return False
    words = heading_words(head[at])
    return words < max(2, usual / 3)


def heading_words(row: Sequence[str]) -> int:
    """How many cells hold a word that headings of invoices hold."""
    return sum(1 for cell in row if _tokens(cell) & _WORDS)


def known_count(row: Sequence[str], known: frozenset[str]) -> int:
    """How many of the known names stand in the row."""
    return len({folded(cell) for cell in row} & known) if known else 0


def _tokens(cell: str) -> set[str]:
    return set(re.sub(r"[^a-z]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell[:LOOKED_AT]).lower()).split())


def folded(heading: str) -> str:
    """Letters and digits alone, lower case: how headings are compared.

    >>> folded(" Invoice No. ")
    'invoiceno'
    """
    return "".join(character for character in heading[:LOOKED_AT].casefold() if character.isalnum())


def known_headings(rules: RuleSet | None) -> frozenset[str]:
    """Every name that a column of the rule set may go by."""
    if rules is None:
        return frozenset()
    names = (name for field in rules.offered.values() for name in (field.name, field.title, *field.synonyms))
    return frozenset(folded(name) for name in names) - {""}


@dataclass(frozen=True)
class Telling:
    """Headings under which a cell shows that its row is data (X-22): `keys`, whatever stands beside it; `words`, where it stands alone."""

    keys: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def columns(self, headings: Sequence[str]) -> tuple[frozenset[int], frozenset[int]]:
        """The positions of both kinds of columns."""
        names = [folded(heading) for heading in headings]
        return frozenset(at for at, name in enumerate(names) if name in self.keys), frozenset(at for at, name in enumerate(names) if name in self.words)


def telling_headings(rules: RuleSet | None) -> Telling:
    """Those of the rule set: what says whose document a row is, prices of one piece, and the texts of lines."""
    if rules is None:
        return Telling()
    own = {rules.key, *rules.group_by, *rules.identified_by, *rules.runs_of}
    lines = [field for field in rules.offered.values() if field.level == "line"]
    prices = {field.name for field in lines if field.kind == "number" and "price" in field.synonyms}
    return Telling(_names(rules, own | prices), _names(rules, {field.name for field in lines if field.kind == "text"}))


def _names(rules: RuleSet, fields: set[str]) -> frozenset[str]:
    """What columns of these fields may be called, and no other field's column."""
    known = [(field.name in fields, folded(name)) for field in rules.offered.values() for name in (field.name, field.title, *field.synonyms)]
    return frozenset(name for its, name in known if its) - {name for its, name in known if not its} - {""}


def wanted(header: str | int, head: Sequence[Sequence[str]], rows: Sequence[int], known: frozenset[str], name: str) -> Heading:
    """The row of headings that the user names, or the one that is found. Raises CannotRun where there is no such row."""
    if isinstance(header, int) or str(header).isdigit():
        number = int(header)
        for at, (row, cells) in enumerate(zip(rows, head, strict=False)):
            if row == number and any(cell.strip() for cell in cells):
                return Heading(at, at + 1)
        raise CannotRun(f"{name} has no headings on row {number}: that row is blank, or is not among the first {HEAD} rows with content.")
    if header == "none" and (ours := our_headings(head)) is not None:
        return Heading(ours, ours + 1)
    if header == "none":
        first = next((at for at, row in enumerate(head) if any(cell.strip() for cell in row)), 0)
        return Heading(None, first)
    if header != "auto":
        raise CannotRun(f'"{header}" names no row of headings. Give a row number, none, or auto.')
    return find_headings(head, known)


def our_headings(head: Sequence[Sequence[str]]) -> int | None:
    """The row of headings of an error workbook of ours, which has one even where the file itself had none (S0-26)."""
    return next((at for at, row in enumerate(head) if our_columns(row)), None)


def letters(width: int, first_column: int = 0) -> tuple[str, ...]:
    """The names of columns without headings: A, B, C, … (S0-8)."""
    return tuple(column_letter(first_column + at) for at in range(width))


_NAMED = 12
"""Columns under one heading that are told by their letters; the others are counted."""


def double_headings(headings: Sequence[str], first_column: int) -> list[Finding]:
    """One warning for each heading that stands over more than one column."""
    places: dict[str, list[str]] = {}
    for at, heading in enumerate(headings):
        if heading:
            places.setdefault(folded(heading) or heading, []).append(column_letter(first_column + at))
    named = {folded(heading) or heading: heading for heading in reversed(headings)}
    return [
        Finding(
            DOUBLE,
            facts={
                "columns": listed(at, _NAMED) if len(at) > _NAMED else ", ".join(at[:-1]) + f" and {at[-1]}",
                "all": "both" if len(at) == 2 else "all",
                "heading": quoted(named[key]),
            },
        )
        for key, at in places.items()
        if len(at) > 1
    ]
