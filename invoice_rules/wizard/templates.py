"""Import templates: what is kept of an import for the next file, and whether saving would change one that is there (S0-22, S0-23)."""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_rules.results import Mapping as Columns
    from invoice_rules.wizard.state import Wizard


def template(wizard: "Wizard") -> "Columns":
    """The mapping with its settings, the row mode among them, the kind of file, and where its headings stand (S0-22)."""
    asked = wizard.row_mode
    mode = {} if asked is None else {asked.name: asked.value or asked.default}
    settings = {**mode, **wizard.mapping.settings, **wizard.choices.settings}
    return replace(wizard.mapping, settings=wizard.fitting(settings), kind=wizard.table.origin.kind, header=wizard.header)


def replaced(wizard: "Wizard", name: str) -> "Columns | None":
    """The saved mapping of this name that saving would change, which wants a yes (S0-23). Needs a store."""
    from invoice_rules.mapping import saved_form

    kept = wizard.store.mapping(wizard.whole.name, name) if wizard.store is not None else None
    return None if kept is None or saved_form(kept) == saved_form(template(wizard)) else kept
