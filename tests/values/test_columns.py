"""Whether a column is judged by its distinct values, and fingerprints of several columns together."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from invoice_rules.values import fingerprints as prints_of
from invoice_rules.values.columns import repeats
from invoice_rules.values.fingerprints import fingerprints, joint, met_again

ROWS = 100_000


def drawn(distinct: int, rows: int = ROWS) -> pa.Array:
    return pa.array(np.random.default_rng(1).integers(distinct, size=rows)).cast(pa.large_string())


@pytest.mark.parametrize(("distinct", "told"), [(1, True), (5, True), (1_000, True), (10_000, True), (60_000, False), (10 * ROWS, False)])
def test_a_column_repeats_where_its_rows_have_few_values(distinct, told):
    assert repeats(drawn(distinct)) is told


@pytest.mark.parametrize(("blank", "told"), [(0.003, False), (0.05, False), (0.6, False), (0.9, True)])
def test_blanks_do_not_hide_that_the_others_stand_once_each(blank, told):
    gone = np.random.default_rng(2).random(ROWS) < blank
    assert repeats(pa.array([None if here else str(at) for at, here in enumerate(gone)], pa.large_string())) is told
    assert repeats(pa.array(["" if here else str(at) for at, here in enumerate(gone)], pa.large_string())) is told


def test_a_dictionary_of_millions_is_not_made():
    """Two million values among ten million rows are looked up more slowly than all rows are judged."""
    assert repeats(drawn(400_000, 10_000_000))
    assert not repeats(drawn(2_000_000, 10_000_000))


@pytest.mark.parametrize("size", [7, 8, 9, 1_023, 1_024, 1_025, 70_000])
def test_every_letter_of_a_value_counts_however_long_it_is(size):
    value = "INV-" + "x" * (size - 4)
    others = [value[:at] + "y" + value[at + 1 :] for at in {0, size // 2, size - 1}] + [value + "x", value[:-1], value * 2]
    among = pa.array([value, *others, None, "", value], pa.large_string())
    whole = fingerprints(among)
    assert met_again(whole).tolist() == [0, len(others) + 1, len(others) + 2, len(others) + 3]  # a blank and a missing one are told apart later
    assert (fingerprints(among.slice(2)) == whole[2:]).all()


def test_one_long_value_is_not_gone_through_eight_letters_at_a_time(monkeypatch):
    """A cell of 100 MB among short ones would take minutes."""
    mixed, steps = prints_of._mixed, []
    monkeypatch.setattr(prints_of, "_mixed", lambda *its: (steps.append(1), mixed(*its))[1])
    fingerprints(pa.array(["a", "x" * 5_000_000, "b"], pa.large_string()))
    assert len(steps) < 1_000


@pytest.mark.parametrize("rows", [0, 1, 65_536, 150_001])
def test_rows_agree_in_all_columns_where_their_joint_fingerprints_do(rows):
    chance = np.random.default_rng(3)
    one, other = chance.integers(500, size=rows), chance.integers(2**63, size=500, dtype=np.uint64)[chance.integers(500, size=rows)]
    prints = joint(one, other)
    pairs = list(zip(one.tolist(), other.tolist(), strict=True))
    count = Counter(pairs)
    assert len(set(prints.tolist())) == len(count)
    assert met_again(prints).tolist() == [at for at, pair in enumerate(pairs) if count[pair] > 1]
