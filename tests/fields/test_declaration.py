"""A misspelt name in a rule set stops its author; it never passes over figures in silence."""

import importlib.util
import sys
from pathlib import Path

import pytest

from invoice_rules.fields import RuleSet, checked
from invoice_rules.references import kinds
from tests.modules import ROOT

HARBOUR = ROOT / "tests" / "sixth" / "harbour.py"


def berths(folder: Path, text: str) -> RuleSet:
    """The rule set of a file with this text."""
    path = folder / "written.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("written", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop("written", None)
    return module.berths


@pytest.mark.parametrize(("right", "wrong", "told"), [
    ('level="line", max=10', 'level="lines", max=10', "'lines' as level of berth"),
    ('key="invoice"', 'key="bil"', "'bil' as key"),
    ('existing="error"', 'existing="nope"', "'nope' as existing"),
    ('role="date"', 'role="day"', "'day' as role of day"),
    ('Link("customers", by="skipper")', 'Link("customers", by="ship")', "'ship' as by of the link customer"),
    ('("customer.salesTaxCode",)', '("costumer.salesTaxCode",)', "'costumer' as link in the default of taxCode"),
    ('"total", "sum.amount"', '"total", "sum.amont"', "'amont' as a field of total"),
    ('group_by=("invoice",)', 'group_by=("invoce",)', "'invoce' as group_by"),
    ('the number.", "nights"', 'the number.", "nihgts"', "'nihgts' as a field of long-stay"),
])  # fmt: skip
def test_a_misspelt_name_is_refused(tmp_path, right, wrong, told):
    text = HARBOUR.read_text(encoding="utf-8")
    assert checked(berths(tmp_path, text)).name == "harbour.berths"
    assert right in text
    with pytest.raises(ValueError, match=f"harbour.berths says {told}"):
        checked(berths(tmp_path, text.replace(right, wrong)))


def test_the_reference_lists_name_what_there_is():
    assert all(checked(kind) is kind for kind in kinds().values())
