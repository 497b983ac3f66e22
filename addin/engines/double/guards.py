"""What Excel refuses before it writes: protected cells, rows that a filter hides, parts of tables, sheets and names that may not be called so."""

import re
from collections.abc import Iterable
from typing import Any

from addin.engines.cells import ExcelError
from addin.engines.double.grid import Grid
from addin.engines.geometry import Area, address, parse_area

SHEET_NAME_LIMIT = 31
NAME_LIMIT = 255
_NAME = re.compile(r"^(?:[^\W\d]|\\)[\w.\\?]*$")
_R1C1 = re.compile(r"^(r\d*c\d*|r\d*|c\d*)$", re.IGNORECASE)


def refuse_locked(grid: Grid, areas: Iterable[Area]) -> None:
    """ExcelError where one of the cells is locked and the sheet is protected."""
    if not grid.ws.protection.sheet:
        return
    known: dict[int, bool] = {}
    used = grid.used()
    for area in areas:
        for row, column in area._replace(bottom=max(area.top, min(area.bottom, used.bottom + 1))).cells():  # those below are all alike
            style = grid.look(row, column)._style
            number = style.protectionId if style else 0
            if number not in known:
                known[number] = grid.ws.parent._protections[number].locked
            if known[number]:
                raise ExcelError(f"{grid.ws.title}!{address([Area(row, column, row, column)])} is locked, and the sheet is protected.")


def refuse_protected(grid: Grid, allowed: str, what: str) -> None:
    """ExcelError on a protected sheet that does not allow `allowed` ("formatCells", "insertColumns"…), "" where no sheet does."""
    protection = grid.ws.protection
    if protection.sheet and (not allowed or getattr(protection, allowed)):
        raise ExcelError(f"{grid.ws.title} is protected: {what} is not allowed.")


def filters_of(ws: Any) -> list[Any]:
    """The filters of a sheet, its own and those of its tables, that have criteria."""
    found = [ws.auto_filter, *(table.autoFilter for table in ws.tables.values())]
    return [one for one in found if one is not None and one.ref and one.filterColumn]


def filtered_rows(ws: Any) -> set[int]:
    """The rows that a filter hides now."""
    hidden = {row for row, one in ws.row_dimensions.items() if one.hidden}
    if not hidden:
        return set()
    areas = [parse_area(one.ref) for one in filters_of(ws)]
    return {row for row in hidden if any(area.top < row <= area.bottom for area in areas)}


def refuse_filtered(grid: Grid, area: Area) -> None:
    """ExcelError where values for several rows would land across rows that a filter hides: Excel puts them into the wrong ones."""
    hidden = filtered_rows(grid.ws)
    if area.shape[0] > 1 and any(area.top <= row <= area.bottom for row in hidden):
        raise ExcelError(f"{grid.ws.title}!{address([area])} has rows that a filter hides: Excel would put values into the wrong rows.")


def refuse_sheet_name(name: str, others: Iterable[str]) -> None:
    """ExcelError where a sheet may not be called so, beside `others`."""
    if not isinstance(name, str) or not name or len(name) > SHEET_NAME_LIMIT:
        raise ExcelError(f"A sheet's name has 1 to {SHEET_NAME_LIMIT} characters: {name!r}")
    if set(name) & set("[]:*?/\\") or name[0] == "'" or name[-1] == "'":
        raise ExcelError(f"A sheet's name may not hold [ ] : * ? / \\ nor start or end with an apostrophe: {name!r}")
    if name.lower() == "history":
        raise ExcelError("Excel keeps the sheet name History for itself.")
    if name.lower() in (other.lower() for other in others):
        raise ExcelError(f"There is a sheet called {name!r} already.")


def refuse_name(name: str) -> None:
    """ExcelError where neither a defined name nor a table may be called so."""
    if len(name) > NAME_LIMIT or not _NAME.match(name) or _R1C1.match(name) or _is_address(name):
        raise ExcelError(f"{name[:60]!r} cannot be a name: use letters, digits, _ and ., start with a letter or _, and nothing like A1 or R1C1.")


def _is_address(name: str) -> bool:
    try:
        parse_area(name)
    except ValueError:
        return False
    return True
