"""Step 2: which column feeds which field."""

from invoice_rules.notebook import controls, pages
from invoice_rules.notebook.mapper import Mapper
from invoice_rules.notebook.worker import Progress


class ColumnsPage(pages.Page):
    """The mapper, the saved mappings, and the way back to the guesses."""

    def __init__(self, around: pages.Around):
        super().__init__(around)
        self.mapper = Mapper(around.guard, self.give)
        self.saved = controls.dropdown("Columns as saved in", around.guard, self._saved_chosen)
        self.reset = controls.button("Undo my changes", around.guard, self._reset)
        self.box.children = [controls.row(self.saved, self.reset), self.mapper]

    def show(self, progress: Progress) -> None:
        state = self.state
        progress.check()
        mapping = state.mapping
        kept = [its.name for its in state.store.mappings() if its.rules == state.rules.name and its.name] if state.store is not None else []
        usual = state.store.mapping(state.rules.name) if state.store is not None else None
        first = (f"the usual ones, version {usual.version}" if usual is not None else "none: guesses", "")
        controls.fill(self.saved, [first, *((name, name) for name in kept)], state.choices.saved.name if state.choices.saved else "")
        self.reset.disabled = not state.choices.given
        values = {**mapping.settings, **state.choices.settings}
        self.mapper.show(state.table, mapping, state.rules.fields, {name: value for name, value in values.items() if name in mapping.matches})

    def give(self, field: str, column: int | None) -> None:
        """Let the column with this place feed the field; None leaves it without one."""
        self.change("column given", lambda: self.state.give(field, "" if column is None else column))

    def _reset(self) -> None:
        self.change("columns undone", lambda: self.state.choose(given={}))

    def _saved_chosen(self, name: str) -> None:
        rules = self.state.whole.name
        self.change("mapping chosen", lambda: self.state.choose(saved=self.state.store.mapping(rules, name) if name else None, given={}))
