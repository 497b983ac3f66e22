"""JSON whose numbers stay exact: read as Decimals, written as they were read. No amount passes through a float (X-3)."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer

_text = json.JSONEncoder(ensure_ascii=False).encode


def loads(text: bytes | str) -> Any:
    """Parsed JSON; numbers with decimals are Decimals. Raises ValueError for what is no JSON."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_none_such)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


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
    >>> dumps([Decimal("1E+2"), {}, []])
    '[100, {}, []]'
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts)


def _write(value: Any, put: Callable[[str], None]) -> None:
    kind = type(value)
    if kind is str:
        put(_text(value))
    elif value is None:
        put("null")
    elif kind is dict:
        sign = "{"
        for name, inner in value.items():
            put(f"{sign}{_text(str(name))}: ")
            _write(inner, put)
            sign = ", "
        put("{}" if sign == "{" else "}")
    elif kind is list or kind is tuple:
        sign = "["
        for inner in value:
            put(sign)
            _write(inner, put)
            sign = ", "
        put("[]" if sign == "[" else "]")
    else:
        put(f"{value:f}" if kind is Decimal else str(value) if kind is int else json.dumps(value, allow_nan=False))


def _none_such(text: str) -> Any:
    raise ValueError(f"{text} is not a number")
