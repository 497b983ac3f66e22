"""Every button of Calc's toolbar, clicked with a real mouse on a real screen; a picture of each is kept.

The pictures go to a temporary folder, or to the one that INVOICE_RULES_SHOTS names.
"""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image
from typer.testing import CliRunner

import invoice_rules
from addin import config, lists
from addin.calc.layout import toolbar
from invoice_rules.cli import app
from tests.addin.clicking import Calc, clicked_calc

HEADINGS = ("Invoice ID", "Invoice number", "Amount", "Amount due", "Customer name", "Customer ID", "Date", "Due date", "Canceled", "Contact e-mail")
WIDTHS = (12, 16, 12, 12, 18, 13, 13, 13, 11, 18)
RULES = "paystand.receivables"
STATUS = "K"
YES, NO = "alt+y", "alt+n"

pytestmark = pytest.mark.xdist_group("calc window")  # one window for all of them, where tests are given to workers by groups


def workbook(file: Path) -> Path:
    """Eight invoices: in row 4 more is due than was billed, in row 6 "N" stands for no."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Invoices"
    sheet.append(HEADINGS)
    day, due = dt.date(2026, 11, 2), dt.date(2026, 12, 2)
    for number in range(1, 9):
        left = 150.0 if number == 3 else 100.0
        sheet.append([f"I-{number}", str(1000 + number), 100.0, left, "Miller Studio", "C-1", day, due, "N" if number == 5 else "no", "ap@miller.co"])
    for column, width in zip("ABCDEFGHIJ", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    book.save(file)
    return file


@pytest.fixture(scope="module")
def calc(tmp_path_factory) -> Iterator[Calc]:
    with clicked_calc(tmp_path_factory.mktemp("calc")) as running:
        yield running


@pytest.fixture
def books(calc, tmp_path, monkeypatch) -> Path:
    """Books of their own for each test, and the rule set chosen."""
    store = tmp_path / "books.sqlite"
    config.save(config.Config(store=str(store), user="ada", rules=RULES))
    lists.refresh(config.load())
    return store


@pytest.fixture
def document(calc, books, tmp_path) -> Iterator[Any]:
    with calc.open(workbook(tmp_path / "November.xlsx")) as opened:
        yield opened


def cell(document: Any, address: str, sheet: int = 0) -> str:
    return document.Sheets[sheet].getCellRangeByName(address).String


def column(document: Any, letter: str, first: int = 1, last: int = 9) -> list[str]:
    return [cell(document, f"{letter}{row}") for row in range(first, last + 1)]


def tinted(picture: Path) -> int:
    """How many pixels of a picture have the tint of wrong cells."""
    return sum(count for count, color in Image.open(picture).convert("RGB").getcolors(1 << 24) if color == (0xFF, 0xC7, 0xCE))


def shown(document: Any) -> str:
    """Name of the sheet in front."""
    return document.CurrentController.ActiveSheet.Name


def validated(calc: Calc, document: Any) -> None:
    calc.click("validate", document)
    marked(calc, document)


def marked(calc: Calc, document: Any) -> None:
    """Wait until all marks are there, of which the note on the heading of the status is the last, and Calc may paint them."""
    calc.until(lambda: cell(document, f"{STATUS}9") and any(note.String.startswith("Invoice Rules:") and note.Position.Row == 0 for note in notes(document)), "no status is written")
    calc.until(lambda: not document.hasControllersLocked(), "Calc does not paint any more")


def notes(document: Any) -> list[Any]:
    found = document.Sheets[0].Annotations
    return [found.getByIndex(place) for place in range(found.Count)]


def imported(books: Path) -> int:
    """How many invoices the books hold."""
    return len(invoice_rules.open_store(str(books)).invoices()) if books.is_file() else 0


def test_validate(calc, document):
    validated(calc, document)
    calc.shot("validate", lambda picture: tinted(picture) > 1_000)
    status = column(document, STATUS)
    assert status[0] == "Import status"
    assert status[3].startswith("1 error: amount due is more than the amount")
    assert [status[row] for row in (1, 2, 4, 6, 7, 8)] == ["OK"] * 6
    notes = [(note.Position.Column, note.Position.Row) for note in document.Sheets[0].Annotations]
    assert {(3, 3), (8, 5)} <= set(notes)


def test_next_problem(calc, document):
    validated(calc, document)
    calc.click("next_problem", document)
    address = calc.until(lambda: (at := document.CurrentSelection.CellAddress).Row and (at.Column, at.Row), "nothing is selected")
    calc.shot("next_problem")
    assert address == (3, 3)
    calc.click("next_problem", document)
    calc.until(lambda: document.CurrentSelection.CellAddress.Row == 5, "the second problem is not selected")
    assert document.CurrentSelection.CellAddress.Column == 8


def test_problems(calc, document):
    calc.click("problems", document)
    calc.until(lambda: shown(document) != "Invoices", "no sheet of problems")
    calc.shot("problems")
    sheet = document.CurrentController.ActiveSheet
    texts = [sheet.getCellByPosition(column, row).String for row in range(12) for column in range(6)]
    assert "D4" in texts
    assert any(text.startswith("Amount due (150.00) is more than the amount (100.00).") for text in texts)


def test_apply_fixes(calc, document):
    calc.click("apply_fixes", document)
    said = calc.asks("Put 1 correction into the cells?")
    calc.shot("apply_fixes")
    assert 'I6: "N" becomes "no"' in said
    calc.answer(YES)
    calc.until(lambda: cell(document, "I6") == "no", "the correction is not made")
    marked(calc, document)
    assert cell(document, "D4") == "150"


def test_clear_marks(calc, document):
    before = [column(document, letter) for letter in "ABCDEFGHIJKLM"]
    validated(calc, document)
    calc.click("clear_marks", document)
    calc.until(lambda: not cell(document, f"{STATUS}1"), "the marks stay")
    calc.shot("clear_marks", lambda picture: tinted(picture) == 0)
    assert [column(document, letter) for letter in "ABCDEFGHIJKLM"] == before
    assert document.Sheets[0].Annotations.Count == 0
    assert document.Sheets.ElementNames == ("Invoices",)


def test_map_columns(calc, document):
    calc.click("map_columns", document)
    calc.until(lambda: shown(document) != "Invoices", "no sheet of columns")
    calc.shot("map_columns")
    sheet = document.CurrentController.ActiveSheet
    texts = {sheet.getCellByPosition(column, row).String for row in range(40) for column in range(6)}
    assert set(HEADINGS) <= texts


def test_preview_import(calc, document, books):
    calc.click("preview_import", document)
    calc.until(lambda: shown(document) != "Invoices", "no preview")
    calc.shot("preview_import")
    sheet = document.CurrentController.ActiveSheet
    texts = [sheet.getCellByPosition(column, row).String for row in range(20) for column in range(5)]
    assert "Nothing was written to the books." in texts
    assert imported(books) == 0


def import_all(calc: Calc, document: Any) -> None:
    """Import, with no totals declared."""
    calc.click("import_invoices", document)
    calc.asks("Did the sender declare")
    calc.answer("Return")
    calc.asks("6 invoices")
    calc.answer(YES)
    calc.asks("2 invoices stayed out")


def test_import(calc, document, books):
    calc.click("import_invoices", document)
    calc.asks("Did the sender declare")
    calc.shot("import_invoices 1 totals")
    calc.answer("Return")
    calc.asks("6 invoices")
    calc.shot("import_invoices 2 question")
    assert imported(books) == 0
    calc.answer(YES)
    calc.asks("2 invoices stayed out")
    calc.shot("import_invoices 3 done")
    calc.answer("Return")
    assert imported(books) == 6
    assert cell(document, f"{STATUS}2").startswith("Created")
    assert cell(document, f"{STATUS}4").startswith("Not imported")


def test_saying_no_imports_nothing(calc, document, books):
    calc.click("import_invoices", document)
    calc.asks("Did the sender declare")
    calc.answer("Return")
    calc.asks("6 invoices")
    calc.answer(NO)
    calc.until(lambda: not calc.dialog(), "the dialog stays")
    assert imported(books) == 0


def test_history_and_undo(calc, document, books):
    import_all(calc, document)
    calc.answer("Return")
    calc.click("import_history", document)
    calc.until(lambda: shown(document) != "Invoices", "no history")
    calc.shot("import_history")
    sheet = document.CurrentController.ActiveSheet
    texts = [sheet.getCellByPosition(column, row).String for row in range(8) for column in range(9)]
    assert "import" in texts
    assert "ada" in texts
    calc.click("undo_last_import", document)
    calc.asks("Undo this import?")
    calc.shot("undo_last_import")
    calc.answer(YES)
    calc.asks("Press Validate")
    calc.answer("Return")
    assert imported(books) == 0


def test_settings(calc, document):
    calc.click("settings", document)
    calc.asks("Your name in the history")
    calc.shot("settings")
    calc.answer("Tab", "Tab", "ctrl+a", "g", "r", "a", "c", "e", "Return")
    calc.until(lambda: config.load().user == "grace", "the name is not kept")


def test_rule_set(calc, document):
    calc.click("choose_rules", document)
    said = calc.asks("Which system the invoices are for")
    calc.shot("choose_rules")
    assert invoice_rules.rule_set(RULES).title in said
    calc.answer("Down", "Return")
    names = [entry.id for entry in lists.entries("rules")]
    assert calc.until(lambda: config.load().rules != RULES and config.load().rules, "no other rule set is chosen") == names[names.index(RULES) + 1]


def test_columns(calc, document):
    lists.refresh(config.load(), ["monthly"])
    calc.click("choose_mapping", document)
    said = calc.asks("A saved mapping of columns")
    calc.shot("choose_mapping")
    assert lists.GUESS in said
    calc.answer("Escape")
    assert config.load().mapping == ""


def test_an_empty_sheet_is_told_and_not_silent(calc, books, tmp_path):
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    with calc.open(tmp_path / "empty.xlsx") as empty:
        calc.click("validate", empty)
        said = calc.until(calc.dialog, "nothing is said")
        calc.shot("validate empty")
        assert "Traceback" not in said
        calc.answer("Return")


def test_installing_while_calc_is_open_is_refused(calc):
    done = CliRunner().invoke(app, ["addin", "install", "--profile", str(calc.office.folder / "profile")])
    assert done.exit_code == 2
    assert "LibreOffice is open. Save your work, close all its windows, then try again." in " ".join(done.output.split())


def test_every_button_has_a_test_that_clicks_it_and_keeps_a_picture():
    text = Path(__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'\.click\("(\w+)", document\)', text)) == {entry.name for entry in toolbar()}
    assert set(re.findall(r'\.shot\("(\w+)', text)) == {entry.name for entry in toolbar()}
