"""Small workbooks with something wrong in them through the check and, where it lets them in, the reader."""

import time
from collections import Counter

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.reading import read
from tests.reading.mutants import mutants


def outcomes(seed: int, count: int) -> Counter:
    """How many were read and refused; each within five seconds, with one clear message."""
    went: Counter = Counter()
    for at, data in enumerate(mutants(seed, count)):
        start = time.perf_counter()
        try:
            went["read" if len(read(("mutant.xlsx", data))) else "no rows"] += 1
        except CannotRun as error:
            said = str(error)
            assert said.startswith(("mutant.xlsx", 'Sheet "')) and said.endswith(".") and len(said) < 500, (seed, at, said)
            went["damaged for the reader" if "too old" in said or "needs more memory" in said else "refused"] += 1
        assert time.perf_counter() - start < 5, (seed, at)
    return went


@pytest.mark.parametrize("seed", range(4))
def test_some_of_the_mutants(seed):
    went = outcomes(seed, 150)
    assert went["read"] > 10
    assert went["refused"] > 20


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 120))
def test_four_thousand_mutants(seed):
    assert outcomes(seed, 200)["read"] > 10
