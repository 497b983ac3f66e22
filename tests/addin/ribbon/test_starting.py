"""The first step of the Python that a button starts."""

import sys

import pytest
import xlwings

from addin.ribbon import starting


@pytest.fixture
def started(monkeypatch):
    """Begins with these arguments; gives what xlwings sees of them. The log is closed after the test."""
    logs = []

    def start(*arguments: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["-c", *arguments])
        monkeypatch.setattr(sys, "stderr", sys.__stderr__)
        starting.begin()
        if sys.stderr is not sys.__stderr__:
            logs.append(sys.stderr)
        return sys.argv[1:]

    yield start
    for log in logs:
        log.close()


def test_the_workbooks_name_is_where_xlwings_looks(started):
    name = "Müller & Söhne 😀.xlsx"
    seen = started("--wb=hex:" + name.encode().hex(), "--from_xl=1", "--hwnd=4711")
    assert seen == [f"--wb={name}", "--from_xl=1", "--hwnd=4711"]


def test_errors_go_to_the_log(started, tmp_path):
    log = tmp_path / "log with spaces.tmp"
    started("--wb=hex:", f"--log={log}")
    print("Größe: ÷", file=sys.stderr)
    assert log.read_text(encoding="utf-8") == "Größe: ÷\n"


class _Book:
    caller = None

    def set_mock_caller(self):
        _Book.caller = self


class _App:
    def __init__(self, hwnd, *names):
        self.hwnd, self.books = hwnd, {name: _Book() for name in names}


class _Apps(list):
    @property
    def active(self):
        return self[0]


@pytest.mark.parametrize(("window", "which"), [("4711", 1), ("", 0)])
def test_a_name_with_an_equals_sign_finds_its_workbook(started, monkeypatch, window, which):
    """xlwings reads a name up to its first = and would not find the workbook."""
    name = "a=b.xlsx"
    apps = _Apps([_App(1, name), _App(4711, name)])
    monkeypatch.setattr(xlwings, "apps", apps)
    started("--wb=hex:" + name.encode().hex(), f"--hwnd={window}")
    assert _Book.caller is apps[which].books[name]
