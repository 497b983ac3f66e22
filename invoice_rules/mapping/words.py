"""Headings as words: taken apart, spelled out, translated, so that two headings can be compared."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from invoice_rules.mapping.vocabulary import DATE_TAILS, LIGHT, LINE_SIGNS, NAMING, OTHERS, PHRASES, SAME, STAND_INS

_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_PARENTHESES = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_PATHS = re.compile(r"_id/(?=[a-z])")  # partner_id/name: the name of the partner
_NUMBER_SIGNS = re.compile(r"#|№|\b[Nn]°")
_SHORT_PIECES = frozenset("id no nr to dt ar co inv doc ref bal amt due tot num net tax vat job day pay trx".split())
_SPELLED = {word: main for main, others in SAME.items() for word in (main, *others.split())}
_PHRASES = {phrase: tuple(meaning.split()) for meaning, phrases in PHRASES.items() for phrase in phrases.split(", ")}
_KNOWN = frozenset([*_SPELLED, *OTHERS, *LIGHT, *DATE_TAILS, *NAMING, *(word for phrase in _PHRASES for word in phrase.split())])
_PIECES = frozenset(word for word in _KNOWN if len(word) > 3 or word in _SHORT_PIECES)
LONGEST = 120  # characters of a heading that are looked at
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in _PHRASES)


def plain(heading: str) -> tuple[str, ...]:
    """The words of a heading as they stand, in small letters and without accents.

    >>> plain("*InvoiceNumber"), plain("Échéance_date #"), plain("Tax %")
    (('invoice', 'number'), ('echeance', 'date', 'number'), ('tax', 'percent'))
    """
    marked = _NUMBER_SIGNS.sub(" number ", heading[:LONGEST]).replace("%", " percent ")
    humped = _HUMPS.sub(" ", unicodedata.normalize("NFKC", marked).replace("'", " "))
    bare = "".join(c for c in unicodedata.normalize("NFKD", humped) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", bare.lower()))


def bare(heading: str) -> tuple[str, ...]:
    """The words of a heading without hints in parentheses and words that say nothing, such as a currency.

    >>> bare("Amount (old)"), bare("Amount in EUR"), bare("(new)")
    (('amount',), ('amount',), ('new',))
    """
    words = plain(_PARENTHESES.sub(" ", heading[:LONGEST])) or plain(heading)
    return tuple(word for word in words if LIGHT.get(word, 1.0))


@lru_cache(maxsize=8192)
def readings(heading: str) -> tuple[frozenset[str], ...]:
    """The ways to read a heading, the plainest first, each as the set of its spelled-out words.

    Hints in parentheses are left out, unless they hold a word that changes the meaning ("(email)", "(tax)"); of
    "Due date/Receive by" the part before the stroke is a reading of its own.
    """
    heading = heading[:LONGEST]
    kept = _PARENTHESES.sub(lambda hint: f" {hint[1]} " if _tells(hint[1]) else " ", _PATHS.sub(" ", heading))
    texts = [kept, kept.split("/")[0]] if re.search(r"\w{3,}\s*/", kept) else [kept]
    return tuple(dict.fromkeys(found for text in texts if (found := spelled(plain(text)))))


def _tells(hint: str) -> bool:
    words = [word for word in plain(hint) if LIGHT.get(word, 1.0) > 0.5]
    return bool(words) and all(word in _KNOWN for word in words) and not {"yes", "no", "y", "n"} & set(words)


def spelled(words: tuple[str, ...]) -> frozenset[str]:
    """Words with abbreviations spelled out, other languages translated, run-together words taken apart, typing slips mended.

    >>> sorted(spelled(("custmer", "nr"))), sorted(spelled(("totaldue",)))
    (['customer', 'number'], ['due', 'total'])
    """
    phrased = _phrases([part for word in words for part in apart(word)])
    if (len(phrased) > 1 and phrased[-1] in DATE_TAILS) or "when" in phrased:
        phrased = [word for word in phrased if word != "when" and word not in DATE_TAILS] + ["date"]
    found = frozenset(_SPELLED.get(word, word) for word in phrased)
    return frozenset(word for word in found if LIGHT.get(word, 1.0)) or found


def _phrases(words: list[str]) -> list[str]:
    """Known phrases replaced, the longest first."""
    done: list[str] = []
    while words:
        for size in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
            found = _PHRASES.get(" ".join(words[:size]))
            if found is not None:
                done += found
                break
        else:
            done.append(words[0])
            size = 1
        words = words[size:]
    return done


@lru_cache(maxsize=8192)
def apart(word: str) -> tuple[str, ...]:
    """One word as known words: itself, its singular, its pieces, or the known word that it is one slip away from; else itself."""
    return _whole(word) or (_mended(word),)


def slips(heading: str) -> bool:
    """Whether a word of the heading had to be mended.

    >>> slips("Invioce Nr"), slips("Invoice Nr")
    (True, False)
    """
    return any(not _whole(word) and _mended(word) != word for word in plain(heading))


def _whole(word: str) -> tuple[str, ...] | None:
    """The word without any mending, None where it is not known."""
    if word in _KNOWN or len(word) < 4:
        return (word,)
    if word.endswith("s") and word[:-1] in _KNOWN:
        return (word[:-1],)
    return _pieces(word)


def _pieces(word: str) -> tuple[str, ...] | None:
    """The fewest known words that make up this one, or None."""
    best: list[tuple[str, ...] | None] = [(), *([None] * len(word))]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 14), end):
            left = best[start]
            if left is not None and word[start:end] in _PIECES and (best[end] is None or len(left) + 1 < len(best[end] or ())):
                best[end] = (*left, word[start:end])
    return best[-1]


def _mended(word: str) -> str:
    """The known word that differs by one letter or two swapped ones; the first letter is never the wrong one."""
    if len(word) < 5:
        return word
    near = {known for form in _shorter(word) for known in _one_off().get(form, ())}
    found = {known for known in near if known[0] == word[0] and abs(len(known) - len(word)) < 2}
    return min(found, key=lambda known: (known not in SAME, known)) if found else word


def _shorter(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


@lru_cache(maxsize=1)
def _one_off() -> dict[str, tuple[str, ...]]:
    """Every known word of five letters or more, under itself and under itself less one letter."""
    near: dict[str, tuple[str, ...]] = {}
    for known in _KNOWN:
        for form in _shorter(known) if len(known) > 4 else ():
            near[form] = (*near.get(form, ()), known)
    return near


def stood_in(headings: Sequence[tuple[frozenset[str], ...]]) -> list[tuple[frozenset[str], ...]]:
    """The same readings after vendor, order and the like have taken the part of words that the file does not use."""
    found = list(headings)
    if any(LINE_SIGNS & reading for heading in found for reading in heading):
        found = [tuple(_of_ledger(reading) for reading in heading) for heading in found]
    for word, other in STAND_INS:
        named = any(word in reading and reading <= NAMING | {word} | set(LIGHT) for heading in found for reading in heading)
        if not named:
            found = [tuple(frozenset(word if w == other else w for w in reading) for reading in heading) for heading in found]
    return found


def _of_ledger(reading: frozenset[str]) -> frozenset[str]:
    return reading | {"ledger"} if "account" in reading and "customer" not in reading else reading


def weight(words: frozenset[str]) -> float:
    """How much a set of words says."""
    return sum(LIGHT.get(word, 1.0) for word in words)
