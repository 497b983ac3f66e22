"""From a button of Calc to its function in `addin.udfs`. Runs inside LibreOffice, called by component.py."""

from typing import Any

import xlwings as xw

from addin import guard, lists
from addin.commands import CHOICES, COMMANDS, Choice
from addin.dialogs import Dialogs, Field
from addin.engines import calc
from invoice_rules import CannotRun

_CHOICES = {choice.name: choice for choice in CHOICES}
_NAMES = {command.name for command in COMMANDS} | set(_CHOICES)


def run(context: Any, name: str) -> None:
    """Run the command `name` on the sheet in front. What goes wrong in it is told by itself; raises where it could not even be called."""
    if name not in _NAMES:
        raise CannotRun(f'There is no command "{name}" in this version of Invoice Rules.')
    _connect(context)
    xw.books.active.set_mock_caller()
    from addin import udfs

    if name in _CHOICES:
        choose(_CHOICES[name], getattr(udfs, name))
    else:
        getattr(udfs, name)()


def _connect(context: Any) -> None:
    """Once for all clicks: what the last one left in the status bar is then taken away by the next."""
    if xw.engines.active is None or not len(xw.apps):
        calc.activate(ctx=context)


def choose(choice: Choice, chosen: Any) -> None:
    """Ask for an entry of a drop-down, the present one shown, and call `chosen` with the id of the one that is picked."""

    @guard.button
    def asking() -> None:
        id_ = asked(choice, Dialogs(xw.Book.caller().app))
        if id_ is not None:
            chosen(id_)

    asking()


def asked(choice: Choice, dialogs: Dialogs) -> str | None:
    """The id that the user picks, None where they cancel. Raises CannotRun where there is nothing to pick from."""
    entries = lists.entries(choice.kind)
    if not entries:
        raise CannotRun(f'The list "{choice.label}" is empty. Run `invoice-rules addin install` in a terminal, which fills it.')
    labels = dict(zip(_told_apart(entries), entries, strict=True))
    now = next((label for label, entry in labels.items() if entry.chosen), "")
    answer = dialogs.form(f"{choice.screentip}.", [Field(choice.name, choice.label, now, tuple(labels))])
    picked = None if answer is None else labels.get(answer[choice.name])
    return None if picked is None else picked.id


def _told_apart(entries: list[lists.Entry]) -> list[str]:
    """The labels; where two are the same, with the id.

    >>> _told_apart([lists.Entry("rules", "a.x", "Bills"), lists.Entry("rules", "b.x", "Bills"), lists.Entry("rules", "c.x", "Fees")])
    ['Bills (a.x)', 'Bills (b.x)', 'Fees']
    """
    labels = [entry.label for entry in entries]
    return [f"{entry.label} ({entry.id})" if labels.count(entry.label) > 1 else entry.label for entry in entries]
