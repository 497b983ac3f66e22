"""After an import: columns and settings kept for the next file, and a sender's corrections (S0-22, S0-23, X-14)."""

import ipywidgets as widgets

from invoice_rules import plural
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.worker import Progress
from invoice_rules.wizard import replaced, template

DEFAULT = "default"
"""What users call the mapping without a name, which is used where no other is asked for."""


class SavingBox:
    """A name under which the columns are kept; one that is taken wants a second press."""

    def __init__(self, around: pages.Around):
        self._around = around
        self._agreed = ""
        self.name = controls.text("Keep columns and settings for the next file as", around.guard, self._named, "a name, or default")
        self.save = controls.button("Keep them", around.guard, self._save)
        self.remember = controls.button("Remember the corrections", around.guard, self._remember)
        self.told = pages.html()
        head = widgets.HTML(html.heading("For the next file"))
        self.box = widgets.VBox([head, controls.row(self.name, self.save), controls.row(self.remember), self.told])

    def show(self) -> None:
        """Begin with nothing said."""
        sender = self._around.state.choices.sender
        self.remember.description = f"Remember fixes and column settings for {sender}"
        controls.show(self.remember, bool(sender))
        self.told.value = ""
        self._agreed = ""

    def _named(self, _name: str) -> None:
        self._agreed = ""
        self.save.description = "Keep them"

    def _save(self) -> None:
        name = self.name.value.strip()
        self._around.act("mapping kept", lambda progress: self._keep(name, progress))

    def _keep(self, name: str, progress: Progress) -> None:
        progress.check()
        state = self._around.state
        if not name:
            self.told.value = html.paragraph("Give them a name first.", "bad")
            return
        stored = "" if name == DEFAULT else name
        before = replaced(state, stored)
        if before is not None and self._agreed != name:
            self._agreed, self.save.description = name, f"Replace version {before.version}"
            self.told.value = html.paragraph(f'"{name}" is there already, version {before.version}, with other columns or settings. Press once more to replace it.', "neutral")
            return
        kept = state.store.save_mapping(template(state), stored)
        self._named(name)
        self.told.value = html.paragraph(f'Kept as "{name}", version {kept.version}.', "good")

    def _remember(self) -> None:
        def job(progress: Progress) -> None:
            progress.check()
            state = self._around.state
            kept = state.corrections_to_remember()
            state.store.save_corrections(kept, state.rules.name)
            count = plural(len(kept.values) + len(kept.settings), "correction")
            self.told.value = html.paragraph(f"{count} remembered for {kept.sender}; its next file is read with them.", "good")

        self._around.act("corrections kept", job)
