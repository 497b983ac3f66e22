"""Whose books an import is for, and what a store lets examining know of them."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import pandas as pd
import pyarrow as pa

T = TypeVar("T")


@dataclass(frozen=True)
class Entity:
    """Whose books these are (X-18), with the settings that rules look at. `revision` rises with every change of its books."""

    name: str = "main"
    title: str = ""
    currency: str = ""
    environment: str = "live"
    closed_until: dt.date | None = None
    revision: int = 0


@dataclass(frozen=True)
class Corrections:
    """What a sender's data needs every month (X-14): cell texts to replace by field, and column settings. Never amounts, dates or keys.

    `fixed`: the safe fixes of one file are among the values, of whatever field (X-5).
    """

    values: Dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    settings: Dict[str, str] = dataclasses.field(default_factory=dict)
    sender: str = ""
    version: int = 0
    fixed: bool = False


@dataclass(frozen=True)
class Expected:
    """Declared control totals (X-8): how many invoices, and their total in minor units by currency; None: not declared."""

    count: int | None = None
    totals: Dict[str, int] = dataclasses.field(default_factory=dict)
    due: Dict[str, int] = dataclasses.field(default_factory=dict)


class Context(Protocol):
    """What examining may know of the store. Frames hold the fields of the rule set, typed as `Report.rows` has them."""

    @property
    def entity(self) -> Entity: ...

    def existing(self, rules: Any, keys: pa.Array) -> pd.DataFrame:
        """The records in force with these keys. Index: key; columns: the fields that the store keeps, `status`, `version`, `record.id`."""
        ...

    def existing_in_parts(self, rules: Any, keys: pa.Array, look: Callable[[pd.DataFrame], T]) -> list[T]:
        """What `look` says of the same, some at a time and in any order, one part at least; others may be among them."""
        ...

    def same_number(self, rules: Any, customers: pa.Array, numbers: pa.Array, names: pa.Array | None = None) -> pd.DataFrame:
        """Records in force that share a (customer, number) pair, null being none: columns at (position in the arrays), key.

        With `names`, as `alike.folded` has them, those of the same name as well where one of the two has no customer id.
        """
        ...

    def same_amount(self, rules: Any, customers: pa.Array, amounts: pa.Array) -> pd.DataFrame:
        """Records in force whose customer and amount are those of a row of the arrays: columns customer, amount, currency, number, date."""
        ...

    def reference(self, kind: str) -> pd.DataFrame:
        """All entries in force of a reference kind, typed by its fields; empty where none was imported."""
        ...

    def customers(self, rules: Any, ids: pa.Array) -> pd.DataFrame:
        """Customers on file. Index: customer id; columns: name, complete."""
        ...
