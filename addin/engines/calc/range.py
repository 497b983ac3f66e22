"""A range of Calc: what BaseRange leaves open, answered by UNO. Values are in `values`, looks in `looks`."""

from functools import reduce
from typing import Any

from addin.engines.calc import values
from addin.engines.calc.api import RangeApi
from addin.engines.calc.filters import AutoFilter
from addin.engines.calc.grammar import moved, to_excel
from addin.engines.calc.links import add_link, link_of
from addin.engines.calc.loading import enum, struct
from addin.engines.calc.looks import Looks
from addin.engines.calc.notes import Note, add_note, note_of
from addin.engines.calc.rules import ConditionalFormats
from addin.engines.calc.validation import DataValidation
from addin.engines.calc.values import area_of, within
from addin.engines.calc.writing import writing_to
from addin.engines.cells import missing_calls_say_so, unpacked
from addin.engines.geometry import Area, end_of
from addin.engines.ranges import BaseRange

CONTENTS, FORMATS, EVERYTHING = 1 | 2 | 4 | 16, 32 | 64, 1023
SPECIAL = {"numbers": 1 | 2, "text": 4, "logical": 1, "errors": 4}
RESULTS = {"numbers": 1, "text": 2, "logical": 1, "errors": 4}


@missing_calls_say_so("LibreOffice Calc")
class Range(Looks, BaseRange):
    """One or more areas of a sheet of Calc."""

    @property
    def first(self) -> Any:
        """UNO's cell range of the first area."""
        top, left, bottom, right = self.area
        return self.sheet.sh.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)

    @property
    def xl(self) -> Any:
        """UNO's cell range, or its collection of ranges where there are several areas."""
        if len(self.areas) == 1:
            return self.first
        several = self.sheet.book.doc.createInstance("com.sun.star.sheet.SheetCellRanges")
        several.addRangeAddresses(self.addresses, False)
        return several

    @property
    def api(self) -> RangeApi:
        """The few members of Excel's own object model that the add-in asks for."""
        return RangeApi(self)

    @property
    def cell(self) -> Any:
        """UNO's first cell."""
        return self.sheet.sh.getCellByPosition(self.column - 1, self.row - 1)

    @property
    def addresses(self) -> tuple[Any, ...]:
        """The areas as UNO names them."""
        sheet = self.sheet.index - 1
        return tuple(struct("table.CellRangeAddress", sheet, left - 1, top - 1, right - 1, bottom - 1) for top, left, bottom, right in self.areas)

    def edges(self) -> Area:
        """The area that Calc has in use."""
        return self.sheet.used_area

    def _runs(self, strip: Area) -> list[Area]:
        """Where something stands in a strip: one call, however long it is."""
        return within(Range(self.sheet, [strip]).first.queryContentCells(CONTENTS), [strip])

    def filled(self, row: int, column: int) -> bool:
        """Whether something stands in this cell."""
        return bool(self._runs(Area(row, column, row, column)))

    def end(self, direction: str) -> "Range":
        """Where Ctrl+Arrow lands from the first cell."""
        row, column = self.row, self.column
        strip = self.limit._replace(left=column, right=column) if direction[0] in "ud" else self.limit._replace(top=row, bottom=row)
        runs = self._runs(strip)
        full = {cell for run in runs for cell in run.cells()}
        edges = reduce(Area.around, runs, Area(row, column, row, column))
        found = end_of((row, column), direction, lambda down, right: (down, right) in full, edges, self.limit)
        return Range(self.sheet, [Area(*found, *found)])

    @property
    def current_region(self) -> "Range":
        """The block of filled cells around this range."""
        cursor = self.sheet.sh.createCursorByRange(self.first)
        cursor.collapseToCurrentRegion()
        return Range(self.sheet, [area_of(cursor.RangeAddress)])

    @property
    def raw_value(self) -> Any:
        """The values of the first area, in bulk."""
        return values.read_values(self)

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        with writing_to(self, only_contents=True):
            values.write_values(self, value)

    def typed_in(self) -> Any:
        """What was typed into the cells of the first area, rows of texts in Calc's spelling."""
        return self.first.getFormulaArray()

    @property
    def formula(self) -> Any:
        """What was typed into the cells, in Excel's spelling: one text, or a tuple of rows."""
        lines = [[to_excel(text) if text[:1] == "=" else text for text in row] for row in self.typed_in()]
        if any(text in ("0", "1") for row in lines for text in row):
            values.spell_booleans(self, lines)
        return unpacked(lines)

    @formula.setter
    def formula(self, value: Any) -> None:
        if not (isinstance(value, str) and value[:1] == "="):
            self.raw_value = value
            return
        with writing_to(self, only_contents=True):
            for area in self.areas:
                lines = [
                    tuple(values.checked_formula(moved(value, row - self.row, column - self.column)) for column in range(area.left, area.right + 1))
                    for row in range(area.top, area.bottom + 1)
                ]
                Range(self.sheet, [area]).first.setFormulaArray(tuple(lines))

    @property
    def locked(self) -> bool | None:
        """Whether protection of the sheet holds for these cells; None where only for some."""
        found = self._uniform("CellProtection")
        return None if found is None else found.IsLocked

    @locked.setter
    def locked(self, value: bool) -> None:
        with writing_to(self):
            self.xl.CellProtection = struct("util.CellProtection", value, False, False, False)

    def clear(self) -> None:
        """Values, formats, notes, links and rules."""
        with writing_to(self):
            self.xl.clearContents(EVERYTHING)
        self.sheet.book.app.quiet.noted.clear()

    def clear_contents(self) -> None:
        """Values and formulas; formats and notes stay."""
        with writing_to(self, only_contents=True):
            self.xl.clearContents(CONTENTS)

    def clear_formats(self) -> None:
        """Everything about how the cells look."""
        with writing_to(self):
            self.xl.clearContents(FORMATS)

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        """Insert cells, or rows and columns where the range has whole ones."""
        kind = "ROWS" if self.area.whole_rows else "COLUMNS" if self.area.whole_columns else "RIGHT" if shift == "right" else "DOWN"
        with writing_to(self):
            self.sheet.sh.insertCells(self.addresses[0], enum(f"sheet.CellInsertMode.{kind}"))
        self.sheet.book.app.quiet.noted.clear()

    def delete(self, shift: str | None = None) -> None:
        """Delete cells, or rows and columns where the range has whole ones. Without `shift`, wide ranges close up, tall ones move left, as in Excel."""
        height, width = self.shape
        sideways = shift == "left" or shift is None and height > width
        kind = "ROWS" if self.area.whole_rows else "COLUMNS" if self.area.whole_columns else "LEFT" if sideways else "UP"
        with writing_to(self):
            self.sheet.sh.removeRange(self.addresses[0], enum(f"sheet.CellDeleteMode.{kind}"))
        self.sheet.book.app.quiet.noted.clear()

    def select(self) -> None:
        """Select in the window, on the sheet that is shown."""
        self.sheet.activate()
        self.sheet.controller.select(self.xl)

    def get_special_cells(self, cell_type: str, value_type: str | None = None) -> list["Range"]:
        """Areas of visible, blank, constant or formula cells."""
        cells = self.xl
        if cell_type == "visible":
            found = cells.queryVisibleCells()
        elif cell_type == "blanks":
            found = cells.queryEmptyCells()
        elif cell_type == "formulas":
            found = cells.queryFormulaCells(RESULTS.get(value_type or "", 7))
        else:
            found = cells.queryContentCells(SPECIAL.get(value_type or "", 7))
        return [Range(self.sheet, [area]) for area in within(found, self.areas)]

    @property
    def merge_area(self) -> "Range":
        """The merged area that the first cell belongs to, else the cell."""
        return Range(self.sheet, [self._with_merged(self.cell)])

    def _with_merged(self, cells: Any) -> Area:
        cursor = self.sheet.sh.createCursorByRange(cells)
        cursor.collapseToMergedArea()
        return area_of(cursor.RangeAddress)

    @property
    def merge_cells(self) -> bool | None:
        """Whether the cells are merged; None where only some are."""
        if self._with_merged(self.first) == self.area and not self.first.getIsMerged():
            return False
        whole = self._with_merged(self.cell)
        return True if whole.size > 1 and whole.meet(self.area) == self.area else None

    def merge(self, across: bool = False) -> None:
        """Merge the cells, or each row's; only the first cell's value stays, as in Excel."""
        for row in range(self.row, self.area.bottom + 1) if across else [None]:
            area = self.area if row is None else Area(row, self.column, row, self.area.right)
            with writing_to(self):
                for other in _but_the_first(area):
                    Range(self.sheet, [other]).first.clearContents(CONTENTS)
                Range(self.sheet, [area]).first.merge(True)

    def unmerge(self) -> None:
        """Take merged cells apart."""
        with writing_to(self):
            self.first.merge(False)

    @property
    def note(self) -> Note | None:
        """The note of the first cell."""
        return note_of(self)

    def add_note(self, text: str) -> Note:
        """Put a note on the first cell, which has none."""
        return add_note(self, text)

    @property
    def hyperlink(self) -> str:
        """Where the first cell's link goes."""
        return link_of(self)

    def add_hyperlink(self, address: str, text_to_display: str | None = None, screen_tip: str | None = None) -> None:
        """Make the first cell a link, also to a place in this book: `#'Sheet name'!A5`. Calc shows the address as tip."""
        with writing_to(self):
            add_link(self, address, text_to_display or address)

    @property
    def table(self) -> Any:
        """The table that the first cell lies in."""
        return next((table for table in self.sheet.tables if table.range.area.holds(self.row, self.column)), None)

    @property
    def conditional_formats(self) -> ConditionalFormats:
        return ConditionalFormats(self)

    @property
    def data_validation(self) -> DataValidation:
        return DataValidation(self)

    @property
    def autofilter(self) -> AutoFilter:
        return AutoFilter(self.sheet, self.area)

    @property
    def name(self) -> Any:
        """The defined name that means just these cells."""
        return next((name for name in self.sheet.book.names.all() if name.area_on(self.sheet) == self.area), None)

    @name.setter
    def name(self, value: str) -> None:
        self.sheet.book.names.add(value, f"={self.sheet.reference(self)}")


def _but_the_first(area: Area) -> list[Area]:
    """An area without its first cell, as up to two areas."""
    found = []
    if area.right > area.left:
        found.append(Area(area.top, area.left + 1, area.top, area.right))
    if area.bottom > area.top:
        found.append(Area(area.top + 1, area.left, area.bottom, area.right))
    return found
