"""Beside the file: invoices of QuickBooks or Autotask, fetched into a file that the wizard then reads like any other (S1-2 … S1-5, S4-1 … S4-4)."""

import contextlib
import re
from pathlib import Path
from typing import Any, Protocol

import ipywidgets as widgets

from invoice_rules import CannotRun, connectors, plural
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.asking import Asking
from invoice_rules.notebook.worker import Progress

SOURCES = {"quickbooks": "QuickBooks", "autotask": "Autotask"}


class Receiver(Protocol):
    """The wizard's first page, as it gets a file."""

    def receive(self, fetched: Any, progress: Progress) -> None:
        """Read this file by its rules, on the worker's thread."""


class FetchBox:
    """A button for each connected service, or one to connect it; then what to fetch, how many there are, and the fetching.

    `box` is what is seen. Counting comes first, so that nothing large is fetched by mistake (S4-4).
    """

    def __init__(self, around: pages.Around, page: Receiver):
        self._around, self._page, guard = around, page, around.guard
        self._chosen: Any = None
        self._counted: tuple[Any, int] | None = None
        self.asking = Asking(guard, around.frame.note)
        self.ways = controls.row()
        self.title, self.told = pages.html(), pages.html()
        self.since, self.until = (controls.heard(widgets.DatePicker(description=words, tooltip=words), guard, self._changed) for words in ("Invoice date from", "to"))
        for one in (self.since, self.until):
            one.add_class("ir-field")
        self.project = controls.heard(widgets.Combobox(description="One project for all", placeholder="(each invoice's own)", ensure_option=False), guard, self._changed)
        self.project.add_class("ir-field")
        self.division = controls.text("Division", guard, self._changed, "(all)")
        self.ids = controls.text("Invoice IDs", guard, self._changed, "(all), else such as 1187, 1190; not the number")
        self.invoiced = controls.tick("Include invoices that are marked as processed", guard, self._changed)
        self.count = controls.button("How many are there?", guard, lambda: self._act("count", self._count), main=True)
        self.fetch = controls.button("Fetch", guard, lambda: self._act("fetch", self._fetch), main=True)
        self.close = controls.button("Close", guard, lambda: self._open(None))
        fields = [controls.row(self.since, self.until), self.project, self.division, self.ids, self.invoiced]
        self.form = widgets.VBox([self.title, *fields, controls.row(self.count, self.fetch, self.close)])
        self.form.add_class("ir-asking")
        self.box = widgets.VBox([self.ways, self.asking.question, self.form, self.told])
        self._open(None)

    def list_ways(self) -> None:
        """The services that are connected, and those that could be; nothing where the parts for it are not installed."""
        with contextlib.suppress(CannotRun):
            self._list_ways()

    def _list_ways(self) -> None:
        known = {one.name: one for one in connectors.connections.connections() if one.system in SOURCES}
        buttons = [self._button(f"From {SOURCES[one.system]}: {one.title}", lambda one=one: self._open(one)) for one in known.values()]
        missing = [system for system in SOURCES if system not in {one.system for one in known.values()}]
        buttons += [self._button(f"Connect {SOURCES[system]}", lambda system=system: self._connect(system)) for system in missing]
        self.ways.children = [widgets.HTML(html.paragraph("Or from a service:")), *buttons]

    def _button(self, words: str, act: Any) -> widgets.Button:
        return controls.button(words, self._around.guard, act)

    @property
    def criteria(self) -> Any:
        """What stands in the form, as far as the chosen service knows it."""
        quickbooks = self._chosen is not None and self._chosen.system == "quickbooks"
        ids = tuple(filter(None, re.split(r"[\s,;]+", self.ids.value)))
        given = {"project": self.project.value.strip()} if quickbooks else {"division": self.division.value.strip(), "include_invoiced": self.invoiced.value}
        return connectors.Criteria(since=self.since.value, until=self.until.value, invoice_ids=ids, **given)

    def _open(self, connection: Any) -> None:
        """Show the form of a connection, or none."""
        self._chosen, self.told.value = connection, ""
        controls.show(self.form, connection is not None)
        if connection is None:
            return
        quickbooks = connection.system == "quickbooks"
        self.title.value = html.heading(f"Which invoices of {connection.title} in {SOURCES[connection.system]}?")
        for control, shown in ((self.project, quickbooks), (self.division, not quickbooks), (self.invoiced, not quickbooks)):
            controls.show(control, shown)
        self.project.options = self._projects() if quickbooks else ()
        self._changed(None)

    def _projects(self) -> tuple[str, ...]:
        frame = self._around.state.store.context().reference("projects")
        return tuple(sorted(frame["project"].dropna().astype(str))) if "project" in frame else ()

    def _changed(self, _value: Any) -> None:
        """Other criteria: what was counted counts no more."""
        self._counted = None
        controls.show(self.fetch, False)
        controls.show(self.count, True)

    def _act(self, what: str, job: Any) -> None:
        self.told.value = ""
        self._around.act(what, job)

    def _connect(self, system: str) -> None:
        def job(progress: Progress) -> None:
            try:
                connectors.connect(system, self.asking.during(progress))
            finally:
                self.asking.end()
                self.list_ways()

        self._act("connect", job)

    def _count(self, progress: Progress) -> None:
        connection, criteria = self._chosen, self.criteria
        progress.say(f"Asking {SOURCES[connection.system]}")
        found = connectors.count(connection, criteria, told=self._waits)
        self._counted = (criteria, found)
        ahead = " before the division is looked at" if criteria.division else ""
        all_of_them = "" if criteria.narrow else " These are all that are not marked as processed." if not criteria.include_invoiced else " These are all."
        says = f"{plural(found, 'invoice')}{ahead}.{all_of_them}" if found else "Nothing to import: there is no such invoice."
        self.told.value = html.paragraph(says, "lead")
        self.fetch.description = f"Fetch {plural(found, 'invoice')}"
        controls.show(self.fetch, found > 0)
        controls.show(self.count, not found)

    def _fetch(self, progress: Progress) -> None:
        connection, criteria = self._chosen, self.criteria
        if self._counted is None or self._counted[0] != criteria:
            raise CannotRun("What to fetch was changed. Ask how many there are, then fetch.")
        words = f"Fetching from {SOURCES[connection.system]}:"
        progress.say(words)
        books = self._around.state.store.context()
        fetched = connectors.fetch(
            connection, criteria, self._folder(), confirmed=True, books=books, told=self._waits, progress=lambda done, total: progress(done, total, words)
        )
        self._open(None)
        if fetched.path is not None:
            self._page.receive(fetched, progress)
        self.told.value = told(fetched, SOURCES[connection.system])

    def _folder(self) -> Path | None:
        """Beside the books, where these are a file."""
        path = self._around.state.store.address.path
        return path.parent / "fetched" if path else None

    def _waits(self, says: str, seconds: float) -> None:
        self._around.frame.progress(f"{says} About {seconds:,.0f} seconds.", 0, 0)


def told(fetched: Any, title: str) -> str:
    """What came, with its totals, and what is worth knowing about it."""
    if fetched.path is None:
        return "".join(html.paragraph(note, "neutral") for note in fetched.notes)
    totals = f": {fetched.totals}" if fetched.totals else ""
    says = f"{plural(fetched.count, 'invoice')} came from {title}{totals}."
    return html.paragraph(says, "good") + html.listed(fetched.notes)
