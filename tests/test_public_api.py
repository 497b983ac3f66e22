"""What `invoice_rules` exports: complete, small, documented, and light to import."""

import inspect
import subprocess
import sys

import pytest

import invoice_rules

CALLS = {
    "read": ("source",),
    "match": ("headings", "rules", "sample"),
    "examine": ("source", "rules", "mapping", "settings", "context"),
    "plan": ("report", "store"),
    "commit": ("plan",),
    "undo": ("batch", "store"),
    "history": ("store",),
    "open_store": ("url", "entity"),
    "rule_sets": (),
    "rule_set": ("name",),
}
"""The promised calls: these parameters come first, in this order; whatever comes after them has a default."""


@pytest.mark.parametrize("name", [name for name in invoice_rules.__all__ if name != "__version__"])
def test_every_exported_name_is_there_and_documented(name):
    thing = getattr(invoice_rules, name)
    assert inspect.getdoc(thing), f"{name} has no docstring"


@pytest.mark.parametrize("name", CALLS)
def test_calls_keep_their_promise(name):
    parameters = list(inspect.signature(getattr(invoice_rules, name)).parameters.values())
    promised = len(CALLS[name])
    assert tuple(parameter.name for parameter in parameters[:promised]) == CALLS[name]
    assert all(p.default is not p.empty or p.kind == p.VAR_KEYWORD for p in parameters[promised:])


@pytest.mark.parametrize("name", CALLS)
def test_calls_say_their_types(name):
    signature = inspect.signature(getattr(invoice_rules, name))
    assert signature.return_annotation is not signature.empty
    assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())


@pytest.mark.parametrize("name", ["Mapping", "Report", "Plan", "Receipt"])
def test_results_show_themselves(name):
    result = getattr(invoice_rules, name)
    assert all(callable(getattr(result, show)) for show in ("to_frame", "summary", "_repr_html_"))


def test_names_are_listed_once_and_found_by_dir():
    assert len(invoice_rules.__all__) == len(set(invoice_rules.__all__))
    assert set(invoice_rules.__all__) <= set(dir(invoice_rules))
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = invoice_rules.no_such_thing


def test_importing_the_package_loads_nothing_heavy():
    """`invoice-rules --help` and the add-in's start do not wait for pandas."""
    heavy = "import sys, invoice_rules; print(*sorted({'pandas', 'pandera', 'pyarrow', 'sqlalchemy', 'openpyxl'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout.strip() == ""
