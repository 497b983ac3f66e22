"""The standing view: every invoice that was found, sent or kept back, with what to do next; filtered, acted on, and taken home as CSV."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from invoice_rules import connectors, plural, workbooks
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.actions import ActionTable, Line
from invoice_rules.notebook.unsure import HEADINGS, NEW, WHOLE, Where, cells_of, gone, show_in

if TYPE_CHECKING:
    from invoice_rules.notebook.sending import Sending

MOST = 200
_LEAVE, _RELEASE, _AGAIN = ("skip", "Leave it out"), ("release", "Send it after all"), ("release", "Let it go again")
_ACTS: dict[str, Sequence[tuple[str, str]]] = {
    **dict.fromkeys(("found", "needs mapping", "held", "ready"), (_LEAVE,)),
    "rejected": (_AGAIN, _LEAVE),
    "skipped": (_RELEASE,),
    **dict.fromkeys(("sent", "done"), (NEW,)),
}
_TINTS = {**dict.fromkeys(("unknown", "conflict", "rejected"), "bad"), **dict.fromkeys(("needs mapping", "held", "sending"), "neutral"), **dict.fromkeys(("sent", "done"), "good")}
CSV = "text/csv;charset=utf-8"


class StandingBox:
    """A table with filters for state, target and text; each row has what can be done with it."""

    def __init__(self, around: "Sending"):
        self._around, guard = around, around.guard
        self._entries: list[Any] = []
        self._where: Where = {}
        self.state = controls.dropdown("State", guard, lambda _: self._draw(), [("all", "")])
        self.place = controls.dropdown("Where", guard, lambda _: self._draw(), [("everywhere", "")])
        self.search = controls.text("Find", guard, lambda _: self._draw(), "number, customer")
        self.table = ActionTable(guard, "How every invoice stands", HEADINGS, self._act, right=["Total"], whole=WHOLE)
        self.says = pages.html()
        self.download = controls.button("Download as CSV", guard, self._download)
        head = widgets.HTML(html.heading("How every invoice stands"))
        self.filters = controls.row(self.state, self.place, self.search)
        self.box = widgets.VBox([head, self.filters, self.says, self.table, controls.row(self.download)])

    @property
    def shown(self) -> list[Any]:
        """The entries that the filters let through."""
        word = self.search.value.strip().casefold()
        return [
            entry
            for entry in self._entries
            if self.state.value in ("", connectors.desk.word(entry))
            and self.place.value in ("", self._where.get((entry.destination, entry.tenant)))
            and word in f"{entry.key} {entry.number} {entry.customer} {entry.customer_name}".casefold()
        ]

    def show(self) -> None:
        """Bring it up to date with the store."""
        desk = connectors.desk
        order = {state: place for place, state in enumerate(desk.STATES)}
        self._entries = sorted(desk.standing(self._around.store), key=lambda entry: (order[str(entry.state)], str(entry.date or ""), entry.key))
        counts: dict[str, int] = {}
        for entry in self._entries:
            counts[desk.word(entry)] = counts.get(desk.word(entry), 0) + 1
        controls.fill(self.state, [("all", ""), *((f"{word} ({count:,})", word) for word, count in counts.items())], self.state.value)
        self._where = {(one.destination, one.tenant): desk.place_of(one) for one in {(entry.destination, entry.tenant): entry for entry in self._entries}.values()}
        there = sorted(set(self._where.values()))
        controls.fill(self.place, [("everywhere", ""), *((place, place) for place in there)], self.place.value)
        controls.show(self.place, len(there) > 1)
        for part in (self.filters, self.download):
            controls.show(part, bool(self._entries))
        self._draw()

    def _draw(self) -> None:
        found = self.shown
        show_in(self.table, [_line(entry, self._where) for entry in found[:MOST]], self._where)
        more = f" The first {MOST} are shown; the CSV has all of them." if len(found) > MOST else ""
        of = f" of {len(self._entries):,}" if len(found) < len(self._entries) else ""
        none = "Nothing was sent from these books yet, and nothing was looked at."
        self.says.value = html.paragraph(f"{plural(len(found), 'invoice')}{of}.{more}" if self._entries else none, "note")

    def _act(self, act: str, id: str) -> None:
        entry = next(one for one in self._entries if str(one.id) == id)
        if act == "new":
            self._around.ask_resend(entry, act)
        elif act == "gone":
            self._around.ask_gone(entry)
        else:
            self._around.say(entry, connectors.desk.skip if act == "skip" else connectors.desk.release)

    def _download(self) -> None:
        frame = connectors.desk.rows(self.shown)
        with tempfile.TemporaryDirectory() as folder:
            data = workbooks.table_csv(frame, Path(folder) / "sent.csv").read_bytes()
        self._around.band.hand_over("Sent invoices.csv", data, CSV)


def _line(entry: Any, where: Where) -> Line:
    tint = _TINTS.get(str(entry.state), "")
    acts = (*_ACTS.get(str(entry.state), ()), *(gone(entry) if entry.state == "sent" else ()))
    return Line(str(entry.id), cells_of(entry, where), {5: tint} if tint else {}, acts)
