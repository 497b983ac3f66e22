"""Each thing that may be missing is found, and what to do is said."""

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from addin import doctor
from addin.installing import excel, install, record
from addin.installing.machine import LINUX, MACOS, WINDOWS, Machine
from invoice_rules import CannotRun


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Callable[[str], Machine]:
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "settings"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    env = {"APPDATA": str(tmp_path / "roaming"), "ProgramFiles": str(tmp_path / "programs")}

    def make(system: str) -> Machine:
        return Machine(system, env, tmp_path / "home", Path(sys.executable), sys.version_info[:2], tuple(sys.path), tmp_path)

    return make


def todo(machine: Machine, store: Callable[[], object] = lambda: None) -> dict[str, str]:
    """What -> what to do, of all that is to be done."""
    return {one.what: one.todo for one in doctor.examine(machine, store) if not one.ok}


def with_excel(machine: Machine) -> Machine:
    place = "programs/Microsoft Office/root/Office16/EXCEL.EXE" if machine.system == WINDOWS else "Applications/Microsoft Excel.app"
    (machine.root / place).parent.mkdir(parents=True, exist_ok=True)
    (machine.root / place).write_text("")
    return machine


def test_before_anything_is_installed(machine):
    assert list(todo(machine(WINDOWS))) == ["Excel", "Add-in", "Versions", "Lists"]
    assert list(todo(machine(MACOS))) == ["Excel", "Add-in", "Script", "Versions", "Lists"]
    assert list(todo(machine(LINUX))) == ["LibreOffice", "Add-in", "Versions", "Lists"]


@pytest.mark.parametrize("system", [WINDOWS, MACOS])
def test_when_all_is_well(machine, system):
    here = with_excel(machine(system))
    install(here)
    assert todo(here) == {}


def test_an_addin_that_only_a_python_of_the_microsoft_store_sees(machine, tmp_path):
    here = with_excel(machine(WINDOWS))
    install(here)
    apart = tmp_path / "Packages/PythonSoftwareFoundation.Python.3.11/LocalCache/Roaming"
    apart.parent.mkdir(parents=True)
    (tmp_path / "roaming").rename(apart)
    (tmp_path / "roaming").symlink_to(apart, target_is_directory=True)
    assert todo(here) == {"Add-in": excel.KEPT_APART}


def test_each_thing_that_goes_missing_afterwards_is_named(machine):
    here = with_excel(machine(MACOS))
    install(here)
    excel.script_file(here).unlink()
    assert list(todo(here)) == ["Script"]
    excel.addin_file(here).write_bytes(b"changed")
    assert list(todo(here)) == ["Script", "Versions"]
    excel.addin_file(here).unlink()
    assert list(todo(here)) == ["Add-in", "Script"]


def test_a_newer_package_wants_the_addin_again(machine, monkeypatch):
    here = with_excel(machine(WINDOWS))
    install(here)
    monkeypatch.setattr(doctor, "__version__", "9.9")
    (said,) = [one for one in doctor.examine(here, lambda: None) if not one.ok]
    assert said == ("Versions", f"since the add-in was installed: Invoice Rules was {record.read()['version']} and is 9.9", "Run: invoice-rules addin install")


def test_another_python_wants_the_addin_again(machine):
    here = with_excel(machine(WINDOWS))
    install(here)
    assert list(todo(replace(here, python=Path("/elsewhere/python")))) == ["Versions"]


def test_an_old_python(machine):
    assert "3.11 or later" in todo(replace(machine(WINDOWS), version=(3, 10)))["Python"]


def test_packages_that_are_missing_or_too_old(machine, monkeypatch):
    wanted = ["pandas>=99", "no-such-package", 'xlwings>=0.37.5; extra == "excel"', 'jupyterlab>=4; extra == "notebook"']
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    (said,) = [one for one in doctor.examine(machine(WINDOWS), lambda: None) if one.what == "Packages"]
    assert said.found == "missing or too old: pandas, no-such-package"
    assert "pip install" in said.todo


def test_a_libreoffice_with_another_python(machine):
    here = machine(LINUX)
    program = here.root / "usr/lib/libreoffice/program"
    program.mkdir(parents=True)
    (program / "soffice").write_text("")
    assert "python3-uno" in todo(here)["Its Python"]
    (program / "libpyuno.so").write_bytes(b"libpython3.8.so.1.0")
    assert "Install it once more with Python 3.8" in todo(here)["Its Python"]
    (program / "libpyuno.so").write_bytes(f"libpython{here.python_version}.so.1.0".encode())
    assert "Its Python" not in todo(here)


def test_a_store_that_cannot_be_opened(machine):
    def locked():
        raise CannotRun("The store is in use. Try again later.")

    assert todo(machine(WINDOWS), locked)["Store"] == "The store is in use. Try again later."
    assert "Store" not in todo(machine(WINDOWS), object)


def test_a_log_folder_that_cannot_be_written(machine, monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert "writable" in todo(machine(WINDOWS))["Log folder"]
