"""What runs inside LibreOffice: only the installed package is found, and nothing goes wrong without a word. LibreOffice itself is a stand-in here."""

import json
import sys
from pathlib import Path

import pytest

from addin.calc import component, running

OURS = ".".join(map(str, sys.version_info[:2]))


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """The component in a folder of its own, with this `python.json`; gives a list of what is told to the user."""

    def put(**said: object) -> list[str]:
        told: list[str] = []
        found = {"python": OURS, "paths": [str(tmp_path)], "log": str(tmp_path / "log"), "version": "1"} | said
        (tmp_path / "python.json").write_text(json.dumps(found), encoding="utf-8")
        monkeypatch.setattr(component, "__file__", str(tmp_path / "component.py"))
        monkeypatch.setattr(component, "tell", lambda _, text: told.append(text))
        monkeypatch.setattr(component, "said", lambda *_: None)
        monkeypatch.setattr(sys, "path", [*sys.path])
        return told

    return put


def test_the_command_is_handed_on(at_home, monkeypatch):
    asked = []
    monkeypatch.setattr(running, "run", lambda context, name: asked.append((context, name)))
    told = at_home()
    component.trigger("context", "validate")
    assert (asked, told) == ([("context", "validate")], [])


def test_the_package_comes_before_what_the_system_has_and_after_pythons_own(at_home, tmp_path, monkeypatch):
    at_home()
    monkeypatch.setattr(sys, "path", ["/usr/lib/python3", "/usr/lib/python3/dist-packages", "/elsewhere"])
    component.enter(component.site())
    component.enter(component.site())
    assert sys.path == ["/usr/lib/python3", str(tmp_path), "/usr/lib/python3/dist-packages", "/elsewhere"]


def test_another_python_is_told(at_home, monkeypatch):
    told = at_home(python="3.9")
    component.trigger(None, "validate")
    assert f"installed with Python 3.9, but this LibreOffice has Python {OURS}" in told[0]
    assert "invoice-rules addin install" in told[0]


def test_a_package_that_is_gone_is_told(at_home, tmp_path):
    told = at_home(paths=[str(tmp_path / "gone")])
    component.trigger(None, "validate")
    assert f"no longer in {tmp_path / 'gone'}" in told[0]


def test_whatever_goes_wrong_is_told_with_the_path_of_its_details(at_home, tmp_path, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(running, "run", broken)
    told = at_home()
    component.trigger(None, "validate")
    (log,) = (tmp_path / "log").glob("problem-*.log")
    assert str(log) in told[0]
    assert "Traceback" not in told[0]
    assert "by nothing" in log.read_text(encoding="utf-8")


def test_without_its_own_file_it_still_says_something(tmp_path, monkeypatch, at_home):
    told = at_home()
    (tmp_path / "python.json").unlink()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    component.trigger(None, "validate")
    (log,) = (tmp_path / "temporary").glob("problem-*.log")
    assert str(log) in told[0]


def test_details_that_cannot_be_kept_are_no_further_trouble(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(component, "_log_folders", lambda: [Path(tmp_path / "file" / "x")])
    assert component.keep(ValueError()).startswith("no file")
