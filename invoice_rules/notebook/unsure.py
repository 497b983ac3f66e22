"""What needs a person: invoices of which nobody knows whether they arrived, and those that differ there (S2-44, S4-19)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from invoice_rules import connectors
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.actions import ActionTable, Line
from invoice_rules.notebook.worker import Progress
from invoice_rules.values import show_date, show_money

if TYPE_CHECKING:
    from invoice_rules.notebook.sending import Sending

Where = dict[tuple[str, str], str]
"""(service, organisation) -> what people call it."""

MOST = 100
STATES = ("unknown", "conflict", "sending")
HEADINGS = ("Invoice", "Customer", "Date", "Total", "Where", "State", "Why, and what to do")
WHOLE = ("Invoice", "Date", "State")
_WHERE, _STATE = HEADINGS.index("Where"), HEADINGS.index("State")
THERE, NOT_THERE, ASK = ("there", "It is there"), ("not there", "It is not there"), ("ask", "Ask Xero")
GONE = ("gone", "It is not there any more")
NEW, UPDATE = ("new", "Send as a new one"), ("update", "Send the change")


class UnsureBox:
    """A row each, with what to do and the buttons for a person's word; `box` is hidden where there is none."""

    def __init__(self, around: "Sending"):
        self._around = around
        self.says = pages.html()
        self.table = ActionTable(around.guard, "What needs you", HEADINGS, self._act, right=["Total"], whole=WHOLE)
        self.settle = controls.button("Ask Xero what arrived", around.guard, lambda: around.act("settle", self._settle))
        self.buttons = [self.settle]
        self.box = widgets.VBox([widgets.HTML(html.heading("These need you")), self.says, self.table, controls.row(self.settle)])
        controls.show(self.box, False)
        self._entries: dict[str, Any] = {}

    def show(self) -> None:
        """Show those of all targets."""
        found = connectors.desk.standing(self._around.store, states=STATES)
        self._entries = {str(entry.id): entry for entry in found[:MOST]}
        where: Where = {}
        lines = [Line(str(entry.id), cells_of(entry, where), {_STATE: "bad"}, ways(entry)) for entry in self._entries.values()]
        show_in(self.table, lines, where)
        more = f" The first {MOST} are shown." if len(found) > MOST else ""
        self.says.value = html.paragraph(connectors.desk.needs_person(found) + more)
        controls.show(self.settle, sum(ASK in ways(entry) for entry in self._entries.values()) > 1)
        controls.show(self.box, bool(found))

    def _settle(self, progress: Progress, keys: Sequence[str] | None = None) -> None:
        """Ask the service what it has. Nothing is sent."""
        progress.say(f"Asking {connectors.desk.place(self._around.connection)}")
        try:
            summary = self._around.engine(progress).settle(keys=keys)
        finally:
            self._around.refresh()
        self._around.settled(summary)

    def _act(self, act: str, id: str) -> None:
        entry = self._entries[id]
        if act in ("new", "update"):
            self._around.ask_resend(entry, act)
        elif act == "gone":
            self._around.ask_gone(entry)
        elif act == "ask":
            self._around.choose(entry)
            self._around.act("ask", lambda progress: self._settle(progress, [entry.key]))
        else:
            self._around.say(entry, {"there": connectors.desk.there, "not there": connectors.desk.not_there}[act])


Said = Callable[[Any, Any], Any]
"""A person's word: what it does to an entry of a store."""


def ways(entry: Any) -> Sequence[tuple[str, str]]:
    """What can be done about an entry: the service is asked where it can be, else a person says; what differs may go once more."""
    if entry.state == "conflict":
        return (THERE, *([UPDATE] if entry.remote and entry.destination == "xero" else []), *gone(entry), *([] if connectors.desk.word(entry) == "there twice" else [NEW]))
    return (ASK,) if entry.destination == "xero" and connection_of(entry) else (THERE, NOT_THERE)


def gone(entry: Any) -> Sequence[tuple[str, str]]:
    """What Spectrum had may be deleted there since; Xero itself can say."""
    return (GONE,) if entry.destination == "spectrum" else ()


def connection_of(entry: Any) -> str:
    """The name of the connection that an entry goes by; "" where it is connected no more."""
    found = connectors.desk.connected(entry)
    return found.name if found else ""


def cells_of(entry: Any, where: Where) -> list[str]:
    """What stands under the headings; `where` learns what its organisation is called."""
    organisation = (entry.destination, entry.tenant)
    if organisation not in where:
        where[organisation] = connectors.desk.place_of(entry)
    date = "" if entry.date is None else show_date(entry.date)
    total = f"{entry.currency} {show_money(entry.total, entry.currency)}".strip()
    why = entry.note if not entry.note or entry.note.endswith((".", "?")) else f"{entry.note}."
    says = f"{why} {connectors.desk.next_step(entry)}".strip()
    return [entry.number or entry.key, entry.customer_name or entry.customer, date, total, where[organisation], connectors.desk.word(entry), says]


def show_in(table: ActionTable, lines: Sequence[Line], where: Where) -> None:
    """Show rows of `cells_of`; where they go is a column only where there are several places."""
    table.show(lines, hidden=() if len(where) > 1 else ("Where",))
