"""The desk of sending: everything that a front end says and asks about it, under one name.

Which targets there are and one of them opened (`targets`), how all invoices stand and a person's word about one (`standing`), the customers
(`customers`), and the sentences (`telling`), so that command line, notebook and add-in agree.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from invoice_rules.connectors import customers, telling
from invoice_rules.connectors.standing import STATES, Group, gone_question, groups, history, not_there, release, skip, standing, there
from invoice_rules.connectors.targets import (
    SETTINGS,
    configure,
    connected,
    mark_notes,
    mark_question,
    marks_at,
    no_marks,
    opened,
    place,
    place_of,
    target,
    targets,
)
from invoice_rules.connectors.telling import (
    Line,
    arrived,
    counted,
    exact_totals,
    kept_back,
    lines,
    needs_person,
    next_step,
    not_again,
    not_marked,
    outcome,
    ready,
    row,
    rows,
    settled,
    summary,
    totals,
    unmarked,
    word,
)
from invoice_rules.results import Entry

if TYPE_CHECKING:
    from invoice_rules.connectors.connections import Connection

__all__ = [
    "SETTINGS",
    "STATES",
    "Group",
    "Line",
    "arrived",
    "configure",
    "connected",
    "counted",
    "customers",
    "exact_totals",
    "gone_question",
    "groups",
    "history",
    "kept_back",
    "lines",
    "mark_notes",
    "mark_question",
    "marking",
    "marks_at",
    "needs_person",
    "next_step",
    "no_marks",
    "not_again",
    "not_marked",
    "not_there",
    "opened",
    "outcome",
    "place",
    "place_of",
    "question",
    "ready",
    "release",
    "row",
    "rows",
    "settled",
    "skip",
    "standing",
    "summary",
    "target",
    "targets",
    "there",
    "totals",
    "unmarked",
    "word",
]


def question(entries: Iterable[Entry], connection: "Connection") -> str:
    """`Send 123 invoices (AUD 45,678.00) to Demo Company in Xero as drafts?`; "" where nothing is ready (S4-6, S4-21)."""
    return telling.question(entries, place(connection), connection.system, connection.settings)


def marking(connection: "Connection") -> str:
    """What is to happen after sending: ask, always or never mark as processed (S4-15)."""
    return connection.settings.get("mark") or "ask"
