"""Questions on the terminal, asked on stderr, so that results on stdout stay clean."""

from typing import Any

import typer

import invoice_rules
from invoice_rules.cli.session import Session, say


def yes(question: str, default: bool = False) -> bool:
    """A question to be answered with yes or no."""
    return typer.confirm(question, default=default, err=True)


def settle_holds(wizard: Any) -> None:
    """Each kind of hold once: accepted for this import, or its invoices stay out (X-19)."""
    accepted = []
    for hold in wizard.open_holds():
        say("")
        say(hold.example.message)
        others = f" The same goes for {invoice_rules.plural(hold.count - 1, 'other row')}." if hold.count > 1 else ""
        if yes(f"Accept this?{others}"):
            accepted.append(hold.rule)
    if accepted:
        wizard.accept(accepted)


def replace_mapping(session: Session, wizard: Any, name: str, agreed: bool = False) -> None:
    """A saved mapping that says something else is replaced only with a yes (S0-23)."""
    if (kept := session.replaced_mapping(wizard, name)) is not None:
        must_confirm(session, f'The mapping "{name}" is there already, version {kept.version}. Replace its columns and values?', agreed)


def close_absent(wizard: Any) -> None:
    """Whether open invoices that are absent from a complete list are to be closed; asked after they were listed (X-20)."""
    plan = wizard.plan
    if plan.close_absent or plan.absent is None or not len(plan.absent):
        return
    if yes(f"Close {invoice_rules.plural(len(plan.absent), 'absent invoice')} as {plan.report.rules.paid}?"):
        wizard.choose(close_absent=True)


def confirm(wizard: Any) -> bool:
    """The last question before anything is written; names count, total and entity."""
    question = wizard.question()
    if not question:
        return yes(f"Nothing changes in {wizard.report.entity.name}. Keep a receipt of that?", default=True)
    return yes(question)


def must_confirm(session: Session, question: str, agreed: bool) -> None:
    """Go on only with a yes: from the option, or asked where somebody can answer."""
    if agreed:
        return
    if not session.interactive:
        raise invoice_rules.CannotRun("Nothing was done: nobody can be asked here. Add --yes to go on without asking.")
    if not yes(question):
        raise invoice_rules.CannotRun("Nothing was done.")
