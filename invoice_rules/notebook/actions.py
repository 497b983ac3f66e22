"""A table whose rows can be acted on: buttons, a choice and a tick each. What its cells say is set as text only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import traitlets

from invoice_rules.notebook.component import Component, beside
from invoice_rules.notebook.guard import Guard


@dataclass(frozen=True)
class Line:
    """A row: what its cells say, and what can be done with it.

    `id` names it; `tints` gives a cell's place a kind (bad, neutral, good); `acts` are buttons (act, words); `choices` are (key, words), of
    which `choice` is the chosen one; `tick` is on or off, or None where the row has none.
    """

    id: str
    cells: Sequence[object]
    tints: Mapping[int, str] = field(default_factory=dict)
    acts: Sequence[tuple[str, str]] = ()
    choices: Sequence[tuple[str, str]] = ()
    choice: str = ""
    tick: bool | None = None

    def form(self) -> dict[str, Any]:
        """As the page gets it."""
        cells = ["" if value is None or value != value else str(value)[:500] for value in self.cells]
        tints = {str(at): kind for at, kind in self.tints.items()}
        acts, choices = [list(act) for act in self.acts], [list(choice) for choice in self.choices]
        return {"id": self.id, "cells": cells, "tints": tints, "acts": acts, "choices": choices, "choice": self.choice, "tick": self.tick}


class ActionTable(Component):
    """`act` gets a button's name and the row's id. What was chosen and ticked is in `chosen` and `ticked`; `changed` is told of it.

    `right` names the headings of numbers; those and `whole` are never broken into lines. `choose` and `ticks` are the headings of choices and ticks.
    """

    _esm = beside("actions.js")
    title = traitlets.Unicode().tag(sync=True)
    headings = traitlets.List(traitlets.Unicode()).tag(sync=True)
    right = traitlets.List(traitlets.Int()).tag(sync=True)
    hidden = traitlets.List(traitlets.Int()).tag(sync=True)
    whole = traitlets.List(traitlets.Int()).tag(sync=True)
    choose = traitlets.Unicode().tag(sync=True)
    ticks = traitlets.Unicode().tag(sync=True)
    lines: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        guard: Guard,
        title: str,
        headings: Sequence[str],
        act: Callable[[str, str], None] = lambda act, id: None,
        changed: Callable[[], None] = lambda: None,
        right: Iterable[str] = (),
        whole: Iterable[str] = (),
        choose: str = "",
        ticks: str = "",
    ):
        self._act, self._changed = act, changed
        self._shown: dict[str, Line] = {}
        self.chosen: dict[str, str] = {}
        self.ticked: dict[str, bool] = {}
        sides = [headings.index(name) for name in right], [headings.index(name) for name in (*right, *whole)]
        super().__init__(guard, title=title, headings=list(headings), right=sides[0], whole=sides[1], choose=choose, ticks=ticks)

    def show(self, lines: Iterable[Line], hidden: Iterable[str] = ()) -> None:
        """Show these rows instead, without the columns of these headings."""
        self._shown = {line.id: line for line in lines}
        self.chosen = {line.id: line.choice for line in self._shown.values() if line.choices}
        self.ticked = {line.id: line.tick for line in self._shown.values() if line.tick is not None}
        with self.hold_sync():
            self.hidden = [self.headings.index(name) for name in hidden]
            self.lines = [line.form() for line in self._shown.values()]

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        kind, value = str(message.get("kind")), message.get("value")
        line = self._shown.get(str(message.get("id")))
        if line is None:
            return  # the page shows rows that are gone
        if kind == "act" and value in [act for act, _ in line.acts]:
            self._act(str(value), line.id)
        elif kind == "choose" and value in [key for key, _ in line.choices]:
            self.chosen[line.id] = str(value)
            self._changed()
        elif kind == "tick" and line.tick is not None:
            self.ticked[line.id] = value is True
            self._changed()
