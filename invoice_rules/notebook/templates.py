"""`TemplateMaker`: a workbook for a client to fill in, made from a rule set and handed to the browser (S3-3)."""

from typing import Any

import ipywidgets as widgets

import invoice_rules
from invoice_rules import CannotRun, RuleSet, plural, references, workbooks
from invoice_rules.notebook import books, controls, html, pages
from invoice_rules.notebook.board import Board
from invoice_rules.notebook.check import XLSX
from invoice_rules.notebook.worker import Progress
from invoice_rules.values import is_currency

ROW_MODE = "rowMode"
MOST_ROWS = 100_000
_MODES = {"single": "a row is a whole {document}", "multi": "several rows may be one {document}, a row a line"}


class TemplateMaker(Board):
    """Choose the system, say who will fill it in, download. `made` is the last workbook, as bytes.

    The workbook checks while somebody types; its drop-downs hold the reference lists of the store where that is wanted.
    """

    def __init__(self, store: books.Where = None, entity: str = "main", rules: str = ""):
        super().__init__("New template")
        self.store = books.opened(store, entity, make=True)
        self.made = b""
        sets = [(f"{one.title} ({name})", name) for name, one in invoice_rules.rule_sets().items()]
        self.rules = controls.dropdown("What it is for", self.guard, self._rules_chosen, sets)
        self.mode = controls.dropdown("Rows", self.guard, lambda _: None)
        self.sender = controls.text("Who will fill it in; written on its cover", self.guard, lambda _: None)
        self.currency = controls.text("Currency", self.guard, lambda _: None)
        self.rows = widgets.BoundedIntText(value=500, min=1, max=MOST_ROWS, description="Open rows; it may grow", tooltip="Open rows")
        self.rows.add_class("ir-field")
        self.lists = controls.tick("Drop-downs with the reference data on file", self.guard, lambda _: None, value=True)
        self.about, self.told = pages.html(), pages.html()
        self.make = controls.button("Download the template", self.guard, self._asked, main=True)
        self.locked = [self.make]
        self.fill(self.rules, self.about, self.mode, self.sender, self.currency, self.rows, self.lists, controls.row(self.make, self.stop), self.told)
        controls.fill(self.rules, sets, _known(rules) if rules else sets[0][1])
        self._rules_chosen(self.rules.value)

    def _rules_chosen(self, name: str) -> None:
        rules = invoice_rules.rule_set(name)
        mode = next((option for option in rules.options if option.name == ROW_MODE), None)
        controls.show(self.mode, mode is not None)
        if mode is not None:
            controls.fill(self.mode, [(_MODES.get(one, one).replace("{document}", rules.document), one) for one in mode.choices], mode.choices[0])
        controls.show(self.currency, any(field.kind == "money" for field in rules.fields.values()))
        self.currency.placeholder = f"({self.store.entity.currency or rules.currency})"
        self.about.value = html.paragraph(rules.description, "note")
        found = self._lists(rules)
        controls.show(self.lists, bool(found))
        self.lists.description = f"Drop-downs with the reference data on file ({plural(sum(map(len, found.values())), 'entry')})"
        self.told.value = ""

    def _lists(self, rules: RuleSet) -> dict[str, list[str]]:
        return references.keys_for(rules, self.store.context())

    def _asked(self) -> None:
        """What stands in the form now, made away from the click."""
        name, sender, rows, wanted = self.rules.value, self.sender.value.strip(), self.rows.value, self.lists.value
        currency = self.currency.value.strip()
        if currency and not is_currency(currency):
            raise CannotRun(f'"{currency}" is not the code of a currency. Write a code of three letters, such as USD.')
        settings = {"currency": currency.upper()} if currency else {}
        if self.mode.layout.display is None:
            settings[ROW_MODE] = self.mode.value
        self.act("template", lambda progress: self._make(progress, name, rows, sender, settings, wanted))

    def _make(self, progress: Progress, name: str, rows: int, sender: str, settings: dict[str, str], wanted: bool) -> None:
        progress.say("Making the template")
        rules = invoice_rules.rule_set(name)
        lists: dict[str, Any] = self._lists(rules.under(settings)) if wanted else {}
        self.made = workbooks.template_bytes(rules, rows=rows, sender=sender, references=lists, settings=settings, currency=self.store.entity.currency)
        called = f"{rules.title} template.xlsx"
        self.band.hand_over(called, self.made, XLSX)
        says = f"{called} was handed to your browser. When it comes back, the import wizard knows its columns."
        self.told.value = html.paragraph(says, "good")


def _known(rules: str) -> str:
    """The name of a rule set; raises CannotRun for one that is not there."""
    try:
        return invoice_rules.rule_set(rules).name
    except LookupError as unknown:
        raise CannotRun(str(unknown.args[0])) from None
