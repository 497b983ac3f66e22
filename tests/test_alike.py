"""What messages name of other rows and of codes on file: right for every row, and at the same cost however many there are (X-4, X-9, S2-7)."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import process

from invoice_rules.alike import Hints, Twins, row_list, two_of_each
from invoice_rules.examining import examine
from tests.making import RECEIVABLES, mapped, receivable, table

SOME = st.lists(st.sampled_from(["a", "b", "c", "", None]), max_size=40)


@given(SOME)
def test_twins_name_the_other_rows(values):
    twins = Twins(pa.array(values, pa.large_string()), lambda at: at + 2)
    for at, value in enumerate(values):
        if value is not None:
            others = [row + 2 for row, other in enumerate(values) if other == value and row != at]
            assert twins.others(at) == (row_list(others) if others else "")


def test_a_message_asks_for_no_more_rows_than_it_names():
    """A column that says the same in every row would take hours otherwise."""
    asked = []
    twins = Twins(pa.array(["same"] * 100_000, pa.large_string()), lambda at: asked.append(at) or at + 2)
    assert twins.others(0) == "rows 3, 4, 5, 6, 7 and 99,994 more" and twins.others(99_999) == "rows 2, 3, 4, 5, 6 and 99,994 more"
    assert len(asked) <= 12


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40))
def test_two_rows_of_a_customer_that_have_different_names(pairs):
    ids, names = (np.array(column) for column in zip(*pairs, strict=True))
    first, second = two_of_each(ids, names, np.arange(len(ids)))
    rows = defaultdict(list)
    for at, (its, name) in enumerate(pairs):
        rows[its].append((at, name))
    for its, mine in rows.items():
        assert first[its] == mine[0][0]
        assert second[its] == next((at for at, name in mine if name != mine[0][1]), -1)


def test_each_row_of_a_customer_with_two_names_is_told_the_other_name():
    """S3-29"""
    names = ["Miller", "Miller", "Mueller", "Miller", "Moller"]
    made = table([receivable(at, extCustomerId="C-1", customerName=name) for at, name in enumerate(names)])
    report = examine(made, RECEIVABLES, mapped(made.headings))
    told = {p.row: p.message for p in report.problems if p.rule == "two-names"}
    assert [('"Mueller" on row 4' in told[row], '"Miller" on row 2' in told[row]) for row in range(2, 7)] == [
        (True, False), (True, False), (False, True), (True, False), (False, True),
    ]  # fmt: skip


def test_the_nearest_code_on_file_is_the_hint():
    """S2-7"""
    hints = Hints(pa.array(["Servces", None, "hardwear", "zzz", "Servces"], pa.large_string()), pa.array(["Hardware", "Services"], pa.large_string()))
    assert [hints.near(at) for at in (0, 2, 3, 4)] == ["Services", "Hardware", "", "Services"]
    assert Hints(pa.array(["a"], pa.large_string()), pa.array([], pa.large_string())).near(0) == ""


@pytest.mark.parametrize(("known", "most"), [(10, 5_000), (10_000, 1_000), (1_000_000, 20)])
def test_hints_are_looked_for_among_so_many_pairs_and_no_more(monkeypatch, known, most):
    """The first unknown codes of the file have one, whichever is asked for first: every front end tells the same."""
    asked = []
    monkeypatch.setattr(process, "extractOne", lambda code, forms, **_: asked.append(code) or ("x", 100, 0))
    hints = Hints(pa.array([f"u{at}" for at in range(5_000)], pa.large_string()), pa.array([f"k{at}" for at in range(known)], pa.large_string()))
    told = [at for at in range(4_999, -1, -1) if hints.near(at)]
    assert sorted(told) == list(range(most)) and len(asked) == most
    hints.near(0)
    assert len(asked) == most
