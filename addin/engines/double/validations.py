"""Data validation: lists to choose from, comparisons and formulas, kept as openpyxl's so that a saved workbook has them."""

from typing import Any

from openpyxl.worksheet.datavalidation import DataValidation as XlsxValidation
from xlwings import base_classes

from addin.engines.cells import ExcelError, missing_calls_say_so
from addin.engines.double.guards import refuse_protected
from addin.engines.double.references import relative_references
from addin.engines.double.rules import OPERATORS, areas_of, sqref_of
from addin.engines.geometry import quoted
from addin.engines.ranges import BaseRange

TYPES = {
    "whole": "whole_number",
    "decimal": "decimal",
    "list": "list",
    "date": "date",
    "time": "time",
    "textLength": "text_length",
    "custom": "custom",
}
LIMIT = 255


@missing_calls_say_so("the openpyxl double")
class DataValidation(base_classes.DataValidation):
    """The validation of a range."""

    def __init__(self, parent: Any) -> None:
        self.range = parent
        self.ws = parent.sheet.ws

    def _found(self) -> list[XlsxValidation]:
        mine = self.range.areas
        return [one for one in self.ws.data_validations.dataValidation if any(a.meet(b) for a in areas_of(one.sqref) for b in mine)]

    @property
    def type(self) -> str:
        """none, one of xlwings' kinds; mixed_criteria where some cells have none, inconsistent where they differ."""
        found = self._found()
        if not found:
            return "none"
        left = list(self.range.areas)
        for one in found:
            for hole in areas_of(one.sqref):
                left = [part for area in left for part in area.without(hole)]
        if left:
            return "mixed_criteria"
        return TYPES.get(found[0].type, "unknown") if len(found) == 1 else "inconsistent"

    def _one(self, *kinds: str) -> XlsxValidation | None:
        return self._found()[0] if self.type in kinds else None

    @property
    def source(self) -> str | None:
        """What the list offers: "a,b", or "=" and cells or a name."""
        one = self._one("list")
        if one is None:
            return None
        return one.formula1[1:-1].replace('""', '"') if one.formula1.startswith('"') else "=" + one.formula1

    @property
    def formula(self) -> str | None:
        one = self._one("custom")
        return one and "=" + one.formula1

    @property
    def in_cell_dropdown(self) -> bool | None:
        one = self._one("list")
        return one and not one.showDropDown

    def set_list(self, source: Any, in_cell_dropdown: bool) -> None:
        """Offer the texts, the cells of a range, or those of a name. ExcelError where the texts have more than 255 characters."""
        if isinstance(source, BaseRange):
            formula = f"{quoted(source.sheet.name)}!{source.address}"
        elif isinstance(source, base_classes.Name):
            formula = source.name
        else:
            formula = '"' + ",".join(source).replace('"', '""') + '"'
            if len(formula) - 2 > LIMIT:
                raise ExcelError(f"A list to choose from has up to {LIMIT} characters: put it into cells.")
        self._set(XlsxValidation(type="list", formula1=formula, allow_blank=True, showDropDown=not in_cell_dropdown or None))

    def set_rule(self, rule_type: str, operator: str | None, formula1: str, formula2: str | None) -> None:
        """A comparison, or a formula ("custom"); a relative reference would count from the active cell, and is refused."""
        relative = [one for text in (formula1, formula2) if text and text.startswith("=") for one in relative_references(text)]
        if relative:
            raise ExcelError(f"{relative[0]} in the validation {formula1} would count from the active cell: use a defined name.")
        kind = next(name for name, known in TYPES.items() if known == rule_type)
        sign = next((name for name, known in OPERATORS.items() if known == operator), None)
        first, second = (text and text.removeprefix("=") for text in (formula1, formula2))
        self._set(XlsxValidation(type=kind, operator=sign, formula1=first, formula2=second, allow_blank=True))

    def _set(self, validation: XlsxValidation) -> None:
        refuse_protected(self.range.sheet.grid, "", "data validation")
        if self.type in ("mixed_criteria", "inconsistent"):
            raise ExcelError("The cells have different validations: delete them first.")
        self.delete()
        validation.showErrorMessage = validation.showInputMessage = True
        validation.sqref = sqref_of(list(self.range.areas))
        self.ws.data_validations.append(validation)

    def delete(self) -> None:
        refuse_protected(self.range.sheet.grid, "", "data validation")
        for one in self._found():
            areas = areas_of(one.sqref)
            for hole in self.range.areas:
                areas = [part for area in areas for part in area.without(hole)]
            if areas:
                one.sqref = sqref_of(areas)
            else:
                self.ws.data_validations.dataValidation.remove(one)
