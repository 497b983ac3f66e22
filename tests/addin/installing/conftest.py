"""A user of each system: an empty home, and nothing of the person who runs the tests."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from addin.installing.machine import Machine


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Path:
    """The folder of the user's settings."""
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "settings"))
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("INVOICE_RULES_STORE", raising=False)
    return tmp_path / "settings"


@pytest.fixture
def machine(tmp_path, settings) -> Callable[..., Machine]:
    """A machine of the system named, with this Python: machine("Windows")."""

    def make(system: str, **changed: object) -> Machine:
        (tmp_path / "home").mkdir(exist_ok=True)
        made = Machine(system, {"APPDATA": str(tmp_path / "home" / "roaming")}, tmp_path / "home", Path(sys.executable), sys.version_info[:2], tuple(sys.path), tmp_path)
        return replace(made, **changed)

    return make
