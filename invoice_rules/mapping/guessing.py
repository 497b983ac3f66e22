"""Guesses: how well each heading fits each field, by name, title, synonym and likeness (X-13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from invoice_rules.fields import Field, RuleSet
from invoice_rules.mapping.assigning import assign
from invoice_rules.mapping.shape import Shape, fits, shape
from invoice_rules.mapping.words import likeness, plain, readings, stood_in
from invoice_rules.results import Match
from invoice_rules.table import Table

ENOUGH = 0.55
"""The score below which there is no guess: a wrong one costs more than a missing one."""

_ALIKE = 0.82
_FIRST, _LAST = 0.95, 0.60
"""What the first and the last synonym of a field are worth; they are listed the surest first."""


@dataclass(frozen=True)
class Guess:
    score: float
    how: str
    why: str


@lru_cache(maxsize=64)
def _phrases(synonyms: tuple[str, ...]) -> tuple[tuple[frozenset[str], str, float], ...]:
    """(words, synonym, worth) of each synonym, in order; of two that spell out to the same words the first counts."""
    found: dict[frozenset[str], tuple[str, float]] = {}
    for at, synonym in enumerate(synonyms):
        worth = _FIRST - (_FIRST - _LAST) * at / max(len(synonyms) - 1, 1)
        found.setdefault(readings(synonym)[0], (synonym, worth))
    return tuple((words, synonym, worth) for words, (synonym, worth) in found.items())


def guesses(headings: Sequence[str], rules: RuleSet, sample: Table | None, free: Sequence[int]) -> dict[tuple[str, int], Guess]:
    """Every (field, column) that could be, over the free columns."""
    read = stood_in([readings(heading) for heading in headings])
    known = {name: _phrases((field.title, _spaced(name), *field.synonyms)) for name, field in rules.fields.items()}
    shapes: dict[int, Shape] = {}
    found: dict[tuple[str, int], Guess] = {}
    for column in free:
        for name, field in rules.fields.items():
            guess = _named(headings[column], field) or _like(headings[column], read[column], known[name])
            if guess and guess.how not in ("exact", "title") and sample is not None:
                seen = shapes.setdefault(column, shape(sample, column)) if column not in shapes else shapes[column]
                guess = _weighed(guess, fits(field, seen, name == rules.key), seen)
            if guess and guess.score >= ENOUGH:
                found[name, column] = guess
    return found


def _spaced(name: str) -> str:
    return " ".join(plain(name))


def _named(heading: str, field: Field) -> Guess | None:
    """The field's own name or title, whatever the case, separators and star."""
    bare = heading.strip(" *\t\r\n\"'").casefold()
    if bare == field.name.casefold():
        return Guess(1.0, "exact", "the field's own name")
    if plain(heading) in (plain(field.title), plain(field.name)):
        return Guess(0.99, "title", "same words as the title")
    return None


def _like(heading: str, read: tuple[frozenset[str], ...], known: tuple[tuple[frozenset[str], str, float], ...]) -> Guess | None:
    """The synonym that the heading is nearest to."""
    best = None
    for at, words in enumerate(read):
        for phrase, synonym, worth in known:
            alike = likeness(words, phrase)
            score = worth * alike * (0.97 if at else 1.0)
            if alike >= _ALIKE and (best is None or score > best.score):
                same = alike == 1.0
                best = Guess(round(score, 3), "synonym" if same else "similar", f"synonym: {synonym}" if same else f"similar to {synonym}")
    return best


def _weighed(guess: Guess, factor: float, seen: Shape) -> Guess | None:
    if not factor:
        return None
    return Guess(round(guess.score * factor, 3), guess.how, f"{guess.why}; {seen.says}")


def choose(found: Mapping[tuple[str, int], Guess], headings: Sequence[str], rules: RuleSet) -> dict[str, Match]:
    """One column a field: own names first, then titles, then the best assignment of the rest."""
    chosen: dict[str, int] = {}
    for how in ("exact", "title"):
        for (name, column), guess in found.items():
            if guess.how == how and name not in chosen and column not in chosen.values():
                chosen[name] = column
    rest = {pair: guess.score - ENOUGH + 0.05 for pair, guess in found.items() if pair[0] not in chosen and pair[1] not in chosen.values()}
    chosen |= assign(rest)
    _number_first(chosen, found, rules)
    return {name: _match(found, name, column, headings) for name, column in chosen.items()}


def _number_first(chosen: dict[str, int], found: Mapping[tuple[str, int], Guess], rules: RuleSet) -> None:
    """A document's only identifier is its number, unless it is called by the key's own name or title."""
    number, column = rules.role("number"), chosen.get(rules.key)
    if number and column is not None and number not in chosen and (number, column) in found and found[rules.key, column].how not in ("exact", "title"):
        chosen[number] = chosen.pop(rules.key)


def _match(found: Mapping[tuple[str, int], Guess], name: str, column: int, headings: Sequence[str]) -> Match:
    guess = found[name, column]
    rivals = [other for (field, other), g in found.items() if field == name and other != column and g.score >= guess.score]
    doubt = f"; so does {headings[rivals[0]].strip()!r}" if rivals else ""
    return Match(column, headings[column], guess.how, guess.score, guess.why + doubt)
