"""Filters of a sheet: the arrows on a heading row, what they are set to, and whether they hide rows now."""

from collections.abc import Iterator
from typing import Any

from xlwings import base_classes

from addin.engines.calc.comparisons import SIGNS
from addin.engines.calc.loading import any_of, struct, uno
from addin.engines.calc.values import area_of
from addin.engines.calc.writing import writing
from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.geometry import Area

COUNTS = {"TOP_VALUES": "top_items", "BOTTOM_VALUES": "bottom_items", "TOP_PERCENT": "top_percent", "BOTTOM_PERCENT": "bottom_percent"}


def ranges_of(sheet: Any) -> Iterator[Any]:
    """UNO's database ranges of a sheet: tables, and the nameless one that a plain filter makes."""
    doc, index = sheet.book.doc, sheet.index - 1
    nameless = _nameless(doc)
    if nameless.hasByTable(index):
        yield nameless.getByTable(index)
    named = doc.DatabaseRanges
    for name in named.ElementNames:
        found = named.getByName(name)
        if found.DataArea.Sheet == index:
            yield found


def _nameless(doc: Any) -> Any:
    """The collection of nameless database ranges; the document does not list this property among its own."""
    return doc.getPropertyValue("UnnamedDatabaseRanges")


def plain_filter_area(sheet: Any) -> Area | None:
    """Where the filter is that belongs to no table; None where there is none."""
    nameless, index = _nameless(sheet.book.doc), sheet.index - 1
    found = nameless.getByTable(index) if nameless.hasByTable(index) else None
    return area_of(found.DataArea) if found is not None and found.AutoFilter else None


def plain_filter(sheet: Any, area: Area | None) -> None:
    """Put the arrows of a filter on this area, or take them away."""
    nameless, index = _nameless(sheet.book.doc), sheet.index - 1
    with writing(sheet.book):
        if area is not None:
            nameless.setByTable(sheet.cells_at(area).addresses[0])
        if nameless.hasByTable(index):
            nameless.getByTable(index).AutoFilter = area is not None


def has_autofilter(sheet: Any) -> bool:
    """Whether any heading row shows arrows."""
    return any(found.AutoFilter for found in ranges_of(sheet))


def filter_mode(sheet: Any) -> bool:
    """Whether a filter hides rows now. Rows hidden by hand do not count."""
    used = sheet.used_area
    strip = sheet.sh.getCellRangeByPosition(0, used.top - 1, sheet.limit.right - 1, used.bottom - 1)
    seen = sorted({(area_of(each).top, area_of(each).bottom) for each in strip.queryVisibleCells().RangeAddresses})
    return any(sheet.sh.Rows.getByIndex(row - 1).IsFiltered for row in _hidden_starts(seen, used))


def _hidden_starts(seen: list[tuple[int, int]], used: Area) -> Iterator[int]:
    """The first row of each run of hidden rows."""
    row = used.top
    for top, bottom in seen:
        if top > row:
            yield row
        row = bottom + 1
    if row <= used.bottom:
        yield row


@missing_calls_say_so("LibreOffice Calc")
class AutoFilter(base_classes.AutoFilter):
    """The filter on an area. Columns ("fields") count from 1 at the left of the filtered area."""

    def __init__(self, sheet: Any, area: Area) -> None:
        self._sheet, self._area = sheet, area

    def _found(self) -> Any:
        """UNO's database range that filters these cells, None where there is none."""
        return next((found for found in ranges_of(self._sheet) if found.AutoFilter and area_of(found.DataArea).meet(self._area)), None)

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """What each column is filtered by, one entry a column."""
        found = self._found()
        if found is None:
            return []
        fields = found.getFilterDescriptor().getFilterFields2()
        return [_snapshot(column + 1, [field for field in fields if field.Field == column]) for column in range(area_of(found.DataArea).shape[1])]

    def apply_values(self, field: int, values: list[str]) -> None:
        """Show the rows that have one of these texts or numbers in the column."""
        self._apply(field, [(_sign("EQUAL"), value, "OR") for value in values])

    def apply_comparison(self, field: int, operator: str, value1: Any, value2: Any) -> None:
        """Show the rows whose cell compares so."""
        if operator == "between":
            self._apply(field, [(_sign("GREATER_EQUAL"), value1, "AND"), (_sign("LESS_EQUAL"), value2, "AND")])
        elif operator == "not_between":
            self._apply(field, [(_sign("LESS"), value1, "AND"), (_sign("GREATER"), value2, "OR")])
        else:
            self._apply(field, [(_sign(SIGNS[operator]), value1, "AND")])

    def clear(self, field: int | None = None) -> None:
        """Show what one column, or every column, filtered out; the arrows stay."""
        found = self._found()
        if found is not None:
            fields = found.getFilterDescriptor().getFilterFields2()
            self._refresh(found, [each for each in fields if field is not None and each.Field != field - 1])

    def _apply(self, field: int, conditions: list[tuple[int, Any, str]]) -> None:
        found = self._found() or self._new()
        width = area_of(found.DataArea).shape[1]
        if not 1 <= field <= width:
            raise ExcelError(f"The filter has {width} columns; there is no column {field} in it.")
        kept = [each for each in found.getFilterDescriptor().getFilterFields2() if each.Field != field - 1]
        self._refresh(found, kept + [_field(field - 1, *condition) for condition in conditions])

    def _new(self) -> Any:
        """Arrows on the area that has none yet: the nameless database range of the sheet."""
        cells = self._sheet.cells_at(self._area) if self._area.size > 1 else self._sheet.cells_at(self._area).current_region
        nameless = _nameless(self._sheet.book.doc)
        with writing(self._sheet.book):
            nameless.setByTable(cells.addresses[0])
            found = nameless.getByTable(self._sheet.index - 1)
            found.AutoFilter = True
        return found

    def _refresh(self, found: Any, fields: list[Any]) -> None:
        """Filter by these conditions; without any, all rows are shown again, which a refresh would not do."""
        if not fields:
            cells = self._sheet.cells_at(area_of(found.DataArea)).first
            with writing(self._sheet.book):
                cells.filter(cells.createFilterDescriptor(True))
            return
        descriptor = found.getFilterDescriptor()
        descriptor.ContainsHeader = True
        uno().invoke(descriptor, "setFilterFields2", (any_of("[]com.sun.star.sheet.TableFilterField2", tuple(fields)),))
        with writing(self._sheet.book):
            found.refresh()


def _sign(name: str) -> int:
    return int(uno().getConstantByName(f"com.sun.star.sheet.FilterOperator2.{name}"))


def _field(column: int, sign: int, value: Any, joined: str) -> Any:
    field = struct("sheet.TableFilterField2")
    field.Connection = uno().Enum("com.sun.star.sheet.FilterConnection", joined)
    field.Field, field.Operator = column, sign
    number = _number(value)
    field.IsNumeric, field.NumericValue, field.StringValue = number is not None, number or 0.0, str(value)
    return field


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _snapshot(number: int, fields: list[Any]) -> dict[str, Any]:
    """One column's criteria, as xlwings tells them. Calc does not tell one chosen value from `equal to`."""
    empty = base_classes.empty_autofilter_criteria
    if not fields:
        return empty(number)
    names = [_operator_name(field.Operator) for field in fields]
    values = [_value(field) for field in fields]
    if names[0] in COUNTS and len(fields) == 1:
        kind = COUNTS[names[0]]
        return empty(number, kind) | ({"percent": fields[0].NumericValue} if "percent" in kind else {"count": int(fields[0].NumericValue)})
    if set(names) == {"EQUAL"}:
        return empty(number, "values") | {"values": values}
    return _comparison(number, names, values)


def _comparison(number: int, names: list[str], values: list[str]) -> dict[str, Any]:
    pairs = {("GREATER_EQUAL", "LESS_EQUAL"): "between", ("LESS", "GREATER"): "not_between"}
    operator = pairs.get(tuple(names)) if len(names) == 2 else next((mine for mine, theirs in SIGNS.items() if [theirs] == names), None)  # type: ignore[arg-type]  # a tuple of two
    if operator is None:
        return base_classes.empty_autofilter_criteria(number, "unknown")
    second = values[1] if len(values) == 2 else None
    return base_classes.empty_autofilter_criteria(number, "comparison") | {"operator": operator, "value1": values[0], "value2": second}


def _operator_name(sign: int) -> str:
    return next((name for name in (*SIGNS.values(), *COUNTS) if _sign(name) == sign), "")


def _value(field: Any) -> str:
    number = field.NumericValue
    return (str(int(number)) if number == int(number) else str(number)) if field.IsNumeric and not field.StringValue else field.StringValue
