"""What the stages of a check hand on: a table's columns by field, and its typed rows with what was found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from invoice_rules.fields import RuleSet
from invoice_rules.problems import Fill, Finding, quoted
from invoice_rules.results import Mapping as ColumnMapping
from invoice_rules.table import Kind, Table


@dataclass(frozen=True)
class Columns:
    """The table by field: trimmed text, the kinds of its cells, and where each field's cells lie in the table.

    `rows` are the positions of the rows that a view of documents or of lines shows; None: all.
    """

    table: Table
    rules: RuleSet
    mapping: ColumnMapping
    text: Mapping[str, pa.Array]
    kinds: Mapping[str, np.ndarray]
    fills: tuple[Fill, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: np.ndarray | None = None

    @cached_property
    def words(self) -> dict[str, object]:
        return {"document": self.rules.document}

    def number(self, at: int) -> int:
        return int(self._numbers[at if self.rows is None else self.rows[at]])

    @cached_property
    def _numbers(self) -> np.ndarray:
        return self.table.frame.index.to_numpy()

    def _column(self, field: str, column: int | None) -> int | None:
        return self.mapping.fields.get(field) if column is None else column

    def address(self, at: int | None, field: str, column: int | None) -> str:
        place = self._column(field, column)
        return self.table.origin.address(None if at is None else self.number(at), place)

    def value(self, at: int, field: str, column: int | None) -> str:
        place = self._column(field, column)
        if place is not None and field not in self.set_fields:
            return self.table.shown(at, place)
        return self.trimmed(at, field)

    def trimmed(self, at: int, field: str) -> str:
        return self.text[field][at].as_py() if field in self.text else ""

    def title(self, field: str, column: int | None) -> str:
        if field in self.rules.fields:
            return self.rules.fields[field].title
        return f"column {quoted(self.table.headings[column])}" if column is not None else field

    def shown_in(self, field: str) -> dict[str, np.ndarray]:
        """The positions of the field's cells that the sheet shows in a currency."""
        column = self.mapping.fields.get(field)
        return {} if column is None or field in self.set_fields else self.table.shown_in(column)

    def heading(self, field: str) -> str:
        """The heading over the field's cells; '' where a setting gives them."""
        column = self.mapping.fields.get(field)
        return "" if column is None or field in self.set_fields else self.table.headings[column]

    @cached_property
    def proven(self) -> "Columns":
        """The same, its texts with those behind them that show how the column was read in the file that its rows come from (S0-26, X-12)."""
        proofs = {name: [text for _, text in its] for name in self.text if (its := self.proofs(name))}
        text = {name: pa.concat_arrays([self.text[name], pa.array(texts, pa.large_string())]) for name, texts in proofs.items()}
        kinds = {name: np.append(self.kinds[name], np.full(len(texts), Kind.TEXT, np.int8)) for name, texts in proofs.items() if name in self.kinds}
        return replace(self, text={**self.text, **text}, kinds={**self.kinds, **kinds}) if proofs else self

    def proofs(self, field: str) -> Sequence[tuple[int, str]]:
        """(row number, text) of the cells that show how the field's column was read."""
        column = self.mapping.fields.get(field)
        return () if column is None or field in self.set_fields else self.table.proofs.get(column, ())

    def numbered(self, field: str) -> Callable[[int], int]:
        """The row number of each position of the field's text in `proven`."""
        proofs = self.proofs(field)
        return lambda at: self.number(at) if at < len(self.table) else proofs[at - len(self.table)][0]

    def order(self, field: str) -> int:
        return self._places.get(field, -1)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.rules.fields)}

    @cached_property
    def set_fields(self) -> frozenset[str]:
        """Fields whose cells come from a setting."""
        return frozenset(fill.field for fill in self.fills if fill.source == "setting")


@dataclass(frozen=True)
class Typed:
    """Typed rows, the cells that were not understood (field -> mask), and what was found."""

    rows: pd.DataFrame
    unread: Mapping[str, np.ndarray]
    findings: tuple[Finding, ...]
