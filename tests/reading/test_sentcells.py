"""The columns that a workbook's reader sends are made into the same texts as cells one by one (X-3)."""

import datetime as dt
import random
import struct
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from invoice_rules.reading import child
from invoice_rules.reading.numberformats import Shown
from invoice_rules.reading.sentcells import column_of

DICE = random.Random(5)
BASES = [child.FROM_1900, child.FROM_1904, child.PLAIN]


def sent(values: Sequence[Any], base: int, step: int) -> tuple[list[str], list[int]]:
    column = child.Column(base)
    for at in range(0, len(values), step):
        column.add(values[at : at + step])
    texts, kinds = column_of([bytes(buffer) for buffer in column.buffers()], base)
    return texts.to_pylist(), [child.TEXT] * len(texts) if kinds is None else kinds.tolist()


def one_by_one(values: Sequence[Any], base: int) -> tuple[list[str], list[int]]:
    texts, kinds = child.column(values, base)
    return [text.encode("utf-8", "replace").decode() for text in texts], list(kinds)


def number() -> float:
    bits = struct.unpack("d", struct.pack("Q", DICE.getrandbits(64)))[0]
    whole, small = float(DICE.randrange(-(10**6), 10**6)), DICE.random() * 10 ** DICE.randrange(-20, 20)
    money, exact = round(DICE.uniform(-1e5, 1e5), 2), DICE.randrange(10**15) / 10 ** DICE.randrange(16)
    return DICE.choice([bits, whole, small, money, exact, DICE.uniform(-1e5, 1e5), float(DICE.randrange(10**14, 10**17)), -0.0, 0.1 + 0.2, 1e15, -1e15])


def moment() -> dt.date:
    seconds = DICE.choice([0, 0, 1, 86_399, DICE.randrange(86_400)])
    begin = DICE.choice([dt.datetime(1, 1, 1), dt.datetime(1899, 12, 20), dt.datetime(1989, 12, 1), dt.datetime(2100, 12, 1)])
    most = {1: 3_652_000, 1899: 90}.get(begin.year, 60)
    its = begin + dt.timedelta(days=DICE.randrange(most), seconds=seconds, microseconds=DICE.choice([0, 999_999]))
    return its.date() if DICE.random() < 0.3 else its


def odd() -> Any:
    return DICE.choice([True, False, 5, 10**17, None, dt.time(3, 4, 5), dt.timedelta(seconds=-5), float("nan"), float("inf"), "#N/A", "#ERROR!", "#", "é", "\ud800", "", "text"])


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("step", [1, 7, 5_000])
def test_cells_are_the_same_as_one_by_one(base, step):
    for kinds in ([number], [moment], [odd], [number, moment, odd]):
        values = [DICE.choice(kinds)() for _ in range(4_000)]
        assert sent(values, base, step) == one_by_one(values, base)


def test_a_column_of_texts_and_one_without_cells():
    assert sent(["a", "", "b"], child.FROM_1900, 2) == (["a", "", "b"], [child.TEXT] * 3)
    assert sent([], child.FROM_1900, 2) == ([], [])


def test_small_numbers_have_15_digits():
    assert [child.number(value) for value in (8.42e-06, 1.23456789012345e-07, 1e-300)][:2] == ["0.00000842", "0.000000123456789012345"]


@pytest.mark.parametrize("value", [999_999_999_999_999.5, -999_999_999_999_999.9])
def test_a_number_that_is_rounded_to_sixteen_digits_is_written_as_excel_shows_it(value):
    assert child.number(value) == f"{'-' * (value < 0)}1E+15"
    assert sent([value, 1.0], child.FROM_1900, 2)[0] == [child.number(value), "1"]


def test_few_cells_are_objects_at_a_time():
    """A sheet is taken row by row; all of it as objects would be three times as large."""
    held, most = 0, 0

    class Sheet:
        name, start, width = "Data", (2, 0), 4

        def iter_rows(self):
            nonlocal held, most
            for row in range(100_000):
                held += 4
                most = max(most, held)
                yield [float(row)] * 4

    class Counting(child.Column):
        def add(self, values):
            nonlocal held
            held -= len(values)
            super().add(values)

    class Out:
        def write(self, data):
            pass

        flush = lambda self: None  # noqa: E731

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "Column", Counting)
        child.whole(Out(), Sheet(), child.FROM_1900)
    assert most <= child.PART + 100


def padded(number: str, mask: Sequence[str]) -> str:
    """Digit by digit, from the last one on."""
    if not number.isdigit():
        return number
    digits, out = list(number.rjust(mask.count("0"), "0")), []
    for sign in reversed(mask):
        out.append(digits.pop() if sign == "0" else sign)
    before, shown = mask.index("0"), out[::-1]
    return "".join([*shown[:before], *digits, *shown[before:]])


def test_numbers_under_a_format_are_the_same_as_digit_by_digit():
    for _ in range(500):
        mask = ["0"] * DICE.randrange(2, 12) + [DICE.choice(["-", " ", "é", "INV-", "("]) for _ in range(DICE.randrange(5))]
        DICE.shuffle(mask)
        numbers = [str(DICE.randrange(10 ** DICE.randrange(1, 16))) for _ in range(5)] + ["-5", "1.5", "", "4.7E+15"]
        assert Shown(mask=tuple(mask)).texts(pa.array(numbers, pa.large_string())).to_pylist() == [padded(its, mask) for its in numbers]
