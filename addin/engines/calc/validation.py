"""What a cell accepts when something is typed into it."""

from typing import Any

from xlwings import base_classes

from addin.engines.calc.comparisons import OPERATORS
from addin.engines.calc.grammar import to_calc, to_excel
from addin.engines.calc.loading import enum
from addin.engines.calc.writing import writing_to
from addin.engines.cells import missing_calls_say_so

KINDS = {"whole_number": "WHOLE", "decimal": "DECIMAL", "list": "LIST", "date": "DATE", "time": "TIME", "text_length": "TEXT_LEN", "custom": "CUSTOM"}
KINDS_BACK = {theirs: mine for mine, theirs in KINDS.items()} | {"ANY": "none"}
OPERATORS_BACK = {theirs: mine for mine, theirs in OPERATORS.items()}
ALERTS = {"STOP": "stop", "WARNING": "warning", "INFO": "information", "MACRO": "stop"}


@missing_calls_say_so("LibreOffice Calc")
class DataValidation(base_classes.DataValidation):
    """The validation of a range."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    @property
    def api(self) -> Any:
        return self._cells.xl.Validation

    def _set(self, validation: Any) -> None:
        with writing_to(self._cells):
            self._cells.xl.Validation = validation

    @property
    def type(self) -> str:
        """The kind of rule; "inconsistent" and "mixed_criteria" where cells differ."""
        cells = self._cells.xl
        if cells.getPropertyState("Validation").value == "AMBIGUOUS_VALUE":
            return "mixed_criteria" if self._some_without() else "inconsistent"
        return KINDS_BACK[cells.Validation.Type.value]

    def _some_without(self) -> bool:
        cells = [self._cells.sheet.sh.getCellByPosition(column - 1, row - 1) for area in self._cells.areas for row, column in _sample(area)]
        return any(cell.Validation.Type.value == "ANY" for cell in cells)

    @property
    def operator(self) -> str | None:
        return OPERATORS_BACK.get(self.api.getOperator().value) if self.type not in ("list", "custom", "none") else None

    @property
    def formula1(self) -> str | None:
        return None if self.type == "none" else "=" + to_excel(self.api.getFormula1())

    @property
    def formula2(self) -> str | None:
        second = self.api.getFormula2()
        return "=" + to_excel(second) if second and self.operator in ("between", "not_between") else None

    @property
    def formula(self) -> str | None:
        return self.formula1 if self.type == "custom" else None

    @property
    def source(self) -> str | None:
        """The entries of a list, joined by commas, or the formula of where they stand."""
        if self.type != "list":
            return None
        formula = self.api.getFormula1()
        return ",".join(part.strip('"') for part in formula.split(";")) if formula.startswith('"') else "=" + to_excel(formula)

    @property
    def in_cell_dropdown(self) -> bool | None:
        return self.api.ShowList > 0 if self.type == "list" else None

    @property
    def ignore_blank(self) -> bool:
        return self.api.IgnoreBlankCells

    @property
    def input_title(self) -> str:
        return self.api.InputTitle

    @property
    def input_message(self) -> str:
        return self.api.InputMessage

    @property
    def show_input(self) -> bool:
        return self.api.ShowInputMessage

    @property
    def error_title(self) -> str:
        return self.api.ErrorTitle

    @property
    def error_message(self) -> str:
        return self.api.ErrorMessage

    @property
    def show_error(self) -> bool:
        return self.api.ShowErrorMessage

    @property
    def alert_style(self) -> str:
        return ALERTS[self.api.ErrorAlertStyle.value]

    def set_list(self, source: Any, in_cell_dropdown: bool) -> None:
        """Accept the entries of a list, or of a range or name; prompts and alerts stay."""
        validation = self.api
        validation.Type = enum("sheet.ValidationType.LIST")
        validation.ShowList = 1 if in_cell_dropdown else 0
        validation.setFormula1(_list_formula(source))
        self._set(validation)

    def set_rule(self, rule_type: str, operator: str | None, formula1: str, formula2: str | None) -> None:
        """Accept what compares so, or makes a formula true; prompts and alerts stay."""
        validation = self.api
        validation.Type = enum(f"sheet.ValidationType.{KINDS[rule_type]}")
        place = self._cells.cell.CellAddress
        validation.setSourcePosition(place)
        if operator:
            validation.setOperator(enum(f"sheet.ConditionOperator.{OPERATORS[operator]}"))
        validation.setFormula1(to_calc(formula1.removeprefix("=")))
        validation.setFormula2(to_calc((formula2 or "").removeprefix("=")))
        self._set(validation)

    def delete(self) -> None:
        """Accept anything."""
        validation = self.api
        validation.Type = enum("sheet.ValidationType.ANY")
        for name in ("ShowInputMessage", "ShowErrorMessage"):
            validation.setPropertyValue(name, False)
        for name in ("InputTitle", "InputMessage", "ErrorTitle", "ErrorMessage"):
            validation.setPropertyValue(name, "")
        self._set(validation)


def _list_formula(source: Any) -> str:
    if isinstance(source, list):
        return ";".join('"' + entry.replace('"', '""') + '"' for entry in source)
    if hasattr(source, "areas"):
        return to_calc(source.sheet.reference(source))
    return source.name


def _sample(area: Any) -> list[tuple[int, int]]:
    """Up to a thousand cells of an area."""
    return [cell for _, cell in zip(range(1000), area.cells(), strict=False)]
