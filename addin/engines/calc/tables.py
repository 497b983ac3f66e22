"""Tables: Calc calls them database ranges, and reads and saves Excel's tables as such. It has no table styles."""

from collections.abc import Iterator
from typing import Any

from xlwings import base_classes

from addin.engines.calc.filters import AutoFilter
from addin.engines.calc.names import _check
from addin.engines.calc.values import area_of
from addin.engines.calc.writing import writing, writing_to
from addin.engines.cells import ExcelError, NotSupported, missing_calls_say_so
from addin.engines.geometry import Area

NAMELESS = "__Anonymous"


@missing_calls_say_so("LibreOffice Calc")
class Tables(base_classes.Tables):
    """The tables of a sheet."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    @property
    def api(self) -> Any:
        return self._sheet.book.doc.DatabaseRanges

    @property
    def parent(self) -> Any:
        return self._sheet

    def _all(self) -> list["Table"]:
        every, index = self.api, self._sheet.index - 1
        names = [name for name in every.ElementNames if not name.startswith(NAMELESS)]
        return [Table(self._sheet, name) for name in names if every.getByName(name).DataArea.Sheet == index]

    def __iter__(self) -> Iterator["Table"]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __call__(self, key: int | str) -> "Table":
        found = [table for index, table in enumerate(self._all(), 1) if key == index or isinstance(key, str) and table.name.lower() == key.lower()]
        if not found:
            raise KeyError(key)
        return found[0]

    def __contains__(self, key: int | str) -> bool:
        return any(key == index or isinstance(key, str) and table.name.lower() == key.lower() for index, table in enumerate(self._all(), 1))

    def add(
        self,
        source_type: Any = None,
        source: Any = None,
        link_source: Any = None,
        has_headers: bool = True,
        destination: Any = None,
        table_style_name: Any = None,
        name: str | None = None,
    ) -> "Table":
        """Make a table of a range with a heading row. Excel's defaults for the rest; Calc keeps no style."""
        cells = source.impl
        if not has_headers:
            raise ExcelError("Calc makes tables of ranges with headings only.")
        if any(table.range.area.meet(cells.area) for table in self._all()):
            raise ExcelError(f"A table cannot overlap another one: {cells.address}.")
        taken = {each.lower() for each in self.api.ElementNames}
        name = name or next(f"Table{number}" for number in range(1, len(taken) + 2) if f"table{number}" not in taken)
        _check(name)
        if name.lower() in taken:
            raise ExcelError(f"There is a table {name} in this workbook already.")
        with writing_to(cells):
            self.api.addNewByName(name, cells.addresses[0])
            found = self.api.getByName(name)
            found.ContainsHeader, found.AutoFilter = True, True
        return Table(self._sheet, name)


@missing_calls_say_so("LibreOffice Calc")
class Table(base_classes.Table):
    """One table."""

    def __init__(self, sheet: Any, name: str) -> None:
        self._sheet, self._name = sheet, name

    @property
    def api(self) -> Any:
        return self._sheet.book.doc.DatabaseRanges.getByName(self._name)

    @property
    def parent(self) -> Any:
        return self._sheet

    @property
    def name(self) -> str:
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        _check(value)
        with writing(self._sheet.book):
            self.api.setName(value)
        self._name = value

    display_name = name

    def _part(self, area: Area) -> Any:
        return self._sheet.cells_at(area)

    @property
    def range(self) -> Any:
        return self._part(area_of(self.api.DataArea))

    @property
    def header_row_range(self) -> Any:
        area = self.range.area
        return self._part(area._replace(bottom=area.top)) if self.show_headers else None

    @property
    def data_body_range(self) -> Any:
        """The rows without headings and totals; None where there are none."""
        found = self.api
        area = area_of(found.DataArea)
        body = area._replace(top=area.top + bool(found.ContainsHeader), bottom=area.bottom - bool(found.TotalsRow))
        return self._part(body) if body.bottom >= body.top else None

    @property
    def totals_row_range(self) -> Any:
        area = self.range.area
        return self._part(area._replace(top=area.bottom)) if self.show_totals else None

    def _switch(self, name: str, value: bool) -> None:
        with writing(self._sheet.book):
            self.api.setPropertyValue(name, bool(value))

    @property
    def show_headers(self) -> bool:
        return bool(self.api.ContainsHeader)

    @show_headers.setter
    def show_headers(self, value: bool) -> None:
        self._switch("ContainsHeader", value)

    @property
    def show_totals(self) -> bool:
        return bool(self.api.TotalsRow)

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        """Say that the last row holds totals; Calc writes none there itself, and the table does not grow by a row."""
        self._switch("TotalsRow", value)

    @property
    def show_autofilter(self) -> bool:
        return bool(self.api.AutoFilter)

    @show_autofilter.setter
    def show_autofilter(self, value: bool) -> None:
        self._switch("AutoFilter", value)

    @property
    def autofilter(self) -> AutoFilter:
        return AutoFilter(self._sheet, self.range.area)

    @property
    def table_style(self) -> str | None:
        """None: Calc 7 has no table styles."""
        return None

    @table_style.setter
    def table_style(self, value: str) -> None:
        raise NotSupported(f"LibreOffice Calc has no table styles: {value} cannot be set.")

    @property
    def columns(self) -> "TableColumns":
        return TableColumns(self)

    def resize(self, cells: Any) -> None:
        """Give the table another range; it starts at the same heading row."""
        area = cells.impl.area
        if area.top != self.range.area.top:
            raise ExcelError(f"The headings of the table {self._name} stay in row {self.range.area.top}.")
        with writing(self._sheet.book):
            self.api.DataArea = cells.impl.addresses[0]


class TableColumns(base_classes.Collection):
    """The columns of a table, by number from 1 or by heading."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @property
    def api(self) -> Any:
        return self._table.api

    @property
    def parent(self) -> Table:
        return self._table

    def _all(self) -> list["TableColumn"]:
        headings = self._table.header_row_range
        shown = headings.first.getDataArray()[0] if headings else [f"Column{index + 1}" for index in range(self._table.range.shape[1])]
        return [TableColumn(self._table, index, str(heading)) for index, heading in enumerate(shown, 1)]

    def __iter__(self) -> Iterator["TableColumn"]:
        return iter(self._all())

    def __len__(self) -> int:
        return int(self._table.range.shape[1])

    def __call__(self, key: int | str) -> "TableColumn":
        found = [column for column in self._all() if key == column.index or isinstance(key, str) and column.name.lower() == key.lower()]
        if not found:
            raise KeyError(key)
        return found[0]

    def __contains__(self, key: int | str) -> bool:
        return any(key == column.index or isinstance(key, str) and column.name.lower() == key.lower() for column in self._all())


@missing_calls_say_so("LibreOffice Calc")
class TableColumn(base_classes.TableColumn):
    """One column of a table."""

    def __init__(self, table: Table, index: int, name: str) -> None:
        self._table, self._index, self._name = table, index, name

    @property
    def name(self) -> str:
        return self._name

    @property
    def index(self) -> int:
        return self._index

    def _of(self, cells: Any) -> Any:
        column = cells.column + self._index - 1
        return self._table.parent.cells_at(cells.area._replace(left=column, right=column))

    @property
    def range(self) -> Any:
        return self._of(self._table.range)

    @property
    def data_body_range(self) -> Any:
        body = self._table.data_body_range
        return self._of(body) if body else None

    def delete(self) -> None:
        """Take the column and its cells away; what stands right of it in the table's rows moves left. ExcelError for the only column."""
        whole = self._table.range
        if whole.shape[1] == 1:
            raise ExcelError(f"{self._table.name} keeps at least one column.")
        self.range.delete("left")
        sheet = self._table.parent
        with writing(sheet.book):
            self._table.api.DataArea = sheet.cells_at(whole.area._replace(right=whole.area.right - 1)).addresses[0]
