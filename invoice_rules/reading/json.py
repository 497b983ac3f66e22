"""JSON records: an array of objects, or an object that holds one. Numbers stay as they were typed; nothing is guessed or merged.

Not accepted, each with its reason: a name twice in one object (the last would win silently), NaN and Infinity, numbers of
more than 400 characters, half characters, and nesting deeper than 100.
"""

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from json.encoder import encode_basestring

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.problems import plural
from invoice_rules.reading.assembling import assembled
from invoice_rules.reading.encoding import decoded
from invoice_rules.reading.grid import Grid, text_column
from invoice_rules.reading.headings import double_headings, telling_headings
from invoice_rules.reading.jsonlists import find_records
from invoice_rules.reading.source import Source
from invoice_rules.reading.unnesting import Rows, unnested
from invoice_rules.table import Kind, Origin, Pointers, Table

DEPTH = 100
LONGEST_NUMBER = 400
SPARE_CELLS = 5_000_000
"""Cells that records may lack, beyond one for each byte of the text."""
SPARE_BYTES = 150_000_000
"""Bytes that the cells of records may take when they are repeated on their lines, beyond eight for each byte of the text."""
SPARE_TREE = 110_000_000
"""Bytes that a file's objects, lists and values may take in memory, beyond seven for each byte of the text: ordinary records take three to six."""
_OBJECT, _LIST, _VALUE, _NAME = 200, 72, 64, 150
_NAMES = 64
"""Names that an object has; more are weighed."""
_CELL = 9
_BLOCK = 1 << 20
_TURNS = np.zeros(256, np.int8)
_TURNS[[ord(sign) for sign in "[{]}"]] = 1, 1, -1, -1
_LONE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\ud800-\udfff]")


class Typed(str):
    """A number as it stood in the file."""

    __slots__ = ()


_TEXT = int(Kind.TEXT)
_KINDS = {Typed: int(Kind.NUMBER), bool: int(Kind.YES_NO)}


class _Refused(ValueError):
    """Valid for Python's parser, not for books."""


def read_json(source: Source, origin: Origin, rules: RuleSet | None = None) -> Table:
    """One row a record or, where records hold one of the lists `rules.nested`, one row a line, numbered from 1. Raises CannotRun.

    Columns are the union of the names in order of appearance, those of lines last; objects inside are flattened with dots.
    """
    text = decoded(source.data, source.name)
    found = find_records(_parsed(text.data, source.name), source.name, rules)
    rows = unnested(found.records, rules.nested if rules else (), source.name)
    headings = tuple(map(str, rows.columns))
    if not headings:
        raise CannotRun(f"{source.name} has records without any names or values. Ask for the file again.")
    if rows.cells > len(text.data) + SPARE_CELLS:
        raise CannotRun(f"{source.name} has {plural(len(headings), 'name')}, and nearly all of its {len(rows):,} records hold none of them. Ask for the file again.")
    grid = _grid(rows, len(text.data), source.name)
    pointers = Pointers(
        tuple(column.path for column in rows.columns), tuple(column.within for column in rows.columns), rows.record, rows.line, found.alone
    )
    origin = replace(origin, kind="json", encoding=text.encoding, pointer=found.pointer, pointers=pointers)
    table = assembled(grid, headings, origin, [*text.findings, *found.findings, *double_headings(headings, 0)], telling_headings(rules))
    return table if rows.record is None else replace(table, records=rows.record[table.frame.index.to_numpy() - 1])


def _grid(rows: Rows, size: int, name: str) -> Grid:
    """The cells of all rows. What a record says once is repeated on each of its lines, up to a limit."""
    columns, kinds = [], {}
    spare = SPARE_BYTES + 8 * size
    for at, column in enumerate(rows.columns):
        values = rows.values(column)
        its = np.fromiter((_KINDS.get(type(value), _TEXT) for value in values), np.int8, len(values))
        texts = text_column([value if isinstance(value, str) else _shown(value, column.flat) for value in values])
        if not column.within and rows.record is not None:
            spare -= len(rows) * _CELL + int(np.dot(np.asarray(pc.binary_length(texts), np.int64), np.bincount(rows.record)))
            if spare < 0:
                raise CannotRun(f"{name} has so many lines under records so large that it cannot be laid out as rows. Ask for it in several files.")
            texts, its = texts.take(pa.array(rows.record)), its[rows.record]
        columns.append(texts)
        kinds[at] = its
    return Grid(columns, np.arange(1, len(rows) + 1, dtype=np.int64), kinds)


def _parsed(data: bytes, name: str) -> object:
    outline = _outline(data)
    if outline.depth > DEPTH:
        raise CannotRun(f"{name} is nested deeper than {DEPTH} levels, which no list of invoices is. It is not read.")
    if outline.size > SPARE_TREE + 7 * len(data):
        raise CannotRun(
            f"{name} has {outline.parts:,} objects, lists and values with hardly anything in them, more than can be held at once. Ask for it in several files."
        )
    text = data.decode("utf-8")
    number = lru_cache(1 << 16)(_number)  # most numbers of a file are the same few
    try:
        with _uncollected():
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
    if _LONE.search(text):
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
    for start in range(0, len(signs), _BLOCK):
        block = signs[start : start + _BLOCK]
        inside = np.cumsum(block == ord('"'), dtype=np.uint8) + np.uint8(quotes)  # odd inside a string; a sum of bytes may run over
        plain = block[inside & 1 == 0]
        quotes = int(inside[-1]) & 1
        counts = np.bincount(plain, minlength=128)
        objects, lists = objects + int(counts[ord("{")]), lists + int(counts[ord("[")])
        commas, names = commas + int(counts[ord(",")]), names + int(counts[ord(":")])
        depths = np.cumsum(_TURNS[plain], dtype=np.int32)
        deepest = max(deepest, depth + int(depths.max(initial=0)))
        depth += int(depths[-1]) if len(depths) else 0
    return _Outline(deepest, objects, lists, commas, names)


@contextmanager
def _uncollected() -> Iterator[None]:
    """While a text is parsed nothing becomes garbage in a circle, so that there is nothing to look for among millions of new objects."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


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


def _shown(value: object, flat: bool) -> str:
    """The text of what is no text; lists stay JSON text, objects too where they are not taken apart."""
    if value is None or (flat and isinstance(value, dict)):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return _plain(value)


def _plain(value: object) -> str:
    """JSON text of a nested value with its numbers as they were typed."""
    if isinstance(value, str):
        return value if isinstance(value, Typed) else encode_basestring(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{encode_basestring(key)}: {_plain(its)}' for key, its in value.items())}}}"
    return "null" if value is None else "true" if value else "false"
