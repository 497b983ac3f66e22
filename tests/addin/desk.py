"""An accountant's desk: a workbook open in one of the engines, buttons to press, and a script of what is answered when something is asked."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw

from addin import config, dialogs, udfs
from tests.addin import cases

RULES = "paystand.receivables"


class Desk:
    """One open workbook. `said` are the messages shown, `asked` the questions; `answers` is worked off from the front."""

    def __init__(self, book: xw.Book):
        self.book = book
        self.said: list[str] = []
        self.asked: list[str] = []
        self.answers: list[Any] = []

    @property
    def sheet(self) -> xw.Sheet:
        return self.book.sheets.active

    @property
    def status_bar(self) -> str:
        return str(self.book.app.status_bar or "")

    def press(self, button: str, *given: str, answers: Any = ()) -> str:
        """Press a button; gives the last message shown, "" where there was none. All answers must have been asked for."""
        self.said.clear()
        self.asked.clear()
        self.answers = list(answers)
        self.book.set_mock_caller()
        getattr(udfs, button)(*given)
        assert not [text for text in self.said if "should not have" in text], Path(self.said[-1].split(" in ")[-1].rstrip(".")).read_text()
        assert not self.answers, (self.answers, self.asked)
        return self.said[-1] if self.said else ""

    def rows(self, sheet: xw.Sheet | None = None) -> list[list[Any]]:
        """What the sheet shows, a list a row."""
        return (sheet or self.sheet).used_range.options(ndim=2, err_to_str=True).value

    def column(self, heading: str) -> list[Any]:
        """The cells below a heading."""
        rows = self.rows()
        at = next(at for at, row in enumerate(rows) if heading in row)
        return [row[rows[at].index(heading)] for row in rows[at + 1 :]]

    def answer(self, question: str) -> Any:
        self.asked.append(question)
        assert self.answers, f"Nobody answers: {question}"
        return self.answers.pop(0)


@contextmanager
def desk_with(path: Path, monkeypatch: pytest.MonkeyPatch, rules: str = "", **settings: Any) -> Iterator[Desk]:
    """A desk with this workbook open in the active engine, settings and store of its own beside it."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(path.parent / "settings"))
    monkeypatch.setenv("INVOICE_RULES_STORE", str(path.parent / "store.sqlite"))
    config.save(config.Config(rules=rules, **settings))
    desk = Desk(xw.Book(str(path)))
    _script(desk, monkeypatch)
    try:
        yield desk
    finally:
        desk.book.close()


def _script(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def form(_: dialogs.Dialogs, text: str, fields: Any) -> dict[str, str] | None:
        answer: Mapping[str, str] | None = desk.answer(text)
        assert answer is None or set(answer) <= {field.name for field in fields}, fields
        return None if answer is None else {field.name: answer.get(field.name, field.value) for field in fields}

    monkeypatch.setattr(dialogs.Dialogs, "tell", lambda _, text, bad=False: desk.said.append(text))
    monkeypatch.setattr(dialogs.Dialogs, "confirm", lambda _, text: bool(desk.answer(text)))
    monkeypatch.setattr(dialogs.Dialogs, "form", form)


def workbook(folder: Path, layout: Callable[[cases.Rows], openpyxl.Workbook] = cases.plain, change: Callable[[Any], None] | None = None) -> Path:
    """A workbook of six invoices, changed as told."""
    book = layout(cases.rows_of(RULES))
    if change:
        change(book.active)
    path = folder / "October.xlsx"
    book.save(path)
    return path


def wrong(sheet: Any) -> None:
    """Three things wrong in rows 3 and 5."""
    sheet["D3"], sheet["I3"], sheet["G5"] = 5000.0, "Y", "31/02/2026"
