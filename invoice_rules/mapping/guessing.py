"""Guesses: how well each heading fits each field, by name, title, synonym and likeness (X-13)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from invoice_rules.fields import Field, RuleSet
from invoice_rules.mapping.assigning import assign
from invoice_rules.mapping.hints import miscounted
from invoice_rules.mapping.shape import Shape, fits, shape
from invoice_rules.mapping.words import bare, plain, readings, slips, stood_in, weight
from invoice_rules.problems import quoted
from invoice_rules.results import Match
from invoice_rules.table import Table

ENOUGH = 0.55
"""The score below which there is no guess: a wrong one costs more than a missing one."""

_ALIKE = 0.81
_DOUBTED = 0.8
"""What is left of a synonym whose word may mean something else in the file: of the surer half enough."""
_TRANSLATED = 0.03
"""By how much a column that is not spelled like a synonym comes behind one that is, in a field or beside a slip."""
_FIRST, _LAST = 0.95, 0.60
"""What the first and the last synonym of a field are worth; they are listed the surest first."""


@dataclass(frozen=True)
class Guess:
    """How sure (0 to 1), how found (exact, title, synonym, similar), and why in words."""

    score: float
    how: str
    why: str


@dataclass(frozen=True)
class _Phrase:
    synonym: str
    worth: float
    weight: float


_Phrases = Mapping[frozenset[str], _Phrase]


@lru_cache(maxsize=64)
def _phrases(synonyms: tuple[str, ...]) -> _Phrases:
    """Words -> synonym and its worth, in order; of two that spell out to the same words the first counts."""
    found: dict[frozenset[str], _Phrase] = {}
    for at, synonym in enumerate(synonyms):
        words = readings(synonym)[0]
        found.setdefault(words, _Phrase(synonym, _FIRST - (_FIRST - _LAST) * at / max(len(synonyms) - 1, 1), weight(words)))
    return found


@lru_cache(maxsize=256)
def _spelled(synonyms: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(map(plain, synonyms))


def guesses(headings: Sequence[str], rules: RuleSet, sample: Table | None, free: Sequence[int]) -> dict[tuple[str, int], Guess]:
    """Every (field, column) that could be, over the free columns."""
    own, lined = _without_lists(headings, rules)
    read = stood_in([readings(heading) for heading in own])
    titles = {name: (plain(field.title), plain(name)) for name, field in rules.offered.items()}
    known = {name: _phrases((field.title, _spaced(name), *field.synonyms)) for name, field in rules.offered.items()}
    listed = any(lined)
    shapes: dict[int, Shape] = {}
    found: dict[tuple[str, int], Guess] = {}
    declared: set[tuple[str, int]] = set()
    for column in free:
        words, here = plain(own[column]), dict[str, Guess]()
        spelled = {name for name, field in rules.offered.items() if words in _spelled(field.synonyms)}
        for name, field in rules.offered.items():
            if listed and lined[column] != (field.level == "line"):
                continue
            guess = _named(own[column], words, field, titles[name])
            if not guess and not miscounted(field, own[column]):
                guess = _like(own[column], read[column], known[name], name in spelled)
            if guess and guess.how not in ("exact", "title") and sample is not None:
                seen = shapes[column] = shapes.get(column) or shape(sample, column)
                guess = _weighed(guess, fits(field, seen, name == rules.key), seen)
            if guess and guess.score >= ENOUGH:
                here[name] = guess
        found |= {(name, column): guess for name, guess in _ranked(here, spelled, rules, shapes.get(column)).items()}
        declared |= {(name, column) for name in spelled}
    return _declared_first(found, declared & found.keys())


def _declared_first(found: Mapping[tuple[str, int], Guess], declared: set[tuple[str, int]]) -> dict[tuple[str, int], Guess]:
    """The guesses of one field among each other: a column that is spelled as declared comes before one that a translation makes as good,
    but not before other words for the field's title."""
    fields = {name for name, _ in declared}
    behind = {pair for pair, guess in found.items() if pair[0] in fields and pair not in declared and guess.score < _FIRST}
    return {pair: replace(guess, score=round(guess.score - _TRANSLATED, 3)) if pair in behind else guess for pair, guess in found.items()}


def _ranked(here: Mapping[str, Guess], spelled: set[str], rules: RuleSet, seen: Shape | None) -> dict[str, Guess]:
    """The guesses of one column among each other: what is spelled as declared comes before what is translated, and a column of amounts
    that may be money is no code."""
    sure = {name for name, guess in here.items() if guess.how in ("exact", "title")}
    most = max((here[name].score for name in spelled & here.keys() - sure), default=1.0)
    money = seen is not None and seen.amount > 0.5 and any(rules.offered[name].kind == "money" for name in here)
    ranked = {name: guess for name, guess in here.items() if name in sure or not (money and rules.offered[name].kind == "code")}
    translated = {name: guess for name, guess in ranked.items() if name not in spelled | sure and guess.score >= most}
    return {**ranked, **{name: replace(guess, score=round(most - _TRANSLATED, 3)) for name, guess in translated.items()}}


def _without_lists(headings: Sequence[str], rules: RuleSet) -> tuple[list[str], list[bool]]:
    """The headings without the names of the lists that hold lines, and which stood in one: `Line.Amount` feeds a field of lines alone."""
    lists = {"".join(plain(name)) for name in rules.nested}
    prefix = {heading: f"{first}." if dot and "".join(plain(first)) in lists else "" for heading in headings for first, dot, _ in [heading.partition(".")]}
    return [heading.removeprefix(prefix[heading]) for heading in headings], [bool(prefix[heading]) for heading in headings]


def _spaced(name: str) -> str:
    return " ".join(plain(name))


def _named(heading: str, words: tuple[str, ...], field: Field, titles: tuple[tuple[str, ...], ...]) -> Guess | None:
    """The field's own name or title, whatever the case, separators and star."""
    if heading.strip(" *\t\r\n\"'").casefold() == field.name.casefold():
        return Guess(1.0, "exact", "the field's own name")
    return Guess(0.99, "title", "same words as the title") if words in titles else None


def _like(heading: str, read: tuple[frozenset[str], ...], known: _Phrases, spelled: bool) -> Guess | None:
    """The synonym that the heading is nearest to: the same words, else the most of them. What is `spelled` like a synonym is no slip."""
    for at, words in enumerate(read):
        if words in known:
            score, synonym = round(known[words].worth * (0.97 if at else 1.0), 3), known[words].synonym
            if not spelled and slips(heading):
                return Guess(round(score - _TRANSLATED, 3), "similar", f"spelled almost like {synonym}")
            return Guess(score, "synonym", f"synonym: {synonym}")
    own = readings(heading)[0] if spelled else frozenset()
    if own in known and any("ledger" in words - own for words in read):
        return Guess(round(known[own].worth * _DOUBTED, 3), "synonym", f"synonym: {known[own].synonym}, unless it is an account of the ledger")
    near = [(alike, phrase) for words in read for alike, phrase in _near(words, known)]
    if not near:
        return None
    alike, phrase = max(near, key=lambda pair: pair[0] * pair[1].worth)
    return Guess(round(phrase.worth * alike, 3), "similar", f"similar to {phrase.synonym}")


def _near(words: frozenset[str], known: _Phrases) -> Iterator[tuple[float, _Phrase]]:
    """(likeness, phrase): the weight of the shared words over the weight of all words."""
    weighs = weight(words)
    low, high = weighs * _ALIKE, weighs / _ALIKE
    for phrase, of in known.items():
        if low <= of.weight <= high and not words.isdisjoint(phrase):
            shared = weight(words & phrase)
            alike = shared / (weighs + of.weight - shared)
            if alike >= _ALIKE:
                yield alike, of


def _weighed(guess: Guess, factor: float, seen: Shape) -> Guess | None:
    if not factor:
        return None
    return Guess(round(guess.score * factor, 3), guess.how, f"{guess.why}; {seen.says}")


def choose(found: Mapping[tuple[str, int], Guess], headings: Sequence[str], rules: RuleSet) -> dict[str, Match]:
    """One column a field: own names first, then titles, then the best assignment of the rest; none where two fit equally well."""
    chosen: dict[str, int] = {}
    for how in ("exact", "title"):
        for (name, column), guess in found.items():
            if guess.how == how and name not in chosen and column not in chosen.values():
                chosen[name] = column
    rest = {pair: guess.score - ENOUGH + 0.05 for pair, guess in found.items() if pair[0] not in chosen and pair[1] not in chosen.values()}
    chosen |= assign(rest)
    _number_first(chosen, found, rules)
    taken = set(chosen.values())
    return {name: _match(found, name, column, headings, taken) for name, column in chosen.items()}


def _number_first(chosen: dict[str, int], found: Mapping[tuple[str, int], Guess], rules: RuleSet) -> None:
    """A document's only identifier is its number, unless it is called by the key's own name or title."""
    number, column = rules.role("number"), chosen.get(rules.key)
    if not number or column is None or number in chosen or found[rules.key, column].how in ("exact", "title"):
        return
    if (number, column) in found:
        chosen[number] = chosen.pop(rules.key)


def _match(found: Mapping[tuple[str, int], Guess], name: str, column: int, headings: Sequence[str], taken: set[int]) -> Match:
    guess = found[name, column]
    worth = {other: (its.score, headings[other].strip(" *") == name) for (field, other), its in found.items() if field == name}
    rivals = [other for other in worth if other not in taken and worth[other] >= worth[column]]
    if same := [other for other in rivals if headings[other].casefold() == headings[column].casefold() or bare(headings[other]) == bare(headings[column])]:
        return Match(None, why=_alike([headings[at] for at in sorted((column, *same))]))
    if rivals:
        return Match(column, headings[column], "similar", guess.score, f'{guess.why}; {quoted(headings[rivals[0]].strip())} fits equally well')
    return Match(column, headings[column], guess.how, guess.score, guess.why)


def _alike(headings: Sequence[str]) -> str:
    """What is said of columns that fit a field equally well.

    >>> _alike(["Total", "Total"]), _alike(["Fee (old)", "Fee (new)", "Fee (2026)"])
    ('several columns called "Total" fit equally well', '"Fee (old)", "Fee (new)" and "Fee (2026)" fit equally well')
    """
    named = list(dict.fromkeys(quoted(heading.strip()) for heading in headings))
    if len(named) == 1:
        return f"several columns called {named[0]} fit equally well"
    return f"{', '.join(named[:-1])} and {named[-1]} fit equally well"
