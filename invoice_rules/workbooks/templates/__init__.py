"""Template workbooks: for any rule set a workbook that knows its rules, to be filled in by the client and recognised when it comes back."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from invoice_rules.fields import RuleSet
from invoice_rules.settings import known_settings
from invoice_rules.workbooks.placing import replaced
from invoice_rules.workbooks.templates.cover import add_cover
from invoice_rules.workbooks.templates.data import add_data
from invoice_rules.workbooks.templates.finishing import finished
from invoice_rules.workbooks.templates.guide import add_examples, add_guide
from invoice_rules.workbooks.templates.hidden import add_lists, add_meta
from invoice_rules.workbooks.templates.plan import Plan

__all__ = ["template_bytes", "template_workbook"]

def template_bytes(
    rules: RuleSet, *, rows: int = 500, sender: str = "", references: Mapping[str, Sequence[str]] | None = None, settings: Mapping[str, str] | None = None,
    currency: str = "",
) -> bytes:
    """The template of a rule set as a file; the same wishes give the same bytes.

    `references`: kind of reference list -> the keys to choose from. `settings` choose the row mode and the fields' titles.
    `currency` is that of the books it is made for (X-18), where no setting says another. Raises CannotRun.
    """
    chosen = {**({"currency": currency} if currency else {}), **(settings or {})}
    known_settings(chosen, rules.under(chosen))
    plan = Plan(rules.under(chosen), rows, sender, references or {}, chosen)
    book = Workbook()
    book.remove(book.active)
    book.properties.creator, book.properties.title = "Invoice Rules", f"{plan.rules.title}: template"
    totals = add_cover(book, plan)
    add_data(book, plan, totals)
    add_examples(book, plan)
    add_guide(book, plan)
    add_lists(book, plan)
    add_meta(book, plan)
    return finished(book, plan.results)


def template_workbook(
    rules: RuleSet, path: Path | str, *, rows: int = 500, sender: str = "", references: Mapping[str, Sequence[str]] | None = None,
    settings: Mapping[str, str] | None = None, currency: str = "",
) -> Path:
    """Write the template of a rule set, in place of an earlier file of that name; see `template_bytes`. Raises CannotRun."""
    made = template_bytes(rules, rows=rows, sender=sender, references=references, settings=settings, currency=currency)

    def write(part: Path) -> None:
        part.write_bytes(made)

    return replaced(Path(path), write)
