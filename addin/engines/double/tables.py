"""Tables (ListObjects): header cells are unique text, names are unique in the workbook, and a resize keeps the header row."""

from collections.abc import Iterator
from typing import Any

from openpyxl.worksheet.filters import AutoFilter as XlsxFilter
from openpyxl.worksheet.table import Table as XlsxTable
from openpyxl.worksheet.table import TableColumn as XlsxColumn
from openpyxl.worksheet.table import TableStyleInfo
from xlwings import base_classes

from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.double.grid import Grid, typed
from addin.engines.double.guards import refuse_name, refuse_protected
from addin.engines.geometry import Area, address, parse_area

DOUBLE = "the openpyxl double"


def header_row(table: XlsxTable) -> Area | None:
    """The cells of the table's headings; None where it shows none."""
    area = parse_area(table.ref)
    return area._replace(bottom=area.top) if table.headerRowCount != 0 else None


def refuse_across_headers(grid: Grid, area: Area) -> None:
    """ExcelError where values for headings and for rows of a table would be written at once."""
    for table in grid.ws.tables.values():
        head, whole = header_row(table), parse_area(table.ref)
        if head and head.meet(area) and (found := whole.meet(area)) and found.bottom > head.bottom:
            raise ExcelError(f"Write the headings of the table {table.displayName} and its rows one after the other: at once, Excel loses the table.")


def settle_headers(grid: Grid, area: Area) -> None:
    """Make the headings of every table that the area touches unique text again, in the cells and in the table."""
    for table in grid.ws.tables.values():
        head = header_row(table)
        if head and head.meet(area):
            _settle(grid, table, head)


def _settle(grid: Grid, table: XlsxTable, head: Area) -> None:
    taken: set[str] = set()
    columns = table.tableColumns
    while len(columns) < head.shape[1]:
        columns.append(XlsxColumn(id=max((one.id for one in columns), default=0) + 1, name=""))
    del columns[head.shape[1] :]
    for number, (column, key) in enumerate(zip(columns, head.cells(), strict=True), 1):
        cell = grid.cell(*key)
        value = cell.value
        text = value if isinstance(value, str) else f"Column{number}" if value is None else typed(value, grid.ws.parent.epoch)
        name = _unused(text, taken)
        taken.add(name.lower())
        if value != name:
            cell._value, cell.data_type = name, "s"
        column.name = name


def _unused(text: str, taken: set[str]) -> str:
    number, name = 1, text
    while name.lower() in taken:
        number += 1
        name = f"{text}{number}"
    return name


@missing_calls_say_so(DOUBLE)
class Table(base_classes.Table):
    """One table of a sheet."""

    def __init__(self, sheet: Any, table: XlsxTable) -> None:
        self.sheet = sheet
        self.table = table

    @property
    def parent(self) -> Any:
        return self.sheet

    @property
    def name(self) -> str:
        return self.table.displayName

    @name.setter
    def name(self, name: str) -> None:
        refuse_name(name)
        self.sheet.book.refuse_taken(name, self.table)
        del self.sheet.ws.tables[self.table.name]
        self.table.name = self.table.displayName = name
        self.sheet.ws.tables.add(self.table)

    display_name = name

    @property
    def area(self) -> Area:
        return parse_area(self.table.ref)

    def _range(self, area: Area) -> Any:
        return self.sheet.range_of(area)

    @property
    def range(self) -> Any:
        return self._range(self.area)

    @property
    def header_row_range(self) -> Any:
        head = header_row(self.table)
        return head and self._range(head)

    @property
    def data_body_range(self) -> Any:
        top = self.area.top + (self.table.headerRowCount != 0)
        bottom = self.area.bottom - self.show_totals
        return self._range(self.area._replace(top=top, bottom=bottom)) if bottom >= top else None

    @property
    def totals_row_range(self) -> Any:
        return self._range(self.area._replace(top=self.area.bottom)) if self.show_totals else None

    @property
    def show_totals(self) -> bool:
        return bool(self.table.totalsRowCount)

    @show_totals.setter
    def show_totals(self, shown: bool) -> None:
        refuse_protected(self.sheet.grid, "", "changing a table")
        if bool(shown) == self.show_totals:
            return
        below = self.area._replace(top=self.area.bottom + 1, bottom=self.area.bottom + 1)
        if shown and any(self.sheet.grid.filled(*key) for key in below.cells()):
            raise ExcelError(f"There is no free row for the totals of {self.name} below {self.table.ref}.")
        self.table.totalsRowCount = int(bool(shown))
        self.table.ref = address([self.area._replace(bottom=self.area.bottom + (1 if shown else -1))], False, False)

    @property
    def show_autofilter(self) -> bool:
        return self.table.autoFilter is not None

    @show_autofilter.setter
    def show_autofilter(self, shown: bool) -> None:
        refuse_protected(self.sheet.grid, "autoFilter", "filtering")
        self.table.autoFilter = XlsxFilter(ref=self.table.ref) if shown else None

    @property
    def table_style(self) -> str | None:
        return self.table.tableStyleInfo.name if self.table.tableStyleInfo else None

    @table_style.setter
    def table_style(self, name: str) -> None:
        self.table.tableStyleInfo = TableStyleInfo(name=name, showRowStripes=True)

    @property
    def columns(self) -> "TableColumns":
        return TableColumns(self)

    def resize(self, range: Any) -> None:
        """ExcelError where the new range has no row for data, another header row, or meets another table."""
        refuse_protected(self.sheet.grid, "", "resizing a table")
        area = range.impl.area
        if area.shape[0] < 2 or area.top != self.area.top or not area.meet(self.area):
            raise ExcelError(f"{self.name} keeps its header row and at least one row below: it cannot become {address([area])}.")
        self.sheet.tables.refuse_overlap(area, self.table)
        self.table.ref = address([area], False, False)
        if self.table.autoFilter is not None:
            self.table.autoFilter.ref = self.table.ref
        settle_headers(self.sheet.grid, area)


@missing_calls_say_so(DOUBLE)
class TableColumn(base_classes.TableColumn):
    """One column of a table."""

    def __init__(self, parent: Table, index: int) -> None:
        self.table = parent
        self.number = index

    @property
    def index(self) -> int:
        return self.number

    @property
    def name(self) -> str:
        return self.table.table.tableColumns[self.number - 1].name

    @property
    def range(self) -> Any:
        left = self.table.area.left + self.number - 1
        return self.table._range(self.table.area._replace(left=left, right=left))

    @property
    def data_body_range(self) -> Any:
        body = self.table.data_body_range
        left = self.table.area.left + self.number - 1
        return body and self.table._range(body.area._replace(left=left, right=left))

    def delete(self) -> None:
        """Take the column and its cells away; what stands right of it in the table's rows moves left. ExcelError for the only column."""
        grid, whole = self.table.sheet.grid, self.table.area
        refuse_protected(grid, "", "changing a table")
        if whole.shape[1] == 1:
            raise ExcelError(f"{self.table.name} keeps at least one column.")
        grid.close_up(self.range.area)
        its = self.table.table
        del its.tableColumns[self.number - 1]
        its.ref = address([whole._replace(right=whole.right - 1)], False, False)
        if its.autoFilter is not None:
            its.autoFilter.ref = its.ref
        settle_headers(grid, parse_area(its.ref))


@missing_calls_say_so(DOUBLE)
class TableColumns(base_classes.Collection, base_classes.TableColumns):
    """The columns of a table, by number from 1 or by name."""

    def __init__(self, parent: Table) -> None:
        self.table = parent

    def __len__(self) -> int:
        return self.table.area.shape[1]

    def __iter__(self) -> Iterator[TableColumn]:
        return (TableColumn(self.table, number) for number in range(1, len(self) + 1))

    def __call__(self, key: int | str) -> TableColumn:
        for column in self:
            if key == column.index or (isinstance(key, str) and column.name.lower() == key.lower()):
                return column
        raise KeyError(key)

    def __contains__(self, key: Any) -> bool:
        return any(key == column.index or key == column.name for column in self)


@missing_calls_say_so(DOUBLE)
class Tables(base_classes.Collection, base_classes.Tables):
    """The tables of a sheet, by number from 1 or by name."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet

    @property
    def parent(self) -> Any:
        return self.sheet

    def __len__(self) -> int:
        return len(self.sheet.ws.tables)

    def __iter__(self) -> Iterator[Table]:
        return (Table(self.sheet, one) for one in self.sheet.ws.tables.values())

    def __call__(self, key: int | str) -> Table:
        if isinstance(key, int):
            return list(self)[key - 1]
        found = next((one for one in self if one.name.lower() == key.lower()), None)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: Any) -> bool:
        return isinstance(key, str) and any(one.name.lower() == key.lower() for one in self)

    def refuse_overlap(self, area: Area, but: XlsxTable | None = None) -> None:
        """ExcelError where the area meets another table or a merged cell."""
        others = [parse_area(one.ref) for one in self.sheet.ws.tables.values() if one is not but]
        merged = [parse_area(one.coord) for one in self.sheet.ws.merged_cells.ranges]
        if any(area.meet(other) for other in (*others, *merged)):
            raise ExcelError(f"A table at {address([area])} would meet another table or a merged cell.")

    def add(
        self,
        source_type: Any = None,
        source: Any = None,
        link_source: Any = None,
        has_headers: bool | None = None,
        destination: Any = None,
        table_style_name: str | None = None,
        name: str | None = None,
    ) -> Table:
        """A table over the cells of `source`, whose first row is the headings; one of a single row gets an empty row below."""
        if not has_headers:
            raise NotImplementedError("The double makes tables over cells that have headings only.")
        refuse_protected(self.sheet.grid, "", "adding a table")
        area = source.impl.area
        area = area._replace(bottom=max(area.bottom, area.top + 1))
        self.refuse_overlap(area)
        title = name or self.sheet.book.free_table_name()
        refuse_name(title)
        self.sheet.book.refuse_taken(title)
        table = XlsxTable(id=self.sheet.book.next_table_id(), displayName=title, ref=address([area], False, False))
        table.autoFilter = XlsxFilter(ref=table.ref)
        table.tableStyleInfo = TableStyleInfo(name=table_style_name, showRowStripes=True)
        self.sheet.ws.tables.add(table)
        settle_headers(self.sheet.grid, area)
        return Table(self.sheet, table)
