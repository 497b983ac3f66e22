"""Values of cells in bulk, both ways. Calc keeps dates and booleans as numbers; the format of a cell tells which they are."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from addin.engines.calc.grammar import to_calc
from addin.engines.calc.loading import struct
from addin.engines.cells import ERROR_CODES, FORMULA_LIMIT, TEXT_LIMIT, ExcelError, from_serial, rows_to_write, to_serial, unpacked
from addin.engines.geometry import Area, column_letters, quoted, runs

DATE, NUMBER, LOGICAL, TEXT = 2, 16, 1024, 256
IS_VALUE, IS_TEXT, IS_ERROR = 1, 2, 4
ERRORS_OF_CALC = {"Err:502": "#VALUE!", "Err:503": "#NUM!", "Err:504": "#REF!", "Err:508": "#NAME?", "Err:509": "#NULL!", "Err:521": "#NULL!", "Err:523": "#NUM!"}
FORMATS_WRITTEN = {DATE: "yyyy-mm-dd", LOGICAL: "BOOLEAN"}


def area_of(found: Any) -> Area:
    """A CellRangeAddress of UNO as an area."""
    return Area(found.StartRow + 1, found.StartColumn + 1, found.EndRow + 1, found.EndColumn + 1)


def within(found: Any, areas: Iterable[Area]) -> list[Area]:
    """The areas of a query, as far as they lie in the cells that were asked: right of the last column in use Calc 7 answers with that column."""
    seen = [area_of(each) for each in found.RangeAddresses]
    return [met for area in areas for each in seen if (met := each.meet(area))]


def read_values(cells: Any) -> Any:
    """What `raw_value` gives of the first area: None, text, float, bool, datetime or the int code of an error."""
    area = cells.area
    rows = _filled(cells)
    for kinds, areas in formats_in(cells):
        if kinds & DATE:
            _as_dates(rows, areas, area, cells.sheet.book.date1904)
        elif kinds & LOGICAL:
            _as_booleans(rows, areas, area)
    _true_and_false(cells, rows)
    _errors(cells, rows)
    return unpacked(rows)


def read_serials(cells: Any) -> Any:
    """What `Value2` gives: dates as serial numbers, otherwise like `raw_value`."""
    rows = _filled(cells)
    for kinds, areas in formats_in(cells):
        if kinds & LOGICAL:
            _as_booleans(rows, areas, cells.area)
    _true_and_false(cells, rows)
    _errors(cells, rows)
    return unpacked(rows)


def _filled(cells: Any) -> list[list[Any]]:
    """The cells of the first area, None for blank ones."""
    return [[None if value == "" else value for value in row] if "" in row else list(row) for row in cells.first.getDataArray()]


def formats_in(cells: Any) -> list[tuple[int, list[Area]]]:
    """(kind of number format, areas) of the first area, one entry for each different format."""
    groups = cells.first.getUniqueCellFormatRanges()
    found = (groups.getByIndex(index) for index in range(groups.Count))
    kind_of = cells.sheet.book.formats.kind
    return [(kind_of(group.NumberFormat), [area_of(each) for each in group.RangeAddresses]) for group in found]


def _floats(rows: list[list[Any]], areas: Iterable[Area], origin: Area) -> Iterable[tuple[list[Any], int, float]]:
    for area in areas:
        columns = range(area.left - origin.left, area.right - origin.left + 1)
        for row in rows[area.top - origin.top : area.bottom - origin.top + 1]:
            for column in columns:
                if type(row[column]) is float:
                    yield row, column, row[column]


def _as_dates(rows: list[list[Any]], areas: Iterable[Area], origin: Area, date1904: bool) -> None:
    known: dict[float, Any] = {}
    for row, column, serial in _floats(rows, areas, origin):
        moment = known.get(serial)
        if moment is None:
            moment = known[serial] = from_serial(serial, date1904) if serial >= 0 else serial
        row[column] = moment


def _as_booleans(rows: list[list[Any]], areas: Iterable[Area], origin: Area) -> None:
    for row, column, value in _floats(rows, areas, origin):
        row[column] = bool(value)


def spell_booleans(cells: Any, lines: list[list[str]]) -> None:
    """What was typed into boolean cells as Excel tells it: TRUE for 1."""
    for kinds, areas in formats_in(cells):
        for row, column in (cell for area in areas if kinds & LOGICAL for cell in area.cells()):
            line, place = lines[row - cells.row], column - cells.column
            line[place] = {"0": "FALSE", "1": "TRUE"}.get(line[place], line[place])


def texts(cells: Any, areas: Iterable[Area]) -> dict[tuple[int, int], str]:
    """What cells show, by (row, column): one call for each column and not for each cell."""
    provider = cells.sheet.book.doc.createInstance("com.sun.star.chart2.data.DataProvider")
    provider.IncludeHiddenCells = True
    name = quoted(cells.sheet.name)
    found: dict[tuple[int, int], str] = {}
    for column, (top, bottom) in _by_column(areas).items():
        letters = column_letters(column)
        strip = provider.createDataSequenceByRangeRepresentation(f"${name}.${letters}${top}:${letters}${bottom}")
        found.update({(top + index, column): text for index, text in enumerate(strip.getTextualData())})
    return found


def _by_column(areas: Iterable[Area]) -> dict[int, tuple[int, int]]:
    """Column -> first and last row that any of the areas has in it."""
    found: dict[int, tuple[int, int]] = {}
    for area in areas:
        for column in range(area.left, area.right + 1):
            top, bottom = found.get(column, (area.top, area.bottom))
            found[column] = min(top, area.top), max(bottom, area.bottom)
    return found


def _true_and_false(cells: Any, rows: list[list[Any]]) -> None:
    """Formulas that give TRUE or FALSE have no format that says so; what they show does."""
    origin = cells.area
    areas = within(cells.first.queryFormulaCells(IS_VALUE), [origin])
    suspects = [area for area in areas if any(value in (0.0, 1.0) for _, _, value in _floats(rows, [area], origin))]
    shown = texts(cells, suspects) if suspects else {}
    for area in suspects:
        for row, column in area.cells():
            if shown[row, column] in ("TRUE", "FALSE"):
                rows[row - origin.top][column - origin.left] = shown[row, column] == "TRUE"


def _errors(cells: Any, rows: list[list[Any]]) -> None:
    origin = cells.area
    areas = within(cells.first.queryFormulaCells(IS_ERROR), [origin])
    shown = texts(cells, areas) if areas else {}
    for area in areas:
        for row, column in area.cells():
            rows[row - origin.top][column - origin.left] = error_code(shown[row, column])


def error_code(shown: str) -> int:
    """The number that Excel gives for an error which Calc shows so; an error that only Calc has is #VALUE!."""
    return ERROR_CODES.get(ERRORS_OF_CALC.get(shown, shown), ERROR_CODES["#VALUE!"])


def write_values(cells: Any, value: Any) -> None:
    """Write rows of None, text, numbers, booleans and dates; one value fills all areas. Text that starts with = is a formula, except in a text cell."""
    rows, filled = rows_to_write(value, cells.shape)
    if filled:
        for area in cells.areas:
            _write_block(type(cells)(cells.sheet, [area]), [[value] * area.shape[1]] * area.shape[0])
        return
    height, width = len(rows), len(rows[0])
    area = Area(cells.row, cells.column, cells.row + height - 1, cells.column + width - 1)
    _write_block(type(cells)(cells.sheet, [area]), rows)


class _Block:
    """Rows made ready for Calc, with where the dates, booleans and formulas among them are (0-based row and column)."""

    def __init__(self, date1904: bool) -> None:
        self.date1904 = date1904
        self.marked: dict[int, list[tuple[int, int]]] = {DATE: [], LOGICAL: []}
        self.formulas: dict[tuple[int, int], str] = {}

    def rows(self, rows: Sequence[Sequence[Any]]) -> tuple[tuple[Any, ...], ...]:
        return tuple(tuple(self._one(value, down, right) for right, value in enumerate(row)) for down, row in enumerate(rows))

    def _one(self, value: Any, down: int, right: int) -> Any:
        kind = type(value)
        if kind is str:
            return self._text(value, down, right)
        if kind is float:
            return value
        if value is None:
            return ""
        if kind is bool:
            self.marked[LOGICAL].append((down, right))
            return float(value)
        if isinstance(value, dt.date):
            self.marked[DATE].append((down, right))
            moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)
            return to_serial(moment.replace(tzinfo=None), self.date1904)
        return float(value) if isinstance(value, int) else self._text(str(value), down, right)

    def _text(self, text: str, down: int, right: int) -> str:
        if text[:1] == "=" and len(text) > 1:
            self.formulas[down, right] = text
            return ""
        if len(text) > TEXT_LIMIT:
            raise ExcelError(f"A cell takes {TEXT_LIMIT:,} characters; this text has {len(text):,}.")
        return text[1:] if text[:1] == "'" else text


def _write_block(cells: Any, rows: Sequence[Sequence[Any]]) -> None:
    block = _Block(cells.sheet.book.date1904)
    ready = block.rows(rows)
    kinds = formats_in(cells) if block.formulas or any(block.marked.values()) else []
    cells.first.setDataArray(ready)
    if block.formulas:
        _write_formulas(cells, block.formulas, _positions(kinds, TEXT, cells.area))
    for kind, places in block.marked.items():
        if places:
            _write_format(cells, kind, _in_general(places, kinds, cells.area))


def _positions(kinds: list[tuple[int, list[Area]]], wanted: int, origin: Area) -> set[tuple[int, int]]:
    """0-based places of the cells whose format is of this kind."""
    areas = [area for kind, found in kinds if kind & wanted for area in found]
    return {(row - origin.top, column - origin.left) for area in areas for row, column in area.cells()}


def _in_general(places: list[tuple[int, int]], kinds: list[tuple[int, list[Area]]], origin: Area) -> list[tuple[int, int]]:
    """Those places that have no number format yet; a cell with a format of its own keeps it."""
    if all(kind == 0 for kind, _ in kinds):
        return places
    general = _positions([(1, areas) for kind, areas in kinds if kind == 0], 1, origin)
    return [place for place in places if place in general]


def _write_format(cells: Any, kind: int, places: list[tuple[int, int]]) -> None:
    areas = _areas(places, cells.area)
    if areas:
        type(cells)(cells.sheet, areas).xl.NumberFormat = cells.sheet.book.formats.key(FORMATS_WRITTEN[kind])


def _areas(places: Iterable[tuple[int, int]], origin: Area) -> list[Area]:
    """0-based places as areas, a run of a column each."""
    columns: dict[int, list[int]] = {}
    for down, right in places:
        columns.setdefault(right, []).append(down)
    strips = [(right, first, last) for right, rows in columns.items() for first, last in runs(sorted(rows))]
    return [Area(origin.top + first, origin.left + right, origin.top + last, origin.left + right) for right, first, last in strips]


def _write_formulas(cells: Any, formulas: dict[tuple[int, int], str], in_text_cells: set[tuple[int, int]]) -> None:
    """Formulas by runs of a column; in a text cell what looks like one is text."""
    origin = cells.area
    for as_text in (True, False):
        wanted = {place: formula for place, formula in formulas.items() if (place in in_text_cells) == as_text}
        for area in _areas(wanted, origin):
            block = type(cells)(cells.sheet, [area]).first
            lines = [wanted[row - origin.top, area.left - origin.left] for row in range(area.top, area.bottom + 1)]
            if as_text:
                block.setDataArray(tuple((line,) for line in lines))
            else:
                block.setFormulaArray(tuple((checked_formula(line),) for line in lines))


def checked_formula(formula: str) -> str:
    """A formula of Excel in Calc's spelling; ExcelError where Excel would not take it for its length."""
    if len(formula) > FORMULA_LIMIT:
        raise ExcelError(f"A formula takes {FORMULA_LIMIT:,} characters; this one has {len(formula):,}.")
    return to_calc(formula)


def cell_address(sheet: int, row: int, column: int) -> Any:
    """A cell as UNO names it: everything counts from 0 there."""
    return struct("table.CellAddress", sheet, column - 1, row - 1)
