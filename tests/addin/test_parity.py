"""X-1: the same cells have the same problems in Calc, in the double of Excel, in `check` and in the API; for every rule set and layout."""

import json

import pytest
import xlwings as xw

import invoice_rules
from addin import config, finding, places
from addin.session import Session
from tests.addin.cases import CASES, LAYOUTS, saved


def of_sheet(path, rules) -> list[dict]:
    """The problems that the add-in finds in the workbook that is open."""
    book = xw.Book(str(path))
    try:
        session = Session(book, config.Config(rules=rules))
        assert session.area == places.area_of(book.sheets.active, None)
        wizard = session.wizard(None)
        return [problem.to_dict() for problem in wizard.report.problems]
    finally:
        book.close()


def test_there_are_cases_enough():
    assert len(CASES) >= 50


@pytest.mark.parametrize("name", invoice_rules.rule_sets())
def test_every_layout_has_the_same_problems(engine, name, tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path))
    monkeypatch.setenv("INVOICE_RULES_STORE", str(tmp_path / "none.sqlite"))
    differ, found = [], 0
    for layout in LAYOUTS:
        path = saved(name, layout, tmp_path)
        of_file = [problem.to_dict() for problem in invoice_rules.examine(path, name).problems]
        of_cells = of_sheet(path, name)
        found += len(of_file)
        if of_file != of_cells:
            differ.append((path.name, [one for one in of_file if one not in of_cells], [one for one in of_cells if one not in of_file]))
    assert not differ
    assert found > 10


def test_the_command_line_says_the_same(tmp_path, capsys):
    path = saved("paystand.receivables", CASES[2][1], tmp_path)
    rules = "paystand.receivables"
    from typer.testing import CliRunner

    from invoice_rules.cli.app import app

    answer = CliRunner().invoke(app, ["--json", "check", str(path), "--rules", rules])
    of_command = json.loads(answer.stdout)[0]["problems"]
    assert of_command == [problem.to_dict() for problem in invoice_rules.examine(path, rules).problems]


def test_the_area_is_the_whole_sheet_whatever_is_selected(engine, tmp_path):
    book = xw.Book(str(saved("paystand.receivables", CASES[0][1], tmp_path)))
    book.sheets.active.range("C3:C4").select()
    area = finding.find(book.sheets.active)
    assert (area.top, area.left, area.bottom) == (1, 1, 7)
    book.close()
