"""The rows of a checked file with their problems; the page asks for the rows that it shows, so their number is no matter."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import traitlets

from invoice_rules import Problem, Report, Severity, column_letter, marks
from invoice_rules.notebook.component import Component, beside, whole
from invoice_rules.notebook.guard import Guard

WINDOW = 200
"""Rows that are handed out at once, at most."""
MOST_COLUMNS = 120
_LONGEST = 500
_SAMPLE = 200
_NARROW, _WIDE = 6, 34
_FILTERS = {
    "all": "All rows",
    "wrong": "Only rows with errors",
    "waiting": "Only rows that wait for a yes",
    "warned": "Only rows with warnings",
    "edited": "Only edited rows",
}


class Rows:
    """A report as the grid shows it: which rows each filter has, and windows of them."""

    def __init__(self, report: Report):
        self.report = report
        self.table = report.table
        self.worst = report.problems.worst(len(self.table))
        self._chosen: dict[str, np.ndarray] = {}

    @cached_property
    def columns(self) -> list[int]:
        """The columns that are shown: all, or where they are too many those that feed a field first."""
        count = len(self.table.headings)
        fed = sorted({column for column in self.report.mapping.fields.values() if column is not None})
        others = [column for column in range(count) if column not in fed] if count > MOST_COLUMNS else []
        return list(range(count)) if count <= MOST_COLUMNS else sorted((fed + others)[:MOST_COLUMNS])

    def heads(self) -> list[dict[str, Any]]:
        """Letter, heading and width (in characters) of each column that is shown."""
        first, titles = self.table.origin.first_column, self._titles
        return [
            {
                "letter": column_letter(first + column),
                "heading": self.table.headings[column][:_LONGEST],
                "field": titles.get(column, ""),
                "width": max(_NARROW, min(_WIDE, max([len(self.table.headings[column]) + 7, *self._lengths(column)]))),
            }
            for column in self.columns
        ]

    def _lengths(self, column: int) -> list[int]:
        """How much room the first cells of a column want."""
        return [len(self.table.shown(at, column)) + 2 for at in range(min(len(self.table), _SAMPLE))]

    @property
    def _titles(self) -> dict[int, str]:
        fields = self.report.rules.fields
        return {column: fields[name].title for name, column in self.report.mapping.fields.items() if column is not None}

    def filters(self) -> list[dict[str, Any]]:
        """What can be shown: key, words and count of each."""
        offered = [{"key": key, "label": label, "count": len(self.chosen(key))} for key, label in _FILTERS.items()]
        return [one for one in offered if one["count"] or one["key"] in ("all", "wrong")]

    def chosen(self, key: str) -> np.ndarray:
        """The positions of the rows of a filter; `rule:3` is that of the fourth finding's rule and field."""
        if key not in self._chosen:
            self._chosen[key] = self._choose(key)
        return self._chosen[key]

    def _choose(self, key: str) -> np.ndarray:
        severity = {"wrong": Severity.ERROR, "waiting": Severity.HOLD, "warned": Severity.WARNING}.get(key)
        if severity is not None:
            return np.flatnonzero(self._any(severity))
        if key == "edited":
            places = self.table.frame.index.get_indexer(sorted({row for row, _ in self.table.edited}))
            return places[places >= 0]
        if key.startswith("rule:"):
            rule, field = key.removeprefix("rule:").split("|", 1)
            found = [one.at for one in self.report.problems.findings if one.at is not None and (one.rule.id, one.field) == (rule, field)]
            return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
        return np.arange(len(self.table))

    def _any(self, severity: Severity) -> np.ndarray:
        """(rows,) bool: rows with a problem of this severity."""
        rows = np.zeros(len(self.table), bool)
        for found in self.report.problems.findings:
            if found.at is not None and found.weight == severity:
                rows[found.at] = True
        return rows

    def place_of(self, key: str, row: int) -> int:
        """Where among the rows of a filter the user's row number stands, or the next one that is there."""
        places = self.chosen(key)
        numbers = self.table.frame.index.to_numpy()[places]
        return min(int(np.searchsorted(numbers, row)), max(len(places) - 1, 0))

    def window(self, key: str, start: int, count: int) -> list[dict[str, Any]]:
        """These rows of a filter: number, status, worst severity, and the cells, each [text, severity, message, edited].

        A cell that does not show all of its text as it is has a fifth part, True; `text` gives it whole.
        """
        places = self.chosen(key)[start : start + min(count, WINDOW)]
        if not len(places):
            return []
        only = np.zeros(len(self.table), bool)
        only[places] = True
        found = marks.notes(self.report, only)
        told = marks.status_texts(self.report, only, found=found)
        weights = marks.severities(self.report, places)
        messages = self._messages([note.problem for note in found])
        numbers = self.table.frame.index.to_numpy()[places].tolist()
        made = []
        for n, (at, number, status) in enumerate(zip(places.tolist(), numbers, told, strict=True)):
            cells = [self._cell(at, number, column, int(weights[n, column]), messages) for column in self.columns]
            made.append({"row": number, "status": status, "worst": int(self.worst[at]), "cells": cells})
        return made

    def _messages(self, found: list[Problem]) -> dict[tuple[int, int], str]:
        """(row, column) -> what is wrong there, a sentence a line, with what it may be instead."""
        lines: dict[tuple[int, int], list[str]] = {}
        columns = self.report.mapping.fields
        for problem in found:
            column = columns.get(problem.field)
            if column is not None and problem.row is not None:
                lines.setdefault((problem.row, column), []).append(f"{str(problem.severity).capitalize()}: {problem.message}{_fix(problem)}")
        return {cell: "\n".join(dict.fromkeys(its)) for cell, its in lines.items()}

    def _cell(self, at: int, number: int, column: int, weight: int, messages: dict[tuple[int, int], str]) -> list[Any]:
        own = self.table.shown(at, column)
        text = "".join(c if c.isprintable() else "·" for c in own[:_LONGEST])
        shown = weight if weight >= Severity.WARNING else 0
        was = self.table.edited.get((number, column))
        says = [messages.get((number, column), ""), f'The file says "{was[:_LONGEST]}".' if was is not None else ""]
        return [text, shown, "\n".join(filter(None, says)), was is not None, *([True] if text != own else [])]

    def text(self, row: int, column: int) -> str | None:
        """The whole text of a cell as it is, by the user's row number; None where there is no such row."""
        (at,) = self.table.frame.index.get_indexer([row])
        return self.table.shown(int(at), column) if at >= 0 else None


def _fix(problem: Problem) -> str:
    if problem.fix is None:
        return ""
    return f" {'Fix' if problem.fix.safe else 'Perhaps'}: {problem.fix.says or problem.fix.value}."


class ErrorGrid(Component):
    """The grid. `edit` gets the user's row number, the 0-based column and the new text; None takes the edit back."""

    _esm = beside("grid.js")
    _css = beside("grid.css")
    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    filters: traitlets.List[Any] = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode("all").tag(sync=True)
    count = traitlets.Int(0).tag(sync=True)
    left_out = traitlets.Int(0).tag(sync=True)
    version = traitlets.Int(0).tag(sync=True)

    def __init__(self, guard: Guard, edit: Callable[[int, int, str | None], None]):
        self._edit = edit
        self._rows: Rows | None = None
        super().__init__(guard)
        self.observe(self._choose, "chosen")

    def show(self, report: Report) -> None:
        """Another report; the filter stays where it still has rows."""
        rows = Rows(report)
        filters = rows.filters()
        key = self.chosen if len(rows.chosen(self.chosen)) else "all"
        with self.hold_sync():
            self._rows = rows
            self.columns, self.filters = rows.heads(), filters
            self.chosen, self.count = key, len(rows.chosen(key))
            self.left_out = len(rows.table.headings) - len(rows.columns)
            self.version += 1

    def only(self, rule: str, field: str) -> None:
        """Show the rows that break this rule in this field."""
        self.chosen = f"rule:{rule}|{field}"

    def _choose(self, change: dict[str, Any]) -> None:
        if self._rows is not None:
            self.count = len(self._rows.chosen(change["new"]))
            self.version += 1

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        rows = self._rows
        if rows is None:
            return
        if message.get("kind") == "rows":
            start = whole(message, "start", self.count)
            found = rows.window(self.chosen, start, whole(message, "count", WINDOW))
            self.send({"kind": "rows", "turn": message.get("turn"), "version": self.version, "start": start, "rows": found})
        elif message.get("kind") == "find":
            self.send({"kind": "found", "at": rows.place_of(self.chosen, whole(message, "row", 2**31))})
        elif rows.columns:
            self._cell_heard(rows, message)

    def _cell_heard(self, rows: Rows, message: dict[str, Any]) -> None:
        """A cell is to be edited, for which its own text is handed out, or was edited."""
        row, at = whole(message, "row", 2**31), whole(message, "column", len(rows.columns) - 1)
        text = message.get("text")
        if message.get("kind") == "text":
            self.send({"kind": "text", "row": row, "column": at, "text": rows.text(row, rows.columns[at])})
        elif message.get("kind") == "edit":
            self._edit(row, rows.columns[at], text if isinstance(text, str) else None)
