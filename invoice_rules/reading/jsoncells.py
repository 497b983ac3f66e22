"""The values of JSON records as the texts of cells: what is no text is written as JSON writes it, numbers as they were typed."""

from collections.abc import Sequence
from itertools import repeat
from json.encoder import encode_basestring
from typing import cast

import numpy as np
import pyarrow as pa

from invoice_rules.reading.grid import text_column
from invoice_rules.table import Kind


class Typed(str):
    """A number as it stood in the file."""

    __slots__ = ()


_TEXT = int(Kind.TEXT)
_KINDS = {Typed: int(Kind.NUMBER), bool: int(Kind.YES_NO)}


def texts_of(values: Sequence[object], flat: bool) -> tuple[pa.LargeStringArray, np.ndarray]:
    """(texts, int8 kinds) of one column; `flat`: objects in it are taken apart."""
    kinds = np.frombuffer(bytes(map(_KINDS.get, map(type, values), repeat(_TEXT))), np.int8)
    if not {str, Typed}.issuperset(map(type, values)):
        values = [value if isinstance(value, str) else _shown(value, flat) for value in values]
    return text_column(cast(Sequence[str], values)), kinds


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
