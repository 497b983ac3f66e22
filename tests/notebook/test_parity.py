"""X-1: the wizard finds what the command line finds, for every rule set and layout; what its grid shows is what the problems say."""

import json

import pytest
from typer.testing import CliRunner

import invoice_rules
from invoice_rules import Severity
from invoice_rules.cli.app import app
from invoice_rules.notebook.grid import Rows
from tests.addin.cases import LAYOUTS, saved
from tests.notebook.importing import begun, choose


@pytest.mark.parametrize("name", invoice_rules.rule_sets())
def test_every_layout_has_the_same_problems_as_on_the_command_line(name, tmp_path):
    store = tmp_path / "books.sqlite"
    invoice_rules.open_store(store)
    paths = [saved(name, layout, tmp_path) for layout in LAYOUTS]
    answer = CliRunner().invoke(app, ["--json", "--store", str(store), "check", *map(str, paths), "--rules", name])
    told = [one["problems"] for one in json.loads(answer.stdout)]
    wizard = begun(tmp_path)
    choose(wizard.source.rules, name, wizard)
    for path, of_command in zip(paths, told, strict=True):
        wizard.source.take(path)
        assert wizard.wait()
        report = wizard.report
        assert [problem.to_dict() for problem in report.problems] == of_command, path.name
        must_be_shown_as_told(report)
    assert sum(map(len, told)) > 10
    assert len(paths) * len(invoice_rules.rule_sets()) >= 50


def must_be_shown_as_told(report) -> None:
    """Each cell that is tinted says what is wrong in it, and no other is."""
    fields = report.mapping.fields
    told = {(its.row, fields[its.field]) for its in report.problems if its.severity >= Severity.WARNING and its.row and fields.get(its.field) is not None}
    rows = Rows(report)
    shown = {}
    for row in rows.window("all", 0, len(report.table)):
        shown |= {(row["row"], column): cell for column, cell in zip(rows.columns, row["cells"], strict=True) if cell[1]}
    assert {cell for cell, its in shown.items() if its[2]} == told
