"""The .xlam: the same bytes each time, whole to readers that are not ours, and with nothing of another machine in it."""

import hashlib
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from openxml_audit import FileFormat, OpenXmlValidator
from pyopenvba import ExcelFile
from pyopenvba.integrity import check_file
from pyvbaanalysis import analyze_office_file

from addin.ribbon import build as building
from addin.ribbon.build import NAME, build, isolation, usable_path, what_to_trust
from addin.ribbon.vba import SETTINGS_SHEET, WRITTEN, facts, modules
from addin.ribbon.xlwings_module import KEPT, installed, xlwings_module
from invoice_rules import CannotRun
from tests.addin.ribbon.office_double import Excel

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # oletools calls pyparsing by its old names
    from oletools.olevba import VBA_Parser

WINDOWS_PYTHON = "C:\\Users\\Jürgen Müller\\Invoice Rules\\Scripts\\python.exe"


def lines(source: str) -> list[str]:
    """A module's code, without the attributes that the editor hides and the blank lines around it."""
    return [line.rstrip() for line in source.replace("\r\n", "\n").strip("\n").split("\n") if not line.startswith("Attribute VB_")]


def test_two_builds_have_equal_bytes(tmp_path, xlam, list_file):
    again = build(tmp_path / "other folder", python=sys.executable, lists=list_file)
    assert again.name == xlam.name == NAME
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(xlam.read_bytes()).digest()


def test_a_file_may_be_named(tmp_path):
    assert build(tmp_path / "x" / "mine.xlam", python=WINDOWS_PYTHON, lists=Path("l")) == tmp_path / "x" / "mine.xlam"
    assert (tmp_path / "x" / "mine.xlam").is_file()


def test_olevba_reads_our_sources(xlam):
    parser = VBA_Parser(str(xlam))
    try:
        read = {name.removesuffix(".bas"): code for _, _, name, code in parser.extract_macros() if name.endswith(".bas")}
    finally:
        parser.close()
    assert {name: lines(code) for name, code in read.items()} == {name: lines(code) for name, code in modules().items()}


def test_pyopenvba_reads_our_sources(xlam):
    with ExcelFile(xlam) as book:
        read = {name: book.get_module(name) for name in book.module_names()}
        references = [reference.name for reference in book.references()]
    assert "".join(lines(read.pop("ThisWorkbook")) + lines(read.pop("Sheet1"))) == ""
    assert {name: lines(code) for name, code in read.items()} == {name: lines(code) for name, code in modules().items()}
    assert "Office" in references, "IRibbonControl is a type of that library"


def test_the_container_is_sound(xlam):
    report = check_file(xlam)
    assert report.complete
    assert report.issues == ()
    result = OpenXmlValidator(FileFormat.MICROSOFT_365).validate(str(xlam))
    assert [str(error) for error in result.errors] == []
    assert result.is_valid


def test_the_validator_sees_a_ribbon_that_is_wrong(xlam, tmp_path):
    """The check above looks at the ribbon too."""
    broken = tmp_path / "broken.xlam"
    with zipfile.ZipFile(xlam) as package, zipfile.ZipFile(broken, "w") as target:
        for name in package.namelist():
            target.writestr(name, package.read(name).replace(b'size="large"', b'size="huge"'))
    assert any("huge" in str(error) for error in OpenXmlValidator(FileFormat.MICROSOFT_365).validate(str(broken)).errors)


def test_the_vba_has_no_fault_that_can_be_found(xlam):
    found = analyze_office_file(str(xlam))
    assert [(name, str(one.message)) for name, all_ in found.items() for one in all_ if name in WRITTEN] == []
    assert [str(one.message) for all_ in found.values() for one in all_ if one.severity.value == "error"] == []


@pytest.mark.parametrize("mac", [False, True])
def test_the_vba_compiles_on_windows_and_on_a_mac(mac, xlam, monkeypatch):
    import pyopenvba.interpreter._preprocess as preprocess

    monkeypatch.setattr(preprocess, "DEFAULT_CONSTANTS", {**preprocess.DEFAULT_CONSTANTS, "Mac": mac, "Win32": not mac, "Win64": not mac})
    excel = Excel(xlam)
    assert {runtime.name for runtime in excel.interpreter.modules.values()} >= set(modules())
    excel.interpreter.initialise()


@pytest.mark.parametrize("name", WRITTEN)
def test_our_modules_declare_every_variable_and_stay_in_ascii(name):
    """VBA's text is of one code page: what a user reads from elsewhere comes through the sheet or the list file."""
    source = modules()[name]
    assert source.splitlines()[:2] == [f'Attribute VB_Name = "{name}"', "Option Explicit"]
    assert source.isascii()
    assert max(map(len, source.splitlines())) <= 180
    assert source.count("\n") <= 300


def test_vba_lines_are_as_short_as_vba_wants_them():
    assert max(len(line) for source in modules().values() for line in source.splitlines()) < 1023
    assert all(len(name) <= 31 for name in modules())
    assert '"' not in facts().replace('= "', "").replace('"\n', "\n")


def test_settings_stand_in_the_add_in_alone(tmp_path):
    file = build(tmp_path, python=WINDOWS_PYTHON, lists=Path("C:\\Users\\Łukasz & <Ø>\\ribbon.txt"), options="-E -P")
    excel = Excel(file)
    assert excel.evaluate('Setting("INTERPRETER")') == WINDOWS_PYTHON
    assert excel.evaluate('Setting("LISTS")') == "C:\\Users\\Łukasz & <Ø>\\ribbon.txt"
    assert excel.evaluate('Setting("OPTIONS")') == "-E -P"
    assert excel.evaluate('Setting("no such setting")') == ""
    assert excel.evaluate("ThisWorkbook.Worksheets(1).Name") == SETTINGS_SHEET


def test_nothing_of_the_template_authors_machine_is_in_it(xlam):
    with zipfile.ZipFile(xlam) as package:
        core = package.read("docProps/core.xml").decode("utf-8")
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "<dc:title>Invoice Rules</dc:title>" in core
    assert "Smith" not in core


@pytest.mark.parametrize("python", ["python", "Scripts\\python.exe", "C:python.exe", ".\\python.exe", ""])
def test_an_interpreter_is_named_in_full(python):
    with pytest.raises(CannotRun, match="not a full path"):
        usable_path(python)


@pytest.mark.parametrize("sign", list("\"'|%;$`\n"))
def test_a_path_that_a_command_line_would_misread_is_refused(sign):
    with pytest.raises(CannotRun, match="which Excel cannot pass on"):
        usable_path(f"C:\\Tools{sign}\\python.exe")


@pytest.mark.parametrize("python", [WINDOWS_PYTHON, "\\\\server\\share\\venv\\Scripts\\python.exe", "/Users/jo ann/venv/bin/python", sys.executable])
def test_full_paths_are_taken_as_they_are(python):
    assert usable_path(python) == python


def test_isolation_is_found_out():
    assert isolation(sys.executable) == "-I"
    assert isolation(WINDOWS_PYTHON) == "-I", "a Python of another machine cannot be asked"


def test_packages_in_the_users_own_folder_are_still_found(monkeypatch):
    asked = []

    def run(command, **options):
        asked.append(command[1:-2])
        return subprocess.CompletedProcess(command, returncode=int("-I" in command))

    monkeypatch.setattr(building.subprocess, "run", run)
    assert isolation(sys.executable) == "-E -P"
    assert asked == [["-I"], ["-E", "-P"]]


def test_a_python_without_invoice_rules_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(building.subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, returncode=1))
    with pytest.raises(CannotRun, match=r"cannot load Invoice Rules, so no button would work\. Install it there"):
        build(tmp_path, lists=Path("l"))
    assert list(tmp_path.iterdir()) == []


def test_only_what_worksheet_functions_need_is_taken_from_xlwings():
    ours = xlwings_module()
    assert ours.count("BSD 3-clause") == 1, "its licence goes along"
    assert 'PROJECT_NAME As String = "invoice_rules"' in ours
    assert [name for name in KEPT if f" {name}(" not in ours] == []
    for name in ("RunPython", "GetConfigFromSheet", "GetConfigFromFile", "GetDirectoryConfigFilePath", "ExecuteWindows", "ImportPythonUDFsBase"):
        assert name in installed()
        assert name not in ours


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('PROJECT_NAME As String = "myaddin"', 'PROJECT_NAME As String = "other"', "its beginning"),
        ("Public Function RunPython(", "Public Function RunPy(", "its beginning"),
        ("Private Sub XLPyLoadDLL()", "Private Sub LoadIt()", "the procedure XLPyLoadDLL"),
        ('PYTHON_WIN = GetConfig("INTERPRETER_WIN", "")\n    If', 'PYTHON_WIN = Environ("PY")\n    If', "the procedure XLPyLoadDLL"),
        ("Sub KillPy()\n", 'Sub KillPy()\n    If SheetExists(ActiveWorkbook, "x") Then Exit Sub\n', "SheetExists in a part"),
    ],
)
def test_another_xlwings_stops_the_build(old, new, told):
    source = installed().replace("\r\n", "\n")
    assert old in source
    with pytest.raises(CannotRun, match=told):
        xlwings_module(source.replace(old, new))


def test_another_pyopenvba_stops_the_build(monkeypatch, tmp_path):
    from addin.ribbon import package

    monkeypatch.setattr(package, "version", lambda name: "9.9")
    with pytest.raises(CannotRun, match=r"cannot be built with pyOpenVBA 9\.9: xl/workbook\.xml"):
        package._replace({"xl/workbook.xml": b"<workbook/>"}, "xl/workbook.xml", 'name="Sheet1"', "")


@pytest.mark.parametrize("mac", [False, True])
def test_what_to_trust_is_told_in_sentences(mac):
    steps = what_to_trust(Path("C:/Add-ins") / NAME, WINDOWS_PYTHON, mac)
    assert all(step.endswith(".") and "{" not in step for step in steps)
    assert any(NAME in step for step in steps)
    assert any(WINDOWS_PYTHON in step for step in steps)
    assert any("Macros in your clients' workbooks stay off" in step for step in steps)
    assert any("Trusted Locations" in step for step in steps) is not mac
