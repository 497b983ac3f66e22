"""What `invoice_rules.connectors` exports: all of it is there and documented, and nothing is loaded before it is asked for."""

import inspect
import subprocess
import sys

import pytest

from invoice_rules import connectors


@pytest.mark.parametrize("name", connectors.__all__)
def test_every_exported_name_is_there_and_documented(name):
    assert inspect.getdoc(getattr(connectors, name)), f"{name} has no docstring"


def test_names_are_found_by_dir_and_others_are_not_there():
    assert set(connectors.__all__) == set(dir(connectors))
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = connectors.no_such_thing


@pytest.mark.parametrize("missing", ["requests", "authlib", "keyring", "filelock", "cryptography"])
def test_a_missing_part_is_told_and_looking_costs_nothing(missing):
    script = (
        f"import sys; sys.modules[{missing!r}] = None; from invoice_rules import CannotRun, connectors\n"
        "loaded = {'requests', 'authlib', 'keyring', 'pandas'} & {name for name, module in sys.modules.items() if module}\n"
        "try: connectors.connections\nexcept CannotRun as told: print(told, loaded)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == f'Connections need more parts. Run: {sys.executable} -m pip install "invoice-rules[connect]" set()', done.stderr
