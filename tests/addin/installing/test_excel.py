"""The add-in on Windows and macOS: installed where Excel loads it, and taken out without a trace."""

import zipfile
from importlib import metadata
from importlib.metadata import version
from pathlib import Path

import pytest
import xlwings

from addin import config, lists
from addin.installing import build, excel, install, record, remove
from addin.installing.machine import MACOS, WINDOWS
from invoice_rules import CannotRun, rule_sets

BOTH = pytest.mark.parametrize("system", [WINDOWS, MACOS])


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


@BOTH
def test_the_addin_stands_where_excel_loads_it(machine, system):
    here = machine(system)
    done = install(here)
    assert done.file == excel.addin_file(here)
    assert done.file.parent == here.excel_start
    assert "xl/vbaProject.bin" in zipfile.ZipFile(done.file).namelist()
    assert record.read()["sha256"] == record.digest(done.file)
    assert [entry.id for entry in lists.entries("rules")] == list(rule_sets())


def test_a_python_of_the_microsoft_store_is_told_to_go(machine):
    """Windows gives its programs a private copy of what they write below %APPDATA%."""
    here = machine(WINDOWS)
    apart = here.home / "local/Packages/PythonSoftwareFoundation.Python.3.11/LocalCache/Roaming/Microsoft/Excel/XLSTART"
    apart.mkdir(parents=True)
    here.excel_start.parent.mkdir(parents=True)
    here.excel_start.symlink_to(apart, target_is_directory=True)
    with pytest.raises(CannotRun, match=r"Install Python from python\.org"):
        install(here)
    assert (files(apart), record.read()) == (set(), {})


def test_what_to_trust_is_said_for_windows(machine):
    here = machine(WINDOWS)
    said = " ".join(install(here).next)
    assert "Trusted Locations" in said
    assert str(here.excel_start) in said


def test_what_to_allow_is_said_for_a_mac(machine):
    said = " ".join(install(machine(MACOS)).next)
    assert "Cmd+Q" in said
    assert "Automation" in said


def test_a_mac_gets_the_script_that_may_start_python(machine):
    here = machine(MACOS)
    install(here)
    own = Path(xlwings.__file__).with_name(f"xlwings-{version('xlwings')}.applescript")
    assert excel.script_file(here).read_bytes() == own.read_bytes()


@BOTH
def test_removing_leaves_nothing_but_settings(machine, system, tmp_path):
    here = machine(system)
    before = files(tmp_path)
    install(here, store="books.sqlite")
    removed = remove(here)
    assert files(tmp_path) - before == {"settings/addin.json"}
    assert str(excel.addin_file(here)) in removed.done[0]
    assert remove(here).done == ["Invoice Rules was not installed. Nothing was changed."]


def test_another_script_of_xlwings_stays(machine):
    here = machine(MACOS)
    other = here.excel_scripts / "xlwings-0.30.0.applescript"
    other.parent.mkdir(parents=True)
    other.write_text("theirs")
    install(here)
    remove(here)
    assert other.read_text() == "theirs"


def test_a_script_that_was_there_before_stays(machine):
    """It is the user's, put there for other workbooks by `xlwings runpython install`."""
    here = machine(MACOS)
    excel.put_script(here)
    install(here)
    install(here)
    remove(here)
    assert excel.script_file(here).is_file()


def test_the_store_is_kept_for_the_buttons(machine, tmp_path, monkeypatch):
    """With its folder: the spreadsheet program starts in another one."""
    monkeypatch.chdir(tmp_path)
    here = machine(WINDOWS)
    install(here, store="books.sqlite")
    install(here)
    assert config.load().store == str(tmp_path / "books.sqlite")
    install(here, store="postgresql://host/books")
    assert config.load().store == "postgresql://host/books"


def test_saved_mappings_stay_in_the_list(machine):
    here = machine(WINDOWS)
    lists.refresh(config.Config(rules="paystand.receivables", mappings={"paystand.receivables": "monthly"}), ["monthly"])
    install(here)
    assert [entry.id for entry in lists.entries("mapping")] == ["", "monthly"]


def test_a_file_that_excel_holds_is_told(machine, monkeypatch):
    here = machine(WINDOWS)
    install(here)

    def held(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", held)
        with pytest.raises(CannotRun, match="Close all windows of Excel"):
            remove(here)
    monkeypatch.setattr("addin.ribbon.build.build", held)
    with pytest.raises(CannotRun, match="Close all windows of Excel"):
        install(here)


@pytest.mark.parametrize("name", ["a.xlam", "a.oxt"])
def test_building_installs_nothing(machine, tmp_path, name):
    here = machine(WINDOWS)
    built = build(here, tmp_path / name)
    assert zipfile.is_zipfile(built.file)
    assert (len(built.next) > 1) == name.endswith(".xlam")
    assert files(tmp_path) == {name}


def test_another_ending_is_refused(machine, tmp_path):
    with pytest.raises(CannotRun, match=r"\.xlam for Excel"):
        build(machine(WINDOWS), tmp_path / "a.zip")


def test_without_the_packages_it_says_which_and_how(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(metadata, "requires", lambda _: ["no-such-package>=1"])
    for act in (install, lambda here: build(here, tmp_path / "a.xlam")):
        with pytest.raises(CannotRun, match=r'needs no-such-package.*-m pip install "invoice-rules\[excel\]"'):
            act(machine(WINDOWS))
