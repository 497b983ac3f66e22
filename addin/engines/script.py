"""Dialogs that a script answers instead of a person: for tests, and for a LibreOffice without a screen.

`answers` is worked off from the front: "yes" and the like for an alert; the text for a line; for a form a dict of what is filled in (the rest stays
as offered); None where a line or a form is cancelled. An alert with OK alone needs no answer. `log` takes down what was shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

BUTTONS = {"ok": ("ok",), "ok_cancel": ("ok", "cancel"), "yes_no": ("yes", "no"), "yes_no_cancel": ("yes", "no", "cancel")}
Field = tuple[str, str, str, Sequence[str]]


class Unanswered(AssertionError):
    """A question that the script has no answer for, or no fitting one."""


@dataclass(frozen=True)
class Said:
    """One dialog that was shown: what it said, and how it was answered. `fields` are those of a form, as they were offered."""

    title: str
    text: str
    buttons: str = "ok"
    mode: str | None = None
    fields: tuple[Field, ...] = ()
    answer: Any = None


def alert(answers: list[Any], log: list[Said], text: str, title: str, buttons: str, mode: str | None) -> str:
    """The next answer. Unanswered where there is none, or the dialog has no such button.

    >>> alert(["no"], [], "Import 12 invoices?", "Import", "yes_no", None)
    'no'
    """
    said = Said(title, text, buttons, mode)
    choices = BUTTONS[buttons]
    answer = "ok" if choices == ("ok",) else _next(answers, said)
    if answer not in choices:
        raise Unanswered(f"{text!r} has the buttons {choices}, the script answers {answer!r}.")
    log.append(replace(said, answer=answer))
    return str(answer)


def line(answers: list[Any], log: list[Said], text: str, title: str) -> str | None:
    """The line that is typed next; None where that cancels.

    >>> line(["Miller"], [], "Company", "Settings")
    'Miller'
    """
    said = Said(title, text, "ok_cancel")
    answer = _next(answers, said)
    log.append(replace(said, answer=answer))
    return None if answer is None else str(answer)


def form(answers: list[Any], log: list[Said], title: str, text: str, fields: Sequence[Field]) -> dict[str, str] | None:
    """The values of all fields, (name, label, value, choices) each, after the next answer; None where that cancels.

    >>> form([{"user": "Ada"}], [], "Settings", "", [("user", "Your name", "", ()), ("store", "Store", "books", ("books", "other"))])
    {'user': 'Ada', 'store': 'books'}
    """
    said = Said(title, text, "ok_cancel", fields=tuple(fields))
    answer = _next(answers, said)
    given = None if answer is None else {name: value for name, _, value, _ in fields}
    if given is not None:
        if not isinstance(answer, Mapping) or set(answer) - set(given):
            raise Unanswered(f"The form {title!r} has the fields {list(given)}, the script answers {answer!r}.")
        given.update(answer)
        wrong = next((f"{tuple(choices)} for {label!r}, not {given[name]!r}" for name, label, _, choices in fields if choices and given[name] not in choices), "")
        if wrong:
            raise Unanswered(f"The form {title!r} offers {wrong}.")
    log.append(replace(said, answer=given))
    return given


def _next(answers: list[Any], said: Said) -> Any:
    if not answers:
        raise Unanswered(f"No answer is scripted for {said.title!r}: {said.text!r}")
    return answers.pop(0)
