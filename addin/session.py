"""One click: the workbook, what the user chose, the store, and the import of the sheet as the same `Wizard` that every front end drives."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import xlwings as xw

import invoice_rules
from addin import columns, lists, places, sheets, surface
from addin import config as settings
from addin.dialogs import Dialogs
from addin.finding import Area
from invoice_rules import CannotRun, OpenSheet
from invoice_rules.wizard import Choices, Wizard


@dataclass
class Session:
    """What one click works with."""

    book: xw.Book = field(default_factory=surface.active_book)
    config: settings.Config = field(default_factory=settings.load)

    @property
    def app(self) -> xw.App:
        return self.book.app

    @cached_property
    def dialogs(self) -> Dialogs:
        return Dialogs(self.app)

    @cached_property
    def store(self) -> Any:
        """The store of the chosen company, made on first use."""
        return settings.store_of(self.config)

    @property
    def store_if_any(self) -> Any | None:
        """The store, or None where there is none yet: checking must not make one."""
        try:
            return settings.existing_store(self.config)
        except CannotRun:
            return None

    @cached_property
    def sheet(self) -> xw.Sheet:
        """The sheet with the invoices: the active one, the one that a sheet of ours was made for, or that of a template whose cover is shown."""
        return sheets.data_of(sheets.source_of(self.book.sheets.active))

    @cached_property
    def area(self) -> Area:
        """Where the invoices are."""
        return places.area_of(self.sheet, self.place)

    @cached_property
    def place(self) -> places.Place | None:
        """Where earlier marks were when the button was pressed."""
        return places.place_of(self.sheet)

    def wizard(self, store: Any | None, anew: bool = False) -> Wizard:
        """The import of this sheet, up to now. Raises CannotRun where no rule set is chosen, or where the sheet of columns fits no longer.

        With `anew` one that does not fit counts as far as it does, for it is going to be made anew.
        """
        self.say("Reading")
        source = surface.read(self.area)
        self._take_rules(source)
        said = columns.said(self.book, self.sheet, self.config.rules)
        wizard = self._wizard(source, store, said)
        if not anew:
            said.must_fit(wizard.table)
        wizard.choose(given=said.given(invoice_rules.rule_set(self.config.rules), wizard.table))
        return wizard

    def _wizard(self, source: OpenSheet, store: Any | None, said: columns.Said) -> Wizard:
        """The import of a sheet with what the user said about all its rows."""
        choices = Choices(
            source=source,
            rules=self.config.rules,
            header=self.area.header or "auto",
            saved=self._mapping(store),
            settings=said.settings,
            user=self.config.user or None,
        )
        return Wizard(choices, store=store)

    def _take_rules(self, source: OpenSheet) -> None:
        """Where no rule set is chosen, a template names its own. Raises CannotRun where there is none."""
        if not self.config.rules and source.others:
            template = invoice_rules.read(source, header=self.area.header or "auto").template
            self.config = replace(self.config, rules=template.rules if template is not None else "")
        if not self.config.rules:
            raise CannotRun("No rule set is chosen yet. Choose which system the invoices are for (Rule set), then try again.")

    def _mapping(self, store: Any | None) -> Any | None:
        name = self.config.mapping
        if not name or store is None:
            return None
        found = store.mapping(self.config.rules, name)
        if found is None:
            raise CannotRun(f'There is no saved mapping "{name}" for these rules. Choose another one under Columns.')
        return found

    def say(self, text: str) -> None:
        """A word in the status bar: what is being done."""
        self.app.status_bar = f"Invoice Rules: {text} …"

    def done(self, text: str) -> None:
        """What came of it, in the status bar."""
        self.app.status_bar = f"Invoice Rules: {text}"

    def choose(self, config: settings.Config) -> None:
        """Keep another choice of the user's, in the drop-downs too."""
        self.config = config
        settings.save(config)
        self.refresh_lists()

    def refresh_lists(self) -> None:
        """Bring the drop-downs of the ribbon up to date."""
        store = self.store_if_any
        names = [its.name for its in store.mappings() if its.rules == self.config.rules] if store is not None else []
        lists.refresh(self.config, names)
