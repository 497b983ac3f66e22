"""Filters: their criteria, and the rows that they hide."""

from typing import Any

from openpyxl.worksheet.filters import CustomFilter, CustomFilters, FilterColumn, Filters
from xlwings import base_classes
from xlwings.base_classes import autofilter_criteria_snapshot

from addin.engines.cells import ERROR_TEXTS, ExcelError, missing_calls_say_so
from addin.engines.double.grid import typed
from addin.engines.double.guards import refuse_protected
from addin.engines.double.rules import OPERATORS
from addin.engines.geometry import Area, address, parse_area

SIGNS = {"equal_to": "=", "not_equal_to": "<>", "greater_than": ">", "less_than": "<", "greater_than_or_equal": ">=", "less_than_or_equal": "<="}


@missing_calls_say_so("the openpyxl double")
class AutoFilter(base_classes.AutoFilter):
    """The filter of a range; a sheet has one beside those of its tables. Fields count from 1 at the range's first column."""

    def __init__(self, parent: Any) -> None:
        self.range = parent
        self.sheet = parent.sheet

    def _target(self) -> Any:
        """openpyxl's filter of exactly this range, None where there is none."""
        mine = address([self.range.area], False, False)
        known = [self.sheet.ws.auto_filter, *(table.autoFilter for table in self.sheet.ws.tables.values())]
        return next((one for one in known if one is not None and one.ref == mine), None)

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """One description a field, as xlwings has it."""
        target = self._target()
        columns = {one.colId + 1: one for one in target.filterColumn} if target is not None else {}
        return [_snapshot(field, columns.get(field)) for field in range(1, self.range.shape[1] + 1)]

    def apply_values(self, field: int, values: list[str]) -> None:
        """Show only the rows whose text in the field is one of these."""
        wanted = {value.lower() for value in values}
        self._apply(FilterColumn(colId=field - 1, filters=Filters(filter=values)), field, lambda text: text.lower() in wanted)

    def apply_comparison(self, field: int, operator: str, value1: Any, value2: Any) -> None:
        """Show only the rows that are, or are not, blank or equal to a text or number; the double knows no other comparison."""
        if operator not in ("equal_to", "not_equal_to") or isinstance(value1, dict):
            raise NotImplementedError(f"The double filters by equal_to and not_equal_to a text only, not by {operator} {value1}.")
        sign = next(name for name, known in OPERATORS.items() if known == operator)
        wanted = "" if value1 is None else value1.lower()
        custom = CustomFilters(customFilter=[CustomFilter(operator=sign, val=value1 or " ")])
        column = FilterColumn(colId=field - 1, customFilters=custom)
        self._apply(column, field, lambda text: (text.lower() == wanted) == (operator == "equal_to"))

    def _apply(self, column: FilterColumn, field: int, keep: Any) -> None:
        refuse_protected(self.sheet.grid, "autoFilter", "filtering")
        target = self._target()
        if target is None:
            if self.sheet.ws.auto_filter.ref:
                raise ExcelError(f"The sheet has a filter on {self.sheet.ws.auto_filter.ref} already.")
            target = self.sheet.ws.auto_filter
            target.ref = address([self.range.area], False, False)
        target.filterColumn = [one for one in target.filterColumn if one.colId != column.colId] + [column]
        area = self.range.area
        for row in range(area.top + 1, area.bottom + 1):
            if not keep(self._text(row, area.left + field - 1)):
                self.sheet.ws.row_dimensions[row].hidden = True

    def _text(self, row: int, column: int) -> str:
        value = self.sheet.grid.value(row, column)
        if value is None or isinstance(value, str):
            return value or ""
        return ERROR_TEXTS[value] if type(value) is int else typed(value, self.sheet.ws.parent.epoch)

    def clear(self, field: int | None = None) -> None:
        """Take the criteria of one field, or of all, away and show the rows again."""
        refuse_protected(self.sheet.grid, "autoFilter", "filtering")
        target = self._target()
        if target is None:
            return
        if field is not None and len([one for one in target.filterColumn if one.colId != field - 1]):
            raise NotImplementedError("The double clears all fields of a filter at once: autofilter.clear().")
        target.filterColumn = []
        show_rows(self.sheet.ws, parse_area(target.ref))


def show_rows(ws: Any, area: Area) -> None:
    """Show the rows of a filter's area."""
    for row, one in ws.row_dimensions.items():
        if area.top < row <= area.bottom:
            one.hidden = False


def _snapshot(field: int, column: FilterColumn | None) -> dict[str, Any]:
    if column is None:
        return autofilter_criteria_snapshot(field, "none")
    if column.filters is not None:
        return autofilter_criteria_snapshot(field, "values", ["=" + one for one in column.filters.filter])
    if column.customFilters is not None and len(column.customFilters.customFilter) == 1:
        one = column.customFilters.customFilter[0]
        return autofilter_criteria_snapshot(field, "comparison", SIGNS[OPERATORS[one.operator or "equal"]] + one.val.strip())
    return autofilter_criteria_snapshot(field, "unknown")
