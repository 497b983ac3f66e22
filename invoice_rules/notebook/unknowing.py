"""A view of the store in which nothing was imported yet: lists and customers are there, documents are not."""

from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa

T = TypeVar("T")


class Unknowing:
    """`results.Context` of a store, without its documents: what is judged again must not meet itself."""

    def __init__(self, context: Any):
        self._context = context

    @property
    def entity(self) -> Any:
        return self._context.entity

    def existing(self, rules: Any, keys: pa.Array) -> pd.DataFrame:
        return self._context.existing(rules, keys.slice(0, 0))

    def existing_in_parts(self, rules: Any, keys: pa.Array, look: Callable[[pd.DataFrame], T]) -> list[T]:
        return self._context.existing_in_parts(rules, keys.slice(0, 0), look)

    def same_number(self, rules: Any, customers: pa.Array, numbers: pa.Array, names: pa.Array | None = None) -> pd.DataFrame:
        return self._context.same_number(rules, customers.slice(0, 0), numbers.slice(0, 0))

    def same_amount(self, rules: Any, customers: pa.Array, amounts: pa.Array) -> pd.DataFrame:
        return self._context.same_amount(rules, customers.slice(0, 0), amounts.slice(0, 0))

    def reference(self, kind: str) -> pd.DataFrame:
        return self._context.reference(kind)

    def customers(self, rules: Any, ids: pa.Array) -> pd.DataFrame:
        return self._context.customers(rules, ids)
