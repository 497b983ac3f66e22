"""JSON records: an array of objects, or an object that holds one. Numbers stay as they were typed; nothing is guessed or merged.

Not accepted, each with its reason: a name twice in one object (the last would win silently), NaN and Infinity, numbers of
more than 400 characters, half characters, and nesting deeper than 100.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.reading.assembling import assembled
from invoice_rules.reading.collecting import uncollected
from invoice_rules.reading.encoding import decoded
from invoice_rules.reading.headings import double_headings, telling_headings
from invoice_rules.reading.jsoncells import Typed
from invoice_rules.reading.jsonlists import Found, find_records
from invoice_rules.reading.jsonparts import Laid, laid_out
from invoice_rules.reading.source import Source
from invoice_rules.reading.unnesting import Record
from invoice_rules.table import Origin, Pointers, Table

DEPTH = 100
LONGEST_NUMBER = 400
PART_FROM = 32_000_000
"""Bytes from which on a list of records is laid out a part at a time."""
SPARE_TREE = 110_000_000
"""Bytes that a file's objects, lists and values may take in memory, beyond seven for each byte of the text: ordinary records take three to six."""
_OBJECT, _LIST, _VALUE, _NAME = 200, 72, 64, 150
_NAMES = 64
"""Names that an object has; more are weighed."""
_BLOCK = 1 << 20
_TURNS = np.zeros(256, np.int8)
_TURNS[[ord(sign) for sign in "[{]}"]] = 1, 1, -1, -1
_BLANK = b" \t\r\n"
_LONE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class _Refused(ValueError):
    """Valid for Python's parser, not for books."""


def read_json(source: Source, origin: Origin, rules: RuleSet | None = None) -> Table:
    """One row a record or, where records hold one of the lists `rules.nested`, one row a line, numbered from 1. Raises CannotRun.

    Columns are the union of the names in order of appearance, those of lines last; objects inside are flattened with dots.
    """
    text = decoded(source.data, source.name)
    cuts = _checked(text.data, source.name)
    laid, found = _in_parts(text.data, cuts, rules, source.name) if len(text.data) > PART_FROM else None, Found("", [])
    if laid is None:
        found = find_records(_parsed(text.data, source.name), source.name, rules)
        laid = laid_out([found.records], rules.nested if rules else (), len(text.data), source.name)
    headings = tuple(map(str, laid.columns))
    if not headings:
        raise CannotRun(f"{source.name} has records without any names or values. Ask for the file again.")
    pointers = Pointers(tuple(column.path for column in laid.columns), tuple(column.within for column in laid.columns), laid.record, laid.line, found.alone)
    origin = replace(origin, kind="json", encoding=text.encoding, pointer=found.pointer, pointers=pointers)
    table = assembled(laid.grid, headings, origin, [*text.findings, *found.findings, *double_headings(headings, 0)], telling_headings(rules))
    return table if laid.record is None else replace(table, records=laid.record[table.frame.index.to_numpy() - 1])


def _in_parts(data: bytes, cuts: Sequence[int], rules: RuleSet | None, name: str) -> Laid | None:
    """The rows of a list of records that is all of the text, some records at a time; None where it is anything else, or something is wrong in it."""
    begin, end = data.find(b"[") + 1, data.rfind(b"]")
    if not (cuts and begin) or data[: max(begin - 1, 0)].strip(_BLANK) or data[end + 1 :].strip(_BLANK):
        return None
    number = lru_cache(1 << 16)(_number)
    parts = (_records(data[first + 1 : last], number) for first, last in pairwise([begin - 1, *cuts, end]))
    try:
        with uncollected():
            return laid_out(parts, rules.nested if rules else (), len(data), name)
    except (CannotRun, ValueError, RecursionError):  # the text is parsed as a whole, which tells what is wrong and where
        return None


def _records(data: bytes, number: Callable[[str], Typed]) -> list[Record]:
    """The records between two commas. Raises ValueError where there is anything else."""
    text = f"[{data.decode('utf-8')}]"
    records = json.loads(text, parse_float=number, parse_int=number, parse_constant=_constant, object_pairs_hook=_object)
    if not records or not all(isinstance(record, dict) for record in records) or ("\\" in text and _LONE.search(text)):
        raise ValueError(text[:60])
    return records


def _checked(data: bytes, name: str) -> Sequence[int]:
    """Where the text can be cut between the elements of its list, about a megabyte apart. Raises CannotRun for what is nested too deep, or has too many parts."""
    outline = _outline(data)
    if outline.depth > DEPTH:
        raise CannotRun(f"{name} is nested deeper than {DEPTH} levels, which no list of invoices is. It is not read.")
    if outline.size > SPARE_TREE + 7 * len(data):
        raise CannotRun(
            f"{name} has {outline.parts:,} objects, lists and values with hardly anything in them, more than can be held at once. Ask for it in several files."
        )
    return outline.cuts


def _parsed(data: bytes, name: str) -> object:
    text = data.decode("utf-8")
    number = lru_cache(1 << 16)(_number)  # most numbers of a file are the same few
    try:
        with uncollected():
            content = json.loads(text, parse_float=number, parse_int=number, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        if _by_lines(text, error):
            raise CannotRun(
                f"{name} is JSON Lines: each line holds a record of its own. Put the records into one array: a comma after each but the last, [ before the first and ] at the end."
            ) from error
        raise CannotRun(
            f"{name} is not JSON: line {error.lineno:,}, character {error.colno:,}: {error.msg[:1].lower()}{error.msg[1:]}. Export the file again."
        ) from error
    except _Refused as error:
        raise CannotRun(f"{name}: {error}") from error
    except (RecursionError, ValueError) as error:
        raise CannotRun(f"{name} cannot be read as JSON. Export the file again.") from error
    if "\\" in text and _LONE.search(text):
        _no_halves(content, name)
    return content


def _by_lines(text: str, error: json.JSONDecodeError) -> bool:
    """Whether the first record is whole and another begins on a line below it."""
    between = text[len(text[: error.pos].rstrip()) : error.pos]
    return error.msg == "Extra data" and text.lstrip()[:1] == "{" and text[error.pos] == "{" and ("\n" in between or "\r" in between)


@dataclass(frozen=True)
class _Outline:
    """What a text holds, told from its signs before anything is made of it."""

    depth: int
    objects: int
    lists: int
    commas: int
    names: int
    cuts: tuple[int, ...]
    """Where commas stand between elements of the outermost list or object, one of each block."""

    @property
    def parts(self) -> int:
        return self.objects + self.lists + self.commas

    @property
    def size(self) -> int:
        """Bytes that it takes as objects, about."""
        return self.objects * _OBJECT + self.lists * _LIST + self.parts * _VALUE + max(self.names - _NAMES * self.objects, 0) * _NAME


def _outline(data: bytes) -> _Outline:
    """Brackets and commas outside strings, block by block."""
    signs = np.frombuffer(data.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in data else data, np.uint8)
    objects = lists = commas = names = deepest = depth = quotes = 0
    cuts: list[int] = []
    for start in range(0, len(signs), _BLOCK):
        block = signs[start : start + _BLOCK]
        inside = np.cumsum(block == ord('"'), dtype=np.uint8) + np.uint8(quotes)  # odd inside a string; a sum of bytes may run over
        outside = np.flatnonzero(inside & 1 == 0)
        plain = block[outside]
        quotes = int(inside[-1]) & 1
        counts = np.bincount(plain, minlength=128)
        objects, lists = objects + int(counts[ord("{")]), lists + int(counts[ord("[")])
        commas, names = commas + int(counts[ord(",")]), names + int(counts[ord(":")])
        depths = np.cumsum(_TURNS[plain], dtype=np.int32)
        between = np.flatnonzero((depths == 1 - depth) & (plain == ord(",")))
        cuts += [start + int(outside[between[-1]])] if len(between) else []
        deepest = max(deepest, depth + int(depths.max(initial=0)))
        depth += int(depths[-1]) if len(depths) else 0
    return _Outline(deepest, objects, lists, commas, names, tuple(cuts))


def _number(text: str) -> Typed:
    if len(text) > LONGEST_NUMBER:
        raise _Refused(f"a number in it has {len(text):,} digits. No amount or count is that long; ask the sender to correct it.")
    return Typed(text)


def _constant(text: str) -> object:
    raise _Refused(f"it holds {text}, which is not a number. Ask the sender to leave the value out instead.")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        double = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # add() gives None
        raise _Refused(f'one record has "{double[:60]}" twice, so it is not clear which value counts. Ask the sender to correct it.')
    return made


def _no_halves(content: object, name: str) -> None:
    try:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CannotRun(f"{name} holds half a character (a lone surrogate). Ask the sender to export the file again as UTF-8.") from error
