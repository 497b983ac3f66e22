"""Rows and columns that come and go: everything on the sheet moves with its cells, and formulas and names follow."""

from copy import copy
from itertools import count
from typing import Any

from openpyxl.formatting.rule import Rule
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.dimensions import ColumnDimension

from addin.engines.cells import ExcelError
from addin.engines.double.grid import Grid
from addin.engines.double.guards import refuse_protected
from addin.engines.double.references import Shift, rewritten
from addin.engines.double.rules import areas_of, place, placed, sqref_of
from addin.engines.double.sizes import column_of
from addin.engines.double.tables import settle_headers
from addin.engines.geometry import MAX_COLUMNS, MAX_ROWS, Area, address, column_letters, parse_area


def move(book: Any, grid: Grid, shift: Shift) -> None:
    """Insert or delete whole rows or columns of one sheet."""
    kind = "Rows" if shift.rows else "Columns"
    refuse_protected(grid, ("insert" if shift.count > 0 else "delete") + kind, f"inserting or deleting {kind.lower()}")
    _refuse_off_the_sheet(grid, shift)
    merged = _taken_apart(grid)
    _move_cells(grid, shift)
    _move_sizes(grid, shift)
    _put_together(grid, merged, shift)
    _move_tables(grid, shift)
    _move_rules(grid, shift)
    _move_filter(grid, shift)
    _move_formulas(book, shift)
    grid.touch()


def _refuse_off_the_sheet(grid: Grid, shift: Shift) -> None:
    edges = grid.edges()
    last, limit = (edges.bottom, MAX_ROWS) if shift.rows else (edges.right, MAX_COLUMNS)
    if shift.count > 0 and last + shift.count > limit and grid.cells:
        raise ExcelError("Cells that are filled would leave the sheet.")


def _key(shift: Shift, row: int, column: int) -> tuple[int, int] | None:
    moved = shift.number(row if shift.rows else column)
    if moved is None:
        return None
    return (moved, column) if shift.rows else (row, moved)


def _move_cells(grid: Grid, shift: Shift) -> None:
    cells: dict[tuple[int, int], Any] = {}
    for (row, column), cell in grid.cells.items():
        key = _key(shift, row, column)
        if key is not None:
            cell.row, cell.column = key
            cells[key] = cell
            if cell.hyperlink is not None:
                cell.hyperlink.ref = cell.coordinate
    grid.cells = cells
    moved = {_key(shift, *key): result for key, result in grid.results.items()}
    grid.results = {key: result for key, result in moved.items() if key is not None}
    if shift.count > 0:
        _take_formats_of_the_cells_before(grid, shift)


def _take_formats_of_the_cells_before(grid: Grid, shift: Shift) -> None:
    """New cells look like those to the left, or above, as Excel's do unless told otherwise."""
    before = shift.at - 1
    neighbours = [(key, cell) for key, cell in grid.cells.items() if key[0 if shift.rows else 1] == before and cell.has_style]
    for key, neighbour in neighbours:
        for step in range(1, shift.count + 1):
            grid.cell(*((key[0] + step, key[1]) if shift.rows else (key[0], key[1] + step)))._style = copy(neighbour._style)


def _move_sizes(grid: Grid, shift: Shift) -> None:
    if shift.rows:
        _move_dimensions(grid.ws.row_dimensions, shift)
        return
    for number in {found.min for found in grid.ws.column_dimensions.values() if found.min}:
        column_of(grid, number)
    columns = grid.ws.column_dimensions
    kept: dict[str, ColumnDimension] = {}
    for found in columns.values():
        moved = shift.number(found.min or 1)
        if moved is not None:
            found.index, found.min, found.max = column_letters(moved), moved, moved
            kept[found.index] = found
    columns.clear()
    columns.update(kept)


def _move_dimensions(rows: Any, shift: Shift) -> None:
    moved = [(shift.number(number), found) for number, found in rows.items()]
    rows.clear()
    for number, found in moved:
        if number is not None:
            found.index = number
            rows[number] = found


def _taken_apart(grid: Grid) -> list[Area]:
    """The merged areas, which are none until `_put_together` merges them again."""
    merged = [parse_area(one.coord) for one in grid.ws.merged_cells.ranges]
    for area in merged:
        grid.ws.unmerge_cells(address([area], False, False))
    return merged


def _put_together(grid: Grid, merged: list[Area], shift: Shift) -> None:
    for area in merged:
        moved = shift.area(area)
        if moved is not None and moved.size > 1:
            grid.ws.merge_cells(address([moved], False, False))


def _move_tables(grid: Grid, shift: Shift) -> None:
    for table in list(grid.ws.tables.values()):
        area = parse_area(table.ref)
        moved = shift.area(area)
        if moved is None:
            del grid.ws.tables[table.name]
            continue
        if not shift.rows:
            _move_columns_of_table(grid, table, area, shift)
        table.ref = address([moved], False, False)
        if table.autoFilter is not None:
            table.autoFilter.ref = table.ref
        settle_headers(grid, moved)


def _move_columns_of_table(grid: Grid, table: Any, area: Area, shift: Shift) -> None:
    """Columns that go leave the table; those that come into it are called Column1 and so on."""
    kept = [one for number, one in enumerate(table.tableColumns, area.left) if shift.number(number) is not None]
    if shift.count > 0 and area.left < shift.at <= area.right:
        last, taken = max(one.id for one in kept), {one.name.lower() for one in kept}
        free = (name for number in count(1) if (name := f"Column{number}").lower() not in taken)
        new = [type(kept[0])(id=last + step, name=next(free)) for step in range(1, shift.count + 1)]
        for number, one in enumerate(new if table.headerRowCount != 0 else (), shift.at):
            cell = grid.cell(area.top, number)
            cell._value, cell.data_type = one.name, "s"
        kept[shift.at - area.left : shift.at - area.left] = new
    table.tableColumns = kept


def _moved(areas: list[Area], shift: Shift) -> list[Area]:
    return [moved for area in areas if (moved := shift.area(area)) is not None]


def _move_rules(grid: Grid, shift: Shift) -> None:
    rules: list[tuple[list[Area], Rule]] = [(_moved(areas, shift), rule) for areas, rule in placed(grid.ws)]
    for _, rule in rules:
        rule.formula = [rewritten("=" + one, lambda text: shift.reference(text, grid.ws.title))[1:] for one in rule.formula]
    place(grid.ws, rules)
    for one in list(grid.ws.data_validations.dataValidation):
        areas = _moved(areas_of(one.sqref), shift)
        if areas:
            one.sqref = sqref_of(areas)
        else:
            grid.ws.data_validations.dataValidation.remove(one)


def _move_filter(grid: Grid, shift: Shift) -> None:
    if grid.ws.auto_filter.ref:
        moved = shift.area(parse_area(grid.ws.auto_filter.ref))
        grid.ws.auto_filter.ref = address([moved], False, False) if moved else None
        if moved is None:
            grid.ws.auto_filter.filterColumn = []


def _move_formulas(book: Any, shift: Shift) -> None:
    """Formulas of all sheets, and names, follow the cells that they refer to."""
    for ws in book.wb.worksheets:
        follow(ws, lambda text, home=ws.title: shift.reference(text, home))
    for held_in in (book.wb.defined_names, *(ws.defined_names for ws in book.wb.worksheets)):
        for name in held_in.values():
            name.attr_text = rewritten("=" + name.attr_text, lambda text: shift.reference(text, ""))[1:]


def follow(ws: Any, change: Any) -> None:
    """Rewrite each formula of a sheet's cells."""
    for cell in ws._cells.values():
        if cell.data_type == "f" and isinstance(cell.value, str):
            cell._value = rewritten(cell.value, change)


def merge(grid: Grid, area: Area) -> None:
    """Merge an area: what stands outside its first cell is lost. ExcelError inside a table, or on a protected sheet."""
    refuse_protected(grid, "", "merging cells")
    if any(area.meet(parse_area(table.ref)) for table in grid.ws.tables.values()):
        raise ExcelError("Cells of a table cannot be merged.")
    for one in list(grid.ws.merged_cells.ranges):
        if area.meet(parse_area(one.coord)):
            grid.ws.unmerge_cells(one.coord)
    grid.ws.merge_cells(CellRange(address([area], False, False)).coord)
    grid.touch()
