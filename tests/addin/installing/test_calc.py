"""The add-in in LibreOffice: the real command, a real LibreOffice, a profile of its own."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from addin.calc import profile
from addin.installing import install, record, remove
from addin.installing.machine import LINUX, Machine
from invoice_rules import CannotRun, __version__
from invoice_rules.cli import app
from tests.addin.office import need_uno, program


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    return done.exit_code, done.output


def doctor(folder: Path) -> dict[str, bool]:
    """What was looked at -> whether it is well."""
    return {one["what"]: one["ok"] for one in json.loads(run("addin", "doctor", "--profile", folder, "--json")[1])}


@pytest.fixture
def soffice(settings) -> None:
    program("soffice")
    need_uno()


def test_installed_looked_at_and_removed(soffice, tmp_path):
    folder = tmp_path / "profile"
    code, said = run("addin", "install", "--profile", folder, "--json")
    (done,) = json.loads(said)
    installed = Path(done["installed"])
    assert (code, installed) == (0, profile.installed(folder))
    found = json.loads((installed / "python.json").read_text(encoding="utf-8"))
    assert (found["python"], found["version"]) == (Machine.here().python_version, __version__)
    assert all(doctor(folder).values())
    code, said = run("addin", "remove", "--profile", folder)
    assert (code, "Removed: the extension" in said) == (0, True)
    assert profile.installed(folder) is None
    assert record.read() == {}
    assert [what for what, well in doctor(folder).items() if not well] == ["Add-in", "Versions", "Lists"]


def test_the_doctor_says_it_in_lines_and_by_its_code(settings, tmp_path):
    code, said = run("addin", "doctor", "--profile", tmp_path / "profile")
    assert code == 1
    assert "\nTo do  Add-in       not in " in said
    assert "Run: invoice-rules addin install\n" in said


def test_building_installs_nothing(settings, tmp_path):
    code, said = run("addin", "build", "-o", tmp_path / "x.oxt")
    assert (code, said) == (0, f"Written: {tmp_path / 'x.oxt'}\nClose LibreOffice and open this file with it: the extension manager asks whether to add it.\n")
    assert not settings.exists()
    (tmp_path / "x.oxt").write_text("mine", encoding="utf-8")
    code, said = run("addin", "build", "-o", tmp_path / "x.oxt")
    assert (code, (tmp_path / "x.oxt").read_text(encoding="utf-8")) == (2, "mine")
    assert run("addin", "build", "-o", tmp_path / "x.oxt", "--force")[0] == 0


def test_what_was_never_there_is_not_removed(machine):
    assert remove(machine(LINUX)).done == ["Invoice Rules was not installed. Nothing was changed."]


def put_office(root: Path, bridge: bytes) -> None:
    folder = root / "usr/lib/libreoffice/program"
    folder.mkdir(parents=True)
    (folder / "soffice").write_text("")
    if bridge:
        (folder / "libpyuno.so").write_bytes(bridge)


def test_without_libreoffice(machine):
    with pytest.raises(CannotRun, match="sudo apt install libreoffice-calc"):
        install(machine(LINUX))


def test_a_libreoffice_without_python(machine, tmp_path):
    put_office(tmp_path, b"")
    with pytest.raises(CannotRun, match="sudo apt install python3-uno"):
        install(machine(LINUX))


def test_a_libreoffice_with_another_python(machine, tmp_path):
    put_office(tmp_path, b"libpython3.8.so.1.0")
    with pytest.raises(CannotRun, match=r"LibreOffice runs Python 3\.8.*Install it once more with Python 3\.8"):
        install(machine(LINUX))


@pytest.mark.parametrize(
    ("command", "usual", "open_"),
    [
        ("soffice.bin\0--calc\0", True, True),
        ("soffice.bin\0--calc\0", False, False),
        ("soffice.bin\0-env:UserInstallation=file:///elsewhere\0", True, False),
        ("soffice.bin\0-env:UserInstallation={here}\0--headless\0", False, True),
    ],
)
def test_whether_libreoffice_is_open_with_a_profile(tmp_path, monkeypatch, command, usual, open_):
    monkeypatch.setattr(profile, "_commands", lambda: [command.format(here=tmp_path.as_uri())])
    assert not profile.is_running(tmp_path, usual)
    (tmp_path / ".lock").write_text("")
    assert profile.is_running(tmp_path, usual) == open_
