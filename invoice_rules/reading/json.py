"""JSON records: an array of objects, or an object that holds one. Numbers stay as they were typed; nothing is guessed or merged.

Not accepted, each with its reason: a name twice in one object (the last would win silently), NaN and Infinity, numbers of
more than 400 characters, half characters, and nesting deeper than 100.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from invoice_rules.errors import CannotRun
from invoice_rules.problems import plural
from invoice_rules.reading.assembling import COLUMNS, assembled
from invoice_rules.reading.encoding import decoded
from invoice_rules.reading.grid import Grid, text_column
from invoice_rules.reading.source import Source
from invoice_rules.table import Kind, Origin, Table

DEPTH = 100
LONGEST_NUMBER = 400
SPARE_CELLS = 5_000_000
"""Cells that records may lack, beyond one for each byte of the text."""
_LONE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\ud800-\udfff]")


class Typed(str):
    """A number as it stood in the file."""


class _Refused(ValueError):
    """Valid for Python's parser, not for books."""


def read_json(source: Source, origin: Origin) -> Table:
    """One row a record, numbered from 1; columns are the union of their names in order of appearance. Raises CannotRun."""
    text = decoded(source.data, source.name)
    content = _parsed(text.data.decode("utf-8"), source.name)
    pointer, records = _records(content, source.name)
    headings = tuple(dict.fromkeys(name for record in records for name in record))
    if not headings:
        raise CannotRun(f"{source.name} has records without any names or values. Ask for the file again.")
    if len(headings) > COLUMNS:
        raise CannotRun(f"{source.name} has {len(headings):,} different names; up to {COLUMNS} are read.")
    if len(headings) * len(records) > len(text.data) + SPARE_CELLS:
        raise CannotRun(f"{source.name} has {len(headings):,} names, and nearly all of its {len(records):,} records hold none of them. Ask for the file again.")
    columns, kinds = [], {}
    for at, name in enumerate(headings):
        cells = [_cell(record.get(name)) for record in records]
        columns.append(text_column([cell for cell, _ in cells]))
        kinds[at] = np.array([kind for _, kind in cells], np.int8)
    grid = Grid(columns, np.arange(1, len(records) + 1, dtype=np.int64), kinds)
    return assembled(grid, headings, replace(origin, kind="json", encoding=text.encoding, pointer=pointer), text.findings)


def _parsed(text: str, name: str) -> object:
    if _depth(text) > DEPTH:
        raise CannotRun(f"{name} is nested deeper than {DEPTH} levels, which no list of invoices is. It is not read.")
    try:
        content = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
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


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings, without recursion."""
    depth = deepest = 0
    for found in re.finditer(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', text, re.DOTALL):
        sign = found[0]
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if depth > DEPTH:
                return depth
        elif sign in "]}":
            depth -= 1
    return deepest


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


def _records(content: object, name: str) -> tuple[str, list[dict[str, object]]]:
    """(JSON pointer to the records, the records)."""
    pointer, found = "", content
    if isinstance(content, dict):
        lists = _lists(content)
        if len(lists) != 1:
            what = (
                "no list of records" if not lists else f"{plural(len(lists), 'list')} of records ({', '.join(key for key, _ in lists[:5])})"
            )
            raise CannotRun(f"{name} has {what}. Give an array of objects, or an object with one such array.")
        pointer, found = lists[0]
    if not isinstance(found, list):
        raise CannotRun(f"{name} holds a single value, not records. Give an array of objects.")
    if not found:
        raise CannotRun(f"{name} has no records. Ask for the file again.")
    for at, record in enumerate(found, 1):
        if not isinstance(record, dict):
            raise CannotRun(f"{name}: record {at:,} is not an object with names and values.")
    return pointer, found


def _lists(content: dict[str, object], pointer: str = "", deep: int = 2) -> list[tuple[str, list]]:
    """Arrays of objects in an object, or one level further down: (pointer, array)."""
    found: list[tuple[str, list]] = []
    for key, value in content.items():
        at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            found.append((at, value))
    for key, value in content.items() if not found and deep else ():
        if isinstance(value, dict):
            found += _lists(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", deep - 1)
    return found


def _cell(value: object) -> tuple[str, int]:
    """(text, kind); what is nested inside a record stays JSON text."""
    if value is None:
        return "", Kind.TEXT
    if isinstance(value, Typed):
        return str(value), Kind.NUMBER
    if isinstance(value, str):
        return value, Kind.TEXT
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), Kind.YES_NO
    return "".join(_plain(value)), Kind.TEXT


def _plain(value: object) -> Iterable[str]:
    """JSON text of a nested value with its numbers as they were typed."""
    if isinstance(value, dict):
        yield "{"
        for at, (key, its) in enumerate(value.items()):
            yield f"{', ' if at else ''}{json.dumps(key, ensure_ascii=False)}: "
            yield from _plain(its)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for at, its in enumerate(value):
            yield ", " if at else ""
            yield from _plain(its)
        yield "]"
    else:
        yield str(value) if isinstance(value, Typed) else json.dumps(value, ensure_ascii=False)
