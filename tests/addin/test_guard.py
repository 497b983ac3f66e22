"""Whatever happens behind a button, the user gets a sentence, and the program is left as it was."""

from pathlib import Path

import pytest

import invoice_rules
from addin import checking, guard, udfs
from addin.session import Session
from tests.addin import cases
from tests.addin.desk import desk_with


@pytest.fixture
def desk(double, tmp_path, monkeypatch):
    path = cases.saved("paystand.receivables", cases.plain, tmp_path)
    with desk_with(path, monkeypatch, rules="paystand.receivables") as desk:
        yield desk


def failing(error):
    def fail(session):
        session.app.screen_updating = False
        raise error

    return fail


def test_our_own_mistake_is_told_with_the_path_of_its_details(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(invoice_rules.trouble, "log_folder", lambda: tmp_path / "log")
    monkeypatch.setattr(checking, "validate", failing(RuntimeError("the inside of it, password=secret")))
    desk.book.set_mock_caller()
    udfs.validate()
    (file,) = (tmp_path / "log").iterdir()
    assert desk.said == [f"Something went wrong that should not have (RuntimeError). The details are in {file}."]
    assert "Traceback" in file.read_text(encoding="utf-8")
    assert "secret" not in file.read_text(encoding="utf-8")
    assert desk.book.app.screen_updating is True


def test_what_the_user_can_mend_is_told_as_it_is(desk, monkeypatch):
    monkeypatch.setattr(checking, "validate", failing(invoice_rules.CannotRun("The store is locked.")))
    assert desk.press("validate") == "The store is locked."
    assert desk.book.app.screen_updating is True


@pytest.mark.parametrize("code", [-2147418111, -2146777998])
def test_a_busy_excel_is_told_as_such(desk, monkeypatch, code):
    monkeypatch.setattr(checking, "validate", failing(OSError(code, "Call was rejected by callee.")))
    assert desk.press("validate") == guard.BUSY


def test_the_status_bar_says_what_is_being_done(desk, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(Session, "say", lambda _, text: said.append(text))
    desk.press("validate")
    assert said == ["Reading", "Checking", "Marking"]
    assert desk.status_bar.startswith("Invoice Rules: ")


def test_no_file_of_ours_is_left_in_the_folder_of_the_workbook(desk):
    desk.press("validate")
    folder = Path(desk.book.fullname).parent
    assert sorted(path.name for path in folder.iterdir()) == ["paystand.receivables plain.xlsx", "settings"]
