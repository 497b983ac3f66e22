"""Which decimal mark a column proves, and what can be read two ways (X-12)."""

import numpy as np
import pyarrow as pa
import pytest

from invoice_rules.values import both_ways, decimal_mark, proof_of, two_ways
from invoice_rules.values.decimalmarks import swapped


def column(*cells):
    return pa.array(cells, pa.large_string())


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1.200,50", "3"], "comma"),
        (["12,5"], "comma"),
        (["1 200,00"], "comma"),
        (["1.200.300"], "comma"),
        (["0,500"], "comma"),
        (["1.200,500"], "comma"),
        (["1,200.50"], "point"),
        (["$12.50 CR"], "point"),
        (["1,200,300"], "point"),
        (["0.500"], "point"),
        (["12,5", "12.5"], "point"),
        (["1.200", "2.500", "3"], ""),
        (["1,200", "300"], ""),
        (["", "12"], ""),
    ],
)
def test_what_proves_a_mark(cells, mark):
    assert decimal_mark(column(*cells)) == mark


def test_a_mark_is_proven_far_down_as_well():
    assert decimal_mark(column(*["1.200"] * 70_000, "3,50")) == "comma"


def test_what_can_be_read_two_ways():
    cells = column("1.200", "(12.500)", "0.500", "1234.567", "1.20", "1.200.300", "1,200")
    assert two_ways(cells, ".").tolist() == [True, True, False, False, False, False, False]
    assert two_ways(cells, ",").tolist() == [False] * 6 + [True]


def test_marks_are_exchanged_in_parts_of_columns_and_beside_other_letters():
    cells = column("1,2", None, "é.,", "", "3.4").slice(1)
    assert swapped(cells).to_pylist() == [None, "é,.", "", "3,4"]
    assert swapped(pa.nulls(2, pa.large_string())).to_pylist() == [None, None]


def test_where_a_mark_is_proven():
    cells = column("1.200", "12.5", "12,5", "12.75")
    assert (proof_of(cells, "comma"), proof_of(cells, "point")) == (2, 1)
    assert proof_of(cells, "point", np.array([False, True, False, False])) == 3
    assert proof_of(column(*["1,200"] * 70_000, "3,50"), "comma") == 70_000
    assert decimal_mark(cells, np.array([False, True, False, True])) == "comma"


@pytest.mark.parametrize(("cell", "mark"), [("1.200", "point"), ("-1,120 CR", "point"), ("(12.345)", "comma"), ("$ 1,000", "comma")])
def test_what_has_two_meanings_is_written_with_one(cell, mark):
    for way in both_ways(cell, mark):
        assert decimal_mark(column(way)) in (mark, "") and not (two_ways(column(way), ".") | two_ways(column(way), ",")).any()
