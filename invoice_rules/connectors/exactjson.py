"""JSON whose numbers stay exact: read as Decimals, written as they were read. No amount passes through a float (X-3)."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer


def loads(text: bytes | str) -> Any:
    """Parsed JSON; numbers with decimals are Decimals. Raises ValueError for what is no JSON."""
    return json.loads(text, parse_float=Decimal, parse_constant=_none_such)


def parsed(answer: Answer, service: str) -> dict[str, Any]:
    """The object that an answer holds. Raises CannotRun for anything else."""
    try:
        found = loads(answer.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CannotRun(f"{service} gave an answer that cannot be read. Try again later.")
    return found


def dumps(value: Any) -> str:
    """JSON text on one line; Decimals with the digits that they have.

    >>> dumps({"total": Decimal("1676.70"), "ids": [1, None, True], "note": "é"})
    '{"total": 1676.70, "ids": [1, null, true], "note": "é"}'
    >>> dumps(Decimal("1E+2"))
    '100'
    """
    return "".join(_parts(value))


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, Decimal):
        yield f"{value:f}"
    elif isinstance(value, dict):
        yield "{"
        for place, (name, inner) in enumerate(value.items()):
            yield f"{', ' if place else ''}{json.dumps(str(name), ensure_ascii=False)}: "
            yield from _parts(inner)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for place, inner in enumerate(value):
            yield ", " if place else ""
            yield from _parts(inner)
        yield "]"
    else:
        yield json.dumps(value, ensure_ascii=False, allow_nan=False)


def _none_such(text: str) -> Any:
    raise ValueError(f"{text} is not a number")
