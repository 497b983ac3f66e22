"""`Sending`: invoices on file to Xero or Spectrum, with a preview, and how every invoice stands there (S2-42 … S2-44, S4-6 … S4-19)."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from invoice_rules import CannotRun, connectors, plural
from invoice_rules.notebook import books, controls, html, pages
from invoice_rules.notebook.board import Board
from invoice_rules.notebook.customers import CustomersBox
from invoice_rules.notebook.standing import StandingBox
from invoice_rules.notebook.unsure import Said, UnsureBox, connection_of
from invoice_rules.notebook.worker import Progress, Stopped

STOPPED = "Stopped by you. What was sent stays sent; the rest waits."


class Sending(Board):
    """Choose the target, look what is ready, send. Put it last in a cell.

    `to` names a connection where there are several. Nothing leaves before the button that says how many, how much and where to. All that is
    shown comes from the store's ledger, so that it is the same after a restart.
    """

    def __init__(self, store: books.Where = None, entity: str = "main", to: str = ""):
        super().__init__("Send invoices")
        self.store = books.opened(store, entity)
        self.entries: list[Any] = []
        self._resend: Mapping[str, str] = {}
        self._engine: Any = None
        self._progress: Progress | None = None
        self._wanted = to
        self.target = controls.dropdown("Send to", self.guard, lambda _: self._blank())
        self.look = controls.button("Look what is ready", self.guard, lambda: self.act("look", self._look), main=True)
        self.preview, self.result = pages.html(), pages.html()
        self.customers = CustomersBox(self)
        self.go = controls.button("Send", self.guard, lambda: self.act("send", self._go_ahead), main=True)
        self.mark = controls.button("Mark as processed", self.guard, lambda: self.act("mark", self._mark))
        self.unsure, self.standing = UnsureBox(self), StandingBox(self)
        self.locked = [self.look, self.go, self.mark, *self.customers.buttons, *self.unsure.buttons]
        first = [controls.row(self.target, self.look, self.stop), self.preview, self.customers.box, controls.row(self.go), self.asking]
        self.fill(*first, self.result, controls.row(self.mark), self.unsure.box, self.standing.box)
        self._blank()
        self.act("open", self._open)

    @property
    def connection(self) -> Any:
        """The chosen target; raises CannotRun where nothing is connected."""
        if not self.target.value:
            raise CannotRun("No service that takes invoices is connected yet. Connect Xero or Spectrum first.")
        return connectors.desk.target(self.target.value)

    def engine(self, progress: Progress) -> Any:
        """The way to the chosen target, kept while the connections stay; `progress` hears of what it does from now on."""
        self._progress = progress
        connection, known = self.connection, connectors.connections.connections()
        if self._engine is None or self._engine[:2] != (connection, known):
            self._engine = (connection, known, connectors.desk.opened(self.store, connection, told=self._waits, progress=self._goes_on))
        return self._engine[2]

    def refresh(self) -> None:
        """Show how all stand now."""
        self.unsure.show()
        self.standing.show()

    def settle(self) -> None:
        super().settle()
        self.go.disabled = not connectors.desk.ready(self.entries)
        self.customers.settle()

    def _waits(self, says: str, seconds: float) -> None:
        """A service asks us to wait. What is on its way is not given up meanwhile, so a Stop counts afterwards."""
        self.band.progress(f"{says} About {seconds:,.0f} seconds.", 0, 0)

    def _goes_on(self, done: int, total: int, words: str = "") -> None:
        if self._progress is None:
            return
        try:
            self._progress(done, total, f"{words}:")
        except Stopped:
            raise Stopped(STOPPED) from None

    def _open(self, progress: Progress) -> None:
        progress.check()
        self._fill_targets()
        self.refresh()

    def _fill_targets(self) -> None:
        known = connectors.desk.targets()
        chosen = self.target.value or (connectors.desk.target(self._wanted).name if self._wanted and known else None)
        controls.fill(self.target, [(connectors.desk.place(one), one.name) for one in known], chosen)
        controls.show(self.target, bool(known))
        self.look.description = "Look what is ready" if known else "Look again"
        if not known:
            self.preview.value = html.paragraph("Nothing is connected that invoices can be sent to. Connect Xero or Spectrum, then look again.", "neutral")

    def _blank(self) -> None:
        """Nothing was looked at yet."""
        self.entries, self._resend = [], {}
        self.preview.value = self.result.value = ""
        self.refuse()
        self.customers.clear()
        for button in (self.go, self.mark):
            controls.show(button, False)

    def _look(self, progress: Progress) -> None:
        self._blank()
        self._fill_targets()
        if not self.target.value:
            return
        progress.say(f"Checking what is ready for {connectors.desk.place(self.connection)}")
        self.settled(self.engine(progress).settle())
        self.prepare(progress)

    def settled(self, summary: Any) -> None:
        """Tell what was found out about those of an unknown outcome."""
        self.warn(summary)
        if summary.entries:
            self.band.note(connectors.desk.settled(summary.entries))
        if summary.wait > 0:
            self.band.note(f"What was sent last may still arrive. Ask again in {plural(math.ceil(summary.wait), 'second')}.")

    def prepare(self, progress: Progress, resend: Mapping[str, str] | None = None) -> None:
        """Find and judge what could go, and show it; nothing leaves. `resend` holds until something is sent, or looked at anew."""
        wanted = {**self._resend, **(resend or {})}
        try:
            found = self.engine(progress).prepare(wanted, seen=tuple(resend or ())).entries  # asked for at a row that shows how it stands
            self._resend = wanted
            self.show(found, progress)
        finally:
            self.refresh()

    def warn(self, summary: Any) -> None:
        """Why something ended early."""
        if summary.stopped:
            (self.band.note if summary.stopped == STOPPED else self.band.tell)(summary.stopped)

    def show(self, entries: Sequence[Any], progress: Progress) -> None:
        """Show what would go, and what stays back with the reasons."""
        desk = connectors.desk
        self.entries = list(entries)
        says = desk.question(self.entries, self.connection)
        self.preview.value = preview(self.entries)
        self.go.description = says.removesuffix("?") or "Nothing to send"
        controls.show(self.go, bool(says))
        self._offer_marks(self.entries)
        self.customers.show(self.entries, progress)

    def choose(self, entry: Any) -> None:
        """Go to the target of an entry. Raises CannotRun where that is connected no more."""
        name = connection_of(entry)
        if not name:
            raise CannotRun(f"{connectors.desk.place_of(entry)} is not connected any more. Connect it first.")
        controls.set_value(self.target, name)

    def say(self, entry: Any, said: Said) -> None:
        """A person's word about an entry."""

        def job(progress: Progress) -> None:
            progress.check()
            try:
                said(self.store, entry)
            finally:
                self.refresh()

        self.act("said", job)

    def ask_resend(self, entry: Any, how: str) -> None:
        """Sending what was sent already wants a second press (S4-18)."""
        self.choose(entry)
        name, place = entry.number or entry.key, connectors.desk.place(self.connection)
        words = {
            "new": (f"{name} is in {place} already. Send it once more, as another invoice with a number of its own?", f"Prepare {name} as a new one"),
            "update": (f"{name} is in {place} already. Change it there to what it is now? That goes only while it is a draft.", f"Prepare the change of {name}"),
        }[how]
        self.ask(words[0], words[1], lambda: self.act("resend", lambda progress: self.prepare(progress, {entry.key: how})))

    def ask_gone(self, entry: Any) -> None:
        """That one is not there any more which the service had wants a second press: it goes again (S2-42, S2-44)."""
        sure = partial(connectors.desk.not_there, sure=True)
        self.ask(connectors.desk.gone_question(self.store, entry), f"{entry.number or entry.key} is not there", lambda: self.say(entry, sure))

    def _go_ahead(self, progress: Progress) -> None:
        """Send what the preview showed as ready, no more."""
        desk, connection = connectors.desk, self.connection
        keys = [entry.key for entry in desk.ready(self.entries)]
        progress.say(f"Sending to {desk.place(connection)}")
        try:
            self.warn(self.engine(progress).send(keys=keys))
        finally:
            self._told(self.engine(progress).ledger.entries(keys=keys))
        if desk.unmarked(self.entries) and not self._marks:
            self.band.note(desk.no_marks(connection))
        elif desk.marking(connection) == "always" and desk.unmarked(self.entries):
            self._mark(progress)
        elif desk.marking(connection) == "ask" and self._marks and (asked := desk.mark_question(self.entries)):
            self.ask(asked, asked.removesuffix("?"), lambda: self.act("mark", self._mark), "Not now")
            controls.show(self.mark, False)

    def _told(self, entries: Sequence[Any]) -> None:
        """What became of these."""
        desk = connectors.desk
        self.entries, self._resend = list(entries), {}
        self.result.value = html.paragraph(desk.outcome(self.entries), "lead") + listed(self.entries)
        self.preview.value = ""
        controls.show(self.go, False)
        self.customers.clear()
        self._offer_marks(self.entries)
        self.refresh()

    def _offer_marks(self, entries: Sequence[Any]) -> None:
        """A button for those that were sent and are not marked yet, unless that is asked right now."""
        asked = connectors.desk.mark_question(entries) if self._marks else ""
        self.mark.description = asked.removesuffix("?") or "Mark as processed"
        controls.show(self.mark, bool(asked))

    @property
    def _marks(self) -> bool:
        """Whether what is sent can be marked where it comes from."""
        return self._engine is not None and bool(connectors.desk.marks_at(self._engine[2]))

    def refuse(self) -> None:
        super().refuse()
        if self.entries:
            self._offer_marks(self.entries)

    def _mark(self, progress: Progress) -> None:
        desk, engine = connectors.desk, self.engine(progress)
        waiting = [entry.key for entry in desk.unmarked(self.entries)]
        progress.say("Marking as processed in Autotask")
        self.refuse()
        try:
            summary = engine.mark(keys=waiting)
        finally:
            self._told(engine.ledger.entries(keys=[entry.key for entry in self.entries]))
        self.warn(summary)
        for says in dict.fromkeys(summary.failed.values()):
            self.band.tell(says)
        for says in desk.mark_notes(engine):
            self.band.note(says)
        done = len(waiting) - len(desk.unmarked(self.entries))
        self.band.note(f"{done:,} of {len(waiting):,} marked as processed in Autotask.")


def preview(entries: Sequence[Any]) -> str:
    """Counts and totals of what would go and what stays back."""
    desk = connectors.desk
    return html.paragraph(desk.summary(entries), "lead") + listed(entries)


def listed(entries: Sequence[Any]) -> str:
    """By state and reason: how many, and what they add up to."""
    rows = [[line.word, f"{line.count:,}", line.totals, line.says] for line in connectors.desk.lines(entries)]
    return html.table(["State", "Count", "Total", "Why"], rows, "By state and reason", ["Count", "Total"]) if rows else ""
