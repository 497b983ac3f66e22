"""Identifiers: text that is taken as it stands, unless a spreadsheet has made something else of it (X-3)."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from invoice_rules.problems import Rule
from invoice_rules.table import Kind
from invoice_rules.values.columns import Fault, Parsed, blank, matches, nulled_text

LOST_FORM = Rule("lost-form", "{title} arrived as {what}: a spreadsheet has turned it into one, and what was typed is lost. Ask the sender for the column as text.", "X-3", "An identifier is text; a date or TRUE is not one.")
RULES = (LOST_FORM,)

_TURNED = r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}.*|TRUE|FALSE)$"


def parse_code(text: pa.Array, kinds: np.ndarray | None = None) -> Parsed:
    """Identifiers as they stand; cells that are dates, or yes or no, are not understood.

    >>> kinds = np.array([Kind.TEXT, Kind.DATE, Kind.YES_NO])
    >>> parse_code(pa.array(["2026-01-02", "2026-01-02", "TRUE"]), kinds).values.to_pylist()
    ['2026-01-02', None, None]
    """
    turned = np.zeros(len(text), bool) if kinds is None else (kinds == Kind.DATE) | (kinds == Kind.YES_NO)
    if not turned.any():
        return Parsed(nulled_text(text, blank(text)))
    turned &= matches(text, _TURNED)  # a correction may have put the right text there
    return Parsed(nulled_text(text, blank(text) | turned), (Fault(LOST_FORM, np.flatnonzero(turned), _what),))


def _what(value: str) -> Mapping[str, object]:
    return {"what": f"the date {value}" if value[:1].isdigit() else f"the yes or no {value}"}
