"""The kinds of field: each helper gives one Pandera column with its dtype, its checks and its `Field`."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from invoice_rules.fields.checks import filled_in, kept_digits, longest, no_control, not_negative, one_of, safe_content, unique_key
from invoice_rules.fields.declared import Field
from invoice_rules.table import TEXT

MONEY_TYPE = pd.ArrowDtype(pa.int64())
DATE_TYPE = pd.ArrowDtype(pa.date32())
YES_NO_TYPE = pd.ArrowDtype(pa.bool_())


def text(title: str, description: str = "", *, max: int | None = None, choices: tuple[str, ...] = (), **declared: Any) -> pandera.Column:
    """Words: a length, perhaps a list of choices, and nothing that a spreadsheet would run (S3-5)."""
    own = [safe_content, no_control, *([longest(max, words=True)] if max else []), *([one_of(choices)] if choices else [])]
    return _column(TEXT, Field("text", title, description, max=max, choices=choices, **declared), own)


def code(title: str, description: str = "", *, max: int | None = None, unique: bool = False, **declared: Any) -> pandera.Column:
    """An identifier: text whose form is kept to the letter (X-3)."""
    own = [safe_content, no_control, kept_digits, *([longest(max)] if max else []), *([unique_key] if unique else [])]
    return _column(TEXT, Field("code", title, description, max=max, **declared), own)


def money(title: str, description: str = "", *, negative: bool = False, **declared: Any) -> pandera.Column:
    """An exact amount in minor units of the row's currency."""
    return _column(MONEY_TYPE, Field("money", title, description, **declared), [] if negative else [not_negative])


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
    wanted = [filled_in, *checks] if field.required else list(checks)
    return pandera.Column(
        dtype, checks=wanted, nullable=True, required=False, title=field.title, description=field.description, metadata={"field": field}
    )
