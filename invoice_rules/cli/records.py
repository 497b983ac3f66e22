"""What the store holds, as the terminal shows it: receipts, the history, invoices, entities."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from rich.text import Text

import invoice_rules
from invoice_rules.cli.session import out, say
from invoice_rules.cli.showing import facts, frame, plain, table

_OUTCOMES = {
    "file": "In the file",
    "created": "Created",
    "updated": "Updated",
    "unchanged": "Unchanged",
    "skipped": "Skipped",
    "rejected": "Rejected",
    "stored": "Stored now",
    "withdrawn": "Taken out of force",
    "restored": "Restored",
}
_MOVEMENT = {"opening": "Open before", "new": "+ new", "changed": "± changed", "closed": "− closed", "closing": "= open now"}


def receipt(made: Any) -> None:
    """A receipt as a page: what, whose, from where, by which rules; the counts with their totals; the head of the history's chain."""
    say(made.summary(), style="bold")
    state = made.state + (f". {made.reason}" if made.reason else "")
    named = {"File": made.source, "SHA-256": made.sha256, "Sender": made.sender, "Entity": made.entity, "User": made.user, "Mapping": made.mapping}
    rules = f"{made.rules}, version {made.rules_version}" if made.rules else ""
    named |= {"Rules": rules, "State": f"{made.kind}, {state}", "Batch": made.batch, "Store": made.store, "History head": made.head}
    facts((name, value) for name, value in named.items() if value)
    if made.totals:
        say("")
        _totals(made)


def _totals(made: Any) -> None:
    """Counts and totals by outcome and currency, then how the open items moved (X-20)."""
    fields = list(dict.fromkeys(name for codes in made.totals.values() for sums in codes.values() for name in sums))
    titles = [title(name, made.rules) for name in fields]
    counts = {"file": sum(made.counts.get(name, 0) for name in _OUTCOMES), **made.counts}
    shown = table(["", "Count", "Currency", *titles], right=["Count", *titles])
    for name, words in {**_OUTCOMES, **_MOVEMENT}.items():
        for place, (code, sums) in enumerate(made.totals.get(name, {}).items()):
            count = counts.get(name)
            shown.add_row("" if place else words, "" if place or count is None else f"{count:,}", code, *(money(sums.get(field)) for field in fields))
    out().print(shown)


def money(text: str | None) -> str:
    """1234.50 -> 1,234.50.

    >>> money("1234.50"), money(None)
    ('1,234.50', '')
    """
    return "" if text is None else f"{Decimal(text):,}"


def title(name: str, rules: str) -> str:
    """A field's title, where the rule set is still there."""
    known = invoice_rules.rule_sets().get(rules)
    return known.fields[name].title if known and name in known.fields else name


def entities(found: Iterable[Any]) -> None:
    """All entities with their settings."""
    shown = table(["Name", "Title", "Currency", "Books", "Closed until"], wide=["Title"])
    for one in found:
        shown.add_row(*(Text(plain(value)) for value in (one.name, one.title, one.currency, one.environment, day(one.closed_until))))
    out().print(shown)


def day(date: Any) -> str:
    """21 Nov 2026; nothing for no date."""
    return "" if date is None else f"{date.day} {date:%b %Y}"


def listed(rows: Any, titles: Mapping[str, str], right: Iterable[str] = (), wide: Iterable[str] = ()) -> None:
    """The columns of a frame that are there, under their titles."""
    there = {name: words for name, words in titles.items() if name in rows.columns}
    frame(rows, titles=there, right=right, wide=wide)
