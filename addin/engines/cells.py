"""What stands in a cell, as xlwings hands it over and takes it: values in and out, Excel's error values and its serial days.

Both engines of the add-in use this. `Conversion` is the part of an xlwings engine that has no base class there; `missing_calls_say_so`
replaces what an engine leaves out by an error that names the call.
"""

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from xlwings import XlwingsError, base_classes

# The numbers that COM delivers for error cells (https://learn.microsoft.com/office/vba/excel/concepts/cells-and-ranges/cell-error-values).
ERROR_CODES = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
    "#GETTING_DATA": -2146826245,
    "#SPILL!": -2146826243,
    "#CONNECT!": -2146826242,
    "#BLOCKED!": -2146826241,
    "#UNKNOWN!": -2146826240,
    "#FIELD!": -2146826239,
    "#CALC!": -2146826238,
}
ERROR_TEXTS = {code: text for text, code in ERROR_CODES.items()}
XLWINGS_KNOWS = {ERROR_CODES[text] for text in ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")}

START_1900 = dt.datetime(1899, 12, 30)
START_1904 = dt.datetime(1904, 1, 1)
TEXT_LIMIT = 32_767
FORMULA_LIMIT = 8_192
READ_ONLY = "{} is open for reading only. Save it under another name (File, Save As), then try again."
"""What Calc's users are told, who see no values where a program writes into such a workbook."""

Class = TypeVar("Class", bound=type)


class ExcelError(XlwingsError):
    """What Excel refuses: on Windows it arrives as a `com_error` 1004. The message says which rule was broken, and where."""


class NotSupported(NotImplementedError):
    """A call of xlwings that this engine does not offer; the message names it."""


def prepare_xl_data_element(x: Any, options: Any = None) -> Any:
    """One Python value as it is written into a cell: "" empties the cell; numbers become floats, dates datetimes. TypeError for anything else.

    Excel makes a Decimal a currency amount of two places and rounds it, so a Decimal is refused here: write a float.
    """
    kind = type(x)
    if kind is str or kind is bool:
        return x
    if kind is float:
        return "" if x != x else x
    if isinstance(x, str):
        return str(x)
    if isinstance(x, Decimal):
        raise TypeError(f"Cells take numbers as float: Excel rounds a Decimal ({x}) to currency.")
    if x is None or pd.api.types.is_scalar(x) and pd.isna(x):
        return ""
    if isinstance(x, (dt.date, np.datetime64)):
        return _naive(x)
    if isinstance(x, np.bool_):
        return bool(x)
    if isinstance(x, (int, float, np.number)):
        return float(x)
    raise TypeError(f"A cell cannot take a {type(x).__name__}: {x!r}")


def _naive(x: Any) -> dt.datetime:
    """A date or time stamp as the datetime that a cell holds: no time zone, whole microseconds."""
    if isinstance(x, (np.datetime64, pd.Timestamp)):
        x = pd.Timestamp(x).to_pydatetime(warn=False)
    if not isinstance(x, dt.datetime):
        return dt.datetime(x.year, x.month, x.day)
    return x.replace(tzinfo=None)


def clean_value_data(
    data: Iterable[Iterable[Any]],
    datetime_builder: Callable[..., Any],
    empty_as: Any,
    number_builder: Callable[[float], Any] | None,
    err_to_str: bool,
) -> list[list[Any]]:
    """Raw cells (rows of None, str, bool, float, datetime and int error codes) as xlwings' `value` gives them on Windows.

    It knows the seven errors of old; #SPILL!, #CALC! and the like arrive as their numbers there, whatever `err_to_str` says, and so they do here.
    """

    def clean(value: Any) -> Any:
        kind = type(value)
        if kind is float:
            return number_builder(value) if number_builder else value
        if value is None or value == "":
            return empty_as
        if kind is dt.datetime:
            return value if datetime_builder is dt.datetime else _built(value, datetime_builder)
        if kind is int and value in XLWINGS_KNOWS:
            return ERROR_TEXTS[value] if err_to_str else None
        return value

    as_is = _AS_IS if number_builder is None and datetime_builder is dt.datetime and empty_as is None else frozenset()
    return [list(row) if as_is.issuperset(map(type, row)) and "" not in row else [clean(value) for value in row] for row in data]


_AS_IS = frozenset((str, float, bool, dt.datetime, type(None)))
"""Kinds of cell that xlwings' `value` gives as they are, unless it is asked for others."""


def _built(value: dt.datetime, builder: Callable[..., Any]) -> Any:
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo")
    return builder(**{name: getattr(value, name) for name in names})


class Conversion:
    """The half of an xlwings engine that converts values; xlwings calls these on the engine, and asks its type."""

    type = "desktop"
    prepare_xl_data_element = staticmethod(prepare_xl_data_element)
    clean_value_data = staticmethod(clean_value_data)


def rows_to_write(value: Any, shape: tuple[int, int]) -> tuple[Sequence[Sequence[Any]], bool]:
    """(rows, filled) of what is assigned to a range of this shape: one value fills it (filled is True), a flat list is one row."""
    if not isinstance(value, (list, tuple)):
        return [[value] * shape[1]] * shape[0], True
    if not value or not isinstance(value[0], (list, tuple)):
        return [value], False
    return value, False


def unpacked(rows: Sequence[Sequence[Any]]) -> Any:
    """Rows as Excel hands them over: one cell is a bare value, more are tuples of tuples."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    return tuple(map(tuple, rows))


def from_serial(serial: float, date1904: bool = False) -> dt.datetime:
    """The moment of a serial day, as Value2 gives it. 60 is Excel's 29 February 1900, which never was: days before it are one off.

    >>> from_serial(46023.5), from_serial(44561.0, date1904=True)
    (datetime.datetime(2026, 1, 1, 12, 0), datetime.datetime(2026, 1, 1, 0, 0))
    """
    if not date1904 and 1 <= serial < 60:
        serial += 1
    days, part = divmod(serial, 1)
    return (START_1904 if date1904 else START_1900) + dt.timedelta(days=int(days), milliseconds=round(part * 86_400_000))


def to_serial(moment: dt.datetime, date1904: bool = False) -> float:
    """The serial day of a moment: what Value2 gives for a date.

    >>> to_serial(dt.datetime(2026, 1, 1, 12)), to_serial(dt.datetime(2026, 1, 1), date1904=True)
    (46023.5, 44561.0)
    """
    serial = (moment - (START_1904 if date1904 else START_1900)) / dt.timedelta(days=1)
    return serial - 1 if not date1904 and 2 <= serial < 61 else serial


def missing_calls_say_so(engine: str) -> Callable[[Class], Class]:
    """Class decorator: what xlwings' base class only declares, and this class left out, raises NotSupported with the name of the call."""

    def complete(cls: Class) -> Class:
        for name, declared in _declared(cls).items():
            setattr(cls, name, _refusal(f"{cls.__name__}.{name}", engine, declared))
        return cls

    return complete


def _declared(cls: type) -> dict[str, Any]:
    """Public members that `cls` takes from xlwings' base classes and that do nothing there but raise."""
    found: dict[str, Any] = {}
    for name in dir(cls):
        owner = next(base for base in cls.__mro__ if name in vars(base))
        member = vars(owner)[name]
        if owner.__module__ == base_classes.__name__ and (not name.startswith("_") or name in DUNDERS) and _only_raises(member):
            found[name] = member
    return found


DUNDERS = ("__call__", "__len__", "__iter__", "__contains__", "__getitem__")


def _only_raises(member: Any) -> bool:
    function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    return inspect.isfunction(function) and "NotImplementedError" in function.__code__.co_names


def _refusal(call: str, engine: str, declared: Any) -> Any:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise NotSupported(f"{call} is not there with {engine}.")

    return property(refuse, refuse) if isinstance(declared, property) else refuse
