"""Step 3: whose books, and what the file does not say by itself."""

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from invoice_rules import CannotRun
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.worker import Progress
from invoice_rules.wizard import Question

_TOTALS = ("expect-count", "expect-total", "open-items-complete")
_HINTS = {"expect-count": "(not declared), else such as 119", "expect-total": "(not declared), else such as 44,890.00 or EUR=120.00"}


class SettingsPage(pages.Page):
    """The entity and the questions of the file, a control each; what was refused is told beneath its control."""

    def __init__(self, around: pages.Around):
        super().__init__(around)
        self.entity = controls.dropdown("Whose books (entity)", around.guard, self._entity_chosen)
        self.questions = widgets.VBox()
        self.asked: dict[str, widgets.ValueWidget] = {}
        self._refused: dict[str, tuple[str, str]] = {}
        self._shape: list[tuple[Any, ...]] = []
        self._source: Any = None
        self.box.children = [self.entity, self.questions]

    def begin(self) -> None:
        """Forget what was refused for the last file."""
        self._refused = {}

    def show(self, progress: Progress) -> None:
        state = self.state
        progress.check()
        if state.choices.source is not self._source:
            self._source = state.choices.source
            self.begin()
        names = [its.name for its in state.store.entities()] if state.store is not None else []
        controls.fill(self.entity, [(name, name) for name in names], state.store.entity.name if state.store is not None else None)
        asked = state.questions()
        shape = [(its.name, its.title, its.choices, its.required, its.default) for its in asked]
        if shape != self._shape:
            self._shape = shape
            self._build(asked)
        for question in asked:
            self._bring(question)

    def _build(self, asked: Sequence[Question]) -> None:
        """A control for each question, under headings."""
        self.asked = {}
        self._told = {its.name: pages.html() for its in asked}
        groups: dict[str, list[widgets.Widget]] = {}
        for question in asked:
            self.asked[question.name] = control = self._control(question)
            groups.setdefault(_group(question), []).extend([control, self._told[question.name]])
        children: list[widgets.Widget] = []
        for title, controls_of in groups.items():
            children += [widgets.HTML(html.heading(title)), *controls_of]
        self.questions.children = children

    def _control(self, question: Question) -> widgets.ValueWidget:
        guard, star = self.around.guard, " *" if question.required else ""

        def answered(value: Any) -> None:
            self.change("answer", lambda: self._answer(question.name, value))

        if question.choices:
            options = [(f"({question.default})", ""), *((choice, choice) for choice in question.choices)]
            return controls.dropdown(question.title + star, guard, answered, options)
        return controls.text(question.title + star, guard, answered, _HINTS.get(question.name, f"({question.default})"))

    def _bring(self, question: Question) -> None:
        """The answer as it counts, or what the user gave and why it does not."""
        control = self.asked[question.name]
        refused, says = self._refused.get(question.name, (None, ""))
        if isinstance(control, widgets.Dropdown):
            controls.fill(control, control.options, question.value)
        else:
            controls.set_value(control, question.value if refused is None else refused)
        self._told[question.name].value = html.paragraph(says, "bad")

    def _answer(self, name: str, value: str) -> None:
        self._refused.pop(name, None)
        try:
            self.state.answer(name, value.strip())
        except CannotRun as refused:
            self._refused[name] = (value, str(refused))

    def _entity_chosen(self, name: str) -> None:
        self.change("entity chosen", lambda: self.around.enter(name))

    def refusals(self) -> list[str]:
        """Answers that do not count, which keep the user here."""
        return [says for name, (_, says) in self._refused.items() if name in self.asked]


def _group(question: Question) -> str:
    if question.required and not question.value:
        return "Needed: these fields have no column"
    if question.name in _TOTALS:
        return "What the sender declares"
    if question.name.endswith((".order", ".decimal", ".padded")):
        return "How dates and amounts are written"
    return "For the whole file"
