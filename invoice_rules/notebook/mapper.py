"""The columns of a file beside the fields of a rule set: a field is dragged onto a column, or chosen in its select."""

from collections.abc import Callable
from collections.abc import Mapping as Dict
from typing import Any

import traitlets

from invoice_rules import Mapping, Table, column_letter
from invoice_rules.notebook.component import Component, beside, whole
from invoice_rules.notebook.guard import Guard

_SAMPLES = 3
_LONGEST = 40
_ROWS_LOOKED_AT = 50


class Mapper(Component):
    """`give` gets a field and the 0-based column that is to feed it, or None where none is."""

    _esm = beside("mapper.js")
    _css = beside("mapper.css")
    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    fields: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, guard: Guard, give: Callable[[str, int | None], None]):
        self._give = give
        super().__init__(guard)

    def show(self, table: Table, mapping: Mapping, fields: Dict[str, Any], values: Dict[str, str]) -> None:
        """The file's columns and the fields; `values` are those that the user gave for every row."""
        with self.hold_sync():
            self.columns = [self._column(table, at, heading) for at, heading in enumerate(table.headings)]
            self.fields = [_field(name, fields[name], match, name in mapping.required, values.get(name)) for name, match in mapping.matches.items()]

    def _column(self, table: Table, at: int, heading: str) -> dict[str, Any]:
        texts = (cut(table.shown(row, at)) for row in range(min(len(table), _ROWS_LOOKED_AT)))
        samples = list(dict.fromkeys(text for text in texts if text.strip()))[:_SAMPLES]
        return {"letter": column_letter(table.origin.first_column + at), "heading": cut(heading), "samples": samples}

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        name, column = message.get("field"), message.get("column")
        known = {its["name"] for its in self.fields}
        if message.get("kind") == "give" and name in known:
            self._give(str(name), None if column is None else whole(message, "column", len(self.columns) - 1))


def _field(name: str, field: Any, match: Any, required: bool, value: str | None) -> dict[str, Any]:
    guessed = match.how in ("similar", "synonym", "title", "exact")
    return {
        "name": name,
        "title": field.title,
        "help": field.description or field.title,
        "required": required,
        "column": match.column,
        "how": "" if match.column is None else f"Guess: {match.why or match.how}" if guessed else match.why,
        "unsure": match.how == "similar" and match.column is not None,
        "why": match.why if match.column is None else "",
        "value": value or "",
    }


def cut(text: str) -> str:
    """A cell as a sample: one line, not too long."""
    shown = "".join(c if c.isprintable() else "·" for c in text[: _LONGEST + 1])
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
