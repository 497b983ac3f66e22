"""The sheet on which a user says which column feeds which field, and what holds for the whole file.

It is read again by every button as long as it is there; what it says goes before saved mappings and guesses (X-13).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlwings as xw

from addin import places, sheets
from addin.sheets import Column
from invoice_rules import CannotRun, RuleSet, Table, column_letter
from invoice_rules.wizard import Wizard

NOTHING = "(nothing)"
_COLUMNS = (Column("Column", 9), Column("Heading", 30), Column("First value", 26), Column("Feeds the field", 34), Column("Why", 52, long=True))
_VALUES = (Column("What holds for all rows", 9), Column("", 30), Column("Value", 26), Column("It may be", 34), Column("Otherwise", 52, long=True))
_LISTED, _NAMES = 26, 27
"""The columns, out of sight, with what the drop-downs offer and with the names of the values."""


@dataclass(frozen=True)
class Said:
    """What the sheet says: for which rules it is, the heading of each column, the label of the field it feeds, and settings for all rows."""

    rules: str = ""
    headings: Sequence[str] = ()
    labels: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def given(self, rules: RuleSet, table: Table) -> dict[str, str | int]:
        """Field -> place of its column from 0, "" for none; where the sheet fits no longer, what of it still stands.

        Raises CannotRun where a label is no field's, or two columns feed one field.
        """
        names = {label: name for name, label in labels(rules).items()}
        given: dict[str, str | int] = dict.fromkeys(rules.offered, "") if self.fits(table) else {}
        for at, label in self._mapped:
            if label not in names:
                raise CannotRun(f'"{label}" is no field of {rules.title}. Choose from the list beside the column, on sheet {sheets.TITLES["columns"]}.')
            if given.get(names[label], "") != "":
                raise CannotRun(f'Two columns feed "{label}". Choose (nothing) for one of them, on sheet {sheets.TITLES["columns"]}.')
            place = self._place(at, table)
            if place is not None:
                given[names[label]] = place
        return given

    @property
    def _mapped(self) -> list[tuple[int, str]]:
        """(line of the sheet, label without its star) of each column that feeds a field."""
        found = [(at, label.removesuffix(" *")) for at, label in enumerate(self.labels)]
        return [(at, label) for at, label in found if label not in ("", NOTHING)]

    def _place(self, at: int, table: Table) -> int | None:
        """Where the column of this line stands now: where all are as they were the same place, else the one under its heading; None where it is gone or there are two."""
        ours, now = [heading.strip() for heading in self.headings], [heading.strip() for heading in table.headings]
        if ours == now:
            return at
        alone = ours[at] and table.origin.header_row is not None and ours.count(ours[at]) == now.count(ours[at]) == 1
        return now.index(ours[at]) if alone else None

    def fits(self, table: Table) -> bool:
        """Whether every column that feeds a field is still there; others may have come and gone."""
        return bool(self.labels) and all(self._place(at, table) is not None for at, _ in self._mapped)

    def must_fit(self, table: Table) -> None:
        """Raises CannotRun where a column that feeds a field is gone by now."""
        if self.labels and not self.fits(table):
            raise CannotRun(f"The columns changed since sheet {sheets.TITLES['columns']} was made. Press Map columns to make it anew.")


def labels(rules: RuleSet) -> dict[str, str]:
    """Field -> what it is called on the sheet: its title, with its name behind it where two fields share one."""
    titles = Counter(its.title for its in rules.offered.values())
    return {name: its.title if titles[its.title] == 1 else f"{its.title} ({name})" for name, its in rules.offered.items()}


def show(wizard: Wizard, source: xw.Sheet) -> xw.Sheet:
    """Put the columns of the sheet before the user, with what each one feeds and why."""

    def fill(sheet: xw.Sheet) -> int:
        top = sheets.heading(
            sheet, f"Columns of sheet {source.name}",
            "Choose beside each column the field it feeds; fields with a * are required. Then press Validate, or Map columns again to keep your choice for later.",
            _still(wizard),
        )  # fmt: skip
        rows = _rows(wizard)
        sheets.listing(sheet, top, _COLUMNS, rows)
        _offer(sheet, top, len(rows), wizard)
        _ask_values(sheet, top + len(rows) + 2, wizard)
        sheet.range((1, _NAMES)).value = wizard.rules.name
        sheet.book.names.add("ir_columns_rules", "=" + places.absolute(sheet.range((1, _NAMES))))
        return 0

    return sheets.made("columns", source, fill)


def _still(wizard: Wizard) -> str:
    titles = [wizard.rules.fields[name].title for name in wizard.missing]
    return f"Still to map: {', '.join(titles)}." if titles else "Every required field has its column."


def _rows(wizard: Wizard) -> list[list[Any]]:
    mapping, table = wizard.mapping, wizard.table
    feeds = {column: name for name, column in mapping.fields.items() if column is not None}
    rows = []
    for column, title in enumerate(table.headings):
        name = feeds.get(column)
        why = mapping.matches[name].why if name else "no field is like this heading"
        first = next((text for at in range(min(len(table), 50)) if (text := table.shown(at, column)).strip()), "")
        rows.append([column_letter(table.origin.first_column + column), title, first[:60], _label(wizard, name) if name else NOTHING, why])
    return rows


def _label(wizard: Wizard, name: str) -> str:
    label = labels(wizard.rules)[name]
    return f"{label} *" if name in wizard.rules.needed else label


def _offer(sheet: xw.Sheet, top: int, count: int, wizard: Wizard) -> None:
    """Drop-downs beside the columns, their list out of sight."""
    labels = [NOTHING, *sorted(_label(wizard, name) for name in wizard.rules.offered)]
    stock = sheet.range((1, _LISTED), (len(labels), _LISTED))
    stock.number_format = "@"
    stock.options(ndim=2).value = [[label] for label in labels]
    stock.columns.hidden = True
    choice = sheet.range((top + 1, 4), (top + count, 4))
    choice.data_validation.set_list(stock)
    choice.color = "#FFF9E5"
    sheet.book.names.add("ir_columns", "=" + places.absolute(sheet.range((top + 1, 1), (top + count, 4))))


def _ask_values(sheet: xw.Sheet, top: int, wizard: Wizard) -> None:
    """A value for all rows of each required field that no column feeds, and of what the batch may set."""
    asked = [question for question in wizard.questions() if question.name in wizard.rules.offered or question.name == "currency" or "." in question.name]
    rows = [[its.title + " *" * its.required, None, its.value, ", ".join(its.choices), its.default] for its in asked]
    sheets.listing(sheet, top, _VALUES, rows)
    last = top + max(len(asked), 1)
    names = sheet.range((top + 1, _NAMES), (last, _NAMES))
    names.number_format = "@"
    names.options(ndim=2).value = [[its.name] for its in asked] or [[None]]
    names.columns.hidden = True
    sheet.range((top + 1, 3), (last, 3)).color = "#FFF9E5"
    sheet.book.names.add("ir_values", "=" + places.absolute(sheet.range((top + 1, 3), (last, _NAMES))))


def said(book: xw.Book, source: xw.Sheet, rules: str) -> Said:
    """What the user said on the sheet of columns, if it was made for this one and for these rules."""
    sheet = sheets.sheet_of(book, "columns")
    if sheet is None or sheets.source_of(sheet).name != source.name or _cells(book, "ir_columns_rules") not in ([], [[rules]]):
        return Said()
    rows = [[str(cell or "") for cell in row] for row in _cells(book, "ir_columns")]
    return Said(rules, [row[1] for row in rows], [row[3] for row in rows], {str(row[-1]): str(row[0]) for row in _cells(book, "ir_values") if row[0] and row[-1]})


def _cells(book: xw.Book, name: str) -> list[list[Any]]:
    return book.names[name].refers_to_range.options(ndim=2, err_to_str=True).value if book.names.contains(name) else []
