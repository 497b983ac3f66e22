"""What a sheet says while somebody types against what the engine says of the same cells: 300 generated rows of each rule set, in one Calc.

What the sheet marks is a subset of the engine's problems; a rule whose formula names nothing that it does not see gives the same verdict on every
cell that is filled in. Cells hold what a template's hold: text, numbers and dates, and text where there should be a number.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from addin.engines.calc.grammar import to_calc
from addin.engines.calc.loading import properties, uno
from invoice_rules.examining import examine
from invoice_rules.fields import Live, RuleSet, live_rules
from invoice_rules.fields.filters import INCLUDE
from invoice_rules.fields.sheetcells import NUMERIC
from invoice_rules.problems import Severity
from invoice_rules.rulesets import rule_sets
from invoice_rules.table import OpenSheet, column_letter
from invoice_rules.workbooks import template_bytes
from invoice_rules.workbooks.templates.plan import Plan
from tests.addin.office import office
from tests.templates.tints import tints
from tests.templates.typed_rows import TODAY, Typist

FIRST, ROWS = 6, 300
OF_TEXT = ("required", "max-length", "content", "lost-digits", "dashes", "choice", "yes-no", "currency", "date")
"""Rules that judge text, also where a number or a date should stand; all others are about what was understood."""
READING = ("money", "decimals", "number", "date", "yes-no", "currency")
"""What the engine says of cells that it did not understand."""


def variants() -> Iterator[tuple[str, RuleSet, dict[str, str]]]:
    for name, rules in rule_sets().items():
        all_rows = {option.name: INCLUDE for option in rules.options if INCLUDE in option.choices}
        modes = next((option.choices for option in rules.options if option.name == "rowMode"), ("",))
        yield from ((f"{name} {mode}".strip(), rules.under({"rowMode": mode}), {**all_rows, **({"rowMode": mode} if mode else {})}) for mode in modes)


VARIANTS = {name: (rules, settings) for name, rules, settings in variants()}


@dataclass
class Typed:
    """One rule set's rows, the formulas over them, and what Calc makes of these: live -> a verdict each row, None where it cannot be told."""

    rules: RuleSet
    settings: Mapping[str, str]
    rows: Sequence[Mapping[str, object]]
    verdicts: Mapping[Live, Sequence[bool | None]]

    @cached_property
    def report(self) -> Any:
        names = list(self.rules.offered)
        cells = [names, *([row.get(name) for name in names] for row in self.rows)]
        report = examine(OpenSheet("book", "data", cells, FIRST - 1), self.rules.name, settings=dict(self.settings), today=TODAY)
        assert {name: report.mapping.fields[name] for name in names} == {name: at for at, name in enumerate(names)} and len(report.table) == len(self.rows)
        return report

    def place(self, at: int, field: str) -> int:
        """Where a cell counts: its row, or its document for what belongs to all of it."""
        return int(self.report.invoice[at]) if self.rules.lined and self.rules.fields[field].level == "header" else at

    @cached_property
    def problems(self) -> set[tuple[int, str, str]]:
        """(place, field, rule) of all that the engine finds."""
        found = [problem for problem in self.report.problems if problem.row is not None and problem.field in self.rules.fields]
        return {(self.place(problem.row - FIRST, problem.field), problem.field, problem.rule) for problem in found}

    @cached_property
    def red(self) -> set[tuple[int, str, str]]:
        """(place, field, rule) of all that the sheet marks."""
        return {(self.place(at, live.field), live.field, live.rule) for live, says in self.verdicts.items() for at, verdict in enumerate(says) if verdict is False}

    def judged(self, live: Live) -> set[int]:
        """The places where the sheet's verdict on a rule must be the engine's: the cell is filled in, and what it hangs on was understood and given."""
        filled = {at for at, row in enumerate(self.rows) if live.rule == "required" or row.get(live.field) is not None}
        others = live.needs - {live.field}
        astray = {self.document(place, field) for place, field, rule in self.problems if rule in READING and field in others}
        if live.rule not in OF_TEXT:
            astray |= {int(self.report.invoice[at]) for at, row in enumerate(self.rows) if self.astray(live, row) or not self.named(self.rows[at + 1 :][:1])}
        return {self.place(at, live.field) for at in filled if int(self.report.invoice[at]) not in astray}

    def named(self, rows: Sequence[Mapping[str, object]]) -> bool:
        """Whether rows say whose lines they are: one that does not may belong to the document above it."""
        return all(row.get(name) for row in rows for name in self.rules.group_by if self.rules.lined)

    def document(self, place: int, field: str) -> int:
        """The document of a place."""
        return place if self.rules.lined and self.rules.fields[field].level == "header" else int(self.report.invoice[place])

    def astray(self, live: Live, row: Mapping[str, object]) -> bool:
        """Whether a cell that a rule looks at holds text for a number, or nothing for what would be worked out."""
        made = {one.fills for one in self.rules.computed}
        fields = {name: self.rules.fields[name] for name in live.needs}
        written = any(isinstance(row.get(name), str | bool) for name, field in fields.items() if field.kind in NUMERIC)
        return written or not self.named([row]) or any(name in made and name in row and row[name] is None for name in fields)


def serial(value: object) -> object:
    """A cell as Calc takes it; yes and no of its own are typed afterwards."""
    if isinstance(value, dt.date):
        return float((value - dt.date(1899, 12, 30)).days)
    return "" if value is None or isinstance(value, bool) else value


class Sheets:
    """A spreadsheet in Calc that reads formulas as those of an xlsx file."""

    def __init__(self, context: Any):
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self.document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
        self.document.IgnoreCase = True
        self.context = context

    def typed(self, name: str, rules: RuleSet, settings: Mapping[str, str]) -> Typed:
        rows = Typist(rules, 7).rows(ROWS)
        self.document.Sheets.insertNewByName(name.replace(".", " "), 0)
        sheet, names = self.document.Sheets.getByIndex(0), list(rules.offered)
        headings = [rules.fields[one].title for one in names]
        cells = [headings, *([serial(row.get(one)) for one in names] for row in rows)]
        last = FIRST + len(rows) - 1
        self.document.enableAutomaticCalculation(False)
        self.block(sheet, FIRST - 1, last, 0, len(names)).setDataArray(tuple(map(tuple, cells)))
        self.booleans(sheet, names, rows)
        lives = [live for live in live_rules(rules) if live.formula and live.needs <= set(names)]
        columns = {one: column_letter(at) for at, one in enumerate(names)}
        formulas = tuple(to_calc("=" + live.placed(columns, FIRST, last)) for live in lives)
        start = len(names) + 1
        self.block(sheet, FIRST, FIRST, start, len(lives)).setFormulaArray((formulas,))
        area = self.block(sheet, FIRST, last, start, len(lives))
        area.fillAuto(self.bottom, 1)
        self.document.enableAutomaticCalculation(True)
        told = list(zip(*area.getDataArray(), strict=True))
        return Typed(rules, settings, rows, {live: [None if says not in (0.0, 1.0) else says == 1.0 for says in column] for live, column in zip(lives, told, strict=True)})

    @property
    def bottom(self) -> Any:
        return uno().Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM")

    @staticmethod
    def block(sheet: Any, top: int, bottom: int, left: int, width: int) -> Any:
        return sheet.getCellRangeByPosition(left, top - 1, left + width - 1, bottom - 1)

    def painted(self, file: Path, names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> dict[tuple[int, int], str]:
        """(row, column) -> the colour that a template has there once these rows are typed into its sheet of data."""
        page, desktop = file.with_suffix(".html"), self.context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)
        document = desktop.loadComponentFromURL(file.as_uri(), "_blank", 0, properties(Hidden=True))
        try:
            document.enableAutomaticCalculation(False)
            sheet = document.Sheets.getByIndex(1)
            self.block(sheet, FIRST, FIRST + len(rows) - 1, 0, len(names)).setDataArray(tuple(tuple(serial(row.get(one)) for one in names) for row in rows))
            for (at, name), value in {(at, name): row.get(name) for at, row in enumerate(rows) for name in names if isinstance(row.get(name), bool)}.items():
                sheet.getCellByPosition(names.index(name), FIRST - 1 + at).setString(str(value).upper())  # its cells are formatted as text
            document.enableAutomaticCalculation(True)
            document.storeToURL(page.as_uri(), properties(FilterName="HTML (StarCalc)"))
        finally:
            document.setModified(False)
            document.close(True)
        return tints(page.read_text(encoding="utf-8", errors="replace"), 1, FIRST, len(rows))

    def booleans(self, sheet: Any, names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
        for at, row in enumerate(rows):
            for column, name in enumerate(names):
                if isinstance(row.get(name), bool):
                    sheet.getCellByPosition(column, FIRST - 1 + at).setFormula("=TRUE()" if row[name] else "=FALSE()")


@pytest.fixture(scope="session")
def sheets() -> Iterator[Sheets]:
    with office() as running:
        made = Sheets(running.context())
        yield made
        made.document.setModified(False)
        made.document.close(True)


@pytest.fixture(scope="module", params=VARIANTS)
def typed(request: pytest.FixtureRequest, sheets: Sheets) -> Typed:
    rules, settings = VARIANTS[request.param]
    return sheets.typed(request.param, rules, settings)


def test_what_the_sheet_marks_the_engine_finds(typed: Typed) -> None:
    cells = {(place, field) for place, field, _ in typed.problems}
    assert not [mark for mark in sorted(typed.red) if mark[:2] not in cells]


def test_rules_that_see_everything_give_the_same_verdict(typed: Typed) -> None:
    for live in typed.verdicts:
        if not live.because:
            judged = typed.judged(live)
            here, there = ({place for place, *what in found if what == [live.field, live.rule] and place in judged} for found in (typed.red, typed.problems))
            assert here == there, f"{live.field}: {live.rule}"


def test_a_template_is_tinted_where_its_formulas_say_so(typed: Typed, sheets: Sheets, tmp_path: Path) -> None:
    """The rows in the template itself: what Calc paints red and amber is what the formulas say, and each red cell has a problem of the engine."""
    rules, mode = typed.rules, {name: value for name, value in typed.settings.items() if name == "rowMode"}
    file = tmp_path / "template.xlsx"
    file.write_bytes(template_bytes(rules, settings=mode, rows=ROWS))
    names = list(Plan(rules.under(mode), settings=mode).letters)
    painted = {(at, names[column]): tint for (at, column), tint in sheets.painted(file, names, typed.rows).items()}
    said: dict[tuple[int, str], str] = {}
    for live, says in typed.verdicts.items():
        if live.severity == Severity.NOTICE:
            continue
        for at in [at for at, verdict in enumerate(says) if verdict is False and live.field in names]:
            said[at, live.field] = "red" if live.severity == Severity.ERROR else said.get((at, live.field), "amber")
    assert painted == said
    wrong = {(place, field) for place, field, _ in typed.problems}
    assert not [cell for cell in painted if (typed.place(*cell), cell[1]) not in wrong]


def test_every_kind_of_rule_was_broken_and_kept(typed: Typed) -> None:
    seen: dict[str, set[bool | None]] = {}
    for live, says in typed.verdicts.items():
        seen.setdefault(live.rule, set()).update(says)
    assert not [rule for rule, verdicts in seen.items() if not {True, False} <= verdicts]
