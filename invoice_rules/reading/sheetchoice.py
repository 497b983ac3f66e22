"""Which sheet of a workbook holds the rows: the only one with data, or the one that fits; else the user is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, Rule, Severity, listed, plural, quoted
from invoice_rules.reading.headings import find_headings, heading_words, known_count, our_headings

SHEET = Rule(
    "sheet",
    "Sheet {sheet} of {name} is read, because {why}. Left alone: {others}.",
    "S0-2",
    "The sheet is found and shown.",
    Severity.NOTICE,
)


@dataclass(frozen=True)
class Peek:
    """A sheet before it is read: its first rows as text, and how many rows it has."""

    name: str
    visible: bool
    rows: int
    head: Sequence[Sequence[str]]


def chosen(peeks: Sequence[Peek], known: frozenset[str], name: str) -> tuple[str, list[Finding]]:
    """(the sheet to read, a notice naming it and the others where there are any). Raises CannotRun listing the sheets where it cannot be told."""
    full = [peek for peek in peeks if peek.rows and any(cell.strip() for row in peek.head for cell in row)]
    if not full:
        raise CannotRun(f"No sheet of {name} has any content. Ask for the file again.")
    candidates = [peek for peek in full if peek.visible] or full
    scores = [_score(peek, known) for peek in candidates]
    best = max(range(len(candidates)), key=lambda at: scores[at])
    others = sorted(scores[:best] + scores[best + 1 :], reverse=True)
    if others and scores[best] < max(1.0, 1.5 * others[0]):
        names = listed([quoted(peek.name) for peek in candidates])
        raise CannotRun(f"{name} has several sheets that may hold the rows: {names}. Choose one with --sheet.")
    if len(peeks) == 1:
        return candidates[best].name, []
    why = "it is the only one with data" if len(candidates) == 1 else "its headings fit best"
    left = listed([quoted(peek.name) for peek in peeks if peek is not candidates[best]])
    told = Finding(SHEET, facts={"sheet": quoted(candidates[best].name), "name": name, "why": why, "others": left})
    return candidates[best].name, [told]


def of_template(peeks: Sequence[Peek], named: str, headings: frozenset[str], name: str) -> str:
    """The sheet with a template's rows: the one it names; "" where that is blank and another has its `headings` with rows under them.

    Raises CannotRun naming the sheets where several have rows, so that none is left out in silence.
    """
    own = next(peek for peek in peeks if peek.name == named)
    others = [peek for peek in peeks if peek is not own and peek.visible and _has(peek, headings) and _under(peek, headings)]
    if not others:
        return named
    if not _under(own, headings):
        return ""
    sheets = " and ".join(f"{quoted(peek.name)} ({_rows(peek, headings)})" for peek in (own, *others))
    raise CannotRun(f"{name} is our template and has rows on several sheets: {sheets}. Bring them together on {quoted(named)}, or choose one with --sheet.")


def _has(peek: Peek, headings: frozenset[str]) -> bool:
    """Whether most of these headings stand on one row of the sheet."""
    return any(known_count(row, headings) > len(headings) / 2 for row in peek.head)


def _under(peek: Peek, headings: frozenset[str]) -> int:
    """How many rows have something under the headings, among the first ones."""
    return sum(1 for row in peek.head[find_headings(peek.head, headings).start :] if any(cell.strip() for cell in row))


def _rows(peek: Peek, headings: frozenset[str]) -> str:
    more = "more than " if peek.rows > len(peek.head) else ""
    return more + plural(_under(peek, headings), "row")


def _score(peek: Peek, known: frozenset[str]) -> float:
    """How much a sheet looks like a table of invoices: headings that the rule set knows, words that such headings have, rows."""
    if our_headings(peek.head) is not None:
        return 1_000.0
    heading = find_headings(peek.head, known)
    if heading.at is None or peek.rows < 2:
        return 0.0
    row = peek.head[heading.at]
    below = [sum(1 for cell in cells if cell.strip()) for cells in peek.head[heading.start :]]
    width = sum(1 for cell in row if cell.strip())
    if width < 2 or not any(count > 1 for count in below):
        return 0.0
    return 4.0 * known_count(row, known) + heading_words(row)
