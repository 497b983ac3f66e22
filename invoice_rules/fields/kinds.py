"""The kinds of field: each helper gives one Pandera column with its dtype, its checks and its `Field`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from invoice_rules.fields.checks import (
    filled_in,
    kept_digits,
    longest,
    no_control,
    no_invisible,
    not_negative,
    one_of,
    positive_number,
    safe_content,
    unique_key,
    within_size,
    without_dashes,
)
from invoice_rules.fields.declared import Field
from invoice_rules.table import TEXT
from invoice_rules.values.numbers import NUMBER

MONEY_TYPE = pd.ArrowDtype(pa.int64())
DATE_TYPE = pd.ArrowDtype(pa.date32())
YES_NO_TYPE = pd.ArrowDtype(pa.bool_())
NUMBER_TYPE = pd.ArrowDtype(NUMBER)
YES_OR_NO = {"Y": ("yes", "true"), "N": ("no", "false")}
"""The words for Y and N where these are the choices."""


def text(
    title: str, description: str = "", *, max: int | None = None, choices: tuple[str, ...] = (), words: Mapping[str, tuple[str, ...]] | None = None, **declared: Any
) -> pandera.Column:  # fmt: skip
    """Words: a length or a list of choices, with other `words` for each, and nothing that a spreadsheet would run (S3-5)."""
    own = [safe_content, no_control, *([one_of(choices, words)] if choices else [longest(max, words=True)] if max else [])]
    return _column(TEXT, Field("text", title, description, max=max, choices=choices, **declared), own)


def code(title: str, description: str = "", *, max: int | None = None, unique: bool = False, dashes: bool = True, **declared: Any) -> pandera.Column:
    """An identifier: text whose form is kept to the letter (X-3)."""
    own = [*([] if dashes else [without_dashes]), safe_content, no_invisible, kept_digits, *([longest(max)] if max else []), *([unique_key] if unique else [])]
    return _column(TEXT, Field("code", title, description, max=max, dashes=dashes, **declared), own)


def money(title: str, description: str = "", *, negative: bool = False, size: int | None = None, **declared: Any) -> pandera.Column:
    """An exact amount in minor units of the row's currency; `size` is how many characters its plain number may have (S2-36)."""
    own = [*([] if negative else [not_negative]), *([within_size(size, 2)] if size else [])]
    return _column(MONEY_TYPE, Field("money", title, description, **declared), own)


def number(title: str, description: str = "", *, negative: bool = False, size: int | None = None, **declared: Any) -> pandera.Column:
    """A quantity or a price a piece, decimal128(18, 6); `decimals` are how many may be written."""
    own = [*([] if negative else [positive_number]), *([within_size(size, 6)] if size else [])]
    return _column(NUMBER_TYPE, Field("number", title, description, **declared), own)


def percent(title: str, description: str = "", *, size: int | None = None, **declared: Any) -> pandera.Column:
    """A percentage from 0 to 100, decimal128(18, 6): 10.5 means 10.5 % (S2-15)."""
    own = [positive_number, *([within_size(size, 6)] if size else [])]
    return _column(NUMBER_TYPE, Field("percent", title, description, **declared), own)


def date(title: str, description: str = "", **declared: Any) -> pandera.Column:
    """A calendar date; `orders` names the only orders in which text may write it."""
    return _column(DATE_TYPE, Field("date", title, description, **declared), [])


def yes_no(title: str, description: str = "", **declared: Any) -> pandera.Column:
    """yes, no, true or false, and Excel's own booleans."""
    return _column(YES_NO_TYPE, Field("yes_no", title, description, **declared), [])


def emails(title: str, description: str = "", *, max: int = 6, **declared: Any) -> pandera.Column:
    """One to `max` e-mail addresses in a cell."""
    return _column(TEXT, Field("emails", title, description, max=max, **declared), [])


def currency(title: str = "Currency", description: str = "", **declared: Any) -> pandera.Column:
    """The code of the row's currency."""
    return _column(TEXT, Field("currency", title, description, role="currency", **declared), [])


def _column(dtype: object, field: Field, checks: Sequence[pandera.Check]) -> pandera.Column:
    if isinstance(field.default, str):
        field = replace(field, default=(field.default,))
    wanted = [filled_in, *checks] if field.required else list(checks)
    return pandera.Column(
        dtype, checks=wanted, nullable=True, required=False, title=field.title, description=field.description, metadata={"field": field}
    )
