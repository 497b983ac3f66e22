"""What the store holds, as the terminal shows it: receipts, the history, invoices, entities."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

import invoice_rules
from invoice_rules.cli import tables
from invoice_rules.cli.session import out, say
from invoice_rules.cli.showing import facts
from invoice_rules.cli.tables import known, plain, table

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
    "reopened": "Reopened",
}
_MOVEMENT = {"opening": "Open before", "new": "+ new", "changed": "± changed", "closed": "− closed", "closing": "= open now"}


def receipt(made: Any) -> None:
    """A receipt as a page: what, whose, from where, by which rules; the counts with their totals; the head of the history's chain."""
    say(made.summary(), style="bold")
    if made.totals:
        say("")
        _totals(made)
    say("")
    filled = [f"{title(one['field'], made.rules)} from {invoice_rules.filledin.said(one['source'])} ({one['count']:,})" for one in made.details.get("fills", ())]
    state = made.state + (f". {made.reason}" if made.reason else "")
    named = {"File": made.source, "SHA-256": made.sha256, "Sender": made.sender, "Entity": made.entity, "User": made.user, "Mapping": made.mapping, "Filled in": "; ".join(filled)}
    rules = f"{made.rules}, version {made.rules_version}" if made.rules else ""
    named |= {"Rules": rules, "State": f"{made.kind}, {state}", "Batch": made.batch, "Store": made.store, "History head": made.head}
    facts((name, value) for name, value in named.items() if value)


def _totals(made: Any) -> None:
    """Counts and totals by outcome and currency, then how the open items moved (X-20)."""
    fields = list(dict.fromkeys(name for codes in made.totals.values() for sums in codes.values() for name in sums))
    titles = [title(name, made.rules) for name in fields]
    words = {**_OUTCOMES, **_MOVEMENT}
    shown = table(["", "Count", "Currency", *titles], right=["Count", *titles])
    for name, count, code, sums in made.tally(words):
        shown.add_row(words.get(name, ""), count, code, *(invoice_rules.values.with_commas(sums.get(field)) for field in fields))
    out().print(shown)
    if unread := made.unread():
        say(unread)


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


def history(found: Any) -> None:
    """The imports, the latest first; a failed one with its reason."""
    words = ("created", "updated", "unchanged", "skipped", "rejected", "closed", "withdrawn", "restored")

    def row(one: Mapping[str, Any]) -> Sequence[str]:
        what = one["kind"] if one["state"] == "finished" else f"{one['kind']}, {one['state']}"
        about = plain(one["source"]) + (f"\n{plain(one['reason'])}" if one["reason"] else "")
        counts = "\n".join(f"{one[word]:,} {word}" for word in words if one[word])
        return plain(one["number"]), when(one["at"]), what, about, counts

    rows = list(map(row, found.to_dict("records")))
    tables.show(["No.", "When", "What", "File", "Result"], rows, ahead=tables.longest(rows), right=["No."], wide=["File"])


def when(at: str) -> str:
    """A moment by the reader's own clock: 21 Nov 2026, 14:02."""
    moment = dt.datetime.fromisoformat(at).astimezone()
    return f"{day(moment)}, {moment:%H:%M}"


def outcomes(found: Any) -> None:
    """What became of every invoice of a batch."""
    names = ["row", "key", "outcome", "changes"]

    def rows(part: Any) -> Iterator[Sequence[str]]:
        return zip(*(map(plain, part[name].tolist()) for name in names), strict=True)

    coming = (row for part in invoice_rules.exporting.parts(found) for row in rows(part))
    tables.show(["Row", "Key", "Outcome", "What changed"], coming, ahead=rows(tables.longest_of(found, names)), right=["Row"], wide=["What changed"])


def proofs(found: Iterable[tuple[str, bool | None, str]]) -> None:
    """What was compared, and whether it agrees."""
    shown = table(["Compared", "", "What was found"], wide=["What was found"])
    for what, agrees, says in found:
        result = Text("not compared", style="yellow") if agrees is None else Text("agrees", style="green") if agrees else Text("differs", style="red")
        shown.add_row(what.capitalize(), result, Text(plain(says)))
    out().print(shown)


INVOICE = {
    "key": "Invoice ID",
    "number": "Invoice number",
    "customer": "Customer ID",
    "customer_name": "Customer name",
    "email": "Contact e-mail",
    "date": "Date",
    "due_date": "Due date",
    "currency": "Currency",
    "amount": "Amount",
    "balance": "Amount due",
    "status": "Status",
    "rules": "Rules",
    "batch": "Batch",
}
"""What the columns of the list of invoices are called for people."""


_HEADS = ["Customer", "Date", "Due", "Amount", "Amount due", "", "Status"]
AMOUNTS = ("amount", "balance")
_WHOLE = 3  # an invoice's id of at most this part of the terminal stands on one line


def field_heads(fields: Iterable[str], rules: str) -> dict[str, str]:
    """Column of a wanted field -> its title; one that has the heading of the list's own column says that it is the field."""
    taken = {"Invoice", "Number", *_HEADS, *INVOICE.values()}
    titles = {invoice_rules.store.FIELD + name: title(name, rules) for name in fields}
    return {column: f"{head} (field)" if head in taken else head for column, head in titles.items()}


def invoices(found: Any, total: int, fields: Mapping[str, str] | None = None) -> None:
    """Invoices on file, then how many there are; the number has a column where it is not the id. `fields`: column -> heading."""
    fields, numbered = fields or {}, ["number"] if (found["number"].fillna("") != found["key"]).any() else []
    amounts = ["Amount", "Amount due"]
    whole = [*amounts, *(["Invoice"] if found["key"].str.len().max() <= out().width // _WHOLE else [])]
    heads = ["Invoice", *("Number" for _ in numbered), *_HEADS, *fields.values()]
    rows = (row for part in invoice_rules.exporting.parts(found) for row in _invoices(part, numbered, fields))
    tables.show(heads, rows, ahead=_invoices(_widest(found, [*numbered, *fields]), numbered, fields), right=amounts, whole=whole)
    rest = f" The first {len(found):,} are shown; --all shows every one, --out FILE writes them to a file." if len(found) < total else ""
    say(f"{invoice_rules.plural(total, 'invoice')}.{rest}", style="bold")


def _invoices(part: Any, numbered: Iterable[str], fields: Iterable[str]) -> Iterator[Sequence[str]]:
    """Rows of the list of invoices."""
    exact = invoice_rules.exporting.exact_columns(part, AMOUNTS)
    names = [known(name) or customer for name, customer in zip(exact["customer_name"].tolist(), exact["customer"].tolist(), strict=True)]
    dates = [[day(known(one)) for one in exact[name].tolist()] for name in ("date", "due_date")]
    sums = [map(invoice_rules.values.with_commas, exact[name]) for name in AMOUNTS]
    before, after = (exact[name].tolist() for name in ("key", *numbered)), (exact[name].tolist() for name in ("currency", "status", *fields))
    return zip(*(map(plain, cells) for cells in (*before, names, *dates, *sums, *after)), strict=True)


def _widest(found: Any, others: Iterable[str]) -> Any:
    """Invoices whose texts are the longest, whose days have two digits, and whose amounts are the largest and the smallest of each currency."""
    longest = tables.longest_of(found, ["key", "customer", "customer_name", "status", *others])
    if not len(longest):
        return longest
    sums = found[list(AMOUNTS)].fillna(0).groupby(found["currency"])
    extremes = [label for ends in (sums.idxmax(), sums.idxmin()) for label in ends.to_numpy().ravel()]
    late = [found[name].dt.day.fillna(0).idxmax() for name in ("date", "due_date")]
    return found.loc[sorted({*longest.index, *extremes, *late})]
