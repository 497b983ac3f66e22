"""Cells that are not in a sheet are put where the one-by-one way puts them, which looks at every cell of a row."""

import random

import numpy as np
import pyarrow as pa
import pytest

from invoice_rules.marks import BAD, NEUTRAL
from invoice_rules.workbooks import patching
from invoice_rules.workbooks.edits import Beside, Edits

LETTERS = ["A", "B", "C", "D", "E", "F", "AA"]
COLUMNS = [0, 1, 2, 3, 4, 5, 26]


def cell(dice: random.Random, letters: str, row: int) -> str:
    if dice.random() < 0.02:
        letters = letters.lower()
    style = dice.choice(["", f' s="{dice.randrange(9)}"', f' t="n" s="{dice.randrange(9)}"'])
    return f'<c r="{letters}{row}"{style}' + dice.choice(["/>", "><v>1</v></c>", "></c>"])


def sheet(dice: random.Random) -> bytes:
    rows = []
    for row in range(1, 30):
        held = [letters for letters in LETTERS if dice.random() < 0.5]
        named = dice.choice(["", "", ' s="3" customFormat="1"', ' spans="1:4"', ' spans="1:27"'])
        rows.append(f'<row r="{row}"{named}>{"".join(cell(dice, letters, row) for letters in held)}</row>')
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols><col min="2" max="3" style="7"/></cols><sheetData>'
    return f"{head}{''.join(rows)}</sheetData></worksheet>".encode()


def edits(dice: random.Random) -> Edits:
    tints = {row: [(column, dice.choice([BAD, NEUTRAL])) for column in COLUMNS if dice.random() < 0.4] for row in range(2, 30)}
    numbers = np.arange(1, 30 if dice.random() < 0.7 else 20)
    beside = Beside(numbers, pa.array([f"status {row}" for row in numbers.tolist()], pa.large_string()), which=np.zeros(len(numbers), np.int64))
    return Edits({row: its for row, its in tints.items() if its}, beside, 27, 44.0, frozenset({1}))


@pytest.mark.parametrize("seed", range(60))
def test_absent_cells_are_put_where_they_belong(seed, monkeypatch):
    dice = random.Random(seed)
    xml, wanted, one_by_one = sheet(dice), edits(dice), []
    whole = patching.Patch._whole

    def patched() -> bytes:
        return b"".join(patching.Patch(xml, "a.xlsx", lambda base, tint: 10 * base + (tint is BAD)).pieces(wanted))

    monkeypatch.setattr(patching.Patch, "_whole", lambda self, row, its: one_by_one.append(row.number) or whole(self, row, its))
    quick, few = patched(), len(one_by_one)
    monkeypatch.setattr(patching, "absent_cell", lambda *_: -1)
    assert patched() == quick and 0 < few < len(one_by_one) - few


def test_a_cell_out_of_order_is_not_put_there_twice():
    xml = b'<worksheet><sheetData><row r="1"></row><row r="2"><c r="C2"/><c r="A2"/></row></sheetData></worksheet>'
    wanted = Edits({2: [(0, BAD), (4, BAD)]}, Beside(np.array([1, 2]), pa.array(["", ""], pa.large_string()), which=np.zeros(2, np.int64)), 5, 44.0)
    made = b"".join(patching.Patch(xml, "a.xlsx", lambda base, tint: 5).pieces(wanted))
    assert b'<c r="C2"/><c r="A2" s="5"/><c r="E2" s="5"/><c r="F2"' in made and made.count(b'"A2"') == 1


def test_the_place_of_a_cell_that_is_not_there():
    text = b'<row r="2"><c r="B2"/><c r="D2"><v>1</v></c><c r="AB2"/></row>'
    places = [patching.absent_cell(text, column, 11, len(text) - 6) for column in (0, 2, 10, 30)]
    assert places == [text.index(b'<c r="B2'), text.index(b'<c r="D2'), text.index(b'<c r="AB2'), len(text) - 6]
    assert patching.absent_cell(text, 3, 11, len(text)) == -1 and patching.absent_cell(b'<c r="b2"/>', 0, 0, 11) == -1
