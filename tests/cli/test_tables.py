"""Long tables look as Rich draws them, though it draws only the first rows."""

import io
import random

import pytest
from rich.console import Console
from rich.text import Text

from invoice_rules.cli import tables

HEADS = ["Row", "Key", "", "What is wrong, and what to do"]
WORDS = ["a", "Müller", "漢字漢字", "supercalifragilisticexpialidocious", "  ", "x" * 90, "1,234.00", "é́", "tail ", " lead", "a\nb", "👍🏽 ok", "\u200b", "a\x1b[31mb", ""]


@pytest.fixture
def drawn(monkeypatch):
    """What `show` prints when Rich draws so many rows of a table."""

    def draw(rows, first, width=60, color=False, **more):
        written = io.StringIO()
        console = Console(file=written, width=width, force_terminal=color, color_system="truecolor" if color else None, highlight=False, markup=False, emoji=False)
        monkeypatch.setattr(tables, "out", lambda: console)
        monkeypatch.setattr(tables, "FIRST", first)
        tables.show(HEADS, rows, **more)
        return written.getvalue()

    return draw


def _rows(chance: random.Random) -> list[tuple]:
    def cell() -> str:
        return tables.plain(" ".join(chance.choice(WORDS) for _ in range(chance.choice([0, 1, 2, 8, 20]))))

    severity = [Text(chance.choice(["error", "warning", ""]), style=chance.choice(["red", "dim", ""])) for _ in range(12)]
    return [(str(n * 1_000), cell(), severity[n], chance.choice([cell(), "two\nlines", Text(cell())])) for n in range(12)]


@pytest.mark.parametrize("color", [False, True], ids=["file", "terminal"])
@pytest.mark.parametrize("seed", range(12))
def test_rows_after_the_first_look_as_rich_draws_them(drawn, seed, color):
    rows = _rows(random.Random(seed))
    for whole in ((), ("Row",), ("Row", "Key")):
        looks = {"ahead": rows, "right": ["Row", "Key"], "wide": HEADS[-1:], "whole": whole, "color": color}
        for width in (40, 60, 80, 100) if whole else (20, 40, 80, 100):
            assert drawn(rows, 1, width, **looks) == drawn(rows, 100, width, **looks)


def test_nothing_from_a_file_is_a_command_to_the_terminal(drawn):
    rows = [("1", "k", "", tables.plain("a\x1b[31mb\r\x07"))] * 3
    assert not {"\x1b", "\r", "\x07"} & set(drawn(rows, 1))


def test_rows_are_taken_as_they_are_written(monkeypatch):
    monkeypatch.setattr(tables, "AT_ONCE", 10)
    taken, written = [], []

    def rows():
        for number in range(100):
            taken.append(number)
            yield str(number), "k", "", "x"

    console = Console(file=_Counting(taken, written), width=60)
    monkeypatch.setattr(tables, "out", lambda: console)
    monkeypatch.setattr(tables, "FIRST", 20)
    tables.show(HEADS, rows())
    assert [count for count, _ in written][:3] == [20, 30, 40]
    assert len("".join(text for _, text in written).splitlines()) == 102


class _Counting(io.StringIO):
    """A file that notes how many rows were taken when something is written to it."""

    def __init__(self, taken, written):
        super().__init__()
        self.taken, self.written = taken, written

    def write(self, text):
        if text:
            self.written.append((len(self.taken), text))
        return len(text)


def test_an_amount_for_which_there_is_no_room_is_never_cut_in_silence(drawn):
    rows = [("1.00", "k", "", "x"), ("1,234,567.00", "k", "", "x")]
    assert [line[:4] for line in drawn(rows, 1, right=["Row"], whole=["Row"]).splitlines()[2:]] == ["1.00", "1,2…"]
    assert "1,234,567.00 " in drawn(rows, 1, right=["Row"], whole=["Row"], ahead=rows[1:])
    for first in (1, 100):
        assert {line.split()[0] for line in drawn(rows[1:] * 3, first, 8, right=["Row"], whole=["Row"]).splitlines()[2:]} == {"1,2…"}


def test_a_column_may_be_blank(drawn):
    rows = [("1", "", "", "x"), ("2", "", "", "x y")] * 3
    assert drawn(rows, 1) == drawn(rows, 100)


def test_no_terminal_is_too_narrow(drawn):
    rows = _rows(random.Random(1))
    for width in range(1, 20):
        lines = drawn(rows, 1, width, ahead=rows, whole=["Row"]).splitlines()
        assert len(lines) >= 12


def test_the_rows_with_the_longest_texts_are_found(monkeypatch):
    monkeypatch.setattr(tables, "FIRST", 2)
    rows = [("a", "bbb"), ("aaa", "b"), ("a", "b")]
    assert tables.longest(rows) == [rows[1], rows[0]]
    assert tables.longest(rows[:2]) == []
