"""What sending speaks of: `Entry`, one invoice on its way to a service, its `State`, and what a service answers about it.

An invoice travels FOUND, READY, SENDING, SENT, MARKING, DONE. On the way it may be kept back (NEEDS_MAPPING, HELD, REJECTED, SKIPPED) or
need a person (UNKNOWN: nobody knows whether it arrived; CONFLICT: what is there differs, until one that was sent later makes it REPLACED).
Source: behaviours S2-42 … S2-44, S4-14 … S4-19.
"""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


class State(enum.StrEnum):
    """Where an invoice is on its way. Only a plain answer of the service moves it to SENT."""

    FOUND = "found"
    NEEDS_MAPPING = "needs mapping"
    HELD = "held"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    READY = "ready"
    SENDING = "sending"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"
    REPLACED = "replaced"
    SENT = "sent"
    MARKING = "marking"
    DONE = "done"


BEFORE = (State.FOUND, State.NEEDS_MAPPING, State.HELD, State.REJECTED, State.SKIPPED, State.READY)
"""States in which nothing has left this computer, so that the invoice may still be judged anew."""

THERE = (State.SENT, State.MARKING, State.DONE)
"""States in which the service has the invoice."""

TWICE = "It is there twice"
"""How the note begins of an entry in CONFLICT that the service has under two identifiers."""


@dataclass(frozen=True)
class Entry:
    """One invoice and one target. `key` is the source's own identifier, `number` the one that the target shall give it, or gave it.

    `total` is in minor units of `currency`; `invoice` is the stored invoice which is meant, `version` that of it; `remote` the target's own identifier; `mark` the
    fixed value that is written into the source once it is sent, `marks` those of all generations of the invoice, known while it is marked;
    `generation` counts the times that it was deliberately sent as a new one.
    `at` is when it came to this state, ISO 8601 in UTC.
    """

    id: int
    entity: str
    rules: str
    key: str
    destination: str
    tenant: str
    state: State
    number: str = ""
    customer: str = ""
    customer_name: str = ""
    date: dt.date | None = None
    currency: str = ""
    total: int = 0
    invoice: int = 0
    version: int = 1
    note: str = ""
    remote: str = ""
    send: int | None = None
    mark: str = ""
    generation: int = 1
    attempts: int = 0
    at: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A stored invoice as it is to be sent. Fields go by their names in the rule set; blank ones are left out.

    Amounts are Decimals in major units (1240.00), numbers and percents Decimals, dates `datetime.date`, yes/no bool, all else text. `decimals` are
    those of the currency.
    """

    entry: Entry
    fields: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...] = ()
    decimals: int = 2


@dataclass(frozen=True)
class Send:
    """One request that is about to leave, or left: its idempotency key, the very bytes, and the entries in them, in their order."""

    id: int
    key: str
    body: bytes
    entries: tuple[int, ...]
    at: str


@dataclass(frozen=True)
class Answer:
    """What a service answered to a request: HTTP status and the body as it came, kept without secrets."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What an answer says about one entry: SENT with the target's own identifier, REJECTED or CONFLICT with the reason, or UNKNOWN."""

    state: State
    note: str = ""
    remote: str = ""
    number: str = ""


@dataclass(frozen=True)
class Found:
    """An invoice that the target has: what tells whether it is ours."""

    remote: str
    number: str = ""
    reference: str = ""
    customer: str = ""
    currency: str = ""
    total: Decimal | None = None
    status: str = ""
