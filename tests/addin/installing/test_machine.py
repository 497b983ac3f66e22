"""Where the three systems keep their things."""

from pathlib import Path

import pytest

from addin.installing.machine import LINUX, MACOS, WINDOWS, Machine, python_of
from invoice_rules import CannotRun


def machine(system: str, root: Path, **env: str) -> Machine:
    return Machine(system, env, root / "home", root / "python", (3, 11), (), root)


def put(file: Path, content: bytes = b"") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def test_excel_on_windows(tmp_path):
    here = machine(WINDOWS, tmp_path, APPDATA=str(tmp_path / "roaming"), ProgramFiles=str(tmp_path / "programs"))
    assert here.excel_start == tmp_path / "roaming" / "Microsoft" / "Excel" / "XLSTART"
    assert machine(WINDOWS, tmp_path).excel_start == tmp_path / "home" / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART"
    assert here.excel is None
    program = put(tmp_path / "programs" / "Microsoft Office" / "root" / "Office16" / "EXCEL.EXE")
    assert here.excel == program


def test_excel_on_a_mac(tmp_path):
    here = machine(MACOS, tmp_path)
    assert here.excel_start == tmp_path / "home/Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
    assert here.excel_scripts == tmp_path / "home/Library/Application Scripts/com.microsoft.Excel"
    assert here.excel is None
    (tmp_path / "Applications/Microsoft Excel.app").mkdir(parents=True)
    assert here.excel == tmp_path / "Applications/Microsoft Excel.app"


def test_there_is_no_excel_on_linux(tmp_path):
    with pytest.raises(CannotRun, match="LibreOffice Calc"):
        _ = machine(LINUX, tmp_path).excel_start


def test_libreoffice_on_linux(tmp_path):
    here = machine(LINUX, tmp_path)
    assert here.office is None
    own = put(tmp_path / "opt/libreoffice24.8/program/soffice").parent
    assert here.office == own
    debian = put(tmp_path / "usr/lib/libreoffice/program/soffice").parent
    assert here.office == debian
    assert machine(LINUX, tmp_path, UNO_PATH=str(own)).office == own


def test_its_profile(tmp_path):
    assert machine(LINUX, tmp_path).office_profile == tmp_path / "home" / ".config" / "libreoffice" / "4"
    assert machine(LINUX, tmp_path, XDG_CONFIG_HOME=str(tmp_path / "c")).office_profile == tmp_path / "c" / "libreoffice" / "4"


@pytest.mark.parametrize(("content", "version"), [(b"\0libpython3.11.so.1.0\0", "3.11"), (b"\0libpython3.8.so\0", "3.8"), (b"nothing", None)])
def test_the_python_that_libreoffice_runs(tmp_path, content, version):
    assert python_of(put(tmp_path / "libpyuno.so", content).parent) == version


def test_a_libreoffice_without_python(tmp_path):
    assert python_of(tmp_path) is None


def test_the_package_and_what_it_needs_and_nothing_else(tmp_path):
    search = ("", "/usr/lib/python3.11", "/srv/env/lib/python3.11/site-packages", "/home/ada/work", "/srv/env/lib/python3.11/site-packages")
    here = Machine(LINUX, {}, tmp_path, tmp_path, (3, 11), search)
    assert here.package_folders == [str(Path(__file__).resolve().parents[3]), "/srv/env/lib/python3.11/site-packages"]


def test_this_machine():
    here = Machine.here()
    assert here.python.is_file()
    assert here.python_version.startswith("3.")
