"""The steps of an import — source, mapping, settings, check, confirm — as one object that every front end drives (S0-1, S0-24).

A `Wizard` holds what the user chose and works out the rest when somebody looks at it: the table, the mapping, the report, the
plan. A new choice makes anew only what depends on it; going back changes nothing, so every choice is kept. Nothing is printed
or asked here, and nothing is written before `commit()`.
"""

from invoice_rules.wizard.choices import Choices, Step, currency_of, expected_totals
from invoice_rules.wizard.questions import Hold, Question
from invoice_rules.wizard.rereading import changed_on_disk, read_again, told_changed
from invoice_rules.wizard.state import Wizard
from invoice_rules.wizard.templates import replaced, template

__all__ = ["Choices", "Hold", "Question", "Step", "Wizard", "changed_on_disk", "currency_of", "expected_totals", "read_again", "replaced", "template", "told_changed"]
