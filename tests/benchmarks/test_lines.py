"""The rival in polars says what we say, on every rule and amount; else the comparison of times would mean nothing."""

from tests.benchmarks.lines import Lists, differences, examined, verdicts
from tests.benchmarks.spectra import write


def test_both_sides_agree_on_the_file_that_is_measured(tmp_path):
    assert list(differences(write(tmp_path / "lines.csv", 4_000))) == []


def test_the_file_that_is_measured_breaks_several_rules(tmp_path):
    found = verdicts(examined(write(tmp_path / "lines.csv", 4_000), Lists()))
    assert {("quantity", "number"), ("unitPrice", "required"), ("priceListItem", "unknown"), ("lineAmount", "computed")} <= set(found)
