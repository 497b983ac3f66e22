"""Invoices on their way to a service, as the terminal shows them: what is about to go, how each stands, and what to do about it."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

import invoice_rules
from invoice_rules import connectors
from invoice_rules.cli import records, tables
from invoice_rules.cli.session import line, out, say
from invoice_rules.cli.showing import FIRST
from invoice_rules.cli.tables import plain, table

_STYLES = {"ready": "green", "sent": "green", "done": "green", "unknown": "red", "conflict": "red", "rejected": "red", "skipped": "dim", "replaced": "dim", "found": "dim"}
_LISTED = ("unknown", "conflict", "sending", "needs mapping", "held", "rejected")
_BEFORE = ("ready", "needs mapping", "held", "rejected", "skipped", "unknown", "conflict")
_NARROW = 90
_ABOVE = 4
_ANSWER = 240


def preview(entries: Iterable[Any]) -> None:
    """What a sending would do: what is ready, and what stays back for which reason; then both in one sentence."""
    found = list(entries)
    listed = [line for line in connectors.desk.lines(found) if str(line.state) in _BEFORE]
    if listed:
        _lines(listed)
        say("")
    say(connectors.desk.summary(found), style="bold")


def _lines(lines: Sequence[Any]) -> None:
    shown = table(["", "Invoices", "Total", "Why"], right=["Invoices", "Total"], wide=["Why"])
    for one in lines[:FIRST]:
        shown.add_row(_word(one), f"{one.count:,}", _stacked(one.totals), Text(_why(one)))
    out().print(shown)
    if len(lines) > FIRST:
        say(f"… and {invoice_rules.plural(len(lines) - FIRST, 'more reason')}; `ledger --all` lists every invoice.", style="dim")


def _word(one: Any) -> Text:
    return Text(one.word, style=_STYLES.get(str(one.state), "yellow"))


def _why(one: Any) -> str:
    """The reason, and where only a few stand so, which they are."""
    few = f" ({', '.join(one.keys)})" if one.says and one.count <= 3 else ""
    return plain(one.says + few)


def _stacked(totals: str) -> str:
    """One currency a line: a sum is never broken."""
    return totals.replace(", ", "\n") if totals.count(" ") > 1 else totals


def outcome(entries: Sequence[Any]) -> None:
    """What became of those that were meant to go; those that did not arrive, with the reasons."""
    say(connectors.desk.outcome(entries), style="bold")
    if left := [line for line in connectors.desk.lines(entries) if str(line.state) not in ("sent", "marking")]:
        say("")
        _lines(left)


def not_marked(done: Any) -> None:
    """Invoices that could not be marked, and why."""
    if not done.failed:
        return
    say("")
    shown = table(["Key", "Number", "Not marked, because"], wide=["Not marked, because"])
    failed = [entry for entry in done.entries if entry.id in done.failed]
    for entry in failed[:FIRST]:
        shown.add_row(*(Text(plain(cell)) for cell in (entry.key, entry.number, done.failed[entry.id])))
    out().print(shown)
    if len(failed) > FIRST:
        say(f"… and {len(failed) - FIRST:,} more.", style="dim")


def show(entries: Sequence[Any], show_all: bool = False) -> None:
    """The standing view: how many stand how, then those that wait for something, with what to do."""
    if not entries:
        say("No invoice is on its way to a service.")
        return
    _counts(entries)
    for group in connectors.desk.groups(entries):
        if show_all or group.next:
            _group(group, show_all)
    if told := connectors.desk.needs_person(entries):
        say("")
        say(told, style="bold")


def _counts(entries: Sequence[Any]) -> None:
    shown = table(["To", "", "Invoices", "Total"], right=["Invoices", "Total"], wide=["To"])
    before = ""
    for group in connectors.desk.groups(entries):
        shown.add_row("" if group.place == before else plain(group.place), _word(group), f"{group.count:,}", _stacked(group.totals))
        before = group.place
    out().print(shown)


def _group(group: Any, show_all: bool) -> None:
    """Invoices that stand alike, under what to do about them; they are listed where each has to be looked at."""
    say("")
    say(f"{group.says} · {group.place}", style="bold")
    if group.next:
        say(group.next)
    commands = _commands(group)
    width = max((len(command) for command, _ in commands), default=0)
    for command, does in commands:
        line(f"  invoice-rules {command:<{width}}   {does}".rstrip(), style="dim")
    if not show_all and str(group.state) not in _LISTED and group.word != "not marked":
        return
    listed = group.entries if show_all else group.entries[:FIRST]
    _invoices(listed)
    if len(listed) < group.count:
        say(f"… and {group.count - len(listed):,} more; --all lists every one.", style="dim")


def _commands(group: Any) -> list[tuple[str, str]]:
    """What to type about such a group, and what it does."""
    there, send = ("ledger there KEY", "it is there, and right"), f"send {group.entries[0].destination}"
    if group.state == "unknown":
        return [there, ("ledger not-there KEY", "it is not there: it goes again")] if group.entries[0].destination == "spectrum" else [(send, "")]
    if group.state == "conflict":
        return [there] if group.word == "there twice" else [there, (f"{send} --resend KEY=new", "it goes as another one")]
    if group.state == "needs mapping":
        return [("contacts check", "where a company has no contact")]
    if group.word in ("sent, not marked", "being marked", "not marked"):
        return [("mark", "")]
    return [(send, "")] if group.state in ("ready", "sending") else []


def _invoices(entries: Sequence[Any]) -> None:
    """Invoices with what is noted about each: above those that share it where only a few things are noted, else beside each."""
    noted: dict[str, list[Any]] = {}
    for entry in entries:
        noted.setdefault(entry.note, []).append(entry)
    if len(noted) > _ABOVE:
        _rows(entries, beside=True)
        return
    for place, (note, same) in enumerate(noted.items()):
        if place:
            say("")
        if note:
            say(note)
        _rows(same)


def _rows(entries: Sequence[Any], beside: bool = False) -> None:
    dated = not beside or out().width >= _NARROW
    names = ["Key", "Number", "Customer", *(["Date"] if dated else []), "Total", "", *(["Note"] if beside else [])]

    def row(one: Any) -> list[str]:
        amount = invoice_rules.values.show_money(one.total, one.currency)
        day = [records.day(one.date)] if dated else []
        return [plain(cell) for cell in (one.key, one.number, one.customer_name or one.customer, *day, amount, one.currency, *([one.note] if beside else []))]

    rows = list(map(row, entries))
    tables.show(names, rows, ahead=tables.longest(rows), right=["Total"], wide=["Note"] if beside else [])


def history(found: Sequence[dict[str, Any]], whole: bool = False) -> None:
    """What happened to one invoice, and what the service answered: of a long answer the beginning, unless all of it is wanted."""
    shown = table(["When", "Who", "From", "To", "Note"], wide=["Note"])
    for one in found:
        answer = plain(one["answer"]) if one["answer"] else ""
        short = answer if whole or len(answer) <= _ANSWER else f"{answer[:_ANSWER]} …"
        says = "\n".join(text for text in (plain(one["note"]), short) if text)
        shown.add_row(records.when(one["at"]), *(Text(plain(one[name])) for name in ("user", "from", "to")), Text(says))
    out().print(shown)
    if not whole and any(len(one["answer"] or "") > _ANSWER for one in found):
        say("--all shows each answer as a whole.", style="dim")
