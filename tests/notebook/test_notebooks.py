"""The notebooks themselves: short, without logic and outputs, and run to their end by nbclient and by papermill."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from invoice_rules import open_store
from tests.cli.conftest import HEAD, row
from tests.e2e.servers import ROOT, environment
from tests.notebook.made import two_months

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = ["batch_import", "connections_and_sending", "history", "import_wizard", "new_template", "receivables", "rules_lab"]
LOGIC = (ast.For, ast.While, ast.With, ast.Try, ast.ClassDef, ast.AsyncFunctionDef)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of the user's: the notebooks, books of two months, and an inbox."""
    home = tmp_path / "home"
    home.mkdir()
    for notebook in NOTEBOOKS:
        shutil.copy(notebook, home)
    two_months(home).engine.dispose()
    (home / "books.sqlite").rename(home / "store.sqlite")
    (home / "inbox").mkdir()
    (home / "inbox" / "may.csv").write_text("\n".join([HEAD, row(1), row(2)]) + "\n", encoding="utf-8")
    return home


def run(folder: Path, *command: object, expect: int = 0) -> str:
    """A program of this Python in the user's folder, whose store is in it, and nothing else of anybody's; what it said on stderr."""
    variables = environment(folder.parent / "jupyter")
    done = subprocess.run([sys.executable, "-m", *map(str, command)], cwd=folder, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == expect, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stderr


def papermill(folder: Path, name: str, expect: int = 0, **parameters: object) -> str:
    """Run a notebook with parameters; everything that its cells showed as text, and what papermill said."""
    given = [word for key, value in parameters.items() for word in ("-p", key, value)]
    said = run(folder, "papermill", f"{name}.ipynb", "done.ipynb", "--no-progress-bar", *given, expect=expect)
    return shown(folder / "done.ipynb") + said


def shown(notebook: Path) -> str:
    book = nbformat.read(notebook, as_version=4)
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.get("data", {}).get("text/plain", "") + output.get("text", "") for output in outputs)


def test_the_notebooks_are_the_promised_ones():
    assert [path.stem for path in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_short_and_holds_no_logic(path):
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert 3 <= len(book.cells) <= 5
    assert book.cells[0].cell_type == "markdown"
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert "parameters" in code[0].metadata["tags"]
    for cell in code:
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, LOGIC)]
        imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert all(isinstance(node, ast.ImportFrom) and node.module == "invoice_rules.notebook" for node in imported)
        assert len(imported) <= 1


def test_notebooks_are_kept_without_outputs():
    done = subprocess.run([sys.executable, "-m", "nbstripout", "--verify", *map(str, NOTEBOOKS)], capture_output=True, text=True)
    assert done.returncode == 0, f"nbstripout notebooks/*.ipynb\n{done.stdout}"
    cells = [cell for path in NOTEBOOKS for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


def test_every_notebook_runs_as_it_comes(folder):
    """By nbclient, with the parameters that stand in it."""
    run(folder, "jupyter", "execute", "--inplace", *(path.name for path in NOTEBOOKS))
    for name, words in {
        "batch_import": "2 created and 0 updated from 1 file. Everything went in.",
        "connections_and_sending": "Sending(",
        "history": "batches in main.",
        "import_wizard": "ImportWizard(",
        "new_template": "TemplateMaker(",
        "receivables": "Open receivables by days past due",
        "rules_lab": "past imports would stay out now.",
    }.items():
        assert words in shown(folder / f"{name}.ipynb"), name
    assert len(open_store(folder / "store.sqlite").invoices(text="I-1")) == 1


def test_a_batch_runs_by_itself_into_the_books_that_it_is_told(folder):
    said = papermill(folder, "batch_import", files="inbox/*.csv", store="other.sqlite")
    assert "2 created and 0 updated from 1 file. Everything went in." in said
    assert len(open_store(folder / "other.sqlite").invoices()) == 2


def test_a_batch_fails_where_something_stayed_out(folder):
    (folder / "inbox" / "june.csv").write_text("\n".join([HEAD, row(3, due="120.00")]) + "\n", encoding="utf-8")
    said = papermill(folder, "batch_import", expect=1)
    assert "SystemExit: 2 created and 0 updated from 2 files. 1 file needs a look." in said
    assert "to fix" in said, "where the workbook is"


def test_a_batch_with_parameters_that_mean_nothing_says_so(folder):
    said = papermill(folder, "batch_import", expect=1, rules="nobody.rules")
    assert "nobody.rules" in said
    cells = nbformat.read(folder / "done.ipynb", as_version=4).cells
    (traceback,) = [output.traceback for cell in cells if cell.cell_type == "code" for output in cell.outputs if output.output_type == "error"]
    assert len(traceback) == 1, "a sentence, not the program's way to it"


def test_the_others_take_parameters_too(folder):
    assert "Counts and totals" in papermill(folder, "history", batch="2")
    assert "Open as of 31 Oct 2026" in papermill(folder, "receivables", as_of="2026-10-31")
    assert "By the rules as they are, 29 of 41 go in" in papermill(folder, "rules_lab", file="Receivables October 2026.xlsx")
    assert "large-amount" in papermill(folder, "rules_lab", rules="quickbooks.history")
    assert "no entity" in papermill(folder, "import_wizard", expect=1, entity="nobody").casefold()
