"""Telling and asking: the same few dialogs in Excel on Windows and macOS, in Calc, and scripted in tests."""

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import xlwings as xw

TITLE = "Invoice Rules"
_LONGEST = 900
"""Characters of a message box: more would not fit a small screen."""
_LONGEST_PROMPT = 255
"""Characters of a question in Excel's box for an answer: a longer one is not shown, and Excel returns an error value in place of an answer."""
_LONGEST_LABEL = 180


class Field(NamedTuple):
    """One thing that is asked: its name, its label, what it says now, and what it may say (empty: any text). A `secret` is not shown while it is typed."""

    name: str
    label: str
    value: str = ""
    choices: Sequence[str] = ()
    secret: bool = False


class Dialogs:
    """The dialogs of one spreadsheet program."""

    def __init__(self, app: xw.App):
        self.app = app

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a message until it is read."""
        self.app.alert(_fitted(text), TITLE, "ok", "critical" if bad else "info")

    def confirm(self, text: str) -> bool:
        """Whether the user says yes."""
        return self.app.alert(_fitted(text), TITLE, "yes_no") == "yes"

    def form(self, text: str, fields: Sequence[Field]) -> dict[str, str] | None:
        """Ask for several things; what each one says then, or None where the user cancelled."""
        own = getattr(self.app.impl, "form", None)
        if own is not None:
            answers: Mapping[str, str] | None = own(TITLE, text, [tuple(field) for field in fields])
            return None if answers is None else {field.name: answers.get(field.name, "").strip() for field in fields}
        return self._one_by_one(text, fields)

    def _one_by_one(self, text: str, fields: Sequence[Field]) -> dict[str, str] | None:
        """Excel has a box for one answer only, so it asks in turn."""
        answers: dict[str, str] = {}
        for place, field in enumerate(fields, 1):
            answer = self._asked(_question(text if place == 1 else "", field, place, len(fields)), field)
            if answer is None:
                return None
            answers[field.name] = answer
        return answers

    def _asked(self, question: str, field: Field) -> str | None:
        ask = _input_mac if sys.platform == "darwin" else _hidden_windows if field.secret else self._input_windows
        while (said := ask(question, field)) is not None:
            answer = _chosen(said, field.choices) if field.choices else said.strip()
            if answer is not None:
                return answer
            self.tell(f'"{said}" is none of the choices. Type one of the numbers, or the words.')
        return None

    def _input_windows(self, question: str, field: Field) -> str | None:
        """A long question is told before, and asked in short. An answer that is no text is none: False where the user cancels, a number for Excel's errors."""
        if len(question) > _LONGEST_PROMPT:
            for page in _pages(question):
                self.tell(page)
            question = _short(field)
        said = self.app.api.InputBox(question, TITLE, field.value, Type=2)
        return said if isinstance(said, str) else None


def _question(text: str, field: Field, place: int, count: int) -> str:
    listed = [f"{number}  {choice}" for number, choice in enumerate(field.choices, 1)]
    return "\n".join(filter(None, [text, f"{field.label} ({place} of {count})" if count > 1 else field.label, *listed]))


def _short(field: Field) -> str:
    label = _cut(field.label, _LONGEST_LABEL)
    return f"{label}\nType the number of your choice, or its words." if field.choices else label


def _pages(text: str) -> Iterator[str]:
    """The whole text in message boxes, cut between its lines where that can be."""
    page: list[str] = []
    for line in (piece for its in text.splitlines() for piece in textwrap.wrap(its, _LONGEST) or [""]):
        if len("\n".join([*page, line])) > _LONGEST:
            yield "\n".join(page)
            page = []
        page.append(line)
    yield "\n".join(page)


def _chosen(said: str, choices: Sequence[str]) -> str | None:
    """A choice by its number or its words.

    >>> _chosen("2", ["all", "visible"]), _chosen("All ", ["all", "visible"]), _chosen("x", ["all"])
    ('visible', 'all', None)
    """
    said = said.strip()
    if said.isdigit() and 1 <= int(said) <= len(choices):
        return choices[int(said) - 1]
    return next((choice for choice in choices if choice.casefold() == said.casefold()), None)


def _hidden_windows(question: str, field: Field) -> str | None:
    """Excel's own box would show a secret, so a small window of Python asks for it."""
    import tkinter
    from tkinter import simpledialog

    root = tkinter.Tk()
    try:
        root.withdraw()
        root.attributes("-topmost", True)
        return simpledialog.askstring(TITLE, question, show="•", parent=root)
    finally:
        root.destroy()


def _input_mac(question: str, field: Field) -> str | None:
    """Ask by AppleScript, whose arguments are handed over as such, never as part of the script."""
    import subprocess

    script = [
        "on run argv",
        f'return text returned of (display dialog (item 1 of argv) default answer (item 2 of argv) with title "{TITLE}"{" with hidden answer" if field.secret else ""})',
        "end run",
    ]
    lines: list[Any] = [part for line in script for part in ("-e", line)]
    done = subprocess.run(["osascript", *lines, question, field.value], capture_output=True, text=True, check=False)
    return done.stdout.rstrip("\n") if done.returncode == 0 else None


def _fitted(text: str) -> str:
    """The text, shortened where a message box would grow beyond the screen: before its last paragraph, which holds the question."""
    if len(text) <= _LONGEST:
        return text
    before, gap, last = text.rpartition("\n\n")
    room = _LONGEST - len(gap + last)
    return f"{_cut(before, room)}{gap}{last}" if before and room > 0 else _cut(last, _LONGEST)


def _cut(text: str, most: int) -> str:
    """The first words of a text that is too long.

    >>> _cut("Miller Studio, Harbour Pilots", 20), _cut("Miller Studio", 20)
    ('Miller Studio, …', 'Miller Studio')
    """
    return text if len(text) <= most else text[: max(most - 2, 0)].rsplit(" ", 1)[0] + " …"
