"""What Excel makes of a value that is put into a cell, as if it were typed in an English (US) Excel: text that looks like one becomes a number,
a date, a boolean, an error or a formula, unless the cell has the format Text or the text starts with an apostrophe."""

import datetime as dt
import math
import re
from copy import copy
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE, BUILTIN_FORMATS_REVERSE

from addin.engines.cells import ERROR_CODES, START_1904, TEXT_LIMIT, ExcelError, from_serial, to_serial
from addin.engines.double.grid import TEXT_FORMAT, Grid, typed
from addin.engines.double.references import check_formula

_NUMBER = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<money>[$€£])?\s*(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)"
    r"(?P<power>[eE][-+]?\d{1,3})?\s*(?P<percent>%)?\s*(?P<close>\))?"
)
_TIME = r"(?:\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[AaPp][Mm])?)?"
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES = tuple(
    re.compile(pattern + _TIME, re.IGNORECASE)
    for pattern in (
        r"(?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?:[/-](?P<year>\d{4}|\d{1,2}))?",
        r"(?P<year>\d{4})[/-](?P<month>\d{1,2})[/-](?P<day>\d{1,2})",
        rf"(?P<day>\d{{1,2}})[ -]?{_MONTH}(?:[ ,-]+(?P<year>\d{{4}}|\d{{2}}))?",
        rf"{_MONTH}[ -](?P<day>\d{{1,2}})(?:[ ,-]+(?P<year>\d{{4}}|\d{{2}}))?",
        rf"{_MONTH}[ -](?P<year>\d{{4}})",
        r"(?P<month>\d{1,2})[/-](?P<year>\d{4})",
    )
)
_STARTS = frozenset("0123456789.,+-($€£")
_CLOCK = re.compile(_TIME.removeprefix("(?:").removesuffix(")?").replace(r"\s+", r"\s*", 1), re.IGNORECASE)


def put(grid: Grid, cell: Any, value: Any) -> None:
    """Put a value into a cell that is neither protected nor merged away. ExcelError where Excel takes no such value."""
    style = cell._style
    if grid.results:
        grid.results.pop((cell.row, cell.column), None)
    if style is not None and style.quotePrefix:
        _restyle(cell, "quotePrefix", 0)
    if type(value) is float and (style is None or not style.numFmtId) and math.isfinite(value):
        cell._value, cell.data_type = value, "n"
    elif isinstance(value, str):
        _put_text(grid, cell, value)
    elif value is None:
        _set(cell, None, "n")
    elif isinstance(value, (bool, int, float, dt.datetime)):
        _put_number(grid, cell, value)
    else:
        raise ExcelError(f"Excel takes no {type(value).__name__} in a cell: {value!r}")


def _set(cell: Any, value: Any, kind: str) -> None:
    cell._value = value
    cell.data_type = kind


def _restyle(cell: Any, name: str, number: int) -> None:
    cell._style = copy(cell._style) if cell._style is not None else StyleArray()
    setattr(cell._style, name, number)


def _put_number(grid: Grid, cell: Any, value: Any) -> None:
    number_format = cell._style.numFmtId if cell._style is not None else 0
    if number_format == TEXT_FORMAT:
        _set(cell, _as_text(grid, value), "s")
    elif isinstance(value, dt.datetime):
        _put_date(grid, cell, value, number_format)
    elif isinstance(value, bool):
        _set(cell, value, "b")
    elif not math.isfinite(value):
        raise ExcelError(f"A cell takes no {value}.")
    elif number_format and grid.is_date(cell._style) and value >= 0:
        _set(cell, from_serial(value, grid.date1904), "d")
    else:
        _set(cell, value, "n")


def _as_text(grid: Grid, value: Any) -> str:
    if isinstance(value, dt.datetime):
        day = f"{value.month}/{value.day}/{value.year}"
        return day if value.time() == dt.time() else f"{day} {value.hour}:{value:%M}"
    return typed(value, grid.ws.parent.epoch)


def _put_date(grid: Grid, cell: Any, value: dt.datetime, number_format: int) -> None:
    first = START_1904 if grid.date1904 else dt.datetime(1900, 1, 1)
    if value < first:
        raise ExcelError(f"Excel's calendar starts on {first:%Y-%m-%d}; {value:%Y-%m-%d} is before it.")
    if number_format and not grid.is_date(cell._style):
        _set(cell, to_serial(value, grid.date1904), "n")
        return
    if not number_format:
        _restyle(cell, "numFmtId", 14 if value.time() == dt.time() else 22)
    _set(cell, value, "d")


def _put_text(grid: Grid, cell: Any, text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise ExcelError(f"A cell holds up to {TEXT_LIMIT:,} characters; this text has {len(text):,}.")
    if ILLEGAL_CHARACTERS_RE.search(text):
        raise ExcelError(f"{cell.coordinate}: the text holds a control character: {text[:40]!r}")
    if not text:
        _set(cell, None, "n")
    elif cell._style is not None and cell._style.numFmtId == TEXT_FORMAT:
        _set(cell, text, "s")
    elif text[0] == "'":
        _set(cell, text[1:], "s")
        _restyle(cell, "quotePrefix", 1)
    else:
        _put_typed(grid, cell, text)


def _put_typed(grid: Grid, cell: Any, text: str) -> None:
    value, code = understood(text)
    if code and (cell._style is None or not cell._style.numFmtId):
        _restyle(cell, "numFmtId", _format_number(grid, code))
    if value is not text:
        _put_number(grid, cell, value)
    elif text[0] in "=+-" and len(text) > 1:
        formula = text if text[0] == "=" else "=" + text
        check_formula(formula)
        _set(cell, formula, "f")
    elif text[0] == "@":
        raise ExcelError(f"Excel takes {text[:40]!r} for a function and refuses it; put an apostrophe before it.")
    else:
        _set(cell, text.upper(), "e") if text.upper() in ERROR_CODES else _set(cell, text, "s")


def _format_number(grid: Grid, code: str) -> int:
    if code in BUILTIN_FORMATS_REVERSE:
        return BUILTIN_FORMATS_REVERSE[code]
    return grid.ws.parent._number_formats.add(code) + BUILTIN_FORMATS_MAX_SIZE


def understood(text: str) -> tuple[Any, str]:
    """(value, number format that a General cell takes on) of typed text: a float, bool or datetime; the text itself where it is just text.

    >>> understood("00123"), understood("5%"), understood("TRUE"), understood("02/30/2026"), understood("2026-01-05")
    ((123.0, ''), (0.05, '0%'), (True, ''), ('02/30/2026', ''), (datetime.datetime(2026, 1, 5, 0, 0), 'mm-dd-yy'))
    """
    plain = text.strip()
    if plain.lower() in ("true", "false"):
        return plain.lower() == "true", ""
    if not plain or (plain[0] not in _STARTS and plain[:3].lower() not in _MONTHS):
        return text, ""
    return _number(plain) or _date(plain) or _clock(plain) or (text, "")


def _number(text: str) -> tuple[float, str] | None:
    found = _NUMBER.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]) or (found["open"] and found["sign"]):
        return None
    digits = found["digits"]
    value = float(digits.replace(",", "") + (found["power"] or ""))
    value = -value if found["open"] or found["sign"] == "-" else value
    places = "." in digits
    if found["percent"]:
        return value / 100, "0.00%" if places else "0%"
    if found["money"]:
        return value, f"{found['money']}#,##0" + ".00" * places
    if found["power"]:
        return value, "0.00E+00"
    return value, ("#,##0.00" if places else "#,##0") if "," in digits else ""


def _date(text: str) -> tuple[dt.datetime, str] | None:
    for pattern in _DATES:
        found = pattern.fullmatch(text)
        if found:
            parts = found.groupdict()
            try:
                return _moment(parts), _date_format(parts)
            except ValueError:
                return None
    return None


def _moment(parts: dict[str, str | None]) -> dt.datetime:
    month = _MONTHS[str(parts["name"]).lower()] if parts.get("name") else int(parts["month"] or 0)
    year = parts.get("year")
    full = dt.date.today().year if year is None else int(year) + (len(year) < 3) * (2000 if int(year) < 30 else 1900)
    return dt.datetime(full, month, int(parts.get("day") or 1)) + _time_of(parts)


def _date_format(parts: dict[str, str | None]) -> str:
    if parts.get("hour"):
        return "m/d/yy h:mm"
    if not parts.get("day"):
        return "mmm-yy"
    if parts.get("year") is None:
        return "d-mmm"
    return "d-mmm-yy" if parts.get("name") else "mm-dd-yy"


def _time_of(parts: dict[str, str | None]) -> dt.timedelta:
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    if parts.get("half"):
        hour = hour % 12 + 12 * (str(parts["half"]).lower() == "pm")
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(hour, minute, second)
    return dt.timedelta(hours=hour, minutes=minute, seconds=second)


def _clock(text: str) -> tuple[float, str] | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    try:
        return _time_of(found.groupdict()) / dt.timedelta(days=1), "h:mm:ss" if found["second"] else "h:mm"
    except ValueError:
        return None
